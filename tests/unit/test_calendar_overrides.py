from datetime import date, datetime
from pathlib import Path

import pytest

from pelayanan.calendar import (
    AddHoliday,
    MoveHoliday,
    Override,
    RamadanDates,
    RemoveHoliday,
    WorkCalendar,
    WorkingDays,
)
from pelayanan.errors import ConfigError

REFERENCE, DECREED = "SKB Contoh 1/2026", date(2026, 7, 1)
MAULID = date(2026, 8, 25)
TOML = """
[[move]]
day = 2026-08-25
to = 2026-08-26
reference = "SKB Contoh 1/2026"
decreed_on = 2026-07-01
"""
JSON = """{"move": [{"day": "2026-08-25", "to": "2026-08-26",
"reference": "SKB Contoh 1/2026", "decreed_on": "2026-07-01"}]}"""


def move(to: date, decreed_on: date = DECREED, day: date = MAULID) -> MoveHoliday:
    return MoveHoliday(day=day, to=to, reference=REFERENCE, decreed_on=decreed_on)


def remove(day: date, decreed_on: date = DECREED) -> RemoveHoliday:
    return RemoveHoliday(day=day, reference=REFERENCE, decreed_on=decreed_on)


def add(day: date, decreed_on: date = DECREED) -> AddHoliday:
    return AddHoliday(day=day, name="PSU", reference=REFERENCE, decreed_on=decreed_on)


def calendar(*entries: Override) -> WorkCalendar:
    return WorkCalendar.indonesia(overrides=entries)


def test_file_and_objects_make_the_same_calendar(tmp_path: Path) -> None:
    for name, text in (("a.toml", TOML), ("a.json", JSON), ("b.JSON", "\ufeff" + JSON)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert WorkCalendar.indonesia(overrides=path) == calendar(move(date(2026, 8, 26)))
        assert (
            WorkCalendar.indonesia(overrides=str(path)).version != WorkCalendar.indonesia().version
        )


def test_a_mapping_is_read_as_a_file_is() -> None:
    entry = {"day": MAULID, "to": "2026-08-26", "reference": REFERENCE, "decreed_on": DECREED}
    assert WorkCalendar.indonesia(overrides={"move": [entry]}) == calendar(move(date(2026, 8, 26)))


def test_a_moved_holiday_moves_the_open_deadline() -> None:
    cal = calendar(move(date(2026, 8, 26)))
    start = datetime(2026, 8, 24, 9, tzinfo=cal.zone)
    before = WorkCalendar.indonesia().deadline(start, WorkingDays(1)).date()
    assert (before, cal.deadline(start, WorkingDays(1)).date()) == (date(2026, 8, 26), MAULID)
    assert cal.working_days_in(2026) == 240


def test_added_and_removed_days_change_the_year() -> None:
    assert calendar(add(date(2026, 11, 25))).working_days_in(2026) == 239
    assert calendar(remove(date(2026, 12, 24))).working_days_in(2026) == 241
    assert calendar(add(date(2026, 8, 17))).working_days_in(2026) == 240  # a holiday already


def test_a_holiday_moves_into_another_year() -> None:
    cal = calendar(move(date(2027, 1, 4), day=date(2026, 12, 24)))
    assert cal.day(date(2027, 1, 4)).off is not None
    assert cal.working_days_in(2026) == 241


def test_the_later_decree_goes_over_the_earlier_one() -> None:
    later = date(2026, 7, 20)
    cal = calendar(move(date(2026, 8, 28), later, day=date(2026, 8, 26)), move(date(2026, 8, 26)))
    off = [day for day in range(24, 29) if not cal.is_working_day(date(2026, 8, day))]
    assert off == [28]
    back = calendar(remove(MAULID), add(MAULID, later))
    assert back.day(MAULID).undone is None


def test_ramadan_of_a_later_year_can_be_given() -> None:
    fasting = RamadanDates(
        first=date(2027, 2, 8), last=date(2027, 3, 9), reference=REFERENCE, decreed_on=DECREED
    )
    assert not WorkCalendar.indonesia().day(date(2027, 2, 10)).ramadan
    day = calendar(fasting).day(date(2027, 2, 10))
    assert (day.ramadan, day.span) == (True, (8 * 3600, 15 * 3600))


def test_ramadan_can_be_corrected() -> None:
    fasting = RamadanDates(
        first=date(2026, 2, 18), last=date(2026, 3, 18), reference=REFERENCE, decreed_on=DECREED
    )
    cal = calendar(fasting)
    assert [cal.day(date(2026, 3, day)).ramadan for day in (18, 19)] == [True, False]


@pytest.mark.parametrize("entry", [remove(date(2026, 8, 24)), move(MAULID, day=date(2026, 8, 24))])
def test_a_day_that_is_no_holiday_cannot_be_taken_away(entry: Override) -> None:
    with pytest.raises(ConfigError, match=r"2026-08-24 \(SKB Contoh 1/2026\).*correct the date"):
        calendar(entry)


def test_one_decree_says_one_thing_about_a_day() -> None:
    with pytest.raises(ConfigError, match=r"2026-08-25 has two entries.*keep the one that holds"):
        calendar(move(date(2026, 8, 26)), remove(MAULID))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('reference = "SKB Contoh 1/2026"\n', "", "entry 1: reference is missing: add reference ="),
        ('"SKB Contoh 1/2026"', '" "', "reference is missing"),
        ("decreed_on = 2026-07-01", "", "add decreed_on = 2026-08-25"),
        ("to = 2026-08-26", 'to = "26 Agustus"', "to is no date: write it as 2026-08-25"),
        ("to = 2026-08-26", "to = 8", "to is no date"),
        ("to = 2026-08-26", "to = 3026-08-26", "to must lie in 1990 to 2075: correct the year"),
        ("to =", "ke =", "to is missing"),
        ("[[move]]", "[[move]]\nnama = 1", "'nama' is unknown: use reference, decreed_on, day, to"),
        ("[[move]]", "[[pindah]]", "'pindah' is unknown: use add, remove, move, ramadan"),
        ("[[move]]", "[move]", "move must be a list: write"),
        ("[[move]]", "[[move]", "is no valid TOML.*line 2"),
        ("[[move]]", "move = [1]\n[[add]]", r"\[\[move\]\] entry 1: Input should be"),
    ],
)
def test_a_wrong_file_is_refused_naming_file_entry_and_remedy(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "libur.toml"
    path.write_text(TOML.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        WorkCalendar.indonesia(overrides=path)
    assert "libur.toml" in str(caught.value)


def test_ramadan_of_a_wrong_length_is_refused() -> None:
    entry = {"first": "2027-02-08", "last": "2027-04-09"}
    entry |= {"reference": REFERENCE, "decreed_on": "2026-07-01"}
    with pytest.raises(ConfigError, match="entry 1: Ramadan has 29 or 30 days"):
        WorkCalendar.indonesia(overrides={"ramadan": [entry]})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("tiada.toml", None, "cannot be read.*give its path"),
        ("libur.csv", "", "name the override file .toml or .json"),
        ("libur.json", "[]", "must hold add, remove, move, ramadan"),
        ("libur.json", "{", "is no valid JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_remedy(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        WorkCalendar.indonesia(overrides=path)
