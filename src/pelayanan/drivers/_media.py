"""What goes out with a publication: described, and stripped of place and device."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

from pelayanan.errors import ConfigError
from pelayanan.protocol.media import MediaFile

Media: TypeAlias = str | PathLike[str] | MediaFile


def stripped(media: Sequence[Media], alt: Sequence[str]) -> list[MediaFile]:
    """Files ready to publish.

    Raises:
        ConfigError: A file has no alternative text, or there are more texts than files.
        MediaError: A file cannot be read or is no photo or video.
    """
    if len(alt) not in {0, len(media)}:
        raise ConfigError(f"{len(media)} files but {len(alt)} texts in alt=: give one for each")
    texts = list(alt) or [""] * len(media)
    return [_ready(file, text.strip()) for file, text in zip(media, texts, strict=True)]


def _ready(file: Media, alt: str) -> MediaFile:
    known = file.alt if isinstance(file, MediaFile) else ""
    if not (alt or known):
        name = file.filename if isinstance(file, MediaFile) else Path(fspath(file)).name
        raise ConfigError(f"{name}: say in alt= what it shows, for people who cannot see it")
    if isinstance(file, MediaFile):
        return replace(file, alt=alt or known)
    from pelayanan.media import stripped_file  # noqa: PLC0415  an extra, and slow

    return stripped_file(Path(file), alt=alt)
