"""Sending: at most once. A row is durable before the call and after it.

The outcome of a call decides: refused means nothing happened; anything else that is not a clear
success is *unknown* and looked up on the platform before a word is sent again; where the platform
cannot tell, a person does (`settle`).
"""

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pelayanan.drivers.sync import Client
from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    NotFoundError,
    PelayananError,
    PlatformError,
    QuotaError,
    RateLimitError,
    RejectedError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Answer, Mention, Record, Sent
from pelayanan.protocol.capabilities import (
    Account,
    PublicationFinder,
    Publisher,
    Replier,
    ReplyFinder,
    require,
)
from pelayanan.protocol.media import MediaFile
from pelayanan.reply.draft import Draft, DraftState
from pelayanan.store.intake import Intake
from pelayanan.store.ledger import Ledger
from pelayanan.store.reading import mention_of
from pelayanan.store.store import Store

__all__ = ["SendReport", "Sender"]

_LEASE = timedelta(minutes=5)  # longer than any call with all its retries
_LATER = (RateLimitError, QuotaError, AuthError, AccessTierError)  # refused: nothing happened
_NEVER = (RejectedError, NotFoundError, UnsupportedError)
_SETTLE = "decide: did it arrive? `pelayanan settle ID --sent` or `--not-sent`"


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
        """Whether something must be tried again later."""
        return bool(self.in_state(DraftState.APPROVED))


class _Media(Protocol):
    def file(self, sha256: str, *, alt: str = "") -> MediaFile: ...


