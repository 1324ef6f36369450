"""An aid event: one hand-over of help to residents.

Source:
    reference on Indonesian rules, 6.3 (fields), 3.4 (funding and voluntariness on every event, no
    personal branding), 6.1 (programmes).
"""

from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Literal, Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from pelayanan.models import Record
from pelayanan.text.personal import mask

__all__ = ["AidEvent", "AidItem", "AidMedium", "AidStatus", "Funding", "Reach"]


class Funding(StrEnum):
    """Whose money it is. One event has one source: private gifts and public money never mix."""

    PRIBADI = "pribadi"
    PATUNGAN_ASN = "patungan_asn"
    BAZNAS = "baznas"
    CSR = "csr"
    APBD = "apbd"
    DANA_DESA = "dana_desa"


class AidStatus(StrEnum):
    """Where an event stands."""

    DRAFT = "draft"
    VERIFIED = "verified"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class AidItem(Record):
    """What was given. Amounts are stated, never guessed: a sack of rice has many sizes.

    Attributes:
        unit: ``kg``, ``liter``, ``butir``, ``bungkus``, ``dus`` …
        unit_price_idr: Rupiah for one unit, if known.
    """

    name: str = Field(min_length=1)
    quantity: Decimal = Field(gt=0)
    unit: str = Field(min_length=1)
    unit_price_idr: int | None = Field(default=None, ge=0)


class Reach(Record):
    """Whether a programme reaches the household; ``unknown`` is never read as "not reached".

    Attributes:
        programme: ``pkh``, ``bpnt``, ``bst``, ``blt_dd``, ``beras_10kg`` …
        method: How it was found out: asked, card seen, list of the agency …
    """

    programme: str
    status: Literal["listed", "not_listed", "unknown"]
    method: str = ""
    checked_at: AwareDatetime | None = None


class AidMedium(Record):
    """A photo or video as evidence, stripped of place and device, by its hash.

    Attributes:
        consent_id: The consent that covers it; ``None`` where nobody can be recognised.
    """

    sha256: str
    original_sha256: str
    media_type: str
    alt: str
    consent_id: str | None = None


class AidEvent(Record):
    """One hand-over of aid.

    Attributes:
        id: Left empty it is made from the content: logging the same event twice changes nothing.
        unit: The unit that gave, never a person: there are no league tables of givers.
        region: Kemendagri code of the village, ``17.71.01.1001``; its centre is all that is told
            of the place.
        channel: Taken to the door, or collected and then handed out.
        voluntary: Whether the givers gave of their own will, as the unit states.
        reason: Group of need: lansia, disabilitas, isoman, phk, bencana.
        inspired_by: The event whose story prompted this one.
    """

    id: str = ""
    agency: str
    unit: str = ""
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime | None = None
    region: str = Field(pattern=r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$")
    channel: Literal["door_to_door", "collected"] = "door_to_door"
    campaign: str = ""
    items: tuple[AidItem, ...] = Field(min_length=1)
    parcels: int = Field(default=0, ge=0)
    households: int = Field(default=0, ge=0)
    persons: int = Field(default=0, ge=0)
    funding: Funding
    voluntary: bool
    reason: str = ""
    reach: tuple[Reach, ...] = ()
    story: str = ""
    inspired_by: str = ""
    recorded_by: str = ""
    status: AidStatus = AidStatus.DRAFT
    media: tuple[AidMedium, ...] = ()

    @field_validator("region", mode="before")
    @classmethod
    def _dotted(cls, code: object) -> object:
        """Take the code without dots too."""
        if isinstance(code, str) and code.isdecimal() and len(code) in {2, 4, 6, 10}:
            parts = (code[:2], code[2:4], code[4:6], code[6:])
            return ".".join(part for part in parts if part)
        return code

    @model_validator(mode="after")
    def _own_will(self) -> Self:
        private = {Funding.PRIBADI, Funding.PATUNGAN_ASN}
        if self.funding in private and not self.voluntary:
            raise ValueError(
                "a private gift must be voluntary: state voluntary=true, or do not log it as a gift"
            )
        return self

    @property
    def value_idr(self) -> int | None:
        """Rupiah in all, rounded down; ``None`` unless every item has a price."""
        prices = [
            item.quantity * item.unit_price_idr
            for item in self.items
            if item.unit_price_idr is not None
        ]
        return int(sum(prices)) if len(prices) == len(self.items) else None

    def named(self) -> Self:
        """The event with its id."""
        if self.id:
            return self
        content = self.model_dump_json(
            exclude={"id", "recorded_at", "recorded_by", "status", "media"}
        )
        return self.model_copy(update={"id": f"aid-{sha256(content.encode()).hexdigest()[:16]}"})

    def masked(self) -> Self:
        """The form that may be shown in public: the district, not the village."""
        return self.model_copy(
            update={
                "region": self.region[:8],
                "story": mask(self.story),
                "recorded_by": "",
                "reach": (),
                "media": tuple(
                    each.model_copy(update={"alt": mask(each.alt), "consent_id": None})
                    for each in self.media
                ),
            }
        )
