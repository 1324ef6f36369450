"""Turns what Threads pushes into the vocabulary. The form is not that of the other platforms.

A body names the app and a post, and not the account: replies say whose post they stand below, and
a mention names the account in its text.
Source: https://developers.facebook.com/docs/threads/webhooks.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from pelayanan.platforms._meta_read import Told, as_dict
from pelayanan.platforms._threads import Media, Reader
from pelayanan.protocol.page import Unreadable, why
from pelayanan.protocol.webhook import Deleted, Elsewhere, Pointer, Pushed

__all__ = ["events"]


class _Values(Told):
    field: str = ""
    value: dict[str, Any] = Field(default={})


class _Body(Told):
    target_id: str = ""
    values: _Values | list[_Values]


def events(body: bytes, reader: Reader) -> Iterator[Pushed]:
    """Everything that a body tells about one account."""
    try:
        told = _Body.model_validate_json(body)
    except ValidationError as error:
        yield Unreadable("", why(error))
        return
    for change in told.values if isinstance(told.values, list) else [told.values]:
        try:
            yield from _change(change, told.target_id, reader)
        except ValidationError as error:
            yield Unreadable(str(change.value.get("id", "")), why(error))


def _change(change: _Values, target: str, reader: Reader) -> Iterator[Pushed]:
    value = change.value
    if change.field == "delete":
        if value.get("id"):
            yield Deleted(str(value["id"]), by_author=True)
    elif change.field in {"replies", "mentions"}:
        if value.get("id") and not value.get("timestamp"):
            yield Pointer(id=str(value["id"]), ref={})
            return
        found = Media.model_validate(value)
        if change.field == "mentions":
            yield from _named(found, reader)
        elif not _below_ours(found, reader):
            root = as_dict(value.get("root_post"))
            yield Elsewhere(str(root.get("owner_id") or target))
        elif (mention := reader.mention(found)) is not None:
            yield mention
    elif change.field == "publish" and value.get("text"):  # without its words `answers` finds it
        answer = reader.answer(Media.model_validate(value))
        yield from () if answer is None else (answer,)


def _below_ours(found: Media, reader: Reader) -> bool:
    """Whether a reply stands below a post of this account; where nothing is told, it does."""
    root = found.root_post
    if root is None or not (root.owner_id or root.username):
        return True
    return reader.is_own(root)


def _named(found: Media, reader: Reader) -> Iterator[Pushed]:
    """A post for all that it names; where nobody is found in it, for this account."""
    named = {name.rstrip(".").casefold() for name in re.findall(r"@([\w.]+)", found.text or "")}
    us = reader.username.casefold()
    yield from (Elsewhere(name) for name in sorted(named - {us}))
    if us in named or not named:
        mention = reader.mention(found)
        yield from () if mention is None else (mention,)
