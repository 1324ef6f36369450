"""An agency's own word waits for somebody outside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pelayanan import Desk, Kind
from pelayanan.cases import Claimed, Confirmed, Excluded, Transferred, Triaged
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
