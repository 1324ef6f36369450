"""X in memory or in a folder, with citizens, officers, its limits and faults."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pelayanan.platforms._meta_read import as_dict
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Call
from pelayanan.testing._meta import part
from pelayanan.testing._x_server import RefusedError, XServer, problem
from pelayanan.testing._x_world import AGENCY, CONSUMER_SECRET, Json
from pelayanan.testing.fake import Fault, json_answer
from pelayanan.text.weighing import is_sendable

__all__ = ["FakeX"]

_REACH = 800  # mentions that can be listed
_GONE = "You attempted to reply to a Tweet that is deleted or not visible to you."
_UNINVITED = "You can only reply to or quote posts where you are mentioned or are the author."


class FakeX(XServer):
    """The X API v2 for one account: a client's transport, and a source of webhooks.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        username: Of the agency's account.
        consumer_secret: With which webhooks are signed.
        per_page: Most items of a listing.
        enterprise: Whether uninvited answers are taken.
        scopes: Of every token.
        credits: Calls that are paid for until none is left; ``None`` is no end.
    """

    host = "api.x.com"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        username: str = "dinsos_contoh",
        consumer_secret: str = CONSUMER_SECRET,
        per_page: int = 100,
        enterprise: bool = False,
        scopes: str = "tweet.read tweet.write users.read dm.read dm.write media.write",
        credits: int | None = None,  # noqa: A002  as X calls them
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.username = username
        self.consumer_secret = consumer_secret
        self.scopes = scopes
        self._per_page = per_page
        self._enterprise = enterprise
        self.credits = credits

    def respond(self, request: Request) -> Response:
        """Answer one call; headers tell time and budget."""
        headers = {"date": format_datetime(self.clock().astimezone(UTC), usegmt=True)}
        try:
            answer = self._answer(request)
        except RefusedError as refused:
            answer = problem(refused)
        return Response(answer.status, {**headers, **answer.headers}, answer.body)

    def refused_as(self, fault: Fault) -> Response:
        """Errors are problems; a wait is told as a moment in a header."""
        if fault == "broken":
            return problem(RefusedError(503, "service-unavailable"))
        answer = problem(RefusedError(429, "rate-limit-exceeded"))
        if fault != "busy":
            return Response(429, {}, answer.body)
        now = self.clock().astimezone(UTC)
        reset = {"x-rate-limit-reset": str(int(now.timestamp()) + 3)}
        return Response(429, {"date": format_datetime(now, usegmt=True), **reset}, answer.body)

    def _refusal(self, call: Call) -> Response | None:
        if self.strikes("expired_token"):
            return problem(RefusedError(401, "unauthorized"))
        return super()._refusal(call)

    def _answer(self, request: Request) -> Response:
        path = unquote(urlsplit(request.url).path).removeprefix("/2/")
        if path == "oauth2/token":
            return self.exchange(request)
        self.let_in(request)
        for method, pattern, kind, answer in self._routes():
            match = re.fullmatch(pattern, path)
            if match and request.method == method:
                left = self.spend(kind)
                found = answer(request, *match.groups())
                return Response(found.status, {**left, **found.headers}, found.body)
        raise RefusedError(404, "resource-not-found", **_missing("path", path))

    def _routes(self) -> list[tuple[str, str, str, Callable[..., Response]]]:
        return [
            ("GET", "users/me", "", self._me),
            ("GET", r"users/(\d+)/mentions", "mentions", self._mentions),
            ("GET", r"users/(\d+)/tweets", "", self._timeline),
            ("GET", "tweets/search/recent", "search", self._search),
            ("POST", "tweets", "posts", self._create),
            ("GET", "dm_events", "dm_reads", self._events),
            ("GET", r"dm_conversations/with/(\d+)/dm_events", "dm_reads", self._events),
            ("POST", r"dm_conversations/with/(\d+)/messages", "dm_writes", self._say),
            ("POST", "media/upload", "", self.upload),
            ("GET", "media/upload", "", self.status),
            ("POST", "media/upload/initialize", "", self.initialize),
            ("POST", r"media/upload/(\d+)/append", "", self.append),
            ("POST", r"media/upload/(\d+)/finalize", "", self.finalize),
            ("POST", "media/metadata", "", self.alt),
            ("GET", "usage/tweets", "", self._usage),
            ("POST", "webhooks", "", self._register),
            ("POST", "activity/subscriptions", "", self._subscribe),
        ]

    def _me(self, _: Request) -> Response:
        return json_answer({"data": self.person(self.username)})

    def _mentions(self, request: Request, user: str) -> Response:
        self._must_be_us(user)
        posts = [key for key, one in self._posts() if self.names(one, self.username)]
        return self._listed(request, posts[:_REACH])

    def _timeline(self, request: Request, user: str) -> Response:
        self._must_be_us(user)
        without = str(request.params.get("exclude", "")).split(",")
        own = [
            key
            for key, one in self._posts()
            if one["author"] == self.username
            and not (one["on"] and "replies" in without)
            and not (one["again"] and "retweets" in without)
        ]
        return self._listed(request, own)

    def _search(self, request: Request) -> Response:
        words = str(request.params["query"]).casefold().split()
        week = self.clock() - timedelta(days=7)
        found = [
            key
            for key, one in self._posts()
            if datetime.fromisoformat(one["at"]) >= week and _matches(one, words)
        ]
        return self._listed(request, found)

    def _posts(self) -> list[tuple[str, Json]]:
        """All posts, newest first."""
        with self.world() as state:
            return sorted(part(state, "posts").items(), key=lambda each: -int(each[0]))

    def _listed(self, request: Request, ids: list[str]) -> Response:
        params, tweets = request.params, "tweet.fields" in request.params
        since = int(str(params.get("since_id", 0)))
        start = str(params.get("start_time", "")).replace("Z", "+00:00")
        with self.world() as state:
            posts = part(state, "posts")
        if start:
            least = datetime.fromisoformat(start)
            ids = [one for one in ids if datetime.fromisoformat(posts[one]["at"]) >= least]
        ids = [one for one in ids if int(one) > since]
        ids, meta = self._cut(params, ids)
        meta |= {"newest_id": ids[0], "oldest_id": ids[-1]} if ids else {}
        data = [self.shown(one, tweets=tweets) for one in ids]
        if not data:
            return json_answer({"meta": meta})
        people = dict.fromkeys(posts[one]["author"] for one in ids)
        keys = [key for one in ids for key in posts[one]["media"]]
        with self.world() as state:
            media = [_shown(part(state, "media")[key]) for key in keys]
        includes: Json = {"users": [self.person(name) for name in people]}
        includes |= {"media": media} if media else {}
        if "referenced_posts" in str(params.get("expansions", "")):
            above = dict.fromkeys(
                to for one in ids for to in (posts[one]["on"], posts[one]["quote"])
            )
            includes |= {"posts": [self.shown(one) for one in above if one in posts]}
        return json_answer({"data": data, "includes": includes, "meta": meta})

    def _cut(self, params: Mapping[str, Any], ids: list[str]) -> tuple[list[str], Json]:
        """One page; places are names of the next item."""
        place = str(params.get("pagination_token") or params.get("next_token") or "")
        if place and not place.startswith("tempat-halaman-"):
            raise RefusedError(400, "invalid-request")
        below = int(place.rpartition("-")[2]) if place else 2**63
        ids = [one for one in ids if int(one) <= below]
        size = min(int(params.get("max_results", 10)), self._per_page)
        page, rest = ids[:size], ids[size:]
        meta: Json = {"result_count": len(page)}
        meta |= {"next_token": f"tempat-halaman-{rest[0]}"} if rest else {}
        if page and self.strikes("duplicate"):
            page = [page[0], *page]
        return page, meta

    def _create(self, request: Request) -> Response:
        body = as_dict(request.json)
        text, on = (
            str(body.get("text", "")),
            self.version(str(as_dict(body.get("reply")).get("in_reply_to_tweet_id", ""))),
        )
        media = tuple(map(str, as_dict(body.get("media")).get("media_ids", ())))
        if not media and not is_sendable(text):
            return json_answer({"errors": [{"code": 186, "message": "kata-kata X"}]}, 403)
        with self.world() as state:
            posts = part(state, "posts")
            day = self.clock() - timedelta(days=1)
            for one in posts.values():
                again = one.get("sent") == text and datetime.fromisoformat(one["at"]) > day
                if text and again:
                    detail = "You are not allowed to create a Tweet with duplicate content."
                    raise RefusedError(403, "about:blank", detail=detail)
            if on and on not in posts:
                raise RefusedError(403, "about:blank", detail=_GONE)
            if on and not self._invited(posts, on):
                raise RefusedError(403, "about:blank", detail=_UNINVITED)
            keys = [part(state, "uploads")[one]["media_key"] for one in media]
            named = (
                f"@{posts[on]['author']} " if on and posts[on]["author"] != self.username else ""
            )
            post_id = self.write(self.username, f"{named}{text}", on=on, media=tuple(keys))
            posts[post_id]["sent"] = text
        return json_answer({"data": {"id": post_id, "text": text}}, 201)

    def _invited(self, posts: Json, on: str) -> bool:
        one = posts[on]
        quoted = posts.get(one["quote"], {}).get("author") == self.username
        own = one["author"] == self.username
        return self._enterprise or own or quoted or self.names(one, self.username)

    def _events(self, request: Request, partner: str = "") -> Response:
        month = self.clock() - timedelta(days=30)
        with self.world() as state:
            every = part(state, "messages")
        ours = {
            key: one
            for key, one in every.items()
            if datetime.fromisoformat(one["at"]) >= month
            and self.username in {one["author"], one["to"]}
            and (not partner or partner in one["conversation"].split("-"))
        }
        ids, meta = self._cut(request.params, sorted(ours, key=int, reverse=True))
        data = [
            {
                "id": key,
                "event_type": "MessageCreate",
                "text": ours[key]["text"].replace("&", "&amp;").replace("<", "&lt;"),
                "sender_id": self.user_id(ours[key]["author"]),
                "dm_conversation_id": ours[key]["conversation"],
                "created_at": ours[key]["at"].replace("+00:00", "Z"),
            }
            for key in ids
        ]
        if not data:
            return json_answer({"meta": meta})
        people = dict.fromkeys(ours[key]["author"] for key in ids)
        includes = {"users": [self.person(name) for name in people]}
        return json_answer({"data": data, "includes": includes, "meta": meta})

    def _say(self, request: Request, partner: str) -> Response:
        with self.world() as state:
            users = {number: name for name, number in part(state, "users").items()}
        if partner not in users:
            detail = "You do not have permission to DM one or more participants."
            raise RefusedError(403, "about:blank", detail=detail)
        text = str(as_dict(request.json)["text"])
        event = self.whisper(self.username, users[partner], text)
        with self.world() as state:
            conversation = part(state, "messages")[event]["conversation"]
        told = {"dm_conversation_id": conversation, "dm_event_id": event}
        return json_answer({"data": told}, 201)

    def _usage(self, _: Request) -> Response:
        told = {"project_id": "1", "project_usage": "120", "project_cap": "3000000"}
        return json_answer({"data": {**told, "cap_reset_day": 1}})

    def _register(self, request: Request) -> Response:
        with self.world() as state:
            made = f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            known = {"id": self.next_id(), "url": as_dict(request.json)["url"]}
            state["webhook"] = {**known, "created_at": made, "valid": True}
            return json_answer({"data": state["webhook"]})

    def _subscribe(self, request: Request) -> Response:
        body = as_dict(request.json)
        with self.world() as state:
            state.setdefault("subscriptions", []).append(body["event_type"])
        made = {"subscription_id": self.next_id(), "event_type": body["event_type"]}
        return json_answer({"data": {"subscription": made}})

    def _must_be_us(self, user: str) -> None:
        if user != AGENCY:
            raise RefusedError(404, "resource-not-found", **_missing("id", user))


def _matches(post: Json, words: list[str]) -> bool:
    """Whether a post fits a query: words, hashtags, and what it must not have."""
    text, author = post["typed"].casefold(), post["author"].casefold()
    for word in words:
        if word == "-is:retweet":
            hit = not post["again"]
        elif word.startswith("-from:"):
            hit = author != word[6:]
        elif word.startswith("-@"):
            hit = re.search(rf"{re.escape(word[1:])}\b", text) is None
        else:
            hit = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
        if not hit:
            return False
    return True


def _shown(media: Json) -> Json:
    return {key: media[key] for key in ("media_key", "type", "url", "alt_text") if key in media}


def _missing(parameter: str, value: str) -> Json:
    return {"resource_type": "user", "parameter": parameter, "value": value}
