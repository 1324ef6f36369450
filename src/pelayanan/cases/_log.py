"""The events of one case in order, and what later events say about earlier ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from pelayanan.cases.events import (
    Answered,
    AnyEvent,
    Claimed,
    Confirmed,
    Event,
    Judged,
    Received,
    Reopened,
    Returned,
    Supplied,
    Transferred,
    Triaged,
)

__all__ = ["Log", "whole"]

_E = TypeVar("_E", bound=Event)


def whole(at: datetime) -> datetime:
    """The instant in UTC, in whole seconds, rounded down (score.md, 1)."""
    utc = at.astimezone(UTC)
    return utc.replace(microsecond=0) if utc.microsecond else utc


@dataclass(frozen=True, slots=True)
class Log:
    """Events without repetitions, the earliest first; each carries whole seconds.

    Attributes:
        agreed: Keys of what somebody outside the agency has confirmed.
        judged: By answer, whether a person calls it substantive.
        suspended: Keys of answers that went to many citizens and are not confirmed.
        first: The message that opened the case, and when to the fraction of a second: by that
            cases are put in order, but no clock counts it.
    """

    events: tuple[Event, ...]
    agreed: frozenset[str]
    judged: Mapping[str, bool]
    suspended: frozenset[str]
    first: tuple[datetime, Received] | None

    @classmethod
    def of(cls, events: Iterable[AnyEvent], as_of: datetime | None) -> "Log":
        """Bring events of any order and repetition into form; later ones do not exist.

        Raises:
            ValueError: An event has no instant.
        """
        until = None if as_of is None else whole(as_of)
        known: dict[str, Event] = {}
        openings: list[tuple[datetime, str]] = []
        for event in events:
            at = _at(event)
            if until is not None and at > until:
                continue
            moved = event if at == event.at else event.model_copy(update={"at": at})
            before = known.get(event.key)
            known[event.key] = moved if before is None else min(before, moved, key=_form)
            if isinstance(event, Received) and event.at is not None:
                openings.append((event.at.astimezone(UTC), event.key))
        ordered = tuple(sorted(known.values(), key=_order))
        agreed = _agreed(ordered)
        masses = {
            event.detail
            for event in ordered
            if isinstance(event, Claimed)
            and event.what == "mass_answer"
            and event.key not in agreed
        }
        judged = {e.answer: e.substantive for e in ordered if isinstance(e, Judged)}
        return cls(ordered, agreed, judged, frozenset(masses - agreed), _first(openings, known))

    def all(self, kind: type[_E]) -> list[_E]:
        """The events of one type, the earliest first."""
        return [event for event in self.events if isinstance(event, kind)]

    def messages(self) -> list[datetime]:
        """When the citizen wrote (or came, or rang), the first message among them."""
        received = self.all(Received)
        known = {event.message for event in received if event.message}
        others = [
            _at(event)
            for event in self.events
            if isinstance(event, (Supplied, Reopened)) and event.message not in known
        ]
        return sorted([*(_at(event) for event in received), *others])


def _first(
    openings: list[tuple[datetime, str]], known: Mapping[str, Event]
) -> tuple[datetime, Received] | None:
    for exact, key in sorted(openings):
        event = known[key]
        if isinstance(event, Received) and _at(event) == whole(exact):
            return exact, event
    return None


def _at(event: Event) -> datetime:
    if event.at is None:
        raise ValueError("an event without an instant cannot be folded: complete(now) it")
    return whole(event.at)


def _order(event: Event) -> tuple[datetime, int, str]:
    """In one second: a message before its answer, a hand-over before its return."""
    rank = 0 if isinstance(event, Received) else 2 if isinstance(event, Returned) else 1
    return _at(event), rank, event.key


def _form(event: Event) -> tuple[datetime, str]:
    return _at(event), event.model_dump_json()  # one key with two contents: the same one wins


_CLAIMED: Mapping[str, type[Event]] = {
    "kind": Triaged,
    "hand_over": Transferred,
    "mass_answer": Answered,
}
"""What a claim may name: a yes to one thing is none to another. Exclusions say a reason."""


def _agreed(events: tuple[Event, ...]) -> frozenset[str]:
    """What is confirmed: by its own key, or through the claim that names it. The last word holds.

    Source:
        score.md, 1 (claims): until somebody outside confirmed it, the case stands as it was.
    """
    words: dict[str, bool] = {}
    about: dict[str, str] = {}
    known = {event.key: event for event in events}
    for event in events:
        if isinstance(event, Confirmed) and event.side != "agency":
            words[event.claim] = event.agreed
        elif isinstance(event, Claimed) and type(known.get(event.detail)) is _CLAIMED.get(
            event.what
        ):
            about[event.key] = event.detail
    through = {about[key]: agreed for key, agreed in words.items() if key in about}
    return frozenset(key for key, agreed in (through | words).items() if agreed)
