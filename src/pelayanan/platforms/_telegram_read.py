"""Turns what Telegram tells into the vocabulary."""

import re
from collections.abc import Sequence

from pydantic import ValidationError

from pelayanan.models import Attachment, Author, Mention
from pelayanan.platforms._telegram import Chat, Entity, File, Message, Update, User
from pelayanan.protocol.page import Unreadable, why

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
_START = re.compile(r"/start(@\w+)?(\s|$)")  # what the app sends when somebody opens the bot


def message_id(chat: int, message: int) -> str:
    """A name that is unique: numbers of messages are those of their chat."""
    return f"{chat}:{message}"


def web_url(chat: Chat, message: int) -> str | None:
    """Where people see a message; one in a private chat or a basic group has no address."""
    if chat.username and chat.type != "private":
        return f"https://t.me/{chat.username}/{message}"
    inner = str(chat.id).removeprefix("-100")
    return f"https://t.me/c/{inner}/{message}" if chat.type == "supergroup" else None


def read_update(update: Update, me: User, *, every: bool) -> Mention | Unreadable | None:
    """The message that an update tells of; ``None`` where nobody addressed the bot.

    Args:
        update: As it came.
        me: The bot.
        every: Whether everything that is said in a group is addressed to the agency.
    """
    if update.told is None:
        return None
    try:
        found = Message.model_validate(update.told)
    except ValidationError as error:
        return Unreadable(str(update.update_id), why(error))
    text, files = _text(found), _files(found)
    if not (text or files) or _of_ourselves(found, me) or not _addressed(found, text, me, every):
        return None
    return _mention(found, text, files)


def _text(found: Message) -> str:
    said = (found.text or found.caption or "").strip()
    if found.chat.type == "private" and _START.match(said):
        return ""
    if (place := found.location) is not None:
        return f"{said}\nLokasi: {place.latitude:.6f}, {place.longitude:.6f}".strip()
    return said


def _files(found: Message) -> tuple[Attachment, ...]:
    named: dict[str, File | None] = {
        name: getattr(found, name) for name in _KINDS if name != "photo"
    }
    if named["animation"]:  # told as a document too
        named["document"] = None
    named["photo"] = found.photo[-1] if found.photo else None  # the largest comes last
    return tuple(
        Attachment(
            media_type=file.mime_type or _KINDS[name],
            name=file.file_name or "",
            alt=file.emoji or "",
            size_bytes=max(file.file_size or 0, 0),
        )
        for name, file in named.items()
        if file is not None
    )


def _of_ourselves(found: Message, me: User) -> bool:
    """Whether the agency speaks: the bot, its channel, the group itself, the account's owner."""
    if found.sender is not None and found.sender.id == me.id:
        return True
    if found.business_connection_id:
        return found.sender is None or found.sender.id != found.chat.id
    as_group = found.sender_chat is not None and found.sender_chat.id == found.chat.id
    return bool(found.is_automatic_forward) or as_group


def _addressed(found: Message, text: str, me: User, every: bool) -> bool:  # noqa: FBT001  private
    if found.chat.type == "private":
        return True
    if found.chat.type not in {"group", "supergroup"}:
        return False
    answered = found.reply_to_message
    to_us = answered is not None and (
        answered.is_automatic_forward
        or (answered.sender is not None and answered.sender.id == me.id)
    )
    return (
        every
        or to_us
        or _named(text, [*(found.entities or ()), *(found.caption_entities or ())], me)
    )


def _named(text: str, entities: Sequence[Entity], me: User) -> bool:
    if any(each.user is not None and each.user.id == me.id for each in entities):
        return True
    if me.username and re.search(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", text, re.IGNORECASE):
        return True
    first = next(iter(text.split()), "")  # a command without a name is for every bot here
    return first.startswith("/") and "@" not in first and _begins_with_command(entities)


def _begins_with_command(entities: Sequence[Entity]) -> bool:
    return any(each.type == "bot_command" and each.offset == 0 for each in entities)


def _mention(found: Message, text: str, files: tuple[Attachment, ...]) -> Mention:
    chat, parent = found.chat.id, found.reply_to_message
    own = message_id(chat, found.message_id)
    reply_to = message_id(chat, parent.message_id) if parent else ""
    root = message_id(chat, found.message_thread_id) if found.message_thread_id else reply_to
    ref = {"chat": str(chat), "message": str(found.message_id), "type": found.chat.type}
    if found.business_connection_id:
        ref["business"] = found.business_connection_id
    return Mention(
        platform="telegram",
        id=own,
        author=_author(found),
        text=text,
        created_at=found.date,
        url=web_url(found.chat, found.message_id),
        thread=root or own,
        reply_to=reply_to,
        private=found.chat.type == "private",
        automatic=found.sender_chat is None and found.sender is not None and found.sender.is_bot,
        attachments=files,
        ref=ref,
    )


def _author(found: Message) -> Author:
    if (chat := found.sender_chat) is not None:  # somebody who speaks as a channel
        return Author(id=str(chat.id), handle=chat.username or str(chat.id), name=chat.title or "")
    if (user := found.sender) is None:
        return Author(id=str(found.chat.id), handle=str(found.chat.id))
    name = " ".join(filter(None, (user.first_name, user.last_name)))
    return Author(id=str(user.id), handle=user.username or str(user.id), name=name)
