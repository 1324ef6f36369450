"""The narrow waist: additive counts, no text, no account, no person.

Source:
    score.md, 3.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from pydantic import SecretStr

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Case, Standards
from pelayanan.errors import ConfigError
from pelayanan.score import _tallyfile
from pelayanan.score.columns import Columns
from pelayanan.score.frames import read_columns
from pelayanan.score.kernel import Group, count
from pelayanan.score.saving import write_whole
from pelayanan.score.units import columns_of

if TYPE_CHECKING:
    from pelayanan.score.index import Profile
    from pelayanan.score.report import ScoreReport

__all__ = ["Columns", "Tally", "TallyKey"]


class TallyKey(NamedTuple):
    """What counts are kept apart by. `as_of` is in UTC epoch seconds.

    Polls of accounts belong to no kind: theirs is ``""``.
    """

    province: str
    agency: str
    kind: str
    channel: str
    period: str
    definition: str
    calendar: str
    as_of: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts that add: ``+`` is associative, commutative and has the zero ``Tally()``.

    Names of counts are those of score.md, 3; besides them ``excluded:REASON`` and
    ``histogram:BUCKET``. What is 0 is left out.
    """

    counts: Mapping[TallyKey, Mapping[str, int]] = field(
        default_factory=dict[TallyKey, Mapping[str, int]]
    )
    heads: tuple[str, ...] = ()
    """Digests over the chain heads of the stores that it comes from."""

    def __add__(self, other: "Tally") -> "Tally":
        """Add counts of the same definition.

        Raises:
            ConfigError: They were counted by different definitions.
        """
        mine, theirs = self.definitions, other.definitions
        if mine and theirs and mine != theirs:
            told = ", ".join(sorted(mine | theirs))
            raise ConfigError(f"tallies of different definitions do not add: {told}")
        merged = {key: dict(values) for key, values in self.counts.items()}
        for key, values in other.counts.items():
            row = merged.setdefault(key, {})
            for name, number in values.items():
                row[name] = row.get(name, 0) + number
        return Tally(merged, tuple(sorted({*self.heads, *other.heads})))

    def __iter__(self) -> Iterator[tuple[TallyKey, Mapping[str, int]]]:
        return iter(sorted(self.counts.items()))

    @property
    def definitions(self) -> frozenset[str]:
        """By what it was counted; more than one cannot be scored."""
        return frozenset(key.definition for key in self.counts)

    @property
    def digest(self) -> str:
        """A hash of keys and counts: equal counts have the same one, wherever they come from."""
        return sha256(_tallyfile.canonical(self._rows()).encode()).hexdigest()

    @classmethod
    def count(
        cls,
        cases: Columns,
        *,
        calendar: WorkCalendar,
        standards: Standards,
        as_of: datetime,
        period: str | None = None,
        province: str = "",
        heads: str = "",
    ) -> Self:
        """Count cases.

        Args:
            cases: All that were opened in the period, the excluded ones too.
            as_of: Until when they were followed; whole seconds, rounded down.
            period: Its name, such as ``"2026-10"``; ``None``: the local month of each case.
            heads: Digest of the store's chain heads.
        """
        until = _second(as_of)
        found = count(cases, calendar=calendar, standards=standards, until=until, period=period)
        key = partial(_key, province, standards.version, calendar.version, until)
        return cls(found.labelled(key), (heads,) if heads else ())

    @classmethod
    def from_cases(
        cls,
        cases: Iterable[Case],
        *,
        calendar: WorkCalendar,
        as_of: datetime,
        standards: Standards | None = None,
        province: str = "",
    ) -> Self:
        """Count cases, those with their events by their events.

        Raises:
            ConfigError: A case cannot be counted without its events.
        """
        rules = standards or Standards.load()
        columns = columns_of(cases, calendar=calendar, standards=rules, as_of=as_of)
        return cls.count(
            columns, calendar=calendar, standards=rules, as_of=as_of, province=province
        )

    @classmethod
    def from_columns(
        cls,
        frame: object = None,
        *,
        opened: object,
        answered: object,
        agency: object,
        kind: object,
        calendar: WorkCalendar,
        as_of: datetime,
        standards: Standards | None = None,
        province: str = "",
        **more: object,
    ) -> Self:
        """Count columns of one length: numpy arrays, or whatever speaks Arrow.

        Args:
            frame: A data frame; then the others are names of its columns.
            opened: When the citizen wrote: UTC epoch seconds, or instants with a time zone.
            answered: The first substantive answer of a person; -1 or null: none.
            agency: Key of the agency, or one text for all.
            kind: Kind of need, or one text for all.
            calendar: Working time.
            as_of: Until when the cases were followed.
            standards: Default: ``idt/1``.
            province: Its name.
            more: `resolved` (closed; before the answer, or without one, it counts for nothing),
                `left`, `left_how` (``"withdrawn"``, ``"deleted"``, ``"handed_over"``),
                `channel`, `excluded` (a reason), `contacts`. With
                `calendar_rev` (the `version` of a calendar, or a column of it) what
                `WorkCalendar.reading` said of each instant, so that it need not be read again:
                `opened_working_s`, `opened_days_through` and `opened_local_day`, of the others
                such as `answered_working_s` and `answered_days_before`; those of a frame are
                found by these names.

        Raises:
            ConfigError: A column is missing, of another length, or holds what it cannot; readings
                are of another calendar.
        """
        columns = read_columns(
            frame, opened=opened, answered=answered, agency=agency, kind=kind, **more
        )
        rules = standards or Standards.load()
        return cls.count(
            columns, calendar=calendar, standards=rules, as_of=as_of, province=province
        )

    @classmethod
    def of(cls, rows: Iterable[tuple[TallyKey, Mapping[str, int]]]) -> Self:
        """Counts that come from elsewhere: polls, audited answers."""
        made: dict[TallyKey, dict[str, int]] = {}
        for key, values in rows:
            row = made.setdefault(key, {})
            for name, number in values.items():
                row[name] = row.get(name, 0) + number
        return cls(made)

    def about(self, **fields: str) -> "Tally":
        """The part of it with these values, such as ``kind="informasi"``."""
        return replace(
            self,
            counts={
                key: values
                for key, values in self.counts.items()
                if all(getattr(key, name) == value for name, value in fields.items())
            },
        )

    def score(self, profile: "Profile" = "dasar") -> "ScoreReport":
        """The score: `pelayanan.score.score_tally`."""
        from pelayanan.score.report import score_tally  # noqa: PLC0415  it needs this module

        return score_tally(self, profile=profile)

    def save(self, path: Path | str, *, key: SecretStr | str | None = None) -> None:
        """Write it as JSON, with definition, calendar version and as-of in each key.

        Args:
            key: Signs it: Ed25519 in PEM, the text itself (extra ``sign``).

        Raises:
            ConfigError: The folder is not there, or may not be written.
            StoreError: The disk is full or broken; a file that was there is as it was.
        """
        write_whole(Path(path), _tallyfile.dump(self._rows(), self.heads, key))

    @classmethod
    def load(cls, path: Path | str, *, trusted: Mapping[str, str] | None = None) -> Self:
        """Read what `save` wrote.

        Args:
            trusted: Demands a signature by one of these public keys, each with the province it
                speaks for (`pelayanan.score.signing.read_trusted`).

        Raises:
            ConfigError: The file is damaged, of another format, or counted by other numbers under
                the name of a definition that is known here; or its signature is missing, does not
                fit or is not trusted.
        """
        rows, heads = _tallyfile.load(Path(path), TallyKey._fields, trusted)
        return cls({TallyKey(**key): values for key, values in rows}, heads)

    def _rows(self) -> list[_tallyfile.Row]:
        return [(key._asdict(), values) for key, values in self]


def _key(province: str, definition: str, calendar: str, until: int, group: Group) -> TallyKey:
    return TallyKey(province, *group, definition, calendar, until)


def _second(as_of: datetime) -> int:
    if as_of.utcoffset() is None:
        raise ConfigError(
            "as_of is naive: say its zone, for example as_of.replace(tzinfo=cal.zone)"
        )
    return int(as_of.timestamp() // 1)
