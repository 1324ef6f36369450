"""Entering that a draft was sent: ledger, message and event, all or nothing."""

from datetime import datetime

from sqlalchemy import Connection

from pelayanan.cases import Actor, Judged, Promised
from pelayanan.models import Answer, Mention, Sent
from pelayanan.reply.draft import Draft
from pelayanan.reply.parts import Place
from pelayanan.store.intake import Intake
from pelayanan.store.keys import Keys
from pelayanan.store.ledger import Ledger
from pelayanan.store.log import append
from pelayanan.store.reading import answered_by, mention_of

__all__ = ["book", "book_part", "came_back", "promised", "refute"]


def book(
    connection: Connection, keys: Keys, draft: Draft, sent: Sent, *, agency: str, now: datetime
) -> None:
    """Enter what the platform took, in the transaction of `connection`. Twice is once."""
    ledger = Ledger(connection, now)
    if not sent.confirmed and ledger.is_undelivered(draft.id, sent.id):
        return  # a webhook was faster than the receipt
    if draft.parts:
        ledger.part(draft.id, len(draft.parts), sent)
    ledger.sent(draft.id, sent)
    if draft.verb != "reply" or draft.message_id is None:
        return
    found = mention_of(connection, message_id=draft.message_id)
    if found is None:  # forgotten meanwhile
        return
    told = (draft.substantive, "" if draft.substantive else "told")
    intake = Intake(connection, keys, draft.account, agency, now, judge=lambda _: told)
    intake.answers([_answer(found[1], sent, draft.text)], case=draft.case_id)
    answer = keys.message(found[1].platform, draft.account, sent.id)
    promised(connection, draft, sent.at, f"answered:{answer}", now)


def came_back(
    connection: Connection, keys: Keys, mention: Mention, account: str, now: datetime
) -> None:
    """Enter that an own message never arrived, as a machine tells. Twice is once."""
    told = "it came back: the address does not take it", "officer: answer on another channel"
    Ledger(connection, now).returned(mention.returned, account, *told)
    refute(connection, keys.message(mention.platform, account, mention.returned), now)


def refute(connection: Connection, message: str, now: datetime) -> None:
    """What never reached the citizen is no answer, whoever wrote it."""
    if (case := answered_by(connection, message)) is None:
        return
    judged = Judged(
        at=now,
        actor=Actor.SYSTEM,
        answer=f"answered:{message}",
        substantive=False,
        reason="not delivered",
        key=f"undelivered:{message}",
    )
    append(connection, case, [judged], now)


def promised(
    connection: Connection, draft: Draft, at: datetime, answer: str, now: datetime
) -> None:
    """Enter what a reply promised: its answer, named by its event key, counts if that is kept."""
    if draft.promise is None or draft.case_id is None:
        return
    event = Promised(
        at=at,
        by=draft.by,
        due=draft.promise.due,
        unit=draft.promise.unit,
        answer=answer,
        key=f"promised:{draft.id}",
    )
    append(connection, draft.case_id, [event], now)


def book_part(
    connection: Connection,
    keys: Keys,
    draft: Draft,
    place: Place,
    sent: Sent,
    *,
    agency: str,
    now: datetime,
) -> Draft:
    """Enter a part that is not the last: not yet an answer. Returns the draft with it."""
    told = False, "part"
    intake = Intake(connection, keys, draft.account, agency, now, judge=lambda _: told)
    intake.answers([_answer(place.mention, sent, place.text)], case=draft.case_id)
    return Ledger(connection, now).part(draft.id, place.number, sent)


def _answer(mention: Mention, sent: Sent, text: str) -> Answer:
    return Answer(
        platform=mention.platform,
        id=sent.id,
        to=mention.id,
        text=text,
        created_at=sent.at,
        url=sent.url,
        private=mention.private,
    )
