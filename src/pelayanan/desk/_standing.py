"""Cases as they stand now: a row of the store does not know which promised dates are past."""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING

from pelayanan.cases import Case, fold, stands

if TYPE_CHECKING:
    from pelayanan.desk.opening import OpenDesk

__all__ = ["cases", "standing"]

_MOVED = ("status", "acknowledged", "answered", "resolved", "left", "left_how")


def standing(desk: "OpenDesk", case: Case) -> Case:
    """A case as the score counts it now: who was promised in vain waits again."""
    if not case.promises:
        return case
    now, calendar, standards = desk.now, desk.calendar, desk.standards
    if stands(case, as_of=now, calendar=calendar, standards=standards):
        return case
    told = desk.store.events_of(case.id)
    state = fold(told, as_of=now, calendar=calendar, standards=standards)
    return case.model_copy(update={name: getattr(state, name) for name in _MOVED})


def cases(
    desk: "OpenDesk",
    *,
    status: str | None = None,
    agency: str | None = None,
    opened_from: datetime | None = None,
    opened_before: datetime | None = None,
) -> Iterator[Case]:
    """Cases of one status, or all, without their threads, the oldest first."""

    def kept(status: str | None = None, *, promised: bool = False) -> Iterator[Case]:
        return desk.store.cases(
            status=status,
            agency=agency,
            opened_from=opened_from,
            opened_before=opened_before,
            promised=promised,
        )

    moved = {row.id: now for row in kept(promised=True) if (now := standing(desk, row)) != row}
    here = (each for each in moved.values() if status in {None, each.status.value})
    rows = (row for row in kept(status) if row.id not in moved)
    yield from merge(rows, here, key=lambda each: (each.opened, each.id))
