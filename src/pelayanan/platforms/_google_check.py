"""What checks of Google's platforms have in common. Read by administrators."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from pelayanan.errors import (
    AccessTierError,
    AuthError,
    NotFoundError,
    PlatformError,
    QuotaError,
)
from pelayanan.models import Finding
from pelayanan.platforms._google import Token

__all__ = ["clock_finding", "refused_finding", "scope_finding", "token_finding"]

_CLOCK_S = 60.0
_DAY_S = 86_400


def refused_finding(error: PlatformError) -> Finding:
    """Google does not let the account in, or does not answer."""
    detail = str(error)
    if isinstance(error, AccessTierError):
        remedy = "Administrator: aktifkan API ini di Google Cloud Console, atau ajukan aksesnya."
        return Finding(name="access", ok=False, detail=detail, remedy=remedy)
    if isinstance(error, QuotaError):
        remedy = "Program: kuota hari ini habis; kembali setelah tengah malam waktu California."
        return Finding(name="limits", ok=False, detail=detail, remedy=remedy)
    if isinstance(error, AuthError):
        remedy = "Administrator: masuk lagi dan ganti refresh_token atau kunci akun layanan; "
        remedy += "periksa izin akun dan jam mesin ini."
        return Finding(name="token", ok=False, detail=detail, remedy=remedy)
    if isinstance(error, NotFoundError):
        remedy = "Administrator: periksa nama aplikasi atau nomor di konfigurasi, dan bahwa akun "
        remedy += "ini mengelolanya."
        return Finding(name="account", ok=False, detail=detail, remedy=remedy)
    remedy = "Administrator: periksa alamat dan jaringan, lalu ulangi nanti."
    return Finding(name="server", ok=False, detail=detail, remedy=remedy)


def token_finding(token: Token) -> Finding:
    """Whether the consent lasts."""
    if (left := token.refresh_token_expires_in) is None:
        detail = "berlaku, tanpa batas waktu (hangus bila 6 bulan tidak dipakai)"
        return Finding(name="token", ok=True, detail=detail)
    remedy = "Administrator: terbitkan consent screen (bukan Testing), lalu masuk lagi."
    detail = f"izin berakhir dalam {left // _DAY_S} hari"
    return Finding(name="token", ok=False, detail=detail, remedy=remedy)


def scope_finding(token: Token, wanted: str) -> Finding:
    """Whether the token is for what is needed; some answers do not say what it is for."""
    if not token.scope:
        return Finding(name="scopes", ok=True, detail="tidak disebut oleh Google")
    if wanted in token.scope.split():
        return Finding(name="scopes", ok=True, detail=wanted.rpartition("/")[2])
    remedy = f"Administrator: masuk lagi dengan izin {wanted}."
    return Finding(name="scopes", ok=False, detail="izin kurang", remedy=remedy)


def clock_finding(headers: Mapping[str, str], now: datetime) -> Finding:
    """How far the clock here is from Google's; tokens are signed by it."""
    try:
        off = (now - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, TypeError, ValueError):
        return Finding(name="clock", ok=True, detail="server tidak menyebut waktu")
    if abs(off) <= _CLOCK_S:
        return Finding(name="clock", ok=True, detail=f"selisih {off:+.0f} detik")
    remedy = "Administrator: nyalakan penyelarasan waktu (NTP) di mesin ini."
    return Finding(name="clock", ok=False, detail=f"selisih {off:+.0f} detik", remedy=remedy)
