"""Fetching: every account side by side; one that fails stops no other."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Literal, TypeAlias, TypeGuard

from pelayanan.desk._booking import came_back
from pelayanan.desk._intakes import Intakes
from pelayanan.desk.config import Config
from pelayanan.drivers.sync import Client
from pelayanan.errors import (
    AuthError,
    ConfigError,
    ContractError,
    PelayananError,
    PlatformError,
    QuotaError,
    RateLimitError,
    StoreError,
    TransportError,
)
from pelayanan.models import Answer, Mention, Record
from pelayanan.protocol.capabilities import Account, AnswerSource, CommentSource, MentionSource
from pelayanan.protocol.flow import Flow
from pelayanan.protocol.page import Page
from pelayanan.store.looks import Look
from pelayanan.store.store import Kept, Store
from pelayanan.store.sweeps import Sweep

__all__ = ["HOPELESS", "AccountSync", "Progress", "SyncReport", "Syncer", "failure_of"]

log = logging.getLogger("pelayanan")
_AT_ONCE = 8
_Stream: TypeAlias = Literal["mentions", "comments", "answers"]
HOPELESS = (AuthError, RateLimitError, QuotaError, TransportError)
"""After these the account's next call fails too."""


class AccountSync(Record):
    """What one account brought, or one watch: then `new` are signals that were not known.

    Attributes:
        fetched: Messages of citizens that the platform listed; `new` of them were not known.
        answers: Answers of the agency that were new, also those typed in the platform's app.
        unreadable: Items set aside with a reason.
        failed: Why it could not be fetched to the end; what came before is kept.
        later: Whether the platform only asked to come back later: nobody has to mend anything.
        retry_after_s: Seconds after which the platform lets us come back, if it said so.
    """

    account: str
    agency: str
    platform: str
    fetched: int = 0
    new: int = 0
    answers: int = 0
    unreadable: int = 0
    failed: str = ""
    remedy: str = ""
    later: bool = False
    retry_after_s: float | None = None
    notes: tuple[str, ...] = ()


class SyncReport(Record):
    """What a sync brought, account by account, and what was heard, watch by watch."""

    at: datetime
    accounts: tuple[AccountSync, ...]
    watches: tuple[AccountSync, ...] = ()

    @property
    def failed(self) -> tuple[AccountSync, ...]:
        """The accounts and watches that could not be fetched to the end."""
        return tuple(each for each in (*self.accounts, *self.watches) if each.failed)

    @property
    def new(self) -> int:
        """How many messages of citizens were new."""
        return sum(each.new for each in self.accounts)


@dataclass(frozen=True, slots=True)
class Progress:
    """One page was kept, or an account is done."""

    account: str
    stream: Literal["mentions", "comments", "answers", "signals", "done"]
    items: int
    new: int


@dataclass(slots=True)
class _Tally:
    fetched: int = 0
    new: int = 0
    answers: int = 0
    unreadable: int = 0
    notes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class _Job:
    """One account's turn."""

    key: str
    tally: _Tally
    progress: Callable[[Progress], None]


class _Stopped(Exception):  # noqa: N818  no failure of the account that hears of it
    """The run ends: the page in hand is kept, no other is asked for."""


