"""The library and a second, plain program find the same in every conformance vector."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from contract.neutral import HOME, Teller, calendar_of, instant, vectors
from pelayanan.cases import template_agencies
from pelayanan.errors import ConfigError
from pelayanan.score import AgencyScore, ScoreReport, Tally, TallyKey, Waiting, score_tally
from pelayanan.score.conformance import compare
from reference.make import vectors as made_vectors

VECTORS = {vector["name"]: vector for vector in vectors()}
SCORED = {name: vector for name, vector in VECTORS.items() if "scores" in vector["expected"]}
COUNTED = {name: vector for name, vector in VECTORS.items() if vector.get("cases")}
Row = dict[str, int]
Key = tuple[str, str, str, str]  # agency, kind, channel, period


def asked(word: str) -> list[dict[str, Any]]:
    return [vector for vector in VECTORS.values() if word in vector.get("ask", {})]


def named(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def flat(values: dict[str, Any]) -> Row:
    """The row of a vector in the names of the library's tally."""
    found: Row = {}
    for name, value in values.items():
        part = {"histogram": "histogram", "excluded_by_reason": "excluded"}.get(name)
        found |= (
            {f"{part}:{key}": number for key, number in value.items()} if part else {name: value}
        )
    return {name: number for name, number in found.items() if number}


def tally_of(vector: dict[str, Any], cases: list[Any] | None = None) -> Tally:
    """All that a vector gives: cases, audited answers, polls, rows."""
    teller = Teller(vector)
    told = teller.cases() if cases is None else cases
    counted = Tally.from_cases(
        told, calendar=teller.calendar, as_of=teller.as_of, province=vector["province"]
    )
    if cases is not None:
        return counted
    for audit in vector.get("audits", []):
        counted += one_row(vector, audit, {"audited_answers": 1, "audited_ok": audit["ok"]})
    for poll in vector.get("polls", []):
        counted += one_row(vector, poll, {"polls_due": poll["due"], "polls_done": poll["done"]})
    for row in vector.get("rows", []):
        counted += one_row(vector, row, flat(row["values"]))
    return counted


def one_row(vector: dict[str, Any], row: dict[str, Any], values: Row) -> Tally:
    key = TallyKey(
        province=vector["province"],
        agency=row["agency"],
        kind=row.get("kind", ""),
        channel=row["channel"],
        period=row["period"],
        definition=vector["definition"],
        calendar=calendar_of(vector).version,
        as_of=int(instant(row.get("as_of", vector["as_of"])).timestamp()),
    )
    return Tally.of([(key, values)])


def rows_of(tally: Tally) -> dict[Key, Row]:
    """Its rows without zeros."""
    rows = {
        (key.agency, key.kind, key.channel, key.period): {k: v for k, v in values.items() if v}
        for key, values in tally
    }
    return {key: row for key, row in rows.items() if row}


