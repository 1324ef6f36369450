"""What the Graph API tells of Pages: wire shapes and the fields asked for.

Source: contract `facebook/api_specs`; fields of messages:
https://developers.facebook.com/docs/graph-api/reference/message/.
"""

from typing import Any

from pydantic import Field

from pelayanan.platforms._meta_read import Instant, Told
from pelayanan.platforms._meta_walk import Paging
from pelayanan.protocol.page import Items

__all__ = [
    "COMMENT",
    "MESSAGE",
    "POST",
    "THREAD",
    "Comment",
    "Comments",
    "Message",
    "Messages",
    "PageNode",
    "Person",
    "Photo",
    "Post",
    "Posts",
    "PrivateState",
    "Thread",
    "Threads",
    "Written",
]

COMMENT = "id,message,created_time,from,parent{id},permalink_url,can_reply_privately,attachment"
MESSAGE = "id,message,created_time,from,to,attachments"
POST = "id,message,created_time,from,permalink_url"
THREAD = f"id,updated_time,messages.limit(25){{{MESSAGE}}}"


class Person(Told):
    id: str
    name: str = ""


class _Node(Told):
    id: str


class Written(Told):
    """What all kinds of messages have."""

    id: str
    message: str = ""
    created_time: Instant
    author: Person | None = Field(default=None, alias="from")

    def by(self, account: str) -> bool:
        """Whether the account wrote it."""
        return self.author is not None and self.author.id == account


class Comment(Written):
    parent: _Node | None = None
    permalink_url: str | None = None
    can_reply_privately: bool | None = None
    attachment: dict[str, Any] | None = None


class Comments(Told):
    data: Items[Comment] = Field(default=[])
    paging: Paging = Paging()


class Post(Written):
    permalink_url: str | None = None
    comments: Comments = Comments()


class Posts(Told):
    data: Items[Post] = Field(default=[])
    paging: Paging = Paging()


class _Files(Told):
    data: Items[dict[str, Any]] = Field(default=[])


class _People(Told):
    data: Items[Person] = Field(default=[])


class Message(Written):
    to: _People = _People()
    attachments: _Files = _Files()


class Messages(Told):
    data: Items[Message] = Field(default=[])
    paging: Paging = Paging()


class Thread(Told):
    id: str
    updated_time: Instant | None = None
    messages: Messages = Messages()


class Threads(Told):
    data: Items[Thread] = Field(default=[])
    paging: Paging = Paging()


class PrivateState(Told):
    """Whether a comment may still be answered in private, and how it was."""

    can_reply_privately: bool | None = None
    private_reply_conversation: Thread | None = None


class Photo(Told):
    id: str
    post_id: str = ""


class PageNode(Told):
    id: str
    name: str = ""
    is_published: bool = True
    verification_status: str = ""
