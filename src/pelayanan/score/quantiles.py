"""Answer times read from the histogram of a tally.

Source:
    score.md, 3.
"""

from collections.abc import Mapping

__all__ = ["answer_quantile", "lowest_minute"]


def lowest_minute(bucket: int) -> int:
    """The lowest minute that falls into a bucket."""
    if bucket < 64:
        return bucket
    doubling, step = divmod(bucket - 64, 32)
    return (1 << (doubling + 6)) + (step << (doubling + 1))


def answer_quantile(histogram: Mapping[int, int], n: int, share: float) -> int | None:
    """Minutes within which that share of n was answered.

    Returns:
        The lowest minute of the first bucket up to which ``share * n`` or more are answered;
        ``None`` where fewer were answered ("belum tercapai").
    """
    if not n:
        return None
    answered = 0
    for bucket in sorted(histogram):
        answered += histogram[bucket]
        if answered >= round(share * n, 9):
            return lowest_minute(bucket)
    return None
