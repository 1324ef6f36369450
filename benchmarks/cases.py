"""Cases of an invented province as columns: who was asked what, and answered after how long."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

AS_OF = datetime(2026, 10, 15, tzinfo=UTC)
_START, _DAYS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), 270
_KINDS = {"informasi": 0.45, "pengaduan": 0.45, "aspirasi": 0.08, "darurat": 0.02}
_CHANNELS = ("mastodon", "email", "telegram", "bluesky")
_HOUR, _DAY = 3_600, 86_400


def province(cases: int, *, agencies: int = 40, days: int = _DAYS, seed: int = 7) -> dict[str, Any]:
    """Numpy columns: log-normal times, 30 % never answered, texts as fixed-width texts."""
    draw = np.random.default_rng(seed)
    opened = _START + draw.integers(0, days * _DAY, cases)
    waited = draw.lognormal(np.log(6 * _HOUR), 1.5, cases).astype(np.int64)
    answered = np.where(draw.random(cases) < 0.3, -1, opened + waited)
    closed = (answered > 0) & (draw.random(cases) < 0.8)
    resolved = np.where(closed, answered + draw.integers(0, 5 * _DAY, cases), -1)
    names = np.array([f"dinas-{number:05d}" for number in range(agencies)])
    kinds = draw.choice(len(_KINDS), cases, p=[*_KINDS.values()])
    return {
        "opened": opened,
        "answered": answered,
        "resolved": resolved,
        "agency": names[draw.integers(0, agencies, cases)],
        "kind": np.array([*_KINDS])[kinds],
        "channel": np.array(_CHANNELS)[draw.integers(0, len(_CHANNELS), cases)],
    }


def frame(columns: dict[str, Any], calendar: Any, *, categories: bool) -> Any:
    """The same as an Arrow table, with the readings of the instants and the month of each case."""
    table: dict[str, Any] = {}
    for name, values in columns.items():
        made = pa.array(values)
        textual = values.dtype.kind == "U"
        table[name] = made.dictionary_encode() if textual and categories else made
    for name in ("opened", "answered", "resolved"):
        instants = columns[name]
        read = calendar.reading(np.where(instants < 0, _START, instants))
        for field, values in read._asdict().items():
            table[f"{name}_{field}"] = pa.array(values.astype(np.int32))
    months = read_months(calendar.reading(columns["opened"]).local_day)
    return pa.table(table | {"month": pa.array(months)})


def read_months(local_day: Any) -> Any:
    """Months since 1970, as whole numbers."""
    return local_day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)
