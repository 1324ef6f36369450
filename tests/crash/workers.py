"""Starts workers, kills them at random moments, and counts what the kills hit."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Self

from pelayanan.desk import Config
from servers.process import ROOT, die_with_parent

__all__ = ["Killer", "Run", "Worker", "workspace"]

_WORKER = Path(__file__).with_name("worker.py")
_PATIENCE_S = 120.0
_RIGHT_AFTER_START_S = 0.01
_RIGHT_AFTER_START = 8  # one kill in so many


def workspace(config: Config, world: tuple[str, Path] | None) -> Path:
    """Write down what a worker opens; returns the folder, which it is told."""
    values = config.model_dump(mode="json", by_alias=True, exclude={"folder"})
    said = {"config": values, "world": world and (world[0], str(world[1]))}
    (config.folder / "workspace.json").write_text(json.dumps(said))
    return config.folder


@dataclass(frozen=True)
class Run:
    """How a worker's run ended.

    Attributes:
        killed: By us, in the middle; otherwise it came to its end.
        seconds: From the word "go" on.
        opened: Whether the store was open by then.
        failed: What the worker itself reported as failed.
    """

    killed: bool
    seconds: float
    opened: bool
    failed: str = ""


class Worker:
    """Does one job after the other, each in a process of its own, which can be killed."""

    def __init__(self) -> None:
        paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        self._nursery = subprocess.Popen(
            [sys.executable, str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            preexec_fn=die_with_parent,  # noqa: PLW1509  no thread runs while it starts
        )
        self._begun = 0.0
        self._heard = b""
        self.pid = 0
        self._until("ready", _PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def go(self, job: str, folder: Path) -> None:
        """Let a process work; returns when there is one, not when it is done."""
        self._begun = time.monotonic()
        self._tell(f"{job} {folder}")
        *_, said = self._until("pid", _PATIENCE_S)
        self.pid = int(said.split()[1])

    def open(self, job: str, folder: Path) -> None:
        """As `go`, but let it only open its desk."""
        self.go(f"{job}-later", folder)
        self._until("opened", _PATIENCE_S)

    def on(self) -> None:
        """Let it go on after `open`."""
        self._tell("on")

    def end(self, kill_after_s: float = _PATIENCE_S) -> Run:
        """Wait for the end of its process, or kill it after so many seconds."""
        said = self._until("ended", kill_after_s)
        if not said or not said[-1].startswith("ended"):
            _kill(self.pid)
            said += self._until("ended", _PATIENCE_S)
        seconds, self.pid = time.monotonic() - self._begun, 0
        done = next((line for line in said if line.startswith("done")), "")
        assert said[-1] in {"ended 0", "ended -9"}, f"it ended with {said}"
        assert done or said[-1] == "ended -9", said
        return Run(not done, seconds, "opened" in said, done.removeprefix("done").strip())

    def kill(self) -> None:
        """End its process, whatever it does."""
        assert self.end(0).killed

    def drop(self) -> None:
        """End it all."""
        for process in filter(None, (self.pid, self._nursery.pid)):
            _kill(process)
        self._nursery.wait()
        for pipe in (self._nursery.stdin, self._nursery.stdout):
            if pipe is not None:
                pipe.close()

    def _tell(self, line: str) -> None:
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(f"{line}\n".encode())

    def _until(self, word: str, patience_s: float) -> list[str]:
        """The lines up to one that begins so; those so far where it does not come in time."""
        end, said = time.monotonic() + patience_s, list[str]()
        while not (said and said[-1].startswith(word)):
            line, found, rest = self._heard.partition(b"\n")
            if found:
                self._heard = rest
                said.append(line.decode())
            elif not self._more(end - time.monotonic()):
                return said
        return said

    def _more(self, wait_s: float) -> bool:
        assert self._nursery.stdout is not None
        ready, _, _ = select.select([self._nursery.stdout], [], [], max(0.0, wait_s))
        if not ready:
            return False
        got = self._nursery.stdout.read(1 << 16)
        assert got, "the worker itself has ended"
        self._heard += got
        return True


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):  # it may come to its end in the moment before
        os.kill(process, signal.SIGKILL)


@dataclass
class Killer:
    """Kills one process after the other.

    Attributes:
        left: How many kills are still to come.
        full_s: How long a run takes that nobody kills.
    """

    left: int
    random: Random
    full_s: float = 0.0
    killed: int = 0
    opening: int = 0
    ended: int = 0
    notes: dict[str, int] = field(default_factory=dict[str, int])
    _worker: Worker = field(default_factory=Worker)

    def let_run(self, job: str, folder: Path) -> Run:
        """One run that nobody kills."""
        self._worker.go(job, folder)
        return self._worker.end()

    def measure(self, job: str, folder: Path) -> None:
        """Find out how long a whole run takes."""
        self.full_s = self.let_run(job, folder).seconds

    def strike(self, job: str, folder: Path) -> Run:
        """Start a run and kill it at a random moment, unless it is done before."""
        early = self.killed % _RIGHT_AFTER_START == 0
        moment = self.random.uniform(0, _RIGHT_AFTER_START_S if early else self.full_s)
        self._worker.go(job, folder)
        run = self._worker.end(moment)
        self.ended += not run.killed
        self.killed += run.killed
        self.left -= run.killed
        self.opening += run.killed and not run.opened
        return run

    def note(self, what: str, times: int = 1) -> None:
        """Count something that a kill left behind."""
        self.notes[what] = self.notes.get(what, 0) + times

    def told(self, title: str) -> str:
        """The figures, as a line."""
        more = "".join(f", {times} {what}" for what, times in sorted(self.notes.items()))
        return (
            f"{title}: {self.killed} killed ({self.opening} while the store was opening), "
            f"{self.ended} came to their end first, {self.full_s:.2f} s a whole run{more}"
        )

    @contextmanager
    def working(self) -> Iterator["Killer"]:
        """End the worker at the end."""
        try:
            yield self
        finally:
            self._worker.drop()
