"""Service standards and thresholds as data: one file a version, each with its source."""

import json
from functools import cache
from importlib.resources import files
from typing import Literal

from pelayanan.errors import ConfigError
from pelayanan.models import Kind, Record

__all__ = ["KindStandard", "Standards"]


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
