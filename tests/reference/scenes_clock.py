"""Scenes about clocks: weekends, holidays, Ramadan, zones, last seconds, amended calendars."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from reference.writing import Piece, answer, case, closed, opened, vector

JULY = "2026-07-31 12:00"  # no holiday falls into July 2026


def pairs(prefix: str, begin: str, ends: list[str], **rest: str) -> list[Piece]:
    """One case for each end, all opened at `begin`."""
    made = enumerate(ends, 1)
    return [case(f"{prefix}{i}", opened(begin), answer(end), **rest) for i, end in made]


def scenes() -> Iterator[Piece]:
    yield from _weeks()
    yield from _holidays()
    yield from _zones()
    yield from _edges()
    yield from _amended()


def _weeks() -> Iterator[Piece]:
    saturday = ["07-12 10:00", "07-13 07:40", "07-13 22:00", "07-14 09:00", "07-15 23:59:59"]
    saturday += ["07-16 00:00"]
    yield vector(
        "saturday-night",
        "Sent Saturday 21:00: Sunday and Monday 07:40 are bin 1, Monday 22:00 is 4, Tuesday and"
        " Wednesday to the last second 5, Thursday 00:00:00 is 6.",
        JULY,
        cases=pairs("k", "2026-07-11 21:00", [f"2026-{at}" for at in saturday]),
    )
    yield vector(
        "weekend",
        "Friday afternoon to Monday morning: only office seconds count for tests 1 to 3.",
        JULY,
        cases=[
            *pairs("fri", "2026-07-10 16:20", ["2026-07-13 07:35", "2026-07-13 07:35:01"]),
            *pairs("late", "2026-07-10 19:00", ["2026-07-12 23:59:59", "2026-07-13 08:30"]),
            *pairs("sun", "2026-07-12 00:00", ["2026-07-13 11:30", "2026-07-13 11:30:01"]),
        ],
    )
    bounds = ["08:45", "08:45:01", "09:30", "09:30:01", "12:30", "12:30:01"]
    yield vector(
        "office-second-bounds",
        "15 minutes, 1 hour and 4 hours of office time, each inclusive to the second.",
        JULY,
        cases=pairs("k", "2026-07-08 08:30", [f"2026-07-08 {at}" for at in bounds]),
    )
    nights = ["2026-07-08 06:00", "2026-07-08 07:44:59", "2026-07-08 07:45:01"]
    yield vector(
        "outside-office-hours",
        "Before 07:30 and after 16:00 no office second passes; the break at noon is not taken off.",
        JULY,
        cases=[
            *pairs("night", "2026-07-07 16:00", nights),
            *pairs("noon", "2026-07-08 11:30", ["2026-07-08 12:30", "2026-07-08 12:30:01"]),
            *pairs("friday", "2026-07-10 12:29:59", ["2026-07-10 16:30", "2026-07-10 23:00"]),
        ],
    )
    days = ["2026-07-07 23:59:59", "2026-07-08 00:00", "2026-07-09 23:59:59", "2026-07-10 00:00"]
    days += ["2026-07-13 23:59:59", "2026-07-14 00:00", "2026-07-24 23:59:59", "2026-07-25 00:00"]
    days += ["2026-07-26 12:00", "2026-07-27 00:00"]
    yield vector(
        "last-second-of-a-day",
        "n days end with the last second of the n-th working day after the day of receipt.",
        "2026-08-01 00:00",
        cases=pairs("k", "2026-07-06 07:30", days, kind="aspirasi"),
    )
    far = ["2026-09-30 23:59:59", "2026-10-01 00:00"]
    yield vector(
        "sixty-working-days",
        "Test 8 ends with the last second of the 60th working day, holidays of August left out.",
        "2026-10-31 12:00",
        cases=pairs("k", "2026-07-06 09:00", far, kind="pengaduan_pengawasan"),
    )


def _holidays() -> Iterator[Piece]:
    ends = ["2026-06-15 23:59:59", "2026-06-17 07:40", "2026-06-17 23:59:59", "2026-06-18 00:00"]
    yield vector(
        "holiday-in-the-week",
        "16 June 2026 is Tahun Baru Islam: neither an office hour nor a working day.",
        "2026-06-30 12:00",
        cases=[
            *pairs("k", "2026-06-12 15:00", ends),
            *pairs("eve", "2026-06-15 15:55", ["2026-06-16 12:00", "2026-06-17 07:40"]),
        ],
    )
    eid = ["2026-03-21 10:00", "2026-03-25 07:40", "2026-03-25 23:59:59", "2026-03-26 00:00"]
    eid += ["2026-03-27 23:59:59", "2026-03-30 00:00"]
    yield vector(
        "cuti-bersama",
        "Nyepi and Idul Fitri 2026: 18 to 24 March are closed by holidays and cuti bersama, so"
        " Wednesday 25 March is the first working day after Tuesday 17 March.",
        "2026-03-31 12:00",
        cases=pairs("k", "2026-03-17 14:55", eid),
    )
    yield vector(
        "cuti-bersama-between",
        "15 May, 28 May and 24 December 2026 are cuti bersama beside a holiday.",
        "2026-12-31 12:00",
        cases=[
            *pairs("may", "2026-05-13 15:00", ["2026-05-18 08:30", "2026-05-19 00:00"]),
            *pairs("haji", "2026-05-26 15:00", ["2026-05-29 23:59:59", "2026-06-03 00:00"]),
            *pairs("natal", "2026-12-23 15:30", ["2026-12-28 07:45", "2026-12-29 00:00"]),
        ],
    )
    yield vector(
        "ramadan",
        "In Ramadan offices are open 08:00-15:00, Friday 08:00-15:30.",
        "2026-03-16 12:00",
        cases=[
            *pairs("thu", "2026-02-26 14:50", ["2026-02-27 08:05", "2026-02-27 08:05:01"]),
            *pairs("fri", "2026-02-27 14:31", ["2026-02-27 15:31", "2026-03-02 08:01:01"]),
            *pairs("day", "2026-03-04 07:00", ["2026-03-04 12:00", "2026-03-04 12:00:01"]),
            *pairs("eve", "2026-03-04 15:00", ["2026-03-05 08:15", "2026-03-05 08:15:01"]),
        ],
    )
    yield vector(
        "ramadan-begins",
        "Wednesday 18 February 2026 has normal hours, Thursday 19 February those of Ramadan.",
        "2026-02-27 12:00",
        cases=[
            *pairs("wed", "2026-02-18 15:30", ["2026-02-18 15:45", "2026-02-19 08:30"]),
            *pairs("thu", "2026-02-19 07:30", ["2026-02-19 08:15", "2026-02-19 15:45"]),
        ],
    )
    months = [
        [f"{y}-{m:02}-01 00:00", f"{y + m // 12}-{m % 12 + 1:02}-01 00:00"]
        for y in range(2021, 2027)
        for m in range(1, 13)
    ]
    whole = [[f"{y - 1}-12-31 12:00", f"{y + 1}-01-01 12:00"] for y in range(2022, 2026)]
    yield vector(
        "six-years",
        "Office seconds of each month from 2021 to 2026 and the working days of whole years: every"
        " holiday, cuti bersama and Ramadan in the table shows.",
        "2026-12-31 12:00",
        years=(2021, 2026),
        ask={"readings": months[:-1] + whole},
    )
    yield vector(
        "earlier-years",
        "Elections of 2024, Idul Fitri of 2021 to 2025, the cuti bersama added on 18 August 2025.",
        "2025-12-31 12:00",
        years=(2021, 2025),
        cases=[
            *pairs("y21-", "2021-05-11 14:55", ["2021-05-17 08:05", "2021-05-18 00:00"]),
            *pairs("y22-", "2022-04-28 14:55", ["2022-05-09 07:35", "2022-05-12 00:00"]),
            *pairs("y23-", "2023-04-18 14:55", ["2023-04-26 07:35", "2023-04-29 00:00"]),
            *pairs("y24-", "2024-02-13 15:30", ["2024-02-15 07:45", "2024-02-17 00:00"]),
            *pairs("y24b-", "2024-11-26 15:30", ["2024-11-28 07:45", "2024-12-03 00:00"]),
            *pairs("y25-", "2025-08-15 16:00", ["2025-08-19 07:45", "2025-08-20 00:00"]),
        ],
    )


def _zones() -> Iterator[Piece]:
    cases = [
        case(
            "evening",
            opened("2026-06-30T15:30:00+00:00"),
            answer("2026-07-01T00:40:00+00:00"),
        ),
        case("noon", opened("2026-07-01T03:00:00+00:00"), answer("2026-07-01T08:30:00+00:00")),
        case("midnight", opened("2026-07-01T04:00:00+00:00"), answer("2026-07-03T15:30:00+00:00")),
        case("week", opened("2026-07-02T16:30:00+00:00"), answer("2026-07-07T16:30:00+00:00")),
    ]
    zones = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}
    for name, zone in zones.items():
        yield vector(
            f"zone-{name}",
            f"The same instants in {name.upper()}: other dates, office hours and periods.",
            "2026-07-20T00:00:00+00:00",
            timezone=zone,
            cases=cases,
        )


def _edges() -> Iterator[Piece]:
    yield vector(
        "published-hours-ignored",
        "An agency publishes Monday to Friday 09:00-12:00. Shorter hours do not stop a clock.",
        JULY,
        published_hours={"dinsos": {"mon-fri": "09:00-12:00"}},
        cases=pairs("k", "2026-07-08 12:00", ["2026-07-08 13:00", "2026-07-09 09:10"]),
    )
    yield vector(
        "rounded-down",
        "Instants are whole seconds, rounded down, before anything is measured.",
        "2026-07-31 12:00:00.900",
        cases=[
            case("k1", opened("2026-07-08 08:30:00.999"), answer("2026-07-08 08:45:00.001")),
            case("k2", opened("2026-07-08 08:30:00.000"), answer("2026-07-08 08:45:00.999")),
            case("k3", opened("2026-07-08 08:30:00"), answer("2026-07-31 12:00:00.950")),
            case("k4", opened("2026-07-31 12:00:00.999")),
        ],
    )
    waits = [300, 301, 900, 901, 3600, 3601, 14400, 14401, 86400, 86401, 259200, 259201]
    waits += [1209600, 1209601, 5184000, 5184001]
    yield vector(
        "darurat-clock",
        "Emergencies run on the citizen's time, nights and Sundays included.",
        "2026-12-31 12:00",
        cases=[
            case(f"e{wait}", opened("2026-07-11 21:00"), answer(_after(wait)), kind="darurat")
            for wait in waits
        ]
        + [case("open", opened("2026-12-31 07:00"), kind="darurat")],
    )
    yield vector(
        "answered-before-opened",
        "An answer before the message (clocks of platforms differ) is bin 1 and flagged skew.",
        JULY,
        cases=[
            *pairs("k", "2026-07-08 09:00", ["2026-07-08 08:59:30", "2026-07-08 09:00"]),
            case("old", opened("2026-07-08 09:00"), answer("2026-07-03 09:00")),
            case("d", opened("2026-07-08 09:00"), answer("2026-07-08 08:00"), kind="darurat"),
            case(
                "closed",
                opened("2026-07-08 09:00"),
                answer("2026-07-08 08:00"),
                closed("2026-07-08 08:30"),
            ),
        ],
    )
    yield vector(
        "at-and-after-as-of",
        "What happens at as_of exists, what happens a second later does not.",
        "2026-07-08 10:00",
        cases=[
            *pairs("k", "2026-07-08 09:00", ["2026-07-08 10:00", "2026-07-08 10:00:01"]),
            case("at", opened("2026-07-08 10:00")),
            case("later", opened("2026-07-08 10:00:01")),
            case("seen", opened("2026-07-06 09:00", captured="2026-07-08 09:59")),
        ],
    )


def _amended() -> Iterator[Piece]:
    move = {
        "day": "2026-08-25",
        "to": "2026-08-26",
        "reference": "SKB contoh 1/2026",
        "decreed_on": "2026-07-01",
    }
    add = {
        "day": "2026-11-25",
        "name": "Pemungutan suara ulang",
        "reference": "Keputusan contoh 7/2026",
        "decreed_on": "2026-11-02",
    }
    remove = {
        "day": "2026-12-24",
        "reference": "SKB contoh 2/2026",
        "decreed_on": "2026-11-20",
    }
    cases = [
        *pairs("maulid", "2026-08-24 15:55", ["2026-08-25 08:15", "2026-08-26 08:00"]),
        *pairs("maulid-late", "2026-08-24 09:00", ["2026-08-27 23:59:59", "2026-08-28 00:00"]),
        *pairs("vote", "2026-11-24 15:50", ["2026-11-26 07:35", "2026-11-27 23:59:59"]),
        *pairs("natal", "2026-12-23 15:55", ["2026-12-24 07:40", "2026-12-28 23:59:59"]),
    ]
    end = "2026-12-31 12:00"
    yield vector("calendar-as-it-was", "The calendar before any amendment.", end, cases=cases)
    yield vector(
        "calendar-amended",
        "A holiday moved, one added, one removed by decree (invented): the same cases, other bins.",
        end,
        overrides={"move": [move], "add": [add], "remove": [remove]},
        cases=cases,
    )
    again = {"day": "2026-08-26", "reference": "SKB contoh 3/2026", "decreed_on": "2026-08-01"}
    yield vector(
        "calendar-amended-twice",
        "A later decree takes back the moved holiday: 26 August is a working day after all.",
        end,
        overrides={"move": [move], "remove": [again]},
        cases=cases,
    )
    fasting = {
        "first": "2026-02-18",
        "last": "2026-03-19",
        "reference": "Sidang isbat contoh",
        "decreed_on": "2026-02-17",
    }
    yield vector(
        "ramadan-amended",
        "Ramadan begins a day earlier than announced: Wednesday 18 February closes at 15:00.",
        "2026-02-27 12:00",
        overrides={"ramadan": [fasting]},
        cases=pairs("k", "2026-02-18 14:50", ["2026-02-18 15:30", "2026-02-19 08:06"]),
    )


def _after(seconds: int) -> str:
    """So many seconds after Saturday 11 July 2026, 21:00."""
    return (datetime.fromisoformat("2026-07-11 21:00") + timedelta(seconds=seconds)).isoformat(" ")
