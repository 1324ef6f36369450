"""Many rows at once."""

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite

__all__ = ["insert_rows"]


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns, none of which needs a conversion.

    SQLite's driver is given the compiled statement: SQLAlchemy's own way takes half as long again.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        connection.execute(insert(table), rows)
        return
    statement, order = _compiled(table, tuple(rows[0]))
    connection.exec_driver_sql(statement, list(map(itemgetter(*order), rows)))


@cache
def _compiled(table: Table, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    dialect = sqlite.dialect(paramstyle="qmark")
    made = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(made), list(made.positiontup or ())
