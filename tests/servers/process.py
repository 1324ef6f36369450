"""Start a server's script, read what it says when ready, and stop it whatever happens."""

import ctypes
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
READY_S = 120.0  # PostgreSQL, Redis and Node together on two busy cores
STOP_S = 30.0
_PR_SET_PDEATHSIG = 1  # Linux: the child hears of its parent's death
_PORTS = range(20_000, 30_000)  # below the ports that the system hands out by itself
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork


class StartError(Exception):
    """A server did not come up; the text is the end of what it wrote."""


def script(name: str) -> Path:
    """Find a server's script, or give the test up."""
    shared = Path(os.environ.get("PELAYANAN_SHARED") or ROOT.parent / "shared")
    found = shared / "servers" / name
    if not found.exists():
        unavailable(f"{name} is not beside the repository: set PELAYANAN_SHARED to its folder")
    return found


def need(*commands: str, install: str) -> None:
    """Give the test up where a command is missing; `install` says how to get it."""
    missing = [name for name in commands if shutil.which(name) is None]
    if missing:
        unavailable(f"{', '.join(missing)} missing: {install}")


def unavailable(reason: str) -> NoReturn:
    """Skip with a reason; in CI nothing may be missing, so there it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def running(
    command: Sequence[str | Path],
    *options: str,
    ports: int,
    environment: dict[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Run `command PORT WORKDIR options` and yield the JSON that it prints when ready.

    Args:
        command: The program and its script.
        options: What follows port and folder.
        ports: How many ports in a row the server uses.
        environment: Added to this process's own.
    """
    folder = Path(tempfile.mkdtemp(prefix="ply-", dir="/tmp"))  # short: unix sockets lie in it
    folder.chmod(0o755)  # daemons that drop root must enter
    try:
        process, said = _start(command, options, folder, ports, environment or {})
        try:
            yield said
        finally:
            stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop(process: "subprocess.Popen[str]") -> None:
    """Ask it to end, wait, and end its whole group where it does not."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def die_with_parent() -> None:
    """Run in a child before it becomes the server: a killed pytest leaves none behind."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _start(
    command: Sequence[str | Path],
    options: Sequence[str],
    folder: Path,
    ports: int,
    environment: dict[str, str],
) -> "tuple[subprocess.Popen[str], dict[str, Any]]":
    for last in (False, True):  # another process may take a port between the look and the use
        work = Path(tempfile.mkdtemp(dir=folder))
        work.chmod(0o755)
        log = work / "stderr.log"
        line = [str(part) for part in (*command, _free_ports(ports), work, *options)]
        process = _spawn(line, log, environment)
        try:
            return process, _first_line(process, log)
        except StartError:
            stop(process)
            if last:
                raise
    raise AssertionError("the loop returns or raises")


def _spawn(line: list[str], log: Path, environment: dict[str, str]) -> "subprocess.Popen[str]":
    with log.open("w") as stderr:
        return subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=os.environ | environment,
            start_new_session=True,  # Ctrl-C reaches pytest alone, which then stops it in order
            preexec_fn=die_with_parent,  # noqa: PLW1509  no thread runs while fixtures start
        )


def _first_line(process: "subprocess.Popen[str]", log: Path) -> dict[str, Any]:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], READY_S)
    line = process.stdout.readline() if ready else ""
    if not line:
        tail = log.read_text(errors="replace")[-2000:]
        raise StartError(f"{process.args!r} did not start:\n{tail}")
    said: dict[str, Any] = json.loads(line)
    return said


def _free_ports(count: int) -> int:
    """Return the first of `count` ports in a row that nobody uses now."""
    for _ in range(100):
        first = random.randrange(_PORTS.start, _PORTS.stop - count)
        if all(_is_free(first + offset) for offset in range(count)):
            return first
    raise StartError(f"no {count} free ports in a row")


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
