"""Turns what Instagram pushes into the vocabulary.

With Facebook Login what happened is wrapped in ``changes``, with Instagram Login it stands in the
entry itself (from memory): both are read. Comments come without a time of their own.
Source: https://developers.facebook.com/documentation/instagram-platform/webhooks/examples.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from pelayanan.platforms._instagram import Comment, Person
from pelayanan.platforms._instagram_read import Reader
from pelayanan.platforms._meta_chat import chat
from pelayanan.platforms._meta_read import Instant, Told
from pelayanan.protocol.page import Items, Unreadable, why
from pelayanan.protocol.webhook import Elsewhere, Pointer, Pushed

__all__ = ["events"]


class _Change(Told):
    field: str = ""
    value: dict[str, Any] = Field(default={})


class _Entry(_Change):
    id: str = ""
    time: Instant | None = None
    changes: Items[_Change] = Field(default=[])
    messaging: list[Any] = Field(default=[])


class _Body(Told):
    entry: Items[_Entry]


class _Media(Told):
    id: str = ""


class _Comment(Told):
    id: str
    text: str | None = None
    parent_id: str | None = None
    media: _Media = _Media()
    author: Person | None = Field(default=None, alias="from")


class _Mention(Told):
    media_id: str = ""
    comment_id: str = ""


def events(body: bytes, reader: Reader) -> Iterator[Pushed]:
    """Everything that a body tells about one account."""
    try:
        entries = _Body.model_validate_json(body).entry
    except ValidationError as error:
        yield Unreadable("", why(error))
        return
    for entry in entries:
        if isinstance(entry, Unreadable):
            yield entry
        elif entry.id != reader.user_id:
            yield Elsewhere(entry.id)
        else:
            yield from _entry(entry, reader)


def _entry(entry: _Entry, reader: Reader) -> Iterator[Pushed]:
    for change in [*([entry] if entry.field else []), *entry.changes]:
        if isinstance(change, Unreadable):
            yield change
            continue
        try:
            yield from _change(change, entry, reader)
        except ValidationError as error:
            yield Unreadable(str(change.value.get("id", "")), why(error))
    for told in entry.messaging:
        yield from chat("instagram", reader.user_id, told)


def _change(change: _Change, entry: _Entry, reader: Reader) -> Iterator[Pushed]:
    if change.field in {"comments", "live_comments"}:
        yield from _comment(_Comment.model_validate(change.value), entry, reader)
    elif change.field == "mentions":
        found = _Mention.model_validate(change.value)
        if not (found.comment_id or found.media_id):
            yield Unreadable("", "media_id (missing)")
            return
        ref = {"kind": "mention", "media": found.media_id, "comment": found.comment_id}
        yield Pointer(id=found.comment_id or found.media_id, ref=ref)


def _comment(told: _Comment, entry: _Entry, reader: Reader) -> Iterator[Pushed]:
    if told.author is None or told.text is None or entry.time is None:
        yield Pointer(id=told.id, ref={"kind": "comment", "media": told.media.id})
        return
    found = Comment.model_validate(
        {
            "id": told.id,
            "text": told.text,
            "timestamp": entry.time.isoformat(),
            "from": told.author.model_dump(),
            "parent_id": told.parent_id,
        }
    )
    items = reader.answers if reader.own(told.author) else reader.comments
    yield from items([found], told.media.id)
