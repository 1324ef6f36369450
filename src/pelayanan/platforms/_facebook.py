"""What the Graph API tells of Pages: wire shapes and the fields asked for.

Source: contract `facebook/api_specs`; fields of messages:
https://developers.facebook.com/docs/graph-api/reference/message/.
"""

from typing import Any

from pydantic import BaseModel, Field

from pelayanan.platforms._meta_read import Instant
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
MESSAGE = "id,message,created_time,from,attachments"
POST = "id,message,created_time,from,permalink_url"
THREAD = f"id,updated_time,messages.limit(25){{{MESSAGE}}}"


class Person(BaseModel):
    id: str
    name: str = ""


class _Node(BaseModel):
    id: str


class Written(BaseModel):
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


class Comments(BaseModel):
    data: Items[Comment] = []
    paging: Paging = Paging()


class Post(Written):
    permalink_url: str | None = None
    comments: Comments = Comments()


class Posts(BaseModel):
    data: Items[Post] = []
    paging: Paging = Paging()


class _Files(BaseModel):
    data: Items[dict[str, Any]] = []


class Message(Written):
    attachments: _Files = _Files()


class Messages(BaseModel):
    data: Items[Message] = []
    paging: Paging = Paging()


class Thread(BaseModel):
    id: str
    updated_time: Instant | None = None
    messages: Messages = Messages()


class Threads(BaseModel):
    data: Items[Thread] = []
    paging: Paging = Paging()


class PrivateState(BaseModel):
    """Whether a comment may still be answered in private, and how it was."""

    can_reply_privately: bool | None = None
    private_reply_conversation: Thread | None = None


class Photo(BaseModel):
    id: str
    post_id: str = ""


class PageNode(BaseModel):
    id: str
    name: str = ""
    is_published: bool = True
    verification_status: str = ""
