"""TikTok's tokens: access for a day, refresh for a year, and each exchange gives a new pair.

What is kept in the vault is JSON: as TikTok answered when the account was connected, later with the
times beside. A bare access token is taken too and never renewed.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import AwareDatetime, BaseModel, SecretStr, ValidationError

from pelayanan.errors import ReauthRequiredError, TokenExpiredError
from pelayanan.models import Finding, Secret
from pelayanan.protocol.flow import Steps, fetch, keep, renewing
from pelayanan.protocol.request import Request

__all__ = ["App", "Tokens"]

_DAY_S = 86_400
_YEAR_S = 31_536_000
_EARLY = timedelta(hours=1)  # before its end a token is renewed
_SOON = timedelta(days=30)  # before the end of the refresh token `check` says so
_KEEPS = ("file:", "keyring:")
_PLACE = (
    'Administrator: simpan jawaban token TikTok di "file:..." atau "keyring:..."; token akses '
    "berakhir setelah 24 jam dan hanya di sana dapat diperbarui oleh program."
)
_LOGIN = "Administrator: hubungkan akun lagi di portal TikTok for Business dan simpan jawabannya."


class _Pair(BaseModel):
    access_token: SecretStr
    refresh_token: SecretStr | None = None
    expires_in: int = _DAY_S
    refresh_token_expires_in: int = _YEAR_S
    expires: AwareDatetime | None = None
    refresh_expires: AwareDatetime | None = None

    @classmethod
    def opened(cls, secret: Secret) -> "_Pair":
        text = secret.get_secret_value().strip()
        for shape in (cls, _Answer):  # as it is kept, or as TikTok's answer came
            with suppress(ValidationError):
                found = shape.model_validate_json(text)
                return found.data if isinstance(found, _Answer) else found
        return cls(access_token=SecretStr(text))

    def dated(self, now: datetime) -> "_Pair":
        return self.model_copy(
            update={
                "expires": now + timedelta(seconds=self.expires_in),
                "refresh_expires": now + timedelta(seconds=self.refresh_token_expires_in),
            }
        )

    def closed(self) -> str:
        told = self.model_dump(mode="json", exclude_none=True)
        told |= {"access_token": self.access_token.get_secret_value()}
        if self.refresh_token is not None:
            told |= {"refresh_token": self.refresh_token.get_secret_value()}
        return json.dumps(told)


class _Answer(BaseModel):
    data: _Pair


@dataclass(frozen=True, slots=True)
class App:
    """The app that the account was connected by."""

    client_id: str
    client_secret: Secret


class Tokens:
    """Keeps the access token of one account alive.

    Args:
        secret: As the account was given it.
        app: Without it nothing can be renewed.
        request: Makes the call that exchanges a pair, from its body.
    """

    def __init__(
        self,
        secret: Secret,
        app: App | None,
        request: Callable[[dict[str, str]], Request],
        clock: Callable[[], datetime],
    ) -> None:
        self._secret = secret
        self._app = app
        self._request = request
        self._clock = clock
        self._pair = _Pair.opened(secret)

    def ready(self) -> Steps[str]:
        """The access token, renewed before where it is time; durable before it is used.

        Raises:
            ConfigError: The new one could not be kept; nothing was sent.
        """
        if self._can_renew() and self._due(self._pair):
            self._secret = yield from renewing(self._secret, self._exchange)
        return self._pair.access_token.get_secret_value()

    def after(self, stale: str) -> Steps[str]:
        """The access token once `stale` was refused, as where somebody else renewed the pair.

        Raises:
            ReauthRequiredError: It cannot be renewed: a person has to connect the account again.
        """
        if not self._can_renew():
            raise _ended("the token has ended")
        exchange = partial(self._exchange, stale=stale)
        self._secret = yield from renewing(self._secret, exchange)
        return self._pair.access_token.get_secret_value()

    def finding(self) -> Finding:
        """How long the account stays connected."""
        if not self._can_renew():
            return Finding(name="token", ok=False, detail="tidak diperbarui", remedy=_PLACE)
        ends = self._pair.refresh_expires
        if ends is None:
            return Finding(name="token", ok=True, detail="diperbarui pada panggilan pertama")
        left = ends - self._clock()
        remedy = "" if left > _SOON else _LOGIN
        detail = f"terhubung {max(left.days, 0)} hari lagi"
        return Finding(name="token", ok=left > timedelta(0), detail=detail, remedy=remedy)

    def _can_renew(self) -> bool:
        kept = not self._secret.source or self._secret.source.startswith(_KEEPS)
        return self._app is not None and self._pair.refresh_token is not None and kept

    def _due(self, pair: _Pair) -> bool:
        return pair.expires is None or pair.expires - self._clock() <= _EARLY

    def _exchange(self, stored: Secret, stale: str = "") -> Steps[Secret]:
        current = _Pair.opened(stored)
        holds = current.access_token.get_secret_value() != stale and not self._due(current)
        if holds or self._app is None or current.refresh_token is None:
            self._pair = current  # another process was first
            return stored
        body = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret.get_secret_value(),
            "grant_type": "refresh_token",
            "refresh_token": current.refresh_token.get_secret_value(),
        }
        try:
            found = (yield from fetch(self._request(body), _Answer)).data
        except TokenExpiredError:
            raise _ended("the refresh token no longer holds") from None
        if found.refresh_token is None:  # the old one stays good
            found = found.model_copy(update={"refresh_token": current.refresh_token})
        fresh = found.dated(self._clock().astimezone(UTC))
        kept = yield from keep(stored, fresh.closed())
        self._pair = fresh
        return kept


def _ended(why: str) -> ReauthRequiredError:
    error = ReauthRequiredError(why, operation="tiktok.renew")
    error.remedy = (
        "administrator: connect the account again in TikTok's portal, and keep its answer with the "
        "refresh_token in file: or keyring:"
    )
    return error
