"""Turns what Facebook pushes into the vocabulary.

Names of the fields below ``value`` are from memory (reference: platforms.md, 2): what is missing is
fetched, or set aside.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError

from pelayanan.models import Answer, Mention
from pelayanan.platforms._facebook import Person
from pelayanan.platforms._facebook_read import author
from pelayanan.platforms._meta_chat import chat
from pelayanan.platforms._meta_read import Instant, Told
from pelayanan.protocol.page import Items, Unreadable, why
from pelayanan.protocol.webhook import Deleted, Edited, Elsewhere, Pointer, Pushed

__all__ = ["events"]

_POSTS = frozenset({"post", "status", "photo", "video", "album", "share"})
_FIELDS = frozenset({"feed", "mention"})


class _Change(Told):
    field: str = ""
    value: dict[str, Any] = Field(default={})


class _Entry(Told):
    id: str = ""
    changes: Items[_Change] = Field(default=[])
    messaging: list[Any] = Field(default=[])


class _Body(Told):
    entry: Items[_Entry]


class _Value(Told):
    item: str = ""
    verb: str = "add"
    post_id: str = ""
    comment_id: str = ""
    parent_id: str = ""
    message: str | None = None
    created_time: Instant | None = None
    permalink_url: str | None = None
    author: Person | None = Field(default=None, alias="from")


def events(body: bytes, page_id: str) -> Iterator[Pushed]:
    """Everything that a body tells about one Page."""
    try:
        entries = _Body.model_validate_json(body).entry
    except ValidationError as error:
        yield Unreadable("", why(error))
        return
    for entry in entries:
        if isinstance(entry, Unreadable):
            yield entry
        elif entry.id != page_id:
            yield Elsewhere(entry.id)
        else:
            for change in entry.changes:
                yield from _change(change, page_id)
            for told in entry.messaging:
                yield from chat("facebook", page_id, told)


def _change(change: _Change | Unreadable, page_id: str) -> Iterator[Pushed]:
    if isinstance(change, Unreadable):
        yield change
        return
    if change.field not in _FIELDS:
        return
    try:
        value = _Value.model_validate(change.value)
    except ValidationError as error:
        yield Unreadable(str(change.value.get("comment_id", "")), why(error))
        return
    yield from _told(value, page_id, tag=change.field == "mention")


def _told(value: _Value, page_id: str, *, tag: bool) -> Iterator[Pushed]:
    """A comment or a post was written, changed or taken away; likes and the rest are no message."""
    named = tag and value.item not in _POSTS and bool(value.comment_id)
    below = value.item == "comment" or named
    message_id = value.comment_id if below else value.post_id
    if not (below or value.item in _POSTS):
        return
    if not message_id:
        yield Unreadable("", "comment_id or post_id (missing)")
    elif value.verb in {"remove", "delete"}:
        yield Deleted(message_id, by_author=False)  # the Page may have done it: Meta does not say
    elif value.author is not None and value.author.id == page_id:
        yield from _own(value, message_id, below=below)
    elif value.message is None or value.created_time is None or not (value.author or tag):
        kind = "comment" if below else "post"
        yield Pointer(id=message_id, ref={"kind": kind, "post": value.post_id})
    else:
        found = _mention(value, message_id, value.created_time, below=below)
        yield found if value.verb == "add" else Edited(found)


def _own(value: _Value, message_id: str, *, below: bool) -> Iterator[Pushed]:
    """What the Page itself wrote: an answer where it stands below something."""
    if below and value.verb == "add" and value.created_time is not None:
        yield Answer(
            platform="facebook",
            id=message_id,
            to=value.parent_id or value.post_id,
            text=(value.message or "").strip(),
            created_at=value.created_time,
            thread=value.post_id,
            url=value.permalink_url,
        )


def _mention(value: _Value, message_id: str, at: datetime, *, below: bool) -> Mention:
    parent = value.parent_id if below and value.parent_id != value.post_id else ""
    ref = {"kind": "comment", "post": value.post_id, "parent": parent} if below else {}
    return Mention(
        platform="facebook",
        id=message_id,
        author=author(value.author, message_id),
        text=(value.message or "").strip(),
        created_at=at,
        url=value.permalink_url,
        thread=value.post_id if below else message_id,
        reply_to=parent,
        ref=ref or {"kind": "post"},
    )
