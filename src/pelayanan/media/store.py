"""Photos and videos on disk, each under the hash of its stripped bytes.

The stripped file is the only one that is kept: the original stays with the officer, its hash proves
later which one it was. A file stands in the folder whole or not at all: it is written aside, made
durable and renamed, its record first.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import ValidationError

from pelayanan.errors import StoreError, is_full
from pelayanan.media._kind import EXTENSIONS
from pelayanan.media.strip import Stripped, digest, strip
from pelayanan.models.record import Record
from pelayanan.protocol.media import MediaFile

__all__ = ["MediaStore", "StoredMedia"]

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FORGOTTEN_S: Final = 86_400.0  # what was begun a day ago belongs to a program that was killed


class StoredMedia(Record):
    """What is known of a kept file.

    Attributes:
        sha256: Of the stripped file; its name in the store.
        original_sha256: Of the file as the officer took it.
        width: Pixels as shown, after turning; so is `height`.
        duration_s: Seconds of a video, None for a photo.
    """

    sha256: str
    original_sha256: str
    media_type: str
    size_bytes: int
    width: int
    height: int
    duration_s: float | None = None


class MediaStore:
    """A folder of stripped photos and videos: ``ab/cdef….jpg``, beside each a record as JSON.

    Any number of processes may use it at once.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._scratch = self._folder / ".unfinished"  # the same disk, so that a rename is one step

    def add(self, path: str | os.PathLike[str]) -> StoredMedia:
        """Strip a file and keep it. Adding it twice changes nothing.

        Two originals that differ only in what was stripped are one kept file; its record names
        the first original, the returned one the original just given.

        Raises:
            MediaError: The file is missing, damaged, too large or of a type that is not taken.
            ConfigError: The extra `media` is not installed.
            StoreError: The folder cannot be written, or is full.
        """
        with _telling(self._folder):
            self._prepare()
        stripped = strip(path, folder=self._scratch)
        stored = StoredMedia.model_validate(stripped, from_attributes=True)
        with _telling(self._folder):
            self._keep(stripped, stored)
        return stored

    def get(self, sha256: str) -> StoredMedia:
        """Return the record of a kept file.

        Raises:
            StoreError: It is not here, or its record is damaged.
        """
        record = self._place(sha256, ".json")
        with _telling(self._folder):
            try:
                stored = StoredMedia.model_validate_json(record.read_bytes())
            except FileNotFoundError:
                raise _missing(self._folder, sha256) from None
            except ValidationError as error:
                raise StoreError(f"{record}: damaged: restore it from a backup") from error
        if not self._place(sha256, EXTENSIONS[stored.media_type]).exists():
            raise _missing(self._folder, sha256)
        return stored

    def path(self, sha256: str) -> Path:
        """Return where a kept file lies.

        Raises:
            StoreError: It is not here.
        """
        return self._place(sha256, EXTENSIONS[self.get(sha256).media_type])

    def file(self, sha256: str, *, alt: str = "") -> MediaFile:
        """Return a kept file for publishing, checked against its hash.

        Raises:
            StoreError: It is not here, or has been changed.
        """
        stored, path = self.get(sha256), self.path(sha256)
        with _telling(self._folder), path.open("rb") as kept:
            if digest(kept) != sha256:
                raise StoreError(f"{path}: has been changed: restore it from a backup")
        return MediaFile(
            filename=sha256[:16] + path.suffix,
            media_type=stored.media_type,
            alt=alt,
            size_bytes=stored.size_bytes,
            sha256=sha256,
            width=stored.width,
            height=stored.height,
            open=lambda: path.open("rb"),
        )

    def remove(self, sha256: str) -> None:
        """Delete a file and its record, durably; one that is not here is no error."""
        with _telling(self._folder):
            for extension in (*EXTENSIONS.values(), ".json"):  # the record last: it finds the rest
                self._place(sha256, extension).unlink(missing_ok=True)
            if (home := self._place(sha256, "").parent).exists():
                _sync_folder(home)

    def _place(self, sha256: str, extension: str) -> Path:
        if not _SHA256.fullmatch(sha256):  # never a path of somebody else's making
            raise StoreError(f"no media has the hash {sha256!r}: give 64 hexadecimal digits")
        return self._folder / sha256[:2] / (sha256[2:] + extension)

    def _prepare(self) -> None:
        self._scratch.mkdir(parents=True, exist_ok=True)
        for left in self._scratch.iterdir():
            with _ignoring_the_gone():
                if time.time() - left.stat().st_mtime > _FORGOTTEN_S:
                    left.unlink()

    def _keep(self, stripped: Stripped, stored: StoredMedia) -> None:
        place = self._place(stored.sha256, stripped.extension)
        record = self._place(stored.sha256, ".json")
        if place.exists() and record.exists():
            return
        place.parent.mkdir(exist_ok=True)
        with self._unfinished(record) as out:
            out.write(stored.model_dump_json().encode())
        with self._unfinished(place) as out, stripped.open() as source:
            shutil.copyfileobj(source, out, 1 << 20)
        _sync_folder(self._folder)

    @contextmanager
    def _unfinished(self, place: Path) -> Generator[BinaryIO, None, None]:
        """Write aside; whole and durable it takes its place, otherwise it is gone."""
        handle, name = tempfile.mkstemp(dir=self._scratch)
        try:
            with os.fdopen(handle, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)


def _missing(folder: Path, sha256: str) -> StoreError:
    return StoreError(f"{folder}: holds no media {sha256}: add it, or restore it from a backup")


@contextmanager
def _telling(folder: Path) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        told = f"{folder}: {error.strerror or error}: make room or give access, then try again"
        raise StoreError(told, retryable=is_full(error)) from error


@contextmanager
def _ignoring_the_gone() -> Generator[None, None, None]:
    try:
        yield
    except FileNotFoundError:
        return  # another process was faster


def _sync_folder(folder: Path) -> None:
    """Make names durable, where the system can (Windows cannot, and does not need it)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
