"""The answers drawn for an audit, and what persons outside the agency say of them. No text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from pelayanan.cases import Confirmed, Judged, answers_that_count
from pelayanan.errors import ConfigError
from pelayanan.models import Kind
from pelayanan.store.keys import to_us
from pelayanan.store.log import events_of
from pelayanan.store.tables import (
    accounts,
    audit_draws,
    audit_items,
    audit_marks,
    cases,
    drafts,
    events,
    messages,
)

__all__ = ["AuditRows", "Candidate", "Drawn", "Rated", "is_insider"]

_OBLIGE = [kind.value for kind in Kind if kind.obliges]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer of a month that a person may have written."""

    message_id: str
    case_id: str
    agency: str
    kind: str
    channel: str


@dataclass(frozen=True, slots=True)
class Rated:
    """The last word of one rater on one answer."""

    rater: str
    marks: str
    version: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer that was drawn.

    Attributes:
        readable: Whether its text is still there.
        rated: What raters say, in the order in which each first spoke.
    """

    id: str
    rank: str
    answer: Candidate
    readable: bool
    rated: tuple[Rated, ...]


class AuditRows:
    """Reads and writes audits inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now_us = to_us(now)

    # ---- the draw

    def seed(self, period: str) -> str | None:
        """By what a month was drawn; ``None`` before the first draw."""
        asked = select(audit_draws.c.seed).where(audit_draws.c.period == period)
        return self._connection.scalar(asked)

    def begin(self, period: str, seed: str) -> None:
        """Fix the seed of a month; the first one stays."""
        self._insert(audit_draws, [{"period": period, "seed": seed, "drawn_us": self._now_us}])

    def keep(self, period: str, drawn: Iterable[tuple[str, str, Candidate]]) -> None:
        """Keep what was drawn, each with its id and rank; what is there already stays."""
        rows = [
            {
                "id": item,
                "period": period,
                "rank": rank,
                "message_id": answer.message_id,
                "case_id": answer.case_id,
                "agency": answer.agency,
                "kind": answer.kind,
                "channel": answer.channel,
                "drawn_us": self._now_us,
            }
            for item, rank, answer in drawn
        ]
        self._insert(audit_items, rows)

    def candidates(self, first: datetime, after: datetime) -> Iterator[Candidate]:
        """Answers sent in a span that no machine wrote, in cases that oblige one.

        What was told without its text, as after a call, cannot be read and is not among them.
        """
        same = (events.c.case_id == messages.c.case_id) & (
            events.c.key == literal("answered:") + messages.c.id
        )
        asked = (
            select(messages.c.id, cases.c.id, cases.c.agency, cases.c.kind, cases.c.platform)
            .join(cases, cases.c.id == messages.c.case_id)
            .join(events, same)
            .where(
                messages.c.direction == "out",
                messages.c.automatic.is_(False),
                messages.c.text.is_not(None),
                messages.c.created_us >= to_us(first),
                messages.c.created_us < to_us(after),
                events.c.type == "answered",
                cases.c.excluded == "",
                cases.c.kind.in_(_OBLIGE),
            )
        )
        return (Candidate(*row) for row in self._connection.execute(asked))

    def is_answer(self, answer: Candidate) -> bool:
        """Whether it is a substantive answer by a person, by all that is known by now."""
        told = answers_that_count(events_of(self._connection, answer.case_id))
        return f"answered:{answer.message_id}" in told

    # ---- what was drawn

    def drawn(self, period: str) -> list[Drawn]:
        """All that was drawn of a month."""
        return self._drawn(audit_items.c.period == period)

    def need(self, item_id: str) -> Drawn:
        """One answer that was drawn; raises `ConfigError` where there is none."""
        found = self._drawn(audit_items.c.id == item_id)
        if not found:
            raise ConfigError(f"there is no item {item_id[:40]!r}: see `pelayanan audit sample`")
        return found[0]

    def names(self) -> set[str]:
        """The handles by which agencies are known."""
        return set(self._connection.scalars(select(accounts.c.handle)))

    # ---- marks

    def rate(self, item_id: str, rated: Rated) -> None:
        """Keep a rater's word; earlier ones stay beside it."""
        row = {
            "item_id": item_id,
            "rater": rated.rater,
            "version": rated.version,
            "marks": rated.marks,
            "recorded_us": self._now_us,
        }
        self._insert(audit_marks, [row])

    # ---- inside

    def _drawn(self, which: ColumnElement[bool]) -> list[Drawn]:
        rated = self._rated(which)
        asked = (
            select(audit_items, messages.c.text.is_not(None).label("readable"))
            .join(messages, messages.c.id == audit_items.c.message_id, isouter=True)
            .where(which)
            .order_by(audit_items.c.rank)
        )
        return [
            Drawn(
                row.id,
                row.rank,
                Candidate(row.message_id, row.case_id, row.agency, row.kind, row.channel),
                bool(row.readable),
                tuple(rated.get(row.id, ())),
            )
            for row in self._connection.execute(asked)
        ]

    def _rated(self, which: ColumnElement[bool]) -> dict[str, list[Rated]]:
        asked = (
            select(audit_marks)
            .join(audit_items, audit_items.c.id == audit_marks.c.item_id)
            .where(which)
            .order_by(audit_marks.c.seq)
        )
        last: dict[str, dict[str, Rated]] = {}
        for row in self._connection.execute(asked):
            # a later word of the same rater takes the place of the first
            last.setdefault(row.item_id, {})[row.rater] = Rated(row.rater, row.marks, row.version)
        return {item: list(found.values()) for item, found in last.items()}

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        kind = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        self._connection.execute(kind.insert(table).on_conflict_do_nothing(), rows)


def is_insider(connection: Connection, who: str, case_id: str, agency: str) -> bool:
    """Whether somebody acted in a case, or wrote or approved anything in the agency's name.

    Who confirmed a claim or judged an answer may well be the person outside.
    """
    theirs = select(accounts.c.key).where(accounts.c.agency == agency)
    inside = drafts.c.account.in_(theirs) | (drafts.c.case_id == case_id)
    wrote = select(drafts.c.by, drafts.c.approved_by).where(inside).distinct()
    found = {name for row in connection.execute(wrote) for name in row}
    told = events_of(connection, case_id)
    found |= {event.by for event in told if not isinstance(event, (Confirmed, Judged))}
    return bool(_plain(who)) and _plain(who) in map(_plain, found)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
