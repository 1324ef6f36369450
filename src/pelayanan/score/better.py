"""Comparing two agencies, and a grade under other weights: on request, never as a rank.

Source:
    score.md, 5.
"""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pelayanan.errors import ConfigError
from pelayanan.score.grades import GRADES, Basis, Grade, grade_of
from pelayanan.score.index import DIMENSIONS

if TYPE_CHECKING:
    from pelayanan.score.agency import AgencyScore

__all__ = ["Sensitivity", "probability_better", "sensitivity"]


def probability_better(a: "AgencyScore", b: "AgencyScore") -> float:
    """Phi of the difference over its standard deviation; both certain: 1, 1/2 or 0.

    Raises:
        ConfigError: One of them has no index, or they are of different scores.
    """
    if a.index is None or b.index is None or a.variance is None or b.variance is None:
        raise ConfigError("an agency without cases has no index to compare")
    if a.footing != b.footing:
        raise ConfigError("indices of different scores are never compared")
    spread = math.sqrt(a.variance + b.variance)
    gap = (a.index - b.index) / 100
    if not spread:
        return 0.5 if gap == 0 else float(gap > 0)
    return math.erfc(-gap / spread / math.sqrt(2)) / 2


class Sensitivity(NamedTuple):
    """Indices with each dimension at 0.8 and at 1.2 of its weight, and the grades they span."""

    indices: tuple[float, ...]
    lowest: Grade | None
    highest: Grade | None


def sensitivity(score: "AgencyScore") -> Sensitivity:
    """Eight indices, floor and caps applied to their grades.

    Raises:
        ConfigError: There is no index, or it has one dimension only.
    """
    if score.index is None or len(score.dimensions) == 1:
        raise ConfigError("sensitivity needs the profile lengkap and at least one case")
    indices = tuple(_weighted(score.index, score.dimensions))
    if score.grade is None:
        return Sensitivity(indices, None, None)
    parts = {line.name: line for line in score.lines}
    basis = Basis(score.curve[4], parts["rubric"].estimate, score.audited, full=True)
    places = [GRADES.index(_bounded(each, basis)) for each in indices]
    return Sensitivity(indices, GRADES[max(places)], GRADES[min(places)])


def _weighted(index: float, points: Mapping[str, float]) -> Iterator[float]:
    for name, weight in DIMENSIONS.items():
        for factor in (0.8, 1.2):
            changed = factor - 1
            yield (index + changed * points[name]) / (1 + changed * weight)


def _bounded(points: float, basis: Basis) -> Grade:
    grade = grade_of(points)
    for _, bound, lifts in basis.bounds():
        here, at = GRADES.index(grade), GRADES.index(bound)
        if (here > at) if lifts else (here < at):
            grade = bound
    return grade
