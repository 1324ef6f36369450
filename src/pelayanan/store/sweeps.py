"""Where a slower second sweep begins: at a cursor of some days ago."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from pelayanan.store.keys import to_us
from pelayanan.store.tables import cursors

__all__ = ["Sweep", "note"]

_OLD, _NEW, _HERE = "/old", "/new", "/sweep"


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweep of one listing. Two cursors are remembered; the older one is where it begins.

    Attributes:
        account: Key of the account.
        stream: Name of the listing.
        days: How far back it reaches at least; at most twice as far.
        every: How long after the end of one sweep the next begins.
    """

    account: str
    stream: str
    days: timedelta = timedelta(days=7)
    every: timedelta = timedelta(days=1)

    @property
    def place(self) -> str:
        """The name under which its own place is kept, so that one cut short goes on."""
        return self.stream + _HERE

    def begin(self, connection: Connection, now: datetime) -> str | None:
        """Where to sweep from now on; ``None`` while none is due."""
        found = {
            row.stream.removeprefix(self.stream): row
            for row in connection.execute(select(cursors).where(cursors.c.account == self.account))
            if row.stream.startswith(self.stream)
        }
        if (here := found.get(_HERE)) is not None and here.cursor:
            return str(here.cursor)
        main, old, new = found.get(""), found.get(_OLD), found.get(_NEW)
        if main is None:
            return None
        if old is None:
            self._write(connection, _OLD, main.cursor, now)
            return None
        if new is None:
            self._write(connection, _NEW, main.cursor, now)
        elif not _within(new.updated_us, now, self.days):
            self._write(connection, _OLD, new.cursor, now)
            self._write(connection, _NEW, main.cursor, now)
            old = new
        due = here is None or not _within(here.updated_us, now, self.every)
        return str(old.cursor) if due else None

    def end(self, connection: Connection, now: datetime) -> None:
        """It has come to where the listing stands."""
        self._write(connection, _HERE, "", now)

    def _write(self, connection: Connection, name: str, cursor: str, now: datetime) -> None:
        note(connection, self.account, self.stream + name, cursor, to_us(now))


def note(connection: Connection, account: str, stream: str, cursor: str, us: int) -> None:
    """Write down a place of an account, and an instant with it."""
    where = cursors.c.account == account, cursors.c.stream == stream
    values = {"cursor": cursor, "updated_us": us}
    if not connection.execute(update(cursors).where(*where).values(**values)).rowcount:
        connection.execute(insert(cursors).values(account=account, stream=stream, **values))


def _within(us: int, now: datetime, span: timedelta) -> bool:
    """Whether it was in the last while; what a clock that was ahead has noted was not."""
    return to_us(now - span) < us <= to_us(now)
