"""What a feed holds, turned into the vocabulary: plain text, the time, an address."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from typing import Any

from dateutil.parser import parse, parserinfo

from pelayanan.errors import ConfigError, ContractError
from pelayanan.models import Author, Mention
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Response
from pelayanan.text.plain import plain_text

__all__ = ["entries"]

_LONGEST = 2000  # characters: the beginning of an article, not a copy of it
_HERE = {"WIB": 7, "WITA": 8, "WIT": 9}
_THERE = {"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}
_ZONES = {name: hours * 3600 for name, hours in (_HERE | _THERE).items()}  # these: RFC 822
_ISO = re.compile(r"\d{4}")  # else the day stands before the month, as everywhere here
_ABOUT = re.compile(r"\b(?:GMT|UTC)\s*(?=[+-]\d)")  # POSIX, and dateutil, mean the opposite by it


_DAYS = (
    ("Mon", "Monday", "Sen", "Senin"),
    ("Tue", "Tuesday", "Sel", "Selasa"),
    ("Wed", "Wednesday", "Rab", "Rabu"),
    ("Thu", "Thursday", "Kam", "Kamis"),
    ("Fri", "Friday", "Jum", "Jumat", "Jum'at"),
    ("Sat", "Saturday", "Sab", "Sabtu"),
    ("Sun", "Sunday", "Min", "Minggu", "Ahad"),
)
_MONTHS = (
    ("Jan", "January", "Januari"),
    ("Feb", "February", "Februari"),
    ("Mar", "March", "Maret"),
    ("Apr", "April"),
    ("May", "Mei"),
    ("Jun", "June", "Juni"),
    ("Jul", "July", "Juli"),
    ("Aug", "August", "Agu", "Agt", "Agustus"),
    ("Sep", "Sept", "September"),
    ("Oct", "October", "Okt", "Oktober"),
    ("Nov", "November"),
    ("Dec", "December", "Des", "Desember"),
)
# names as sites here write them, beside the English ones (dateutil reads them off a class)
_NAMES: Any = type("_Names", (parserinfo,), {"WEEKDAYS": _DAYS, "MONTHS": _MONTHS})()


def entries(
    response: Response, host: str, now: datetime, operation: str
) -> Iterator[Mention | Unreadable]:
    """What a feed lists, oldest first.

    The site is the author: who wrote an article is nobody's concern here.

    Raises:
        ConfigError: The library is missing.
        ContractError: It is no feed.
    """
    kind = {"content-type": response.headers.get("content-type", "")}
    body = BytesIO(response.body)  # bytes themselves would be taken for an address or a file
    library = _library()
    try:
        read: Any = library.parse(
            body, response_headers=kind, sanitize_html=True, resolve_relative_uris=False
        )
    except Exception as error:  # noqa: BLE001  whatever a library trips over, it is no feed
        told = f"this is no feed that can be read ({type(error).__name__})"
        raise ContractError(told, operation=operation) from None
    if not read.get("version") and not read.entries:
        raise ContractError("this is no RSS or Atom feed", operation=operation)
    title = plain_text(str(read.feed.get("title", "")))[:200] or host
    site = Author(id=host, handle=host, name=title)
    found = [_entry(each, site, now) for each in read.entries]
    bad = [each for each in found if isinstance(each, Unreadable)]
    good = [each for each in found if isinstance(each, Mention)]
    good.reverse()  # feeds begin with the newest: of one instant the oldest comes first
    yield from sorted(good, key=lambda each: each.created_at)
    yield from bad


def _library() -> Any:
    try:
        return import_module("feedparser")  # an extra
    except ImportError:
        raise ConfigError("feeds need: pip install 'pelayanan[feeds]'") from None


def _entry(found: dict[str, Any], site: Author, now: datetime) -> Mention | Unreadable:
    title, text = (plain_text(str(found.get(name) or "")) for name in ("title", "summary"))
    link = str(found.get("link") or "")
    told = "\n".join(filter(None, (title, text)))[:_LONGEST].strip()
    native = str(found.get("id") or link or sha256(told.encode()).hexdigest()[:20])[:500]
    if not told:
        return Unreadable(native, "it has neither title nor text")
    return Mention(
        platform="feed",
        id=native,
        author=site,
        text=told,
        created_at=_instant(found, now),
        url=link if link.startswith(("https://", "http://")) else None,
        thread=native,
    )


def _zone(name: str | None, offset: int | None) -> int | None:
    """Seconds ahead of UTC; an unknown name says nothing."""
    return _ZONES.get(name or "", offset)


def _instant(found: dict[str, Any], now: datetime) -> datetime:
    """When it was published; the present where the site does not tell, or tells the future."""
    known: dict[str, Any] = {**found}  # without its own ideas of what stands for what
    text = str(known.get("published") or known.get("updated") or "")[:60]
    text = _ABOUT.sub("", text.strip())
    first, absent = not _ISO.match(text), now.replace(tzinfo=None)
    try:
        at: datetime = parse(text, _NAMES, dayfirst=first, tzinfos=_zone, default=absent)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(at.astimezone(UTC), now)
    except (ValueError, ArithmeticError):
        return now
