"""Tally and score of many cases, beside a GROUP BY of DuckDB and beside lifelines.

The GROUP BY counts rows by the same keys (agency, kind, channel, month) of the same Arrow table and
does nothing else; ours finds bins, ends, resolutions and histograms too, and scores. lifelines is
given durations that were computed before.
"""

import gc
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from cases import AS_OF, frame, province
from measure import Pair, Row, at_least, at_most, in_turns

from pelayanan import Tally, WorkCalendar
from pelayanan.cases import Standards
from pelayanan.score.index import COUNTED, Index, interval
from pelayanan.score.table import Table

MILLION = 1_000_000
_SAMPLE = 100  # groups that lifelines is given, of all
_NAMES = ("opened", "answered", "resolved", "agency", "kind", "channel")
_GROUP_BY = "SELECT agency, kind, channel, month, count(*) FROM cases GROUP BY ALL"


def rows() -> Iterable[Row]:
    """Small and large, with and without readings, then the curves of 10,000 groups, and memory."""
    calendar = WorkCalendar.indonesia()
    for millions in (1, 10):
        columns = province(millions * MILLION)
        plain = frame(columns, calendar, categories=False)
        yield _beside(f"{millions} M cases from raw instants, texts", plain, calendar, 8)
        read = calendar.version
        yield _beside(f"{millions} M cases with readings, texts", plain, calendar, 2, read)
        del plain
        coded = frame(columns, calendar, categories=True)
        yield _beside(f"{millions} M cases with readings, categories", coded, calendar, 2, read)
        del coded
    yield from _lifelines(calendar)
    for millions in (1, 10):
        yield _memory(millions)


def _tally(table: Any, calendar: WorkCalendar, calendar_rev: str | None = None) -> Tally:
    names: dict[str, Any] = {name: name for name in _NAMES}
    return Tally.from_columns(
        table, **names, calendar=calendar, as_of=AS_OF, calendar_rev=calendar_rev
    )


def _beside(
    what: str, table: Any, calendar: WorkCalendar, limit: float, calendar_rev: str | None = None
) -> Row:
    import duckdb  # noqa: PLC0415

    database = duckdb.connect()
    database.execute("SET enable_progress_bar = false")
    database.register("cases", table)
    groups = database.execute(_GROUP_BY).fetchall()
    counted = _tally(table, calendar, calendar_rev)
    assert sum(each["n"] for _, each in counted) == sum(each[-1] for each in groups)
    pair = in_turns(
        lambda: _tally(table, calendar, calendar_rev).score(),
        lambda: database.execute(_GROUP_BY).fetchall(),
        turns=5,
    )
    return at_most(f"tally and score, {what}", "DuckDB GROUP BY", pair, limit)


# ---- lifelines


def _lifelines(calendar: WorkCalendar) -> Iterable[Row]:
    columns = province(MILLION)
    table = frame(columns, calendar, categories=True)
    fit = _fits(columns, groups=40, sample=40)
    pair = in_turns(lambda: _tally(table, calendar, calendar.version).score(), fit, turns=3)
    yield at_least("tally and score, 1 M cases of 40 agencies", "lifelines", pair, 1)
    columns = province(10 * MILLION, agencies=10_000, days=30)
    columns["kind"] = np.full(10 * MILLION, "pengaduan")
    columns["channel"] = np.full(10 * MILLION, "email")
    table = frame(columns, calendar, categories=True)
    fit = _fits(columns, groups=10_000, sample=_SAMPLE)
    found = in_turns(lambda: _curves(table, calendar), fit, turns=3)
    scaled = Pair(found.ours, [each * 10_000 / _SAMPLE for each in found.peer])
    name = f"lifelines, {_SAMPLE} groups x {10_000 // _SAMPLE}"
    yield at_least("curves with intervals, 10,000 groups, 10 M cases", name, scaled, 100)


def _curves(table: Any, calendar: WorkCalendar) -> Any:
    """From the rows to each group's curve and interval, without a report around them."""
    counts = Table.of(_tally(table, calendar, calendar.version).counts).cells(COUNTED)
    index = Index.of(counts, Standards.load(), "dasar", others=np.zeros_like(counts))
    return interval(index.index, index.variance)


def _fits(columns: dict[str, Any], *, groups: int, sample: int) -> Any:
    """Kaplan-Meier curves with their intervals, group by group, from hours and whether answered."""
    from lifelines import KaplanMeierFitter  # noqa: PLC0415

    answered = columns["answered"] >= 0
    ends = np.where(answered, columns["answered"], int(AS_OF.timestamp()))
    hours = np.maximum(0, ends - columns["opened"]) / 3600
    number = np.unique(columns["agency"], return_inverse=True)[1]
    assert number.max() == groups - 1
    parts = [np.flatnonzero(number == each) for each in range(sample)]

    def fit() -> None:
        for part in parts:
            KaplanMeierFitter().fit(hours[part], answered[part]).confidence_interval_  # noqa: B018

    return fit


# ---- memory


def _memory(millions: int) -> Row:
    command = [sys.executable, __file__, str(millions * MILLION)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    peak, table = found["peak_mb"], found["table_mb"]
    what = f"peak memory, tally and score of {millions} M cases, above the table"
    return Row(what, f"{peak:,.0f} MB", "the table itself", f"{table:,.0f} MB", "", "", "", None)


def _measured(cases: int) -> dict[str, float]:
    """A process of its own: what it needs beyond the columns it is given."""
    calendar = WorkCalendar.indonesia()
    _tally(frame(province(1_000), calendar, categories=True), calendar).score()  # loads all
    table = frame(province(cases), calendar, categories=True)
    gc.collect()
    pa.default_memory_pool().release_unused()  # else it would be used again, and not seen
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    before = _status("VmRSS")
    _tally(table, calendar, calendar.version).score()
    return {"peak_mb": _status("VmHWM") - before, "table_mb": table.nbytes / 1e6}


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (each for each in lines if each.startswith(name + ":"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    print(json.dumps(_measured(int(sys.argv[1]))))
