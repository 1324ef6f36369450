"""Real servers that somebody else wrote, started for the tests and stopped with them.

The scripts that start them lie beside this repository (`../shared/servers`, or the folder named by
`PELAYANAN_SHARED`). Where one cannot be had the test is skipped and says how to install it; in CI
(`CI` is set) the same is a failure.
"""

from servers.bluesky import AtprotoClient, BlueskyAccount, BlueskyNetwork, BlueskyPost
from servers.mail import MailServer
from servers.postgres import PostgresServer
from servers.telegram import TelegramEmulator

__all__ = [
    "AtprotoClient",
    "BlueskyAccount",
    "BlueskyNetwork",
    "BlueskyPost",
    "MailServer",
    "PostgresServer",
    "TelegramEmulator",
]
