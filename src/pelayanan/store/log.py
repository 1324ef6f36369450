"""Appending events to a case and keeping its projection in step."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from pelayanan.cases import AnyEvent, Received, fold, read_event
from pelayanan.cases.fold import Folded
from pelayanan.errors import ConfigError
from pelayanan.store.chain import GENESIS, Link, digest_of, link, salt
from pelayanan.store.keys import to_us
from pelayanan.store.tables import cases, events

__all__ = ["PROJECTED", "append", "event_rows", "events_of", "projection"]

Row = dict[str, Any]


def event_rows(
    case_id: str, new: Sequence[AnyEvent], now: datetime, *, n: int = 0, head: str = GENESIS
) -> list[Row]:
    """Rows of completed events that follow `n` events whose chain ends in `head`."""
    rows: list[Row] = []
    for number, event in enumerate(new, n):
        body, salted = event.model_dump_json(), salt()
        assert event.at is not None, "complete(now) it first"
        at_us, digest = to_us(event.at), digest_of(salted, body)
        head = link(head, Link(case_id, number, event.key, event.type, at_us, digest))
        rows.append(
            {
                "case_id": case_id,
                "n": number,
                "key": event.key,
                "type": event.type,
                "at_us": at_us,
                "recorded_us": to_us(now),
                "body": body,
                "salt": salted,
                "digest": digest,
                "chain": head,
            }
        )
    return rows


def events_of(connection: Connection, case_id: str) -> list[AnyEvent]:
    """All events of a case, in the order in which they were recorded."""
    asked = select(events.c.body).where(events.c.case_id == case_id).order_by(events.c.n)
    return [read_event(body) for body in connection.scalars(asked)]


def append(
    connection: Connection, case_id: str, new: Sequence[AnyEvent], now: datetime
) -> list[AnyEvent]:
    """Append the events that are not there yet, and bring the case's projection up to date.

    Returns:
        The events that were new.

    Raises:
        ConfigError: There is no such case.
    """
    row = connection.execute(
        select(cases.c.events, cases.c.head).where(cases.c.id == case_id)
    ).first()
    if row is None:
        raise ConfigError(f"there is no case {case_id[:60]!r}: see `pelayanan cases`")
    known = events_of(connection, case_id)
    keys = {event.key for event in known}
    fresh = {e.key: e for e in (event.complete(now) for event in new) if e.key not in keys}
    if not fresh:
        return []
    added = list(fresh.values())
    rows = event_rows(case_id, added, now, n=row.events, head=row.head)
    connection.execute(insert(events), rows)
    values = projection(fold([*known, *added]))
    values |= {"events": row.events + len(rows), "head": rows[-1]["chain"]}
    if (first := _opening([*known, *added])) is not None:
        values["message_id"] = first
    connection.execute(
        update(cases).where(cases.c.id == bindparam("which")), [{"which": case_id, **values}]
    )
    return added


def _opening(told: Sequence[AnyEvent]) -> str | None:
    """The citizen's earliest message: pages may bring a later one first."""
    received = [event for event in told if isinstance(event, Received) and event.message]
    first = min(received, key=lambda event: (event.at, event.key), default=None)
    return first.message if first else None


def projection(state: Folded) -> Row:
    """The columns of a case that its events determine."""
    return {
        "kind": state.kind.value,
        "status": state.status.value,
        **{
            f"{name}_us": None if (at := getattr(state, name)) is None else to_us(at)
            for name in _INSTANTS
        },
        "left_how": state.left_how,
        "excluded": state.excluded,
        "contacts": state.contacts,
        "reopened": state.reopened,
        "assigned_to": state.assigned_to,
        "promises": json.dumps([promise.model_dump(mode="json") for promise in state.promises]),
    }


_INSTANTS = ("opened", "captured", "acknowledged", "answered", "resolved", "left")
PROJECTED = tuple(projection(Folded()))  # the columns' names
