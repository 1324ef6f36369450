"""Integer readings of each clock, so that counting is subtracting: kept here, and handed on.

A row holds for one calendar and definition (`calendar_rev`). Rows of simple cases are kept until
the case or the calendar changes; those that depend on other cases or on `as_of` are made anew each
time.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, delete, exists, select, text

from pelayanan.calendar import WorkCalendar
from pelayanan.calendar.tables import Readings
from pelayanan.cases import Standards
from pelayanan.score import Tally, TallyKey
from pelayanan.score.coded import Coded
from pelayanan.score.columns import Columns
from pelayanan.store.bulk import insert_rows
from pelayanan.store.columns import Window, in_parts, projected, settle_rest
from pelayanan.store.keys import to_us
from pelayanan.store.statement import revision, statement, tally_of
from pelayanan.store.tables import cases, readings

__all__ = ["HANDED_ON", "count_readings", "list_readings", "refresh", "rows_of"]

_ENDS = ("answered", "left", "resolved")
_TEXTS = ("agency", "kind", "triage", "channel", "excluded")
_NUMBERS = (
    *("first_contact", "waits_for_citizen", "paused_resolved", "paused_now", "contacts"),
    *("reopened", "promises_due", "promises_kept", "handed_over", "handed_wrong", "handed_slow"),
    "before_handover_s",
)
_CHUNK = 500
_ROWS = 20_000
_UNTIL_AS_OF = -1  # number of events of a row that holds at one `as_of`

HANDED_ON = tuple(column for column in readings.c if column.name != "events")
"""The columns that the statement reads."""

Ints = npt.NDArray[np.int64]


def count_readings(
    connection: Connection,
    window: Window,
    *,
    calendar: WorkCalendar,
    standards: Standards,
    period: str,
    province: str = "",
) -> Tally:
    """Count a month inside the database, readings brought up to date first; a writing transaction.

    Args:
        connection: To the store.
        window: The month, and `as_of`.
        calendar: Its zone is that of the window.
        standards: The definition.
        period: The month's name.
        province: Its name.
    """
    refresh(connection, window, calendar=calendar, standards=standards, period=period)
    until = to_us(window.as_of) // 1_000_000
    asked = statement(calendar, standards, until, period)
    key = TallyKey(province, "", "", "", period, standards.version, calendar.version, until)
    rows = connection.execute(text(asked.replace(":", r"\:")))  # no parameter stands in it
    return tally_of(rows, key)


def list_readings(connection: Connection, period: str) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of a month with the columns `HANDED_ON`, some thousands at a time."""
    asked = select(*HANDED_ON).where(readings.c.period == period)
    return in_parts(connection, asked.order_by(readings.c.case_id, readings.c.clock))


def refresh(
    connection: Connection,
    window: Window,
    *,
    calendar: WorkCalendar,
    standards: Standards,
    period: str,
) -> int:
    """Bring the readings of a month up to date, so that all of them hold at `as_of`.

    Returns:
        How many were read: those of cases that are new or changed, that are not simple, or that
        were read by another calendar or definition.
    """
    rev = revision(calendar, standards)
    rest = settle_rest(connection, window, calendar=calendar, standards=standards)
    connection.execute(delete(readings).where(readings.c.period == period, ~_holds(window, rev)))
    missing = window.simple & ~exists().where(
        readings.c.case_id == cases.c.id,
        readings.c.clock == 0,  # so that the key is looked up, not the month
        readings.c.period == period,
    )
    named, fresh = projected(connection, missing, but=rest.read, keyed=True)
    _remove(connection, {*rest.read, *(key for key, _ in named)})
    _insert(connection, rows_of(fresh, named, calendar=calendar, rev=rev))
    until = to_us(window.as_of) // 1_000_000
    told = [(key, _UNTIL_AS_OF) for key in rest.keys]
    _insert(connection, rows_of(rest.columns, told, calendar=calendar, rev=rev, as_of=until))
    return len(named) + len(rest.keys)


