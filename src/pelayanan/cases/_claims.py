"""Kind and exclusion: an agency's own word waits for somebody outside it.

Source:
    score.md, 1 (claims).
"""

from collections.abc import Iterable
from typing import NamedTuple

from pelayanan.cases._log import Log
from pelayanan.cases.events import Actor, Claimed, Event, Excluded, Triaged
from pelayanan.models import Kind

__all__ = ["WITHOUT_CLAIM", "Kinds", "exclusion", "is_easier", "kinds"]

WITHOUT_CLAIM = frozenset({"internal", "before_start"})
"""Reasons for which the system leaves out a message, without anybody's claim."""

_EASE = dict.fromkeys(Kind, 4) | {  # what has the longer limit; without an obligation: the longest
    Kind.DARURAT: 0,
    Kind.INFORMASI: 1,
    Kind.PENGADUAN: 2,
    Kind.ASPIRASI: 2,
    Kind.PENGADUAN_PENGAWASAN: 3,
}


class Kinds(NamedTuple):
    """The kind that holds, and the one that triage gave."""

    now: Kind
    triage: Kind


def kinds(log: Log) -> Kinds:
    """A person's word holds, unless it makes the case easier than triage said and is unconfirmed.

    Where triage abstained, a person may give any kind that obliges an answer; nothing leaves the
    denominator by the agency's word alone.
    """
    said = log.all(Triaged)
    triage, _ = _by_triage(said)
    now = triage
    for event in said:
        if event.source == "person" and (not is_easier(event, said) or event.key in log.agreed):
            now = event.kind
    return Kinds(now, triage)


def is_easier(event: Triaged, events: Iterable[Event]) -> bool:
    """Whether a person's word makes the case easier than triage said: a claim."""
    triage, ruled = _by_triage(each for each in events if isinstance(each, Triaged))
    easier = _EASE[event.kind] > _EASE[triage]
    return event.source == "person" and easier and (ruled or not event.kind.obliges)


def _by_triage(said: Iterable[Triaged]) -> tuple[Kind, bool]:
    """The kind that triage gave, and whether a rule did."""
    triage, ruled = Kind.INFORMASI, False
    for event in said:
        if event.source != "person":
            triage, ruled = event.kind, event.source == "rule"
    return triage, ruled


def exclusion(log: Log, found: Kinds) -> str:
    """Why the case is not counted; ``""`` if it is, or if triage saw no obligation anyway."""
    for event in log.events:
        if isinstance(event, Excluded):
            free = event.actor is Actor.SYSTEM and event.reason in WITHOUT_CLAIM
            if free:
                return event.reason
            if event.key in log.agreed:
                return _by_claim(event.reason)
        elif isinstance(event, Claimed) and event.what == "exclusion" and event.key in log.agreed:
            return _by_claim(event.detail)
    left_out = found.triage.obliges and not found.now.obliges
    return found.now.value if left_out else ""


def _by_claim(reason: str) -> str:
    """A claim cannot borrow the name of what needs none: its share is watched."""
    named = reason or "claim"
    return f"claim: {named}" if named in WITHOUT_CLAIM else named
