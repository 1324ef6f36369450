"""Appending events to a case and keeping its projection in step."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from pelayanan.cases import AnyEvent, Received, fold, read_event
from pelayanan.errors import ConfigError
from pelayanan.store.bulk import insert_rows
from pelayanan.store.chain import GENESIS, Link, digest_of, link, salt
from pelayanan.store.keys import to_us
from pelayanan.store.tables import cases, events

__all__ = [
    "PROJECTED",
    "append",
    "append_all",
    "event_rows",
    "events_of",
    "open_case",
    "projection",
]

Row = dict[str, Any]
_CHUNK = 500  # cases at a time


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


def events_of(
    connection: Connection, case_id: str, *, after: datetime | None = None
) -> list[AnyEvent]:
    """The events of a case that were recorded `after`, or all, in the order of recording."""
    asked = select(events.c.body).where(events.c.case_id == case_id).order_by(events.c.n)
    if after is not None:
        asked = asked.where(events.c.recorded_us > to_us(after))
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
    return append_all(connection, {case_id: new}, now)[case_id]


def append_all(
    connection: Connection, told: Mapping[str, Sequence[AnyEvent]], now: datetime
) -> dict[str, list[AnyEvent]]:
    """Append to many cases as `append` does to one, with a few statements for all of them."""
    added: dict[str, list[AnyEvent]] = {}
    places = list(told)
    for start in range(0, len(places), _CHUNK):
        part = {place: told[place] for place in places[start : start + _CHUNK]}
        added |= _append(connection, part, now)
    return added


def _append(
    connection: Connection, told: Mapping[str, Sequence[AnyEvent]], now: datetime
) -> dict[str, list[AnyEvent]]:
    added: dict[str, list[AnyEvent]] = {}
    rows: list[Row] = []
    changed: list[Row] = []
    standing, known = _standing(connection, told), _known(connection, told)
    for place, new in told.items():
        before, case = known.get(place, []), standing[place]
        keys = {event.key for event in before}
        fresh = {e.key: e for e in (event.complete(now) for event in new) if e.key not in keys}
        added[place] = list(fresh.values())
        if not fresh:
            continue
        made = event_rows(place, added[place], now, n=case.events, head=case.head)
        every = [*before, *added[place]]
        values = projection(every) | {"message_id": _opening(every) or case.message_id}
        values |= {"events": case.events + len(made), "head": made[-1]["chain"]}
        changed.append({"which": place, **values})
        rows += made
    insert_rows(connection, events, rows)
    if changed:
        connection.execute(update(cases).where(cases.c.id == bindparam("which")), changed)
    return added


def open_case(connection: Connection, case: Row, new: Sequence[AnyEvent], now: datetime) -> None:
    """Open a case with its first events, completed; `case` has the columns they do not say."""
    made = event_rows(case["id"], new, now)
    row = case | projection(new) | {"events": len(made), "head": made[-1]["chain"]}
    insert_rows(connection, cases, [row])
    insert_rows(connection, events, made)


def _standing(connection: Connection, places: Iterable[str]) -> dict[str, Any]:
    columns = cases.c.id, cases.c.events, cases.c.head, cases.c.message_id
    wanted = list(places)
    found = {
        row.id: row for row in connection.execute(select(*columns).where(cases.c.id.in_(wanted)))
    }
    for place in wanted:
        if place not in found:
            raise ConfigError(f"there is no case {place[:60]!r}: see `pelayanan cases`")
    return found


def _known(connection: Connection, places: Iterable[str]) -> dict[str, list[AnyEvent]]:
    """All events of some cases, in the order in which they were recorded."""
    columns = events.c.case_id, events.c.body
    asked = select(*columns).where(events.c.case_id.in_(list(places)))
    found: dict[str, list[AnyEvent]] = {}
    for place, body in connection.execute(asked.order_by(events.c.case_id, events.c.n)):
        found.setdefault(place, []).append(read_event(body))
    return found


def _opening(told: Sequence[AnyEvent]) -> str | None:
    """The citizen's earliest message: pages may bring a later one first."""
    received = [event for event in told if isinstance(event, Received) and event.message]
    first = min(received, key=_when, default=None)
    return first.message if first else None


def projection(told: Sequence[AnyEvent]) -> Row:
    """The columns of a case that its events determine."""
    waiting = [event for event in told if isinstance(event, Received) and not event.handed_by]
    return _waiting(waiting) if waiting and len(waiting) == len(told) else _folded(told)


def _waiting(messages: Sequence[Received]) -> Row:
    """The same where nothing but messages came in: most of what a page brings, told by a few."""
    first = min(messages, key=_when)
    captured = first.captured
    return _WAITING | {
        "opened_us": _when(first)[0],
        "captured_us": None if captured is None else to_us(captured),
        "contacts": len(messages) - 1,
        "last_us": max(map(_when, messages))[0],
    }


def _when(event: AnyEvent) -> tuple[int, str]:
    assert event.at is not None, "complete(now) it first"
    return to_us(event.at), event.key


def _folded(told: Sequence[AnyEvent]) -> Row:
    state = fold(told)
    simple = all(map(_is_simple, told))
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
        # what a count asks before it reads more of a case than this row
        "simple": simple,
        "first_contact": simple
        and not any(state.resolved and written <= state.resolved for written in state.messages),
        "last_us": _latest(told),
        "again_us": _latest([event for event in told if event.type == "reopened"]),
    }


def _is_simple(event: AnyEvent) -> bool:
    handed = isinstance(event, Received) and event.handed_by != ""
    return event.type in SIMPLE and not handed


def _latest(told: Sequence[AnyEvent]) -> int | None:
    return max((to_us(event.at) for event in told if event.at is not None), default=None)


_INSTANTS = ("opened", "captured", "acknowledged", "answered", "resolved", "left")
SIMPLE = {  # of a case with only these events the projection says all that is counted
    "received",
    "edited",
    "triaged",
    "assigned",
    "acknowledged",
    "answered",
    "judged",
    "moved_to_private",
    "resolved",
}
PROJECTED = tuple(projection(()))  # the columns' names
_WAITING = _folded([Received(at=datetime(2026, 1, 1, tzinfo=UTC))])
