"""The algebra of tallies, and one count whichever way the cases come."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Answered,
    AnyEvent,
    Asked,
    Case,
    Promised,
    Received,
    Reopened,
    Resolved,
    Standards,
    Transferred,
    Triaged,
    Withdrawn,
)
from pelayanan.models import Author, Kind
from pelayanan.score import Tally, TallyKey, score_tally
from pelayanan.score.curve import Curves, Risks
from pelayanan.score.kernel import bucket
from pelayanan.score.quantiles import lowest_minute

CALENDAR = WorkCalendar.indonesia("WITA")
START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
AS_OF = datetime(2026, 10, 9, 3, 0, tzinfo=UTC)
COUNTED = ("answered", "left_early", "left_late", "censored")


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(-5000, 4 * 10**6).map(lambda s: START + timedelta(seconds=s))


def stories() -> Any:
    def told(event: Any, /, **fields: Any) -> Any:
        return st.builds(event, at=moments(), **fields)

    return st.lists(
        st.one_of(
            told(Answered),
            told(Received, message=st.sampled_from("abc")),
            told(Resolved),
            told(Reopened),
            told(Withdrawn, how=st.sampled_from(["withdrawn", "deleted"])),
            told(Asked, what=st.just("KTP")),
            told(Promised, due=st.dates(date(2026, 9, 1), date(2026, 10, 20)), unit=st.just("x")),
            told(Transferred, to=st.just("pupr"), accepted=st.sampled_from([True])),
            told(Triaged, kind=st.sampled_from(Kind), source=st.just("rule")),
        ),
        max_size=6,
    )


def made(number: int, agency: str, opened: datetime, story: list[AnyEvent]) -> Case:
    first = Received(at=opened, message=f"m{number}")
    events = tuple(event.complete(START) for event in (first, *story))
    return Case(
        id=f"case-{number}",
        agency=agency,
        account=agency,
        platform="bluesky",
        author=Author(id="w", handle="warga_contoh"),
        opened=opened,
        events=events,
    )


@st.composite
def many_cases(draw: Any) -> list[Case]:
    rows = draw(
        st.lists(st.tuples(st.sampled_from(["dinsos", "dinkes"]), moments(), stories()), max_size=8)
    )
    return [made(number, *row) for number, row in enumerate(rows)]


def tally(cases: list[Case]) -> Tally:
    return Tally.from_cases(cases, calendar=CALENDAR, as_of=AS_OF, province="contoh")


@settings(max_examples=60)
@given(many_cases(), st.lists(st.integers(0, 2), min_size=8, max_size=8))
def test_any_split_of_the_cases_adds_to_the_same_tally(cases: list[Case], where: list[int]) -> None:
    whole = tally(cases)
    parts = [tally([c for c, p in zip(cases, where, strict=False) if p == n]) for n in range(3)]
    a, b, c = parts
    assert whole == a + b + c == a + (b + c) == c + a + b == Tally() + a + b + c
    assert whole.digest == (b + c + a).digest


@settings(max_examples=60)
@given(many_cases())
def test_n_is_the_sum_of_all_ends(cases: list[Case]) -> None:
    for _, counts in tally(cases):
        ends = sum(
            number
            for name, number in counts.items()
            if name.startswith(COUNTED) and ":" not in name
        )
        assert counts.get("n", 0) == ends
        histogram = sum(v for name, v in counts.items() if name.startswith("histogram:"))
        assert histogram == sum(v for name, v in counts.items() if name.startswith("answered_"))
        assert counts.get("solved_first_contact", 0) <= counts.get("resolved_in_time", 0)
        assert counts.get("resolved_in_time", 0) <= counts.get("resolution_due", 0)
        assert counts.get("promises_kept", 0) <= counts.get("promises_due", 0)


@given(st.integers(0, 10**7))
def test_a_minute_stands_in_the_bucket_that_begins_with_it_or_before(minute: int) -> None:
    place = int(bucket(np.array([minute]))[0])
    assert lowest_minute(place) <= minute < lowest_minute(place + 1)


@given(st.lists(st.lists(st.integers(0, 40), min_size=17, max_size=17), min_size=1, max_size=6))
def test_a_curve_rises_and_stays_between_nobody_and_everybody(rows: list[list[int]]) -> None:
    table = np.array(rows, np.int64)
    answered, gone = table[:, :8], table[:, 8:16]
    own = Risks.of(table.sum(axis=1), answered, gone)
    others = Risks(*(each.sum(axis=0) - each for each in (own.answered, own.at_risk)))
    found = Curves.of(own, others, Standards.load())
    assert ((found.mean > 0) & (found.mean < 1)).all()
    assert (np.diff(found.mean, axis=1) >= 0).all()
    spread = np.einsum("gii->gi", found.covariance)
    assert (spread > 0).all()
    assert np.allclose(found.covariance, np.swapaxes(found.covariance, 1, 2))


@settings(max_examples=40)
@given(many_cases())
def test_printed_points_sum_to_the_printed_index(cases: list[Case]) -> None:
    counted = tally(cases)
    if not counted.counts:
        return
    for profile in ("dasar", "lengkap"):
        report = score_tally(counted, profile=profile)
        for score in (report.province, *report.agencies.values()):
            told = score.explain()
            if told.index is not None:
                assert sum(line.printed for line in told.rows) == int(told.index * 100)
                assert abs(sum(score.dimensions.values()) - (score.index or 0)) < 1e-9


def test_answering_more_never_lowers_the_index() -> None:
    seen = Counter[bool]()
    for waiting in range(1, 12):
        base = {"n": 12, "answered_4": 12 - waiting, "censored_9": waiting}
        better = base | {"answered_4": 13 - waiting, "censored_9": waiting - 1}
        seen[index(better) > index(base)] += 1
    assert seen == {True: 11}


def index(counts: dict[str, int]) -> float:
    key = TallyKey("contoh", "dinsos", "informasi", "email", "2026-09", "idt/1", "id", 0)
    found = score_tally(Tally.of([(key, counts)])).agencies["dinsos"].index
    assert found is not None
    return found
