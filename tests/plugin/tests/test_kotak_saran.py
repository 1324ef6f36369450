"""What every platform must do, and the box at work on a desk."""

from pathlib import Path

import pytest

from pelayanan import Config, Desk
from pelayanan.platforms import load
from pelayanan.testing import replay
from pelayanan.testing.asking import MODES
from pelayanan.testing.conformance import (
    AnswerConformance,
    CheckConformance,
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    World,
)
from pelayanan.testing.fake import Fault
from pelayanan.testing.replaying import answer
from pelayanan_kotak_saran import KotakSaran
from pelayanan_kotak_saran.fake import FakeKotakSaran


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class BoxWorld(World):
    secret = FakeKotakSaran.token

    def __init__(self) -> None:
        self.transport = self.fake = FakeKotakSaran()
        self.account = KotakSaran("dinsos", self.secret)
        self._citizens = 0

    def write(self, text: str) -> str:
        self._citizens += 1
        return self.fake.write(f"warga{self._citizens}", text)

    def answer(self, message_id: str, text: str) -> str:
        return self.fake.answer(message_id, text)

    def said(self) -> list[str]:
        return self.fake.answers

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def wrong_account(self) -> KotakSaran:
        return KotakSaran("dinsos", "salah")


class TestKotakSaran(
    MentionConformance,
    AnswerConformance,
    ReplyConformance,
    ReplyFinderConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return BoxWorld()


def test_an_unreadable_suggestion_is_set_aside() -> None:
    good = {"id": 2, "sender": "warga1", "text": "halo", "at": "2026-11-20T02:00:00Z"}
    page = replay(KotakSaran("dinsos", "x").mentions(), [answer([{"id": 1}, good])]).result
    assert [one.id for one in page.items] == ["2"]
    assert [one.id for one in page.unreadable] == ["1"]


def test_the_desk_finds_it_by_name_fetches_and_answers_once(tmp_path: Path) -> None:
    assert load("kotak_saran") is KotakSaran
    fake = FakeKotakSaran()
    (tmp_path / "kunci").write_text(fake.token)
    config = tmp_path / "pelayanan.toml"
    config.write_text(
        """
        [[agencies]]
        key = "dinsos"
        name = "Dinas Sosial"

        [[accounts]]
        key = "dinsos-kotak"
        agency = "dinsos"
        platform = "kotak_saran"
        since = 2020-01-01
        box = "dinsos"
        token = "file:kunci"
        """
    )
    fake.write("warga1", "Kapan bantuan dibagikan?")
    with Desk.open(Config.read(config), transport=fake) as desk:
        assert desk.check("dinsos-kotak").ok
        (synced,) = desk.sync().accounts
        assert (synced.fetched, synced.new, synced.failed) == (1, 1, "")
        (case,) = desk.cases(status="open")
        fake.fault("lost_reply")
        draft = desk.reply(case.id, "Besok pukul 08.00 di kantor desa.", by="rina")
        desk.send()
        assert desk.outbox()[0].state.done
        assert draft.account == "dinsos-kotak"
        assert desk.sync().accounts[0].failed == ""
        assert list(desk.cases(status="open")) == []
    assert fake.answers == ["Besok pukul 08.00 di kantor desa."]
