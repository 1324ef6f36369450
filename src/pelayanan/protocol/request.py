"""HTTP calls and answers as plain values, and how a refusal becomes an error."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import BinaryIO, Literal

from pelayanan.errors import (
    AuthError,
    NotFoundError,
    PlatformError,
    RateLimitError,
    RejectedError,
    ServerError,
)
from pelayanan.protocol.throttle import Throttle

__all__ = ["Request", "Response", "Upload", "budget_wait", "classify_status", "retry_after"]

_ERRORS: dict[int, type[PlatformError]] = {
    401: AuthError,
    403: AuthError,
    404: NotFoundError,
    410: NotFoundError,
    429: RateLimitError,
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send. It is opened once per attempt, so a retry never sends half a file."""

    field: str
    filename: str
    media_type: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)


def retry_after(headers: Mapping[str, str], *names: str) -> float | None:
    """Read a wait from the first header of `names` that is there.

    Seconds, a Unix time, an HTTP date and an ISO 8601 time are understood. A time is compared
    with the answer's own `Date`, so a wrong local clock does no harm.

    Returns:
        Seconds, never negative, or ``None`` if there is no such header or it is unreadable.

    Source:
        RFC 9110, 10.2.3 (`Retry-After`).
    """
    value = next((headers[name].strip() for name in names if name in headers), "")
    plain = value.isascii() and value.isdecimal()
    if plain and len(value) < 10:
        return float(value)
    try:
        until = datetime.fromtimestamp(int(value), UTC) if plain else _date(value)
        return max(0.0, (until - parsedate_to_datetime(headers["date"])).total_seconds())
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_LEFT = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")


def budget_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the next call is welcome, ``None`` unless this answer used up the budget."""
    spent = any(headers.get(name, "").strip() == "0" for name in _LEFT)
    return retry_after(headers, *_RESETS) if spent else None


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def classify_status(operation: str, response: Response) -> PlatformError | None:
    """Map an HTTP status to an error, or ``None`` if the answer is usable."""
    status = response.status
    if status < 300 or status == 304:
        return None
    # elsewhere than in a 429 a reset tells only when the budget is full again
    names = ("retry-after", *_RESETS) if status == 429 else ("retry-after",)
    kind = _ERRORS.get(status, ServerError if status >= 500 else RejectedError)
    moved = ": it moved, correct the address" if status < 400 else ""
    wait = retry_after(response.headers, *names)
    return kind(f"HTTP {status}{moved}", operation=operation, status=status, retry_after=wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP call, described.

    Attributes:
        operation: Label for logs and errors, ``"<platform>.<verb>"``.
        repeatable: Whether sending it twice is harmless. Only then is it sent again after a
            5xx or a lost connection: nobody may get the same public answer twice.
        body: Opens the raw body where it is neither JSON nor a form; afresh for each attempt.
        cost: Estimate in US dollars where the platform takes money for the call.
        charge: The same where it depends on how much the answer brings.
        classify: Turns a refusal into an error; platforms that answer 200 or 400 for
            "slow down" or "log in again" bring their own.
    """

    operation: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: str = field(repr=False)
    params: Mapping[str, str | int | Sequence[str]] = field(
        default_factory=dict[str, str | int | Sequence[str]], repr=False
    )
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    json: object = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    uploads: Sequence[Upload] = field(default=(), repr=False)
    body: Callable[[], BinaryIO] | None = field(default=None, repr=False)
    cost: Decimal | None = None
    charge: Callable[[Response], Decimal] | None = field(default=None, repr=False, compare=False)
    repeatable: bool = field(default=False, repr=False)
    throttle: Throttle | None = field(default=None, repr=False, compare=False)
    classify: Callable[[str, Response], PlatformError | None] = field(
        default=classify_status, repr=False, compare=False
    )
