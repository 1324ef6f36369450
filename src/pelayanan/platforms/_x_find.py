"""Finds what an account wrote: X keeps no key, so that place and text decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pelayanan.errors import UnsupportedError
from pelayanan.models import Mention, Sent
from pelayanan.platforms._x import (
    Dialect,
    DmEvent,
    Listing,
    MessageListing,
    Post,
    beside,
    dm_fields,
    post_fields,
    told_at,
)
from pelayanan.platforms._x_api import Api, told
from pelayanan.platforms._x_read import (
    Reader,
    message_of,
    own_post,
    replied_to,
    same,
    settled,
    text_of,
)
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable

__all__ = ["Finder"]

S = TypeVar("S")
_PAGES = 10  # of a listing that a look-up reads; then a person must look


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks through the timeline and the conversations of one account."""

    api: Api
    reader: Reader
    dialect: Dialect
    owned: str

    def reply(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        """An own answer to the message, ``None`` where it certainly does not stand.

        Raises:
            UnsupportedError: It cannot be told.
        """
        if mention.private:
            return (yield from self._message(verb, mention, text))
        ids = {mention.id, mention.ref.get("post", mention.id)}
        params: dict[str, Any] = {"since_id": mention.id}
        posts = yield from self._own(verb, params, "retweets")
        answers = [one for one in _readable(posts) if replied_to(one) in ids]
        found = [one for one in answers if not text or same(text_of(one), text)]
        return _only([self._sent(one) for one in found], text, posts)

    def publication(
        self, verb: str, text: str, since: datetime, surely: datetime
    ) -> Steps[Sent | None]:
        """An own post with this text, no older than `since`.

        Args:
            verb: Names the call.
            text: What it says.
            since: How far to look.
            surely: One that is older may be another one with the same words.
        """
        if not text.strip():
            raise UnsupportedError("x keeps no key: without a text a person must look")
        params = {"start_time": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        posts = yield from self._own(verb, params, "replies,retweets")
        found = [self._sent(one) for one in _readable(posts) if same(text_of(one), text)]
        if found and found[0].at < surely:
            raise UnsupportedError("x: an older one says the same; a person must look")
        return _only(found[:1], text, posts)  # the newest

    def _message(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        events = yield from self._conversation(verb, mention)
        me = self.reader.user_id
        own = [one for one in _readable(events) if one.get("sender_id") == me]
        found = [one for one in own if not text or same(message_of(one), text)]
        sent = [Sent(id=one["id"], at=_at(one["id"], mention), confirmed=True) for one in found]
        return _only(sent, text, events)

    def _own(
        self, verb: str, params: dict[str, Any], exclude: str
    ) -> Steps[list[Post | Unreadable]]:
        """All own posts that the parameters allow, newest first."""
        asked = {**post_fields(self.dialect), **params, "exclude": exclude}
        known: list[Post | Unreadable] = []
        for _ in range(_PAGES):
            kinds = (self.owned, *beside(self.dialect))
            size = self.api.spending.items(verb, kinds, 100, 5, answering=True)
            call = self.api.request(
                verb,
                f"users/{self.reader.user_id}/tweets",
                "timeline",
                params={**asked, "max_results": size},
            )
            found = yield from self.api.read(
                call,
                Listing,
                lambda page: told(self.owned, page.get("data") or (), page.get("includes")),
            )
            known += settled(found.get("data") or (), found.get("includes"))
            place = (found.get("meta") or {}).get("next_token")
            if not place:
                return known
            asked["pagination_token"] = place
        raise UnsupportedError("x: too much was published since; a person must look")

    def _conversation(self, verb: str, mention: Mention) -> Steps[list[DmEvent | Unreadable]]:
        """What was said in a conversation since a message, newest first."""
        conversation = mention.ref.get("dm", "")
        group = conversation != "" and "-" not in conversation
        path = f"{conversation}/dm_events" if group else f"with/{mention.author.id}/dm_events"
        asked = dm_fields(self.dialect)
        known: list[DmEvent | Unreadable] = []
        for _ in range(_PAGES):
            size = self.api.spending.items(verb, ("dm_read",), 10, 1, answering=True)
            params = {**asked, "max_results": size}
            call = self.api.request(verb, f"dm_conversations/{path}", "dm_reads", params=params)
            found = yield from self.api.read(
                call,
                MessageListing,
                lambda page: told("dm_read", page.get("data") or (), page.get("includes")),
            )
            page = found.get("data") or ()
            fresh = [one for one in page if _is_after(one, mention)]
            known += fresh
            place = (found.get("meta") or {}).get("next_token")
            if not place or len(fresh) < len(page):
                return known
            asked["pagination_token"] = place
        raise UnsupportedError("x: too much was said since; a person must look")

    def _sent(self, post: Post) -> Sent:
        at = post.get("created_at") or told_at(post["id"])
        return own_post(self.reader.username, post["id"], at)


def _readable(found: Sequence[S | Unreadable]) -> list[S]:
    return [one for one in found if not isinstance(one, Unreadable)]


def _only(found: list[Sent], text: str, looked: Sequence[Any]) -> Sent | None:
    """The one that was found; ``None`` only where nothing can hide among what was looked at."""
    if len(found) > 1 and not text:
        raise UnsupportedError("x: several own answers; a person must look which one it is")
    if not found and any(isinstance(one, Unreadable) for one in looked):
        raise UnsupportedError("x: something own cannot be read; a person must look")
    return found[-1] if found else None


def _is_after(one: DmEvent | Unreadable, mention: Mention) -> bool:
    native_id = one.id if isinstance(one, Unreadable) else one["id"]
    return not native_id or _number(native_id) > _number(mention.id)


def _number(native_id: str) -> int:
    return int(native_id) if native_id.isascii() and native_id.isdigit() else 0


def _at(native_id: str, mention: Mention) -> datetime:
    return told_at(native_id) if _number(native_id) else mention.created_at
