"""How each clock ended: answered in which bin, left early or late, open until `as_of`.

Source:
    score.md, 1 (end of a case, reopening) and 2 (bins).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar
from pelayanan.calendar.tables import Readings
from pelayanan.cases import KindStandard, Standards
from pelayanan.models import Kind
from pelayanan.score.bins import NONE, Clocks
from pelayanan.score.coded import Codes
from pelayanan.score.columns import Columns, Later

__all__ = ["CENSORED", "EARLY", "KINDS", "LEFT_LATE", "STATES", "Ends", "Frame", "Part", "Rows"]

Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Bins: TypeAlias = npt.NDArray[np.int8]
Rows: TypeAlias = slice | Ints

KINDS = tuple(Kind)
EARLY = {"withdrawn": 2, "deleted": 2, "handed_over": 4}  # last bin in which leaving is early
_EARLY_BINS = 4
_LEFT_EARLY, LEFT_LATE, CENSORED = NONE, NONE + _EARLY_BINS + 1, NONE + _EARLY_BINS + 1
_NAMES = (
    {number: f"answered_{number}" for number in range(1, NONE + 1)}
    | {_LEFT_EARLY + number: f"left_early_{number}" for number in range(1, _EARLY_BINS + 1)}
    | {LEFT_LATE: "left_late"}
    | {CENSORED + number: f"censored_{number}" for number in range(1, NONE + 1)}
)
STATES = tuple(_NAMES.get(number, "") for number in range(CENSORED + NONE + 1))
"""Names of the states by number."""


class _Tested(NamedTuple):
    """Rows whose kinds are tested alike."""

    rows: Rows
    standard: KindStandard


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the cases, or of their clocks after reopenings.

    Attributes:
        begun: Readings of the openings.
        tested: All rows by the usual tests, then those again that have others.
        read: Readings of the other instants, empty where the calendar is asked.
    """

    columns: Columns | Later
    rows: Rows
    begun: Readings[Any]
    tested: Sequence[_Tested]
    read: Mapping[str, Readings[Any]]

    def __getitem__(self, name: str) -> Any:
        return getattr(self.columns, name)[self.rows]

    def clocks(self, instant: Ints | int, working_s: Any, days_before: Any) -> Clocks:
        """From the openings to an instant of each case, or to one of all, and its readings."""
        days: Ints = days_before - self.begun.days_through
        np.maximum(days, 0, out=days)
        return Clocks(instant - self["opened"], working_s - self.begun.working_s, days)

    def bins(self, clocks: Clocks, paused: Ints | None = None) -> Bins:
        """The bin of each row, with `paused` working days left out."""
        (_, usual), *others = self.tested
        number = _bins(clocks, usual, paused)
        for rows, standard in others:
            left_out = None if paused is None else paused[rows]
            number[rows] = _bins(clocks.take(rows), standard, left_out)
        return number

    def worked(self, clocks: Clocks) -> Ints:
        """Seconds on the clock of each row's kind."""
        on = {"citizen": clocks.elapsed, "office": clocks.worked}
        (_, usual), *others = self.tested
        seconds = on[usual.clock].copy() if others else on[usual.clock]
        for rows, standard in others:
            seconds[rows] = on[standard.clock][rows]
        return seconds


def _bins(clocks: Clocks, standard: KindStandard, paused: Ints | None) -> Bins:
    if standard.clock == "citizen":
        clocks = clocks.by_citizen()
    elif paused is not None:
        clocks = clocks.without(paused)
    return clocks.bins(standard)


