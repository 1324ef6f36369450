"""Starts workers, kills them at random moments, and counts what the kills hit."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from pelayanan.desk import Config
from servers.process import ROOT, die_with_parent

__all__ = ["Killer", "Run", "Worker", "workspace"]

_WORKER = Path(__file__).with_name("worker.py")
_PATIENCE_S = 120.0
_RIGHT_AFTER_START_S = 0.02
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
    """One process, started and waiting for its job."""

    def __init__(self) -> None:
        paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            preexec_fn=die_with_parent,  # noqa: PLW1509  no thread runs while it starts
        )
        self.pid = self._process.pid
        self._begun = 0.0

    def go(self, job: str, folder: Path) -> None:
        """Let it work; returns when it has heard, not when it is done."""
        self._heard("ready")
        self._begun = time.monotonic()
        self._tell(f"{job} {folder}")

    def open(self, job: str, folder: Path) -> None:
        """As `go`, but let it only open its desk."""
        self.go(f"{job}-later", folder)
        self._heard("opened")

    def on(self) -> None:
        """Let it go on after `open`."""
        self._tell("on")

    def end(self, kill_after_s: float = _PATIENCE_S) -> Run:
        """Wait for its end, or kill it after so many seconds; 0 kills at once."""
        try:
            self._process.wait(kill_after_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
        killed = self._process.wait() != 0
        seconds = time.monotonic() - self._begun
        assert self._process.stdout is not None
        said = self._process.stdout.read().splitlines()
        done = next((line for line in said if line.startswith("done")), "")
        assert not killed or self._process.returncode == -9, f"it ended with {said}"
        assert killed or done, said
        self.drop()
        return Run(
            killed and not done, seconds, "opened" in said, done.removeprefix("done").strip()
        )

    def _heard(self, word: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == f"{word}\n"

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def drop(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@dataclass
class Killer:
    """Kills one worker after the other. The next one starts while the last one is judged.

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
    _next: Worker | None = None

    def let_run(self, job: str, folder: Path) -> Run:
        """One run that nobody kills."""
        worker = self._take()
        worker.go(job, folder)
        return worker.end()

    def measure(self, job: str, folder: Path) -> None:
        """Find out how long a whole run takes."""
        self.full_s = self.let_run(job, folder).seconds

    def strike(self, job: str, folder: Path) -> Run:
        """Start a run and kill it at a random moment, unless it is done before."""
        early = self.killed % _RIGHT_AFTER_START == 0
        moment = self.random.uniform(0, _RIGHT_AFTER_START_S if early else self.full_s)
        worker = self._take()
        worker.go(job, folder)
        run = worker.end(moment)
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

    def _take(self) -> Worker:
        worker, self._next = self._next or Worker(), Worker()
        return worker

    @contextmanager
    def working(self) -> Iterator["Killer"]:
        """End the worker that waits for a job that does not come."""
        try:
            yield self
        finally:
            if self._next is not None:
                self._next.drop()
