"""What may be recorded of a case; who may get a need, and by which account it is answered."""

from collections.abc import Callable, Iterable

from pelayanan.cases import AnyEvent, Transferred
from pelayanan.desk.config import Config
from pelayanan.errors import ConfigError
from pelayanan.platforms import load
from pelayanan.protocol.capabilities import Capabilities

__all__ = ["account_for", "refuse_odd_times", "refuse_strangers"]

_YEARS = range(2000, 2076)  # no platform is older, no calendar reaches further


def refuse_odd_times(told: Iterable[AnyEvent]) -> None:
    """One event of a year that no calendar knows would stop every count.

    Raises:
        ConfigError: An event claims such a year.
    """
    for event in told:
        if event.at is not None and event.at.year not in _YEARS:
            raise ConfigError(f"{event.type!r} at {event.at:%Y-%m-%d}: give when it happened")


def refuse_strangers(config: Config, case_agency: str, told: Iterable[AnyEvent]) -> None:
    """Nobody in the register would have the case any more.

    Raises:
        ConfigError: A hand-over names no agency of the configuration, or the case's own.
    """
    agencies = [agency.key for agency in config.agencies]
    for event in told:
        if isinstance(event, Transferred) and (event.to not in agencies or event.to == case_agency):
            others = ", ".join(key for key in agencies if key != case_agency)
            raise ConfigError(
                f"a case is handed to another agency of the register, not to {event.to[:40]!r}: "
                f"there are {others or 'no others'}"
            )


def account_for(config: Config) -> Callable[[str, str, str], str]:
    """Find the account of an agency that can answer a message which another account received.

    It is empty where the platform's ids hold for the one account only.
    """

    def find(agency: str, platform: str, account: str) -> str:
        theirs = [each.key for each in config.accounts if each.agency == agency]
        if account in theirs:
            return account
        for each in config.accounts:
            if each.key in theirs and each.platform == platform and _shares_ids(platform):
                return each.key
        return ""

    return find


def _shares_ids(platform: str) -> bool:
    told = getattr(load(platform), "capabilities", None)
    return isinstance(told, Capabilities) and told.shared_ids
