"""Sending: at most once. A row is durable before the call and after it.

The outcome of a call decides: refused means nothing happened; anything else that is not a clear
success is *unknown* and looked up on the platform before a word is sent again; where the platform
cannot tell, a person does (`settle`).
"""

import logging
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from pelayanan.desk._booking import book, book_part
from pelayanan.desk._holders import holding, is_free
from pelayanan.desk._overtaken import overtaken
from pelayanan.drivers.sync import Client
from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    MediaError,
    NotFoundError,
    PelayananError,
    PlatformError,
    QuotaError,
    RateLimitError,
    RejectedError,
    StoreError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Kind, Mention, Record, Sent
from pelayanan.protocol.capabilities import (
    Account,
    Mailer,
    PublicationFinder,
    Publisher,
    Replier,
    ReplyFinder,
    require,
)
from pelayanan.protocol.media import MediaFile
from pelayanan.reply.draft import Draft, DraftState
from pelayanan.reply.parts import Place, next_place
from pelayanan.store.keys import to_us
from pelayanan.store.ledger import Ledger
from pelayanan.store.letters import letter_of
from pelayanan.store.reading import mention_of
from pelayanan.store.store import Store

__all__ = ["SendReport", "Sender"]

log = logging.getLogger("pelayanan")
_LEASE = timedelta(minutes=30)  # longer than any call with all its retries
_LATER = (RateLimitError, QuotaError, AuthError, AccessTierError)  # refused: nothing happened
_PERSON = (AuthError, AccessTierError, ConfigError, MediaError)  # somebody has to mend it first
_OPEN = (DraftState.APPROVED, DraftState.SENDING, DraftState.UNKNOWN)
_NEVER = (RejectedError, NotFoundError, UnsupportedError)
_SAME_WORDS = (
    "the same words stand there already, as the answer to another message",
    "officer: say it in other words, or name the person",
)
_SETTLE = "decide: did it arrive? `pelayanan settle ID --sent` or `--not-sent`"


class _ForgottenError(UnsupportedError):
    """No doubt of an earlier attempt: what is approved does not stand."""


class SendReport(Record):
    """What a run of `send` did, draft by draft."""

    drafts: tuple[Draft, ...]

    def in_state(self, *states: DraftState) -> tuple[Draft, ...]:
        """The drafts that are now in one of these states."""
        return tuple(draft for draft in self.drafts if draft.state in states)

    @property
    def sent(self) -> int:
        """How many stand on their platform now."""
        return sum(draft.state.done for draft in self.drafts)

    @property
    def waiting(self) -> bool:
        """Whether something must only be tried or looked up again later."""
        return any(not draft.needs for draft in self.in_state(*_OPEN))


class _Media(Protocol):
    def file(self, sha256: str, *, alt: str = "") -> MediaFile: ...


@dataclass(slots=True)
class _Run:
    """One run of `send`: the name of its leases, and what it came to."""

    holder: str
    done: list[str] = field(default_factory=list[str])


