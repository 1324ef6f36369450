"""What a file is, by its first bytes: names and phones lie, content does not."""

from types import MappingProxyType
from typing import Final

__all__ = ["EXTENSIONS", "HEIF", "TAKEN", "UnfitError", "media_type"]

HEIF: Final = frozenset({"image/heic", "image/avif"})
EXTENSIONS: Final = MappingProxyType(
    {
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "image/webp": ".webp",
        "video/mp4": ".mp4",
        "video/quicktime": ".mov",
    }
)
TAKEN: Final = "JPEG, PNG, WebP, HEIC, AVIF, MP4 or MOV"

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF = frozenset({b"avif", b"avis"})
_OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})  # without ftyp


class UnfitError(ValueError):
    """Why a file cannot be used, and what its owner can do. `strip` adds the name of the file."""

    def __init__(
        self, why: str, remedy: str = "copy it again from the phone, or take it again"
    ) -> None:
        super().__init__(f"{why}: {remedy}")


def media_type(head: bytes) -> str | None:
    """Name the type of a file from its first 12 bytes or more; None for one we do not take."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _brand(head[8:12])
    return "video/quicktime" if head[4:8] in _OLD_QUICKTIME else None


def _brand(brand: bytes) -> str:
    if brand in _HEIC:
        return "image/heic"
    if brand in _AVIF:
        return "image/avif"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"
