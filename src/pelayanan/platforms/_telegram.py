"""What is sent to Telegram and comes back: wire shapes, refusals, and who is spoken to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

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
from pelayanan.protocol.page import Items, resume
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
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    can_read_all_group_messages: bool | None = None


class Chat(BaseModel):
    id: int
    type: str = "private"
    title: str | None = None
    username: str | None = None


class File(BaseModel):
    file_name: str | None = None
    mime_type: str | None = None
    file_size: int | None = None
    emoji: str | None = None


class Location(BaseModel):
    latitude: float
    longitude: float


class Entity(BaseModel):
    type: str
    offset: int = 0
    user: User | None = None


class _Answered(BaseModel):
    """The message that is answered; of an answer to it only the sender matters."""

    message_id: int
    sender: User | None = Field(default=None, alias="from")
    is_automatic_forward: bool | None = None


class Message(_Answered):
    chat: Chat
    date: AwareDatetime
    sender_chat: Chat | None = None
    message_thread_id: int | None = None
    reply_to_message: _Answered | None = None
    business_connection_id: str | None = None
    text: str | None = None
    caption: str | None = None
    entities: list[Entity] | None = None
    caption_entities: list[Entity] | None = None
    photo: list[File] | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    document: File | None = None
    audio: File | None = None
    voice: File | None = None
    sticker: File | None = None
    location: Location | None = None


class Update(BaseModel):
    """One of its messages is there; each is read by itself, so that a strange one can be passed."""

    update_id: int
    message: Any = None
    edited_message: Any = None
    business_message: Any = None
    edited_business_message: Any = None

    @property
    def told(self) -> Any:
        """The message, as it came; ``None`` where the update is of another sort."""
        kinds = (
            self.message,
            self.edited_message,
            self.business_message,
            self.edited_business_message,
        )
        return next((each for each in kinds if each is not None), None)


class Result(BaseModel, Generic[R]):
    result: R


class Updates(BaseModel):
    result: Items[Update]


class Posted(BaseModel):
    """A message that the bot sent."""

    message_id: int
    chat: Chat
    date: AwareDatetime


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
        ids = [each.update_id for each in updates]
        return Place(max(ids) + 1, int(now.timestamp())) if ids else self

    def cursor(self) -> str:
        """As text that is kept."""
        return f"{CURSOR}:{self.offset}@{self.at}"
