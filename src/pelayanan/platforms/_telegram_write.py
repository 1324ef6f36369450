"""What is sent: which method, with which fields, and how fast."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from pelayanan.errors import RejectedError, TooLongError, UnsupportedError
from pelayanan.models import Mention
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Upload
from pelayanan.protocol.throttle import Throttle

__all__ = [
    "CAPTION",
    "FILES",
    "IMAGE_BYTES",
    "TEXT",
    "Pace",
    "answer_to",
    "attachable",
    "fits",
    "publication",
]

TEXT = 4096
CAPTION = 1024
FILES = 10
IMAGE_BYTES = 10_000_000
_BYTES = {"image": IMAGE_BYTES, "video": 50_000_000}
_SIDES, _RATIO = 10_000, 20  # of a photo: pixels of both sides together, and how long it may be
_PLACES = {"person": "direct_messages_topic_id", "topic": "message_thread_id"}
_CHATS = 1000  # whose pace is remembered


class Pace:
    """One message a second to a person, 20 a minute to a group or channel."""

    def __init__(self) -> None:
        self._chats: OrderedDict[str, Throttle] = OrderedDict()

    def of(self, chat: str) -> Throttle:
        """The pace of one chat; ids of groups are negative, channels have names."""
        if chat not in self._chats:
            private = chat.isdecimal()
            self._chats[chat] = Throttle(1, 1.0) if private else Throttle(20, 60.0)
        if len(self._chats) > _CHATS:
            self._chats.popitem(last=False)
        self._chats.move_to_end(chat)
        return self._chats[chat]


def fits(text: str, limit: int, operation: str) -> str:
    """The text itself; raises `TooLongError`, and nothing was sent, where it is too long."""
    if len(text) > limit:
        message = f"{len(text)} characters, Telegram takes {limit}"
        raise TooLongError(message, operation=operation)
    return text


def answer_to(mention: Mention, text: str, moved_to: int | None = None) -> dict[str, Any]:
    """Fields of an answer.

    In a group an answer to a message that is gone would stand there without what it answers: it
    is refused. Numbers of messages are others after a group has moved.
    """
    body: dict[str, Any] = {"chat_id": moved_to or int(mention.ref["chat"]), "text": text}
    if moved_to is None:
        parameters = {
            "message_id": int(mention.ref["message"]),
            "allow_sending_without_reply": mention.private,
        }
        body["reply_parameters"] = parameters
    if business := mention.ref.get("business"):
        body["business_connection_id"] = business
    for name, field in _PLACES.items():
        if name in mention.ref:
            body[field] = int(mention.ref[name])
    return body


def attachable(media: Sequence[MediaFile]) -> None:
    """Refuse files that Telegram does not take, before anything is sent.

    Raises:
        UnsupportedError: Too many, or of another kind.
        RejectedError: Too big, or a photo with too many pixels or too long.
    """
    if len(media) > FILES or any(_kind(file) not in _BYTES for file in media):
        raise UnsupportedError(f"telegram takes up to {FILES} photos and videos together")
    for file in media:
        if file.size_bytes > (most := _BYTES[_kind(file)]):
            message = f"{file.filename} has {file.size_bytes} bytes, Telegram takes {most}"
            raise RejectedError(message, operation="telegram.publish")
        small, large = sorted((file.width, file.height))
        if _kind(file) == "image" and (small + large > _SIDES or large > _RATIO * small):
            size = f"{file.filename} has {file.width} x {file.height} pixels"
            message = f"{size}: make it smaller, {_SIDES} for both sides together, or less long"
            raise RejectedError(message, operation="telegram.publish")


def publication(channel: str, text: str, media: Sequence[MediaFile]) -> tuple[str, dict[str, Any]]:
    """The method for a publication, and what its request carries."""
    if not media:
        return "sendMessage", {"json": {"chat_id": channel, "text": text}}
    if len(media) == 1:
        field = _field(media[0])
        form = {"chat_id": channel, "caption": text} | _streaming(media[0])
        return f"send{field.capitalize()}", {"form": form, "uploads": (_upload(field, media[0]),)}
    names = [f"berkas{number}" for number in range(len(media))]
    album: list[dict[str, Any]] = [
        {"type": _field(file), "media": f"attach://{name}"}
        for name, file in zip(names, media, strict=True)
    ]
    album[0]["caption"] = text  # shown below all of them
    uploads = tuple(_upload(name, file) for name, file in zip(names, media, strict=True))
    form = {"chat_id": channel, "media": json.dumps(album, ensure_ascii=False)}
    return "sendMediaGroup", {"form": form, "uploads": uploads}


def _kind(file: MediaFile) -> str:
    return file.media_type.partition("/")[0]


def _field(file: MediaFile) -> str:
    return "photo" if _kind(file) == "image" else "video"


def _streaming(file: MediaFile) -> dict[str, str]:
    if _kind(file) == "image":
        return {}
    size = {"width": str(file.width), "height": str(file.height)}
    return {"supports_streaming": "true", **size}


def _upload(field: str, file: MediaFile) -> Upload:
    return Upload(field, file.filename, file.media_type, file.open)
