"""Webhooks: verified, durable, answered with 200, and only then read.

What was told twice, or in any order, ends in the same cases. What could not be read at once is
read by the next `sync`.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from pelayanan.cases import Actor, Withdrawn
from pelayanan.desk._booking import book, refute
from pelayanan.desk._intakes import Intakes
from pelayanan.desk.accounts import Accounts
from pelayanan.desk.config import Config
from pelayanan.drivers.sync import Client
from pelayanan.errors import (
    AuthError,
    ConfigError,
    ContractError,
    NotFoundError,
    PelayananError,
    PlatformError,
    RejectedError,
    StoreError,
    UnsupportedError,
)
from pelayanan.models import Mention, Record, Sent
from pelayanan.protocol.capabilities import (
    Account,
    KeyedWebhookSource,
    MentionFetcher,
    WebhookSource,
    names_of,
)
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.webhook import Delivery, KeysMissingError, NoMessageError, WebhookEvents
from pelayanan.protocol.wire import readable
from pelayanan.reply.draft import Draft, DraftState
from pelayanan.store.hooks import Hook, Hooks
from pelayanan.store.ledger import Ledger
from pelayanan.store.log import append
from pelayanan.store.reading import is_kept, need_of
from pelayanan.store.store import Store

__all__ = ["Received", "Receiver"]

log = logging.getLogger("pelayanan")
_KEPT = timedelta(days=30)  # no platform repeats a webhook for longer than a week
_OVERTAKEN = timedelta(days=1)  # how long a deletion waits for its message, and an announced one
_OUT_OF_SIGHT = (NotFoundError, RejectedError, ContractError, UnsupportedError)
_MOST_UNSEEN = 20  # calls for what is out of sight that one sync spends


class Received(Record):
    """What to answer the platform with."""

    status: int
    body: str = ""

    @property
    def media_type(self) -> str:
        """X wants its answer as JSON, and says so; the others send back what they were given."""
        return "application/json" if self.body[:1] == "{" else "text/plain"


class Receiver:
    """Takes what platforms push to a desk."""

    def __init__(
        self,
        config: Config,
        store: Store,
        client: Client,
        accounts: Accounts,
        *,
        clock: Callable[[], datetime],
        intakes: Intakes,
    ) -> None:
        self._agencies = {account.key: account.agency for account in config.accounts}
        self._platforms = {account.key: account.platform for account in config.accounts}
        self._store = store
        self._client = client
        self._accounts = accounts
        self._clock = clock
        self._intakes = intakes
        self._unseen = 0

    def handshake(self, key: str, params: Mapping[str, str]) -> Received:
        """Answer the request with which a platform makes sure that the address is ours."""
        account = self._source(key)
        if isinstance(account, Received):
            return account
        try:
            told = account.handshake(params)
        except PelayananError as error:
            log.info("%s: handshake refused: %s", key, type(error).__name__)
            return Received(status=403)
        return Received(status=403) if told is None else Received(status=200, body=told)

    def receive(self, key: str, headers: Mapping[str, str], body: bytes) -> Received:
        """Take one webhook. 200 means that it is durable; 403, that it is not the platform's."""
        account = self._source(key)
        if isinstance(account, Received):
            return account
        now = self._clock()
        try:
            self._verify(account, headers, body, now)
        except AuthError as error:
            log.warning("%s: a webhook was refused: %s", key, error)
            return Received(status=403)
        except (ConfigError, PlatformError) as error:  # the platform comes again
            log.warning("%s: %s", key, error)
            return Received(status=503)
        hook = Hook(sha256(key.encode() + b"\x00" + body).hexdigest(), key, body, now)
        with self._store.writing() as connection:
            fresh = Hooks(connection, now).keep(hook)
            self._store.polled(connection, key, now)  # the channel is proven alive (score.md, 3)
        if fresh:
            self._read(hook)
        return Received(status=200)

    def _source(self, key: str) -> WebhookSource | Received:
        """The account, or what its platform is told: to come again if it cannot be used today."""
        try:
            account = self._accounts.get(key)
        except ConfigError as error:
            log.warning("%s: %s", key, error)
            return Received(status=503)
        return account if isinstance(account, WebhookSource) else Received(status=404)

    def _verify(
        self, account: WebhookSource, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> None:
        try:
            account.verify(body, headers, now=now)
        except KeysMissingError:
            if not isinstance(account, KeyedWebhookSource):
                raise
            self._client.run(account.fetch_keys())
            account.verify(body, headers, now=now)

    def catch_up(self) -> None:
        """Try once to read each body that is durable and was not read yet."""
        now, tried = self._clock(), set[str]()
        for key in self._accounts.unusable:  # perhaps it was mended
            with suppress(ConfigError):
                self._accounts.get(key)
        with self._store.writing() as connection:
            Hooks(connection, now).purge(now - _KEPT)
        while fresh := self._waiting(tried, now):  # reading may pass a body on to another account
            for hook_id in fresh:
                with self._store.reading() as connection:
                    hook = Hooks(connection, now).get(hook_id)
                self._read(hook, again=True)
            tried.update(fresh)

    def _waiting(self, tried: set[str], now: datetime) -> list[str]:
        with self._store.reading() as connection:
            return [key for key in Hooks(connection, now).waiting() if key not in tried]

    def _read(self, hook: Hook, *, again: bool = False) -> None:
        """Read a body; whatever goes wrong with it, it stays and the others go on.

        Args:
            hook: The body.
            again: Whether a change whose message is not known is taken for the message. At first
                it waits: platforms deliver in any order, and a change has a time of its own.
        """
        if hook.account in self._accounts.unusable:
            return  # it waits until the account can be used
        account = self._accounts.get(hook.account)
        try:
            if not isinstance(account, WebhookSource):
                self._fail(hook, "account is no longer configured")
                return
            events = account.parse(readable(hook.body))
            announced, lost, later = self._announced(account, events)
            now = self._clock()
            overdue = hook.at + _OVERTAKEN < now
            with self._store.writing() as connection:
                intake = self._intakes.of(connection, hook.account)
                intake.mentions(events.mentions, as_first=True)
                intake.mentions(announced)
                edited = {each.id for each in events.edits}
                early = set[str]() if again else intake.unknown(account.name, edited)
                for each in events.edits:  # one by one: a message may have been changed twice
                    if each.id not in early:
                        intake.mentions([each])
                intake.answers(events.answers)
                for told in events.deliveries:
                    self._delivered(connection, hook.account, told, now)
                passed = self._pass_on(connection, hook, account, events, now)
                gone = dict.fromkeys(events.deletions, Actor.CITIZEN)
                gone |= dict.fromkeys(events.removals, Actor.SYSTEM)
                known = [
                    self._gone(connection, hook, account.name, each, actor)
                    for each, actor in gone.items()
                ]
                aside = [*events.unreadable, *(lost if overdue else ())]
                self._set_aside(connection, hook.account, aside, now)
                settled = overdue or (all(known) and not early and not lost)
                if passed and settled and not later:
                    Hooks(connection, now).done(hook.id)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  one bad body must not stop the others
            log.warning("%s: unreadable webhook: %s", hook.account, type(error).__name__)
            self._fail(hook, type(error).__name__)

    def _fail(self, hook: Hook, error: str) -> None:
        with self._store.writing() as connection:
            Hooks(connection, self._clock()).failed(hook.id, error)

    def _set_aside(
        self, connection: Connection, key: str, items: list[Unreadable], now: datetime
    ) -> None:
        if items:
            log.warning("%s: %d items of a webhook could not be read", key, len(items))
            self._store.set_aside(connection, items, account=key, stream="webhook", now=now)

    def _announced(
        self, account: Account, events: WebhookEvents
    ) -> tuple[list[Mention], list[Unreadable], bool]:
        """What was only announced, what of it is out of sight, and whether to come again.

        Whether one is gone or a right is missing, platforms do not tell apart. What else the body
        tells waits for none of them.
        """
        found: list[Mention] = []
        lost: list[Unreadable] = []
        if not isinstance(account, MentionFetcher):
            return found, lost, False
        for pointer in events.pointers:
            if self._unseen >= _MOST_UNSEEN:
                lost.append(Unreadable(pointer.id, "it was announced, and was not asked for"))
                continue
            try:
                found.append(self._client.run(account.fetch_mention(pointer)))
            except NoMessageError:
                continue
            except _OUT_OF_SIGHT as error:
                self._unseen += 1
                lost.append(
                    Unreadable(pointer.id, f"it was announced, and is out of sight: {error}")
                )
            except StoreError:
                raise
            except PelayananError as error:
                log.info("%s: a webhook waits for the next sync: %s", account.name, error)
                return found, lost, True
        return found, lost, False

    def _pass_on(
        self,
        connection: Connection,
        hook: Hook,
        account: Account,
        events: WebhookEvents,
        now: datetime,
    ) -> bool:
        """Let other accounts of the same app hear of a body that speaks of them.

        ``False`` where it may be one that cannot be used today, and whose name nobody knows.
        """
        named = set(events.elsewhere)
        for other, known in self._accounts.items():
            alike = other != hook.account and known.name == account.name
            if alike and (its := names_of(known) & named):
                named -= its
                made = sha256(other.encode() + b"\x00" + hook.body).hexdigest()
                Hooks(connection, now).keep(Hook(made, other, hook.body, hook.at))
                self._store.polled(connection, other, hook.at)
        away = (self._platforms[key] for key in self._accounts.unusable)
        return not named or self._platforms[hook.account] not in away

    def _delivered(self, connection: Connection, key: str, told: Delivery, now: datetime) -> None:
        """What became of a message that we sent: the proof that an unknown one was taken."""
        ledger = Ledger(connection, now)
        draft = ledger.get(told.key) if told.key else ledger.sent_as(told.id, key)
        if draft is None:
            return
        known = draft.sent_id == told.id
        if told.state == "failed":
            if not (known and draft.state is DraftState.REFUSED):  # or it is told again
                self._undelivered(connection, draft, told, now)
        elif draft.state is not DraftState.CONFIRMED and not (known and told.state == "sent"):
            seen = told.state in {"delivered", "read"}
            sent = Sent(id=told.id, at=draft.sent_at or told.at, confirmed=seen)
            agency = self._agencies[draft.account]
            book(connection, self._store.keys, draft, sent, agency=agency, now=now)

    def _undelivered(
        self, connection: Connection, draft: Draft, told: Delivery, now: datetime
    ) -> None:
        """What never reached the citizen is no answer, told before its receipt or after it."""
        Ledger(connection, now).undelivered(draft.id, told.id, told.reason, told.remedy)
        platform = self._accounts[draft.account].name
        refute(connection, self._store.keys.message(platform, draft.account, told.id), now)

    def _gone(
        self, connection: Connection, hook: Hook, platform: str, native_id: str, actor: Actor
    ) -> bool:
        """A citizen took the message back: the case has left if nothing else of it stands.

        Gone by a hand that nobody names is noted, and the case stays: it may be the agency's.
        ``False`` where the message is not known, or not yet.
        """
        message = self._store.keys.message(platform, hook.account, native_id)
        case = need_of(connection, message)
        if case is None:
            return is_kept(connection, message)
        key = f"{'deleted' if actor is Actor.CITIZEN else 'removed'}:{message}"
        gone = Withdrawn(at=hook.at, actor=actor, how="deleted", message=message, key=key)
        append(connection, case, [gone], self._clock())
        return True
