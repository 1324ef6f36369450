"""Finds what an account wrote: Threads keeps no key, so that text and place decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pelayanan.errors import UnsupportedError
from pelayanan.models import Mention, Sent
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._threads import MEDIA, Media, MediaList, Reader, same
from pelayanan.platforms._threads_lanes import EARLIEST
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable

__all__ = ["Finder"]

_PAGES = 10  # of a listing that a look-up reads; then a person must look


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for replies and posts of one account, in the listings of its own."""

    graph: Graph
    reader: Reader
    own_replies: str

    def reply(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        """An own reply to the message, ``None`` where it certainly does not stand.

        Raises:
            UnsupportedError: It cannot be told.
        """
        found = yield from self._since(verb, self.own_replies, mention.created_at)
        own = [one for one in found if one.replied_to and one.replied_to.id == mention.id]
        for one in own:
            if text and same(one.text or "", text):
                return _sent(one)
        if text or not own:
            return None
        if len(own) == 1:
            return _sent(own[0])
        raise UnsupportedError("threads: several own answers; a person must look which one it is")

    def publication(self, verb: str, text: str, since: datetime) -> Steps[Sent | None]:
        """An own post with this text, no older than `since`."""
        if not text.strip():
            raise UnsupportedError("threads keeps no key: without a text a person must look")
        found = yield from self._since(verb, "threads", since)
        return next((_sent(one) for one in found if same(one.text or "", text)), None)

    def _since(self, verb: str, edge: str, since: datetime) -> Steps[list[Media]]:
        start = max(EARLIEST, int(since.timestamp()))
        params: dict[str, Any] = {"fields": MEDIA, "limit": 100, "since": start}
        path = f"{self.reader.user_id}/{edge}"
        known: list[Media] = []
        for _ in range(_PAGES):
            found = yield from self.graph.fetch(verb, path, MediaList, params=params)
            readable = [one for one in found.data if not isinstance(one, Unreadable)]
            known += [one for one in readable if one.timestamp >= since]
            if len(readable) < len(found.data):
                break
            if not found.paging.after or any(one.timestamp < since for one in readable):
                return known
            params |= {"after": found.paging.after}
        raise UnsupportedError("threads: too much was written since; a person must look")


def _sent(found: Media) -> Sent:
    return Sent(id=found.id, at=found.timestamp, url=found.permalink, confirmed=True)
