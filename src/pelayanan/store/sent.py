"""What the agencies sent, for finding the same text to many citizens."""

import re
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Select, and_, literal, select

from pelayanan.cases import Judged, SentText, read_event
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.tables import cases, events, messages

__all__ = ["sent_texts"]


def sent_texts(connection: Connection, first: datetime, after: datetime) -> Iterator[SentText]:
    """What persons of the agencies answered in a span, each with its wording.

    An answer is what was ever called one, by a rule or a person: the last word may change again.
    """
    sent = (
        messages.c.direction == "out",
        messages.c.automatic.is_(False),
        messages.c.created_us >= to_us(first),
        messages.c.created_us < to_us(after),
        messages.c.text.is_not(None),
    )
    called = _called(connection, select(messages.c.case_id).where(*sent))
    said = events.c.case_id, events.c.key, events.c.body
    sources = select(*said).where(events.c.type == "answered").subquery()
    asked = (
        select(
            messages.c.id,
            messages.c.agency,
            messages.c.text,
            messages.c.created_us,
            cases.c.author_key,
            sources.c.body,
        )
        .join(cases, cases.c.id == messages.c.case_id)
        .join(
            sources,
            and_(
                sources.c.case_id == messages.c.case_id,
                sources.c.key == literal("answered:") + messages.c.id,
            ),
        )
        .where(*sent)
    )
    for row in connection.execute(asked):
        key = f"answered:{row.id}"
        if key not in called and '"substantive":true' not in row.body:
            continue
        yield SentText(
            key=key,
            agency=row.agency,
            citizen=row.author_key,
            family=_wording(row.text),
            at=from_us(row.created_us) or first,
            in_ledger='"source":"ledger"' in row.body,
        )


def _called(connection: Connection, case_ids: Select[tuple[str]]) -> set[str]:
    """Event keys of what a person called an answer."""
    asked = select(events.c.body).where(events.c.type == "judged", events.c.case_id.in_(case_ids))
    judged = map(read_event, connection.scalars(asked))
    return {each.answer for each in judged if isinstance(each, Judged) and each.substantive}


def _wording(text: str) -> str:
    """The text without what differs from citizen to citizen: names that are called, numbers."""
    bare = re.sub(r"@\S+|\d+|[^\w\s]", " ", text.casefold())
    return " ".join(bare.split())
