"""Consent: who agreed to what, how it was given, and when it was withdrawn.

Source:
    UU 27/2022, articles 20, 22, 24 and 40 (explicit, provable, withdrawable; processing stops
    within 3 x 24 hours of a withdrawal), 25 and 26 (children, persons with disabilities).
"""

from datetime import timedelta
from hashlib import sha256
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from pelayanan.models import Record

__all__ = ["STOP_WITHIN", "Consent", "Scope"]

STOP_WITHIN = timedelta(hours=72)
Scope = Literal["store", "report", "publish"]


class Consent(Record):
    """A resident's consent to the use of a picture or a story.

    Attributes:
        given_by: Initials or role of who consented, such as ``"kepala keluarga, Ny. S."``.
        how: ``"read aloud, answered yes"``, ``"signed form"`` …
        scope: Each use that was agreed to. Publishing needs ``"publish"``.
        minor: Whether a child is seen. Then nothing is published.
        withdrawn_at: From then on nothing new; what stands must come down within 3 x 24 hours.
    """

    id: str = ""
    given_by: str = Field(min_length=1)
    how: str = Field(min_length=1)
    given_at: AwareDatetime
    scope: frozenset[Scope]
    minor: bool = False
    withdrawn_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _children(self) -> Self:
        if self.minor and "publish" in self.scope:
            raise ValueError("a picture of a child is not published: take publish out of scope")
        return self

    def named(self, event_id: str) -> Self:
        """The consent with its id."""
        if self.id:
            return self
        content = event_id + self.model_dump_json(exclude={"id", "withdrawn_at", "scope"})
        content += ",".join(sorted(self.scope))
        return self.model_copy(
            update={"id": f"consent-{sha256(content.encode()).hexdigest()[:16]}"}
        )

    def allows(self, scope: Scope) -> bool:
        """Whether this use is agreed to and not withdrawn."""
        return scope in self.scope and self.withdrawn_at is None
