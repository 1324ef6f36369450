"""A case as it stands."""

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime

from pelayanan.models import Author, Kind, Record
from pelayanan.text.personal import mask

__all__ = ["Case", "Promise", "Status", "ThreadItem"]


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
    """A date that a person named, and whether the step was done by then."""

    due: date
    unit: str = ""
    done: AwareDatetime | None = None


class ThreadItem(Record):
    """One message of the conversation."""

    id: str
    direction: Literal["in", "out"]
    at: AwareDatetime
    author: Author
    text: str
    url: str | None = None
    private: bool = False
    automatic: bool = False

    def masked(self) -> Self:
        """The form that may be shown in public."""
        author = self.author if self.direction == "out" else self.author.masked()
        return self.model_copy(update={"author": author, "text": mask(self.text), "url": None})


class Case(Record):
    """One citizen's need at one agency.

    Attributes:
        opened: When the citizen's first message was posted. All clocks begin here.
        captured: When this library saw it.
        acknowledged: The first "we received it", by a machine or a person.
        answered: The first substantive answer by a person.
        left: When it was withdrawn, deleted by its author or handed over.
        contacts: Messages of the citizen after the first.
        thread: The conversation, oldest first; filled by ``desk.case``.

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
    left_how: Literal["", "withdrawn", "deleted", "handed_over"] = ""
    excluded: str = ""
    contacts: int = 0
    reopened: int = 0
    assigned_to: str = ""
    promises: tuple[Promise, ...] = ()
    text: str = ""
    url: str | None = None
    thread: tuple[ThreadItem, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it stands in the denominator of the score."""
        return self.kind.obliges and not self.excluded

    def masked(self) -> Self:
        """The form that may be shown in public."""
        return self.model_copy(
            update={
                "author": self.author.masked(),
                "text": mask(self.text),
                "url": None,
                "thread": tuple(item.masked() for item in self.thread),
            }
        )
