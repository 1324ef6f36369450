"""What `Mastodon.check` finds, and whose task each remedy is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from pelayanan.errors import AuthError
from pelayanan.models import Finding
from pelayanan.platforms._mastodon import Instance

_SCOPES = ("read:accounts", "read:notifications", "read:statuses", "write:media", "write:statuses")
_TOLERANCE = timedelta(minutes=2)


def refused_finding(refused: AuthError) -> Finding:
    """The server does not let the account in."""
    if refused.status == 403:
        return Finding(name="scopes", ok=False, detail=refused.args[0], remedy=_new_token())
    return Finding(name="token", ok=False, detail=refused.args[0], remedy=_new_token())


def scopes_finding(scopes: list[str] | None) -> Finding:
    """Whether the application that the token belongs to may do all that is needed."""
    if scopes is None:  # before 4.3
        return Finding(name="scopes", ok=True, detail="this server does not tell them")
    has = {*scopes, *(["read:accounts"] if "profile" in scopes else [])}
    missing = [one for one in _SCOPES if not {one, one.partition(":")[0]} & has]
    if missing:
        detail = f"missing: {' '.join(missing)}"
        return Finding(name="scopes", ok=False, detail=detail, remedy=_new_token())
    return Finding(name="scopes", ok=True, detail=" ".join(scopes))


def limits_finding(instance: Instance, headers: Mapping[str, str]) -> Finding:
    """How long a text may be, and how many calls are left for now."""
    limit = instance.configuration.statuses.max_characters
    left, of = (headers.get(f"x-ratelimit-{name}", "?") for name in ("remaining", "limit"))
    remedy = "program: wait some minutes" if left == "0" else ""
    detail = f"version {instance.version}, {limit} characters, {left} of {of} calls left"
    return Finding(name="limits", ok=not remedy, detail=detail, remedy=remedy)


def clock_finding(headers: Mapping[str, str], now: datetime) -> Finding:
    """How far the clock here is from the server's; deadlines are counted by it."""
    try:
        wrong = now - parsedate_to_datetime(headers["date"])
    except (KeyError, TypeError, ValueError):
        return Finding(name="clock", ok=True, detail="the server tells no time")
    detail = f"{wrong.total_seconds():+.0f} s against the server"
    remedy = "administrator: set the clock of this machine by NTP"
    ok = abs(wrong) <= _TOLERANCE
    return Finding(name="clock", ok=ok, detail=detail, remedy="" if ok else remedy)


def _new_token() -> str:
    return f"administrator: make an application with {' '.join(_SCOPES)} and use its token"
