"""JSON as it comes over the wire: half an emoji must not hold up the page around it.

Programs that cut a text by its length leave half of an emoji behind, as an escape without its other
half (RFC 8259, 8.2) or as bytes that are no UTF-8. Strict readers refuse all of such a body.
"""

import re

__all__ = ["readable"]

_ESCAPES = re.compile(
    rb"\\(?:u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)",
    re.DOTALL,
)
_HALF = 6  # bytes of one escape


def readable(body: bytes) -> bytes:
    """The body, each half of a character replaced by U+FFFD. Whatever is no JSON stays as it is."""
    if body[:64].lstrip()[:1] not in {b"{", b"["}:
        return body
    try:
        body.decode()
    except UnicodeDecodeError:
        body = body.decode(errors="replace").encode()
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _ESCAPES.sub(lambda found: rb"\ufffd" if _is_half(found[0]) else found[0], body)


def _is_half(escape: bytes) -> bool:
    return len(escape) == _HALF and escape[2:3] in b"dD"
