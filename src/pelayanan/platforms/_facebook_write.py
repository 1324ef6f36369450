"""Publishes on a Page: a text, photos as bytes, a video by a resumable upload.

Source: https://developers.facebook.com/docs/video-api/guides/publishing and contract `Page.json`.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel

from pelayanan.errors import UnsupportedError
from pelayanan.platforms._facebook import Photo
from pelayanan.platforms._meta import Graph, Made
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Upload

__all__ = ["PHOTOS", "Composer"]

S = TypeVar("S")

PHOTOS = 10
_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


class _Handle(BaseModel):
    h: str


class Composer:
    """Writes what one Page publishes.

    Args:
        video_base: Host and version of the calls that take videos.
        app_id: Whose upload a video is; empty where videos cannot be published.
    """

    def __init__(self, graph: Graph, page_id: str, video_base: str, app_id: str) -> None:
        self._graph = graph
        self._page_id = page_id
        self._video_base = video_base
        self._app_id = app_id

    def takes(self, media: Sequence[MediaFile]) -> None:
        """Refuse files that a post cannot carry, before anything is uploaded.

        Raises:
            UnsupportedError: Too many, of another kind, pictures beside a video, or a video where
                the app is not known.
        """
        kinds = [file.media_type for file in media]
        if len(media) == 1 and kinds[0].startswith("video/"):
            if not self._app_id:
                raise UnsupportedError("facebook: a video needs app_id= of the app that uploads it")
        elif len(media) > PHOTOS or set(kinds) - _IMAGES:
            raise UnsupportedError(f"a post on Facebook takes {PHOTOS} pictures or one video")

    def publish(self, text: str, media: Sequence[MediaFile]) -> Steps[str]:
        """Publish it and return the post's id."""
        if media and media[0].media_type.startswith("video/"):
            return (yield from self._video(text, media[0]))
        if len(media) == 1:
            photo = yield from self._photo(media[0], {"message": text})
            return photo.post_id or photo.id
        attached: list[str] = []
        for file in media:
            photo = yield from self._photo(file, {"published": "false"})
            attached.append(photo.id)
        form = {"message": text}
        for place, photo_id in enumerate(attached):
            form[f"attached_media[{place}]"] = f'{{"media_fbid":"{photo_id}"}}'
        made = yield from self._post("publish", f"{self._page_id}/feed", Made, form=form)
        return made.id

    def _photo(self, file: MediaFile, form: dict[str, str]) -> Steps[Photo]:
        alt = {"alt_text_custom": file.alt} if file.alt else {}
        upload = Upload("source", file.filename, file.media_type, file.open)
        verb = "upload" if "published" in form else "publish"
        rest: dict[str, Any] = {"form": form | alt, "uploads": (upload,)}
        rest["repeatable"] = verb == "upload"  # one that nothing names is not shown
        return (yield from self._post(verb, f"{self._page_id}/photos", Photo, **rest))

    def _video(self, text: str, file: MediaFile) -> Steps[str]:
        described = {
            "file_name": file.filename,
            "file_length": str(file.size_bytes),
            "file_type": file.media_type,
        }
        session = yield from self._post(
            "upload", f"{self._app_id}/uploads", Made, params=described, repeatable=True
        )
        place, _, signed = session.id.partition("?")
        token = self._graph.token.get_secret_value()
        headers = {"Authorization": f"OAuth {token}", "file_offset": "0"}
        taken = yield from self._post(
            "upload",
            place,
            _Handle,
            params=dict(parse_qsl(signed)),
            headers=headers,
            body=file.open,
            repeatable=True,
        )
        form = {"description": text, "fbuploader_video_file_chunk": taken.h}
        path = f"{self._page_id}/videos"
        made = yield from self._post("publish", path, Made, form=form, base=self._video_base)
        return made.id

    def _post(self, verb: str, path: str, shape: type[S], **rest: Any) -> Steps[S]:
        return (yield from self._graph.fetch(verb, path, shape, method="POST", **rest))
