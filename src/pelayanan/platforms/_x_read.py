"""Turns posts and direct messages of X into the vocabulary."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from unicodedata import normalize

from pelayanan.models import Answer, Mention, Sent
from pelayanan.platforms._x import DmEvent, Includes, Post, User, Version, told_at
from pelayanan.protocol.page import Unreadable
from pelayanan.text.weighing import links

__all__ = [
    "Around",
    "Reader",
    "address",
    "bare",
    "message_of",
    "own_post",
    "replied_to",
    "same",
    "settled",
    "text_of",
]

_FILES = {"photo": "image/*", "video": "video/*", "animated_gif": "video/*"}
_NAMES = re.compile(r"^(?:@\w+\s+)+")
_SHORT = re.compile(r"https?://t\.co/\w+")
_NOBODY: User = {"id": ""}


class Around:
    """People and files that a page tells beside its items."""

    def __init__(self, includes: Includes | None) -> None:
        told = includes or {}
        users, media = told.get("users") or (), told.get("media") or ()
        self.users = {one["id"]: one for one in users if not isinstance(one, Unreadable)}
        self.media = {
            str(one.get("media_key")): one for one in media if not isinstance(one, Unreadable)
        }

    def author(self, author_id: str) -> dict[str, str]:
        """Who wrote; a deleted account has no name."""
        found = self.users.get(author_id) or _NOBODY
        handle = found.get("username") or ""
        return {"id": author_id, "handle": handle, "name": found.get("name") or ""}

    def files(self, keys: Sequence[str] | None) -> Iterator[dict[str, str]]:
        """What is attached, as far as it is told."""
        for key in keys or ():
            found = self.media.get(key) or {}
            url = found.get("url") or found.get("preview_image_url") or ""
            kind = _FILES.get(found.get("type") or "", "application/octet-stream")
            yield {"media_type": kind, "url": url, "alt": found.get("alt_text") or ""}


class Reader:
    """Reads for one account.

    Args:
        username: Of the account.
        user_id: Empty where it is not known yet.
    """

    def __init__(self, username: str, user_id: str) -> None:
        self.username = username
        self.user_id = user_id

    def mention(self, post: Post, around: Around) -> Mention | Unreadable | None:
        """What somebody wrote; ``None`` where nobody else did, or it only repeats a post."""
        author = post.get("author_id") or ""
        if not author:
            return Unreadable(post["id"], "author_id (missing)")
        if author == self.user_id or (not self.user_id and self._is_us(around.users.get(author))):
            return None
        if (at := post.get("created_at")) is None:
            return self._dated(post, around)
        parent = ""
        for one in post.get("referenced_posts") or post.get("referenced_tweets") or ():
            if (kind := one.get("type")) == "retweeted":
                return None
            parent = one["id"] if kind == "replied_to" else parent
        first = _first_id(post)
        person = around.author(author)
        attached = post.get("attachments")
        return Mention.model_validate(  # with its author in one step: twice as fast
            {
                "platform": "x",
                "id": first,
                "author": person,
                "text": text_of(post),
                "created_at": at,
                "url": address(person["handle"], post["id"]),
                "thread": post.get("conversation_id") or first,
                "reply_to": parent,
                "attachments": tuple(around.files(attached.get("media_keys"))) if attached else (),
                "ref": {"post": post["id"]},
            }
        )

    def _dated(self, post: Post, around: Around) -> Mention | Unreadable | None:
        """A post that tells no time: its id does."""
        at = _written(None, post["id"])
        return (
            at if isinstance(at, Unreadable) else self.mention({**post, "created_at": at}, around)
        )

    def answer(self, post: Post) -> Answer | Unreadable | None:
        """What the account said to somebody else; ``None`` where it did not."""
        to = referred(post, "replied_to")
        author = post.get("author_id") or self.user_id
        if not to or author != self.user_id:
            return None
        at = _written(post.get("created_at"), post["id"])
        if isinstance(at, Unreadable):
            return at
        return Answer(
            platform="x",
            id=_first_id(post),
            to=to,
            text=bare(text_of(post)),
            created_at=at,
            thread=post.get("conversation_id") or to,
            url=address(self.username, post["id"]),
        )

    def message(self, event: DmEvent, around: Around) -> Mention | Unreadable | None:
        """A direct message that somebody else wrote."""
        if event.get("event_type") not in {None, "MessageCreate"}:
            return None
        sender = event.get("sender_id") or ""
        if sender and (sender == self.user_id or self._is_us(around.users.get(sender))):
            return None
        if not sender:
            return Unreadable(event["id"], "sender_id (missing)")
        at = _written(event.get("created_at"), event["id"])
        if isinstance(at, Unreadable):
            return at
        conversation = event.get("dm_conversation_id") or ""
        attached = event.get("attachments")
        return Mention.model_validate(
            {
                "platform": "x",
                "id": event["id"],
                "author": around.author(sender),
                "text": message_of(event),
                "created_at": at,
                "thread": self.peer(conversation) or sender,
                "private": True,
                "attachments": tuple(around.files(attached.get("media_keys"))) if attached else (),
                "ref": {"dm": conversation},
            }
        )

    def said(self, event: DmEvent, before: str = "") -> Answer | Unreadable | None:
        """A direct message of the account itself.

        Args:
            event: The message.
            before: The newest message of somebody else before it, where it is known.
        """
        if event.get("event_type") not in {None, "MessageCreate"}:
            return None
        if not self.user_id or event.get("sender_id") != self.user_id:
            return None
        at = _written(event.get("created_at"), event["id"])
        if isinstance(at, Unreadable):
            return at
        return Answer(
            platform="x",
            id=event["id"],
            to=before,
            text=message_of(event),
            created_at=at,
            thread=self.peer(event.get("dm_conversation_id") or ""),
            private=True,
        )

    def peer(self, conversation: str) -> str:
        """Whom a conversation of two is with; its own name where there are more."""
        one, _, other = conversation.partition("-")
        if not other:
            return conversation
        return other if one == self.user_id else one

    def addressed(self, text: str) -> bool:
        """Whether a text names the account, which X wants before it may be answered."""
        name = re.escape(self.username)
        return re.search(rf"(?<![\w@])@{name}(?!\w)", text, re.IGNORECASE) is not None

    def _is_us(self, user: User | None) -> bool:
        if user is None or self.user_id:
            return False
        return (user.get("username") or "").casefold() == self.username.casefold()


def address(handle: str, post_id: str) -> str:
    """Where people see a post."""
    return f"https://x.com/{handle or 'i'}/status/{post_id}"


def own_post(handle: str, post_id: str, at: datetime) -> Sent:
    """A post of the account itself, below which a long answer may go on."""
    ref = {"post": post_id, "own": "yes"}
    return Sent(id=post_id, at=at, url=address(handle, post_id), confirmed=True, ref=ref)


def referred(post: Post, kind: str) -> str:
    """Id of the post that this one answers, quotes or repeats."""
    for one in post.get("referenced_posts") or post.get("referenced_tweets") or ():
        if one.get("type") == kind:
            return one["id"]
    return ""


def settled(posts: Sequence[Post | Unreadable], beside: Includes | None) -> list[Post | Unreadable]:
    """Posts that answer a message under the id that it has here, whichever of its versions."""
    told = beside or {}
    versions = (*(told.get("posts") or ()), *(told.get("tweets") or ()))
    first = {
        str(one.get("id")): _first_id(one)
        for one in versions
        if not isinstance(one, Unreadable) and _first_id(one) != one.get("id")
    }
    if not first:
        return list(posts)
    return [one if isinstance(one, Unreadable) else _to_first(one, first) for one in posts]


def _to_first(post: Post, first: Mapping[str, str]) -> Post:
    to = replied_to(post)
    if to not in first:
        return post
    return {**post, "referenced_posts": [{"type": "replied_to", "id": first[to]}]}


def replied_to(post: Post) -> str:
    """Id of the post that this one answers."""
    return referred(post, "replied_to")


def bare(text: str) -> str:
    """A text without the names that X puts before an answer."""
    return _NAMES.sub("", text)


def same(one: str, other: str) -> bool:
    """Whether two texts say the same: X shortens links, and puts names before an answer."""
    mine, theirs = (bare(normalize("NFC", each)).split() for each in (one, other))
    return len(mine) == len(theirs) and all(map(_alike, mine, theirs))


def _alike(one: str, other: str) -> bool:
    if one == other or _linked(one) == _linked(other):
        return True
    shortened = bool(_SHORT.search(one)) != bool(_SHORT.search(other))
    return shortened and bool(links(one)) and bool(links(other))


def _linked(word: str) -> str:
    return re.sub(r"https?://", "", word).rstrip("/")  # it may stand in brackets


def _first_id(post: Post | Version) -> str:
    """An edited post has a new id; it is the same message all the same."""
    history = post.get("edit_history_post_ids") or post.get("edit_history_tweet_ids")
    return history[0] if history else post.get("id") or ""


def _written(at: datetime | None, native_id: str) -> datetime | Unreadable:
    if at is not None:
        return at
    try:
        return told_at(native_id)
    except ValueError:
        return Unreadable(native_id, "created_at (missing)")


def text_of(post: Post) -> str:
    """The whole text: a long one stands elsewhere."""
    note = post.get("note_post") or post.get("note_tweet")
    told = note if note and note.get("text") else post
    text, entities = told.get("text") or "", told.get("entities")
    return _plain(text, entities) if entities or "&" in text else text.strip()


def message_of(event: DmEvent) -> str:
    """The whole text of a direct message."""
    return _plain(event.get("text") or "", event.get("entities"))


def _plain(text: str, entities: Mapping[str, Any] | None) -> str:
    """As the citizen typed it: links in full, no address of an attached file, no HTML."""
    text = html.unescape(text) if "&" in text else text  # first: links have signs of their own
    for link in (entities.get("urls") or ()) if entities else ():
        if short := link.get("url"):
            whole = "" if link.get("media_key") else link.get("expanded_url") or short
            text = text.replace(short, whole)
    return text.strip()
