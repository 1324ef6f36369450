"""What was heard without being addressed to an agency."""

from typing import Self

from pydantic import AwareDatetime

from pelayanan.models.message import Mention
from pelayanan.models.record import Record

__all__ = ["Signal"]


class Signal(Record):
    """A message that a search or a news feed brought. It weighs nothing until it is taken up.

    Attributes:
        id: In the store; tells nobody who wrote it.
        mention: What was said, where and when.
        watch: Key of the account that heard it, or the host of the feed.
        heard: When it was heard first.
        case_id: Of the case that a person made of it, empty if none.
        taken_by: Who did.
    """

    id: str
    mention: Mention
    watch: str
    heard: AwareDatetime
    case_id: str = ""
    taken_by: str = ""

    def masked(self) -> Self:
        """The form that may be shown in public: no name, no numbers, no address."""
        return self.model_copy(update={"mention": self.mention.masked()})
