"""From events to a case. Any order of delivery and any repetition gives the same case.

Source:
    score.md, 1.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from pelayanan.cases.case import Promise, Status
from pelayanan.cases.events import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Assigned,
    Claimed,
    Confirmed,
    Event,
    Excluded,
    Fulfilled,
    Judged,
    Promised,
    Received,
    Reopened,
    Resolved,
    Returned,
    Transferred,
    Triaged,
    Withdrawn,
)
from pelayanan.models import Kind

__all__ = ["Folded", "fold"]

_REOPEN_WITHIN = timedelta(days=14)  # score.md, 1: 14 x 24 h after the closing, inclusive


_LENIENCY = {kind: 4 for kind in Kind} | {  # score.md, 1 (claims): what has the longer limit
    Kind.DARURAT: 0,
    Kind.INFORMASI: 1,
    Kind.PENGADUAN: 2,
    Kind.ASPIRASI: 2,
    Kind.PENGADUAN_PENGAWASAN: 3,
}
_How: TypeAlias = Literal["withdrawn", "deleted", "handed_over"]


@dataclass(slots=True)
class Folded:
    """What events say about a case; the names are those of `pelayanan.cases.Case`."""

    opened: datetime | None = None
    captured: datetime | None = None
    kind: Kind = Kind.INFORMASI
    kind_by_rule: bool = False
    acknowledged: datetime | None = None
    answered: datetime | None = None
    resolved: datetime | None = None
    left: datetime | None = None
    left_how: Literal["", "withdrawn", "deleted", "handed_over"] = ""
    excluded: str = ""
    contacts: int = 0
    reopened: int = 0
    assigned_to: str = ""
    promises: tuple[Promise, ...] = ()

    @property
    def status(self) -> Status:
        """Where the case stands."""
        if self.excluded and self.excluded != "before_start":  # that one still wants an answer
            return Status.EXCLUDED
        if self.left and not (self.answered and self.answered <= self.left):
            return Status.LEFT
        if self.answered is None:
            return Status.OPEN
        return Status.RESOLVED if self.resolved else Status.ANSWERED


@dataclass(frozen=True, slots=True)
class _Said:
    """What later events say about earlier ones."""

    judged: dict[str, bool]
    agreed: frozenset[str]


def fold(events: Iterable[AnyEvent], *, as_of: datetime | None = None) -> Folded:
    """Fold events to what they say about their case.

    Args:
        events: Of one case, completed (each with `at` and `key`), in any order.
        as_of: Later events do not exist.
    """
    known = {event.key: event for event in events if as_of is None or _at(event) <= as_of}
    ordered = sorted(known.values(), key=_order)
    said = _Said(
        {event.answer: event.substantive for event in ordered if isinstance(event, Judged)},
        frozenset(e.claim for e in ordered if isinstance(e, Confirmed) and e.agreed),
    )
    state = Folded()
    for event in ordered:
        if (step := _STEPS.get(type(event))) is not None:  # the others stop no clock
            step(state, event, _at(event), said)
    return state


def _at(event: Event) -> datetime:
    if event.at is None:
        raise ValueError("an event without an instant cannot be folded: complete(now) it")
    return event.at


def _order(event: Event) -> tuple[datetime, bool, str]:
    return _at(event), not isinstance(event, Received), event.key  # a message before its answer


def _received(state: Folded, event: Received, at: datetime, _: _Said) -> None:
    if state.opened is None:
        state.opened, state.captured = at, event.captured
    else:
        state.contacts += 1


def _triaged(state: Folded, event: Triaged, _: datetime, said: _Said) -> None:
    """Take the kind, unless a person only says so to the agency's own advantage."""
    if event.source != "person":
        state.kind, state.kind_by_rule = event.kind, event.source == "rule"
        return
    easier = _LENIENCY[event.kind] > _LENIENCY[state.kind]
    is_claim = easier and (state.kind_by_rule or not event.kind.obliges)
    if not is_claim or event.key in said.agreed:
        state.kind = event.kind


def _assigned(state: Folded, event: Assigned, _: datetime, __: _Said) -> None:
    state.assigned_to = event.to


def _acknowledged(state: Folded, _: Acknowledged, at: datetime, __: _Said) -> None:
    state.acknowledged = state.acknowledged or at


def _answered(state: Folded, event: Answered, at: datetime, said: _Said) -> None:
    if event.actor is Actor.HUMAN and said.judged.get(event.key, event.substantive):
        state.answered = state.answered or at
    else:
        state.acknowledged = state.acknowledged or at


def _promised(state: Folded, event: Promised, _: datetime, __: _Said) -> None:
    state.promises = (*state.promises, Promise(due=event.due, unit=event.unit))


def _fulfilled(state: Folded, event: Fulfilled, at: datetime, _: _Said) -> None:
    state.promises = tuple(
        each.model_copy(update={"done": at}) if each.due == event.due and not each.done else each
        for each in state.promises
    )


def _resolved(state: Folded, _: Resolved, at: datetime, __: _Said) -> None:
    if state.answered is not None:  # a closing without an answer closes nothing
        state.resolved = state.resolved or at


def _reopened(state: Folded, _: Reopened, at: datetime, __: _Said) -> None:
    if state.resolved and at - state.resolved <= _REOPEN_WITHIN:
        state.reopened += 1
        state.resolved = None


def _withdrawn(state: Folded, event: Withdrawn, at: datetime, _: _Said) -> None:
    _leave(state, at, event.how)


def _transferred(state: Folded, event: Transferred, at: datetime, _: _Said) -> None:
    if event.accepted:
        _leave(state, at, "handed_over")


def _returned(state: Folded, _: Returned, __: datetime, ___: _Said) -> None:
    if state.left_how == "handed_over":
        state.left, state.left_how = None, ""


def _excluded(state: Folded, event: Excluded, _: datetime, __: _Said) -> None:
    if event.actor is Actor.SYSTEM:  # an agency's own word is a claim
        state.excluded = state.excluded or event.reason


def _claimed(state: Folded, event: Claimed, _: datetime, said: _Said) -> None:
    if event.what == "exclusion" and event.key in said.agreed:
        state.excluded = state.excluded or event.detail or "claim"


def _leave(state: Folded, at: datetime, how: _How) -> None:
    if state.left is None:
        state.left, state.left_how = at, how


_STEPS: dict[type[Event], Callable[[Folded, Any, datetime, _Said], None]] = {
    Received: _received,
    Triaged: _triaged,
    Assigned: _assigned,
    Acknowledged: _acknowledged,
    Answered: _answered,
    Promised: _promised,
    Fulfilled: _fulfilled,
    Resolved: _resolved,
    Reopened: _reopened,
    Withdrawn: _withdrawn,
    Transferred: _transferred,
    Returned: _returned,
    Excluded: _excluded,
    Claimed: _claimed,
}
