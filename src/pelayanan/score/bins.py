"""In which of the thresholds an instant falls.

Source:
    score.md, 2: the bin of x is the smallest j whose test holds, 9 if none.
"""

from datetime import datetime
from functools import cache

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Case, KindStandard, Standards

__all__ = ["NONE", "bins", "is_overdue"]

NONE = 9
Seconds = npt.NDArray[np.int64]


@cache
def _parts(tests: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((test[0], int(test[1:])) for test in tests)


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
    elapsed = instants - opened
    if standard.clock == "office":
        clock = calendar.working_seconds(opened, instants)
        days = calendar.working_days_between(opened, instants)
    else:
        clock, days = elapsed, elapsed
    holds = [
        (clock <= limit) if unit == "s" else (days < limit)
        for unit, limit in _parts(standard.tests)
    ]
    holds[0] = holds[0] | (elapsed <= 0)
    return np.select(holds, range(1, NONE), default=NONE).astype(np.int8)


def is_overdue(case: Case, calendar: WorkCalendar, standards: Standards, now: datetime) -> bool:
    """Whether a case has no answer and the legal limit for one is past.

    Source:
        score.md, 2: test 5, the legal answer.
    """
    if not case.counts or case.answered is not None or case.left is not None:
        return False
    opened = np.array([int(case.opened.timestamp())], dtype=np.int64)
    until = np.array([int(now.timestamp())], dtype=np.int64)
    found = bins(opened, until, calendar, standards.kinds[case.kind])
    return bool(found[0] > standards.legal_test)
