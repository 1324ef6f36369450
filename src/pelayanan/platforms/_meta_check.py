"""Looks how an account of Meta stands: token, permissions, limits, clock. For administrators."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import BaseModel

from pelayanan.errors import (
    AuthError,
    NotFoundError,
    PlatformError,
    ReauthRequiredError,
    TokenExpiredError,
)
from pelayanan.models import Finding, Secret
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_usage import used_percent
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.request import Response

__all__ = ["LOGIN_AGAIN", "Checker", "days_finding", "quota_finding", "refused_finding"]

_SOON_DAYS = 10
_CLOCK_S = 60.0
_FULL = 90.0
_NEW_TOKEN = "Administrator: buat token baru di Meta Business Suite (pengguna sistem) dan ganti."  # noqa: S105  no secret
LOGIN_AGAIN = "Administrator: masuk lagi di aplikasi Meta dan simpan token yang baru."
_RIGHTS = "Administrator: minta izin yang kurang untuk aplikasi, lalu buat token baru."
_WHICH = (
    "Administrator: bandingkan nomor akun di konfigurasi dengan pengaturan aplikasi Meta, dan beri "
    "pemilik token akses ke akun itu."
)
_APP = "Administrator: isi app_id dan app_secret agar masa berlaku dan izin dapat diperiksa."
_NTP = "Administrator: nyalakan penyelarasan waktu (NTP) di mesin ini."


class _Token(BaseModel):
    is_valid: bool = True
    expires_at: int = 0  # 0 is never
    data_access_expires_at: int = 0
    scopes: list[str] | None = None


class _Debugged(BaseModel):
    data: _Token


class Checker:
    """Asks about the token of one account.

    Args:
        scopes: Permissions without which something fails.
        app_id: With `app_secret`: the app itself asks, which always may.
    """

    def __init__(
        self,
        graph: Graph,
        scopes: Sequence[str],
        clock: Callable[[], datetime],
        *,
        app_id: str = "",
        app_secret: Secret | None = None,
    ) -> None:
        self._graph = graph
        self._scopes = scopes
        self._clock = clock
        self._app = f"{app_id}|{app_secret.get_secret_value()}" if app_id and app_secret else ""

    def token(self) -> Steps[list[Finding]]:
        """Whether it holds, for how many days, and what it may do."""
        asked = {"input_token": self._graph.token.get_secret_value()}
        try:
            told = yield from self._graph.fetch(
                "check", "debug_token", _Debugged, params=asked, as_app=self._app
            )
        except PlatformError:
            detail = "masuk; masa berlaku tidak diketahui"
            return [Finding(name="token", ok=True, detail=detail, remedy=_APP)]
        token = told.data
        if not token.is_valid:
            return [Finding(name="token", ok=False, detail="tidak berlaku", remedy=_NEW_TOKEN)]
        found = [days_finding("token", token.expires_at, self._clock(), _NEW_TOKEN)]
        if token.data_access_expires_at:
            until = token.data_access_expires_at
            found.append(days_finding("data_access", until, self._clock(), _NEW_TOKEN))
        return [*found, self._permissions(token.scopes)]

    def rest(self, response: Response) -> list[Finding]:
        """Limits and clock, from the headers of any answer."""
        return [_limits(response), _clock(response, self._clock())]

    def _permissions(self, scopes: list[str] | None) -> Finding:
        known = self._scopes if scopes is None else scopes
        missing = [each for each in self._scopes if each not in known]
        if not missing:
            return Finding(name="scopes", ok=True, detail=" ".join(scopes or ()))
        detail = f"kurang: {' '.join(missing)}"
        return Finding(name="scopes", ok=False, detail=detail, remedy=_RIGHTS)


def refused_finding(refused: AuthError | NotFoundError, login: str = _NEW_TOKEN) -> Finding:
    """The platform does not let the account in, or does not know it.

    Args:
        refused: What it said.
        login: What to do where the token is not valid any more.
    """
    detail = f"ditolak: {refused.args[0]}"
    if isinstance(refused, NotFoundError):
        return Finding(name="account", ok=False, detail=detail, remedy=_WHICH)
    ended = isinstance(refused, (ReauthRequiredError, TokenExpiredError))
    remedy = login if ended else _RIGHTS
    return Finding(name="token" if ended else "scopes", ok=False, detail=detail, remedy=remedy)


def days_finding(name: str, until: int, now: datetime, remedy: str) -> Finding:
    """How many days something still holds; `until` in Unix seconds, 0 for ever."""
    if not until:
        return Finding(name=name, ok=True, detail="tidak kedaluwarsa")
    days = (until - now.timestamp()) / 86_400
    detail = f"berlaku {days:.0f} hari lagi" if days > 0 else "kedaluwarsa"
    ok = days > _SOON_DAYS
    return Finding(name=name, ok=ok, detail=detail, remedy="" if ok else remedy)


def quota_finding(used: int, of: int, name: str = "quota") -> Finding:
    """How much may still be published today."""
    ok = not of or used < of
    remedy = "" if ok else "Petugas: terbitkan lagi besok; batas dihitung per 24 jam."
    return Finding(name=name, ok=ok, detail=f"{used} dari {of or '?'} dalam 24 jam", remedy=remedy)


def _limits(response: Response) -> Finding:
    used = used_percent(response.headers)
    if used is None:
        return Finding(name="limits", ok=True, detail="Meta belum menyebut pemakaian")
    detail = f"terpakai {used:.0f} %"
    if used < _FULL:
        return Finding(name="limits", ok=True, detail=detail)
    remedy = "Program: jalankan lebih jarang; anggaran pulih dalam satu jam."
    return Finding(name="limits", ok=False, detail=detail, remedy=remedy)


def _clock(response: Response, now: datetime) -> Finding:
    try:
        there = parsedate_to_datetime(response.headers["date"])
    except (KeyError, TypeError, ValueError):
        return Finding(name="clock", ok=True, detail="server tidak menyebut jam")
    off = (now - there.astimezone(UTC)).total_seconds()
    ok = abs(off) <= _CLOCK_S
    detail = f"selisih {off:+.0f} detik"
    return Finding(name="clock", ok=ok, detail=detail, remedy="" if ok else _NTP)
