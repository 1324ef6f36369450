"""In which of the thresholds an instant falls.

Source:
    score.md, 2: the bin of x is the smallest j whose test holds, 9 if none.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Case, KindStandard, Standards

__all__ = ["NONE", "Clocks", "bins", "is_overdue"]

NONE = 9
Seconds: TypeAlias = npt.NDArray[np.int64]
Rows: TypeAlias = slice | Seconds


@dataclass(frozen=True, slots=True)
class Clocks:
    """From the opening of cases of one kind to an instant of each, on the kind's clock.

    Attributes:
        elapsed: Seconds of the citizen, negative where the instant comes first.
        worked: Seconds on the kind's clock.
        days: Working days strictly between the local dates (office clock only).
    """

    elapsed: Seconds
    worked: Seconds
    days: Seconds

    @classmethod
    def of(
        cls, opened: Seconds, instants: Seconds, calendar: WorkCalendar, standard: KindStandard
    ) -> Self:
        """Read them off the calendar; all instants are UTC epoch seconds."""
        elapsed = instants - opened
        if standard.clock == "citizen":
            return cls(elapsed, elapsed, elapsed)
        worked = calendar.working_seconds(opened, instants)
        return cls(elapsed, worked, calendar.working_days_between(opened, instants))

    def bins(self, standard: KindStandard) -> npt.NDArray[np.int8]:
        """1 to 8, or 9 where no test holds: one more than the tests that fail before one holds."""
        fails = self.elapsed > 0
        number = np.ones(fails.shape, np.int8)
        for unit, size in standard.limits:
            fails &= (self.worked > size) if unit == "s" else (self.days >= size)
            number += fails.view(np.int8)  # of one type, several times as fast
        return number

    def take(self, rows: Rows) -> "Clocks":
        """Those of some cases."""
        return Clocks(self.elapsed[rows], self.worked[rows], self.days[rows])

    def without(self, paused: Seconds) -> "Clocks":
        """The same with working days left out, from a question to the citizen's next message."""
        return Clocks(self.elapsed, self.worked, self.days - paused)

    def by_citizen(self) -> "Clocks":
        """The same on the citizen's clock."""
        return Clocks(self.elapsed, self.elapsed, self.elapsed)


def bins(
    opened: Seconds, instants: Seconds, calendar: WorkCalendar, standard: KindStandard
) -> npt.NDArray[np.int8]:
    """The bin of each instant, for cases of one kind.

    Args:
        opened: UTC epoch seconds, when the citizen wrote.
        instants: UTC epoch seconds of the answers (or of `as_of`), same shape.
        calendar: Working time of the agencies.
        standard: The tests of the kind.

    Returns:
        1 to 8, or 9 where no test holds.
    """
    return Clocks.of(opened, instants, calendar, standard).bins(standard)


def is_overdue(case: Case, calendar: WorkCalendar, standards: Standards, now: datetime) -> bool:
    """Whether a case has no answer and the legal limit for one is past; by its newest clock.

    Source:
        score.md, 1 (reopening starts a new clock) and 2: test 5, the legal answer.
    """
    if not case.waits:
        return False
    opened = np.array([int(case.clock.timestamp())], dtype=np.int64)
    until = np.array([int(now.timestamp())], dtype=np.int64)
    found = bins(opened, until, calendar, standards.kinds[case.kind])
    return bool(found[0] > standards.legal_test)
