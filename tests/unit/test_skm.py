from decimal import Decimal
from pathlib import Path

import pytest

from pelayanan.errors import ConfigError
from pelayanan.score.skm import read_skm, read_skm_by_agency, skm_index, skm_quality

HEAD = ",".join(f"u{number}" for number in range(1, 10))


def test_full_marks_are_100_with_exact_weights_and_99_with_rounded_ones() -> None:
    assert skm_index([Decimal(4)] * 9) == Decimal("100.00")
    assert skm_index([Decimal(4)] * 9, weights="rounded") == Decimal("99.00")


@pytest.mark.parametrize(
    ("index", "quality"),
    [
        ("88.31", "A"),
        ("88.305", "A"),
        ("88.304", "B"),
        ("76.61", "B"),
        ("76.60", "C"),
        ("65.00", "C"),
        ("64.99", "D"),
        ("25", "D"),
    ],
)
def test_the_class_is_that_of_the_rounded_index(index: str, quality: str) -> None:
    assert skm_quality(Decimal(index)) == quality


@pytest.mark.parametrize("means", [[], [Decimal("0.9")], [Decimal("4.1")]])
def test_means_outside_the_scale_are_refused(means: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="from 1 to 4"):
        skm_index(means)


def test_rounded_weights_are_for_nine_elements() -> None:
    with pytest.raises(ValueError, match="nine"):
        skm_index([Decimal(3)], weights="rounded")


def test_a_survey_is_read_from_its_questionnaires(tmp_path: Path) -> None:
    place = tmp_path / "skm.csv"
    place.write_text(f"\ufeff{HEAD}\n" + ",".join("3" * 9) + "\n" + ",".join("4" * 9) + "\n")
    found = read_skm(place)
    assert (found.respondents, found.index, found.quality) == (2, Decimal("87.50"), "B")
    assert found.index_rounded_weights == Decimal("86.63")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("u1,u2\n3,4\n", "'u3' is missing"),
        (f"{HEAD}\n3,3,3,3,3,3,3,3,5\n", "line 2: u9"),
        (f"{HEAD}\n3,3,3,3,3,3,3,3\n", "line 2: u9"),
        ("", "'u1' is missing"),
    ],
)
def test_bad_questionnaires_are_named(tmp_path: Path, text: str, told: str) -> None:
    place = tmp_path / "skm.csv"
    place.write_text(text)
    with pytest.raises(ConfigError, match=told):
        read_skm(place)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_skm(tmp_path / "tidak-ada.csv")


def test_each_agency_of_a_file_has_its_survey(tmp_path: Path) -> None:
    place = tmp_path / "skm.csv"
    rows = [f"dinsos,{','.join('3' * 9)}", f"dinkes,{','.join('4' * 9)}"]
    place.write_text("\n".join([f"Agency,{HEAD}", *rows, rows[1], ""]))
    found = read_skm_by_agency(place)
    assert [(key, one.respondents, one.quality) for key, one in found.items()] == [
        ("dinkes", 2, "A"),
        ("dinsos", 1, "C"),
    ]


def test_a_questionnaire_of_no_agency_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "skm.csv"
    place.write_text(f"agency,{HEAD}\n ,{','.join('3' * 9)}\n")
    with pytest.raises(ConfigError, match="line 2: agency is empty"):
        read_skm_by_agency(place)
