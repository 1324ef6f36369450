"""Aid events, their evidence and consents."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pelayanan.aid import AidEvent, AidMedium, AidStatus, Consent
from pelayanan.errors import ConfigError
from pelayanan.reply.draft import Draft
from pelayanan.store.keys import from_us, to_us
from pelayanan.store.tables import aid, aid_media, consents, drafts

__all__ = ["AidRows"]

_NOT_SENT = {"drafted", "approved"}


class AidRows:
    """Reads and writes aid inside one transaction."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, event: AidEvent) -> AidEvent:
        """Keep an event; the one that is there already where it was logged before."""
        if (known := self.get(event.id)) is not None:
            return known
        kept = event.model_copy(update={"recorded_at": self._now, "media": ()})
        row = {
            "id": kept.id,
            "agency": kept.agency,
            "occurred_us": to_us(kept.occurred_at),
            "recorded_us": to_us(self._now),
            "status": kept.status.value,
            "body": kept.model_dump_json(exclude={"media", "status"}),
        }
        self._connection.execute(insert(aid), [row])
        return kept

    def get(self, event_id: str) -> AidEvent | None:
        """One event with its evidence, or ``None``."""
        row = self._connection.execute(select(aid).where(aid.c.id == event_id)).first()
        return self._event(row) if row else None

    def need(self, event_id: str) -> AidEvent:
        """One event; raises `ConfigError` where there is none."""
        if (found := self.get(event_id)) is None:
            raise ConfigError(f"there is no aid event {event_id[:60]!r}")
        return found

    def all(
        self, first: datetime | None = None, before: datetime | None = None
    ) -> Iterator[AidEvent]:
        """Events that took place in a span of time, the oldest first."""
        asked = select(aid).order_by(aid.c.occurred_us, aid.c.id)
        if first is not None:
            asked = asked.where(aid.c.occurred_us >= to_us(first))
        if before is not None:
            asked = asked.where(aid.c.occurred_us < to_us(before))
        return (self._event(row) for row in self._connection.execute(asked).all())

    def attach(self, event_id: str, medium: AidMedium, consent: Consent | None) -> None:
        """Keep evidence with its consent.

        Attaching the same picture again adds what was missing, alternative text or consent, and
        takes nothing away: a consent that is left out the second time still binds.
        """
        if consent is not None and self.consent(consent.id) is None:
            row = {
                "id": consent.id,
                "aid_id": event_id,
                "body": consent.model_dump_json(exclude={"withdrawn_at"}),
                "given_us": to_us(consent.given_at),
            }
            self._connection.execute(insert(consents), [row])
        this = aid_media.c.aid_id == event_id, aid_media.c.sha256 == medium.sha256
        if self._connection.scalar(select(aid_media.c.sha256).where(*this)) is None:
            values = medium.model_dump() | {"aid_id": event_id, "added_us": to_us(self._now)}
            self._connection.execute(insert(aid_media), [values])
            return
        told = {"alt": medium.alt.strip(), "consent_id": medium.consent_id}
        if changed := {name: value for name, value in told.items() if value}:
            self._connection.execute(update(aid_media).where(*this).values(**changed))

    def medium(self, event_id: str, sha256: str) -> AidMedium:
        """One picture of an event as it is kept."""
        return next(each for each in self.need(event_id).media if each.sha256 == sha256)

    def consent(self, consent_id: str) -> Consent | None:
        """One consent, or ``None``."""
        row = self._connection.execute(select(consents).where(consents.c.id == consent_id)).first()
        return _consent(row) if row else None

    def consents_of(self, event_id: str) -> dict[str, Consent]:
        """The consents of an event, by id."""
        rows = self._connection.execute(select(consents).where(consents.c.aid_id == event_id))
        return {row.id: _consent(row) for row in rows.all()}

    def withdraw(self, consent_id: str) -> list[str]:
        """Withdraw a consent, and stop what has not gone out yet.

        Returns:
            The ids of the ledger's rows that stand, or may stand, on a platform: these must come
            down.
        """
        row = self._connection.execute(select(consents).where(consents.c.id == consent_id)).first()
        if row is None:
            raise ConfigError(f"there is no consent {consent_id[:60]!r}")
        if row.withdrawn_us is None:
            self._connection.execute(
                update(consents)
                .where(consents.c.id == consent_id)
                .values(withdrawn_us=to_us(self._now))
            )
        hashes = self._connection.scalars(
            select(aid_media.c.sha256).where(aid_media.c.consent_id == consent_id)
        ).all()
        asked = select(drafts.c.id, drafts.c.media, drafts.c.state)
        rows = self._connection.execute(asked.where(drafts.c.aid_id == row.aid_id)).all()
        showing = [each for each in rows if any(sha256 in each.media for sha256 in hashes)]
        before = [each.id for each in showing if each.state in _NOT_SENT]
        self._connection.execute(
            update(drafts)
            .where(drafts.c.id.in_(before))
            .values(state="refused", error="consent withdrawn", remedy="publish other pictures")
        )
        return [each.id for each in showing if each.state not in {*_NOT_SENT, "refused"}]

    def redraft(self, draft: Draft) -> None:
        """Let a publication that nobody approved yet show what is chosen now."""
        self._connection.execute(
            update(drafts)
            .where(drafts.c.id == draft.id, drafts.c.state.in_(["drafted", "refused"]))
            .values(
                state="drafted",
                media=json.dumps([each.model_dump() for each in draft.media]),
                needs=json.dumps(draft.needs),
                error="",
                remedy="",
                updated_us=to_us(self._now),
            )
        )

    def status(self, event_id: str, status: AidStatus) -> None:
        """Move an event on."""
        self._connection.execute(
            update(aid).where(aid.c.id == event_id).values(status=status.value)
        )

    def _event(self, row: Any) -> AidEvent:
        rows = self._connection.execute(
            select(aid_media).where(aid_media.c.aid_id == row.id).order_by(aid_media.c.added_us)
        )
        media = tuple(AidMedium.model_validate(dict(found)) for found in rows.mappings().all())
        event = AidEvent.model_validate_json(row.body)
        return event.model_copy(update={"status": AidStatus(row.status), "media": media})


def _consent(row: Any) -> Consent:
    consent = Consent.model_validate_json(row.body)
    return consent.model_copy(update={"withdrawn_at": from_us(row.withdrawn_us)})
