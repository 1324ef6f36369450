"""A column of texts as numbers of its names: each text is compared once, then counted as a number.

Columns have few different texts (agencies, kinds, channels) in very many rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Coded", "Codes", "blocks"]

Codes: TypeAlias = npt.NDArray[np.signedinteger]
Rows: TypeAlias = slice | npt.NDArray[np.int64]
Words: TypeAlias = npt.NDArray[np.uint64] | npt.NDArray[np.uint32]

_BLOCK = 1 << 15  # rows at a time: what is worked on stays in the processor's cache
_MIX = np.uint64(0x9E37_79B9_7F4A_7C15)  # odd, bits well mixed: 2^64 divided by the golden ratio


def blocks(size: int) -> Iterator[slice]:
    """All rows of a column, some at a time."""
    return (slice(start, min(start + _BLOCK, size)) for start in range(0, size, _BLOCK))


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Texts, each as the place of its name.

    Attributes:
        names: The different texts, in no order; each is used.
        code: For each row the place in `names`.
    """

    names: tuple[str, ...]
    code: Codes

    def __len__(self) -> int:
        return len(self.code)

    def __add__(self, other: "Coded") -> "Coded":
        """The rows of both."""
        place = {name: number for number, name in enumerate(self.names)}
        moved = [place.setdefault(name, len(place)) for name in other.names]
        theirs = np.array(moved, np.int32)[other.code]
        return Coded(tuple(place), np.concatenate([self.code, theirs]))

    @classmethod
    def full(cls, text: str, size: int) -> Self:
        """One text in every row; takes no memory."""
        return cls((text,) if size else (), np.broadcast_to(np.int32(0), size))

    @classmethod
    def of(cls, values: npt.NDArray[np.str_] | Iterable[object]) -> Self:
        """Number the texts of a column; ``None`` is ``""``."""
        listed: Any = values
        if isinstance(values, np.ndarray):
            if listed.dtype.kind == "U":
                return cls._of_fixed(listed)
            listed = listed.tolist()
        place: dict[str, int] = {}
        code = [place.setdefault(_text(value), len(place)) for value in listed]
        return cls(tuple(place), np.array(code, np.int32))

    @classmethod
    def numbered(cls, names: Sequence[object], code: npt.NDArray[Any]) -> Self:
        """Take a column that is numbered already, as categories are.

        Args:
            names: May hold one that is not used, or one twice; ``None`` is ``""``.
            code: -1 is ``None``.
        """
        listed = [*map(_text, names), ""]  # -1 reads the last one
        used = np.zeros(len(listed), np.bool_)
        used[-1] = bool(len(code)) and int(code.min()) < 0
        for block in blocks(len(code)):
            used[code[block]] = True
            if used[:-1].all():
                break
        place: dict[str, int] = {}
        moved = [
            place.setdefault(name, len(place)) if here else 0
            for name, here in zip(listed, used, strict=True)
        ]
        if not used[-1] and moved[:-1] == list(range(len(names))):  # all used, each once
            return cls(tuple(place), code)
        return cls(tuple(place), np.array(moved, np.int32)[code])

    @classmethod
    def _of_fixed(cls, values: npt.NDArray[np.str_]) -> Self:
        """Texts of one width, found by a hash of their bits and compared bit by bit."""
        if not values.size:
            return cls((), np.empty(0, np.int32))
        words = _words(values)
        code = np.empty(len(values), np.int32)
        seen = _Seen(words)
        for block in blocks(len(values)):
            found = seen.codes(block)
            if found is None:  # two texts of one hash: never met, but then compared as texts
                names, inverse = np.unique(values, return_inverse=True)
                return cls(tuple(names.tolist()), inverse.astype(np.int32))
            code[block] = found
        return cls(tuple(values[seen.first].tolist()), code)


class _Seen:
    """The texts met so far, by their hashes."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._hashes = np.empty(0, np.uint64)  # in order
        self._code = np.empty(0, np.int32)  # of each hash
        self.first: list[int] = []  # a row of each text

    def codes(self, block: slice) -> Codes | None:
        """The numbers of the texts, new ones learnt; ``None`` where the hashes do not tell."""
        words = self._words[block]
        hashes = _hash(words)
        place = np.searchsorted(self._hashes, hashes)
        new = self._hashes.take(place, mode="clip") != hashes if self.first else place == 0
        if new.any():
            self._learn(hashes, new, block.start)
            place = np.searchsorted(self._hashes, hashes)
        code = self._code[place]
        met = self._words[self.first].take(code, axis=0)
        return code if np.array_equal(met, words) else None

    def _learn(
        self, hashes: npt.NDArray[np.uint64], new: npt.NDArray[np.bool_], start: int
    ) -> None:
        fresh, rows = np.unique(hashes[new], return_index=True)
        code = np.arange(len(fresh), dtype=np.int32) + len(self.first)
        self.first += (start + np.flatnonzero(new)[rows]).tolist()
        joined = np.concatenate([self._hashes, fresh])
        order = np.argsort(joined)
        self._hashes = joined[order]
        self._code = np.concatenate([self._code, code])[order]


def _words(values: npt.NDArray[np.str_]) -> Words:
    """The bits of each text as whole words, one row a text."""
    native = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    rows = len(values)
    if native.dtype.itemsize % 8:
        return native.view(np.uint32).reshape(rows, -1)
    return native.view(np.uint64).reshape(rows, -1)


def _hash(words: Words) -> npt.NDArray[np.uint64]:
    found = words[:, 0].astype(np.uint64)
    for column in range(1, words.shape[1]):
        found *= _MIX
        found ^= words[:, column]
    return found


def _text(value: object) -> str:
    return "" if value is None else str(value)
