"""What comes in: fetched, pushed, or entered by hand; the same clocks for all."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pelayanan.desk._intakes import Intakes, judge
from pelayanan.desk.accounts import Accounts
from pelayanan.desk.config import Config
from pelayanan.desk.receiving import Receiver
from pelayanan.desk.sync import Progress, Syncer, SyncReport
from pelayanan.drivers.sync import Client
from pelayanan.errors import ConfigError
from pelayanan.models import Mention, Period
from pelayanan.protocol.capabilities import names_of
from pelayanan.protocol.page import Page
from pelayanan.store.intake import Intake
from pelayanan.store.keys import case_id, to_us
from pelayanan.store.masses import claim_masses
from pelayanan.store.store import AccountRow, Store
from pelayanan.text.halves import mended

if TYPE_CHECKING:
    from pelayanan.desk.listening import Listening

__all__ = ["Fetching"]


class Fetching:
    """The part of the desk that takes messages in."""

    def __init__(
        self,
        config: Config,
        store: Store,
        client: Client,
        accounts: Accounts,
        clock: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._store = store
        self._client = client
        self._accounts = accounts
        self._clock = clock
        self._intakes = self._fresh_intakes()

    def sync(self, progress: Callable[[Progress], None]) -> SyncReport:
        """Read what was pushed and waits, then fetch all accounts."""
        self._intakes = self._fresh_intakes()
        self.receiver().catch_up()
        syncer = Syncer(
            self._config,
            self._store,
            self._client,
            self._accounts,
            clock=self._clock,
            intakes=self._intakes,
        )
        report = syncer.run(progress)  # first: what is addressed to an account is no signal
        self._claim_masses()  # also of what was pushed, or linked to its question by now
        if not self._config.watch:
            return report
        return report.model_copy(update={"watches": self.listening().run(progress)})

    def listening(self) -> "Listening":
        """Hears what is said elsewhere."""
        from pelayanan.desk.listening import Listening  # noqa: PLC0415  most desks watch nothing

        return Listening(
            self._config,
            self._store,
            self._client,
            self._accounts,
            clock=self._clock,
            intakes=self._intakes,
        )

    def _claim_masses(self) -> None:
        """One text to many citizens, sent this month or the last, waits for a confirmation."""
        now, zone = self._clock(), self._config.zone
        first, _ = Period.of(now.astimezone(zone).date()).previous().bounds(zone)
        claim_masses(self._store, first, zone=zone, now=now)

    def receiver(self) -> Receiver:
        """Takes webhooks."""
        return Receiver(
            self._config,
            self._store,
            self._client,
            self._accounts,
            clock=self._clock,
            intakes=self._intakes,
        )

    def add(self, mention: Mention, *, agency: str, account: str) -> str:
        """Enter one message; returns the id of its case."""
        if agency not in {each.key for each in self._config.agencies}:
            raise ConfigError(f"no agency has key {agency!r}")
        if mention.automatic:
            raise ConfigError("what a machine wrote opens no case: enter what a person said")
        mention = _whole(mention)
        now, page = self._clock(), Page((mention,), "manual/1:")
        key = self._store.keys.message(mention.platform, account, mention.id)
        with self._store.writing() as connection:
            intake = Intake(connection, self._store.keys, account, agency, now, judge=judge)
            if (other := intake.another(mention, self._config.zone)) is not None:
                told = f"this id is that of another message, for {other[0]} on {other[1]}: give a "
                raise ConfigError(told + "number that never comes again, with its day and counter")
            self._store.keep(intake, connection, page, account=account, stream="manual", now=now)
        return self._store.case_of_message(key) or case_id(agency, key)

    def _fresh_intakes(self) -> Intakes:
        registered = self._register()
        platforms = {account.key: account.platform for account in self._config.accounts}
        handles = self._store.handles()  # those too of accounts that cannot be used today
        own = {(key, platforms[key], handles[key]) for key in platforms}
        for key, account in self._accounts.items():
            own |= {(key, account.name, name) for name in names_of(account)}
        return Intakes(self._config, self._store, clock=self._clock, own=own, registered=registered)

    def _register(self) -> dict[str, int]:
        """Enter the accounts; ``since`` of the configuration beats the first sight."""
        handles = {key: account.handle for key, account in self._accounts.items()}
        rows = [
            AccountRow(each.key, each.agency, each.platform, handles.get(each.key))
            for each in self._config.accounts
        ]
        registered = self._store.register(rows, self._clock())
        for each in self._config.accounts:
            if each.since is not None:
                day = datetime(each.since.year, each.since.month, each.since.day)  # noqa: DTZ001  its zone follows
                registered[each.key] = to_us(day.replace(tzinfo=self._config.zone))
        return registered


def _whole(mention: Mention) -> Mention:
    """A message as a form sent it, without the half of an emoji that it may have left."""
    author = {name: mended(getattr(mention.author, name)) for name in ("id", "handle", "name")}
    more = {name: mended(getattr(mention, name)) for name in ("id", "text", "subject")}
    whole = mention.author.model_copy(update=author)
    return mention.model_copy(update={**more, "author": whole})
