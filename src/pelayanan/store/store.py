"""The store: whole transactions, each all or nothing."""

import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pelayanan.cases import AnyEvent, Case, read_event
from pelayanan.errors import StoreError
from pelayanan.models import Answer, Mention
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.store import engine, keeping, reading
from pelayanan.store.intake import Intake
from pelayanan.store.keys import Keys, to_us
from pelayanan.store.ledger import Ledger
from pelayanan.store.log import events_of
from pelayanan.store.passing import AccountFor, Passing, Recorded
from pelayanan.store.tables import (
    accounts,
    cases,
    cursors,
    drafts,
    events,
    messages,
    meta,
    polls,
    unreadable,
)

__all__ = ["AccountRow", "Kept", "Logged", "Store"]

_HOUR_US = timedelta(hours=1) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as the desk registers it; without a handle it keeps the one it had."""

    key: str
    agency: str
    platform: str
    handle: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a page brought: how many items it had, and how many were new."""

    seen: int
    new: int


@dataclass(frozen=True, slots=True)
class Logged:
    """One event of the log, with the cursor that goes on after it."""

    cursor: str
    case_id: str
    event: AnyEvent


class Store:
    """One province's (or agency's) store. Safe to share between threads.

    Every method is one transaction: it is done wholly, durably, or not at all.

    Raises:
        StoreError: The database is away, full or damaged; the message says what to do.
    """

    def __init__(self, url: str, *, schema: str | None = None) -> None:
        self._engine: Engine = engine.open_engine(url, schema)
        self.keys = Keys(self._pepper())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Generator[Connection, None, None]:
        """A transaction that only reads."""
        with engine.reading(self._engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection, None, None]:
        """A transaction that writes."""
        with engine.writing(self._engine) as connection:
            yield connection

    # ---- accounts, cursors, polls

    def register(self, rows: Sequence[AccountRow], now: datetime) -> dict[str, int]:
        """Enter the accounts of the configuration; returns when each was first entered (us).

        One that is no longer configured is closed, never removed: its polls stay due.
        """
        with self.writing() as connection:
            known = {row.key: row for row in connection.execute(select(accounts))}
            for row in rows:
                values = {"agency": row.agency, "platform": row.platform}
                if row.handle is not None or row.key not in known:
                    values["handle"] = row.handle or ""
                if row.key not in known:
                    fresh = {"key": row.key, "registered_us": to_us(now), **values}
                    connection.execute(insert(accounts), [fresh])
                else:
                    changed = accounts.update().where(accounts.c.key == row.key)
                    connection.execute(changed.values(**values, closed_us=None))
            gone = [key for key in known if key not in {row.key for row in rows}]
            if gone:
                connection.execute(
                    update(accounts)
                    .where(accounts.c.key.in_(gone), accounts.c.closed_us.is_(None))
                    .values(closed_us=to_us(now))
                )
            return {row.key: row.registered_us for row in connection.execute(select(accounts))}

    def handles(self) -> dict[str, str]:
        """By what name the platform of each account knows it."""
        with self.reading() as connection:
            return {row.key: row.handle for row in connection.execute(select(accounts))}

    def cursor(self, account: str, stream: str) -> str | None:
        """Where a listing goes on, ``None`` at the beginning."""
        asked = select(cursors.c.cursor).where(
            cursors.c.account == account, cursors.c.stream == stream
        )
        with self.reading() as connection:
            return connection.scalar(asked)

    def keep(
        self,
        intake: "Intake | None",
        connection: Connection,
        page: Page[Mention] | Page[Answer],
        *,
        account: str,
        stream: str,
        now: datetime,
    ) -> Kept:
        """Keep a page and its cursor in the transaction of `connection`."""
        fresh: list[str] = []
        if intake is not None:
            mentions = [item for item in page.items if isinstance(item, Mention)]
            answers = [item for item in page.items if isinstance(item, Answer)]
            fresh = intake.mentions(mentions) + intake.answers(answers)
        row = {"account": account, "stream": stream}
        self._upsert(connection, cursors, row, {"cursor": page.cursor, "updated_us": to_us(now)})
        self.set_aside(connection, page.unreadable, account=account, stream=stream, now=now)
        return Kept(len(page.items), len(fresh))

    def set_aside(
        self,
        connection: Connection,
        items: Iterable[Unreadable],
        *,
        account: str,
        stream: str,
        now: datetime,
    ) -> None:
        """Note what could not be read, each with its reason, once."""
        for item in items:
            told = {"native_id": item.id, "reason": item.reason}
            about: dict[str, object] = {name: text.replace("\0", "") for name, text in told.items()}
            about["seen_us"] = to_us(now)
            key = self.keys.draft(stream, item.id, item.reason)
            self._upsert(connection, unreadable, {"account": account, "id": key}, about)

    def poll(self, account: str, now: datetime, *, error: str = "") -> None:
        """Record that an account was looked at (or that it could not be) in this hour."""
        with self.writing() as connection:
            self.polled(connection, account, now, error=error)

    def polled(
        self, connection: Connection, account: str, now: datetime, *, error: str = ""
    ) -> None:
        """The same in the transaction of `connection`."""
        hour = to_us(now) // _HOUR_US * _HOUR_US
        done = connection.scalar(
            select(polls.c.done).where(polls.c.account == account, polls.c.hour_us == hour)
        )
        if not done:  # one success in the hour is enough, a later failure takes nothing away
            at = {"account": account, "hour_us": hour}
            self._upsert(connection, polls, at, {"done": not error, "error": error})

    def silent(self, since: datetime) -> list[tuple[str, str]]:
        """Accounts whose last poll since then failed, with the reason."""
        asked = (
            select(polls).where(polls.c.hour_us >= to_us(since)).order_by(polls.c.hour_us.desc())
        )
        last: dict[str, str] = {}
        with self.reading() as connection:
            for row in connection.execute(asked):
                last.setdefault(row.account, "" if row.done else row.error)
        return [(account, error) for account, error in sorted(last.items()) if error]

    # ---- cases and events

    def record(
        self,
        case_id: str,
        new: Sequence[AnyEvent],
        now: datetime,
        *,
        account_for: AccountFor = lambda _agency, _platform, _account: "",
    ) -> Recorded:
        """Append events to a case, and do what follows for others: hand-overs, new beginnings.

        Returns:
            The case that took them, and those that were not there yet.
        """
        with self.writing() as connection:
            return Passing(connection, self.keys, now, account_for).record(case_id, new)

    def cases(
        self,
        *,
        status: str | None = None,
        agency: str | None = None,
        opened_from: datetime | None = None,
        opened_before: datetime | None = None,
        promised: bool = False,
    ) -> Iterator[Case]:
        """Cases without their threads, the oldest first; with `promised` those with a promise.

        Read part by part: an iterator that is left unfinished holds no connection.
        """
        last: Case | None = None
        while True:
            with self.reading() as connection:
                part = reading.list_cases(
                    connection,
                    status=status,
                    agency=agency,
                    opened_from=opened_from,
                    opened_before=opened_before,
                    promised=promised,
                    after=last,
                )
            yield from part
            if len(part) < reading.PART:
                return
            last = part[-1]

    def case(self, case_id: str) -> Case | None:
        """One case with its thread."""
        with self.reading() as connection:
            return reading.case_of(connection, case_id)

    def case_of_message(self, message_id: str) -> str | None:
        """Id of the case that a message belongs to."""
        with self.reading() as connection:
            return self.case_of(connection, message_id)

    def case_of(self, connection: Connection, message_id: str) -> str | None:
        """The same in the transaction of `connection`."""
        return connection.scalar(select(messages.c.case_id).where(messages.c.id == message_id))

    def cases_with(self, *types: str) -> list[str]:
        """Ids of the cases that have an event of one of these types."""
        asked = select(events.c.case_id).where(events.c.type.in_(types)).distinct()
        with self.reading() as connection:
            return list(connection.scalars(asked.order_by(events.c.case_id)))

    def events_of(self, case_id: str) -> list[AnyEvent]:
        """All events of one case."""
        with self.reading() as connection:
            return events_of(connection, case_id)

    def events(self, since: str | None = None) -> Iterator[Logged]:
        """The log from a cursor on, in the order of recording.

        Raises:
            StoreError: The cursor is none of this log's.
        """
        mark = _mark(since)
        while True:
            asked = (
                select(events.c.seq, events.c.case_id, events.c.body)
                .where(events.c.seq > mark)
                .order_by(events.c.seq)
                .limit(1000)
            )
            with self.reading() as connection:
                rows = connection.execute(asked).all()
            for row in rows:
                mark = row.seq
                yield Logged(f"events/1:{mark}", row.case_id, read_event(row.body))
            if len(rows) < 1000:
                return

    # ---- the ledger

    @contextmanager
    def ledger(self, now: datetime) -> Generator[Ledger, None, None]:
        """The ledger, inside one writing transaction."""
        with self.writing() as connection:
            yield Ledger(connection, now)

    # ---- keeping

    def verify(self) -> list[str]:
        """Check all chains and contents; the list of what is wrong is empty when all is well."""
        with self.reading() as connection:
            return list(keeping.verify(connection))

    def heads(self) -> str:
        """One digest over all chain heads."""
        with self.reading() as connection:
            return keeping.heads(connection)

    def forget(self, platform: str, author: str, *, known: Iterable[str] = ()) -> int:
        """Remove a person's messages (by platform id or handle); returns how many.

        Args:
            known: Platforms that may have none yet.

        Raises:
            ConfigError: Nothing was ever kept of such a platform, and it is not `known`.
            StoreError: Also where all is forgotten, but another process that reads keeps SQLite
                from overwriting the old bytes: call it again.
        """
        with self.writing() as connection:
            emptied = keeping.forget_person(connection, platform, author, known)
        if self._engine.dialect.name == "sqlite":
            with engine.store_errors():
                engine.overwrite(self._engine)
        return emptied

    def counts(self) -> dict[str, int]:
        """How many rows the main tables have."""
        with self.reading() as connection:
            return {
                table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                for table in (messages, cases, events, drafts, unreadable)
            }

    # ---- inside

    def _pepper(self) -> bytes:
        with self.writing() as connection:
            asked = select(meta.c.value).where(meta.c.key == "pepper")
            found = connection.scalar(asked)
            if found is None:
                found = secrets.token_hex(32)
                connection.execute(insert(meta), [{"key": "pepper", "value": found}])
            return bytes.fromhex(found)

    def _upsert(
        self,
        connection: Connection,
        table: Table,
        key: Mapping[str, object],
        values: Mapping[str, object],
    ) -> None:
        kind = postgresql if connection.dialect.name == "postgresql" else sqlite
        made = kind.insert(table).values(**key, **values)
        connection.execute(made.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def _mark(since: str | None) -> int:
    form, _, place = (since or "events/1:0").partition(":")
    if form != "events/1" or not place.isdecimal() or len(place) > 18:
        raise StoreError("that is no cursor of the event log: begin again without `since`")
    return int(place)