@dataclass(frozen=True, slots=True)
class Frame:
    """By what is counted: calendar, standards, and until when (UTC epoch seconds).

    Attributes:
        now: Readings of `until`.
        ladders: Standards that differ in their tests; most kinds share one.
        ladder: Place in it, by number of the kind.
        resolution: Test whose end is the limit for resolving, by number of the kind.
    """

    calendar: WorkCalendar
    until: int
    now: Readings[int]
    ladders: tuple[KindStandard, ...]
    ladder: Bins
    resolution: Bins

    @classmethod
    def of(
        cls, kinds: Iterable[Kind], calendar: WorkCalendar, standards: Standards, until: int
    ) -> Self:
        """For cases of these kinds, which oblige an answer."""
        tests: dict[tuple[str, tuple[str, ...]], KindStandard] = {}
        ladder, resolution = np.zeros((2, len(KINDS)), np.int8)
        for kind in kinds:
            standard = standards.kinds[kind]
            alike = (standard.clock, standard.tests)
            tests.setdefault(alike, standard)
            ladder[KINDS.index(kind)] = [*tests].index(alike)
            resolution[KINDS.index(kind)] = standard.resolution_test
        read = calendar.reading(np.array([until], np.int64))
        now = Readings(*(int(each[0]) for each in read))
        return cls(calendar, until, now, tuple(tests.values()), ladder, resolution)

    def part(self, columns: Columns | Later, rows: Rows, kinds: Codes) -> Part:
        """Some rows, with what is known of their openings; `kinds` are numbers in `KINDS`."""
        read: dict[str, Readings[Any]] = {}
        if isinstance(columns, Columns) and columns.read:
            for name, found in columns.read.of.items():
                read[name] = Readings(*(each[rows] for each in found))
        begun = read.get("opened") or self.calendar.reading(columns.opened[rows])
        return Part(columns, rows, begun, self._tested(kinds), read)

    def _tested(self, kinds: Codes) -> list[_Tested]:
        usual, *others = self.ladders
        if not others:
            return [_Tested(slice(None), usual)]
        ladder = self.ladder.take(kinds)
        rows = (np.flatnonzero(ladder == number) for number in range(1, len(self.ladders)))
        return [_Tested(slice(None), usual), *map(_Tested, rows, others)]

    def clocks_to_now(self, part: Part) -> Clocks:
        """From the openings until `until`."""
        return part.clocks(self.until, self.now.working_s, self.now.days_before)

    def clocks_to(self, part: Part, name: str, here: Flags) -> Clocks:
        """From the openings to the instants of this name in the rows `here`; anything elsewhere."""
        if name in part.read:
            read = part.read[name]
            return part.clocks(part[name], read.working_s, read.days_before)
        instant = np.where(here, part[name], self.until)
        read = self.calendar.reading(instant)
        return part.clocks(instant, read.working_s, read.days_before)


@dataclass(frozen=True, slots=True)
class Ends:
    """How each clock ended: answered (not later than it left), left, or open until `as_of`.

    Attributes:
        state: 1 to 9 answered in that bin, then left early by bin, left late, open by bin.
        now: The bin of `as_of`.
        elapsed: Of those that were answered, seconds of the citizen to that end.
        minutes: Of those that were answered, minutes on the kind's clock, 0 where negative.
    """

    state: Bins
    now: Bins
    elapsed: Ints
    minutes: Ints

    @classmethod
    def of(cls, part: Part, frame: Frame) -> Self:
        """See them to their ends."""
        answered = part["answered"]
        is_answered = (answered != -1) & (answered <= frame.until)
        left = None
        if part.columns.left_how.names not in {(), ("",)}:  # few columns know of it
            left = _Left.of(part, frame.until)
            is_answered &= ~left.here | (answered <= part["left"])
        now = part.bins(frame.clocks_to_now(part))
        clocks = frame.clocks_to(part, "answered", is_answered)
        state = np.where(is_answered, part.bins(clocks), now + CENSORED)
        if left is not None:
            gone = left.here & ~is_answered
            number = part.bins(frame.clocks_to(part, "left", gone))
            left_in = np.where(number <= left.last_early, number + _LEFT_EARLY, LEFT_LATE)
            state = np.where(gone, left_in, state)
        return cls(state, now, clocks.elapsed, np.maximum(0, part.worked(clocks)) // 60)

    @property
    def answered(self) -> Flags:
        """By a person, not later than it left."""
        return self.state <= NONE

    @property
    def left_early(self) -> Flags:
        """Withdrawn, deleted or handed over so soon that it counts for nobody."""
        return (self.state > _LEFT_EARLY) & (self.state < LEFT_LATE)

    @property
    def rank(self) -> Bins:
        """By which the one clock of a reopened case is chosen: the latest bin counts."""
        late = np.where(self.state == LEFT_LATE, NONE, self.state)
        open_ = np.where(self.state > CENSORED, self.state - CENSORED, late)
        return np.where(self.left_early, 0, open_)

    def with_later(self, later: Later, to: Ints, kinds: Codes, frame: Frame) -> "Ends":
        """Of a case and its reopenings only the episode in the latest bin, the first of equals.

        Args:
            later: Clocks after reopenings of these cases, in the order of their openings.
            to: The case of each.
            kinds: Its kind.
            frame: By what is counted.
        """
        again = Ends.of(frame.part(later, slice(None), kinds), frame)
        best, ranks = self.rank, again.rank
        state, elapsed, minutes = self.state.copy(), self.elapsed.copy(), self.minutes.copy()
        for number, mine in enumerate(to.tolist()):  # few cases are reopened
            if ranks[number] > best[mine]:
                best[mine] = ranks[number]
                state[mine], elapsed[mine] = again.state[number], again.elapsed[number]
                minutes[mine] = again.minutes[number]
        return Ends(state, self.now, elapsed, minutes)


class _Left(NamedTuple):
    """Which cases were left, and the last bin in which that is early."""

    here: Flags
    last_early: Codes

    @classmethod
    def of(cls, part: Part, until: int) -> Self:
        how, left = part.columns.left_how, part["left"]
        bins = [EARLY.get(name, 0) if name else -1 for name in how.names]
        last = np.array(bins, np.int32).take(how.code[part.rows])
        return cls((last >= 0) & (left <= until) & (left >= 0), last)
