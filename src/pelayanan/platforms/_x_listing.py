"""What X lists for one account: mentions, direct messages, own posts, and a search."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pelayanan.errors import (
    ConfigError,
    PlatformError,
    ReauthRequiredError,
    RejectedError,
    TokenExpiredError,
)
from pelayanan.models import Answer, Mention
from pelayanan.platforms._x import (
    Dialect,
    DmEvent,
    Includes,
    Listing,
    MessageListing,
    Post,
    beside,
    dm_fields,
    id_of,
    post_fields,
    told_at,
)
from pelayanan.platforms._x_api import Api, told
from pelayanan.platforms._x_costs import Paid
from pelayanan.platforms._x_lanes import Lane, Lanes
from pelayanan.platforms._x_read import Around, Reader, settled
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Page, Unreadable, sift
from pelayanan.protocol.request import Request
from pelayanan.protocol.search import Query
from pelayanan.protocol.search_walk import SearchWalk

__all__ = ["Lister"]

_MENTIONS = "x/1"
_ANSWERS = "x.answers/1"
_PAGE = 100
_PEEK = 20  # of messages where a walk before is known: each one costs ten times a post
_QUERY = 512  # characters that a self-serve contract allows
_WEEK = timedelta(days=7)
_MARGIN = timedelta(minutes=1)

L = TypeVar("L", Listing, MessageListing)
W = TypeVar("W", Post, DmEvent)
M = TypeVar("M", Mention, Answer)


class Lister:
    """Lists for one account.

    Args:
        owned: The price of a post that is the account's own, or names it.
        back: How far the first walk goes back.
        search_page: How many results a search asks for at once.
    """

    def __init__(
        self,
        api: Api,
        reader: Reader,
        *,
        dialect: Dialect,
        owned: str,
        direct_messages: bool,
        back: timedelta,
        search_page: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._reader = reader
        self._dialect: Dialect = dialect
        self.owned = owned
        self._messages = ["dm"] if direct_messages else []
        self._back = back
        self._search_page = min(_PAGE, max(10, search_page))
        self._clock = clock

    def mentions(self, cursor: str | None) -> Steps[Page[Mention]]:
        """One page of posts that name the account, or of direct messages."""
        walk = Lanes.resume(_MENTIONS, cursor)
        names = ["mentions", *self._messages]
        name, lane = walk.begin(names, self._clock(), self._back, id_of)
        if name == "dm":
            try:
                events, lane, around = yield from self._events("mentions", lane)
            except PlatformError as refused:
                return _left(_MENTIONS, walk, refused)
            found = [
                one if isinstance(one, Unreadable) else self._reader.message(one, around)
                for one in events
            ]
            return _page(_MENTIONS, walk, name, lane, found)
        posts, lane, included = yield from self._posts("mentions", "mentions", "mentions", lane)
        around = Around(included)
        found = [
            one if isinstance(one, Unreadable) else self._reader.mention(one, around)
            for one in posts
        ]
        return _page(_MENTIONS, walk, name, lane, found)

    def answers(self, cursor: str | None) -> Steps[Page[Answer]]:
        """One page of the account's own answers, public or private."""
        walk = Lanes.resume(_ANSWERS, cursor)
        name, lane = walk.begin(["posts", *self._messages], self._clock(), self._back, id_of)
        if name == "dm":
            try:
                events, lane, _ = yield from self._events("answers", lane)
            except PlatformError as refused:
                return _left(_ANSWERS, walk, refused)
            return _page(_ANSWERS, walk, name, lane, self._said(events))
        own, lane, included = yield from self._posts("answers", "tweets", "timeline", lane)
        posts = settled(own, included)
        found = [one if isinstance(one, Unreadable) else self._reader.answer(one) for one in posts]
        return _page(_ANSWERS, walk, name, lane, found)

    def search(self, query: str, cursor: str | None) -> Steps[Page[Mention]]:
        """One page of what is said with these words by others, to nobody."""
        asked = Query.of(query)
        form = asked.form("x")
        walk = SearchWalk.resume(form, cursor)
        name = self._reader.username
        words = f"{asked.text} -is:retweet -from:{name} -@{name}"
        if len(words) > _QUERY:
            raise ConfigError(f"a search on X takes {_QUERY} characters: watch fewer words at once")
        kinds = ("post_read", "user_read", *beside(self._dialect))
        size = self._api.spending.items("search", kinds, self._search_page, 10)
        now = self._clock()
        params: dict[str, Any] = {**post_fields(self._dialect), "query": words, "max_results": size}
        if walk.mark is not None and walk.floor(now) > now - _WEEK + _MARGIN:
            params["start_time"] = _stamp(walk.floor(now))

        def ask(place: str | None) -> Request:
            asked = params | ({"next_token": place} if place else {})
            return self._api.request("search", "tweets/search/recent", "search", params=asked)

        listed, forgotten = yield from self._read(ask, walk.place, Listing, "post_read")
        if forgotten:
            walk = walk.model_copy(update={"place": None})
        around = Around(listed.get("includes"))
        found = [
            one if isinstance(one, Unreadable) else self._heard(one, around)
            for one in listed.get("data") or ()
        ]
        return walk.page(form, found, (listed.get("meta") or {}).get("next_token"), now)

    def _heard(self, post: Post, around: Around) -> Mention | Unreadable | None:
        found = self._reader.mention(post, around)
        if isinstance(found, Mention) and not self._reader.addressed(found.text):
            return found.model_copy(update={"ref": {**found.ref, "uninvited": "yes"}})
        return found

    def _posts(
        self, verb: str, edge: str, kind: str, lane: Lane
    ) -> Steps[tuple[Sequence[Post | Unreadable], Lane, Includes | None]]:
        """A page of posts of the account or about it, newest first."""
        authors = ("user_read",) if edge == "mentions" else ()
        kinds = (self.owned, *authors, *beside(self._dialect))
        size = self._api.spending.items(verb, kinds, _PAGE, 5)
        params: dict[str, Any] = {**post_fields(self._dialect), "max_results": size}
        params |= {"exclude": "retweets"} if edge == "tweets" else {}
        if lane.mark:
            params["since_id"] = str(lane.least)
        elif lane.floor:
            params["start_time"] = _stamp(told_at(str(lane.floor)))
        path = f"users/{self._reader.user_id}/{edge}"

        def ask(place: str | None) -> Request:
            more = {"pagination_token": place} if place else {}
            return self._api.request(verb, path, kind, params={**params, **more})

        listed, forgotten = yield from self._read(ask, lane.place, Listing, self.owned)
        lane = lane.again() if forgotten else lane
        found = listed.get("data") or ()
        place = (listed.get("meta") or {}).get("next_token")
        fresh = _untold(found, lane)
        lane = lane.after(_ids(found), place, bounded=True)
        return fresh, lane, listed.get("includes")

    def _events(
        self, verb: str, lane: Lane
    ) -> Steps[tuple[Sequence[DmEvent | Unreadable], Lane, Around]]:
        """A page of direct messages of both sides, newest first, down to the mark."""
        wanted = _PEEK if lane.mark and not lane.place else _PAGE
        size = self._api.spending.items(verb, ("dm_read", "user_read"), wanted, 1)
        params: dict[str, Any] = {**dm_fields(self._dialect), "max_results": size}

        def ask(place: str | None) -> Request:
            more = {"pagination_token": place} if place else {}
            return self._api.request(verb, "dm_events", "dm_reads", params={**params, **more})

        listed, forgotten = yield from self._read(ask, lane.place, MessageListing, "dm_read")
        lane = lane.again() if forgotten else lane
        found = listed.get("data") or ()
        fresh = _untold(found, lane, least=lane.least)
        place = (listed.get("meta") or {}).get("next_token")
        lane = lane.after(_ids(found), place, bounded=False)
        return fresh, lane, Around(listed.get("includes"))

    def _read(
        self, ask: Callable[[str | None], Request], place: str | None, shape: type[L], price: str
    ) -> Steps[tuple[L, bool]]:
        """Ask for a page, and whether X had forgotten the place: then it is the newest one."""
        try:
            return (yield from self._api.read(ask(place), shape, self._paid(price))), False
        except RejectedError as refused:
            if not place or refused.status != 400:
                raise
        return (yield from self._api.read(ask(None), shape, self._paid(price))), True

    def _said(self, events: Sequence[DmEvent | Unreadable]) -> list[Answer | Unreadable | None]:
        """Own messages; each answers the newest one before it, as far as this page goes."""
        newest: dict[str, str] = {}
        found: list[Answer | Unreadable | None] = []
        for one in reversed(events):  # oldest first
            if isinstance(one, Unreadable):
                continue  # told with the messages of citizens
            conversation = one.get("dm_conversation_id") or ""
            if one.get("sender_id") == self._reader.user_id:
                found.append(self._reader.said(one, newest.get(conversation, "")))
            else:
                newest[conversation] = one["id"]
        return found[::-1]

    def _paid(self, kind: str) -> Callable[[Any], Paid]:
        return lambda page: told(kind, page.get("data") or (), page.get("includes"))


