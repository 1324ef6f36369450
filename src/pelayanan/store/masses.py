"""The same text to many citizens, sent outside the ledger: each answer becomes a claim.

Source:
    score.md, 1 (claims).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, select

from pelayanan.cases import (
    Actor,
    Answered,
    AnyEvent,
    Claim,
    Claimed,
    mass_answers,
    pending,
    read_event,
)
from pelayanan.store.log import append_all
from pelayanan.store.sent import sent_texts
from pelayanan.store.store import Store
from pelayanan.store.tables import events, messages

__all__ = ["claim_masses", "claims"]

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # before any message
_LAST = datetime(2100, 1, 1, tzinfo=UTC)  # a platform's clock may be ahead of ours
_CHUNK = 500


def claim_masses(store: Store, first: datetime = _FIRST, *, zone: ZoneInfo, now: datetime) -> int:
    """Claim what was sent from the beginning of a month on; returns how many claims are new.

    A claim has the instant of its answer: whenever somebody counts, the answer waits for a
    confirmation from the beginning.
    """
    with store.reading() as connection:
        found = _unclaimed(connection, first, zone)
    if not found:
        return 0
    with store.writing() as connection:
        added = append_all(connection, found, now)
    return sum(map(len, added.values()))


def claims(store: Store, *, zone: ZoneInfo, now: datetime) -> Iterator[Claim]:
    """All claims that wait, case by case."""
    claim_masses(store, zone=zone, now=now)
    for case_id in store.cases_with("claimed", "excluded", "transferred", "triaged"):
        yield from pending(case_id, store.events_of(case_id))


def _unclaimed(
    connection: Connection, first: datetime, zone: ZoneInfo
) -> dict[str, list[AnyEvent]]:
    waiting = sorted(mass_answers(sent_texts(connection, first, _LAST), zone))
    if not waiting:
        return {}
    known = {key for part in _chunks(waiting) for key in _claimed(connection, part)}
    fresh = [key for key in waiting if key not in known]
    told: dict[str, list[AnyEvent]] = {}
    for part in _chunks(fresh):
        for place, answer in _answers(connection, part):
            claim = Claimed(
                at=answer.at,
                actor=Actor.SYSTEM,
                what="mass_answer",
                detail=answer.key,
                key=_claim_key(answer.key),
            )
            told.setdefault(place, []).append(claim)
    return told


def _claim_key(answer: str) -> str:
    return f"mass:{answer}"


def _claimed(connection: Connection, answers: Sequence[str]) -> Iterator[str]:
    keys = [_claim_key(each) for each in answers]
    asked = select(events.c.key).where(_of(connection, answers), events.c.key.in_(keys))
    return (key.removeprefix("mass:") for key in connection.scalars(asked))


def _answers(connection: Connection, keys: Sequence[str]) -> Iterator[tuple[str, Answered]]:
    """Each with its case."""
    wanted = set(keys)
    asked = select(events.c.case_id, events.c.body).where(
        _of(connection, keys), events.c.type == "answered"
    )
    for row in connection.execute(asked).all():
        said = read_event(row.body)
        if isinstance(said, Answered) and said.key in wanted:
            yield row.case_id, said


def _of(connection: Connection, answers: Sequence[str]) -> ColumnElement[bool]:
    """The events of the cases that have these answers."""
    ids = [key.removeprefix("answered:") for key in answers]
    asked = select(messages.c.case_id).where(messages.c.id.in_(ids))
    return events.c.case_id.in_(list(connection.scalars(asked)))


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
