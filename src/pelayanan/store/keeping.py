"""Checking the chain, and forgetting a person without breaking it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, or_, select, update

from pelayanan.cases import Answered, AnyEvent, Asked, Edited, Received, read_event
from pelayanan.store._rows import content
from pelayanan.store.chain import GENESIS, Link, digest_of, heads_digest, link
from pelayanan.store.log import PROJECTED, projection
from pelayanan.store.reading import FORGOTTEN
from pelayanan.store.tables import cases, drafts, events, messages, unreadable

__all__ = ["forget", "forget_set_aside", "heads", "verify"]

_TELLING = 6  # characters: what is shorter is in anybody's id
_CASE = cases.c.id, cases.c.events, cases.c.head, *(cases.c[name] for name in PROJECTED)


def heads(connection: Connection) -> str:
    """One digest over the chain heads of all cases."""
    return heads_digest(
        (row.id, row.head)
        for row in connection.execute(select(cases.c.id, cases.c.head).order_by(cases.c.id))
    )


def verify(connection: Connection) -> Iterator[str]:
    """Check every chain and every content that is still there; yields what is wrong."""
    expected = {row["id"]: dict(row) for row in connection.execute(select(*_CASE)).mappings()}
    told = select(events).order_by(events.c.case_id, events.c.n)
    found = connection.execution_options(yield_per=1000).execute(told)
    for case_id, group in groupby(found, key=attrgetter("case_id")):
        yield from _case(connection, list(group), expected.pop(case_id, None))
    yield from (f"{case}: has no events" for case in expected)
    whole = select(messages).where(messages.c.salt.is_not(None))
    for kept in connection.execute(whole).mappings():
        if digest_of(kept["salt"], content(kept)) != kept["digest"]:
            yield f"{kept['case_id']}: message {kept['id']} was changed"


def _case(
    connection: Connection, rows: Sequence[Row[Any]], case: dict[str, Any] | None
) -> Iterator[str]:
    head, told, whole = GENESIS, list[AnyEvent](), True
    for n, row in enumerate(rows):
        if row.salt is not None and digest_of(row.salt, row.body) != row.digest:
            yield f"{row.case_id}: event {row.n} ({row.type}) was changed"
            whole = False
        else:
            told.append(read_event(row.body))
        head = link(head, Link(row.case_id, n, row.key, row.type, row.at_us, row.digest))
        if row.n != n or head != row.chain:
            yield f"{row.case_id}: the chain breaks at event {row.n} ({row.type})"
            head, whole = row.chain, False
    if case is None or (case["events"], case["head"]) != (len(rows), head):
        yield f"{rows[0].case_id}: the last events are missing, or the case was changed"
    elif whole:
        says = projection(told)
        if wrong := sorted(name for name in says if says[name] != case[name]):
            yield f"{rows[0].case_id}: {', '.join(wrong)} of the case is not what its events say"
        yield from _words(connection, rows[0].case_id, told)


def _words(connection: Connection, case_id: str, told: Sequence[AnyEvent]) -> Iterator[str]:
    """Hold the messages of a case to the digests in its chain."""
    said = {
        event.message: event.digest
        for event in told
        if isinstance(event, (Received, Edited, Answered)) and event.message and event.digest
    }
    asked = select(messages.c.id, messages.c.digest).where(messages.c.case_id == case_id)
    kept = {row.id: row.digest for row in connection.execute(asked)}
    for message, digest in said.items():
        if message not in kept:
            yield f"{case_id}: message {message} is missing"
        elif kept[message] != digest:
            yield f"{case_id}: message {message} was replaced"


def forget(connection: Connection, author_key: str) -> int:
    """Remove what a person wrote and can be found by; counts and chains stay.

    Returns:
        How many messages were emptied, the agency's answers to the person among them.
    """
    theirs = select(cases.c.id).where(cases.c.author_key == author_key)
    wrote = select(messages.c.id).where(messages.c.author_key == author_key)
    mine = or_(
        messages.c.author_key == author_key,
        messages.c.case_id.in_(theirs),
        and_(messages.c.direction == "out", messages.c.reply_to_id.in_(wrote)),
    )
    emptied = connection.execute(
        update(messages)
        .where(mine, messages.c.salt.is_not(None))
        .values(
            salt=None,
            native_id=None,
            author_id=None,
            handle=None,
            author_name=None,
            subject=None,
            text=None,
            url=None,
            ref="{}",
            attachments="[]",
        )
    )
    connection.execute(
        update(drafts)
        .where(drafts.c.case_id.in_(theirs))
        .values(text="", parts="[]", sent_id=None, sent_url=None, error="")
    )
    _forget_notes(connection, theirs)
    return emptied.rowcount


def forget_set_aside(connection: Connection, authors: Iterable[str]) -> None:
    """Remove the notes on what could not be read, where the person's id is in the message's."""
    for author in authors:
        if len(author) >= _TELLING:
            theirs = unreadable.c.native_id.contains(author, autoescape=True)
            connection.execute(delete(unreadable).where(theirs))


def _forget_notes(connection: Connection, theirs: Select[tuple[str]]) -> None:
    """Remove what officers noted in their own words, which no clock and no count reads."""
    asked = select(events.c.seq, events.c.body).where(
        events.c.case_id.in_(theirs), events.c.type.in_(["asked", "judged"])
    )
    for row in connection.execute(asked).all():
        event = read_event(row.body)
        free = "what" if isinstance(event, Asked) else "reason"
        if getattr(event, free) not in {"", FORGOTTEN}:
            emptied = event.model_copy(update={free: FORGOTTEN}).model_dump_json()
            changed = update(events).where(events.c.seq == row.seq)
            connection.execute(changed.values(body=emptied, salt=None))
