"""Service standards and thresholds as data: one file a version, each with its source."""

import json
from datetime import datetime, timedelta
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

from pelayanan.errors import ConfigError
from pelayanan.models import Kind, Record

if TYPE_CHECKING:
    from pelayanan.calendar import WorkCalendar

__all__ = ["KindStandard", "Limit", "Standards"]


class Limit(NamedTuple):
    """One test: seconds of the kind's clock (``"s"``) or working days between (``"g"``)."""

    unit: str
    size: int


class KindStandard(Record):
    """What holds for one kind of need.

    Attributes:
        clock: ``"office"``: seconds and days of the working calendar; ``"citizen"``: seconds.
        tests: The eight limits, inclusive: ``"s900"`` is 900 seconds of the clock, ``"g3"`` is
            fewer than 3 working days strictly between the local dates.
        resolution_test: Number of the test whose end is the limit for resolving.
        legal: Working days of the law for the final answer.
        source: Law, article or manual.
    """

    clock: Literal["office", "citizen"]
    tests: tuple[str, ...]
    resolution_test: int
    legal: int | None = None
    source: str = ""

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """The eight tests, read."""
        return tuple(Limit(test[0], int(test[1:])) for test in self.tests)

    @property
    def resolution(self) -> Limit:
        """The limit for resolving."""
        return self.limits[self.resolution_test - 1]

    def ends(self, test: int, opened: datetime, calendar: "WorkCalendar") -> datetime:
        """The last instant at which a test (1 to 8) holds for a case.

        Source:
            score.md, 2: "n days" ends with the last second of the n-th working day after receipt.
        """
        from pelayanan.calendar import WorkingDays, WorkingTime  # noqa: PLC0415  loads numpy

        unit, size = self.limits[test - 1]
        if self.clock == "citizen":
            return opened + timedelta(seconds=size)
        if unit == "g":
            return calendar.deadline(opened, WorkingDays(size))
        return calendar.deadline(opened, WorkingTime(timedelta(seconds=size)))

    def resolution_ends(self, opened: datetime, calendar: "WorkCalendar") -> datetime:
        """The last instant at which a case is resolved in time, nothing left out."""
        return self.ends(self.resolution_test, opened, calendar)


class Standards(Record):
    """A version of the definition.

    Attributes:
        weights: Of the eight tests; they sum to 1.
        reference: F_ref, the reference curve.
    """

    version: str
    source: str
    valid_from: str
    labels: dict[str, tuple[str, ...]]
    target_test: int
    legal_test: int
    weights: tuple[float, ...]
    reference: tuple[float, ...]
    kinds: dict[Kind, KindStandard]

    @property
    def digest(self) -> str:
        """A hash of the whole definition: who changed a number has another one."""
        return _digest(self.version, self.model_dump_json())

    @staticmethod
    def load(version: str = "idt/1") -> "Standards":
        """Read a shipped version.

        Raises:
            ConfigError: No such version.
        """
        return _load(version)


@cache
def _load(version: str) -> Standards:
    place = files(__name__) / f"{version.replace('/', '-')}.json"
    if not place.is_file():
        raise ConfigError(f'unknown definition {version[:40]!r}: shipped is "idt/1"')
    return Standards.model_validate(json.loads(place.read_text("utf-8")))


@cache
def _digest(_: str, body: str) -> str:
    plain = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    return sha256(plain.encode()).hexdigest()
