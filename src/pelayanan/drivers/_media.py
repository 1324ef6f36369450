"""What goes out with a publication: described, small enough, without place and device."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

from pelayanan.errors import ConfigError
from pelayanan.protocol.media import MediaFile

Media: TypeAlias = str | PathLike[str] | MediaFile


def stripped(
    media: Sequence[Media], alt: Sequence[str], *, image_bytes: int | None = None
) -> list[MediaFile]:
    """Files ready to publish.

    Args:
        media: Paths, or files that are stripped already.
        alt: What each shows.
        image_bytes: A photo above this many bytes is made smaller.

    Raises:
        ConfigError: A file has no alternative text, or there are more texts than files.
        MediaError: A file cannot be read or is no photo or video.
    """
    if len(alt) not in {0, len(media)}:
        raise ConfigError(f"{len(media)} files but {len(alt)} texts in alt=: give one for each")
    texts = list(alt) or [""] * len(media)
    files = [_ready(file, text.strip()) for file, text in zip(media, texts, strict=True)]
    return [_fitting(file, image_bytes) for file in files]


def _ready(file: Media, alt: str) -> MediaFile:
    known = file.alt if isinstance(file, MediaFile) else ""
    if not (alt or known):
        name = file.filename if isinstance(file, MediaFile) else Path(fspath(file)).name
        raise ConfigError(f"{name}: say in alt= what it shows, for people who cannot see it")
    if isinstance(file, MediaFile):
        return replace(file, alt=alt or known)
    from pelayanan.media import stripped_file  # noqa: PLC0415  an extra, and slow

    return stripped_file(Path(file), alt=alt)


def _fitting(file: MediaFile, image_bytes: int | None) -> MediaFile:
    is_photo = file.media_type.startswith("image/")  # a film is for the platform to refuse
    if image_bytes is None or not is_photo or file.size_bytes <= image_bytes:
        return file
    from pelayanan.media import smaller  # noqa: PLC0415  an extra, and slow

    return smaller(file, image_bytes)
