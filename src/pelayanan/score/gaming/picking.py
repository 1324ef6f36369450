"""In which order the waiting are taken: the oldest first, or those that still earn points.

Source:
    R. C. Larson, Perspectives on queues: social justice and the psychology of queueing, Operations
    Research 35 (1987), 895-905: being overtaken ("slips and skips") as the injustice of a queue.
    B. Avi-Itzhak, H. Levy, On measuring fairness in queues, Advances in Applied Probability 36
    (2004), 919-936: order fairness by pairs of customers.
"""

import math
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from pelayanan.score.gaming.figures import Figure, too_few

__all__ = ["pick_order"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LEAST = 30  # answers given while somebody else waited
_CERTAIN = 0.001
_RANDOM = 0.5


def pick_order(opened: Ints, answered: Ints) -> Figure:
    """How often an answer went to a younger case while an older one waited.

    Whenever a case is answered, every other one that waits then (opened, answered later) is a
    pair. `value` is the share of pairs in which the older one was left waiting: 0 where the oldest
    is always taken first, 1/2 on the average where one of the waiting is drawn by lot, 1 where the
    newest is always taken first. `expected` is what it would be if waiting times had nothing to do
    with who else waits, only some needs are harder: then it is the Gini coefficient of the waiting
    times (for a pair that overlaps, E (D - D')+ / E D). What lies above both says that the order
    itself was chosen.

    Args:
        opened: Of cases that were answered; UTC epoch seconds.
        answered: When they were, not before `opened`.
    """
    order = np.lexsort((answered, opened))
    opened, answered = opened[order], answered[order]
    pairs = _Pairs.of(opened, answered)
    contested = int((pairs.waiting > 0).sum())
    if contested < _LEAST:
        return too_few("pick_order", contested)
    index = _ratio(pairs.older, pairs.waiting, pairs.inverted, pairs.involved)
    gini = _gini(answered - opened)
    value, inequality = index.whole, gini.whole
    spread, excess = _deviation(index.each), _deviation(index.each - gini.each)
    bound = max(inequality, _RANDOM)
    doubt = excess if bound == inequality else spread
    p = math.erfc((value - bound) / doubt / math.sqrt(2)) / 2 if doubt else float(value <= bound)
    return Figure(
        name="pick_order",
        n=contested,
        value=value,
        low=max(0.0, value - 1.645 * spread),
        high=min(1.0, value + 1.645 * spread),
        expected=inequality,
        p=p,
        look=value > _RANDOM and p < _CERTAIN,
        detail={"pairs": int(pairs.waiting.sum()), "random_order": _RANDOM},
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Counts of each case, in the order of opening.

    Attributes:
        older: Cases that it overtook.
        waiting: Others that waited when it was answered: the pairs that are compared then.
        inverted: Pairs in which the older one was left waiting, it being either of them.
        involved: Pairs with it.
    """

    older: Ints
    waiting: Ints
    inverted: Ints
    involved: Ints

    @classmethod
    def of(cls, opened: Ints, answered: Ints) -> Self:
        older, overtaken = np.zeros_like(opened), np.zeros_like(opened)
        instants: list[int] = answered.tolist()
        seen: list[int] = []
        for number, at in enumerate(instants):  # opened before, answered after
            older[number] = len(seen) - bisect_right(seen, at)
            insort(seen, at)
        seen = []
        for number in range(len(instants) - 1, -1, -1):  # opened after, answered before
            overtaken[number] = bisect_left(seen, instants[number])
            insort(seen, instants[number])
        ends = np.sort(answered)
        gone = np.searchsorted(ends, answered, side="right")
        waiting = np.searchsorted(opened, answered, side="right") - gone
        during = np.searchsorted(ends, answered) - np.searchsorted(ends, opened)
        return cls(older, waiting, older + overtaken, waiting + during)


class _Ratio(NamedTuple):
    """A ratio, and what it is with one case left out, for each case."""

    whole: float
    each: Floats


def _ratio(top: Ints, below: Ints, lost_top: Ints, lost_below: Ints) -> _Ratio:
    above, under = int(top.sum()), int(below.sum())
    return _Ratio(above / under, (above - lost_top) / np.maximum(under - lost_below, 1))


def _gini(delays: Ints) -> _Ratio:
    """Mean difference of two waiting times over twice their mean."""
    n, total = len(delays), float(delays.sum())
    order = np.argsort(delays, kind="stable")
    ranked = delays[order].astype(np.float64)
    before = np.cumsum(ranked) - ranked
    place = np.arange(n)
    to_others = np.empty(n)
    to_others[order] = (
        ranked * place - before + (total - before - ranked) - ranked * (n - 1 - place)
    )
    whole = to_others.sum()
    rest = np.maximum(total - delays, 1.0)
    return _Ratio(
        whole / (2 * (n - 1) * max(total, 1.0)), (whole - 2 * to_others) / (2 * (n - 2) * rest)
    )


def _deviation(left_out: Floats) -> float:
    """Standard deviation of an estimate, from what it is with one case left out.

    Source:
        J. N. Arvesen, Jackknifing U-statistics, Annals of Mathematical Statistics 40 (1969),
        2076-2100.
    """
    n = len(left_out)
    return math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))
