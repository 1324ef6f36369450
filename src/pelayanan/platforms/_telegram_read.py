"""Turns what Telegram tells into the vocabulary."""

import re
from collections.abc import Sequence
from typing import Any

from pelayanan.models import Mention
from pelayanan.platforms._telegram import Chat, Entity, File, Message, Person, Update, User, told
from pelayanan.protocol.page import Unreadable

__all__ = ["message_id", "read_update", "web_url"]

_KINDS = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "sticker": "image/webp",
    "document": "application/octet-stream",
}
_SHARED = ("title", "address", "first_name", "last_name", "phone_number", "question")
_START = re.compile(r"/start(@\w+)?( [\w-]{1,64})?", re.ASCII)  # what the app sends by itself
_OTHER = ("checklist", "paid_media", "rich_message", "story")


def message_id(chat: int, message: int, business: str | None = None) -> str:
    """A name that is unique: numbers of messages are those of their chat.

    A chat of a business account has the number of the person too, and numbers of its own.
    """
    return f"{chat}:{message}@{business}" if business else f"{chat}:{message}"


def web_url(chat: Chat, message: int) -> str | None:
    """Where people see a message; one in a private chat or a basic group has no address."""
    kind = _kind(chat)
    if _is_private(chat):
        return None
    if name := chat.get("username"):
        return f"https://t.me/{name}/{message}"
    inner = str(chat["id"]).removeprefix("-100")
    return f"https://t.me/c/{inner}/{message}" if kind == "supergroup" else None


def read_update(
    update: Update, me: User, *, every: bool, channel: str
) -> Mention | Unreadable | None:
    """The message that an update tells of; ``None`` where nobody addressed the bot.

    Args:
        update: As it came.
        me: The bot.
        every: Whether everything that is said in a group is addressed to the agency.
        channel: The agency's own, with ``@`` or as a number; perhaps empty.
    """
    found = told(update)
    if found is None:
        return None
    if isinstance(found, Unreadable):
        return Unreadable(str(update["update_id"]), found.reason)
    text, files = _text(found), _files(found)
    if _of_ourselves(found, me) or _as_channel(found, channel):
        return None
    if not _addressed(found, text, me, every):
        return None
    if not (text or files):
        return _strange(update, found)
    return _mention(found, text, files)


def _strange(update: Update, found: Message) -> Unreadable | None:
    """What somebody sent and nobody can read here; what only happened in the chat is nothing."""
    sort = next((name for name in _OTHER if found.get(name)), None)
    return Unreadable(str(update["update_id"]), f"{sort} (of a sort not read)") if sort else None


def _kind(chat: Chat) -> str:
    return chat.get("type", "private")


def _is_private(chat: Chat) -> bool:
    """A chat of two, or what somebody writes to a channel and only its admins read."""
    return _kind(chat) == "private" or bool(chat.get("is_direct_messages"))


def _text(found: Message) -> str:
    said = (found.get("text") or found.get("caption") or "").strip()
    if said.startswith("/start") and _kind(found["chat"]) == "private" and _START.fullmatch(said):
        return ""
    if place := found.get("location"):
        said += f"\nLokasi: {place['latitude']:.6f}, {place['longitude']:.6f}"
    if shared := found.get("venue") or found.get("contact") or found.get("poll"):
        said += "\n" + " ".join(str(shared[name]) for name in _SHARED if shared.get(name))
    return said.strip()


def _files(found: Message) -> tuple[dict[str, Any], ...]:
    if _KINDS.keys().isdisjoint(found):
        return ()
    photos = found.get("photo")
    named: dict[str, File | None] = {
        "video": found.get("video"),
        "video_note": found.get("video_note"),
        "animation": found.get("animation"),
        "audio": found.get("audio"),
        "voice": found.get("voice"),
        "sticker": found.get("sticker"),
        "document": None if found.get("animation") else found.get("document"),  # told as both
        "photo": photos[-1] if photos else None,  # the largest comes last
    }
    return tuple(
        {
            "media_type": file.get("mime_type") or _KINDS[name],
            "name": file.get("file_name") or "",
            "alt": file.get("emoji") or "",
            "size_bytes": max(file.get("file_size") or 0, 0),
        }
        for name, file in named.items()
        if file is not None
    )


