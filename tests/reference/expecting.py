"""What a vector expects: bins, rows, scores, and whatever else it asks for."""

from collections import Counter
from copy import deepcopy
from fractions import Fraction
from typing import Any

from reference.counting import Unit
from reference.days import office_of, seconds_of
from reference.scoring import (
    GRADES,
    Score,
    better,
    by_dimension,
    coverage,
    decided,
    hundredths,
    interval,
    nine,
    score,
    sensitivity,
    speed_without_informasi,
)
from reference.tallying import Rows, public, quantile, rows_of, templates, total, units, written

OWN_EXCLUSIONS = {"internal", "before_start"}  # need no claim, and are no share
MANY = 10  # agencies; with more their lines are left out, to keep the file small


def expected(vector: dict[str, Any]) -> dict[str, Any]:
    """All that another implementation must find for `vector`."""
    if _counts_twice(vector):
        return {"refused": "two values of as_of for one agency, kind, channel and period"}
    found = units(vector)
    rows = rows_of(vector, found)
    asked = vector.get("ask", {})
    result: dict[str, Any] = {}
    if vector.get("cases"):
        result["cases"] = [_end(unit) for unit in found]
    if "readings" in asked:
        result["readings"] = [_reading(vector, pair) for pair in asked["readings"]]
    if not rows:
        return result
    result["rows"] = [_row(key, rows[key]) for key in sorted(rows) if any(rows[key].values())]
    result["scores"] = _scores(rows, templates(vector), vector["profile"])
    if "quantiles" in asked:
        result["quantiles"] = _quantiles(rows, asked["quantiles"])
    if "better" in asked:
        result["better"] = [_better(rows, vector["profile"], pair) for pair in asked["better"]]
    if "sensitivity" in asked:
        result["sensitivity"] = {name: _sensitivity(rows, name) for name in asked["sensitivity"]}
    if "public" in asked:
        result["public"] = public(rows)
    if "counterfactual" in asked:
        result["counterfactual"] = _counterfactual(vector, asked["counterfactual"])
    return result


def _counts_twice(vector: dict[str, Any]) -> bool:
    """Whether rows given outright carry two values of as_of for one key."""
    seen: dict[tuple[str, ...], str] = {}
    for row in vector.get("rows", []):
        key = (row["agency"], row["kind"], row["channel"], row["period"])
        as_of = row.get("as_of", vector["as_of"])
        if seen.setdefault(key, as_of) != as_of:
            return True
    return False


def _end(unit: Unit) -> dict[str, Any]:
    return {
        "case": unit.case,
        "agency": unit.agency,
        "kind": unit.kind,
        "period": unit.period,
        "end": unit.end,
        "bin": unit.bin,
    }


def _row(key: tuple[str, str, str, str], values: Counter[Any]) -> dict[str, Any]:
    names = ("agency", "kind", "channel", "period")
    return dict(zip(names, key, strict=True), values=written(values))


def _scores(rows: Rows, texts: set[str], profile: str) -> dict[str, Any]:
    agencies = sorted({key[0] for key in rows})
    scores = {"agencies": {name: _agency(rows, texts, name, profile) for name in agencies}}
    if len(agencies) > MANY:
        for score_of in scores["agencies"].values():
            score_of.pop("lines", None)
    everything = total(rows)
    scores["province"] = _score(
        score(everything, Counter(), profile),
        everything,
        {"mix": False, "template": "" in texts},
    )
    return scores


def _sums(rows: Rows, agency: str) -> tuple[Counter[Any], Counter[Any]]:
    own = total(rows, agency=agency)
    others = total(rows)
    others.subtract(own)
    return own, others


def _agency(rows: Rows, texts: set[str], name: str, profile: str) -> dict[str, Any]:
    own, others = _sums(rows, name)
    mixed = _mixed(rows, name)
    flags = {"mix": mixed, "template": name in texts}
    result = _score(score(own, others, profile), own, flags)
    if mixed:
        result["cepat_without_informasi"] = speed_without_informasi(rows, name)
    return result


