"""What a province looks at to see whether numbers are being flattered: evidence, never a verdict.

No figure moves an index. Each says how agencies come to their numbers, with n, an interval, what it
may mean and what else may explain it; agencies are in alphabetical order, and nobody is named.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from pydantic import AwareDatetime

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import KindStandard, SentText, Standards
from pelayanan.models import Kind, Record
from pelayanan.score import shown
from pelayanan.score.bins import Clocks, bins
from pelayanan.score.explain import Lang
from pelayanan.score.gaming.authors import authors
from pelayanan.score.gaming.dating import DatedAnswer, dated_back, recorded_late
from pelayanan.score.gaming.figures import FIGURES, LEAST, Figure, FigureName, ends, share, too_few
from pelayanan.score.gaming.heaping import heaping, stretches
from pelayanan.score.gaming.picking import pick_order
from pelayanan.score.gaming.words import told

__all__ = ["GamingReport", "HandedCase", "Handled", "gaming"]

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]

_WITHOUT_CLAIM = ("internal", "before_start")
_HALF = 0.5
_EXCLUDED = 0.15  # score.md, 5: more than that is `provisional`
_ONLY_ACKNOWLEDGED = 0.20
_QUICK = 2  # the target: bins 1 and 2


@dataclass(frozen=True, slots=True)
class Handled:
    """Cases as columns of one length; instants in UTC epoch seconds, -1 is never.

    Attributes:
        author: Who wrote, as a code that says nothing: it is only counted.
        excluded: Why it is not counted, ``""`` if it is.
        acknowledged: First words that are no answer.
        left: When the citizen withdrew it, or it was handed over.
        reopened: How often; a clock that began anew shows no first answer.
    """

    agency: Texts
    kind: Texts
    author: Texts
    excluded: Texts
    opened: Ints
    answered: Ints
    acknowledged: Ints
    left: Ints
    reopened: Ints

    def __len__(self) -> int:
        return len(self.opened)

    def where(self, rows: Flags) -> Self:
        """Some of them."""
        return type(self)(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


class HandedCase(NamedTuple):
    """A hand-over that was accepted.

    Attributes:
        answered: Whether the receiver answered; ``None`` while it still may in time, or where
            nothing is known of the receiver's case.
    """

    sender: str
    receiver: str
    returned: bool
    answered: bool | None


class GamingReport(Record):
    """The figures of all agencies, by key and name of figure, with what they rest on."""

    period: str
    definition: str
    calendar: str
    as_of: AwareDatetime
    agencies: Mapping[str, Mapping[FigureName, Figure]]

    def explain(self, key: str, lang: Lang = "id") -> tuple[str, ...]:
        """The figures of an agency in words: what each may mean, and what else explains it."""
        return tuple(line for each in self.agencies[key].values() for line in told(each, lang))

    def to_dicts(self) -> list[dict[str, Any]]:
        """One flat row a figure, agencies in alphabetical order."""
        basis = self.model_dump(include={"period", "definition", "calendar", "as_of"})
        return [
            {"agency": key, **basis, **figure.model_dump(exclude={"detail", "cases"})}
            for key, found in self.agencies.items()
            for figure in found.values()
        ]

    def to_pandas(self) -> Any:
        """A pandas DataFrame of `to_dicts` (the extra `frames`)."""
        return shown.frame("pandas", self.to_dicts())

    def to_polars(self) -> Any:
        """A polars DataFrame of `to_dicts` (the extra `frames`)."""
        return shown.frame("polars", self.to_dicts())


def gaming(
    cases: Handled,
    *,
    sent: Iterable[SentText],
    handed: Iterable[HandedCase],
    dated: Iterable[DatedAnswer],
    calendar: WorkCalendar,
    as_of: datetime,
    period: str,
    standards: Standards | None = None,
) -> GamingReport:
    """Look at a month, agency by agency.

    Args:
        cases: Opened in the month; the excluded ones too.
        sent: What persons of the agencies sent in it.
        handed: Accepted hand-overs of these cases.
        dated: Answers that claim to be of it.
        calendar: Working time.
        as_of: Until when cases were followed.
        period: Name of the month.
        standards: Thresholds; default: ``idt/1``.
    """
    looking = _Looking(calendar, standards or Standards.load(), int(as_of.timestamp()))
    texts: dict[str, list[SentText]] = defaultdict(list)
    for text in sent:
        texts[text.agency].append(text)
    handed_by: dict[str, list[HandedCase]] = defaultdict(list)
    for made in handed:
        handed_by[made.sender].append(made)
    dated_by: dict[str, list[DatedAnswer]] = defaultdict(list)
    for answer in dated:
        dated_by[answer.agency].append(answer)
    names = sorted({*map(str, np.unique(cases.agency)), *texts, *handed_by, *dated_by})
    return GamingReport(
        period=period,
        definition=looking.standards.version,
        calendar=calendar.version,
        as_of=as_of,
        agencies={
            name: looking.at(
                cases.where(cases.agency == name), texts[name], handed_by[name], dated_by[name]
            )
            for name in names
        },
    )


@dataclass(frozen=True, slots=True)
class _Looking:
    calendar: WorkCalendar
    standards: Standards
    until: int

    def at(
        self,
        cases: Handled,
        sent: Sequence[SentText],
        handed: Sequence[HandedCase],
        dated: Sequence[DatedAnswer],
    ) -> dict[FigureName, Figure]:
        """All figures of one agency."""
        obliging = np.isin(cases.kind, [kind.value for kind in Kind if kind.obliges])
        counted = cases.where((cases.excluded == "") & obliging & (cases.opened <= self.until))
        claimed = (cases.excluded != "") & ~np.isin(cases.excluded, _WITHOUT_CLAIM)
        taken_out = int(claimed.sum())
        answered = (counted.answered >= 0) & (counted.answered <= self.until)
        first = counted.where(
            answered & (counted.reopened == 0) & (counted.answered >= counted.opened)
        )
        instants = np.where(answered, counted.answered, self.until)
        place = self._bins(counted, instants)
        overdue = ~answered & (counted.left < 0) & (place > self.standards.legal_test)
        silent = overdue & (counted.acknowledged >= 0) & (counted.acknowledged <= self.until)
        due = int((answered | overdue).sum())
        found = (
            _template(sent),
            pick_order(first.opened, first.answered),
            share("excluded", taken_out, taken_out + len(counted), above=_EXCLUDED),
            heaping(stretches(clocks, standard) for clocks, standard in self._clocks(first)),
            share("only_acknowledged", int(silent.sum()), due, above=_ONLY_ACKNOWLEDGED),
            _handed_over(handed),
            authors(counted.author, answered & (place <= _QUICK)),
            dated_back(dated),
            recorded_late(dated, self.calendar),
        )
        by_name = {figure.name: figure for figure in found}
        return {name: by_name[name] for name in FIGURES}

    def _kinds(self, cases: Handled) -> Iterable[tuple[Flags, KindStandard]]:
        for name in np.unique(cases.kind):
            yield cases.kind == name, self.standards.kinds[Kind(str(name))]

    def _bins(self, cases: Handled, instants: Ints) -> Ints:
        found = np.zeros(len(cases), np.int64)
        for here, standard in self._kinds(cases):
            found[here] = bins(cases.opened[here], instants[here], self.calendar, standard)
        return found

    def _clocks(self, cases: Handled) -> Iterable[tuple[Clocks, KindStandard]]:
        for here, standard in self._kinds(cases):
            opened, answered = cases.opened[here], cases.answered[here]
            yield Clocks.of(opened, answered, self.calendar, standard), standard


def _template(sent: Sequence[SentText]) -> Figure:
    """The share of the largest family of texts; a text that was sent once is no family."""
    families = Counter(each.family for each in sent)
    most = max(families.values(), default=0)
    return share("template", most if most > 1 else 0, len(sent), above=_HALF).model_copy(
        update={"detail": {"families": len(families)}}
    )


def _handed_over(handed: Sequence[HandedCase]) -> Figure:
    """Of what one receiver took and nothing came back from: the share that it never answered."""
    returned = Counter(each.receiver for each in handed if each.returned)
    taken = Counter(each.receiver for each in handed)
    due: dict[str, list[bool]] = defaultdict(list)
    for each in handed:
        if each.answered is not None and not each.returned:
            due[each.receiver].append(each.answered)
    pairs = sorted((len(known), name) for name, known in due.items() if len(known) >= LEAST)
    if not pairs:
        return too_few("handed_over", max(map(len, due.values()), default=0))
    found = [_pair(name, due[name], returned[name], taken) for _, name in reversed(pairs)]
    figure = next((each for each in found if each.look), found[0])
    totals = {"handed_over": len(handed), "returned": sum(returned.values())}
    return figure.model_copy(update={"detail": {**figure.detail, **totals}})


def _pair(name: str, known: Sequence[bool], returned: int, taken: Counter[str]) -> Figure:
    n, k = len(known), len(known) - sum(known)
    low, high = ends(k, n)
    return Figure(
        name="handed_over",
        n=n,
        k=k,
        value=k / n,
        low=low,
        high=high,
        look=low > _HALF and not returned,
        about=name,
        detail={"concentration": taken[name] / taken.total()},
    )
