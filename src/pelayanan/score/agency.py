"""The score of one agency: counts, index, interval, grade, flags, lines.

Source:
    score.md, 4 and 5.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np
from pydantic import AwareDatetime

from pelayanan.cases import Standards
from pelayanan.errors import ConfigError
from pelayanan.models import Record
from pelayanan.score.beside import Curve, beside_of, without_informasi
from pelayanan.score.explain import Explained, Lang, explain
from pelayanan.score.grades import DECIDED, Basis, Grade, near, verdict
from pelayanan.score.index import COUNTED, Index, Profile, interval
from pelayanan.score.lines import Line, lines_of
from pelayanan.score.quantiles import answer_quantile
from pelayanan.score.table import Table
from pelayanan.score.tally import TallyKey

__all__ = ["AgencyScore", "Curve", "Flags", "Footing", "Waiting", "agencies_of"]

_FEW = 30
_COVERED, _EXCLUDED = 0.80, 0.15
_WITHOUT_CLAIM = {"excluded:internal", "excluded:before_start"}

Counts = Mapping[str, int]


class Footing(Record):
    """What every number of a score rests on."""

    period: str
    definition: str
    calendar: str
    as_of: AwareDatetime
    profile: Profile = "dasar"


class Waiting(NamedTuple):
    """An open case: its id, and the bin of `as_of` it stands in."""

    case_id: str
    bin: int


class Flags(Record):
    """What a reader must know beside the number.

    Attributes:
        too_few: Under 10 decided cases: no grade.
        sementara: 10 to 29 decided cases.
        provisional: Coverage under 0.80, or over 0.15 excluded by claims.
        mix: The share of `informasi` is over 0.20 above that of the others.
        template: Over half of all answers are one text.
    """

    too_few: bool = True
    sementara: bool = False
    provisional: bool = True
    mix: bool = False
    template: bool = False


class AgencyScore(Record):
    """The counts and the index of one agency (or of the whole province).

    Attributes:
        n: Cases that oblige an answer, the unanswered ones in it.
        unanswered: Those without a substantive answer by a person, those who left late among them.
        within: Share of n answered within each of the eight thresholds, 0 to 1; ``None`` if n = 0.
        excluded: Cases not counted, by reason.
        decided: Answered, left late, or open after the legal limit.
        index: 0 to 100; ``None`` if n = 0.
        low: 5 % quantile, `high` the 95 % quantile.
        variance: Of the index on the scale to 1.
        grade: ``None`` under 10 decided cases ("data belum cukup").
        moved_by: Floor and caps that moved the grade.
        curve: Estimated share answered within each threshold.
        dimensions: Points of each dimension; they sum to the index.
        without_informasi: CEPAT without `informasi`, where the flag `mix` is set.
    """

    n: int
    answered: int
    unanswered: int
    left_early: int
    within: tuple[float, ...] | None
    excluded: Mapping[str, int]
    skew: int
    contacts: int
    footing: Footing
    decided: int = 0
    index: float | None = None
    low: float | None = None
    high: float | None = None
    variance: float | None = None
    grade: Grade | None = None
    grade_probabilities: Mapping[str, float] | None = None
    moved_by: tuple[str, ...] = ()
    curve: tuple[float, ...] = ()
    dimensions: Mapping[str, float] = {}
    flags: Flags = Flags()
    lines: tuple[Line, ...] = ()
    coverage: float = 0.0
    audited: int = 0
    median_minutes: int | None = None
    without_informasi: float | None = None
    by_kind: Mapping[str, Curve] = {}
    by_channel: Mapping[str, Curve] = {}

    def explain(self, lang: Lang = "id") -> Explained:
        """The index line by line; printed points add up to the printed index."""
        return explain(self, lang)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self.explain()))}</pre>"

    def quantile(self, share: float) -> int | None:
        """Minutes within which that share of n was answered; ``None``: not yet reached."""
        return answer_quantile(self.histogram, self.n, share)

    histogram: Mapping[int, int] = {}


def agencies_of(
    counts: Mapping[TallyKey, Counts],
    unit: Callable[[TallyKey], str],
    standards: Standards,
    footing: Footing,
    *,
    templates: Collection[str] = (),
    answered: Mapping[str, Sequence[int]] | None = None,
) -> tuple[dict[str, AgencyScore], AgencyScore]:
    """Score all units, and the whole as one without others.

    Args:
        counts: Of a tally.
        unit: What a key belongs to.
        standards: Weights and reference curve.
        footing: What it rests on.
        templates: Units flagged `template`.
        answered: Open cases to count as answered in the bin of `as_of`, by unit; the others keep
            what they had.
    """
    parts = Table.of(counts).by(lambda key: (unit(key), key.kind, key.channel))
    units = parts.by(lambda part: part[0])
    whole = parts.by(lambda _: "")
    moved = [_moved(each, (answered or {}).get(name, ())) for name, each in units.items()]
    totals = [*moved, whole[""]]
    others = [*(whole.cells(COUNTED) - units.cells(COUNTED)), np.zeros(len(COUNTED), np.int64)]
    rows = Table.of(dict(enumerate(totals))).cells(COUNTED)
    own = Index.of(rows, standards, footing.profile, others=np.array(others))
    lines = lines_of(own, totals)
    low, high = interval(own.index, own.variance)
    beside = beside_of(parts, standards)
    mixed = without_informasi(parts, standards)
    scores: list[AgencyScore] = []
    for row, (name, total) in enumerate(zip([*units, ""], totals, strict=True)):
        fields = _fields(total)
        if fields["n"]:
            flags = _flags(own, row, total, fields, template=name in templates)
            fields |= _indexed(own, row, total, (float(low[row]), float(high[row])), flags)
            fields |= {"lines": lines[row]}
            fields |= beside[name]
            if name in mixed:
                fields["without_informasi"] = mixed[name]
            fields["flags"] = flags.model_copy(update={"mix": name in mixed})
        scores.append(AgencyScore(footing=footing, **fields))
    return dict(zip(units, scores, strict=False)), scores[-1]


def _fields(counts: Counts) -> dict[str, Any]:
    """What needs no estimate."""
    n = counts.get("n", 0)
    by_bin = [counts.get(f"answered_{number}", 0) for number in range(1, 10)]
    early = sum(counts.get(f"left_early_{number}", 0) for number in range(1, 5))
    late = sum(counts.get(f"censored_{number}", 0) for number in range(6, 10))
    histogram = {
        int(name.partition(":")[2]): count
        for name, count in counts.items()
        if name.startswith("histogram:")
    }
    return {
        "n": n,
        "answered": sum(by_bin),
        "unanswered": n - sum(by_bin) - early,
        "left_early": early,
        "within": tuple(sum(by_bin[: number + 1]) / n for number in range(8)) if n else None,
        "excluded": {
            name.removeprefix("excluded:"): count
            for name, count in sorted(counts.items())
            if name.startswith("excluded:")
        },
        "skew": counts.get("skew", 0),
        "contacts": counts.get("contacts", 0),
        "decided": sum(by_bin) + counts.get("left_late", 0) + late,
        "audited": counts.get("audited_answers", 0),
        "histogram": histogram,
        "median_minutes": answer_quantile(histogram, n, 0.5),
    }


def _indexed(
    own: Index, row: int, counts: Counts, ends: tuple[float, float], flags: Flags
) -> dict[str, Any]:
    index, variance = float(own.index[row]), float(own.variance[row])
    found: dict[str, Any] = {
        "index": 100 * index,
        "low": ends[0],
        "high": ends[1],
        "variance": variance,
        "curve": tuple(own.curves.mean[row].tolist()),
        "dimensions": {name: float(each[row]) for name, each in own.dimensions().items()},
        "coverage": float(own.coverage[row]),
    }
    if flags.too_few:
        return found
    basis = Basis(
        legal=float(own.part("in_time")[0][row]),
        rubric=float(own.part("rubric")[0][row]),
        audited=counts.get("audited_answers", 0),
        full=own.profile == "lengkap",
    )
    made = verdict(index, variance, basis)
    return found | {
        "grade": made.grade,
        "grade_probabilities": made.probabilities,
        "moved_by": made.moved_by,
    }


def _flags(
    own: Index, row: int, counts: Counts, fields: Mapping[str, Any], *, template: bool
) -> Flags:
    decided = fields["decided"]
    claimed = sum(
        count
        for name, count in counts.items()
        if name.startswith("excluded:") and name not in _WITHOUT_CLAIM
    )
    share = claimed / (claimed + counts["n"])
    uncovered = near(float(own.coverage[row])) < _COVERED
    return Flags(
        too_few=decided < DECIDED,
        sementara=DECIDED <= decided < _FEW,
        provisional=uncovered or near(share) > _EXCLUDED,
        template=template,
    )


def _moved(counts: Counts, bins: Sequence[int]) -> Counts:
    """The counts after open cases were answered in the bin in which they stand."""
    found = dict(counts)
    for number in bins:
        if not found.get(f"censored_{number}", 0):
            raise ConfigError(f"there are not so many open cases in bin {number}")
        found[f"censored_{number}"] -= 1
        found[f"answered_{number}"] = found.get(f"answered_{number}", 0) + 1
    return found
