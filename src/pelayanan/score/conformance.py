"""Whether another implementation finds what the conformance vectors say.

Source:
    score.md, 7: numbers to 1e-9; counts, grades and flags exactly.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple, TypeGuard, cast

from pelayanan.models import Record

__all__ = ["Difference", "Verdict", "compare", "judge", "vectors"]

_NEAR = 1e-9
_NAMED_BY = {  # lists whose order means nothing, and what their entries are told apart by
    "rows": ("agency", "kind", "channel", "period"),
    "cases": ("case", "agency", "period"),
    "kind_and_channel": ("kind", "channel"),
}
_NOTHING: tuple[object, ...] = (None, 0, "", [])
_MISSING = "(tidak ada/missing)"
_Object = Mapping[str, Any]


class Difference(NamedTuple):
    """One value that is not the expected one, and where it stands."""

    path: str
    expected: object
    got: object


class Verdict(Record):
    """What became of a whole output.

    Attributes:
        vectors: How many there are.
        agree: Names of those that agree in everything.
        missing: Names of those without an output.
        differences: Of each other one.
    """

    vectors: int
    agree: tuple[str, ...]
    missing: tuple[str, ...]
    differences: dict[str, tuple[Difference, ...]]

    @property
    def holds(self) -> bool:
        """Whether the implementation conforms."""
        return len(self.agree) == self.vectors


def vectors() -> dict[str, dict[str, Any]]:
    """The vectors that the package ships, by name."""
    folder = files("pelayanan.score") / "vectors"
    places = sorted(place.name for place in folder.iterdir() if place.name.endswith(".json"))
    found = [json.loads((folder / name).read_text("utf-8")) for name in places]
    return {str(vector["name"]): vector for vector in found}


def judge(outputs: _Object) -> Verdict:
    """Hold outputs to the shipped vectors.

    Args:
        outputs: By name of the vector what was found, in the form of its ``expected``.
    """
    known = vectors()
    said = {name: outputs[name] for name in known if name in outputs}
    told = {name: tuple(compare(found, known[name]["expected"])) for name, found in said.items()}
    return Verdict(
        vectors=len(known),
        agree=tuple(name for name, found in told.items() if not found),
        missing=tuple(name for name in known if name not in said),
        differences={name: found for name, found in told.items() if found},
    )


def compare(got: object, expected: object, path: str = "") -> Iterator[Difference]:
    """Everything in which two values differ.

    Zeros, nulls and empty objects may be left out. Lists of rows and cases may have any order. A
    score may hold more than is expected; anything else that is not expected differs.

    Example:
        >>> list(compare({"n": 5, "index": 66.6}, {"n": 6, "index": 66.6000000001}))
        [Difference(path='n', expected=6, got=5)]
    """
    name = path.rpartition(".")[2]
    if name == "refused":
        if not got:
            yield Difference(path, expected, got)
    elif _is_list(expected) and _is_list(got):
        if name in _NAMED_BY:
            yield from _objects(_named(name, got), _named(name, expected), path, "[{}]")
        else:
            yield from _lists(got, expected, path)
    elif _is_object(expected) and _is_object(got):
        if "index" in expected:  # a score: others may say more of it
            got = {key: value for key, value in got.items() if key in expected}
        yield from _objects(got, expected, path, ".{}" if path else "{}")
    elif not _same(got, expected):
        yield Difference(path, expected, got)


def _objects(got: _Object, expected: _Object, path: str, form: str) -> Iterator[Difference]:
    for key in [*expected, *(key for key in got if key not in expected)]:
        place = path + form.format(key)
        if key not in got:
            if not _is_nothing(expected[key]):
                yield Difference(place, expected[key], _MISSING)
        elif key not in expected:
            if not _is_nothing(got[key]):
                yield Difference(place, _MISSING, got[key])
        else:
            yield from compare(got[key], expected[key], place)


def _lists(got: list[object], expected: list[object], path: str) -> Iterator[Difference]:
    if len(got) != len(expected):
        yield Difference(f"{path}.length", len(expected), len(got))
    for number, pair in enumerate(zip(got, expected, strict=False)):
        yield from compare(*pair, f"{path}[{number}]")


def _named(name: str, items: Iterable[object]) -> dict[str, object]:
    """Entries by what they are about; of those about the same, the first is 1."""
    found: dict[str, object] = {}
    seen: Counter[str] = Counter()
    for item in items:
        values: _Object = item if _is_object(item) else {}
        about = "/".join(str(values.get(part, "")) for part in _NAMED_BY[name])
        seen[about] += 1
        found[f"{about}#{seen[about]}" if seen[about] > 1 else about] = item
    return found


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[_Object]:
    return isinstance(value, Mapping)


def _is_nothing(value: object) -> bool:
    """Zero, null, empty; a row without a count that is not zero."""
    if _is_object(value):
        return all(
            map(_is_nothing, value["values"].values() if "values" in value else value.values())
        )
    return not isinstance(value, bool) and value in _NOTHING


def _same(got: object, expected: object) -> bool:
    numbers = [
        isinstance(each, int | float) and not isinstance(each, bool) for each in (got, expected)
    ]
    if not all(numbers):
        return isinstance(got, bool) == isinstance(expected, bool) and got == expected
    if isinstance(expected, int):
        return got == expected
    near = cast("float", expected)
    return near - _NEAR <= cast("float", got) <= near + _NEAR  # of any size, where 10^400 - x fails
