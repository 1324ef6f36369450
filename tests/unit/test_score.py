"""Tallies as files and from columns, scores and how they are shown."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Case, Standards
from pelayanan.errors import ConfigError
from pelayanan.models import Author, Kind
from pelayanan.score import ScoreReport, Tally, TallyKey, Waiting, is_overdue, score_tally
from pelayanan.score.better import probability_better
from pelayanan.score.grades import grade_of
from pelayanan.score.lines import hundredths, two_decimals
from pelayanan.score.public import rounded

CALENDAR = WorkCalendar.indonesia("WIB")
AS_OF = datetime(2026, 10, 31, 5, 0, tzinfo=UTC)
OPENED = 1_791_180_000  # Tuesday 6 October 2026, 13:00 WIB


def key(**fields: Any) -> TallyKey:
    base: dict[str, Any] = {
        "province": "Provinsi Contoh",
        "agency": "dinsos",
        "kind": "pengaduan",
        "channel": "bluesky",
        "period": "2026-10",
        "definition": "idt/1",
        "calendar": CALENDAR.version,
        "as_of": int(AS_OF.timestamp()),
    }
    return TallyKey(**(base | fields))


GOOD = {"n": 40, "answered_2": 30, "answered_5": 5, "censored_9": 5, "excluded:ganda": 2}
SLOW = {"n": 20, "answered_6": 8, "left_late": 2, "censored_9": 10}


def tally(**rows: dict[str, int]) -> Tally:
    return Tally.of((key(agency=agency), counts) for agency, counts in rows.items())


def report(profile: Any = "dasar") -> ScoreReport:
    return score_tally(tally(dinsos=GOOD, dinkes=SLOW), profile=profile)


def columns(**fields: Any) -> Tally:
    base: dict[str, Any] = {
        "opened": np.array([OPENED, OPENED + 60]),
        "answered": np.array([OPENED + 600, -1]),
        "agency": "dinsos",
        "kind": "informasi",
        "calendar": CALENDAR,
        "as_of": AS_OF,
    }
    return Tally.from_columns(**(base | fields))


# ---- files


def test_what_was_saved_is_loaded_again(tmp_path: Path) -> None:
    made = Tally(tally(dinsos=GOOD, dinkes=SLOW).counts, ("abc",))
    made.save(tmp_path / "tally.json")
    assert Tally.load(tmp_path / "tally.json") == made


def test_the_file_says_definition_calendar_and_as_of(tmp_path: Path) -> None:
    tally(dinsos=GOOD).save(tmp_path / "tally.json")
    told = json.loads((tmp_path / "tally.json").read_text())
    assert len(told["definitions"]["idt/1"]) == 64
    assert told["rows"][0]["calendar"] == CALENDAR.version
    assert told["rows"][0]["as_of"] == int(AS_OF.timestamp())


def changed(tmp_path: Path, change: Any) -> Path:
    place = tmp_path / "tally.json"
    tally(dinsos=GOOD).save(place)
    told = json.loads(place.read_text())
    change(told)
    place.write_text(json.dumps(told))
    return place


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: told["rows"][0]["counts"].update(n=41), "not those that were written"),
        (lambda told: told["rows"].clear(), "not those that were written"),
        (lambda told: told["rows"][0].update(as_of="x"), "no readable tally"),
        (lambda told: told["rows"][0]["counts"].update(n=-1), "no readable tally"),
        (lambda told: told["rows"][0]["counts"].update(n=1.5), "no readable tally"),
        (lambda told: told.pop("heads"), "no readable tally"),
        (lambda told: told.update(format="pelayanan-tally/9"), "is not"),
        (lambda told: told["definitions"].update({"idt/1": "0" * 64}), "other numbers"),
    ],
)
def test_a_damaged_file_says_so(tmp_path: Path, change: Any, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Tally.load(changed(tmp_path, change))


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"\xff\x00 nothing")
    with pytest.raises(ConfigError, match="no readable tally"):
        Tally.load(tmp_path / "x.json")
    for place in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(ConfigError, match=r"cannot be read: .*: check path"):
            Tally.load(place)


# ---- adding


def test_tallies_of_other_definitions_do_not_add() -> None:
    other = Tally.of([(key(definition="contoh/1"), GOOD)])
    with pytest.raises(ConfigError, match="different definitions"):
        tally(dinsos=GOOD) + other


def test_cases_counted_at_two_instants_are_refused() -> None:
    twice = tally(dinsos=GOOD) + Tally.of([(key(as_of=1_790_000_000), GOOD)])
    with pytest.raises(ConfigError, match="twice"):
        score_tally(twice)
    amended = tally(dinsos=GOOD) + Tally.of([(key(calendar="id-x"), GOOD)])
    with pytest.raises(ConfigError, match="twice"):
        score_tally(amended)


def test_months_with_their_own_as_of_are_scored_together() -> None:
    two = tally(dinsos=GOOD) + Tally.of([(key(period="2026-09", as_of=1_790_000_000), SLOW)])
    found = score_tally(two)
    assert found.period == "2026-09, 2026-10"
    assert found.agencies["dinsos"].n == 60


def test_nothing_and_an_unknown_definition_are_refused() -> None:
    with pytest.raises(ConfigError, match="nothing"):
        score_tally(Tally())
    with pytest.raises(ConfigError, match="unknown definition"):
        score_tally(Tally.of([(key(definition="contoh/9"), GOOD)]))


def test_provinces_are_scored_as_such_and_never_mixed_by_chance() -> None:
    nation = tally(dinsos=GOOD) + Tally.of([(key(province="Provinsi Lain"), SLOW)])
    with pytest.raises(ConfigError, match=r"one province.*: to score several: .*by=.province"):
        score_tally(nation)
    found = score_tally(nation, by="province")
    assert list(found.agencies) == ["Provinsi Contoh", "Provinsi Lain"]
    assert found.province.n == 60


def test_the_part_about_a_kind_is_a_tally() -> None:
    both = tally(dinsos=GOOD) + Tally.of([(key(kind="darurat"), SLOW)])
    assert both.about(kind="darurat") == Tally.of([(key(kind="darurat"), SLOW)])


# ---- columns


def test_columns_are_counted_with_the_unanswered() -> None:
    ((place, counts),) = list(columns())
    assert (place.agency, place.kind, place.period) == ("dinsos", "informasi", "2026-10")
    assert counts["n"] == 2
    assert (counts["answered_1"], counts["censored_8"]) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"opened": np.array([1.5, 2.5])}, "no whole number"),
        ({"opened": np.array([-1, OPENED])}, "every case needs an instant"),
        ({"answered": np.array([-1])}, "one length"),
        ({"kind": "keluhan"}, "none of"),
        ({"kind": np.array(["informasi", "keluhan"])}, "none of"),
        ({"left_how": np.array(["", "hilang"])}, "none of"),
        ({"resolvd": np.array([-1, -1])}, "no column 'resolvd'"),
        ({"opened": np.array([[OPENED], [OPENED]])}, "one dimension"),
        ({"opened": object()}, "cannot be read"),
        ({"opened": "created"}, "no column 'created'"),
        ({"as_of": datetime(2026, 10, 31)}, "naive"),  # noqa: DTZ001  that is the point
    ],
)
def test_columns_that_cannot_be_counted_say_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        columns(**fields)


def test_lists_and_no_cases_at_all_are_columns_too() -> None:
    assert columns(opened=[OPENED, OPENED + 60], answered=[OPENED + 600, -1]) == columns()
    assert columns(opened=[], answered=[]).counts == {}


def test_a_case_that_needs_its_events_is_not_guessed() -> None:
    opened = datetime(2026, 10, 6, tzinfo=UTC)
    case = Case(
        id="k1",
        agency="dinsos",
        account="",
        platform="",
        author=Author(id="w", handle="warga_contoh"),
        opened=opened,
        reopened=1,
    )
    with pytest.raises(ConfigError, match="with its events"):
        Tally.from_cases([case], calendar=CALENDAR, as_of=AS_OF)


# ---- scores


def test_a_score_rests_on_what_it_says() -> None:
    found = report().agencies["dinsos"]
    text = str(found.explain())
    assert all(word in text for word in ("idt/1", "dasar", CALENDAR.version, "n = 40", "90 %"))
    assert "mutu setara kelas SKM" in text
    assert found.low is not None
    assert found.index is not None
    assert found.high is not None
    assert found.low < found.index < found.high


def test_the_explanation_speaks_english_too() -> None:
    told = report("lengkap").agencies["dinsos"].explain("en")
    assert "answered within 4 hours" in str(told)
    assert "quality of answers (rubric)" in str(told)
    assert len(told.rows) == 16


def test_an_agency_without_cases_has_no_index() -> None:
    found = score_tally(tally(dinsos=GOOD, sepi={"promises_due": 1})).agencies["sepi"]
    assert (found.index, found.grade, found.within) == (None, None, None)
    assert "tanpa indeks" in str(found.explain())
    with pytest.raises(ConfigError, match="no index"):
        score_tally(tally(dinsos=GOOD, sepi={"promises_due": 1})).probability_better(
            "dinsos", "sepi"
        )


def test_few_cases_have_an_index_and_no_grade() -> None:
    found = score_tally(tally(dinsos={"n": 9, "answered_1": 9})).agencies["dinsos"]
    assert found.index is not None
    assert (found.grade, found.grade_probabilities, found.flags.too_few) == (None, None, True)
    assert "belum cukup data" in str(found.explain())


def test_the_counterfactual_names_the_cases() -> None:
    found = report()
    waiting = [Waiting("dinsos-a", 9), Waiting("dinsos-b", 9)]
    told = found.explain("dinsos", waiting=waiting)
    assert "Paling lama menunggu: dinsos-a, dinsos-b" in told.lines
    then = found.counterfactual("dinsos", waiting)
    assert (then.answered, then.n) == (37, 40)
    with pytest.raises(ConfigError, match="not so many"):
        found.counterfactual("dinsos", [Waiting(f"k{n}", 9) for n in range(6)])


def test_a_report_from_json_keeps_its_numbers_and_knows_no_counterfactual() -> None:
    found = report("lengkap")
    again = ScoreReport.model_validate_json(found.model_dump_json())
    assert again.agencies == found.agencies
    for wrong in (lambda: again.counterfactual("dinsos", []), again.public):
        with pytest.raises(ConfigError, match="without its tally"):
            wrong()


def test_agencies_are_compared_within_one_score_only() -> None:
    found = report()
    assert found.probability_better("dinsos", "dinkes") > 0.99
    assert found.probability_better("dinsos", "dinsos") == pytest.approx(0.5)
    with pytest.raises(ConfigError, match="no agency"):
        found.probability_better("dinsos", "pupr")
    with pytest.raises(ConfigError, match="lengkap"):
        found.sensitivity("dinsos")


def test_rows_have_one_an_agency_and_the_basis() -> None:
    rows = report().to_dicts()
    assert [row["agency"] for row in rows] == ["dinkes", "dinsos", ""]
    assert {row["definition"] for row in rows} == {"idt/1"}


def test_every_count_of_a_nation_and_of_the_rubric_is_printed_in_full() -> None:
    nation = {"n": 2_345_678, "answered_2": 1_234_567, "censored_9": 1_111_111}
    read = {"audited_answers": 30, "audited_ok": 182}
    told = score_tally(tally(dinsos=nation | read), profile="lengkap").agencies["dinsos"]
    printed = "\n".join((*told.explain("id").lines, *told.explain("en").lines))
    for count in ("1234567 dari 2345678", "1234567 of 2345678", "22,75 dari 30", "22.75 of 30"):
        assert count in printed


def test_the_notebook_form_says_what_it_rests_on_and_escapes_names() -> None:
    html = score_tally(tally(**{"<b>": GOOD}))._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "definisi idt/1" in html
    assert "bukan peringkat" in html
    assert ("belum final" in html, "provisional" in html) == (True, False)


def test_one_agency_shows_itself_in_a_notebook_line_by_line() -> None:
    found = score_tally(tally(dinsos=GOOD)).agencies["dinsos"]
    assert [line in found._repr_html_() for line in found.explain().lines] == [True] * len(
        found.explain().lines
    )


def test_public_counts_are_multiples_of_five_and_indices_need_a_grade() -> None:
    found = score_tally(tally(dinsos=GOOD, kecil={"n": 3, "answered_1": 3})).public()
    counts = [*found.province.values(), *(v for a in found.agencies.values() for v in a.values())]
    assert all(count % 5 == 0 for count in counts)
    assert set(found.indices) == {"", "dinsos"}
    index = found.indices["dinsos"]
    printed = [round(each, 2) for each in (index.low, index.index, index.high)]
    assert [index.low, index.index, index.high] == printed  # all digits would give counts away
    assert [rounded(count) for count in (0, 2, 3, 7, 8)] == [0, 0, 5, 5, 10]


def test_curves_of_kinds_and_channels_need_ten_cases() -> None:
    made = Tally.of(
        [
            (key(), GOOD),
            (key(kind="darurat", channel="email"), {"n": 9, "answered_1": 9}),
        ]
    )
    found = score_tally(made).agencies["dinsos"]
    assert list(found.by_kind) == ["pengaduan"]
    assert list(found.by_channel) == ["bluesky"]
    assert found.by_kind["pengaduan"].low < found.by_kind["pengaduan"].points


def test_exclusions_by_claims_make_a_score_provisional() -> None:
    watched = {"polls_due": 10, "polls_done": 10}
    few = score_tally(tally(a={"n": 17, "answered_1": 17, "excluded:x": 3} | watched))
    many = score_tally(tally(a={"n": 16, "answered_1": 16, "excluded:x": 4} | watched))
    free = score_tally(tally(a={"n": 16, "answered_1": 16, "excluded:internal": 40} | watched))
    flags = [each.agencies["a"].flags.provisional for each in (few, many, free)]
    assert flags == [False, True, False]


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        (88.305, "A"),
        (88.3049999999, "A"),  # 9 decimals first
        (88.304999, "B"),
        (76.605, "B"),
        (64.995, "C"),
        (64.994999, "D"),
    ],
)
def test_cut_offs_are_those_of_the_skm_rounded_half_up(points: float, grade: str) -> None:
    assert grade_of(points) == grade


def test_lines_are_rounded_so_that_they_add_up() -> None:
    assert hundredths([1.005, 1.005, 1.005], 3.015) == [101, 101, 100]
    assert hundredths([], 0.0) == []
    assert str(two_decimals(2.675)) == "2.68"


def test_certain_indices_are_better_worse_or_equal() -> None:
    base = report().agencies["dinsos"]
    good, bad = (base.model_copy(update={"index": i, "variance": 0.0}) for i in (80.0, 70.0))
    told = [probability_better(*pair) for pair in ((good, bad), (bad, good), (good, good))]
    assert told == [1.0, 0.0, 0.5]


def test_scores_of_other_profiles_are_not_compared() -> None:
    mine, theirs = report().agencies["dinsos"], report("lengkap").agencies["dinkes"]
    with pytest.raises(ConfigError, match="never compared"):
        probability_better(mine, theirs)


def test_few_cases_have_other_indices_under_other_weights_and_no_grades() -> None:
    found = score_tally(tally(dinsos={"n": 9, "answered_1": 9}), profile="lengkap")
    told = found.sensitivity("dinsos")
    assert (len(told.indices), told.lowest, told.highest) == (8, None, None)


def test_the_floor_lifts_and_the_cap_holds_under_all_weights() -> None:
    lawful = {"n": 60, "answered_5": 60, "audited_answers": 30, "resolution_due": 60}
    found = score_tally(tally(dinsos=lawful), profile="lengkap")
    assert found.agencies["dinsos"].moved_by == ("floor_C",)
    told = found.sensitivity("dinsos")
    assert (told.lowest, told.highest) == ("C", "C")


def test_cases_without_informasi_are_told_beside_a_mixed_score() -> None:
    easy = {key(kind="informasi"): {"n": 20, "answered_1": 20}, key(): {"n": 10, "answered_6": 10}}
    others = {key(agency="dinkes"): {"n": 30, "answered_5": 30}}
    found = score_tally(Tally.of((easy | others).items())).agencies["dinsos"]
    assert found.flags.mix
    assert found.without_informasi is not None
    assert "CEPAT tanpa informasi" in str(found.explain())
    only = {key(kind="informasi"): {"n": 20, "answered_1": 20}}
    found = score_tally(Tally.of((only | others).items())).agencies["dinsos"]
    assert (found.flags.mix, found.without_informasi) == (True, None)


def test_the_notebook_form_of_an_agency_without_cases_has_no_number() -> None:
    html = score_tally(tally(dinsos=GOOD, sepi={"promises_due": 1}))._repr_html_()
    assert "<td>sepi</td><td>0</td><td>0</td><td>-</td>" in html


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match=r"pelayanan\[frames\]"):
        report().to_pandas()


def test_a_province_may_keep_its_own_definition_in_a_file(tmp_path: Path) -> None:
    own = Tally.of([(key(definition="contoh/1"), GOOD)])
    own.save(tmp_path / "own.json")
    assert Tally.load(tmp_path / "own.json") == own


def test_a_score_of_a_tally_is_its_own_verb() -> None:
    assert tally(dinsos=GOOD).score("lengkap").profile == "lengkap"


@pytest.mark.parametrize(
    ("days", "fields", "late"),
    [
        (3, {}, False),
        (8, {}, True),
        (8, {"answered": True}, False),
        (8, {"kind": Kind.SPAM}, False),
    ],
)
def test_only_the_unanswered_are_overdue(days: int, fields: dict[str, Any], *, late: bool) -> None:
    opened = datetime(2026, 10, 6, tzinfo=UTC)
    told: dict[str, Any] = {"answered": opened} if fields.pop("answered", False) else fields
    case = Case(
        id="k1",
        agency="dinsos",
        account="",
        platform="",
        author=Author(id="w", handle="warga_contoh"),
        opened=opened,
        **told,
    )
    now = opened + timedelta(days=days)
    assert is_overdue(case, CALENDAR, Standards.load(), now) is late


def test_a_case_that_is_opened_later_is_not_there() -> None:
    case = Case(
        id="k1",
        agency="dinsos",
        account="",
        platform="",
        author=Author(id="w", handle="warga_contoh"),
        opened=AS_OF + timedelta(seconds=1),
    )
    assert Tally.from_cases([case], calendar=CALENDAR, as_of=AS_OF).counts == {}


def test_nothing_is_no_score_and_says_so() -> None:
    with pytest.raises(ConfigError, match="nothing to score"):
        Tally().score()
