"""Whether answers are dated back, where the instant of an answer is the agency's own word."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pelayanan.calendar import WorkCalendar
from pelayanan.score.gaming.figures import Figure, FigureName, share

__all__ = ["DatedAnswer", "dated_back", "recorded_late"]

_CLOCKS_S = 900  # by so much clocks may differ; it is the first threshold of the score
_SOME = 0.10  # mails written without network, a platform that lists late for a day
_DAYS = 1
_NEVER = 1.0  # a list of calls that is entered once a week is honest


class DatedAnswer(NamedTuple):
    """An answer outside the ledger, of which only the agency says when it was; UTC epoch seconds.

    Attributes:
        claimed: When it was, as the agency or the program of its officer has it.
        known: Of an answer that was listed: when a look began that should have shown it if it had
            been there. Of one recorded by hand: when it was recorded.
    """

    agency: str
    case: str
    claimed: int
    known: int
    by_hand: bool


def dated_back(answers: Sequence[DatedAnswer]) -> Figure:
    """The share of listed answers that claim to be older than a look which did not show them."""
    listed = [each for each in answers if not each.by_hand]
    older = [each for each in listed if each.claimed + _CLOCKS_S < each.known]
    return _share("dated_back", older, len(listed), above=_SOME)


def recorded_late(answers: Sequence[DatedAnswer], calendar: WorkCalendar) -> Figure:
    """The share of answers recorded by hand more than a working day after their instant."""
    by_hand = [each for each in answers if each.by_hand]
    claimed = np.array([each.claimed for each in by_hand], np.int64)
    known = np.array([each.known for each in by_hand], np.int64)
    days = calendar.working_days_between(claimed, known)
    late = [each for each, between in zip(by_hand, days.tolist(), strict=True) if between >= _DAYS]
    return _share("recorded_late", late, len(by_hand), above=_NEVER)


def _share(name: FigureName, some: Sequence[DatedAnswer], n: int, *, above: float) -> Figure:
    cases = tuple(dict.fromkeys(each.case for each in some))
    return share(name, len(some), n, above=above).model_copy(update={"cases": cases})
