"""What is sent to Telegram and comes back: wire shapes, refusals, and who is spoken to.

What is fetched by the page is dictionaries, which pydantic checks faster than it makes objects.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, NotRequired, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from typing_extensions import TypedDict  # that of `typing` tells pydantic too little before 3.12

from pelayanan.errors import (
    ConfigError,
    NotFoundError,
    PlatformError,
    PolicyError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    TooLongError,
)
from pelayanan.protocol.page import Item, Items, Unreadable, resume
from pelayanan.protocol.request import Response, classify_status

R = TypeVar("R")

CURSOR = "telegram/1"
_KEPT = timedelta(days=2)  # the server forgets updates after one


class BusyBotError(RejectedError):
    """Somebody else fetches the messages of this bot."""

    remedy = "administrator: let one program fetch for this bot, and delete its webhook"


class ChatMovedError(RejectedError):
    """The group became a supergroup with another id; nothing was sent."""

    chat = 0


class User(BaseModel):
    """The bot itself."""

    id: int
    username: str | None = None
    can_read_all_group_messages: bool | None = None


class Person(TypedDict):
    id: int
    is_bot: NotRequired[bool]
    first_name: NotRequired[str]
    last_name: NotRequired[str | None]
    username: NotRequired[str | None]


class Chat(TypedDict):
    id: int
    type: NotRequired[str]
    title: NotRequired[str | None]
    username: NotRequired[str | None]
    is_direct_messages: NotRequired[bool | None]


class File(TypedDict):
    file_name: NotRequired[str | None]
    mime_type: NotRequired[str | None]
    file_size: NotRequired[int | None]
    emoji: NotRequired[str | None]


class Location(TypedDict):
    latitude: float
    longitude: float


class Entity(TypedDict):
    type: str
    offset: NotRequired[int]
    user: NotRequired[Person | None]


class Topic(TypedDict):
    """Messages of one person to a channel."""

    topic_id: int
    user: NotRequired[Person | None]


_Answered = TypedDict(  # the message that is answered; of an answer to it only the sender matters
    "_Answered",
    {
        "message_id": int,
        "from": NotRequired[Person | None],
        "sender_chat": NotRequired[Chat | None],
        "is_automatic_forward": NotRequired[bool | None],
    },
)


class Message(_Answered):
    chat: Chat
    date: AwareDatetime
    message_thread_id: NotRequired[int | None]
    is_topic_message: NotRequired[bool | None]
    reply_to_message: NotRequired[_Answered | None]
    business_connection_id: NotRequired[str | None]
    direct_messages_topic: NotRequired[Topic | None]
    text: NotRequired[str | None]
    caption: NotRequired[str | None]
    entities: NotRequired[list[Entity] | None]
    caption_entities: NotRequired[list[Entity] | None]
    photo: NotRequired[list[File] | None]
    video: NotRequired[File | None]
    video_note: NotRequired[File | None]
    animation: NotRequired[File | None]
    document: NotRequired[File | None]
    audio: NotRequired[File | None]
    voice: NotRequired[File | None]
    sticker: NotRequired[File | None]
    location: NotRequired[Location | None]
    venue: NotRequired[dict[str, Any] | None]
    contact: NotRequired[dict[str, Any] | None]
    poll: NotRequired[dict[str, Any] | None]
    checklist: NotRequired[Any]
    paid_media: NotRequired[Any]
    rich_message: NotRequired[Any]
    story: NotRequired[Any]


class Update(TypedDict):
    """One of its messages is there, or what was wrong with it: then the update can be passed."""

    update_id: int
    message: NotRequired[Item[Message] | None]
    edited_message: NotRequired[Item[Message] | None]
    business_message: NotRequired[Item[Message] | None]
    edited_business_message: NotRequired[Item[Message] | None]


def told(update: Update) -> Message | Unreadable | None:
    """The message of an update; ``None`` where the update is of another sort."""
    return (
        update.get("message")
        or update.get("edited_message")
        or update.get("business_message")
        or update.get("edited_business_message")
    )


class Result(BaseModel, Generic[R]):
    result: R


class Updates(BaseModel):
    result: Items[Update]


class Posted(BaseModel):
    """A message that the bot sent."""

    message_id: int
    chat: Chat
    date: AwareDatetime
    business_connection_id: str | None = None


Album = Annotated[list[Posted], Field(min_length=1)]


class WebhookInfo(BaseModel):
    url: str = ""
    pending_update_count: int = 0
    last_error_date: int | None = None


class Member(BaseModel):
    status: str
    can_post_messages: bool | None = None


class _Parameters(BaseModel):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Failure(BaseModel):
    description: str = ""
    parameters: _Parameters | None = None


_REASONS: tuple[tuple[str, type[PlatformError]], ...] = (  # in descriptions of HTTP 400
    ("too long", TooLongError),
    ("too big", TooLongError),
    ("not found", NotFoundError),
    ("not enough rights", PolicyError),
    ("have no rights", PolicyError),
)
_STATUSES: dict[int, type[PlatformError]] = {
    401: ReauthRequiredError,
    403: PolicyError,  # blocked by the citizen, or thrown out of the group
    404: ReauthRequiredError,  # the address is the token
    409: BusyBotError,
    413: TooLongError,
    429: RateLimitError,
}


def classify(operation: str, response: Response) -> PlatformError | None:
    """Map a refusal; what to do is decided by Telegram's own words and numbers."""
    if response.status < 400 or response.status >= 500:
        return classify_status(operation, response)
    try:
        failure = _Failure.model_validate_json(response.body)
    except ValidationError:
        failure = _Failure()
    parameters = failure.parameters or _Parameters()
    wait, said = parameters.retry_after, " ".join(failure.description.split())[:120]
    if response.status == 429 and wait is None:
        return classify_status(operation, response)
    if (chat := parameters.migrate_to_chat_id) is not None:
        moved = ChatMovedError("the group has a new id", operation=operation, status=400)
        moved.chat = chat
        return moved
    words = said.lower()
    named = next((kind for part, kind in _REASONS if part in words), RejectedError)
    kind = _STATUSES.get(response.status, named)
    message = f"HTTP {response.status}: {said}".rstrip(": ")
    return kind(message, operation=operation, status=response.status, retry_after=wait)


