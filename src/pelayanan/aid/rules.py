"""What must hold before an aid event is kept, and before it is shown to the public."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from pelayanan.aid.consent import Consent
from pelayanan.aid.event import AidEvent, AidMedium, AidStatus

__all__ = ["may_publish", "slips"]

_AHEAD = timedelta(days=1)  # a clock may be wrong by so much
_OLDEST = 2000
_MOST = 1_000_000  # parcels, households or persons of one event; a whole regency is less
_LARGEST, _SMALLEST = Decimal(1_000_000_000), Decimal("0.001")


def slips(event: AidEvent, now: datetime) -> Iterator[str]:
    """Say what cannot be true of an event, each with what to do; what is kept already stays.

    One event with a slip in it outweighs all others in every sum.
    """
    if event.occurred_at > now + _AHEAD:
        yield "occurred_at is in the future: log it once it was given"
    elif event.occurred_at.year < _OLDEST:
        yield f"occurred_at is before {_OLDEST}: check the year"
    for name in ("parcels", "households", "persons"):
        if getattr(event, name) > _MOST:
            yield f"{name} is more than {_MOST}: check the number, or log the parts"
    for number, item in enumerate(event.items, 1):
        where = f"items {number}"
        if not item.name.strip() or not item.unit.strip():
            yield f"{where} has no name or no unit: say what was given"
        if not _SMALLEST <= item.quantity <= _LARGEST:
            yield f"{where}: quantity must be from {_SMALLEST} to {_LARGEST}"
        if (item.unit_price_idr or 0) > _LARGEST:
            yield f"{where}: unit_price_idr is more than {_LARGEST}: check the number"


def may_publish(
    event: AidEvent, media: tuple[AidMedium, ...], consents: Mapping[str, Consent]
) -> tuple[str, ...]:
    """Say what stands against publishing, in Indonesian; empty when nothing does.

    Source:
        UU 27/2022, articles 20 and 22: a picture of a person is published with consent only.
    """
    against: list[str] = []
    if event.status is AidStatus.WITHDRAWN:
        against.append("kegiatan ini sudah ditarik")
    for medium in media:
        if not medium.alt.strip():
            against.append(f"gambar {medium.sha256[:8]}: tulis dulu keterangannya (alt)")
        if medium.consent_id is None:
            continue
        consent = consents.get(medium.consent_id)
        if consent is None or not consent.allows("publish"):
            against.append(f"gambar {medium.sha256[:8]}: tidak ada persetujuan untuk diterbitkan")
    return tuple(against)
