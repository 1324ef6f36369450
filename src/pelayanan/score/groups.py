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
    """Integers by group and place, growing with both."""

    def __init__(self, width: int = 1) -> None:
        self.cells = np.zeros((16, width), np.int64)

    @property
    def width(self) -> int:
        """Places of each group."""
        return self.cells.shape[1]

    def add(self, group: Ints, place: Ints | int = 0, values: Ints | int = 1) -> None:
        """Add a number for each row; exact, since nothing is added as a fraction."""
        if not len(group):
            return
        self._reach(int(group.max()) + 1, int(np.max(place)) + 1)
        np.add.at(self.cells.ravel(), group * self.width + place, values)

    def _reach(self, groups: int, places: int) -> None:
        rows, width = self.cells.shape
        if groups > rows or places > width:
            room = rows if groups <= rows else max(groups, 2 * rows)
            grown = np.zeros((room, width if places <= width else places + 32), np.int64)
            grown[:rows, :width] = self.cells
            self.cells = grown

    def of(self, groups: int) -> Ints:
        """Those of the first groups, a row each."""
        self._reach(groups, 1)
        return self.cells[:groups]
