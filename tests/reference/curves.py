"""Section 4: the curve of answers with the unanswered in it, in exact fractions."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from reference.bins import F_REF

M = 2  # strength of the prior
TESTS = range(8)  # test j of the page is place j - 1 here
R = [Fraction(1)] + [1 - f for f in F_REF]


@dataclass
class Curve:
    """Means and covariances of F_1 .. F_8."""

    mean: list[Fraction]
    covariance: list[list[Fraction]]

    def weighted(self, weights: list[Fraction]) -> Fraction:
        return sum((w * f for w, f in zip(weights, self.mean, strict=True)), Fraction(0))

    def variance(self, weights: list[Fraction]) -> Fraction:
        terms = [weights[i] * weights[j] * self.covariance[i][j] for i in TESTS for j in TESTS]
        return sum(terms, Fraction(0))

    def with_place(self, weights: list[Fraction], place: int) -> Fraction:
        """Covariance of the weighted sum with F at `place`."""
        terms = [weights[i] * self.covariance[i][place] for i in TESTS]
        return sum(terms, Fraction(0))


def at_risk(values: Counter[Any]) -> tuple[list[Fraction], list[Fraction]]:
    """The answered d_j and the exposed n'_j of one tally."""
    n = Fraction(values["n"])
    answered, exposed = [], []
    for j in range(1, 9):
        d, c = values[f"answered_{j}"], values[f"left_early_{j}"] + values[f"censored_{j}"]
        answered.append(Fraction(d))
        exposed.append(n - Fraction(c, 2))
        n -= d + c
    return answered, exposed


def prior(others: Counter[Any]) -> list[Fraction]:
    """S0_0 .. S0_8 of an agency, from the others together."""
    d, n = at_risk(others)
    steps = [(d[j] + R[j] - R[j + 1]) / (n[j] + R[j]) for j in TESTS]
    stay = [prod((1 - h for h in steps[: j + 1]), start=Fraction(1)) for j in TESTS]
    return [Fraction(1)] + [Fraction(9, 10) * stay[j] + R[j + 1] / 10 for j in TESTS]


def curve(own: Counter[Any], others: Counter[Any]) -> Curve:
    d, n = at_risk(own)
    s0 = prior(others)
    a = [M * (s0[j] - s0[j + 1]) + d[j] for j in TESTS]
    b = [M * s0[j + 1] + n[j] - d[j] for j in TESTS]
    first = [b[j] / (a[j] + b[j]) for j in TESTS]
    second = [b[j] * (b[j] + 1) / ((a[j] + b[j]) * (a[j] + b[j] + 1)) for j in TESTS]
    stay = [prod(first[: j + 1], start=Fraction(1)) for j in TESTS]
    covariance = [[Fraction(0)] * 8 for _ in TESTS]
    for i in TESTS:
        for j in range(i, 8):
            both = prod(second[: i + 1] + first[i + 1 : j + 1], start=Fraction(1))
            covariance[i][j] = covariance[j][i] = both - stay[i] * stay[j]
    return Curve([1 - s for s in stay], covariance)
