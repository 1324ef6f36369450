"""What all fake platforms share: a world that a killed process finds again, and faults."""

import fcntl
import json
import os
import threading
from abc import abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeAlias

from pelayanan.errors import TransportError
from pelayanan.protocol.mail import MailAnswer, MailCall
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Call, Transport

__all__ = ["Fake", "FakeInternet", "Fault", "json_answer"]

Fault: TypeAlias = Literal[
    "lost_reply",  # a write took effect, but nobody is told so
    "busy",  # 429 that says how long to wait
    "busy_silent",  # 429 that does not
    "broken",  # 503, nothing happened
    "dead",  # no connection
    "duplicate",  # the next listing tells one item twice
    "expired_token",  # the next call finds its token expired
    "clock_skew",  # the next post is dated ten minutes ahead
]

_REFUSALS: tuple[Fault, ...] = ("busy", "busy_silent", "broken")


def json_answer(body: object, status: int = 200, **headers: str) -> Response:
    """A JSON answer; ``retry_after="5"`` becomes the header ``retry-after``."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, names, json.dumps(body).encode())


class Fake(Transport):
    """A platform's server behind `Transport`, in memory or in a folder.

    Args:
        folder: Where the world is kept, durable after each call, so that a process killed at any
            moment finds it again; ``None`` keeps it in memory.
        seed: Of all that is random.
        clock: The server's time; aware. Default: the machine's.
    """

    host = ""
    """Calls to this host are for this fake (see `FakeInternet`)."""

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.clock = clock
        self.random = Random(seed)  # noqa: S311  a game, no secret
        self._folder = Path(folder) if folder else None
        self._lock = threading.RLock()
        self._depth = 0
        self._state: dict[str, Any] = {}
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def world(self) -> Generator[dict[str, Any], None, None]:
        """The state, to read and change; durable when the block ends without an error.

        Blocks may nest. With a folder, processes take turns.
        """
        with self._lock:
            if self._depth or not self._folder:
                with self._nested():
                    yield self._state
                return
            place = self._folder / f"{type(self).__name__}.json"
            with place.with_suffix(".lock").open("w") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                self._state = json.loads(place.read_text()) if place.exists() else {}
                before = json.dumps(self._state)
                with self._nested():
                    yield self._state
                if (after := json.dumps(self._state)) != before:
                    fresh = place.with_suffix(f".{os.getpid()}.new")
                    fresh.write_text(after)
                    fresh.replace(place)

    @contextmanager
    def _nested(self) -> Generator[None, None, None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def number(self) -> int:
        """The next number of the world, from 1 on: for ids that only grow."""
        with self.world() as state:
            state["numbers"] = state.get("numbers", 0) + 1
            return int(state["numbers"])

    def fault(self, name: Fault, *, times: int = 1, after: int = 0) -> None:
        """Go wrong `times` times, once `after` calls that the fault could hit have passed."""
        with self.world() as state:
            state.setdefault("faults", []).append([name, times, after])

    def strikes(self, name: Fault) -> bool:
        """Whether a fault hits now; it is used up by asking."""
        with self.world() as state:
            for fault in state.get("faults", []):
                if fault[0] == name and fault[1] > 0:
                    if fault[2] > 0:
                        fault[2] -= 1
                        return False
                    fault[1] -= 1
                    return True
        return False

    def http(self, request: Request) -> Response:
        """Answer as the platform would, faults included."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        with self.world():
            response = self.respond(request)
        if request.method != "GET" and response.status < 300 and self.strikes("lost_reply"):
            raise TransportError("the answer was lost", operation=request.operation)
        return response

    def _refusal(self, call: Call) -> Response | None:
        if self.strikes("dead"):
            raise TransportError("ConnectError", operation=call.operation, sent=False)
        for fault in _REFUSALS:
            if self.strikes(fault):
                return self.refused_as(fault)
        return None

    def refused_as(self, fault: Fault) -> Response:
        """How the server words a refusal; a platform that says it otherwise overrides this."""
        if fault == "broken":
            return json_answer({"error": "unavailable"}, 503)
        wait = {"retry_after": "3"} if fault == "busy" else {}
        return json_answer({"error": "RateLimitExceeded"}, 429, **wait)

    @abstractmethod
    def respond(self, request: Request) -> Response:
        """The platform's own answer; called inside `world`."""


class FakeInternet(Transport):
    """Several fakes behind one `Transport`: each call goes to the fake with its host."""

    def __init__(self, fakes: Sequence[Fake]) -> None:
        self._fakes = {fake.host: fake for fake in fakes}

    def http(self, request: Request) -> Response:
        return self._fake(request.url.split("/")[2], request).http(request)

    def mail(self, call: MailCall) -> MailAnswer:
        return self._fake(call.server.partition(":")[0], call).mail(call)

    def _fake(self, host: str, call: Call) -> Fake:
        if host not in self._fakes:
            raise TransportError("no such host", operation=call.operation, sent=False)
        return self._fakes[host]
