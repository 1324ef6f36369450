"""Columns of whatever speaks Arrow (pandas, polars, duckdb, pyarrow), as numpy and as codes."""

from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.errors import ConfigError
from pelayanan.score.coded import Coded

__all__ = ["Frame", "is_arrow", "numbers", "texts"]

Array: TypeAlias = npt.NDArray[Any]


class Frame:
    """A data frame, column by column."""

    def __init__(self, frame: object) -> None:
        self._frame: Any = frame if hasattr(frame, "column_names") else _made("table", frame)

    def column(self, name: str) -> Any | None:
        """The column of that name, if there is one."""
        return self._frame[name] if name in self._frame.column_names else None


def is_arrow(value: object) -> bool:
    """Whether it can be read here: it speaks Arrow, or is a Series of a time before that."""
    stream = hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__")
    return stream or (hasattr(value, "dtype") and hasattr(value, "to_numpy"))


def numbers(value: object, *, missing: int) -> Array:
    """Whole numbers, or instants as UTC epoch seconds, rounded down.

    Raises:
        ConfigError: Instants do not say their time zone.
    """
    pa, column = _pyarrow(), _column(value)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            raise ConfigError("a column of instants is naive: say its time zone first")
        whole = import_module("pyarrow.compute").floor_temporal(column, unit="second")
        column = whole.cast(pa.timestamp("s", "UTC")).cast(pa.int64())
    textual = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if column.null_count and not textual:
        column = column.fill_null(missing)
    found: Array = column.to_numpy()
    return found


def texts(value: object) -> Coded:
    """Texts; categories are taken as they are."""
    pa, column = _pyarrow(), _column(value)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    chunks = column.unify_dictionaries().chunks
    if not chunks:
        return Coded.of([])
    names = chunks[0].dictionary.to_pylist()
    small = np.min_scalar_type(-1 - len(names))  # a byte a row for what provinces have
    code = [_indices(each).astype(small, copy=False) for each in chunks]
    return Coded.numbered(names, code[0] if len(code) == 1 else np.concatenate(code))


def _indices(chunk: Any) -> Array:
    """Of categories; -1 is null."""
    indices = chunk.indices
    if indices.null_count:
        indices = indices.cast("int64").fill_null(-1)  # some count without a sign
    found: Array = indices.to_numpy()
    return found


def _column(value: object) -> Any:
    return value if isinstance(value, _pyarrow().ChunkedArray) else _made("chunked_array", value)


def _made(maker: str, value: object) -> Any:
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
