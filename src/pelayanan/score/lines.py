"""The index, line by line: printed hundredths add up to the printed index.

Source:
    score.md, 5 (explanation).
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np

from pelayanan.models import Record
from pelayanan.score.grades import near
from pelayanan.score.index import PARTS, Index, interval

__all__ = ["Line", "hundredths", "lines_of", "two_decimals"]


class Line(Record):
    """One line of the explanation.

    Attributes:
        name: ``"answered_in_bin_1"`` to ``_8``, or the name of a part.
        dimension: CEPAT, OPTIMAL, TEPAT or EFISIEN.
        k: Counted of `n`; the rubric in answers, so it may be a fraction.
        raw: k / n; ``None`` if n = 0.
        estimate: Of the share, with the others' experience in it.
        low: 5 % quantile, `high` the 95 % quantile, both on the scale to 100.
        weight: Points for a share of 1, on the scale to 1.
        points: On the scale to 100.
        printed: Hundredths of a point as they are printed.
    """

    name: str
    dimension: str
    k: float
    n: float
    raw: float | None
    estimate: float
    low: float
    high: float
    weight: float
    points: float
    printed: int


class _Draft(NamedTuple):
    name: str
    dimension: str
    seen: tuple[float, float]
    estimate: float
    variance: float
    weight: float
    points: float


def lines_of(scored: Index, counts: Sequence[Mapping[str, int]]) -> list[tuple[Line, ...]]:
    """The lines of each agency; intervals of all of them in one go."""
    drafts = [
        list(_drafts(scored, row, each)) if each.get("n", 0) else []
        for row, each in enumerate(counts)
    ]
    flat = [draft for row in drafts for draft in row]
    low, high = interval(
        np.array([draft.estimate for draft in flat], np.float64),
        np.array([draft.variance for draft in flat], np.float64),
    )
    ends = iter([(float(a), float(b)) for a, b in zip(low, high, strict=True)])
    found: list[tuple[Line, ...]] = []
    for row, own in enumerate(drafts):
        printed = hundredths([draft.points for draft in own], 100 * float(scored.index[row]))
        found.append(tuple(_line(*pair, *next(ends)) for pair in zip(own, printed, strict=True)))
    return found


def _line(draft: _Draft, printed: int, low: float, high: float) -> Line:
    k, n = draft.seen
    return Line(
        name=draft.name,
        dimension=draft.dimension,
        k=k,
        n=n,
        raw=k / n if n else None,
        estimate=draft.estimate,
        low=low,
        high=high,
        weight=draft.weight,
        points=draft.points,
        printed=printed,
    )


def _drafts(scored: Index, row: int, counts: Mapping[str, int]) -> Iterator[_Draft]:
    share = 1.0 if scored.profile == "dasar" else 0.35
    answered = 0
    for number, weight in enumerate(scored.weights.tolist()):
        answered += counts.get(f"answered_{number + 1}", 0)
        estimate = float(scored.curves.mean[row, number])
        yield _Draft(
            f"answered_in_bin_{number + 1}",
            "CEPAT",
            (float(answered), float(counts["n"])),
            estimate,
            float(scored.curves.covariance[row, number, number]),
            share * weight,
            100 * share * weight * estimate,
        )
    if scored.profile == "dasar":
        return
    legal = float(scored.part("in_time")[0][row])
    for part in PARTS:
        estimates, variances = scored.part(part.name)
        estimate = float(estimates[row])
        k, n = scored.seen(part.name, counts)
        yield _Draft(
            part.name,
            part.dimension,
            (float(k), float(n)),
            estimate,
            float(variances[row]),
            part.weight,
            100 * part.weight * estimate * (legal if part.earned else 1.0),
        )


def two_decimals(points: float) -> Decimal:
    """Half up, after 9 decimals, as it is printed."""
    return Decimal(repr(near(points))).quantize(Decimal("0.01"), ROUND_HALF_UP)


def hundredths(points: Sequence[float], total: float) -> list[int]:
    """Round lines so that they sum to the printed total: the largest remainders get one more."""
    if not points:
        return []
    exact = [Decimal(repr(near(each))) * 100 for each in points]
    floors = [int(each // 1) for each in exact]
    missing = int(two_decimals(total) * 100) - sum(floors)
    order = sorted(range(len(points)), key=lambda n: (floors[n] - exact[n], n))
    lifted = set(order[:missing]) if missing > 0 else set[int]()
    return [floor + (number in lifted) for number, floor in enumerate(floors)]
