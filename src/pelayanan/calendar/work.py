"""Working time of Indonesian government offices: durations, deadlines and their reasons."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Self, TypeAlias, overload
from zoneinfo import ZoneInfo

import numpy as np

from pelayanan.calendar.almanac import Almanac, shipped_ramadan
from pelayanan.calendar.clock import Clock
from pelayanan.calendar.day import CalendarDay
from pelayanan.calendar.durations import WorkingDays, WorkingTime
from pelayanan.calendar.explain import Explanation, Lang
from pelayanan.calendar.hours import Hours, Span, in_order
from pelayanan.calendar.instants import (
    UNIX,
    ZONES,
    Instants,
    are_many,
    find_zone,
    offset_of,
    utc_seconds,
)
from pelayanan.calendar.overrides import (
    FIRST_YEAR,
    LAST_YEAR,
    Override,
    Overrides,
    read_overrides,
)
from pelayanan.calendar.tables import DAY, Ints, Readings, day_of, first_of, ordinal

__all__ = ["WorkCalendar"]

Allowance: TypeAlias = WorkingDays | WorkingTime

_STATUTORY = Hours.statutory()
_RULES = 1  # raise it when the same data begins to give other results


@dataclass(frozen=True)
class WorkCalendar:
    """When offices work, and what follows: one value, safe to share between threads.

    Build it with `indonesia`. Equal calendars give equal results and have the same `version`.
    Fractions of seconds are dropped (score.md, 1: instants are whole UTC seconds, rounded down).

    Attributes:
        timezone: IANA name; its offset must be constant.
        hours: Hours that differ from the statutory ones, with the days on which they hold.
        overrides: What decrees changed, in their order.
    """

    timezone: str
    hours: tuple[Hours, ...] = ()
    overrides: tuple[Override, ...] = ()
    _almanac: Almanac = field(init=False, repr=False, compare=False)
    _clock: Clock = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # the only way into a frozen value
        object.__setattr__(self, "_almanac", Almanac(self.overrides))
        object.__setattr__(self, "_clock", Clock(self._spans, offset_of(self.zone)))

    @classmethod
    def indonesia(
        cls,
        timezone: str = "Asia/Jakarta",
        overrides: Overrides | None = None,
        *,
        hours: Hours | Sequence[Hours] = (),
    ) -> Self:
        """The calendar of a province, or of an agency with hours of its own.

        Args:
            timezone: ``"WIB"``, ``"WITA"``, ``"WIT"`` or an IANA name without daylight saving.
            overrides: Path of a TOML or JSON file, a mapping of the same form, or entries.
            hours: Hours of an agency; on days for which none hold those of the law do. The
                score never uses them: shorter hours must not stop a clock.

        Raises:
            ConfigError: The zone, an override or the hours are wrong; it names the remedy.

        Source:
            Perpres 21/2023 (hours); SKB 3 Menteri of each year through `holidays`; score.md, 2.

        Example:
            >>> cal = WorkCalendar.indonesia()
            >>> [cal.working_days_in(year) for year in (2021, 2026)]
            [248, 240]
        """
        listed = (hours,) if isinstance(hours, Hours) else tuple(hours)
        zone = ZONES.get(timezone, timezone)
        return cls(zone, in_order(listed), read_overrides(overrides))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin and end."""
        return find_zone(self.timezone)

    @cached_property
    def version(self) -> str:
        """What determines every result, as short text: holiday data, and a hash of the rest."""
        parts = {
            "rules": _RULES,
            "offset": offset_of(self.zone),
            "hours": [hours.model_dump(mode="json") for hours in (_STATUTORY, *self.hours)],
            "overrides": [
                [type(entry).__name__, entry.model_dump(mode="json")] for entry in self.overrides
            ],
            "ramadan": [[str(first), str(last)] for first, last in shipped_ramadan()],
        }
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return f"id-{version('holidays')}+{digest[:8]}"

    # --- durations ---------------------------------------------------------------------------

    @overload
    def working_seconds(self, start: datetime, end: datetime) -> int: ...
    @overload
    def working_seconds(self, start: Ints, end: Instants) -> Ints: ...
    @overload
    def working_seconds(self, start: datetime, end: Ints) -> Ints: ...
    def working_seconds(self, start: Instants, end: Instants) -> int | Ints:
        """Office time from one instant to another.

        Returns:
            Seconds, negative where `end` comes before `start`.

        Raises:
            ValueError: A datetime is naive, or an instant lies outside 1990 to 2075.
        """
        worked = self._clock.seconds(utc_seconds(start), utc_seconds(end))
        return worked if are_many(start, end) else int(worked[0])

    @overload
    def working_days_between(self, start: datetime, end: datetime) -> int: ...
    @overload
    def working_days_between(self, start: Ints, end: Instants) -> Ints: ...
    @overload
    def working_days_between(self, start: datetime, end: Ints) -> Ints: ...
    def working_days_between(self, start: Instants, end: Instants) -> int | Ints:
        """Working days strictly between two local dates: g of the score's definition.

        Returns:
            Days, 0 if `end` is not on a later local date.

        Raises:
            ValueError: A datetime is naive, or an instant lies outside 1990 to 2075.

        Source:
            score.md, 2.
        """
        days = self._clock.days_between(utc_seconds(start), utc_seconds(end))
        return days if are_many(start, end) else int(days[0])

    @overload
    def reading(self, instants: datetime) -> Readings[int]: ...
    @overload
    def reading(self, instants: Ints) -> Readings[Ints]: ...
    def reading(self, instants: Instants) -> Readings[int] | Readings[Ints]:
        """The integers that a projection keeps of instants, valid for this `version`.

        Raises:
            ValueError: A datetime is naive, or an instant lies outside 1990 to 2075.
        """
        readings = self._clock.readings(utc_seconds(instants))
        if are_many(instants):
            return readings
        return Readings(*(int(column[0]) for column in readings))

    # --- deadlines ---------------------------------------------------------------------------

    @overload
    def deadline(self, start: datetime, allowance: Allowance) -> datetime: ...
    @overload
    def deadline(self, start: Ints, allowance: Allowance) -> Ints: ...
    def deadline(self, start: Instants, allowance: Allowance) -> datetime | Ints:
        """The last instant that is still in time.

        Args:
            start: When the citizen's message was posted.
            allowance: `WorkingDays` end with the last second (23:59:59, local) of the n-th
                working day after the local date of `start`; `WorkingTime` ends at the first
                instant at which that much office time has passed.

        Returns:
            A datetime in the calendar's zone, or UTC epoch seconds for arrays.

        Raises:
            ValueError: A datetime is naive, or an instant lies outside 1990 to 2075.

        Source:
            score.md, 2: in time are exactly the instants up to this one.
        """
        due = self._clock.due(utc_seconds(start), allowance)
        return due if are_many(start) else self._datetime(int(due[0]))

    def explain(self, start: datetime, allowance: Allowance, lang: Lang = "id") -> Explanation:
        """The same deadline, each day with the reason why it counts or not.

        Raises:
            ValueError: `start` is naive, or an instant lies outside 1990 to 2075.
        """
        deadline = self.deadline(start, allowance)  # refuses what lies outside the years
        first = self._datetime(int(utc_seconds(start)[0]))
        numbers = range(ordinal(first.date()), ordinal(deadline.date()) + 1)
        days = tuple(self.day(day_of(number)) for number in numbers)
        counted = self._counted(first, deadline, numbers)
        unknown = tuple(self._unknown({day.date.year for day in days}, allowance))
        return Explanation(first, allowance, deadline, self.version, days, counted, unknown, lang)

    # --- days --------------------------------------------------------------------------------

    def day(self, day: date) -> CalendarDay:
        """What a local date is: hours, holiday, Ramadan, and the decree that changed it.

        Raises:
            ValueError: The date lies outside 1990 to 2075.
        """
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(f"{day} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
        hours = next((each for each in self.hours if each.hold(day)), _STATUTORY)
        off, ramadan = self._almanac.off(day.year).get(day), self._almanac.is_ramadan(day)
        span = hours.span(day, ramadan=ramadan)
        return CalendarDay(
            date=day,
            span=None if off and not hours.on_holidays else span,
            off=off,
            undone=self._almanac.undone(day),
            ramadan=ramadan,
        )

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on a local date."""
        return self.day(day).working

    def local_date(self, instant: datetime) -> date:
        """The date on which an instant falls in the calendar's zone."""
        return self._datetime(int(utc_seconds(instant)[0])).date()

    def working_days_in(self, year: int) -> int:
        """The number of working days of a year."""
        return sum(span is not None for span in self._spans(year))

    # --- inside ------------------------------------------------------------------------------

    def __reduce__(self) -> tuple[object, ...]:  # locks cannot be pickled, and need not
        return type(self), (self.timezone, self.hours, self.overrides)

    def _spans(self, year: int) -> list[Span | None]:
        return [
            self.day(day_of(number)).span for number in range(first_of(year), first_of(year + 1))
        ]

    def _datetime(self, utc: int) -> datetime:
        return (UNIX + timedelta(seconds=utc)).astimezone(self.zone)

    def _counted(self, start: datetime, end: datetime, numbers: range) -> tuple[int, ...]:
        """Working seconds of each day between two instants, in order of the days."""
        midnights = np.array([*numbers, numbers.stop], np.int64) * DAY - offset_of(self.zone)
        within = np.clip(midnights, utc_seconds(start), utc_seconds(end))
        return tuple(self._clock.seconds(within[:-1], within[1:]).tolist())

    def _unknown(self, years: set[int], allowance: Allowance) -> list[tuple[str, int]]:
        """What nobody can know yet of these years."""
        leave = [
            ("leave", year)
            for year in sorted(years)
            if not self._almanac.knows_collective_leave(year)
        ]
        ramadan = [
            ("ramadan", year) for year in sorted(years) if not self._almanac.knows_ramadan(year)
        ]
        return leave + (ramadan if isinstance(allowance, WorkingTime) else [])
