"""Cases as columns, for counting."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
)

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Filed, Standards, preceding, read_event, settle
from pelayanan.cases.events import AnyEvent, Received, Transferred
from pelayanan.score.coded import Coded
from pelayanan.score.tally import Columns
from pelayanan.score.units import Units
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.tables import accounts, cases, events, polls

__all__ = [
    "AccountPolls",
    "Rest",
    "Window",
    "columns",
    "filed",
    "in_parts",
    "polls_of",
    "projected",
    "settle_rest",
    "settled",
]

_US = 1_000_000
_CHUNK = 500
_PART = 20_000  # rows at a time: memory stays flat
_END = "\x1f"  # of a text; no key has it
_INSTANTS = ("opened", "answered", "resolved", "left")
_TEXTS = {
    "agency": "agency",
    "kind": "kind",
    "channel": "platform",
    "excluded": "excluded",
    "left_how": "left_how",
}


@dataclass(frozen=True, slots=True)
class Window:
    """Cases opened from one instant until before another, followed until `as_of`."""

    first: datetime
    after: datetime
    as_of: datetime

    @property
    def opened(self) -> ColumnElement[bool]:
        """Their rows."""
        return (cases.c.opened_us >= to_us(self.first)) & (cases.c.opened_us < to_us(self.after))

    @property
    def simple(self) -> ColumnElement[bool]:
        """The rows that say all that is counted of their cases."""
        return self.opened & cases.c.simple & (cases.c.last_us <= self.end_us)

    @property
    def end_us(self) -> int:
        """The last microsecond of the second of `as_of`."""
        return to_us(self.as_of) // _US * _US + _US - 1

    def has(self, opened: datetime | None) -> bool:
        """Whether a case opened then is one of them."""
        return opened is not None and self.first <= opened < self.after


@dataclass(frozen=True, slots=True)
class Rest:
    """Cases that had to be folded from their events and settled with each other.

    Attributes:
        read: All that were looked at: what their own rows say is not counted.
        keys: Of the cases in the window, in the order of `columns`.
    """

    read: frozenset[str]
    keys: tuple[str, ...]
    columns: Columns


def columns(connection: Connection, opened_from: datetime, opened_before: datetime) -> Columns:
    """All cases opened in a span of time as their projection says, whole seconds, rounded down."""
    window = Window(opened_from, opened_before, opened_before)
    return projected(connection, window.opened)[1]


def settled(
    connection: Connection, window: Window, *, calendar: WorkCalendar, standards: Standards
) -> Columns:
    """All cases opened in a window; those that are not simple are folded from their events."""
    rest = settle_rest(connection, window, calendar=calendar, standards=standards)
    _, simple = projected(connection, window.simple, but=rest.read)
    return simple + rest.columns if rest.keys else simple


def settle_rest(
    connection: Connection, window: Window, *, calendar: WorkCalendar, standards: Standards
) -> Rest:
    """The cases of a window that are not simple.

    Not simple is what was promised, asked, reopened, withdrawn, claimed, excluded or handed over,
    and what happened after `as_of`: there the projection does not say enough.
    """
    filed = _chains(connection, {str(each) for each in connection.scalars(_not_simple(window))})
    units = Units(calendar, standards, window.as_of)
    channels = _channels(connection, filed)
    done = settle(filed.values(), as_of=window.as_of, calendar=calendar, standards=standards)
    inside = {key: each for key, each in sorted(done.items()) if window.has(each[1].opened)}
    for key, (file, state) in inside.items():
        while key not in channels:  # a new beginning
            key = preceding(key)  # noqa: PLW2901  of the case before it
        units.add(state, agency=file.agency, channel=channels[key])
    return Rest(frozenset(filed), tuple(inside), units.columns())


def projected(
    connection: Connection,
    wanted: ColumnElement[bool],
    *,
    but: Collection[str] = (),
    keyed: bool = False,
) -> tuple[list[tuple[str, int]], Columns]:
    """Cases as their projection says.

    Args:
        connection: To the store.
        wanted: Which rows of `cases`, of tables joined to it.
        but: Ids of cases that are left out.
        keyed: Give the ids, each with the number of its events, too.
    """
    c = cases.c
    joined: ColumnElement[str] = literal("")
    for name in _TEXTS.values():
        joined += c[name] + _END
    numbers: list[ColumnElement[Any]] = [func.coalesce(c[f"{name}_us"], -_US) for name in _INSTANTS]
    keys = [c.id, c.events] if but or keyed else []
    named: list[tuple[str, int]] = []
    place: dict[str, int] = {}
    numbers += [c.contacts, cast(c.first_contact, Integer)]
    columns = [array("q") for _ in numbers]  # they grow in place: half the memory of parts
    code = array("i")
    for rows in in_parts(connection, select(*numbers, joined, *keys).where(wanted)):
        kept = [row for row in rows if row[-2] not in but] if but else rows
        if not kept:
            continue
        values = zip(*kept, strict=True)
        for column in columns:
            column.extend(next(values))
        code.extend([place.setdefault(text, len(place)) for text in next(values)])
        if keyed:
            named += [(row[-2], row[-1]) for row in kept]
    found = [np.frombuffer(column, np.int64) for column in columns]
    return named, _columns(found, np.frombuffer(code, np.int32), [*place])


def _columns(
    numbers: Sequence[npt.NDArray[np.int64]], code: npt.NDArray[np.int32], texts: Sequence[str]
) -> Columns:
    if not texts:
        nothing = np.empty(0, np.int64)
        return Columns.simple(opened=nothing, agency=Coded.of([]), kind=Coded.of([]))
    *instants, contacts, first = numbers
    split = zip(*(text.split(_END)[:-1] for text in texts), strict=True)
    named: dict[str, Any] = {
        name: Coded.numbered(each, code) for name, each in zip(_TEXTS, split, strict=True)
    }
    for microseconds in instants:
        np.floor_divide(microseconds, _US, out=microseconds)
    seconds = dict(zip(_INSTANTS, instants, strict=True))
    return Columns.simple(**seconds, **named, contacts=contacts, first_contact=first != 0)


def in_parts(
    connection: Connection, asked: Select[*tuple[Any, ...]]
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of a query, some thousands at a time; plain numbers and texts only."""
    if connection.dialect.name == "sqlite":
        cursor = connection.execute(asked).cursor  # half the time of rows with names
        assert cursor is not None
        while part := cursor.fetchmany(_PART):
            yield part
    else:
        yield from connection.execute(asked.execution_options(yield_per=_PART)).partitions()


