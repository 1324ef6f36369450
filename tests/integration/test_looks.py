"""An answer that claims to be older than a look which should have shown it; honest ones do not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, Config, Desk, Period
from pelayanan.cases import Answered, Promise
from pelayanan.desk.sync import SyncReport
from pelayanan.models import Author, Mention
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.protocol.retry import RetryPolicy
from pelayanan.score.gaming import DatedAnswer
from pelayanan.store.columns import Window
from pelayanan.store.habits import dated_answers
from pelayanan.store.looks import Look
from pelayanan.store.migrations import VERSION_TABLE
from pelayanan.store.store import Store
from pelayanan.testing import FakeBluesky, FakeMailbox, FakeMastodon
from pelayanan.testing.fake import FakeInternet

START = datetime(2026, 10, 5, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAG = timedelta(minutes=5)
WHOLE: Page[Any] = Page((), "uji/1:2")
FIRST: Page[Any] = Page((), "uji/1:1", more=True)
BAD: Page[Any] = Page((), "uji/1:2", unreadable=(Unreadable("x", "no text"),))


# ---- looks


def look(store: Store, hour: int, *pages: Page[Any], way: str = "a") -> datetime | None:
    """A look that keeps these pages and then ends or is cut short; until when it proves absence."""
    with store.writing() as connection:
        begun = Look.begin(connection, "dinsos-uji", way, START + hour * HOUR)
    for page in pages:
        with store.writing() as connection:
            begun.kept(connection, page)
    return begun.unseen(LAG)


def test_what_a_look_shows_first_was_not_there_when_the_one_before_began(store: Store) -> None:
    look(store, 0, WHOLE)
    assert look(store, 1, FIRST, WHOLE) is None  # an older version may have been cut short
    assert look(store, 2, WHOLE) == START + HOUR - LAG
    assert look(store, 3, WHOLE) == START + 2 * HOUR - LAG


def test_a_look_that_failed_proves_nothing_and_spoils_nothing(store: Store) -> None:
    look(store, 0, WHOLE)
    look(store, 1, WHOLE)
    look(store, 2)
    assert look(store, 3, WHOLE) == START + HOUR - LAG
    assert look(store, 4, WHOLE) == START + 3 * HOUR - LAG


def test_a_look_that_was_cut_short_proves_nothing_nor_does_the_one_that_ends_it(
    store: Store,
) -> None:
    look(store, 0, WHOLE)
    look(store, 1, WHOLE)
    look(store, 2, FIRST)
    assert look(store, 3, WHOLE) == START + HOUR - LAG
    assert look(store, 4, WHOLE) == START + HOUR - LAG
    assert look(store, 5, WHOLE) == START + 4 * HOUR - LAG


def test_a_look_in_which_something_could_not_be_read_proves_nothing(store: Store) -> None:
    look(store, 0, WHOLE)
    look(store, 1, WHOLE)
    look(store, 2, BAD)
    assert look(store, 3, WHOLE) == START + HOUR - LAG


def test_a_look_with_other_settings_has_none_before_it(store: Store) -> None:
    look(store, 0, WHOLE)
    look(store, 1, WHOLE)
    assert look(store, 2, FIRST, WHOLE, way="b") is None
    assert look(store, 3, WHOLE, way="b") == START + 2 * HOUR - LAG


def test_a_look_of_a_clock_that_was_ahead_proves_nothing(store: Store) -> None:
    look(store, 0, WHOLE)
    look(store, 9, WHOLE)
    assert look(store, 2, WHOLE) is None
    assert look(store, 3, WHOLE) == START + 2 * HOUR - LAG


# ---- the desk


@dataclass
class Town:
    """One agency with an account of each kind, its officers and a clock."""

    folder: Path
    now: datetime = START
    bluesky: FakeBluesky = field(init=False)

    def __post_init__(self) -> None:
        self.bluesky = FakeBluesky(clock=self.clock)
        self.mailbox = FakeMailbox(clock=self.clock)
        self.mastodon = FakeMastodon(clock=self.clock)
        self.bluesky.agency("dinsos.test", "sandi")
        self.mastodon.agency("dinsos", token="sandi")
        (self.folder / "sandi").write_text("sandi")

    def clock(self) -> datetime:
        return self.now

    @contextmanager
    def desk(self, **more: str) -> Iterator[Desk]:
        """A desk; `more` are settings of the mailbox."""
        secret, mail = "file:sandi", self.mailbox.host
        accounts: list[dict[str, Any]] = [
            {"platform": "bluesky", "handle": "dinsos.test", "password": secret},
            {"platform": "mastodon", "server": f"https://{self.mastodon.host}", "token": secret},
            {"platform": "email", "address": "dinsos@prov.example", "password": secret, **more},
        ]
        accounts[0]["base_url"] = f"https://{self.bluesky.host}"
        accounts[2] |= {"imap": f"{mail}:993", "smtp": f"{mail}:465"}
        shared = {"agency": "dinsos", "since": START.date()}
        values = {
            "province": {"name": "Provinsi Contoh"},
            "agencies": [{"key": "dinsos", "name": "Dinas Sosial"}],
            "accounts": [{"key": each["platform"], **shared, **each} for each in accounts],
        }
        network = FakeInternet((self.bluesky, self.mastodon, self.mailbox))
        once = RetryPolicy(attempts=1)
        with (
            Client(transport=network, sleep=lambda _: None, retry=once) as client,
            Desk.open(Config.of(values, folder=self.folder), client=client, clock=self.clock) as it,
        ):
            yield it

    def after(self, desk: Desk, hours: float = 1) -> SyncReport:
        """Time passes; then somebody looks."""
        self.now += hours * HOUR
        return desk.sync()

    def asked(self, desk: Desk, **native: str) -> dict[str, str]:
        """Messages of a citizen, fetched; those of the platforms by their ids."""
        mail = self.mailbox.citizen("wati@warga.example")
        native["bluesky"] = self.bluesky.citizen("wati.test").post("@dinsos.test bantuan?")
        native["mastodon"] = self.mastodon.citizen("wati@warga.example").post("@dinsos bantuan?")
        native["email"] = mail.post("bantuan?", to="dinsos@prov.example", subject="bantuan")
        self.after(desk)
        return native


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


SAID = "Bantuan Ibu sudah terdaftar; petugas datang besok pukul 9."
PROMISED = "Bantuan Ibu sudah terdaftar; Bidang Contoh mengantarnya 8 Oktober 2026."


def answered(town: Town, asked: dict[str, str], claimed: datetime | None = None) -> None:
    """An officer answers in each platform's app, whose time may be another one."""
    town.bluesky.officer("dinsos.test").reply(asked["bluesky"], SAID, created_at=claimed)
    town.mailbox.officer("dinsos@prov.example").reply(asked["email"], SAID, at=claimed)
    town.mastodon.officer("dinsos").reply(asked["mastodon"], SAID)


