"""Who holds the lease of a draft: a run that goes on, or a process that is gone."""

import os
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["holding", "is_free"]

_RUNS: set[str] = set()  # a fact of the process, whatever desk it is that sends


@contextmanager
def holding() -> Generator[str, None, None]:
    """The name of one run of `send`, which holds what it took until the block ends."""
    process = os.getpid()
    name = "/".join((_machine(), f"{process}.{_started(process)}", secrets.token_hex(4)))
    _RUNS.add(name)
    try:
        yield name
    finally:
        _RUNS.discard(name)


def is_free(holder: str, *, expired: bool) -> bool:
    """Whether a draft may be taken from `holder`.

    A process of this machine that is gone holds nothing. One that lives holds for ever: it may
    have been stopped in the middle of a call, and would double what somebody else sent meanwhile.
    Of other machines only the end of the lease is known.

    Args:
        holder: As `holding` made it; empty if nobody holds the draft.
        expired: Whether the lease has run out.
    """
    if not holder:
        return True
    machine, _, rest = holder.partition("/")
    process, _, started = rest.partition("/")[0].partition(".")
    if machine != _machine() or not process.isdecimal():
        return expired
    if not _is_alive(int(process)):
        return True
    now = _started(int(process))
    if started and now and started != now:  # the number is another process's by now
        return True
    if int(process) == os.getpid():
        return holder not in _RUNS
    return False if started and now else expired


def _machine() -> str:
    """Host, and on Linux the room in which process numbers count: containers share host names."""
    try:
        room = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        room = ""
    return f"{socket.gethostname()}{room}"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(process)[:1] != ["Z"]  # killed, and its parent has not looked yet


def _started(process: int) -> str:
    """When a process began, in ticks since the machine did; empty where nobody tells."""
    return (_state(process)[19:20] or [""])[0]


def _state(process: int) -> list[str]:
    try:
        told = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return []
    return told.rpartition(")")[2].split()  # the name before it may hold anything
