"""What people do on the faked X, and what of it is told by webhook."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from unicodedata import normalize

from pelayanan.platforms._x import id_of
from pelayanan.platforms._x_push import signature
from pelayanan.testing._meta import Webhook, part
from pelayanan.testing.fake import Fake
from pelayanan.text.weighing import links

__all__ = ["CONSUMER_SECRET", "XWorld"]

Json: TypeAlias = dict[str, Any]
CONSUMER_SECRET = "rahasia-konsumen"  # noqa: S105  of a game
AGENCY = "1550000000000000001"


@dataclass(frozen=True, slots=True)
class _Person:
    server: "XWorld"
    name: str

    def post(self, text: str, *, quote: str = "", media: tuple[str, ...] = ()) -> str:
        """Publish a post in the app and return its id."""
        return self.server.write(self.name, text, quote=quote, media=media)

    def reply(self, on: str, text: str) -> str:
        """Answer a post, or a direct message, in the app."""
        if self.server.is_message(on):
            return self.server.whisper(self.name, self.server.partner(on, self.name), text)
        author = self.server.author_of(on)
        named = "" if author == self.name else f"@{author} "
        return self.server.write(self.name, f"{named}{text}", on=on)

    def repost(self, on: str) -> str:
        """Show a post to others without a word."""
        return self.server.write(self.name, f"RT @{self.server.author_of(on)}: ", again=on)

    def message(self, text: str, *, to: str = "") -> str:
        """Write a direct message, by default to the agency."""
        return self.server.whisper(self.name, to or self.server.username, text)

    def edit(self, post_id: str, text: str) -> str:
        """Change a post: X gives it a new id."""
        return self.server.edit(post_id, text)

    def delete(self, post_id: str) -> None:
        """Take a post away."""
        self.server.delete(post_id)


class XWorld(Fake):
    """People, posts and messages around one agency's account."""

    username: str
    consumer_secret: str

    def citizen(self, name: str) -> _Person:
        """Somebody with an account, by user name."""
        return _Person(self, name)

    def officer(self) -> _Person:
        """Somebody of the agency who uses the app."""
        return _Person(self, self.username)

    def user_id(self, name: str) -> str:
        """The number of an account, which comes with its first use."""
        if name == self.username:
            return AGENCY
        with self.world() as state:
            users = part(state, "users")
            if name not in users:
                users[name] = str(int(AGENCY) + 1 + len(users))
            return str(users[name])

    def next_id(self) -> str:
        """An id of this moment, above all others."""
        with self.world() as state:
            fresh = max(id_of(self._now()), int(state.get("last_id", 0)) + 1)
            state["last_id"] = fresh
        return str(fresh)

    def write(
        self,
        name: str,
        text: str,
        *,
        on: str = "",
        quote: str = "",
        again: str = "",
        media: tuple[str, ...] = (),
    ) -> str:
        """Publish a post, and push it to whom it concerns."""
        with self.world() as state:
            posts = part(state, "posts")
            post_id = self.next_id()
            root = posts[on]["root"] if on in posts else ""
            short, urls = self._shortened(normalize("NFC", text), post_id)
            posts[post_id] = {
                "author": name,
                "author_id": self.user_id(name),
                "text": short,
                "typed": text,
                "urls": urls,
                "at": self._now().isoformat(),
                "on": on,
                "quote": quote,
                "again": again,
                "media": list(media),
                "root": root or post_id,
                "history": [post_id],
            }
            self._tell_post(post_id)
            return post_id

    def edit(self, post_id: str, text: str) -> str:
        """Change a post: it has a new id from then on."""
        with self.world() as state:
            posts = part(state, "posts")
            old = posts.pop(post_id)
            fresh = self.next_id()
            short, urls = self._shortened(text, fresh)
            changed = {"text": short, "typed": text, "urls": urls}
            posts[fresh] = {**old, **changed, "history": [*old["history"], fresh]}
            self._tell_post(fresh)
            return fresh

    def version(self, post_id: str) -> str:
        """The id of a post after its last change."""
        with self.world() as state:
            posts = part(state, "posts").items()
            return next((key for key, one in posts if post_id in one["history"]), post_id)

    def delete(self, post_id: str) -> None:
        """Take a post away."""
        with self.world() as state:
            gone = part(state, "posts").pop(post_id)
            if gone["author"] == self.username:
                payload = {"id": post_id, "author_id": AGENCY}
                self._push("post.delete", payload, [gone["author"]])

    def whisper(self, name: str, to: str, text: str) -> str:
        """Write a direct message."""
        with self.world() as state:
            event_id = self.next_id()
            pair = sorted((self.user_id(name), self.user_id(to)), key=int)
            part(state, "messages")[event_id] = {
                "author": name,
                "to": to,
                "text": text,
                "at": self._now().isoformat(),
                "conversation": "-".join(pair),
            }
            kind = "dm.sent" if name == self.username else "dm.received"
            self._push(kind, self._message_pushed(event_id), [])
            return event_id

    def is_message(self, native_id: str) -> bool:
        """Whether an id is that of a direct message."""
        with self.world() as state:
            return native_id in part(state, "messages")

    def partner(self, event_id: str, name: str) -> str:
        """Whom a conversation is with."""
        with self.world() as state:
            known = part(state, "messages")[event_id]
        return str(known["to"] if known["author"] == name else known["author"])

    def author_of(self, post_id: str) -> str:
        """Who wrote a post."""
        with self.world() as state:
            return str(part(state, "posts")[post_id]["author"])

    def names(self, post: Json, name: str) -> bool:
        """Whether a post names an account."""
        return re.search(rf"@{re.escape(name)}\b", post["typed"], re.IGNORECASE) is not None

    @property
    def published(self) -> list[str]:
        """Texts that the agency published or sent, without the names before them."""
        with self.world() as state:
            every = [*part(state, "posts").items(), *part(state, "messages").items()]
        own = sorted((int(key), one) for key, one in every if one["author"] == self.username)
        return [re.sub(r"^(@\w+ )+", "", one.get("typed", one["text"])) for _, one in own]

    def shown(self, post_id: str, *, tweets: bool = False) -> Json:
        """A post as the API shows it, in the present or the older vocabulary."""
        with self.world() as state:
            one = part(state, "posts")[post_id]
        word = "tweet" if tweets else "post"
        kinds = {"replied_to": one["on"], "quoted": one["quote"], "retweeted": one["again"]}
        references = [{"type": kind, "id": to} for kind, to in kinds.items() if to]
        named = [{"start": m.start(), "end": m.end(), "username": m[0][1:]} for m in _named(one)]
        shown: Json = {
            "id": post_id,
            "text": one["text"],
            "author_id": one["author_id"],
            "created_at": _stamp(one["at"]),
            "conversation_id": one["root"],
            f"edit_history_{word}_ids": one["history"],
        }
        shown["entities"] = {"urls": one["urls"]} if one["urls"] else {}
        shown["entities"] |= {"mentions": named} if named else {}
        shown |= {f"referenced_{word}s": references} if references else {}
        shown |= {"attachments": {"media_keys": one["media"]}} if one["media"] else {}
        return shown

    def person(self, name: str) -> Json:
        """An account as the API shows it."""
        return {"id": self.user_id(name), "username": name, "name": f"{name} (contoh)"}

    def webhooks(self, after: int = 0) -> list[Webhook]:
        """All deliveries from number `after` on, oldest first."""
        with self.world() as state:
            bodies = [text.encode() for text in state.get("webhooks", [])[after:]]
        kind = {"Content-Type": "application/json"}
        return [
            Webhook({**kind, "X-Twitter-Webhooks-Signature": signature(self.consumer_secret, b)}, b)
            for b in bodies
        ]

    def _now(self) -> datetime:
        late = timedelta(minutes=10) if self.strikes("clock_skew") else timedelta(0)
        return self.clock().astimezone(UTC) + late

    def _shortened(self, text: str, post_id: str) -> tuple[str, list[Json]]:
        """Links as X shows them, and what they stand for."""
        parts, urls, end = list[str](), list[Json](), 0
        for number, (start, stop) in enumerate(links(text)):
            whole = text[start:stop]
            short = f"https://t.co/{post_id[-6:]}{number:04}"
            full = whole if whole.startswith("http") else f"http://{whole}"
            parts += [html.escape(text[end:start], quote=False), short]
            place = len("".join(parts))
            urls.append(
                {"start": place - len(short), "end": place, "url": short, "expanded_url": full}
            )
            end = stop
        return "".join([*parts, html.escape(text[end:], quote=False)]), urls

    def _tell_post(self, post_id: str) -> None:
        with self.world() as state:
            posts = part(state, "posts")
            one = posts[post_id]
            above = posts.get(one["on"], {}).get("author")
        if one["again"]:
            return
        people = [one["author"], self.username]
        shown = self.shown(post_id, tweets=True)
        if one["author"] == self.username:
            self._push("post.create", shown, people)
            return
        if self.names(one, self.username):
            self._push("post.mention.create", shown, people)
        if above == self.username:
            self._push("post.reply.create", shown, people)

    def _message_pushed(self, event_id: str) -> Json:
        """A direct message as webhooks still wrap it, in the names of the older API."""
        with self.world() as state:
            one = part(state, "messages")[event_id]
        inner = {
            "sender_id": self.user_id(one["author"]),
            "target": {"recipient_id": self.user_id(one["to"])},
            "message_data": {"text": html.escape(one["text"], quote=False)},
        }
        at = int(datetime.fromisoformat(one["at"]).timestamp() * 1000)
        event = {"type": "message_create", "id": event_id, "created_timestamp": str(at)}
        users = {
            self.user_id(name): {"id": self.user_id(name), "name": name, "screen_name": name}
            for name in (one["author"], one["to"])
        }
        return {"direct_message_events": [{**event, "message_create": inner}], "users": users}

    def _push(self, kind: str, payload: Json, people: list[str]) -> None:
        body = {
            "data": {
                "event_uuid": str(self.number()),
                "filter": {"user_id": AGENCY},
                "event_type": kind,
                "tag": kind,
                "payload": payload,
                "includes": {"users": [self.person(name) for name in people]},
            }
        }
        with self.world() as state:
            sent = state.setdefault("webhooks", [])
            sent += [json.dumps(body)] * (2 if self.strikes("duplicate") else 1)


def _named(post: Json) -> Iterator[re.Match[str]]:
    return re.finditer(r"(?<!\w)@\w+", post["text"])


def _stamp(at: str) -> str:
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
