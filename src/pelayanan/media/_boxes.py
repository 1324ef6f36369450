"""Boxes of MP4 and MOV: whether all are there, and blank what the writer leaves beside tracks.

libavformat writes an empty `udta`/`meta` into each MP4 whatever it is asked. Renamed to `free` and
filled with zeros, no byte moves and every offset still holds.

Source: ISO/IEC 14496-12, 4.2 (box), 8.1.2 (free), 8.10 (udta), 8.11 (meta).
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

__all__ = ["blank_user_data", "cut_short"]

_NEEDED: Final = frozenset({b"moov", b"mdat", b"moof"})
_PARENTS: Final = frozenset({b"moov", b"trak", b"mdia"})
_USER: Final = frozenset({b"udta", b"meta", b"uuid"})


class _Box(NamedTuple):
    name: bytes
    start: int
    inside: int
    end: int


def cut_short(file: BinaryIO) -> bool:
    """Whether the file ends before its frames or their index do."""
    end = file.seek(0, 2)
    return any(box.end > end for box in _boxes(file, 0, end) if box.name in _NEEDED)


def blank_user_data(file: BinaryIO) -> None:
    """Turn every box of user data into free space, in place."""
    _blank(file, 0, file.seek(0, 2))


def _blank(file: BinaryIO, start: int, end: int) -> None:
    for box in _boxes(file, start, end):
        if box.name in _USER:
            file.seek(box.start + 4)
            file.write(b"free" + bytes(box.end - box.start - 8))
        elif box.name in _PARENTS:
            _blank(file, box.inside, box.end)


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[_Box]:
    while at + 8 <= end:
        file.seek(at)
        size, name = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:  # it did not fit into 32 bits
            size = int.from_bytes(file.read(8), "big")
            header = 16
        size = size or end - at  # zero: up to the end
        yield _Box(name, at, at + header, at + size)
        at += max(size, header)
