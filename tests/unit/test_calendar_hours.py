from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from pelayanan.calendar import Hours, WorkCalendar, WorkingDays
from pelayanan.errors import ConfigError

MONDAY = date(2026, 7, 20)


def week_hours(cal: WorkCalendar, monday: date) -> float:
    start = datetime(monday.year, monday.month, monday.day, tzinfo=cal.zone)
    return cal.working_seconds(start, start + timedelta(days=7)) / 3600


def test_the_week_has_the_hours_of_the_law_and_its_breaks() -> None:
    cal = WorkCalendar.indonesia()
    assert week_hours(cal, MONDAY) == 37.5 + 4 * 1 + 1.5
    assert week_hours(cal, date(2026, 3, 2)) == 32.5 + 4 * 0.5 + 1


def test_a_six_day_week_adds_up_to_the_same() -> None:
    cal = WorkCalendar.indonesia(hours=Hours.six_days())
    assert week_hours(cal, MONDAY) == 37.5 + 5 * 1 + 1.5
    assert week_hours(cal, date(2026, 3, 2)) == 32.5 + 5 * 0.5 + 1
    assert cal.is_working_day(date(2026, 7, 25))
    assert not cal.is_working_day(date(2026, 8, 17))


def test_around_the_clock_every_second_counts() -> None:
    cal = WorkCalendar.indonesia(hours=Hours.around_the_clock())
    start = datetime(2026, 3, 18, 21, 0, 5, tzinfo=cal.zone)
    assert cal.working_seconds(start, start + timedelta(days=9)) == 9 * 86_400
    assert cal.deadline(start, WorkingDays(1)).date() == date(2026, 3, 19)
    assert "tetap buka pada libur nasional" in cal.explain(start, WorkingDays(1)).lines[1]


def test_hours_hold_from_one_day_to_another_and_the_law_elsewhere() -> None:
    week = {"mon-fri": "09:00-10:00"}
    short = Hours.of("SE 1", week, valid_from=date(2026, 7, 21), valid_to=date(2026, 7, 22))
    late = Hours.of("SE 2", week, valid_from=date(2026, 7, 24))
    cal = WorkCalendar.indonesia(hours=[late, short])
    assert week_hours(cal, MONDAY) == 8.5 + 1 + 1 + 8.5 + 1
    assert week_hours(cal, date(2026, 3, 2)) == 4 * 7 + 7.5


def test_two_hours_on_one_day_are_refused() -> None:
    first = Hours.six_days().model_copy(update={"valid_to": date(2026, 7, 1)})
    second = Hours.around_the_clock().model_copy(update={"valid_from": date(2026, 7, 1)})
    with pytest.raises(ConfigError, match=r"both hold on 2026-07-01: end the first by valid_to"):
        WorkCalendar.indonesia(hours=[second, first])


@pytest.mark.parametrize(
    ("week", "message"),
    [
        ({"mon": "7.30-16"}, "write opening and closing"),
        ({"mon": "22:00-06:00"}, "does not close after it opens"),
        ({"mon": "08:00-24:30"}, "does not close"),
        ({"senin": "08:00-15:00"}, "is no weekday"),
        ({}, "at least one open day"),
        ([None] * 3, "a week with"),
    ],
)
def test_wrong_hours_are_refused_with_the_remedy(week: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Hours(name="salah", week=week)


def test_validity_must_not_run_backwards() -> None:
    with pytest.raises(ValidationError, match="exchange them"):
        Hours(
            name="salah",
            week=Hours.statutory().week,
            valid_from=date(2026, 2, 1),
            valid_to=date(2026, 1, 1),
        )
