"""Colour profiles without the device: the colours stay, who made screen or camera goes.

A profile may name the camera (`dmnd`, `dmdd`, the maker's private tags such as Apple's `mmod`, the
description) and the day. Without the profile a phone's wide colours turn pale, so it is written
anew from the tags that carry colour. Pillow hands profiles on as they are; no library edits them.

Source: ICC.1:2022, 7.2 (header), 7.3 (tag table), 9.2 (tags), 10.15 and 10.24 (text);
ICC.1:2001-04, 6.5.17 (textDescriptionType of version 2).
"""

import struct
from typing import Final

__all__ = ["plain_profile"]

_HEADER: Final = 128
_COLOUR: Final = frozenset(
    b"rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad chrm cicp lumi gamt rig0 rig2 "
    b"A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 D2B0 D2B1 D2B2 D2B3 B2D0 B2D1 B2D2 B2D3".split()
)
# date and time, maker, model, creator, and the checksum that no longer holds (zero is allowed)
_BLANK: Final = ((24, 36), (48, 56), (80, 100))


def plain_profile(profile: bytes) -> bytes | None:
    """Return the profile with its colours only, or None where it is damaged."""
    try:
        tags = _tags(profile)
    except (struct.error, ValueError):
        return None
    if profile[36:40] != b"acsp" or not tags:
        return None
    modern = profile[8] >= 4  # major version
    tags[b"desc"] = _mluc("profile") if modern else _desc(b"profile")
    tags[b"cprt"] = _mluc("-") if modern else b"text" + bytes(4) + b"-\0"
    return _written(bytearray(profile[:_HEADER]), tags)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER)
    found: dict[bytes, bytes] = {}
    for index in range(min(count, 100)):
        name, start, size = struct.unpack_from(">4sII", profile, _HEADER + 4 + 12 * index)
        if start + size > len(profile):
            raise ValueError("a tag lies outside the profile")
        if name in _COLOUR:
            found[name] = profile[start : start + size]
    return found


def _written(header: bytearray, tags: dict[bytes, bytes]) -> bytes:
    for start, end in _BLANK:
        header[start:end] = bytes(end - start)
    table, body = bytearray(), bytearray()
    first = _HEADER + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}  # red, green and blue often share one curve
    for name, data in tags.items():
        if data not in places:
            places[data] = first + len(body)
            body += data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, places[data], len(data))
    header[0:4] = struct.pack(">I", first + len(body))
    return bytes(header) + struct.pack(">I", len(tags)) + bytes(table) + bytes(body)


def _mluc(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return struct.pack(">4sIII4sII", b"mluc", 0, 1, 12, b"enUS", len(data), 28) + data


def _desc(text: bytes) -> bytes:
    ascii_part = struct.pack(">4sII", b"desc", 0, len(text) + 1) + text + b"\0"
    return ascii_part + bytes(4 + 4 + 2 + 1 + 67)  # no Unicode and no Macintosh name
