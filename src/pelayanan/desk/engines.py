"""The tally of a month by the SQL statement, wherever its readings are."""

from pathlib import Path
from typing import TYPE_CHECKING

from pelayanan.desk.scoring import beside, tally, window_of
from pelayanan.errors import ConfigError, StoreError, is_full
from pelayanan.models import Period
from pelayanan.score import Tally
from pelayanan.store.engines import ENGINES, count_files, write_files
from pelayanan.store.keys import to_us
from pelayanan.store.readings import count_readings, list_readings, refresh

if TYPE_CHECKING:
    from pelayanan.desk.desk import Desk

__all__ = ["export", "tally_by"]


def tally_by(desk: "Desk", period: Period, engine: str, folder: Path | None = None) -> Tally:
    """The tally of a month; whichever engine counts, equal cases have the same digest.

    Args:
        desk: Whose calendar, definition and province hold.
        period: The month.
        engine: ``"numpy"`` as `Desk.tally` does, ``"sql"``: the statement inside the store,
            ``"duckdb"`` or ``"spark"``: the same over Parquet files.
        folder: With the files, for the last two.

    Raises:
        ConfigError: No such engine, a folder is missing or not asked for, or what the engine says.
    """
    if (folder is not None) != (engine in ENGINES):
        told = "needs --input FOLDER" if folder is None else "counts the store, no folder"
        raise ConfigError(f"the engine {engine} {told}")
    if folder is not None:
        return _of_files(desk, period, engine, folder)
    if engine == "numpy":
        return tally(desk, period)
    if engine != "sql":
        raise ConfigError(f"no engine {engine[:20]!r}: numpy, sql, {', '.join(ENGINES)}")
    window = window_of(desk, period)
    with desk.store.writing() as connection:
        counted = count_readings(
            connection,
            window,
            calendar=desk.calendar,
            standards=desk.standards,
            period=period.name,
            province=desk.config.province.name,
        )
    return counted + beside(desk, window, period) if counted.counts else counted


def _of_files(desk: "Desk", period: Period, engine: str, folder: Path) -> Tally:
    counted = count_files(
        engine,
        folder,
        calendar=desk.calendar,
        standards=desk.standards,
        period=period.name,
        province=desk.config.province.name,
    )
    kept = _beside(folder, period)
    return counted + Tally.load(kept) if counted.counts and kept.exists() else counted


def export(desk: "Desk", period: Period, folder: Path) -> int:
    """Write a month's readings as Parquet, and beside them what is not counted from cases.

    Returns:
        How many readings there are: one for each clock of a case. No text, no account, no person.

    Raises:
        ConfigError: pyarrow is not installed.
        StoreError: The folder cannot be written.
    """
    window = window_of(desk, period)
    until = to_us(window.as_of) // 1_000_000
    with desk.store.writing() as connection:
        refresh(
            connection,
            window,
            calendar=desk.calendar,
            standards=desk.standards,
            period=period.name,
        )
        size = write_files(list_readings(connection, period.name), folder, period.name, until)
    try:
        beside(desk, window, period).save(_beside(folder, period))
    except OSError as error:
        told = f"{folder} cannot be written: {error.strerror}"
        raise StoreError(told, retryable=is_full(error)) from None
    return size


def _beside(folder: Path, period: Period) -> Path:
    return folder / f"beside-{period}.json"
