"""Cases as they stand when a message comes in: which of them takes it?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, select

from pelayanan.cases import Status
from pelayanan.store.tables import cases

__all__ = ["CaseRow", "heirs", "standing"]

_SECOND_US = 1_000_000
_REOPEN_US = timedelta(days=14) // timedelta(microseconds=1)
_BY_SYSTEM = frozenset({"internal", "before_start"})
_c = cases.c
_COLUMNS = (
    *(_c.id, _c.author_key, _c.status, _c.excluded),
    *(_c.opened_us, _c.answered_us, _c.resolved_us, _c.left_us),
)


@dataclass(slots=True)
class CaseRow:
    """What must be known of a case to tell whether it takes a message."""

    id: str
    author_key: str
    status: str
    excluded: str
    opened_us: int
    answered_us: int | None = None
    resolved_us: int | None = None
    left_us: int | None = None

    @property
    def uncounted(self) -> str:
        """Why its messages do not count, ``""`` if they do."""
        return self.excluded if self.excluded in _BY_SYSTEM else ""

    def was_open(self, at_us: int) -> bool:
        """Whether nobody had answered by then."""
        if self.status in {Status.LEFT, Status.EXCLUDED}:
            return False
        return self.status == Status.OPEN or (self.answered_us or at_us) > at_us

    def takes(self, at_us: int) -> bool:
        """Whether its conversation goes on; long after its closing a new case begins."""
        if self.status == Status.LEFT:  # it takes what was written before and seen later
            return self.left_us is not None and at_us < self.left_us
        if self.resolved_us is None:
            return True
        whole_us = at_us // _SECOND_US * _SECOND_US  # clocks run in whole seconds
        return whole_us - self.resolved_us <= _REOPEN_US


def standing(connection: Connection, *which: ColumnElement[bool]) -> Iterator[CaseRow]:
    """Some cases, the oldest first."""
    asked = select(*_COLUMNS).where(*which).order_by(_c.opened_us, _c.id)
    return (CaseRow(*row) for row in connection.execute(asked).all())


def heirs(connection: Connection, left: Sequence[str]) -> dict[str, CaseRow]:
    """By the case that was handed over: the one that has its need now.

    Source:
        score.md, 1: what the citizen does after a hand-over is the receiver's.
    """
    sender = cases.alias()
    same = and_(sender.c.author_key == _c.author_key, sender.c.message_id == _c.message_id)
    asked = (
        select(sender.c.id, *_COLUMNS)
        .select_from(cases.join(sender, same))
        .where(sender.c.id.in_(left), _c.id != sender.c.id, _c.status != Status.LEFT.value)
        .order_by(_c.opened_us, _c.id)
    )
    return {row[0]: CaseRow(*row[1:]) for row in connection.execute(asked)}
