"""``score verify``: what another program found is held to the shipped vectors."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pelayanan.cli.main import main
from pelayanan.score.conformance import Difference, compare, judge, vectors

EXPECTED = {name: vector["expected"] for name, vector in vectors().items()}


def write(place: Path, outputs: dict[str, Any]) -> str:
    place.mkdir(exist_ok=True)
    for name, output in outputs.items():
        (place / f"{name}.json").write_text(json.dumps(output))
    return str(place)


def test_an_implementation_that_agrees_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", "verify", write(tmp_path / "semua", EXPECTED)]) == 0
    n = len(EXPECTED)
    assert capsys.readouterr().out == f"{n} vektor: {n} cocok, 0 berbeda (0 nilai), 0 tidak ada\n"
    one = tmp_path / "satu.json"
    one.write_text(json.dumps(EXPECTED), "utf-8-sig")
    assert main(["score", "verify", str(one), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["vectors"], told["missing"], told["differences"]) == (
        True,
        n,
        [],
        {},
    )
    whole = write(tmp_path / "utuh", vectors())  # files with all of a vector do as well
    assert main(["score", "verify", whole]) == 0


def test_each_disagreement_is_told_with_its_place_and_both_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = deepcopy(EXPECTED)
    del outputs["weekend"]
    night = outputs["saturday-night"]
    night["rows"][0]["values"]["answered_4"] = 2
    night["scores"]["province"]["grade"] = "A"
    folder = write(tmp_path / "x", outputs)
    assert main(["score", "verify", folder, "--lang", "en"]) == 1
    lines = capsys.readouterr().out.splitlines()
    n = len(EXPECTED)
    row = "rows[dinsos/pengaduan/mastodon/2026-07]"
    assert lines == [
        f"saturday-night: {row}.values.answered_4: expected 1, got 2",
        'saturday-night: scores.province.grade: expected null, got "A"',
        "weekend: no output",
        f"{n} vectors: {n - 2} agree, 1 differ (2 values), 1 missing",
    ]
    assert main(["score", "verify", folder, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["missing"]) == (False, ["weekend"])
    path = "scores.province.grade"
    assert told["differences"]["saturday-night"][1] == {
        "path": path,
        "expected": None,
        "got": "A",
    }


def test_what_cannot_be_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "verify"]) == 2
    assert "score verify VECTORS" in capsys.readouterr().err
    (tmp_path / "x.json").write_text("[1]")
    assert main(["score", "verify", str(tmp_path / "x.json")]) == 2
    assert "x.json holds no JSON object by name of vector" in capsys.readouterr().err
    assert main(["score", "verify", str(tmp_path / "tidak-ada.json")]) == 2
    (tmp_path / "kosong").mkdir()
    assert main(["score", "verify", str(tmp_path / "kosong")]) == 1


WANTED = EXPECTED["saturday-night"]
Change = Callable[[dict[str, Any]], Any]
SAME: dict[str, Change] = {
    "another order of rows and cases": lambda v: (v["cases"].reverse(), v["rows"].reverse()),
    "zeros said": lambda v: v["rows"][0]["values"].update(skew=0, histogram=_with_zero(v)),
    "a row of zeros": lambda v: v["rows"].append(
        {"agency": "x", "kind": "", "channel": "y", "period": "2026-07", "values": {"n": 0}}
    ),
    "nulls left out": lambda v: v["scores"]["province"].pop("grade_probabilities"),
    "a binary fraction": lambda v: v["scores"]["province"].update(index=66.625 + 9e-10),
    "whole numbers for floats": lambda v: v["scores"]["province"]["lines"][0].update(k=2),
    "more about a score": lambda v: v["scores"]["province"].update(note="x"),
}


def _with_zero(vector: dict[str, Any]) -> dict[str, int]:
    return {**vector["rows"][0]["values"]["histogram"], "999": 0}


@pytest.mark.parametrize("what", SAME)
def test_what_means_the_same_agrees(what: str) -> None:
    found = deepcopy(WANTED)
    SAME[what](found)
    assert json.dumps(found) != json.dumps(WANTED)
    assert list(compare(found, WANTED)) == []


OTHER: dict[str, tuple[Change, str]] = {
    "a number a little off": (
        lambda v: v["scores"]["province"].update(index=66.625 + 2e-9),
        "scores.province.index",
    ),
    "not a number": (
        lambda v: v["scores"]["province"].update(low=float("nan")),
        "scores.province.low",
    ),
    "a number beyond all floats": (
        lambda v: v["scores"]["province"].update(low=10**400),
        "scores.province.low",
    ),
    "a count a little off": (
        lambda v: v["rows"][0]["values"].update(n=6 + 1e-10),
        "rows[dinsos/pengaduan/mastodon/2026-07].values.n",
    ),
    "a flag as a number": (
        lambda v: v["scores"]["province"]["flags"].update(mix=0),
        "scores.province.flags.mix",
    ),
    "a number as text": (
        lambda v: v["scores"]["province"].update(n="6"),
        "scores.province.n",
    ),
    "a flag too many": (
        lambda v: v["scores"]["province"]["flags"].update(baru=True),
        "scores.province.flags.baru",
    ),
    "a flag left out": (
        lambda v: v["scores"]["province"]["flags"].pop("mix"),
        "scores.province.flags.mix",
    ),
    "a count too many": (
        lambda v: v["rows"][0]["values"].update(skew=1),
        "rows[dinsos/pengaduan/mastodon/2026-07].values.skew",
    ),
    "a count left out": (
        lambda v: v["rows"][0]["values"].pop("n"),
        "rows[dinsos/pengaduan/mastodon/2026-07].values.n",
    ),
    "a case twice": (lambda v: v["cases"].append(v["cases"][0]), "cases[k1/dinsos/2026-07#2]"),
    "a case left out": (lambda v: v["cases"].pop(), "cases[k6/dinsos/2026-07]"),
    "an agency too many": (
        lambda v: v["scores"]["agencies"].update(x={"n": 1}),
        "scores.agencies.x",
    ),
    "a line too few": (
        lambda v: v["scores"]["province"]["lines"].pop(),
        "scores.province.lines.length",
    ),
    "another shape": (lambda v: v.update(rows="tidak ada"), "rows"),
}


@pytest.mark.parametrize("what", OTHER)
def test_what_means_something_else_differs(what: str) -> None:
    how, place = OTHER[what]
    found = deepcopy(WANTED)
    how(found)
    assert [each.path for each in compare(found, WANTED)] == [place]


def test_tallies_that_must_not_be_added_are_refused_in_any_words() -> None:
    assert judge({"merge-refused": {"refused": True}}).agree == ("merge-refused",)
    (found,) = judge({"merge-refused": {"refused": False}}).differences["merge-refused"]
    assert found.path == "refused"
    (missing,) = judge({"merge-refused": {}}).differences["merge-refused"]
    assert missing == Difference(
        "refused", EXPECTED["merge-refused"]["refused"], "(tidak ada/missing)"
    )
    assert not judge(EXPECTED["merge-refused"]).holds
