"""The clock against counting minutes, from the dates of the decrees and not from `holidays`."""

import random
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from pelayanan.calendar import AddHoliday, MoveHoliday, RemoveHoliday, WorkCalendar

PAIRS = 10_000
FREE = {  # libur nasional and cuti bersama that fall on Monday to Friday, by month
    2021: "1:1 2:12 3:11 4:2 5:12,13,14,26 6:1 7:20 8:11,17 10:20",
    2022: "2:1,28 3:3 4:15,29 5:2,3,4,5,6,16,26 6:1 8:17",
    2023: "1:23 3:22,23 4:7,19,20,21,24,25 5:1,18 6:1,2,28,29,30 7:19 8:17 9:28 12:25,26",
    2024: "1:1 2:8,9,14 3:11,12,29 4:8,9,10,11,12,15 5:1,9,10,23,24 6:17,18 9:16 11:27 12:25,26",
    2025: ("1:1,27,28,29 3:28,31 4:1,2,3,4,7,18 5:1,12,13,29,30 6:6,9,27 8:18 9:5 12:25,26"),
    2026: ("1:1,16 2:16,17 3:18,19,20,23,24 4:3 5:1,14,15,27,28 6:1,16 8:17,25 12:24,25"),
}
RAMADAN = [
    ("2021-04-13", "2021-05-12"), ("2022-04-03", "2022-05-01"), ("2023-03-23", "2023-04-21"),
    ("2024-03-12", "2024-04-09"), ("2025-03-01", "2025-03-30"), ("2026-02-19", "2026-03-20"),
]  # fmt: skip
DECREE: dict[str, Any] = {"reference": "SKB Contoh 1/2025", "decreed_on": date(2025, 1, 1)}
OVERRIDES = (
    MoveHoliday(day=date(2026, 8, 25), to=date(2026, 8, 26), **DECREE),
    AddHoliday(day=date(2025, 11, 26), name="Pilkada ulang", **DECREE),
    RemoveHoliday(day=date(2025, 12, 26), **DECREE),
)


def free_days(*, amended: bool) -> set[date]:
    found = {
        date(year, int(month), int(day))
        for year, text in FREE.items()
        for month, _, days in (part.partition(":") for part in text.split())
        for day in days.split(",")
    }
    if amended:
        found -= {date(2026, 8, 25), date(2025, 12, 26)}
        found |= {date(2026, 8, 26), date(2025, 11, 26)}
    return found


def open_minutes(utc_offset: int, free: set[date]) -> list[int]:
    """Every open minute of 2021 to 2026, as minutes after 1970 in UTC."""
    minutes: list[int] = []
    day = date(2021, 1, 1)
    while day.year < 2027:
        fasting = any(first <= day.isoformat() <= last for first, last in RAMADAN)
        opens, closes = ("08:00", "15:00") if fasting else ("07:30", "16:00")
        if day.weekday() == 4:
            closes = "15:30" if fasting else "16:30"
        if day.weekday() < 5 and day not in free:
            midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // 60
            minutes.extend(
                midnight + minute - utc_offset * 60
                for minute in range(24 * 60)
                if opens <= f"{minute // 60:02}:{minute % 60:02}" < closes
            )
        day += timedelta(days=1)
    return minutes


@pytest.mark.parametrize("overrides", [(), OVERRIDES], ids=["as decreed", "amended"])
@pytest.mark.parametrize(("zone", "utc_offset"), [("WIB", 7), ("WITA", 8), ("WIT", 9)])
def test_the_clock_counts_every_open_minute(zone: str, utc_offset: int, overrides: Any) -> None:
    minutes = open_minutes(utc_offset, free_days(amended=bool(overrides)))
    dice = random.Random(f"{zone} {len(overrides)}")
    lowest = int(datetime(2021, 1, 2, tzinfo=UTC).timestamp()) // 60
    highest = int(datetime(2026, 12, 30, tzinfo=UTC).timestamp()) // 60
    starts = [dice.randint(lowest, highest) for _ in range(PAIRS)]
    gaps = [dice.randrange(dice.choice([10, 600, 10_000, 500_000])) for _ in range(PAIRS)]
    ends = [
        min(max(start + dice.choice([-1, 1]) * gap, lowest), highest)
        for start, gap in zip(starts, gaps, strict=True)
    ]
    expected = [
        bisect_left(minutes, end) - bisect_left(minutes, start)
        for start, end in zip(starts, ends, strict=True)
    ]
    cal = WorkCalendar.indonesia(zone, overrides)
    found = cal.working_seconds(np.array(starts) * 60, np.array(ends) * 60)
    assert (found // 60).tolist() == expected
    assert not (found % 60).any()
