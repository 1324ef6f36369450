"""Pages of 1,000 messages into SQLite, beside bare `sqlite3` with the same tables and settings."""

import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from measure import WALL, Row, at_least, in_turns

PAGE = 1_000
START = datetime(2026, 3, 1, tzinfo=UTC)
TableRows: TypeAlias = dict[str, list[dict[str, Any]]]
_TABLES = ("messages", "cases", "events")
_UNIQUE = {"messages": ("id",), "cases": ("id",), "events": ("case_id",)}


def rows() -> Iterable[Row]:
    """Rows alone, as the store writes them; then whole pages, with cases, events and chain."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        stores = Stores(Path(folder), opened)
        (page,) = stores.rows_of([mentions(0)])
        turn = count()
        pair = in_turns(
            lambda: stores.write(page, f"{next(turn)}"),
            lambda: stores.raw(page, f"{next(turn)}"),
            clock=WALL,
        )
        what = "rows of 1,000 messages, cases, events into SQLite"
        yield at_least(what, "sqlite3 executemany", pair, 0.7)
        pages = [mentions(number) for number in range(1, 12)]
        pair = in_turns(
            lambda: stores.keep(pages.pop(), "akun"),
            lambda: stores.raw(page, f"{next(turn)}"),
            clock=WALL,
        )
        what = "1,000 messages into cases: looked up, judged, chained, written"
        yield at_least(what, "sqlite3 executemany of its rows", pair, 0.7)


def mentions(page: int) -> list[Any]:
    """A page of messages, each of another person."""
    from pelayanan import Author, Mention  # noqa: PLC0415

    return [
        Mention(
            platform="bluesky",
            id=f"at://did:plc:warga{number}/app.bsky.feed.post/{number}",
            author=Author(id=f"did:plc:warga{number}", handle=f"warga-{number}.example.test"),
            text=f"@dinsos.example.test bantuan beras untuk RT 03 belum sampai ({number})",
            created_at=START + timedelta(seconds=number),
            url=f"https://bsky.example/profile/warga{number}/post/{number}",
            thread=f"at://did:plc:warga{number}/app.bsky.feed.post/{number}",
            ref={"cid": "bafyreicontoh", "root_uri": "at://contoh", "root_cid": "bafyreicontoh"},
        )
        for number in range(page * PAGE, (page + 1) * PAGE)
    ]


class Stores:
    """Two new databases of the same tables: ours to write through the store, one for the peer."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        from pelayanan.store.store import Store  # noqa: PLC0415

        self._store = Store(f"sqlite:///{folder / 'ours.db'}")
        opened.callback(self._store.close)
        Store(f"sqlite:///{folder / 'peer.db'}").close()
        self._peer = sqlite3.connect(folder / "peer.db", isolation_level=None)
        opened.callback(self._peer.close)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._peer.execute(f"PRAGMA {pragma}")

    def keep(self, items: Sequence[Any], account: str) -> None:
        """Keep a page with its cursor, as `sync` does; an account is an agency of its own."""
        from pelayanan.protocol.page import Page  # noqa: PLC0415
        from pelayanan.store.intake import Intake  # noqa: PLC0415

        now, page = datetime.now(UTC), Page(tuple(items), "contoh/1:1")
        with self._store.writing() as connection:
            intake = Intake(connection, self._store.keys, account, account, now)
            kept = self._store.keep(
                intake, connection, page, account=account, stream="mentions", now=now
            )
        assert kept.new == len(items)

    def rows_of(self, pages: Sequence[Sequence[Any]]) -> list[TableRows]:
        """What `keep` writes of each page."""
        found: list[TableRows] = []
        seen = dict.fromkeys(_TABLES, 0)
        for page in pages:
            self.keep(page, "contoh")
            with self._store.reading() as connection:
                found.append({name: self._new(connection, name, seen) for name in _TABLES})
        return found

    @staticmethod
    def _new(connection: Any, table: str, seen: dict[str, int]) -> list[dict[str, Any]]:
        asked = f"SELECT rowid AS place, * FROM {table} WHERE rowid > {seen[table]}"
        rows = [dict(row) for row in connection.exec_driver_sql(asked).mappings()]
        seen[table] = max((row.pop("place") for row in rows), default=seen[table])
        for row in rows:
            row.pop("seq", None)  # given by the database
        return rows

    def write(self, page: TableRows, turn: str) -> None:
        """Write rows as the store does."""
        from pelayanan.store import tables  # noqa: PLC0415
        from pelayanan.store.bulk import insert_rows  # noqa: PLC0415

        with self._store.writing() as connection:
            for name, rows in page.items():
                insert_rows(connection, getattr(tables, name), _renamed(name, rows, turn))

    def raw(self, page: TableRows, turn: str) -> None:
        """Write rows in one transaction with nothing between."""
        self._peer.execute("BEGIN IMMEDIATE")
        for name, rows in page.items():
            if not rows:  # everybody had a case
                continue
            columns = list(rows[0])
            values = ", ".join(f":{column}" for column in columns)
            into = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"
            self._peer.executemany(into, _renamed(name, rows, turn))
        self._peer.execute("COMMIT")


def _renamed(table: str, rows: list[dict[str, Any]], turn: str) -> list[dict[str, Any]]:
    """The same rows under keys of their own; both sides pay for it."""
    return [row | {name: f"{turn}-{row[name]}" for name in _UNIQUE[table]} for row in rows]
