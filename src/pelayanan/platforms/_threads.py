"""What the Threads API tells: wire shapes, the fields asked for, and how they are read.

Source: contract `threads.selfwritten.openapi.yaml`.
"""

from dataclasses import dataclass

from pydantic import Field

from pelayanan.models import Answer, Attachment, Author, Mention
from pelayanan.platforms._meta_read import Instant, Told
from pelayanan.platforms._meta_walk import Paging
from pelayanan.protocol.page import Items

__all__ = [
    "MEDIA",
    "NO_POST",
    "Container",
    "Media",
    "MediaList",
    "Profile",
    "Quota",
    "Reader",
    "same",
]

MEDIA = (
    "id,text,username,timestamp,permalink,media_type,media_url,is_reply,root_post,replied_to,"
    "is_reply_owned_by_me"
)
_FILES = {"IMAGE": "image/*", "VIDEO": "video/*", "AUDIO": "audio/*", "CAROUSEL_ALBUM": "image/*"}
NO_POST = "REPOST_FACADE"  # somebody shared a post and said nothing


class Post(Told):
    id: str = ""
    owner_id: str = ""
    username: str = ""


class Media(Told):
    id: str
    text: str | None = None
    username: str | None = None
    timestamp: Instant
    permalink: str | None = None
    media_type: str | None = None
    media_url: str | None = None
    has_replies: bool | None = None
    root_post: Post | None = None
    replied_to: Post | None = None
    is_reply_owned_by_me: bool | None = None


class MediaList(Told):
    data: Items[Media] = Field(default=[])
    paging: Paging = Paging()


class Container(Told):
    """Something that waits to be published."""

    status: str = "FINISHED"


class Profile(Told):
    id: str
    username: str = ""


class _Config(Told):
    quota_total: int = 0


class _Used(Told):
    quota_usage: int | None = None
    config: _Config = _Config()
    reply_quota_usage: int | None = None
    reply_config: _Config = _Config()


class Quota(Told):
    data: list[_Used] = Field(default=[])


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one account."""

    user_id: str
    username: str

    def own(self, found: Media) -> bool:
        """Whether the account itself wrote it."""
        named = (found.username or "").casefold() == self.username.casefold()
        return bool(found.is_reply_owned_by_me) or named

    def is_own(self, post: Post) -> bool:
        """Whether a post is the account's, as far as is told of it."""
        named = post.username.casefold() == self.username.casefold() != ""
        return named or post.owner_id == self.user_id

    def mention(self, found: Media) -> Mention | None:
        """What somebody wrote; ``None`` where nobody else did, or nothing."""
        if self.own(found) or found.media_type == NO_POST:
            return None
        root = found.root_post.id if found.root_post else ""
        files: tuple[Attachment, ...] = ()
        if found.media_url:
            kind = _FILES.get(found.media_type or "", "application/octet-stream")
            files = (Attachment(media_type=kind, url=found.media_url),)
        return Mention(
            platform="threads",
            id=found.id,
            author=author(found),
            text=(found.text or "").strip(),
            created_at=found.timestamp,
            url=found.permalink,
            thread=root or found.id,
            reply_to=found.replied_to.id if found.replied_to else "",
            attachments=files,
        )

    def answer(self, found: Media) -> Answer | None:
        """What the account said to somebody; ``None`` where it did not."""
        to = found.replied_to.id if found.replied_to else ""
        if not (self.own(found) and to):
            return None
        root = found.root_post.id if found.root_post else ""
        return Answer(
            platform="threads",
            id=found.id,
            to=to,
            text=(found.text or "").strip(),
            created_at=found.timestamp,
            thread=root or to,
            url=found.permalink,
        )


def author(found: Media) -> Author:
    """Who wrote: only the user name is told; people who are not named stay apart."""
    if not found.username:
        return Author(id=f"anon:{found.id}", handle="")
    return Author(id=f"@{found.username}", handle=found.username)


def same(one: str, other: str) -> bool:
    """Whether two texts say the same; blanks may be lost on the way."""
    return " ".join(one.split()) == " ".join(other.split())
