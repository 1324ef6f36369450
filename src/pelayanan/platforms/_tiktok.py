"""What TikTok answers, as shapes; how its refusals read; and the walk over recent videos.

Everything goes out as HTTP 200 with a `code`; 0 means success. The codes are second-hand.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from pelayanan.errors import (
    AccessTierError,
    ConfigError,
    PlatformError,
    RateLimitError,
    RejectedError,
    ServerError,
    TokenExpiredError,
)
from pelayanan.models import Answer, Author, Mention, Sent
from pelayanan.protocol.page import Cursor, Items, Unreadable
from pelayanan.protocol.request import Response, classify_status

__all__ = [
    "CODES",
    "Comment",
    "Comments",
    "Envelope",
    "Refusals",
    "Video",
    "Videos",
    "Walking",
    "listing",
]

T = TypeVar("T")
CODES = {
    "40001": "permission",
    "40100": "rate",
    "40101": "login",
    "40102": "login",
    "40105": "login",
    "40110": "login",
    "50000": "server",
}
_KINDS: dict[str, type[PlatformError]] = {
    "login": TokenExpiredError,
    "permission": AccessTierError,
    "rate": RateLimitError,
    "rejected": RejectedError,
    "server": ServerError,
}
_MINUTE_S = 60.0  # the budgets are per minute, and no header says when they are full again


class _Wire(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class _Told(_Wire):
    code: int = 0


class Envelope(_Wire, Generic[T]):
    """What every answer comes in."""

    data: T


class Video(_Wire):
    """One video of the account's own."""

    item_id: str


class Videos(_Wire):
    """A page of the account's videos, newest first."""

    videos: Items[Video] = []


class Comment(_Wire):
    """A comment, or an answer below one."""

    comment_id: str = Field(min_length=1)
    video_id: str | None = None
    create_time: Annotated[int, Field(ge=0, le=32_503_680_000)]
    text: str | None = None
    username: str | None = None
    unique_identifier: str | None = None
    user_id: str | None = None
    owner: bool | None = None
    parent_comment_id: str | None = None
    replies: int | None = None
    status: str | None = None

    @property
    def at(self) -> datetime:
        """When it was written."""
        return datetime.fromtimestamp(self.create_time, UTC)

    @property
    def own(self) -> bool:
        """Whether the account itself wrote it."""
        return bool(self.owner)

    def mention(self, video: str, above: str = "") -> Mention | Unreadable:
        """As a citizen's message; `above` is the comment that it stands below."""
        author = self.unique_identifier or self.user_id or self.username
        if not author:
            return Unreadable(self.comment_id, "author (missing)")
        return Mention(
            platform="tiktok",
            id=self.comment_id,
            author=Author(id=author, handle=self.username or author),
            text=(self.text or "").strip(),
            created_at=self.at,
            thread=above or self.comment_id,
            reply_to=above,
            ref={"video": video, "comment": above or self.comment_id},
        )

    def answer(self, above: str) -> Answer:
        """As the account's own words below a comment."""
        return Answer(
            platform="tiktok",
            id=self.comment_id,
            to=above,
            text=(self.text or "").strip(),
            created_at=self.at,
            thread=above,
        )

    def sent(self) -> Sent:
        """As the receipt of an own answer; one that is not public yet is not confirmed."""
        return Sent(id=self.comment_id, at=self.at, confirmed=self.status in {None, "PUBLIC"})


class Comments(_Wire):
    """A page of comments, or of answers below one."""

    comments: Items[Comment] = []
    cursor: int | None = None
    has_more: bool | None = None


class Refusals:
    """Turns an answer with a code into an error.

    Args:
        codes: Codes that mean something else than said here, as names of `CODES`.
    """

    def __init__(self, codes: Mapping[str, str] | None) -> None:
        self._codes = CODES | dict(codes or {})
        if wrong := set(self._codes.values()) - set(_KINDS):
            known = ", ".join(sorted(_KINDS))
            raise ConfigError(f"codes: {min(wrong)!r} is unknown; there are {known}")

    def __call__(self, operation: str, response: Response) -> PlatformError | None:
        """The error of an answer, ``None`` where it is usable."""
        refused = classify_status(operation, response)
        try:
            told = _Told.model_validate_json(response.body)
        except ValidationError:
            return refused
        if told.code == 0:
            return refused
        kind = _KINDS[self._codes.get(str(told.code), "rejected")]
        wait = _MINUTE_S if kind is RateLimitError else None
        status = response.status
        return kind(f"code {told.code}", operation=operation, status=status, retry_after=wait)


class Walking(Cursor):
    """Where a walk over recent videos stands: one page of comments a step.

    Attributes:
        since: When the walk before began; what was written long before is known.
        begun: When this walk began.
        left: Videos still to be read, the one in hand first.
        place: TikTok's own cursor in the video in hand.
    """

    since: AwareDatetime | None = None
    begun: AwareDatetime | None = None
    left: list[str] = Field(default=[])
    place: int = 0

    def after(self, found: Comments, floor: datetime | None) -> "Walking":
        """Where to go on once a page was read; comments come newest first."""
        known = [one for one in found.comments if isinstance(one, Comment)]
        older = floor is not None and bool(known) and known[-1].at < floor
        going = bool(found.has_more and found.cursor and found.cursor > self.place)
        if going and not older:
            return self.model_copy(update={"place": found.cursor})
        if len(self.left) > 1:
            return self.model_copy(update={"left": self.left[1:], "place": 0})
        return Walking(since=self.begun)


def listing(business_id: str, video: str, **more: Any) -> dict[str, Any]:
    """What each listing of comments is asked with."""
    return {"business_id": business_id, "video_id": video, "status": "PUBLIC", **more}
