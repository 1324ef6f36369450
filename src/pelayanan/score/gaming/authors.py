"""Whether few people account for the many cases that were answered at once."""

import math
from collections import Counter

import numpy as np
import numpy.typing as npt

from pelayanan.score.gaming.figures import Figure, share

__all__ = ["authors"]

_MANY = 5  # cases of one person at one agency in one month
_SHARE = 0.2
_CERTAIN = 0.001


def authors(author: npt.NDArray[np.str_], quick: npt.NDArray[np.bool_]) -> Figure:
    """Of the cases answered within the target: the share that comes from frequent writers.

    A frequent writer has five cases or more at the agency in the month. `expected` is their share
    in the other cases, and `p` how often chance alone deals them so many of the quick ones.

    Args:
        author: Codes, which are only counted.
        quick: Answered within the target.

    Source:
        R. A. Fisher's exact test, one-sided.
    """
    codes: list[str] = author.tolist()
    frequent = {name for name, count in Counter(codes).items() if count >= _MANY}
    often = np.array([name in frequent for name in codes], np.bool_)
    k, n = int((often & quick).sum()), int(quick.sum())
    figure = share("authors", k, n, above=_SHARE)
    if figure.value is None:
        return figure
    rest = len(codes) - n
    p = _tail(k, n, int(often.sum()), len(codes)) if rest else None
    return figure.model_copy(
        update={
            "expected": int((often & ~quick).sum()) / rest if rest else None,
            "p": p,
            "look": figure.look and (p is None or p < _CERTAIN),
            "detail": {"frequent_writers": len(frequent)},
        }
    )


def _tail(k: int, n: int, marked: int, total: int) -> float:
    """P(at least k marked among n drawn of the total); in logarithms, for large numbers."""
    each = range(max(k, n - (total - marked)), min(n, marked) + 1)
    ways = _ways(total, n)
    return math.fsum(
        math.exp(_ways(marked, hit) + _ways(total - marked, n - hit) - ways) for hit in each
    )


def _ways(n: int, k: int) -> float:
    """Logarithm of n over k."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
