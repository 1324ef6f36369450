"""Which of the agency's words count as an answer, and from when on.

Source:
    score.md, 1 (`answered`; a promise must be kept).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from pelayanan.cases._log import Log, whole
from pelayanan.cases.case import Case, Promise
from pelayanan.cases.events import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Asked,
    Event,
    Fulfilled,
    MovedToPrivate,
    Promised,
)
from pelayanan.cases.standards import KindStandard, Standards

if TYPE_CHECKING:
    from pelayanan.calendar import WorkCalendar

__all__ = ["Answers", "Rules", "answers_that_count", "stands"]


@dataclass(frozen=True, slots=True)
class Rules:
    """By what a promise is read. Without a calendar every named step counts."""

    calendar: "WorkCalendar | None" = None
    standard: KindStandard | None = None
    as_of: datetime | None = None

    def names_in_time(self, due: date, opened: datetime) -> bool:
        """Whether the date lies within the kind's resolution limit."""
        if self.calendar is None or self.standard is None:
            return True
        ends = self.standard.resolution_ends(opened, self.calendar)
        return due <= self.calendar.local_date(ends)

    def counts_from(self, promise: Promise) -> datetime | None:
        """From when on an answer counts that names only this step; ``None``: not at all."""
        if self.calendar is None or self.as_of is None:
            return promise.said
        is_past = self.calendar.local_date(self.as_of) > promise.due
        kept = promise.done and self.calendar.local_date(promise.done) <= promise.due
        return promise.done if is_past and not kept else promise.said


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person said for the agency: what stands by itself, and what is only promised."""

    full: tuple[datetime, ...]
    steps: tuple[Promise, ...]
    promises: tuple[Promise, ...]
    asks: tuple[datetime, ...]
    words: tuple[datetime, ...]  # that are no answer

    @classmethod
    def of(cls, log: Log) -> "Answers":
        """Read them off the log."""
        done = log.all(Fulfilled)
        named = [event for event in log.all(Promised) if event.actor is Actor.HUMAN]
        only_steps = {event.answer for event in named if event.answer}
        counting = {event.key for event in log.all(Answered) if _counts(event, log)}
        answers = [e for e in log.all(Answered) if e.key in counting and e.key not in only_steps]
        asks = [e for e in log.all(Asked) if e.actor is Actor.HUMAN and e.what]
        steps = [e for e in named if e.unit and (not e.answer or e.answer in counting)]
        used = {event.key for event in (*answers, *asks, *steps)} | only_steps & counting
        return cls(
            full=tuple(sorted(_instant(event) for event in (*answers, *asks))),
            steps=tuple(_promise(event, done) for event in steps),
            promises=tuple(_promise(event, done) for event in named),
            asks=tuple(_instant(event) for event in asks),
            words=tuple(_instant(event) for event in _words(log) if event.key not in used),
        )

    def acknowledged(self, rules: Rules, opened: datetime) -> datetime | None:
        """The first words that are no answer, a step too far away among them."""
        far = [
            promise.said
            for promise in self.steps
            if promise.said and not rules.names_in_time(promise.due, opened)
        ]
        return min([*self.words, *far], default=None)

    def first(self, rules: Rules, opened: datetime, since: datetime | None) -> datetime | None:
        """The first answer on the clock that began at `opened`.

        Args:
            since: What was said before does not count; ``None`` on the first clock, where an
                answer may even precede the message.
        """
        found = [at for at in self.full if since is None or at >= since]
        for promise in self.steps:
            assert promise.said is not None
            later = since is None or promise.said >= since
            if later and rules.names_in_time(promise.due, opened):
                counts = rules.counts_from(promise)
                found += [] if counts is None else [counts]
        return min(found, default=None)


def stands(case: Case, *, as_of: datetime, calendar: "WorkCalendar", standards: Standards) -> bool:
    """Whether the answer of a case counts now, as far as promises tell.

    Its row in a store is read without a calendar: there a named step counts, also when its date
    is past or was too far away.

    Source:
        score.md, 1 (a promise must be kept).
    """
    rules = Rules(calendar, standards.kinds.get(case.kind), whole(as_of))
    steps = [promise for promise in case.promises if promise.said == case.answered]
    return all(
        rules.names_in_time(step.due, case.clock) and rules.counts_from(step) == step.said
        for step in steps
    )


def answers_that_count(events: Iterable[AnyEvent]) -> frozenset[str]:
    """Keys of the substantive answers by persons, by the last word on each.

    Mass texts that nobody outside has confirmed are none (score.md, 1).
    """
    log = Log.of(events, None)
    return frozenset(event.key for event in log.all(Answered) if _counts(event, log))


def _counts(event: Answered, log: Log) -> bool:
    judged = log.judged.get(event.key, event.substantive)
    return event.actor is Actor.HUMAN and judged and event.key not in log.suspended


def _words(log: Log) -> Iterator[Event]:
    """Whatever the agency said."""
    spoken = (Acknowledged, Answered, Asked, MovedToPrivate, Promised)
    return (event for event in log.events if isinstance(event, spoken))


def _promise(event: Promised, done: Iterable[Fulfilled]) -> Promise:
    """What was done before it was promised keeps an earlier promise of the same date only."""
    said = _instant(event)
    kept = (at for each in done if each.due == event.due and (at := _instant(each)) >= said)
    return Promise(due=event.due, unit=event.unit, done=next(kept, None), said=said)


def _instant(event: Event) -> datetime:
    assert event.at is not None, "a log has only events with an instant"
    return event.at
