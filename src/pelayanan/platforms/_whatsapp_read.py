"""Turns what WhatsApp pushes into the vocabulary."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import from_json

from pelayanan.models import Answer, Attachment, Author, Mention
from pelayanan.platforms._meta_errors import described
from pelayanan.platforms._meta_read import as_dict, as_text
from pelayanan.platforms._whatsapp import Body, Change, Contact, File, Message, Status, Value
from pelayanan.protocol.page import Unreadable, why
from pelayanan.protocol.webhook import Deleted, Delivery, Edited, Elsewhere, Pushed

__all__ = ["events"]

_FILES = ("image", "video", "audio", "document", "sticker")
_SILENT = frozenset({"reaction", "system", "request_welcome"})  # nothing that wants an answer
_STATES: dict[str, Literal["sent", "delivered", "read", "failed"]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
}


def events(body: bytes, phone_number_id: str, media_url: str) -> Iterator[Pushed]:
    """Everything that a body tells about one number.

    Args:
        body: As it came.
        phone_number_id: Ours; one app may serve the numbers of a whole province.
        media_url: Where files are to be had with the token, by their id.
    """
    try:
        entries = Body.model_validate_json(body).entry
    except ValidationError as error:
        yield Unreadable("", why(error))
        return
    for entry in entries:
        if isinstance(entry, Unreadable):
            yield entry
            continue
        for change in entry.changes:
            if isinstance(change, Unreadable):
                yield change
            elif change.field in {"messages", "smb_message_echoes"}:
                yield from _change(change, phone_number_id, media_url)


def _change(change: Change, phone_number_id: str, media_url: str) -> Iterator[Pushed]:
    try:
        value = Value.model_validate(change.value)
    except ValidationError as error:
        yield Unreadable("", why(error))
        return
    if value.metadata.phone_number_id != phone_number_id:
        yield Elsewhere(value.metadata.phone_number_id)
        return
    people = _people(value.contacts)
    for message in value.messages:
        yield from _message(message, people, media_url)
    for echo in value.message_echoes:
        yield from _echo(echo, people)
    for status in value.statuses:
        yield from _status(status)


def _people(contacts: list[Contact | Unreadable]) -> dict[str, Contact]:
    known = [each for each in contacts if not isinstance(each, Unreadable)]
    by_number = {each.wa_id: each for each in known if each.wa_id}
    return by_number | {each.user_id: each for each in known if each.user_id}


def _message(
    found: Message | Unreadable, people: Mapping[str, Contact], media_url: str
) -> Iterator[Pushed]:
    if isinstance(found, Unreadable):
        yield found
    elif found.type == "revoke":
        if original := found.part("revoke").get("original_message_id"):
            yield Deleted(str(original), by_author=True)
    elif found.type == "edit":
        edit = found.part("edit")
        inner: Any = {**as_dict(edit.get("message")), "id": edit.get("original_message_id")}
        inner |= {"timestamp": int(found.timestamp.timestamp()), "from": found.sender}
        try:
            changed = Message.model_validate({**inner, "from_user_id": found.from_user_id})
        except ValidationError as error:
            yield Unreadable(found.id, why(error))
            return
        made = _mention(changed, people, media_url)
        yield made if isinstance(made, Unreadable) else Edited(made)
    elif found.type not in _SILENT:
        yield _mention(found, people, media_url)


def _mention(found: Message, people: Mapping[str, Contact], media_url: str) -> Mention | Unreadable:
    who = people.get(found.from_user_id or "") or people.get(found.sender or "") or Contact()
    number, user_id = found.sender or who.wa_id, found.from_user_id or who.user_id
    person = user_id or number  # a number may be missing, and goes to somebody else one day
    if not person:
        return Unreadable(found.id, "from (missing)")
    return Mention(
        platform="whatsapp",
        id=found.id,
        author=Author(
            id=person, handle=who.profile.username or number or person, name=who.profile.name
        ),
        text=_text(found),
        created_at=found.timestamp,
        thread=number or person,  # by which echoes name whom they are to
        reply_to=(found.context and found.context.id) or "",
        private=True,
        attachments=_files(found, media_url),
        ref={"to": number or "", "user_id": user_id or ""},
    )


def _echo(found: Message | Unreadable, people: Mapping[str, Contact]) -> Iterator[Pushed]:
    """What was typed in the WhatsApp Business app on the agency's own number."""
    if isinstance(found, Unreadable):
        yield found
    elif found.type == "revoke":
        if original := found.part("revoke").get("original_message_id"):
            yield Deleted(str(original), by_author=True)
    elif found.type not in _SILENT and found.type != "edit":
        who = people.get(found.to or "") or people.get(found.to_user_id or "") or Contact()
        yield Answer(
            platform="whatsapp",
            id=found.id,
            to=(found.context and found.context.id) or "",
            text=_text(found),
            created_at=found.timestamp,
            thread=found.to or who.wa_id or found.to_user_id or "",
            private=True,
        )


def _status(found: Status | Unreadable) -> Iterator[Pushed]:
    if isinstance(found, Unreadable):
        yield found
    elif state := _STATES.get(found.status):
        reason, remedy = described(found.errors[0].code) if found.errors else ("", "")
        yield Delivery(
            id=found.id,
            state=state,
            at=found.timestamp,
            key=found.biz_opaque_callback_data,
            reason=reason,
            remedy=remedy,
        )


def _files(found: Message, media_url: str) -> tuple[Attachment, ...]:
    if found.type not in _FILES:
        return ()
    try:
        file = File.model_validate(found.part(found.type))
    except ValidationError:
        return ()
    url = f"{media_url}/{file.id}" if file.id else ""
    return (Attachment(media_type=file.mime_type, url=url, name=file.filename),)


def _form(part: Mapping[str, Any]) -> str:
    """What was filled into a form (a flow), line by line."""
    try:
        given = from_json(as_text(as_dict(part.get("nfm_reply")).get("response_json")))
    except ValueError:
        return ""
    told = {name: value for name, value in as_dict(given).items() if name != "flow_token"}
    said = {name: it for name, it in told.items() if isinstance(it, (str, int, float)) and it != ""}
    return "\n".join(f"{name}: {value}" for name, value in said.items())


def _text(found: Message) -> str:
    """What a message says; one that says nothing in words is named, so that nobody misses it."""
    part = found.part(found.type)
    if found.type in _FILES:
        return as_text(part.get("caption"))
    if found.type == "interactive":
        kind = part.get("list_reply") or part.get("button_reply")
        return as_text(as_dict(kind).get("title")) or _form(part) or "[pilihan]"
    if found.type == "location":
        named = [as_text(part.get(name)) for name in ("name", "address")]
        place = f"({part.get('latitude', '?')}, {part.get('longitude', '?')})"
        return " ".join(["Lokasi:", *filter(None, named), place])
    for name in ("body", "text"):
        if words := as_text(part.get(name)):
            return words
    return {"contacts": "[kartu kontak]", "order": "[pesanan]"}.get(
        found.type, f"[pesan jenis {found.type[:40]}]"
    )
