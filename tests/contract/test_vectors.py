"""The library and a second, plain program find the same in every conformance vector."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from contract.neutral import HOME, Teller, calendar_of, instant, vectors
from pelayanan.cases import template_agencies
from pelayanan.errors import ConfigError
from pelayanan.score import AgencyScore, ScoreReport, Tally, TallyKey, Waiting, score_tally
from reference.make import vectors as made_vectors

VECTORS = {vector["name"]: vector for vector in vectors()}
SCORED = {name: vector for name, vector in VECTORS.items() if "scores" in vector["expected"]}
COUNTED = {name: vector for name, vector in VECTORS.items() if vector.get("cases")}
Row = dict[str, int]
Key = tuple[str, str, str, str]  # agency, kind, channel, period


def asked(word: str) -> list[dict[str, Any]]:
    return [vector for vector in VECTORS.values() if word in vector.get("ask", {})]


def near(value: Any) -> Any:
    """Equal to 1e-9, whatever the size."""
    return value if value is None else pytest.approx(value, rel=0, abs=1e-9)


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


@pytest.mark.parametrize("vector", SCORED.values(), ids=named)
def test_every_count_of_the_tally_is_the_same(vector: dict[str, Any]) -> None:
    expected = {
        (row["agency"], row["kind"], row["channel"], row["period"]): flat(row["values"])
        for row in vector["expected"]["rows"]
    }
    assert rows_of(tally_of(vector)) == expected


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


def compared(vector: dict[str, Any]) -> Iterator[tuple[str, AgencyScore, dict[str, Any]]]:
    """What the library says, and what is expected, of each agency and the province."""
    report, expected = report_of(vector["name"]), vector["expected"]["scores"]
    assert set(report.agencies) == set(expected["agencies"])
    for name, score in report.agencies.items():
        yield name, score, expected["agencies"][name]
    yield "province", report.province, expected["province"]


@pytest.mark.parametrize("vector", SCORED.values(), ids=named)
def test_every_score_is_the_same(vector: dict[str, Any]) -> None:
    for name, score, expected in compared(vector):
        assert score.n == expected["n"], name
        if expected["index"] is None:
            assert score.index is None, name
            continue
        assert score.decided == expected["decided"], name
        for number in ("index", "low", "high", "variance"):
            assert getattr(score, number) == near(expected[number]), (name, number)
        assert score.curve == near(tuple(expected["curve"])), name
        assert score.dimensions == near(expected["dimensions"]), name
        assert score.grade == expected["grade"], name
        assert list(score.moved_by) == expected["moved_by"], name
        assert score.grade_probabilities == near(expected["grade_probabilities"]), name
        assert score.flags.model_dump() == expected["flags"], name
        assert score.without_informasi == near(expected.get("cepat_without_informasi")), name


@pytest.mark.parametrize("vector", SCORED.values(), ids=named)
def test_every_line_is_the_same_and_printed_the_same(vector: dict[str, Any]) -> None:
    for name, score, expected in compared(vector):
        if expected["index"] is None or "lines" not in expected:
            continue
        for line, wanted in zip(score.lines, expected["lines"], strict=True):
            assert line.name == wanted["line"], name
            for number in ("k", "n", "estimate", "low", "high", "weight", "points"):
                assert getattr(line, number) == near(wanted[number]), (name, line.name, number)
            assert line.printed == wanted["printed_hundredths"], (name, line.name)


@pytest.mark.parametrize("vector", asked("quantiles"), ids=named)
def test_answer_times_are_read_off_the_histogram_the_same_way(vector: dict[str, Any]) -> None:
    report = report_of(vector["name"])
    for name, wanted in vector["expected"]["quantiles"].items():
        for share, minutes in wanted.items():
            assert report.agencies[name].quantile(float(share)) == minutes, (name, share)


@pytest.mark.parametrize("vector", asked("better"), ids=named)
def test_the_probability_to_be_better_is_the_same(vector: dict[str, Any]) -> None:
    report = report_of(vector["name"])
    for wanted in vector["expected"]["better"]:
        found = report.probability_better(*wanted["pair"])
        assert found == near(wanted["probability"]), wanted["pair"]


@pytest.mark.parametrize("vector", asked("sensitivity"), ids=named)
def test_other_weights_span_the_same_grades(vector: dict[str, Any]) -> None:
    report = report_of(vector["name"])
    for name, wanted in vector["expected"]["sensitivity"].items():
        found = report.sensitivity(name)
        assert list(found.indices) == near(wanted["indices"]), name
        assert (found.lowest, found.highest) == (wanted["lowest"], wanted["highest"]), name


@pytest.mark.parametrize("vector", asked("counterfactual"), ids=named)
def test_the_counterfactual_is_the_same(vector: dict[str, Any]) -> None:
    question = vector["ask"]["counterfactual"]
    waiting = [
        Waiting(case["case"], case["bin"])
        for case in vector["expected"]["cases"]
        if case["case"] in question["cases"] and case["end"] == "open"
    ]
    found = report_of(vector["name"]).counterfactual(question["agency"], waiting)
    for name, wanted in vector["expected"]["counterfactual"].items():
        value = getattr(found, name)
        assert value == (wanted if isinstance(wanted, str) else near(wanted)), name


@pytest.mark.parametrize("vector", asked("public"), ids=named)
def test_published_counts_are_rounded_the_same_way(vector: dict[str, Any]) -> None:
    found, wanted = report_of(vector["name"]).public(), vector["expected"]["public"]
    assert found.province == flat(wanted["province"])
    assert found.agencies == {name: flat(row) for name, row in wanted["agencies"].items()}
    cells = {f"{c['kind']}/{c['channel']}": flat(c["values"]) for c in wanted["kind_and_channel"]}
    assert found.kind_and_channel == cells


def test_two_values_of_as_of_are_refused() -> None:
    refused = [vector for vector in VECTORS.values() if "refused" in vector["expected"]]
    assert refused
    for vector in refused:
        with pytest.raises(ConfigError):
            tally_of(vector).score()
