"""What X tells, and what it is asked for.

Shapes are dictionaries, which pydantic checks in two thirds of the time that objects take. X has
two vocabularies, "posts" of its present specification (2.167) and "tweets" of before, which still
works and stands in what it pushes: both are read.

Source: contract `openapi.trimmed.json`, https://docs.x.com/x-api/activity/event-payloads.
"""

from datetime import UTC, datetime
from typing import Any, Literal, NotRequired, TypeAlias

from pydantic import AwareDatetime, BaseModel
from typing_extensions import TypedDict  # that of `typing` tells pydantic too little before 3.12

from pelayanan.protocol.page import Items

__all__ = [
    "Dialect",
    "DmEvent",
    "Includes",
    "Listing",
    "Made",
    "MadeMessage",
    "MessageListing",
    "Myself",
    "Post",
    "Uploaded",
    "Usage",
    "User",
    "Version",
    "beside",
    "dm_fields",
    "id_of",
    "post_fields",
    "told_at",
]

Dialect: TypeAlias = Literal["post", "tweet"]
_EPOCH_MS = 1_288_834_974_657  # from it ids count milliseconds, shifted by 22 bits


class User(TypedDict):
    id: str
    username: NotRequired[str | None]
    name: NotRequired[str | None]


class _Reference(TypedDict):
    id: str
    type: NotRequired[str | None]


class _Link(TypedDict):
    url: NotRequired[str | None]
    expanded_url: NotRequired[str | None]
    media_key: NotRequired[str | None]


class _Entities(TypedDict):
    urls: NotRequired[list[_Link] | None]


class _Attached(TypedDict):
    media_keys: NotRequired[list[str] | None]


class _Note(TypedDict):
    text: NotRequired[str | None]
    entities: NotRequired[_Entities | None]


class Post(TypedDict):
    id: str
    text: NotRequired[str | None]
    created_at: NotRequired[AwareDatetime | None]
    author_id: NotRequired[str | None]
    conversation_id: NotRequired[str | None]
    entities: NotRequired[_Entities | None]
    attachments: NotRequired[_Attached | None]
    referenced_posts: NotRequired[list[_Reference] | None]
    referenced_tweets: NotRequired[list[_Reference] | None]
    note_post: NotRequired[_Note | None]
    note_tweet: NotRequired[_Note | None]
    edit_history_post_ids: NotRequired[list[str] | None]
    edit_history_tweet_ids: NotRequired[list[str] | None]


class Medium(TypedDict):
    media_key: NotRequired[str | None]
    type: NotRequired[str | None]
    url: NotRequired[str | None]
    preview_image_url: NotRequired[str | None]
    alt_text: NotRequired[str | None]


class Version(TypedDict):
    id: NotRequired[str | None]
    edit_history_post_ids: NotRequired[list[str] | None]
    edit_history_tweet_ids: NotRequired[list[str] | None]


class Includes(TypedDict):
    users: NotRequired[Items[User] | None]
    media: NotRequired[Items[Medium] | None]
    posts: NotRequired[Items[Version] | None]
    tweets: NotRequired[Items[Version] | None]


class _Meta(TypedDict):
    next_token: NotRequired[str | None]


class Listing(TypedDict):
    data: NotRequired[Items[Post] | None]
    includes: NotRequired[Includes | None]
    meta: NotRequired[_Meta | None]


class DmEvent(TypedDict):
    id: str
    text: NotRequired[str | None]
    event_type: NotRequired[str | None]
    created_at: NotRequired[AwareDatetime | None]
    sender_id: NotRequired[str | None]
    dm_conversation_id: NotRequired[str | None]
    entities: NotRequired[_Entities | None]
    attachments: NotRequired[_Attached | None]


class MessageListing(TypedDict):
    data: NotRequired[Items[DmEvent] | None]
    includes: NotRequired[Includes | None]
    meta: NotRequired[_Meta | None]


class _Id(BaseModel):
    id: str


class Made(BaseModel):
    """A post that was made."""

    data: _Id


class _Message(BaseModel):
    dm_event_id: str
    dm_conversation_id: str = ""


class MadeMessage(BaseModel):
    data: _Message


class _Me(_Id):
    username: str = ""


class Myself(BaseModel):
    data: _Me


class _Processing(BaseModel):
    state: str = ""
    check_after_secs: int = 1


class _Upload(_Id):
    processing_info: _Processing | None = None


class Uploaded(BaseModel):
    data: _Upload


class _Used(BaseModel):
    project_usage: str = ""
    project_cap: str = ""


class Usage(BaseModel):
    data: _Used = _Used()


def post_fields(dialect: Dialect) -> dict[str, Any]:
    """What to ask of posts; whatever is expanded is paid for as well."""
    common = "created_at,conversation_id,entities,attachments"
    rest = {"user.fields": "username,name", "media.fields": "type,url,preview_image_url,alt_text"}
    if dialect == "tweet":
        fields = f"{common},author_id,referenced_tweets,note_tweet"
        return {"tweet.fields": fields, "expansions": "author_id,attachments.media_keys", **rest}
    wide = "author_id,referenced_posts,attachments.media_keys,edit_history_post_ids"
    return {"post.fields": f"{common},note_post", "expansions": wide, **rest}


def dm_fields(dialect: Dialect) -> dict[str, Any]:
    """What to ask of direct messages."""
    fields = "id,text,event_type,created_at,dm_conversation_id,attachments"
    fields += ",sender_id" if dialect == "tweet" else ",entities"
    return {
        "event_types": "MessageCreate",
        "dm_event.fields": fields,
        "expansions": "sender_id,attachments.media_keys",
        "user.fields": "username,name",
        "media.fields": "type,url,preview_image_url,alt_text",
    }


def beside(dialect: Dialect) -> tuple[str, ...]:
    """Prices of what may come along with a post because it was asked for."""
    return ("post_read",) if dialect == "post" else ()


def told_at(native_id: str) -> datetime:
    """When something was written, by its id.

    Raises:
        ValueError: It is no number, or one that X never gives.
    """
    try:
        return datetime.fromtimestamp(((int(native_id) >> 22) + _EPOCH_MS) / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("no id of X") from error


def id_of(at: datetime) -> int:
    """The least id of that moment."""
    return max(0, int(at.timestamp() * 1000) - _EPOCH_MS) << 22
