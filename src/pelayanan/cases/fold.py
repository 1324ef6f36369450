"""From events to a case. Any order of delivery and any repetition gives the same case.

Source:
    score.md, 1.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from pydantic import AwareDatetime

from pelayanan.cases._answers import Answers, Rules
from pelayanan.cases._claims import exclusion, kinds
from pelayanan.cases._log import Log, whole
from pelayanan.cases.case import Ask, Episode, HandOver, LeftHow, Promise, Status
from pelayanan.cases.events import (
    Actor,
    AnyEvent,
    Assigned,
    Event,
    Received,
    Reopened,
    Resolved,
    Returned,
    Transferred,
    Withdrawn,
)
from pelayanan.cases.standards import Standards
from pelayanan.models import Kind, Record

if TYPE_CHECKING:
    from pelayanan.calendar import WorkCalendar

__all__ = ["Folded", "fold"]

_REOPEN_WITHIN = timedelta(days=14)  # score.md, 1: 14 x 24 h after the closing, inclusive


class Folded(Record):
    """What events say about a case; the names are those of `pelayanan.cases.Case`.

    Attributes:
        opened: To the fraction of a second, which only puts cases in order; all clocks (`episodes`)
            run in whole seconds.
        triage: The kind that triage gave; exclusions are printed under it.
        answered: Of the clock that runs now, as `resolved` and `left` are.
        episodes: All clocks, the first one first.
        messages: When the citizen wrote again, after the first message.
        asks: Answers that asked the citizen for something, not later than the first closing.
        handovers: Those that were accepted, the void ones too.
        handed_by: The case that this one came from.
        came_back: A receiver's case was returned to its sender.
        begins_again: When the citizen came back too late for a reopening: a new case (`settle`).
    """

    opened: AwareDatetime | None = None
    captured: AwareDatetime | None = None
    kind: Kind = Kind.INFORMASI
    triage: Kind = Kind.INFORMASI
    acknowledged: AwareDatetime | None = None
    answered: AwareDatetime | None = None
    resolved: AwareDatetime | None = None
    left: AwareDatetime | None = None
    left_how: LeftHow = ""
    excluded: str = ""
    contacts: int = 0
    reopened: int = 0
    assigned_to: str = ""
    promises: tuple[Promise, ...] = ()
    episodes: tuple[Episode, ...] = ()
    messages: tuple[AwareDatetime, ...] = ()
    asks: tuple[Ask, ...] = ()
    handovers: tuple[HandOver, ...] = ()
    handed_by: str = ""
    came_back: bool = False
    begins_again: AwareDatetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it stands in the denominator of the score."""
        return self.kind.obliges and not self.excluded

    @property
    def status(self) -> Status:
        """Where the case stands."""
        if self.excluded and self.excluded != "before_start":  # that one still wants an answer
            return Status.EXCLUDED
        if self.came_back and self.handed_by:  # void: its need is the sender's again
            return Status.LEFT
        if self.left and not (self.answered and self.answered <= self.left):
            return Status.LEFT
        if self.answered is None:
            return Status.OPEN
        return Status.RESOLVED if self.resolved else Status.ANSWERED


def fold(
    events: Iterable[AnyEvent],
    *,
    as_of: datetime | None = None,
    calendar: "WorkCalendar | None" = None,
    standards: Standards | None = None,
    void: Collection[str] = (),
) -> Folded:
    """Fold events to what they say about their case.

    Args:
        events: Of one case, completed (each with `at` and `key`), in any order.
        as_of: Later events do not exist, and a promised date that is past must have been kept.
        calendar: Needed, with `standards`, to read promises: is the date past, and is it within
            the kind's limit for resolving? Without it every named step counts as an answer.
        standards: Limits of the kinds.
        void: Keys of hand-overs that came back through others.

    Raises:
        ValueError: An event has no instant.
    """
    log = Log.of(events, as_of)
    found = kinds(log)
    if log.first is None:
        return Folded(kind=found.now, triage=found.triage)
    exact, first = log.first
    assert first.at is not None, "a log has only events with an instant"
    answers = Answers.of(log)
    handed, came_back = _handovers(log, first.at, void)
    standard = standards.kinds.get(found.now) if standards else None
    rules = Rules(calendar, standard, whole(as_of) if as_of else None)
    episodes = tuple(_episodes(log, first.at, answers, handed, rules))
    now = episodes[-1]
    written = log.messages()
    assigned = log.all(Assigned)
    later = tuple(at for at in written if at >= first.at)[1:]  # also in the same second
    return Folded(
        opened=exact,
        captured=first.captured,
        kind=found.now,
        triage=found.triage,
        acknowledged=answers.acknowledged(rules, first.at),
        answered=now.answered,
        resolved=now.resolved,
        left=now.left,
        left_how=now.left_how,
        excluded=exclusion(log, found),
        contacts=len(later),
        reopened=len(episodes) - 1,
        assigned_to=assigned[-1].to if assigned else "",
        promises=answers.promises,
        episodes=episodes,
        messages=later,
        asks=_asks(answers, episodes[0], written),
        handovers=tuple(_dated(each, episodes) for each in handed),
        handed_by=next((each.handed_by for each in log.all(Received) if each.handed_by), ""),
        came_back=came_back,
        begins_again=_too_late(log, now),
    )


