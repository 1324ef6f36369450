"""Masses and quantiles of Beta distributions, whole columns at a time.

Three ways, each where it is exact: a continued fraction where one parameter is small, a series
where the other is far larger, and integration around the peak where both are large (there the
logarithms of Gamma functions would cancel).

Source:
    score.md, 4 and 5 (interval, grade probabilities). Continued fraction: DLMF 8.17.22, evaluated
    by Lentz's method; series: DLMF 8.17.8; ln Gamma: DLMF 5.11.1.
"""

import math
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["cdf", "quantile"]

Floats: TypeAlias = npt.NDArray[np.float64]

_LARGE = 40.0  # from here on both parameters are large enough for a single smooth peak
_REACH = 12.0  # standard deviations around it
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)
_ROWS = 128  # distributions at a time: their nodes stay in the processor's cache
_TINY = 1e-300
_FAR = 1000.0  # times as large
_PRECISION = 4e-15
_NEAR = 1e-14  # of a quantile


def cdf(x: Floats, a: Floats, b: Floats) -> Floats:
    """P(X <= x) for X ~ Beta(a, b); columns of one length, x within 0 to 1."""
    return _Betas.of(a, b).cdf(x)


def quantile(p: float, a: Floats, b: Floats) -> Floats:
    """The x with P(X <= x) = p; absolute error about 1e-13."""
    betas, found = _Betas.of(a, b), np.empty_like(a)
    rows = np.arange(len(a))
    low, high = np.zeros_like(a), np.ones_like(a)
    x = _near(p, a, b)
    for _ in range(200):  # Newton inside a bracket, which it halves where it would leave it
        missing = betas.cdf(x) - p
        low, high = np.where(missing < 0, x, low), np.where(missing < 0, high, x)
        slope = betas.density(x)
        with np.errstate(all="ignore"):
            step = x - missing / slope
        inside = np.isfinite(step) & (step > low) & (step < high)
        moved = np.where(inside, step, (low + high) / 2)
        found[rows] = moved
        going = np.minimum(np.abs(moved - x), high - low) > _NEAR
        if not going.any():
            break
        if not going.all():  # most are there after some steps
            betas, rows, low, high = betas.take(going), rows[going], low[going], high[going]
        x = moved[going]
    return found


def _near(p: float, a: Floats, b: Floats) -> Floats:
    """Where it would be if it were normal; the mean where that is outside."""
    mean = a / (a + b)
    guess = mean + NormalDist().inv_cdf(p) * np.sqrt(mean * (1 - mean) / (a + b + 1))
    return np.where((guess > 0) & (guess < 1), guess, mean)


@dataclass(frozen=True, slots=True)
class _Betas:
    """Distributions with what each evaluation needs again."""

    a: Floats
    b: Floats
    large: npt.NDArray[np.bool_]
    log_beta: Floats  # of the small ones
    peak: "_Peaks"

    @classmethod
    def of(cls, a: Floats, b: Floats) -> Self:
        large = np.minimum(a, b) > _LARGE
        log_beta, small = np.zeros_like(a), ~large
        log_beta[small] = [_log_beta(*pair) for pair in zip(a[small], b[small], strict=True)]
        return cls(a, b, large, log_beta, _Peaks.of(a[large], b[large]))

    def take(self, rows: npt.NDArray[np.bool_]) -> "_Betas":
        """Some of them."""
        large = self.large[rows]
        peak = self.peak.take(rows[self.large])
        return _Betas(self.a[rows], self.b[rows], large, self.log_beta[rows], peak)

    def cdf(self, x: Floats) -> Floats:
        found = np.empty_like(x)
        small = ~self.large
        found[self.large] = self.peak.cdf(x[self.large])
        found[small] = _small(x[small], self.a[small], self.b[small], self.log_beta[small])
        return found

    def density(self, x: Floats) -> Floats:
        found = np.empty_like(x)
        small = ~self.large
        found[self.large] = self.peak.density(x[self.large])
        with np.errstate(all="ignore"):
            log = (self.a - 1) * np.log(x) + (self.b - 1) * np.log1p(-x) - self.log_beta
            found[small] = np.exp(log)[small]
        return found


@dataclass(frozen=True, slots=True)
class _Peaks:
    """Beta distributions with one smooth peak, integrated over all that is not negligible."""

    a: Floats
    b: Floats
    mode: Floats
    first: Floats
    last: Floats
    total: Floats

    @classmethod
    def of(cls, a: Floats, b: Floats) -> Self:
        sum_ = a + b
        mean, mode = a / sum_, (a - 1) / (sum_ - 2)
        spread = _REACH * np.sqrt(a * b / (sum_ * sum_ * (sum_ + 1)))
        first, last = np.maximum(0.0, mean - spread), np.minimum(1.0, mean + spread)
        bare = cls(a, b, mode, first, last, np.ones_like(a))
        return cls(a, b, mode, first, last, bare.up_to(last))

    def take(self, rows: slice | npt.NDArray[np.bool_]) -> "_Peaks":
        """Some of them."""
        return _Peaks(*(getattr(self, each.name)[rows] for each in fields(self)))

    def height(self, x: Floats) -> Floats:
        """Relative to the peak; `x` has one row a distribution."""
        shape = (-1, *(1,) * (x.ndim - 1))
        a, b, mode = (each.reshape(shape) for each in (self.a, self.b, self.mode))
        off = x - mode
        with np.errstate(all="ignore"):
            return np.exp((a - 1) * np.log1p(off / mode) + (b - 1) * np.log1p(-off / (1 - mode)))

    def up_to(self, x: Floats) -> Floats:
        area = np.empty_like(x)
        for start in range(0, len(x), _ROWS):
            rows = slice(start, start + _ROWS)
            some = self.take(rows)
            half = (x[rows] - some.first) / 2
            nodes = some.first[:, None] + half[:, None] * (1 + _NODES)
            area[rows] = half * (some.height(nodes) @ _WEIGHTS)
        return area

    def cdf(self, x: Floats) -> Floats:
        within = np.clip(x, self.first, self.last)
        return np.clip(self.up_to(within) / self.total, 0.0, 1.0)

    def density(self, x: Floats) -> Floats:
        return self.height(x) / self.total


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
