"""Looks at an account's own answers: what one shows first was not there when the one before began.

That holds of whole looks only. One that was cut short, that goes on where another was cut, or in
which something could not be read, may have passed an answer by. The first look at an account, and
the first one after its settings were changed, may show what always stood there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection, select

from pelayanan.protocol.page import Page
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.sweeps import note
from pelayanan.store.tables import cursors

__all__ = ["Look"]

_STREAM = "answers/look"
_UNDER_WAY = "/under way"


@dataclass(slots=True)
class Look:
    """One look, from its first page to its last.

    Attributes:
        account: Key of the account.
        way: With which settings it is read; with others there was no look before.
        began: When it began.
        before: When the last whole look before it began.
        is_whole: Whether it can have passed nothing by, so far.
    """

    account: str
    way: str
    began: datetime
    before: datetime | None
    is_whole: bool

    @classmethod
    def begin(cls, connection: Connection, account: str, way: str, now: datetime) -> Self:
        """Begin one; nothing is written before its first page is kept."""
        asked = select(cursors.c.cursor, cursors.c.updated_us)
        place = cursors.c.account == account, cursors.c.stream == _STREAM
        row = connection.execute(asked.where(*place)).one_or_none()
        if row is None:  # perhaps an older version of this library left the listing half-way
            return cls(account, way, now, None, is_whole=False)
        is_same = row.cursor.removesuffix(_UNDER_WAY) == way
        is_past = 0 < row.updated_us <= to_us(now)  # else a clock was ahead, or there was none
        before = from_us(row.updated_us) if is_same and is_past else None
        return cls(account, way, now, before, is_whole=not row.cursor.endswith(_UNDER_WAY))

    def unseen(self, lag: timedelta) -> datetime | None:
        """Until when nothing that it shows first was there, on a platform that lists so late."""
        return self.before and self.before - lag

    def kept(self, connection: Connection, page: Page[Any]) -> None:
        """Note how far it came, in the transaction that keeps the page."""
        self.is_whole = self.is_whole and not page.unreadable
        ended = self.began if self.is_whole and not page.more else self.before
        way = self.way + _UNDER_WAY * page.more
        note(connection, self.account, _STREAM, way, to_us(ended) if ended else 0)
