"""Aid that civil servants give: what was given, by which money, with whose consent."""

from pelayanan.aid.consent import Consent
from pelayanan.aid.event import AidEvent, AidItem, AidMedium, AidStatus, Funding, Reach
from pelayanan.aid.rules import may_publish, slips

__all__ = [
    "AidEvent",
    "AidItem",
    "AidMedium",
    "AidStatus",
    "Consent",
    "Funding",
    "Reach",
    "may_publish",
    "slips",
]
