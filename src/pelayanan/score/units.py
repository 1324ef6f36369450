"""From folded cases to the rows that are counted, with the calendar and `as_of` of the count."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Case,
    Episode,
    Filed,
    Folded,
    HandOver,
    KindStandard,
    Standards,
    preceding,
    settle,
)
from pelayanan.errors import ConfigError
from pelayanan.score.bins import bins
from pelayanan.score.coded import Coded
from pelayanan.score.columns import Columns, Later

__all__ = ["Units", "columns_of"]

_SLOW = 4  # score.md, 3: handed_slow is made in bin 4 or later
_INSTANTS = ("opened", "answered", "left", "resolved")
_TEXTS = ("left_how", "agency", "kind", "channel", "excluded", "triage")
_FLAGS = ("first_contact", "waits_for_citizen")


def columns_of(
    cases: Iterable[Case], *, calendar: WorkCalendar, standards: Standards, as_of: datetime
) -> Columns:
    """Cases as columns: from their events where they carry them, else from what they say.

    Raises:
        ConfigError: A case needs its events to be counted and does not carry them.
    """
    listed = {case.id: case for case in cases}
    filed = [Filed(each.id, each.agency, each.events) for each in listed.values() if each.events]
    settled = settle(filed, as_of=as_of, calendar=calendar, standards=standards)
    units = Units(calendar, standards, as_of)
    for case in listed.values():
        if not case.events:
            units.add(_plain(case), agency=case.agency, channel=case.platform)
    for key, (file, state) in settled.items():
        while key not in listed:  # a new beginning
            key = preceding(key)  # noqa: PLW2901  of the case before it
        units.add(state, agency=file.agency, channel=listed[key].platform)
    return units.columns()


def _plain(case: Case) -> Folded:
    """What a case without its events says, where that is enough."""
    needs = case.reopened or case.promises or case.left_how == "handed_over"
    if needs or (case.resolved and case.contacts):
        raise ConfigError(
            f"case {case.id} was reopened, handed over, promised or written to again: count it "
            "with its events (Case.events), or use desk.tally"
        )
    clock = Episode(
        opened=case.opened,
        answered=case.answered,
        resolved=case.resolved,
        left=case.left,
        left_how=case.left_how,
    )
    return Folded(
        opened=case.opened,
        kind=case.kind,
        triage=case.kind,
        excluded=case.excluded,
        contacts=case.contacts,
        episodes=(clock,),
    )


@dataclass(slots=True)
class Units:
    """Collects cases, each with all its clocks, and gives them back as columns."""

    calendar: WorkCalendar
    standards: Standards
    as_of: datetime
    _rows: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    _later: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    _size: int = 0

    def add(self, case: Folded, *, agency: str, channel: str) -> None:
        """Take a case in; one that is not opened at `as_of` is not there."""
        if case.opened is None or _second(case.opened) > _second(self.as_of):
            return
        first = case.episodes[0]
        row: dict[str, Any] = {
            **_clock(first),
            "resolved": _second(first.resolved),
            "agency": agency,
            "kind": case.kind.value,
            "channel": channel,
            "excluded": case.excluded,
            "triage": case.triage.value,
            "contacts": case.contacts,
            "reopened": case.reopened,
            "first_contact": not any(
                first.resolved and written <= first.resolved for written in case.messages
            ),
            **self._promises(case),
            **self._pauses(case, first),
            **self._handed(case),
        }
        for name, value in row.items():
            self._rows[name].append(value)
        for episode in case.episodes[1:]:
            for name, value in _clock(episode).items():
                self._later[name].append(value)
            self._later["case"].append(self._size)
        self._size += 1

    def columns(self) -> Columns:
        """All that was taken in."""
        later = {name: _array(name, self._later[name]) for name in (*_INSTANTS[:3], "left_how")}
        case = np.array(self._later["case"], np.int64)
        rows = {
            name: _array(name, self._rows[name])
            for name in Columns.__dataclass_fields__
            if name not in {"later", "read"}
        }
        return Columns(**rows, later=Later(case=case, **later))

    def _day(self, at: datetime) -> date:
        return self.calendar.local_date(at)

    def _promises(self, case: Folded) -> dict[str, int]:
        """Every date named by a person, once it is past; kept: done on that date or before."""
        if not case.promises:
            return {"promises_due": 0, "promises_kept": 0}
        today = self._day(self.as_of)
        due = [each for each in case.promises if today > each.due]
        kept = [each for each in due if each.done and self._day(each.done) <= each.due]
        return {"promises_due": len(due), "promises_kept": len(kept)}

    def _pauses(self, case: Folded, first: Episode) -> dict[str, int | bool]:
        """Working days strictly between an answer that asks and the citizen's next message."""
        found = {"waits_for_citizen": any(ask.supplied is None for ask in case.asks)}
        spans = [(ask.at, ask.supplied) for ask in case.asks if ask.supplied]
        ends = {"paused_resolved": first.resolved, "paused_now": self.as_of}
        days = {
            name: len({day for span in spans for day in self._between(first, end, *span)})
            for name, end in ends.items()
            if end is not None and spans
        }
        return {"paused_resolved": 0, "paused_now": 0} | days | found

    def _between(
        self, first: Episode, end: datetime, asked: datetime, supplied: datetime
    ) -> Iterator[int]:
        """Ordinals of the working days inside both the clock and the pause."""
        after = max(self._day(first.opened), self._day(asked)).toordinal()
        before = min(self._day(end), self._day(supplied)).toordinal()
        return (
            number
            for number in range(after + 1, before)
            if self.calendar.is_working_day(date.fromordinal(number))
        )

    def _handed(self, case: Folded) -> dict[str, int]:
        standard = self.standards.kinds.get(case.kind)
        made = case.handovers if standard is not None else ()
        slow = sum(standard is not None and self._is_slow(each, standard) for each in made)
        waits = [each.at - each.opened for each in made if not each.returned]
        return {
            "handed_over": len(made),
            "handed_wrong": sum(each.returned or each.passed_on for each in made),
            "handed_slow": slow,
            "before_handover_s": sum(max(0, int(wait.total_seconds())) for wait in waits),
        }

    def _is_slow(self, made: HandOver, standard: KindStandard) -> bool:
        opened, at = (np.array([_second(each)], np.int64) for each in (made.opened, made.at))
        return bool(bins(opened, at, self.calendar, standard)[0] >= _SLOW)


def _clock(episode: Episode) -> dict[str, int | str]:
    return {
        "opened": _second(episode.opened),
        "answered": _second(episode.answered),
        "left": _second(episode.left),
        "left_how": episode.left_how,
    }


def _second(at: datetime | None) -> int:
    return -1 if at is None else int(at.timestamp() // 1)


def _array(name: str, values: list[Any]) -> Any:
    if name in _TEXTS:
        return Coded.of(values)
    return np.array(values, np.bool_ if name in _FLAGS else np.int64)
