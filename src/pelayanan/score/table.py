"""Counts by key as columns of numbers: a tally has very many, and most are only ever added up."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Table", "places"]

Counts: TypeAlias = Mapping[str, int]
Ints: TypeAlias = npt.NDArray[np.int64]
_Key = TypeVar("_Key", bound=Hashable)
_Label = TypeVar("_Label", bound=Hashable)


class Table(Mapping[_Key, Counts], Generic[_Key]):
    """Of each key its counts by name, which become a `dict` when they are asked for.

    Args:
        labels: The keys, one a row.
        names: Of the counts.
        row: For each count the place of its key in `labels`.
        column: The place of its name in `names`.
        value: The count.
    """

    def __init__(
        self, labels: Sequence[_Key], names: Sequence[str], row: Ints, column: Ints, value: Ints
    ) -> None:
        self._labels, self._names = labels, names
        self._row, self._column, self._value = row, column, value

    @staticmethod
    def of(counts: Mapping[_Label, Counts]) -> "Table[_Label]":
        """The same counts as a table."""
        if isinstance(counts, Table):
            return counts
        rows = counts.values()
        place = {name: number for number, name in enumerate(dict.fromkeys(chain(*rows)))}
        row = np.repeat(np.arange(len(rows)), np.array([len(each) for each in rows], np.int64))
        column = np.fromiter(map(place.__getitem__, chain(*rows)), np.int64, len(row))
        values = chain.from_iterable(each.values() for each in rows)
        return Table([*counts], [*place], row, column, np.fromiter(values, np.int64, len(row)))

    @staticmethod
    def holding(labels: Sequence[_Label], *parts: tuple[Sequence[str], Ints]) -> "Table[_Label]":
        """What is not 0 of numbers that stand in rows and columns.

        Args:
            labels: Of the rows.
            parts: Each the names of some columns, and their numbers.
        """
        names: list[str] = []
        rows, columns, values = ([np.empty(0, np.int64)] for _ in range(3))
        for some, cells in parts:
            flat = cells.ravel()
            here = np.flatnonzero(flat != 0)
            row = here // max(1, len(some))
            rows.append(row)
            columns.append(here - row * len(some) + len(names))
            values.append(flat.take(here))
            names += some
        return Table(labels, names, *map(np.concatenate, (rows, columns, values)))

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._labels)

    def __getitem__(self, key: _Key) -> dict[str, int]:
        number = self._places[key]
        names, values, starts = self._rows
        here = slice(starts[number], starts[number + 1])
        return dict(zip(map(self._names.__getitem__, names[here]), values[here], strict=True))

    def __repr__(self) -> str:
        return repr(dict(self))

    @cached_property
    def _places(self) -> dict[_Key, int]:
        return {label: number for number, label in enumerate(self._labels)}

    @cached_property
    def _rows(self) -> Any:
        """Names and counts row by row, and where each row begins."""
        order = np.argsort(self._row, kind="stable")
        starts = np.searchsorted(self._row[order], np.arange(len(self) + 1))
        return self._column[order].tolist(), self._value[order].tolist(), starts.tolist()

    def labelled(self, label: Callable[[_Key], _Label]) -> "Table[_Label]":
        """The same rows under other keys, which must differ too."""
        labels = [label(each) for each in self._labels]
        return Table(labels, self._names, self._row, self._column, self._value)

    def by(self, label: Callable[[_Key], _Label]) -> "Table[_Label]":
        """The sums by label, in their order."""
        labels, to = places(map(label, self._labels))
        cells = np.zeros((len(labels), len(self._names)), np.int64)
        np.add.at(cells.ravel(), to[self._row] * len(self._names) + self._column, self._value)
        return Table.holding(labels, (self._names, cells))

    def cells(self, names: Sequence[str]) -> Ints:
        """A row a key, a column for each of these names."""
        found = np.zeros((len(self), len(names)), np.int64)
        to = {name: number for number, name in enumerate(names)}
        place = np.array([to.get(name, -1) for name in self._names], np.int64)
        column = place[self._column]
        here = column >= 0
        found[self._row[here], column[here]] = self._value[here]
        return found


def places(labels: Iterable[_Label]) -> tuple[list[_Label], Ints]:
    """The different labels in order, and for each one given its place among them."""
    listed: list[Any] = list(labels)
    found = sorted(set(listed))
    place = {label: number for number, label in enumerate(found)}
    return found, np.array([place[label] for label in listed], np.int64)
