"""Aid: whose money, of whose will, with whose consent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from pelayanan.aid import AidEvent, AidItem, AidMedium, AidStatus, Consent, Funding, may_publish

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
RICE = AidItem(name="beras", quantity=Decimal("2.5"), unit="kg", unit_price_idr=14_999)


def event(**more: Any) -> AidEvent:
    values: dict[str, Any] = {
        "agency": "dinsos",
        "occurred_at": NOW,
        "region": "17.71.01.1001",
        "items": (RICE,),
        "funding": Funding.APBD,
        "voluntary": True,
    }
    return AidEvent(**(values | more))


def consent(*scope: Any, **more: Any) -> Consent:
    return Consent(
        id="c1", given_by="Ny. W.", how="dibacakan", given_at=NOW, scope=frozenset(scope), **more
    )


def medium(alt: str = "Paket beras", consent_id: str | None = "c1") -> AidMedium:
    return AidMedium(
        sha256="a" * 64,
        original_sha256="b" * 64,
        media_type="image/jpeg",
        alt=alt,
        consent_id=consent_id,
    )


@pytest.mark.parametrize("funding", [Funding.PRIBADI, Funding.PATUNGAN_ASN])
def test_a_private_gift_is_voluntary_or_no_gift(funding: Funding) -> None:
    assert event(funding=funding).funding is funding
    with pytest.raises(ValidationError, match="a private gift must be voluntary"):
        event(funding=funding, voluntary=False)


@pytest.mark.parametrize("funding", set(Funding) - {Funding.PRIBADI, Funding.PATUNGAN_ASN})
def test_public_money_needs_nobodys_will(funding: Funding) -> None:
    assert not event(funding=funding, voluntary=False).voluntary


def test_the_same_event_has_the_same_id_and_another_has_another() -> None:
    first = event().named()
    assert first.id.startswith("aid-")
    assert event(recorded_at=NOW, status=AidStatus.VERIFIED).named().id == first.id
    assert event(recorded_by="rina").named().id == first.id  # told by two people it is one
    assert event(parcels=1).named().id != first.id
    assert first.named() is first
    assert event(id="milik-kami").named().id == "milik-kami"


def test_a_value_is_told_where_every_item_has_a_price_rounded_down() -> None:
    assert event().value_idr == 37_497
    assert (
        event(items=(RICE, AidItem(name="gula", quantity=Decimal(1), unit="kg"))).value_idr is None
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [("17", "17"), ("1771", "17.71"), ("1771011001", "17.71.01.1001"), ("17.71", "17.71")],
)
def test_a_region_is_taken_with_dots_and_without(code: str, told: str) -> None:
    assert event(region=code).region == told


@pytest.mark.parametrize("code", ["", "177", "17.71.1", "Bengkulu", "17.71.01.1001.1"])
def test_what_is_no_region_is_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="region"):
        event(region=code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": ()},
        {"parcels": -1},
        {"items": ({"name": "beras", "quantity": 0, "unit": "kg"},)},
        {"occurred_at": datetime(2026, 11, 2)},  # noqa: DTZ001  that is what is refused
        {"funding": "uang_saku"},
    ],
)
def test_an_event_is_stated_wholly(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        event(**wrong)


# ---- consent


def test_each_use_is_agreed_to_alone_and_ends_with_the_withdrawal() -> None:
    given = consent("store", "report")
    assert [given.allows(use) for use in ("store", "report", "publish")] == [True, True, False]
    withdrawn = given.model_copy(update={"withdrawn_at": NOW})
    assert not withdrawn.allows("store")


def test_a_child_is_never_published() -> None:
    assert consent("store", minor=True).allows("store")
    with pytest.raises(ValidationError, match="a child is not published"):
        consent("store", "publish", minor=True)


def test_a_consent_says_who_gave_it_and_how() -> None:
    for missing in ({"given_by": ""}, {"how": ""}):
        values = {"given_by": "Ny. W.", "how": "lisan", "given_at": NOW, "scope": {"store"}}
        with pytest.raises(ValidationError):
            Consent.model_validate(values | missing)


def test_the_same_consent_for_the_same_event_is_one() -> None:
    bare = consent("store", "publish").model_copy(update={"id": ""})
    assert bare.named("aid-1") == bare.named("aid-1")
    assert bare.named("aid-1").id != bare.named("aid-2").id
    narrower = bare.model_copy(update={"scope": frozenset({"store"})})
    assert narrower.named("aid-1").id != bare.named("aid-1").id


@pytest.mark.parametrize(
    ("picture", "known", "told"),
    [
        (medium(), {"c1": consent("store", "publish")}, []),
        (medium(consent_id=None), {}, []),  # nobody can be recognised
        (medium(alt="  "), {"c1": consent("publish")}, ["tulis dulu keterangannya (alt)"]),
        (medium(), {}, ["tidak ada persetujuan untuk diterbitkan"]),
        (medium(), {"c1": consent("store")}, ["tidak ada persetujuan untuk diterbitkan"]),
        (
            medium(),
            {"c1": consent("publish", withdrawn_at=NOW)},
            ["tidak ada persetujuan untuk diterbitkan"],
        ),
    ],
)
def test_what_stands_against_publishing_is_said_in_indonesian(
    picture: AidMedium, known: Mapping[str, Consent], told: list[str]
) -> None:
    found = may_publish(event(), (picture,), known)
    assert [each.partition(": ")[2] for each in found] == told


def test_what_was_withdrawn_is_not_published() -> None:
    gone = event(status=AidStatus.WITHDRAWN)
    assert may_publish(gone, (), {}) == ("kegiatan ini sudah ditarik",)
