"""Private messages as Messenger and Instagram push them.

Source: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages/.
Names of the fields are from memory (reference: platforms.md, 2): their absence is borne.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from pelayanan.models import Answer, Attachment, Author, Mention
from pelayanan.platforms._meta_read import Instant, Told, as_dict, as_text
from pelayanan.protocol.page import Unreadable, why
from pelayanan.protocol.webhook import Deleted, Delivery, Edited, Pushed

__all__ = ["chat"]

_TYPES = {"image": "image/*", "video": "video/*", "audio": "audio/*"}


class _Side(Told):
    id: str


class _Said(Told):
    mid: str
    text: str | None = None
    is_echo: bool = False
    is_deleted: bool = False
    reply_to: dict[str, Any] | None = None
    attachments: list[dict[str, Any]] | None = None


class _Changed(Told):
    mid: str
    text: str = ""


class _Delivered(Told):
    mids: list[str] = Field(default=[])


class _Messaging(Told):
    sender: _Side
    recipient: _Side
    timestamp: Instant
    message: _Said | None = None
    message_edit: _Changed | None = None
    delivery: _Delivered | None = None


def chat(platform: str, account: str, told: object) -> Iterator[Pushed]:
    """What one entry of ``messaging`` tells about a conversation with the account."""
    try:
        found = _Messaging.model_validate(told)
    except ValidationError as error:
        said = as_dict(as_dict(told).get("message"))
        yield Unreadable(as_text(said.get("mid")), why(error))
        return
    own = found.sender.id == account
    person = found.recipient.id if own else found.sender.id
    if found.message is not None:
        yield from _message(platform, found, found.message, person, own=own)
    elif found.message_edit is not None and not own:
        change = found.message_edit
        yield Edited(_mention(platform, found, _Said(mid=change.mid, text=change.text), person))
    elif found.delivery is not None:
        for mid in found.delivery.mids:
            yield Delivery(id=mid, state="delivered", at=found.timestamp)


def _message(
    platform: str, found: _Messaging, said: _Said, person: str, *, own: bool
) -> Iterator[Pushed]:
    if said.is_deleted:
        yield Deleted(said.mid, by_author=True)
    elif own or said.is_echo:
        yield Answer(
            platform=platform,
            id=said.mid,
            to=as_text((said.reply_to or {}).get("mid")),
            text=(said.text or "").strip(),
            created_at=found.timestamp,
            thread=found.recipient.id,
            private=True,
        )
    else:
        yield _mention(platform, found, said, person)


def _mention(platform: str, found: _Messaging, said: _Said, person: str) -> Mention:
    return Mention(
        platform=platform,
        id=said.mid,
        author=Author(id=person, handle=person),
        text=(said.text or "").strip(),
        created_at=found.timestamp,
        thread=person,
        reply_to=as_text((said.reply_to or {}).get("mid")),
        private=True,
        attachments=tuple(_file(file) for file in said.attachments or ()),
        ref={"kind": "chat"},
    )


def _file(file: dict[str, Any]) -> Attachment:
    url = as_text(as_dict(file.get("payload")).get("url"))
    kind = _TYPES.get(as_text(file.get("type")), "application/octet-stream")
    return Attachment(media_type=kind, url=url)
