"""Looks how an account of X stands: token, scopes, name, limits, clock. For administrators."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pelayanan.errors import AuthError
from pelayanan.models import Finding
from pelayanan.platforms._x import Usage
from pelayanan.protocol.request import Response

__all__ = ["clock_finding", "limits_finding", "name_finding", "refused_finding", "usage_finding"]

_CLOCK_S = 60.0
_FULL = 0.9
_NTP = "Administrator: nyalakan penyelarasan waktu (NTP) di mesin ini."


def refused_finding(refused: AuthError) -> Finding:
    """X does not let the account in."""
    detail = f"ditolak: {refused.args[0]}"
    return Finding(name="token", ok=False, detail=detail, remedy=refused.remedy)


def name_finding(username: str, told: str) -> Finding:
    """Whether the token is the configured account's."""
    ok = not told or told.casefold() == username.casefold()
    remedy = "" if ok else f"Administrator: tulis username = {told!r}, atau pakai token lain."
    return Finding(name="account", ok=ok, detail=f"@{told or username}", remedy=remedy)


def limits_finding(response: Response) -> Finding:
    """How many calls are left for now."""
    names = ("remaining", "limit")
    left, of = (response.headers.get(f"x-rate-limit-{name}", "?") for name in names)
    ok = left != "0"
    remedy = "" if ok else "Program: tunggu beberapa menit."
    return Finding(name="limits", ok=ok, detail=f"sisa {left} dari {of} panggilan", remedy=remedy)


def usage_finding(usage: Usage) -> Finding:
    """How many posts of the month's cap were read, by the app as a whole."""
    used, cap = usage.data.project_usage, usage.data.project_cap
    detail = f"{used or '?'} dari {cap or '?'} kiriman bulan ini"
    full = used.isdecimal() and cap.isdecimal() and int(used) >= _FULL * int(cap) > 0
    remedy = "Administrator: naikkan batas di konsol pengembang X." if full else ""
    return Finding(name="usage", ok=not full, detail=detail, remedy=remedy)


def clock_finding(response: Response, now: datetime) -> Finding:
    """How far the clock here is from X's."""
    try:
        there = parsedate_to_datetime(response.headers["date"])
    except (KeyError, TypeError, ValueError):
        return Finding(name="clock", ok=True, detail="server tidak menyebut jam")
    off = (now - there.astimezone(UTC)).total_seconds()
    ok = abs(off) <= _CLOCK_S
    detail = f"selisih {off:+.0f} detik"
    return Finding(name="clock", ok=ok, detail=detail, remedy="" if ok else _NTP)
