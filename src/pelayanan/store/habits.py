"""What the gaming report looks at: cases as they were handled, and what became of hand-overs."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal, or_, select

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Folded, Standards, settle
from pelayanan.score.bins import bins
from pelayanan.score.gaming import DatedAnswer, HandedCase, Handled
from pelayanan.store.columns import Window, filed
from pelayanan.store.keys import to_us
from pelayanan.store.tables import cases, drafts, events, messages

__all__ = ["dated_answers", "handed_cases", "handled"]

_US = 1_000_000
_BEFORE = timedelta(days=92)  # a case may come from one that was opened so much earlier
_TEXTS = ("agency", "kind", "author_key", "excluded")
_ANSWERS = ("answered", "asked", "promised")  # what may count as an answer
_INSTANTS = ("opened_us", "answered_us", "acknowledged_us", "left_us")


def handled(connection: Connection, window: Window) -> Handled:
    """The cases opened in a window, as their projection has them."""
    names = (*_TEXTS, *_INSTANTS, "reopened")
    asked = select(*(cases.c[name] for name in names)).where(window.opened)
    rows = connection.execute(asked.order_by(cases.c.opened_us, cases.c.id)).all()
    parts = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    agency, kind, author, excluded = (np.array(part, np.str_) for part in parts[:4])
    opened, answered, acknowledged, left = (
        np.array([-1 if us is None else us // _US for us in part], np.int64) for part in parts[4:8]
    )
    return Handled(
        agency=agency,
        kind=kind,
        author=author,
        excluded=excluded,
        opened=opened,
        answered=answered,
        acknowledged=acknowledged,
        left=left,
        reopened=np.array(parts[8], np.int64),
    )


def dated_answers(connection: Connection, window: Window) -> Iterator[DatedAnswer]:
    """Answers that claim an instant of a window, where nobody but the agency says so."""
    first, after = to_us(window.first), to_us(window.after)
    c, m, e = cases.c, messages.c, events.c
    event = and_(e.case_id == m.case_id, e.key == literal("answered:") + m.id)
    listed = (
        select(m.agency, m.case_id, m.created_us, m.unseen_us)
        .join(events, event)
        .where(m.unseen_us.is_not(None), m.created_us >= first, m.created_us < after)
        .where(e.type == "answered", e.body.like('%"source":"native"%'))
    )
    ours = or_(
        _is_about("answered", messages),
        _is_about("settled", drafts),
        _is_about("promised", drafts),
    )
    by_hand = (
        select(c.agency, e.case_id, e.at_us, e.recorded_us)
        .join(cases, c.id == e.case_id)
        .where(e.type.in_(_ANSWERS), e.at_us >= first, e.at_us < after, ~ours)
        .where(e.body.like('%"actor":"human"%'))
    )
    for asked, order, is_by_hand in ((listed, m.created_us, False), (by_hand, e.at_us, True)):
        for agency, case, *instants in connection.execute(asked.order_by(order, e.key)):
            claimed, known = (us // _US for us in instants)
            yield DatedAnswer(agency, case, claimed, known, by_hand=is_by_hand)


def _is_about(what: str, table: Table) -> ColumnElement[bool]:
    """Whether an event is what this library enters of a message or draft: its key names it."""
    prefix, key = f"{what}:", events.c.key
    named = table.c.id == func.substr(key, len(prefix) + 1)
    return select(table.c.id).where(key.startswith(prefix), named).exists()


def handed_cases(
    connection: Connection,
    window: Window,
    *,
    register: Collection[str],
    calendar: WorkCalendar,
    standards: Standards,
) -> Iterator[HandedCase]:
    """Accepted hand-overs of the cases opened in a window.

    Args:
        register: Agencies of the province: of what others answer nothing is known.
    """
    moved = filed(connection, _moved(connection, window.first - _BEFORE))
    found = settle(moved, as_of=window.as_of, calendar=calendar, standards=standards)
    receivers = {
        (state.handed_by, file.agency): state for file, state in found.values() if state.handed_by
    }
    for key, (file, state) in sorted(found.items()):
        if window.has(state.opened):
            for made in state.handovers:
                is_known = made.to in register and not made.returned
                receiver = receivers.get((key, made.to)) if is_known else None
                answered = _answered(receiver, window.as_of, calendar, standards)
                yield HandedCase(file.agency, made.to, made.returned, answered)


def _moved(connection: Connection, since: datetime) -> list[str]:
    """Ids of all cases that were handed over, or came from another agency."""
    from_another = and_(
        events.c.type == "received",
        events.c.body.like('%"handed_by":"%'),
        events.c.body.not_like('%"handed_by":""%'),
    )
    moved = select(events.c.case_id).where(or_(events.c.type == "transferred", from_another))
    asked = select(cases.c.id).where(cases.c.id.in_(moved), cases.c.opened_us >= to_us(since))
    return [str(each) for each in connection.scalars(asked.order_by(cases.c.id))]


def _answered(
    case: Folded | None, as_of: datetime, calendar: WorkCalendar, standards: Standards
) -> bool | None:
    """Whether it was answered; ``None`` while it still may be in time, or has left."""
    if case is None or case.opened is None or not case.counts:
        return None
    if case.answered is not None:
        return True
    if case.left is not None:
        return None
    opened, now = (np.array([int(at.timestamp())], np.int64) for at in (case.opened, as_of))
    late = bins(opened, now, calendar, standards.kinds[case.kind])[0] > standards.legal_test
    return False if late else None
