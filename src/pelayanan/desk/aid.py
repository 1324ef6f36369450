"""``desk.aid``: log, evidence with consent, publication through the ledger."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pelayanan.aid import AidEvent, AidMedium, AidStatus, Consent, may_publish
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.protocol.capabilities import Publisher
from pelayanan.reply.draft import Draft, DraftMedia, DraftState
from pelayanan.reply.lint import lint
from pelayanan.store.aid import AidRows
from pelayanan.store.ledger import Ledger

if TYPE_CHECKING:
    from pelayanan.desk.desk import Desk

__all__ = ["AidDesk"]


class AidDesk:
    """Aid events of one desk."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def log(self, event: AidEvent) -> AidEvent:
        """Keep an event. The same event logged twice is one event.

        Raises:
            ConfigError: No agency has this key.
        """
        if event.agency not in {agency.key for agency in self._desk.config.agencies}:
            raise ConfigError(f"no agency has key {event.agency!r}")
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

        Raises:
            ConfigError: The event does not exist, or the file is no picture.
            StoreError: It cannot be kept, for example because the disk is full.
        """
        self.get(event_id)
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
            AidRows(connection, self._desk.now).attach(event_id, medium, named)
        return medium

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
            media: Hashes of the evidence to show; default: all that may be shown.

        Returns:
            The ledger's row; ``.needs`` says what stands against it where it was not sent.
        """
        desk = self._desk
        with desk.store.writing() as connection:
            rows, ledger = AidRows(connection, desk.now), Ledger(connection, desk.now)
            event = rows.need(event_id)
            shown = _chosen(event, media)
            needs = [
                *may_publish(event, shown, rows.consents_of(event_id)),
                *self._stops(account, text, len(shown)),
            ]
            draft = ledger.add(
                Draft(
                    id=desk.store.keys.draft(event_id, account, text.strip()),
                    verb="publish",
                    account=account,
                    aid_id=event_id,
                    text=text.strip(),
                    media=tuple(DraftMedia(sha256=each.sha256, alt=each.alt) for each in shown),
                    needs=tuple(needs),
                    by=by,
                    created_at=desk.now,
                    updated_at=desk.now,
                )
            )
            if draft.state is DraftState.DRAFTED and not needs:
                ledger.approve(draft.id, by=by)
                draft = ledger.need(draft.id)
        if draft.state in {DraftState.DRAFTED, DraftState.REFUSED} or draft.state.done:
            return draft
        desk.send(draft.id)
        (draft,) = (each for each in desk.outbox() if each.id == draft.id)
        if draft.state.done:
            with desk.store.writing() as connection:
                AidRows(connection, desk.now).status(event_id, AidStatus.PUBLISHED)
        return draft

    def withdraw_consent(self, consent_id: str) -> list[Draft]:
        """Withdraw a consent; returns the publications to take down within 3 x 24 hours.

        Source:
            UU 27/2022, article 40.
        """
        with self._desk.store.writing() as connection:
            found = set(AidRows(connection, self._desk.now).withdraw(consent_id))
        return [draft for draft in self._desk.outbox() if draft.id in found]

    def _stops(self, key: str, text: str, pictures: int) -> Iterator[str]:
        account = self._desk.accounts.get(key)
        if account is None:
            raise ConfigError(f"no account {key!r}")
        if not isinstance(account, Publisher):
            yield f"akun {key} tidak dapat menerbitkan"
            return
        allowed = account.capabilities.media or {}
        if pictures > allowed.get("image", 0):
            yield f"akun {key} memuat paling banyak {allowed.get('image', 0)} gambar"
        for remark in lint(text, limits=account.capabilities.text):
            if remark.severity == "stop":
                yield remark.message


def _chosen(event: AidEvent, hashes: Sequence[str] | None) -> tuple[AidMedium, ...]:
    if hashes is None:
        return event.media
    known = {medium.sha256: medium for medium in event.media}
    if unknown := [each for each in hashes if each not in known]:
        raise ConfigError(f"the event has no picture {unknown[0][:12]!r}")
    return tuple(known[each] for each in hashes)
