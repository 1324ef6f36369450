"""What Google's APIs have in common: access tokens, refusals, calls in the name of an account.

Token flows: https://developers.google.com/identity/protocols/oauth2 (web server, service account).
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, SecretStr, ValidationError

from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    NotFoundError,
    PlatformError,
    QuotaError,
    RateLimitError,
    ReauthRequiredError,
    ServerError,
    TokenExpiredError,
)
from pelayanan.models import as_secret
from pelayanan.protocol.flow import Steps, fetch, send
from pelayanan.protocol.request import Request, Response, classify_status
from pelayanan.protocol.throttle import Throttle

__all__ = [
    "EVERYWHERE",
    "TOKEN_URL",
    "Google",
    "Grant",
    "Token",
    "base_of",
    "by_refresh_token",
    "by_service_account",
    "classify",
]

T = TypeVar("T")
Grant = Callable[[datetime], Mapping[str, str]]
"""Makes the form that is exchanged for an access token."""

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105  an address
EVERYWHERE = (TokenExpiredError, ReauthRequiredError)  # not the trouble of one thread or office
_EARLY = timedelta(seconds=60)  # a token that ends on the way is no good
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PACIFIC = ZoneInfo("America/Los_Angeles")  # daily quotas begin anew at its midnight

_REASONS: dict[str, type[PlatformError]] = {
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": AuthError,
    "RESOURCE_EXHAUSTED": RateLimitError,
    "SERVICE_DISABLED": AccessTierError,
    "accessNotConfigured": AccessTierError,
    "backendError": ServerError,
    "dailyLimitExceeded": QuotaError,
    "insufficientPermissions": AuthError,
    "notFound": NotFoundError,
    "quotaExceeded": QuotaError,
    "rateLimitExceeded": RateLimitError,
    "userRateLimitExceeded": RateLimitError,
}


class Token(BaseModel):
    """What the token endpoint answers.

    Attributes:
        refresh_token_expires_in: Seconds; told only where the consent does not last.
    """

    access_token: SecretStr
    expires_in: int = 3600
    scope: str = ""
    refresh_token_expires_in: int | None = None


class _Refusal(BaseModel):
    error: str = ""


class _Part(BaseModel):
    reason: str = ""
    metadata: dict[str, Any] | None = None


class _Error(BaseModel):
    status: str = ""
    errors: list[_Part] | None = None
    details: list[_Part] | None = None


class _Failure(BaseModel):
    error: _Error


class _ServiceAccount(BaseModel):
    client_email: str
    private_key: SecretStr
    private_key_id: str = ""


class LapsedConsentError(ReauthRequiredError):
    """Google no longer takes the refresh token or the key."""

    remedy = (
        "administrator: log in again for a new refresh token (a consent screen in Testing gives "
        "them for 7 days only: publish it), or make a new key; and check this machine's clock"
    )


def base_of(url: str, name: str = "base_url") -> str:
    """An address that tokens may be sent to; raises `ConfigError` for others."""
    if not (url.startswith("https://") or urlsplit(url).hostname in _LOOPBACK):
        raise ConfigError(f"{name} must start with https://")
    return url.rstrip("/")


def by_refresh_token(
    client_id: str, client_secret: str | SecretStr, refresh_token: str | SecretStr
) -> Grant:
    """Access tokens for a person who gave consent once.

    Raises:
        ConfigError: One of the three is missing.
    """
    secret, refresh = as_secret(client_secret), as_secret(refresh_token)
    if not (client_id and secret.get_secret_value() and refresh.get_secret_value()):
        raise ConfigError("give client_id, client_secret and refresh_token, all three")

    def form(_: datetime) -> Mapping[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": secret.get_secret_value(),
            "refresh_token": refresh.get_secret_value(),
        }

    return form


def by_service_account(
    key: str | SecretStr, scope: str, audience: str, seconds: int = 3600
) -> Grant:
    """Access tokens for a service account: a claim of its own, signed with its key (RFC 7523).

    Args:
        key: The JSON file that Google gave, as text.
        scope: What the token is for.
        audience: The token endpoint.
        seconds: How long the claim holds, at most 3,600.

    Raises:
        ConfigError: It is no such file.
    """
    try:
        account = _ServiceAccount.model_validate_json(as_secret(key).get_secret_value())
    except ValidationError:
        raise ConfigError(
            "service_account must be the JSON key file of a service account"
        ) from None
    header = {"alg": "RS256", "typ": "JWT", "kid": account.private_key_id}

    def form(now: datetime) -> Mapping[str, str]:
        at = int(now.timestamp())
        claim = {"iss": account.client_email, "scope": scope, "aud": audience}
        signed = _signed(header, {**claim, "iat": at, "exp": at + seconds}, account.private_key)
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}

    return form


def _signed(header: Mapping[str, Any], claim: Mapping[str, Any], key: SecretStr) -> str:
    """A JSON Web Token, RS256 (RFC 7515, RFC 7518 section 3.3)."""
    try:
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415  same
    except ImportError:
        raise ConfigError("service accounts sign: pip install 'pelayanan[sign]'") from None
    text = b".".join(_base64url(json.dumps(part).encode()) for part in (header, claim))
    try:
        opened = serialization.load_pem_private_key(key.get_secret_value().encode(), None)
    except (ValueError, TypeError):
        opened = None
    if not isinstance(opened, rsa.RSAPrivateKey):
        raise ConfigError("the private_key of the service account is no RSA key") from None
    signature = opened.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return b".".join((text, _base64url(signature))).decode()


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


@dataclass(frozen=True, slots=True)
class _Known:
    token: Token
    until: datetime


class Google:
    """Calls of one account, each with a token that still holds.

    Args:
        name: Of the platform, for operations.
        grant: How a token is got.
        token_url: Where.
        clock: The present; aware.
        throttle: Of all its calls.
        reasons: Further refusals by their reason.
    """

    def __init__(
        self,
        name: str,
        grant: Grant,
        *,
        token_url: str,
        clock: Callable[[], datetime],
        throttle: Throttle,
        reasons: Mapping[str, type[PlatformError]] | None = None,
    ) -> None:
        self._name = name
        self._grant = grant
        self._token_url = base_of(token_url, "token_url")
        self._clock = clock
        self._throttle = throttle
        self._classify = partial(classify, reasons=reasons or {})
        self._known: _Known | None = None  # several threads may renew it: no token is voided by it

    def request(self, verb: str, url: str, **rest: Any) -> Request:
        """Describe a call; reads may be repeated, writes only where `rest` says so."""
        is_read = rest.get("method", "GET") == "GET"
        fields: dict[str, Any] = {"repeatable": is_read, "throttle": self._throttle} | rest
        return Request(
            operation=f"{self._name}.{verb}",
            url=url,
            classify=self._classify,
            **fields,
        )

    def fetch(self, call: Request, shape: type[T]) -> Steps[T]:
        """Make a call as the account and validate the answer."""
        return (yield from self._as_account(call, lambda ready: fetch(ready, shape)))

    def send(self, call: Request) -> Steps[Response]:
        """Make a call as the account."""
        return (yield from self._as_account(call, send))

    def token(self, stale: Token | None = None) -> Steps[Token]:
        """The token as it stands; a new one where there is none, or only the stale one."""
        now = self._clock()
        if self._known and self._known.token is not stale and now < self._known.until:
            return self._known.token
        call = Request(
            operation=f"{self._name}.token",
            method="POST",
            url=self._token_url,
            form=self._grant(now),
            repeatable=True,
            classify=_classify_grant,
        )
        token = yield from fetch(call, Token)
        self._known = _Known(token, now + timedelta(seconds=token.expires_in) - _EARLY)
        return token

    def _as_account(self, call: Request, do: Callable[[Request], Steps[T]]) -> Steps[T]:
        token = yield from self.token()
        try:
            return (yield from do(_bearing(call, token)))
        except TokenExpiredError:  # once: a second one goes to the caller
            token = yield from self.token(token)
        return (yield from do(_bearing(call, token)))


def _bearing(call: Request, token: Token) -> Request:
    given = token.access_token.get_secret_value()
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {given}"})


def _classify_grant(operation: str, response: Response) -> PlatformError | None:
    error = classify_status(operation, response)
    if error is None or response.status not in {400, 401, 403}:
        return error
    try:
        name = _Refusal.model_validate_json(response.body).error[:60]
    except ValidationError:
        name = "refused"
    return LapsedConsentError(name, operation=operation, status=response.status)


def classify(
    operation: str,
    response: Response,
    *,
    reasons: Mapping[str, type[PlatformError]],
) -> PlatformError | None:
    """Map a refusal by the reason that Google names."""
    error = classify_status(operation, response)
    if error is None or response.status < 400:
        return error
    try:
        told = _Failure.model_validate_json(response.body).error
    except ValidationError:
        told = _Error()
    parts = [*(told.errors or ()), *(told.details or ())]
    names = [*(part.reason for part in parts if part.reason), told.status]
    known = {**_REASONS, **reasons}
    name = next((each for each in names if each in known), "")
    kind = known.get(name, type(error))
    if response.status == 401 and kind in {AuthError, type(error)}:
        kind = TokenExpiredError
    if issubclass(kind, RateLimitError) and any(_is_nothing(part) for part in parts):
        kind, name = AccessTierError, "the quota of this project is 0"
    said = f"HTTP {response.status}: {name or next(iter(names), '')}".rstrip(": ")
    wait = _until_reset(response) if kind is QuotaError else error.retry_after
    return kind(said[:120], operation=operation, status=response.status, retry_after=wait)


def _is_nothing(part: _Part) -> bool:
    return str((part.metadata or {}).get("quota_limit_value")) == "0"


def _until_reset(response: Response) -> float | None:
    """Seconds until the next midnight in California, by Google's own clock."""
    try:
        now = parsedate_to_datetime(response.headers["date"]).astimezone(_PACIFIC)
    except (KeyError, TypeError, ValueError):
        return None
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp() - now.timestamp()
