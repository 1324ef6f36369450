"""The index of both profiles: from counts to points and their variance.

Source:
    score.md, 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.cases import Standards
from pelayanan.score.beta import quantile
from pelayanan.score.curve import Curves, Risks

__all__ = ["COUNTED", "DIMENSIONS", "PARTS", "Index", "Part", "Profile", "interval"]

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = Mapping[str, int]
Ints: TypeAlias = npt.NDArray[np.int64]
_Columns: TypeAlias = dict[str, Ints]
Profile: TypeAlias = Literal["dasar", "lengkap"]

DIMENSIONS = {"CEPAT": 0.35, "OPTIMAL": 0.25, "TEPAT": 0.25, "EFISIEN": 0.15}
_STRENGTH = 2.0
_ITEMS = 8  # of the rubric, for one answer
_CERTAIN = 1e-15  # a variance below it is none


class Part(NamedTuple):
    """A part of `lengkap`. What is `earned` counts only as far as citizens were answered."""

    name: str
    dimension: str
    weight: float
    earned: bool = False


PARTS = (
    Part("in_time", "OPTIMAL", 0.125),
    Part("durable", "OPTIMAL", 0.075),
    Part("coverage", "OPTIMAL", 0.05),
    Part("rubric", "TEPAT", 0.15, earned=True),
    Part("promises", "TEPAT", 0.05, earned=True),
    Part("right_agency", "TEPAT", 0.05, earned=True),
    Part("one_contact", "EFISIEN", 0.09),
    Part("not_held_back", "EFISIEN", 0.06, earned=True),
)
_BINS = range(1, 9)
COUNTED = (
    *(f"answered_{number}" for number in range(1, 10)),
    *(f"{name}_{number}" for name in ("left_early", "censored") for number in _BINS),
    *("n", "resolution_due", "resolved_in_time", "solved_first_contact"),
    *("promises_due", "promises_kept", "handed_over", "handed_wrong", "handed_slow"),
    *("audited_answers", "audited_ok", "polls_due", "polls_done"),
)
"""What an index is made of."""

_ESTIMATED = tuple(part.name for part in PARTS if part.name not in {"in_time", "coverage"})
_EARNED = [part for part in PARTS if part.earned]


@dataclass(frozen=True, slots=True)
class Shares:
    """k of n for each estimated part (columns), one row an agency."""

    k: Floats
    n: Floats

    @classmethod
    def of(cls, columns: "_Columns") -> Self:
        parts = _shares(columns)
        k, n = (
            np.stack([parts[name][side] for name in _ESTIMATED], axis=1).astype(np.float64)
            for side in (0, 1)
        )
        return cls(k, n)


def _shares(counts: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Of each estimated part k and n: numbers of one agency, or columns of many."""

    def got(name: str) -> Any:
        return counts.get(name, 0)

    acted = sum(got(f"answered_{number}") for number in range(1, 10)) + got("handed_over")
    due = got("resolution_due")
    return {
        "durable": (got("resolved_in_time"), due),
        "rubric": (got("audited_ok") / _ITEMS, got("audited_answers")),
        "promises": (got("promises_kept"), got("promises_due")),
        "right_agency": (acted - got("handed_wrong"), acted),
        "one_contact": (got("solved_first_contact"), due),
        "not_held_back": (acted - got("handed_slow"), acted),
    }


