"""The store's projection and the events behind it give the same tally."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Actor,
    Answered,
    AnyEvent,
    Asked,
    Case,
    Claimed,
    Confirmed,
    Excluded,
    Fulfilled,
    Promised,
    Received,
    Reopened,
    Resolved,
    Returned,
    Standards,
    Transferred,
    Triaged,
    Withdrawn,
    template_agencies,
)
from pelayanan.models import Answer, Author, Kind, Mention
from pelayanan.score import Tally
from pelayanan.store import Store
from pelayanan.store.columns import Window, columns, polls_of, settled
from pelayanan.store.intake import Intake
from pelayanan.store.sent import sent_texts
from pelayanan.store.store import AccountRow

CALENDAR = WorkCalendar.indonesia("WIB")
STANDARDS = Standards.load()
START = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
AS_OF = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
FIRST = datetime(2026, 10, 1, tzinfo=CALENDAR.zone)
AFTER = datetime(2026, 11, 1, tzinfo=CALENDAR.zone)
WINDOW = Window(FIRST, AFTER, AS_OF)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 'p.db'}") as made:
        yield made


def mention(number: int, at: datetime) -> Mention:
    return Mention(
        platform="bluesky",
        id=f"m{number}",
        author=Author(id=f"w{number}", handle=f"warga_contoh_{number}"),
        text="bantuan belum sampai",
        created_at=at,
    )


def ask(store: Store, agency: str, *mentions: Mention) -> None:
    seen = max(each.created_at for each in mentions)
    with store.writing() as connection:
        Intake(connection, store.keys, f"{agency}-bsky", agency, seen).mentions(mentions)


def answer(store: Store, agency: str, number: int, text: str) -> None:
    said = Answer(platform="bluesky", id=f"a{number}", to=f"m{number}", text=text, created_at=START)
    with store.writing() as connection:
        Intake(connection, store.keys, f"{agency}-bsky", agency, START).answers([said])


def some_events(draw: random.Random, opened: datetime) -> list[AnyEvent]:
    def at() -> datetime:
        return opened + timedelta(seconds=draw.randrange(0, 40 * 86_400))

    due = date(2026, 10, draw.randrange(2, 31))
    claim = Claimed(at=at(), what="exclusion", detail="ganda", key="c")
    stories: list[list[AnyEvent]] = [
        [],
        [Answered(at=at())],
        [Answered(at=at()), Resolved(at=at())],
        [Answered(at=at()), Resolved(at=at()), Received(at=at(), message="x")],
        [Answered(at=at()), Resolved(at=at()), Reopened(at=at()), Answered(at=at())],
        [Promised(at=at(), due=due, unit="Bidang"), Fulfilled(at=at(), due=due)],
        [Asked(at=at(), what="KTP"), Received(at=at(), message="y"), Resolved(at=at())],
        [Withdrawn(at=at()), Answered(at=at())],
        [claim, Confirmed(at=at(), claim="c", agreed=draw.random() < 0.5)],
        [Triaged(at=at(), kind=draw.choice(list(Kind)), source="rule"), Answered(at=at())],
        [Triaged(at=at(), kind=draw.choice(list(Kind)))],
        [Excluded(at=opened, actor=Actor.SYSTEM, reason="internal")],
        [Transferred(at=at(), to="pupr", accepted=True), Returned(at=at())],
    ]
    return draw.choice(stories)


def fill(store: Store, seed: int) -> None:
    draw = random.Random(seed)
    for number in range(40):
        opened = START + timedelta(seconds=draw.randrange(-86_400, 33 * 86_400))
        ask(store, draw.choice(["dinsos", "dinkes"]), mention(number, opened))
    for case in list(store.cases()):
        if events := some_events(draw, case.opened):
            store.record(case.id, events, AS_OF)


def counted(store: Store) -> Tally:
    with store.reading() as connection:
        found = settled(connection, WINDOW, calendar=CALENDAR, standards=STANDARDS)
    return Tally.count(found, calendar=CALENDAR, standards=STANDARDS, as_of=AS_OF, period="2026-10")


def by_events(store: Store) -> Tally:
    """All cases from their events alone."""
    cases: list[Case] = [
        case.model_copy(update={"events": tuple(store.events_of(case.id))})
        for case in store.cases()
    ]
    whole = Tally.from_cases(cases, calendar=CALENDAR, as_of=AS_OF)
    return whole.about(period="2026-10")


@pytest.mark.parametrize("seed", range(5))
def test_projection_and_events_give_the_same_tally(store: Store, seed: int) -> None:
    fill(store, seed)
    found = counted(store)
    assert found == by_events(store)
    assert sum(counts.get("n", 0) for _, counts in found) > 10


def test_a_case_handed_over_is_counted_with_both_agencies(store: Store) -> None:
    ask(store, "dinsos", mention(1, START))
    (sender,) = store.cases()
    made = Transferred(at=START + timedelta(hours=1), to="dinkes", accepted=True)
    store.record(sender.id, [made], AS_OF)
    (receiver,) = store.cases(agency="dinkes")
    both = {key.agency: counts for key, counts in counted(store)}
    assert (both["dinsos"]["handed_over"], both["dinkes"]["censored_8"]) == (1, 1)
    store.record(receiver.id, [Returned(at=START + timedelta(hours=2))], AS_OF)
    found = {key.agency: counts for key, counts in counted(store)}
    assert found["dinsos"]["handed_wrong"] == 1
    assert found["dinsos"]["censored_8"] == 1


def test_who_comes_back_too_late_is_a_case_of_the_later_month(store: Store) -> None:
    ask(store, "dinsos", mention(1, START - timedelta(days=20)))
    (case,) = store.cases()
    again = START + timedelta(days=10)
    events: list[AnyEvent] = [
        Answered(at=START - timedelta(days=19)),
        Resolved(at=START - timedelta(days=18)),
        Reopened(at=again),
    ]
    store.record(case.id, events, AS_OF)
    ((key, counts),) = list(counted(store))
    assert (key.period, counts["n"], counts["censored_8"]) == ("2026-10", 1, 1)


def test_what_happened_after_as_of_is_not_there(store: Store) -> None:
    ask(store, "dinsos", mention(1, START), mention(2, AS_OF + timedelta(days=1)))
    first = next(iter(store.cases()))
    store.record(first.id, [Answered(at=AS_OF + timedelta(hours=1))], AS_OF)
    ((_, counts),) = list(counted(store))
    assert (counts["n"], counts["censored_8"]) == (1, 1)


def test_a_store_without_cases_has_no_columns(store: Store) -> None:
    assert counted(store).counts == {}
    with store.reading() as connection:
        assert len(columns(connection, FIRST, AFTER)) == 0


def test_polls_are_those_of_the_register(store: Store) -> None:
    row = AccountRow(key="dinsos-bsky", agency="dinsos", platform="bluesky", handle="dinsos")
    store.register([row], START)
    store.poll("dinsos-bsky", START)
    store.poll("dinsos-bsky", START + timedelta(hours=1), error="away")
    with store.reading() as connection:
        (found,) = polls_of(connection, FIRST, AFTER)
    assert (found.agency, found.registered, len(found.hours)) == ("dinsos", START, 1)


def test_one_text_to_half_the_town_is_seen(store: Store) -> None:
    ask(store, "dinsos", *(mention(number, START) for number in range(5)))
    for number in range(3):
        answer(store, "dinsos", number, f"@warga_contoh_{number} Terima kasih, tiket {number}.")
    answer(store, "dinsos", 3, "Silakan ke loket dua dengan KTP.")
    with store.reading() as connection:
        sent = list(sent_texts(connection, FIRST, AFTER))
    assert len({each.citizen for each in sent}) == 4
    assert not any(each.in_ledger for each in sent)
    assert template_agencies(sent) == {"dinsos", ""}
