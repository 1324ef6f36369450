"""Webhooks as all platforms of Meta send them: handshake, signature, age.

Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started and reference:
platforms.md, 2 (Webhooks). Meta signs what it sends, non-ASCII escaped: the bytes are what counts.
"""

import hmac
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import from_json

from pelayanan.errors import AuthError, ConfigError
from pelayanan.models import Secret
from pelayanan.platforms._meta_read import Instant

__all__ = ["Webhook", "WebhookAccount", "signature"]

_HEADER = "x-hub-signature-256"
_TIMES = frozenset({"time", "timestamp"})
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_REMEDY = "administrator: compare app_secret with the app's settings; anybody can call this address"


def signature(app_secret: str, body: bytes) -> str:
    """The header that Meta puts beside a body."""
    return f"sha256={hmac.new(app_secret.encode(), body, sha256).hexdigest()}"


class Webhook:
    """One account's address for webhooks.

    Args:
        operation: For errors, ``"whatsapp.webhook"``.
        app_secret: Of the app that sends; without it nothing can be verified.
        verify_token: The word that was agreed upon when the address was registered.
        oldest_days: How old a body may be. Meta repeats a delivery for up to 7 days; one that is
            older is somebody else's repetition, and may hold what citizens had deleted since.
    """

    def __init__(
        self,
        operation: str,
        app_secret: Secret | None,
        verify_token: Secret | None,
        oldest_days: float,
    ) -> None:
        self._operation = operation
        self._app_secret = app_secret
        self._verify_token = verify_token
        self._oldest = timedelta(days=oldest_days)

    def handshake(self, params: Mapping[str, str]) -> str | None:
        """The challenge to send back, ``None`` where the request is none of Meta's for us."""
        wanted = self._verify_token.get_secret_value() if self._verify_token else ""
        given = params.get("hub.verify_token", "")
        known = bool(wanted) and hmac.compare_digest(
            wanted.encode(), given.encode(errors="replace")
        )
        asked = params.get("hub.mode") == "subscribe" and params.get("hub.challenge")
        return params["hub.challenge"] if known and asked else None

    def verify(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Make sure that Meta sent these bytes, not too long ago.

        Raises:
            AuthError: It did not, or nobody can tell.
            ConfigError: The account has no `app_secret`.
        """
        if self._app_secret is None:
            raise ConfigError(f"{self._operation}: app_secret is missing, so anybody could write")
        given = [value for name, value in headers.items() if name.lower() == _HEADER]
        wanted = signature(self._app_secret.get_secret_value(), body)
        if len(given) != 1 or not hmac.compare_digest(
            given[0].strip().encode(errors="replace"), wanted.encode()
        ):
            raise self._refused("the signature is missing or wrong")
        newest = max(_times(body), default=None)
        if newest is not None and newest < now - self._oldest:
            raise self._refused("it is too old: somebody repeats it")

    def _refused(self, why: str) -> AuthError:
        error = AuthError(why, operation=self._operation)
        error.remedy = _REMEDY
        return error


def _times(body: bytes) -> Iterator[datetime]:
    """Every time stamp in a body, in seconds or milliseconds of Unix."""
    try:
        waiting: list[JsonValue] = [from_json(body)]
    except ValueError:
        return
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += found
        elif isinstance(found, dict):
            for name, value in found.items():
                if name in _TIMES:
                    with suppress(ValidationError):
                        yield _INSTANT.validate_python(value)
                elif isinstance(value, (dict, list)):
                    waiting.append(value)


class WebhookAccount:
    """What an account of Meta does with webhooks besides reading them."""

    _webhook: Webhook

    def handshake(self, params: Mapping[str, str]) -> str | None:
        """The text to answer Meta's question with; ``None`` where it is not Meta's for us."""
        return self._webhook.handshake(params)

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
        """Raise `AuthError` unless Meta sent these bytes, and not too long ago."""
        self._webhook.verify(body, headers, now)
