"""Readings as Parquet files, and engines that run the statement over them.

A province may make the files itself: every column of `COLUMNS`, one file or many in a folder.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Text

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Standards
from pelayanan.errors import ConfigError, StoreError, is_full
from pelayanan.models import Kind
from pelayanan.score import Tally, TallyKey
from pelayanan.store.readings import HANDED_ON
from pelayanan.store.statement import revision, statement, tally_of

__all__ = ["COLUMNS", "ENGINES", "count_files", "spark_session", "write_files"]

Run: TypeAlias = Callable[[str], Sequence[Sequence[Any]]]

COLUMNS = {column.name: isinstance(column.type, Text) for column in HANDED_ON}
"""The columns of the files: text, or else whole numbers."""

_MAYBE = {column.name for column in HANDED_ON if column.nullable}
_SECOND = {f"{instant}_s" for instant in ("answered", "left", "resolved")}


def write_files(
    parts: Iterable[Sequence[Sequence[Any]]], folder: Path, period: str, until: int
) -> int:
    """Write a month's readings as one Parquet file; returns how many rows it has.

    Args:
        parts: Rows with the columns `COLUMNS`, all of which hold at `until`.
        folder: Made where it is missing.
        period: The month's name, which the file gets too.
        until: `as_of` in UTC epoch seconds.

    Raises:
        ConfigError: pyarrow is not installed.
        StoreError: The folder cannot be written.
    """
    pa, pq = _module("pyarrow", "duckdb"), _module("pyarrow.parquet", "duckdb")
    kinds = [(name, pa.string() if text else pa.int64()) for name, text in COLUMNS.items()]
    schema, size = pa.schema(kinds), 0
    place = folder / f"readings-{period}.parquet"
    half = place.with_suffix(".tmp")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(half, schema) as writer:
            for rows in parts:
                columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
                columns["as_of_s"] = [until] * len(rows)
                writer.write_table(pa.table(columns, schema=schema))
                size += len(rows)
        half.replace(place)
    except OSError as error:
        told = f"{place} cannot be written: {error.strerror or error}"
        raise StoreError(told, retryable=is_full(error)) from None
    return size


def count_files(
    engine: str,
    folder: Path,
    *,
    calendar: WorkCalendar,
    standards: Standards,
    period: str,
    province: str = "",
) -> Tally:
    """Count the readings of a month in a folder of Parquet files, by the statement.

    Args:
        engine: ``"duckdb"`` or ``"spark"``.
        folder: With files ``*.parquet``.
        calendar: Must be the one by which the readings were made.
        standards: Must be the definition for which they were made.
        period: The month's name.
        province: Its name.

    Raises:
        ConfigError: There are no files, a column is missing or empty, the readings are of another
            calendar, definition or of two instants, or the engine is not installed.
    """
    files = sorted(str(each) for each in folder.glob("*.parquet"))
    if not files:
        raise ConfigError(f"{folder}: no Parquet file in it: `pelayanan tally --export {folder}`")
    rev = revision(calendar, standards)
    with ENGINES[engine](files) as run:
        until = _as_of(run, period, rev)
        if until is None:
            return Tally()
        _check(run, period)
        rows = run(statement(calendar, standards, until, period))
    key = TallyKey(province, "", "", "", period, standards.version, calendar.version, until)
    return tally_of(rows, key)


def _as_of(run: Run, period: str, rev: str) -> int | None:
    asked = f"SELECT DISTINCT calendar_rev, as_of_s FROM readings WHERE period = '{period}'"  # noqa: S608  a checked name
    found = sorted((str(theirs), int(until)) for theirs, until in run(asked))
    if not found:
        return None
    if other := [theirs for theirs, _ in found if theirs != rev]:
        raise ConfigError(
            f"the readings of {period} are of {other[0][:80]!r}, counted is by {rev!r}: write them "
            "again with this calendar and definition"
        )
    if len(found) > 1:
        raise ConfigError(f"the readings of {period} are of {len(found)} instants (as_of_s)")
    return found[0][1]


def _check(run: Run, period: str) -> None:
    """What is empty where it may not be would silently count for nothing."""
    empty = [f"{name} IS NULL" for name in COLUMNS if name not in _MAYBE]
    empty += [
        f"{second} IS NOT NULL AND {second[:-1]}{rest} IS NULL"
        for second in sorted(_SECOND)
        for rest in ("working_s", "days_before")
    ]
    asked = f"SELECT COUNT(*) FROM readings WHERE period = '{period}' AND ({' OR '.join(empty)})"  # noqa: S608  constants
    if count := int(run(asked)[0][0]):
        raise ConfigError(f"{count} readings of {period} lack a value that they need")
    kinds = ", ".join(f"'{kind}'" for kind in Kind)
    asked = (
        f"SELECT MIN(kind) FROM readings WHERE period = '{period}'"  # noqa: S608  constants
        f" AND (kind NOT IN ({kinds}) OR triage NOT IN ({kinds}))"
    )
    if (kind := run(asked)[0][0]) is not None:
        raise ConfigError(f"kind or triage of a reading is none of {kinds} (kind {kind[:40]!r})")


# ---- the engines


@contextmanager
def _duckdb(files: Sequence[str]) -> Generator[Run, None, None]:
    duckdb = _module("duckdb", "duckdb")
    listed = ", ".join("'" + each.replace("'", "''") + "'" for each in files)
    with duckdb.connect() as connection:

        def run(asked: str) -> Sequence[Sequence[Any]]:
            found: list[tuple[Any, ...]] = connection.execute(asked).fetchall()
            return found

        try:
            run(f"CREATE VIEW readings AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608  quoted
            yield run
        except duckdb.Error as error:
            raise ConfigError(f"DuckDB refused the files: {_first_line(error)}") from None


@contextmanager
def _spark(files: Sequence[str]) -> Generator[Run, None, None]:
    errors = _module("pyspark.errors", "spark")
    running = _module("pyspark.sql", "spark").SparkSession.getActiveSession()
    session = running or spark_session()

    def run(asked: str) -> Sequence[Sequence[Any]]:
        found: list[tuple[Any, ...]] = session.sql(asked).collect()
        return found

    try:
        session.read.parquet(*files).createOrReplaceTempView("readings")
        yield run
    except errors.PySparkException as error:
        raise ConfigError(f"Spark refused the files: {_first_line(error)}") from None
    finally:
        session.catalog.dropTempView("readings")
        if running is None:
            session.stop()


def spark_session() -> Any:
    """A session on two cores; who has a cluster starts one of its own before, which is then used.

    Raises:
        ConfigError: pyspark or Java is not installed.
    """
    sql, errors = _module("pyspark.sql", "spark"), _module("pyspark.errors", "spark")
    builder = sql.SparkSession.builder.master("local[2]").appName("pelayanan")
    for name, value in {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
    }.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except errors.PySparkException:
        raise ConfigError("Spark did not start: it needs Java 17 or later (JAVA_HOME)") from None
    session.sparkContext.setLogLevel("ERROR")
    return session


def _module(name: str, extra: str) -> Any:
    try:
        return import_module(name)  # an extra, and without types
    except ModuleNotFoundError:
        package = name.partition(".")[0]
        raise ConfigError(f"this needs {package}: pip install 'pelayanan[{extra}]'") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0][:200]


ENGINES: dict[str, Callable[[Sequence[str]], AbstractContextManager[Run]]] = {
    "duckdb": _duckdb,
    "spark": _spark,
}
"""What runs the statement over files, by name."""
