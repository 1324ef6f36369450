"""Worlds of cases of every sort, and the statement run over their readings in any engine."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, text

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
)
from pelayanan.models import Author, Kind
from pelayanan.score import Tally, TallyKey
from pelayanan.score.columns import Columns
from pelayanan.score.units import columns_of
from pelayanan.store import Store
from pelayanan.store.bulk import insert_rows
from pelayanan.store.engines import COLUMNS, count_files, write_files
from pelayanan.store.readings import rows_of
from pelayanan.store.statement import revision, statement, tally_of
from pelayanan.store.tables import readings

__all__ = ["ZONES", "World", "some_world"]

ZONES = ("WIB", "WITA", "WIT")
STANDARDS = Standards.load()
_START = datetime(2026, 2, 10, 1, tzinfo=UTC)  # Ramadan begins a week later
_AS_OF = datetime(2026, 3, 27, 4, 30, tzinfo=UTC)
_DAYS = 47


@dataclass(frozen=True)
class World:
    """Cases with all that is known of them, and what the numpy kernel counts."""

    columns: Columns
    calendar: WorkCalendar
    as_of: datetime

    @property
    def until(self) -> int:
        return int(self.as_of.timestamp())

    @property
    def by_numpy(self) -> Tally:
        about: Any = {"calendar": self.calendar, "standards": STANDARDS}
        return Tally.count(self.columns, **about, as_of=self.as_of)

    @property
    def rows(self) -> list[dict[str, Any]]:
        named = [(f"perkara-{number}", 1) for number in range(len(self.columns))]
        rev = revision(self.calendar, STANDARDS)
        parts = rows_of(self.columns, named, calendar=self.calendar, rev=rev, as_of=self.until)
        return [row for part in parts for row in part]

    def in_database(self, store: Store) -> Tally:
        """By the statement inside SQLite or PostgreSQL."""
        found = Tally()
        with self._kept(store) as connection:
            for period in self._periods():
                asked = statement(self.calendar, STANDARDS, self.until, period)
                rows = connection.execute(text(asked.replace(":", r"\:")))
                found += tally_of(rows, self._key(period))
        return found

    def in_files(self, engine: str, folder: Path) -> Tally:
        """By the statement over Parquet."""
        found = Tally()
        for period in self._periods():
            rows = [row for row in self.rows if row["period"] == period]
            lines = [[row[name] for name in COLUMNS] for row in rows]
            assert write_files([lines], folder, period, self.until) == len(lines)
            about: Any = {"calendar": self.calendar, "standards": STANDARDS}
            found += count_files(engine, folder, **about, period=period)
        return found

    @contextmanager
    def _kept(self, store: Store) -> Iterator[Connection]:
        with store.writing() as connection:
            connection.execute(delete(readings))
            insert_rows(connection, readings, self.rows)
            yield connection

    def _periods(self) -> list[str]:
        return sorted({row["period"] for row in self.rows})

    def _key(self, period: str) -> TallyKey:
        about = STANDARDS.version, self.calendar.version, self.until
        return TallyKey("", "", "", "", period, *about)


def some_world(seed: int, zone: str, size: int = 250) -> World:
    """Cases with every sort of story, drawn by lot."""
    draw = random.Random(f"{seed} {zone}")
    calendar = WorkCalendar.indonesia(zone)
    cases = [_case(draw, number) for number in range(size)]
    columns = columns_of(cases, calendar=calendar, standards=STANDARDS, as_of=_AS_OF)
    return World(columns, calendar, _AS_OF)


def _case(draw: random.Random, number: int) -> Case:
    opened = _START + timedelta(seconds=draw.randrange(_DAYS * 86_400))
    kind = draw.choice(list(Kind))
    first = Received(at=opened, message=f"m{number}", key="r")
    told = [first, Triaged(at=opened, kind=kind, source="rule", key="t"), *_story(draw, opened)]
    agency = draw.choice(["dinsos", "dinkes", "pupr"])
    return Case(
        id=f"case-{number}",
        agency=agency,
        account=agency,
        platform=draw.choice(["bluesky", "mastodon", "email"]),
        author=Author(id="w", handle="warga_contoh"),
        opened=opened,
        events=tuple(event.complete(opened) for event in told),
    )


def _story(draw: random.Random, opened: datetime) -> list[AnyEvent]:
    def at(least: float = 0) -> datetime:  # minutes to months later, and sometimes before
        wait = draw.lognormvariate(10, 3) if draw.random() < 0.95 else -600
        return opened + timedelta(seconds=int(min(least + wait, 90 * 86_400)))

    soon = at()
    due = date(2026, draw.choice([2, 3]), draw.randrange(11, 28))
    how: Any = draw.choice(["withdrawn", "deleted"])
    claim = Claimed(at=soon, what="exclusion", detail="ganda", key="c")
    answered, resolved = Answered(at=soon), Resolved(at=soon + timedelta(hours=draw.choice([0, 9])))
    again = resolved.at + timedelta(hours=draw.choice([0, 5, 400])) if resolved.at else soon
    stories: list[list[AnyEvent]] = [
        [],
        [answered],
        [answered, resolved],
        [answered, Received(at=at(), message="x"), resolved],
        [answered, resolved, Reopened(at=again), Answered(at=again + (soon - opened))],
        [answered, resolved, Reopened(at=again), Withdrawn(at=at(), how=how)],
        [answered, resolved, Reopened(at=again), Resolved(at=again, key="z"), Reopened(at=at())],
        [Promised(at=soon, due=due, unit="Bidang"), Fulfilled(at=at(), due=due), resolved],
        [Promised(at=soon, due=due, unit="Bidang")],
        [Asked(at=soon, what="KTP"), Received(at=at(), message="y"), Resolved(at=at())],
        [Asked(at=soon, what="KTP")],
        [Withdrawn(at=soon, how=how), Answered(at=at())],
        [Withdrawn(at=soon, how=how)],
        [answered, Withdrawn(at=soon, how=how)],
        [claim, Confirmed(at=soon, claim="c", agreed=draw.random() < 0.5)],
        [Excluded(at=opened, actor=Actor.SYSTEM, reason="internal")],
        [answered, Excluded(at=opened, actor=Actor.SYSTEM, reason="before_start")],
        [Transferred(at=soon, to="bpbd", accepted=True)],
        [Transferred(at=soon, to="bpbd", accepted=True), Returned(at=at()), Answered(at=at())],
    ]
    return draw.choice(stories)
