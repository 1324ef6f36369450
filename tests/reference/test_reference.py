"""The plain reading holds to the examples and figures that the page and the law give."""

from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import pytest

from reference.bins import UTILITY, WEIGHTS, bin_of
from reference.counting import bucket_of, lowest_minute
from reference.curves import curve
from reference.days import Office, base_calendar, office_of, seconds_of
from reference.expecting import expected
from reference.scenes_scores import scenes
from reference.scoring import Score, hundredths, score

WORKING_DAYS = {2021: 248, 2022: 246, 2023: 239, 2024: 238, 2025: 237, 2026: 240}
NOBODY: Counter[Any] = Counter()


def office(year: int = 2026, zone: str = "Asia/Jakarta") -> Office:
    return office_of({"timezone": zone, **base_calendar(range(year, year + 1))})


def one(own: dict[str, int], profile: str = "dasar") -> Score:
    made = score(Counter(own), NOBODY, profile)
    assert made is not None
    return made


@pytest.mark.parametrize(("year", "days"), list(WORKING_DAYS.items()))
def test_a_year_has_the_working_days_of_the_decrees(year: int, days: int) -> None:
    found = office(year)
    first = date(year, 1, 1).toordinal()
    every = [date.fromordinal(first + n) for n in range(366)]
    assert sum(found.working(day) for day in every if day.year == year) == days


@pytest.mark.parametrize(
    ("answered", "bin_"),
    [
        ("12T10:00", 1),
        ("13T07:40", 1),
        ("13T22:00", 4),
        ("14T00:00", 5),
        ("15T23:59:59", 5),
        ("16T00:00:00", 6),
    ],
)
def test_the_example_of_saturday_night(answered: str, bin_: int) -> None:
    opened = seconds_of("2026-07-11T21:00+07:00")
    x = seconds_of(f"2026-07-{answered}+07:00")
    assert bin_of(office(), "pengaduan", opened, x) == bin_


def test_office_seconds_are_what_counting_every_minute_gives() -> None:
    found = office()
    start, end = seconds_of("2026-02-13T12:00+07:00"), seconds_of("2026-03-27T12:00+07:00")

    def open_at(second: int) -> bool:
        hours = found.hours(found.local_date(second))
        return hours is not None and hours[0] <= second < hours[1]

    counted = 60 * sum(open_at(second) for second in range(start, end, 60))
    assert found.office_seconds(start, end) == counted


def test_weights_are_the_steps_between_utilities() -> None:
    steps = [a - b for a, b in zip(UTILITY, [*UTILITY[1:], Fraction(0)], strict=True)]
    assert steps == list(WEIGHTS)
    assert sum(WEIGHTS) == 1


@pytest.mark.parametrize(("bin_", "index"), list(enumerate([100, 92, 84, 77, 65, 40, 20, 5, 0], 1)))
def test_with_very_many_cases_the_index_is_the_utility(bin_: int, index: int) -> None:
    n = 10**9
    assert float(one({"n": n, f"answered_{bin_}": n}).index) == pytest.approx(index, abs=1e-6)


def test_the_closed_form_moments_are_those_of_the_sum_over_two_places() -> None:
    found = curve(Counter(n=9, answered_1=4, answered_3=2, censored_2=3), NOBODY)
    for i, j in product(range(8), repeat=2):
        assert found.covariance[i][j] == found.covariance[j][i]
        assert found.covariance[i][j] ** 2 <= found.covariance[i][i] * found.covariance[j][j]
    assert found.mean == sorted(found.mean)


def test_without_others_and_cases_the_curve_is_the_reference() -> None:
    found = curve(Counter(n=1, censored_1=1), NOBODY)
    far = curve(Counter(n=10**12, censored_1=10**12), NOBODY)
    assert float(found.mean[7]) == pytest.approx(0.6, abs=0.15)
    assert float(far.mean[0]) == pytest.approx(0, abs=1e-9)


def test_more_answers_never_lower_the_index() -> None:
    before = {"n": 30, "answered_2": 10, "censored_8": 20}
    indices = [one({**before, "answered_8": k, "censored_8": 20 - k}).index for k in range(21)]
    assert indices == sorted(indices)


def test_printed_hundredths_add_up_to_the_printed_index() -> None:
    for a, b, c in product((0, 3, 7, 19), repeat=3):
        own = {"n": a + b + c + 1, "answered_1": a, "answered_4": b, "left_late": c + 1}
        made = one(own, "lengkap")
        printed = round(float(made.index), 2)
        assert sum(hundredths(made.lines, made.index)) == pytest.approx(100 * printed, abs=1e-6)


def test_buckets_follow_each_other_and_begin_where_they_say() -> None:
    buckets = [bucket_of(minute) for minute in range(5000)]
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(buckets))
    assert [lowest_minute(b) for b in (0, 63, 64, 95, 96, 97)] == [0, 63, 64, 126, 128, 132]


@pytest.mark.parametrize("scene", list(scenes())[:40], ids=lambda scene: scene["name"])
def test_masses_and_lines_of_every_score_add_up(scene: dict[str, Any]) -> None:
    found = expected(scene)
    if "refused" in found:
        return
    for made in [*found["scores"]["agencies"].values(), found["scores"]["province"]]:
        if made["index"] is None:
            continue
        assert made["low"] <= made["index"] <= made["high"]
        assert sum(made["dimensions"].values()) == pytest.approx(made["index"], abs=1e-9)
        if made["grade_probabilities"]:
            assert sum(made["grade_probabilities"].values()) == pytest.approx(1, abs=1e-9)
            assert made["grade_probabilities"][made["grade"]] > 0
        lines = made.get("lines")
        if lines:
            assert sum(line["points"] for line in lines) == pytest.approx(made["index"], abs=1e-9)
            assert sum(line["weight"] for line in lines) == pytest.approx(1, abs=1e-12)
