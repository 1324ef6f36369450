"""Messages of invented people, and the short way to put them into a store."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy import text as literal

from pelayanan.cases import Case
from pelayanan.models import Answer, Author, Mention
from pelayanan.protocol.page import Page
from pelayanan.store.intake import Intake
from pelayanan.store.store import Kept, Store
from pelayanan.store.tables import cases, events, messages

__all__ = [
    "DAY",
    "NOW",
    "START",
    "answer",
    "intake",
    "keep",
    "mention",
    "only",
    "rows",
    "seed",
    "sql",
]

START = datetime(2026, 11, 2, 1, tzinfo=UTC)  # a Monday, 08:00 in Bengkulu
NOW = START + timedelta(days=60)
DAY = timedelta(days=1)


def mention(
    native_id: str, who: str = "wati", *, after: timedelta = timedelta(), **more: Any
) -> Mention:
    values: dict[str, Any] = {"text": f"Pesan {native_id}: bantuan belum sampai."} | more
    author = Author(id=f"id-{who}", handle=f"{who}_contoh", name=f"{who.title()} Contoh")
    return Mention(platform="uji", id=native_id, author=author, created_at=START + after, **values)


def answer(native_id: str, to: str, *, after: timedelta = timedelta(), **more: Any) -> Answer:
    values: dict[str, Any] = {
        "text": f"Jawaban {native_id}: petugas Bidang Contoh datang besok."
    } | more
    return Answer(platform="uji", id=native_id, to=to, created_at=START + after, **values)


def keep(
    store: Store,
    items: Iterable[Mention | Answer],
    *,
    cursor: str = "uji/1:1",
    account: str = "dinsos-uji",
    agency: str = "dinsos",
    now: datetime = NOW,
    **more: Any,
) -> Kept:
    """One page, as a sync keeps it."""
    stream = "mentions"
    with store.writing() as connection:
        taking = Intake(connection, store.keys, account, agency, now, **more)
        page: Page[Any] = Page(tuple(items), cursor)
        return store.keep(taking, connection, page, account=account, stream=stream, now=now)


def intake(store: Store, connection: Any, **more: Any) -> Intake:
    return Intake(connection, store.keys, "dinsos-uji", "dinsos", NOW, **more)


def only(store: Store) -> Case:
    (found,) = store.cases()
    whole = store.case(found.id)
    assert whole is not None
    return whole


def seed(store: Store) -> str:
    """A case with an answer that counts; returns its id."""
    keep(store, [mention("m1"), mention("m2", after=DAY)])
    keep(store, [answer("a1", "m1", after=2 * DAY)])
    return only(store).id


_SECRET = {"salt", "digest", "chain", "head", "seq", "body"}  # drawn by lot, or of these


def rows(store: Store, *, without: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """What the store holds, without what is drawn by lot."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with store.reading() as connection:
        for table in (messages, cases, events):
            shown = [c for c in table.c if c.name not in _SECRET | set(without)]
            found[table.name] = sorted(
                map(tuple, connection.execute(select(*shown)).all()), key=repr
            )
    return found


def sql(store: Store, statement: str, **values: Any) -> Any:
    """Somebody with the database in hand does this."""
    with store.writing() as connection:
        done = connection.execute(literal(statement), values)
        return done.all() if done.returns_rows else done.rowcount
