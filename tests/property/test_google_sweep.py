"""Walks over YouTube's threads: nothing is lost, wherever one is cut short and however long."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pelayanan.platforms._google_sweep import Depth, Found, Sweep
from pelayanan.protocol.page import Page

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FORM, DEPTH = "uji/1", Depth(whole=timedelta(days=30))
Threads = dict[datetime, list[datetime]]
"""When each thread began, and when somebody wrote in it."""


def look(cursor: str | None, threads: Threads, size: int, now: datetime) -> Page[datetime]:
    """One page of a platform that counts threads from the newest."""
    sweep = Sweep.resume(FORM, cursor).begun(now, DEPTH)
    start, newest = int(sweep.place or 0), sorted(threads, reverse=True)
    found = [
        Found(at.isoformat(), began, at, at)
        for began in newest[start : start + size]
        for at in threads[began]
    ]
    place = str(start + size) if start + size < len(newest) else None
    return sweep.page(FORM, found, place, DEPTH)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["thread", "reply", "pages"]), st.integers(1, 9), st.integers(0, 40)
        ),
        min_size=10,
        max_size=30,
    ),
    size=st.integers(1, 2),
)
def test_what_is_written_while_walks_are_cut_short_is_told(
    steps: list[tuple[str, int, int]], size: int
) -> None:
    threads: Threads = {}
    told: set[datetime] = set()
    cursor: str | None = None
    now = NOW

    def pages(most: int) -> None:
        nonlocal cursor
        for _ in range(most):
            page = look(cursor, threads, size, now)
            cursor = page.cursor
            told.update(page.items)
            if not page.more:
                break

    for kind, number, hours in steps:
        now += timedelta(hours=hours, seconds=1)
        old = [began for began in threads if now - began < timedelta(days=20)]
        if kind == "thread":
            threads[now] = [now]
        elif kind == "reply" and old:
            threads[old[number % len(old)]].append(now)
        elif kind == "pages":
            pages(1 + number % 2)
    for _ in range(2):  # the rest of a walk that was cut short, and a deep one
        pages(1000)
        now += timedelta(hours=7)
    recent = [began for began in threads if now - began < timedelta(days=29)]
    assert {at for began in recent for at in threads[began]} <= told
