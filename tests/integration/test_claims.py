"""An agency's own word waits for somebody outside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pelayanan import Desk, Kind, Period
from pelayanan.cases import (
    Answered,
    Claimed,
    Confirmed,
    Excluded,
    Judged,
    Transferred,
    Triaged,
)
from pelayanan.models import Sent
from pelayanan.reply.draft import Draft
from towns import FakeTown, config


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    town = FakeTown()
    town.post(town.citizen("wati"), "@dinsos.test bantuan belum sampai")
    with Desk.open(config(town, tmp_path), transport=town.transport) as opened:
        opened.sync()
        yield opened


def only(desk: Desk) -> str:
    (case,) = desk.cases()
    return case.id


def test_a_case_called_spam_stays_in_the_denominator_until_the_province_agrees(desk: Desk) -> None:
    desk.record(only(desk), Triaged(kind=Kind.SPAM, by="rina"))
    (claim,) = desk.claims()
    assert (claim.what, claim.detail, claim.by) == ("kind", "spam", "rina")
    assert desk.case(only(desk)).counts
    desk.record(only(desk), Confirmed(claim=claim.key, side="agency", by="sekretaris"))
    assert list(desk.claims()) == [claim]  # the agency's own word confirms nothing
    desk.record(only(desk), Confirmed(claim=claim.key, by="provinsi"))
    assert list(desk.claims()) == []
    assert not desk.case(only(desk)).counts


def test_a_refused_claim_waits_no_longer_and_changes_nothing(desk: Desk) -> None:
    desk.record(only(desk), Excluded(reason="bukan warga", by="rina"))
    (claim,) = desk.claims()
    desk.record(only(desk), Confirmed(claim=claim.key, agreed=False, by="provinsi"))
    assert list(desk.claims()) == []
    assert desk.case(only(desk)).counts


def test_what_costs_the_agency_nothing_is_no_claim(desk: Desk) -> None:
    desk.record(only(desk), Triaged(kind=Kind.PENGADUAN, by="rina"))
    assert list(desk.claims()) == []


def test_a_hand_over_waits_for_its_receiver_and_is_told_once(desk: Desk) -> None:
    desk.record(only(desk), Transferred(to="dinkes", by="rina", key="pindah"))
    desk.record(only(desk), Claimed(what="hand_over", detail="pindah", by="rina", key="klaim"))
    assert [(claim.what, claim.key) for claim in desk.claims()] == [("hand_over", "klaim")]


# ---- one text to many


SAME = "Data bantuan sedang kami perbarui, silakan cek lagi di loket dua."


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[tuple[Desk, FakeTown]]:
    town = FakeTown()
    with Desk.open(config(town, tmp_path), transport=town.transport) as opened:
        yield opened, town


def answer_natively(desk: Desk, town: FakeTown, citizens: int, first: int = 0) -> None:
    for number in range(first, first + citizens):
        uri = town.post(town.citizen(f"warga{number}"), "@dinsos.test kapan bantuan datang?")
        town.native("dinsos", uri, f"{SAME} (tiket {number})")
    desk.sync()


def answered(desk: Desk) -> int:
    return sum(case.answered is not None for case in desk.cases())


def test_one_text_to_more_than_ten_citizens_is_no_answer_yet(
    crowd: tuple[Desk, FakeTown],
) -> None:
    desk, town = crowd
    answer_natively(desk, town, 10)
    assert (list(desk.claims()), answered(desk)) == ([], 10)
    answer_natively(desk, town, 1, first=10)
    assert answered(desk) == 0  # known at once, whoever asks
    found = list(desk.claims())
    assert ({claim.what for claim in found}, len(found)) == ({"mass_answer"}, 11)
    desk.record(found[0].case_id, Confirmed(claim=found[0].key, side="agency", by="rina"))
    assert answered(desk) == 0
    for claim in found:
        desk.record(claim.case_id, Confirmed(claim=claim.key, by="provinsi"))
    assert (list(desk.claims()), answered(desk)) == ([], 11)
    desk.sync()
    assert answered(desk) == 11
    assert desk.verify() == []


def test_a_count_finds_mass_answers_by_itself(
    crowd: tuple[Desk, FakeTown], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, town = crowd
    monkeypatch.setattr("pelayanan.desk.fetching.Fetching._claim_masses", lambda _: None)
    answer_natively(desk, town, 12)
    assert answered(desk) == 12
    now = desk.now.astimezone(desk.config.zone).date()
    counts = [counted for key, counted in desk.tally(Period.of(now)) if key.kind]
    assert sum(each.get("n", 0) for each in counts) == 12
    assert not any(each.get(f"answered_{bin_}") for each in counts for bin_ in range(1, 10))


def test_what_the_ledger_sent_to_many_needs_no_claim(crowd: tuple[Desk, FakeTown]) -> None:
    desk, town = crowd
    for number in range(11):
        town.post(town.citizen(f"warga{number}"), "@dinsos.test kapan bantuan datang?")
    desk.sync()
    for case in list(desk.cases()):
        assert desk.reply(case.id, SAME, by="rina").state.done
    desk.sync()
    assert (list(desk.claims()), answered(desk)) == ([], 11)


def test_what_is_no_answer_anyway_needs_no_claim(crowd: tuple[Desk, FakeTown]) -> None:
    desk, town = crowd
    for number in range(11):
        uri = town.post(town.citizen(f"warga{number}"), "@dinsos.test kapan bantuan datang?")
        town.native("dinsos", uri, "Terima kasih, laporannya sudah kami terima.")
    desk.sync()
    assert (list(desk.claims()), answered(desk)) == ([], 0)


def test_receipts_make_no_answers_one_text(crowd: tuple[Desk, FakeTown]) -> None:
    desk, town = crowd
    for number, answer in enumerate(["Beras datang Kamis.", "Loket buka pukul 8.", "", "", ""]):
        uri = town.post(town.citizen(f"warga{number}"), "@dinsos.test kapan bantuan datang?")
        town.native("dinsos", uri, "Terima kasih, laporannya sudah kami terima.")
        if answer:
            town.native("dinsos", uri, answer)
    desk.sync()
    this = Period.of(desk.now.astimezone(desk.config.zone).date())

    def flagged() -> bool:
        report = desk.score(this)
        assert report.province.flags.template == report.agencies["dinsos"].flags.template
        return report.agencies["dinsos"].flags.template

    assert not flagged()
    for case in desk.cases():
        for said in desk.store.events_of(case.id):
            if isinstance(said, Answered):
                desk.record(case.id, Judged(answer=said.key, substantive=True, by="provinsi"))
    assert flagged()


def test_no_order_of_judgements_lets_one_text_to_many_count(
    crowd: tuple[Desk, FakeTown],
) -> None:
    desk, town = crowd
    for number in range(11):
        uri = town.post(town.citizen(f"warga{number}"), "@dinsos.test kapan bantuan datang?")
        town.native("dinsos", uri, "Terima kasih, laporannya sudah kami terima.")
    desk.sync()
    for case in list(desk.cases()):
        (said,) = (each for each in desk.store.events_of(case.id) if isinstance(each, Answered))
        yes = Judged(answer=said.key, substantive=True, by="rina")
        for word in (yes, yes.model_copy(update={"substantive": False, "at": said.at})):
            desk.record(case.id, word)
    desk.sync()
    assert (len(list(desk.claims())), answered(desk)) == (11, 0)


def test_an_id_that_another_account_sent_makes_no_text_the_ledgers(
    crowd: tuple[Desk, FakeTown],
) -> None:
    desk, town = crowd
    for number in range(11):
        uri = town.post(town.citizen(f"warga{number}"), "@dinsos.test kapan bantuan datang?")
        desk.sync()
        native = town.native("dinsos", uri, f"{SAME} (tiket {number})")
        draft = Draft(
            id=f"lain-{number}",
            verb="reply",
            account="lain",
            text="Lain",
            created_at=desk.now,
            updated_at=desk.now,
        )
        with desk.store.ledger(desk.now) as ledger:
            ledger.sent(ledger.add(draft).id, Sent(id=native, at=desk.now, confirmed=True))
    desk.sync()
    assert (len(list(desk.claims())), answered(desk)) == (11, 0)