def _holds(window: Window, rev: str) -> ColumnElement[bool]:
    """The readings that are still true."""
    same = (cases.c.id == readings.c.case_id) & (cases.c.events == readings.c.events)
    return exists().where(same, window.simple) & (readings.c.calendar_rev == rev)


def _remove(connection: Connection, ids: Collection[str]) -> None:
    wanted = sorted(ids)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        connection.execute(delete(readings).where(readings.c.case_id.in_(part)))


def _insert(connection: Connection, rows: Iterator[list[dict[str, Any]]]) -> None:
    for part in rows:
        insert_rows(connection, readings, part)


def rows_of(
    columns: Columns,
    named: Sequence[tuple[str, int]],
    *,
    calendar: WorkCalendar,
    rev: str,
    as_of: int = 0,
) -> Iterator[list[dict[str, Any]]]:
    """Rows of cases, and one more for each reopening; some thousands at a time.

    Args:
        columns: The cases.
        named: Id and number of events of each.
        calendar: Which reads the instants.
        rev: Its `revision`, with that of the definition.
        as_of: UTC epoch seconds; 0: they hold at any instant after the events of their cases.
    """
    same, read = {"calendar_rev": rev, "as_of_s": as_of}, _Reader(calendar)
    about: dict[str, list[Any]] = {name: _texts(getattr(columns, name)) for name in _TEXTS}
    about |= {name: getattr(columns, name).astype(np.int64).tolist() for name in _NUMBERS}
    about["case_id"] = [key for key, _ in named]
    about["events"] = [events for _, events in named]
    about["period"] = read.months(columns.opened)
    first = read.clocks(columns, _ENDS) | {"clock": [0] * len(columns)}
    yield from _in_rows(same, about | first)
    later = columns.later.in_order()
    if len(later):
        case = later.case.tolist()
        clocks = read.clocks(later, _ENDS[:2]) | {"clock": _numbers(case)}
        clocks |= {name: [None] * len(case) for name in _columns("resolved")}
        theirs = {name: [values[mine] for mine in case] for name, values in about.items()}
        yield from _in_rows(same, theirs | clocks)


def _numbers(case: Sequence[int]) -> list[int]:
    """1 for the first reopening of a case, 2 for its second, ..."""
    met: Counter[int] = Counter()
    found: list[int] = []
    for mine in case:
        met[mine] += 1
        found.append(met[mine])
    return found


class _Reader:
    """Asks the calendar."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar

    def _read(self, instants: Ints) -> Readings[Ints]:
        return self._calendar.reading(instants)

    def months(self, opened: Ints) -> list[str]:
        days = self._calendar.reading(opened).local_day.astype("datetime64[D]")
        months: list[str] = days.astype("datetime64[M]").astype(np.str_).tolist()
        return months

    def clocks(self, clocks: Any, ends: Sequence[str]) -> dict[str, list[Any]]:
        opened = self._read(clocks.opened)
        found: dict[str, list[Any]] = {
            "left_how": _texts(clocks.left_how),
            "opened_s": clocks.opened.tolist(),
            "opened_working_s": opened.working_s.tolist(),
            "opened_days_through": opened.days_through.tolist(),
        }
        for name in ends:
            instants: Ints = getattr(clocks, name)
            never = instants == -1
            read = self._read(np.where(never, clocks.opened, instants))
            values: tuple[Ints, ...] = instants, read.working_s, read.days_before
            for column, each in zip(_columns(name), values, strict=True):
                found[column] = [
                    None if no else it for it, no in zip(each.tolist(), never.tolist(), strict=True)
                ]
        return found


def _texts(column: Coded) -> list[str]:
    return [column.names[place] for place in column.code.tolist()]


def _columns(instant: str) -> tuple[str, str, str]:
    return f"{instant}_s", f"{instant}_working_s", f"{instant}_days_before"


def _in_rows(same: dict[str, Any], columns: dict[str, list[Any]]) -> Iterator[list[dict[str, Any]]]:
    names, size = [*columns], len(columns["case_id"])
    for start in range(0, size, _ROWS):
        parts = (values[start : start + _ROWS] for values in columns.values())
        yield [{**same, **dict(zip(names, row, strict=True))} for row in zip(*parts, strict=True)]
