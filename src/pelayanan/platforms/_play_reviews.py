"""What is sent to Google Play and comes back: wire shapes, and what they mean here."""

from datetime import UTC, datetime

from pydantic import BaseModel, Field

from pelayanan.models import Answer, Mention
from pelayanan.platforms._google_review import author_of, reply_id, stars
from pelayanan.platforms._google_sweep import Found
from pelayanan.protocol.page import Items, Unreadable

PLATFORM = "play_reviews"
TEXT = 350  # "approximately"; what is longer is refused
_LAST = 253_402_300_799  # the last second of the year 9999


class Timestamp(BaseModel):
    """An instant of protobuf; its seconds come as text."""

    seconds: int = Field(ge=0, le=_LAST)
    nanos: int | None = None

    @property
    def at(self) -> datetime:
        """The same, to the second."""
        return datetime.fromtimestamp(self.seconds, UTC)


class UserComment(BaseModel):
    text: str | None = None
    originalText: str | None = None
    lastModified: Timestamp
    starRating: int | None = None


class DeveloperComment(BaseModel):
    text: str = ""
    lastModified: Timestamp


class Comment(BaseModel):
    userComment: UserComment | None = None
    developerComment: DeveloperComment | None = None


class Review(BaseModel):
    reviewId: str = Field(min_length=1)
    authorName: str | None = None
    comments: list[Comment] | None = None

    @property
    def user(self) -> UserComment | None:
        """What the citizen wrote."""
        return next((each.userComment for each in self.comments or () if each.userComment), None)

    @property
    def developer(self) -> DeveloperComment | None:
        """What the agency answered; where it took that away, no text is left."""
        told = (each.developerComment for each in self.comments or ())
        return next((each for each in told if each and each.text), None)


class _Pagination(BaseModel):
    nextPageToken: str | None = None


class Reviews(BaseModel):
    reviews: Items[Review] | None = None
    tokenPagination: _Pagination | None = None

    @property
    def place(self) -> str | None:
        """Where the next page begins."""
        return self.tokenPagination.nextPageToken if self.tokenPagination else None


class _Result(BaseModel):
    replyText: str | None = None
    lastEdited: Timestamp | None = None


class Replied(BaseModel):
    result: _Result


def url_of(package: str, review: str) -> str:
    """Where people see a review."""
    return f"https://play.google.com/store/apps/details?id={package}&reviewId={review}"


def mention_found(item: Review | Unreadable, package: str) -> Found[Mention]:
    """A review as a message to the agency."""
    if isinstance(item, Unreadable):
        return Found(item.id, None, None, item)
    if (user := item.user) is None:
        return Found(item.reviewId, None, None, Unreadable(item.reviewId, "userComment (missing)"))
    at = user.lastModified.at
    text = user.originalText or user.text or ""
    record = Mention(
        platform=PLATFORM,
        id=item.reviewId,
        author=author_of(item.reviewId, item.authorName or ""),
        text="\n".join(part.strip() for part in text.split("\t") if part.strip()),
        subject=stars(user.starRating or 0),
        created_at=at,
        url=url_of(package, item.reviewId),
    )
    return Found(item.reviewId, at, at, record)


def answer_found(item: Review | Unreadable, package: str) -> Found[Answer]:
    """The reply to a review; a review without one is passed over."""
    if isinstance(item, Unreadable):
        return Found(item.id, None, None, item)
    answer = answer_of(item, package)
    at = answer.created_at if answer else None
    return Found(item.reviewId if answer else "", None, at, answer)


def answer_of(item: Review, package: str) -> Answer | None:
    """What the agency answered to a review."""
    if (reply := item.developer) is None:
        return None
    return Answer(
        platform=PLATFORM,
        id=reply_id(item.reviewId, reply.lastModified.seconds),
        to=item.reviewId,
        text=reply.text,
        created_at=reply.lastModified.at,
        url=url_of(package, item.reviewId),
    )
