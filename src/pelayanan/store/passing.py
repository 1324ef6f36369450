"""What is recorded of one case and makes or ends another: all in one transaction.

An accepted hand-over opens the receiver's case at that instant; what comes back voids it and the
sender's goes on; who comes back later than 14 days after a closing has a new case, ``"ID+1"``.

Source:
    score.md, 1 (hand-over; reopening).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Row, and_, or_, select

from pelayanan.cases import (
    Actor,
    AnyEvent,
    Confirmed,
    Excluded,
    Filed,
    HandOver,
    Received,
    Reopened,
    Returned,
    Transferred,
    Triaged,
    cut,
    fold,
    following,
    is_about,
)
from pelayanan.cases._claims import WITHOUT_CLAIM
from pelayanan.store.keys import Keys, case_id, to_us
from pelayanan.store.log import append, events_of, open_case
from pelayanan.store.reading import is_kept
from pelayanan.store.tables import cases, messages

__all__ = ["AccountFor", "Passing", "Recorded"]

AccountFor: TypeAlias = Callable[[str, str, str], str]
"""Agency, platform and account of a message: the agency's account that can answer it, or ``""``."""

_US = 1_000_000
_SHARED = "platform", "account", "author_key", "message_id"


class Recorded(NamedTuple):
    """Which case took the events, and those of them that were new."""

    case_id: str
    events: list[AnyEvent]


