"""The intake of each account: what counts of its messages, and what its answers are worth."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from pelayanan.desk.config import Config
from pelayanan.models import Mention
from pelayanan.protocol.capabilities import Account
from pelayanan.store.intake import Intake
from pelayanan.store.keys import from_us
from pelayanan.store.store import Store
from pelayanan.triage.substance import substance

__all__ = ["Intakes", "judge"]


class Intakes:
    """Makes intakes for a desk's accounts.

    Args:
        registered: When each account was entered, in microseconds: what is older does not count.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        accounts: Mapping[str, Account],
        *,
        clock: Callable[[], datetime],
        registered: Mapping[str, int],
    ) -> None:
        self._agencies = {account.key: account.agency for account in config.accounts}
        self._store = store
        self._clock = clock
        self._registered = registered
        self._own = {(each.name, each.handle.casefold()) for each in accounts.values()}

    def of(self, connection: Connection, key: str) -> Intake:
        """The intake of one account, inside one transaction."""
        registered = from_us(self._registered[key])

        def excluded(mention: Mention) -> str:
            if (mention.platform, mention.author.handle.casefold()) in self._own:
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
