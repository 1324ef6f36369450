"""Cases settled between agencies: hand-overs, what comes back, and what begins again.

Source:
    score.md, 1 (hand-over; reopening: later than 14 days it is a new case).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pelayanan.cases._log import whole
from pelayanan.cases.case import HandOver
from pelayanan.cases.events import (
    AnyEvent,
    Claimed,
    Confirmed,
    Fulfilled,
    Judged,
    Received,
    Reopened,
    Supplied,
    Triaged,
    Withdrawn,
)
from pelayanan.cases.fold import Folded, fold
from pelayanan.cases.standards import Standards

if TYPE_CHECKING:
    from pelayanan.calendar import WorkCalendar

__all__ = ["Filed", "cut", "following", "is_about", "preceding", "settle"]

_BY_CITIZEN = (Received, Reopened, Supplied, Withdrawn)
_ABOUT = (Triaged, Claimed, Confirmed, Judged, Fulfilled)  # they speak of other events


@dataclass(frozen=True, slots=True)
class Filed:
    """The log of one case, and whose it is."""

    id: str
    agency: str
    events: tuple[AnyEvent, ...]


def settle(
    filed: Iterable[Filed],
    *,
    as_of: datetime | None = None,
    calendar: "WorkCalendar | None" = None,
    standards: Standards | None = None,
) -> dict[str, tuple[Filed, Folded]]:
    """Fold cases that may have been handed from one agency to another.

    What the citizen does after a hand-over belongs to the receiver's case. A hand-over that comes
    back is void: the cases after it are gone, and what the citizen and the sender did there is the
    sender's. Who comes back later than 14 days after a closing has a new case, ``"ID+1"``.

    Args:
        filed: All cases of a chain, in any order; a case without hand-overs is a chain by itself.
        as_of: Later events do not exist.
        calendar: As for `fold`.
        standards: As for `fold`.

    Returns:
        By id. Void cases are not there, and those that are not yet opened at `as_of`.
    """

    def folded(each: Filed, void: Collection[str] = ()) -> Folded:
        return fold(each.events, as_of=as_of, calendar=calendar, standards=standards, void=void)

    chains = _Chains(folded)
    for each in filed:
        chains.put(each)
    chains.settle()
    return {key: (chains.cases[key], each) for key, each in chains.found.items()}


@dataclass(slots=True)
class _Chains:
    """Who handed over to whom."""

    folded: Callable[..., Folded]
    cases: dict[str, Filed] = field(default_factory=dict[str, Filed])
    found: dict[str, Folded] = field(default_factory=dict[str, Folded])

    def put(self, each: Filed, void: Collection[str] = ()) -> None:
        """Fold a case, and its new beginnings apart from it."""
        state = self.folded(each, void)
        if state.opened is None:
            self.found.pop(each.id, None)
            return
        if state.begins_again is not None:
            earlier, later = cut(each, state.begins_again)
            self.put(later)
            each, state = earlier, self.folded(earlier, void)
        self.cases[each.id], self.found[each.id] = each, state

    def settle(self) -> None:
        """Senders before receivers: a case begins at the hand-over to it."""
        for key in sorted(self.found, key=lambda key: (self.found[key].opened, key)):
            if key not in self.found or not self.found[key].handovers:
                continue
            self._void(key)
            self._pass_on(key)
        for key, state in self.found.items():
            if state.handovers:
                marked = tuple(self._marked(key, made) for made in state.handovers)
                self.found[key] = state.model_copy(update={"handovers": marked})

    def _void(self, key: str) -> None:
        """Take out the cases after a hand-over that came back."""
        case, state = self.cases[key], self.found[key]
        back = [made for made in state.handovers if made.returned or self._comes_back(key, made)]
        gone = {place for made in back for place in self._below(key, made)}
        events = list(case.events)
        for place in sorted(gone):
            events += _goes_on(self.cases[place], case.agency)
        for place in gone:
            del self.found[place]
        if back:
            self.put(replace(case, events=tuple(events)), {made.key for made in back})

    def _pass_on(self, key: str) -> None:
        """What the citizen does after a hand-over is the receiver's."""
        standing = [made for made in self.found[key].handovers if not made.returned]
        place = self._receiver(key, standing[0]) if standing else None
        if place is None:
            return
        case, state = self.cases[key], self.found[key]
        # from that second on; only what opened a case stays in it
        since = max(standing[0].at, state.episodes[0].opened + timedelta(seconds=1))
        void = {made.key for made in self.found[key].handovers if made.returned}
        theirs = (each for each in case.events if isinstance(each, _BY_CITIZEN))
        passed = [each for each in theirs if _at(each) >= since]
        if passed:
            kept = tuple(each for each in case.events if each not in passed)
            self.put(replace(case, events=kept), void)
            receiver = self.cases[place]
            self.put(replace(receiver, events=(*receiver.events, *passed)))

    def _receiver(self, key: str, made: HandOver) -> str | None:
        """The case that a hand-over opened: no other is ever named by one, or voided with it."""
        for place, state in sorted(self.found.items()):
            same = self.cases[place].agency == made.to and _root(state.handed_by) == _root(key)
            if same and (place == made.case or state.episodes[0].opened == made.at):
                return place
        return None

    def _below(self, key: str, made: HandOver) -> Iterator[str]:
        """All cases after a hand-over, whatever became of it."""
        seen, place = {key}, self._receiver(key, made)
        waiting = [place] if place else []
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            yield here
            onward = (self._receiver(here, each) for each in self.found[here].handovers)
            waiting += [each for each in onward if each]

    def _comes_back(self, key: str, made: HandOver) -> bool:
        """Whether it reaches the sender again, directly or through others."""
        sender, place = self.cases[key].agency, self._receiver(key, made)
        if place is not None and self.found[place].came_back:
            return True
        return any(
            onward.to == sender and not onward.returned
            for each in self._below(key, made)
            for onward in self.found[each].handovers
        )

    def _marked(self, key: str, made: HandOver) -> HandOver:
        """Whether the receiver handed the need over again before an answer."""
        place = None if made.returned else self._receiver(key, made)
        if place is None:
            return made
        case = self.found[place]
        answered = case.episodes[0].answered
        passed_on = any(
            not each.returned and (answered is None or each.at < answered)
            for each in case.handovers
        )
        return made.model_copy(update={"passed_on": passed_on})


