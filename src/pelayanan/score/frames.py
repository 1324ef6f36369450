"""Columns from numpy, and from whatever speaks Arrow (pandas, polars, duckdb, pyarrow)."""

from importlib import import_module
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from pelayanan.errors import ConfigError
from pelayanan.models import Kind
from pelayanan.score.columns import Columns

__all__ = ["read_columns"]

Array: TypeAlias = npt.NDArray[Any]
_INSTANTS = ("opened", "answered", "resolved", "left")
_TEXTS = ("agency", "kind", "channel", "excluded", "left_how")
_HOW = {"", "withdrawn", "deleted", "handed_over"}


def read_columns(frame: object, **given: object) -> Columns:
    """The columns that are counted; raises `ConfigError` for what cannot be one."""
    unknown = sorted(set(given) - {*_INSTANTS, *_TEXTS, "contacts"})
    if unknown:
        raise ConfigError(f"there is no column {unknown[0]!r} to count")
    named = {name: value for name, value in given.items() if value is not None}
    table = None if frame is None else _Frame(frame)
    found = {name: _values(name, value, table) for name, value in named.items()}
    sizes = {len(values) for values in found.values() if isinstance(values, np.ndarray)}
    if len(sizes) != 1:
        raise ConfigError(f"columns must have one length, these have {sorted(sizes)}")
    size = sizes.pop()
    full = {
        name: np.full(size, values) if isinstance(values, str) else values
        for name, values in found.items()
    }
    _check("kind", full["kind"], {kind.value for kind in Kind})
    _check("left_how", full.get("left_how", np.empty(0, "U1")), _HOW)
    if (full["opened"] < 0).any():
        raise ConfigError("opened: every case needs an instant (UTC epoch seconds, not negative)")
    return Columns.simple(**full)


class _Frame:
    """A data frame, column by column."""

    def __init__(self, frame: object) -> None:
        self._frame: Any = frame if hasattr(frame, "column_names") else _arrow("table", frame)

    def column(self, name: str) -> Any | None:
        """The column of that name, if there is one."""
        return self._frame[name] if name in self._frame.column_names else None


def _values(name: str, value: object, frame: _Frame | None) -> Array | str:
    if isinstance(value, str):
        column = frame.column(value) if frame else None
        if column is not None:
            return _plain(name, column)
        constant = frame is None or (name == "kind" and value in set(Kind))
        if name in _TEXTS and constant:
            return value
        raise ConfigError(f"{name}: there is no column {value[:40]!r}")
    return _plain(name, value)


def _plain(name: str, value: object) -> Array:
    values = _numpy(value, instants=name in _INSTANTS)
    if values.ndim != 1:
        raise ConfigError(f"{name}: a column has one dimension, not {values.ndim}")
    if name in _TEXTS:
        return values if values.dtype.kind == "U" else _texts(values)
    if values.dtype.kind not in "iu":
        raise ConfigError(
            f"{name}: {values.dtype} is no whole number: give UTC epoch seconds, or instants that "
            "say their time zone"
        )
    return values.astype(np.int64, copy=False)


def _texts(values: Array) -> Array:
    return np.array(["" if value is None else str(value) for value in values.tolist()], np.str_)


def _numpy(value: object, *, instants: bool) -> Array:
    if isinstance(value, np.ndarray):
        return cast("Array", value)
    if hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__"):
        return _from_arrow(value, instants=instants)
    if hasattr(value, "dtype") and hasattr(value, "to_numpy"):  # a Series without Arrow
        return _from_arrow(value, instants=instants)
    if isinstance(value, (list, tuple)):
        listed: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]  # anything
        return np.asarray(listed) if listed else np.empty(0, np.int64)
    raise ConfigError(f"a column of {type(value).__name__} cannot be read: give a numpy array")


def _from_arrow(value: object, *, instants: bool) -> Array:
    pa = _pyarrow()
    column: Any = value if isinstance(value, pa.ChunkedArray) else _arrow("chunked_array", value)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            raise ConfigError("a column of instants is naive: say its time zone first")
        whole = import_module("pyarrow.compute").floor_temporal(column, unit="second")
        column = whole.cast(pa.timestamp("s", "UTC")).cast(pa.int64())
    empty = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if column.null_count:
        column = column.fill_null("" if empty else -1 if instants else 0)
    found: Array = column.to_numpy()
    return found


def _arrow(maker: str, value: object) -> Any:
    pa = _pyarrow()
    try:
        made = getattr(pa, maker)(value)
    except TypeError:  # a Series that does not offer Arrow itself
        made = pa.Array.from_pandas(value)
    return made if maker == "table" or isinstance(made, pa.ChunkedArray) else pa.chunked_array(made)


def _pyarrow() -> Any:
    try:
        return import_module("pyarrow")  # seldom needed, and without types
    except ModuleNotFoundError:
        raise ConfigError("frames need pyarrow: pip install 'pelayanan[frames]'") from None


def _check(name: str, values: Array, known: set[str]) -> None:
    strangers = sorted(set(np.unique(values).tolist()) - known)
    if strangers:
        raise ConfigError(
            f"{name}: {str(strangers[0])[:40]!r} is none of {', '.join(sorted(known))}"
        )
