"""Record keys that only one answer or publication can have, whenever they are asked for.

A post's key is a TID: 13 characters for microseconds since 1970 (53 bits) and 10 bits more.
Source: https://atproto.com/specs/tid
"""

from datetime import UTC, datetime
from hashlib import sha256

__all__ = ["publication_key", "reply_key"]

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_EARLIEST = datetime(2023, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def reply_key(mention_uri: str, key: str) -> str:
    """The record key of the answer `key` to a post, at most 18 minutes after the post's own.

    Only the post's address counts, which never changes. The times that servers tell of a post
    may differ from one to the other, and a second record key would be a second answer.
    """
    number = _number(mention_uri.rpartition("/")[2])
    if number is None:
        return publication_key(f"{mention_uri} {key}")
    return _key(number + _spread(f"{mention_uri} {key}", 5))


def publication_key(key: str) -> str:
    """The record key of the publication `key`: a time in the years 2023 to 2025."""
    return _key(_instant(_EARLIEST) + _spread(key, 7))


def _spread(text: str, size: int) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:size])


def _instant(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 << 10


def _number(rkey: str) -> int | None:
    """Read a TID; ``None`` where it is none or of an age that cannot be."""
    if len(rkey) != 13 or not set(rkey) <= set(_DIGITS):
        return None
    number = 0
    for digit in rkey:
        number = number << 5 | _DIGITS.index(digit)
    return number if _instant(_EARLIEST) <= number <= _instant(_LATEST) else None


def _key(number: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))
