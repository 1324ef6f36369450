"""Why a deadline falls where it falls: day by day, for an official to check on paper."""

from dataclasses import dataclass
from datetime import datetime

from pelayanan.calendar.day import CalendarDay
from pelayanan.calendar.durations import WorkingDays, WorkingTime
from pelayanan.calendar.overrides import AddHoliday, MoveHoliday, Override
from pelayanan.calendar.words import WORDS, Lang, amount, hours, instant, long_date, short_date

__all__ = ["Explanation", "Lang"]

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Explanation:
    """A deadline and its reasons. ``str()`` of it is the whole text.

    Attributes:
        deadline: The last instant in time, in the calendar's zone.
        days: Each day from that of receipt to that of the deadline.
        counted_s: Working seconds that each of these days adds up to the deadline.
        unknown: What is not decreed yet: pairs of ``"leave"`` or ``"ramadan"`` and a year.
        lang: Language of the text, ``"id"`` or ``"en"``.
    """

    start: datetime
    allowance: WorkingDays | WorkingTime
    deadline: datetime
    calendar_version: str
    days: tuple[CalendarDay, ...]
    counted_s: tuple[int, ...]
    unknown: tuple[tuple[str, int], ...]
    lang: Lang

    @property
    def lines(self) -> tuple[str, ...]:
        """One line a day: its date, whether it counts, and why."""
        lines: list[str] = []
        number = 0
        for index, (day, counted_s) in enumerate(zip(self.days, self.counted_s, strict=True)):
            number += day.working and index > 0
            parts = [*self._place(day, index, number), *_reasons(day, self.lang)]
            if isinstance(self.allowance, WorkingTime) and day.working:
                told = amount(counted_s, self.lang)
                parts.append(WORDS[self.lang]["counted"].format(time=told))
            lines.append(f"{long_date(day.date, self.lang)}: {'; '.join(parts)}")
        return tuple(lines)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not known yet and may move this deadline."""
        words = WORDS[self.lang]
        return tuple(words[f"no {what}"].format(year=year) for what, year in self.unknown)

    def __str__(self) -> str:
        words, at = WORDS[self.lang], instant(self.deadline, self.lang)
        if isinstance(self.allowance, WorkingDays):
            limit = words["days"].format(n=self.allowance.n, at=at)
        else:
            limit = words["time"].format(time=amount(self.allowance.seconds, self.lang), at=at)
        start = words["start"].format(at=instant(self.start, self.lang))
        last = words["version"].format(version=self.calendar_version)
        return "\n".join([start, *self.lines, limit, *self.notes, last])

    def _place(self, day: CalendarDay, index: int, number: int) -> list[str]:
        """Its place in the count: day 0, the n-th working day, or none."""
        words = WORDS[self.lang]
        if isinstance(self.allowance, WorkingTime):
            return [words["working"]] if day.working else []
        if index == 0:
            return [words["received"]]
        return [words["nth"].format(n=number)] if day.working else []


def _reasons(day: CalendarDay, lang: Lang) -> list[str]:
    words = WORDS[lang]
    found: list[str] = []
    if day.span is None and day.date.weekday() >= _SATURDAY:
        found.append(words["weekend"])
    if day.off is not None:
        kind = "collective" if day.off.collective else "public"
        off = words[kind].format(name=day.off.name) + _decree(day.off.by, lang)
        found.append(words["open"].format(off=off) if day.working else off)
    if not day.working and not found:
        found.append(words["closed"])
    if day.undone is not None:
        found.append(_undone(day.undone, lang))
    if day.span is not None:
        name = "ramadan" if day.ramadan else "hours"
        found.append(words[name].format(hours=hours(day.span, lang)))
    return found


def _decree(entry: Override | None, lang: Lang) -> str:
    """How a holiday came to this day, in brackets; nothing if it was published so."""
    words = WORDS[lang]
    if isinstance(entry, AddHoliday):
        return f" ({words['added'].format(decree=_named(entry, lang))})"
    if isinstance(entry, MoveHoliday):
        day = short_date(entry.day, lang)
        return f" ({words['moved here'].format(day=day, decree=_named(entry, lang))})"
    return ""


def _undone(entry: Override, lang: Lang) -> str:
    words, decree = WORDS[lang], _named(entry, lang)
    if isinstance(entry, MoveHoliday):
        return words["moved away"].format(day=short_date(entry.to, lang), decree=decree)
    return words["removed"].format(decree=decree)


def _named(entry: Override, lang: Lang) -> str:
    day = short_date(entry.decreed_on, lang)
    return WORDS[lang]["decree"].format(reference=entry.reference, day=day)
