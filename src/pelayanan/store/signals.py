"""Signals: heard once, kept for a while, taken up by a person or not at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, or_, select, update

from pelayanan.models import Mention, Signal
from pelayanan.store.bulk import insert_rows
from pelayanan.store.keys import Keys, from_us, to_us
from pelayanan.store.tables import cursors, messages, signals

__all__ = ["PART", "Signals", "forget_signals"]

PART = 200
_CHUNK = 1000  # databases take only so many values in one question
_C = signals.c


@dataclass(frozen=True, slots=True)
class Signals:
    """Reads and writes signals inside one transaction.

    Attributes:
        accounts: Keys of the accounts of each platform: what one of them was told is no signal.
    """

    connection: Connection
    keys: Keys
    accounts: Mapping[str, Sequence[str]]

    def hear(self, found: Collection[Mention], *, watch: str, now: datetime) -> int:
        """Keep what is new; returns how much that is."""
        heard = {self._id(each): each for each in found}
        known = set(self._addressed(heard))
        for start in range(0, len(heard), _CHUNK):
            part = _C.id.in_([*heard][start : start + _CHUNK])
            known.update(self.connection.scalars(select(_C.id).where(part)))
        rows = [
            {
                "id": key,
                "platform": each.platform,
                "watch": watch,
                "author_key": self.keys.author(each.platform, each.author.id or f"?{each.id}"),
                "author_id": each.author.id.replace("\0", ""),  # PostgreSQL's texts hold no NUL
                "handle": each.author.handle.replace("\0", ""),
                "body": each.model_dump_json(),
                "created_us": to_us(each.created_at),
                "heard_us": to_us(now),
                "case_id": None,
                "taken_by": "",
                "taken_us": None,
            }
            for key, each in heard.items()
            if key not in known
        ]
        insert_rows(self.connection, signals, rows)
        return len(rows)

    def part(
        self, *, since: datetime | None, taken: bool, after: Signal | None = None
    ) -> tuple[list[Signal], Signal | None]:
        """A part of the list, the newest first, and where the next one begins.

        What somebody addressed to an account meanwhile is left out.
        """
        asked = select(signals).where(_C.body.is_not(None))
        if since is not None:
            asked = asked.where(_C.created_us >= to_us(since))
        if not taken:
            asked = asked.where(_C.case_id.is_(None))
        if after is not None:
            at = to_us(after.mention.created_at)
            below = (_C.created_us == at) & (_C.id < after.id)
            asked = asked.where(or_(_C.created_us < at, below))
        asked = asked.order_by(_C.created_us.desc(), _C.id.desc()).limit(PART)
        found = [_signal(row) for row in self.connection.execute(asked)]
        told = self._addressed({each.id: each.mention for each in found if not each.case_id})
        last = found[-1] if len(found) == PART else None
        return [each for each in found if each.id not in told], last

    def get(self, signal_id: str) -> Signal | None:
        """One signal; ``None`` where there is none, or its author was forgotten."""
        asked = select(signals).where(_C.id == signal_id, _C.body.is_not(None))
        row = self.connection.execute(asked).first()
        return _signal(row) if row else None

    def told(self, signal: Signal) -> str | None:
        """The same as a message, by its id, where somebody addressed it to an account."""
        return self._addressed({signal.id: signal.mention}).get(signal.id)

    def take(self, signal_id: str, *, case_id: str, by: str, now: datetime) -> None:
        """It is a case from now on."""
        taken = {"case_id": case_id, "taken_by": by, "taken_us": to_us(now)}
        self.connection.execute(update(signals).where(_C.id == signal_id).values(**taken))

    def purge(self, before: datetime) -> int:
        """Remove what was said before a time and never taken up."""
        old = delete(signals).where(_C.created_us < to_us(before), _C.case_id.is_(None))
        return self.connection.execute(old).rowcount

    def asked(self, watch: str) -> dict[str, int]:
        """When each stream of a watch was asked last, in microseconds."""
        last = select(cursors.c.stream, cursors.c.updated_us).where(cursors.c.account == watch)
        return {row.stream: row.updated_us for row in self.connection.execute(last)}

    def _id(self, each: Mention) -> str:
        where = each.url or f"{each.author.id} {each.id}"  # ids of Mastodon are a server's own
        return self.keys.signal(each.platform, where)

    def _addressed(self, found: dict[str, Mention]) -> dict[str, str]:
        """Those that an account was told, by their signals' ids: the ids of the messages."""
        native = {
            self.keys.message(each.platform, account, each.id): key
            for key, each in found.items()
            for account in self.accounts.get(each.platform, ())
        }
        keys, told = list(native), set[str]()
        for start in range(0, len(keys), _CHUNK):  # a province may have many accounts
            part = messages.c.id.in_(keys[start : start + _CHUNK])
            told.update(self.connection.scalars(select(messages.c.id).where(part)))
        return {native[each]: each for each in sorted(told)}


def forget_signals(connection: Connection, authors: Collection[str]) -> int:
    """Empty what these people said; that it was heard stays, so that it is not heard anew."""
    gone = update(signals).where(_C.author_key.in_(authors), _C.body.is_not(None))
    return connection.execute(gone.values(author_id=None, handle=None, body=None)).rowcount


def _signal(row: Row[tuple[object, ...]]) -> Signal:
    return Signal(
        id=row.id,
        mention=Mention.model_validate_json(row.body),
        watch=row.watch,
        heard=_instant(row.heard_us),
        case_id=row.case_id or "",
        taken_by=row.taken_by,
    )


def _instant(us: int) -> datetime:
    found = from_us(us)
    assert found is not None
    return found