class Syncer:
    """Fetches the accounts of a desk, once."""

    def __init__(
        self,
        config: Config,
        store: Store,
        client: Client,
        accounts: Mapping[str, Account],
        *,
        clock: Callable[[], datetime],
        intakes: Intakes,
    ) -> None:
        self._config = config
        self._store = store
        self._client = client
        self._accounts = accounts
        self._clock = clock
        self._intakes = intakes
        self._stop = Event()

    def run(self, progress: Callable[[Progress], None]) -> SyncReport:
        """Fetch all accounts, at most eight at a time.

        Where somebody interrupts it, it does not wait for servers that keep silent: what its
        threads have not kept by then, the next run fetches.
        """
        keys = [account.key for account in self._config.accounts]
        turns: SimpleQueue[str] = SimpleQueue()
        for key in keys:
            turns.put(key)
        done: SimpleQueue[tuple[str, AccountSync | BaseException]] = SimpleQueue()
        work = partial(self._work, turns, done, partial(self._account, progress))
        threads = [Thread(target=work, daemon=True) for _ in keys[:_AT_ONCE]]
        for thread in threads:
            thread.start()
        try:
            found = _gathered(done, len(keys))
        except BaseException as error:
            self._stop.set()
            for thread in threads if isinstance(error, Exception) else ():
                thread.join()
            raise
        return SyncReport(at=self._clock(), accounts=tuple(found[key] for key in keys))

    def _work(
        self,
        turns: "SimpleQueue[str]",
        done: "SimpleQueue[tuple[str, AccountSync | BaseException]]",
        fetch: Callable[[str], AccountSync],
    ) -> None:
        with suppress(Empty):
            while not self._stop.is_set():
                key = turns.get_nowait()
                try:
                    done.put((key, fetch(key)))
                except BaseException as error:  # noqa: BLE001  raised again by `run`
                    done.put((key, error))

    def _account(self, progress: Callable[[Progress], None], key: str) -> AccountSync:
        settings = next(each for each in self._config.accounts if each.key == key)
        tally = _Tally()
        failure: dict[str, Any] = {}
        try:
            if self._streams(_Job(key, tally, progress)):
                self._store.poll(key, self._clock())
        except (StoreError, _Stopped):  # nothing can be kept any more: all accounts stop
            raise
        except PelayananError as error:
            failure = failure_of(error)
            self._store.poll(key, self._clock(), error=failure["failed"])
        except Exception as error:  # noqa: BLE001  a bug in one platform must not stop the others
            log.warning("%s: %s", key, type(error).__name__)
            failure = failure_of(error)
            self._store.poll(key, self._clock(), error=failure["failed"])
        progress(Progress(key, "done", tally.fetched, tally.new))
        return AccountSync(
            account=key,
            agency=settings.agency,
            platform=settings.platform,
            fetched=tally.fetched,
            new=tally.new,
            answers=tally.answers,
            unreadable=tally.unreadable,
            notes=tuple(tally.notes),
            **failure,
        )

    def _streams(self, job: _Job) -> bool:
        """Read what the account lists; ``False`` where it lists nothing (webhooks, by hand)."""
        account = self._accounts[job.key]
        streams = list(_listings(account))
        failure: PlatformError | None = None
        for stream, listing in streams:
            try:
                self._stream(job, stream, listing)
            except HOPELESS:
                raise
            except PlatformError as error:  # without answers citizens are heard all the same
                failure = failure or error
        if failure is not None:
            raise failure
        if account.capabilities.sweep:
            for stream, listing in streams:
                self._sweep(job, stream, listing)
        return bool(streams)

    def _sweep(
        self, job: _Job, stream: _Stream, listing: Callable[[str | None], Flow[Any]]
    ) -> None:
        """Read the last days once more: a cursor passes by what was changed since."""
        if stream == "answers":
            return
        sweep = Sweep(job.key, stream)
        with self._store.writing() as connection:
            begin = sweep.begin(connection, self._clock())
        if begin is None:
            return
        try:
            for page in self._pages(sweep.place, listing, job.tally, begin):
                kept = self._kept(job.key, page, sweep.place)
                job.tally.fetched += kept.new  # the others were counted when they came
                job.tally.new += kept.new
        except PlatformError as error:
            job.tally.notes.append(f"second look: {error}; it goes on next time")
            if error.retryable or isinstance(error, HOPELESS):
                return  # else the place itself is refused: the next one begins anew
        with self._store.writing() as connection:
            sweep.end(connection, self._clock())

    def _kept(self, key: str, page: Page[Any], place: str, look: Look | None = None) -> Kept:
        with self._store.writing() as connection:
            intake = self._intakes.of(connection, key)
            if look is not None:
                intake.unseen = look.unseen(self._accounts[key].capabilities.listing_lag)
            now = self._clock()
            kept = self._store.keep(intake, connection, page, account=key, stream=place, now=now)
            for item in page.items:
                if isinstance(item, Mention) and item.returned:
                    came_back(connection, self._store.keys, item, key, now)
            if look is not None:
                look.kept(connection, page)
            return kept

    def _look(self, key: str) -> Look | None:
        """A look at answers whose time is their writer's word."""
        if not self._accounts[key].capabilities.claimed_time:
            return None
        settings = next(each for each in self._config.accounts if each.key == key)
        way = self._store.keys.draft("look", settings.platform, repr(settings.fields))
        with self._store.reading() as connection:
            return Look.begin(connection, key, way, self._clock())

    def _stream(
        self, job: _Job, stream: _Stream, listing: Callable[[str | None], Flow[Any]]
    ) -> None:
        begin = self._store.cursor(job.key, stream)
        look = self._look(job.key) if stream == "answers" else None
        for page in self._pages(stream, listing, job.tally, begin):
            kept = self._kept(job.key, page, stream, look)
            job.tally.unreadable += len(page.unreadable)
            if stream != "answers":
                job.tally.fetched += kept.seen
                job.tally.new += kept.new
            else:
                job.tally.answers += kept.new
            job.progress(Progress(job.key, stream, kept.seen, kept.new))

    def _pages(
        self,
        stream: str,
        listing: Callable[[str | None], Flow[Any]],
        tally: _Tally,
        cursor: str | None,
    ) -> Iterator[Page[Any]]:
        while True:
            if self._stop.is_set():
                raise _Stopped
            try:
                page = _page(self._client.run(listing(cursor)), stream)
            except ConfigError as error:
                if cursor is None:
                    raise
                tally.notes.append(f"{stream}: {error}; the whole window is fetched again")
                cursor = None
                continue
            yield page
            if not page.more or page.cursor == cursor:  # one that stands still is asked for ever
                return
            cursor = page.cursor


