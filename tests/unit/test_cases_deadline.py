"""Deadlines of a case with their reasons, and who should know by when."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from pelayanan.calendar import MoveHoliday, WorkCalendar
from pelayanan.cases import Case, Standards
from pelayanan.cases.deadline import Rung, escalation, explain_deadline, ladder
from pelayanan.models import Author, Kind

CALENDAR = WorkCalendar.indonesia("WIB")
STANDARDS = Standards.load()
OPENED = datetime(2026, 6, 12, 21, 0, tzinfo=CALENDAR.zone)  # Friday; Tuesday is a holiday


def case(**fields: Any) -> Case:
    base: dict[str, Any] = {
        "id": "dinsos-1",
        "agency": "dinsos",
        "account": "dinsos-bsky",
        "platform": "bluesky",
        "author": Author(id="w", handle="warga_contoh"),
        "opened": OPENED,
    }
    return Case(**(base | fields))


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, second, tzinfo=CALENDAR.zone)


def test_the_legal_answer_is_due_three_working_days_later() -> None:
    found = explain_deadline(case(), CALENDAR, STANDARDS)
    assert found.due == at(18, 23, 59, 59)
    assert any("Tahun Baru Islam" in line for line in found.lines)
    assert found.calendar == CALENDAR.version


def test_a_resolution_has_the_limit_of_its_kind() -> None:
    days = {
        kind: explain_deadline(case(kind=kind), CALENDAR, STANDARDS, of="resolution").due.date()
        for kind in (Kind.INFORMASI, Kind.PENGADUAN)
    }
    assert str(days[Kind.INFORMASI]) == "2026-06-22"
    assert str(days[Kind.PENGADUAN]) == "2026-07-03"


def test_a_decree_that_moves_a_holiday_moves_the_deadline() -> None:
    moved = MoveHoliday.model_validate(
        {
            "day": "2026-06-16",
            "to": "2026-06-19",
            "reference": "SKB contoh",
            "decreed_on": "2026-06-01",
        }
    )
    amended = WorkCalendar.indonesia("WIB", [moved])
    found = explain_deadline(case(), amended, STANDARDS, lang="en")
    assert found.due == at(17, 23, 59, 59)
    assert found.calendar != CALENDAR.version
    assert any("SKB contoh" in line for line in found.lines)


def test_an_emergency_runs_day_and_night() -> None:
    found = explain_deadline(case(kind=Kind.DARURAT), CALENDAR, STANDARDS)
    assert found.due == OPENED + timedelta(hours=24)
    assert found.lines == ("24 jam sejak pesan dikirim, siang dan malam",)


def test_praise_has_no_deadline() -> None:
    with pytest.raises(ValueError, match="no deadline"):
        explain_deadline(case(kind=Kind.APRESIASI), CALENDAR, STANDARDS)


def test_the_ladder_climbs_with_the_office_hours() -> None:
    steps = ladder(case(), CALENDAR, STANDARDS)
    assert [step.rung for step in steps] == [
        Rung.OFFICER,
        Rung.UNIT_HEAD,
        Rung.AGENCY_HEAD,
        Rung.PROVINCE,
    ]
    assert [step.since for step in steps] == [
        at(15, 8, 30, 1),  # an office hour after Monday 07:30
        at(15, 11, 30, 1),
        at(16),
        at(19),
    ]


@pytest.mark.parametrize(
    ("now", "rung"),
    [
        (at(15, 8, 30), Rung.NOBODY),
        (at(15, 8, 30, 1), Rung.OFFICER),
        (at(18, 23, 59, 59), Rung.AGENCY_HEAD),
        (at(19), Rung.PROVINCE),
    ],
)
def test_who_should_know_is_a_function_of_time(now: datetime, rung: Rung) -> None:
    assert escalation(case(), CALENDAR, STANDARDS, now) is rung


def test_nobody_is_called_once_it_is_answered_has_left_or_does_not_count() -> None:
    for done in (
        case(answered=at(15)),
        case(left=at(15), left_how="withdrawn"),
        case(excluded="internal"),
        case(kind=Kind.SPAM),
    ):
        assert escalation(done, CALENDAR, STANDARDS, at(30)) is Rung.NOBODY
