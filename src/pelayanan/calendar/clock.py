"""The clock of one zone, over whole columns of instants: block by block, growing by years."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from threading import Lock

import numpy as np

from pelayanan.calendar.durations import WorkingDays, WorkingTime
from pelayanan.calendar.hours import Span
from pelayanan.calendar.overrides import FIRST_YEAR, LAST_YEAR
from pelayanan.calendar.tables import (
    DAY,
    EPOCH,
    Ints,
    Readings,
    Table,
    day_of,
    first_of,
)

__all__ = ["Clock"]

_BLOCK = 1 << 14  # instants at a time: what is worked on stays in the processor's cache


class Clock:
    """Answers for UTC epoch seconds, one or many by the same code, safe between threads.

    Args:
        spans: Opening and closing of each day of a year.
        offset: Seconds east of UTC.

    Every method raises `ValueError` for an instant outside the years that a calendar can know.
    """

    def __init__(self, spans: Callable[[int], list[Span | None]], offset: int) -> None:
        self._offset = offset
        self._tables = _Tables(spans)

    def seconds(self, start: Ints, end: Ints) -> Ints:
        """Working seconds from one instant to another."""
        return _in_blocks(self._seconds, start, end)

    def days_between(self, start: Ints, end: Ints) -> Ints:
        """Working days strictly between two local dates."""
        return _in_blocks(self._days_between, start, end)

    def due(self, start: Ints, allowance: WorkingDays | WorkingTime) -> Ints:
        """UTC seconds of the last instant in time."""
        return _in_blocks(partial(self._due, allowance), start)

    def readings(self, instants: Ints) -> Readings[Ints]:
        """All that a projection keeps."""
        flat = instants.ravel()
        columns = np.empty((len(Readings._fields), flat.size), np.int64)
        for block in _blocks(flat.size):
            table, (local,) = self._local(flat[block])
            columns[:, block] = table.readings(local)
        return Readings(*(column.reshape(instants.shape) for column in columns))

    def _seconds(self, start: Ints, end: Ints) -> Ints:
        table, (begin, finish) = self._local(start, end)
        return table.clock(finish) - table.clock(begin)

    def _days_between(self, start: Ints, end: Ints) -> Ints:
        table, (begin, finish) = self._local(start, end)
        between: Ints = table.days_before(finish) - table.days_through(begin)
        np.maximum(between, 0, out=between)
        return between

    def _due(self, allowance: WorkingDays | WorkingTime, start: Ints) -> Ints:
        table, (local,) = self._local(start)
        while True:  # one year more until the last deadline is in it
            if isinstance(allowance, WorkingTime):
                due = table.after(local, allowance.seconds)
            else:
                due = (table.nth_working_day(local, allowance.n) + 1) * DAY - 1
            if not due.size or int(due.max()) < table.end * DAY:
                return due - self._offset
            table = self._tables.covering(table.first, table.end)

    def _local(self, *instants: Ints) -> tuple[Table, list[Ints]]:
        """The same instants in local seconds, and a table that has their days."""
        local = [each + self._offset for each in instants]
        filled = [each for each in local if each.size]
        first = min((int(each.min()) // DAY for each in filled), default=EPOCH)
        last = max((int(each.max()) // DAY for each in filled), default=EPOCH)
        return self._tables.covering(first, last), local


class _Tables:
    """Tables that grow by whole years when asked; a table itself never changes."""

    def __init__(self, spans: Callable[[int], list[Span | None]]) -> None:
        self._spans = spans
        self._lock = Lock()
        self._years: dict[int, list[Span | None]] = {}
        self._table: Table | None = None

    def covering(self, first: int, last: int) -> Table:
        """A table with all days from one day number to another."""
        table = self._table
        if table is None or not (table.first <= first and last < table.end):
            table = self._grow(_year(first), _year(last))
        return table

    def _grow(self, first: int, last: int) -> Table:
        with self._lock:
            epoch = day_of(EPOCH).year
            known = self._years or {epoch: self._spans(epoch)}
            wanted = range(min(first, *known), max(last, *known) + 1)
            self._years = {year: known.get(year) or self._spans(year) for year in wanted}
            spans = [span for year in wanted for span in self._years[year]]
            self._table = Table.build(first_of(wanted[0]), spans)
            return self._table


def _year(number: int) -> int:
    if not first_of(FIRST_YEAR) <= number < first_of(LAST_YEAR + 1):
        raise ValueError(
            f"an instant lies outside the years {FIRST_YEAR} to {LAST_YEAR}: give UTC epoch "
            "seconds, and leave out missing ones (-1) before"
        )
    return day_of(number).year


def _in_blocks(work: Callable[..., Ints], *columns: Ints) -> Ints:
    """Apply `work` to columns of one shape, or of one instant, a block at a time.

    Three times as fast as in one go, and memory for the result only.
    """
    shape = np.broadcast_shapes(*(column.shape for column in columns))
    size = math.prod(shape)
    flat = [each if each.size == 1 else np.broadcast_to(each, shape).ravel() for each in columns]
    if size <= _BLOCK:
        return work(*flat).reshape(shape)
    out = np.empty(size, np.int64)
    for block in _blocks(size):
        out[block] = work(*(each if each.size == 1 else each[block] for each in flat))
    return out.reshape(shape)


def _blocks(size: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, size, _BLOCK))
