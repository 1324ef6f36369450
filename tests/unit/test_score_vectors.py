"""The library computes what the shipped vectors say, to 1e-9 (score.md, 7)."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Asked,
    Case,
    Claimed,
    Confirmed,
    Excluded,
    Fulfilled,
    MovedToPrivate,
    Promised,
    Received,
    Reopened,
    Resolved,
    Returned,
    SentText,
    Transferred,
    Triaged,
    Withdrawn,
    mass_answers,
    template_agencies,
)
from pelayanan.errors import ConfigError
from pelayanan.models import Author, Kind
from pelayanan.score import ScoreReport, Tally, TallyKey, Waiting, score_tally
from pelayanan.score.agency import AgencyScore

Vector = Mapping[str, Any]
FOLDER = files("pelayanan.score") / "vectors"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.name.endswith(".json"))


@cache
def read(name: str) -> Vector:
    found: Vector = json.loads((FOLDER / name).read_text("utf-8"))
    return found


def calendar_of(vector: Vector) -> WorkCalendar:
    told = vector["calendar"]
    return _calendar(told["timezone"], json.dumps(told.get("overrides")))


@cache
def _calendar(timezone: str, overrides: str) -> WorkCalendar:
    return WorkCalendar.indonesia(timezone, json.loads(overrides))


def close(found: object, wanted: object) -> bool:
    if isinstance(wanted, float) or isinstance(found, float):
        return bool(found == pytest.approx(wanted, abs=1e-9, rel=0))
    return bool(found == wanted)


def differences(found: Any, wanted: Any, path: str = "") -> Iterator[str]:
    if isinstance(wanted, Mapping):
        for key, value in wanted.items():
            there = key in found
            yield from (
                differences(found.get(key), value, f"{path}.{key}")
                if there
                else [f"{path}.{key} is missing"]
            )
    elif isinstance(wanted, list):
        if len(found) != len(wanted):
            yield f"{path} has {len(found)} items, not {len(wanted)}"
        for number, pair in enumerate(zip(found, wanted, strict=False)):
            yield from differences(*pair, f"{path}[{number}]")
    elif not close(found, wanted):
        yield f"{path} is {found!r}, not {wanted!r}"


# ---- from a vector's words to events


class Teller:
    """Tells the events of one need, which several agencies may have had."""

    def __init__(self, case: Vector) -> None:
        self.case = case
        self.id: str = case["id"]
        self.logs: dict[str, list[AnyEvent]] = {}
        self.sent: list[SentText] = []
        self.holder = {case["agency"]: self.id}
        self.places: dict[str, str] = {}
        confirmed = [e for e in case["events"] if e["type"] == "confirmed"]
        accepted = {e["claim"] for e in confirmed if e["by"] != "agency"}
        for number, event in enumerate(case["events"]):
            self.tell(event, f"{self.id}:{number}", accepted)

    def tell(self, event: Vector, key: str, accepted: set[str]) -> None:
        at = datetime.fromisoformat(event["at"])
        agency: str = event.get("agency", self.case["agency"])
        if agency not in self.holder:
            return  # an agency that does not have the need answers for nobody
        by_citizen = event["type"] in {"message", "withdrawn", "deleted"}
        place: str = self.id if by_citizen else self.holder[agency]
        told = getattr(self, event["type"])(event, at, key)
        if event["type"] in {"confirmed", "returned"}:
            place = str(self.places.get(event["claim"], place))
        if "id" in event:
            self.places[event["id"]] = place
        for each in told:
            self.logs.setdefault(place, []).append(each)
        if event["type"] == "handed_over" and event["id"] in accepted:
            self.receive(event, at, place)

    def receive(self, event: Vector, at: datetime, sender: str) -> None:
        place = f"{self.id}/{event['id']}"
        self.holder[event["to"]] = place
        kind = Triaged(at=at, kind=Kind(self.case["kind"]), source="rule", key=f"{place}:k")
        first = Received(at=at, message=place, handed_by=sender, key=f"{place}:r")
        self.logs[place] = [first, kind]

    def key(self, event: Vector, key: str) -> str:
        return f"{self.id}:{event['id']}" if "id" in event else key

    def opened(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        kind = Kind(self.case["kind"])
        return [
            Received(at=at, message=self.id, key=key),
            Triaged(at=at, kind=kind, source="rule", key=f"{key}k"),
        ]

    def answer(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        key, form = self.key(event, key), event["form"]
        human = event["by"] == "person"
        actor = Actor.HUMAN if human else Actor.AUTOMATIC
        if human and "family" in event:
            citizen = self.case.get("author", self.id)
            agency: str = event.get("agency", self.case["agency"])
            inside = event.get("ledger", False)
            self.sent.append(SentText(key, agency, citizen, event["family"], at, in_ledger=inside))
        if form == "to_private":
            return [MovedToPrivate(at=at, actor=actor, key=key)]
        if form == "receipt":
            return [Acknowledged(at=at, actor=actor, key=key)]
        substantive = form != "next_step" or ("unit" in event and "date" in event)
        made: list[AnyEvent] = [Answered(at=at, actor=actor, substantive=substantive, key=key)]
        if form == "asks":
            made.append(Asked(at=at, what="yang kurang", actor=actor, key=f"{key}a"))
        if "date" in event:
            due, unit = date.fromisoformat(event["date"]), event.get("unit", "")
            only = key if form == "next_step" else ""
            made.append(
                Promised(at=at, due=due, unit=unit, answer=only, actor=actor, key=f"{key}p")
            )
        return made

    def done(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        dates = {e.get("promise"): e.get("date") for e in self.case["events"] if "date" in e}
        due = dates.get(event["promise"])
        return [Fulfilled(at=at, due=date.fromisoformat(due), key=key)] if due else []

    def closed(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        return [Resolved(at=at, key=key)]

    def reopened(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        return [Reopened(at=at, key=key)]

    def message(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        return [Received(at=at, message=key, key=key)]

    def withdrawn(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        return [Withdrawn(at=at, key=key)]

    def deleted(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        actor = Actor.CITIZEN if event["by"] == "author" else Actor.HUMAN
        return [Withdrawn(at=at, how="deleted", actor=actor, key=key)]

    def handed_over(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        return [Transferred(at=at, to=event["to"], key=self.key(event, key))]

    def returned(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        return [Returned(at=at, key=key)]

    def kind(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        return [Triaged(at=at, kind=Kind(event["kind"]), key=self.key(event, key))]

    def excluded(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        actor = Actor.HUMAN if "id" in event else Actor.SYSTEM
        return [Excluded(at=at, reason=event["reason"], actor=actor, key=self.key(event, key))]

    def confirmed(self, event: Vector, at: datetime, key: str) -> list[AnyEvent]:
        claim = f"{self.id}:{event['claim']}"
        return [Confirmed(at=at, claim=claim, side=event["by"], key=key)]


def cases_of(vector: Vector) -> tuple[list[Case], list[SentText]]:
    tellers = [Teller(case) for case in vector["cases"]]
    sent = [each for teller in tellers for each in teller.sent]
    zone = calendar_of(vector).zone
    until = datetime.fromisoformat(vector["as_of"])
    waiting = mass_answers([each for each in sent if each.at <= until], zone)
    for teller in tellers:
        for log in teller.logs.values():
            log += [
                Claimed(at=event.at, what="mass_answer", detail=event.key, key=f"mass:{event.key}")
                for event in log
                if event.key in waiting
            ]
    agencies = {
        f"{teller.id}/{event['id']}": event["to"]
        for teller in tellers
        for event in teller.case["events"]
        if event["type"] == "handed_over"
    } | {teller.id: teller.case["agency"] for teller in tellers}
    made = [
        Case(
            id=place,
            agency=agencies[place],
            account=agencies[place],
            platform=teller.case["channel"],
            author=Author(id="w", handle="warga_contoh"),
            opened=log[0].at or until,
            events=tuple(log),
        )
        for teller in tellers
        for place, log in teller.logs.items()
    ]
    return made, sent


# ---- tallies


def plain(values: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            prefix = {"excluded_by_reason": "excluded", "histogram": "histogram"}[name]
            found |= {f"{prefix}:{key}": count for key, count in value.items()}
        elif value:
            found[name] = value
    return found


def key_of(vector: Vector, row: Vector, calendar: str) -> TallyKey:
    at = datetime.fromisoformat(row.get("as_of", vector["as_of"]))
    return TallyKey(
        vector["province"],
        row["agency"],
        row.get("kind", ""),
        row["channel"],
        row["period"],
        vector["definition"],
        calendar,
        int(at.timestamp()),
    )


def tally_of(vector: Vector) -> Tally:
    calendar = calendar_of(vector) if "calendar" in vector else None
    version = calendar.version if calendar else "id"
    rows = [(key_of(vector, row, version), plain(row["values"])) for row in vector.get("rows", ())]
    found = Tally.of(rows)
    if "cases" in vector and calendar:
        made, _ = cases_of(vector)
        until = datetime.fromisoformat(vector["as_of"])
        found += Tally.from_cases(made, calendar=calendar, as_of=until, province=vector["province"])
    for poll in vector.get("polls", ()):
        values = {"polls_due": poll["due"], "polls_done": poll["done"]}
        found += Tally.of([(key_of(vector, poll, version), values)])
    for audit in vector.get("audits", ()):
        values = {"audited_answers": 1, "audited_ok": audit["ok"]}
        found += Tally.of([(key_of(vector, audit, version), values)])
    return found


def rows_of(tally: Tally) -> dict[tuple[str, ...], dict[str, int]]:
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for key, values in tally:
        kept = {name: count for name, count in values.items() if count}
        if kept:
            found[key.agency, key.kind, key.channel, key.period] = kept
    return found


def report_of(vector: Vector) -> ScoreReport:
    sent = cases_of(vector)[1] if "cases" in vector else []
    until = datetime.fromisoformat(vector["as_of"])
    flagged = template_agencies(each for each in sent if each.at <= until)
    return score_tally(tally_of(vector), profile=vector["profile"], templates=flagged)


# ---- scores


def shown(score: AgencyScore) -> dict[str, Any]:
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


VECTORS = [name for name in NAMES if "rows" in read(name)["expected"]]


@pytest.mark.parametrize("name", VECTORS)
def test_the_tally_is_what_the_vector_says(name: str) -> None:
    vector = read(name)
    wanted = {
        (row["agency"], row["kind"], row["channel"], row["period"]): plain(row["values"])
        for row in vector["expected"]["rows"]
    }
    assert rows_of(tally_of(vector)) == {key: row for key, row in wanted.items() if row}


@pytest.mark.parametrize("name", [name for name in VECTORS if "scores" in read(name)["expected"]])
def test_the_score_is_what_the_vector_says(name: str) -> None:
    vector = read(name)
    wanted = vector["expected"]["scores"]
    if not vector["expected"]["rows"]:
        with pytest.raises(ConfigError, match="nothing"):
            report_of(vector)
        return
    report = report_of(vector)
    agencies = {key: score for key, score in wanted["agencies"].items() if score["n"]}
    found = {key: shown(report.agencies[key]) for key in agencies}
    assert list(differences(found, agencies)) == []
    assert list(differences(shown(report.province), wanted["province"])) == []


def asking(what: str) -> list[str]:
    return [name for name in NAMES if what in read(name).get("ask", {})]


@pytest.mark.parametrize("name", asking("better"))
def test_the_probability_of_being_better(name: str) -> None:
    vector, report = read(name), report_of(read(name))
    found = [
        {"pair": pair, "probability": report.probability_better(*pair)}
        for pair in vector["ask"]["better"]
    ]
    assert list(differences(found, vector["expected"]["better"])) == []


@pytest.mark.parametrize("name", asking("sensitivity"))
def test_the_sensitivity(name: str) -> None:
    vector, report = read(name), report_of(read(name))
    for key, wanted in vector["expected"]["sensitivity"].items():
        found = report.sensitivity(key)
        assert list(differences(list(found.indices), wanted["indices"])) == []
        assert (found.lowest, found.highest) == (wanted["lowest"], wanted["highest"])


@pytest.mark.parametrize("name", asking("counterfactual"))
def test_the_counterfactual(name: str) -> None:
    vector = read(name)
    asked, ends = vector["ask"]["counterfactual"], vector["expected"]["cases"]
    bins = {each["case"]: each["bin"] for each in ends if each["end"] == "open"}
    waiting = [Waiting(key, bins[key]) for key in asked["cases"] if key in bins]
    found = report_of(vector).counterfactual(asked["agency"], waiting)
    assert list(differences(shown(found), vector["expected"]["counterfactual"])) == []


@pytest.mark.parametrize("name", asking("quantiles"))
def test_the_quantiles(name: str) -> None:
    vector, report = read(name), report_of(read(name))
    for key, wanted in vector["expected"]["quantiles"].items():
        found = {str(q): report.agencies[key].quantile(q) for q in vector["ask"]["quantiles"]}
        assert found == wanted


@pytest.mark.parametrize("name", asking("public"))
def test_the_public_form(name: str) -> None:
    found, wanted = report_of(read(name)).public(), read(name)["expected"]["public"]
    assert found.province == plain(wanted["province"])
    assert found.agencies == {key: plain(row) for key, row in wanted["agencies"].items()}
    cells = {f"{each['kind']}/{each['channel']}": each for each in wanted["kind_and_channel"]}
    assert found.kind_and_channel == {key: plain(each["values"]) for key, each in cells.items()}


@pytest.mark.parametrize("name", asking("readings"))
def test_the_readings_of_the_calendar(name: str) -> None:
    vector, calendar = read(name), calendar_of(read(name))
    for pair, wanted in zip(vector["ask"]["readings"], vector["expected"]["readings"], strict=True):
        start, end = map(datetime.fromisoformat, pair)
        assert calendar.working_seconds(start, end) == wanted["office_seconds"]
        assert calendar.working_days_between(start, end) == wanted["working_days_between"]


@pytest.mark.parametrize("name", [name for name in NAMES if "merge" in read(name)])
def test_any_split_of_the_cases_adds_to_the_same_tally(name: str) -> None:
    vector = read(name)
    parts = [
        {**vector, "cases": [case for case in vector["cases"] if case["id"] in part]}
        for part in vector["merge"]
    ]
    added = sum((tally_of(part) for part in parts), Tally())
    assert added.digest == tally_of(vector).digest


@pytest.mark.parametrize("name", [name for name in NAMES if "refused" in read(name)["expected"]])
def test_what_would_count_cases_twice_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="twice"):
        report_of(read(name))


def test_there_are_enough_vectors() -> None:
    assert len(NAMES) >= 60


def test_ends_and_bins_are_those_of_the_cases() -> None:
    seen = 0
    for name in VECTORS:
        vector = read(name)
        for wanted in vector["expected"].get("cases", ()):
            seen += wanted["end"] in {"answered", "open", "left_early", "left_late"}
    counted = sum(
        row["values"].get("n", 0)
        for name in VECTORS
        if "cases" in read(name)
        for row in read(name)["expected"]["rows"]
    )
    assert seen == counted
