"""Cases as columns, for counting."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, literal, or_, select

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Filed, SentText, Standards, preceding, read_event, settle
from pelayanan.cases.events import AnyEvent, Received, Transferred
from pelayanan.score.tally import Columns
from pelayanan.score.units import Units
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.tables import accounts, cases, events, messages, polls

__all__ = ["AccountPolls", "Window", "columns", "polls_of", "sent_texts", "settled"]

_US = 1_000_000
_CHUNK = 500
_PLAIN = (  # what the projection says of these is all that is counted
    "received",
    "edited",
    "triaged",
    "assigned",
    "acknowledged",
    "answered",
    "judged",
    "moved_to_private",
    "resolved",
)
_HANDED = events.c.body.like('%"handed_by":"%') & events.c.body.not_like('%"handed_by":""%')


@dataclass(frozen=True, slots=True)
class Window:
    """Cases opened from one instant until before another, followed until `as_of`."""

    first: datetime
    after: datetime
    as_of: datetime

    @property
    def opened(self) -> ColumnElement[bool]:
        """Their rows."""
        return (cases.c.opened_us >= to_us(self.first)) & (cases.c.opened_us < to_us(self.after))

    def has(self, opened: datetime | None) -> bool:
        """Whether a case opened then is one of them."""
        return opened is not None and self.first <= opened < self.after


def columns(connection: Connection, opened_from: datetime, opened_before: datetime) -> Columns:
    """All cases opened in a span of time as their projection says, whole seconds, rounded down."""
    window = Window(opened_from, opened_before, opened_before)
    return _projected(connection.execute(_asked().where(window.opened)).all())


def settled(
    connection: Connection, window: Window, *, calendar: WorkCalendar, standards: Standards
) -> Columns:
    """All cases opened in a window; those that are not simple are folded from their events.

    Not simple is what was promised, asked, reopened, withdrawn, claimed, excluded or handed over,
    and what happened after `as_of`: there the projection does not say enough.
    """
    found = {str(each) for each in connection.scalars(_not_simple(window))}
    filed = _chains(connection, found)
    asked = _asked().where(window.opened, cases.c.opened_us <= _end(window.as_of))
    rows = [row for row in connection.execute(asked) if row.id not in filed]
    units = Units(calendar, standards, window.as_of)
    channels = _channels(connection, filed)
    done = settle(filed.values(), as_of=window.as_of, calendar=calendar, standards=standards)
    for key, (file, state) in sorted(done.items()):
        if window.has(state.opened):
            while key not in channels:  # a new beginning
                key = preceding(key)  # noqa: PLW2901  of the case before it
            units.add(state, agency=file.agency, channel=channels[key])
    return _projected(rows) + units.columns()


def _asked() -> Select[*tuple[Any, ...]]:
    c = cases.c
    return select(
        c.opened_us,
        c.answered_us,
        c.resolved_us,
        c.left_us,
        c.left_how,
        c.agency,
        c.kind,
        c.platform,
        c.excluded,
        c.contacts,
        c.id,
    )


def _projected(rows: Sequence[Row[Any]]) -> Columns:
    parts = list(zip(*rows, strict=True)) if rows else [()] * 11
    opened, answered, resolved, left = (
        np.array([-1 if us is None else us // _US for us in part], dtype=np.int64)
        for part in parts[:4]
    )
    how, agency, kind, channel, excluded = (np.array(part, dtype=np.str_) for part in parts[4:9])
    return Columns.simple(
        opened=opened,
        answered=answered,
        resolved=resolved,
        left=left,
        left_how=how,
        agency=agency,
        kind=kind,
        channel=channel,
        excluded=excluded,
        contacts=np.array(parts[9], dtype=np.int64),
    )


def _end(as_of: datetime) -> int:
    """The last microsecond of the second of `as_of`."""
    return to_us(as_of) // _US * _US + _US - 1


def _not_simple(window: Window) -> Select[Any]:
    later, reopened = events.c.at_us > _end(window.as_of), events.c.type == "reopened"
    begun = and_(
        reopened,
        events.c.at_us >= to_us(window.first),
        events.c.at_us < to_us(window.after),
    )
    more = or_(events.c.type.not_in(_PLAIN), later, and_(events.c.type == "received", _HANDED))
    written = and_(cases.c.resolved_us.is_not(None), cases.c.contacts > 0)
    inside = and_(window.opened, or_(more, written))
    joined = events.join(cases, cases.c.id == events.c.case_id)
    return select(events.c.case_id).distinct().select_from(joined).where(or_(inside, begun))


def _chains(connection: Connection, wanted: set[str]) -> dict[str, Filed]:
    """The cases with their events, and all that they were handed to or came from."""
    found: dict[str, Filed] = {}
    while wanted:
        fresh = list(_filed(connection, sorted(wanted)))
        found |= {each.id: each for each in fresh}
        around = {key for each in fresh for key in _around(connection, each)}
        wanted = around - set(found)
    return found


def _filed(connection: Connection, ids: Sequence[str]) -> Iterator[Filed]:
    for part in _chunks(ids):
        asked = (
            select(events.c.case_id, cases.c.agency, events.c.body)
            .join(cases, cases.c.id == events.c.case_id)
            .where(events.c.case_id.in_(part))
            .order_by(events.c.case_id, events.c.n)
        )
        logs: dict[tuple[str, str], list[AnyEvent]] = {}
        for row in connection.execute(asked):
            logs.setdefault((row.case_id, row.agency), []).append(read_event(row.body))
        for (key, agency), log in logs.items():
            yield Filed(key, agency, tuple(log))


def _around(connection: Connection, case: Filed) -> Iterator[str]:
    """Cases that this one came from or went to."""
    for event in case.events:
        if isinstance(event, Received) and event.handed_by:
            yield event.handed_by
        if isinstance(event, Transferred) and event.at is not None:
            second = to_us(event.at) // _US * _US
            asked = select(cases.c.id).where(
                or_(
                    cases.c.id == event.case,
                    and_(
                        cases.c.agency == event.to,
                        cases.c.opened_us >= second,
                        cases.c.opened_us < second + _US,
                    ),
                )
            )
            yield from connection.scalars(asked)


def _channels(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _chunks(sorted(ids)):
        asked = select(cases.c.id, cases.c.platform).where(cases.c.id.in_(part))
        found |= {row.id: row.platform for row in connection.execute(asked)}
    return found


# ---- polls and texts


@dataclass(frozen=True, slots=True)
class AccountPolls:
    """An account of the register with the hours in which it was looked at (UTC microseconds)."""

    agency: str
    platform: str
    registered: datetime
    closed: datetime | None
    hours: frozenset[int]


def polls_of(connection: Connection, first: datetime, after: datetime) -> list[AccountPolls]:
    """The accounts and the hours of a span in which each was read at least once."""
    asked = select(polls.c.account, polls.c.hour_us).where(
        polls.c.hour_us >= to_us(first), polls.c.hour_us < to_us(after), polls.c.done
    )
    hours: dict[str, set[int]] = {}
    for row in connection.execute(asked):
        hours.setdefault(row.account, set()).add(row.hour_us)
    return [
        AccountPolls(
            row.agency,
            row.platform,
            from_us(row.registered_us) or first,
            from_us(row.closed_us),
            frozenset(hours.get(row.key, ())),
        )
        for row in connection.execute(select(accounts))
    ]


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


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
