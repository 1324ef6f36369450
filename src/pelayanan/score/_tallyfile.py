"""The JSON form of a tally: keys, counts, and what shows that nothing was lost or changed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import SecretStr

from pelayanan.cases import Standards
from pelayanan.errors import ConfigError
from pelayanan.score.signing import sign, verify

__all__ = ["Row", "canonical", "dump", "load"]

Row: TypeAlias = tuple[Mapping[str, Any], Mapping[str, int]]
_FORMAT = "pelayanan-tally/1"


def canonical(rows: Iterable[Row]) -> str:
    """The same text for the same counts; zeros and empty rows say nothing."""
    kept = [
        {**key, "counts": full}
        for key, values in rows
        if (full := {name: number for name, number in values.items() if number})
    ]
    plain = sorted(json.dumps(row, sort_keys=True, separators=(",", ":")) for row in kept)
    return "[" + ",".join(plain) + "]"


def dump(rows: Sequence[Row], heads: Sequence[str], key: SecretStr | str | None = None) -> str:
    """Text of the file, signed where there is a key."""
    versions = sorted({str(key["definition"]) for key, _ in rows})
    body: dict[str, Any] = {
        "format": _FORMAT,
        "definitions": {version: _known(version) for version in versions},
        "digest": _digest(rows),
        "heads": list(heads),
        "rows": [{**key, "counts": dict(values)} for key, values in rows],
    }
    if key is not None:
        body = sign(body, key)
    return json.dumps(body, indent=1, sort_keys=True) + "\n"


def load(
    place: Path, fields: Sequence[str], trusted: Mapping[str, str] | None = None
) -> tuple[list[Row], tuple[str, ...]]:
    """Rows and heads of a file; raises `ConfigError` with the reason and the remedy."""
    try:
        body = json.loads(place.read_text("utf-8"))
        form = body["format"]
        if form != _FORMAT:
            raise ConfigError(f"{place}: format {form!r} is not {_FORMAT!r}")
        rows: list[Row] = [
            ({name: _field(name, row[name]) for name in fields}, _whole(row["counts"]))
            for row in body["rows"]
        ]
        heads = tuple(str(head) for head in body["heads"])
        definitions, digest = dict(body["definitions"]), body["digest"]
    except OSError as error:
        told = f"{place} cannot be read: {error.strerror}: check path, owner and rights"
        raise ConfigError(told) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(
            f"{place}: no readable tally ({type(error).__name__}): ask for the file again"
        ) from None
    if digest != _digest(rows):
        raise ConfigError(f"{place}: the counts are not those that were written: ask for it again")
    try:
        verify(body, trusted, {str(key["province"]) for key, _ in rows})
    except ConfigError as error:
        raise ConfigError(f"{place} {error}") from None
    for version, told in definitions.items():
        known = _known(version)
        if known and told != known:
            raise ConfigError(f"{place}: counted by other numbers under the name {version}")
    return rows, heads


def _digest(rows: Iterable[Row]) -> str:
    return sha256(canonical(rows).encode()).hexdigest()


def _known(version: str) -> str:
    """The hash of a definition that is shipped; a province's own is not known here."""
    try:
        return Standards.load(version).digest
    except ConfigError:
        return ""


def _field(name: str, value: object) -> object:
    wanted = int if name == "as_of" else str
    if type(value) is not wanted:
        raise TypeError(f"{name} is no {wanted.__name__}")
    return value


def _whole(counts: Mapping[str, Any]) -> dict[str, int]:
    if any(type(count) is not int or count < 0 for count in counts.values()):
        raise ValueError("counts are whole numbers")
    return dict(counts)
