"""The fixtures themselves: one server of each sort for a whole run."""

from collections.abc import Iterator

import pytest

from servers.bluesky import AtprotoClient, BlueskyNetwork, atproto_client
from servers.bluesky import bluesky_network as start_bluesky
from servers.mail import MailServer
from servers.mail import mail_server as start_mail
from servers.postgres import PostgresServer
from servers.postgres import postgres_server as start_postgres
from servers.telegram import TelegramEmulator
from servers.telegram import telegram_emulator as start_telegram

__all__ = [
    "bluesky_client",
    "bluesky_limited",
    "bluesky_network",
    "mail_server",
    "postgres_server",
    "postgres_url",
    "telegram_emulator",
]


@pytest.fixture(scope="session")
def bluesky_network() -> Iterator[BlueskyNetwork]:
    """Directory, PDS and AppView. Shared by the run: open accounts of your own on it."""
    with start_bluesky() as network:
        yield network


@pytest.fixture(scope="session")
def bluesky_client(bluesky_network: BlueskyNetwork) -> Iterator[AtprotoClient]:
    """Bluesky's own client on `bluesky_network`."""
    with atproto_client(bluesky_network) as client:
        yield client


@pytest.fixture
def bluesky_limited() -> Iterator[BlueskyNetwork]:
    """A PDS alone that counts calls and says 429; a new one each time, with full allowances."""
    with start_bluesky("--no-appview", "--rate-limits") as network:
        yield network


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    """Postfix and dovecot with three agencies and twenty citizens."""
    with start_mail() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the run."""
    with start_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """An empty database of the test's own, as SQLAlchemy names it."""
    return postgres_server.database()


@pytest.fixture(scope="session")
def telegram_emulator() -> Iterator[TelegramEmulator]:
    """An emulator of the Bot API: each bot has messages of its own."""
    with start_telegram() as server:
        yield server
