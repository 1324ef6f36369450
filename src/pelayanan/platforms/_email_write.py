"""Mails to send, as bytes: threading headers, an id of our own, text and attachments."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from hashlib import sha256

from pelayanan.errors import UnsupportedError

__all__ = ["compose", "own_id", "reachable", "reply_subject"]

_WHOLE = SMTP.clone(max_line_length=990)  # a shorter fold breaks long ids into encoded words
_LONGEST = 20  # ids in References; the middle of a longer thread is cut out (RFC 5322, 3.6.4)
_RE = re.compile(r"(?i)\s*(re|bls|balas|balasan)\s*:")


def own_id(address: str, *names: str) -> str:
    """Message-ID without brackets, the same for the same names: how a mail is sent once."""
    digest = sha256("\0".join((address, *names)).encode()).hexdigest()[:40]
    return f"{digest}@{_ascii_domain(address)}"


def reply_subject(subject: str) -> str:
    """The subject with ``Re:`` in front, once."""
    return subject if _RE.match(subject) else f"Re: {subject}".rstrip()


def reachable(address: str) -> str:
    """The address as SMTP spells it.

    Raises:
        UnsupportedError: Letters outside ASCII before the ``@``, which few servers take.
    """
    name, _, _ = address.rpartition("@")
    if not name.isascii() or re.search(r"[\s<>\"]", address):
        raise UnsupportedError("a mail address with letters that mail servers do not take")
    return f"{name}@{_ascii_domain(address)}"


def compose(
    *,
    sender: tuple[str, str],
    to: Sequence[str],
    subject: str,
    text: str,
    at: datetime,
    message_id: str,
    before: Sequence[str] = (),
    attachments: Sequence[tuple[str, str, bytes]] = (),
) -> bytes:
    """Write a mail.

    Args:
        sender: Name and address.
        to: Addresses, each as `reachable` gives it.
        subject: One line; line breaks become spaces.
        text: Plain text.
        at: Its Date.
        message_id: Without brackets.
        before: Ids of its thread, oldest first; the last is the message that it answers.
        attachments: Name, media type and content of each.
    """
    mail = EmailMessage(policy=_WHOLE)
    name, address = sender
    mail["From"] = formataddr((" ".join(name.split()), reachable(address)))
    mail["To"] = ", ".join(to)
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id}>"
    if before:
        mail["In-Reply-To"] = f"<{before[-1]}>"
        kept = before if len(before) <= _LONGEST else [before[0], *before[1 - _LONGEST :]]
        mail["References"] = " ".join(f"<{one}>" for one in kept)
    body = text.replace("\r\n", "\n").rstrip() + "\n"
    mail.set_content(body, cte="7bit" if _is_plain(body) else "quoted-printable")
    for filename, media_type, content in attachments:
        main, _, sub = media_type.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=filename)
    return mail.as_bytes()


def _is_plain(text: str) -> bool:
    return text.isascii() and all(len(line) < 900 for line in text.split("\n"))


def _ascii_domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        raise UnsupportedError("a mail domain that cannot be spelled in ASCII") from None
