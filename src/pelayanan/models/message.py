"""What citizens write and agencies answer."""

from typing import Self

from pydantic import AwareDatetime, Field

from pelayanan.models.record import Record

__all__ = ["Answer", "Attachment", "Author", "Mention", "Sent"]


class Author(Record):
    """The citizen's account as the platform names it."""

    id: str
    handle: str
    name: str = ""

    def masked(self) -> Self:
        """The form that may be shown in public: nobody can be found by it."""
        from pelayanan.text.personal import mask_name  # noqa: PLC0415  slow to load, seldom used

        shown = mask_name(self.name or self.handle)
        return self.model_copy(update={"id": "", "handle": shown, "name": shown})

    def hide(self, text: str) -> str:
        """A text without numbers, handles and this person's own name."""
        from pelayanan.text.hiding import hide  # noqa: PLC0415  slow to load, seldom used

        return hide(text, handle=self.handle, name=self.name)


class Attachment(Record):
    """A file that came with a message. The file itself is not kept."""

    media_type: str
    url: str = ""
    name: str = ""
    alt: str = ""
    size_bytes: int = 0


class Mention(Record):
    """One message addressed to an agency.

    Attributes:
        id: As the platform names it; together with platform and account it is unique.
        created_at: When the citizen posted it, as the platform tells.
        thread: Id of the first message of its conversation; its own id where it begins one.
        reply_to: Id of the message that it answers, empty if none.
        private: Whether only the agency can read it.
        automatic: Whether a machine wrote it (an out-of-office note, a bounce).
        returned: Id of an own message that, as this one says, never arrives (a bounce).
        ref: What the platform needs to answer this message. Opaque to callers.
    """

    platform: str
    id: str
    author: Author
    text: str
    created_at: AwareDatetime
    subject: str = ""
    url: str | None = None
    thread: str = ""
    reply_to: str = ""
    private: bool = False
    automatic: bool = False
    returned: str = ""
    attachments: tuple[Attachment, ...] = ()
    ref: dict[str, str] = Field(default_factory=dict)

    def masked(self) -> Self:
        """The form that may be shown in public: no name, no numbers, no address of the message."""
        return self.model_copy(
            update={
                "author": self.author.masked(),
                "text": self.author.hide(self.text),
                "subject": self.author.hide(self.subject),
                "id": "",  # on many platforms the author's name or the address is in it
                "thread": "",
                "reply_to": "",
                "returned": "",
                "url": None,
                "attachments": (),
                "ref": {},
            }
        )


class Answer(Record):
    """What the agency's account said to somebody, through this library or in the platform's app.

    Attributes:
        to: Id of the message that it answers.
        automatic: Whether a machine wrote it. Never counted as an answer (score.md, 1).
    """

    platform: str
    id: str
    to: str
    text: str
    created_at: AwareDatetime
    thread: str = ""
    url: str | None = None
    private: bool = False
    automatic: bool = False


class Sent(Record):
    """A message that the platform took.

    Attributes:
        confirmed: Whether it is known to be visible; some platforms say so only later.
        ref: What the platform needs, beside the id, to go on below it. Opaque to callers.
    """

    id: str
    at: AwareDatetime
    url: str | None = None
    confirmed: bool = False
    ref: dict[str, str] = Field(default_factory=dict)
