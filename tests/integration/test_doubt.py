"""A first try that arrived, then refusals: nothing is sent again before somebody looked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pelayanan import Client, Desk
from pelayanan.desk import Config
from pelayanan.protocol.request import Request, Response
from pelayanan.reply import DraftState
from pelayanan.testing import FakeMastodon
from pelayanan.testing.fake import Fault
from pelayanan.testing.fake_facebook import FakeFacebook
from pelayanan.testing.fake_mailbox import FakeMailbox


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


def page(folder: Path) -> Config:
    (folder / "kunci").write_text("rahasia")
    account = {
        "key": "dinsos-fb",
        "agency": "dinsos",
        "platform": "facebook",
        "page_id": "1060",
        "token": "file:kunci",
        "since": "2026-01-01",
        "inbox": False,
    }
    agencies = [{"key": "dinsos", "name": "Dinas Sosial"}]
    return Config.of({"agencies": agencies, "accounts": [account]}, folder=folder)


def test_a_message_that_cannot_be_answered_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    fake = FakeFacebook(clock=clock)
    fake.agency("1060", token="rahasia")
    post = fake.officer().post("Jam layanan")
    closed = fake.citizen("ani").comment(post, "jalan rusak")
    fake.citizen("budi").comment(post, "kapan buka?")
    clock.now += timedelta(minutes=1)
    real = fake.http

    def refusing(request: Request) -> Response:
        refused = Response(403, {}, b'{"error": {"code": 200}}')
        writes = request.method == "POST" and closed in request.url
        return refused if writes else real(request)

    monkeypatch.setattr(fake, "http", refusing)
    with Desk.open(page(tmp_path), transport=fake, clock=clock) as desk:
        desk.sync()
        for case in sorted(desk.cases(), key=lambda each: each.text):
            clock.now += timedelta(minutes=1)
            draft = desk.draft(case.id, "Loket 2 buka pada 28-11-2026 pukul 8.", by="rina")
            desk.approve(draft.id, by="rina")
        desk.send()  # whether the account or the message is refused nobody knows yet
        desk.send()
        assert {draft.state for draft in desk.outbox()} == {"approved", "confirmed"}


def test_the_same_words_to_somebody_else_in_a_thread_are_no_answer(tmp_path: Path) -> None:
    clock = Clock()
    fake = FakeFacebook(clock=clock)
    fake.agency("1060", token="rahasia")
    first = fake.citizen("ani").comment(fake.officer().post("Jam layanan"), "jalan rusak")
    fake.citizen("budi").comment(first, "di sini juga")
    clock.now += timedelta(minutes=1)
    with Desk.open(page(tmp_path), transport=fake, clock=clock) as desk:
        desk.sync()
        words = "Tim Bidang Contoh memeriksa jalan itu pada 28-11-2026."
        drafts = [desk.reply(case.id, words, by="rina") for case in desk.cases()]
        assert [draft.state for draft in drafts] == [DraftState.CONFIRMED, DraftState.REFUSED]
        assert "other words" in drafts[1].remedy
        assert [case.status for case in desk.cases()] == ["answered", "open"]
        other = desk.reply(drafts[1].case_id or "", f"Pak Budi, {words}", by="rina")
        assert (other.state, desk.case(other.case_id or "").status) == ("confirmed", "answered")


def test_an_answer_that_came_back_is_no_answer(tmp_path: Path) -> None:
    clock = Clock()
    fake = FakeMailbox(clock=clock)
    (tmp_path / "kunci").write_text("rahasia")
    account = {
        "key": "dinsos-mail",
        "agency": "dinsos",
        "platform": "email",
        "address": "dinsos@prov.example",
        "password": "file:kunci",
        "imap": "surat.example:993",
        "smtp": "surat.example:465",
        "since": "2026-01-01",
    }
    settings = {"agencies": [{"key": "dinsos", "name": "Dinas Sosial"}], "accounts": [account]}
    with Desk.open(Config.of(settings, folder=tmp_path), transport=fake, clock=clock) as desk:
        fake.write("wati@hilang.example", "dinsos@prov.example", "Bantuan belum sampai")
        desk.sync()
        (case,) = desk.cases()
        sent = desk.reply(case.id, "Jadwalnya 28-11-2026, loket 2.", by="rina")
        assert (sent.state, desk.case(case.id).status) == ("sent", "answered")
        for _ in range(2):  # the bounce is there; to be told twice changes nothing
            clock.now += timedelta(minutes=5)
            desk.sync()
        assert desk.case(case.id).status == "open"
        (draft,) = desk.outbox()
        assert (draft.state, "came back" in draft.error) == ("sent", True)
        assert len(list(desk.cases())) == 1
