"""A case as it stands."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Self, TypeAlias

from pydantic import AwareDatetime, Field

from pelayanan.cases.events import AnyEvent
from pelayanan.models import Author, Kind, Record

__all__ = ["Ask", "Case", "Episode", "HandOver", "Promise", "Status", "ThreadItem"]

LeftHow: TypeAlias = Literal["", "withdrawn", "deleted", "handed_over"]


class Status(StrEnum):
    """Where a case stands; read off its events, never set.

    `OPEN` has no substantive answer yet: it is the one that burns.
    """

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    LEFT = "left"
    EXCLUDED = "excluded"


class Promise(Record):
    """A date that a person named, and when the step was done.

    Attributes:
        said: When the date was named.
    """

    due: date
    unit: str = ""
    done: AwareDatetime | None = None
    said: AwareDatetime | None = None


class Episode(Record):
    """One clock of a case: from its opening, or from a reopening, on.

    Attributes:
        answered: The first substantive answer by a person, as far as promises were kept.
        resolved: The first closing at or after `answered`.
        left: The first of withdrawn, deleted by its author, handed over.

    Source:
        score.md, 1 (reopening).
    """

    opened: AwareDatetime
    answered: AwareDatetime | None = None
    resolved: AwareDatetime | None = None
    left: AwareDatetime | None = None
    left_how: LeftHow = ""


class Ask(Record):
    """An answer asked the citizen for something; `supplied` is the citizen's next message."""

    at: AwareDatetime
    supplied: AwareDatetime | None = None


class HandOver(Record):
    """A hand-over that was accepted.

    Attributes:
        opened: Of the episode in which it was made, by whose clock it is slow or not.
        case: Id of the receiver's case, where it is known.
        returned: It came back, directly or through others: it is void.
        passed_on: The receiver handed the need over again before an answer.
    """

    key: str
    at: AwareDatetime
    opened: AwareDatetime
    to: str
    case: str = ""
    returned: bool = False
    passed_on: bool = False


class ThreadItem(Record):
    """One message of the conversation.

    Attributes:
        edited: A later wording of the message above it, which the citizen changed.
    """

    id: str
    direction: Literal["in", "out"]
    at: AwareDatetime
    author: Author
    text: str
    url: str | None = None
    private: bool = False
    automatic: bool = False
    edited: bool = False

    def masked(self) -> Self:
        """The form that may be shown in public."""
        author = self.author if self.direction == "out" else self.author.masked()
        text = self.author.hide(self.text)
        return self.model_copy(update={"author": author, "text": text, "url": None})


class Case(Record):
    """One citizen's need at one agency.

    Attributes:
        opened: When the citizen's first message was posted. All clocks begin here.
        captured: When this library saw it.
        acknowledged: The first "we received it", by a machine or a person.
        answered: The first substantive answer by a person; after a reopening, the first on the
            new clock.
        left: When it was withdrawn, deleted by its author or handed over.
        contacts: Messages of the citizen after the first.
        reopened: New clocks within 14 days of a closing.
        reopened_at: When the newest of them began.
        thread: The conversation, oldest first; filled by ``desk.case``.
        events: Its whole log, where it was asked for: what `Tally.from_cases` counts.

    Source:
        score.md, 1.
    """

    id: str
    agency: str
    account: str
    platform: str
    author: Author
    kind: Kind = Kind.INFORMASI
    status: Status = Status.OPEN
    opened: AwareDatetime
    captured: AwareDatetime | None = None
    acknowledged: AwareDatetime | None = None
    answered: AwareDatetime | None = None
    resolved: AwareDatetime | None = None
    left: AwareDatetime | None = None
    left_how: LeftHow = ""
    excluded: str = ""
    contacts: int = 0
    reopened: int = 0
    reopened_at: AwareDatetime | None = None
    assigned_to: str = ""
    promises: tuple[Promise, ...] = ()
    text: str = ""
    url: str | None = None
    thread: tuple[ThreadItem, ...] = ()
    events: tuple[AnyEvent, ...] = Field(default=(), exclude=True, repr=False)

    @property
    def counts(self) -> bool:
        """Whether it stands in the denominator of the score."""
        return self.kind.obliges and not self.excluded

    @property
    def clock(self) -> datetime:
        """When the clock that runs now began."""
        return self.reopened_at or self.opened

    @property
    def waits(self) -> bool:
        """Whether somebody is owed an answer and has none."""
        open_ = self.status is Status.OPEN and self.answered is None and self.left is None
        return self.counts and open_

    def masked(self) -> Self:
        """The form that may be shown in public; answers do not greet the citizen by name either."""
        hide = self.author.hide
        thread = (
            item.masked().model_copy(update={"text": hide(item.text)}) for item in self.thread
        )
        return self.model_copy(
            update={
                "author": self.author.masked(),
                "text": hide(self.text),
                "url": None,
                "thread": tuple(thread),
            }
        )
