"""The hash chain of a case: an event cannot be changed, moved or dropped unseen.

Each event is linked by the salted digest of its content. `forget` removes content and salt: the
digest, and so the chain, still holds, and nobody can try texts against it.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

__all__ = ["GENESIS", "Link", "digest_of", "heads_digest", "link", "salt"]

GENESIS = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain covers of one event."""

    case_id: str
    n: int
    key: str
    type: str
    at_us: int
    digest: str


def salt() -> bytes:
    """A fresh salt."""
    return secrets.token_bytes(16)


def digest_of(salted: bytes, content: str) -> str:
    """Salted digest of a content."""
    return sha256(salted + content.encode()).hexdigest()


def link(previous: str, event: Link) -> str:
    """The chain's head after an event."""
    covered = (previous, event.case_id, event.n, event.type, event.at_us, event.key, event.digest)
    return sha256("\x1f".join(map(str, covered)).encode()).hexdigest()


def heads_digest(heads: Iterable[Sequence[Any]]) -> str:
    """One digest over all (case id, head), sorted by id: no case can vanish unseen."""
    whole = sha256()
    for case, head in heads:
        whole.update(f"{case}\x1f{head}\n".encode())
    return whole.hexdigest()
