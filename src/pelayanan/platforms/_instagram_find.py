"""Finds what an account wrote: Instagram keeps no key, so that text and place decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pelayanan.errors import NotFoundError, UnsupportedError
from pelayanan.models import Mention, Sent
from pelayanan.platforms import _instagram as wire
from pelayanan.platforms._instagram_read import Reader, same, says
from pelayanan.platforms._meta import Graph
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable

__all__ = ["Finder"]

_PAGES = 10  # of a listing that a look-up reads; then a person must look
_MANY = "instagram: too much was written since; a person must look"
_ELSEWHERE = "instagram: below posts of others nothing can be looked up; a person must look"


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for answers and posts of one account."""

    graph: Graph
    reader: Reader
    inbox_id: str

    def reply(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        """An own answer to the message, ``None`` where it certainly does not stand.

        Raises:
            UnsupportedError: It cannot be told.
        """
        if mention.ref.get("kind") == "mention":
            raise UnsupportedError(_ELSEWHERE)
        if mention.ref.get("kind") == "chat":
            return (yield from self.said(verb, mention, text))
        own: list[Sent] = []
        params: dict[str, Any] = {"fields": wire.COMMENT, "limit": 50}
        path = f"{mention.ref.get('parent') or mention.id}/replies"
        for _ in range(_PAGES):
            try:
                found = yield from self.graph.fetch(verb, path, wire.Comments, params=params)
            except NotFoundError:  # what stood below a message goes with it
                return None
            for one in found.data:
                mine = not isinstance(one, Unreadable) and self.reader.own(one.who())
                if isinstance(one, Unreadable) or not mine or one.timestamp < mention.created_at:
                    continue
                sent = Sent(id=one.id, at=one.timestamp, confirmed=True)
                if text and says(one.text, mention, text):
                    return sent
                own.append(sent)
            if not found.paging.after:
                return _decided(own, text)
            params |= {"after": found.paging.after}
        raise UnsupportedError(_MANY)

    def said(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        """An own private message to the author, no older than the message."""
        asked = {"user_id": mention.author.id, "platform": "instagram", "fields": "id"}
        path = f"{self.inbox_id}/conversations"
        threads = yield from self.graph.fetch(verb, path, wire.Threads, params=asked)
        own: list[Sent] = []
        params = {"fields": wire.MESSAGE, "limit": 20}  # Instagram tells no more of a conversation
        for thread in threads.data:
            path = f"{thread.id}/messages"
            found = yield from self.graph.fetch(verb, path, wire.Messages, params=params)
            known = [one for one in found.data if not isinstance(one, Unreadable)]
            after = [one for one in known if one.created_time >= mention.created_at]
            for one in after:
                if self.reader.own(one.author):
                    sent = Sent(id=one.id, at=one.created_time, confirmed=True)
                    if text and same(one.message, text):
                        return sent
                    own.append(sent)
            if len(known) < len(found.data) or (len(after) == len(known) and found.paging.after):
                raise UnsupportedError(_MANY)
        return _decided(own, text)

    def publication(self, verb: str, text: str, since: datetime) -> Steps[Sent | None]:
        """An own post with this caption, no older than `since`."""
        if not text.strip():
            raise UnsupportedError("instagram keeps no key: without a text a person must look")
        params: dict[str, Any] = {"fields": wire.MEDIA, "limit": 50}
        path = f"{self.reader.user_id}/media"
        for _ in range(_PAGES):
            found = yield from self.graph.fetch(verb, path, wire.MediaList, params=params)
            known = [one for one in found.data if not isinstance(one, Unreadable)]
            for one in known:
                if one.timestamp >= since and same(one.caption or "", text):
                    at, url = one.timestamp, one.permalink
                    return Sent(id=one.id, at=at, url=url, confirmed=True)
            if not found.paging.after or any(one.timestamp < since for one in known):
                return None
            params |= {"after": found.paging.after}
        raise UnsupportedError(_MANY)


def _decided(own: list[Sent], text: str) -> Sent | None:
    if text or not own:
        return None
    if len(own) == 1:
        return own[0]
    raise UnsupportedError("instagram: several own answers; a person must look which one it is")
