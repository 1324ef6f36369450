"""What is printed beside an index and never weighted into it: curves per kind and per channel.

Source:
    score.md, 4, and 5 (flag `mix`).
"""

from operator import itemgetter
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.cases import Standards
from pelayanan.models import Kind, Record
from pelayanan.score.grades import near
from pelayanan.score.index import COUNTED, Index, interval
from pelayanan.score.table import Table, places

__all__ = ["Curve", "Part", "beside_of", "without_informasi"]

Ints: TypeAlias = npt.NDArray[np.int64]
Part: TypeAlias = tuple[str, str, str]
"""Unit, kind, channel."""

_SHOWN = 10  # a curve needs so many cases
_MIXED = 0.20
_N = COUNTED.index("n")


class Curve(Record):
    """CEPAT of a part of the cases, printed beside the index and never weighted into it.

    Attributes:
        points: On the scale to 100, as `low` and `high` are.
        shares: Estimated share answered within each threshold.
    """

    n: int
    points: float
    low: float
    high: float
    shares: tuple[float, ...]


def beside_of(parts: Table[Part], standards: Standards) -> dict[str, dict[str, dict[str, Curve]]]:
    """Curves per kind and channel, each with the others' same kind or channel as its prior.

    Those of the whole, which has no others, stand under ``""``.
    """
    names = dict.fromkeys([*(unit for unit, _, _ in parts), ""])
    shown: dict[str, dict[str, dict[str, Curve]]] = {name: {} for name in names}
    for place, field in enumerate(("by_kind", "by_channel"), 1):
        mine: Table[tuple[str, str]] = parts.by(itemgetter(place, 0))
        all_ = mine.by(lambda pair: pair[0])
        _, of = places(name for name, _ in mine)
        own, total = mine.cells(COUNTED), all_.cells(COUNTED)
        others = np.vstack([total[of] - own, np.zeros_like(total)])
        own = np.vstack([own, total])
        enough = np.flatnonzero(own[:, _N] >= _SHOWN)
        labels = [*mine, *((name, "") for name in all_)]
        curves = _curves(own[enough], others[enough], standards)
        for row, curve in zip(enough.tolist(), curves, strict=True):
            name, unit = labels[row]
            shown[unit].setdefault(field, {})[name] = curve
    return shown


def _curves(own: Ints, others: Ints, standards: Standards) -> list[Curve]:
    scored = Index.of(own, standards, "dasar", others=others)
    low, high = interval(scored.index, scored.variance)
    found = (own[:, _N], 100 * scored.index, low, high, scored.curves.mean)
    return [
        Curve(n=n, points=points, low=low, high=high, shares=tuple(shares))
        for n, points, low, high, shares in zip(*(each.tolist() for each in found), strict=True)
    ]


def without_informasi(parts: Table[Part], standards: Standards) -> dict[str, float | None]:
    """CEPAT without `informasi`, theirs neither, of the units that have far more of it than others.

    ``None`` where nothing else is left.
    """
    units, to = places(unit for unit, _, _ in parts)
    cells = parts.cells(COUNTED)
    told = np.array([kind == Kind.INFORMASI for _, kind, _ in parts], np.bool_)
    informasi, rest = np.zeros((2, len(units), len(COUNTED)), np.int64)
    np.add.at(informasi, to[told], cells[told])
    np.add.at(rest, to[~told], cells[~told])
    others = rest.sum(axis=0) - rest
    mixed = [row for row in range(len(units)) if _is_mixed(informasi[:, _N], rest[:, _N], row)]
    scored = Index.of(rest[mixed], standards, "dasar", others=others[mixed])
    points = (100 * scored.index).tolist()
    return {
        units[row]: each if rest[row, _N] else None for row, each in zip(mixed, points, strict=True)
    }


def _is_mixed(informasi: Ints, rest: Ints, row: int) -> bool:
    mine, n = int(informasi[row]), int(informasi[row] + rest[row])
    others, n_others = int(informasi.sum()) - mine, int(informasi.sum() + rest.sum()) - n
    return bool(n and n_others) and near(mine / n - others / n_others) > _MIXED
