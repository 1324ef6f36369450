"""Working time between pairs of instants: ours over columns, the peers pair by pair.

All three count the same hours (Monday to Friday, 07:30 to 16:00) and the same holidays, and agree.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from measure import Pair, Row, at_least, in_turns

from pelayanan.calendar import Hours, WorkCalendar

MANY, FEW = 1_000_000, 200
_START = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
_DAY = 86_400
_OPENS, _CLOSES = time(7, 30), time(16)


def rows() -> Iterable[Row]:
    """Both peers, on the first of the same pairs, for answers and for what stays open long."""
    week = {"mon-fri": "07:30-16:00"}
    calendar = WorkCalendar.indonesia(hours=Hours(name="contoh", week=week, ramadan=week))
    draw = np.random.default_rng(7)
    start = _START + draw.integers(0, 180 * _DAY, MANY)
    answers = draw.lognormal(np.log(2 * _DAY), 1.2, MANY).astype(np.int64)
    yield from _beside("an answer after 2 days (median)", calendar, start, start + answers)
    waits = draw.integers(0, 84 * _DAY, MANY)  # 60 working days are the last threshold
    yield from _beside("a case of up to 84 days", calendar, start, start + waits)


def _beside(what: str, calendar: WorkCalendar, start: Any, end: Any) -> Iterable[Row]:
    holidays = _holidays(calendar)
    ours = calendar.working_seconds(start, end)
    locals_ = [_local(calendar, instants[:FEW]) for instants in (start, end)]
    pairs = list(zip(*locals_, strict=True))
    for name, peer, least in (
        ("business-duration", _business_duration, 5_000),
        ("businesstimedelta", _businesstimedelta, 100_000),
    ):
        assert np.array_equal(peer(pairs, holidays), ours[:FEW]), f"{name} counts otherwise"
        found = in_turns(
            lambda: calendar.working_seconds(start, end),
            lambda peer=peer: peer(pairs, holidays),
            turns=5,
        )
        each = Pair([t / MANY for t in found.ours], [t / FEW for t in found.peer])
        yield at_least(f"working seconds, {what}", name, each, least)


def _local(calendar: WorkCalendar, instants: Any) -> list[datetime]:
    zone = calendar.zone
    return [datetime.fromtimestamp(each, zone).replace(tzinfo=None) for each in instants.tolist()]


def _holidays(calendar: WorkCalendar) -> list[date]:
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(730))
    return [day for day in days if day.weekday() < 5 and not calendar.is_working_day(day)]


def _business_duration(pairs: list[tuple[datetime, datetime]], holidays: list[date]) -> Any:
    from business_duration import businessDuration  # noqa: PLC0415  one peer at a time

    return [
        round(businessDuration(*pair, _OPENS, _CLOSES, holidaylist=holidays, unit="sec"))
        for pair in pairs
    ]


def _businesstimedelta(pairs: list[tuple[datetime, datetime]], holidays: list[date]) -> Any:
    import businesstimedelta as peer  # noqa: PLC0415
    import holidays as known  # noqa: PLC0415
    import pytz  # noqa: PLC0415

    zone = pytz.timezone("Asia/Jakarta")
    days = peer.WorkDayRule(_OPENS, _CLOSES, [0, 1, 2, 3, 4], tz=zone)
    # as its manual does it: with an object of the package holidays
    named = known.country_holidays("ID", years=(2026, 2027), categories=("public", "government"))
    assert set(holidays) <= set(named)
    rules = peer.Rules([days, peer.HolidayRule(named, tz=zone)])
    told = []
    for pair in pairs:
        start, end = (zone.localize(each) for each in pair)
        found = rules.difference(start, end)
        told.append(found.hours * 3600 + found.seconds)
    return told
