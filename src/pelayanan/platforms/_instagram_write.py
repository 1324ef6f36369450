"""Publishes on Instagram: one picture, one video (reel), or up to ten of both side by side.

Source: https://developers.facebook.com/docs/instagram-platform/content-publishing/.
"""

from collections.abc import Sequence
from typing import Any

from pelayanan.errors import UnsupportedError
from pelayanan.platforms._instagram import Container
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_publish import Addresses, Containers
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.media import MediaFile

__all__ = ["ITEMS", "Composer"]

ITEMS = 10
_KINDS = ("image/jpeg", "video/mp4", "video/quicktime")


class Composer:
    """Writes what one account publishes.

    Args:
        upload_url: Where bytes of videos are taken; empty where they are not.
    """

    def __init__(self, graph: Graph, user_id: str, addresses: Addresses, upload_url: str) -> None:
        self._graph = graph
        self._addresses = addresses
        self._upload_url = upload_url
        paths = f"{user_id}/media", f"{user_id}/media_publish"
        self._containers = Containers(graph, *paths, self._state)

    def takes(self, media: Sequence[MediaFile]) -> None:
        """Refuse what a post cannot carry, before anything is made.

        Raises:
            UnsupportedError: No files, too many, of another kind, or without an address.
        """
        if not media:
            raise UnsupportedError("instagram publishes pictures and videos, no bare text")
        if len(media) > ITEMS or any(file.media_type not in _KINDS for file in media):
            raise UnsupportedError(f"instagram takes {ITEMS} pictures (JPEG) or videos (MP4)")
        for file in media:
            if not self._by_bytes(file, media):
                self._addresses.of(file)

    def publish(self, text: str, media: Sequence[MediaFile]) -> Steps[str]:
        """Publish it and return the post's id; empty where only a look can tell."""
        if len(media) == 1:
            container = yield from self._part(media[0], {"caption": text}, alone=True)
            yield from self._containers.settle("publish", [container])
            return (yield from self._containers.publish("publish", container))
        parts: list[str] = []
        for file in media:
            part = yield from self._part(file, {"is_carousel_item": "true"}, alone=False)
            parts.append(part)
        yield from self._containers.settle("publish", parts)
        form = {"media_type": "CAROUSEL", "children": ",".join(parts), "caption": text}
        container = yield from self._containers.make("publish", form)
        yield from self._containers.settle("publish", [container])
        return (yield from self._containers.publish("publish", container))

    def _part(self, file: MediaFile, form: dict[str, str], *, alone: bool) -> Steps[str]:
        if file.media_type.startswith("image/"):
            alt = {"alt_text": file.alt} if file.alt else {}
            form = {**form, **alt, "image_url": self._addresses.of(file)}
            return (yield from self._containers.make("upload", form))
        form = {**form, "media_type": "REELS" if alone else "VIDEO"}
        if not (alone and self._by_bytes(file, [file])):
            form["video_url"] = self._addresses.of(file)
            return (yield from self._containers.make("upload", form))
        form["upload_type"] = "resumable"
        container = yield from self._containers.make("upload", form)
        token = self._graph.token.get_secret_value()
        headers = {
            "Authorization": f"OAuth {token}",
            "offset": "0",
            "file_size": str(file.size_bytes),
        }
        yield from self._graph.fetch(
            "upload",
            container,
            dict[str, Any],
            base=self._upload_url,
            method="POST",
            headers=headers,
            body=file.open,
            repeatable=True,
        )
        return container

    def _by_bytes(self, file: MediaFile, media: Sequence[MediaFile]) -> bool:
        """Whether a video goes as bytes: alone, where the way to log in allows it."""
        video = file.media_type.startswith("video/")
        return video and bool(self._upload_url) and len(media) == 1 and not self._addresses.template

    def _state(self, verb: str, container: str) -> Steps[str]:
        params = {"fields": "status_code"}
        found = yield from self._graph.fetch(verb, container, Container, params=params)
        return found.status_code
