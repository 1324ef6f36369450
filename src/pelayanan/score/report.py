"""What a tally says, per agency and for the province. Nothing is shown without its basis."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pydantic import AwareDatetime

from pelayanan.cases import Standards
from pelayanan.errors import ConfigError
from pelayanan.models import Record
from pelayanan.score.tally import Tally

__all__ = ["AgencyScore", "ScoreReport", "score_tally"]


class AgencyScore(Record):
    """The counts of one agency (or of the whole province).

    Attributes:
        n: Cases that oblige an answer, the unanswered ones in it.
        unanswered: Those without a substantive answer by a person, those who left late among them.
        within: Share of n answered within each of the eight thresholds, 0 to 1; ``None`` if n = 0.
        excluded: Cases not counted, by reason.
    """

    n: int
    answered: int
    unanswered: int
    left_early: int
    within: tuple[float, ...] | None
    excluded: Mapping[str, int]
    skew: int
    contacts: int

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "AgencyScore":
        """Read it off summed counts."""
        n = counts.get("n", 0)
        by_bin = [counts.get(f"answered_{number}", 0) for number in range(1, 10)]
        early = sum(counts.get(f"left_early_{number}", 0) for number in range(1, 5))
        within = tuple(sum(by_bin[: number + 1]) / n for number in range(8)) if n else None
        return cls(
            n=n,
            answered=sum(by_bin),
            unanswered=n - sum(by_bin) - early,
            left_early=early,
            within=within,
            excluded={
                name.removeprefix("excluded:"): count
                for name, count in sorted(counts.items())
                if name.startswith("excluded:")
            },
            skew=counts.get("skew", 0),
            contacts=counts.get("contacts", 0),
        )


class ScoreReport(Record):
    """What is said of a period, with the basis of every number.

    Attributes:
        definition: Version of the thresholds.
        calendar: Version of the working calendar.
        thresholds: Names of the eight thresholds, office clock.
    """

    period: str
    definition: str
    calendar: str
    as_of: AwareDatetime
    thresholds: tuple[str, ...]
    province: AgencyScore
    agencies: Mapping[str, AgencyScore]


def score_tally(tally: Tally) -> ScoreReport:
    """Read a tally.

    Raises:
        ConfigError: It mixes definitions, calendars or instants, or is empty.
    """
    keys = [key for key, _ in tally]
    definition = _one("definition", (key.definition for key in keys))
    standards = Standards.load(definition)
    by_agency: dict[str, dict[str, int]] = {}
    for key, counts in tally:
        _add(by_agency.setdefault(key.agency, {}), counts)
    whole: dict[str, int] = {}
    for counts in by_agency.values():
        _add(whole, counts)
    return ScoreReport(
        period=", ".join(sorted({key.period for key in keys})),
        definition=definition,
        calendar=_one("calendar", (key.calendar for key in keys)),
        as_of=datetime.fromtimestamp(int(_one("as_of", (str(k.as_of) for k in keys))), UTC),
        thresholds=standards.labels["office"],
        province=AgencyScore.of(whole),
        agencies={key: AgencyScore.of(counts) for key, counts in sorted(by_agency.items())},
    )


def _one(name: str, values: Iterable[str]) -> str:
    found = sorted(set(values))
    if len(found) != 1:
        told = ", ".join(found) or "nothing"
        raise ConfigError(f"a score needs one {name}, this tally has {told}")
    return found[0]


def _add(total: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        total[name] = total.get(name, 0) + count
