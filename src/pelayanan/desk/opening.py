"""A desk that is open: its configuration, client, store, clock, accounts and calendar."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from pelayanan.cases import Standards
from pelayanan.desk.accounts import Accounts, store_url
from pelayanan.desk.config import Config
from pelayanan.drivers.sync import Client
from pelayanan.errors import ConfigError
from pelayanan.models import Check
from pelayanan.protocol.capabilities import Account, Checkable, require
from pelayanan.protocol.transport import Transport
from pelayanan.store.store import Store

if TYPE_CHECKING:
    from pelayanan.calendar import WorkCalendar

__all__ = ["OpenDesk"]

A = TypeVar("A")


class OpenDesk:
    """What every verb of a desk stands on."""

    def __init__(
        self, config: Config, *, client: Client, store: Store, clock: Callable[[], datetime]
    ) -> None:
        self.config = config
        self.client = client
        self.store = store
        self._clock = clock
        self._exit = ExitStack()
        self._building = threading.Lock()
        self._agencies = {account.key: account.agency for account in config.accounts}

    @classmethod
    def open(
        cls,
        config: Config | Path | str,
        *,
        transport: Transport | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        client: Client | None = None,
    ) -> Self:
        """Open a desk; its store is made or migrated first.

        Args:
            config: A configuration, or the path of a ``pelayanan.toml``.
            transport: Where calls go; give a fake for tests.
            clock: The time, aware; tests bring their own.
            client: One made by the caller, who also closes it.

        Raises:
            ConfigError: The configuration cannot be used; the message names line and remedy.
            StoreError: The store is away, full, damaged or newer than this program.
        """
        settings = config if isinstance(config, Config) else Config.read(config)
        store = Store(store_url(settings), schema=settings.store.schema_name)
        # a transport of the caller's own goes where no platform counts
        budgets = settings.place(".pelayanan/budgets") if transport is None else None
        desk = cls(
            settings,
            client=client or Client(transport=transport, budgets=budgets),
            store=store,
            clock=clock,
        )
        desk._exit.callback(store.close)
        if client is None:
            desk._exit.push(desk.client)
        return desk

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what the desk opened."""
        self._exit.close()

    @property
    def now(self) -> datetime:
        """The desk's time."""
        return self._clock()

    # ---- accounts

    @property
    def accounts(self) -> Accounts:
        """The platform objects of all configured accounts, by key."""
        with self._building:
            return self._made_accounts

    @cached_property
    def _made_accounts(self) -> Accounts:
        return Accounts(self.config, self._clock)

    def account(self, key: str, platform: type[A]) -> A:
        """The typed platform object of a configured account.

        Raises:
            ConfigError: No account has this key, or it is of another platform.
        """
        found = self._any(key)
        if not isinstance(found, platform):
            raise ConfigError(f"account {key!r} is of {found.name}, not {platform.__name__}")
        return found

    def _any(self, key: str) -> Account:
        if key not in self.accounts:
            raise ConfigError(f"no account {key!r}; there are {', '.join(sorted(self.accounts))}")
        return self.accounts[key]

    def check(self, key: str) -> Check:
        """Ask a platform how an account's token, scopes, limits and clock stand."""
        return self.client.run(require(self._any(key), Checkable).check())

    @cached_property
    def calendar(self) -> "WorkCalendar":
        """Working time of the province."""
        from pelayanan.calendar import WorkCalendar  # noqa: PLC0415  loads holidays

        overrides = self.config.calendar.overrides
        return WorkCalendar.indonesia(
            timezone=self.config.province.timezone,
            overrides=self.config.place(overrides) if overrides else None,
        )

    @cached_property
    def standards(self) -> Standards:
        """Thresholds and limits in force."""
        return Standards.load(self.config.score.definition)
