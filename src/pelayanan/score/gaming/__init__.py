"""Whether numbers are being flattered: figures with their innocent explanations, no verdicts."""

from pelayanan.score.gaming.dating import DatedAnswer
from pelayanan.score.gaming.figures import FIGURES, Figure, FigureName
from pelayanan.score.gaming.report import GamingReport, HandedCase, Handled, gaming

__all__ = [
    "FIGURES",
    "DatedAnswer",
    "Figure",
    "FigureName",
    "GamingReport",
    "HandedCase",
    "Handled",
    "gaming",
]
