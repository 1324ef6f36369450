"""Builds the records that are written: a post with its links marked and its files attached."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pelayanan.errors import TooLongError, UnsupportedError
from pelayanan.models import Mention
from pelayanan.platforms._bluesky import POST, stamp
from pelayanan.platforms._bluesky_facets import facets
from pelayanan.protocol.capabilities import TextLimit
from pelayanan.protocol.media import MediaFile
from pelayanan.text.length import count

__all__ = ["IMAGES", "IMAGE_BYTES", "LIMITS", "attachable", "embed", "fits", "post", "thread"]

LIMITS = (TextLimit("graphemes", 300), TextLimit("bytes", 3_000))
IMAGES = 4
IMAGE_BYTES = 2_000_000


def fits(text: str, operation: str) -> str:
    """The text itself.

    Raises:
        TooLongError: It has more than 300 graphemes or 3,000 bytes; nothing was sent.
    """
    sizes = [(count(limit.counter, text), limit) for limit in LIMITS]
    if any(size > limit.limit for size, limit in sizes):
        told = ", ".join(f"{size} of {limit.limit} {limit.counter}" for size, limit in sizes)
        raise TooLongError(told, operation=operation)
    return text


def post(text: str, at: datetime, dids: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A post of this text; `more` is what only a reply or only a publication has."""
    marked = facets(text, dids)
    found = {"facets": marked} if marked else {}
    start = {"$type": POST, "text": text, "createdAt": stamp(at), "langs": ["id"]}
    return {**start, **found, **more}


def thread(mention: Mention) -> dict[str, Any]:
    """Where an answer to this message stands."""
    root = {"uri": mention.ref["root_uri"], "cid": mention.ref["root_cid"]}
    return {"root": root, "parent": {"uri": mention.id, "cid": mention.ref["cid"]}}


def attachable(media: Sequence[MediaFile]) -> None:
    """Refuse files that a post cannot carry, before anything is uploaded.

    Raises:
        UnsupportedError: Too many, of another kind, or pictures beside a video.
        TooLongError: A picture is too big; `pelayanan.media` makes it smaller.
    """
    kinds = [file.media_type.partition("/")[0] for file in media]
    if kinds != ["video"] and (len(media) > IMAGES or set(kinds) - {"image"}):
        raise UnsupportedError(f"a post on Bluesky takes {IMAGES} pictures or one video")
    big = [
        file for file in media if file.media_type[:5] == "image" and file.size_bytes > IMAGE_BYTES
    ]
    if big:
        told = f"a picture of {big[0].size_bytes} of {IMAGE_BYTES} bytes"
        raise TooLongError(told, operation="bluesky.publish")


def embed(media: Sequence[MediaFile], blobs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Files and their blobs as an embed."""
    if media[0].media_type.startswith("video/"):
        return {"$type": "app.bsky.embed.video", "video": blobs[0], **_shown(media[0])}
    images = [{"image": blob, **_shown(file)} for file, blob in zip(media, blobs, strict=True)]
    return {"$type": "app.bsky.embed.images", "images": images}


def _shown(file: MediaFile) -> dict[str, Any]:
    return {"alt": file.alt, "aspectRatio": {"width": file.width, "height": file.height}}
