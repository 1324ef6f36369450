"""Counting: columns in, integers out. The only place where cases become numbers.

Some thousands of cases at a time: memory stays flat, and what is worked on stays near the
processor.

Source:
    score.md, 1 and 3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Standards
from pelayanan.models import Kind
from pelayanan.score.coded import Coded, Codes, blocks
from pelayanan.score.columns import Columns
from pelayanan.score.ends import KINDS, STATES, Ends, Frame, Part, Rows
from pelayanan.score.groups import Group, Groups, Months, Sums
from pelayanan.score.table import Table

__all__ = ["Group", "bucket", "count"]

Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Bins: TypeAlias = npt.NDArray[np.int8]

_STEPS = ("resolution_due", "resolved_in_time", "solved_first_contact")  # each of the one before
_ADDED = {
    **dict.fromkeys(("contacts", "reopened", "promises_due", "promises_kept"), ""),
    **dict.fromkeys(("handed_over", "handed_wrong", "handed_slow"), ""),
    "before_handover_s": "wait_before_handover_seconds",
}
_USUAL = 1 << 15  # minutes whose buckets are looked up
_USUAL_BUCKETS = 64 + 32 * 9
_OBLIGES = np.array([kind.obliges for kind in KINDS])


def count(
    cases: Columns,
    *,
    calendar: WorkCalendar,
    standards: Standards,
    until: int,
    period: str | None = None,
) -> Table[Group]:
    """Count cases, the excluded ones too.

    Args:
        cases: Columns; those opened after `until` are not there.
        until: `as_of` in UTC epoch seconds.
        period: Name of the period of all cases; ``None``: the local month of each opening.

    Raises:
        ConfigError: The columns carry readings of another calendar.
    """
    if cases.read is not None:
        cases.read.check(calendar.version)
    if not len(cases) or int(cases.opened.min()) > until:
        return Table.of({})
    kinds = [kind for kind in map(Kind, cases.kind.names) if kind.obliges]
    counter = _Counter.of(cases, Frame.of(kinds, calendar, standards, until), period)
    for block in blocks(len(cases)):
        counter.take(block)
    return counter.found()


@dataclass(frozen=True, slots=True)
class _Counter:
    """Goes through the columns and adds up what each case says.

    Attributes:
        kinds: Numbers in `KINDS` of the names of `cases.kind`; `triages` of `cases.triage`.
        plain: Every case counts: none is excluded, opened later, or obliges no answer.
        out: Which reasons exclude a case.
        months: ``None`` where all cases are of one period.
    """

    cases: Columns
    frame: Frame
    kinds: Codes
    triages: Codes
    plain: bool
    out: Flags
    months: Months | None
    groups: Groups
    excluded: Sums
    ends: Sums
    buckets: Sums
    added: Mapping[str, Sums]

    @classmethod
    def of(cls, cases: Columns, frame: Frame, period: str | None) -> Self:
        reasons = cases.excluded.names
        months = None if period is not None else _months(cases, frame)
        periods = [period or ""] if months is None else months.names
        groups = Groups(cases.agency.names, KINDS, cases.channel.names, periods)
        return cls(
            cases=replace(cases, later=cases.later.in_order()),
            frame=frame,
            kinds=_numbers(cases.kind),
            triages=_numbers(cases.triage),
            plain=int(cases.opened.max()) <= frame.until
            and reasons == ("",)
            and all(Kind(name).obliges for name in cases.kind.names),
            out=np.array([name != "" for name in reasons], np.bool_),
            months=months,
            groups=groups,
            excluded=Sums(groups, len(reasons)),
            ends=Sums(groups, (len(_STEPS) + 1) * len(STATES)),
            buckets=Sums(groups, _USUAL_BUCKETS),
            added={name: Sums(groups) for name in (*_ADDED, "wait_seconds", "skew")},
        )

    def take(self, block: slice) -> None:
        """Count some of the rows."""
        kind = self.kinds.take(self.cases.kind.code[block])
        if self.plain:
            self._count(block, kind)
            return
        out = self.out.take(self.cases.excluded.code[block])
        kind = np.where(out, self.triages.take(self.cases.triage.code[block]), kind)
        there = (self.cases.opened[block] <= self.frame.until) & _OBLIGES.take(kind)
        for here, do in ((there & out, self._exclude), (there & ~out, self._count)):
            if here.any():
                do(np.flatnonzero(here) + block.start, kind[here])

    def _exclude(self, rows: Ints, kind: Codes) -> None:
        day = self.frame.calendar.reading(self.cases.opened[rows]).local_day
        group = self._group(rows, kind, day)
        self.excluded.add(group, self.cases.excluded.code[rows].astype(np.int64))

    def _group(self, rows: Rows, kind: Codes, local_day: Any) -> Ints:
        cases = self.cases
        codes = [cases.agency.code[rows], kind, cases.channel.code[rows]]
        period = [np.zeros_like(kind)] if self.months is None else [self.months.codes(local_day)]
        return self.groups.number(*codes, *period)

    def _count(self, rows: Rows, kind: Codes) -> None:
        part = self.frame.part(self.cases, rows, kind)
        group = self._group(rows, kind, part.begun.local_day)
        ends = Ends.of(part, self.frame)
        steps = self._resolution(part, ends, kind)
        ends = self._with_later(part, ends, kind)
        self.ends.add(group, steps * len(STATES) + ends.state)
        answered = np.flatnonzero(ends.answered)
        there, waited = group.take(answered), ends.elapsed.take(answered)
        self.added["skew"].add(there[waited < 0])
        self.added["wait_seconds"].add(there, values=np.maximum(0, waited))
        buckets = bucket(ends.minutes.take(answered))
        self.buckets.widen(int(buckets.max(initial=0)))
        self.buckets.add(there, buckets)
        for name in _ADDED:
            if not _is_nothing(getattr(self.cases, name)):
                self.added[name].add(group, values=part[name])

    def _with_later(self, part: Part, ends: Ends, kind: Codes) -> Ends:
        later = self.cases.later
        if not len(later):
            return ends
        rows = _all(part.rows)
        place = np.searchsorted(rows, later.case).clip(max=len(rows) - 1)
        here = np.flatnonzero(rows[place] == later.case)
        if not len(here):
            return ends
        to = place[here]
        return ends.with_later(later[here], to, kind[to], self.frame)

    def _resolution(self, part: Part, ends: Ends, kind: Codes) -> Bins:
        """How far each came: due to be resolved by now, in time and for good, at first contact."""
        frame, cases = self.frame, self.cases
        resolved, limit = part["resolved"], frame.resolution.take(kind)
        done = (resolved != -1) & (resolved <= frame.until)
        now, paused = ends.now, self._paused(part, "paused_now")
        if paused is not None:
            now = part.bins(frame.clocks_to_now(part), paused)
        due = (now > limit) & ~ends.left_early
        if not _is_nothing(cases.waits_for_citizen):
            due &= done | ~part["waits_for_citizen"]
        clocks = frame.clocks_to(part, "resolved", done)
        timely = part.bins(clocks, self._paused(part, "paused_resolved")) <= limit
        in_time = due & done & timely
        if not _is_nothing(cases.reopened):
            in_time &= part["reopened"] == 0
        first = in_time & part["first_contact"]
        steps: Bins = due.view(np.int8) + in_time.view(np.int8) + first.view(np.int8)
        return steps

    def _paused(self, part: Part, name: str) -> Ints | None:
        return None if _is_nothing(getattr(self.cases, name)) else part[name]

    # ---- what was counted, by name

    def found(self) -> Table[Group]:
        """All that is not 0."""
        size = len(self.groups)
        steps = self.ends.cells.reshape(size, len(_STEPS) + 1, len(STATES))
        parts: list[tuple[Sequence[str], Ints]] = [(STATES, steps.sum(axis=1))]
        for number, name in enumerate(("n", *_STEPS)):
            parts.append(((name,), steps[:, number:].sum(axis=(1, 2))))
        for name, sums in self.added.items():
            parts.append(((_ADDED.get(name) or name,), sums.cells))
        for heading, sums, keys in (
            ("histogram", self.buckets, range(self.buckets.width)),
            ("excluded", self.excluded, self.cases.excluded.names),
        ):
            parts.append(([f"{heading}:{key}" for key in keys], sums.cells))
        return Table.holding([*self.groups], *parts)


def _months(cases: Columns, frame: Frame) -> Months:
    last = min(int(cases.opened.max()), frame.until)
    span = np.array([int(cases.opened.min()), last], np.int64)
    return Months(*frame.calendar.reading(span).local_day.tolist())


def _numbers(kinds: Coded) -> Codes:
    return np.array([KINDS.index(Kind(name)) for name in kinds.names], np.int32)


def _all(rows: Rows) -> Ints:
    if isinstance(rows, slice):
        return np.arange(int(rows.start), int(rows.stop), dtype=np.int64)
    return rows


def _is_nothing(column: npt.NDArray[Any]) -> bool:
    """Whether it was made of one 0 (or no) for all rows."""
    return column.strides == (0,) and not column[0]


# ---- histogram


def bucket(minutes: Ints) -> Ints:
    """Where an answer time stands in the histogram.

    Source:
        score.md, 3: minute by minute below 64, then 32 buckets each time it doubles.
    """
    found = _usual().take(minutes, mode="clip")
    far = np.flatnonzero(minutes >= _USUAL)
    found[far] = _bucket(minutes[far])
    return found


@cache
def _usual() -> Ints:
    return _bucket(np.arange(_USUAL))


def _bucket(minutes: Ints) -> Ints:
    power = np.frexp(np.maximum(minutes, 1).astype(np.float64))[1].astype(np.int64) - 1
    power = np.maximum(power, 6)
    within = (minutes - (1 << power)) >> (power - 5)
    return np.where(minutes < 64, minutes, 64 + 32 * (power - 6) + within)
