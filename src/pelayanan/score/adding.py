"""Counts of a tally added up: by agency, and in each by kind and by channel."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from pelayanan.score.tally import TallyKey

__all__ = ["Unit", "less", "summed", "units_of"]

Counts: TypeAlias = Mapping[str, int]
_Label = TypeVar("_Label", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Unit:
    """Counts of one agency, summed and by kind."""

    total: dict[str, int]
    by_kind: dict[str, dict[str, int]]
    by_channel: dict[str, dict[str, int]]


def units_of(
    counts: Mapping[TallyKey, Counts], units: Mapping[TallyKey, str]
) -> tuple[dict[str, Unit], Unit]:
    """Each unit, and all of them as one.

    Args:
        counts: Of a tally.
        units: What each key belongs to.
    """
    table = _Table.of(counts)
    names = [units[key] for key in table.keys]
    return _units(table, names), _units(table, [""] * len(names))[""]


def _units(table: "_Table", names: Sequence[str]) -> dict[str, Unit]:
    labels = list(zip(names, table.keys, strict=True))
    found = {name: Unit(each, {}, {}) for name, each in table.by(names).items()}
    for (name, kind), each in table.by([(name, key.kind) for name, key in labels]).items():
        found[name].by_kind[kind] = each
    for (name, channel), each in table.by([(name, key.channel) for name, key in labels]).items():
        found[name].by_channel[channel] = each
    return found


@dataclass(frozen=True, slots=True)
class _Table:
    """Counts of a tally as one table, so that they are added as columns.

    Attributes:
        row: For each count the place of its key in `keys`.
        column: The place of its name in `names`.
    """

    keys: list[TallyKey]
    names: list[str]
    row: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    value: npt.NDArray[np.int64]

    @classmethod
    def of(cls, counts: Mapping[TallyKey, Counts]) -> "_Table":
        keys = sorted(counts)
        rows = [counts[key] for key in keys]
        place = {name: number for number, name in enumerate(dict.fromkeys(chain(*rows)))}
        row = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
        column = np.fromiter(map(place.__getitem__, chain(*rows)), np.int64, len(row))
        values = chain.from_iterable(each.values() for each in rows)
        return cls(keys, list(place), row, column, np.fromiter(values, np.int64, len(row)))

    def by(self, labels: Sequence[_Label]) -> dict[_Label, dict[str, int]]:
        """The sums by label, one label a key; a name stays with its label, also with the sum 0."""
        place = {label: number for number, label in enumerate(dict.fromkeys(labels))}
        to = np.array([place[label] for label in labels], np.int64)
        cell = to[self.row] * len(self.names) + self.column
        sums = np.zeros(len(place) * len(self.names), np.int64)
        met = np.zeros(len(sums), np.bool_)
        np.add.at(sums, cell, self.value)
        met[cell] = True
        found: dict[_Label, dict[str, int]] = {}
        shape = (len(place), len(self.names))
        for label, here, each in zip(place, met.reshape(shape), sums.reshape(shape), strict=True):
            columns = np.flatnonzero(here)
            names = map(self.names.__getitem__, columns.tolist())
            found[label] = dict(zip(names, each[columns].tolist(), strict=True))
        return found


def summed(parts: Iterable[Counts]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in parts:
        _add(total, each)
    return total


def less(total: Counts, part: Counts) -> dict[str, int]:
    return {name: count - part.get(name, 0) for name, count in total.items()}


def _add(total: dict[str, int], counts: Counts) -> None:
    for name, count in counts.items():
        total[name] = total.get(name, 0) + count