def _mixed(rows: Rows, agency: str) -> bool:
    """Whether informasi has over 0.20 more of n than at the other agencies together."""
    own, others = _sums(rows, agency)
    plain = total(rows, agency=agency, but_kind="informasi")
    rest = total(rows, but_kind="informasi")
    if not own["n"] or not others["n"]:
        return False
    share = 1 - Fraction(plain["n"], own["n"])
    theirs = 1 - Fraction(rest["n"] - plain["n"], others["n"])
    return nine(share - theirs) > Fraction(1, 5)


def _provisional(t: Counter[Any]) -> bool:
    excluded = sum(
        value
        for key, value in t.items()
        if isinstance(key, tuple)
        and key[0] == "excluded_by_reason"
        and key[1] not in OWN_EXCLUSIONS
    )
    whole = excluded + t["n"]
    too_many = bool(whole) and nine(Fraction(excluded, whole)) > Fraction(15, 100)
    return nine(coverage(t)) < Fraction(80, 100) or too_many


def _score(made: Score | None, own: Counter[Any], flags: dict[str, bool]) -> dict[str, Any]:
    if made is None:
        return {"n": 0, "index": None}
    low, high = interval(made.index / 100, made.variance)
    known = decided(own)
    return {
        "n": own["n"],
        "decided": known,
        "index": float(made.index),
        "low": low,
        "high": high,
        "variance": float(made.variance),
        "grade": made.grade,
        "grade_probabilities": dict(zip(GRADES, made.masses, strict=True)) if made.masses else None,
        "moved_by": made.moved,
        "dimensions": {name: float(points) for name, points in by_dimension(made).items()},
        "curve": [float(f) for f in made.curve.mean],
        "flags": {
            "too_few": known < 10,
            "sementara": 10 <= known < 30,
            "provisional": _provisional(own),
            **flags,
        },
        "lines": _lines(made),
    }


def _lines(made: Score) -> list[dict[str, Any]]:
    printed = hundredths(made.lines, made.index)
    found = []
    for line, points in zip(made.lines, printed, strict=True):
        low, high = interval(line.estimate, line.variance)
        found.append(
            {
                "line": line.name,
                "k": float(line.k),
                "n": line.n,
                "estimate": float(line.estimate),
                "low": low,
                "high": high,
                "weight": float(line.weight),
                "points": float(line.points),
                "printed_hundredths": points,
            }
        )
    return found


def _quantiles(rows: Rows, shares: list[float]) -> dict[str, Any]:
    """Minutes; null is "belum tercapai"."""
    agencies = sorted({key[0] for key in rows})
    return {
        name: {str(q): quantile(total(rows, agency=name), q) for q in shares} for name in agencies
    }


def _better(rows: Rows, profile: str, pair: list[str]) -> dict[str, Any]:
    one, two = (score(*_sums(rows, name), profile) for name in pair)
    if one is None or two is None:
        raise ValueError("no score to compare")
    return {"pair": pair, "probability": better(one, two)}


def _sensitivity(rows: Rows, name: str) -> dict[str, Any]:
    own, others = _sums(rows, name)
    made = score(own, others, "lengkap")
    if made is None:
        raise ValueError("no score to vary")
    return sensitivity(made, own, others)


def _counterfactual(vector: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The score of an agency after its named open cases are answered in the bin of as_of."""
    found = units(vector)
    for unit in found:
        if unit.case in asked["cases"] and unit.agency == asked["agency"] and unit.end == "open":
            unit.values[f"censored_{unit.bin}"] -= 1
            unit.values[f"answered_{unit.bin}"] += 1
    rows = rows_of(vector, found)
    result = _agency(rows, set(), asked["agency"], vector["profile"])
    names = ("n", "decided", "index", "low", "high", "grade", "grade_probabilities")
    return {name: result[name] for name in names}


def _reading(vector: dict[str, Any], pair: list[str]) -> dict[str, Any]:
    """Office seconds and working days strictly between two instants."""
    office = office_of(vector["calendar"])
    start, end = (seconds_of(text) for text in pair)
    return {
        "office_seconds": office.office_seconds(start, end),
        "working_days_between": len(office.between(start, end)),
    }


def with_expected(vector: dict[str, Any]) -> dict[str, Any]:
    """The vector as it is shipped."""
    return dict(deepcopy(vector), expected=expected(vector))
