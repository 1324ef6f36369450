"""The simulation behind the coverage of intervals: its truth is what scores tend to."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pelayanan.score import Tally, score_tally

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def simulation(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    # by its path: a package of the same name measures tests
    spec = spec_from_file_location("coverage_of_scores", BENCHMARKS / "coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("strata", [1, 10])
def test_the_truth_is_what_a_score_tends_to(simulation: Any, strata: int) -> None:
    rng = np.random.default_rng(11)
    clock = simulation.Clock(simulation.ENDS["later"])
    agencies = simulation.Agencies.drawn(rng, clock, 2, beta=(2.0, 5.0), strata=strata)
    month: Tally = simulation.tallied(rng, agencies, 20_000)
    report = score_tally(month)
    for row, score in enumerate(report.agencies.values()):
        assert score.index == pytest.approx(agencies.truth("dasar")[row], abs=0.7)


def test_all_parts_of_the_truth_are_what_their_shares_tend_to(simulation: Any) -> None:
    rng = np.random.default_rng(12)
    clock = simulation.Clock(simulation.ENDS["later"])
    agencies = simulation.Agencies.drawn(rng, clock, 2, beta=(2.0, 5.0), strata=10)
    month = Tally.of(  # as if 10,000 answers had been read, not 30
        (key, {name: count * (333 if name.startswith("audited") else 1) for name, count in row})
        for key, values in simulation.tallied(rng, agencies, 20_000)
        for row in [values.items()]
    )
    truth = agencies.truth("lengkap")
    for row, score in enumerate(score_tally(month, profile="lengkap").agencies.values()):
        read = {line.name: line for line in score.lines}["rubric"]
        missed = (
            100
            * read.weight
            * score.curve[4]
            * (read.estimate - float(agencies.parts["rubric"][row]))
        )  # 30 answers are few
        assert score.index is not None
        assert score.index - missed == pytest.approx(truth[row], abs=0.7)


def test_intervals_hold_the_truth_about_as_often_as_they_say(simulation: Any) -> None:
    rng = np.random.default_rng(13)
    clock = simulation.Clock(simulation.ENDS["month end"])
    agencies = simulation.Agencies.drawn(rng, clock, 225, beta=(2.0, 5.0), strata=10)
    held = simulation.coverage(rng, agencies, 45, 30)  # compares itself with `score_tally`
    assert 80 < held["dasar"] < 97
    assert 82 < held["lengkap"] <= 100
