"""The vocabulary: small frozen records with no platform in them."""

from pelayanan.models.check import Check, Finding
from pelayanan.models.identity import NIK, NIP
from pelayanan.models.message import Answer, Attachment, Author, Mention, Sent
from pelayanan.models.province import Agency, Kind, Period
from pelayanan.models.record import Record
from pelayanan.models.secret import Secret, as_secret
from pelayanan.models.signal import Signal

__all__ = [
    "NIK",
    "NIP",
    "Agency",
    "Answer",
    "Attachment",
    "Author",
    "Check",
    "Finding",
    "Kind",
    "Mention",
    "Period",
    "Record",
    "Secret",
    "Sent",
    "Signal",
    "as_secret",
]
