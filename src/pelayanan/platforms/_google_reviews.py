"""What is sent to Google Business Profile and comes back: wire shapes, and what they mean here."""

import re
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, Field

from pelayanan.errors import ConfigError
from pelayanan.models import Answer, Attachment, Mention
from pelayanan.platforms._google_review import author_of, reply_id, stars
from pelayanan.platforms._google_sweep import Found, Sweep
from pelayanan.protocol.page import Cursor, Items, Unreadable

PLATFORM = "google_reviews"
TEXT_BYTES = 4096
_STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
_TRANSLATED = "(Translated by Google)"
_ORIGINAL = "(Original)"


class _Reviewer(BaseModel):
    displayName: str | None = None
    isAnonymous: bool | None = None


class Reply(BaseModel):
    comment: str
    updateTime: AwareDatetime | None = None
    reviewReplyState: str | None = None
    policyViolation: str | None = None


class _MediaItem(BaseModel):
    thumbnailUrl: str | None = None
    thumbnailLabel: str | None = None
    videoUrl: str | None = None


class Review(BaseModel):
    reviewId: str = Field(min_length=1)
    reviewer: _Reviewer | None = None
    starRating: str | None = None
    comment: str | None = None
    createTime: AwareDatetime | None = None
    updateTime: AwareDatetime
    reviewReply: Reply | None = None
    reviewMediaItems: list[_MediaItem] | None = None


class Reviews(BaseModel):
    reviews: Items[Review] | None = None
    averageRating: float | None = None
    totalReviewCount: int | None = None
    nextPageToken: str | None = None


class NotificationSetting(BaseModel):
    pubsubTopic: str = ""


class Place(BaseModel):
    """An office: what comes after its account in names."""

    account: str
    location: str

    @property
    def name(self) -> str:
        """As the API names it. A bare ``locations/…`` may even be answered, without effect."""
        return f"accounts/{self.account}/locations/{self.location}"

    def key(self, review: str) -> str:
        """A name of a review that is unique among all offices."""
        return f"{self.location}/{review}"

    @classmethod
    def of(cls, account: str, location: str) -> Self:
        """Read both in any of Google's ways; raises `ConfigError` for others."""
        parts = account.removeprefix("accounts/"), location.rpartition("locations/")[2]
        if not all(re.fullmatch(r"[\w-]+", part) for part in parts):
            raise ConfigError('account and locations must be numbers, like "accounts/1" and "2"')
        return cls(account=parts[0], location=parts[1])


class Tour(Cursor):
    """A walk through several offices, one after the other; as many sweeps as offices.

    Attributes:
        left: Offices that this round has still to see, the present one first.
    """

    left: list[str] = Field(default=[])
    sweeps: dict[str, Sweep] = Field(default={})

    def next(self, places: Sequence[Place]) -> Place:
        """The office to look at now; offices that are no longer configured are passed."""
        by_id = {place.location: place for place in places}
        return next((by_id[each] for each in self.left if each in by_id), places[0])

    def after(self, place: Place, sweep: Sweep, places: Sequence[Place], *, stays: bool) -> "Tour":
        """The tour once this office was looked at."""
        order = [each.location for each in places]
        left = order[order.index(place.location) + (0 if stays else 1) :]
        known = {each: self.sweeps[each] for each in order if each in self.sweeps}
        return Tour(left=left, sweeps={**known, place.location: sweep})


def said(comment: str) -> str:
    """Somebody's own words: Google puts a translation before or behind them."""
    if _ORIGINAL in comment:
        return comment.rpartition(_ORIGINAL)[2].strip()
    return comment.partition(_TRANSLATED)[0].strip()


def mention_found(item: Review | Unreadable, place: Place, *, ratings: bool) -> Found[Mention]:
    """A review as a message; one without words only where `ratings` count."""
    if isinstance(item, Unreadable):
        return Found(item.id, None, None, item)
    text, files = said(item.comment or ""), _files(item)
    record = _mention(item, place, text, files) if text or files or ratings else None
    return Found(item.reviewId, item.updateTime, item.updateTime, record)


def answer_found(item: Review | Unreadable, place: Place) -> Found[Answer]:
    """The reply to a review, unless Google refused to show it."""
    if isinstance(item, Unreadable):
        return Found(item.id, None, None, item)
    reply = item.reviewReply
    shown = reply is not None and reply.reviewReplyState != "REJECTED"
    answer = answer_of(item, place) if shown else None
    at = answer.created_at if answer else None
    return Found(item.reviewId if answer else "", item.updateTime, at, answer)


def answer_of(item: Review, place: Place) -> Answer | None:
    """What the agency answered to a review."""
    if (reply := item.reviewReply) is None:
        return None
    key, at = place.key(item.reviewId), reply.updateTime or item.updateTime
    name, text = reply_id(key, at.timestamp()), said(reply.comment)
    return Answer(platform=PLATFORM, id=name, to=key, text=text, created_at=at)


def state_of(item: Review) -> Literal["none", "pending", "approved", "rejected"]:
    """Whether the reply is shown; what Google does not name is pending."""
    if item.reviewReply is None:
        return "none"
    told = item.reviewReply.reviewReplyState
    return "approved" if told == "APPROVED" else "rejected" if told == "REJECTED" else "pending"


def _mention(item: Review, place: Place, text: str, files: tuple[Attachment, ...]) -> Mention:
    key = place.key(item.reviewId)
    named = item.reviewer and not item.reviewer.isAnonymous and item.reviewer.displayName
    return Mention(
        platform=PLATFORM,
        id=key,
        author=author_of(key, named or ""),
        text=text,
        subject=stars(_STARS.get(item.starRating or "", 0)),
        created_at=item.createTime or item.updateTime,
        attachments=files,
        ref={"name": f"{place.name}/reviews/{item.reviewId}"},
    )


def _files(item: Review) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for each in item.reviewMediaItems or ():
        if url := each.videoUrl or each.thumbnailUrl:
            kind, alt = ("video/*" if each.videoUrl else "image/*"), each.thumbnailLabel or ""
            found.append(Attachment(media_type=kind, url=url, alt=alt))
    return tuple(found)
