"""Threads in memory or in a folder, with citizens, officers and faults."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.search import Query
from pelayanan.testing._meta import Json, RefusedError, part, stamp
from pelayanan.testing._meta_containers import ContainerFake
from pelayanan.testing.fake import json_answer
from pelayanan.testing.fake_facebook import cut

__all__ = ["FakeThreads"]

AGENCY = "1060"
_LONGEST = 500
_SHOWN = {"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}


@dataclass(frozen=True, slots=True)
class _Person:
    server: "FakeThreads"
    name: str

    def post(self, text: str) -> str:
        """Publish a post in the app and return its id."""
        return self.server.write(self.name, text)

    def reply(self, on: str, text: str) -> str:
        """Answer a post in the app."""
        return self.server.write(self.name, text, on)

    def delete(self, post_id: str) -> None:
        """Take a post away."""
        self.server.delete(post_id)


class FakeThreads(ContainerFake):
    """The Threads API for one account: a client's transport, and a source of webhooks.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        username: Of the agency's account.
        per_page: Most items of a listing.
    """

    host = "graph.threads.net"
    scopes = (
        "threads_basic",
        "threads_manage_mentions",
        "threads_read_replies",
        "threads_manage_replies",
        "threads_content_publish",
        "threads_keyword_search",
    )

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        username: str = "dinsos_contoh",
        per_page: int = 100,
        **more: Any,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock, **more)
        self.username = username
        self._per_page = per_page

    def citizen(self, name: str) -> _Person:
        """Somebody with an account, by user name."""
        return _Person(self, name)

    def officer(self) -> _Person:
        """Somebody of the agency who uses the app."""
        return _Person(self, self.username)

    def default(self) -> str:
        """The account that any token opens while none is registered."""
        return AGENCY

    def write(self, name: str, text: str, on: str = "", **more: Any) -> str:
        """Publish a post or an answer, and push it to whom it concerns."""
        with self.world() as state:
            posts = part(state, "posts")
            if on and on not in posts:
                raise RefusedError(100, 33)
            post_id = f"180{self.number():013d}"
            root = (posts[on]["root"] or on) if on else ""
            known = {"author": name, "text": text, "at": self.now_s(), "to": on, "root": root}
            posts[post_id] = {**known, **more}
            shown = self.shown(post_id)
            if name == self.username:
                self._tell("interaction", "publish", shown)
            elif root and posts[root]["author"] == self.username:
                self._tell("moderate", "replies", shown)
            elif self._names(text):
                self._tell("interaction", "mentions", shown)
            return post_id

    def delete(self, post_id: str) -> None:
        """Take a post away, with what stands below it."""
        with self.world() as state:
            posts = part(state, "posts")
            own = posts[post_id]["author"] == self.username
            for gone in [k for k, one in posts.items() if post_id in {k, one["to"], one["root"]}]:
                del posts[gone]
            if own:
                when = stamp(self.clock())
                owner = {"owner_id": AGENCY}
                told = {"id": post_id, "deleted_at": when, "owner": owner}
                self._tell("moderate", "delete", told)

    def shown(self, post_id: str) -> Json:
        """A post as the API shows it."""
        with self.world() as state:
            posts = part(state, "posts")
            found = posts[post_id]
            below = any(one["to"] == post_id for one in posts.values())
        media_type = found.get("media_type", "TEXT")
        shown: Json = {
            "id": post_id,
            "text": found["text"],
            "username": found["author"],
            "timestamp": stamp(datetime.fromtimestamp(found["at"], UTC)),
            "permalink": f"https://www.threads.net/@{found['author']}/post/{post_id}",
            "media_product_type": "THREADS",
            "media_type": _SHOWN.get(media_type, media_type),
            "is_reply": bool(found["to"]),
            "has_replies": below,
            "is_reply_owned_by_me": bool(found["to"]) and found["author"] == self.username,
        }
        if found["to"]:
            with self.world() as state:
                root = part(state, "posts")[found["root"]]["author"]
            owner = {"owner_id": AGENCY} if root == self.username else {}
            shown["replied_to"] = {"id": found["to"]}
            shown["root_post"] = {"id": found["root"], "username": root, **owner}
        return shown

    @property
    def published(self) -> list[str]:
        """Texts that the agency published."""
        with self.world() as state:
            written = part(state, "posts").values()
            return [one["text"] for one in written if one["author"] == self.username]

    def route(self, account: str, path: str, request: Request) -> Response:
        """The answer to one call with an account's token."""
        if path == "refresh_access_token":
            return json_answer(self.renewed(str(request.params["access_token"])))
        node, _, edge = path.partition("/")
        if request.method == "POST":
            return json_answer(self._write(account, node, edge, request))
        if node == "keyword_search":
            return json_answer(self._listing(self._search(request), request))
        if edge == "threads_publishing_limit":
            quota = {"quota_usage": 1, "config": {"quota_total": 250}}
            replies = {"reply_quota_usage": 2, "reply_config": {"quota_total": 1000}}
            return json_answer({"data": [{**quota, **replies}]})
        if edge:
            return json_answer(self._listing(self._edge(account, node, edge), request))
        return json_answer(self._node(account, node))

    def _node(self, account: str, node: str) -> Json:
        if node == account:
            return {"id": node, "username": self.username}
        if self.is_container(node):
            return {"id": node, "status": self.state(node)}
        with self.world() as state:
            if node not in part(state, "posts"):
                raise RefusedError(100, 33)
        return self.shown(node)

    def _search(self, request: Request) -> list[str]:
        """Newest first; without the permission only what the account itself wrote."""
        asked = str(request.params["q"])
        if request.params.get("search_mode") == "TAG":
            asked = f"#{asked}"
        query, everybody = Query.of(asked), "threads_keyword_search" in self.scopes
        with self.world() as state:
            posts = part(state, "posts")
            return [
                key
                for key, one in reversed(posts.items())
                if query.fits(one["text"]) and (everybody or one["author"] == self.username)
            ]

    def _edge(self, account: str, node: str, edge: str) -> list[str]:
        with self.world() as state:
            posts: dict[str, Json] = part(state, "posts")
        own = {key for key, one in posts.items() if one["author"] == self.username}
        if node != account and node not in posts:
            raise RefusedError(100, 33)
        wanted: dict[str, Callable[[str, Json], bool]] = {
            "mentions": lambda key, one: key not in own and self._names(one["text"]),
            "threads": lambda key, one: key in own and not one["to"],
            "conversation": lambda _, one: one["root"] == node,
        }
        if edge == "replies" and node == account:
            found: Callable[[str, Json], bool] = lambda key, one: key in own and bool(one["to"])  # noqa: E731  beside its like
        elif edge == "replies":
            found = lambda _, one: one["to"] == node  # noqa: E731  beside its like
        elif edge in wanted:
            found = wanted[edge]
        else:
            raise RefusedError(100)
        return [key for key, one in reversed(posts.items()) if found(key, one)]

    def _listing(self, ids: list[str], request: Request) -> Json:
        since = int(request.params.get("since", 0))  # type: ignore[arg-type]  # never a list
        with self.world() as state:
            posts = part(state, "posts")
            ids = [one for one in ids if posts[one]["at"] >= since]
        limit = int(request.params.get("limit", 25))  # type: ignore[arg-type]  # never a list
        shown = [self.shown(one) for one in ids]
        after = str(request.params.get("after", ""))
        found = cut(shown, min(limit, self._per_page), after)
        if found["data"] and self.strikes("duplicate"):
            found["data"] = [found["data"][0], *found["data"]]
        return found

    def _write(self, account: str, node: str, edge: str, request: Request) -> Json:
        given = self.given(request)
        if node != account or edge not in {"threads", "threads_publish"}:
            raise RefusedError(100)
        if edge == "threads":
            if len(str(given.get("text", ""))) > _LONGEST:
                raise RefusedError(100)
            return self.container(account, given)
        container = self.take(account, given)
        with self.world():
            kind = {"media_type": str(container["media_type"])}
            text, on = str(container.get("text", "")), str(container.get("reply_to_id", ""))
            container["published"] = self.write(self.username, text, on, **kind)
            return {"id": container["published"]}

    def _names(self, text: str) -> bool:
        return re.search(rf"@{re.escape(self.username)}\b", text) is not None

    def _tell(self, topic: str, field: str, value: Json) -> None:
        body = {
            "app_id": "123456",
            "topic": topic,
            "target_id": value["id"],
            "time": self.now_s(),
            "subscription_id": "234567",
            "has_uid_field": False,
            "values": {"value": value, "field": field},
        }
        self.push(body)