def _episodes(
    log: Log, opened: datetime, answers: Answers, handed: list[HandOver], rules: Rules
) -> Iterator[Episode]:
    """The clocks of a case: a reopening within 14 days of a closing starts the next."""
    closings = _instants(log.all(Resolved))
    reopenings = _instants(log.all(Reopened))
    leavings = _leavings(log, handed)
    since: datetime | None = None
    while True:
        answered = answers.first(rules, opened, since)
        left, how = next((each for each in leavings if since is None or each[0] >= since), _STAYED)
        if left is not None and answered is not None and answered > left:
            answered = None  # who has left stays unanswered for ever
        resolved = next((at for at in closings if answered and at >= answered), None)
        yield Episode(opened=opened, answered=answered, resolved=resolved, left=left, left_how=how)
        again = next((at for at in reopenings if resolved and at >= resolved), None)
        if again is None or resolved is None or again - resolved > _REOPEN_WITHIN:
            return
        # what was used up to this instant is not used again, or two events could go round for ever
        reopenings = [at for at in reopenings if at > again]
        closings = [at for at in closings if at > resolved]
        since = again + timedelta(seconds=1) if answered == again else again
        opened = again


def _too_late(log: Log, last: Episode) -> datetime | None:
    """When the citizen came back later than 14 days after the closing."""
    if last.resolved is None:
        return None
    limit = last.resolved + _REOPEN_WITHIN
    return next((at for at in _instants(log.all(Reopened)) if at > limit), None)


_Leaving: TypeAlias = tuple[datetime, LeftHow]
_STAYED: tuple[None, LeftHow] = (None, "")


def _leavings(log: Log, handed: list[HandOver]) -> list[_Leaving]:
    """By its author, or handed over: what an agency hides or deletes has not left."""
    found: list[_Leaving] = [
        (event.at, event.how)
        for event in log.all(Withdrawn)
        if event.at is not None and event.actor is Actor.CITIZEN and _nothing_stands(log, event)
    ]
    standing: list[_Leaving] = [(each.at, "handed_over") for each in handed if not each.returned]
    return sorted(found + standing)


def _nothing_stands(log: Log, last: Withdrawn) -> bool:
    """Whether all that the citizen wrote is taken back: a slip sent anew is no farewell."""
    before = log.events[: log.events.index(last) + 1]
    gone = {e.message for e in before if isinstance(e, Withdrawn) and e.actor is Actor.CITIZEN}
    return not last.message or all(e.message in gone for e in before if isinstance(e, Received))


def _handovers(log: Log, opened: datetime, void: Collection[str]) -> tuple[list[HandOver], bool]:
    """Accepted hand-overs, and whether this case itself was returned to where it came from."""
    found: list[HandOver] = []
    came_back = False
    for event in log.events:
        if event.at is None:
            continue
        if isinstance(event, Transferred) and (event.accepted or event.key in log.agreed):
            made = HandOver(
                key=event.key,
                at=event.at,
                opened=opened,
                to=event.to,
                case=event.case,
                returned=event.key in void,
            )
            found.append(made)
        elif isinstance(event, Returned):
            standing = [number for number, each in enumerate(found) if not each.returned]
            came_back = came_back or not standing
            if standing:
                found[standing[-1]] = found[standing[-1]].model_copy(update={"returned": True})
    return found, came_back


def _dated(made: HandOver, episodes: tuple[Episode, ...]) -> HandOver:
    """By the clock of its episode."""
    opened = [each.opened for each in episodes if each.opened <= made.at]
    return made.model_copy(update={"opened": opened[-1]}) if opened else made


def _asks(answers: Answers, first: Episode, written: list[datetime]) -> tuple[Ask, ...]:
    """What the resolution limit leaves out: from an answer that asks to the next message."""
    return tuple(
        Ask(at=at, supplied=next((each for each in written if each > at), None))
        for at in answers.asks
        if first.resolved is None or at <= first.resolved
    )


def _instants(events: Iterable[Event]) -> list[datetime]:
    return [event.at for event in events if event.at is not None]
