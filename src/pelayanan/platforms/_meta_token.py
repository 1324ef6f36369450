"""Tokens that live 60 days and can be renewed by the program while they do (Instagram, Threads).

Renewable when at least 24 hours old and not expired. What is kept in the vault is JSON with the
token and its times; a bare token, as a person put it there, is taken too.
Source: https://developers.facebook.com/docs/threads/get-started/long-lived-tokens and
.../instagram-platform/reference/refresh_access_token.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ValidationError

from pelayanan.errors import ConfigError, PlatformError
from pelayanan.models import Finding, Secret
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_check import LOGIN_AGAIN, days_finding
from pelayanan.protocol.flow import Steps, keep, renewing

__all__ = ["Tokens"]

_YOUNG = timedelta(hours=24)
_PATIENCE = timedelta(hours=1)
_KEEPS = ("file:", "keyring:")
_PLACE = (
    'Administrator: simpan token di "file:..." atau "keyring:..."; yang lain tidak dapat '
    "diperbarui oleh program, dan berakhir setelah 60 hari."
)


class _Answer(BaseModel):
    access_token: str
    expires_in: int = 60 * 86_400


class _Stored(BaseModel):
    access_token: str
    issued: AwareDatetime | None = None
    expires: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    issued: datetime | None = None
    expires: datetime | None = None

    @classmethod
    def opened(cls, secret: Secret) -> "_Token":
        text = secret.get_secret_value().strip()
        try:
            found = _Stored.model_validate_json(text)
        except ValidationError:
            return cls(text)
        return cls(found.access_token, found.issued, found.expires)

    def closed(self) -> str:
        times = {"issued": self.issued, "expires": self.expires}
        told = {name: at.isoformat() for name, at in times.items() if at}
        return json.dumps({"access_token": self.value, **told})


class Tokens:
    """Keeps the token of one account alive.

    Args:
        graph: Of the calls that use it.
        secret: As the account was given it.
        grant: The name of the grant; empty where the token cannot be renewed.
        base: The host.
        renew_days: How many days before its end a token is renewed.
    """

    def __init__(
        self,
        graph: Graph,
        secret: Secret,
        *,
        grant: str,
        base: str,
        clock: Callable[[], datetime],
        renew_days: float,
    ) -> None:
        self._graph = graph
        self._secret = secret
        self._grant = grant
        self._base = base
        self._clock = clock
        self._renew = timedelta(days=renew_days)
        self._again: datetime | None = None  # when to try after a refusal: processes live long
        self._use(_Token.opened(secret))

    def ready(self) -> Steps[None]:
        """Renew the token if it is time, before a call uses it; what fails is told by `check`."""
        if not self._grant or not self._secret.source.startswith(_KEEPS):
            return
        if not self._due(self._token) or (self._again and self._clock() < self._again):
            return
        try:
            yield from self.renew()
        except (PlatformError, ConfigError):  # too young, or nothing can be kept: it still holds
            self._again = self._clock() + _PATIENCE

    def renew(self) -> Steps[None]:
        """Renew the token now, unless another process did; durable before it is used."""
        self._secret = yield from renewing(self._secret, self._exchange)

    def findings(self) -> list[Finding]:
        """How long the token holds, and whether the program can renew it."""
        now, expires = self._clock(), self._token.expires
        source = self._secret.source
        if source and not source.startswith(_KEEPS):
            return [Finding(name="token", ok=False, detail="disimpan di env", remedy=_PLACE)]
        if expires is None:
            remedy = "" if source else _PLACE
            detail = "masuk; masa berlaku belum diketahui"
            return [Finding(name="token", ok=True, detail=detail, remedy=remedy)]
        return [days_finding("token", int(expires.timestamp()), now, LOGIN_AGAIN)]

    def merged(self, asked: Sequence[Finding]) -> list[Finding]:
        """The same, with what the platform told; a place that keeps nothing stays a fault."""
        mine = self.findings()
        told = [one for one in asked if one.name == "token"]
        sure = [one for one in mine if not one.ok or self._token.expires] or told or mine
        return [*sure, *(one for one in asked if one.name != "token")]

    def _exchange(self, stored: Secret) -> Steps[Secret]:
        current = _Token.opened(stored)
        if not self._due(current):  # another process was first
            self._use(current)
            return stored
        self._use(current)
        params = {"grant_type": self._grant, "access_token": current.value}
        answer = yield from self._graph.fetch(
            "renew", "refresh_access_token", _Answer, base=self._base, params=params
        )
        now = self._clock().astimezone(UTC)
        expires = now + timedelta(seconds=answer.expires_in)
        fresh = _Token(answer.access_token, now, expires)
        kept = yield from keep(stored, fresh.closed())
        self._use(fresh)
        return kept

    def _use(self, token: _Token) -> None:
        self._token = token
        self._graph.token = Secret(token.value)

    def _due(self, token: _Token) -> bool:
        now = self._clock()
        if token.issued is not None and now - token.issued < _YOUNG:
            return False
        return token.expires is None or token.expires - now <= self._renew
