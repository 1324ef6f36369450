"""Listening: what is said about the watched words and places becomes a signal.

A signal is no case and weighs nothing in the score. A person may take it up; then it is a case like
all others, opened when it was written: not having listened does not stop a clock (score.md, 1).
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from pelayanan.desk._intakes import Intakes, judge
from pelayanan.desk._metering import Meter, TooDearError
from pelayanan.desk.config import Config
from pelayanan.desk.sync import HOPELESS, AccountSync, Progress, failure_of
from pelayanan.desk.watching import WatchConfig
from pelayanan.drivers.sync import Client
from pelayanan.errors import ConfigError, PelayananError, StoreError
from pelayanan.models import Author, Mention, Signal
from pelayanan.platforms import Feed
from pelayanan.protocol.capabilities import Account, SearchSource, require
from pelayanan.protocol.flow import Flow
from pelayanan.protocol.page import Page
from pelayanan.protocol.search import Query
from pelayanan.store.intake import Intake
from pelayanan.store.signals import Signals
from pelayanan.store.store import Store

__all__ = ["HEARD", "Listening"]

log = logging.getLogger("pelayanan")
HEARD = "heard"  # in the `ref` of a message that was taken up: its author addressed nobody
_NOWHERE = ""  # the account of messages that none of the agency's own accounts heard


@dataclass(slots=True)
class _Turn:
    """One watch, while it is asked."""

    watch: WatchConfig
    name: str
    platform: str
    agency: str
    meter: Meter
    pages: int = 0
    fetched: int = 0
    new: int = 0
    unreadable: int = 0
    notes: list[str] = field(default_factory=list[str])

    @property
    def spent(self) -> bool:
        """Whether the run has asked as much as it may."""
        return self.pages >= self.watch.limit


class Listening:
    """The part of the desk that listens."""

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
        self._keep = timedelta(days=config.listening.keep_days)

    def run(self, progress: Callable[[Progress], None]) -> tuple[AccountSync, ...]:
        """Ask all watches; one that fails stops no other."""
        with self._store.writing() as connection:
            self._signals(connection).purge(self._clock() - self._keep)
        return tuple(self._watch(watch, progress) for watch in self._config.watch)

    def signals(self, *, query: str, since: datetime | None, taken: bool) -> Iterator[Signal]:
        """What was heard, the newest first; read part by part, so that nothing is held open."""
        asked = Query.of(query) if query else Query()
        last: Signal | None = None
        while True:
            with self._store.reading() as connection:
                signals = self._signals(connection)
                found, last = signals.part(since=since, taken=taken, after=last)
            yield from (each for each in found if asked.fits(each.mention.text))
            if last is None:
                return

    def take_up(self, signal_id: str, *, agency: str, by: str) -> str:
        """Make a signal a case of an agency, once; returns the id of the case that it has."""
        if agency not in {each.key for each in self._config.agencies}:
            raise ConfigError(f"no agency has key {agency[:40]!r}")
        if not by.strip():
            raise ConfigError("by= must say who takes it up")
        with self._store.writing() as connection:
            signals = self._signals(connection)
            signal = signals.get(signal_id)
            if signal is None:
                told = "it was never heard, is too old, or its author was forgotten"
                raise ConfigError(f"there is no signal {signal_id[:60]!r}: {told}")
            if signal.case_id:
                return signal.case_id
            message = signals.told(signal)  # to an account, meanwhile
            known = self._store.case_of(connection, message) if message else None
            case_id = known or self._case(connection, signal, agency, by)
            signals.take(signal_id, case_id=case_id, by=by, now=self._clock())
            return case_id

    # ---- inside

    def _signals(self, connection: Connection) -> Signals:
        keys: dict[str, list[str]] = {}
        for key, account in self._accounts.items():
            keys.setdefault(account.name, []).append(key)
        return Signals(connection, self._store.keys, keys)

    def _watch(self, watch: WatchConfig, progress: Callable[[Progress], None]) -> AccountSync:
        turn, failure = self._turn(watch), dict[str, Any]()
        try:
            if watch.feed:
                self._feed(turn, progress)
            else:
                self._queries(turn, progress)
        except StoreError:  # nothing can be kept any more
            raise
        except TooDearError as error:
            turn.notes.append(str(error))
        except Exception as error:  # noqa: BLE001  a bug in one platform must not stop the others
            failure = failure_of(error)
            if not isinstance(error, PelayananError):
                log.warning("%s: %s", turn.name, type(error).__name__)
        progress(Progress(turn.name, "done", turn.fetched, turn.new))
        return AccountSync(
            account=turn.name,
            agency=turn.agency,
            platform=turn.platform,
            fetched=turn.fetched,
            new=turn.new,
            unreadable=turn.unreadable,
            notes=tuple(turn.notes),
            **failure,
        )

    def _turn(self, watch: WatchConfig) -> _Turn:
        meter = Meter(watch.cost_usd)
        if watch.feed:
            return _Turn(watch, Feed(watch.feed).handle, Feed.name, "", meter)
        key, account = watch.account, self._accounts[watch.account]
        agency = next(each.agency for each in self._config.accounts if each.key == key)
        return _Turn(watch, key, account.name, agency, meter)

    def _feed(self, turn: _Turn, progress: Callable[[Progress], None]) -> None:
        feed = Feed(turn.watch.feed, clock=self._clock)
        asked = [Query.of(each) for each in turn.watch.queries]
        stream = f"feed:{_short(' '.join((turn.watch.feed, *turn.watch.queries)))}"
        self._stream(
            turn,
            stream,
            feed.entries,
            progress,
            lambda found: any(query.fits(found.text) for query in asked),
        )

    def _queries(self, turn: _Turn, progress: Callable[[Progress], None]) -> None:
        """Ask each query, that first which waits longest: `limit` may end the run before."""
        source: SearchSource = require(self._accounts[turn.watch.account], SearchSource)
        with self._store.reading() as connection:
            asked = self._signals(connection).asked(turn.name)
        queries = {f"search:{_short(each)}": each for each in turn.watch.queries}
        failure: PelayananError | None = None

        def is_foreign(found: Mention) -> bool:
            return not self._intakes.is_own(found, turn.watch.account)

        for stream in sorted(queries, key=lambda each: asked.get(each, 0)):
            if turn.notes and turn.spent:
                break
            listing = partial(source.search, queries[stream])
            try:
                self._stream(turn, stream, listing, progress, is_foreign)
            except (*HOPELESS, StoreError, TooDearError):
                raise
            except PelayananError as error:  # one query that is refused stops no other
                failure = failure or error
        if failure is not None:
            raise failure

    def _stream(
        self,
        turn: _Turn,
        stream: str,
        listing: Callable[[str | None], Flow[Page[Mention]]],
        progress: Callable[[Progress], None],
        wanted: Callable[[Mention], bool],
    ) -> None:
        cursor, since = self._store.cursor(turn.name, stream), self._clock() - self._keep
        while not turn.spent:
            try:
                page = self._client.run(turn.meter.watched(listing(cursor)))
            except ConfigError as error:
                if cursor is None:
                    raise
                turn.notes.append(f"{error}; the whole window is searched again")
                cursor = None
                continue
            turn.pages += 1
            heard = [each for each in page.items if each.created_at >= since and wanted(each)]
            now = self._clock()
            with self._store.writing() as connection:
                new = self._signals(connection).hear(heard, watch=turn.name, now=now)
                self._store.keep(None, connection, page, account=turn.name, stream=stream, now=now)
            turn.fetched += len(heard)
            turn.new += new
            turn.unreadable += len(page.unreadable)
            progress(Progress(turn.name, "signals", len(heard), new))
            if not page.more or page.cursor == cursor:
                return
            cursor = page.cursor
        turn.notes.append(f"limit of {turn.watch.limit} pages: the rest next time")

    def _case(self, connection: Connection, signal: Signal, agency: str, by: str) -> str:
        """Enter the message like one that was addressed; the account is the agency's own."""
        mention, store, now = _entered(signal), self._store, self._clock()
        hearer = next((each for each in self._config.accounts if each.key == signal.watch), None)
        if hearer is not None and hearer.agency == agency:
            intake = self._intakes.of(connection, hearer.key)
        else:
            intake = Intake(connection, store.keys, _NOWHERE, agency, now, judge=judge)
        intake.captured, intake.by = signal.heard, by
        page = Page((mention,), "signals/1:")
        store.keep(intake, connection, page, account=intake.account, stream="signals", now=now)
        key = store.keys.message(mention.platform, intake.account, mention.id)
        found = store.case_of(connection, key)
        if found is None:
            raise ConfigError("what a machine wrote opens no case")
        return found


def _entered(signal: Signal) -> Mention:
    """The message as its case gets it: nobody was asked, so not everywhere may be answered."""
    mention = signal.mention
    more: dict[str, Any] = {"ref": {**mention.ref, HEARD: "1"}}
    if mention.platform == Feed.name:  # two articles of one site are two needs
        own = mention.author
        more["author"] = Author(id=f"{own.id} {mention.id}", handle=own.handle, name=own.name)
    return mention.model_copy(update=more)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