def _goes_on(gone: Filed, sender: str) -> list[AnyEvent]:
    """What of a void case belongs to the sender's."""
    return [
        each
        for each in gone.events
        if not (isinstance(each, Received) and each.handed_by)
        and (gone.agency == sender or isinstance(each, _BY_CITIZEN))
    ]


def cut(case: Filed, at: datetime) -> tuple[Filed, Filed]:
    """The case up to a new beginning, and the new one, ``"ID+1"``.

    What speaks of other events (kind, claims) is in both.
    """
    before = tuple(e for e in case.events if is_about(e) or _at(e) < at)
    after = [e for e in case.events if is_about(e) or _at(e) >= at]
    opening = [e for e in after if isinstance(e, Received) and _at(e) == at]
    if not opening:
        back = next(e for e in after if isinstance(e, Reopened) and _at(e) == at)
        after.append(Received(at=back.at, by=back.by, message=back.message, key=back.key))
    later = tuple(e for e in after if not (isinstance(e, Reopened) and _at(e) == at))
    return replace(case, events=before), Filed(following(case.id), case.agency, later)


def following(case_id: str) -> str:
    """Id of the case that begins when a citizen comes back too late for a reopening."""
    number = case_id.rpartition("+")[2] if "+" in case_id else "0"
    bare = case_id.removesuffix(f"+{number}")
    return f"{bare}+{int(number) + 1 if number.isdecimal() else 1}"


def preceding(case_id: str) -> str:
    """Id of the case before a new beginning."""
    bare, _, number = case_id.rpartition("+")
    return f"{bare}+{int(number) - 1}" if number.isdecimal() and int(number) > 1 else bare


def _root(case_id: str) -> str:
    """The id of the log: who handed over what begins in it may have named either."""
    bare, _, number = case_id.rpartition("+")
    return bare if bare and number.isdecimal() else case_id


def is_about(event: AnyEvent) -> bool:
    """Whether it speaks of other events, whenever they were; to exclude is about one case."""
    excludes = isinstance(event, Claimed) and event.what == "exclusion"
    return isinstance(event, _ABOUT) and not excludes


def _at(event: AnyEvent) -> datetime:
    assert event.at is not None, "a log has only events with an instant"
    return whole(event.at)
