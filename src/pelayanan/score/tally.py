"""The narrow waist: additive counts, no text, no account, no person.

Source:
    score.md, 3.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Standards
from pelayanan.errors import ConfigError
from pelayanan.models import Kind
from pelayanan.score.bins import NONE, bins

__all__ = ["Columns", "Tally", "TallyKey"]

Seconds = npt.NDArray[np.int64]
_FORMAT = "pelayanan-tally/1"
_EARLY = {"withdrawn": 2, "deleted": 2, "handed_over": 4}  # last bin in which leaving is early


class TallyKey(NamedTuple):
    """What counts are kept apart by. `as_of` is in UTC epoch seconds."""

    province: str
    agency: str
    kind: str
    channel: str
    period: str
    definition: str
    calendar: str
    as_of: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Cases as columns of one length; instants in UTC epoch seconds, -1 is never."""

    opened: Seconds
    answered: Seconds
    left: Seconds
    left_how: npt.NDArray[np.str_]
    agency: npt.NDArray[np.str_]
    kind: npt.NDArray[np.str_]
    channel: npt.NDArray[np.str_]
    excluded: npt.NDArray[np.str_]
    contacts: Seconds
    reopened: Seconds


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts that add: ``+`` is associative, commutative and has the zero ``Tally()``."""

    counts: Mapping[TallyKey, Mapping[str, int]] = field(
        default_factory=dict[TallyKey, Mapping[str, int]]
    )
    heads: tuple[str, ...] = ()
    """Digests over the chain heads of the stores that it comes from."""

    def __add__(self, other: "Tally") -> "Tally":
        merged = {key: dict(values) for key, values in self.counts.items()}
        for key, values in other.counts.items():
            mine = merged.setdefault(key, {})
            for name, count in values.items():
                mine[name] = mine.get(name, 0) + count
        return Tally(merged, tuple(sorted({*self.heads, *other.heads})))

    def __iter__(self) -> Iterator[tuple[TallyKey, Mapping[str, int]]]:
        return iter(sorted(self.counts.items()))

    @classmethod
    def count(
        cls,
        cases: Columns,
        *,
        calendar: WorkCalendar,
        standards: Standards,
        as_of: datetime,
        period: str,
        province: str = "",
        heads: str = "",
    ) -> Self:
        """Count cases of one period.

        Args:
            cases: All that were opened in the period, the excluded ones too.
            as_of: Until when they were followed; whole seconds, rounded down.
            period: Its name, such as ``"2026-10"``.
            heads: Digest of the store's chain heads.
        """
        until = int(as_of.timestamp())
        made: dict[TallyKey, dict[str, int]] = {}
        groups = np.stack([cases.agency, cases.kind, cases.channel]) if len(cases.opened) else None
        for group in [] if groups is None else np.unique(groups, axis=1).T:
            agency, kind, channel = map(str, group)
            chosen = np.all(groups == group[:, None], axis=0) if groups is not None else None
            key = TallyKey(
                province,
                agency,
                kind,
                channel,
                period,
                standards.version,
                calendar.version,
                until,
            )
            made[key] = _group(cases, chosen, calendar, standards, until)
        return cls(made, (heads,) if heads else ())

    def save(self, path: Path | str) -> None:
        """Write it as JSON, with definition, calendar version and as-of in each key."""
        rows = [{**key._asdict(), "counts": dict(values)} for key, values in self]
        body = {"format": _FORMAT, "heads": self.heads, "rows": rows}
        Path(path).write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read what `save` wrote.

        Raises:
            ConfigError: The file is damaged, or of another format.
        """
        place = Path(path)
        try:
            body: dict[str, Any] = json.loads(place.read_text("utf-8"))
            if body["format"] != _FORMAT:
                raise ConfigError(f"{place}: format {body['format']!r} is not {_FORMAT!r}")
            counts = {
                TallyKey(**{name: row[name] for name in TallyKey._fields}): _whole(row["counts"])
                for row in body["rows"]
            }
        except (OSError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"{place}: no readable tally: {type(error).__name__}") from None
        return cls(counts, tuple(body.get("heads", ())))


def _whole(counts: Mapping[str, Any]) -> dict[str, int]:
    if any(not isinstance(count, int) or isinstance(count, bool) for count in counts.values()):
        raise ValueError("counts are whole numbers")
    return dict(counts)


def _group(
    cases: Columns,
    chosen: npt.NDArray[np.bool_] | None,
    calendar: WorkCalendar,
    standards: Standards,
    until: int,
) -> dict[str, int]:
    """The counts of the chosen cases, which share agency, kind and channel."""
    counts: dict[str, int] = {}
    kind = Kind(str(cases.kind[chosen][0]))
    excluded = cases.excluded[chosen]
    for reason in np.unique(excluded[excluded != ""]):
        counts[f"excluded:{reason}"] = int((excluded == reason).sum())
    scored = excluded == ""
    if not kind.obliges or not scored.any():
        return counts
    opened, answered, left = (
        column[chosen][scored] for column in (cases.opened, cases.answered, cases.left)
    )
    how = cases.left_how[chosen][scored]
    ends = _Ends.of(answered, left, how, until)
    found = bins(opened, ends.instant, calendar, standards.kinds[kind])
    counts["n"] = len(opened)
    for number in range(1, NONE + 1):
        here = found == number
        counts[f"answered_{number}"] = int((here & ends.answered).sum())
        counts[f"censored_{number}"] = int((here & ends.open).sum())
    early = ends.gone & (found <= np.vectorize(lambda name: _EARLY.get(name, 0), otypes=[int])(how))
    for number in range(1, 5):
        counts[f"left_early_{number}"] = int((early & (found == number)).sum())
    counts["left_late"] = int((ends.gone & ~early).sum())
    counts["skew"] = int((ends.answered & (answered < opened)).sum())
    counts["contacts"] = int(cases.contacts[chosen][scored].sum())
    counts["reopened"] = int(cases.reopened[chosen][scored].sum())
    waits = np.maximum(0, answered - opened)[ends.answered]
    counts["wait_seconds"] = int(waits.sum())
    return {name: count for name, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class _Ends:
    """How each case ended: answered (not later than it left), gone, or open until `as_of`."""

    answered: npt.NDArray[np.bool_]
    gone: npt.NDArray[np.bool_]
    open: npt.NDArray[np.bool_]
    instant: Seconds

    @classmethod
    def of(
        cls,
        answered: Seconds,
        left: Seconds,
        how: npt.NDArray[np.str_],
        until: int,
    ) -> Self:
        has_left = (how != "") & (left <= until)
        has_answer = (answered >= 0) & (answered <= until)
        is_answered = has_answer & (~has_left | (answered <= left))
        gone = has_left & ~is_answered
        instant = np.where(is_answered, answered, np.where(gone, left, until))
        return cls(is_answered, gone, ~is_answered & ~gone, instant.astype(np.int64))
