"""What citizens change after we have seen it: kept beside the first wording, by a slower sweep."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, Desk
from pelayanan.cases import Edited
from pelayanan.cli import main
from pelayanan.desk import Config
from pelayanan.protocol.request import Request, Response
from pelayanan.store.store import Store
from pelayanan.store.tables import cursors
from pelayanan.testing import FakeMastodon
from pelayanan.testing.fake_whatsapp import FakeWhatsApp
from stores import keep, mention

START = datetime(2026, 11, 2, 2, tzinfo=UTC)
TOML = """
[province]
name = "Provinsi Contoh"

[[agencies]]
key = "dinsos"
name = "Dinas Sosial"

[[accounts]]
key = "dinsos-masto"
agency = "dinsos"
platform = "mastodon"
server = "https://sosial.example"
token = "file:kunci"
since = 2026-01-01
"""


class Clock:
    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> FakeMastodon:
    made = FakeMastodon(clock=clock)
    made.agency("dinsos", token="rahasia")
    return made


@pytest.fixture
def desk(server: FakeMastodon, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "kunci").write_text("rahasia")
    (tmp_path / "pelayanan.toml").write_text(TOML)
    config = Config.read(tmp_path / "pelayanan.toml")
    with (
        Client(transport=server, sleep=lambda _: None) as client,
        Desk.open(config, client=client, clock=clock) as opened,
    ):
        yield opened


def asked(desk: Desk, server: FakeMastodon, text: str, who: str = "wati") -> tuple[str, str]:
    """A message after two syncs; its id and case."""
    desk.sync()
    status = server.citizen(who).post(f"@dinsos {text}")
    desk.sync()
    case = desk.case_of("dinsos-masto", status)
    assert case is not None
    return status, case


def words(desk: Desk, case: str) -> list[tuple[str, bool]]:
    return [(item.text.removeprefix("@dinsos "), item.edited) for item in desk.case(case).thread]


def test_what_was_changed_is_seen_within_a_day_and_both_wordings_stay(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    status, case = asked(desk, server, "bantuan belum sampai")
    server.edit(status, "@dinsos bantuan belum sampai sejak Juli")
    clock.now += timedelta(hours=1)
    desk.sync()
    assert words(desk, case) == [("bantuan belum sampai", False)]  # the cursor passes it by
    clock.now += timedelta(hours=23)
    desk.sync()
    assert words(desk, case) == [
        ("bantuan belum sampai", False),
        ("bantuan belum sampai sejak Juli", True),
    ]
    found = desk.case(case)
    assert (found.contacts, found.opened, found.status) == (0, START, "open")
    assert [type(each).__name__ for each in desk.store.events_of(case)] == ["Received", "Edited"]
    assert desk.verify() == []


def test_seeing_the_same_change_again_changes_nothing(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    status, case = asked(desk, server, "bantuan belum sampai")
    server.edit(status, "@dinsos satu")
    for _ in range(4):
        clock.now += timedelta(days=1)
        desk.sync()
    server.edit(status, "@dinsos dua")
    for _ in range(4):
        clock.now += timedelta(days=1)
        desk.sync()
    assert words(desk, case) == [("bantuan belum sampai", False), ("satu", True), ("dua", True)]


def test_the_sweep_reaches_a_week_back_and_moves_on(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    early, first = asked(desk, server, "lama")
    for _ in range(30):
        clock.now += timedelta(days=1)
        desk.sync()
    late, second = asked(desk, server, "baru", "budi")
    clock.now += timedelta(days=6)
    desk.sync()
    for status in (early, late):
        server.edit(status, "@dinsos diubah")
    clock.now += timedelta(days=1)
    desk.sync()
    assert words(desk, second)[-1] == ("diubah", True)
    assert words(desk, first) == [("lama", False)]  # too long ago


def test_an_answer_goes_to_the_message_that_was_changed(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    status, case = asked(desk, server, "bantuan belum sampai")
    server.edit(status, "@dinsos bantuan belum sampai sejak Juli")
    clock.now += timedelta(days=1)
    desk.sync()
    desk.reply(case, "Bantuan sudah terdaftar; petugas Bidang Contoh datang besok.", by="rina")
    (sent,) = server.answers
    assert sent["in_reply_to_id"] == status


def test_who_is_forgotten_is_forgotten_with_all_wordings(
    desk: Desk, server: FakeMastodon, clock: Clock, tmp_path: Path
) -> None:
    status, case = asked(desk, server, "bantuan belum sampai")
    server.edit(status, "@dinsos KATAUBAHAN")
    clock.now += timedelta(days=1)
    desk.sync()
    assert desk.forget("mastodon", "wati") == 2
    clock.now += timedelta(days=1)
    server.edit(status, "@dinsos KATAUBAHAN lagi")
    desk.sync()
    assert {text for text, _ in words(desk, case)} == {"(dihapus atas permintaan)"}
    assert b"KATAUBAHAN" not in (tmp_path / "pelayanan.db").read_bytes()
    assert desk.verify() == []


def test_who_changed_name_and_text_is_forgotten_by_either_name(tmp_path: Path) -> None:
    for name in ("wati_contoh", "@Wati_Baru"):
        with Store(f"sqlite:///{tmp_path}/{name[-4:]}.db") as store:
            said = mention("m1")
            renamed = said.author.model_copy(update={"handle": "wati_baru"})
            keep(store, [said])
            keep(store, [said.model_copy(update={"text": "diubah", "author": renamed})])
            assert store.forget("uji", name) == 2


def test_a_sweep_that_was_cut_short_goes_on_and_fails_nobody(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    status, case = asked(desk, server, "bantuan belum sampai")
    server.edit(status, "@dinsos diubah")
    clock.now += timedelta(days=1)
    real, seen = server.http, list[str]()

    def refusing(request: Any) -> Any:
        seen.append(request.operation)
        if seen.count("mastodon.mentions") >= 2:
            return server.refused_as("broken")
        return real(request)

    server.http = refusing  # type: ignore[method-assign]  # the second look meets a bad moment
    report = desk.sync()
    server.http = real  # type: ignore[method-assign]
    assert not report.failed
    assert "second look" in report.accounts[0].notes[0]
    desk.sync()
    assert words(desk, case)[-1] == ("diubah", True)


def test_what_only_the_second_look_finds_is_told_as_new(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    asked(desk, server, "satu")
    server.citizen("budi").post("@dinsos dua")
    with desk.store.writing() as connection:
        main = cursors.update().where(cursors.c.stream == "mentions")
        connection.execute(main.values(cursor="mastodon/1:999999999999999999"))
    clock.now += timedelta(days=1)
    report = desk.sync()
    assert (report.new, report.accounts[0].fetched) == (1, 1)
    assert len(list(desk.cases())) == 2


def test_a_sweep_whose_place_is_refused_begins_anew(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    status, case = asked(desk, server, "bantuan belum sampai")
    clock.now += timedelta(days=1)
    desk.sync()
    server.edit(status, "@dinsos diubah")
    with desk.store.writing() as connection:  # cut short at a place that the server forgot
        here = cursors.update().where(cursors.c.stream == "mentions/sweep")
        assert connection.execute(here.values(cursor="mastodon/1:77")).rowcount == 1
    real = server.http

    def refusing(request: Request) -> Response:
        return Response(422) if request.params.get("min_id") == "77" else real(request)

    server.http = refusing  # type: ignore[method-assign]
    for days in (0, 1):
        clock.now += timedelta(days=days)
        report = desk.sync()
        assert not report.failed
        assert bool(report.accounts[0].notes) is (days == 0)
    assert words(desk, case)[-1] == ("diubah", True)


def test_a_clock_that_was_ahead_for_a_while_stops_no_sweep(
    desk: Desk, server: FakeMastodon, clock: Clock
) -> None:
    early, first = asked(desk, server, "lama")
    clock.now += timedelta(days=400)
    desk.sync()
    clock.now -= timedelta(days=400)
    late, second = asked(desk, server, "baru", "budi")
    server.edit(late, "@dinsos diubah")
    clock.now += timedelta(days=1)
    desk.sync()
    assert words(desk, second)[-1] == ("diubah", True)
    for _ in range(16):
        clock.now += timedelta(days=1)
        desk.sync()
    server.edit(early, "@dinsos diubah")
    clock.now += timedelta(days=1)
    desk.sync()
    assert words(desk, first) == [("lama", False)]  # it moves on


def test_a_terminal_shows_that_a_message_was_changed(
    desk: Desk, server: FakeMastodon, clock: Clock, tmp_path: Path, capsys: Any
) -> None:
    status, case = asked(desk, server, "bantuan belum sampai")
    server.edit(status, "@dinsos diubah lagi")
    clock.now += timedelta(days=1)
    desk.sync()
    config = str(tmp_path / "pelayanan.toml")
    assert main(["case", case, "--config", config, "--show"]) == 0
    assert "(diubah)" in capsys.readouterr().out


def test_a_change_that_is_pushed_is_kept_at_once(clock: Clock, tmp_path: Path) -> None:
    for name in ("kunci", "app"):
        (tmp_path / name).write_text("rahasia")
    fake = FakeWhatsApp(clock=clock, app_secret="rahasia")
    fake.agency("1060", token="rahasia")
    config = Config.of(
        {
            "agencies": [{"key": "dinsos", "name": "Dinas Sosial"}],
            "accounts": [
                {
                    "key": "dinsos-wa",
                    "agency": "dinsos",
                    "platform": "whatsapp",
                    "phone_number_id": "1060",
                    "token": "file:kunci",
                    "app_secret": "file:app",
                    "since": "2026-01-01",
                }
            ],
        },
        folder=tmp_path,
    )
    with Desk.open(config, transport=fake, clock=clock) as desk:
        wati = fake.citizen("wati")
        asked = wati.post("bantuan belum sampai")
        wati.edit(asked, "bantuan belum sampai sejak Juli")
        for hook in fake.webhooks():
            assert desk.receive("dinsos-wa", hook.headers, hook.body).status == 200
        case = desk.case_of("dinsos-wa", asked)
        assert case is not None
        assert [item.edited for item in desk.case(case).thread] == [False, True]
        assert any(isinstance(each, Edited) for each in desk.store.events_of(case))
