"""What a fake Instagram knows: posts, comments, conversations, and what it pushes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pelayanan.testing._meta import Json, RefusedError, part, stamp
from pelayanan.testing._meta_containers import ContainerFake

__all__ = ["AGENCY", "InstagramWorld"]

AGENCY = "1060"
_CHAT_S = timedelta(hours=24).total_seconds()
_AGENT_S = timedelta(days=7).total_seconds()
_LONGEST = 2_200


class InstagramWorld(ContainerFake):
    """The state of a network and what changes it; the API is in `FakeInstagram`.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        username: Of the agency's account.
        bare: Whether webhooks stand in their entry, as with Instagram Login.
    """

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        username: str = "dinsos_contoh",
        bare: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock, **more)
        self.username = username
        self._bare = bare

    def person(self, name: str) -> str:
        """A person's id; made where there is none."""
        with self.world() as state:
            people = part(state, "people")
            people.setdefault(name, str(7000 + len(people)))
            return str(people[name])

    def post(self, account: str, text: str) -> str:
        """Publish on the account."""
        with self.world() as state:
            media_id = f"17{self.number():013d}"
            known = {"account": account, "text": text, "at": self.now_s(), "author": self.username}
            part(state, "posts")[media_id] = known
            return media_id

    def publish(self, account: str, container: Json) -> str:
        """Make a post of a container."""
        with self.world():
            media_id = self.post(account, str(container.get("caption", "")))
            container["published"] = media_id
            return media_id

    def comment(self, name: str, on: str, text: str) -> str:
        """Write below a post or a comment; an answer to an answer lands beside it."""
        if not 0 < len(text) <= _LONGEST:
            raise RefusedError(100)
        with self.world() as state:
            posts, comments = part(state, "posts"), part(state, "comments")
            if on not in posts and on not in comments:
                raise RefusedError(100, 33)
            above = comments.get(on)
            media_id = above["media"] if above else on
            comment_id = f"18{self.number():013d}"
            comments[comment_id] = {
                "author": name,
                "media": media_id,
                "parent": (above["parent"] or on) if above else "",
                "text": text,
                "at": self.now_s(),
                "private": False,
            }
            if posts[media_id]["author"] == self.username:
                self._tell_comment(comment_id)
            return comment_id

    def mention(self, name: str, account: str, text: str, below: str) -> str:
        """Name the account in a post of one's own, or below one of somebody else."""
        with self.world() as state:
            posts = part(state, "posts")
            media_id = below or f"17{self.number():013d}"
            if not below:
                known = {"account": "", "text": text, "at": self.now_s(), "author": name}
                posts[media_id] = known
            value = {"media_id": media_id}
            if below:
                value["comment_id"] = self.comment(name, below, text)
            self._tell(account, "mentions", value)
            return value.get("comment_id", media_id)

    def message(self, name: str, account: str, text: str, *, own: bool) -> str:
        """Say something in a private conversation."""
        with self.world() as state:
            mid, at = f"m_{self.number()}", self.now_s()
            known = {"person": name, "account": account, "text": text, "at": at, "own": own}
            part(state, "messages")[mid] = known
            said: Json = {"mid": mid, "text": text} | ({"is_echo": True} if own else {})
            self._tell_message(mid, said)
            return mid

    def unsend(self, mid: str) -> None:
        """Take a private message back."""
        self._tell_message(mid, {"mid": mid, "is_deleted": True})
        with self.world() as state:
            del part(state, "messages")[mid]

    def posts(self, account: str) -> list[str]:
        """Ids of the account's posts, newest first."""
        with self.world() as state:
            known = part(state, "posts")
            return [key for key, one in reversed(known.items()) if one["account"] == account]

    def below(self, on: str) -> list[str]:
        """Ids of what stands directly below a post or comment, newest first."""
        with self.world() as state:
            posts, comments = part(state, "posts"), part(state, "comments")
            if on not in posts and on not in comments:
                raise RefusedError(100, 33)
            return [
                key
                for key, one in reversed(comments.items())
                if on == (one["parent"] or one["media"])
            ]

    def threads(self, account: str, person: str = "") -> list[str]:
        """Ids of private conversations, the one with the newest message first."""
        with self.world() as state:
            known = list(part(state, "messages").values())
        names = [one["person"] for one in reversed(known) if one["account"] == account]
        wanted = [name for name in names if person in {"", self.person(name)}]
        return [f"t_{account}_{name}" for name in dict.fromkeys(wanted)]

    def said(self, thread_id: str) -> list[str]:
        """Ids of the messages of a conversation, newest first."""
        _, account, name = thread_id.split("_", 2)
        with self.world() as state:
            return [
                key
                for key, one in reversed(part(state, "messages").items())
                if (one["account"], one["person"]) == (account, name)
            ]

    @property
    def published(self) -> list[str]:
        """Texts that the agency published, wrote below something, or said in private."""
        with self.world() as state:
            written = [*part(state, "posts").values(), *part(state, "comments").values()]
            said = [one["text"] for one in part(state, "messages").values() if one["own"]]
            return [one["text"] for one in written if one["author"] == self.username] + said

    # ---- as the API shows it

    def post_shown(self, media_id: str) -> Json:
        """A post."""
        with self.world() as state:
            found = part(state, "posts")[media_id]
            below = sum(c["media"] == media_id for c in part(state, "comments").values())
        return {
            "id": media_id,
            "caption": found["text"],
            "timestamp": _time(found),
            "permalink": f"https://www.instagram.com/p/{media_id}/",
            "comments_count": below,
        }

    def comment_shown(self, comment_id: str, *, whole: bool = True) -> Json:
        """A comment, with what stands below it."""
        with self.world() as state:
            found = part(state, "comments")[comment_id]
        shown: Json = {
            "id": comment_id,
            "text": found["text"],
            "timestamp": _time(found),
            "username": found["author"],
            "from": {"id": self.person(found["author"]), "username": found["author"]},
        }
        shown |= {"parent_id": found["parent"]} if found["parent"] else {}
        if whole and (below := self.below(comment_id)):
            replies = [self.comment_shown(one, whole=False) for one in below]
            shown["replies"] = {"data": replies}
        return shown

    def message_shown(self, mid: str) -> Json:
        """A private message."""
        with self.world() as state:
            found = part(state, "messages")[mid]
        name = self.username if found["own"] else found["person"]
        who = {"id": found["account"] if found["own"] else self.person(name), "username": name}
        shown = {"id": mid, "message": found["text"], "created_time": _time(found), "from": who}
        to = self.person(found["person"]) if found["own"] else found["account"]
        return shown | {"to": {"data": [{"id": to}]}}

    def elsewhere(self, on: str) -> Json:
        """A post or comment that names the account."""
        with self.world() as state:
            comment, post = part(state, "comments").get(on), part(state, "posts").get(on)
        if comment is not None:
            shown = self.comment_shown(on, whole=False)
            return {name: shown[name] for name in ("id", "text", "timestamp", "username")}
        if post is None:
            raise RefusedError(100, 33)
        return self.post_shown(on) | {"username": post["author"]}

    # ---- what the account writes

    def below_others(self, given: Json) -> str:
        """An answer below a post of somebody else."""
        on = str(given.get("comment_id") or given.get("media_id"))
        return self.comment(self.username, on, str(given.get("message", "")))

    def send(self, account: str, given: Json) -> Json:
        """A private message: to who wrote, or once to who commented."""
        to, text = given["recipient"], str(given["message"].get("text", ""))
        with self.world() as state:
            if comment_id := to.get("comment_id"):
                found = part(state, "comments").get(comment_id)
                if found is None:
                    raise RefusedError(100, 33)
                if found["private"]:
                    raise RefusedError(10900)
                if self.now_s() - found["at"] >= _AGENT_S:
                    raise RefusedError(10, 2534022)
                found["private"] = True
                mid = self.message(found["author"], account, text, own=True)
                return {"recipient_id": self.person(found["author"]), "message_id": mid}
            people = part(state, "people")
            name = next((key for key, who in people.items() if who == to.get("id")), None)
            said = [m for m in part(state, "messages").values() if m["person"] == name]
            last = max((one["at"] for one in said if not one["own"]), default=0)
            allowed = _AGENT_S if given.get("tag") == "HUMAN_AGENT" else _CHAT_S
            if name is None or self.now_s() - last >= allowed:
                raise RefusedError(10, 2534022)
            mid = self.message(name, account, text, own=True)
            return {"recipient_id": to["id"], "message_id": mid}

    # ---- what is pushed

    def _tell_comment(self, comment_id: str) -> None:
        with self.world() as state:
            found = part(state, "comments")[comment_id]
            account = part(state, "posts")[found["media"]]["account"]
        value: Json = {
            "id": comment_id,
            "text": found["text"],
            "from": {"id": self.person(found["author"]), "username": found["author"]},
            "media": {"id": found["media"], "media_product_type": "FEED"},
        }
        value |= {"parent_id": found["parent"]} if found["parent"] else {}
        self._tell(account, "comments", value)

    def _tell_message(self, mid: str, said: Json) -> None:
        with self.world() as state:
            found = part(state, "messages")[mid]
        person, account = self.person(found["person"]), found["account"]
        sender, recipient = (account, person) if found["own"] else (person, account)
        messaging = {
            "sender": {"id": sender},
            "recipient": {"id": recipient},
            "timestamp": self.now_s() * 1000,
            "message": said,
        }
        entry = {"id": account, "time": self.now_s() * 1000, "messaging": [messaging]}
        self.push({"object": "instagram", "entry": [entry]})

    def _tell(self, account: str, field: str, value: Json) -> None:
        change = {"field": field, "value": value}
        told = change if self._bare else {"changes": [change]}
        entry = {"id": account, "time": self.now_s(), **told}
        self.push({"object": "instagram", "entry": [entry]})


def _time(found: Json) -> str:
    return stamp(datetime.fromtimestamp(found["at"], UTC))
