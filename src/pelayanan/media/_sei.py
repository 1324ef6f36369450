"""Takes free notes out of H.264 and H.265 frames, the picture bit for bit as it was.

Cameras may hide place and model inside the compressed video, in "unregistered user data" (AVCHD
camcorders write GPS there, encoders their settings). No decoder shows it. libavformat's filter
`filter_units` drops whole units only, and with them colour and timing notes that players need.

Source: ITU-T H.264 7.3.2.3 and D.2.7; ITU-T H.265 7.3.2.4 and D.2.7; ISO/IEC 14496-15, 5.3 and 8.3.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from pelayanan.media._kind import UnfitError

__all__ = ["plain_extradata", "without_user_data"]

_USER_DATA: Final = 5
_SEI_H264: Final = 6
_SEI_H265: Final = frozenset({39, 40})  # before and after the picture
_ESCAPED: Final = re.compile(rb"\x00\x00\x03")
_TO_ESCAPE: Final = re.compile(rb"\x00\x00(?=[\x00-\x03])")


def without_user_data(codec: str, extradata: bytes) -> Callable[[bytes], bytes]:
    """Give the function that cleans one packet of this track.

    Raises:
        UnfitError: The description of the track is damaged.
    """
    if codec not in {"h264", "hevc"}:
        return bytes
    at = 4 if codec == "h264" else 21  # where the size of a length is told
    if len(extradata) <= at or extradata[0] != 1:
        raise UnfitError("its video track is damaged")
    width = (extradata[at] & 3) + 1

    def cleaned(packet: bytes) -> bytes:
        units = _units(packet, width)
        plain = (_unit(unit, hevc=codec == "hevc") for unit in units)
        return b"".join(len(unit).to_bytes(width, "big") + unit for unit in plain if unit)

    return cleaned


def plain_extradata(codec: str, extradata: bytes) -> bytes:
    """Drop the notes that H.265 may keep beside its parameter sets."""
    if codec != "hevc" or len(extradata) < 23:
        return extradata
    kept: list[bytes] = []
    at = 23
    for _ in range(extradata[22]):
        start = at
        count = int.from_bytes(extradata[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            at += 2 + int.from_bytes(extradata[at : at + 2], "big")
        if extradata[start] & 0x3F not in _SEI_H265:
            kept.append(extradata[start:at])
    return extradata[:22] + bytes((len(kept),)) + b"".join(kept)


def _units(packet: bytes, width: int) -> Iterator[bytes]:
    at = 0
    while at + width <= len(packet):
        end = at + width + int.from_bytes(packet[at : at + width], "big")
        if end > len(packet):
            raise UnfitError("a frame of it is damaged")
        yield packet[at + width : end]
        at = end


def _unit(unit: bytes, *, hevc: bool) -> bytes:
    if not unit:
        return unit
    if hevc:
        return _notes(unit, 2) if unit[0] >> 1 & 0x3F in _SEI_H265 else unit
    return _notes(unit, 1) if unit[0] & 0x1F == _SEI_H264 else unit


def _notes(unit: bytes, header: int) -> bytes:
    messages = list(_messages(_ESCAPED.sub(b"\0\0", unit[header:])))
    kept = b"".join(message for kind, message in messages if kind != _USER_DATA)
    if not kept:
        return b""
    return unit[:header] + _TO_ESCAPE.sub(b"\x00\x00\x03", kept + b"\x80")


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(data) and data[at:].rstrip(b"\0") != b"\x80":
        start = at
        kind, at = _number(data, at)
        size, at = _number(data, at)
        at += size
        yield kind, data[start:at]


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number written as a run of 255 and a rest."""
    value = 0
    while at < len(data) and data[at] == 0xFF:
        value, at = value + 255, at + 1
    return value + (data[at] if at < len(data) else 0), at + 1
