"""The gaming report: each way of flattering numbers is seen by its own figure, honesty by none."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Standards
from pelayanan.models import Kind
from pelayanan.score.bins import Clocks
from pelayanan.score.gaming import DatedAnswer, GamingReport, HandedCase, Handled, gaming
from pelayanan.score.gaming.authors import authors
from pelayanan.score.gaming.dating import dated_back, recorded_late
from pelayanan.score.gaming.figures import FIGURES, Figure, FigureName, ends, share
from pelayanan.score.gaming.heaping import heaping, stretches
from pelayanan.score.gaming.picking import pick_order
from pelayanan.testing.habits import SimulatedHabits

CALENDAR = WorkCalendar.indonesia("WIB")
STANDARD = Standards.load().kinds[Kind.INFORMASI]
Ints = npt.NDArray[np.int64]


def looked(report: GamingReport) -> list[str]:
    return [name for name, figure in report.agencies["dinsos"].items() if figure.look]


# ---- the table: cheats by figures


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("cheat", [name for name in FIGURES if name != "recorded_late"])
def test_each_cheat_is_seen_by_its_own_figure_and_by_no_other(cheat: FigureName, seed: int) -> None:
    assert looked(SimulatedHabits(seed=seed, cheat=cheat).report()) == [cheat]


def test_a_list_that_is_entered_once_a_week_is_told_and_never_asks_for_a_look() -> None:
    late, prompt = (
        SimulatedHabits(seed=0, cheat=cheat).report().agencies["dinsos"]["recorded_late"]
        for cheat in ("recorded_late", "")
    )
    assert late.value is not None
    assert prompt.value is not None
    assert (late.value > 0.5, late.look) == (True, False)
    assert prompt.value < 0.1


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_seen_at_an_honest_agency(seed: int) -> None:
    assert looked(SimulatedHabits(seed=seed).report()) == []


# ---- order


def overtakings(opened: Ints, answered: Ints) -> tuple[int, int]:
    """Pairs in which the younger came first, and all pairs that overlap: one by one."""
    inverted = pairs = 0
    for one, other in combinations(range(len(opened)), 2):
        old, new = sorted((one, other), key=lambda row: (opened[row], answered[row]))
        first = new if answered[new] < answered[old] else old
        if answered[old] == answered[new] or max(opened[[one, other]]) > answered[first]:
            continue
        pairs += 1
        inverted += first == new
    return inverted, pairs


@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_counted_as_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    opened = rng.integers(0, 400, 60)
    answered = opened + rng.integers(0, 120, 60)
    inverted, pairs = overtakings(opened, answered)
    found = pick_order(opened, answered)
    assert found.value == pytest.approx(inverted / pairs)
    assert found.detail["pairs"] == pairs
    delays = (answered - opened).tolist()
    mean = sum(abs(a - b) for a, b in combinations(delays, 2)) / (60 * 59 / 2)
    assert found.expected == pytest.approx(mean / (2 * sum(delays) / 60))


def test_the_spread_is_that_of_leaving_each_case_out() -> None:
    rng = np.random.default_rng(4)
    opened = rng.integers(0, 400, 60)
    answered = opened + rng.integers(0, 120, 60)
    found = pick_order(opened, answered)
    left_out = []
    for row in range(60):
        inverted, pairs = overtakings(np.delete(opened, row), np.delete(answered, row))
        left_out.append(inverted / pairs)
    spread = np.std(left_out) * np.sqrt(59)
    assert found.low is not None
    assert found.value is not None
    assert (found.value - found.low) / 1.645 == pytest.approx(spread)


def test_the_oldest_first_is_zero_and_the_newest_first_is_one() -> None:
    opened = np.arange(50)
    assert pick_order(opened, 1000 + 10 * opened).value == 0.0
    newest = pick_order(opened, 1000 - 10 * opened)
    assert (newest.value, newest.look) == (1.0, True)


def test_an_order_without_anybody_waiting_says_nothing() -> None:
    opened = 100 * np.arange(50)
    found = pick_order(opened, opened + 10)
    assert (found.n, found.value, found.reason) == (0, None, "too_few")
    assert pick_order(np.empty(0, np.int64), np.empty(0, np.int64)).reason == "too_few"


# ---- thresholds


def answers(worked: Ints, days: Ints | None = None) -> Clocks:
    return Clocks(worked, worked, np.zeros_like(worked) if days is None else days)


def test_each_answer_near_a_limit_is_in_its_stretch() -> None:
    worked = np.array([2304, 2305, 2880, 2881, 3600, 3601, 4500, 4501, 5625, 5626])
    assert stretches(answers(worked), STANDARD)[2] == (2, 2, 2, 2)
    days = np.array([0, 1, 2, 2, 3, 4, 4, 4, 5])
    assert stretches(answers(90_000 + days, days), STANDARD)[5] == (1, 2, 1, 3)
    assert 4 not in stretches(answers(worked), STANDARD)  # one day: no day but one before it


def test_smooth_times_show_no_heap_and_crowded_ones_do() -> None:
    rng = np.random.default_rng(3)
    smooth = rng.lognormal(8.2, 1.0, 4000).astype(np.int64)
    found = heaping([stretches(answers(smooth), STANDARD)])
    assert not found.look
    late = (smooth > 3600) & (smooth < 6000) & (rng.random(4000) < 0.4)
    crowded = np.where(late, 3550, smooth)
    found = heaping([stretches(answers(crowded), STANDARD)])
    assert (found.look, found.about) == (True, "2")
    assert found.value is not None
    assert found.expected is not None
    assert found.value > found.expected + 0.1


def test_kinds_are_added_before_they_are_tested() -> None:
    part = {2: (10, 30, 5, 8)}
    assert heaping([part, part]) == heaping([{2: (20, 60, 10, 16)}])
    assert heaping([{2: (0, 4, 5, 0)}]) == Figure(name="heaping", n=9, reason="too_few")
    assert heaping([]).reason == "too_few"


# ---- shares


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (60, 100)])
def test_the_interval_of_a_share_is_that_of_jeffreys(k: int, n: int) -> None:
    low, high = ends(k, n)
    beta = stats.beta(k + 0.5, n - k + 0.5)
    assert low == pytest.approx(beta.ppf(0.05) if k else 0.0, abs=1e-9)
    assert high == pytest.approx(beta.ppf(0.95) if k < n else 1.0, abs=1e-9)


def test_a_share_of_too_few_is_none() -> None:
    assert share("template", 9, 9, above=0.5).value is None
    assert share("template", 10, 10, above=0.5).look
    assert not share("template", 6, 10, above=0.5).look  # it may well be a half


def test_frequent_writers_are_counted_and_compared_with_the_other_cases() -> None:
    author = np.array(["a"] * 12 + ["b"] * 8 + [f"w{row}" for row in range(40)])
    quick = np.array([True] * 18 + [False] * 2 + [True] * 6 + [False] * 34)
    found = authors(author, quick)
    assert (found.k, found.n, found.expected) == (18, 24, 2 / 36)
    assert found.p == pytest.approx(stats.hypergeom.sf(17, 60, 20, 24))
    assert found.look
    assert found.detail == {"frequent_writers": 2}
    everywhere = authors(author, np.arange(60) % 2 == 0)  # they write much, to slow answers too
    assert not everywhere.look


def test_many_cases_take_no_longer_to_compare() -> None:
    rng = np.random.default_rng(6)
    author = np.char.mod("w%d", rng.integers(0, 20_000, 100_000))
    quick = rng.random(100_000) < 0.5
    found = authors(author, quick)
    often = np.bincount(np.unique(author, return_inverse=True)[1])[
        np.unique(author, return_inverse=True)[1]
    ]
    assert found.k == int(((often >= 5) & quick).sum())
    marked = int((often >= 5).sum())
    assert found.k is not None
    expected = stats.hypergeom.sf(found.k - 1, 100_000, marked, found.n)
    assert found.p == pytest.approx(expected, rel=1e-5)


def test_who_writes_often_where_everything_is_quick_is_shown_without_comparison() -> None:
    found = authors(np.array(["a"] * 12), np.ones(12, np.bool_))
    assert (found.value, found.expected, found.p, found.look) == (1.0, None, None, True)


# ---- instants

MONDAY = int(SimulatedHabits(0)._start.timestamp()) + 4 * 86_400


def listed(n: int, *, unseen: int, case: str = "p") -> list[DatedAnswer]:
    """Answers that claim to be of Monday, and were not there so many seconds later."""
    return [
        DatedAnswer("d", f"{case}{row}", MONDAY, MONDAY + unseen, by_hand=False) for row in range(n)
    ]


def test_answers_older_than_a_look_that_did_not_show_them_are_counted_with_their_cases() -> None:
    found = dated_back([*listed(8, unseen=901, case="lama-"), *listed(12, unseen=-60)])
    assert (found.k, found.n, found.look) == (8, 20, True)
    assert found.cases == tuple(f"lama-{row}" for row in range(8))


def test_clocks_that_differ_by_minutes_and_a_few_late_answers_are_no_reason_to_look() -> None:
    assert dated_back(listed(20, unseen=900)).k == 0
    found = dated_back([*listed(3, unseen=90_000), *listed(27, unseen=-60)])
    assert (found.k, found.look) == (3, False)
    assert dated_back(listed(9, unseen=90_000)).reason == "too_few"


def test_what_is_recorded_by_hand_is_late_after_the_next_working_day() -> None:
    friday = MONDAY + 4 * 86_400 + 43_200
    noted = {"monday": friday + 3 * 86_400, "tuesday": friday + 4 * 86_400}
    by_hand = [DatedAnswer("d", day, friday, at, by_hand=True) for day, at in noted.items()]
    found = recorded_late([*by_hand * 5, *listed(5, unseen=90_000)], CALENDAR)
    assert (found.k, found.n, found.cases, found.look) == (5, 10, ("tuesday",), False)
    all_late = recorded_late(by_hand[1:] * 40, CALENDAR)
    assert (all_late.value, all_late.look) == (1.0, False)
    assert recorded_late([], CALENDAR).reason == "too_few"


def test_cases_are_named_where_a_figure_asks_for_a_look() -> None:
    found = report(cases(), dated=listed(7, unseen=9_000) + listed(5, unseen=0))
    (at,) = [row for row, line in enumerate(found.explain("d", "en")) if "WORTH" in line]
    assert found.explain("d", "en")[at + 3] == "  cases: p0, p1, p2, p3, p4 … (+2)"
    assert found.explain("d", "id")[at + 3].startswith("  perkara: p0, ")
    assert "cases" not in found.to_dicts()[0]


# ---- the whole


def cases(**more: object) -> Handled:
    opened = int(SimulatedHabits(0)._start.timestamp()) + 3600 * np.arange(12)
    values: dict[str, object] = {
        "agency": np.full(12, "dinsos"),
        "kind": np.full(12, "informasi"),
        "author": np.char.mod("w%d", np.arange(12)),
        "excluded": np.full(12, ""),
        "opened": opened,
        "answered": opened + 600,
        "acknowledged": np.full(12, -1),
        "left": np.full(12, -1),
        "reopened": np.zeros(12, np.int64),
    }
    return Handled(**(values | more))  # type: ignore[arg-type]  # columns by name


def report(
    found: Handled, handed: tuple[HandedCase, ...] = (), dated: Sequence[DatedAnswer] = ()
) -> GamingReport:
    start = SimulatedHabits(0)._start
    return gaming(
        found,
        sent=[],
        handed=handed,
        dated=dated,
        calendar=CALENDAR,
        as_of=start.replace(month=12),
        period="2026-10",
    )


def figure(name: FigureName, found: Handled, *handed: HandedCase) -> Figure:
    return report(found, handed).agencies["dinsos"][name]


def test_what_the_rules_leave_out_is_no_claim() -> None:
    by_rule = np.array(["internal"] * 3 + ["before_start"] * 3 + [""] * 6)
    assert figure("excluded", cases(excluded=by_rule)).n == 6
    claimed = np.array(["spam"] * 6 + [""] * 6)
    assert figure("excluded", cases(excluded=claimed)).k == 6


def test_who_was_answered_later_or_left_or_still_may_be_answered_is_not_fobbed_off() -> None:
    soon = cases().opened + 60
    open_ = np.full(12, -1)
    assert figure("only_acknowledged", cases(acknowledged=soon)).k == 0
    silent = cases(acknowledged=soon, answered=open_)
    assert figure("only_acknowledged", silent).k == 12
    assert figure("only_acknowledged", cases(answered=open_)).k == 0
    gone = cases(acknowledged=soon, answered=open_, left=soon)
    assert figure("only_acknowledged", gone).n == 0
    late = int(SimulatedHabits(0)._start.replace(month=12).timestamp()) - 3600
    young = cases(opened=np.full(12, late), acknowledged=np.full(12, late), answered=open_)
    assert figure("only_acknowledged", young).n == 0


def test_a_receiver_that_takes_all_and_answers_nothing_is_named_with_its_share() -> None:
    made = [HandedCase("dinsos", "uptd", returned=False, answered=False)] * 12
    other = [HandedCase("dinsos", "dinkes", returned=False, answered=True)] * 24
    found = figure("handed_over", cases(), *made, *other)
    assert (found.about, found.k, found.n, found.look) == ("uptd", 12, 12, True)
    assert found.detail["concentration"] == pytest.approx(1 / 3)
    back = HandedCase("dinsos", "uptd", returned=True, answered=None)
    assert not figure("handed_over", cases(), *made, back).look
    unknown = [HandedCase("dinsos", "pusat", returned=False, answered=None)] * 20
    assert figure("handed_over", cases(), *unknown).reason == "too_few"


def test_a_report_names_nobody_and_ranks_nothing() -> None:
    agency = np.array(["pupr", "dinkes"] * 6)
    found = report(cases(agency=agency, author=np.full(12, "wati")))
    assert list(found.agencies) == ["dinkes", "pupr"]
    assert "wati" not in found.model_dump_json()
    rows = found.to_dicts()
    assert len(rows) == 2 * len(FIGURES)
    assert {row["agency"] for row in rows} == {"dinkes", "pupr"}
    assert rows[0]["definition"] == "idt/1"


def test_what_is_worth_a_look_is_told_with_its_innocent_explanation() -> None:
    found = SimulatedHabits(seed=0, cheat="template").report()
    indonesian, english = (found.explain("dinsos", lang) for lang in ("id", "en"))
    (at,) = [row for row, line in enumerate(english) if "WORTH A LOOK" in line]
    assert english[at].startswith("answers that are one text: ")
    assert english[at + 1].startswith("  may mean: ")
    assert english[at + 2].startswith("  innocent explanation: ")
    assert "PERLU DILIHAT" in indonesian[at]
    assert len(indonesian) == len(FIGURES) + 2
    assert any("data belum cukup (n = " in line for line in indonesian)


def test_frames_have_a_row_for_each_figure() -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("polars")
    found = report(cases())
    assert len(found.to_pandas()) == len(found.to_polars()) == len(FIGURES)
