"""What a tally says, per agency and for the province. Nothing is shown without its basis.

Source:
    score.md, 4 and 5.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Literal, Self

from pydantic import AwareDatetime, PrivateAttr

from pelayanan.cases import Standards
from pelayanan.errors import ConfigError
from pelayanan.models import Record
from pelayanan.score import shown
from pelayanan.score.agency import AgencyScore, Footing, Waiting, agencies_of
from pelayanan.score.better import Sensitivity, probability_better, sensitivity
from pelayanan.score.explain import Explained, Lang
from pelayanan.score.index import Profile
from pelayanan.score.public import PublicCounts, public_counts
from pelayanan.score.tally import Tally, TallyKey

__all__ = ["AgencyScore", "ScoreReport", "Waiting", "score_tally"]


class ScoreReport(Record):
    """What is said of a period, with the basis of every number.

    Attributes:
        definition: Version of the thresholds.
        calendar: Version of the working calendar.
        as_of: Until when cases were followed; the latest where periods differ.
        thresholds: Names of the eight thresholds, office clock.
        profile: What the index is made of: ``"dasar"`` or ``"lengkap"``.
        province: All agencies as one.
        agencies: By key; by name of province where provinces were scored.
    """

    period: str
    definition: str
    calendar: str
    as_of: AwareDatetime
    thresholds: tuple[str, ...]
    profile: Profile = "dasar"
    province: AgencyScore
    agencies: Mapping[str, AgencyScore]
    _tally: Tally | None = PrivateAttr(default=None)

    def probability_better(self, a: str, b: str) -> float:
        """How probable it is that agency `a` answers better than `b`, within this score.

        Raises:
            ConfigError: One of them has no index.
        """
        return probability_better(self._one(a), self._one(b))

    def sensitivity(self, key: str) -> Sensitivity:
        """The lowest and highest grade when one dimension at a time weighs a fifth more or less.

        Raises:
            ConfigError: The profile has one dimension only, or there is no index.
        """
        return sensitivity(self._one(key))

    def counterfactual(self, key: str, waiting: Sequence[Waiting]) -> AgencyScore:
        """The same score after open cases were answered at `as_of`, everything else equal.

        Args:
            key: Of the agency.
            waiting: Cases that are open, each with the bin of `as_of`.

        Raises:
            ConfigError: There are fewer open cases in a bin, or this report was read from JSON.
        """
        if self._tally is None:
            raise ConfigError("a report without its tally knows no counterfactual: score it again")
        return _scored(self, self._tally.counts, {key: [each.bin for each in waiting]})[key]

    def explain(self, key: str, lang: Lang = "id", *, waiting: Sequence[Waiting] = ()) -> Explained:
        """The index of an agency line by line, with its oldest open cases and what they cost."""
        told = self._one(key).explain(lang)
        if not waiting:
            return told
        return told.with_waiting(waiting, self.counterfactual(key, waiting))

    def public(self) -> PublicCounts:
        """What may be published: every count rounded by itself to a multiple of 5."""
        if self._tally is None:
            raise ConfigError("a report without its tally cannot be published: score it again")
        return public_counts(self._tally, self)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One flat row an agency, the province last with the key ``""``."""
        rows = [*self.agencies.items(), ("", self.province)]
        return [shown.row(key, agency) for key, agency in rows]

    def to_pandas(self) -> Any:
        """A pandas DataFrame of `to_dicts` (the extra `frames`)."""
        return shown.frame("pandas", self.to_dicts())

    def to_polars(self) -> Any:
        """A polars DataFrame of `to_dicts` (the extra `frames`)."""
        return shown.frame("polars", self.to_dicts())

    def _repr_html_(self) -> str:
        return shown.html(self)

    def _one(self, key: str) -> AgencyScore:
        if key in self.agencies:
            return self.agencies[key]
        known = ", ".join(self.agencies)
        raise ConfigError(f"no agency {key[:40]!r} in this score: it has {known[:200]}")

    @classmethod
    def made(cls, tally: Tally, **fields: Any) -> Self:
        """With the tally behind it, which does not go into JSON."""
        report = cls(**fields)
        report._tally = tally
        return report


def score_tally(
    tally: Tally,
    *,
    profile: Profile = "dasar",
    by: Literal["agency", "province"] = "agency",
    templates: Collection[str] = (),
) -> ScoreReport:
    """Score a tally: all its agencies, each with the others as its prior.

    Args:
        tally: Of one province, or of several with ``by="province"``.
        profile: What the index is made of; one for all agencies.
        by: What is scored; the whole is scored as one without others.
        templates: Agencies of whose answers over half are one text (`template_agencies`).

    Raises:
        ConfigError: It mixes definitions, counts cases twice, or is empty.
    """
    keys = [*tally.counts]
    if not keys:
        raise ConfigError("there is nothing to score: no case was opened in that period")
    standards = Standards.load(_one("definition", (key.definition for key in keys)))
    if by == "agency":
        remedy = 'to score several: score_tally(tally, by="province")'
        _one("province", (key.province for key in keys), remedy)
    _refuse_doubles(keys)
    as_of = datetime.fromtimestamp(max(key.as_of for key in keys), UTC)
    footing = Footing(
        period=", ".join(sorted({key.period for key in keys})),
        definition=standards.version,
        calendar=", ".join(sorted({key.calendar for key in keys})),
        as_of=as_of,
        profile=profile,
    )
    unit = attrgetter(by)
    agencies, whole = agencies_of(tally.counts, unit, standards, footing, templates=templates)
    return ScoreReport.made(
        tally,
        **footing.model_dump(),
        thresholds=standards.labels["office"],
        province=whole,
        agencies=agencies,
    )


def _scored(
    report: ScoreReport,
    counts: Mapping[TallyKey, Mapping[str, int]],
    moved: Mapping[str, Sequence[int]],
) -> dict[str, AgencyScore]:
    standards = Standards.load(report.definition)
    by = "agency" if set(report.agencies) <= {key.agency for key in counts} else "province"
    footing = next(iter(report.agencies.values())).footing
    found, _ = agencies_of(counts, attrgetter(by), standards, footing, answered=moved)
    return found


def _refuse_doubles(keys: Collection[TallyKey]) -> None:
    """Two values of `as_of` would count cases twice; so would two calendars."""
    if len({(key.as_of, key.calendar) for key in keys}) == 1:
        return
    seen: dict[TallyKey, TallyKey] = {}
    for key in sorted(keys):
        bare = key._replace(as_of=0, calendar="")
        before = seen.setdefault(bare, key)
        if before != key:
            raise ConfigError(
                f"cases of {key.agency} in {key.period} ({key.kind}, {key.channel}) were counted "
                "twice, at different instants or by different calendars: keep one of the tallies"
            )


def _one(name: str, values: Iterable[str], remedy: str = "keep one of them") -> str:
    found = sorted(set(values))
    if len(found) != 1:
        told = f"a score needs one {name}, this tally has {', '.join(found)}"
        raise ConfigError(f"{told}: {remedy}")
    return found[0]
