"""A flow is work described but not done: it says what it needs and is told the outcome.

Flows do no I/O. A driver (`pelayanan.Client` or `pelayanan.AsyncClient`) runs them.
Inside a flow use only ``yield from`` with the helpers below: they give every answer its type.
"""

import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from pelayanan.errors import ContractError
from pelayanan.models import Secret
from pelayanan.protocol.page import adapter, why
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Call
from pelayanan.protocol.wire import readable

if TYPE_CHECKING:  # most programs send none
    from pelayanan.protocol.mail import MailAnswer, MailCall

__all__ = [
    "Blocking",
    "Effect",
    "Flow",
    "Keep",
    "Lease",
    "Sleep",
    "Steps",
    "blocking",
    "fetch",
    "flow",
    "keep",
    "mail",
    "parsed",
    "renewing",
    "send",
    "sleep",
]

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait, for example while a platform processes a video."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Blocking:
    """Run a blocking function (a plug-in with a client of its own). Async: in a thread."""

    function: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Keep:
    """Make a renewed secret durable before the flow goes on."""

    secret: Secret


@dataclass(frozen=True, slots=True)
class Lease:
    """Run steps with a secret that only one process at a time may exchange.

    The driver holds the lease while `work` runs, so that no flow holds a lock.
    """

    secret: Secret
    work: Callable[[Secret], "Steps[Any]"]


Effect: TypeAlias = Call | Sleep | Blocking | Keep | Lease
Steps: TypeAlias = Generator[Effect, Any, T]


class Flow(Generic[T]):
    """Work that waits to be run, once, by a client or by ``yield from`` in another flow."""

    __slots__ = ("_label", "_started", "_steps")

    def __init__(self, label: str, steps: Steps[T]) -> None:
        self._label = label
        self._steps = steps
        self._started = False

    def __iter__(self) -> Steps[T]:
        if self._started:
            raise RuntimeError(f"{self!r} cannot run twice: ask for it again")
        self._started = True
        return (yield from self._steps)

    def __repr__(self) -> str:
        state = "started" if self._started else "not run yet, use client.run(...)"
        return f"<flow {self._label}: {state}>"

    def __del__(self) -> None:
        if not self._started:  # a forgotten flow is an answer that was never sent: say so
            warnings.warn(f"{self!r} was dropped", RuntimeWarning, stacklevel=2, source=self)


def flow(function: Callable[P, Steps[T]]) -> Callable[P, Flow[T]]:
    """Turn a generator function into one that returns a `Flow`."""

    @wraps(function)
    def describe(*args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        return Flow(function.__qualname__, function(*args, **kwargs))

    return describe


def send(request: Request) -> Steps[Response]:
    """Send a request; raises a `PlatformError` here if it is refused."""
    response: Response = yield request
    return response


def mail(call: "MailCall") -> "Steps[MailAnswer]":
    """Ask a mail server; raises a `PlatformError` here if it refuses."""
    answer: MailAnswer = yield call
    return answer


def sleep(seconds: float) -> Steps[None]:
    """Wait without doing I/O."""
    yield Sleep(seconds)


def blocking(function: Callable[[], T]) -> Steps[T]:
    """Call a blocking function off the event loop."""
    result: T = yield Blocking(function)
    return result


def keep(secret: Secret, new: str) -> Steps[Secret]:
    """Keep what takes the place of `secret` in the driver's vault, and return it.

    Platforms that rotate tokens void the old one at once: only when the new one is durable may
    the flow go on.
    """
    renewed = secret.renewed(new)
    yield Keep(renewed)
    return renewed


def renewing(secret: Secret, work: Callable[[Secret], Steps[T]]) -> Steps[T]:
    """Run `work` with the secret as it is stored now, while no other process does the same.

    Where a refresh token serves once, two that use it at the same time void each other's. The
    one that comes second is given what the first one kept.

    Args:
        secret: As the account knows it, perhaps outdated.
        work: Takes the current secret, exchanges it and keeps the new one (`keep`).

    Raises:
        ConfigError: The secret lies where no new one can be kept; nothing was sent.
    """
    result: T = yield Lease(secret, work)
    return result


def fetch(request: Request, shape: type[T]) -> Steps[T]:
    """Send a request and validate the answer against `shape`.

    Raises:
        ContractError: The answer is not what the platform documents.
    """
    return parsed(request, (yield from send(request)), shape)


def parsed(request: Request, response: Response, shape: type[T]) -> T:
    """The answer to a request, validated; raises `ContractError` as `fetch` does."""
    try:
        found: T = _validated(response.body, adapter(shape))
    except ValidationError as error:
        raise ContractError(
            f"unexpected answer at {why(error)}",
            operation=request.operation,
            status=response.status,
        ) from None
    return found


def _validated(body: bytes, shape: TypeAdapter[Any]) -> Any:
    try:
        return shape.validate_json(body)
    except ValidationError:
        if (mended := readable(body)) is body:
            raise
    return shape.validate_json(mended)
