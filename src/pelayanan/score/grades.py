"""Grades, and what holds them up or down.

Source:
    score.md, 5. Cut-offs: PermenPANRB 14/2017, annex (mutu pelayanan A from 88.31, B from 76.61, C
    from 65.00); the index stays on its own scale and is no SKM.
"""

from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from pelayanan.score.beta import cdf

__all__ = ["DECIDED", "GRADES", "Basis", "Grade", "Verdict", "grade_of", "near", "verdict"]

Grade: TypeAlias = Literal["A", "B", "C", "D"]

GRADES: tuple[Grade, ...] = ("A", "B", "C", "D")
_FROM = (88.305, 76.605, 64.995)  # half up to two decimals: 88.31, 76.61, 65.00
_CERTAIN = 1e-15
DECIDED = 10
"""Under so many decided cases there is no grade."""

_LEGAL_FLOOR, _LEGAL_CAP, _RUBRIC_CAP = 0.90, 0.65, 0.50
_AUDITED = 10


def near(number: float) -> float:
    """To 9 decimals: no binary fraction decides a grade."""
    return round(number, 9)


def grade_of(points: float) -> Grade:
    """The grade of an index on the scale to 100, without floor and caps."""
    for grade, bound in zip(GRADES, _FROM, strict=False):
        if near(points) >= bound:
            return grade
    return "D"


class Basis(NamedTuple):
    """What floor and caps look at.

    Attributes:
        legal: E[F_5], the share answered within the legal limit.
        rubric: Estimate of the rubric; `audited` answers it rests on.
        full: Profile `lengkap`.
    """

    legal: float
    rubric: float
    audited: int
    full: bool

    def bounds(self) -> list[tuple[str, Grade, bool]]:
        """Floor and caps that hold, in their order: name, grade, whether it lifts."""
        legal = near(self.legal)
        bad = self.full and self.audited >= _AUDITED and near(self.rubric) < _RUBRIC_CAP
        unread = not self.full or self.audited < _AUDITED
        rules: list[tuple[str, Grade, bool, bool]] = [
            ("floor_C", "C", True, legal >= _LEGAL_FLOOR),
            ("cap_C", "C", False, legal < _LEGAL_CAP or bad),
            ("cap_B", "B", False, unread),
        ]
        return [(name, grade, lifts) for name, grade, lifts, holds in rules if holds]


class Verdict(NamedTuple):
    """A grade with the probability of each, and what moved it."""

    grade: Grade
    probabilities: dict[str, float]
    moved_by: tuple[str, ...]


def verdict(index: float, variance: float, basis: Basis) -> Verdict:
    """Grade an index.

    Args:
        index: On the scale to 1.
        variance: Of it.
        basis: For floor and caps.
    """
    grade = grade_of(100 * index)
    masses = dict(zip(GRADES, _masses(index, variance, grade), strict=True))
    moved: list[str] = []
    for name, bound, lifts in basis.bounds():
        at = GRADES.index(bound)
        beyond = GRADES[at + 1 :] if lifts else GRADES[:at]
        masses[bound] += sum(masses[each] for each in beyond)
        masses |= dict.fromkeys(beyond, 0.0)
        if grade in beyond:
            grade = bound
            moved.append(name)
    return Verdict(grade, {str(name): mass for name, mass in masses.items()}, tuple(moved))


def _masses(index: float, variance: float, grade: Grade) -> list[float]:
    if variance <= _CERTAIN:
        return [float(each == grade) for each in GRADES]
    size = index * (1 - index) / variance - 1
    bounds = np.array(_FROM) / 100
    a, b = np.full(3, index * size), np.full(3, (1 - index) * size)
    below = [1.0, *cdf(bounds, a, b).tolist(), 0.0]
    return [above - under for above, under in pairwise(below)]
