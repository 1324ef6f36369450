"""Instants as the calendar takes them, and the zones in which its days begin."""

from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from pelayanan.calendar.overrides import FIRST_YEAR, LAST_YEAR
from pelayanan.calendar.tables import Ints
from pelayanan.errors import ConfigError

__all__ = ["ZONES", "Instants"]

Instants: TypeAlias = datetime | Ints
"""One aware datetime, or whole UTC epoch seconds as a numpy integer array."""

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def find_zone(name: str) -> ZoneInfo:
    """The zone of this IANA name; raises `ConfigError` if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        names = ", ".join([*ZONES, *ZONES.values()])
        raise ConfigError(f"timezone {name!r} is unknown: use {names}") from None


def offset_of(zone: ZoneInfo) -> int:
    """Seconds east of UTC; raises `ConfigError` where they change: days must be equally long."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    edges = [datetime(year, month, 1, tzinfo=zone) for year in years for month in (1, 7)]
    offsets = {edge.utcoffset() or timedelta() for edge in edges}
    if len(offsets) > 1:
        raise ConfigError(f"timezone {zone.key} has daylight saving: use {', '.join(ZONES)}")
    return offsets.pop() // _SECOND


def utc_seconds(instants: Instants) -> Ints:
    """UTC epoch seconds, rounded down; one instant makes an array of one.

    Raises:
        ValueError: A datetime is naive, or an array holds no whole numbers.
    """
    if isinstance(instants, datetime):
        if instants.utcoffset() is None:
            raise ValueError(
                f"{instants.isoformat()} is naive: say its zone, for example "
                "instant.replace(tzinfo=cal.zone) if it is local time"
            )
        return np.array([(instants - UNIX) // _SECOND], np.int64)
    values = np.asarray(instants)  # columns of frames and lists do as well
    if values.dtype.kind not in "iu":
        raise ValueError(
            f"instants are {values.dtype}: give whole UTC epoch seconds, for example "
            'values.astype("datetime64[s]").astype("int64")'
        )
    return values.astype(np.int64, copy=False)


def are_many(*instants: Instants) -> bool:
    """Whether the answer is an array, because a question was."""
    return not all(isinstance(each, datetime) for each in instants)
