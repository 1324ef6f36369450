"""A throw-away PostgreSQL, and an empty database in it for each test."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from servers.process import running, script, unavailable

__all__ = ["PostgresServer", "postgres_server"]

_NUMBERS = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """`dsn` is libpq's; `database` gives what SQLAlchemy wants."""

    dsn: str
    version: str
    pid: int

    def database(self) -> str:
        """Make an empty database and return its `postgresql+psycopg://` URL."""
        name = f"uji_{next(_NUMBERS)}"
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return (
            self.dsn.replace("postgresql:", "postgresql+psycopg:").rpartition("/")[0] + f"/{name}"
        )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start Debian's PostgreSQL on a free port."""
    command = script("postgres.py")
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        unavailable("PostgreSQL missing: apt-get install postgresql-15")
    with running([sys.executable, command], ports=1) as said:
        yield PostgresServer(**said)
