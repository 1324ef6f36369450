"""Any order of delivery, any repetition and any split of events folds to the same case."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Asked,
    Claimed,
    Confirmed,
    Excluded,
    Filed,
    Fulfilled,
    Judged,
    Promised,
    Received,
    Reopened,
    Resolved,
    Returned,
    Standards,
    Supplied,
    Transferred,
    Triaged,
    Withdrawn,
    fold,
    settle,
)
from pelayanan.models import Kind

CALENDAR = WorkCalendar.indonesia("WIB")
STANDARDS = Standards.load()
Told: TypeAlias = list[AnyEvent]
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
NAMES = st.sampled_from(["a", "b", "c", "d"])
DUES = st.dates(date(2026, 9, 28), date(2026, 10, 10))


def instants() -> st.SearchStrategy[datetime]:
    near = st.integers(0, 5).map(lambda seconds: START + timedelta(seconds=seconds))
    far = st.integers(-(10**5), 3 * 10**6).map(lambda ms: START + timedelta(milliseconds=ms * 999))
    return near | far


def events() -> Any:
    def made(event: Any, /, **fields: Any) -> Any:  # one key may be many things
        return st.builds(event, at=instants(), key=st.just("") | NAMES, **fields)

    flags = st.booleans()
    return st.one_of(
        made(Received, message=NAMES),
        made(Answered, substantive=flags, actor=st.sampled_from(Actor)),
        made(Acknowledged),
        made(Judged, answer=NAMES, substantive=flags),
        made(
            Promised,
            due=DUES,
            unit=st.sampled_from(["", "Bidang Jalan"]),
            answer=NAMES | st.just(""),
        ),
        made(Fulfilled, due=DUES),
        made(Asked, what=st.sampled_from(["", "KTP"])),
        made(Supplied, message=NAMES),
        made(Resolved),
        made(Reopened, message=NAMES),
        made(Transferred, to=NAMES, accepted=flags),
        made(Returned),
        made(Withdrawn, how=st.sampled_from(["withdrawn", "deleted"])),
        made(Triaged, kind=st.sampled_from(Kind), source=st.sampled_from(["rule", "person"])),
        made(Excluded, reason=st.sampled_from(["internal", "ganda"]), actor=st.sampled_from(Actor)),
        made(Claimed, what=st.sampled_from(["exclusion", "kind", "mass_answer"]), detail=NAMES),
        made(Confirmed, claim=NAMES, agreed=flags),
    ).map(lambda event: event.complete(START))


@given(st.lists(events(), max_size=25), instants(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_folds_to_the_same_case(
    told: Told, as_of: datetime, random: Random
) -> None:
    mixed = [*told, *random.choices(told, k=len(told))] if told else []
    random.shuffle(mixed)

    def folded(log: list[AnyEvent]) -> object:
        return fold(log, as_of=as_of, calendar=CALENDAR, standards=STANDARDS)

    assert folded(mixed) == folded(told)


@given(st.lists(events(), max_size=25), instants(), st.integers(0, 25))
def test_any_split_and_any_look_in_between_changes_nothing(
    told: Told, as_of: datetime, cut: int
) -> None:
    first, second = told[:cut], told[cut:]
    fold(first)  # whoever looked at a half
    assert fold([*second, *first], as_of=as_of) == fold(told, as_of=as_of)


@given(st.lists(events(), max_size=25), instants())
def test_clocks_keep_their_order(told: Told, as_of: datetime) -> None:
    found = fold(told, as_of=as_of, calendar=CALENDAR, standards=STANDARDS)
    for before, after in zip(found.episodes, found.episodes[1:], strict=False):
        assert before.resolved is not None
        assert before.resolved <= after.opened <= before.resolved + timedelta(days=14)
    for each in found.episodes:
        assert each.resolved is None or (each.answered and each.answered <= each.resolved)
        assert bool(each.left) == bool(each.left_how)
    assert found.reopened == max(0, len(found.episodes) - 1)


@given(st.lists(events(), max_size=25), instants())
def test_what_happens_later_changes_nothing_before_it(told: Told, as_of: datetime) -> None:
    whole = as_of.replace(microsecond=0)
    # instants are whole seconds, rounded down: what happens within the second of `as_of` is there
    past = [each.at is not None and each.at.replace(microsecond=0) <= whole for each in told]
    kept = [each for each, there in zip(told, past, strict=True) if there]
    later = [each for each, there in zip(told, past, strict=True) if not there]
    assert fold([*kept, *later], as_of=whole) == fold(kept, as_of=whole)


@given(st.lists(st.tuples(NAMES, st.lists(events(), max_size=8)), max_size=5), instants())
def test_chains_settle_the_same_in_any_order(logs: list[tuple[str, Told]], as_of: datetime) -> None:
    filed = [Filed(str(number), agency, tuple(log)) for number, (agency, log) in enumerate(logs)]
    assert settle(filed, as_of=as_of) == settle(reversed(filed), as_of=as_of)