class Sender:
    """Sends the drafts of a desk."""

    def __init__(
        self,
        store: Store,
        client: Client,
        accounts: Mapping[str, Account],
        *,
        agencies: Mapping[str, str],
        clock: Callable[[], datetime],
        media: Callable[[], _Media],
    ) -> None:
        self._store = store
        self._client = client
        self._accounts = accounts
        self._agencies = agencies
        self._clock = clock
        self._media = media
        self._holder = f"{socket.gethostname()}/{os.getpid()}"

    def run(self, only: str | None = None) -> SendReport:
        """Send what is approved, and find out what became of what is not known.

        Args:
            only: One draft's id.
        """
        with self._store.ledger(self._clock()) as ledger:
            waiting = list(ledger.waiting())
        done: list[str] = []
        held: set[str] = set()  # accounts that were told to wait
        for draft, holder, until_us in waiting:
            if (only is not None and draft.id != only) or draft.account in held:
                continue
            if not self._free(holder, until_us):
                continue
            done.append(draft.id)
            if self._one(draft, holder):
                held.add(draft.account)
        with self._store.ledger(self._clock()) as ledger:
            return SendReport(drafts=tuple(ledger.need(each) for each in done))

    def _free(self, holder: str, until_us: int) -> bool:
        """Whether nobody works on it: no lease, a lease run out, or its process is gone."""
        if not holder or holder == self._holder:
            return True
        host, _, process = holder.rpartition("/")
        if host == socket.gethostname() and not _alive(int(process)):
            return True
        return until_us <= int(self._clock().timestamp() * 1_000_000)

    def _one(self, draft: Draft, holder: str) -> bool:
        """Work on one draft; returns whether its account must wait."""
        try:
            account = self._account(draft)
            if draft.state is not DraftState.APPROVED:
                if not self._take(draft, holder, sending=False):
                    return False
                found = self._look(account, draft)
                if found is not None:
                    self._sent(draft, found)
                    return False
                draft = self._again(draft)
            if not self._take(draft, holder, sending=True):
                return False
            return self._send(account, draft)
        except PelayananError as error:
            return self._failed(draft, error, unknown=draft.state is not DraftState.APPROVED)

    def _account(self, draft: Draft) -> Account:
        if draft.account not in self._accounts:
            raise ConfigError(f"account {draft.account!r} is no longer configured")
        return self._accounts[draft.account]

    def _take(self, draft: Draft, holder: str, *, sending: bool) -> bool:
        with self._store.ledger(self._clock()) as ledger:
            return ledger.lease(
                draft, holder=self._holder, length=_LEASE, sending=sending, taken_from=holder
            )

    def _again(self, draft: Draft) -> Draft:
        """It certainly did not arrive: it may be sent as if for the first time."""
        with self._store.ledger(self._clock()) as ledger:
            ledger.failed(draft.id, DraftState.APPROVED, "", "")
            return ledger.need(draft.id)

    def _send(self, account: Account, draft: Draft) -> bool:
        try:
            sent = self._call(account, draft)
        except PelayananError as error:
            if not self._maybe(error):
                return self._failed(draft, error, unknown=False)
            return self._uncertain(account, draft, error)
        self._sent(draft, sent)
        return False

    def _uncertain(self, account: Account, draft: Draft, error: PelayananError) -> bool:
        """The call may have taken effect: look at once, the platform may tell."""
        self._failed(draft, error, unknown=True)
        try:
            found = self._look(account, draft)
        except UnsupportedError as refusal:
            return self._failed(draft, refusal, unknown=True)
        except PelayananError:
            return isinstance(error, RateLimitError)
        if found is not None:
            self._sent(draft, found)
        return False  # not there yet: the next run looks again before it sends

    def _maybe(self, error: PelayananError) -> bool:
        if isinstance(error, TransportError):
            return error.sent
        return not isinstance(error, (*_LATER, *_NEVER))

    def _call(self, account: Account, draft: Draft) -> Sent:
        if draft.verb == "publish":
            store = self._media() if draft.media else None
            files = [store.file(each.sha256, alt=each.alt) for each in draft.media if store]
            return self._client.run(
                require(account, Publisher).publish(draft.text, files, key=draft.id)
            )
        mention = self._mention(draft)
        return self._client.reply(require(account, Replier), mention, draft.text, key=draft.id)

    def _look(self, account: Account, draft: Draft) -> Sent | None:
        """What became of it; raises `UnsupportedError` where only a person can tell."""
        if draft.verb == "publish":
            finder = require(account, PublicationFinder)
            return self._client.run(finder.find_publication(key=draft.id, text=draft.text))
        return self._client.run(
            require(account, ReplyFinder).find_reply(
                self._mention(draft), key=draft.id, text=draft.text
            )
        )

    def _mention(self, draft: Draft) -> Mention:
        with self._store.reading() as connection:
            found = mention_of(connection, message_id=draft.message_id)
        if found is None:
            raise UnsupportedError("the message was forgotten: nobody can be answered any more")
        return found[1]

    def _sent(self, draft: Draft, sent: Sent) -> None:
        """Ledger, message and event in one transaction."""
        now = self._clock()
        with self._store.writing() as connection:
            Ledger(connection, now).sent(draft.id, sent)
            if draft.verb == "reply" and draft.message_id is not None:
                found = mention_of(connection, message_id=draft.message_id)
                if found is not None:
                    agency = self._agencies[draft.account]
                    intake = Intake(
                        connection,
                        self._store.keys,
                        draft.account,
                        agency,
                        now,
                        judge=lambda _: (draft.substantive, "" if draft.substantive else "told"),
                    )
                    intake.answers([_answer(draft, found[1], sent)])

    def _failed(self, draft: Draft, error: PelayananError, *, unknown: bool) -> bool:
        if unknown:
            state = DraftState.UNKNOWN
            needs: Sequence[str] = [_SETTLE] if isinstance(error, UnsupportedError) else []
        else:
            state = DraftState.REFUSED if isinstance(error, _NEVER) else DraftState.APPROVED
            needs = []
        remedy = error.remedy if isinstance(error, PlatformError) else ""
        with self._store.ledger(self._clock()) as ledger:
            ledger.failed(draft.id, state, str(error), remedy, *needs)
        return isinstance(error, (*_LATER, TransportError))


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


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
