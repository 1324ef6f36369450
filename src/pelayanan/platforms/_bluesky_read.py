"""Turns what Bluesky lists into the vocabulary."""

from collections.abc import Sequence
from itertools import chain

from pelayanan.models import Answer, Attachment, Mention
from pelayanan.platforms._bluesky import POST, Embed, FeedItem, Image
from pelayanan.platforms._bluesky_listing import AuthorDict, Notification
from pelayanan.platforms._bluesky_sweep import Found
from pelayanan.protocol.page import Unreadable

__all__ = ["answers", "mentions", "web_url"]

_REASONS = frozenset({"", "mention", "reply", "quote"})  # "" is left to the server's own filter
_NO_HANDLE = "handle.invalid"  # what servers say where the handle's domain disowns the account
_PICTURES = "https://cdn.bsky.app/img/feed_fullsize/plain"
_VIDEOS = "https://video.bsky.app/watch"


def web_url(uri: str) -> str:
    """Where people see a post."""
    did, _, rkey = uri.removeprefix("at://").partition(f"/{POST}/")
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def mentions(listed: Sequence[Notification | Unreadable], own_did: str) -> list[Found[Mention]]:
    """Messages to the account; its own, and what is no post, is passed over."""
    return [
        Found(item.id, None, item)
        if isinstance(item, Unreadable)
        else Found(
            item["uri"], item["indexedAt"], _mention(item) if _counts(item, own_did) else None
        )
        for item in listed
    ]


def answers(listed: Sequence[FeedItem | Unreadable], own_did: str) -> list[Found[Answer]]:
    """The account's own replies; reposts and posts that answer nobody are passed over."""
    return [
        Found(item.id, None, item)
        if isinstance(item, Unreadable)
        else Found(item.post.uri, item.post.indexedAt, _answer(item, own_did))
        for item in listed
    ]


def _counts(found: Notification, own_did: str) -> bool:
    wanted = found.get("reason", "") in _REASONS and found["record"].get("$type", POST) == POST
    return wanted and found["author"]["did"] != own_did


def _mention(found: Notification) -> Mention:
    author, record, uri = found["author"], found["record"], found["uri"]
    thread, embed = record.get("reply"), record.get("embed")
    root = (thread.get("root") if thread else None) or found
    parent = thread.get("parent") if thread else None
    return Mention.model_validate(  # with its author in one step: twice as fast as one by one
        {
            "platform": "bluesky",
            "id": uri,
            "author": _author(author),
            "text": record["text"],
            "created_at": found["indexedAt"],
            "url": web_url(uri),
            "thread": root["uri"],
            "reply_to": parent["uri"] if parent else "",
            "automatic": _is_machine(author),
            "attachments": tuple(_attachments(embed, author["did"])) if embed else (),
            "ref": {"cid": found["cid"], "root_uri": root["uri"], "root_cid": root["cid"]},
        }
    )


def _author(author: AuthorDict) -> dict[str, str]:
    did, handle = author["did"], author["handle"]
    name = author.get("displayName") or ""
    return {"id": did, "handle": did if handle == _NO_HANDLE else handle, "name": name}


def _is_machine(author: AuthorDict) -> bool:
    """Whether the account says so of itself."""
    labels = author.get("labels")
    if not labels:
        return False
    return any(each["val"] == "bot" and each["src"] == author["did"] for each in labels)


def _attachments(embed: Embed | None, did: str) -> list[Attachment]:
    if embed is None:
        return []
    found = [_picture(each, did) for each in chain(embed.images, embed.items)]
    if (video := embed.video) is not None:
        url = f"{_VIDEOS}/{did}/{video.ref.cid}/playlist.m3u8"
        kind, size = video.mimeType, video.size
        found.append(Attachment(media_type=kind, url=url, alt=embed.alt, size_bytes=size))
    if (card := embed.external) is not None:
        found.append(Attachment(media_type="text/html", url=card.uri, name=card.title))
    return found + _attachments(embed.media, did)


def _picture(found: Image, did: str) -> Attachment:
    blob = found.image
    url = f"{_PICTURES}/{did}/{blob.ref.cid}@jpeg"
    return Attachment(media_type=blob.mimeType, url=url, alt=found.alt, size_bytes=blob.size)


def _answer(item: FeedItem, own_did: str) -> Answer | None:
    post = item.post
    thread = post.record.reply
    if item.reason is not None or post.author.did != own_did or not (thread and thread.parent):
        return None
    return Answer(
        platform="bluesky",
        id=post.uri,
        to=thread.parent.uri,
        text=post.record.text,
        created_at=min(post.record.createdAt, post.indexedAt),
        thread=thread.root.uri if thread.root else thread.parent.uri,
        url=web_url(post.uri),
    )
