"""Short words in which the scenes are written; each makes a piece of a vector."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reference.days import base_calendar

Piece = dict[str, Any]
WIB = "Asia/Jakarta"


def event(kind: str, at: str, /, **rest: Any) -> Piece:
    return {"type": kind, "at": at, **rest}


def opened(at: str, **rest: Any) -> Piece:
    return event("opened", at, **rest)


def says(at: str) -> Piece:
    """A further message of the citizen."""
    return event("message", at)


def answer(at: str, form: str = "answers", *, by: str = "person", **rest: Any) -> Piece:
    return event("answer", at, by=by, form=form, **rest)


def step(at: str, date: str, *, promise: str = "p1", **rest: Any) -> Piece:
    """An answer that only names a next step, with unit and date."""
    return answer(at, "next_step", promise=promise, unit="Bidang Linjamsos", date=date, **rest)


def done(at: str, promise: str = "p1") -> Piece:
    return event("done", at, promise=promise)


def closed(at: str, **rest: Any) -> Piece:
    return event("closed", at, **rest)


def reopened(at: str) -> Piece:
    return event("reopened", at)


def passes(at: str, to: str, claim: str = "h1", **rest: Any) -> Piece:
    """A hand-over; it waits for its confirmation."""
    return event("handed_over", at, id=claim, to=to, **rest)


def confirms(at: str, claim: str, by: str = "province") -> Piece:
    return event("confirmed", at, claim=claim, by=by)


def returns(at: str, claim: str = "h1") -> Piece:
    return event("returned", at, claim=claim)


def case(
    name: str,
    *events: Piece,
    agency: str = "dinsos",
    kind: str = "pengaduan",
    channel: str = "mastodon",
    **rest: Any,
) -> Piece:
    return dict(id=name, agency=agency, kind=kind, channel=channel, **rest, events=list(events))


def row(agency: str, /, **rest: Any) -> Piece:
    """A row of the tally given outright; its n is the sum of the ends unless said."""
    period = rest.pop("period", "2026-06")
    kind, channel = rest.pop("kind", "pengaduan"), rest.pop("channel", "mastodon")
    as_of = {"as_of": rest.pop("as_of")} if "as_of" in rest else {}
    ends = ("answered_", "left_", "censored_")
    rest.setdefault("n", sum(v for k, v in rest.items() if k.startswith(ends)))
    return dict(agency=agency, kind=kind, channel=channel, period=period, **as_of, values=rest)


def vector(name: str, about: str, as_of: str, **rest: Any) -> Piece:
    """A vector without what it expects; instants are local and get their offset here."""
    zone = rest.pop("timezone", WIB)
    years = rest.pop("years", (2026, 2026))
    calendar = {"timezone": zone, **base_calendar(range(years[0], years[1] + 1))}
    for key in ("overrides", "published_hours"):
        if key in rest:
            calendar[key] = rest.pop(key)
    made = {
        "format": "idt-vector/1",
        "name": name,
        "about": about,
        "definition": "idt/1",
        "profile": rest.pop("profile", "dasar"),
        "province": "contoh",
        "as_of": as_of,
        "calendar": calendar,
        **rest,
    }
    return {key: _with_offsets(value, ZoneInfo(zone)) for key, value in made.items()}


def _with_offsets(piece: Any, zone: ZoneInfo) -> Any:
    """Local instants such as ``2026-06-13 21:00`` as ISO with the offset of the zone."""
    if isinstance(piece, dict):
        return {key: _with_offsets(value, zone) for key, value in piece.items()}
    if isinstance(piece, list):
        return [_with_offsets(value, zone) for value in piece]
    if isinstance(piece, str) and len(piece) > 15 and piece[:2] == "20" and piece[10] == " ":
        return datetime.fromisoformat(piece).replace(tzinfo=zone).isoformat()
    return piece
