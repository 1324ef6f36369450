"""A row of the ledger: one text for one citizen, sent at most once."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime

from pelayanan.cases import Promise
from pelayanan.models import Record, Sent
from pelayanan.text.personal import mask

__all__ = ["Draft", "DraftMedia", "DraftPart", "DraftState"]


class DraftState(StrEnum):
    """Where a draft stands.

    `SENDING` is durable before the call goes out. `UNKNOWN`: the call may have taken effect; it is
    looked up before anything is sent again, and where the platform cannot tell a person decides
    (`desk.settle`). `SENT` was taken by the platform, `CONFIRMED` is known to be visible.
    """

    DRAFTED = "drafted"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def done(self) -> bool:
        """Whether the text stands on the platform."""
        return self in {DraftState.SENT, DraftState.CONFIRMED}


class DraftMedia(Record):
    """A stripped photo or video to publish, by its hash."""

    sha256: str
    alt: str


class DraftPart(Record):
    """One part of a long reply that goes out as a thread; `sent` once it is known to stand."""

    text: str
    sent: Sent | None = None


class Draft(Record):
    """One text for one citizen, for the public, or (a mail) for one address.

    Attributes:
        id: The same text for the same case has the same id; also the key given to the platform.
        recipient: Address of a mail that answers nobody, such as a report.
        promise: The next step that it names; entered with the answer when it is sent.
        parts: Those of a reply that is too long for one post and goes out as a thread, each below
            the one before; empty where it fits. Which one is sent with which id, each says.
        needs: What is left to do before it can go out; empty when nothing is.
        substantive: Whether it will count as an answer; a person may say no.
        error: Why the last try failed, and `remedy`, what to do about it.
    """

    id: str
    verb: Literal["reply", "publish", "mail"]
    account: str
    case_id: str | None = None
    message_id: str | None = None
    aid_id: str | None = None
    recipient: str = ""
    text: str
    parts: tuple[DraftPart, ...] = ()
    media: tuple[DraftMedia, ...] = ()
    substantive: bool = True
    promise: Promise | None = None
    state: DraftState = DraftState.DRAFTED
    needs: tuple[str, ...] = ()
    by: str = ""
    approved_by: str = ""
    attempts: int = 0
    error: str = ""
    remedy: str = ""
    sent_id: str | None = None
    sent_url: str | None = None
    sent_at: AwareDatetime | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime

    def masked(self) -> Self:
        """The form that may be shown in public."""
        return self.model_copy(
            update={
                "text": mask(self.text),
                "parts": tuple(DraftPart(text=mask(each.text)) for each in self.parts),
                "media": tuple(
                    each.model_copy(update={"alt": mask(each.alt)}) for each in self.media
                ),
                "recipient": "",
                "by": "",
                "approved_by": "",
                "needs": (),  # they may name who else is answering
                "sent_id": None,  # from the answer's address the citizen's is one step
                "sent_url": None,
            }
        )