def dated(desk: Desk) -> list[DatedAnswer]:
    first, after = Period.month("2026-10").bounds(desk.config.zone)
    with desk.store.reading() as connection:
        return list(dated_answers(connection, Window(first, after, desk.now)))


def older(desk: Desk) -> list[str]:
    """Cases whose answers claim to be older than a look that did not show them."""
    return [each.case for each in dated(desk) if each.claimed < each.known]


def test_an_answer_dated_back_past_a_look_is_told_with_its_case(town: Town) -> None:
    with town.desk() as desk:
        asked = town.asked(desk)
        town.after(desk)
        answered(town, asked, town.now - 1.5 * HOUR)
        town.after(desk)
        cases = [desk.case_of(platform, asked[platform]) for platform in ("bluesky", "email")]
        assert sorted(older(desk)) == sorted(filter(None, cases))
        assert all(desk.case(each).answered == START + 0.5 * HOUR for each in older(desk))
        assert {each.known for each in dated(desk)} == {int((START + 2 * HOUR).timestamp())}


def test_an_honest_answer_is_told_and_is_not_older_than_the_look_before(town: Town) -> None:
    with town.desk() as desk:
        asked = town.asked(desk)
        town.after(desk)
        answered(town, asked)
        town.after(desk)
        assert (len(dated(desk)), older(desk)) == (2, [])  # Mastodon itself says when it was
        town.after(desk)
        assert len(dated(desk)) == 2


def test_answers_that_stood_there_before_an_account_was_entered_are_left_alone(town: Town) -> None:
    asked = {"bluesky": town.bluesky.citizen("wati.test").post("@dinsos.test bantuan?")}
    town.now += HOUR
    town.bluesky.officer("dinsos.test").reply(asked["bluesky"], SAID)
    with town.desk() as desk:
        town.after(desk)
        town.after(desk)
        assert dated(desk) == []


