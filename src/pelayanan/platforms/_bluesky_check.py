"""Looks how an account stands: login, stored session, limits, clock. Read by administrators."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

from pydantic import BaseModel

from pelayanan.errors import AuthError, PlatformError
from pelayanan.models import Finding, Secret
from pelayanan.platforms._bluesky_server import Server
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.request import Response

__all__ = ["check_account"]

_CLOCK_S = 60.0  # what a reader of times in a thread would notice
_SCARCE = 0.1  # of the calls that the server allows
_KEEPS = ("file:", "keyring:")


class _Account(BaseModel):
    handle: str = ""
    active: bool = True
    status: str = ""
    emailConfirmed: bool | None = None


def check_account(
    server: Server, stored: Secret | None, clock: Callable[[], datetime]
) -> Steps[tuple[Finding, ...]]:
    """All findings; what cannot be looked at because the login fails is left out."""
    call = server.request("check", "com.atproto.server.getSession")
    try:
        yield from server.renew()
        response = yield from server.send(call)
    except AuthError as error:
        return (_no_login(error),)
    except PlatformError as error:
        return (_no_server(error),)
    account = _Account.model_validate_json(response.body)
    found = (_token(account), _session(stored), _limits(response), _clock(response, clock()))
    return tuple(each for each in found if each is not None)


def _no_login(error: AuthError) -> Finding:
    remedy = "Administrator: periksa nama akun, lalu buat sandi aplikasi baru di Bluesky "
    remedy += "(Settings > Privacy and security > App passwords)."
    return Finding(name="token", ok=False, detail=f"login ditolak: {error.args[0]}", remedy=remedy)


def _no_server(error: PlatformError) -> Finding:
    remedy = "Administrator: periksa alamat server dan jaringan, lalu ulangi nanti."
    return Finding(name="server", ok=False, detail=f"tidak menjawab: {error}", remedy=remedy)


def _token(account: _Account) -> Finding:
    if not account.active:
        state = account.status or "tidak aktif"
        remedy = "Administrator: aktifkan kembali akun ini di aplikasi Bluesky."
        return Finding(name="token", ok=False, detail=f"akun {state}", remedy=remedy)
    if account.emailConfirmed is False:
        remedy = "Administrator: verifikasi alamat e-mail akun bila video akan diterbitkan."
        return Finding(
            name="token", ok=True, detail="masuk; e-mail belum diverifikasi", remedy=remedy
        )
    return Finding(name="token", ok=True, detail="masuk")


def _session(stored: Secret | None) -> Finding:
    if stored is None:
        remedy = 'Administrator: isi session = "file:..." atau "keyring:..."; server membatasi '
        remedy += "300 login sehari."
        return Finding(name="session", ok=True, detail="tidak disimpan", remedy=remedy)
    if stored.source.startswith(_KEEPS):
        return Finding(name="session", ok=True, detail="disimpan dan diperbarui")
    remedy = 'Administrator: simpan sesi di "file:..." atau "keyring:..."; yang lain tidak dapat '
    remedy += "diperbarui oleh program."
    return Finding(name="session", ok=False, detail="tidak dapat diperbarui", remedy=remedy)


def _limits(response: Response) -> Finding | None:
    names = ("ratelimit-limit", "ratelimit-remaining")
    told = [response.headers.get(name, "") for name in names]
    if not all(value.isdecimal() for value in told):
        return Finding(name="limits", ok=True, detail="server tidak menyebut batas")
    limit, left = map(int, told)
    detail = f"tersisa {left} dari {limit} panggilan"
    if left >= limit * _SCARCE:
        return Finding(name="limits", ok=True, detail=detail)
    remedy = "Program: jalankan lebih jarang; batas dihitung per alamat IP."
    return Finding(name="limits", ok=False, detail=detail, remedy=remedy)


def _clock(response: Response, now: datetime) -> Finding | None:
    try:
        there = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return None
    off = (now - there).total_seconds()
    if abs(off) <= _CLOCK_S:
        return Finding(name="clock", ok=True, detail=f"selisih {off:+.0f} detik")
    remedy = "Administrator: nyalakan penyelarasan waktu (NTP) di mesin ini."
    return Finding(name="clock", ok=False, detail=f"selisih {off:+.0f} detik", remedy=remedy)
