"""A first try that arrived, then refusals: nothing is sent again before somebody looked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pelayanan import Client, Desk
from pelayanan.desk import Config
from pelayanan.reply import DraftState
from pelayanan.testing import FakeMastodon
from pelayanan.testing.fake import Fault


class Clock:
    now = datetime(2026, 11, 2, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("refusal", ["dead", "busy", "busy_silent"])
def test_a_reply_whose_word_was_lost_is_looked_up_hours_later_and_stands_once(
    tmp_path: Path, refusal: Fault
) -> None:
    clock = Clock()
    fake = FakeMastodon(clock=clock)
    fake.agency("dinsos", token="rahasia")
    (tmp_path / "kunci").write_text("rahasia")
    account = {
        "key": "dinsos-mastodon",
        "agency": "dinsos",
        "platform": "mastodon",
        "server": f"https://{fake.host}",
        "token": "file:kunci",
        "since": "2026-01-01",
    }
    settings = {"agencies": [{"key": "dinsos", "name": "Dinas Sosial"}], "accounts": [account]}
    fake.citizen("wati").post("@dinsos bantuan belum sampai")
    with (
        Client(transport=fake, sleep=lambda _: None) as client,
        Desk.open(Config.of(settings, folder=tmp_path), client=client, clock=clock) as desk,
    ):
        desk.sync()
        (case,) = desk.cases()
        fake.fault("lost_reply")
        fake.fault(refusal, times=7, after=1)  # the three other tries, and the look-up
        draft = desk.reply(case.id, "Petugas Bidang Contoh datang besok pukul 9.", by="rina")
        assert draft.state is DraftState.UNKNOWN, draft
        clock.now += timedelta(hours=5)  # the server has forgotten the key by now
        assert desk.send().sent == 1
        assert len(fake.answers) == 1
