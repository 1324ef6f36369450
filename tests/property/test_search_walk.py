"""Walks of searches: nothing is lost, whatever comes late and wherever a walk is cut short."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pelayanan.models import Author, Mention
from pelayanan.protocol.page import Page
from pelayanan.protocol.search import Query
from pelayanan.protocol.search_walk import SearchWalk

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FORM = Query.of("bansos").form("uji")


def said(number: int, minutes: int) -> Mention:
    return Mention(
        platform="uji",
        id=f"m{number}",
        author=Author(id="w", handle="wati_contoh"),
        text="bansos",
        created_at=NOW + timedelta(minutes=minutes),
    )


def look(cursor: str | None, known: Sequence[Mention], size: int, now: datetime) -> Page[Mention]:
    """One page of a platform that counts from the newest result."""
    walk = SearchWalk.resume(FORM, cursor)
    newest = sorted(known, key=lambda each: each.created_at, reverse=True)
    start = int(walk.place or 0)
    more = str(start + size) if start + size < len(newest) else None
    return walk.page(FORM, newest[start : start + size], more, now)


@given(
    rounds=st.lists(st.lists(st.integers(0, 120), max_size=12), min_size=1, max_size=5),
    size=st.integers(1, 5),
    cut=st.integers(1, 9),
)
def test_what_comes_within_the_overlap_is_told_and_in_order_only_once(
    rounds: list[list[int]], size: int, cut: int
) -> None:
    """Minutes are counted from two hours before each round to its moment: late by up to 60."""
    cursor: str | None = None
    known: list[Mention] = []
    told: list[str] = []
    for hour, minutes in enumerate([*rounds, [], []], 1):  # what comes during a walk, the next has
        now = NOW + timedelta(hours=hour)
        for minute in minutes:
            known.append(said(len(known), hour * 60 - minute // 2))
        for turn in range(200):
            page = look(cursor, known, size, now)
            told += [item.id for item in page.items]
            cursor = page.cursor
            if not page.more or (turn == cut and hour < len(rounds)):
                break
    assert set(told) == {item.id for item in known}
    if len(known) <= size:
        assert len(told) == len(known)


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=30), st.integers(1, 4))
def test_the_first_walk_goes_back_a_week_and_no_further(days: list[int], size: int) -> None:
    known = [said(number, day * 1440 // 3) for number, day in enumerate(days)]
    cursor: str | None = None
    told: list[str] = []
    while True:
        page = look(cursor, known, size, NOW)
        told += [item.id for item in page.items]
        cursor = page.cursor
        if not page.more:
            break
    week = NOW - timedelta(days=7)
    assert set(told) == {item.id for item in known if item.created_at >= week}
    assert len(told) == len(set(told))


def test_a_clock_that_is_ahead_hides_nobody() -> None:
    page = look(None, [said(1, 60 * 24 * 365)], 5, NOW)
    later = look(page.cursor, [said(1, 60 * 24 * 365), said(2, 5)], 5, NOW + timedelta(minutes=9))
    assert [item.id for item in later.items] == ["m2"]