@dataclass(frozen=True, slots=True)
class Passing:
    """Records events, and what follows from them for other cases. Twice is once."""

    connection: Connection
    keys: Keys
    now: datetime
    account_for: AccountFor = lambda _agency, _platform, _account: ""

    def record(self, place: str, new: Sequence[AnyEvent]) -> Recorded:
        """Append events to a case, or to the one that began after it.

        Raises:
            ConfigError: There is no such case.
        """
        told = [event.complete(self.now) for event in new]
        if (after := self._case(following(place))) is not None:
            moved = [e for e in told if not is_about(e) and _us(e) >= after.opened_us]
            kept = self._append(place, [e for e in told if e not in moved])
            if not moved:
                return Recorded(place, kept)
            found = self.record(after.id, moved)
            return Recorded(found.case_id, kept + found.events)
        known = events_of(self.connection, place)
        keys = {event.key for event in known}
        fresh = [event for event in told if event.key not in keys]
        if (begun := self._begin(place, known, fresh)) is not None:
            return begun
        return Recorded(place, self._append(place, told))

    def _append(self, place: str, told: Sequence[AnyEvent]) -> list[AnyEvent]:
        added = append(self.connection, place, told, self.now)
        if any(isinstance(event, (Transferred, Confirmed)) for event in told):
            self._hand_over(place)
        for event in told:
            if isinstance(event, Returned):
                self._give_back(place, event)
        return added

    # ---- a new beginning

    def _begin(self, place: str, known: list[AnyEvent], fresh: list[AnyEvent]) -> Recorded | None:
        """Open the next case, if the citizen came back too late for this one.

        Where the log already has what belongs to the next case it stays one log: counting tells
        the two apart.
        """
        if not any(isinstance(event, Reopened) for event in fresh):
            return None
        at = fold([*known, *fresh]).begins_again
        if at is None or any(not is_about(event) and _us(event) >= to_us(at) for event in known):
            return None
        row = self._need(place)
        earlier, later = cut(Filed(place, row.agency, (*known, *fresh)), at)
        kept = self._append(place, [event for event in earlier.events if event in fresh])
        opening = next(e for e in later.events if isinstance(e, Received) and _us(e) == to_us(at))
        kept_here = is_kept(self.connection, opening.message)
        values = {"message_id": opening.message if kept_here else row.message_id}
        self._open_all(later, row, **values)
        said = [e.message for e in later.events if isinstance(e, Received) and e.message]
        self.connection.execute(
            messages.update()
            .where(messages.c.id.in_(said), messages.c.case_id == place)
            .values(case_id=later.id)
        )
        return Recorded(later.id, kept + [event for event in fresh if event not in kept])

    def _open_all(self, later: Filed, row: Row[Any], **values: str) -> None:
        """One who comes back too late once more has one more case."""
        at = fold(later.events).begins_again
        if at is not None:
            later, last = cut(later, at)
            self._open_all(last, row, **values)
        self._open(later, row, **values)

    # ---- hand-overs

    def _hand_over(self, place: str) -> None:
        """Open the receivers' cases of what stands."""
        row, told = self._need(place), events_of(self.connection, place)
        for made in fold(told).handovers:
            if made.returned or self._receiver(place, made) is not None:
                continue
            above = [each for each in self._above(place) if each.agency == made.to]
            if above:  # it went round: the case that it came from goes on
                back = Returned(at=made.at, to=made.to, key=f"returned:{made.key}")
                append(self.connection, above[0].id, [back], self.now)
                continue
            message = self.keys.draft(place, made.key)
            first = Received(
                at=made.at,
                message=row.message_id,
                captured=self.now,
                handed_by=place,
                key=f"handed:{made.key}",
            )
            account = self.account_for(made.to, row.platform, row.account)
            events = (first, *_of_the_need(told, made))
            opened = Filed(case_id(made.to, message), made.to, events)
            self._open(opened, row, account=account)

    def _give_back(self, place: str, event: Returned) -> None:
        """Tell the other side of a hand-over that it is void."""
        told = events_of(self.connection, place)
        before = {
            made.key
            for made in fold(each for each in told if each.key != event.key).handovers
            if made.returned
        }
        made = [each for each in fold(told).handovers if each.returned and each.key not in before]
        if made:  # this is the sender's: whoever has the need now has it no longer
            target = self._last(place, made[-1])
        else:
            above = list(self._above(place))
            named = [each for each in above if event.to and each.agency == event.to]
            target = next((each.id for each in (*named, *above)), None)
        if target is not None:
            back = Returned(at=event.at, by=event.by, to=event.to, key=f"returned:{event.key}")
            append(self.connection, target, [back], self.now)

    def _last(self, place: str, made: HandOver) -> str | None:
        """The case at the end of a chain of hand-overs."""
        seen, here = {place}, self._receiver(place, made)
        while here is not None and here not in seen:
            seen.add(here)
            handed = fold(events_of(self.connection, here)).handovers
            onward = [each for each in handed if not each.returned]
            further = self._receiver(here, onward[-1]) if onward else None
            if further is None:
                return here
            here = further
        return None

    def _receiver(self, place: str, made: HandOver) -> str | None:
        """The case that a hand-over opened: of that agency, and named by it or of that second."""
        second = to_us(made.at) // _US * _US
        then = and_(cases.c.opened_us >= second, cases.c.opened_us < second + _US)
        asked = select(cases.c.id).where(
            cases.c.agency == made.to, or_(then, cases.c.id == made.case)
        )
        for found in self.connection.scalars(asked.order_by(cases.c.id)).all():
            if fold(events_of(self.connection, found)).handed_by == place:
                return str(found)
        return None

    def _above(self, place: str) -> Iterator[Row[Any]]:
        """The cases that a need came from, the nearest first."""
        seen = {place}
        while (before := fold(events_of(self.connection, place)).handed_by) not in seen:
            row = self._case(before)
            if row is None:
                return
            yield row
            seen.add(before)
            place = before

    # ---- rows

    def _open(self, filed: Filed, row: Row[Any], **values: str) -> None:
        shared = {name: getattr(row, name) for name in _SHARED}
        made = {"id": filed.id, "agency": filed.agency, **shared, **values}
        open_case(self.connection, made, filed.events, self.now)

    def _case(self, place: str) -> Row[Any] | None:
        return self.connection.execute(select(cases).where(cases.c.id == place)).first()

    def _need(self, place: str) -> Row[Any]:
        return self.connection.execute(select(cases).where(cases.c.id == place)).one()


def _of_the_need(told: Sequence[AnyEvent], made: HandOver) -> Iterator[AnyEvent]:
    """What holds whoever has it: its kind (an emergency stays one), and that it is not counted."""
    state = fold(told)
    said = sorted((event for event in told if isinstance(event, Triaged)), key=_us)
    if said:
        by_triage = [event for event in said if event.source != "person"]
        yield Triaged(
            at=made.at,
            actor=Actor.SYSTEM,
            kind=state.kind,
            source=by_triage[-1].source if by_triage else "default",
            key=f"kind:{made.key}",
        )
    if state.excluded in WITHOUT_CLAIM:
        key = f"excluded:{state.excluded}"
        yield Excluded(at=made.at, actor=Actor.SYSTEM, reason=state.excluded, key=key)


def _us(event: AnyEvent) -> int:
    """In whole seconds, as all clocks run."""
    assert event.at is not None, "complete(now) it first"
    return to_us(event.at) // _US * _US
