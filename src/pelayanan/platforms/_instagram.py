"""What the Graph API tells of Instagram: wire shapes and the fields asked for.

Source: contract `instagram/api_specs`; only fields that both ways to log in have.
"""

from pydantic import Field

from pelayanan.platforms._meta_read import Instant, Told
from pelayanan.platforms._meta_walk import Paging
from pelayanan.protocol.page import Items

__all__ = [
    "COMMENT",
    "MEDIA",
    "MESSAGE",
    "Comment",
    "Comments",
    "Container",
    "Media",
    "MediaList",
    "Mentioned",
    "Messages",
    "Profile",
    "Quota",
    "Said",
    "Thread",
    "Threads",
]

_REPLY = "id,text,timestamp,username,from,parent_id"
COMMENT = f"{_REPLY},replies.limit(50){{{_REPLY}}}"
MEDIA = "id,caption,timestamp,permalink,comments_count"
MESSAGE = "id,created_time,from,to,message"


class Person(Told):
    id: str = ""
    username: str = ""


class Comment(Told):
    id: str
    text: str = ""
    timestamp: Instant
    username: str = ""
    author: Person | None = Field(default=None, alias="from")
    parent_id: str | None = None
    replies: "Comments | None" = None

    def who(self) -> Person:
        """Its author, as far as told."""
        told = self.author or Person()
        return Person(id=told.id, username=told.username or self.username)


class Comments(Told):
    data: Items[Comment] = Field(default=[])
    paging: Paging = Paging()


class Media(Told):
    id: str
    caption: str | None = None
    timestamp: Instant
    permalink: str | None = None
    username: str = ""
    comments_count: int = 1
    comments: Comments | None = None


class MediaList(Told):
    data: Items[Media] = Field(default=[])
    paging: Paging = Paging()


class _People(Told):
    data: Items[Person] = Field(default=[])


class Said(Told):
    """A private message."""

    id: str
    message: str = ""
    created_time: Instant
    author: Person | None = Field(default=None, alias="from")
    to: _People = _People()


class Messages(Told):
    data: Items[Said] = Field(default=[])
    paging: Paging = Paging()


class Thread(Told):
    id: str
    updated_time: Instant | None = None
    messages: Messages = Messages()


class Threads(Told):
    data: Items[Thread] = Field(default=[])
    paging: Paging = Paging()


class Mentioned(Told):
    """A message elsewhere that names the account, asked for by id."""

    mentioned_comment: Comment | None = None
    mentioned_media: Media | None = None


class Container(Told):
    """Something that waits to be published."""

    status_code: str = "FINISHED"


class Profile(Told):
    id: str
    user_id: str = ""
    username: str = ""


class _Config(Told):
    quota_total: int = 0


class _Used(Told):
    quota_usage: int = 0
    config: _Config = _Config()


class Quota(Told):
    data: list[_Used] = Field(default=[])
