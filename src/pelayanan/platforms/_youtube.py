"""What is sent to YouTube and comes back: wire shapes, refusals, costs, and what they mean here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import AwareDatetime, BaseModel

from pelayanan.errors import (
    NotFoundError,
    PlatformError,
    PolicyError,
    RejectedError,
    TooLongError,
)
from pelayanan.models import Answer, Attachment, Author, Mention, Sent
from pelayanan.platforms._google_sweep import Found
from pelayanan.protocol.page import Items, Unreadable

TEXT = 10_000  # from memory: the manual only says that a text may be too long
TITLE = 100
DESCRIPTION_BYTES = 5_000

# what a call takes from the 10,000 units of a project's day; uploads have a quota of their own
UNITS = {
    "youtube.mentions": 1,
    "youtube.answers": 1,
    "youtube.replies": 1,
    "youtube.find_reply": 1,
    "youtube.find_publication": 1,
    "youtube.check": 1,
    "youtube.search": 0,  # 100 calls a day, a quota of their own
    "youtube.reply": 50,
    "youtube.publish": 0,
    "youtube.upload": 0,
    "youtube.token": 0,
}

REASONS: dict[str, type[PlatformError]] = {
    "commentNotFound": NotFoundError,
    "commentTextTooLong": TooLongError,
    "commentsDisabled": PolicyError,
    "ineligibleAccount": PolicyError,
    "operationNotSupported": PolicyError,
    "parentCommentIsPrivate": PolicyError,
    "parentCommentNotFound": NotFoundError,
    "processingFailure": RejectedError,
    "uploadLimitExceeded": PolicyError,
    "videoNotFound": NotFoundError,
}


class _ChannelId(BaseModel):
    value: str | None = None


class Snippet(BaseModel):
    publishedAt: AwareDatetime
    updatedAt: AwareDatetime | None = None
    authorChannelId: _ChannelId | None = None
    authorDisplayName: str | None = None
    textDisplay: str | None = None
    textOriginal: str | None = None
    videoId: str | None = None
    parentId: str | None = None
    imageUrl: str | None = None
    moderationStatus: str | None = None


class Comment(BaseModel):
    id: str
    snippet: Snippet

    @property
    def text(self) -> str:
        """As it was typed where YouTube tells that, else as it is shown."""
        return self.snippet.textOriginal or self.snippet.textDisplay or ""

    @property
    def changed_at(self) -> AwareDatetime:
        """When it was written, or last changed."""
        return max(self.snippet.publishedAt, self.snippet.updatedAt or self.snippet.publishedAt)

    def is_named(self, text: str) -> bool:
        """Whether a text begins with the handle of who wrote this."""
        name = self.snippet.authorDisplayName or ""
        begins = re.match(rf"{re.escape(name)}(?![\w.-])", text.strip(), re.IGNORECASE)
        return name.startswith("@") and begins is not None

    def by(self, channel: str) -> bool:
        """Whether this channel wrote it."""
        known = self.snippet.authorChannelId
        return known is not None and known.value == channel


class _ThreadSnippet(BaseModel):
    topLevelComment: Comment
    totalReplyCount: int | None = None
    videoId: str | None = None


class _Replies(BaseModel):
    comments: Items[Comment] | None = None


class Thread(BaseModel):
    id: str
    snippet: _ThreadSnippet
    replies: _Replies | None = None

    @property
    def shown(self) -> list[Comment | Unreadable]:
        """The replies that came along."""
        return list((self.replies and self.replies.comments) or ())

    @property
    def is_whole(self) -> bool:
        """Whether all of its replies came along."""
        return (self.snippet.totalReplyCount or 0) <= len(self.shown)


@dataclass(frozen=True, slots=True)
class Below:
    """A thread, and what can be read in it."""

    thread: Thread
    comments: Sequence[Comment]

    @property
    def top(self) -> Comment:
        """The comment that all others stand below."""
        return self.thread.snippet.topLevelComment

    def addressee(self, item: Comment) -> str:
        """What a reply answers: the app puts a name before it where it is not the first comment."""
        at = item.snippet.publishedAt
        named = [
            (each.snippet.publishedAt, each.id)
            for each in self.comments
            if each.id != item.id and each.snippet.publishedAt <= at and each.is_named(item.text)
        ]
        return max(named)[1] if named else item.snippet.parentId or self.top.id


class Threads(BaseModel):
    items: Items[Thread] | None = None
    nextPageToken: str | None = None


class Comments(BaseModel):
    items: Items[Comment] | None = None
    nextPageToken: str | None = None


class _Uploads(BaseModel):
    uploads: str | None = None


class _ContentDetails(BaseModel):
    relatedPlaylists: _Uploads | None = None


class Channel(BaseModel):
    id: str
    contentDetails: _ContentDetails | None = None


class Channels(BaseModel):
    items: list[Channel] | None = None


class _Resource(BaseModel):
    videoId: str


class _ItemSnippet(BaseModel):
    title: str = ""
    description: str = ""
    publishedAt: AwareDatetime
    resourceId: _Resource


class _Status(BaseModel):
    privacyStatus: str | None = None


class PlaylistItem(BaseModel):
    snippet: _ItemSnippet
    status: _Status | None = None


class Playlist(BaseModel):
    items: Items[PlaylistItem] | None = None
    nextPageToken: str | None = None


class Video(BaseModel):
    id: str
    status: _Status | None = None


def watch_url(video: str | None, comment: str = "") -> str | None:
    """Where people see a video or a comment on it."""
    place = f"https://www.youtube.com/watch?v={video}"
    return (place + (f"&lc={comment}" if comment else "")) if video else None


def comments_of(
    thread: Thread | Unreadable, replies: Sequence[Comment | Unreadable]
) -> Iterator[tuple[Comment | Unreadable, Below | None]]:
    """All that stands in a thread, each with what it stands below."""
    if isinstance(thread, Unreadable):
        yield thread, None
        return
    top = thread.snippet.topLevelComment
    below = Below(thread, [top, *(each for each in replies if isinstance(each, Comment))])
    for each in (top, *replies):
        yield each, below


def mention_found(item: Comment | Unreadable, below: Below | None, own: str) -> Found[Mention]:
    """A comment as a message to the agency; its own are passed over."""
    if isinstance(item, Unreadable) or below is None:
        bad = item if isinstance(item, Unreadable) else None
        return Found(item.id, None, None, bad)
    record = None if item.by(own) else _mention(item, below.thread)
    return Found(item.id, below.top.snippet.publishedAt, item.changed_at, record)


def answer_found(item: Comment | Unreadable, below: Below | None, own: str) -> Found[Answer]:
    """A reply of the agency's channel; all else is passed over."""
    if isinstance(item, Unreadable) or below is None:
        bad = item if isinstance(item, Unreadable) else None
        return Found(item.id, None, None, bad)
    record = _answer(item, below) if item.by(own) and item.id != below.top.id else None
    return Found(item.id, below.top.snippet.publishedAt, item.changed_at, record)


