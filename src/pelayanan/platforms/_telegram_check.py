"""What `Telegram.check` finds, and whose task each remedy is. Read by administrators."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from pelayanan.errors import AuthError, PlatformError
from pelayanan.models import Finding
from pelayanan.platforms._telegram import Member, User, WebhookInfo
from pelayanan.platforms._telegram_push import alive

__all__ = [
    "channel_finding",
    "clock_finding",
    "refused_finding",
    "scopes_finding",
    "token_finding",
    "updates_finding",
]

_CLOCK_S = 60.0
_ADMINS = frozenset({"creator", "administrator"})


def refused_finding(error: PlatformError) -> Finding:
    """Telegram does not let the bot in, or does not answer."""
    if isinstance(error, AuthError):
        remedy = "Administrator: minta token baru ke @BotFather (/token), lalu ganti yang lama."
        return Finding(name="token", ok=False, detail="token ditolak", remedy=remedy)
    remedy = "Administrator: periksa jaringan dan base_url, lalu ulangi nanti."
    return Finding(name="server", ok=False, detail=f"tidak menjawab: {error}", remedy=remedy)


def token_finding(me: User, named: str) -> Finding:
    """Which bot it is; its token has no end. By a wrong name groups would call it unheard."""
    if named and me.username and named.casefold() != me.username.casefold():
        remedy = f"Administrator: tulis handle = {me.username!r}, atau pakai token bot itu."
        return Finding(name="token", ok=False, detail=f"milik @{me.username}", remedy=remedy)
    return Finding(name="token", ok=True, detail=f"@{me.username or me.id}, tanpa kedaluwarsa")


def scopes_finding(me: User, *, every: bool) -> Finding:
    """What the bot hears in groups."""
    if me.can_read_all_group_messages or not every:
        heard = "semua pesan" if me.can_read_all_group_messages else "perintah, sebutan, balasan"
        return Finding(name="scopes", ok=True, detail=f"di grup terdengar: {heard}")
    remedy = "Administrator: matikan privacy mode di @BotFather (/setprivacy), lalu masukkan bot "
    remedy += "ke grup sekali lagi; atau jadikan bot admin grup."
    detail = "di grup hanya terdengar perintah, sebutan, dan balasan"
    return Finding(name="scopes", ok=False, detail=detail, remedy=remedy)


def updates_finding(info: WebhookInfo, now: datetime, *, pushed: bool) -> Finding:
    """Whether messages can be fetched, or arrive, and how many wait."""
    waiting = f"{info.pending_update_count} pesan menunggu, disimpan 24 jam"
    if pushed:
        dead = alive(info, now)
        detail, remedy = f"webhook terpasang; {waiting}", ""
        if dead is not None:
            detail = f"webhook tidak sampai; {waiting}" if info.url else "webhook belum terpasang"
            remedy = "Administrator: pasang webhook (set_webhook) di alamat HTTPS yang terjangkau"
        return Finding(name="limits", ok=dead is None, detail=detail, remedy=remedy)
    if not info.url:
        return Finding(name="limits", ok=True, detail=waiting)
    remedy = "Administrator: hapus webhook (deleteWebhook); selama terpasang, pesan tidak dapat "
    remedy += "diambil."
    return Finding(name="limits", ok=False, detail=f"webhook terpasang; {waiting}", remedy=remedy)


def channel_finding(channel: str, member: Member | None) -> Finding:
    """Whether the bot may publish in the agency's channel."""
    if member and (member.status == "creator" or member.can_post_messages):
        return Finding(name="channel", ok=True, detail=f"boleh menerbitkan di {channel}")
    remedy = f"Administrator: jadikan bot admin {channel} dengan izin Post Messages."
    known = "bukan admin" if member is None or member.status not in _ADMINS else "tanpa izin"
    return Finding(name="channel", ok=False, detail=f"{channel}: {known}", remedy=remedy)


def clock_finding(headers: Mapping[str, str], now: datetime) -> Finding:
    """How far the clock here is from Telegram's."""
    try:
        off = (now - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, TypeError, ValueError):
        return Finding(name="clock", ok=True, detail="server tidak menyebut waktu")
    if abs(off) <= _CLOCK_S:
        return Finding(name="clock", ok=True, detail=f"selisih {off:+.0f} detik")
    remedy = "Administrator: nyalakan penyelarasan waktu (NTP) di mesin ini."
    return Finding(name="clock", ok=False, detail=f"selisih {off:+.0f} detik", remedy=remedy)
