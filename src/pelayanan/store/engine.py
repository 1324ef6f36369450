"""Opening a database: SQLite by default, PostgreSQL by URL; migrations under a lock."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pelayanan.errors import ConfigError, StoreError
from pelayanan.store.migrations import upgrade

__all__ = ["open_engine", "store_errors", "writing"]

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
    with store_errors():
        upgrade(engine, schema or "pelayanan")
    return engine


def _sqlite(url: str, database: str | None) -> Engine:
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def settings(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say so, below
        for pragma in (
            "journal_mode = WAL",
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


def _postgres(place: Any, schema: str) -> Engine:
    if not schema.isidentifier():
        raise ConfigError(f"the schema must be a plain name, not {schema[:40]!r}")
    try:
        engine = create_engine(place, pool_pre_ping=True, pool_size=10)
    except ModuleNotFoundError:
        raise ConfigError("PostgreSQL needs: pip install 'pelayanan[postgres]'") from None

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: object) -> None:
        connection.autocommit = True  # the province's own tables are out of sight from here on
        connection.execute(f'SET search_path TO "{schema}"')
        connection.autocommit = False

    _ = settings
    return engine


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


@contextmanager
def store_errors() -> Generator[None, None, None]:
    """Turn what the database says into an error that tells a person what to do."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_remedy(str(error.orig))) from None  # the statement holds citizens' data
    except sqlite3.Error as error:
        raise StoreError(_remedy(str(error))) from None


def _remedy(said: str) -> str:
    lower = said.lower()
    if "full" in lower or "no space" in lower or "disk i/o" in lower:
        return "the disk is full: free some space and run again; nothing is lost"
    if "locked" in lower:
        return "another process holds the database for over a minute: try again later"
    if "malformed" in lower or "not a database" in lower:
        return "the database file is damaged: restore the last copy, then sync again"
    if "readonly" in lower or "unable to open" in lower or "permission denied" in lower:
        return "the database cannot be written: check owner and rights of its folder"
    if "connection" in lower or "connect" in lower:
        return "the database server does not answer: check its URL and that it runs"
    return f"the database refused: {said.splitlines()[0][:120]}" if said else "the database failed"
