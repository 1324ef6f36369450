"""Migrations, shipped in the wheel and run when a store is opened."""

import threading
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from pelayanan.errors import StoreError

__all__ = ["HEAD", "VERSION_TABLE", "upgrade"]

HEAD = "0011"
VERSION_TABLE = "pelayanan_version"  # a province's own Alembic keeps its `alembic_version`
_LOCK = 0x70656C62
_ALEMBIC = threading.Lock()  # it knows one database at a time: two stores would mix


def upgrade(engine: Engine, schema: str) -> None:
    """Bring the tables to `HEAD`; one process at a time, whoever comes second finds it done.

    Raises:
        StoreError: The store was written by a newer version of this library, or is the file of
            another program.
    """
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if schema not in inspect(connection).get_schema_names():  # else no right is needed
                connection.execute(text(f'CREATE SCHEMA "{schema}"'))
        found = _version(connection, schema)
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise StoreError(
                f"the store is at version {found}, this program knows {HEAD}: "
                "pip install --upgrade pelayanan"
            )
        # in PostgreSQL they may lie beside ours, for which there are schemas
        if (
            found is None
            and connection.dialect.name == "sqlite"
            and inspect(connection).get_table_names()
        ):
            raise StoreError("the file is another program's database: give the store its own")
        _migrate(connection)


def _version(connection: Connection, schema: str) -> str | None:
    place = schema if connection.dialect.name == "postgresql" else None
    if not inspect(connection).has_table(VERSION_TABLE, schema=place):
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608  a constant
    return str(found) if found is not None else None


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  slow, and needed once a version
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    place = str(Path(str(files(__name__)))).replace("%", "%%")  # Alembic reads % as its own
    config.set_main_option("script_location", place)
    config.attributes["connection"] = connection
    with _ALEMBIC:
        command.upgrade(config, "head")
