"""JPEG without place and device, every pixel bit for bit as it was.

Pillow cannot drop segments without compressing the picture again, and no kept library on PyPI does
(piexif and its like edit EXIF only and have had no release for years), so these few lines copy
what a decoder needs and leave out the rest: EXIF, XMP, IPTC, comments, thumbnails, maker's
segments, and all that follows the end of the picture (depth maps, second pictures of MPO, the
film of a "motion photo").

Source: ITU-T T.81, annex B (markers); T.871 (JFIF); ICC.1:2022, annex B.4 (profile in APP2).
"""

import re
from collections.abc import Iterator
from typing import Final

from pelayanan.media._icc import plain_profile
from pelayanan.media._kind import UnfitError

__all__ = ["strip_jpeg"]

_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_SOI, _EOI, _SOS, _DNL = b"\xff\xd8", 0xD9, 0xDA, 0xDC
# frames SOF0 to SOF15 with DHT (C4) and DAC (CC) between them; SOS, DQT, DNL, DRI
_PICTURE: Final = frozenset([*range(0xC0, 0xC8), *range(0xC9, 0xD0), _SOS, 0xDB, _DNL, 0xDD])
# a marker is FF and a byte; FF00 is data, D0 to D7 only cut the data into parts, FFFF is padding
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ICC: Final = b"ICC_PROFILE\0"
_ICC_PART: Final = 65_519  # what fits into one segment


def strip_jpeg(data: bytes, *, exif: bytes = b"") -> bytes:
    r"""Copy the picture alone.

    Args:
        data: A whole JPEG file.
        exif: What to write as the only EXIF, beginning with ``Exif\0\0``; empty for none.

    Raises:
        UnfitError: The file ends before the picture does.
    """
    head = bytearray(_SOI)
    body = bytearray()
    profile: dict[int, bytes] = {}
    for marker, payload, tail in _segments(data):
        if marker == _APP0 and payload.startswith(b"JFIF\0"):
            head += _segment(_APP0, payload[:12] + b"\0\0")  # without its thumbnail
        elif marker == _APP2 and payload.startswith(_ICC):
            profile[payload[12]] = payload[14:]
        elif marker == _APP14 and payload.startswith(b"Adobe"):
            head += _segment(_APP14, payload[:12])  # how its colours are to be read
        elif marker in _PICTURE:
            body += _segment(marker, payload) + tail
    head += _segment(_APP1, exif) if exif else b""
    head += _profile(b"".join(profile[number] for number in sorted(profile)))
    return bytes(head + body + b"\xff\xd9")


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, payload and the compressed data that follows a start of scan."""
    at = len(_SOI)
    while True:
        at = _next(data, at)
        marker = data[at + 1]
        if marker == _EOI:
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not at + 4 <= end < len(data):
            raise UnfitError("it ends in the middle")
        scan_end = _next(data, end) if marker in {_SOS, _DNL} else end
        yield marker, data[at + 4 : end], data[end:scan_end]
        at = scan_end


def _next(data: bytes, at: int) -> int:
    found = _MARKER.search(data, at)
    if found is None:
        raise UnfitError("it ends in the middle")
    return found.start()


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


def _profile(profile: bytes) -> bytes:
    plain = plain_profile(profile) if profile else None
    if not plain:
        return b""
    parts = [plain[at : at + _ICC_PART] for at in range(0, len(plain), _ICC_PART)]
    return b"".join(
        _segment(_APP2, _ICC + bytes((number, len(parts))) + part)
        for number, part in enumerate(parts, start=1)
    )
