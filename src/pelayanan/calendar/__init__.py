"""Working time of Indonesian government offices: hours, holidays, durations, deadlines."""

from pelayanan.calendar.almanac import DayOff
from pelayanan.calendar.day import CalendarDay
from pelayanan.calendar.durations import WorkingDays, WorkingTime
from pelayanan.calendar.explain import Explanation
from pelayanan.calendar.hours import Hours
from pelayanan.calendar.instants import Instants
from pelayanan.calendar.overrides import (
    AddHoliday,
    MoveHoliday,
    Override,
    Overrides,
    RamadanDates,
    RemoveHoliday,
)
from pelayanan.calendar.tables import Readings
from pelayanan.calendar.work import WorkCalendar

__all__ = [
    "AddHoliday",
    "CalendarDay",
    "DayOff",
    "Explanation",
    "Hours",
    "Instants",
    "MoveHoliday",
    "Override",
    "Overrides",
    "RamadanDates",
    "Readings",
    "RemoveHoliday",
    "WorkCalendar",
    "WorkingDays",
    "WorkingTime",
]