def _not_simple(window: Window) -> Select[Any]:
    c = cases.c
    inside = window.opened & ~(c.simple & (c.last_us <= window.end_us))
    again = (c.again_us >= to_us(window.first)) & (c.opened_us < to_us(window.after))
    return select(c.id).where(or_(inside, again))


def _chains(connection: Connection, wanted: set[str]) -> dict[str, Filed]:
    """The cases with their events, and all that they were handed to or came from."""
    found: dict[str, Filed] = {}
    while wanted:
        fresh = list(filed(connection, sorted(wanted)))
        found |= {each.id: each for each in fresh}
        around = {key for each in fresh for key in _around(connection, each)}
        wanted = around - set(found)
    return found


def filed(connection: Connection, ids: Sequence[str]) -> Iterator[Filed]:
    """Cases with all their events."""
    for part in _chunks(ids):
        asked = (
            select(events.c.case_id, cases.c.agency, events.c.body)
            .join(cases, cases.c.id == events.c.case_id)
            .where(events.c.case_id.in_(part))
            .order_by(events.c.case_id, events.c.n)
        )
        logs: dict[tuple[str, str], list[AnyEvent]] = {}
        for row in connection.execute(asked):
            logs.setdefault((row.case_id, row.agency), []).append(read_event(row.body))
        for (key, agency), log in logs.items():
            yield Filed(key, agency, tuple(log))


def _around(connection: Connection, case: Filed) -> Iterator[str]:
    """Cases that this one came from or went to."""
    for event in case.events:
        if isinstance(event, Received) and event.handed_by:
            yield event.handed_by
        if isinstance(event, Transferred) and event.at is not None:
            second = to_us(event.at) // _US * _US
            asked = select(cases.c.id).where(
                or_(
                    cases.c.id == event.case,
                    and_(
                        cases.c.agency == event.to,
                        cases.c.opened_us >= second,
                        cases.c.opened_us < second + _US,
                    ),
                )
            )
            yield from connection.scalars(asked)


def _channels(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _chunks(sorted(ids)):
        asked = select(cases.c.id, cases.c.platform).where(cases.c.id.in_(part))
        found |= {row.id: row.platform for row in connection.execute(asked)}
    return found


# ---- polls and texts


@dataclass(frozen=True, slots=True)
class AccountPolls:
    """An account of the register with the hours in which it was looked at (UTC microseconds)."""

    agency: str
    platform: str
    registered: datetime
    closed: datetime | None
    hours: frozenset[int]


def polls_of(connection: Connection, first: datetime, after: datetime) -> list[AccountPolls]:
    """The accounts and the hours of a span in which each was read at least once."""
    asked = select(polls.c.account, polls.c.hour_us).where(
        polls.c.hour_us >= to_us(first), polls.c.hour_us < to_us(after), polls.c.done
    )
    hours: dict[str, set[int]] = {}
    for row in connection.execute(asked):
        hours.setdefault(row.account, set()).add(row.hour_us)
    return [
        AccountPolls(
            row.agency,
            row.platform,
            from_us(row.registered_us) or first,
            from_us(row.closed_us),
            frozenset(hours.get(row.key, ())),
        )
        for row in connection.execute(select(accounts))
    ]


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
