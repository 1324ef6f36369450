"""Uploads pictures and videos to X.

Source: https://docs.x.com/x-api/media/quickstart/best-practices; contract: /2/media/upload.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from pelayanan.errors import RateLimitError, RejectedError, TooLongError, UnsupportedError
from pelayanan.platforms._x import Uploaded
from pelayanan.platforms._x_api import Api
from pelayanan.protocol.flow import Steps, sleep
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Upload

__all__ = ["IMAGES", "IMAGE_BYTES", "Uploader", "takes"]

IMAGES = 4
IMAGE_BYTES = 5_000_000
_GIF_BYTES = 15_000_000
_VIDEO_BYTES = 512_000_000
_ALT = 1_000
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
_VIDEOS = frozenset({"video/mp4", "video/quicktime"})
_GIF = "image/gif"
_PART = 4 * 1024 * 1024  # of a video, in one call
_PATIENCE_S = 900  # well below the desk's lease of a draft: nobody else may publish it meanwhile
_DONE = frozenset({"", "succeeded"})


def takes(media: Sequence[MediaFile]) -> None:
    """Refuse files that a post cannot carry, before anything is sent.

    Raises:
        UnsupportedError: Too many, mixed, or of another kind.
        TooLongError: A file or its alternative text.
    """
    kinds = [file.media_type for file in media]
    pictures = all(kind in _PICTURES for kind in kinds) and len(kinds) <= IMAGES
    single = len(kinds) == 1 and kinds[0] in _VIDEOS | {_GIF}
    if media and not (pictures or single):
        raise UnsupportedError("x takes up to 4 pictures (JPEG, PNG, WebP), or 1 GIF or 1 video")
    for file in media:
        if len(file.alt) > _ALT:
            told = f"an alternative text of {len(file.alt)} of {_ALT} characters"
            raise TooLongError(told, operation="x.publish")
        limit = _most(file)
        if file.size_bytes > limit:
            told = f"a file of {file.size_bytes} of {limit} bytes"
            raise TooLongError(told, operation="x.publish")


def _most(file: MediaFile) -> int:
    if file.media_type in _PICTURES:
        return IMAGE_BYTES
    return _GIF_BYTES if file.media_type == _GIF else _VIDEO_BYTES


@dataclass(frozen=True, slots=True)
class Uploader:
    """Puts files where a post can name them; one that nothing names is not shown."""

    api: Api

    def upload(self, file: MediaFile) -> Steps[str]:
        """Upload a file with its alternative text and return its id.

        Raises:
            RejectedError: X cannot use the file.
            RateLimitError: It is not done with it yet; nothing was published.
        """
        whole = file.media_type in _PICTURES
        media_id = yield from (self._picture(file) if whole else self._parts(file))
        if file.alt:
            body = {"id": media_id, "metadata": {"alt_text": {"text": file.alt}}}
            yield from self.api.send(self._call("upload_alt", "media/metadata", json=body))
        return media_id

    def _picture(self, file: MediaFile) -> Steps[str]:
        sent = Upload("media", file.filename, file.media_type, file.open)
        form = {"media_category": "tweet_image"}
        call = self._call("upload", "media/upload", form=form, uploads=(sent,))
        made = yield from self.api.fetch(call, Uploaded)
        yield from self._settled(made)
        return made.data.id

    def _parts(self, file: MediaFile) -> Steps[str]:
        kind = "tweet_gif" if file.media_type == _GIF else "tweet_video"
        body = {
            "media_type": file.media_type,
            "total_bytes": file.size_bytes,
            "media_category": kind,
        }
        call = self._call("upload", "media/upload/initialize", json=body)
        media_id = (yield from self.api.fetch(call, Uploaded)).data.id
        for number, start in enumerate(range(0, file.size_bytes, _PART)):
            sent = Upload("media", file.filename, file.media_type, _part(file, start))
            form = {"segment_index": str(number)}
            path = f"media/upload/{media_id}/append"
            yield from self.api.send(self._call("upload", path, form=form, uploads=(sent,)))
        call = self._call("upload", f"media/upload/{media_id}/finalize")
        yield from self._settled((yield from self.api.fetch(call, Uploaded)))
        return media_id

    def _settled(self, made: Uploaded) -> Steps[None]:
        """Wait until X has processed a file."""
        waited = 0
        while (progress := made.data.processing_info) and progress.state not in _DONE:
            if progress.state == "failed":
                raise RejectedError("X cannot use the file", operation="x.upload")
            if waited >= _PATIENCE_S:
                told = "X still works on the file; nothing was published"
                raise RateLimitError(told, operation="x.upload", retry_after=300.0)
            pause = min(30, max(1, progress.check_after_secs))
            yield from sleep(pause)
            waited += pause
            params = {"command": "STATUS", "media_id": made.data.id}
            call = self.api.request("upload", "media/upload", "uploads", params=params)
            made = yield from self.api.fetch(call, Uploaded)

    def _call(self, verb: str, path: str, **rest: Any) -> Any:
        # sent twice they harm nobody: only a post that names a file shows it
        return self.api.request(verb, path, "uploads", method="POST", repeatable=True, **rest)


def _part(file: MediaFile, start: int) -> Any:
    def opened() -> BinaryIO:
        with file.open() as whole:
            whole.seek(start)
            return BytesIO(whole.read(_PART))

    return opened
