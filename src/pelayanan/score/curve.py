"""CEPAT: which share of citizens was answered by each threshold, the unanswered in it.

Source:
    score.md, 4.
"""

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.cases import Standards

__all__ = ["Curves", "Risks"]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

_STRENGTH = 2.0  # m: how many cases the others count for
_OWN = 0.9  # of the others' curve; the rest is the reference curve


@dataclass(frozen=True, slots=True)
class Risks:
    """What of n is answered, and what is no longer under observation, in bins 1 to 8.

    One row an agency, eight columns.
    """

    answered: Floats
    at_risk: Floats

    @classmethod
    def of(cls, n: Ints, answered: Ints, gone: Ints) -> Self:
        """Read them off the tally.

        Args:
            n: Cases of each agency.
            answered: d_j, eight columns.
            gone: c_j = left_early_j + censored_j, eight columns.
        """
        passed = np.cumsum(answered + gone, axis=1) - answered - gone
        return cls(answered.astype(np.float64), (n[:, None] - passed) - gone / 2)


@dataclass(frozen=True, slots=True)
class Curves:
    """Posterior of the shares answered, one row an agency.

    Attributes:
        mean: E[F_j], eight columns.
        covariance: Cov(F_i, F_j), eight by eight.
    """

    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, own: Risks, others: Risks, standards: Standards) -> Self:
        """Independent Beta hazards in closed form; no sampling."""
        before = _prior(others, np.array(standards.reference))
        previous = np.concatenate([np.ones((len(before), 1)), before[:, :-1]], axis=1)
        a = _STRENGTH * (previous - before) + own.answered
        b = _STRENGTH * before + own.at_risk - own.answered
        stays = np.cumprod(b / (a + b), axis=1)
        # E[(1-H)^2] / E[1-H]^2 = 1 + a / (b (t + 1)): no difference of almost equal numbers
        doubt = np.expm1(np.cumsum(np.log1p(a / (b * (a + b + 1))), axis=1))
        first = np.minimum.outer(np.arange(8), np.arange(8))
        covariance = stays[:, :, None] * stays[:, None, :] * doubt[:, first]
        return cls(np.subtract(1.0, stays, dtype=np.float64), covariance)

    def points(self, weights: Floats) -> Floats:
        """Expected weighted sum, on the scale of the weights."""
        mean: Floats = self.mean @ weights
        return mean

    def variance(self, weights: Floats) -> Floats:
        """Its variance, with all 64 covariances."""
        found: Floats = np.einsum("i,gij,j->g", weights, self.covariance, weights)
        return found


def _prior(others: Risks, reference: Floats) -> Floats:
    """S0_j: the curve of the others, a little of the reference in it."""
    left = 1 - reference
    before = np.concatenate([[1.0], left[:-1]])
    hazard = (others.answered + before - left) / (others.at_risk + before)
    return _OWN * np.cumprod(1 - hazard, axis=1) + (1 - _OWN) * left
