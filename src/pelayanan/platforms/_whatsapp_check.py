"""What `WhatsApp.check` finds about the number."""

from pelayanan.models import Finding
from pelayanan.platforms._whatsapp import Number

__all__ = ["NUMBER", "number_findings"]

NUMBER = (
    "display_phone_number",
    "verified_name",
    "quality_rating",
    "name_status",
    "code_verification_status",
)
_QUALITY = "Petugas: kirim hanya jawaban yang ditunggu warga; nomor yang sering diblokir dibatasi."
_NAME = "Administrator: ajukan lagi nama tampilan di WhatsApp Manager."
_CODE = "Administrator: verifikasi nomor di WhatsApp Manager."


def number_findings(number: Number, tier: str) -> list[Finding]:
    """Name, quality and how many people may be written to a day."""
    named = f"{number.display_phone_number} {number.verified_name}".strip()
    refused = number.name_status in {"DECLINED", "EXPIRED", "NONE"}
    unverified = number.code_verification_status == "UNVERIFIED"
    poor = number.quality_rating == "RED"
    return [
        _finding("number", f"{named} ({number.name_status or 'nama diterima'})", refused, _NAME),
        _finding("verification", number.code_verification_status or "?", unverified, _CODE),
        _finding("quality", number.quality_rating or "?", poor, _QUALITY),
        Finding(name="tier", ok=True, detail=tier or "tidak disebut; lihat WhatsApp Manager"),
    ]


def _finding(name: str, detail: str, bad: bool, remedy: str) -> Finding:  # noqa: FBT001  a row
    return Finding(name=name, ok=not bad, detail=detail, remedy=remedy if bad else "")
