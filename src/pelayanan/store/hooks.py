"""What platforms pushed, as it came: durable before they are told so."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pelayanan.store.keys import from_us, to_us
from pelayanan.store.tables import hooks

__all__ = ["Hook", "Hooks", "forget_bodies"]

_AN_ID = 10_000  # smaller numbers are in anybody's body


@dataclass(frozen=True, slots=True)
class Hook:
    """One pushed body that waits to be read; `at` is when it came."""

    id: str
    account: str
    body: bytes
    at: datetime


class Hooks:
    """Reads and writes pushed bodies inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now_us = to_us(now)

    def keep(self, hook: Hook) -> bool:
        """Keep a body; ``False`` if the same one is there already."""
        row = {
            "id": hook.id,
            "account": hook.account,
            "body": hook.body,
            "received_us": to_us(hook.at),
            "error": "",
        }
        kind = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        made = self._connection.execute(kind.insert(hooks).values(**row).on_conflict_do_nothing())
        return made.rowcount == 1

    def waiting(self) -> list[str]:
        """Ids of the bodies that were not read yet, the oldest first."""
        asked = (
            select(hooks.c.id)
            .where(hooks.c.done_us.is_(None), hooks.c.error == "")
            .order_by(hooks.c.received_us, hooks.c.id)
        )
        return list(self._connection.scalars(asked))

    def get(self, hook_id: str) -> Hook:
        """One body."""
        row = self._connection.execute(select(hooks).where(hooks.c.id == hook_id)).one()
        return Hook(row.id, row.account, row.body, from_us(int(row.received_us)))

    def done(self, hook_id: str) -> None:
        """It was read: the body goes, the mark that it was here stays."""
        self._connection.execute(
            update(hooks)
            .where(hooks.c.id == hook_id)
            .values(done_us=self._now_us, body=b"", error="")
        )

    def failed(self, hook_id: str, error: str) -> None:
        """It could not be read; it stays for a person."""
        self._connection.execute(update(hooks).where(hooks.c.id == hook_id).values(error=error))

    def purge(self, before: datetime) -> None:
        """Forget marks that are older than any platform's repetition."""
        self._connection.execute(
            delete(hooks).where(hooks.c.done_us.is_not(None), hooks.c.done_us < to_us(before))
        )


def forget_bodies(connection: Connection, words: Iterable[str]) -> None:
    """Empty the unread bodies in which one of these ids or names stands, as text or as a number."""
    wanted = {word.removeprefix("@").casefold() for word in words} - {""}
    asked = select(hooks.c.id, hooks.c.body).where(hooks.c.done_us.is_(None))
    gone = [row.id for row in connection.execute(asked) if wanted.intersection(_said(row.body))]
    connection.execute(
        update(hooks)
        .where(hooks.c.id.in_(gone))
        .values(done_us=hooks.c.received_us, body=b"", error="")
    )


def _said(body: bytes) -> Iterator[str]:
    """What stands in a body; of numbers those that are long enough to be an id."""
    left: list[Any]
    try:
        left = [json.loads(body)]
    except (ValueError, RecursionError):
        words = re.findall(r"[\w.@:+-]+", body.decode("utf-8", "replace"))
        left = [word.strip(".:-") for word in words]
    while left:
        told = left.pop()
        if isinstance(told, dict):
            left += told.values()
        elif isinstance(told, list):
            left += told
        elif isinstance(told, str) or (isinstance(told, int) and told >= _AN_ID):
            yield str(told).casefold().removeprefix("@")
