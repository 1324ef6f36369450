"""Finds what a Page wrote: Facebook keeps no key, so that text and place decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from pelayanan.errors import NotFoundError, PolicyError, UnsupportedError
from pelayanan.models import Mention, Sent
from pelayanan.platforms import _facebook as wire
from pelayanan.platforms._facebook_read import same
from pelayanan.platforms._meta import Graph
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable

__all__ = ["Finder"]

_Answer: TypeAlias = wire.Comment | wire.Message
W = TypeVar("W", bound=wire.Written)

_PAGES = 10  # of a listing that a look-up reads; then a person must look
_MANY = "facebook: too much was written since; a person must look"


class Finder:
    """Looks for answers and posts of one Page."""

    def __init__(self, graph: Graph, page_id: str) -> None:
        self._graph = graph
        self._page_id = page_id

    def reply(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        """An own answer to the message, ``None`` where it certainly does not stand."""
        look = self._said if mention.ref.get("kind") == "chat" else self._below
        found, whole = yield from look(verb, mention)
        after = [one for one in found if one.created_time >= mention.created_at]
        return _decided(after, text, whole=whole)

    def private(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        """The private answer to a public message.

        Raises:
            PolicyError: Facebook allows none, and there is none.
        """
        fields = "can_reply_privately"
        if mention.ref.get("kind") != "post":  # of a post the conversation is not told
            fields += f",private_reply_conversation{{{wire.THREAD}}}"
        params = {"fields": fields}
        state = yield from self._graph.fetch(verb, mention.id, wire.PrivateState, params=params)
        own: list[_Answer] = []
        if (thread := state.private_reply_conversation) is not None:
            own += _own(thread.messages.data, self._page_id)
        elif state.can_reply_privately is False:
            own, _ = yield from self._said(verb, mention)
        if (found := next((one for one in own if same(one.message, text)), None)) is not None:
            return _sent(found)
        if state.can_reply_privately is False:
            error = PolicyError("no private answer is allowed", operation=f"facebook.{verb}")
            error.remedy = "officer: answer in public; one private answer may stand already"
            raise error
        return None

    def publication(self, verb: str, text: str, since: datetime) -> Steps[Sent | None]:
        """An own post with this text, no older than `since`."""
        if not text.strip():
            raise UnsupportedError("facebook keeps no key: without a text a person must look")
        params = {"fields": wire.POST, "limit": 100}
        path = f"{self._page_id}/published_posts"
        for _ in range(_PAGES):
            found = yield from self._graph.fetch(verb, path, wire.Posts, params=params)
            known = [one for one in found.data if not isinstance(one, Unreadable)]
            for one in known:
                if one.created_time >= since and same(one.message, text):
                    return _sent(one)
            if not found.paging.after or any(one.created_time < since for one in known):
                return None
            params["after"] = found.paging.after
        raise UnsupportedError(_MANY)

    def _below(self, verb: str, mention: Mention) -> Steps[tuple[list[_Answer], bool]]:
        """Own comments below the message; an answer to an answer may stand beside it."""
        own: list[_Answer] = []
        whole = True
        order = {"filter": "stream", "order": "reverse_chronological"}
        params = {"fields": wire.COMMENT, "limit": 100, **order}
        for place in filter(None, (mention.id, mention.ref.get("parent", ""))):
            path = f"{place}/comments"
            try:
                found = yield from self._back_to(verb, path, wire.Comments, params, mention)
            except NotFoundError:  # what stood below a message goes with it
                continue
            own += found[0]
            whole &= found[1]
        return own, whole

    def _said(self, verb: str, mention: Mention) -> Steps[tuple[list[_Answer], bool]]:
        """Own messages in the conversation with the author."""
        asked = {"user_id": mention.author.id, "platform": "messenger", "fields": "id"}
        path = f"{self._page_id}/conversations"
        threads = yield from self._graph.fetch(verb, path, wire.Threads, params=asked)
        own: list[_Answer] = []
        whole = True
        params = {"fields": wire.MESSAGE, "limit": 100}
        for thread in threads.data:
            path = f"{thread.id}/messages"
            found = yield from self._back_to(verb, path, wire.Messages, params, mention)
            own += found[0]
            whole &= found[1]
        return own, whole

    def _back_to(
        self,
        verb: str,
        path: str,
        shape: type[wire.Comments] | type[wire.Messages],
        params: dict[str, Any],
        mention: Mention,
    ) -> Steps[tuple[list[_Answer], bool]]:
        """Own ones of a list, newest first, and whether it was read back to the message."""
        own: list[_Answer] = []
        clean, after = True, dict[str, str]()
        for _ in range(_PAGES):
            found = yield from self._graph.fetch(verb, path, shape, params=params | after)
            known = [one for one in found.data if not isinstance(one, Unreadable)]
            clean &= len(known) == len(found.data)
            own += [one for one in known if one.by(self._page_id)]
            reached = any(one.created_time < mention.created_at for one in known)
            if reached or not found.paging.after:
                return own, clean
            after = {"after": found.paging.after}
        return own, False


def _own(found: Sequence[W | Unreadable], page_id: str) -> list[W]:
    return [one for one in found if not isinstance(one, Unreadable) and one.by(page_id)]


def _decided(
    found: Sequence[wire.Comment | wire.Message], text: str, *, whole: bool
) -> Sent | None:
    if text and (one := next((one for one in found if same(one.message, text)), None)):
        return _sent(one)
    if not whole:
        raise UnsupportedError(_MANY)
    if text or not found:
        return None
    if len(found) == 1:
        return _sent(found[0])
    raise UnsupportedError("facebook: several own answers; a person must look which one it is")


def _sent(found: wire.Comment | wire.Message | wire.Post) -> Sent:
    url = None if isinstance(found, wire.Message) else found.permalink_url
    return Sent(id=found.id, at=found.created_time, url=url, confirmed=True)
