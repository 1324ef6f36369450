"""The rubric by which a person outside the agency reads an answer, and how far two agree.

Source:
    score.md, 5 (TEPAT): eight items, 0 or 1 each; the answer is the unit.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from pelayanan.errors import ConfigError
from pelayanan.models import Record

__all__ = [
    "ITEMS",
    "SAMPLE",
    "Agreement",
    "Given",
    "Marks",
    "RubricItem",
    "agreement",
    "read_marks",
]

SAMPLE = 30
"""Answers of an agency and month that are read, or all of them (score.md, 5)."""
Marks: TypeAlias = tuple[int, ...]
"""Eight times 0 or 1, in the order of `ITEMS`."""
Given: TypeAlias = str | Sequence[int] | Mapping[str, int]
"""Marks as people and programs give them: ``"11011111"``, a list, or by name of the item."""


class RubricItem(NamedTuple):
    """One of the eight: its name in programs, and what people read."""

    name: str
    id: str
    en: str

    def label(self, lang: str) -> str:
        """Its words in a language."""
        return self.en if lang == "en" else self.id


ITEMS = (
    RubricItem("answers", "menjawab pertanyaan", "answers the question"),
    RubricItem("next_step", "memberi langkah berikutnya", "gives a next step"),
    RubricItem("date", "memberi tanggal atau sudah selesai", "gives a date or says done"),
    RubricItem("contact", "menyebut kontak atau nomor tiket", "names a contact or ticket"),
    RubricItem("every_point", "menanggapi setiap pokok", "addresses every point"),
    RubricItem("courteous", "santun", "courteous"),
    RubricItem("proportionate", "proporsional", "proportionate"),
    RubricItem("plain", "bahasa mudah dipahami", "plain language"),
)


def read_marks(given: Given) -> Marks:
    """Bring marks into form.

    Raises:
        ConfigError: They are not eight, not 0 or 1, or of an item that there is not.

    Example:
        >>> read_marks("11011111")
        (1, 1, 0, 1, 1, 1, 1, 1)
    """
    if isinstance(given, Mapping):
        names = [item.name for item in ITEMS]
        if set(given) != set(names):
            raise ConfigError(f"marks by name need all of {', '.join(names)}, and no other")
        given = [given[name] for name in names]
    told = [_MARKS.get(str(mark), -1) for mark in given]
    if len(told) != len(ITEMS) or -1 in told:
        raise ConfigError(f"marks are {len(ITEMS)} times 0 or 1, such as 11011111")
    return tuple(told)


_MARKS = {"0": 0, "1": 1, "False": 0, "True": 1}


class Agreement(Record):
    """How far two raters of the same answers agree on one item.

    Attributes:
        name: Of the item.
        n: Answers that two persons read.
        share: Of these, those with the same mark; ``None`` if there are none.
        kappa: Cohen's kappa, 1 at most; ``None`` where both gave one and the same mark always (or
            n is 0): then agreement by chance is certain and kappa says nothing.
    """

    name: str
    n: int
    share: float | None = None
    kappa: float | None = None


def agreement(pairs: Iterable[tuple[Marks, Marks]]) -> tuple[Agreement, ...]:
    """Share agreed and Cohen's kappa of each item.

    Args:
        pairs: Of each answer the marks of the one who read it first, and of the second.

    Source:
        J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological
        Measurement 20 (1960), 37-46: (p_o - p_e) / (1 - p_e), p_e from the marginals of both.

    Example:
        >>> found = agreement([((1,) * 8, (1,) * 8), ((0,) * 8, (1,) * 8), ((0,) * 8, (0,) * 8)])
        >>> found[0].share == 2 / 3, round(found[0].kappa, 2)
        (True, 0.4)
    """
    both = list(pairs)
    return tuple(
        _agreed(item.name, [(first[place], second[place]) for first, second in both])
        for place, item in enumerate(ITEMS)
    )


def _agreed(name: str, marks: Sequence[tuple[int, int]]) -> Agreement:
    n = len(marks)
    if not n:
        return Agreement(name=name, n=0)
    same = sum(first == second for first, second in marks)
    ones = [sum(each[rater] for each in marks) for rater in (0, 1)]
    chance = ones[0] * ones[1] + (n - ones[0]) * (n - ones[1])  # times n squared, exact
    kappa = None if chance == n * n else (same * n - chance) / (n * n - chance)
    return Agreement(name=name, n=n, share=same / n, kappa=kappa)
