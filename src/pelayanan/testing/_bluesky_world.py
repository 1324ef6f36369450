"""The world of a Bluesky network: who is there, what was posted, who was told of it."""

from bisect import insort
from datetime import datetime, timedelta
from typing import Any, Final

from pelayanan.testing._bluesky import POST, Json, Refused, cid_of, did_of, iso, marks, tid
from pelayanan.testing.fake import Fake

__all__ = ["World", "by_time", "owner", "part"]

_HEARD: Final = 5
"""How far up a thread people are told of a reply: the authors of so many posts above it."""


class World(Fake):
    """What the servers of a network know, without the protocol by which they are asked."""

    def posts(self, handle: str = "") -> list[Json]:
        """All posts, or those of one account, in the order in which they came.

        Each has `uri`, `cid`, `author` (a handle), `record` and `indexedAt`.
        """
        with self.world() as state:
            people = part(state, "people")
            known = [
                {**post, "author": people[owner(post["uri"])]["handle"]}
                for post in part(state, "posts").values()
            ]
        return [post for post in known if handle in {"", post["author"]}]

    def replies(self, uri: str) -> list[Json]:
        """What stands right under a post, in the order in which it came."""
        return [post for post in self.posts() if _parent(post["record"]) == uri]

    def delete(self, uri: str) -> None:
        """Take a post away, as its author does."""
        with self.world() as state:
            del part(state, "posts")[uri]
            for name in ("feeds", "told"):
                for known in part(state, name).values():
                    known[:] = [one for one in known if one[2] != uri]

    def write(self, handle: str, text: str, reply_to: str = "", **how: Any) -> str:
        """Publish in an account's name as Bluesky's app does; see `_Person.post`."""
        with self.world() as state:
            people = part(state, "people")
            known = {one["handle"]: one["did"] for one in people.values()}
            at = how.get("created_at") or self.clock()
            at += timedelta(minutes=10) if self.strikes("clock_skew") else timedelta()
            record: Json = {"$type": POST, "text": text, "createdAt": iso(at), "langs": ["id"]}
            if facets := marks(text, known):
                record["facets"] = facets
            if reply_to:
                record["reply"] = self._thread(reply_to)
            if quote := how.get("quote", ""):
                shown = self._ref(quote)
                record["embed"] = {"$type": "app.bsky.embed.record", "record": shown}
            if pictures := how.get("pictures", ()):
                images = [{"alt": alt, "image": self._blob(alt.encode())} for alt in pictures]
                record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
            return str(self._publish(known[handle], tid(self._next()), record)["uri"])

    def notify(self, did: str, handle: str, reason: str, uri: str, **odd: Any) -> None:
        """Tell an account of something; `odd` replaces parts of the notification."""
        with self.world() as state:
            record: Json = {"$type": f"app.bsky.feed.{reason}", "subject": self._ref(uri)}
            record["createdAt"] = at = iso(self.clock())
            fields = {"uri": f"at://{did_of(handle)}/app.bsky.feed.{reason}/{tid(self._next())}"}
            fields |= {"cid": cid_of(record), "reason": reason, "record": record} | odd
            told = [at, self.number(), fields["uri"], {**fields, "by": did_of(handle)}]
            insort(part(state, "told").setdefault(did, []), told, key=by_time)

    def _account(self, handle: str, **known: str) -> str:
        with self.world() as state:
            fresh = {"did": did_of(handle), "handle": handle, "name": "", "password": ""}
            account = part(state, "people").setdefault(did_of(handle), fresh)
            account.update({name: value for name, value in known.items() if value})
            return str(account["did"])

    def _known(self, name: str) -> Json:
        with self.world() as state:
            people = part(state, "people")
            account: Json | None = people.get(name) or people.get(did_of(name))
        if account is None:
            raise Refused("InvalidRequest", "Unable to resolve handle")
        return account

    def _shown(self, did: str) -> Json:
        return {name: self._known(did)[name] for name in ("did", "handle")}

    def _next(self) -> int:
        """A number for a record key: the time, and larger than the one before."""
        with self.world() as state:
            now = int(self.clock().timestamp() * 1_000_000) << 10
            state["last_key"] = max(now, state.get("last_key", 0) + 1)
            return int(state["last_key"])

    def _publish(self, did: str, rkey: str, record: Json) -> Json:
        with self.world() as state:
            at = min(iso(self.clock()), iso(datetime.fromisoformat(record["createdAt"])))
            uri = f"at://{did}/{POST}/{rkey}"
            post = {"uri": uri, "cid": cid_of(record), "record": record, "indexedAt": at}
            part(state, "posts")[uri] = post
            feed = part(state, "feeds").setdefault(did, [])
            insort(feed, [at, post["cid"], uri], key=by_time)
            for heard, reason in self._hearers(did, record).items():
                told = part(state, "told").setdefault(heard, [])
                entry = [at, self.number(), uri, {"reason": reason, "by": did}]
                insort(told, entry, key=by_time)
            return post

    def _hearers(self, did: str, record: Json) -> dict[str, str]:
        """Who is told of a post, and why: each account once, as the real AppView does."""
        found: dict[str, str] = {}
        for facet in record.get("facets", []):
            for feature in facet["features"]:
                if feature["$type"].endswith("#mention"):
                    found.setdefault(feature["did"], "mention")
        embed = record.get("embed", {})
        if embed.get("$type") == "app.bsky.embed.record":
            found.setdefault(owner(embed["record"]["uri"]), "quote")
        with self.world() as state:
            above = _parent(record)
            for _ in range(_HEARD):
                if (post := part(state, "posts").get(above)) is None:
                    break
                found.setdefault(owner(above), "reply")
                above = _parent(post["record"])
        return {heard: reason for heard, reason in found.items() if heard != did}

    def _thread(self, uri: str) -> Json:
        parent = self._ref(uri)
        with self.world() as state:
            post = part(state, "posts")[uri]
        return {"root": post["record"].get("reply", {}).get("root", parent), "parent": parent}

    def _ref(self, uri: str) -> Json:
        with self.world() as state:
            return {"uri": uri, "cid": part(state, "posts")[uri]["cid"]}

    def _blob(self, content: bytes, kind: str = "image/jpeg") -> Json:
        cid = cid_of(content)
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": len(content)}
        with self.world() as state:
            part(state, "blobs")[cid] = blob
        return blob


def part(state: Json, name: str) -> Json:
    """A named part of the state, made where it is missing."""
    known: Json = state.setdefault(name, {})
    return known


def by_time(entry: list[Any]) -> list[Any]:
    """Order of listings: time, then what tells items of the same time apart."""
    return entry[:2]


def owner(uri: str) -> str:
    """The account that a post belongs to."""
    return uri.split("/")[2]


def _parent(record: Json) -> str:
    return str(record.get("reply", {}).get("parent", {}).get("uri", ""))
