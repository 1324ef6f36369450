"""How Meta's Graph APIs refuse: by a code in the body; the HTTP status says little.

Meta's own words are never repeated: "Malformed access token ..." holds the token.
Source: https://developers.facebook.com/docs/graph-api/guides/error-handling and reference:
platforms.md, 2, 3 and 8 (Errors); codes from memory are marked there and can be overruled.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

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
)
from pelayanan.platforms._meta_usage import regain_s
from pelayanan.protocol.request import Response, classify_status

__all__ = ["Classify", "classifier", "described"]

Classify = Callable[[str, Response], PlatformError | None]

_PATIENCE_S = 300.0  # after "too many calls" without a time: Meta counts by the hour
_ADMIN = "administrator:"
_LOGIN = f"{_ADMIN} log in again and put the new token in place"
_LOOK_UP = f"{_ADMIN} look the code up in Meta's list, mend it, then approve the reply again"
_WINDOW = "officer: the window is closed; answer as soon as the citizen writes again"

# kind of refusal -> error, what is told, remedy (empty: that of the error's class)
_KINDS: dict[str, tuple[type[PlatformError], str, str]] = {
    "rate": (RateLimitError, "too many calls", ""),
    "quota": (QuotaError, "no more today", ""),
    "transient": (ServerError, "a passing fault", ""),
    "expired": (TokenExpiredError, "the token has expired", _LOGIN),
    "reauth": (ReauthRequiredError, "the token is not valid any more", _LOGIN),
    "permission": (AuthError, "a permission is missing", ""),
    "policy": (
        PolicyError,
        "blocked by the platform's rules",
        f"{_ADMIN} stop sending and look into the platform's support inbox",
    ),
    "account": (
        AccessTierError,
        "the account may not send until something is mended",
        f"{_ADMIN} look into WhatsApp Manager: payment method, registration and name of the number",
    ),
    "window": (PolicyError, "outside the time in which an answer is allowed", _WINDOW),
    "duplicate": (DuplicateError, "the platform has it already", ""),
    "gone": (NotFoundError, "gone, hidden or out of this token's sight", ""),
    "invalid": (RejectedError, "a parameter is wrong", ""),
    "unreachable": (
        PolicyError,
        "the platform does not deliver to this person",
        "officer: answer on another channel",
    ),
}

_KNOWN = {  # with a subcode after the point
    "rate": "4 17 32 341 613 80000 80001 80002 80003 80004 80005 80006 80007 80008 130429 131056",
    "quota": "9 9.2207042",
    "transient": "1 2 1200 131000 131016 131057 133004",
    "expired": "190.463",
    "reauth": "0 102 190",
    "permission": " ".join(["3", "10", *map(str, range(200, 300))]),
    "policy": "368 131048 4.2207051",
    "account": "131031 131037 131042 131045 133010",
    "window": "10.2018065 10.2018278 10.2534022 551.2018278 2018278 131047",
    "duplicate": "506 10900",
    "gone": "24 33 100.33 803",
    "invalid": "100 131008 131009 131051 132000 132001 132005 132007 132012 132015 132016",
    "unreachable": "10.2018108 200.1545041 551 131026 131049",
}
_CODES = {code: kind for kind, codes in _KNOWN.items() for code in codes.split()}
_WAITS_S = {"130429": 1.0, "131056": 6.0}  # messages a second; to the same person


class _Failure(BaseModel):
    code: int = -1
    error_subcode: int = 0
    is_transient: bool | None = None


class _Refusal(BaseModel):
    error: _Failure


def classifier(codes: Mapping[str, str] | None) -> Classify:
    """What judges answers of one account.

    Args:
        codes: Kinds for codes, ``{"613": "rate"}`` or with a subcode ``{"190.463": "expired"}``,
            where Meta's differ from those known here.

    Raises:
        ConfigError: There is no such kind.
    """
    for kind in (codes or {}).values():
        if kind not in _KINDS:
            raise ConfigError(f"codes: {kind!r} is none of {', '.join(sorted(_KINDS))}")
    table = {**_CODES, **(codes or {})}

    def classify(operation: str, response: Response) -> PlatformError | None:
        failure = _failure(response)
        if failure is None:
            return classify_status(operation, response)
        return _error(table, failure, operation, response)

    return classify


def described(code: int) -> tuple[str, str]:
    """What a code in a webhook means and what to do about it, in our own words."""
    if (kind := _CODES.get(str(code))) is None:
        return f"it was not delivered (code {code})", _LOOK_UP
    made, told, remedy = _KINDS[kind]
    return f"{told} (code {code})", remedy or made.remedy


def _failure(response: Response) -> _Failure | None:
    told = response.status < 300 and not response.body.lstrip()[:9].startswith(b'{"error"')
    if told:
        return None
    try:
        return _Refusal.model_validate_json(response.body).error
    except ValidationError:
        return None


def _error(
    table: Mapping[str, str], failure: _Failure, operation: str, response: Response
) -> PlatformError | None:
    code, full = str(failure.code), f"{failure.code}.{failure.error_subcode}"
    if b"LINK_LIMIT_EXCEEDED" in response.body:
        return RejectedError("too many links", operation=operation, status=response.status)
    kind = table.get(full) or table.get(code) or ("transient" if failure.is_transient else "")
    if not kind:
        error = classify_status(operation, response) or ServerError("", operation=operation)
        error.args = (f"HTTP {response.status}, unknown code {full}",)
        return error
    made, told, remedy = _KINDS[kind]
    wait: dict[str, Any] = {"retry_after": _wait_s(code, response)} if kind == "rate" else {}
    named = full if failure.error_subcode else code
    error = made(f"{told} (code {named})", operation=operation, status=response.status, **wait)
    if remedy:
        error.remedy = remedy
    return error


def _wait_s(code: str, response: Response) -> float:
    return regain_s(response.headers) or _WAITS_S.get(code, _PATIENCE_S)