def sent_of(found: Comment, video: str | None) -> Sent:
    """The proof that a comment stands."""
    shown = found.snippet.moderationStatus in {None, "published"}
    url = watch_url(found.snippet.videoId or video, found.id)
    return Sent(id=found.id, url=url, at=found.snippet.publishedAt, confirmed=shown)


def _mention(item: Comment, thread: Thread) -> Mention | Unreadable:
    snippet, top = item.snippet, thread.snippet.topLevelComment.id
    if not (item.text or snippet.imageUrl):
        return Unreadable(item.id, "snippet.textDisplay (missing)")
    video = snippet.videoId or thread.snippet.videoId
    parent = "" if item.id == top else snippet.parentId or top
    image = Attachment(media_type="image/*", url=snippet.imageUrl) if snippet.imageUrl else None
    return Mention(
        platform="youtube",
        id=item.id,
        author=_author(item),
        text=item.text,
        created_at=snippet.publishedAt,
        url=watch_url(video, item.id),
        thread=top,
        reply_to=parent,
        attachments=(image,) if image else (),
        ref={"parent": top, "video": video or ""},
    )


def _author(item: Comment) -> Author:
    """Who wrote it; somebody without a channel is nobody else than who wrote this."""
    known = item.snippet.authorChannelId
    identity = (known and known.value) or f"comment:{item.id}"
    name = item.snippet.authorDisplayName or ""
    handle = name.removeprefix("@") if name.startswith("@") else identity
    return Author(id=identity, handle=handle, name=name.removeprefix("@"))


def _answer(item: Comment, below: Below) -> Answer:
    return Answer(
        platform="youtube",
        id=item.id,
        to=below.addressee(item),
        text=item.text,
        created_at=item.snippet.publishedAt,
        thread=below.top.id,
        url=watch_url(item.snippet.videoId or below.thread.snippet.videoId, item.id),
    )
