"""What reviews of apps and of offices have in common: stars, authors, the one reply."""

from collections.abc import Sequence

from pelayanan.errors import UnsupportedError
from pelayanan.models import Answer, Author, Sent

__all__ = ["author_of", "bare", "reply_id", "standing", "stars"]


def stars(count: int) -> str:
    """How many of five stars were given, as a subject; empty where it is not known."""
    return f"{count} dari 5 bintang" if 1 <= count <= 5 else ""


def author_of(review: str, name: str) -> Author:
    """Who wrote a review. Google tells a name only: nobody is taken for somebody else by it."""
    return Author(id=f"review:{review}", handle=name or f"review:{review}", name=name)


def reply_id(review: str, seconds: float) -> str:
    """A name of the one reply as it stands: another one after it was overwritten."""
    return f"{review}/reply/{int(seconds)}"


def bare(text: str) -> str:
    """A text for comparison: servers and apps disagree about blanks."""
    return " ".join(text.split())


def standing(found: Sequence[Answer], text: str) -> Sent | None:
    """The proof that the answer stands, or that none does.

    Raises:
        UnsupportedError: Another one stands there, which would be overwritten: a person decides.
    """
    if not found:
        return None
    reply = found[0]
    if bare(reply.text) != bare(text):
        message = f"{reply.platform}: another answer stands there, which a new one would replace"
        raise UnsupportedError(f"{message}; a person must look")
    return Sent(id=reply.id, url=reply.url, at=reply.created_at, confirmed=True)
