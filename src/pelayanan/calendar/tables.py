"""The monotone clock W(t): per-day arrays that make a duration one subtraction.

All times are whole seconds. "Local seconds" are UTC epoch seconds plus the offset of the zone,
which is constant in Indonesia (no daylight saving since 1988 began).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from pelayanan.calendar.hours import Span

__all__ = ["Readings", "Table"]

Ints: TypeAlias = NDArray[np.int64]
_N = TypeVar("_N", int, Ints)

DAY = 86_400
_UNIX = date(1970, 1, 1)


def ordinal(day: date) -> int:
    """Days since 1970-01-01, the local day number that readings carry."""
    return (day - _UNIX).days


def first_of(year: int) -> int:
    """The ordinal of the first day of a year."""
    return ordinal(date(year, 1, 1))


def day_of(number: int) -> date:
    """The day with this ordinal."""
    return _UNIX + timedelta(days=number)


EPOCH = first_of(2020)
"""W(t) = 0 at its midnight, whichever years are loaded."""


class Readings(NamedTuple, Generic[_N]):
    """What a projection keeps of an instant, so that every duration is a subtraction.

    Working seconds between two instants: the difference of `working_s`. Working days strictly
    between their dates: ``max(0, end.days_before - start.days_through)``. Readings of different
    calendar versions must not be mixed.

    Attributes:
        working_s: The clock W(t), working seconds since 2020-01-01 00:00 local time.
        days_before: Working days from 2020-01-01 to the day before the local date.
        days_through: The same including the local date.
        local_day: Local date in days since 1970-01-01.
    """

    working_s: _N
    days_before: _N
    days_through: _N
    local_day: _N


@dataclass(frozen=True, slots=True)
class Table:
    """One entry per day from `first` (an ordinal) on, and one for the day after the last."""

    first: int
    opens_at: Ints  # local second of opening; of days off: midnight
    open_s: Ints  # seconds from opening to closing, 0 on days off
    before_s: Ints  # W at opening: working seconds of all days before
    before_days: Ints  # working days before
    working: Ints  # ordinals of the working days, and `end`

    @classmethod
    def build(cls, first: int, spans: list[Span | None]) -> "Table":
        """Add up from the epoch, forwards and backwards."""
        opens, closes = np.array([span or (0, 0) for span in [*spans, None]], np.int64).T
        midnights = (np.arange(len(opens)) + first) * DAY
        open_s = closes - opens
        before_s, before_days = (_running(each, EPOCH - first) for each in (open_s, open_s > 0))
        working = np.append(np.flatnonzero(open_s), len(spans)) + first
        return cls(first, midnights + opens, open_s, before_s, before_days, working)

    @property
    def end(self) -> int:
        """The ordinal after the last day."""
        return self.first + len(self.open_s) - 1

    def clock(self, local: Ints) -> Ints:
        """W at local seconds; every day must lie in the table."""
        day = local // DAY - self.first
        worked = local - self.opens_at.take(day)  # in place from here: half the time
        np.maximum(worked, 0, out=worked)
        np.minimum(worked, self.open_s.take(day), out=worked)
        worked += self.before_s.take(day)
        return worked

    def days_before(self, local: Ints) -> Ints:
        """Working days before each local date."""
        return self.before_days.take(local // DAY - self.first)

    def days_through(self, local: Ints) -> Ints:
        """Working days up to each local date and including it."""
        return self.before_days.take(local // DAY - self.first + 1)

    def readings(self, local: Ints) -> Readings[Ints]:
        """All that a projection keeps."""
        before, through = self.days_before(local), self.days_through(local)
        return Readings(self.clock(local), before, through, local // DAY)

    def nth_working_day(self, local: Ints, n: int) -> Ints:
        """Ordinal of the n-th working day after each local date; `end`: not in here."""
        wanted = self.days_through(local) + (n - 1 - int(self.before_days[0]))
        return self.working.take(wanted, mode="clip")

    def after(self, local: Ints, seconds: int) -> Ints:
        """Local second at which working time has passed; on `end` or later: not in here."""
        wanted = self.clock(local) + seconds
        index: Ints = np.searchsorted(self.before_s, wanted, side="left") - 1
        return self.opens_at[index] + wanted - self.before_s[index]


def _running(values: Ints | NDArray[np.bool_], epoch: int) -> Ints:
    before: Ints = np.cumsum(values, dtype=np.int64) - values
    return before - int(before[epoch])
