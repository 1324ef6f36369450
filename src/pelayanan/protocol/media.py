"""Files to publish, as values: opened only when they are sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

__all__ = ["MediaFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A photo or video, already stripped of place and device (`pelayanan.media`).

    Attributes:
        media_type: ``"image/jpeg"``, ``"image/png"``, ``"video/mp4"``.
        alt: What it shows, for people who cannot see it.
        open: Opens the file at its beginning; called once an attempt.
        sha256: Of the bytes that `open` gives.
    """

    filename: str
    media_type: str
    alt: str
    size_bytes: int
    sha256: str
    width: int
    height: int
    open: Callable[[], BinaryIO] = field(repr=False)
