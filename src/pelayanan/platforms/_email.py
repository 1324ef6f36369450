"""What a mail says: headers, text and names of attachments, out of bytes that may be anything.

Source: RFC 5322 (mail), 2045 to 2047 (MIME), 2231 (parameters).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Any, TypeAlias, cast

from pelayanan.models import Attachment
from pelayanan.platforms._email_machine import (
    MESSAGE_ID,
    bounce,
    is_automatic,
    is_robot,
    is_submitted_by_machine,
)
from pelayanan.protocol.mail import MailItem
from pelayanan.text.plain import plain_text

__all__ = ["Letter", "UnreadableError", "read_letter", "without_quotes"]

_Part: TypeAlias = "Message[Any, Any]"
_CUT = "[surat besar: isinya ada di kotak surat]"
_DEEP = 30  # parts within parts; nobody writes so
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+")
_LATE, _EARLY = timedelta(days=2), timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail, read.

    Attributes:
        id: The Message-ID without its brackets; made of the bytes where there is none.
        sender: Address in lower case, and the name beside it.
        answer_to: Where an answer goes: Reply-To, else the sender.
        references: Ids of the messages before it, oldest first.
        answers: Id of the message that it answers, empty if none.
        created_at: See `_written`.
        bounce: As `pelayanan.platforms._email_machine.bounce` tells it.
        by_machine: Whether the mail itself says so.
        automatic: Whether a machine wrote it, or a list sent it.
    """

    id: str
    sender: tuple[str, str]
    answer_to: str
    subject: str
    text: str
    created_at: datetime
    references: tuple[str, ...] = ()
    answers: str = ""
    attachments: tuple[Attachment, ...] = ()
    bounce: dict[str, str] = field(default_factory=dict[str, str])
    by_machine: bool = False
    automatic: bool = False

    @property
    def returned(self) -> str:
        """Id of the mail that came back for good, empty if none did."""
        lasting = self.bounce.get("bounce") == "permanent"
        return self.bounce.get("bounced", "") if lasting else ""

    @property
    def thread(self) -> str:
        """Id of the first message of its conversation."""
        return (self.references or (self.answers or self.id,))[0]


class UnreadableError(ValueError):
    """What came is no mail that anybody could answer; the text quotes nothing of it."""


def read_letter(item: MailItem) -> Letter:
    """Read one mail.

    Raises:
        UnreadableError: It has no sender, or cannot be read at all; the text says which.
    """
    try:
        return _read(item)
    except RecursionError:
        raise UnreadableError("parts within parts without end") from None
    except UnreadableError:
        raise
    except Exception as error:  # noqa: BLE001  octets may be anything; its words may quote them
        raise UnreadableError(f"unlike a mail: {type(error).__name__}") from None


def _read(item: MailItem) -> Letter:
    mail: _Part = message_from_bytes(item.content)
    headers = _headers(mail)
    parts = list(_parts(mail, 0))
    senders = [
        pair
        for name in ("from", "sender", "reply-to", "return-path")
        for pair in _people(headers.get(name, []))
    ]
    returned = bounce(mail)
    if not senders:
        if not returned:
            raise UnreadableError("no sender")
        senders = [("mailer-daemon", "")]
    return _letter(item, headers, parts, senders[0], returned)


def _letter(
    item: MailItem,
    headers: dict[str, list[str]],
    parts: list[_Part],
    sender: tuple[str, str],
    returned: dict[str, str],
) -> Letter:
    answers = _ids(headers.get("in-reply-to", []))
    references = _ids(headers.get("references", []))
    before = answers[:1] or references[-1:] or [returned.get("bounced", "")]
    shown = _shown(parts)
    if not shown and len(item.content) < item.size_bytes:  # a photo stood before the text
        shown = _CUT
    replies = _people(headers.get("reply-to", []))
    if replies and is_robot(sender[0]) and not is_robot(replies[0][0]):  # a form on a web site
        sender = replies[0][0], replies[0][1] or sender[1]
    return Letter(
        id=_own_id(headers, item.content),
        sender=sender,
        answer_to=(replies or [sender])[0][0],
        subject=_decoded((headers.get("subject") or [""])[0]),
        text=without_quotes(shown) if before[0] else shown,
        created_at=_written(headers, item.received),
        references=tuple(references),
        answers=before[0],
        attachments=tuple(_attachments(parts, item)),
        bounce=returned,
        by_machine=is_submitted_by_machine(headers),
        automatic=bool(returned) or is_automatic(headers, sender[0]),
    )


