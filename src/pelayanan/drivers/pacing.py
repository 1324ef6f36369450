"""Who may call when: the budgets of this process, or those that a workspace's processes share."""

import logging
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from pelayanan.protocol.throttle import Throttle

__all__ = ["OwnPace", "Pace", "SharedPace", "paced"]


log = logging.getLogger("pelayanan")


class Pace(Protocol):
    """Books calls on a clock of its own."""

    def now(self) -> float: ...

    def held(self, throttle: Throttle, now: float) -> float: ...

    def reserve(self, throttle: Throttle, now: float, *, urgent: bool, most: float) -> float: ...

    def hold(self, throttle: Throttle, until: float) -> None: ...


class OwnPace:
    """Each process has the whole budget for itself."""

    def now(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def held(self, throttle: Throttle, now: float) -> float:
        """Seconds for which the platform wants no call."""
        return throttle.held(now)

    def reserve(self, throttle: Throttle, now: float, *, urgent: bool, most: float) -> float:
        """Book; seconds until the slot."""
        return throttle.reserve(now, urgent=urgent, most=most)

    def hold(self, throttle: Throttle, until: float) -> None:
        """Book nothing before."""
        throttle.hold(until)


class SharedPace:
    """One budget per credential for all processes that use this folder.

    A file holds what is booked, as numbers; its name is a hash, so that nothing of a credential is
    in it. Where it is lost, only the memory of the last calls is.

    Args:
        folder: Made if it is not there; on a disk of this machine.
        clock: Seconds since 1970: unlike a monotonic clock it means the same after a restart.
    """

    def __init__(self, folder: Path | str, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = Path(folder)
        self._clock = clock

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock()

    def held(self, throttle: Throttle, now: float) -> float:
        """Seconds for which the platform wants no call, whichever process was told so."""
        with self._of(throttle, now) as shared:
            return shared.held(now)

    def reserve(self, throttle: Throttle, now: float, *, urgent: bool, most: float) -> float:
        """Book; seconds until the slot."""
        with self._of(throttle, now) as shared:
            return shared.reserve(now, urgent=urgent, most=most)

    def hold(self, throttle: Throttle, until: float) -> None:
        """Book nothing before, in any process."""
        with self._of(throttle, self.now()) as shared:
            shared.hold(until)

    @contextmanager
    def _of(self, throttle: Throttle, now: float) -> Generator[Throttle]:
        """What the processes have booked together; the lock lasts as long as the block."""
        handle = self._opened(throttle.name) if throttle.name else None
        if handle is None:
            yield throttle
            return
        with os.fdopen(handle, "r+b", buffering=0) as file:
            if not self._locked(file.fileno()):
                yield throttle
                return
            before = file.read()
            shared = throttle.fresh()
            shared.load(before, now)
            yield shared
            if (after := shared.dump()) != before:
                with suppress(OSError):  # a full disk must not stop an answer
                    file.seek(0)
                    file.write(after)
                    file.truncate()

    def _opened(self, name: str) -> int | None:
        """The file of a budget; ``None`` where there can be none, and the process paces alone."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            self._alone(error)
            return None

    def _locked(self, handle: int) -> bool:
        """Whether the file is ours now; some network disks have no locks."""
        import fcntl  # noqa: PLC0415  not on Windows, where `paced` gives another pace

        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            self._alone(error)
            return False
        return True

    def _alone(self, error: OSError) -> None:
        log.warning("budgets are not shared: %s: %s", self._folder, error.strerror)


def paced(folder: Path | str | None) -> Pace:
    """The pace for a client: shared where a folder is given and files can be locked."""
    return OwnPace() if folder is None or os.name == "nt" else SharedPace(folder)
