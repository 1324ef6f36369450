"""Checking the chain, and forgetting a person without breaking it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    union,
    update,
)

from pelayanan.cases import Answered, AnyEvent, Asked, Edited, Received, read_event
from pelayanan.errors import ConfigError
from pelayanan.store._rows import content
from pelayanan.store.chain import GENESIS, Link, digest_of, heads_digest, link
from pelayanan.store.hooks import forget_bodies
from pelayanan.store.log import PROJECTED, projection
from pelayanan.store.reading import FORGOTTEN
from pelayanan.store.signals import forget_signals
from pelayanan.store.tables import accounts, cases, drafts, events, messages, signals, unreadable

__all__ = ["forget_person", "heads", "verify"]

_TELLING = 6  # characters: what is shorter is in anybody's id
_PART = 500  # cases at a time
_CASE = cases.c.id, cases.c.events, cases.c.head, *(cases.c[name] for name in PROJECTED)

_Cases: TypeAlias = Sequence[Mapping[str, Any]]


def heads(connection: Connection) -> str:
    """One digest over the chain heads of all cases."""
    return heads_digest(
        (row.id, row.head)
        for row in connection.execute(select(cases.c.id, cases.c.head).order_by(cases.c.id))
    )


def verify(connection: Connection) -> Iterator[str]:
    """Check every chain and every content that is still there; yields what is wrong.

    Read part by part: the memory does not grow with the store.
    """
    last = ""
    while part := _part(connection, last):
        last = part[-1]["id"]
        told, kept = _logs(connection, part), _kept(connection, part)
        for case in part:
            if rows := told.get(case["id"]):
                yield from _case(rows, case, kept.get(case["id"], {}))
            else:
                yield f"{case['id']}: has no events"
    gone = ~exists().where(cases.c.id == events.c.case_id)
    for lost in connection.scalars(select(events.c.case_id).where(gone).distinct()).all():
        yield f"{lost}: the last events are missing, or the case was changed"
    whole = select(messages).where(messages.c.salt.is_not(None))
    streamed = connection.execution_options(yield_per=1000)
    for row in streamed.execute(whole).mappings():
        if digest_of(row["salt"], content(row)) != row["digest"]:
            yield f"{row['case_id']}: message {row['id']} was changed"


def _part(connection: Connection, last: str) -> list[dict[str, Any]]:
    asked = select(*_CASE).where(cases.c.id > last).order_by(cases.c.id).limit(_PART)
    return [dict(row) for row in connection.execute(asked).mappings()]


def _logs(connection: Connection, part: _Cases) -> dict[str, list[Row[Any]]]:
    told = events.c.case_id.in_([case["id"] for case in part])
    asked = select(events).where(told).order_by(events.c.case_id, events.c.n)
    found = connection.execute(asked).all()
    return {case: list(rows) for case, rows in groupby(found, key=attrgetter("case_id"))}


def _kept(connection: Connection, part: _Cases) -> dict[str, dict[str, str]]:
    """By case: the digests of its messages."""
    said = messages.c.case_id.in_([case["id"] for case in part])
    found: dict[str, dict[str, str]] = {}
    columns = messages.c.case_id, messages.c.id, messages.c.digest
    for case, message, digest in connection.execute(select(*columns).where(said)):
        found.setdefault(case, {})[message] = digest
    return found


def _case(
    rows: Sequence[Row[Any]], case: Mapping[str, Any], kept: Mapping[str, str]
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
    if (case["events"], case["head"]) != (len(rows), head):
        yield f"{case['id']}: the last events are missing, or the case was changed"
    elif whole:
        says = projection(told)
        if wrong := sorted(name for name in says if says[name] != case[name]):
            yield f"{case['id']}: {', '.join(wrong)} of the case is not what its events say"
        yield from _words(case["id"], told, kept)


def _words(case_id: str, told: Sequence[AnyEvent], kept: Mapping[str, str]) -> Iterator[str]:
    """Hold the messages of a case to the digests in its chain."""
    said = {
        event.message: event.digest
        for event in told
        if isinstance(event, (Received, Edited, Answered)) and event.message and event.digest
    }
    for message, digest in said.items():
        if message not in kept:
            yield f"{case_id}: message {message} is missing"
        elif kept[message] != digest:
            yield f"{case_id}: message {message} was replaced"


def forget_person(connection: Connection, platform: str, author: str, known: Iterable[str]) -> int:
    """Remove all of a person, by platform id or handle; returns how many messages and signals.

    Raises:
        ConfigError: Nothing was ever kept of such a platform, and it is not `known`.
    """
    bare = author.removeprefix("@")
    rows: list[Any] = []
    for table in (messages, signals):
        c = table.c
        named = or_(c.handle == bare, func.lower(c.handle) == bare.lower())  # SQLite lowers A to Z
        this = c.platform == platform, or_(c.author_id == author, named)
        asked = select(c.author_key, c.author_id, c.handle).where(*this)
        written = messages.c.direction != "out" if table is messages else true()
        rows.extend(connection.execute(asked.where(written)).all())
    if not rows:
        _need_platform(connection, platform, known)
    ids = {row.author_id for row in rows} - {None}
    forget_bodies(connection, {author, *ids, *(row.handle for row in rows)} - {None})
    _forget_set_aside(connection, {author, *ids})
    authors = {row.author_key for row in rows}
    emptied = sum(_forget(connection, key) for key in authors)
    return emptied + forget_signals(connection, authors)


def _need_platform(connection: Connection, platform: str, others: Iterable[str]) -> None:
    asked = (select(table.c.platform).distinct() for table in (accounts, messages, signals))
    known = sorted({*connection.scalars(union(*asked)), *others})
    if platform not in known:
        told = ", ".join(known) or "nothing yet"
        raise ConfigError(f"nothing of {platform[:40]!r} is kept: there is {told}")


def _forget(connection: Connection, author_key: str) -> int:
    """Remove what a person wrote and can be found by; counts and chains stay.

    Returns:
        How many messages were emptied, the agency's answers to the person among them.
    """
    theirs = select(cases.c.id).where(cases.c.author_key == author_key)
    wrote = select(messages.c.id).where(messages.c.author_key == author_key)
    chats = select(messages.c.thread_id).where(
        messages.c.author_key == author_key, messages.c.private
    )
    mine = or_(
        messages.c.author_key == author_key,
        messages.c.case_id.in_(theirs),
        and_(messages.c.direction == "out", messages.c.reply_to_id.in_(wrote)),
        # in a chat the agency may have written first, which answers nothing
        and_(messages.c.direction == "out", messages.c.private, messages.c.thread_id.in_(chats)),
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


def _forget_set_aside(connection: Connection, authors: Iterable[str]) -> None:
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
