"""What is written on YouTube: a reply that names its addressee, a video with its title."""

import re
from collections.abc import Sequence
from typing import Any

from pelayanan.errors import RejectedError, TooLongError, UnsupportedError
from pelayanan.models import Mention
from pelayanan.platforms._youtube import DESCRIPTION_BYTES, TEXT, TITLE
from pelayanan.protocol.media import MediaFile
from pelayanan.text.length import count, fit

__all__ = ["addressed", "bare", "fits", "the_video", "titled"]


def addressed(mention: Mention, text: str) -> str:
    """The text, with the handle of whom it answers where that one wrote below somebody else."""
    handle = mention.author.handle
    if not mention.reply_to or handle == mention.author.id:
        return text
    named = re.search(rf"(?<!\w)@{re.escape(handle)}(?!\w)", text, re.IGNORECASE)
    return text if named else f"@{handle} {text}"


def fits(text: str) -> str:
    """The text itself; raises `TooLongError`, and nothing was sent, where it is too long."""
    if len(text) > TEXT:
        raise TooLongError(
            f"{len(text)} characters, YouTube takes {TEXT}", operation="youtube.reply"
        )
    return text


def bare(text: str) -> str:
    """A text for comparison: servers and apps disagree about blanks."""
    return " ".join(text.split())


def the_video(media: Sequence[MediaFile]) -> MediaFile:
    """The one video that a publication is.

    Raises:
        UnsupportedError: There is none, or something beside it.
    """
    if len(media) != 1 or not media[0].media_type.startswith("video/"):
        raise UnsupportedError("a publication on YouTube is one video")
    return media[0]


def titled(text: str, privacy: str) -> dict[str, Any]:
    """Title and description of a video: the first line, and all of it.

    Raises:
        RejectedError: No text, or one with ``<`` or ``>``, which YouTube refuses.
        TooLongError: More than 5,000 bytes.
    """
    first = next(iter(text.strip().splitlines()), "")
    if not first or re.search(r"[<>]", text):
        message = "a video needs a text, without < and >"
        raise RejectedError(message, operation="youtube.publish")
    if (size := count("bytes", text)) > DESCRIPTION_BYTES:
        message = f"{size} bytes, YouTube takes {DESCRIPTION_BYTES}"
        raise TooLongError(message, operation="youtube.publish")
    snippet = {"title": fit(first, "characters", TITLE), "description": text}
    return {"snippet": snippet, "status": {"privacyStatus": privacy}}
