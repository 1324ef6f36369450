"""What platforms push to us, read into values. Nothing here does I/O or reads a clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import AwareDatetime

from pelayanan.errors import NotFoundError, PlatformError
from pelayanan.models import Answer, Mention, Record
from pelayanan.protocol.page import Unreadable

__all__ = [
    "Deleted",
    "Delivery",
    "Edited",
    "Elsewhere",
    "KeysMissingError",
    "NoMessageError",
    "Pointer",
    "Pushed",
    "WebhookEvents",
]


class KeysMissingError(PlatformError):
    """Signed with a key that is not known yet: `KeyedWebhookSource.fetch_keys` may bring it."""

    retryable = True
    remedy = "program: fetch the keys and look again"


class NoMessageError(NotFoundError):
    """What was announced is no message of a citizen: it is never looked for again."""


class Delivery(Record):
    """What became of a message that the account sent.

    Attributes:
        id: Of our message, as `Sent.id` has it.
        key: As it was given to `reply`, where the platform brings it back: the proof that a message
            whose receipt was lost was taken after all.
        reason: Why it failed, in our own words.
        remedy: What to do about a failure, and whose task it is.
    """

    id: str
    state: Literal["sent", "delivered", "read", "failed"]
    at: AwareDatetime
    key: str = ""
    reason: str = ""
    remedy: str = ""


class Pointer(Record):
    """A message that was only announced: `MentionFetcher.fetch_mention` brings it.

    Attributes:
        id: Of the message.
        ref: What the platform needs to find it. Opaque to callers.
    """

    id: str
    ref: dict[str, str]


@dataclass(frozen=True, slots=True)
class Edited:
    """A message was changed; `mention` is how it reads now."""

    mention: Mention


@dataclass(frozen=True, slots=True)
class Deleted:
    """A message was taken away, ours or a citizen's.

    Attributes:
        by_author: The platform says, or leaves no other way, that who wrote it did it. A message
            that the agency may have removed has not left (score.md, 1).
    """

    id: str
    by_author: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something happened at another account of the same app, which has to hear of it too."""

    account: str


Pushed: TypeAlias = (
    Mention | Answer | Edited | Deleted | Delivery | Pointer | Elsewhere | Unreadable
)


@dataclass(frozen=True, slots=True)
class WebhookEvents:
    """Everything one webhook told, in the order told. Being told twice changes nothing.

    Attributes:
        mentions: Messages of citizens.
        answers: What the account said, also typed in the platform's app. A chat does not say which
            message is answered: then `to` is empty and `thread` names the conversation.
        edits: Messages as they read now, under the ids they always had.
        deletions: Ids of messages that who wrote them took back.
        removals: Ids of messages that are gone by a hand which the platform does not name.
        deliveries: What became of messages that we sent, in no certain order.
        pointers: Messages that were announced and have to be fetched.
        elsewhere: Native ids of other accounts of the same app that the body speaks of.
        unreadable: What could not be read, with the reason; the rest went on without.
    """

    mentions: tuple[Mention, ...] = ()
    answers: tuple[Answer, ...] = ()
    edits: tuple[Mention, ...] = ()
    deletions: tuple[str, ...] = ()
    removals: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    elsewhere: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    @classmethod
    def of(cls, told: Iterable[Pushed]) -> "WebhookEvents":
        """Sort out what a platform read, each item once."""
        every = list(told)
        accounts = [item.account for item in every if isinstance(item, Elsewhere)]
        gone = dict.fromkeys(item for item in every if isinstance(item, Deleted))
        return cls(
            mentions=tuple({m.id: m for m in every if isinstance(m, Mention)}.values()),
            answers=tuple({a.id: a for a in every if isinstance(a, Answer)}.values()),
            edits=tuple(item.mention for item in every if isinstance(item, Edited)),
            deletions=tuple(item.id for item in gone if item.by_author),
            removals=tuple(item.id for item in gone if not item.by_author),
            deliveries=tuple(item for item in every if isinstance(item, Delivery)),
            pointers=tuple(item for item in every if isinstance(item, Pointer)),
            elsewhere=tuple(dict.fromkeys(accounts)),
            unreadable=tuple(item for item in every if isinstance(item, Unreadable)),
        )
