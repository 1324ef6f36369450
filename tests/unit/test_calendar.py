import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from pelayanan.calendar import Hours, WorkCalendar, WorkingDays, WorkingTime
from pelayanan.errors import ConfigError

CAL = WorkCalendar.indonesia()
HOUR = timedelta(hours=1)


def at(text: str, cal: WorkCalendar = CAL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=cal.zone)


@pytest.mark.parametrize(
    ("year", "days"),
    [(2021, 248), (2022, 246), (2023, 239), (2024, 238), (2025, 237), (2026, 240)],
)
def test_working_days_of_a_year_are_those_of_the_decrees(year: int, days: int) -> None:
    assert CAL.working_days_in(year) == days


@pytest.mark.parametrize(  # score.md, 2: sent Saturday 21:00, no holidays
    ("answered", "seconds", "days"),
    [
        ("2026-07-19 10:00", 0, 0),
        ("2026-07-20 07:40", 600, 0),
        ("2026-07-20 22:00", 8.5 * 3600, 0),
        ("2026-07-21 00:00", 8.5 * 3600, 1),
        ("2026-07-22 23:59:59", 3 * 8.5 * 3600, 2),
        ("2026-07-23 00:00:00", 3 * 8.5 * 3600, 3),
        ("2026-07-18 20:00", 0, 0),
        ("2026-07-10 20:00", -5 * 8.5 * 3600 - 1800, 0),  # before it was asked
    ],
)
def test_the_example_of_the_score(answered: str, seconds: float, days: int) -> None:
    sent = at("2026-07-18 21:00")
    assert CAL.working_seconds(sent, at(answered)) == seconds
    assert CAL.working_days_between(sent, at(answered)) == days


def test_working_days_end_with_the_last_second_of_the_last_one() -> None:
    due = CAL.deadline(at("2026-07-18 21:00"), WorkingDays(3))
    assert due == at("2026-07-22 23:59:59")
    assert due.tzinfo == CAL.zone


def test_day_0_is_the_day_of_receipt_even_if_it_is_a_working_day() -> None:
    assert CAL.deadline(at("2026-07-20 00:00"), WorkingDays(1)) == at("2026-07-21 23:59:59")


def test_cuti_bersama_stops_the_count() -> None:
    due = CAL.deadline(at("2026-03-16 09:00"), WorkingDays(2))
    assert due == at("2026-03-25 23:59:59")  # one working day from 17 to 24 March


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-07-20 08:00", 1, "2026-07-20 09:00"),
        ("2026-07-20 15:30", 0.5, "2026-07-20 16:00"),  # the first instant, not the next morning
        ("2026-07-20 15:30", 1, "2026-07-21 08:00"),
        ("2026-07-18 21:00", 8.5, "2026-07-20 16:00"),
        ("2026-02-19 06:00", 7, "2026-02-19 15:00"),  # Ramadan
        ("2026-02-20 06:00", 7.5, "2026-02-20 15:30"),  # its Fridays
        ("2026-12-31 15:00", 2, "2027-01-04 08:30"),  # over the years
    ],
)
def test_working_time_ends_when_it_has_passed(start: str, hours: float, due: str) -> None:
    assert CAL.deadline(at(start), WorkingTime(hours * HOUR)) == at(due)


def test_fridays_and_ramadan_have_their_own_hours() -> None:
    def worked(day: str) -> float:
        return CAL.working_seconds(at(day), at(day) + timedelta(days=1)) / 3600

    assert [worked(f"2026-07-{day}") for day in (23, 24, 25)] == [8.5, 9, 0]
    assert [worked(f"2026-03-{day:02}") for day in (5, 6, 7)] == [7, 7.5, 0]


@pytest.mark.parametrize(
    ("name", "utc"), [("WIB", "00:30"), ("WITA", "23:30"), ("Asia/Jayapura", "22:30")]
)
def test_offices_open_at_half_past_seven_local_time(name: str, utc: str) -> None:
    cal = WorkCalendar.indonesia(name)
    day = "2026-07-20" if utc == "00:30" else "2026-07-19"
    opens = datetime.fromisoformat(f"{day} {utc}+00:00")
    assert cal.working_seconds(opens - HOUR, opens + HOUR) == 3600
    assert cal.deadline(opens - HOUR, WorkingTime(timedelta(seconds=1))) == opens + timedelta(0, 1)


def test_arrays_give_what_pairs_give() -> None:
    starts = np.array([0, 10**6, 3 * 10**7]) + int(at("2024-01-01 12:00").timestamp())
    pairs = [(datetime.fromtimestamp(int(t), UTC), at("2025-06-01 09:00")) for t in starts]
    end = pairs[0][1]
    ends = np.full(3, int(end.timestamp()))
    expected = [CAL.working_seconds(*pair) for pair in pairs]
    assert CAL.working_seconds(starts, ends).tolist() == expected
    assert CAL.working_seconds(starts, end).tolist() == expected
    assert (-CAL.working_seconds(end, starts)).tolist() == expected
    gaps = [CAL.working_days_between(*pair) for pair in pairs]
    assert CAL.working_days_between(starts, end).tolist() == gaps
    due = [int(CAL.deadline(start, WorkingDays(5)).timestamp()) for start, _ in pairs]
    assert CAL.deadline(starts, WorkingDays(5)).tolist() == due


def test_no_instants_give_no_durations() -> None:
    nothing = np.array([], np.int64)
    assert CAL.working_seconds(nothing, nothing).size == 0
    assert CAL.deadline(nothing, WorkingDays(1)).size == 0


