"""Photos and videos lose place and device before they are stored or published."""

import hashlib
import os
import tempfile
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from pelayanan.errors import ConfigError, MediaError, StoreError, is_full
from pelayanan.media._kind import EXTENSIONS, TAKEN, UnfitError, media_type
from pelayanan.protocol.media import MediaFile

__all__ = ["Stripped", "digest", "needs_extra", "strip", "stripped_file"]

_LARGEST_PHOTO: Final = 200_000_000  # bytes; read into memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """A photo or video without place and device.

    Attributes:
        media_type: Of the stripped file: HEIC becomes ``"image/jpeg"``, MOV mostly ``"video/mp4"``.
        sha256: Of the stripped bytes, which `open` gives.
        original_sha256: Of the file as it came.
        width: Pixels as shown, after turning; so is `height`.
        duration_s: Seconds of a video, None for a photo.
        open: Opens the stripped bytes at their beginning, any number of times. A video lies in a
            temporary file that goes when nothing holds this function any more.
    """

    media_type: str
    sha256: str
    original_sha256: str
    size_bytes: int
    width: int
    height: int
    duration_s: float | None
    open: Callable[[], BinaryIO] = field(repr=False)

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.media_type]


def strip(path: str | os.PathLike[str], *, folder: Path | None = None) -> Stripped:
    """Take place, device, dates and notes from a photo or video; the frames stay the same.

    What a file is, its content says and not its name. JPEG, PNG, WebP, MP4 and MOV keep every
    pixel of every frame bit for bit; HEIC and AVIF are written as JPEG of quality 95.

    Args:
        path: The original, which is only read.
        folder: Where the temporary file of a video goes; the system's own place by default.

    Raises:
        MediaError: It is missing, damaged, too large or of a type that is not taken.
        ConfigError: The extra `media` is not installed.
        StoreError: There is no room for the temporary file.
    """
    source = Path(path)
    with _naming(source):
        with source.open("rb") as file:
            kind = media_type(file.read(16))
            size_bytes = os.fstat(file.fileno()).st_size
        if size_bytes == 0:
            raise UnfitError("it is empty")
        if kind is None:
            raise UnfitError("it is neither photo nor video", f"give a {TAKEN}")
        if kind.startswith("video/"):
            return _video(source, folder)
        if size_bytes > _LARGEST_PHOTO:
            raise UnfitError("it is larger than 200 MB", "take it at a lower resolution")
        return _photo(source.read_bytes(), kind)


def stripped_file(path: str | os.PathLike[str], *, alt: str = "") -> MediaFile:
    """Strip a file for publishing. Its name is made new, for names tell people and places too.

    Raises:
        MediaError: It is missing, damaged, too large or of a type that is not taken.
        ConfigError: The extra `media` is not installed.
        StoreError: There is no room for the temporary file.
    """
    found = strip(path)
    return MediaFile(
        filename=found.sha256[:16] + found.extension,
        media_type=found.media_type,
        alt=alt,
        size_bytes=found.size_bytes,
        sha256=found.sha256,
        width=found.width,
        height=found.height,
        open=found.open,
    )


def digest(file: BinaryIO) -> str:
    """SHA-256 of the rest of an open file, in hexadecimal digits."""
    found = hashlib.sha256()
    while block := file.read(1 << 20):
        found.update(block)
    return found.hexdigest()


@contextmanager
def needs_extra() -> Generator[None, None, None]:
    """Name the command that installs what is missing."""
    try:
        yield
    except ImportError as error:
        raise ConfigError("photos and videos need: pip install 'pelayanan[media]'") from error


@contextmanager
def _naming(source: Path) -> Generator[None, None, None]:
    """Say which file it was: the sentence goes to the officer who chose it."""
    try:
        yield
    except OSError as error:
        raise MediaError(f"{source}: cannot be read: {error.strerror or error}") from error
    except UnfitError as error:
        raise MediaError(f"{source}: {error}") from error


def _photo(data: bytes, kind: str) -> Stripped:
    with needs_extra():
        from pelayanan.media._photo import strip_photo  # noqa: PLC0415  the extra, at first use

        photo = strip_photo(data, kind)
    return Stripped(
        media_type=photo.media_type,
        sha256=digest(BytesIO(photo.data)),
        original_sha256=digest(BytesIO(data)),
        size_bytes=len(photo.data),
        width=photo.width,
        height=photo.height,
        duration_s=None,
        open=lambda: BytesIO(photo.data),
    )


def _video(source: Path, folder: Path | None) -> Stripped:
    with needs_extra():
        from pelayanan.media._video import strip_video  # noqa: PLC0415  the extra, at first use
    with source.open("rb") as file:
        original_sha256 = digest(file)
    try:
        scratch = _Scratch(folder)
        with scratch.kept():
            video = strip_video(source, scratch.path)
            size_bytes = scratch.path.stat().st_size
            with scratch() as file:
                sha256 = digest(file)
    except OSError as error:
        place, remedy = folder, "make room or give access"
        if place is None:
            place, remedy = Path(tempfile.gettempdir()), "make room or set TMPDIR"
        told = f"{place}: cannot keep a video ({error.strerror}): {remedy}"
        raise StoreError(told, retryable=is_full(error)) from error
    return Stripped(
        media_type=video.media_type,
        sha256=sha256,
        original_sha256=original_sha256,
        size_bytes=size_bytes,
        width=video.width,
        height=video.height,
        duration_s=video.duration_s,
        open=scratch,
    )


class _Scratch:
    """A temporary file that lives as long as something can still open it."""

    def __init__(self, folder: Path | None) -> None:
        handle, name = tempfile.mkstemp(prefix="pelayanan-", dir=folder)
        os.close(handle)
        self.path = Path(name)
        # also when the program ends
        self._discard = weakref.finalize(self, self.path.unlink, missing_ok=True)

    @contextmanager
    def kept(self) -> Generator[None, None, None]:
        """Remove it at once where the work on it fails."""
        try:
            yield
        except BaseException:
            self._discard()
            raise

    def __call__(self) -> BinaryIO:
        return self.path.open("rb")
