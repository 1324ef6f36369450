"""Publishes on Threads: a container, then its publication; replies go the same way.

Source: https://developers.facebook.com/docs/threads/posts and .../create-replies.
"""

from collections.abc import Sequence

from pelayanan.errors import TooLongError, UnsupportedError
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_publish import Addresses, Containers
from pelayanan.platforms._threads import Container
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.media import MediaFile

__all__ = ["ITEMS", "Composer"]

ITEMS = 20
_ALT = 1_000
_IMAGES = frozenset({"image/jpeg", "image/png"})
_VIDEOS = frozenset({"video/mp4", "video/quicktime"})


class Composer:
    """Writes what one account publishes."""

    def __init__(self, graph: Graph, user_id: str, addresses: Addresses) -> None:
        self._graph = graph
        self._addresses = addresses
        paths = f"{user_id}/threads", f"{user_id}/threads_publish"
        self._containers = Containers(graph, *paths, self._state)

    def takes(self, media: Sequence[MediaFile]) -> None:
        """Refuse files that a post cannot carry, before anything is made.

        Raises:
            UnsupportedError: Too many, of another kind, or without an address.
            TooLongError: An alternative text.
        """
        kinds = _IMAGES | _VIDEOS
        if len(media) > ITEMS or any(file.media_type not in kinds for file in media):
            raise UnsupportedError(f"threads takes {ITEMS} pictures (JPEG, PNG) or videos (MP4)")
        for file in media:
            self._addresses.of(file)
            if len(file.alt) > _ALT:
                told = f"an alternative text of {len(file.alt)} of {_ALT} characters"
                raise TooLongError(told, operation="threads.publish")

    def reply(self, to: str, text: str) -> Steps[str]:
        """Answer a post and return the answer's id; empty where only a look can tell."""
        form = {"media_type": "TEXT", "text": text, "reply_to_id": to}
        container = yield from self._containers.make("reply", form)
        return (yield from self._containers.publish("reply", container))

    def publish(self, text: str, media: Sequence[MediaFile]) -> Steps[str]:
        """Publish a post and return its id; empty where only a look can tell."""
        if not media:
            form = {"media_type": "TEXT", "text": text}
            container = yield from self._containers.make("publish", form)
            return (yield from self._containers.publish("publish", container))
        if len(media) == 1:
            form = {**self._file(media[0]), "text": text}
            container = yield from self._containers.make("publish", form)
        else:
            container = yield from self._carousel(text, media)
        yield from self._containers.settle("publish", [container])
        return (yield from self._containers.publish("publish", container))

    def _carousel(self, text: str, media: Sequence[MediaFile]) -> Steps[str]:
        parts: list[str] = []
        for file in media:
            form = {**self._file(file), "is_carousel_item": "true"}
            part = yield from self._containers.make("upload", form)
            parts.append(part)
        yield from self._containers.settle("publish", parts)
        form = {"media_type": "CAROUSEL", "children": ",".join(parts), "text": text}
        return (yield from self._containers.make("publish", form))

    def _file(self, file: MediaFile) -> dict[str, str]:
        alt = {"alt_text": file.alt} if file.alt else {}
        url = self._addresses.of(file)
        if file.media_type in _VIDEOS:
            return {"media_type": "VIDEO", "video_url": url, **alt}
        return {"media_type": "IMAGE", "image_url": url, **alt}

    def _state(self, verb: str, container: str) -> Steps[str]:
        params = {"fields": "id,status,error_message"}
        found = yield from self._graph.fetch(verb, container, Container, params=params)
        return found.status