def without_quotes(text: str) -> str:
    """Drop the agency's words that a mail program put below or above the citizen's.

    Only one block of ``>`` lines at the beginning or the end goes, with the line that announces
    it; answers between quoted lines keep them, for they would say nothing alone. A text that
    would be empty stays.
    """
    lines = text.strip().splitlines()
    cut = next((place for place in range(len(lines)) if _announces(lines, place)), None)
    if cut:  # not the first line: a text is never emptied
        return "\n".join(lines[:cut]).strip()
    quoted = [place for place, line in enumerate(lines) if line.startswith(">")]
    if not quoted:
        return text.strip()
    first, last = quoted[0], quoted[-1]
    if any(line.strip() for line in lines[first : last + 1] if not line.startswith(">")):
        return text.strip()
    above = first
    while above and not lines[above - 1].strip():
        above -= 1
    for length in (1, 2):  # programs wrap the line that announces
        if above >= length and _WROTE.fullmatch(" ".join(lines[above - length : above]).strip()):
            above -= length
            break
    head, tail = "\n".join(lines[:above]).strip(), "\n".join(lines[last + 1 :]).strip()
    if head and tail and above != first:
        return f"{head}\n\n{tail}" if _is_signature(tail) else text.strip()
    return (head or tail or text.strip()) if not (head and tail) else text.strip()


_WROTE = re.compile(r"(?i)(pada\b.*\bmenulis|on\b.*\bwrote|.*<\S+@\S+>.*\b(menulis|wrote)) ?:")
_OUTLOOK = re.compile(r"(?i)-{3,} ?(original message|pesan asli|forwarded message) ?-{3,}")


def _announces(lines: list[str], place: int) -> bool:
    """Whether all below is quoted without marks, as web mail does when it writes HTML."""
    line = lines[place].strip()
    if _OUTLOOK.fullmatch(line):
        return "original" in line.lower() or "asli" in line.lower()
    below = [each for each in lines[place + 1 :] if each.strip()]
    marked = any(each.startswith(">") for each in below)
    return bool(below) and not marked and "@" in line and _WROTE.fullmatch(line) is not None


def _is_signature(tail: str) -> bool:
    return tail.startswith("--")


def _headers(mail: _Part) -> dict[str, list[str]]:
    """All values by lower-case name; octets outside ASCII are read as UTF-8 or Windows-1252."""
    found: dict[str, list[str]] = {}
    for name, value in cast("Any", mail).raw_items():
        octets = str(value).encode("utf-8", "surrogateescape")
        found.setdefault(name.lower(), []).append(re.sub(r"\r?\n[ \t]?", " ", _string(octets, "")))
    return found


def _string(octets: bytes, charset: str) -> str:
    """Decode, whatever the octets are and whatever the charset claims."""
    if charset.lower() not in {"", "us-ascii", "ascii", "unknown-8bit", "utf-8"}:
        try:
            return octets.decode(charset, "replace").replace("\0", "")
        except (LookupError, ValueError):
            pass  # an unknown charset: guess as if there were none
    try:
        return octets.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace").replace("\0", "")


def _decoded(value: str) -> str:
    """Read the encoded words of a header (RFC 2047)."""
    try:
        chunks = decode_header(value)
    except Exception:  # noqa: BLE001  the parser raises many kinds; the raw words are shown then
        return _clean(value)
    words = [one if isinstance(one, str) else _word(one, charset) for one, charset in chunks]
    return _clean("".join(words)) or _clean(value)


def _word(chunk: bytes, charset: str | None) -> str:
    """One run of a header; a run outside encoded words comes as raw-unicode-escape."""
    if charset is None:
        return chunk.decode("raw-unicode-escape", "replace")
    return _string(chunk, charset)


def _clean(value: str) -> str:
    shown = value.encode("utf-8", "replace").decode()
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", shown).strip()


def _people(values: list[str]) -> list[tuple[str, str]]:
    """Addresses in lower case with their names; what is no address is left out."""
    try:
        pairs = getaddresses(values)
    except Exception:  # noqa: BLE001  as in `_decoded`
        pairs = []
    found = [(address.strip().lower(), _decoded(name)) for name, address in pairs]
    found = [pair for pair in found if _ADDRESS.fullmatch(pair[0])]
    if not found:  # a strict parser gives up at the first oddity
        found = [(address.lower(), "") for value in values for address in _ADDRESS.findall(value)]
    return [(_clean(address), name) for address, name in found]


