"""Opening a database: SQLite by default, PostgreSQL by URL; migrations under a lock."""

import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from pelayanan.errors import ConfigError, StoreError, is_full
from pelayanan.store.migrations import upgrade

__all__ = ["open_engine", "overwrite", "reading", "store_errors", "writing"]

_LONGEST = 63  # bytes of a name; PostgreSQL cuts off what is more
_PATIENCE_S = 60  # how long a writer waits for its turn
_VANISHED_S = 600
_LOCK = 0x70656C61  # "pela": the advisory lock of PostgreSQL that our writers share


def open_engine(url: str, schema: str | None = None) -> Engine:
    """Open the database and bring its tables up to date.

    Args:
        url: ``sqlite:///path`` or ``postgresql://user@host/database`` (psycopg 3).
        schema: PostgreSQL only: where our tables live, beside those of the province.
            Default ``pelayanan``.

    Raises:
        ConfigError: The URL is of another kind, or its driver is not installed.
        StoreError: The database is away, full, damaged or newer than this program.
    """
    try:
        place = make_url(url)
    except SQLAlchemyError:
        raise ConfigError(
            'the store needs a URL such as "sqlite:///pelayanan.db" or "postgresql://…"'
        ) from None
    match place.get_backend_name():
        case "sqlite":
            engine = _sqlite(url, place.database)
        case "postgresql":
            engine = _postgres(place.set(drivername="postgresql+psycopg"), schema or "pelayanan")
        case other:
            raise ConfigError(f"the store runs on SQLite or PostgreSQL, not on {other}")
    try:
        with store_errors():
            upgrade(engine, schema or "pelayanan")
    except StoreError:
        engine.dispose()
        raise
    return engine


def _sqlite(url: str, database: str | None) -> Engine:
    if not database or database == ":memory:":  # what was sent must outlive the process
        raise ConfigError('a store lies in a file: give a URL such as "sqlite:///pelayanan.db"')
    folder = Path(database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"{folder} cannot be made ({error.strerror}): check owner and rights"
        raise StoreError(told, retryable=is_full(error)) from None
    engine = create_engine(url, connect_args={"timeout": _PATIENCE_S})

    @event.listens_for(engine, "connect")
    def settings(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so, below
        _write_ahead(connection)
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",  # what was forgotten is overwritten in the file
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a writer that begins as a reader could not become one while another one writes
        kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {kind}")

    _ = settings, begin
    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn a fresh file to WAL; while another process does the same SQLite refuses at once."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _postgres(place: Any, schema: str) -> Engine:
    if not schema.isidentifier() or len(schema.encode()) > _LONGEST:
        raise ConfigError(f"the schema must be a plain name, not {schema[:40]!r}")
    try:
        engine = create_engine(place, pool_pre_ping=True, pool_size=10)
    except ModuleNotFoundError:
        raise ConfigError("PostgreSQL needs: pip install 'pelayanan[postgres]'") from None

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: object) -> None:
        connection.autocommit = True  # the province's own tables are out of sight from here on
        connection.execute(f'SET search_path TO "{schema}"')
        # a machine that vanished in the middle of a transaction must not stop all others for hours
        connection.execute(f"SET lock_timeout = {_PATIENCE_S * 1000}")
        connection.execute(f"SET idle_in_transaction_session_timeout = {_VANISHED_S * 1000}")
        connection.autocommit = False

    _ = settings
    return engine


@contextmanager
def reading(engine: Engine) -> Generator[Connection, None, None]:
    """One transaction that only reads, and sees one state however often it asks."""
    with store_errors(), engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # SQLite knows nothing else
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine) -> Generator[Connection, None, None]:
    """One transaction that writes; writers take turns, so that the event log has no gaps."""
    with (
        store_errors(),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection


def overwrite(engine: Engine) -> None:
    """Move SQLite's journal into the file, so that no old page keeps what was removed.

    Raises:
        StoreError: Another process reads for over a minute.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        connection.exec_driver_sql("BEGIN")
    if busy:
        told = "another process still reads what was forgotten: run it again"
        raise StoreError(told, retryable=True)


@contextmanager
def store_errors() -> Generator[None, None, None]:
    """Turn what the database says into an error that tells a person what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _told(str(error.orig)) from None  # the statement holds citizens' data
    except sqlite3.Error as error:
        raise _told(str(error)) from None
    except PoolTimeoutError:
        told = "too many threads use the store at once: try again later"
        raise StoreError(told, retryable=True) from None


_LATER = (
    (
        ("full", "no space", "disk i/o"),
        "the disk is full: free some space and run again; nothing is lost",
    ),
    (
        ("locked", "lock timeout"),
        "another process holds the database for over a minute: try again later",
    ),
    (("connect",), "the database server does not answer: check its URL and that it runs"),
)
_MEND = (
    (
        ("malformed", "not a database"),
        "the database file is damaged: restore the last copy, then sync again",
    ),
    (
        ("readonly", "unable to open", "permission denied"),
        "the database cannot be written: check owner and rights",
    ),
    (
        ("password authentication", "no password supplied", "fatal:  role", "fatal:  database"),
        "the database server refuses user, password or database: check them in its URL",
    ),
)


def _told(said: str) -> StoreError:
    lower = said.lower()
    for retryable, rows in ((False, _MEND), (True, _LATER)):  # to connect says a refusal too
        for words, remedy in rows:
            if any(word in lower for word in words):
                return StoreError(remedy, retryable=retryable)
    first = said.splitlines()[0][:120] if said else ""
    return StoreError(f"the database refused: {first}" if first else "the database failed")
