"""What happened to a case between the approval of its reply and the sending."""

from collections.abc import Collection

from sqlalchemy import Connection

from pelayanan.cases import (
    Actor,
    Answered,
    AnyEvent,
    Confirmed,
    Status,
    Transferred,
    Withdrawn,
)
from pelayanan.models import Kind
from pelayanan.reply.draft import Draft
from pelayanan.store.log import events_of
from pelayanan.store.reading import case_of

__all__ = ["SECOND_PERSON", "is_same", "overtaken"]

SECOND_PERSON = "persetujuan orang kedua: `pelayanan approve`"
_AGAIN = "baca dulu, lalu `pelayanan approve`"


def overtaken(connection: Connection, draft: Draft, two_persons: Collection[Kind]) -> list[str]:
    """Say in Indonesian why a person must look at an approved reply again; empty if nothing is new.

    Whoever approved it could not know: a colleague answered in the platform's app, the citizen
    took the message back, another agency has the need, or the case is of a sensitive kind now. A
    thread of which a part stands goes on.
    """
    if draft.verb != "reply" or any(part.sent for part in draft.parts):
        return []
    case = case_of(connection, draft.case_id or "")
    assert case is not None, "a reply has its case"
    new = events_of(connection, case.id, after=draft.updated_at)
    needs: list[str] = []
    if any(map(_answers, new)):
        needs.append(f"warga ini sudah dijawab di luar daftar ini: {_AGAIN}")
    if any(_takes_back(each, draft) for each in new):
        needs.append(f"warga menarik pesannya: {_AGAIN}")
    elif case.status == Status.LEFT and any(isinstance(e, (Transferred, Confirmed)) for e in new):
        needs.append(f"perkara ini diserahkan ke instansi lain: {_AGAIN}")
    if case.kind in two_persons and is_same(draft.by, draft.approved_by):
        needs.append(SECOND_PERSON)
    return needs


def is_same(by: str, other: str) -> bool:
    """Whether two names are one person's."""
    return by.strip().casefold() == other.strip().casefold()


def _answers(event: AnyEvent) -> bool:
    return isinstance(event, Answered) and event.substantive and event.source != "ledger"


def _takes_back(event: AnyEvent, draft: Draft) -> bool:
    if not isinstance(event, Withdrawn) or event.actor is not Actor.CITIZEN:
        return False
    return event.message in {"", draft.message_id}
