"""The intake of each account: what counts of its messages, and what its answers are worth."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from pelayanan.desk.config import Config
from pelayanan.models import Mention
from pelayanan.store.intake import Intake
from pelayanan.store.keys import from_us
from pelayanan.store.store import Store
from pelayanan.triage.substance import substance

__all__ = ["Intakes", "judge"]


class Intakes:
    """Makes intakes for a desk's accounts.

    Args:
        own: Key, platform and a name of each of the agencies' own accounts.
        registered: When each account was entered, in microseconds: what is older does not count.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        *,
        clock: Callable[[], datetime],
        own: Iterable[tuple[str, str, str]],
        registered: Mapping[str, int],
    ) -> None:
        self._agencies = {account.key: account.agency for account in config.accounts}
        self._store = store
        self._clock = clock
        self._registered = registered
        self._hosts = {
            account.key: urlsplit(str(account.fields.get("server", ""))).netloc.casefold()
            for account in config.accounts
        }
        self._own = {(platform, self._everywhere(key, name)) for key, platform, name in own}

    def is_own(self, mention: Mention, key: str) -> bool:
        """Whether one of the agencies' own accounts wrote what account `key` was told."""
        names = filter(None, (mention.author.handle, mention.author.id))  # deleted ones have none
        return any((mention.platform, self._everywhere(key, name)) in self._own for name in names)

    def _everywhere(self, key: str, handle: str) -> str:
        """A handle as other servers write it: two servers may each have a citizen of one name."""
        host = self._hosts.get(key, "")
        return f"{handle}@{host}".casefold() if host and "@" not in handle else handle.casefold()

    def of(self, connection: Connection, key: str) -> Intake:
        """The intake of one account, inside one transaction."""
        registered = from_us(self._registered[key])

        def excluded(mention: Mention) -> str:
            if self.is_own(mention, key):
                return "internal"
            return "before_start" if mention.created_at < registered else ""

        return Intake(
            connection,
            self._store.keys,
            key,
            self._agencies[key],
            self._clock(),
            exclude=excluded,
            judge=judge,
        )


def judge(text: str) -> tuple[bool, str]:
    """Whether an answer of a person is substantive, and why not (score.md, 1)."""
    found = substance(text)
    return found.substantive, "" if found.substantive else found.reason
