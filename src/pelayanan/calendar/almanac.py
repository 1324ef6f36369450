"""Which days are free and which are Ramadan: published data, then what decrees changed."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from pelayanan.calendar.overrides import (
    AddHoliday,
    MoveHoliday,
    Override,
    RamadanDates,
    RemoveHoliday,
)
from pelayanan.errors import ConfigError

__all__ = ["Almanac", "DayOff"]


@dataclass(frozen=True, slots=True)
class DayOff:
    """A holiday, or cuti bersama (`collective`), and the override that made it so, if any."""

    name: str
    collective: bool = False
    by: Override | None = None


def holidays_of(year: int) -> dict[date, DayOff]:
    """Holidays and cuti bersama of one year as the `holidays` package knows them.

    Source:
        SKB 3 Menteri of each year, as amended, in `holidays` (categories public and government).
    """
    from holidays import country_holidays  # noqa: PLC0415  170 ms: only where a date is asked for

    found: dict[date, DayOff] = {}
    for category, collective in (("government", True), ("public", False)):  # public goes over
        named = country_holidays(
            "ID", years=year, categories=(category,), language="id", expand=False
        )
        found |= {day: DayOff(name, collective) for day, name in named.items()}
    return found


@cache
def shipped_ramadan() -> tuple[tuple[date, date], ...]:
    """First and last days of fasting from the data file; constant, so the cache holds no state."""
    text = files("pelayanan.calendar").joinpath("ramadan.toml").read_text(encoding="utf-8")
    return tuple((entry["first"], entry["last"]) for entry in tomllib.loads(text)["ramadan"])


class Almanac:
    """The free days of each year, loaded when first asked for.

    Two threads that ask first for the same year load the same, so that no lock is needed.

    Raises:
        ConfigError: An override removes or moves a day that is none.
    """

    def __init__(self, overrides: tuple[Override, ...]) -> None:
        self._years: dict[int, dict[date, DayOff]] = {}
        self._undone: dict[date, Override] = {}
        self._ramadan = list(shipped_ramadan())
        for entry in overrides:
            self._apply(entry)

    def off(self, year: int) -> dict[date, DayOff]:
        """Holidays and cuti bersama of a year, overrides applied."""
        if year not in self._years:
            self._years[year] = holidays_of(year)
        return self._years[year]

    def undone(self, day: date) -> Override | None:
        """The decree that took the holiday of this day away."""
        return self._undone.get(day)

    def is_ramadan(self, day: date) -> bool:
        """Whether a day is one of fasting; `False` too for years without known dates."""
        return any(first <= day <= last for first, last in self._ramadan)

    def knows_ramadan(self, year: int) -> bool:
        """Whether the dates of a year are known; those of later years are announced each year."""
        return any(year in (first.year, last.year) for first, last in self._ramadan)

    def knows_collective_leave(self, year: int) -> bool:
        """Whether cuti bersama of a year has been decreed."""
        return any(off.collective for off in self.off(year).values())

    def _apply(self, entry: Override) -> None:
        match entry:
            case AddHoliday():
                self._add(entry.day, DayOff(entry.name, entry.collective, entry))
            case RemoveHoliday():
                self._take(entry.day, entry, "remove")
            case MoveHoliday():
                moved = self._take(entry.day, entry, "move")
                self._add(entry.to, DayOff(moved.name, moved.collective, entry))
            case _:  # RamadanDates
                kept = (dates for dates in self._ramadan if not _overlap(dates, entry))
                self._ramadan = [*kept, (entry.first, entry.last)]

    def _add(self, day: date, off: DayOff) -> None:
        self.off(day.year)[day] = off
        self._undone.pop(day, None)

    def _take(self, day: date, entry: Override, verb: str) -> DayOff:
        """Take a holiday away; a day that is none is a slip, or the data already has the change."""
        off = self.off(day.year).pop(day, None)
        if off is None:
            raise ConfigError(
                f"overrides: {verb} {day} ({entry.reference}): no holiday on that day: "
                "correct the date, or delete the entry if the holiday data has it by now"
            )
        self._undone[day] = entry
        return off


def _overlap(dates: tuple[date, date], entry: RamadanDates) -> bool:
    """Whether both are the same Ramadan: announced dates differ by days, not by weeks."""
    return dates[0] <= entry.last and entry.first <= dates[1]
