"""What can happen to a case. Events are facts: they are added, never changed.

Source:
    score.md, 1 (what each does to a clock or a count); design.md, 5 (cases).
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AwareDatetime, Field, TypeAdapter

from pelayanan.models import Kind, Record

__all__ = [
    "Acknowledged",
    "Actor",
    "Answered",
    "AnyEvent",
    "Asked",
    "Assigned",
    "Claimed",
    "Confirmed",
    "Edited",
    "Event",
    "Excluded",
    "Fulfilled",
    "Judged",
    "MovedToPrivate",
    "Promised",
    "Received",
    "Reopened",
    "Resolved",
    "Returned",
    "Supplied",
    "Transferred",
    "Triaged",
    "Withdrawn",
    "read_event",
]


class Actor(StrEnum):
    """Who did it. Only what a `HUMAN` does can be an answer."""

    CITIZEN = "citizen"
    HUMAN = "human"
    AUTOMATIC = "automatic"
    SYSTEM = "system"


class Event(Record):
    """What all events have.

    Attributes:
        at: When it happened; the desk fills in now where it is left out.
        by: Who acted, as the embedding system knows them.
        key: The same key is the same event, however often it is delivered. Where it is left out
            it is made from the content, `at` included.
    """

    at: AwareDatetime | None = None
    actor: Actor = Actor.HUMAN
    by: str = ""
    key: str = ""

    def complete(self, now: datetime) -> Self:
        """The event with its instant (UTC) and key."""
        at = (self.at or now).astimezone(UTC)
        if self.key:
            return self if at is self.at else self.model_copy(update={"at": at})
        dated = self.model_copy(update={"at": at})
        digest = sha256(dated.model_dump_json().encode()).hexdigest()
        key = f"{type(self).__name__.lower()}:{digest[:24]}"
        return dated.model_copy(update={"key": key})


class Received(Event):
    """A message of the citizen. The first one opens the case, each further one is a contact.

    Attributes:
        message: The message's id in the store, which tells nobody who wrote it.
        captured: When this library saw it; not listening does not stop a clock.
        digest: Of its content, so that the chain holds the words to what they were.
        handed_by: Where another agency handed the need over: the id of its case. Then `at` is the
            instant of the hand-over.
    """

    type: Literal["received"] = "received"
    actor: Actor = Actor.CITIZEN
    message: str = ""
    captured: AwareDatetime | None = None
    digest: str = ""
    handed_by: str = ""


class Edited(Event):
    """The citizen changed a message. Both wordings are kept; it is no contact, no clock moves.

    Attributes:
        message: Id in the store of the new wording.
        of: Id of the message that was changed.
        digest: Of the new wording.
    """

    type: Literal["edited"] = "edited"
    actor: Actor = Actor.CITIZEN
    message: str = ""
    of: str = ""
    digest: str = ""


class Triaged(Event):
    """The case is of this kind. `source` tells whether a rule or a person says so."""

    type: Literal["triaged"] = "triaged"
    kind: Kind
    source: Literal["default", "rule", "person"] = "person"


class Assigned(Event):
    """Somebody at the agency (or a unit of it) is to answer. Stops no clock."""

    type: Literal["assigned"] = "assigned"
    to: str


class Acknowledged(Event):
    """The words "we received it", by a machine or a person, never an answer."""

    type: Literal["acknowledged"] = "acknowledged"
    message: str = ""


class Answered(Event):
    """The agency said something to the citizen.

    Attributes:
        substantive: Whether it answers, asks for something named, or names a next step.
        reason: Why it does not count where it does not.
        source: Sent through the ledger, or typed in the platform's own app.
    """

    type: Literal["answered"] = "answered"
    message: str = ""
    substantive: bool = True
    reason: str = ""
    source: Literal["ledger", "native", "told"] = "told"
    digest: str = ""


class Judged(Event):
    """A person says that an answer is, or is not, substantive (`answer` is its event key)."""

    type: Literal["judged"] = "judged"
    answer: str
    substantive: bool
    reason: str = ""


class MovedToPrivate(Event):
    """The talk goes on in private; counts when the private thread gets a substantive answer."""

    type: Literal["moved_to_private"] = "moved_to_private"
    message: str = ""


class Promised(Event):
    """A person named a next step with a unit and a date: by itself an answer that must be kept.

    Attributes:
        due: Local date by which the step is done.
        unit: Who does it; without a unit it is an acknowledgement.
        answer: Event key of the `Answered` that says nothing but this. An answer that says more
            stands by itself, whatever becomes of the promise.
    """

    type: Literal["promised"] = "promised"
    due: date
    unit: str = ""
    answer: str = ""


class Fulfilled(Event):
    """The step promised for `due` was done."""

    type: Literal["fulfilled"] = "fulfilled"
    due: date


class Asked(Event):
    """An answer asked the citizen for something named; unnamed it is an acknowledgement."""

    type: Literal["asked"] = "asked"
    what: str = ""


class Supplied(Event):
    """The citizen supplied what was asked for."""

    type: Literal["supplied"] = "supplied"
    actor: Actor = Actor.CITIZEN
    message: str = ""


class Resolved(Event):
    """The case was closed."""

    type: Literal["resolved"] = "resolved"


class Reopened(Event):
    """The citizen came back about the same need."""

    type: Literal["reopened"] = "reopened"
    actor: Actor = Actor.CITIZEN
    message: str = ""


class Transferred(Event):
    """Handed over to another agency; a claim until the receiver accepts.

    Attributes:
        accepted: The receiver took it in the same step; else a `Confirmed` names this event.
        case: Id of the receiver's case, where it is known.
    """

    type: Literal["transferred"] = "transferred"
    to: str
    accepted: bool = False
    case: str = ""


class Returned(Event):
    """A hand-over came back: it is void. On the sender's case or on the receiver's."""

    type: Literal["returned"] = "returned"
    to: str = ""


class Withdrawn(Event):
    """The citizen withdrew the case or deleted the message.

    By any other `actor` it is noted and changes nothing: what an agency hides has not left.

    Attributes:
        message: Id of the one message that was deleted, empty if it is all about the case: who
            takes back one of several still waits.
    """

    type: Literal["withdrawn"] = "withdrawn"
    actor: Actor = Actor.CITIZEN
    how: Literal["withdrawn", "deleted"] = "withdrawn"
    message: str = ""


class Excluded(Event):
    """Not counted, with a reason. By the system only for `internal` and `before_start`.

    An agency's own word is a claim: it counts once somebody outside the agency confirmed it.
    """

    type: Literal["excluded"] = "excluded"
    reason: str


class Claimed(Event):
    """What would improve the agency's score by its own word; waits for a confirmation.

    Attributes:
        detail: Of an exclusion: the reason. Else the key of the event that is claimed: the
            `Triaged`, the `Transferred`, or the `Answered` whose text went to many citizens.
    """

    type: Literal["claimed"] = "claimed"
    what: Literal["exclusion", "kind", "hand_over", "mass_answer"]
    detail: str = ""


class Confirmed(Event):
    """Somebody outside the agency confirmed, or refused, a claim (`claim` is its event key).

    Attributes:
        side: For whom `by` speaks; the agency's own word confirms nothing.
    """

    type: Literal["confirmed"] = "confirmed"
    claim: str
    agreed: bool = True
    side: Literal["province", "receiver", "citizen", "agency"] = "province"


AnyEvent: TypeAlias = Annotated[
    Received
    | Edited
    | Triaged
    | Assigned
    | Acknowledged
    | Answered
    | Judged
    | MovedToPrivate
    | Promised
    | Fulfilled
    | Asked
    | Supplied
    | Resolved
    | Reopened
    | Transferred
    | Returned
    | Withdrawn
    | Excluded
    | Claimed
    | Confirmed,
    Field(discriminator="type"),
]
_adapter: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def read_event(body: str) -> AnyEvent:
    """Read an event from its JSON; raises `pydantic.ValidationError` for what is none."""
    return _adapter.validate_json(body)
