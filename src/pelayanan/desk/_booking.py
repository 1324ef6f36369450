"""Entering that a draft was sent: ledger, message and event, all or nothing."""

from datetime import datetime

from sqlalchemy import Connection

from pelayanan.models import Answer, Mention, Sent
from pelayanan.reply.draft import Draft
from pelayanan.store.intake import Intake
from pelayanan.store.keys import Keys
from pelayanan.store.ledger import Ledger
from pelayanan.store.reading import mention_of

__all__ = ["book"]


def book(
    connection: Connection, keys: Keys, draft: Draft, sent: Sent, *, agency: str, now: datetime
) -> None:
    """Enter what the platform took, in the transaction of `connection`. Twice is once."""
    Ledger(connection, now).sent(draft.id, sent)
    if draft.verb != "reply" or draft.message_id is None:
        return
    found = mention_of(connection, message_id=draft.message_id)
    if found is None:  # forgotten meanwhile
        return
    told = (draft.substantive, "" if draft.substantive else "told")
    intake = Intake(connection, keys, draft.account, agency, now, judge=lambda _: told)
    intake.answers([_answer(draft, found[1], sent)], case=draft.case_id)


def _answer(draft: Draft, mention: Mention, sent: Sent) -> Answer:
    return Answer(
        platform=mention.platform,
        id=sent.id,
        to=mention.id,
        text=draft.text,
        created_at=sent.at,
        url=sent.url,
        private=mention.private,
    )
