"""When an office is open: weekly hours, Ramadan hours, and from when to when they hold."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, model_validator

from pelayanan.errors import ConfigError
from pelayanan.models.record import Record

__all__ = ["Hours", "Span", "Week"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-3])[:.]([0-5]\d)-([01]\d|2[0-4])[:.]([0-5]\d)")
_REMEDY = 'write opening and closing such as "07:30-16:00" (24 hours: "00:00-24:00")'

Span: TypeAlias = tuple[int, int]
"""Opening and closing in seconds after local midnight."""

Week: TypeAlias = tuple[Span | None, ...]
"""Monday to Sunday; `None` is a closed day."""


def _span(text: str) -> Span:
    """Read ``"07:30-16:00"``. A shift over midnight is no office day, so it is refused."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text[:20]!r} are no hours: {_REMEDY}")
    hours = [int(part) for part in found.groups()]
    opens, closes = hours[0] * 3600 + hours[1] * 60, hours[2] * 3600 + hours[3] * 60
    if not opens < closes <= 24 * 3600:
        raise ValueError(f"{text!r} does not close after it opens on the same day: {_REMEDY}")
    return opens, closes


def _days(names: str) -> range:
    """The weekdays that ``"fri"`` or ``"mon-thu"`` names."""
    first, _, last = names.lower().partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise ValueError(f'{names[:20]!r} is no weekday: write {", ".join(DAYS)} or "mon-thu"')
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _week(given: Any) -> Any:
    """Let people write ``{"mon-thu": "07:30-16:00", "fri": "07:30-16:30"}``."""
    if not isinstance(given, Mapping):
        return given
    week: list[Span | None] = [None] * 7
    for names, text in given.items():  # pyright: ignore[reportUnknownVariableType]  # checked here
        for day in _days(str(names)):  # pyright: ignore[reportUnknownArgumentType]
            week[day] = _span(str(text))  # pyright: ignore[reportUnknownArgumentType]
    return tuple(week)


class Hours(Record):
    """Office hours of a week, in local time. Breaks are not subtracted (score.md, 2).

    Attributes:
        week: A mapping such as ``{"mon-thu": "07:30-16:00"}``; days that are missing are closed.
        ramadan: The same for Ramadan; `None` means that nothing changes.
        on_holidays: Open on holidays and cuti bersama too, which are working days then.
        valid_from: First day on which these hours hold; `None` is always.
        valid_to: Last day on which they hold.
        source: The decision that sets them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    week: Annotated[Week, BeforeValidator(_week)]
    ramadan: Annotated[Week | None, BeforeValidator(_week)] = None
    on_holidays: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""

    @model_validator(mode="after")
    def _is_a_week(self) -> Self:
        for week in (self.week, self.ramadan or self.week):
            if len(week) != len(DAYS) or not any(week):
                raise ValueError("hours need a week with at least one open day")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from: exchange them")
        return self

    def hold(self, day: date) -> bool:
        """Whether these hours hold on a day."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def span(self, day: date, *, ramadan: bool) -> Span | None:
        """Opening and closing on a day that is no holiday, `None` if it is closed."""
        week = self.ramadan if ramadan and self.ramadan else self.week
        return week[day.weekday()]

    @classmethod
    def of(
        cls,
        name: str,
        week: Mapping[str, str],
        ramadan: Mapping[str, str] | None = None,
        *,
        valid_from: date | None = None,
        valid_to: date | None = None,
        source: str = "",
    ) -> Self:
        """Hours as an agency decides them.

        Example:
            >>> Hours.of("RSUD", {"mon-sat": "07:00-21:00"}).span(date(2026, 7, 25), ramadan=False)
            (25200, 75600)
        """
        return cls(
            name=name,
            week=_week(week),
            ramadan=_week(ramadan),
            valid_from=valid_from,
            valid_to=valid_to,
            source=source,
        )

    @classmethod
    def statutory(cls) -> Self:
        """The five-day week of the government, 37.5 hours, in Ramadan 32.5.

        Source:
            Perpres 21/2023, articles 3 and 4. It sets days, opening, sums and breaks; closing is
            the only even split that adds up.
        """
        return cls.of(
            "Perpres 21/2023",
            {"mon-thu": "07:30-16:00", "fri": "07:30-16:30"},
            {"mon-thu": "08:00-15:00", "fri": "08:00-15:30"},
            source="Perpres 21/2023 Pasal 3, 4",
        )

    @classmethod
    def six_days(cls) -> Self:
        """A six-day week with the sums, opening and breaks of Perpres 21/2023 split evenly.

        Source:
            Derived: 6 x 6 h 15 min and 6 x 5 h 25 min, with breaks of article 4. Article 13
            leaves the real hours to the agency's head: give them as `Hours` where they are known.
        """
        return cls.of(
            "enam hari kerja",
            {"mon-thu": "07:30-14:45", "fri": "07:30-15:15", "sat": "07:30-14:45"},
            {"mon-thu": "08:00-13:55", "fri": "08:00-14:25", "sat": "08:00-13:55"},
            source="Perpres 21/2023 Pasal 4, 13",
        )

    @classmethod
    def around_the_clock(cls) -> Self:
        """A unit that never closes, such as an emergency ward: every day is a working day."""
        return cls(name="24 jam", week=_week({"mon-sun": "00:00-24:00"}), on_holidays=True)


def in_order(hours: tuple[Hours, ...]) -> tuple[Hours, ...]:
    """Hours by the day from which they hold; raises `ConfigError` where two hold on one day."""
    ordered = tuple(sorted(hours, key=lambda each: each.valid_from or date.min))
    for early, late in pairwise(ordered):
        if (early.valid_to or date.max) >= (late.valid_from or date.min):
            message = f"hours {early.name!r} and {late.name!r} both hold on {late.valid_from}"
            raise ConfigError(f"{message}: end the first by valid_to")
    return ordered
