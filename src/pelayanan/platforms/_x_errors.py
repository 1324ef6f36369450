"""How X refuses: problems with a type, older codes, and 200 with nothing but errors.

X's own words are never repeated: they may hold names and ids of citizens.
Source: reference: platforms.md, 1 (Errors); https://docs.x.com/x-api/fundamentals/response-codes-and-errors.
Wordings and older codes are unverified and can be overruled.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from pydantic_core import from_json

from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    DuplicateError,
    NotFoundError,
    PlatformError,
    PolicyError,
    QuotaError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TokenExpiredError,
    TooLongError,
)
from pelayanan.protocol.request import Response, classify_status, retry_after

__all__ = ["UNINVITED", "Classify", "classifier", "classify_grant"]

Classify = Callable[[str, Response], PlatformError | None]

_ADMIN = "administrator:"
UNINVITED = (
    "officer: X lets an account answer only who named it or quoted it; ask in a post of your own, "
    "or answer in the app"
)
_ODD = (
    "officer: word it differently, or answer in the app; administrator: where X refuses all, look "
    "at the app's permissions"
)
_SAID = "officer: look whether the answer stands already; if not, word it differently"

# kind of refusal -> error, what is told, remedy (empty: that of the error's class)
_KINDS: dict[str, tuple[type[PlatformError], str, str]] = {
    "rate": (RateLimitError, "too many calls", ""),
    "quota": (
        QuotaError,
        "cap or credits are used up",
        f"{_ADMIN} buy credits or raise the cap in the developer console",
    ),
    "transient": (ServerError, "a passing fault", ""),
    "expired": (TokenExpiredError, "the token is not valid any more", ""),
    "reauth": (
        ReauthRequiredError,
        "the account is locked or the app was removed",
        f"{_ADMIN} log in at x.com, then allow the app again",
    ),
    "permission": (
        AuthError,
        "a permission is missing",
        f"{_ADMIN} give the app the scope (docs/platforms/x.md) and allow it again",
    ),
    "tier": (AccessTierError, "the app may not make this call", ""),
    "uninvited": (PolicyError, "X refuses answers to who did not name the account", UNINVITED),
    "unreachable": (
        PolicyError,
        "this person takes no direct messages from the account",
        "officer: answer in public, and ask the citizen to write first",
    ),
    "closed": (
        PolicyError,
        "the author takes no answers from the account",
        "officer: answer in a post of your own, or in private",
    ),
    "policy": (PolicyError, "X takes no such text, or none to this person", _ODD),
    "duplicate": (DuplicateError, "X has this text already", _SAID),
    "long": (TooLongError, "the text is too long", ""),
    "gone": (NotFoundError, "gone, hidden or out of this account's sight", ""),
    "invalid": (RejectedError, "a parameter is wrong", ""),
}
_KNOWN = {
    "rate": "88 rate-limit-exceeded",
    "quota": "usage-capped credits-depleted",
    "transient": "130 131 internal-error service-unavailable",
    "expired": "89",
    "reauth": "64 326",
    "permission": "32 99 135 215 261 client-forbidden not-authorized-for-resource "
    "unsupported-authentication oauth1-permissions",
    "tier": "453 client-not-enrolled",
    "unreachable": "349",
    "closed": "136 433",
    "policy": "226 disallowed-resource",
    "duplicate": "187",
    "long": "186",
    "gone": "17 34 50 63 144 179 385 resource-not-found resource-unavailable",
    "invalid": "invalid-request invalid-rules",
}
_NAMED = {name: kind for kind, names in _KNOWN.items() for name in names.split()}
_WORDINGS = {  # seen in the wild, in lower case
    "where you are mentioned or are the author": "uninvited",
    "not been mentioned or otherwise engaged": "uninvited",
    "restricted who can reply": "closed",
    "deleted or not visible": "gone",
    "text is too long": "long",
    "duplicate content": "duplicate",
    "cannot send messages to this user": "unreachable",
    "permission to dm one or more": "unreachable",
    "credits": "quota",
}
_DAY = ("x-user-limit-24hour", "x-app-limit-24hour")
_WRITES = frozenset({"x.reply", "x.publish"})
_BARE = frozenset({"", "forbidden", "you are not permitted to perform this action"})


def classifier(codes: Mapping[str, str] | None) -> Classify:
    """What judges answers of one account.

    Args:
        codes: Kinds for older codes (``{"187": "duplicate"}``), for problems by the end of their
            type (``{"client-forbidden": "tier"}``), or for words that stand in a refusal.

    Raises:
        ConfigError: There is no such kind.
    """
    for kind in (codes or {}).values():
        if kind not in _KINDS:
            raise ConfigError(f"codes: {kind!r} is none of {', '.join(sorted(_KINDS))}")
    given = {name.casefold(): kind for name, kind in (codes or {}).items()}
    table = {**_NAMED, **given}
    wordings = {**_WORDINGS, **{name: kind for name, kind in given.items() if " " in name}}

    def classify(operation: str, response: Response) -> PlatformError | None:
        if response.status < 300 and not _empty_handed(response.body):
            return None
        found = list(_problems(response.body))
        kind = _kind(found, table, wordings, response.status) or _otherwise(
            operation, found, response.status
        )
        if not kind and response.status >= 300:
            return classify_status(operation, response)
        if not kind:  # a success that brings nothing: nobody knows what became of the call
            return ServerError("an unknown problem", operation=operation, status=response.status)
        return _error(kind, _name(found), operation, response)

    return classify


def classify_grant(operation: str, response: Response) -> PlatformError | None:
    """The same for the token endpoint: whatever it refuses, a person has to allow the app again."""
    error = classify_status(operation, response)
    if error is None or response.status not in {400, 401, 403}:
        return error
    lapsed = ReauthRequiredError(
        "the refresh token is used up or was taken back",
        operation=operation,
        status=response.status,
    )
    lapsed.remedy = f"{_ADMIN} allow the app again and put its answer in place of the token"
    return lapsed


def _empty_handed(body: bytes) -> bool:
    """Whether a success is none: errors, and nothing beside them."""
    if b'"errors"' not in body:
        return False
    told = _read(body)
    return bool(told.get("errors")) and told.get("data") is None and "meta" not in told


def _kind(
    found: list[dict[str, Any]], table: Mapping[str, str], wordings: Mapping[str, str], status: int
) -> str:
    words = " ".join(
        str(one.get(name, "")) for one in found for name in ("detail", "message")
    ).casefold()
    for part, kind in wordings.items():
        if part in words and (kind != "quota" or status in {402, 403, 429}):
            return kind
    for one in found:
        for name in _names(one):
            if name in table:
                return table[name]
    return ""


def _otherwise(operation: str, found: list[dict[str, Any]], status: int) -> str:
    """What no name tells. A missing permission holds up all answers: a text or a person do not."""
    words = {str(one.get("detail", "")).casefold().strip(" .") for one in found}
    if status == 403 and operation in _WRITES and words - _BARE:
        return "policy"
    return {401: "expired", 402: "quota", 403: "permission", 429: "rate"}.get(status, "")


def _names(problem: Mapping[str, Any]) -> Iterator[str]:
    """What a problem is called, the most telling first."""
    yield str(problem.get("reason", "")).casefold()
    yield str(problem.get("type", "")).rstrip("/").rpartition("/")[2].casefold()
    yield str(problem.get("code", ""))


def _name(found: list[dict[str, Any]]) -> str:
    """A name that may be shown: only those known here are."""
    names = (name for one in found for name in _names(one))
    return next((name for name in names if name in _NAMED), "")


def _error(kind: str, name: str, operation: str, response: Response) -> PlatformError:
    made, told, remedy = _KINDS[kind]
    wait = _wait(operation, response) if kind == "rate" else None
    message = f"{told} ({name})" if name else told
    error = made(message, operation=operation, status=response.status, retry_after=wait)
    if remedy:
        error.remedy = remedy
    return error


def _wait(operation: str, response: Response) -> float | None:
    """Seconds until the budget is full again: of a quarter of an hour, or of the day."""
    refused, headers = classify_status(operation, response), response.headers
    spent = [whose for whose in _DAY if headers.get(f"{whose}-remaining", "").strip() == "0"]
    waits = [retry_after(headers, f"{whose}-reset") for whose in spent]
    waits.append(refused.retry_after if refused else None)
    return max((wait for wait in waits if wait is not None), default=None)


def _problems(body: bytes) -> Iterator[dict[str, Any]]:
    told = _read(body)
    listed: Any = told.get("errors")
    for one in listed if isinstance(listed, list) else ():  # pyright: ignore[reportUnknownVariableType]  any JSON
        if isinstance(one, dict):
            yield cast("dict[str, Any]", one)
    yield told


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = from_json(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}