def _listings(account: Account) -> Iterator[tuple[_Stream, Callable[[str | None], Flow[Any]]]]:
    if isinstance(account, AnswerSource):  # first: what was open when a message was posted?
        yield "answers", account.answers
    if isinstance(account, MentionSource):
        yield "mentions", account.mentions
    if isinstance(account, CommentSource):
        yield "comments", account.comments


def _page(found: object, stream: str) -> Page[Any]:
    """What was listed; whoever wrote the platform may not have had a type checker."""
    if not _is_page(found):
        told = "no page of messages with a cursor: report it to whoever wrote the platform"
        raise ContractError(told, operation=stream)
    return found


def _is_page(found: object) -> TypeGuard[Page[Any]]:
    items = getattr(found, "items", ())
    return (
        isinstance(getattr(found, "cursor", None), str)
        and isinstance(found, Page)
        and all(isinstance(each, (Mention, Answer)) for each in items)
    )


def _gathered(
    done: "SimpleQueue[tuple[str, AccountSync | BaseException]]", count: int
) -> dict[str, AccountSync]:
    found: dict[str, AccountSync] = {}
    while len(found) < count:
        key, outcome = done.get()
        if isinstance(outcome, BaseException):
            raise outcome
        found[key] = outcome
    return found


def failure_of(error: Exception) -> dict[str, Any]:
    """What an `AccountSync` says of an error."""
    if not isinstance(error, PelayananError):
        remedy = "program: report it with the platform's name"
        return {"failed": f"program error {type(error).__name__}", "remedy": remedy}
    if not isinstance(error, PlatformError):
        return {"failed": str(error), "remedy": "administrator: see the message"}
    return {
        "failed": str(error),
        "remedy": error.remedy,
        "later": isinstance(error, (RateLimitError, QuotaError)),
        "retry_after_s": error.retry_after,
    }