def _of_ourselves(found: Message, me: User) -> bool:
    """Whether the agency speaks: the bot, the group itself, the owner of a business account."""
    sender, chat, channel = found.get("from"), found["chat"], found.get("sender_chat")
    if sender and sender["id"] == me.id:
        return True
    if found.get("business_connection_id"):
        return not sender or sender["id"] != chat["id"]
    if (topic := found.get("direct_messages_topic")) and (person := topic.get("user")):
        return not sender or sender["id"] != person["id"]
    as_group = channel is not None and channel["id"] == chat["id"]
    return bool(found.get("is_automatic_forward")) or as_group


def _as_channel(found: Message, channel: str) -> bool:
    """Whether an officer speaks as the agency's channel: as configured, or below its own post."""
    if (speaker := found.get("sender_chat")) is None:
        return False
    if channel.casefold() in {str(speaker["id"]), f"@{speaker.get('username') or ''}".casefold()}:
        return True
    answered = found.get("reply_to_message")
    if answered is None or not answered.get("is_automatic_forward"):
        return False
    above = answered.get("sender_chat")
    return above is not None and above["id"] == speaker["id"]


def _addressed(found: Message, text: str, me: User, every: bool) -> bool:  # noqa: FBT001  private
    if _is_private(found["chat"]):
        return True
    if _kind(found["chat"]) not in {"group", "supergroup"}:
        return False
    answered = found.get("reply_to_message")
    sender = answered.get("from") if answered else None
    to_us = bool(
        (answered and answered.get("is_automatic_forward")) or (sender and sender["id"] == me.id)
    )
    entities = [*(found.get("entities") or ()), *(found.get("caption_entities") or ())]
    return every or to_us or _named(text, entities, me)


def _named(text: str, entities: Sequence[Entity], me: User) -> bool:
    if any((user := each.get("user")) and user["id"] == me.id for each in entities):
        return True
    if me.username and re.search(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", text, re.IGNORECASE):
        return True
    first = next(iter(text.split()), "")  # a command without a name is for every bot here
    return first.startswith("/") and "@" not in first and _begins_with_command(entities)


def _begins_with_command(entities: Sequence[Entity]) -> bool:
    return any(each["type"] == "bot_command" and each.get("offset", 0) == 0 for each in entities)


def _mention(found: Message, text: str, files: tuple[dict[str, Any], ...]) -> Mention:
    chat, number, parent = found["chat"], found["message_id"], found.get("reply_to_message")
    business, topic = found.get("business_connection_id"), found.get("message_thread_id")
    own = message_id(chat["id"], number, business)
    reply_to = message_id(chat["id"], parent["message_id"], business) if parent else ""
    ref = {"chat": str(chat["id"]), "message": str(number), "type": _kind(chat)}
    if business:
        ref["business"] = business
    if direct := found.get("direct_messages_topic"):
        ref["person"] = str(direct["topic_id"])
    if topic and found.get("is_topic_message"):
        ref["topic"] = str(topic)
    sender, channel = found.get("from"), found.get("sender_chat")
    return Mention.model_validate(  # with its author in one step: twice as fast as one by one
        {
            "platform": "telegram",
            "id": own,
            "author": _channel(channel) if channel else _person(sender, chat),
            "text": text,
            "created_at": found["date"],
            "url": web_url(chat, number),
            "thread": message_id(chat["id"], topic) if topic else reply_to or own,
            "reply_to": reply_to,
            "private": _is_private(chat),
            "automatic": not channel and sender is not None and sender.get("is_bot", False),
            "attachments": files,
            "ref": ref,
        }
    )


def _channel(chat: Chat) -> dict[str, str]:
    """Somebody who speaks as a channel."""
    name = chat.get("title") or ""
    return {"id": str(chat["id"]), "handle": chat.get("username") or str(chat["id"]), "name": name}


def _person(user: Person | None, chat: Chat) -> dict[str, str]:
    if user is None:
        return {"id": str(chat["id"]), "handle": str(chat["id"])}
    first, last = user.get("first_name", ""), user.get("last_name") or ""
    native = str(user["id"])
    return {
        "id": native,
        "handle": user.get("username") or native,
        "name": f"{first} {last}".strip(),
    }
