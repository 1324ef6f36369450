"""What may be published: no count that gives away a single person.

Source:
    score.md, 3 (public files): every count, total and sub-total is rounded by itself, so that
    totals give nothing away; an index only where a grade is allowed; kind x channel only for the
    whole province.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pelayanan.models import Record
from pelayanan.score.agency import Footing
from pelayanan.score.grades import Grade
from pelayanan.score.lines import two_decimals
from pelayanan.score.tally import Tally

if TYPE_CHECKING:
    from pelayanan.score.report import ScoreReport

__all__ = ["PublicCounts", "PublicIndex", "public_counts", "rounded"]


class PublicIndex(Record):
    """The index of an agency that has a grade, in hundredths: more digits give counts away."""

    index: float
    low: float
    high: float
    grade: Grade
    sementara: bool
    provisional: bool


class PublicCounts(Record):
    """Rounded counts. What rounds to 0 is left out.

    Attributes:
        province: Sums over everything.
        agencies: By agency, over all its kinds and channels.
        kind_and_channel: ``"KIND/CHANNEL"``, over all agencies.
        indices: Of agencies that have a grade; ``""`` is the province.
    """

    footing: Footing
    province: Mapping[str, int]
    agencies: Mapping[str, Mapping[str, int]]
    kind_and_channel: Mapping[str, Mapping[str, int]]
    indices: Mapping[str, PublicIndex]


def rounded(count: int) -> int:
    """To a multiple of 5: 5 floor(x / 5 + 1 / 2)."""
    return 5 * ((2 * count + 5) // 10)


def public_counts(tally: Tally, report: "ScoreReport") -> PublicCounts:
    """The public form of a score and of the tally behind it."""
    province: dict[str, int] = {}
    agencies: dict[str, dict[str, int]] = {}
    cells: dict[str, dict[str, int]] = {}
    for key, values in tally:
        places = [province, agencies.setdefault(key.agency, {})]
        if key.kind:
            places.append(cells.setdefault(f"{key.kind}/{key.channel}", {}))
        for place in places:
            for name, count in values.items():
                place[name] = place.get(name, 0) + count
    scores = {**report.agencies, "": report.province}
    return PublicCounts(
        footing=report.province.footing,
        province=_rounded(province),
        agencies={key: _rounded(values) for key, values in agencies.items()},
        kind_and_channel={key: _rounded(values) for key, values in cells.items()},
        indices={
            key: PublicIndex(
                index=float(two_decimals(score.index)),
                low=float(two_decimals(score.low)),
                high=float(two_decimals(score.high)),
                grade=score.grade,
                sementara=score.flags.sementara,
                provisional=score.flags.provisional,
            )
            for key, score in scores.items()
            if score.index is not None
            and score.low is not None
            and score.high is not None
            and score.grade is not None
        },
    )


def _rounded(values: Mapping[str, int]) -> dict[str, int]:
    found = {name: rounded(count) for name, count in values.items()}
    return {name: count for name, count in found.items() if count}
