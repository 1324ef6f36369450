"""One figure about how numbers came about: its share, n, interval, or why there is none."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np

from pelayanan.models import Record
from pelayanan.score.beta import quantile

__all__ = ["FIGURES", "Figure", "FigureName", "ends", "share", "too_few"]

FigureName: TypeAlias = Literal[
    "template",
    "pick_order",
    "excluded",
    "heaping",
    "only_acknowledged",
    "handed_over",
    "authors",
    "dated_back",
    "recorded_late",
]
FIGURES: tuple[FigureName, ...] = (
    "template",
    "pick_order",
    "excluded",
    "heaping",
    "only_acknowledged",
    "handed_over",
    "authors",
    "dated_back",
    "recorded_late",
)

LEAST = 10
"""Under so many there is no figure."""


class Figure(Record):
    """A figure. It is evidence, never a verdict.

    Attributes:
        k: Of `n`; ``None`` where it is no plain share.
        value: 0 to 1; ``None`` if n is too small.
        low: 5 % quantile, `high` the 95 % quantile.
        expected: What it would be with nothing to see, where that can be said.
        p: How often chance alone shows as much, where that can be said.
        look: Somebody should look at the cases behind it.
        reason: Why there is no value.
        about: What it is about: the key of a receiving agency, or the number of a threshold.
        detail: Further counts and shares.
        cases: Ids of the cases to look at, where it is about single ones.
    """

    name: FigureName
    n: int
    k: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    expected: float | None = None
    p: float | None = None
    look: bool = False
    reason: Literal["", "too_few"] = ""
    about: str = ""
    detail: Mapping[str, float] = {}
    cases: tuple[str, ...] = ()


def too_few(name: FigureName, n: int) -> Figure:
    """No figure, since it would rest on too little."""
    return Figure(name=name, n=n, reason="too_few")


def share(name: FigureName, k: int, n: int, *, above: float) -> Figure:
    """K of n, worth a look where even the low end of its interval is above a bound.

    Args:
        name: Of the figure.
        k: How many of `n`.
        n: Under `LEAST` there is no figure.
        above: The bound, 0 to 1.
    """
    if n < LEAST:
        return too_few(name, n)
    low, high = ends(k, n)
    return Figure(name=name, n=n, k=k, value=k / n, low=low, high=high, look=low > above)


def ends(k: int, n: int) -> tuple[float, float]:
    """90 % interval of a share, by the prior of Jeffreys.

    Source:
        L. D. Brown, T. T. Cai, A. DasGupta, Interval estimation for a binomial proportion,
        Statistical Science 16 (2001), section 4.3.
    """
    a, b = k + 0.5, n - k + 0.5
    low, rest = quantile(0.05, np.array([a, b]), np.array([b, a])).tolist()  # both ends in one go
    return (0.0 if k == 0 else low), (1.0 if k == n else 1 - rest)