def ends_of(tally: Tally) -> Counter[tuple[str, str, str, str]]:
    """How many cases of an agency, kind and period ended how."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for (agency, kind, _, period), row in rows_of(tally).items():
        for name, number in row.items():
            if name.startswith(("answered_", "left_", "censored_", "excluded:")):
                found[agency, kind, period, name.partition(":")[0]] += number
    return found


def end_name(case: dict[str, Any]) -> str:
    names = {"left_late": "left_late", "excluded": "excluded", "open": f"censored_{case['bin']}"}
    return names.get(case["end"], f"{case['end']}_{case['bin']}")


def test_the_vectors_are_what_the_plain_program_makes() -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in HOME.glob("*.json")}
    assert made_vectors() == on_disk


def test_there_are_enough_of_them_and_each_says_what_it_is_about() -> None:
    assert len(VECTORS) >= 60
    for name, vector in VECTORS.items():
        assert vector["about"].endswith((".", ":")), name
        assert (HOME / f"{name}.json").is_file()


@pytest.mark.parametrize("vector", asked("readings"), ids=named)
def test_office_time_is_the_same_day_by_day(vector: dict[str, Any]) -> None:
    calendar = calendar_of(vector)
    for pair, expected in zip(
        vector["ask"]["readings"], vector["expected"]["readings"], strict=True
    ):
        start, end = (instant(text) for text in pair)
        assert calendar.working_seconds(start, end) == expected["office_seconds"], pair
        assert calendar.working_days_between(start, end) == expected["working_days_between"], pair


@pytest.mark.parametrize("vector", COUNTED.values(), ids=named)
def test_every_case_ends_the_same_way(vector: dict[str, Any]) -> None:
    for need, cases in Teller(vector).needs().items():
        expected = Counter(
            (case["agency"], case["kind"], case["period"], end_name(case))
            for case in vector["expected"]["cases"]
            if case["case"] == need
        )
        assert ends_of(tally_of(vector, cases)) == expected, need


def test_the_parts_of_a_split_add_up_to_the_whole() -> None:
    vector = VECTORS["merge"]
    needs = Teller(vector).needs()
    parts = [
        tally_of(vector, [case for name in part for case in needs[name]])
        for part in vector["merge"]
    ]
    assert sum(parts, Tally()) == tally_of(vector)
    assert sum(reversed(parts), Tally()).digest == tally_of(vector).digest


@cache
def report_of(name: str) -> ScoreReport:
    vector = VECTORS[name]
    templates = template_agencies(Teller(vector).sent())
    return score_tally(tally_of(vector), profile=vector["profile"], templates=templates)


def shown(score: AgencyScore) -> dict[str, Any]:
    """A score in the words of the vectors."""
    lines = [
        {
            "line": line.name,
            "k": float(line.k),
            "n": int(line.n),
            "estimate": line.estimate,
            "low": line.low,
            "high": line.high,
            "weight": line.weight,
            "points": line.points,
            "printed_hundredths": line.printed,
        }
        for line in score.lines
    ]
    return {
        "n": score.n,
        "decided": score.decided,
        "index": score.index,
        "low": score.low,
        "high": score.high,
        "variance": score.variance,
        "grade": score.grade,
        "grade_probabilities": score.grade_probabilities,
        "moved_by": list(score.moved_by),
        "dimensions": score.dimensions,
        "curve": list(score.curve),
        "flags": score.flags.model_dump(),
        "lines": lines,
        "cepat_without_informasi": score.without_informasi,
    }


def nested(row: Mapping[str, int]) -> dict[str, Any]:
    """A row of the library's tally in the words of the vectors."""
    found: dict[str, Any] = {}
    for name, number in row.items():
        part, _, key = name.partition(":")
        if key:
            found.setdefault({"excluded": "excluded_by_reason"}.get(part, part), {})[key] = number
        else:
            found[name] = number
    return found


def said(vector: dict[str, Any]) -> dict[str, Any]:
    """What the library says of a vector, in the form of its `expected`; without the cases."""
    asked, report = vector.get("ask", {}), report_of(vector["name"])
    found: dict[str, Any] = {
        "rows": [
            dict(zip(("agency", "kind", "channel", "period"), key, strict=True))
            | {"values": nested(row)}
            for key, row in rows_of(tally_of(vector)).items()
        ],
        "scores": {
            "agencies": {name: shown(score) for name, score in report.agencies.items()},
            "province": shown(report.province),
        },
    }
    if "quantiles" in asked:
        found["quantiles"] = {
            name: {str(share): score.quantile(share) for share in asked["quantiles"]}
            for name, score in report.agencies.items()
        }
    if "better" in asked:
        found["better"] = [
            {"pair": pair, "probability": report.probability_better(*pair)}
            for pair in asked["better"]
        ]
    if "sensitivity" in asked:
        told = {name: report.sensitivity(name) for name in asked["sensitivity"]}
        found["sensitivity"] = {
            name: {"indices": list(x.indices), "lowest": x.lowest, "highest": x.highest}
            for name, x in told.items()
        }
    if "counterfactual" in asked:
        question = asked["counterfactual"]
        open_ones = [
            Waiting(case["case"], case["bin"])
            for case in vector["expected"]["cases"]
            if case["case"] in question["cases"] and case["end"] == "open"
        ]
        found["counterfactual"] = shown(report.counterfactual(question["agency"], open_ones))
    if "public" in asked:
        public = report.public()
        found["public"] = {
            "province": nested(public.province),
            "agencies": {name: nested(row) for name, row in public.agencies.items()},
            "kind_and_channel": [
                dict(zip(("kind", "channel"), cell.split("/"), strict=True))
                | {"values": nested(row)}
                for cell, row in public.kind_and_channel.items()
            ],
        }
    if "readings" in asked:
        calendar = calendar_of(vector)
        pairs = [tuple(map(instant, pair)) for pair in asked["readings"]]
        found["readings"] = [
            {
                "office_seconds": calendar.working_seconds(*pair),
                "working_days_between": calendar.working_days_between(*pair),
            }
            for pair in pairs
        ]
    return found


@pytest.mark.parametrize("vector", SCORED.values(), ids=named)
def test_the_library_says_what_the_vector_says(vector: dict[str, Any]) -> None:
    expected = {name: value for name, value in vector["expected"].items() if name != "cases"}
    assert list(compare(said(vector), expected)) == []


def test_two_values_of_as_of_are_refused() -> None:
    refused = [vector for vector in VECTORS.values() if "refused" in vector["expected"]]
    assert refused
    for vector in refused:
        with pytest.raises(ConfigError):
            tally_of(vector).score()