@dataclass(frozen=True, slots=True)
class Index:
    """Indices of agencies in one score, one row each.

    Attributes:
        curves: CEPAT, the posterior of the shares answered.
        shares: k and n of the estimated parts.
        mean: Estimates of those parts, `spread` their variances.
        coverage: polls_done of polls_due, exact.
        index: Points on the scale to 1; `variance` of it.
    """

    profile: Profile
    weights: Floats
    curves: Curves
    shares: Shares
    mean: Floats
    spread: Floats
    coverage: Floats
    index: Floats
    variance: Floats

    @classmethod
    def of(
        cls,
        counts: Ints,
        standards: Standards,
        profile: Profile,
        *,
        others: Ints,
    ) -> Self:
        """Score agencies.

        Args:
            counts: A row an agency, summed over its kinds, channels and periods; `COUNTED` are the
                columns.
            standards: Weights and reference curve.
            profile: What the index is made of.
            others: For each agency the sum over all others, 0 where there are none.
        """
        own, around = (dict(zip(COUNTED, each.T, strict=True)) for each in (counts, others))
        shares = Shares.of(own)
        weights = np.array(standards.weights)
        curves = Curves.of(_risks(own), _risks(around), standards)
        mean, spread = _posterior(shares, Shares.of(around))
        due = own["polls_due"]
        coverage = np.where(due, own["polls_done"] / np.maximum(due, 1), 0.0)
        bare = cls(profile, weights, curves, shares, mean, spread, coverage, mean[:, 0], mean[:, 0])
        index, variance = bare.simple() if profile == "dasar" else bare.full()
        return cls(profile, weights, curves, shares, mean, spread, coverage, index, variance)

    def simple(self) -> tuple[Floats, Floats]:
        """`dasar`: the curve alone."""
        return self.curves.points(self.weights), self.curves.variance(self.weights)

    def full(self) -> tuple[Floats, Floats]:
        """`lengkap`: L + F_5 Q, and what stands beside it."""
        speed = 0.35 * self.weights
        speed[_LEGAL] += PARTS[0].weight
        by_speed, var_speed = self.curves.points(speed), self.curves.variance(speed)
        legal, var_legal = self.curves.mean[:, _LEGAL], self.curves.covariance[:, _LEGAL, _LEGAL]
        shared = self.curves.covariance[:, _LEGAL, :] @ speed
        columns = [_ESTIMATED.index(part.name) for part in _EARNED]
        weights = np.array([part.weight for part in _EARNED])
        quality = self.mean[:, columns] @ weights
        var_quality = self.spread[:, columns] @ weights**2
        index = by_speed + legal * quality + self.weight_of("coverage") * self.coverage
        doubt = var_speed + 2 * quality * shared
        doubt += (var_legal + legal**2) * (var_quality + quality**2) - legal**2 * quality**2
        deviation = np.sqrt(doubt)
        for name in ("durable", "one_contact"):
            column = _ESTIMATED.index(name)
            index = index + self.weight_of(name) * self.mean[:, column]
            deviation += self.weight_of(name) * np.sqrt(self.spread[:, column])
        return index, deviation**2

    @staticmethod
    def weight_of(name: str) -> float:
        """Of a part, on the scale to 1."""
        return next(part.weight for part in PARTS if part.name == name)

    def part(self, name: str) -> tuple[Floats, Floats]:
        """Estimate and variance of a part, one value an agency."""
        if name == "in_time":
            return self.curves.mean[:, _LEGAL], self.curves.covariance[:, _LEGAL, _LEGAL]
        if name == "coverage":
            return self.coverage, np.zeros_like(self.coverage)
        column = _ESTIMATED.index(name)
        return self.mean[:, column], self.spread[:, column]

    def seen(self, name: str, counts: Counts) -> tuple[float, float]:
        """How often, and of how many, as it was counted."""
        if name == "in_time":
            return sum(counts.get(f"answered_{j}", 0) for j in range(1, 6)), counts.get("n", 0)
        if name == "coverage":
            return counts.get("polls_done", 0), counts.get("polls_due", 0)
        return _shares(counts)[name]

    def dimensions(self) -> dict[str, Floats]:
        """Points of each dimension, on the scale to 100."""
        if self.profile == "dasar":
            return {"CEPAT": 100 * self.index}
        legal = self.curves.mean[:, _LEGAL]
        found = {"CEPAT": 35 * self.curves.points(self.weights)}
        for part in PARTS:
            estimate, _ = self.part(part.name)
            points = 100 * part.weight * estimate * (legal if part.earned else 1.0)
            found[part.dimension] = found.get(part.dimension, 0.0) + points
        return found


_LEGAL = 4  # column of test 5, the legal answer


def interval(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """The 90 % interval of each line, on the scale to 100: quantiles of the matching Beta."""
    ends = 100 * np.stack([mean, mean])
    doubtful = variance > _CERTAIN
    mu = mean[doubtful]
    size = mu * (1 - mu) / variance[doubtful] - 1
    p = np.repeat((0.05, 0.95), len(mu))
    found = quantile(p, np.tile(mu * size, 2), np.tile((1 - mu) * size, 2))
    ends[:, doubtful] = 100 * found.reshape(2, -1)
    return ends[0], ends[1]


def _posterior(own: Shares, around: Shares) -> tuple[Floats, Floats]:
    before = 0.9 * (around.k + 0.5) / (around.n + 1) + 0.1 * 0.5
    a = own.k + _STRENGTH * before
    b = own.n - own.k + _STRENGTH * (1 - before)
    size = a + b
    return a / size, a * b / (size * size * (size + 1))


def _risks(columns: _Columns) -> Risks:
    def table(*names: str) -> npt.NDArray[np.int64]:
        return np.stack([sum(columns[f"{name}_{j}"] for name in names) for j in _BINS], axis=1)

    return Risks.of(columns["n"], table("answered"), table("left_early", "censored"))
