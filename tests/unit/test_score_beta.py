"""Our own Beta against scipy's, which stays out of the library."""

import math

import numpy as np
import pytest

from pelayanan.score.beta import cdf, quantile
from pelayanan.score.index import interval

scipy = pytest.importorskip("scipy.stats", reason="scipy is for tests only")

RANGES = [
    (-3, 1, -3, 1),
    (-2, 3, -2, 3),
    (1, 4, 1, 4),
    (3, 7, 3, 7),
    (-2, 1.6, 3, 9),
    (4, 9, -1, 2),
]


def pairs(a0: float, a1: float, b0: float, b1: float) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(7)
    return 10 ** draw.uniform(a0, a1, 200), 10 ** draw.uniform(b0, b1, 200)


@pytest.mark.parametrize("ranges", RANGES)
@pytest.mark.parametrize("p", [0.05, 0.95])
def test_quantiles_are_those_of_scipy(ranges: tuple[float, ...], p: float) -> None:
    a, b = pairs(*ranges)
    assert np.abs(quantile(p, a, b) - scipy.beta.ppf(p, a, b)).max() < 1e-11


@pytest.mark.parametrize("ranges", RANGES)
def test_masses_are_those_of_scipy(ranges: tuple[float, ...]) -> None:
    a, b = pairs(*ranges)
    for x in (scipy.beta.ppf(0.3, a, b), np.full(200, 0.88305), np.full(200, 1e-6)):
        within = np.clip(x, 1e-300, 1 - 1e-12)
        assert np.abs(cdf(within, a, b) - scipy.beta.cdf(within, a, b)).max() < 2e-12


def test_masses_of_very_many_cases_are_exact_where_a_formula_tells() -> None:
    for b, x in ((7.4e7, 2e-8), (3e8, 3e-9), (1e7, 1e-7)):
        exact = 1 - math.exp(b * math.log1p(-x)) * (1 + b * x)
        found = cdf(np.array([x]), np.array([2.0]), np.array([b]))[0]
        assert found == pytest.approx(exact, abs=1e-14)


def test_masses_at_the_ends_are_nothing_and_all() -> None:
    a, b = np.array([0.3, 2.0, 500.0]), np.array([4.0, 0.2, 700.0])
    assert cdf(np.zeros(3), a, b).tolist() == [0, 0, 0]
    assert cdf(np.ones(3), a, b).tolist() == [1, 1, 1]


def test_a_certain_number_is_its_own_interval() -> None:
    low, high = interval(np.array([0.25, 0.5]), np.array([1e-15, 0.01]))
    assert (low[0], high[0]) == (25.0, 25.0)
    assert low[1] < 50.0 < high[1]
