"""Section 5: parts, index, interval, grade, flags, lines."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from math import erf, sqrt
from typing import Any

from scipy.stats import beta

from reference.bins import WEIGHTS
from reference.curves import Curve, M, curve
from reference.tallying import Rows, total

CUTS = (Fraction(88305, 1000), Fraction(76605, 1000), Fraction(64995, 1000))
GRADES = "ABCD"
COUNTED = [f"answered_{j}" for j in range(1, 10)]
TINY = Fraction(1, 10**15)
DIMENSIONS = {"CEPAT": (35, 100), "OPTIMAL": (25, 100), "TEPAT": (25, 100), "EFISIEN": (15, 100)}
# name, dimension, weight in the index in thousandths, how it enters
PARTS = (
    ("in_time", "OPTIMAL", 125, "curve"),
    ("durable", "OPTIMAL", 75, "alone"),
    ("coverage", "OPTIMAL", 50, "exact"),
    ("rubric", "TEPAT", 150, "times F5"),
    ("promises", "TEPAT", 50, "times F5"),
    ("right_agency", "TEPAT", 50, "times F5"),
    ("one_contact", "EFISIEN", 90, "alone"),
    ("not_held_back", "EFISIEN", 60, "times F5"),
)


@dataclass
class Line:
    """One line of the explanation; `k` of `n` is its raw share, `points` exact."""

    name: str
    dimension: str
    k: Fraction
    n: int
    estimate: Fraction
    variance: Fraction
    weight: Fraction
    points: Fraction


@dataclass
class Score:
    index: Fraction  # 0 to 100
    variance: Fraction  # of index / 100
    curve: Curve
    lines: list[Line]
    grade: str | None = None
    masses: list[float] | None = None
    moved: list[str] = field(default_factory=list)


def nine(x: Fraction) -> Fraction:
    """Rounded half up to 9 decimals, as before every comparison and print."""
    return Fraction((x * 10**9 + Fraction(1, 2)) // 1, 10**9)


def root(x: Fraction) -> Fraction:
    """Square root to 50 digits."""
    with localcontext() as context:
        context.prec = 60
        return Fraction((Decimal(x.numerator) / Decimal(x.denominator)).sqrt())


def k_of_n(name: str, t: Counter[Any]) -> tuple[Fraction, int]:
    """The raw count of a part."""
    acted = sum(t[c] for c in COUNTED) + t["handed_over"]
    counts: dict[str, tuple[Any, int]] = {
        "durable": (t["resolved_in_time"], t["resolution_due"]),
        "rubric": (Fraction(t["audited_ok"], 8), t["audited_answers"]),
        "promises": (t["promises_kept"], t["promises_due"]),
        "right_agency": (acted - t["handed_wrong"], acted),
        "one_contact": (t["solved_first_contact"], t["resolution_due"]),
        "not_held_back": (acted - t["handed_slow"], acted),
        "coverage": (t["polls_done"], t["polls_due"]),
        "in_time": (sum(t[c] for c in COUNTED[:5]), t["n"]),
    }
    k, n = counts[name]
    return Fraction(k), n


def part(name: str, own: Counter[Any], others: Counter[Any]) -> tuple[Fraction, Fraction]:
    """Mean and variance of a part."""
    (k, n), (theirs, of) = k_of_n(name, own), k_of_n(name, others)
    p0 = Fraction(9, 10) * (theirs + Fraction(1, 2)) / (of + 1) + Fraction(1, 20)
    a, b = k + M * p0, n - k + M * (1 - p0)
    return a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))


def coverage(t: Counter[Any]) -> Fraction:
    return Fraction(t["polls_done"], t["polls_due"]) if t["polls_due"] else Fraction(0)


def score(own: Counter[Any], others: Counter[Any], profile: str) -> Score | None:
    """The score of one tally, None without cases."""
    if not own["n"]:
        return None
    found = curve(own, others)
    made = _full(own, others, found) if profile == "lengkap" else _basic(own, found)
    made.grade, made.masses, made.moved = graded(made, own, others, profile)
    return made


def _speed_lines(own: Counter[Any], found: Curve, share: Fraction) -> list[Line]:
    lines = []
    for j in range(8):
        k = Fraction(sum(own[c] for c in COUNTED[: j + 1]))
        w, f = WEIGHTS[j] * share, found.mean[j]
        name = f"answered_in_bin_{j + 1}"
        variance = found.covariance[j][j]
        lines.append(Line(name, "CEPAT", k, own["n"], f, variance, w, 100 * w * f))
    return lines


def _basic(own: Counter[Any], found: Curve) -> Score:
    index = 100 * found.weighted(list(WEIGHTS))
    return Score(index, found.variance(list(WEIGHTS)), found, _speed_lines(own, found, Fraction(1)))


def _full(own: Counter[Any], others: Counter[Any], found: Curve) -> Score:
    f5, var_f5 = found.mean[4], found.covariance[4][4]
    lines = _speed_lines(own, found, Fraction(35, 100))
    q_mean = q_var = Fraction(0)
    r: dict[str, tuple[Fraction, Fraction]] = {}
    for name, dimension, thousandths, how in PARTS:
        w = Fraction(thousandths, 1000)
        mean, var = part(name, own, others)
        if how == "curve":
            mean, var = f5, var_f5
        elif how == "exact":
            mean, var = coverage(own), Fraction(0)
        r[name] = mean, var
        points = 100 * w * mean
        if how == "times F5":
            points *= f5
            q_mean, q_var = q_mean + w * mean, q_var + w**2 * var
        lines.append(Line(name, dimension, *k_of_n(name, own), mean, var, w, points))
    v = [Fraction(35, 100) * w for w in WEIGHTS]
    v[4] += Fraction(125, 1000)
    v1 = found.variance(v) + 2 * q_mean * found.with_place(v, 4)
    v1 += (var_f5 + f5**2) * (q_var + q_mean**2) - f5**2 * q_mean**2
    deviation = root(v1) + Fraction(75, 1000) * root(r["durable"][1])
    deviation += Fraction(90, 1000) * root(r["one_contact"][1])
    return Score(sum((line.points for line in lines), Fraction(0)), deviation**2, found, lines)


def matched(mean: Fraction, variance: Fraction) -> Any:
    """The Beta distribution of that mean and variance."""
    k = mean * (1 - mean) / variance - 1
    return beta(float(mean * k), float((1 - mean) * k))


def interval(mean: Fraction, variance: Fraction) -> tuple[float, float]:
    """5 % and 95 % quantiles on the scale to 100."""
    if variance <= TINY:
        return float(100 * mean), float(100 * mean)
    found = matched(mean, variance)
    return 100 * float(found.ppf(0.05)), 100 * float(found.ppf(0.95))


def plain_grade(index: Fraction) -> str:
    return GRADES[sum(nine(index) < cut for cut in CUTS)]


def decided(own: Counter[Any]) -> int:
    counted = [*COUNTED, "left_late", *(f"censored_{j}" for j in range(6, 10))]
    return sum(own[name] for name in counted)


def bounds(
    f5: Fraction, own: Counter[Any], others: Counter[Any], profile: str
) -> list[tuple[str, str]]:
    """The floor and caps that hold, in their order."""
    found = []
    f5 = nine(f5)
    if f5 >= Fraction(90, 100):
        found.append(("floor", "C"))
    few = own["audited_answers"] < 10
    poor = nine(part("rubric", own, others)[0]) < Fraction(1, 2)
    if f5 < Fraction(65, 100) or (profile == "lengkap" and not few and poor):
        found.append(("cap", "C"))
    if profile == "dasar" or few:
        found.append(("cap", "B"))
    return found


def bounded(grade: str, limits: list[tuple[str, str]]) -> tuple[str, list[str]]:
    """A grade after floor and caps, and those that moved it."""
    moved = []
    for rule, bound in limits:
        better = grade < bound
        if (rule == "cap" and better) or (rule == "floor" and grade > bound):
            grade = bound
            moved.append(f"{rule}_{bound}")
    return grade, moved


def graded(
    made: Score, own: Counter[Any], others: Counter[Any], profile: str
) -> tuple[str | None, list[float] | None, list[str]]:
    """Grade, masses of A to D, and what moved the grade."""
    if decided(own) < 10:
        return None, None, []
    limits = bounds(made.curve.mean[4], own, others, profile)
    plain = plain_grade(made.index)
    grade, moved = bounded(plain, limits)
    masses = [float(plain == g) for g in GRADES]
    if made.variance > TINY:
        spread = matched(made.index / 100, made.variance)
        below = [1.0, *(float(spread.cdf(float(cut / 100))) for cut in CUTS), 0.0]
        masses = [below[i] - below[i + 1] for i in range(4)]
    for rule, bound in limits:
        _move(masses, rule, GRADES.index(bound))
    return grade, masses, moved


def _move(masses: list[float], rule: str, bound: int) -> None:
    """Move the mass above (cap) or below (floor) the bound to the bound."""
    places = range(bound) if rule == "cap" else range(bound + 1, 4)
    for place in places:
        masses[bound] += masses[place]
        masses[place] = 0.0


def hundredths(lines: list[Line], index: Fraction) -> list[int]:
    """Printed points: rounded down, the rest to the largest remainders, the earlier first."""
    exact = [100 * nine(line.points) for line in lines]
    printed = [int(x // 1) for x in exact]
    rest = int((100 * nine(index) + Fraction(1, 2)) // 1) - sum(printed)
    order = sorted(range(len(lines)), key=lambda i: (printed[i] - exact[i], i))
    for i in order[:rest]:
        printed[i] += 1
    return printed


def by_dimension(made: Score) -> dict[str, Fraction]:
    """Points of the index that each dimension earned."""
    found: dict[str, Fraction] = {}
    for line in made.lines:
        found[line.dimension] = found.get(line.dimension, Fraction(0)) + line.points
    return found


def sensitivity(made: Score, own: Counter[Any], others: Counter[Any]) -> dict[str, Any]:
    """Eight indices with one dimension at a time weighted 0.8 and 1.2, and their grades."""
    points = by_dimension(made)
    limits = bounds(made.curve.mean[4], own, others, "lengkap")
    indices, grades = [], []
    for changed in DIMENSIONS:
        for factor in (Fraction(8, 10), Fraction(12, 10)):
            scale = {d: factor if d == changed else 1 for d in DIMENSIONS}
            weight = sum(Fraction(*DIMENSIONS[d]) * scale[d] for d in DIMENSIONS)
            index = Fraction(sum(points[d] * scale[d] for d in DIMENSIONS)) / weight
            indices.append(float(index))
            grades.append(bounded(plain_grade(index), limits)[0])
    if decided(own) < 10:
        return {"indices": indices, "lowest": None, "highest": None}
    return {"indices": indices, "lowest": max(grades), "highest": min(grades)}


def better(one: Score, two: Score) -> float:
    """P(one better than two)."""
    gap, spread = one.index - two.index, one.variance + two.variance
    if not spread:
        return 0.5 + 0.5 * ((gap > 0) - (gap < 0))
    return 0.5 * (1 + erf(float(gap / 100) / sqrt(2 * float(spread))))


def speed_without_informasi(rows: Rows, agency: str) -> float | None:
    """CEPAT of the other kinds, in the light of the other agencies' other kinds."""
    own = total(rows, agency=agency, but_kind="informasi")
    others = total(rows, but_kind="informasi")
    others.subtract(own)
    made = score(own, others, "dasar")
    return float(made.index) if made else None
