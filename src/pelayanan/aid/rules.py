"""What must hold before an aid event is shown to the public."""

from collections.abc import Mapping

from pelayanan.aid.consent import Consent
from pelayanan.aid.event import AidEvent, AidMedium, AidStatus

__all__ = ["may_publish"]


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
