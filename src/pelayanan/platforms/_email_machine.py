"""Whether a machine wrote a mail, and what a bounce says. Machines are never answered.

Source: RFC 3834, 2 and 5.1 (automatic replies); RFC 3464 (delivery status); RFC 2919, 2369 (lists).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from typing import Any, cast

__all__ = ["MESSAGE_ID", "bounce", "is_automatic", "is_robot", "is_submitted_by_machine"]

MESSAGE_ID = re.compile(r"<([^<>\s]+)>")
_PRECEDENCE = {"bulk", "list", "junk", "auto_reply"}
_ROBOT = re.compile(
    r"(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|(jangan|tidak|tak)[-_.]?(di)?balas"
    r"|bounces?)([-+._=].*)?"
)


def is_submitted_by_machine(headers: Mapping[str, Sequence[str]]) -> bool:
    """Whether the mail itself says that no person sent it; ``no`` says that one did."""
    said = [value.partition(";")[0].strip().lower() for value in headers.get("auto-submitted", ())]
    return any(value not in {"", "no"} for value in said)


def is_automatic(headers: Mapping[str, Sequence[str]], sender: str) -> bool:
    """Whether a machine wrote the mail, or a list sent it to many.

    ``X-Auto-Response-Suppress`` only asks for silence: people's Outlook sets it too.

    Args:
        headers: All values by lower-case name.
        sender: The author's address, lower case.
    """
    one = {name: values[0].strip().lower() for name, values in headers.items() if values}
    return (
        is_submitted_by_machine(headers)
        or one.get("return-path") == "<>"
        or one.get("precedence") in _PRECEDENCE
        or one.get("x-autoreply", "no") != "no"
        or "x-autorespond" in one
        or any(name.startswith("list-") for name in one)
        or one.get("content-type", "").startswith("multipart/report")
        or is_robot(sender)
    )


def is_robot(sender: str) -> bool:
    """Whether an address says of itself that nobody reads it."""
    return _ROBOT.fullmatch(sender.partition("@")[0]) is not None


def bounce(mail: "Message[Any, Any]") -> dict[str, str]:
    """Read a report of RFC 3464; empty if the mail is none or tells of a delivery.

    Returns:
        ``bounce`` (``permanent`` or ``transient``), ``bounced`` (the Message-ID that came back)
        and ``bounced_to`` (whom it did not reach); the last two where the report tells them.
    """
    if mail.get_content_type() != "multipart/report":
        return {}
    found: dict[str, str] = {}
    for part in _flat(mail, 0):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            found |= _status(part)
        elif kind in {"message/rfc822", "text/rfc822-headers", "message/global-headers"}:
            ids = MESSAGE_ID.findall(_message_id_line(part))
            found |= {"bounced": ids[0]} if ids else {}
    return found if "bounce" in found else {}


def _status(report: "Message[Any, Any]") -> dict[str, str]:
    payload: Any = report.get_payload()
    blocks = cast("list[Message[Any, Any]]", payload) if isinstance(payload, list) else []
    for block in blocks:
        status = str(block.get("Status", "")).strip()
        action = str(block.get("Action", "")).strip().lower()
        kind = {"5": "permanent", "4": "transient"}.get(status[:1])
        if kind is None or action in {"delivered", "relayed", "expanded"}:
            continue
        to = str(block.get("Final-Recipient", "")).partition(";")[2].strip()
        return {"bounce": kind, "bounced_to": to}
    return {}


def _message_id_line(part: "Message[Any, Any]") -> str:
    """The Message-ID of a returned message, which the parser took apart or left as text."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        inside = cast("list[Message[Any, Any]]", payload)
        return str(inside[0].get("Message-ID", "")) if inside else ""
    text = part.get_payload(decode=True)
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else ""
    line = re.search(r"(?im)^message-id:\s*(\S+)", words)
    return line[1] if line else ""


def _flat(mail: "Message[Any, Any]", depth: int) -> Iterator["Message[Any, Any]"]:
    """Its own parts, not those of messages inside it."""
    payload: Any = mail.get_payload()
    if not isinstance(payload, list) or depth > 5 or mail.get_content_maintype() != "multipart":
        yield mail
        return
    for part in cast("list[Message[Any, Any]]", payload):
        yield from _flat(part, depth + 1)
