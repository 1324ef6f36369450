"""Until when a case should be answered and resolved, why, and who should know by now.

Pure functions of a case, a calendar and an instant: nothing is stored, so that an amended calendar
moves every open deadline at once.

Source:
    score.md, 2 (test 5: the legal answer; limits for resolving).
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import AwareDatetime

from pelayanan.cases.case import Case
from pelayanan.cases.standards import KindStandard, Standards
from pelayanan.models import Record

if TYPE_CHECKING:
    from pelayanan.calendar import WorkCalendar

__all__ = ["Deadline", "Rung", "Step", "escalation", "explain_deadline", "ladder"]


class Deadline(Record):
    """A limit of one case.

    Attributes:
        due: The last instant in time.
        calendar: Version of the calendar; an amended one gives another deadline.
        lines: Day by day why; one line for limits on the citizen's clock.
    """

    due: AwareDatetime
    calendar: str
    lines: tuple[str, ...]


class Rung(IntEnum):
    """Who should look at an unanswered case."""

    NOBODY = 0
    OFFICER = 1
    UNIT_HEAD = 2
    AGENCY_HEAD = 3
    PROVINCE = 4


class Step(NamedTuple):
    """From when on a rung should know."""

    since: datetime
    rung: Rung


_TESTS = {Rung.OFFICER: 2, Rung.UNIT_HEAD: 3, Rung.AGENCY_HEAD: 4, Rung.PROVINCE: 5}
"""The test whose end calls a rung: target, 4 hours, 1 day, the legal answer."""


def explain_deadline(
    case: Case,
    calendar: "WorkCalendar",
    standards: Standards,
    *,
    of: Literal["answer", "resolution"] = "answer",
    lang: Literal["id", "en"] = "id",
) -> Deadline:
    """Say until when, with the reason of every day that counts or does not.

    Args:
        case: Of a kind that obliges an answer. After a reopening its first clock is meant.
        calendar: Working time of the province.
        standards: Limits of the kinds.
        of: The legal answer, or the resolution.
        lang: Of the lines.

    Raises:
        ValueError: The kind obliges nobody to answer.
    """
    standard = _standard(case, standards)
    test = standards.legal_test if of == "answer" else standard.resolution_test
    due = standard.ends(test, case.opened, calendar).astimezone(calendar.zone)
    unit, size = standard.limits[test - 1]
    if unit == "g":
        from pelayanan.calendar import WorkingDays  # noqa: PLC0415  loads numpy

        lines = tuple(calendar.explain(case.opened, WorkingDays(size), lang).lines)
    else:
        hours = timedelta(seconds=size) / timedelta(hours=1)
        told = (
            "jam sejak pesan dikirim, siang dan malam",
            "hours since the message, day and night",
        )
        lines = (f"{hours:g} {told[lang == 'en']}",)
    return Deadline(due=due, calendar=calendar.version, lines=lines)


def ladder(case: Case, calendar: "WorkCalendar", standards: Standards) -> tuple[Step, ...]:
    """When each rung should know of an unanswered case, by its newest clock, the lowest first.

    An emergency climbs on the citizen's clock: minutes and hours, also at night.
    """
    standard = _standard(case, standards)
    second = timedelta(seconds=1)
    return tuple(
        Step(standard.ends(test, case.clock, calendar) + second, rung)
        for rung, test in _TESTS.items()
    )


def escalation(case: Case, calendar: "WorkCalendar", standards: Standards, now: datetime) -> Rung:
    """The highest rung that should know by now; nobody, once it is answered or has left."""
    if not case.waits:
        return Rung.NOBODY
    steps = ladder(case, calendar, standards)
    return max((step.rung for step in steps if step.since <= now), default=Rung.NOBODY)


def _standard(case: Case, standards: Standards) -> KindStandard:
    found = standards.kinds.get(case.kind)
    if found is None:
        raise ValueError(f"{case.kind.value} obliges nobody to answer: it has no deadline")
    return found
