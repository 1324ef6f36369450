"""What a decree changes after the holiday data was published, each with its legal reference."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Self, TypeAlias, cast

from pydantic import ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pelayanan.errors import ConfigError
from pelayanan.models.record import Record

__all__ = ["AddHoliday", "MoveHoliday", "Override", "Overrides", "RamadanDates", "RemoveHoliday"]

FIRST_YEAR, LAST_YEAR = 1990, 2075  # zones are constant from 1988, lunar dates estimated to 2076

_Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Day: TypeAlias = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]


class _Decreed(Record):
    """What every override says about itself.

    Attributes:
        reference: The decree, such as ``"SKB 3 Menteri 933/2025"``.
        decreed_on: Its date. Later decrees go over earlier ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: _Text
    decreed_on: _Day


class AddHoliday(_Decreed):
    """A day becomes free, for example for a local election. `collective` is cuti bersama."""

    day: _Day
    name: _Text
    collective: bool = False


class RemoveHoliday(_Decreed):
    """A holiday or cuti bersama is cancelled."""

    day: _Day


class MoveHoliday(_Decreed):
    """A holiday moves from `day` to another day."""

    day: _Day
    to: _Day


class RamadanDates(_Decreed):
    """First and last day of fasting of a year that the shipped data does not know yet."""

    first: _Day
    last: _Day

    @model_validator(mode="after")
    def _is_a_month(self) -> Self:
        if (self.last - self.first).days not in (28, 29):
            raise ValueError(
                "Ramadan has 29 or 30 days: give the first and the last day of fasting"
            )
        return self


Override: TypeAlias = AddHoliday | RemoveHoliday | MoveHoliday | RamadanDates
Overrides: TypeAlias = str | PathLike[str] | Mapping[str, Any] | Iterable[Override]
"""A TOML or JSON file, what stands in one, or the entries themselves."""

_SHAPES: dict[str, type[Override]] = {
    "add": AddHoliday,
    "remove": RemoveHoliday,
    "move": MoveHoliday,
    "ramadan": RamadanDates,
}
_EXAMPLES = {
    "reference": '"SKB 3 Menteri 933/2025"',
    "name": '"Pemungutan suara ulang"',
}


def read_overrides(given: Overrides | None) -> tuple[Override, ...]:
    """Read overrides in the order of their decrees.

    Raises:
        ConfigError: The file is missing or unreadable, or an entry is wrong. It names the file,
            the entry and the remedy.
    """
    if given is None:
        return ()
    where = "overrides"
    if isinstance(given, str | PathLike):
        where = str(given)
        entries = _entries(_load(Path(given)), where)
    elif isinstance(given, Mapping):
        entries = _entries(cast("Mapping[str, object]", given), where)
    else:
        entries = list(given)
    _refuse_twins(entries, where)
    return tuple(sorted(entries, key=lambda entry: entry.decreed_on))  # stable: then as written


def _load(path: Path) -> Mapping[str, object]:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ConfigError(f"{path}: name the override file .toml or .json")
    try:
        found = reader(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = f"{path}: cannot be read ({error.strerror})"
        raise ConfigError(f"{reason}: give its path, or leave overrides out") from error
    except ValueError as error:  # both decoders say line and column
        raise ConfigError(f"{path}: is no valid {path.suffix[1:].upper()}: {error}") from error
    if not isinstance(found, Mapping):
        raise ConfigError(f"{path}: must hold {', '.join(_SHAPES)}, each a list of entries")
    return cast("Mapping[str, object]", found)


_READERS: dict[str, Callable[[str], object]] = {".toml": tomllib.loads, ".json": json.loads}


def _entries(tables: Mapping[str, object], where: str) -> list[Override]:
    unknown = next((name for name in tables if name not in _SHAPES), None)
    if unknown is not None:
        raise ConfigError(f"{where}: {unknown!r} is unknown: use {', '.join(_SHAPES)}")
    found: list[Override] = []
    for kind, listed in tables.items():
        if not isinstance(listed, list):
            raise ConfigError(f"{where}: {kind} must be a list: write [[{kind}]]")
        for number, entry in enumerate(cast("list[object]", listed), 1):
            found.append(_entry(kind, entry, f"{where}, [[{kind}]] entry {number}"))
    return found


def _entry(kind: str, entry: object, where: str) -> Override:
    try:
        return _SHAPES[kind].model_validate(entry)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_remedy(kind, error)}") from None


def _remedy(kind: str, error: ValidationError) -> str:
    """Say what to write instead of the first thing that is wrong."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] in ("missing", "string_too_short"):
        return f"{field} is missing: add {field} = {_EXAMPLES.get(field, '2026-08-25')}"
    if first["type"] == "extra_forbidden":
        return f"{field!r} is unknown: use {', '.join(_SHAPES[kind].model_fields)}"
    if first["type"].startswith("date"):
        return f"{field} is no date: write it as 2026-08-25"
    if "than_equal" in first["type"]:
        return f"{field} must lie in {FIRST_YEAR} to {LAST_YEAR}: correct the year"
    return f"{field} {first['msg']}".strip().replace("Value error, ", "")


def _refuse_twins(entries: list[Override], where: str) -> None:
    """One decree says one thing about a day; twice is a slip whose meaning nobody can guess."""
    seen: set[tuple[date, date]] = set()
    for entry in entries:
        if isinstance(entry, RamadanDates):
            continue
        key = (entry.day, entry.decreed_on)
        if key in seen:
            message = f"{entry.day} has two entries decreed on {entry.decreed_on}"
            raise ConfigError(f"{where}: {message}: keep the one that holds")
        seen.add(key)
