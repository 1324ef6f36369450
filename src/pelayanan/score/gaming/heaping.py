"""Whether answers crowd just before the thresholds.

Source:
    G. Bevan, C. Hood, What's measured is what matters: targets and gaming in the English public
    health care system, Public Administration 84 (2006), 517-538 (waiting times that bunch just
    under a target).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.cases import KindStandard
from pelayanan.score.bins import Clocks
from pelayanan.score.gaming.figures import LEAST, Figure, ends, too_few

__all__ = ["Stretch", "heaping", "stretches"]

Ints = npt.NDArray[np.int64]
Stretch: TypeAlias = tuple[int, int, int, int]
"""Answers in four neighbouring stretches, the threshold between the second and the third."""

_FACTOR = 1.25  # of a limit in seconds to the end of the next stretch; a day for limits in days
_CERTAIN = 0.01


class _Test(NamedTuple):
    threshold: int
    k: int
    n: int
    expected: float
    p: float


def stretches(clocks: Clocks, standard: KindStandard) -> dict[int, Stretch]:
    """Count answers around each threshold that has two stretches before it.

    Limits in seconds: from 0.64 to 0.8 of the limit, to the limit, to 1.25 of it, to 1.5625 of it.
    Limits in working days: the last day but one before the limit, the last, and two days after.
    """
    found: dict[int, Stretch] = {}
    for number, (unit, size) in enumerate(standard.limits, 1):
        if unit == "s":
            edges = [size * _FACTOR**power for power in range(-2, 3)]
            place = np.searchsorted(np.array(edges), clocks.worked)  # an edge belongs below it
        elif size >= 2:
            place = clocks.days - (size - 3)
        else:
            continue
        counts = [int((place == each).sum()) for each in range(1, 5)]
        found[number] = (counts[0], counts[1], counts[2], counts[3])
    return found


def heaping(parts: Iterable[dict[int, Stretch]]) -> Figure:
    """The share of answers before a threshold, of those in the stretches on both sides of it.

    Smooth waiting times fall (or rise) from stretch to stretch at a rate that the outer two
    stretches tell: a third of their log ratio is `expected`, also where the rate itself changes
    evenly, as that of log-normal times does. `p` is that of the threshold with the clearest heap,
    multiplied by the number of thresholds with enough answers around them.

    Args:
        parts: `stretches` of each kind; they are added.
    """
    whole: dict[int, list[int]] = {}
    for part in parts:
        for number, counts in part.items():
            before = whole.setdefault(number, [0, 0, 0, 0])
            whole[number] = [a + b for a, b in zip(before, counts, strict=True)]
    tests = list(_tests(whole))
    if not tests:
        around = [counts[1] + counts[2] for counts in whole.values()]
        return too_few("heaping", max(around, default=0))
    best = min(tests, key=lambda test: (test.p, test.threshold))
    low, high = ends(best.k, best.n)
    p = min(1.0, best.p * len(tests))
    return Figure(
        name="heaping",
        n=best.n,
        k=best.k,
        value=best.k / best.n,
        low=low,
        high=high,
        expected=best.expected,
        p=p,
        look=p < _CERTAIN,
        about=str(best.threshold),
        detail={f"share_{test.threshold}": test.k / test.n for test in tests},
    )


def _tests(whole: dict[int, list[int]]) -> Iterator[_Test]:
    for number, counts in sorted(whole.items()):
        if counts[1] + counts[2] >= LEAST:
            yield _tested(number, counts)


def _tested(number: int, counts: Sequence[int]) -> _Test:
    far, before, after, beyond = (count + 0.5 for count in counts)
    rate = math.log(far / beyond) / 3
    doubt = math.sqrt(1 / before + 1 / after + (1 / far + 1 / beyond) / 9)
    z = (math.log(before / after) - rate) / doubt
    expected = 1 / (1 + math.exp(-rate))
    p = math.erfc(z / math.sqrt(2)) / 2
    return _Test(number, counts[1], counts[1] + counts[2], expected, p)
