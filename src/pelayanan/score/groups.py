"""What cases are counted by, and the sums by group."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Group", "Groups", "Months", "Sums"]

Ints: TypeAlias = npt.NDArray[np.int64]


class Group(NamedTuple):
    """What cases are counted by."""

    agency: str
    kind: str
    channel: str
    period: str


class Groups:
    """Numbers groups in the order in which they are met.

    Args:
        names: Of each field of a group, by code.
    """

    def __init__(self, *names: Sequence[str]) -> None:
        self._names = names
        self._shape = tuple(len(each) for each in names)
        self._number = np.zeros(prod(self._shape), np.int32)  # 0: not met, and then no memory
        self._met: list[int] = []

    def __len__(self) -> int:
        return len(self._met)

    def __iter__(self) -> Iterator[Group]:
        parts = np.unravel_index(np.array(self._met, np.int64), self._shape)
        columns = (
            [names[code] for code in part.tolist()]
            for names, part in zip(self._names, parts, strict=True)
        )
        return (Group(*each) for each in zip(*columns, strict=True))

    def number(self, *codes: npt.NDArray[np.integer]) -> Ints:
        """The group of each row, told by the codes of its fields."""
        joined = codes[0].astype(np.int64)
        for size, code in zip(self._shape[1:], codes[1:], strict=True):
            joined *= size
            joined += code
        found = self._number.take(joined)
        new = found == 0
        if new.any():
            met = np.unique(joined[new])
            self._number[met] = np.arange(1, len(met) + 1) + len(self._met)
            self._met += met.tolist()
            found = self._number.take(joined)
        return found - np.int64(1)


class Months:
    """Periods of local days.

    Args:
        first: The first day, counted from 1970-01-01, that is looked up; `last` the last one.
    """

    def __init__(self, first: int, last: int) -> None:
        months = np.arange(first, last + 1).astype("datetime64[D]").astype("datetime64[M]")
        names, self._code = np.unique(months, return_inverse=True)
        self.names: list[str] = names.astype(np.str_).tolist()
        self._first = first

    def codes(self, local_day: npt.NDArray[np.integer]) -> Ints:
        """The place of each day's month in `names`."""
        return self._code.take(local_day - self._first)


class Sums:
    """Integers by group and place, growing with both.

    Args:
        groups: By which it is counted.
        width: Places of each.
    """

    def __init__(self, groups: Groups, width: int = 1) -> None:
        self._groups = groups
        self._cells = np.zeros((16, width), np.int64)

    @property
    def width(self) -> int:
        """Places of each group."""
        return self._cells.shape[1]

    @property
    def cells(self) -> Ints:
        """A row a group."""
        self._reach(self.width)
        return self._cells[: len(self._groups)]

    def add(self, group: Ints, place: Ints | int = 0, values: Ints | int = 1) -> None:
        """Add a number for each row; exact, since nothing is added as a fraction."""
        self._reach(self.width)
        np.add.at(self._cells.ravel(), group * self.width + place, values)

    def widen(self, place: int) -> None:
        """Make room for a place, and some more."""
        if place >= self.width:
            self._reach(place + 32)

    def _reach(self, width: int) -> None:
        rows, before = self._cells.shape
        groups = len(self._groups)
        if groups > rows or width > before:
            room = rows if groups <= rows else max(groups, 2 * rows)
            grown = np.zeros((room, width), np.int64)
            grown[:rows, :before] = self._cells
            self._cells = grown
