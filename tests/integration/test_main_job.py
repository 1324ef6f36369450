"""The main job, end to end: the same script on fake and real servers, Bluesky and mail."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mail_towns import FakeMailTown, RealMailTown, people
from pelayanan import Desk, Period
from pelayanan.aid import AidEvent, AidItem, Consent, Funding
from pelayanan.cases import Case
from pelayanan.reply import DraftState
from pelayanan.store.reading import mention_of
from servers.mail import mail_server
from towns import AGENCIES, FakeTown, RealTown, Town, config

CITIZENS = 50


REAL = pytest.mark.server


@pytest.fixture(
    params=[
        "fake bluesky",
        pytest.param("real bluesky", marks=REAL),
        "fake mail",
        pytest.param("real mail", marks=REAL),
    ]
)
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    match request.param:
        case "fake bluesky":
            yield FakeTown()
        case "fake mail":
            yield FakeMailTown()
        case "real mail":
            with mail_server(people(CITIZENS)) as server:
                yield RealMailTown(server)
        case _:
            network = request.getfixturevalue("bluesky_network")
            yield RealTown(network, request.getfixturevalue("bluesky_client"))


@pytest.fixture
def desk(town: Town, tmp_path: Path) -> Iterator[Desk]:
    with Desk.open(config(town, tmp_path), transport=town.transport) as opened:
        yield opened


def crowd(town: Town) -> int:
    """50 citizens write to each of the three agencies; each writes to the first one again."""
    for number in range(CITIZENS):
        who = town.citizen(f"warga{number}")
        for key in AGENCIES:
            handle = town.accounts[key][0]
            town.post(who, f"@{handle} bantuan nomor {number} belum sampai, kapan ya?")
        town.post(who, f"@{town.accounts['dinsos'][0]} halo, nomor {number} bagaimana?")
    town.settle()
    return CITIZENS * 4


def native_uri(desk: Desk, case: Case) -> str:
    with desk.store.reading() as connection:
        found = mention_of(connection, case_id=case.id)
    assert found is not None
    return found[1].id


def test_what_citizens_ask_is_answered_once_and_counted_to_the_unit(
    town: Town, desk: Desk, tmp_path: Path
) -> None:
    total = crowd(town)
    report = desk.sync()
    assert [each.failed for each in report.accounts] == ["", "", ""]
    assert report.new == total == 200
    cases = list(desk.cases(status="open"))
    assert len(cases) == 150
    assert sum(case.contacts for case in cases) == 50

    ours, theirs = cases[:60], cases[60:80]
    targets = {case.id: native_uri(desk, case) for case in (*ours, *theirs)}
    for case in ours:
        text = f"Perkara {case.id}: petugas Dinas Contoh datang ke rumah hari ini."
        assert desk.reply(case.id, text, by="rina").state.done
        assert desk.reply(case.id, text, by="rina").state.done  # a double click
    for case in theirs:
        town.native(case.agency, targets[case.id], f"Jawaban petugas untuk {case.id}: sudah siap.")
    town.settle()
    assert desk.send().drafts == ()
    again = desk.sync()
    assert (again.new, sum(each.answers for each in again.accounts)) == (0, 20)

    for case in (*ours, *theirs):
        said = [text for text in town.replies(targets[case.id]) if case.id in text]
        assert len(said) == 1, said
    assert len(list(desk.cases(status="open"))) == 70
    score = desk.score(Period.of(desk.now.astimezone(desk.config.zone).date()))
    province = score.province
    assert (province.n, province.answered, province.unanswered) == (150, 80, 70)
    assert province.within is not None
    assert province.within[0] == pytest.approx(80 / 150)  # all within minutes
    assert sum(agency.n for agency in score.agencies.values()) == 150
    assert desk.verify() == []

    third = desk.sync()
    assert (third.new, sum(each.answers for each in third.accounts)) == (0, 0)
    assert desk.store.counts()["messages"] == 200 + 80


@pytest.mark.parametrize(
    "town", ["fake bluesky", pytest.param("real bluesky", marks=REAL)], indirect=True
)
def test_an_aid_event_is_published_once_with_its_pictures(
    town: Town, desk: Desk, tmp_path: Path
) -> None:
    image = pytest.importorskip("PIL.Image")
    event = desk.aid.log(
        AidEvent(
            agency="dinsos",
            unit="Bidang Contoh",
            occurred_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
            region="17.71.01.1001",
            items=(AidItem(name="beras", quantity=Decimal(10), unit="kg", unit_price_idr=14_000),),
            parcels=12,
            households=12,
            funding=Funding.PATUNGAN_ASN,
            voluntary=True,
        )
    )
    consent = Consent(
        given_by="Ny. W. (contoh)",
        how="dibacakan, dijawab ya",
        given_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        scope=frozenset({"store", "publish"}),
    )
    alts = ["Tangan menerima paket beras", "Dua belas paket di balai desa"]
    for number, alt in enumerate(alts):
        place = tmp_path / f"{number}.jpg"
        image.new("RGB", (64 + number, 48), (200, 30 * number, 40)).save(place)
        desk.aid.attach(event.id, place, alt=alt, consent=consent if number == 0 else None)
    text = "ASN Dinas Contoh berbagi 12 paket beras untuk warga yang belum terjangkau bantuan."
    first = desk.aid.publish(event.id, account="dinsos-bsky", text=text, by="rina")
    assert first.state is DraftState.CONFIRMED, first
    assert desk.aid.publish(event.id, account="dinsos-bsky", text=text, by="rina") == first
    assert first.sent_id is not None
    record = town.record(first.sent_id)
    assert [image["alt"] for image in record["embed"]["images"]] == alts
    assert desk.aid.get(event.id).status == "published"
    assert desk.aid.withdraw_consent(desk.aid.get(event.id).media[0].consent_id or "") == [first]
