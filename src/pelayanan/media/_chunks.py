"""PNG and WebP without place and device, every pixel bit for bit as it was.

Both are lists of named chunks. Pillow would write them anew (another compression for PNG, a loss
for WebP and the end of most animations), so only the chunks that carry picture are copied. What
is not known here is dropped: a new chunk with a place in it must not pass for want of a name.

Source: PNG specification, third edition (W3C 2025), 5 and 11; WebP container specification
(RFC 9649), 2.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from pelayanan.media._icc import plain_profile
from pelayanan.media._kind import UnfitError

__all__ = ["strip_png", "strip_webp"]

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_PICTURE: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL fdAT".split()
)
_WEBP_PICTURE: Final = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM"))
_HAS_EXIF, _HAS_XMP, _HAS_ICC = 0x08, 0x04, 0x20


def strip_png(data: bytes, *, exif: bytes = b"") -> bytes:
    """Copy the picture alone, up to its end; `exif` (a TIFF header first) is the only EXIF.

    Raises:
        UnfitError: The file ends before the picture does.
    """
    out = bytearray(_PNG)
    for name, payload in _png_chunks(data):
        if name == b"IDAT" and exif:  # eXIf stands before the pixels
            out += _png_chunk(b"eXIf", exif)
            exif = b""
        if name == b"iCCP":
            out += _png_profile(payload)
        elif name in _PNG_PICTURE:
            out += _png_chunk(name, payload)
    return bytes(out)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    name = b""
    while name != b"IEND":
        if at + 12 > len(data):
            raise UnfitError("it ends in the middle")
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            raise UnfitError("it ends in the middle")
        if data[end - 4 : end] != struct.pack(">I", zlib.crc32(data[at + 4 : end - 4])):
            raise UnfitError("a part of it is damaged")
        yield name, data[at + 8 : end - 4]
        at = end


def _png_chunk(name: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(name + payload)
    return struct.pack(">I4s", len(payload), name) + payload + struct.pack(">I", checksum)


def _png_profile(payload: bytes) -> bytes:
    _, _, packed = payload.partition(b"\0")  # the name of the profile, then a zero for "deflate"
    try:
        unpacked = zlib.decompressobj().decompress(packed[1:], 16_000_000)  # a bomb stops here
    except zlib.error:
        return b""
    plain = plain_profile(unpacked)
    return _png_chunk(b"iCCP", b"icc\0\0" + zlib.compress(plain)) if plain else b""


def strip_webp(data: bytes, *, exif: bytes = b"") -> bytes:
    """Copy the picture alone; `exif` (a TIFF header first) is the only EXIF.

    Raises:
        UnfitError: The file ends before the picture does.
    """
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise UnfitError("it ends in the middle")
    chunks = list(_webp_kept(data[12 : size + 8]))
    if chunks and chunks[0][0] == b"VP8X" and len(chunks[0][1]) < 10:
        raise UnfitError("a part of it is damaged")
    names = {name for name, _ in chunks}
    if b"VP8X" in names and exif:
        chunks.append((b"EXIF", exif))
    body = b"".join(
        _webp_chunk(name, _webp_flags(payload, names, exif) if name == b"VP8X" else payload)
        for name, payload in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_flags(payload: bytes, names: set[bytes], exif: bytes) -> bytes:
    flags = payload[0] & ~(_HAS_EXIF | _HAS_XMP | _HAS_ICC)
    flags |= _HAS_ICC if b"ICCP" in names else 0
    flags |= _HAS_EXIF if exif else 0
    return bytes((flags,)) + payload[1:10]


def _webp_kept(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for name, payload in _webp_chunks(data):
        if name in _WEBP_PICTURE:
            yield name, payload
        elif name == b"ICCP" and (plain := plain_profile(payload)):
            yield name, plain
        elif name == b"ANMF":  # a frame: 16 bytes of place and time, then chunks of its own
            inner = _webp_kept(payload[16:])
            yield name, payload[:16] + b"".join(_webp_chunk(*each) for each in inner)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            raise UnfitError("it ends in the middle")
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2  # padded to an even length


def _webp_chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + bytes(len(payload) % 2)