class Sender:
    """Sends the drafts of a desk. Threads, processes and machines may send at the same time."""

    def __init__(
        self,
        store: Store,
        client: Client,
        accounts: Mapping[str, Account],
        *,
        agencies: Mapping[str, str],
        clock: Callable[[], datetime],
        media: Callable[[], _Media],
        two_persons: Collection[Kind],
    ) -> None:
        self._store = store
        self._client = client
        self._accounts = accounts
        self._agencies = agencies
        self._clock = clock
        self._media = media
        self._two_persons = two_persons

    def run(self, only: str | None = None) -> SendReport:
        """Send what is approved, and find out what became of what is not known.

        Args:
            only: One draft's id.
        """
        with self._store.reading() as connection:
            waiting = list(Ledger(connection, self._clock()).waiting())
        held: set[str] = set()  # accounts that were told to wait
        with self._running() as run:
            for draft, holder, until_us in waiting:
                if (only is not None and draft.id != only) or draft.account in held:
                    continue
                if not is_free(holder, expired=until_us <= to_us(self._clock())):
                    continue
                run.done.append(draft.id)
                if self._one(run, draft, holder):
                    held.add(draft.account)
        with self._store.reading() as connection:
            ledger = Ledger(connection, self._clock())
            drafts = tuple(ledger.need(each) for each in run.done)
        return SendReport(drafts=drafts)

    @contextmanager
    def _running(self) -> Generator[_Run, None, None]:
        """A run whose leases end with it, however it ends."""
        with holding() as holder:
            try:
                yield _Run(holder)
            finally:
                # where nothing can be written it is known all the same that the run has ended
                with suppress(StoreError), self._store.ledger(self._clock()) as ledger:
                    ledger.release(holder)

    def _one(self, run: _Run, draft: Draft, holder: str) -> bool:
        """Work on one draft; returns whether its account must wait."""
        known = draft.state is DraftState.APPROVED
        if not self._take(run, draft, holder, sending=known):
            return False  # somebody else was faster
        try:
            account = self._account(draft)
            if known:
                return self._send(run, account, draft)
            found = self._look(account, draft)
            if found is not None:
                self._sent(draft, found)
            elif self._clock() >= draft.updated_at + account.capabilities.listing_lag:
                return self._again(run, account, draft)  # it certainly did not arrive
        except StoreError:  # nothing can be kept any more
            raise
        except PelayananError as error:
            return self._failed(run, draft, error, unknown=not known)
        except Exception as error:  # noqa: BLE001  a bug in one platform must not stop the others
            log.warning("%s: %s", draft.account, type(error).__name__)
            return self._broken(run, draft, error)
        return False

    def _again(self, run: _Run, account: Account, draft: Draft) -> bool:
        with self._store.ledger(self._clock()) as ledger:
            if not ledger.failed(draft.id, DraftState.APPROVED, holder=run.holder):
                return False  # a person settled it meanwhile
            approved = ledger.need(draft.id).model_copy(update={"updated_at": draft.updated_at})
        if not self._take(run, approved, run.holder, sending=True):
            return False
        return self._send(run, account, approved)

    def _account(self, draft: Draft) -> Account:
        if draft.account not in self._accounts:
            raise ConfigError(f"account {draft.account!r} is no longer configured")
        return self._accounts[draft.account]

    def _take(self, run: _Run, draft: Draft, holder: str, *, sending: bool) -> bool:
        """Lease a draft; ``False`` if somebody was faster, or a person must look at it again."""
        with self._store.writing() as connection:
            ledger = Ledger(connection, self._clock())
            lease = partial(
                ledger.lease, draft, holder=run.holder, length=_LEASE, taken_from=holder
            )
            taken = lease(sending=False)
            if not taken or not sending:
                return taken
            if needs := overtaken(connection, draft, self._two_persons):
                ledger.failed(draft.id, DraftState.DRAFTED, "", "", *needs, holder=run.holder)
                return False
            return lease(sending=True)

    def _send(self, run: _Run, account: Account, draft: Draft) -> bool:
        try:
            sent = self._call(account, draft)
        except PelayananError as error:
            if not self._maybe(error):
                # a platform that finds its own earlier attempt half done leaves it to a person
                again = draft.attempts > 0 and isinstance(error, UnsupportedError)
                again = again and not isinstance(error, _ForgottenError)
                return self._failed(run, draft, error, unknown=again)
            return self._uncertain(run, account, draft, error)
        self._sent(draft, sent)
        return False

    def _uncertain(self, run: _Run, account: Account, draft: Draft, error: PelayananError) -> bool:
        """The call may have taken effect: look at once, the platform may tell."""
        wait = self._failed(run, draft, error, unknown=True)
        try:
            found = self._look(account, draft)
        except UnsupportedError as refusal:
            return self._failed(run, draft, refusal, unknown=True)
        except PlatformError:
            return wait
        if found is not None:
            self._sent(draft, found)
        return False  # not there yet: the next run looks again before it sends

    def _maybe(self, error: PelayananError) -> bool:
        """Whether the call may have taken effect."""
        if isinstance(error, PlatformError) and error.in_doubt:
            return True
        if isinstance(error, TransportError):
            return error.sent
        return not isinstance(error, (*_LATER, *_NEVER, ConfigError, MediaError))

    def _call(self, account: Account, draft: Draft) -> Sent:
        if draft.verb == "mail":
            return self._mail(require(account, Mailer), draft)
        if draft.verb == "publish":
            store = self._media() if draft.media else None
            files = [store.file(each.sha256, alt=each.alt) for each in draft.media if store]
            publisher = require(account, Publisher)
            return self._client.publish(publisher, draft.text, media=files, key=draft.id)
        replier, mention = require(account, Replier), self._mention(draft)
        while True:  # once; a long reply part by part, each durable before the next
            place = next_place(draft, mention)
            sent = self._client.reply(replier, place.mention, place.text, key=place.key)
            if place.last:
                return sent
            draft = self._part(draft, place, sent)

    def _mail(self, mailer: Mailer, draft: Draft) -> Sent:
        with self._store.reading() as connection:
            letter = letter_of(connection, draft.id)
        if letter is None:
            raise UnsupportedError("the mail is no longer kept: it was sent, or is damaged")
        return self._client.run(
            mailer.message(
                to=[draft.recipient],
                subject=letter.subject,
                text=draft.text,
                attachments=letter.files,
                key=draft.id,
            )
        )

    def _look(self, account: Account, draft: Draft) -> Sent | None:
        """What became of it; raises `UnsupportedError` where only a person can tell."""
        if draft.verb == "mail":
            return self._client.run(require(account, Mailer).find_message(key=draft.id))
        if draft.verb == "publish":
            finder = require(account, PublicationFinder)
            return self._client.run(finder.find_publication(key=draft.id, text=draft.text))
        place, looking = next_place(draft, self._mention(draft)), require(account, ReplyFinder)
        found = self._client.run(looking.find_reply(place.mention, key=place.key, text=place.text))
        if found is None or place.last:
            return found
        self._part(draft, place, found)
        return None  # the parts after it certainly do not stand

    def _mention(self, draft: Draft) -> Mention:
        with self._store.reading() as connection:
            found = mention_of(connection, message_id=draft.message_id)
        if found is None:
            raise _ForgottenError("the message was forgotten: nobody can be answered any more")
        return found[1]

    def _part(self, draft: Draft, place: Place, sent: Sent) -> Draft:
        """Ledger, message and event of a part in one transaction."""
        now, keys, agency = self._clock(), self._store.keys, self._agency(draft)
        with self._store.writing() as connection:
            return book_part(connection, keys, draft, place, sent, agency=agency, now=now)

    def _sent(self, draft: Draft, sent: Sent) -> None:
        """Ledger, message and event in one transaction."""
        now = self._clock()
        with self._store.writing() as connection:
            ledger = Ledger(connection, now)
            if draft.verb == "reply" and ledger.is_of_another(draft, sent.id):
                ledger.failed(draft.id, DraftState.REFUSED, *_SAME_WORDS)
                return
            book(connection, self._store.keys, draft, sent, agency=self._agency(draft), now=now)

    def _agency(self, draft: Draft) -> str:
        return self._agencies[draft.account]

    def _failed(self, run: _Run, draft: Draft, error: PelayananError, *, unknown: bool) -> bool:
        """Note a failure; returns whether the account must wait."""
        state = DraftState.REFUSED if isinstance(error, _NEVER) else DraftState.APPROVED
        remedy = error.remedy if isinstance(error, PlatformError) else ""
        needs = [_SETTLE] if unknown and isinstance(error, UnsupportedError) else []
        if isinstance(error, _PERSON) or (isinstance(error, StoreError) and not error.retryable):
            needs = [remedy or str(error)]
        self._note(run, draft, DraftState.UNKNOWN if unknown else state, str(error), remedy, *needs)
        return isinstance(error, (*_LATER, TransportError))

    def _broken(self, run: _Run, draft: Draft, error: Exception) -> bool:
        """Nobody knows how far it came."""
        told = f"program error {type(error).__name__}"
        remedy = "program: report it with the platform's name"
        self._note(run, draft, DraftState.UNKNOWN, told, remedy)
        return False

    def _note(self, run: _Run, draft: Draft, state: DraftState, *told: str) -> None:
        with self._store.ledger(self._clock()) as ledger:
            ledger.failed(draft.id, state, *told, holder=run.holder)
