"""Tokens of X: an access token lives two hours, and each refresh token serves once.

What is kept in the vault is JSON with both and their end. What the token endpoint answered is taken
as it came; a bare access token too, which then ends after two hours.
Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code; that refresh
tokens serve once is unverified, and keeping each new one is right either way.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ValidationError

from pelayanan.errors import ReauthRequiredError
from pelayanan.models import Finding, Secret
from pelayanan.platforms._x_errors import classify_grant
from pelayanan.protocol.flow import Steps, fetch, keep, renewing
from pelayanan.protocol.request import Request
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["SCOPES", "Tokens"]

SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write")
_DM_SCOPES = ("dm.read", "dm.write")
_EARLY = timedelta(seconds=60)  # a token that ends on the way is no good
_KEEPS = ("file:", "keyring:")
_PLACE = (
    'Administrator: simpan jawaban token dari X (JSON) di "file:..." atau "keyring:..."; token '
    "akses berakhir setelah dua jam dan hanya dari sana dapat diperbarui oleh program."
)


class _Answer(BaseModel):
    access_token: str
    refresh_token: str = ""
    expires_in: int = 7200
    scope: str = ""


class _Stored(BaseModel):
    access_token: str
    refresh_token: str = ""
    expires: AwareDatetime | None = None
    scope: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires: datetime | None = None
    scope: str = ""

    @classmethod
    def opened(cls, secret: Secret) -> "_Token":
        text = secret.get_secret_value().strip()
        try:
            found = _Stored.model_validate_json(text)
        except ValidationError:
            return cls(text)
        return cls(found.access_token, found.refresh_token, found.expires, found.scope)

    def closed(self) -> str:
        stored = _Stored(
            access_token=self.access,
            refresh_token=self.refresh,
            expires=self.expires,
            scope=self.scope,
        )
        return stored.model_dump_json(exclude_defaults=True)


class Tokens:
    """Keeps the token of one account alive.

    Args:
        secret: As the account was given it.
        client_id: Of the app, for refreshing.
        client_secret: Where the app is a confidential client.
        url: Of the token endpoint.
    """

    def __init__(
        self,
        secret: Secret,
        client_id: str,
        client_secret: Secret | None,
        url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._secret = secret
        self._client_id = client_id
        self._client_secret = client_secret
        self._url = url
        self._clock = clock
        self._throttle = Throttle(50, 900.0, name=budget(url, client_id))
        self._token = _Token.opened(secret)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the token may do; empty where that was not told."""
        return tuple(self._token.scope.split())

    def current(self) -> Steps[str]:
        """The token to use; renewed first where it is known to have ended."""
        if self._can_renew() and self._is_due(self._token):
            return (yield from self.after(self._token.access))
        return self._token.access

    def after(self, stale: str) -> Steps[str]:
        """The token to use once `stale` was refused.

        Raises:
            ReauthRequiredError: It cannot be renewed: a person has to allow the app again.
        """
        if self._token.access != stale:  # another flow was first
            return self._token.access
        if not self._can_renew():
            error = ReauthRequiredError("the token has ended", operation="x.token", status=401)
            error.remedy = (
                "administrator: give client_id, and keep the token endpoint's answer with its "
                "refresh_token in file: or keyring:"
            )
            raise error
        yield from renewing(self._secret, lambda stored: self._exchanged(stored, stale))
        return self._token.access

    def renew(self) -> Steps[None]:
        """Renew the token now: durable in the vault before it is used."""
        yield from self.after(self._token.access)

    def findings(self, *, direct_messages: bool) -> list[Finding]:
        """How long the token holds, whether it can be renewed, and what it may do."""
        token, source = self._token, self._secret.source
        if not self._can_renew() or (source and not source.startswith(_KEEPS)):
            return [Finding(name="token", ok=False, detail="berakhir dalam 2 jam", remedy=_PLACE)]
        minutes = (token.expires - self._clock()).total_seconds() / 60 if token.expires else None
        told = "masa berlaku belum diketahui" if minutes is None else f"{minutes:.0f} menit lagi"
        found = [Finding(name="token", ok=True, detail=f"{told}; diperbarui sendiri")]
        if self.scopes:
            needed = SCOPES + (_DM_SCOPES if direct_messages else ())
            missing = [one for one in needed if one not in self.scopes]
            remedy = "Administrator: beri izin itu kepada aplikasi dan masuk lagi."
            detail = f"kurang: {' '.join(missing)}" if missing else " ".join(self.scopes)
            ok = not missing
            found.append(Finding(name="scopes", ok=ok, detail=detail, remedy="" if ok else remedy))
        return found

    def _can_renew(self) -> bool:
        return bool(self._token.refresh and self._client_id)

    def _is_due(self, token: _Token) -> bool:
        return token.expires is not None and token.expires - _EARLY <= self._clock()

    def _exchanged(self, stored: Secret, stale: str) -> Steps[None]:
        """Exchange what is stored by now: another process may have been first."""
        newest = _Token.opened(stored)
        if self._token.access != stale:
            return
        if newest.access != stale and not self._is_due(newest):
            self._use(newest, stored)
            return
        # a full disk must be known before the old one is used up
        stored = yield from keep(stored, stored.get_secret_value())
        refresh = newest.refresh or self._token.refresh
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        call = Request(
            operation="x.token",
            method="POST",
            url=self._url,
            form={**form, "client_id": self._client_id},
            headers=self._basic(),
            throttle=self._throttle,
            classify=classify_grant,
        )
        answer = yield from fetch(call, _Answer)
        expires = self._clock().astimezone(UTC) + timedelta(seconds=answer.expires_in)
        scope = answer.scope or newest.scope
        fresh = _Token(answer.access_token, answer.refresh_token or refresh, expires, scope)
        kept = yield from keep(stored, fresh.closed())
        self._use(fresh, kept)

    def _use(self, token: _Token, secret: Secret) -> None:
        self._token, self._secret = token, secret

    def _basic(self) -> dict[str, str]:
        if self._client_secret is None:
            return {}
        pair = f"{quote(self._client_id)}:{quote(self._client_secret.get_secret_value())}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
