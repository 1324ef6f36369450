"""What the gaming report reads from a store, on SQLite and PostgreSQL, and a province at work."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from office import Office
from pelayanan import Client, Config, Desk, Period
from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Acknowledged,
    Answered,
    AnyEvent,
    Confirmed,
    Excluded,
    Returned,
    Standards,
    Transferred,
)
from pelayanan.cli.demo import _live
from pelayanan.models import Author, Mention
from pelayanan.score.gaming import GamingReport, HandedCase
from pelayanan.store import Store
from pelayanan.store.columns import Window
from pelayanan.store.habits import handed_cases, handled
from pelayanan.store.intake import Intake
from pelayanan.testing import SimulatedProvince

CALENDAR = WorkCalendar.indonesia("WIB")
START = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
AS_OF = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
WINDOW = Window(
    datetime(2026, 10, 1, tzinfo=CALENDAR.zone), datetime(2026, 11, 1, tzinfo=CALENDAR.zone), AS_OF
)
HOUR = timedelta(hours=1)


def case(store: Store, number: int, *events: AnyEvent, agency: str = "dinsos") -> str:
    """A case of an invented citizen, opened so many hours after the start; its id."""
    said = Mention(
        platform="uji",
        id=f"m{number}",
        author=Author(id=f"w{number % 3}-{agency}", handle=f"warga_contoh_{number % 3}"),
        text="bantuan belum sampai",
        created_at=START + number * HOUR,
    )
    with store.writing() as connection:
        Intake(connection, store.keys, f"{agency}-uji", agency, said.created_at).mentions([said])
    (made,) = [
        each.id
        for each in store.cases(agency=agency)
        if each.opened == said.created_at and each.author.id == said.author.id
    ]
    if events:
        store.record(made, events, AS_OF)
    return made


def passed(store: Store, number: int, to: str, *events: AnyEvent) -> str:
    """A case that was handed over an hour after its opening, and what the receiver did with it."""
    at = START + (number + 1) * HOUR
    sender = case(store, number, Transferred(at=at, to=to, accepted=True))
    (receiver,) = store.cases(agency=to)
    if events:
        store.record(receiver.id, events, AS_OF)
    return sender


def test_cases_are_read_as_they_were_handled(store: Store) -> None:
    case(store, 1, Answered(at=START + 3 * HOUR))
    case(store, 2, Acknowledged(at=START + 4 * HOUR))
    spam = Excluded(at=START + 5 * HOUR, reason="spam", key="x")
    case(store, 3, spam, Confirmed(at=START + 6 * HOUR, claim="x"))
    case(store, 24 * 40)  # of the next month
    with store.reading() as connection:
        found = handled(connection, WINDOW)
    assert ((found.opened - int(START.timestamp())) // 3600).tolist() == [1, 2, 3]
    second = int(START.timestamp())
    assert found.answered.tolist() == [second + 3 * 3600, -1, -1]
    assert found.acknowledged.tolist() == [-1, second + 4 * 3600, -1]
    assert found.excluded.tolist() == ["", "", "spam"]
    assert len(set(found.author.tolist())) == 3
    assert not any("warga" in name or "w1" in name for name in found.author.tolist())


def test_an_empty_store_has_no_habits(store: Store) -> None:
    with store.reading() as connection:
        assert len(handled(connection, WINDOW)) == 0
        assert list(handed(store)) == []


def handed(store: Store, window: Window = WINDOW) -> list[HandedCase]:
    with store.reading() as connection:
        found = handed_cases(
            connection,
            window,
            register={"dinsos", "dinkes", "disdik", "pupr"},
            calendar=CALENDAR,
            standards=Standards.load(),
        )
        return sorted(found, key=str)


def test_a_hand_over_is_followed_to_the_receivers_answer(store: Store) -> None:
    passed(store, 1, "dinkes", Answered(at=START + 5 * HOUR))
    passed(store, 3, "pupr")
    returned = passed(store, 5, "disdik")
    store.record(returned, [Returned(at=START + 9 * HOUR)], AS_OF)
    waiting = Transferred(at=START + 8 * HOUR, to="dishub", accepted=False)
    case(store, 7, waiting)  # nobody has accepted it
    assert handed(store) == [
        HandedCase("dinsos", "dinkes", returned=False, answered=True),
        HandedCase("dinsos", "disdik", returned=True, answered=None),
        HandedCase("dinsos", "pupr", returned=False, answered=False),
    ]


def test_a_receiver_is_not_late_before_its_limit(store: Store) -> None:
    passed(store, 1, "pupr")
    soon = Window(WINDOW.first, WINDOW.after, START + 10 * HOUR)
    assert handed(store, soon) == [HandedCase("dinsos", "pupr", returned=False, answered=None)]


def test_a_hand_over_out_of_the_register_is_known_to_be_unknown(store: Store) -> None:
    case(store, 1, Transferred(at=START + 5 * HOUR, to="pusat", accepted=True))
    assert handed(store) == [HandedCase("dinsos", "pusat", returned=False, answered=None)]


# ---- the desk and the command line


def lived(folder: Path, **how: Any) -> GamingReport:
    """A simulated province after some days, its officers at the desk and in the apps."""
    province = SimulatedProvince(**{"agencies": 2, "days": 6, "seed": 1, "rate": 9.0, **how})
    for name, secret in province.secrets().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(secret, "utf-8")
    client = Client(transport=province.transport, sleep=lambda _: None)
    config = Config.of(province.config(), folder=folder)
    with client, Desk.open(config, client=client, clock=province.clock) as desk:
        _live(desk, province)
        return desk.gaming(Period.month("2026-10"))


def test_nothing_is_seen_at_agencies_that_answer_as_well_as_they_can(tmp_path: Path) -> None:
    found = lived(tmp_path)
    assert list(found.agencies) == ["dinkes", "dinsos"]
    figures = [each for agency in found.agencies.values() for each in agency.values()]
    assert [each for each in figures if each.look] == []
    assert sum(each.value is not None for each in figures) >= 6


def test_an_agency_whose_officers_date_back_is_told_with_its_cases_and_no_other(
    tmp_path: Path,
) -> None:
    found = lived(tmp_path, days=4, dates_back={"dinkes"})
    told = {key: each["dated_back"].cases for key, each in found.agencies.items()}
    assert told["dinsos"] == ()
    assert told["dinkes"]
    assert all(case.startswith("dinkes-") for case in told["dinkes"])


def test_the_command_shows_the_figures_and_that_they_are_no_verdict(office: Office) -> None:
    office.case()
    told = office.run("score", "--gaming")
    assert told.code == 0
    assert "Dinas Sosial\n" in told.out
    assert "didahului yang lebih baru: data belum cukup (n = 0)" in told.out
    assert "Bukti untuk diperiksa, bukan putusan; urut abjad, bukan peringkat." in told.out
    english = office.run("score", "--gaming", "--lang", "en").out
    assert "Evidence to look into, never a verdict" in english


def test_the_command_gives_the_figures_as_json(office: Office) -> None:
    office.case()
    office.capsys.readouterr()
    (found,) = office.run("score", "--gaming", "--json").json
    assert found["agencies"]["dinsos"]["template"]["reason"] == "too_few"
    assert "warga_contoh" not in str(found)
