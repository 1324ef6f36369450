"""Reading cases and their conversations back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, case, literal_column, select, tuple_

from pelayanan.cases import AnyEvent, Case, Status, ThreadItem, fold, read_event
from pelayanan.models import Author, Mention
from pelayanan.store.edits import EDIT
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.tables import cases, events, messages

__all__ = [
    "FORGOTTEN",
    "PART",
    "account_of",
    "answered_by",
    "case_of",
    "is_kept",
    "list_cases",
    "mention_of",
    "need_of",
    "thread_of",
]

FORGOTTEN = "(dihapus atas permintaan)"
_INSTANTS = ("opened", "captured", "acknowledged", "answered", "resolved", "left")
_SAME = (
    "id",
    "agency",
    "account",
    "platform",
    "kind",
    "status",
    "left_how",
    "excluded",
    "contacts",
    "reopened",
    "assigned_to",
)
_ORDER = case({"in": 0, EDIT: 1}, value=messages.c.direction, else_=2)  # in before out
PART = 500
"""How many cases are read at once."""


def _joined() -> Select[Any]:
    said = [
        messages.c[name].label(f"m_{name}")
        for name in ("author_id", "handle", "author_name", "text", "url")
    ]
    return select(cases, *said).join(messages, messages.c.id == cases.c.message_id)


def list_cases(
    connection: Connection,
    *,
    status: str | None = None,
    agency: str | None = None,
    opened_from: datetime | None = None,
    opened_before: datetime | None = None,
    promised: bool = False,
    after: Case | None = None,
    limit: int = PART,
) -> list[Case]:
    """The next `limit` cases behind `after`, without their threads, the oldest first."""
    asked = _joined().order_by(cases.c.opened_us, cases.c.id).limit(limit)
    if status is not None:
        asked = asked.where(cases.c.status == status)
    if agency is not None:
        asked = asked.where(cases.c.agency == agency)
    if opened_from is not None:
        asked = asked.where(cases.c.opened_us >= to_us(opened_from))
    if opened_before is not None:
        asked = asked.where(cases.c.opened_us < to_us(opened_before))
    if promised:
        asked = asked.where(cases.c.promises != literal_column("'[]'"))  # as the index has it
    if after is not None:
        asked = asked.where(tuple_(cases.c.opened_us, cases.c.id) > (to_us(after.opened), after.id))
    rows = connection.execute(asked).mappings().all()
    clocks = _clocks(connection, [row["id"] for row in rows if row["reopened"]])
    return [_case(row, clocks) for row in rows]


def _clocks(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """When the newest clock of reopened cases began."""
    if not ids:
        return {}
    asked = select(events.c.case_id, events.c.body).where(events.c.case_id.in_(ids))
    told: dict[str, list[AnyEvent]] = {}
    for row in connection.execute(asked):
        told.setdefault(row.case_id, []).append(read_event(row.body))
    return {key: fold(each).episodes[-1].opened for key, each in told.items()}


def case_of(connection: Connection, case_id: str) -> Case | None:
    """One case with its thread."""
    row = connection.execute(_joined().where(cases.c.id == case_id)).mappings().first()
    if row is None:
        return None
    clocks = _clocks(connection, [case_id] if row["reopened"] else [])
    thread = tuple(thread_of(connection, case_id))
    return _case(row, clocks).model_copy(update={"thread": thread})


def thread_of(connection: Connection, case_id: str) -> Iterator[ThreadItem]:
    """The conversation of a case, oldest first, whichever agency the need was handed to."""
    asked = (
        select(messages)
        .where(messages.c.case_id.in_(_same_need(case_id)))
        .order_by(messages.c.created_us, _ORDER, messages.c.captured_us, messages.c.id)
    )
    for row in connection.execute(asked).mappings():
        yield ThreadItem(
            id=row["id"],
            direction="out" if row["direction"] == "out" else "in",
            edited=row["direction"] == EDIT,
            at=_instant(row["created_us"]),
            author=_author(row["author_id"], row["handle"], row["author_name"]),
            text=FORGOTTEN if row["text"] is None else row["text"],
            url=row["url"],
            private=row["private"],
            automatic=row["automatic"],
        )


def _same_need(case_id: str) -> Select[tuple[str]]:
    """The cases that one message opened: handed over, come back, begun again."""
    this, c = cases.alias(), cases.c
    same = and_(this.c.author_key == c.author_key, this.c.message_id == c.message_id)
    return select(this.c.id).select_from(cases.join(this, same)).where(c.id == case_id)


def need_of(connection: Connection, message_id: str) -> str | None:
    """Id of the case that a citizen's message belongs to, at whoever has the need now.

    ``None`` where there is none, and where it was one of several of a case that was handed over:
    the receiver's log does not tell of the others.
    """
    of = messages.c.case_id
    said = select(of).where(messages.c.id == message_id, messages.c.direction == "in")
    place = connection.scalar(said)
    opening = select(cases.c.message_id).where(cases.c.id == place).scalar_subquery()
    asked = select(cases.c.id).where(cases.c.message_id == opening)
    order = cases.c.status == Status.LEFT.value, cases.c.opened_us.desc(), cases.c.id
    now = connection.scalar(asked.order_by(*order).limit(1))
    others = select(messages.c.id).where(
        of == place, messages.c.direction == "in", messages.c.id != message_id
    )
    return now if now == place or connection.scalar(others.limit(1)) is None else None


def is_kept(connection: Connection, message_id: str) -> bool:
    """Whether the store knows this message, ours or a citizen's."""
    asked = select(messages.c.id).where(messages.c.id == message_id)
    return connection.scalar(asked) is not None