def _ids(values: list[str]) -> list[str]:
    """Message ids without brackets, each once, in the order given."""
    text = " ".join(values)
    return list(dict.fromkeys(MESSAGE_ID.findall(text) or re.findall(r"[^\s<>]+@[^\s<>]+", text)))


def _own_id(headers: dict[str, list[str]], content: bytes) -> str:
    found = _ids(headers.get("message-id", [])[:1])
    if found and len(found[0]) <= 250 and _clean(found[0]) == found[0]:
        return found[0]
    return f"{sha256(content).hexdigest()[:40]}@no-message-id.invalid"


def _written(headers: dict[str, list[str]], kept: datetime) -> datetime:
    """When the citizen sent it: the Date header, where the receiving server bears it out.

    The server's time is its newest Received line, else when the mail came into the folder: a
    folder that was moved has the day of the move. A Date after that, or two days before it, is
    a wrong clock (mail that waited longer than two days was not on its way but unsent).
    """
    lines = headers.get("received", [])
    received = (_instant(lines[0].rpartition(";")[2]) if lines else None) or kept
    written = _instant((headers.get("date") or [""])[0])
    if written is None or not received - _LATE <= written <= received + _EARLY:
        return received
    return written


def _instant(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except Exception:  # noqa: BLE001  dates in mails break the parser in many ways
        return None


def _parts(mail: _Part, depth: int) -> Iterator[_Part]:
    """The parts to show or to list: of alternatives only one, and no parts of attached mails."""
    payload: Any = mail.get_payload()
    if not isinstance(payload, list) or mail.get_content_maintype() != "multipart":
        yield mail
        return
    if depth > _DEEP:
        raise RecursionError
    below = [list(_parts(part, depth + 1)) for part in cast("list[_Part]", payload)]
    if mail.get_content_subtype() == "alternative":
        below = _chosen(below)
    for parts in below:
        yield from parts


def _chosen(alternatives: list[list[_Part]]) -> list[list[_Part]]:
    """The plain alternative if it says anything, and the attachments of all."""
    texts = [parts for parts in alternatives if any(_is_text(part) for part in parts)]
    plain = [p for p in texts if any(_kind(part) == "text/plain" and _text(part) for part in p)]
    chosen = (plain or texts[-1:])[:1]
    others = [[part for part in p if not _is_text(part)] for p in alternatives if p not in chosen]
    return chosen + others


def _kind(part: _Part) -> str:
    return part.get_content_type()


def _is_text(part: _Part) -> bool:
    return _kind(part) in {"text/plain", "text/html"} and not _is_attached(part)


def _is_attached(part: _Part) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _shown(parts: list[_Part]) -> str:
    """The text of a mail; where it has none apart, what stands in it as a named text or broken."""
    texts = [part for part in parts if _is_text(part)]
    plain = [_text(part) for part in texts if not _filename(part)]
    named = [_text(part) for part in texts if _filename(part)]
    broken = [_unparted(part) for part in parts]
    found = ("\n\n".join(filter(None, each)) for each in (plain, named, broken))
    return next(filter(None, found), "")


def _unparted(part: _Part) -> str:
    """What claims to have parts and has none: a boundary that stands nowhere."""
    payload: Any = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(payload, str):
        return ""
    text = _string(payload.encode("utf-8", "surrogateescape"), "")
    return text.replace("\r\n", "\n").strip()


def _octets(part: _Part) -> bytes:
    found: Any = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text(part: _Part) -> str:
    text = _string(_octets(part), str(part.get_param("charset") or ""))
    if _kind(part) == "text/html":
        text = plain_text(text)
    return text.replace("\r\n", "\n").replace("\xa0", " ").strip()


def _filename(part: _Part) -> str:
    try:
        return _clean(_decoded(part.get_filename() or ""))
    except Exception:  # noqa: BLE001  broken parameters
        return ""


def _attachments(parts: list[_Part], item: MailItem) -> Iterator[Attachment]:
    """Names, types and sizes; the files themselves stay in the mailbox."""
    for part in parts:
        if _is_text(part) and not _filename(part):
            continue
        if _kind(part) in {"message/delivery-status", "text/rfc822-headers"}:
            continue
        size = len(_octets(part))
        if part is parts[-1] and len(item.content) < item.size_bytes:  # cut off within this one
            size += (item.size_bytes - len(item.content)) * 3 // 4
        yield Attachment(media_type=_kind(part), name=_filename(part), size_bytes=size)
