"""From the configuration to typed platform objects."""

import inspect
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pelayanan.desk.config import AccountConfig, Config
from pelayanan.drivers.vault import secret
from pelayanan.errors import ConfigError
from pelayanan.models import Secret
from pelayanan.platforms import available, load
from pelayanan.protocol.capabilities import Account, Capabilities

__all__ = ["Accounts", "build", "store_url"]

_SOURCE = re.compile(r"(env|file|keyring):.+")


class _UnusableError(ConfigError):
    """Of one account, while the others can be used."""


class Accounts(Mapping[str, Account]):
    """The platform objects of all configured accounts, by key, each made once.

    One whose secret is away, whose fields its platform refuses, or whose plug-in is damaged, stops
    no other: it is left out, and whoever asks for it is told why, until it is mended.

    Raises:
        ConfigError: The file itself is wrong: an unknown platform or field, a missing one, a
            secret in it. Nothing is made.
    """

    def __init__(self, config: Config, clock: Callable[[], datetime]) -> None:
        self._config = {account.key: account for account in config.accounts}
        self._build = partial(build, config, clock=clock)
        self._lock = threading.Lock()
        self._made: dict[str, Account] = {}
        for key in self._config:
            with suppress(_UnusableError):
                self[key]

    def __getitem__(self, key: str) -> Account:
        """The account; raises `ConfigError` where it cannot be made now."""
        with self._lock:  # two of one account would each pace alone
            if key not in self._made:
                self._made[key] = self._build(self._config[key])
            return self._made[key]

    def __iter__(self) -> Iterator[str]:
        """Keys of those that can be used."""
        return iter(tuple(self._made))

    def __len__(self) -> int:
        """How many can be used."""
        return len(self._made)

    @property
    def unusable(self) -> list[str]:
        """Keys of those that cannot be used now."""
        return [key for key in self._config if key not in self._made]


def build(config: Config, account: AccountConfig, *, clock: Callable[[], datetime]) -> Account:
    """Make the platform object of a configured account.

    Raises:
        ConfigError: A field is missing, unknown or wrong, or a secret stands in the file.
    """
    at = config.where(account.key, "platform")
    try:
        platform = load(account.platform)
    except ConfigError as error:
        damaged = account.platform in available()
        kind = _UnusableError if damaged else ConfigError
        raise kind(f"{at}account {account.key!r}: {error}") from None
    known = inspect.signature(platform).parameters
    for name in account.fields:  # before a secret is looked for: the file itself is wrong
        if name not in known:
            raise ConfigError(
                f"{config.where(account.key, name)}account {account.key!r}: {account.platform} has "
                f"no field {name!r}; it has {', '.join(each for each in known if each != 'clock')}"
            )
    fields: dict[str, Any] = {
        name: _read(config, account, name, value) if _secret(known[name]) else value
        for name, value in account.fields.items()
    }
    if "clock" in known:
        fields["clock"] = clock
    if "session" in known and "session" not in fields:
        fields["session"] = _session(config.place(".pelayanan"), account.key)
    at = config.where(account.key)
    try:
        made: Account = platform(**fields)
    except TypeError as error:
        raise ConfigError(f"{at}account {account.key!r}: {_missing(error)}") from None
    except ConfigError as error:
        raise _UnusableError(f"{at}account {account.key!r}: {error}") from None
    except Exception as error:  # noqa: BLE001  its text may hold a secret
        told = f"{platform.__module__} cannot make it ({type(error).__name__}): check its fields"
        raise _UnusableError(f"{at}account {account.key!r}: {told}") from None
    if not _is_account(made):
        told = f"{platform.__module__} has no handle and capabilities, as every platform must"
        raise _UnusableError(f"{at}account {account.key!r}: {told}")
    return made


def _is_account(made: object) -> bool:
    """Whoever wrote the platform may not have had a type checker."""
    handle, able = getattr(made, "handle", None), getattr(made, "capabilities", None)
    return isinstance(handle, str) and isinstance(able, Capabilities)


def _secret(parameter: inspect.Parameter) -> bool:
    return "Secret" in str(parameter.annotation)


def _read(config: Config, account: AccountConfig, name: str, value: object) -> Secret:
    if isinstance(value, Secret):
        return value
    at = f"{config.where(account.key, name)}account {account.key!r}: "
    if not isinstance(value, str) or not _SOURCE.fullmatch(value):
        raise ConfigError(
            f"{at}{name} may not stand in the file: write "
            f'{name} = "env:NAME", "file:PATH" or "keyring:SERVICE/USER"'
        )
    try:
        return _read_secret(config, value)
    except ConfigError as error:
        raise _UnusableError(f"{at}{error}") from None


def _read_secret(config: Config, source: str) -> Secret:
    """Read a secret; a file's path is relative to the configuration's folder."""
    kind, _, place = source.partition(":")
    return secret(f"file:{config.place(place)}" if kind == "file" else source)


def store_url(config: Config) -> str:
    """Where the store lies; a path is relative to the configuration's folder."""
    url = config.store.url
    if _SOURCE.match(url):  # it holds a password
        url = _read_secret(config, url).get_secret_value()
    path = url.removeprefix("sqlite:///")
    if path != url and path and path != ":memory:" and not Path(path).is_absolute():
        return f"sqlite:///{(config.folder / path).resolve()}"
    return url


def _session(folder: Path, key: str) -> Secret:
    """Where a platform that logs in keeps its session between runs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"session-{key}"
    return secret(f"file:{place}") if place.exists() else Secret("", source=f"file:{place}")


def _missing(error: TypeError) -> str:
    named = re.findall(r"'(\w+)'", str(error))
    return f"add {', '.join(named)}" if named else str(error)
