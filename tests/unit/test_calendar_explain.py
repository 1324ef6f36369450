from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pelayanan.calendar import (
    AddHoliday,
    Hours,
    MoveHoliday,
    RemoveHoliday,
    WorkCalendar,
    WorkingDays,
    WorkingTime,
)

DECREE: dict[str, Any] = {"reference": "SKB Contoh 1/2026", "decreed_on": date(2026, 7, 1)}
CAL = WorkCalendar.indonesia()
AMENDED = WorkCalendar.indonesia(
    overrides=[
        MoveHoliday(day=date(2026, 8, 25), to=date(2026, 8, 26), **DECREE),
        AddHoliday(day=date(2026, 8, 27), name="Pilkada ulang", **DECREE),
        RemoveHoliday(day=date(2026, 12, 24), **DECREE),
    ]
)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CAL.zone)  # type: ignore[misc, arg-type]  # year, month, day, hour


def test_each_day_has_its_reason() -> None:
    why = CAL.explain(datetime(2026, 6, 12, 14, tzinfo=UTC), WorkingDays(2))
    assert why.lines == (
        "Jumat, 12 Juni 2026: hari 0 (diterima); jam 07.30-16.30",
        "Sabtu, 13 Juni 2026: akhir pekan",
        "Minggu, 14 Juni 2026: akhir pekan",
        "Senin, 15 Juni 2026: hari kerja ke-1; jam 07.30-16.00",
        "Selasa, 16 Juni 2026: libur nasional: Tahun Baru Islam",
        "Rabu, 17 Juni 2026: hari kerja ke-2; jam 07.30-16.00",
    )
    assert why.deadline == CAL.deadline(why.start, WorkingDays(2))
    assert why.calendar_version == CAL.version


def test_the_whole_text_begins_with_receipt_and_ends_with_limit_and_version() -> None:
    text = str(CAL.explain(local(2026, 6, 13, 21), WorkingDays(1))).splitlines()
    assert text[0] == "Diterima: Sabtu, 13 Juni 2026 21.00.00 WIB"
    assert text[-2] == "Batas 1 hari kerja: Senin, 15 Juni 2026 23.59.59 WIB"
    assert text[-1] == f"Kalender: {CAL.version}"


def test_ramadan_hours_and_counted_time_are_shown_in_english() -> None:
    why = CAL.explain(local(2026, 3, 17, 14), WorkingTime(timedelta(hours=2)), lang="en")
    assert why.lines[0] == (
        "Tuesday, 17 March 2026: working day; Ramadan hours 08:00-15:00; 1 h counted"
    )
    assert why.lines[1] == (
        "Wednesday, 18 March 2026: collective leave (cuti bersama): Cuti Bersama Hari Suci Nyepi"
    )
    assert why.lines[4].startswith("Saturday, 21 March 2026: weekend; public holiday: ")
    assert why.lines[-1].endswith("working day; hours 07:30-16:00; 1 h counted")
    assert sum(why.counted_s) == 2 * 3600
    assert "Limit of 2 h of office time: Wednesday, 25 March 2026 08:30:00 WIB" in str(why)


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "id",
            [
                (
                    "Selasa, 25 Agustus 2026: hari kerja ke-1; liburnya dipindah ke 26 Agustus "
                    "2026 dengan SKB Contoh 1/2026, ditetapkan 1 Juli 2026; jam 07.30-16.00"
                ),
                (
                    "Rabu, 26 Agustus 2026: libur nasional: Maulid Nabi Muhammad (dipindah dari "
                    "25 Agustus 2026 dengan SKB Contoh 1/2026, ditetapkan 1 Juli 2026)"
                ),
                (
                    "Kamis, 27 Agustus 2026: libur nasional: Pilkada ulang (ditambahkan dengan "
                    "SKB Contoh 1/2026, ditetapkan 1 Juli 2026)"
                ),
            ],
        ),
        (
            "en",
            [
                (
                    "Tuesday, 25 August 2026: working day 1; its holiday moved to 26 August 2026 "
                    "by SKB Contoh 1/2026, decreed 1 July 2026; hours 07:30-16:00"
                ),
                (
                    "Wednesday, 26 August 2026: public holiday: Maulid Nabi Muhammad (moved from "
                    "25 August 2026 by SKB Contoh 1/2026, decreed 1 July 2026)"
                ),
                (
                    "Thursday, 27 August 2026: public holiday: Pilkada ulang (added by "
                    "SKB Contoh 1/2026, decreed 1 July 2026)"
                ),
            ],
        ),
    ],
)
def test_an_override_is_named_with_its_decree(lang: str, lines: list[str]) -> None:
    why = AMENDED.explain(local(2026, 8, 24, 9), WorkingDays(2), lang=lang)  # type: ignore[arg-type]
    assert list(why.lines[1:4]) == lines


def test_a_cancelled_holiday_is_named_with_its_decree() -> None:
    why = AMENDED.explain(local(2026, 12, 23, 9), WorkingDays(1))
    assert "liburnya dibatalkan dengan SKB Contoh 1/2026" in why.lines[1]


def test_what_is_not_decreed_yet_is_said() -> None:
    days = CAL.explain(local(2029, 3, 5, 9), WorkingDays(1))
    assert days.notes == ("Cuti bersama 2029 tidak ada dalam data: mungkin belum ditetapkan.",)
    time = CAL.explain(local(2029, 3, 5, 9), WorkingTime(timedelta(seconds=61)))
    assert time.notes[1] == "Tanggal Ramadan 2029 tidak diketahui: dipakai jam kerja biasa."
    assert "1 menit 1 detik" in str(time)
    assert CAL.explain(local(2026, 3, 5, 9), WorkingTime(timedelta(hours=1))).notes == ()


def test_a_weekday_on_which_an_office_is_closed_is_told_apart_from_a_weekend() -> None:
    cal = WorkCalendar.indonesia(hours=Hours.of("Loket", {"mon-thu": "08:00-12:00"}))
    why = cal.explain(local(2026, 7, 23, 9), WorkingDays(1))
    assert [line.split(": ")[1] for line in why.lines[1:3]] == ["kantor tutup", "akhir pekan"]