def test_answers_given_while_looks_failed_are_not_older_than_a_look(town: Town) -> None:
    with town.desk() as desk:
        asked = town.asked(desk)
        town.after(desk)
        answered(town, asked)
        for fake in (town.bluesky, town.mailbox):
            fake.fault("broken", times=9)
        assert town.after(desk).failed
        with town.bluesky.world() as state:
            state["faults"] = []
        with town.mailbox.world() as state:
            state["faults"] = []
        assert not town.after(desk).failed
        assert (len(dated(desk)), older(desk)) == (2, [])


def test_an_answer_between_the_halves_of_a_look_is_not_older_than_a_look(town: Town) -> None:
    with town.desk() as desk:
        asked = town.asked(desk)
        town.after(desk, 0.2)
        officer = town.bluesky.officer("dinsos.test")
        for _ in range(150):  # more than a page
            town.now += timedelta(seconds=1)
            officer.post("pengumuman")
        town.bluesky.fault("broken", after=1)  # the second page of the answers
        assert town.after(desk, 0.2).failed
        town.now += timedelta(minutes=20)
        answered(town, asked)
        town.now += timedelta(minutes=20)
        assert desk.sync().failed == ()  # goes on below the first page, and does not see it
        assert [each.answers for each in town.after(desk).accounts] == [1, 0, 0]
        assert (len(dated(desk)), older(desk)) == (2, [])


def test_a_folder_that_is_named_rightly_at_last_shows_nothing_that_is_older(town: Town) -> None:
    with town.desk(sent_folder="Terkirim") as desk:
        asked = town.asked(desk)
        town.after(desk)
        answered(town, asked)
        town.after(desk)
        town.after(desk)
    with town.desk() as desk:
        assert [each.answers for each in town.after(desk).accounts] == [0, 0, 1]
        assert older(desk) == []


def test_a_mail_server_that_was_moved_shows_nothing_that_is_older(town: Town) -> None:
    with town.desk() as desk:
        asked = town.asked(desk)
        town.after(desk)
        answered(town, asked)
        town.after(desk)
        town.mailbox.renumber("dinsos@prov.example", "Sent")
        town.after(desk)
        assert (len(dated(desk)), older(desk)) == (2, [])


def test_answers_through_the_ledger_are_left_out(town: Town) -> None:
    with town.desk() as desk:
        asked = town.asked(desk)
        town.after(desk, 0.2)
        town.bluesky.fault("lost_reply")  # so the listing tells of it before the ledger knows,
        town.bluesky.fault("broken", after=1)  # and looking it up fails
        town.mailbox.fault("lost_reply")  # which only a person can settle
        step = Promise(due=START.date() + timedelta(days=3), unit="Bidang Contoh")
        for platform, native in asked.items():
            case = desk.case_of(platform, native)
            assert case is not None
            desk.reply(case, PROMISED, by="rina", promise=step)
        (mail,) = [each for each in desk.outbox(state="unknown") if each.account == "email"]
        town.now += 50 * HOUR
        desk.settle(mail.id, sent=True, by="rina")
        assert sum(each.answers for each in town.after(desk).accounts) == 1
        assert dated(desk) == []


def test_an_answer_recorded_by_hand_is_told_with_the_instant_of_recording(town: Town) -> None:
    call = Mention(
        platform="manual",
        id="telepon:1",
        author=Author(id="warga-1", handle="Wati Contoh"),
        text="bantuan belum sampai",
        created_at=START,
    )
    with town.desk() as desk:
        case = desk.add_mention(call, agency="dinsos")
        town.now += 50 * HOUR
        desk.record(case, Answered(at=START + HOUR, by="rina", source="ledger"))  # by its own word
        claimed, known = (int((START + n * HOUR).timestamp()) for n in (1, 50))
        assert dated(desk) == [DatedAnswer("dinsos", case, claimed, known, by_hand=True)]


def test_an_older_database_says_of_no_answer_that_a_look_did_not_show_it(town: Town) -> None:
    with town.desk() as desk:
        asked = town.asked(desk)
        answered(town, asked)
        town.after(desk)
    with closing(sqlite3.connect(town.folder / "pelayanan.db")) as file, file:
        file.execute("ALTER TABLE messages DROP COLUMN unseen_us")  # as it was before 0011
        file.execute("DELETE FROM cursors WHERE stream LIKE '%/look'")
        file.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0010'")
    with town.desk() as desk:
        assert [each.answers for each in town.after(desk).accounts] == [0, 0, 0]
        assert dated(desk) == []
        assert desk.gaming(Period.month("2026-10")).agencies["dinsos"]["dated_back"].n == 0
        assert desk.verify() == []