def _page(
    form: str, walk: Lanes, name: str, lane: Lane, found: Sequence[M | Unreadable | None]
) -> Page[M]:
    items, unreadable = sift([one for one in reversed(found) if one is not None])
    cursor, more = walk.cursor(form, name, lane)
    return Page(items, cursor, more=more, unreadable=unreadable)


def _left(form: str, walk: Lanes, refused: PlatformError) -> Page[Any]:
    """Direct messages that X does not tell now must not keep public ones from being heard.

    Whatever the reason: a walk that stood still here would never come to the public ones again.
    """
    if isinstance(refused, (TokenExpiredError, ReauthRequiredError)):
        raise refused
    cursor, _ = walk.cursor(form, "dm", None)
    told = f"direct messages: {refused.args[0]}; {refused.remedy}"
    return Page((), cursor, unreadable=(Unreadable("", told),))


def _ids(found: Sequence[Any]) -> list[int]:
    """Ids by which a walk is steered: one that cannot be read might end it too early."""
    told = [one["id"] for one in found if not isinstance(one, Unreadable)]
    return [int(text) for text in told if _is_number(text)]


def _untold(found: Sequence[W | Unreadable], lane: Lane, least: int = 0) -> list[W | Unreadable]:
    """What was not told before; what cannot be read has no place of its own."""
    told = {str(one) for one in lane.told}
    if not told and not least:
        return list(found)
    return [
        one
        for one in found
        if isinstance(one, Unreadable)
        or not (one["id"] in told or (_is_number(one["id"]) and int(one["id"]) <= least))
    ]


def _is_number(native_id: str) -> bool:
    return native_id.isascii() and native_id.isdecimal() and len(native_id) < 20


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
