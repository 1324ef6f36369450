"""Masses and quantiles of Beta distributions, whole columns at a time.

Three ways, each where it is exact: a continued fraction where one parameter is small, a series
where the other is far larger, and integration around the peak where both are large (there the
logarithms of Gamma functions would cancel).

Source:
    score.md, 4 and 5 (interval, grade probabilities). Continued fraction: DLMF 8.17.22, evaluated
    by Lentz's method; series: DLMF 8.17.8; ln Gamma: DLMF 5.11.1.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["cdf", "quantile"]

Floats: TypeAlias = npt.NDArray[np.float64]

_LARGE = 40.0  # from here on both parameters are large enough for a single smooth peak
_REACH = 12.0  # standard deviations around it
_MANY, _FEW = (np.polynomial.legendre.leggauss(number) for number in (64, 8))
_ROWS = 128  # distributions at a time: their nodes stay in the processor's cache
_TINY = 1e-300
_FAR = 1000.0  # times as large
_PRECISION = 4e-15
_NEAR = 1e-14  # of a quantile


def cdf(x: Floats, a: Floats, b: Floats) -> Floats:
    """P(X <= x) for X ~ Beta(a, b); columns of one length, x within 0 to 1."""
    found, large = np.empty_like(x), np.minimum(a, b) > _LARGE
    found[large] = _Peaks.of(a[large], b[large]).cdf(x[large])
    small = ~large
    found[small] = _Slopes.of(a[small], b[small]).cdf(x[small])
    return found


def quantile(p: float | Floats, a: Floats, b: Floats) -> Floats:
    """The x with P(X <= x) = p; absolute error about 1e-13."""
    wanted = np.broadcast_to(np.asarray(p, np.float64), a.shape)
    found, large = np.empty_like(a), np.minimum(a, b) > _LARGE
    found[large] = _Peaks.of(a[large], b[large]).quantile(wanted[large])
    small = ~large
    found[small] = _Slopes.of(a[small], b[small]).quantile(wanted[small])
    return found


def _near(p: Floats, a: Floats, b: Floats) -> Floats:
    """Where it would be if it were normal; the mean where that is outside."""
    mean = a / (a + b)
    normal = {each: NormalDist().inv_cdf(each) for each in np.unique(p).tolist()}
    far = np.array([normal[each] for each in p.tolist()], np.float64)
    guess = mean + far * np.sqrt(mean * (1 - mean) / (a + b + 1))
    return np.where((guess > 0) & (guess < 1), guess, mean)


@dataclass(frozen=True, slots=True)
class _Slopes:
    """Beta distributions of which a parameter is small."""

    a: Floats
    b: Floats
    log_beta: Floats

    @classmethod
    def of(cls, a: Floats, b: Floats) -> Self:
        pairs = zip(a.tolist(), b.tolist(), strict=True)
        return cls(a, b, np.array([_log_beta(*pair) for pair in pairs], np.float64))

    def cdf(self, x: Floats) -> Floats:
        return _small(x, self.a, self.b, self.log_beta)

    def quantile(self, p: Floats) -> Floats:
        """Newton inside a bracket, which it halves where it would leave it."""
        some, found, rows = self, np.empty_like(p), np.arange(len(p))
        low, high, x = np.zeros_like(p), np.ones_like(p), _near(p, self.a, self.b)
        for _ in range(200):
            missing = some.cdf(x) - p[rows]
            low, high = np.where(missing < 0, x, low), np.where(missing < 0, high, x)
            with np.errstate(all="ignore"):
                step = x - missing / some.density(x)
            inside = np.isfinite(step) & (step > low) & (step < high)
            moved = np.where(inside, step, (low + high) / 2)
            found[rows] = moved
            going = np.minimum(np.abs(moved - x), high - low) > _NEAR  # most are there soon
            if not going.any():
                break
            some = _Slopes(some.a[going], some.b[going], some.log_beta[going])
            rows, low, high, x = rows[going], low[going], high[going], moved[going]
        return found

    def density(self, x: Floats) -> Floats:
        return np.exp((self.a - 1) * np.log(x) + (self.b - 1) * np.log1p(-x) - self.log_beta)


@dataclass(frozen=True, slots=True)
class _Peaks:
    """Beta distributions with one smooth peak, integrated over all that is not negligible."""

    a: Floats
    b: Floats
    mode: Floats
    first: Floats
    last: Floats

    @classmethod
    def of(cls, a: Floats, b: Floats) -> Self:
        sum_ = a + b
        mean, mode = a / sum_, (a - 1) / (sum_ - 2)
        spread = _REACH * np.sqrt(a * b / (sum_ * sum_ * (sum_ + 1)))
        return cls(a, b, mode, np.maximum(0.0, mean - spread), np.minimum(1.0, mean + spread))

    def cdf(self, x: Floats) -> Floats:
        below, total = self._split(np.clip(x, self.first, self.last))
        return below / total

    def quantile(self, p: Floats) -> Floats:
        """Newton, which integrates only over its own steps."""
        x = _near(p, self.a, self.b)
        below, total = self._split(x)
        longest = (self.last - self.first) / _REACH / 4
        moving = True
        while moving:
            step = (p * total - below) / self._height(x - self.mode)
            moved = x + np.clip(step, -longest, longest)
            below += self._between(x, moved, _FEW)
            moving = bool((np.abs(moved - x) > _NEAR).any())
            x = moved
        return x

    def _split(self, x: Floats) -> tuple[Floats, Floats]:
        """What lies below x, and all of it."""
        below = self._between(self.first, x, _MANY)
        return below, below + self._between(x, self.last, _MANY)

    def _between(self, first: Floats, last: Floats, nodes: tuple[Floats, Floats]) -> Floats:
        places, weights = nodes
        area = np.empty_like(first)
        for start in range(0, len(area), _ROWS):
            rows = slice(start, start + _ROWS)
            half = (last[rows] - first[rows]) / 2
            off = (first - self.mode)[rows, None] + half[:, None] * (1 + places)
            area[rows] = half * (self._height(off, rows) @ weights)
        return area

    def _height(self, off: Floats, rows: slice = slice(None)) -> Floats:
        """Relative to the peak, so far off its mode; one row a distribution."""
        shape = (-1, *(1,) * (off.ndim - 1))
        a, b, mode = (each[rows].reshape(shape) for each in (self.a, self.b, self.mode))
        with np.errstate(all="ignore"):
            return np.exp((a - 1) * np.log1p(off / mode) + (b - 1) * np.log1p(-off / (1 - mode)))


def _small(x: Floats, a: Floats, b: Floats, log_beta: Floats) -> Floats:
    """Masses where one parameter is small, each by what is exact there."""
    swap, least, most = a > b, np.minimum(a, b), np.maximum(a, b)
    reach = most * np.where(swap, 1 - x, x)
    by_series = (most > _FAR * np.maximum(least, 1)) & (reach < least + 12 * np.sqrt(least) + 60)
    turned = np.where(by_series, swap, x > (a + 1) / (a + b + 2))
    p, q, y = np.where(turned, b, a), np.where(turned, a, b), np.where(turned, 1 - x, x)
    with np.errstate(all="ignore"):
        logs = np.log(x), np.log1p(-x)
        log = p * np.where(turned, *logs[::-1]) + q * np.where(turned, *logs) - log_beta
    rest = np.empty_like(x)
    for way, here in ((_series, by_series), (_fraction, ~by_series)):
        rest[here] = way(y[here], p[here], q[here])
    tail = np.where(y <= 0, 0.0, np.exp(log) / p * rest)
    return np.where(turned, 1 - tail, tail)


def _series(x: Floats, a: Floats, b: Floats) -> Floats:
    """2F1(a + b, 1; a + 1; x), all terms positive: nothing cancels where b is far larger than a."""
    value, term = np.ones_like(x), np.ones_like(x)
    for n in range(10_000):
        term = term * (a + b + n) * x / (a + 1 + n)
        value += term
        if (term <= _PRECISION * value / 8).all():
            break
    return value


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    c = np.ones_like(x)
    d = _invert(1 - (a + b) * x / (a + 1))
    value, settled = d.copy(), np.zeros(x.shape, np.bool_)
    for m in range(1, 20_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = _invert(1 + even * d), _bound(1 + even / c)
        value = value * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = _invert(1 + odd * d), _bound(1 + odd / c)
        value = value * d * c
        settled |= np.abs(d * c - 1) < _PRECISION  # once is enough: it trembles in the last bit
        if settled.all():
            break
    return value


def _bound(value: Floats) -> Floats:
    return np.where(np.abs(value) < _TINY, _TINY, value)


def _invert(value: Floats) -> Floats:
    return 1 / _bound(value)


def _log_beta(a: float, b: float) -> float:
    """Logarithm of B(a, b), without the cancellation of two large logarithms."""
    small, big = min(a, b), max(a, b)
    if big < 10.0:
        return math.lgamma(small) + math.lgamma(big) - math.lgamma(small + big)
    ratio = small - small * math.log(big) - (small + big - 0.5) * math.log1p(small / big)
    return math.lgamma(small) + ratio + _rest(big) - _rest(small + big)


def _rest(z: float) -> float:
    """What Stirling's formula leaves of ln Gamma(z), z >= 10."""
    terms = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
    return sum(term / z ** (2 * n + 1) for n, term in enumerate(terms))