@dataclass(frozen=True, slots=True)
class Place:
    """Where fetching stands: the first update that is not known, and when that was learnt.

    An update counts as received as soon as a later one is asked for, and is then gone. So the
    offset is sent only with a cursor that somebody kept.
    """

    offset: int = 0
    at: int = 0

    @classmethod
    def read(cls, cursor: str | None) -> "Place":
        """Read it out of a cursor; raises `ConfigError` where it is none."""
        place = resume(CURSOR, cursor)
        if not place:
            return cls()
        found = re.fullmatch(r"(-?\d{1,18})@(\d{1,15})", place)
        if found is None:
            raise ConfigError(f"unreadable cursor of {CURSOR!r}")
        return cls(int(found[1]), int(found[2]))

    def params(self, now: datetime) -> dict[str, int]:
        """The offset, where the server can still know what lies before it.

        After a week without messages ids begin anew, perhaps lower: an old offset would throw
        away what is new.
        """
        old = now.timestamp() - self.at > _KEPT.total_seconds()
        return {} if old or not self.at else {"offset": self.offset}

    def after(self, updates: Iterable[Update], now: datetime) -> "Place":
        """The place behind these updates; the same one where there are none."""
        ids = [each["update_id"] for each in updates]
        return Place(max(ids) + 1, int(now.timestamp())) if ids else self

    def cursor(self) -> str:
        """As text that is kept."""
        return f"{CURSOR}:{self.offset}@{self.at}"
