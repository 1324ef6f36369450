"""Responsiveness that nobody can flatter: the unanswered count, and every number says its basis."""

from pelayanan.score.bins import bins, is_overdue
from pelayanan.score.report import AgencyScore, ScoreReport, Waiting, score_tally
from pelayanan.score.tally import Tally, TallyKey

__all__ = [
    "AgencyScore",
    "ScoreReport",
    "Tally",
    "TallyKey",
    "Waiting",
    "bins",
    "is_overdue",
    "score_tally",
]
