"""Columns from numpy, and from whatever speaks Arrow (pandas, polars, duckdb, pyarrow)."""

from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from pelayanan.calendar.tables import Readings
from pelayanan.errors import ConfigError
from pelayanan.models import Kind
from pelayanan.score._arrow import Frame, is_arrow, numbers, texts
from pelayanan.score.coded import Coded
from pelayanan.score.columns import INSTANTS, Columns, Read

__all__ = ["read_columns"]

Array: TypeAlias = npt.NDArray[Any]
_TEXTS = ("agency", "kind", "channel", "excluded", "left_how", "calendar_rev")
_READINGS = tuple(f"{instant}_{name}" for instant in INSTANTS for name in Readings._fields)
_FAR = 1 << 33  # seconds: the year 2242; as milliseconds: April 1970
_HOW = {"", "withdrawn", "deleted", "handed_over"}


def read_columns(frame: object, **given: object) -> Columns:
    """The columns that are counted; raises `ConfigError` for what cannot be one."""
    unknown = sorted(set(given) - {*INSTANTS, *_TEXTS, *_READINGS, "contacts"})
    if unknown:
        raise ConfigError(f"there is no column {unknown[0]!r} to count")
    named = {name: value for name, value in given.items() if value is not None}
    table = None if frame is None else Frame(frame)
    if table and "calendar_rev" in named:
        named = {name: name for name in _READINGS if table.column(name) is not None} | named
    found = {name: _values(name, value, table) for name, value in named.items()}
    sizes = {len(values) for values in found.values() if not isinstance(values, str)}
    if len(sizes) != 1:
        raise ConfigError(f"columns must have one length, these have {sorted(sizes)}")
    size = sizes.pop()
    full: dict[str, Any] = {
        name: Coded.full(values, size) if isinstance(values, str) else values
        for name, values in found.items()
    }
    _check("kind", full["kind"], {kind.value for kind in Kind})
    _check("left_how", full.get("left_how", Coded.of([])), _HOW)
    if full["opened"].min(initial=0) < 0:
        raise ConfigError("opened: every case needs an instant (UTC epoch seconds, not negative)")
    for name in INSTANTS:
        if name in full and full[name].max(initial=0) > _FAR:
            raise ConfigError(f"{name}: give UTC epoch seconds, these look like milliseconds")
    read = _read(full)
    if "resolved" in full:
        full["resolved"] = _closings(full)
    return Columns.simple(**full, read=read)


def _closings(columns: dict[str, Any]) -> Array:
    """Closed without an answer that counts, or before it, is not resolved (score.md, 1)."""
    resolved, answered = columns["resolved"], columns.get("answered", np.int64(-1))
    counts = (resolved == -1) | ((answered != -1) & (answered <= resolved))
    if "left" in columns and "left_how" in columns:
        how: Coded = columns["left_how"]
        left = np.array([name != "" for name in how.names], np.bool_)[how.code]
        counts &= ~left | (columns["left"] == -1) | (answered <= columns["left"])
    found: Array = resolved if counts.all() else np.where(counts, resolved, -1)
    return found


def _read(columns: dict[str, Any]) -> Read | None:
    """Take the readings out of the columns."""
    found = {name: columns.pop(name) for name in _READINGS if name in columns}
    rev: Coded | None = columns.pop("calendar_rev", None)
    if rev is None:
        if found:
            raise ConfigError(f"{min(found)}: say calendar_rev, the calendar that was read")
        return None
    if len(rev.names) != 1:
        raise ConfigError(f"calendar_rev: readings of {len(rev.names)} calendars, not of one")
    nothing = np.broadcast_to(np.int64(0), len(rev))
    made: dict[str, Readings[Any]] = {}
    for instant in [name for name in INSTANTS if name in columns]:
        for name in _looked_at(instant):
            if f"{instant}_{name}" not in found:
                raise ConfigError(f"calendar_rev: there is no column {instant}_{name}")
        parts = (found.get(f"{instant}_{name}", nothing) for name in Readings._fields)
        made[instant] = Readings(*parts)
    return Read(rev.names[0], made)


def _looked_at(instant: str) -> tuple[str, ...]:
    """See `Read.of`."""
    if instant == "opened":
        return ("working_s", "days_through", "local_day")
    return ("working_s", "days_before")


def _values(name: str, value: object, frame: Frame | None) -> Any:
    """A column of numbers, of texts, or one text for all rows."""
    if isinstance(value, str):
        column = frame.column(value) if frame else None
        if column is not None:
            return _plain(name, column)
        known = value in set(Kind) if name == "kind" else name == "calendar_rev"
        if name in _TEXTS and (known or frame is None):
            return value
        raise ConfigError(f"{name}: there is no column {value[:40]!r}")
    return _plain(name, value)


def _plain(name: str, value: object) -> Coded | Array:
    if name in _TEXTS:
        if is_arrow(value):
            return texts(value)
        return Coded.of(_one_dimension(name, _listed(value)))
    values = _one_dimension(name, _whole(value, missing=-1 if name in INSTANTS else 0))
    if values.dtype.kind not in "iu":
        raise ConfigError(
            f"{name}: {values.dtype} is no whole number: give UTC epoch seconds, or instants that "
            "say their time zone"
        )
    return values if name in _READINGS else values.astype(np.int64, copy=False)


def _whole(value: object, *, missing: int) -> Array:
    if is_arrow(value):
        return numbers(value, missing=missing)
    listed = _listed(value)
    return listed if listed.size else listed.astype(np.int64)


def _listed(value: object) -> Array:
    if isinstance(value, np.ndarray):
        return cast("Array", value)
    if isinstance(value, (list, tuple)):
        return np.asarray(list(value))  # pyright: ignore[reportUnknownArgumentType]  # anything
    raise ConfigError(f"a column of {type(value).__name__} cannot be read: give a numpy array")


def _one_dimension(name: str, values: Array) -> Array:
    if values.ndim != 1:
        raise ConfigError(f"{name}: a column has one dimension, not {values.ndim}")
    return values


def _check(name: str, values: Coded, known: set[str]) -> None:
    strangers = sorted(set(values.names) - known)
    if strangers:
        raise ConfigError(f"{name}: {strangers[0][:40]!r} is none of {', '.join(sorted(known))}")
