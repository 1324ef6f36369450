"""What the agencies sent, for finding the same text to many citizens."""

import re
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, and_, literal, select

from pelayanan.cases import SentText
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.tables import cases, events, messages

__all__ = ["sent_texts"]


def sent_texts(connection: Connection, first: datetime, after: datetime) -> Iterator[SentText]:
    """What persons of the agencies sent in a span, each with its wording."""
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
            isouter=True,
        )
        .where(
            messages.c.direction == "out",
            messages.c.automatic.is_(False),
            messages.c.created_us >= to_us(first),
            messages.c.created_us < to_us(after),
            messages.c.text.is_not(None),
        )
    )
    for row in connection.execute(asked):
        yield SentText(
            key=f"answered:{row.id}",
            agency=row.agency,
            citizen=row.author_key,
            family=_wording(row.text),
            at=from_us(row.created_us) or first,
            in_ledger='"source":"ledger"' in (row.body or ""),
        )


def _wording(text: str) -> str:
    """The text without what differs from citizen to citizen: names that are called, numbers."""
    bare = re.sub(r"@\S+|\d+|[^\w\s]", " ", text.casefold())
    return " ".join(bare.split())
