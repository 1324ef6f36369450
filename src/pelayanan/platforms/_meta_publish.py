"""Publishing in two steps, as Instagram and Threads do: a container, then its publication.

The platform fetches files from an address; a container is published once, which makes a lost answer
harmless: its state tells whether it took effect.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pelayanan.errors import (
    PlatformError,
    RateLimitError,
    RejectedError,
    ServerError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Sent
from pelayanan.platforms._meta import Graph, Made
from pelayanan.platforms._meta_read import Instant, Told
from pelayanan.protocol.flow import Steps, sleep
from pelayanan.protocol.media import MediaFile

__all__ = ["Addresses", "Containers", "shown"]

_LOOKS = 30


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the platform fetches files.

    Attributes:
        template: Such as ``"https://media.dinsos.example.go.id/{sha256}/{filename}"``: the web
            server that shows the agency's files. Empty where there is none.
    """

    platform: str
    template: str

    def of(self, file: MediaFile) -> str:
        """The address of one file.

        Raises:
            UnsupportedError: None is known, with what to do about it.
        """
        if not self.template:
            raise UnsupportedError(
                f"{self.platform} fetches files from an address and takes no bytes: put them on a "
                'public web server and set media_url = "https://.../{sha256}/{filename}"'
            )
        name = quote(file.filename, safe="")
        return self.template.format(sha256=file.sha256, filename=name)


@dataclass(frozen=True, slots=True)
class Containers:
    """Makes containers and publishes them.

    Attributes:
        make_path: Of the call that makes one.
        publish_path: Of the call that publishes one.
        state: Reads the state of a container.
    """

    graph: Graph
    make_path: str
    publish_path: str
    state: Callable[[str, str], Steps[str]]

    def make(self, verb: str, form: dict[str, str]) -> Steps[str]:
        """Make one; nobody sees it, so that doing it twice is harmless."""
        made = yield from self.graph.fetch(
            verb, self.make_path, Made, method="POST", form=form, repeatable=True
        )
        return made.id

    def settle(self, verb: str, containers: Sequence[str]) -> Steps[None]:
        """Wait until the platform has fetched and processed all files.

        Raises:
            RejectedError: It could not use one; nothing was published.
            RateLimitError: It still works on one; nothing was published.
        """
        for container in containers:
            for look in range(_LOOKS):
                state = yield from self.state(verb, container)
                if state in {"FINISHED", "PUBLISHED"}:
                    break
                if state in {"ERROR", "EXPIRED"}:
                    why = f"the platform could not use a file ({state})"
                    raise RejectedError(why, operation=f"{self.graph.name}.{verb}")
                yield from sleep(min(2.0 * (look + 1), 20.0))
            else:
                why = "the platform still works on a file; nothing was published"
                raise RateLimitError(why, operation=f"{self.graph.name}.{verb}", retry_after=300.0)

    def publish(self, verb: str, container: str) -> Steps[str]:
        """Publish one and return what it became; empty where only a look can tell.

        A lost answer is followed by a look at the container: while it is not published, publishing
        it again is harmless.
        """
        try:
            return (yield from self._once(verb, container))
        except (TransportError, ServerError) as error:
            lost = error
        try:
            state = yield from self.state(verb, container)
        except PlatformError:
            raise lost from None
        if state == "PUBLISHED":
            return ""
        return (yield from self._once(verb, container))

    def _once(self, verb: str, container: str) -> Steps[str]:
        params: dict[str, Any] = {"creation_id": container}
        made = yield from self.graph.fetch(
            verb, self.publish_path, Made, method="POST", params=params
        )
        return made.id


class _Standing(Told):
    id: str
    timestamp: Instant
    permalink: str | None = None


def shown(graph: Graph, verb: str, media_id: str, now: datetime) -> Steps[Sent]:
    """A post as it stands; that it has an address is no condition of its being there."""
    with suppress(PlatformError):
        fields = {"fields": "id,timestamp,permalink"}
        post = yield from graph.fetch(verb, media_id, _Standing, params=fields)
        return Sent(id=post.id, at=post.timestamp, url=post.permalink, confirmed=True)
    return Sent(id=media_id, at=now, confirmed=True)
