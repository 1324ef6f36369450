"""Days of the office, walked one by one.

Source:
    Perpres 21/2023 Pasal 3 and 4 (hours); SKB 3 Menteri of each year as amended (holidays,
    cuti bersama); sidang isbat (Ramadan).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

HOLIDAYS = {
    2021: "01/01 12/02 11/03 14/03 02/04 01/05 13/05 14/05 26/05 01/06 20/07 11/08 17/08 20/10"
    " 25/12",
    2022: "01/01 01/02 28/02 03/03 15/04 01/05 02/05 03/05 16/05 26/05 01/06 10/07 30/07 17/08"
    " 08/10 25/12",
    2023: "01/01 22/01 18/02 22/03 07/04 22/04 23/04 01/05 18/05 01/06 04/06 29/06 19/07 17/08"
    " 28/09 25/12",
    2024: "01/01 08/02 10/02 14/02 11/03 29/03 31/03 10/04 11/04 01/05 09/05 23/05 01/06 17/06"
    " 07/07 17/08 16/09 27/11 25/12",
    2025: "01/01 27/01 29/01 29/03 31/03 01/04 18/04 20/04 01/05 12/05 29/05 01/06 06/06 27/06"
    " 17/08 05/09 25/12",
    2026: "01/01 16/01 17/02 19/03 21/03 22/03 03/04 05/04 01/05 14/05 27/05 31/05 01/06 16/06"
    " 17/08 25/08 25/12",
}
COLLECTIVE_LEAVE = {
    2021: "12/05",
    2022: "29/04 04/05 05/05 06/05",
    2023: "23/01 23/03 19/04 20/04 21/04 24/04 25/04 02/06 28/06 30/06 26/12",
    2024: "09/02 12/03 08/04 09/04 12/04 15/04 10/05 24/05 18/06 26/12",
    2025: "28/01 28/03 02/04 03/04 04/04 07/04 13/05 30/05 09/06 18/08 26/12",
    2026: "16/02 18/03 20/03 23/03 24/03 15/05 28/05 24/12",
}
RAMADAN = {
    2021: ("13/04", "12/05"),
    2022: ("03/04", "01/05"),
    2023: ("23/03", "21/04"),
    2024: ("12/03", "09/04"),
    2025: ("01/03", "30/03"),
    2026: ("19/02", "20/03"),
}
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def seconds_of(text: str) -> int:
    """Whole UTC seconds of an ISO instant, rounded down."""
    return (datetime.fromisoformat(text) - EPOCH) // SECOND


def dates(year: int, table: str) -> list[date]:
    """Days written as ``31/12 ...`` in `year`."""
    return [date(year, int(day[3:]), int(day[:2])) for day in table.split()]


@dataclass
class Office:
    """When the offices of one province and time zone are open."""

    zone: ZoneInfo
    off: set[date]
    ramadan: list[tuple[date, date]]
    _hours: dict[date, tuple[int, int] | None] = field(default_factory=dict)

    def local_date(self, second: int) -> date:
        return (EPOCH + second * SECOND).astimezone(self.zone).date()

    def working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.off

    def hours(self, day: date) -> tuple[int, int] | None:
        """First and last second of the office on `day`, None where it is closed."""
        if day not in self._hours:
            self._hours[day] = self._look_up(day)
        return self._hours[day]

    def _look_up(self, day: date) -> tuple[int, int] | None:
        if not self.working(day):
            return None
        friday = day.weekday() == 4
        if any(first <= day <= last for first, last in self.ramadan):
            opens, closes = time(8), time(15, 30) if friday else time(15)
        else:
            opens, closes = time(7, 30), time(16, 30) if friday else time(16)
        return self._at(day, opens), self._at(day, closes)

    def _at(self, day: date, clock: time) -> int:
        return (datetime.combine(day, clock, self.zone) - EPOCH) // SECOND

    def office_seconds(self, start: int, end: int) -> int:
        """Open seconds from `start` to `end`; negative where `end` lies before."""
        if end < start:
            return -self.office_seconds(end, start)
        total = 0
        day = self.local_date(start)
        while day <= self.local_date(end):
            hours = self.hours(day)
            if hours:
                total += max(0, min(end, hours[1]) - max(start, hours[0]))
            day += DAY
        return total

    def between(self, start: int, end: int) -> set[date]:
        """The working days strictly between the local dates of two instants."""
        found = set()
        day, last = self.local_date(start) + DAY, self.local_date(end)
        while day < last:
            if self.working(day):
                found.add(day)
            day += DAY
        return found

    def nth_working_day(self, start: int, count: int) -> date:
        """The `count`-th working day after the local date of `start`."""
        day = self.local_date(start)
        while count:
            day += DAY
            count -= self.working(day)
        return day


def base_calendar(years: range) -> dict[str, Any]:
    """The table above as a vector writes it."""
    leave = {y: dates(y, COLLECTIVE_LEAVE[y]) for y in years}
    holidays = {y: dates(y, HOLIDAYS[y]) for y in years}
    fasting = [[dates(y, d)[0].isoformat() for d in RAMADAN[y]] for y in years]
    return {
        "holidays": [d.isoformat() for y in years for d in holidays[y]],
        "collective_leave": [d.isoformat() for y in years for d in leave[y]],
        "ramadan": fasting,
    }


def office_of(calendar: dict[str, Any]) -> Office:
    """The office of a vector's calendar, its overrides applied in the order of their decrees."""
    off = {date.fromisoformat(d) for d in calendar["holidays"] + calendar["collective_leave"]}
    changes = calendar.get("overrides", {})
    decrees = [(entry["decreed_on"], kind, entry) for kind in changes for entry in changes[kind]]
    fasting = [tuple(pair) for pair in calendar["ramadan"]]
    for _, kind, entry in sorted(decrees, key=lambda decree: decree[0]):
        if kind == "ramadan":
            fasting = [pair for pair in fasting if pair[0][:4] != entry["first"][:4]]
            fasting.append((entry["first"], entry["last"]))
        if kind in {"remove", "move"}:
            off.discard(date.fromisoformat(entry["day"]))
        if kind in {"add", "move"}:
            off.add(date.fromisoformat(entry["to" if kind == "move" else "day"]))
    ramadan = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in fasting]
    return Office(ZoneInfo(calendar["timezone"]), off, ramadan)
