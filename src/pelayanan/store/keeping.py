"""Checking the chain, and forgetting a person without breaking it."""

from collections.abc import Iterator

from sqlalchemy import Connection, or_, select, update

from pelayanan.store.chain import GENESIS, Link, digest_of, heads_digest, link
from pelayanan.store.intake import content
from pelayanan.store.tables import cases, drafts, events, messages

__all__ = ["forget", "heads", "verify"]


def heads(connection: Connection) -> str:
    """One digest over the chain heads of all cases."""
    return heads_digest(
        (row.id, row.head)
        for row in connection.execute(select(cases.c.id, cases.c.head).order_by(cases.c.id))
    )


def verify(connection: Connection) -> Iterator[str]:
    """Check every chain and every content that is still there; yields what is wrong."""
    expected = {
        row.id: (row.events, row.head)
        for row in connection.execute(select(cases.c.id, cases.c.events, cases.c.head))
    }
    current, n, head = "", 0, GENESIS
    rows = connection.execute(select(events).order_by(events.c.case_id, events.c.n))
    for row in rows:
        if row.case_id != current:
            yield from _end(current, n, head, expected)
            current, n, head = row.case_id, 0, GENESIS
        if row.salt is not None and digest_of(row.salt, row.body) != row.digest:
            yield f"{row.case_id}: event {row.n} ({row.type}) was changed"
        head = link(head, Link(row.case_id, n, row.key, row.type, row.at_us, row.digest))
        if row.n != n or head != row.chain:
            yield f"{row.case_id}: the chain breaks at event {row.n} ({row.type})"
            head = row.chain
        n += 1
    yield from _end(current, n, head, expected)
    yield from (f"{case}: has no events" for case in expected)
    whole = select(messages).where(messages.c.salt.is_not(None))
    for kept in connection.execute(whole).mappings():
        if digest_of(kept["salt"], content(kept)) != kept["digest"]:
            yield f"{kept['case_id']}: message {kept['id']} was changed"


def _end(case: str, n: int, head: str, expected: dict[str, tuple[int, str]]) -> Iterator[str]:
    if case and expected.pop(case, None) != (n, head):
        yield f"{case}: the last events are missing, or the case was changed"


def forget(connection: Connection, author_key: str) -> int:
    """Remove what a person wrote and can be found by; counts and chains stay.

    Returns:
        How many messages were emptied, the agency's answers in the same cases among them.
    """
    theirs = select(cases.c.id).where(cases.c.author_key == author_key)
    mine = or_(messages.c.author_key == author_key, messages.c.case_id.in_(theirs))
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
        update(drafts).where(drafts.c.case_id.in_(theirs)).values(text="", sent_url=None)
    )
    return emptied.rowcount
