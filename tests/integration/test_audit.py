"""Answers are drawn by lot, read by somebody outside, and counted: on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pelayanan import Config, Desk, Period
from pelayanan.cases import Confirmed, Judged, Triaged
from pelayanan.errors import ConfigError
from pelayanan.models import Kind
from pelayanan.score import ScoreReport
from pelayanan.score.rubric import ITEMS
from stores import DAY, NOW, answer, keep, mention, sql

MONTH = Period.month("2026-11")
GOOD, HALF = "1" * 8, "11110000"
HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path / 'uji.db'}"
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
    agencies = [
        {"key": "dinsos", "name": "Dinas Sosial Provinsi Contoh"},
        {"key": "dinkes", "name": "Dinas Kesehatan"},
    ]
    made = Config.of(
        {
            "province": {"name": "Contoh"},
            "store": {"url": url},
            "score": {"profile": "lengkap"},
            "agencies": agencies,
        },
        folder=tmp_path,
    )
    with Desk.open(made, clock=lambda: NOW) as opened:
        yield opened


def answered(desk: Desk, agency: str, *numbers: int, **more: Any) -> None:
    """Citizens ask in the same month, each by a message of its own, and are answered."""
    place: dict[str, Any] = {"agency": agency, "account": f"{agency}-uji"}
    for n in numbers:
        name = f"{agency}{n}"
        keep(desk.store, [mention(f"m-{name}", name, after=n * HOUR)], **place)
        words = "".join("abcdefghij"[int(digit)] for digit in str(n))  # no text is another's copy
        told = {"text": f"Jawaban a-{name}: petugas {words} datang besok."} | more
        said = answer(f"a-{name}", f"m-{name}", after=n * HOUR + DAY, **told)
        keep(desk.store, [said], **place)


def agencies(desk: Desk) -> dict[str, int]:
    """How many answers of each agency were drawn, which only the store knows."""
    rows = sql(desk.store, "SELECT agency, count(*) FROM audit_items GROUP BY agency")
    return {str(agency): int(count) for agency, count in rows}


def counts(desk: Desk) -> dict[str, tuple[int, int]]:
    tally = desk.tally(MONTH)
    found = {
        key.agency: (row["audited_answers"], row["audited_ok"])
        for key, row in tally
        if "audited_answers" in row
    }
    assert all(key.period == "2026-11" for key, _ in tally)
    return found


def test_thirty_answers_of_each_agency_are_drawn_or_all(desk: Desk) -> None:
    answered(desk, "dinsos", *range(40))
    answered(desk, "dinkes", *range(7))
    sample = desk.audit.sample(MONTH)
    assert agencies(desk) == {"dinsos": 30, "dinkes": 7}
    assert len({item.id for item in sample.items}) == 37
    assert (sample.period, sample.closed) == ("2026-11", True)
    assert desk.audit.sample(MONTH) == sample


def test_only_substantive_answers_by_persons_in_cases_that_oblige_one_are_drawn(desk: Desk) -> None:
    answered(desk, "dinsos", 1)
    answered(desk, "dinsos", 2, automatic=True)
    keep(desk.store, [answer("a-lagi", "m-dinsos1", after=60 * DAY)])  # in January
    answered(desk, "dinsos", 3, 4, 5)
    cases = {case.author.handle: case.id for case in desk.cases()}
    desk.record(cases["dinsos4_contoh"], Triaged(kind=Kind.APRESIASI, source="rule"))
    key = next(e.key for e in desk.store.events_of(cases["dinsos5_contoh"]) if e.type == "answered")
    desk.record(cases["dinsos5_contoh"], Judged(answer=key, substantive=False))
    sample = desk.audit.sample(MONTH)
    assert [item.answer[:18] for item in sample.items] == ["Jawaban a-[instans"] * 2
    drawn = sql(desk.store, "SELECT case_id FROM audit_items")
    assert {row[0] for row in drawn} == {cases["dinsos1_contoh"], cases["dinsos3_contoh"]}


def test_one_text_sent_by_hand_to_many_is_no_answer_to_read(desk: Desk) -> None:
    answered(desk, "dinsos", *range(12), text="Baik, akan kami tindak lanjuti besok.")
    answered(desk, "dinsos", 12)
    assert len(desk.audit.sample(MONTH).items) == 1


def test_what_is_fetched_later_is_drawn_as_if_it_had_been_there(
    desk: Desk,
) -> None:
    """Drawn early and topped up, or drawn once at the end: the same answers count."""
    answered(desk, "dinsos", *range(35))
    early = {item.id for item in desk.audit.sample(MONTH).items}
    answered(desk, "dinsos", *range(35, 60))
    late = {item.id for item in desk.audit.sample(MONTH).items}
    assert len(late) == 30
    assert early != late
    drawn = {row[0] for row in sql(desk.store, "SELECT id FROM audit_items")}
    assert drawn == early | late  # nothing that was drawn is taken back
    sql(desk.store, "DELETE FROM audit_items")
    assert {item.id for item in desk.audit.sample(MONTH).items} == late


def test_a_stated_seed_is_fixed_with_the_first_draw(desk: Desk) -> None:
    answered(desk, "dinsos", *range(40))
    sample = desk.audit.sample(MONTH, seed="undian 7-14-21")
    assert sample.seed == "undian 7-14-21"
    assert desk.audit.sample(MONTH) == sample
    with pytest.raises(ConfigError, match="drawn by another seed"):
        desk.audit.sample(MONTH, seed="undian 1-2-3")


def test_a_rater_sees_neither_agency_nor_citizen_nor_officer(desk: Desk) -> None:
    keep(
        desk.store,
        [
            mention(
                "m1", text="@dinsos Dinas Sosial, NIK 1771015503900001: kapan? Wati, 0812-3456-7890"
            )
        ],
    )
    said = "Kak Wati, DinasSosial: hubungi dinsos.layanan.test/aduan atau 0736-21450 besok."
    keep(desk.store, [answer("a1", "m1", after=DAY, text=said)])
    keep(desk.store, [mention("m2", after=2 * DAY, reply_to="m1", text="terima kasih")])
    (item,) = desk.audit.sample(MONTH).items
    shown = item.model_dump_json()
    for secret in ("dinsos", "Sosial", "Wati", "1771", "0812", "21450", "layanan"):
        assert secret.casefold() not in shown.casefold(), secret
    assert item.question == "[instansi], NIK [NIK]: kapan? [nama], [telepon]"
    assert item.answer.startswith("Kak [nama], [instansi]: hubungi [tautan] atau")
    assert item.answer.endswith("besok.")


def test_a_conversation_before_the_answer_says_who_speaks(desk: Desk) -> None:
    keep(desk.store, [mention("m1", text="kapan beras datang?")])
    keep(desk.store, [answer("a1", "m1", after=HOUR, text="RT berapa, Bu?", automatic=True)])
    keep(desk.store, [mention("m2", after=DAY, reply_to="m1", text="RT 4")])
    keep(desk.store, [answer("a2", "m2", after=2 * DAY, text="Kamis, di balai RT 4.")])
    (item,) = desk.audit.sample(MONTH).items
    assert item.question.split("\n\n") == [
        "Warga: kapan beras datang?",
        "Instansi: RT berapa, Bu?",
        "Warga: RT 4",
    ]


Marks: TypeAlias = Any


@pytest.mark.parametrize(
    "marks",
    [HALF, [1, 1, 1, 1, 0, 0, 0, 0], {item.name: int(n < 4) for n, item in enumerate(ITEMS)}],
    ids=["text", "list", "names"],
)
def test_marks_enter_the_tally_of_their_agency(desk: Desk, marks: Marks) -> None:
    answered(desk, "dinsos", 1, 2)
    answered(desk, "dinkes", 1)
    before = desk.tally(MONTH)
    assert counts(desk) == {}
    for item in desk.audit.sample(MONTH).items:
        assert desk.audit.record(item.id, marks, by="auditor").changed
    assert counts(desk) == {"dinsos": (2, 8), "dinkes": (1, 4)}
    audited = sum(row.get("audited_answers", 0) for _, row in desk.tally(MONTH))
    assert audited == 3
    assert sum(r.get("n", 0) for _, r in desk.tally(MONTH)) == sum(r.get("n", 0) for _, r in before)


def test_ten_answers_read_lift_the_cap_of_the_full_profile(desk: Desk) -> None:
    answered(desk, "dinsos", *range(20))
    items = desk.audit.sample(MONTH).items
    for item in items[:9]:
        desk.audit.record(item.id, GOOD, by="auditor")
    assert chance_of_a(desk) == 0
    desk.audit.record(items[9].id, HALF, by="auditor")
    assert chance_of_a(desk) > 0
    (line,) = [x for x in full(desk).agencies["dinsos"].lines if x.name == "rubric"]
    assert (line.k, line.n) == (9.5, 10)


def full(desk: Desk) -> ScoreReport:
    return desk.score(MONTH)


def chance_of_a(desk: Desk) -> float:
    masses = full(desk).agencies["dinsos"].grade_probabilities
    assert masses is not None
    return masses["A"]


def test_the_same_marks_twice_change_nothing_and_others_are_refused(desk: Desk) -> None:
    answered(desk, "dinsos", 1)
    (item,) = desk.audit.sample(MONTH).items
    assert desk.audit.record(item.id, GOOD, by="auditor").changed
    again = desk.audit.record(item.id, GOOD, by=" Auditor ")
    assert (again.changed, again.by) == (False, "auditor")
    with pytest.raises(ConfigError, match="before: say correct to replace it"):
        desk.audit.record(item.id, HALF, by="auditor")
    assert counts(desk) == {"dinsos": (1, 8)}
    assert desk.audit.record(item.id, HALF, by="auditor", correct=True).changed
    assert counts(desk) == {"dinsos": (1, 4)}
    kept = sql(desk.store, "SELECT version, marks FROM audit_marks ORDER BY version")
    assert [tuple(row) for row in kept] == [(0, GOOD), (1, HALF)]


def test_the_first_raters_marks_count_and_the_second_shows_the_agreement(desk: Desk) -> None:
    answered(desk, "dinsos", 1, 2, 3)
    for n, item in enumerate(desk.audit.sample(MONTH).items):
        desk.audit.record(item.id, GOOD if n else HALF, by="zahra")
        desk.audit.record(item.id, HALF, by="ahmad")
    assert counts(desk) == {"dinsos": (3, 20)}
    told = desk.audit.progress(MONTH)
    assert (told.drawn, told.marked, told.twice) == (3, 3, 3)
    first, last = told.agreement[0], told.agreement[-1]
    assert (first.name, first.n, first.share, first.kappa) == ("answers", 3, 1.0, None)
    assert last.share == pytest.approx(1 / 3)
    assert last.kappa == pytest.approx(0.0)


def test_who_wrote_or_approved_for_the_agency_marks_nothing(desk: Desk) -> None:
    answered(desk, "dinsos", 1, 2)
    (one, two) = desk.cases()
    draft = (
        "INSERT INTO drafts (id, verb, account, case_id, text, media, substantive, state, needs,"
    )
    draft += ' "by", approved_by, attempts, error, remedy, lease_by, lease_until_us, created_us,'
    draft += " updated_us) VALUES ('d', 'reply', 'x', :case, '', '[]', true, 'sent', '[]', 'rina',"
    draft += " 'Pak  Kepala', 1, '', '', '', 0, 0, 0)"
    sql(desk.store, draft, case=one.id)
    desk.record(two.id, Triaged(kind=Kind.PENGADUAN, by="budi"))
    desk.record(two.id, Confirmed(claim="x", by="provinsi"))
    found = sql(desk.store, "SELECT id, case_id FROM audit_items") or desk.audit.sample(MONTH)
    found = {case: item for item, case in sql(desk.store, "SELECT id, case_id FROM audit_items")}
    for case, who in ((one, "Rina"), (one, "pak kepala"), (two, "budi")):
        with pytest.raises(ConfigError, match="somebody outside"):
            desk.audit.record(found[case.id], GOOD, by=who)
    assert counts(desk) == {}
    desk.audit.record(found[two.id], GOOD, by="provinsi")  # who confirms claims is outside


@pytest.mark.parametrize(
    ("marks", "by", "reason"),
    [
        ("1111111", "auditor", "8 times 0 or 1"),
        ("11111112", "auditor", "8 times 0 or 1"),
        ([1] * 9, "auditor", "8 times 0 or 1"),
        ({"answers": 1}, "auditor", "by name need all of"),
        (GOOD, "  ", "by= is empty"),
    ],
)
def test_what_cannot_be_recorded_says_why(desk: Desk, marks: Marks, by: str, reason: str) -> None:
    answered(desk, "dinsos", 1)
    (item,) = desk.audit.sample(MONTH).items
    with pytest.raises(ConfigError, match=reason):
        desk.audit.record(item.id, marks, by=by)
    with pytest.raises(ConfigError, match="there is no item 'bukan'"):
        desk.audit.record("bukan", GOOD, by="auditor")
    assert counts(desk) == {}


def test_who_is_forgotten_leaves_the_counts_standing(desk: Desk) -> None:
    answered(desk, "dinsos", *range(31))
    sample = desk.audit.sample(MONTH)
    cases = {case.id: case.author.handle for case in desk.cases()}
    drawn = {
        item: cases[case] for item, case in sql(desk.store, "SELECT id, case_id FROM audit_items")
    }
    read, unread = sample.items[0].id, sample.items[1].id
    desk.audit.record(read, HALF, by="auditor")
    assert desk.forget("uji", drawn[read]) == 2
    assert counts(desk) == {"dinsos": (1, 4)}
    desk.forget("uji", drawn[unread])
    left = {item.id for item in desk.audit.sample(MONTH).items}
    assert not {read, unread} & left
    assert len(left) == 29  # the one that was read counts; for the other the last one was drawn
    assert desk.audit.progress(MONTH).drawn == 30
    assert counts(desk) == {"dinsos": (1, 4)}
    assert desk.verify() == []
