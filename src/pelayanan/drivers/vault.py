"""Where secrets come from, and where renewed ones are kept."""

import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from pelayanan.errors import ConfigError, StoreError, UnsupportedError, is_full
from pelayanan.models import Secret

__all__ = ["DefaultVault", "Vault", "secret"]

log = logging.getLogger("pelayanan")


def secret(source: str) -> Secret:
    """Read a secret, at once.

    Args:
        source: ``"env:NAME"``, ``"file:PATH"`` (a line break at its end is dropped) or
            ``"keyring:SERVICE/USER"``.

    Raises:
        ConfigError: It is not there, or the source has another form. Names the remedy.
    """
    kind, _, place = source.partition(":")
    if kind not in _READERS or not place:  # never show it: it may be the secret itself
        raise ConfigError("a secret is named env:NAME, file:PATH or keyring:SERVICE/USER")
    value = _READERS[kind](place)
    if not value:
        raise ConfigError(f"{source} is empty")
    return Secret(value, source=source)


class Vault(Protocol):
    """Where renewed secrets are kept; give your own to `Client` for a secret store."""

    def keep(self, secret: Secret) -> None:
        """Make a secret durable at its source, in place of the old one, before returning."""
        ...

    def lease(self, secret: Secret) -> AbstractContextManager[Secret]:
        """Hold for one process at a time; gives the secret as it is stored now.

        Raises:
            ConfigError: Nothing can be kept at its source, so that it must not be exchanged.
        """
        ...


class _Lock:
    """A lock that a weak dictionary can hold."""

    def __init__(self) -> None:
        self.turn = threading.Lock()


class DefaultVault:
    """Keeps at ``file:`` (replaced in one step) and ``keyring:``; what came as text stays there.

    Args:
        patience_s: How long a lease is waited for, in seconds.
        sleep: Called with seconds between looks at a lease that another process holds.
    """

    def __init__(
        self, *, patience_s: float = 60.0, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._patience_s = patience_s
        self._sleep = sleep
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()  # of what is in memory

    def keep(self, secret: Secret) -> None:
        """Make it durable.

        Raises:
            ConfigError: It came from a variable of the environment, which nobody can change.
            StoreError: The disk or the keyring refuses.
        """
        kind, _, place = secret.source.partition(":")
        if kind == "file":
            _replace(_path(place), secret.get_secret_value())
        elif kind == "keyring":
            service, _, user = place.rpartition("/")
            with _keyring_errors(place):
                _keyring().set_password(service, user, secret.get_secret_value())
        elif kind:
            raise _unkeepable(secret)

    @contextmanager
    def lease(self, secret: Secret) -> Generator[Secret]:
        """Hold the lease of a secret's source; other processes and threads wait.

        Raises:
            ConfigError: The source cannot be written, or others may read the file.
            StoreError: Somebody else holds the lease for longer than `patience_s`.
        """
        kind, _, place = secret.source.partition(":")
        if not kind:
            with self._guard:
                lock = self._locks.setdefault(secret.get_secret_value(), _Lock())
            with lock.turn:
                yield secret
        elif kind not in {"file", "keyring"}:
            raise _unkeepable(secret)
        else:
            with self._locked(_lock_path(kind, place)):
                if kind == "file" and not _is_there(_path(place)):
                    yield secret  # the first one; the file comes with its successor
                else:
                    yield Secret(_READERS[kind](place), source=secret.source)

    @contextmanager
    def _locked(self, path: Path) -> Generator[None]:
        try:
            import fcntl  # noqa: PLC0415  not on Windows
        except ImportError:
            raise UnsupportedError("renewed secrets need a system with file locks") from None
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            message = f"{path}: {error.strerror}, so that no new token can be kept"
            raise ConfigError(message) from None
        try:
            waited = 0.0
            while True:  # each holder has its own handle, so that threads wait as well
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if waited >= self._patience_s:
                        told = f"{path} is locked by another process"
                        raise StoreError(told, retryable=True) from None
                    self._sleep(0.1)
                    waited += 0.1
            yield
        finally:
            os.close(handle)  # ends the lock, as the end of the process does


def _unkeepable(secret: Secret) -> ConfigError:
    return ConfigError(f"{secret.source} cannot be rewritten: keep a token that changes in file:")


def _path(place: str) -> Path:
    return Path(place).expanduser().resolve()  # a link stays a link to what is replaced


def _from_env(name: str) -> str:
    if name not in os.environ:
        raise ConfigError(f"environment variable {name} is not set: export it, or use file:PATH")
    return os.environ[name]


def _from_file(place: str) -> str:
    path = _path(place)
    try:
        if path.stat().st_mode & 0o077:
            log.debug("%s can be read by others: chmod 600", path)
        return path.read_text("utf-8-sig").rstrip("\r\n")  # editors add marks and line breaks
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}: put the secret there") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: no text in UTF-8") from None


def _from_keyring(place: str) -> str:
    service, _, user = place.rpartition("/")
    with _keyring_errors(place):
        found: str | None = _keyring().get_password(service, user)
    if found is None:
        raise ConfigError(f"keyring:{place} is not there: keyring set {service} {user}")
    return found


_READERS = {"env": _from_env, "file": _from_file, "keyring": _from_keyring}


class _Ring(Protocol):
    def get_password(self, service: str, user: str, /) -> str | None: ...
    def set_password(self, service: str, user: str, password: str, /) -> None: ...


def _keyring() -> _Ring:
    try:
        import keyring  # noqa: PLC0415  an extra
    except ImportError:
        raise ConfigError('keyring: is missing: pip install "pelayanan[keyring]"') from None
    found: _Ring = keyring
    return found


@contextmanager
def _keyring_errors(place: str) -> Generator[None]:
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001  its back ends raise what they like
        raise StoreError(f"keyring:{place}: {type(error).__name__}") from None


def _is_there(path: Path) -> bool:
    """Whether a file holds a secret by now; refuses where a new one would be lost or seen."""
    if not os.access(path.parent, os.W_OK):
        raise ConfigError(f"{path.parent} cannot be written, so that no new token can be kept")
    if not path.exists():
        return False
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others: chmod 600 {path}")
    return True


def _lock_path(kind: str, place: str) -> Path:
    if kind == "file":
        path = _path(place)
        return path.with_name(f"{path.name}.lock")
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or Path.home() / ".cache") / "pelayanan"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{sha256(place.encode()).hexdigest()[:32]}.lock"


def _replace(path: Path, value: str) -> None:
    """Write a file so that any reader, also after a power cut, finds the old or the new one."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        if hasattr(os, "O_DIRECTORY"):  # Windows opens no folders
            folder = os.open(path.parent, os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        told = f"{path}: cannot keep the new secret: {error.strerror}"
        raise StoreError(told, retryable=is_full(error)) from None
