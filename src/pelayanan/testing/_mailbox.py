"""Mails that people and servers write around `FakeMailbox`."""

from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

__all__ = ["auto_reply", "bounce", "field", "is_answerable", "letter", "stamped"]


def letter(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    message_id: str,
    headers: Mapping[str, str],
) -> bytes:
    """A mail as a mail program writes it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<{message_id}>"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text + "\n", cte="8bit")
    return mail.as_bytes()


def stamped(*, sender: str, to: str, at: datetime, host: str) -> bytes:
    """What the receiving server puts on top."""
    lines = [
        f"Return-Path: <{sender}>",
        f"Delivered-To: {to}",
        f"Received: from [127.0.0.1] by {host}; {format_datetime(at)}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def bounce(returned: bytes, *, to: str, code: str, at: datetime, host: str, own: str) -> bytes:
    """A report of RFC 3464 that `returned` did not reach `to`."""
    mark = f"part-{own}"
    head, _, _ = returned.partition(b"\r\n\r\n")
    lines = [
        f"From: MAILER-DAEMON@{host} (Mail Delivery System)",
        f"To: {field(returned, 'From')}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{own}@{host}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{mark}"',
        "",
        f"--{mark}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "The mail did not reach its recipient.",
        f"--{mark}",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {host}",
        "",
        f"Final-Recipient: rfc822; {to}",
        "Action: failed",
        f"Status: {code}",
        "",
        f"--{mark}",
        "Content-Type: text/rfc822-headers",
        "",
    ]
    return "\r\n".join(lines).encode() + b"\r\n" + head + f"\r\n--{mark}--\r\n".encode()


def auto_reply(to: bytes, *, sender: str, text: str, at: datetime, message_id: str) -> bytes:
    """What a mailbox of somebody who is away answers by itself."""
    subject = f"Automatic reply: {field(to, 'Subject')}"
    headers = {"In-Reply-To": field(to, "Message-ID"), "Auto-Submitted": "auto-replied"}
    return letter(
        sender=sender,
        to=parseaddr(field(to, "From"))[1],
        subject=subject,
        text=text,
        at=at,
        message_id=message_id,
        headers=headers,
    )


def field(octets: bytes, name: str) -> str:
    """One header of a mail, as it stands; empty if there is none."""
    return " ".join(str(message_from_bytes(octets).get(name, "")).split())


def is_answerable(octets: bytes) -> bool:
    """Whether a server may answer it by itself (RFC 3834)."""
    return field(octets, "Auto-Submitted").lower() in {"", "no"}
