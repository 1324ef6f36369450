"""Photos below the byte limit of a platform."""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from pelayanan.errors import MediaError
from pelayanan.media.strip import needs_extra
from pelayanan.protocol.media import MediaFile

__all__ = ["smaller"]

_QUALITIES: Final = (90, 80, 70)  # below 70 blocks show in faces and text: fewer pixels look better
_LONGEST: Final = (4096, 3072, 2048, 1536, 1024, 768, 512, 256)  # pixels of the longer side


def smaller(file: MediaFile, max_bytes: int) -> MediaFile:
    """Fit a stripped photo into a platform's limit, as JPEG, as good as the limit allows.

    Args:
        file: A photo as `stripped_file` or `MediaStore.file` gives it.
        max_bytes: What the platform takes, in bytes; Bluesky 2,000,000.

    Returns:
        The file itself where it fits already.

    Raises:
        MediaError: A video, or a limit that no picture fits into.
        ConfigError: The extra `media` is not installed.
    """
    if file.size_bytes <= max_bytes:
        return file
    if not file.media_type.startswith("image/"):
        raise MediaError(f"{file.filename}: over {max_bytes:,} bytes: film shorter or smaller")
    with file.open() as source:
        data = source.read()
    for attempt, width, height in _attempts(data, file.media_type):
        if len(attempt) <= max_bytes:
            return _renamed(file, attempt, width, height)
    raise MediaError(f"{file.filename}: cannot be made to fit {max_bytes:,} bytes")


def _attempts(data: bytes, media_type: str) -> Iterator[tuple[bytes, int, int]]:
    with needs_extra():
        from pelayanan.media._photo import encoded, opened, upright  # noqa: PLC0415  the extra

    image = upright(opened(data, media_type))
    for longest in (max(image.size), *_LONGEST):
        if longest > max(image.size):
            continue
        image.thumbnail((longest, longest))  # in place: each from the one before, never larger
        for quality in _QUALITIES:
            yield encoded(image, quality=quality), image.width, image.height


def _renamed(file: MediaFile, data: bytes, width: int, height: int) -> MediaFile:
    sha256 = hashlib.sha256(data).hexdigest()
    return MediaFile(
        filename=f"{sha256[:16]}.jpg",
        media_type="image/jpeg",
        alt=file.alt,
        size_bytes=len(data),
        sha256=sha256,
        width=width,
        height=height,
        open=lambda: BytesIO(data),
    )