def test_durations_are_differences_of_readings() -> None:
    asked, answered = at("2026-07-17 15:00"), at("2026-07-22 08:00")
    first, last = CAL.reading(asked), CAL.reading(answered)
    assert last.working_s - first.working_s == CAL.working_seconds(asked, answered)
    assert max(0, last.days_before - first.days_through) == 2
    assert date(1970, 1, 1) + timedelta(days=first.local_day) == CAL.local_date(asked)
    column = CAL.reading(np.array([int(asked.timestamp())]))
    assert [each.tolist() for each in column] == [[number] for number in first]


def test_readings_do_not_depend_on_what_was_asked_before() -> None:
    fresh, used = WorkCalendar.indonesia(), WorkCalendar.indonesia()
    for year in (1995, 2060):
        used.reading(at(f"{year}-05-05 09:00"))
    assert fresh.reading(at("2026-07-20 09:00")) == used.reading(at("2026-07-20 09:00"))
    assert fresh.reading(at("2020-01-01 00:00")).working_s == 0


def test_fractions_of_a_second_are_dropped() -> None:
    start = at("2026-07-20 08:00")
    assert CAL.working_seconds(start, start + timedelta(microseconds=999_999)) == 0


def test_a_naive_datetime_is_refused_with_the_remedy() -> None:
    naive = datetime(2026, 7, 20, 8)  # noqa: DTZ001  the point of this test
    for use in (
        lambda: CAL.working_seconds(naive, at("2026-07-20 09:00")),
        lambda: CAL.deadline(naive, WorkingDays(1)),
        lambda: CAL.explain(naive, WorkingDays(1)),
    ):
        with pytest.raises(ValueError, match=r"naive.*tzinfo=cal\.zone"):
            use()


@pytest.mark.parametrize("seconds", [-1, 2**40])
def test_instants_that_cannot_be_meant_are_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match=r"1990 to 2075.*\(-1\)"):
        CAL.working_seconds(np.array([seconds]), at("2026-07-20 09:00"))


def test_a_deadline_after_the_known_years_is_refused() -> None:
    with pytest.raises(ValueError, match="2075"):
        CAL.deadline(at("2075-12-30 09:00"), WorkingDays(20))
    with pytest.raises(ValueError, match="2075"):
        CAL.day(date(2080, 1, 1))


def test_seconds_that_are_no_integers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"float64.*astype"):
        CAL.reading(np.array([1.5]))


@pytest.mark.parametrize("n", [0, -1])
def test_an_allowance_is_positive(n: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        WorkingDays(n)
    with pytest.raises(ValueError, match="1 or more"):
        WorkingTime(timedelta(seconds=n))


def test_an_allowance_has_whole_seconds() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        WorkingTime(timedelta(seconds=1.5))


@pytest.mark.parametrize(
    ("zone", "remedy"),
    [("Asia/Bengkulu", "unknown: use WIB"), ("../etc", "unknown"), ("Europe/Berlin", "daylight")],
)
def test_a_wrong_zone_is_refused_with_the_remedy(zone: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=remedy):
        WorkCalendar.indonesia(zone)


def test_equal_calendars_are_one_value() -> None:
    other = WorkCalendar.indonesia("WIB")
    assert (other, other.version, hash(other)) == (CAL, CAL.version, hash(CAL))
    for twin in (pickle.loads(pickle.dumps(CAL)), copy.deepcopy(CAL)):
        assert twin == CAL
        assert twin.working_days_in(2026) == 240
    assert other != WorkCalendar.indonesia("WIT")


def test_the_version_names_the_holiday_data_and_changes_with_every_cause() -> None:
    calendars = [
        CAL,
        WorkCalendar.indonesia("WITA"),
        WorkCalendar.indonesia(hours=Hours.six_days()),
        WorkCalendar.indonesia(hours=Hours.around_the_clock()),
    ]
    assert len({cal.version for cal in calendars}) == 4
    assert CAL.version.startswith("id-0.")
    assert len(CAL.version.split("+")[1]) == 8


def test_many_threads_share_one_calendar() -> None:
    shared = WorkCalendar.indonesia()
    moments = [at(f"{year}-07-20 09:00") for year in range(1991, 2070)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(shared.reading, moments))
    assert found == [CAL.reading(moment) for moment in moments]


def test_tables_of_instants_keep_their_form() -> None:
    instants = np.arange(6).reshape(2, 3) * 10**6 + int(at("2026-01-05 09:00").timestamp())
    assert CAL.deadline(instants, WorkingDays(1)).shape == (2, 3)
    assert CAL.working_seconds(instants, instants + 60).tolist()[0][0] == 60


def test_long_columns_give_what_short_ones_give() -> None:
    instants = np.arange(100_000) * 1999 + int(at("2021-01-01 00:00").timestamp())
    whole = CAL.working_seconds(instants, at("2026-01-05 09:00"))
    picked = CAL.working_seconds(instants[::9999], at("2026-01-05 09:00"))
    assert whole[::9999].tolist() == picked.tolist()


def test_readings_of_long_columns_are_those_of_each_instant() -> None:
    instants = np.arange(40_000).reshape(2, -1) * 4999 + int(at("2021-01-01 00:00").timestamp())
    columns = CAL.reading(instants)
    for row, place in ((0, 0), (0, 19_999), (1, 7)):
        one = CAL.reading(datetime.fromtimestamp(int(instants[row, place]), UTC))
        assert [int(column[row, place]) for column in columns] == list(one)


@pytest.mark.parametrize("year", range(2021, 2027))
def test_ramadan_ends_on_the_eve_of_idul_fitri(year: int) -> None:
    days = [CAL.day(date(year, 1, 1) + timedelta(days=number)) for number in range(365)]
    fasting = [number for number, day in enumerate(days) if day.ramadan]
    assert len(fasting) in (29, 30)
    feast = days[fasting[-1] + 1].off
    assert feast is not None
    assert "Hari Raya Idul Fitri" in feast.name
    assert not feast.collective
