"""Counting: columns in, integers out. The only place where cases become numbers.

Source:
    score.md, 1 (end of a case, reopening) and 3 (values).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import KindStandard, Standards
from pelayanan.models import Kind
from pelayanan.score.bins import NONE, Clocks
from pelayanan.score.columns import Columns, Later

__all__ = ["Group", "bucket", "count"]

Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.str_]
Counts: TypeAlias = dict[str, int]

_EARLY = {"withdrawn": 2, "deleted": 2, "handed_over": 4}  # last bin in which leaving is early
_EARLY_BINS = 4
_LEFT_EARLY, _LEFT_LATE, _CENSORED = NONE, NONE + _EARLY_BINS + 1, NONE + _EARLY_BINS + 1
_STATES = _CENSORED + NONE + 1
_ADDED = (
    "contacts",
    "reopened",
    "promises_due",
    "promises_kept",
    "handed_over",
    "handed_wrong",
    "handed_slow",
)


class Group(NamedTuple):
    """What cases are counted by."""

    agency: str
    kind: str
    channel: str
    period: str


def count(
    cases: Columns,
    *,
    calendar: WorkCalendar,
    standards: Standards,
    until: int,
    period: str | None = None,
) -> dict[Group, Counts]:
    """Count cases, the excluded ones too.

    Args:
        cases: Columns; those opened after `until` are not there.
        until: `as_of` in UTC epoch seconds.
        period: Name of the period of all cases; ``None``: the local month of each opening.
    """
    left_out = cases.excluded != ""
    kind = np.where(left_out, cases.triage, cases.kind)
    there = (cases.opened <= until) & _where(kind, lambda name: Kind(name).obliges)
    groups, code = _groups(cases, kind, there, period, calendar)
    found: list[Counts] = [{} for _ in groups]
    for reason in np.unique(cases.excluded[there & left_out]):
        here = there & (cases.excluded == reason)
        _add(found, f"excluded:{reason}", _per_group(code[here], len(groups)))
    scored = there & ~left_out
    if scored.any():
        _count_scored(cases, scored, code, _Frame(calendar, standards, until), found)
    return {group: counts for group, counts in zip(groups, found, strict=True) if counts}


@dataclass(frozen=True, slots=True)
class _Frame:
    calendar: WorkCalendar
    standards: Standards
    until: int

    def by_standard(self, kinds: Texts) -> Iterator[tuple[Flags, KindStandard]]:
        """Rows whose kinds are tested alike, taken together: fewer and longer columns."""
        rows: dict[KindStandard, list[str]] = {}
        for name in np.unique(kinds):
            standard = self.standards.kinds[Kind(str(name))]
            alike = standard.model_copy(update={"source": "", "legal": None})
            rows.setdefault(alike, []).append(str(name))
        for standard, names in rows.items():
            yield np.isin(kinds, names), standard


def _count_scored(
    cases: Columns, scored: Flags, code: Ints, frame: _Frame, found: list[Counts]
) -> None:
    size = len(found)
    row = np.flatnonzero(scored)
    group, kinds = code[row], cases.kind[row]
    ends = _Ends.of(_Clocks.of(cases, row), kinds, frame)
    due, in_time = _resolution(cases, row, ends, kinds, frame)
    ends = _with_later(cases, row, kinds, ends, frame)
    states = np.bincount(group * _STATES + ends.state, minlength=size * _STATES)
    for number, name in _STATE_NAMES.items():
        _add(found, name, states.reshape(size, _STATES)[:, number])
    _add(found, "n", _per_group(group, size))
    answered = ends.state <= NONE
    waits = np.maximum(0, ends.elapsed)
    for name, values in (
        *((name, getattr(cases, name)[row]) for name in _ADDED),
        ("wait_before_handover_seconds", cases.before_handover_s[row]),
        ("wait_seconds", waits * answered),
        ("skew", answered & (ends.elapsed < 0)),
        ("resolution_due", due),
        ("resolved_in_time", in_time),
        ("solved_first_contact", in_time & cases.first_contact[row]),
    ):
        _add(found, name, _sum(group, values.astype(np.int64), size))
    _histogram(found, group[answered], ends.minutes[answered])


def _histogram(found: list[Counts], group: Ints, minutes: Ints) -> None:
    place = bucket(minutes)
    if not len(place):
        return
    width = int(place.max()) + 1
    table = np.bincount(group * width + place, minlength=len(found) * width)
    for number in np.unique(place):
        _add(found, f"histogram:{number}", table.reshape(len(found), width)[:, number])


def bucket(minutes: Ints) -> Ints:
    """Where an answer time stands in the histogram.

    Source:
        score.md, 3: minute by minute below 64, then 32 buckets each time it doubles.
    """
    power = np.frexp(np.maximum(minutes, 1).astype(np.float64))[1].astype(np.int64) - 1
    power = np.maximum(power, 6)
    within = (minutes - (1 << power)) >> (power - 5)
    return np.where(minutes < 64, minutes, 64 + 32 * (power - 6) + within)


_STATE_NAMES = (
    {number: f"answered_{number}" for number in range(1, NONE + 1)}
    | {_LEFT_EARLY + number: f"left_early_{number}" for number in range(1, _EARLY_BINS + 1)}
    | {_LEFT_LATE: "left_late"}
    | {_CENSORED + number: f"censored_{number}" for number in range(1, NONE + 1)}
)


class _Clocks(NamedTuple):
    opened: Ints
    answered: Ints
    left: Ints
    left_how: Texts

    @classmethod
    def of(cls, columns: Columns | Later, rows: Ints | Flags) -> Self:
        return cls(
            columns.opened[rows],
            columns.answered[rows],
            columns.left[rows],
            columns.left_how[rows],
        )


@dataclass(frozen=True, slots=True)
class _Ends:
    """How each clock ended: answered (not later than it left), left, or open until `as_of`.

    Attributes:
        state: 1 to 9 answered in that bin, then left early by bin, left late, open by bin.
        elapsed: Seconds of the citizen to that end.
        minutes: Minutes on the kind's clock to that end, 0 where negative.
    """

    state: Ints
    elapsed: Ints
    minutes: Ints

    @classmethod
    def of(cls, clocks: _Clocks, kinds: Texts, frame: _Frame) -> Self:
        until = frame.until
        left, how, answered = clocks.left, clocks.left_how, clocks.answered
        has_left = (how != "") & (left <= until) & (left >= 0)
        has_answer = (answered != -1) & (answered <= until)
        is_answered = has_answer & (~has_left | (answered <= left))
        gone = has_left & ~is_answered
        instant = np.where(is_answered, answered, np.where(gone, left, until)).astype(np.int64)
        number, minutes = np.zeros_like(instant), np.zeros_like(instant)
        for here, standard in frame.by_standard(kinds):
            passed = Clocks.of(clocks.opened[here], instant[here], frame.calendar, standard)
            number[here] = passed.bins(standard)
            minutes[here] = np.maximum(0, passed.worked) // 60
        early = gone & (number <= _last_early(how))
        state = np.where(is_answered, number, _CENSORED + number)
        state = np.where(gone, np.where(early, _LEFT_EARLY + number, _LEFT_LATE), state)
        return cls(state, instant - clocks.opened, minutes)

    @property
    def left_early(self) -> Flags:
        return (self.state > _LEFT_EARLY) & (self.state < _LEFT_LATE)

    @property
    def rank(self) -> Ints:
        """By which the one clock of a reopened case is chosen: the latest bin counts."""
        late = np.where(self.state == _LEFT_LATE, NONE, self.state)
        open_ = np.where(self.state > _CENSORED, self.state - _CENSORED, late)
        return np.where(self.left_early, 0, open_)


def _last_early(how: Texts) -> Ints:
    names, code = np.unique(how, return_inverse=True)
    return np.array([_EARLY.get(str(name), 0) for name in names], np.int64)[code]


def _with_later(cases: Columns, row: Ints, kinds: Texts, ends: _Ends, frame: _Frame) -> _Ends:
    """Of a case and its reopenings only the episode in the latest bin, among equals the first."""
    later = cases.later
    place = np.full(len(cases), -1, np.int64)
    place[row] = np.arange(len(row))
    counted = place[later.case] >= 0
    if not counted.any():
        return ends
    to = place[later.case[counted]]
    again = _Ends.of(_Clocks.of(later, counted), kinds[to], frame)
    best, ranks = ends.rank, again.rank
    state, elapsed, minutes = ends.state.copy(), ends.elapsed.copy(), ends.minutes.copy()
    order = np.lexsort((later.opened[counted], to))
    for number in order:  # few cases are reopened
        mine = to[number]
        if ranks[number] > best[mine]:
            best[mine] = ranks[number]
            state[mine], elapsed[mine] = again.state[number], again.elapsed[number]
            minutes[mine] = again.minutes[number]
    return _Ends(state, elapsed, minutes)


def _resolution(
    cases: Columns, row: Ints, ends: _Ends, kinds: Texts, frame: _Frame
) -> tuple[Flags, Flags]:
    """Which cases should be resolved by now, and which of them were in time, for good."""
    opened, resolved = cases.opened[row], cases.resolved[row]
    done = (resolved != -1) & (resolved <= frame.until)
    past, timely = np.zeros(len(row), np.bool_), np.zeros(len(row), np.bool_)
    for here, standard in frame.by_standard(kinds):
        now = np.full(int(here.sum()), frame.until, np.int64)
        begun = opened[here]
        clocks = Clocks.of(begun, now, frame.calendar, standard)
        past[here] = ~clocks.resolves(standard, cases.paused_now[row][here])
        closed = np.where(done[here], resolved[here], begun)
        clocks = Clocks.of(begun, closed, frame.calendar, standard)
        timely[here] = clocks.resolves(standard, cases.paused_resolved[row][here])
    due = past & ~ends.left_early & (done | ~cases.waits_for_citizen[row])
    return due, due & done & timely & (cases.reopened[row] == 0)


# ---- groups


def _groups(
    cases: Columns, kind: Texts, there: Flags, period: str | None, calendar: WorkCalendar
) -> tuple[list[Group], Ints]:
    """The groups of the cases that are there, and the number of each case's group."""
    code = np.zeros(len(cases), np.int64)
    rows = np.flatnonzero(there)
    if not len(rows):
        return [], code
    if period is None:
        months = calendar.reading(cases.opened[rows]).local_day.astype("datetime64[D]")
        periods = months.astype("datetime64[M]").astype(np.str_)
    else:
        periods = np.full(len(rows), period)
    columns = [cases.agency[rows], kind[rows], cases.channel[rows], periods]
    names: list[list[str]] = []
    joined = np.zeros(len(rows), np.int64)
    for column in columns:
        values, inverse = np.unique(column, return_inverse=True)
        names.append([str(value) for value in values])
        joined = joined * len(values) + inverse
    used, code[rows] = np.unique(joined, return_inverse=True)
    shape = tuple(len(each) for each in names)
    parts = zip(*np.unravel_index(used, shape), strict=True)
    return [Group(*(names[n][index] for n, index in enumerate(part))) for part in parts], code


def _where(texts: Texts, test: Callable[[str], bool]) -> Flags:
    values, inverse = np.unique(texts, return_inverse=True)
    return np.array([test(str(value)) for value in values], np.bool_)[inverse]


def _per_group(code: Ints, size: int) -> Ints:
    return np.bincount(code, minlength=size)


def _sum(code: Ints, values: Ints, size: int) -> Ints:
    """Sums by group: exact, since no sum of seconds reaches 2 to the 53."""
    return np.bincount(code, weights=values, minlength=size).astype(np.int64)


def _add(found: list[Counts], name: str, values: Ints) -> None:
    for number in np.flatnonzero(values):
        found[number][name] = int(values[number])
