"""One day of a calendar, as an explanation shows it."""

import datetime as dt
from dataclasses import dataclass

from pelayanan.calendar.almanac import DayOff
from pelayanan.calendar.hours import Span
from pelayanan.calendar.overrides import Override

__all__ = ["CalendarDay"]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A local date with what makes it a working day or not.

    Attributes:
        span: Opening and closing in seconds after local midnight; `None` if closed.
        off: The holiday or cuti bersama on it, also where it falls on a weekend.
        undone: The decree that took its holiday away, if one did.
        ramadan: Whether it is a day of fasting.
    """

    date: dt.date
    span: Span | None
    off: DayOff | None
    undone: Override | None
    ramadan: bool

    @property
    def working(self) -> bool:
        """Whether offices are open."""
        return self.span is not None
