"""Ids that tell nobody anything, and the instants of the tables."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import overload

__all__ = ["Keys", "from_us", "to_us"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def to_us(at: datetime) -> int:
    """Whole microseconds since 1970 in UTC of an aware datetime."""
    return (at - _EPOCH) // _TICK


@overload
def from_us(us: int) -> datetime: ...
@overload
def from_us(us: int | None) -> datetime | None: ...
def from_us(us: int | None) -> datetime | None:
    """The instant, in UTC."""
    return None if us is None else _EPOCH + timedelta(microseconds=us)


class Keys:
    """Makes keyed hashes: who has only the database's ids cannot try names against them."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._hash = lru_cache(maxsize=4096)(self._made)  # a page asks for each more than once

    def message(self, platform: str, account: str, native_id: str) -> str:
        """Id of a message. The same message has the same id, also after it was forgotten."""
        return self._hash("m", platform, account, native_id)

    def signal(self, platform: str, where: str) -> str:
        """Id of what was heard, whichever account heard it."""
        return self._hash("s", platform, where)

    def author(self, platform: str, author_id: str) -> str:
        """Key of a person's account on a platform."""
        return self._hash("a", platform, author_id)

    def draft(self, *parts: str) -> str:
        """Id of a draft: the same text for the same case is the same draft."""
        return self._hash("d", *parts)

    def audit_seed(self, period: str) -> str:
        """Seed of a month's audit where none was stated: fixed with the store, known to nobody."""
        return self._hash("s", period)

    def audit_item(self, period: str, message_id: str) -> str:
        """Id of an answer in an audit: no number to a spreadsheet, and tells no agency."""
        return f"b{self._hash('b', period, message_id)[:12]}"

    def _made(self, kind: str, *parts: str) -> str:
        made = blake2b("\x1f".join((kind, *parts)).encode(), key=self._pepper, digest_size=15)
        return b32encode(made.digest()).decode().lower()


def case_id(agency: str, message_id: str) -> str:
    """Id of the case that a message opens: the same message opens the same case."""
    return f"{agency}-{message_id[:10]}"
