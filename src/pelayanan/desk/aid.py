"""``desk.aid``: log, evidence with consent, publication through the ledger."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pelayanan.aid import AidEvent, AidMedium, Consent, slips
from pelayanan.desk._publishing import against
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.reply.draft import Draft, DraftMedia, DraftState
from pelayanan.store.aid import AidRows
from pelayanan.store.ledger import Ledger

if TYPE_CHECKING:
    from pelayanan.desk.desk import Desk

__all__ = ["AidDesk"]


class AidDesk:
    """Aid events of one desk."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def check(self, event: AidEvent) -> None:
        """Look whether an event can be logged.

        Raises:
            ConfigError: No agency has this key, or it says what cannot be true: it lies in the
                future, or an amount is absurd.
        """
        known = [agency.key for agency in self._desk.config.agencies]
        if event.agency not in known:
            told = ", ".join(known) or "none yet"
            raise ConfigError(f"no agency has key {event.agency[:40]!r}; there are {told}")
        if found := tuple(slips(event, self._desk.now)):
            raise ConfigError(f"aid event: {'; '.join(found)}")

    def log(self, event: AidEvent) -> AidEvent:
        """Keep an event. The same event logged twice is one event.

        Raises:
            ConfigError: As `check`.
        """
        self.check(event)
        with self._desk.store.writing() as connection:
            return AidRows(connection, self._desk.now).add(event.named())

    def get(self, event_id: str) -> AidEvent:
        """One event with its evidence."""
        with self._desk.store.reading() as connection:
            return AidRows(connection, self._desk.now).need(event_id)

    def events(self, period: Period | None = None) -> list[AidEvent]:
        """Events of a month (or all), the oldest first."""
        bounds = period.bounds(self._desk.config.zone) if period else (None, None)
        with self._desk.store.reading() as connection:
            return list(AidRows(connection, self._desk.now).all(*bounds))

    def attach(
        self, event_id: str, path: Path | str, *, alt: str, consent: Consent | None
    ) -> AidMedium:
        """Keep a photo or video, stripped of place and device; the original is only hashed.

        Args:
            alt: What it shows, for people who cannot see it.
            consent: Of the residents in the picture; ``None`` says that nobody can be recognised.

        Returns:
            The picture as it is kept. Attaching it again adds a text or a consent.

        Raises:
            ConfigError: The event does not exist, the file is no picture, or the consent does not
                cover keeping it.
            StoreError: It cannot be kept, for example because the disk is full.
        """
        self.get(event_id)
        if consent is not None and not (consent.given_by.strip() and consent.how.strip()):
            raise ConfigError("a consent says who gave it and how: neither may be empty")
        if consent is not None and not consent.allows("store"):
            raise ConfigError('the consent does not cover keeping the picture: ask for "store" too')
        named = consent.named(event_id) if consent is not None else None
        kept = self._desk.media.add(Path(path))
        medium = AidMedium(
            sha256=kept.sha256,
            original_sha256=kept.original_sha256,
            media_type=kept.media_type,
            alt=alt,
            consent_id=named.id if named else None,
        )
        with self._desk.store.writing() as connection:
            rows = AidRows(connection, self._desk.now)
            rows.attach(event_id, medium, named)
            return rows.medium(event_id, medium.sha256)

    def publish(
        self,
        event_id: str,
        *,
        account: str,
        text: str,
        by: str,
        media: Sequence[str] | None = None,
    ) -> Draft:
        """Publish an event on an agency's account, once, through the ledger.

        Args:
            account: Key of a configured account that can publish.
            media: Hashes of the evidence to show; default: all of it.

        Returns:
            The ledger's row; ``.needs`` says what stands against it where it was not sent.
        """
        desk = self._desk
        with desk.store.writing() as connection:
            rows, ledger = AidRows(connection, desk.now), Ledger(connection, desk.now)
            wanted = self._draft(rows.need(event_id), account, text.strip(), by, media)
            needs = against(rows, wanted, desk.accounts, desk.config.reply.own_contacts)
            draft = ledger.add(wanted.model_copy(update={"needs": needs}))
            if draft.state is DraftState.DRAFTED:  # perhaps of an earlier day, with other pictures
                rows.redraft(wanted.model_copy(update={"needs": needs}))
                if not needs:
                    ledger.approve(draft.id, by=by)
                draft = ledger.need(draft.id)
        if draft.state in {DraftState.DRAFTED, DraftState.REFUSED} or draft.state.done:
            return draft
        desk.send(draft.id)
        with desk.store.reading() as connection:
            return Ledger(connection, desk.now).need(draft.id)

    def _draft(
        self, event: AidEvent, account: str, text: str, by: str, media: Sequence[str] | None
    ) -> Draft:
        shown = _chosen(event, media)
        return Draft(
            id=self._desk.store.keys.draft(event.id, account, text),
            verb="publish",
            account=account,
            aid_id=event.id,
            text=text,
            media=tuple(DraftMedia(sha256=each.sha256, alt=each.alt) for each in shown),
            by=by,
            created_at=self._desk.now,
            updated_at=self._desk.now,
        )

    def withdraw_consent(self, consent_id: str) -> list[Draft]:
        """Withdraw a consent; returns the publications to take down within 3 x 24 hours.

        What was approved and has not gone out yet is refused.

        Source:
            UU 27/2022, article 40.
        """
        with self._desk.store.writing() as connection:
            found = AidRows(connection, self._desk.now).withdraw(consent_id)
            ledger = Ledger(connection, self._desk.now)
            drafts = [ledger.need(each) for each in found]
        return sorted(drafts, key=lambda each: (each.created_at, each.id))


def _chosen(event: AidEvent, hashes: Sequence[str] | None) -> tuple[AidMedium, ...]:
    if hashes is None:
        return event.media
    known = {medium.sha256: medium for medium in event.media}
    if unknown := [each for each in hashes if each not in known]:
        raise ConfigError(f"the event has no picture {unknown[0][:12]!r}")
    return tuple(known[each] for each in hashes)
