"""The survey of satisfaction (SKM): read beside the index, never mixed into it.

Source:
    Peraturan Menteri PANRB 14/2017, annex: nine elements, answers from 1 to 4, equal weights,
    index times 25; classes by the conversion rounded to two decimals.
"""

import csv
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

from pelayanan.errors import ConfigError
from pelayanan.models import Record

__all__ = [
    "ELEMENTS",
    "SkmResult",
    "read_skm",
    "read_skm_by_agency",
    "skm_index",
    "skm_quality",
]

ELEMENTS = (
    "persyaratan",
    "sistem, mekanisme dan prosedur",
    "waktu penyelesaian",
    "biaya/tarif",
    "produk spesifikasi jenis pelayanan",
    "kompetensi pelaksana",
    "perilaku pelaksana",
    "penanganan pengaduan, saran dan masukan",
    "sarana dan prasarana",
)
_CENT = Decimal("0.01")
_Quality: TypeAlias = Literal["A", "B", "C", "D"]
_CUTS: tuple[tuple[Decimal, _Quality], ...] = (
    (Decimal("88.31"), "A"),
    (Decimal("76.61"), "B"),
    (Decimal("65.00"), "C"),
)


class SkmResult(Record):
    """What a survey came to.

    Attributes:
        respondents: Filled questionnaires.
        means: One mean per element (U1 to U9), 1 to 4.
        index: 25 to 100, exact weights of 1/9, rounded half up to two decimals.
        index_rounded_weights: With weights of 0.11, as many offices compute it: at most 99.
        quality: Class of `index`.
    """

    respondents: int
    means: tuple[Decimal, ...]
    index: Decimal
    index_rounded_weights: Decimal
    quality: _Quality


def skm_index(
    means: Sequence[Decimal], *, weights: Literal["exact", "rounded"] = "exact"
) -> Decimal:
    """Convert the element means of an SKM survey to the index of satisfaction.

    Args:
        means: One mean per surveyed element (`unsur`), each on the 1 to 4 answer scale.
        weights: ``"exact"`` is one over their number; ``"rounded"`` is 0.11, for nine elements.

    Returns:
        Index on a scale of 25 to 100, without unit, rounded half up to 2 decimals.

    Raises:
        ValueError: `means` is empty, a mean is outside 1 to 4, or rounded weights were asked for
            another number of elements than nine.

    Example:
        >>> skm_index([Decimal("3.20"), Decimal("3.40")])
        Decimal('82.50')
        >>> skm_index([Decimal(4)] * 9, weights="rounded")
        Decimal('99.00')
    """
    if not means or any(not 1 <= mean <= 4 for mean in means):
        raise ValueError("an SKM index needs means from 1 to 4, one per element")
    if weights == "rounded" and len(means) != len(ELEMENTS):
        raise ValueError("the weight 0.11 is for nine elements")
    each = Fraction(11, 100) if weights == "rounded" else Fraction(1, len(means))
    whole = sum((Fraction(mean) for mean in means), Fraction()) * each * 25
    exact = Decimal(whole.numerator) / Decimal(whole.denominator)
    return exact.quantize(_CENT, ROUND_HALF_UP)


def skm_quality(index: Decimal) -> _Quality:
    """The class of an index rounded to two decimals, so that there are no gaps between classes."""
    rounded = index.quantize(_CENT, ROUND_HALF_UP)
    for cut, name in _CUTS:
        if rounded >= cut:
            return name
    return "D"


def read_skm(path: Path | str, *, delimiter: str = ",") -> SkmResult:
    """Read answers: a CSV with columns ``u1`` to ``u9``, one questionnaire a row, values 1 to 4.

    Raises:
        ConfigError: A column is missing, or a row has another value; the message names the line.
    """
    return _result([answers for _, answers in _rows(Path(path), delimiter, ())])


def read_skm_by_agency(path: Path | str, *, delimiter: str = ",") -> dict[str, SkmResult]:
    """Read the answers of several agencies: the same with a column ``agency`` that has their keys.

    Raises:
        ConfigError: As `read_skm`; or a row names no agency.
    """
    found: dict[str, list[list[int]]] = {}
    for (agency,), answers in _rows(Path(path), delimiter, ("agency",)):
        found.setdefault(agency, []).append(answers)
    return {agency: _result(answers) for agency, answers in sorted(found.items())}


def _rows(
    place: Path, delimiter: str, more: Sequence[str]
) -> Iterator[tuple[list[str], list[int]]]:
    """Each questionnaire: what stands in the columns of `more`, and its nine answers."""
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=delimiter))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place} cannot be read: {type(error).__name__}") from None
    names = {(name or "").strip().lower(): name for name in (rows[0] if rows else {})}
    elements = [f"u{number}" for number in range(1, len(ELEMENTS) + 1)]
    if missing := [name for name in (*more, *elements) if name not in names]:
        raise ConfigError(f"{place}: the column {missing[0]!r} is missing")
    for line, row in enumerate(rows, 2):
        told = [(row[names[name]] or "").strip() for name in more]
        if not all(told):
            raise ConfigError(f"{place} line {line}: {more[told.index('')]} is empty")
        yield told, [_answer(place, line, name, row[names[name]]) for name in elements]


def _result(answers: Sequence[Sequence[int]]) -> SkmResult:
    means = tuple(Decimal(sum(given)) / len(answers) for given in zip(*answers, strict=True))
    index = skm_index(means)
    return SkmResult(
        respondents=len(answers),
        means=means,
        index=index,
        index_rounded_weights=skm_index(means, weights="rounded"),
        quality=skm_quality(index),
    )


def _answer(place: Path, line: int, name: str, value: str | None) -> int:
    if (value or "").strip() not in {"1", "2", "3", "4"}:
        raise ConfigError(f"{place} line {line}: {name} must be 1, 2, 3 or 4")
    return int(value or "")