def answered_by(connection: Connection, message_id: str) -> str | None:
    """Id of the case that one of our own messages answers."""
    mine = messages.c.id == message_id, messages.c.direction == "out"
    return connection.scalar(select(messages.c.case_id).where(*mine))


def account_of(connection: Connection, message_id: str) -> str:
    """Key of the account that a message was told to."""
    asked = select(messages.c.account).where(messages.c.id == message_id)
    return connection.scalar(asked) or ""


def mention_of(
    connection: Connection, *, message_id: str | None = None, case_id: str | None = None
) -> tuple[str, Mention] | None:
    """A message as its platform needs it to be answered: that one, or the latest of a case."""
    if message_id is None and case_id is None:
        return None
    asked = select(messages).where(messages.c.direction == "in", messages.c.native_id.is_not(None))
    if message_id is not None:
        asked = asked.where(messages.c.id == message_id)
    if case_id is not None:
        asked = asked.where(messages.c.case_id.in_(_same_need(case_id)))
    asked = asked.order_by(messages.c.created_us.desc(), messages.c.id).limit(1)
    row = connection.execute(asked).mappings().first()
    if row is None:
        return None
    return row["id"], Mention(
        platform=row["platform"],
        id=row["native_id"],
        author=_author(row["author_id"], row["handle"], row["author_name"]),
        text=row["text"],
        created_at=_instant(row["created_us"]),
        subject=row["subject"],
        url=row["url"],
        private=row["private"],
        automatic=row["automatic"],
        ref=json.loads(row["ref"]),
    )


def _case(row: RowMapping, clocks: Mapping[str, datetime]) -> Case:
    values = {name: row[name] for name in _SAME}
    values |= {name: from_us(row[f"{name}_us"]) for name in _INSTANTS}
    values |= {
        "author": _author(row["m_author_id"], row["m_handle"], row["m_author_name"]),
        "promises": json.loads(row["promises"]),
        "reopened_at": clocks.get(row["id"]),
        "text": FORGOTTEN if row["m_text"] is None else row["m_text"],
        "url": row["m_url"],
    }
    return Case.model_validate(values)


def _author(author_id: str | None, handle: str | None, name: str | None) -> Author:
    return Author(id=author_id or "", handle=handle or "", name=name or "")


def _instant(us: int) -> datetime:
    found = from_us(us)
    assert found is not None
    return found
