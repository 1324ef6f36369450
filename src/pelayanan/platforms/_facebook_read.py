"""Turns what Facebook lists into the vocabulary."""

from collections.abc import Iterator, Sequence

from pelayanan.models import Answer, Attachment, Author, Mention
from pelayanan.platforms._facebook import Comment, Message, Person, Post
from pelayanan.platforms._meta_read import as_dict, as_text
from pelayanan.protocol.page import Unreadable

__all__ = [
    "author",
    "chat_answers",
    "chat_mentions",
    "comment_answer",
    "comment_mention",
    "is_unnamed",
    "post_mention",
    "same",
]

_UNNAMED = "anon:"


def author(person: Person | None, message_id: str) -> Author:
    """Who wrote; people whom Meta does not name stay apart from each other."""
    if person is None:
        return Author(id=f"{_UNNAMED}{message_id}", handle="")
    return Author(id=person.id, handle=person.id, name=person.name)


def is_unnamed(who: Author) -> bool:
    """Whether Meta did not name the author."""
    return who.id.startswith(_UNNAMED)


def post_mention(found: Post) -> Mention:
    """What somebody wrote on the Page's wall, or about it elsewhere."""
    return Mention(
        platform="facebook",
        id=found.id,
        author=author(found.author, found.id),
        text=found.message.strip(),
        created_at=found.created_time,
        url=found.permalink_url,
        thread=found.id,
        ref={"kind": "post"},
    )


def comment_mention(found: Comment, post_id: str) -> Mention:
    """What somebody wrote below a post."""
    parent = found.parent.id if found.parent else ""
    ref = {"kind": "comment", "post": post_id, "parent": parent}
    if found.can_reply_privately is not None:
        ref["private"] = "yes" if found.can_reply_privately else "no"
    return Mention(
        platform="facebook",
        id=found.id,
        author=author(found.author, found.id),
        text=found.message.strip(),
        created_at=found.created_time,
        url=found.permalink_url,
        thread=post_id,
        reply_to=parent,
        attachments=_picture(found),
        ref=ref,
    )


def comment_answer(found: Comment, post_id: str) -> Answer:
    """What the Page wrote below a comment, or below a citizen's post."""
    return Answer(
        platform="facebook",
        id=found.id,
        to=found.parent.id if found.parent else post_id,
        text=found.message.strip(),
        created_at=found.created_time,
        thread=post_id,
        url=found.permalink_url,
    )


def chat_mentions(
    found: Sequence[Message | Unreadable], account: str
) -> Iterator[Mention | Unreadable]:
    """What a person wrote in private."""
    for one in found:
        if isinstance(one, Unreadable):
            yield one
        elif not one.by(account):
            who = author(one.author, one.id)
            yield Mention(
                platform="facebook",
                id=one.id,
                author=who,
                text=one.message.strip(),
                created_at=one.created_time,
                thread=who.id,
                private=True,
                attachments=tuple(_files(one)),
                ref={"kind": "chat"},
            )


def chat_answers(
    found: Sequence[Message | Unreadable], account: str
) -> Iterator[Answer | Unreadable]:
    """What the Page wrote in private: each answers the person's last message before it.

    Where that stands on another page, the conversation is named alone.
    """
    for place, one in enumerate(found):
        if isinstance(one, Unreadable) or not one.by(account):
            continue
        before = (item for item in found[place + 1 :] if not isinstance(item, Unreadable))
        to = next((item for item in before if not item.by(account)), None)
        people = (each for each in one.to.data if not isinstance(each, Unreadable))
        person = next((each.id for each in people if each.id != account), "")
        yield Answer(
            platform="facebook",
            id=one.id,
            to=to.id if to else "",
            text=one.message.strip(),
            created_at=one.created_time,
            thread=author(to.author, to.id).id if to else person,
            private=True,
        )


def same(one: str, other: str) -> bool:
    """Whether two texts say the same; blanks may be lost on the way."""
    return " ".join(one.split()) == " ".join(other.split())


def _picture(found: Comment) -> tuple[Attachment, ...]:
    attached = found.attachment
    if not attached:
        return ()
    image = as_dict(as_dict(attached.get("media")).get("image"))
    url = as_text(image.get("src")) or as_text(attached.get("url"))
    kind = "video/*" if "video" in as_text(attached.get("type")) else "image/*"
    return (Attachment(media_type=kind, url=url),) if url else ()


def _files(found: Message) -> Iterator[Attachment]:
    for file in found.attachments.data:
        if isinstance(file, Unreadable):
            continue
        image = as_text(as_dict(file.get("image_data")).get("url"))
        url = as_text(file.get("file_url")) or image
        kind = as_text(file.get("mime_type")) or "application/octet-stream"
        yield Attachment(media_type=kind, url=url, name=as_text(file.get("name")))
