"""Turns what Instagram lists into the vocabulary."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pelayanan.models import Answer, Author, Mention
from pelayanan.platforms._instagram import Comment, Media, Person, Said
from pelayanan.protocol.page import Unreadable

__all__ = ["Reader", "addressed", "author", "same", "says"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one account.

    Attributes:
        user_id: The account's.
        username: Without ``@``; Meta gives one person several ids, and one user name.
    """

    user_id: str
    username: str

    def own(self, person: Person | None) -> bool:
        """Whether the account itself wrote it."""
        if person is None:
            return False
        named = person.username.casefold() == self.username.casefold() != ""
        return named or person.id == self.user_id

    def comments(
        self, found: Sequence[Comment | Unreadable], media_id: str
    ) -> Iterator[Mention | Unreadable]:
        """What others wrote below a post, and below comments there."""
        for one in self.flat(found):
            if isinstance(one, Unreadable):
                yield one
            elif not self.own(one.who()):
                yield self.comment(one, media_id)

    def comment(self, found: Comment, media_id: str) -> Mention:
        """One comment."""
        parent = found.parent_id or ""
        return Mention(
            platform="instagram",
            id=found.id,
            author=author(found.who(), found.id),
            text=found.text.strip(),
            created_at=found.timestamp,
            thread=media_id or found.id,
            reply_to=parent,
            ref={"kind": "comment", "media": media_id, "parent": parent},
        )

    def caption(self, found: Media) -> Mention:
        """A post elsewhere whose caption names the account."""
        return Mention(
            platform="instagram",
            id=found.id,
            author=author(Person(username=found.username), found.id),
            text=(found.caption or "").strip(),
            created_at=found.timestamp,
            url=found.permalink,
            thread=found.id,
            ref={"kind": "mention", "media": found.id},
        )

    def answers(
        self, found: Sequence[Comment | Unreadable], media_id: str
    ) -> Iterator[Answer | Unreadable]:
        """What the account wrote below comments."""
        for one in self.flat(found):
            if isinstance(one, Unreadable):
                yield one
            elif self.own(one.who()) and one.parent_id:
                yield Answer(
                    platform="instagram",
                    id=one.id,
                    to=one.parent_id,
                    text=one.text.strip(),
                    created_at=one.timestamp,
                    thread=media_id,
                )

    def said(self, found: Sequence[Said | Unreadable]) -> Iterator[Mention | Unreadable]:
        """What a person wrote in private."""
        for one in found:
            if isinstance(one, Unreadable):
                yield one
            elif not self.own(one.author):
                who = author(one.author or Person(), one.id)
                yield Mention(
                    platform="instagram",
                    id=one.id,
                    author=who,
                    text=one.message.strip(),
                    created_at=one.created_time,
                    thread=who.id,
                    private=True,
                    ref={"kind": "chat"},
                )

    def told(self, found: Sequence[Said | Unreadable]) -> Iterator[Answer | Unreadable]:
        """What the account wrote in private: each answers the person's last message before it.

        Where that stands on another page, the conversation is named alone.
        """
        for place, one in enumerate(found):
            if isinstance(one, Unreadable) or not self.own(one.author):
                continue
            before = (item for item in found[place + 1 :] if not isinstance(item, Unreadable))
            to = next((item for item in before if not self.own(item.author)), None)
            people = (each for each in one.to.data if not isinstance(each, Unreadable))
            person = next((author(each, "").id for each in people if not self.own(each)), "")
            yield Answer(
                platform="instagram",
                id=one.id,
                to=to.id if to else "",
                text=one.message.strip(),
                created_at=one.created_time,
                thread=author(to.author or Person(), to.id).id if to else person,
                private=True,
            )

    def flat(self, found: Sequence[Comment | Unreadable]) -> Iterator[Comment | Unreadable]:
        """Comments and what stands below them; that knows its parent even where none is told."""
        for one in found:
            yield one
            if isinstance(one, Unreadable) or one.replies is None:
                continue
            for below in one.replies.data:
                if isinstance(below, Unreadable):
                    yield below
                else:
                    yield below.model_copy(update={"parent_id": below.parent_id or one.id})


def author(person: Person, message_id: str) -> Author:
    """Who wrote; people whom Meta does not name stay apart from each other."""
    named = f"@{person.username}" if person.username else f"anon:{message_id}"
    return Author(id=person.id or named, handle=person.username)


def addressed(mention: Mention, text: str) -> str:
    """An answer as it stands: with a name before it where all of a thread is on one level."""
    who = mention.author.handle
    apart = mention.ref.get("parent") and who and f"@{who}".casefold() not in text.casefold()
    return f"@{who} {text}" if apart else text


def says(shown: str, mention: Mention, text: str) -> bool:
    """Whether a comment is the answer `text` to a message, also with the person's name before it.

    With another name it answers somebody else in the same thread.
    """
    forms = addressed(mention, text), f"@{mention.author.handle} {text}"
    return any(same(shown, form) for form in forms)


def same(one: str, other: str) -> bool:
    """Whether two texts say the same; blanks may be lost on the way."""
    return " ".join(one.split()) == " ".join(other.split())
