"""What Mastodon notifies an account of, read by the thousand, turned into the vocabulary.

So these shapes are dictionaries: pydantic checks them all the same, in two thirds of the time that
objects take.
"""

from collections.abc import Iterator, Sequence
from typing import NotRequired

from pydantic import AwareDatetime
from typing_extensions import TypedDict  # that of `typing` tells pydantic too little before 3.12

from pelayanan.models import Mention
from pelayanan.platforms._mastodon_text import warned
from pelayanan.protocol.page import Unreadable

_MEDIA_TYPES = {"image": "image/*", "gifv": "video/*", "video": "video/*", "audio": "audio/*"}


class AccountDict(TypedDict):
    id: str
    acct: str
    display_name: NotRequired[str | None]
    bot: NotRequired[bool | None]


class AttachmentDict(TypedDict):
    type: NotRequired[str | None]
    url: NotRequired[str | None]
    description: NotRequired[str | None]


class StatusDict(TypedDict):
    id: str
    content: NotRequired[str | None]
    created_at: NotRequired[AwareDatetime | None]  # a notification has one of its own
    visibility: NotRequired[str | None]
    spoiler_text: NotRequired[str | None]
    url: NotRequired[str | None]
    in_reply_to_id: NotRequired[str | None]
    account: NotRequired[AccountDict | None]
    media_attachments: NotRequired[list[AttachmentDict] | None]


class Notification(TypedDict):
    id: str
    type: NotRequired[str]
    created_at: NotRequired[AwareDatetime | None]
    account: NotRequired[AccountDict | None]
    status: NotRequired[StatusDict | None]


_NOBODY: AccountDict = {"id": "", "acct": ""}


def mentions(
    listed: Sequence[Notification | Unreadable], own_id: str | None
) -> Iterator[tuple[str, Mention | Unreadable | None]]:
    """The messages that notifications tell of, each with the notification's id.

    ``None`` where there is none, not any more, or one of the account's own.
    """
    for item in listed:
        if isinstance(item, Unreadable):
            yield item.id, item
        else:
            author = item.get("account")
            own = author is not None and author["id"] == own_id
            yield item["id"], None if own else _mention(item)


def _mention(found: Notification) -> Mention | Unreadable | None:
    status = found.get("status")
    if not status or found.get("type", "mention") != "mention":
        return None
    created_at = status.get("created_at") or found.get("created_at")
    if created_at is None:
        return Unreadable(found["id"], "status.created_at (missing)")
    author = found.get("account") or status.get("account") or _NOBODY
    parent, visibility = status.get("in_reply_to_id"), status.get("visibility") or ""
    media = status.get("media_attachments")
    return Mention.model_validate(  # with its author in one step: twice as fast as one by one
        {
            "platform": "mastodon",
            "id": status["id"],
            "author": _author(author),
            "text": warned(status.get("spoiler_text") or "", status.get("content") or ""),
            "created_at": created_at,
            "url": status.get("url"),
            "thread": parent or status["id"],
            "reply_to": parent or "",
            "private": visibility == "direct",
            "automatic": author.get("bot") or False,
            "attachments": tuple(map(_attachment, media)) if media else (),
            "ref": {"visibility": visibility},
        }
    )


def told(status: StatusDict) -> Mention | Unreadable | None:
    """A status that somebody wrote to nobody."""
    return _mention({"id": status["id"], "status": status})


def _author(author: AccountDict) -> dict[str, str]:
    name = author.get("display_name") or ""
    return {"id": author["id"], "handle": author["acct"], "name": name}


def _attachment(file: AttachmentDict) -> dict[str, str]:
    media_type = _MEDIA_TYPES.get(file.get("type") or "", "application/octet-stream")
    told = {"url": file.get("url") or "", "alt": file.get("description") or ""}
    return {"media_type": media_type, **told}
