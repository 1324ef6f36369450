"""Measures the library beside its peers and against the budgets of its design.

    python benchmarks/run.py [imports] [parsing] [drivers] [storing] [memory] [working_time]
        [scoring] [--markdown]

Without names it measures everything. ``--markdown`` writes the figures into `docs/benchmarks.md`.
What it needs: ``pip install . -r benchmarks/requirements.txt``, in an environment of its own.
"""

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from measure import Row, table

PARTS = {
    "imports": "How fast programs start, how much disk the core takes",
    "parsing": "A page of notifications, from bytes to records",
    "drivers": "What the client costs beside a bare one",
    "storing": "Pages of 1,000 messages into SQLite",
    "statement": "A month of a million cases in a SQLite store",
    "memory": "A long fetch",
    "working_time": "Working time between two instants",
    "scoring": "Tally and score",
}
PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- figures: benchmarks/run.py --markdown -->\n", "<!-- end of figures -->\n"
_PACKAGES = ("httpx", "pydantic", "sqlalchemy", "Mastodon.py", "atproto", "duckdb", "lifelines")


def main(words: Sequence[str]) -> int:
    """Measure the parts named, print them, and write them down where asked."""
    names = [word for word in words if not word.startswith("-")] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        print(f"there is no part {unknown[0]!r}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    text = "\n".join(figures(names))
    print(text)
    if "--markdown" in words:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
        after = rest.partition(_END)[2]
        PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")
    return 0


def figures(names: Iterable[str]) -> Iterable[str]:
    """Head, one table a part, and how many budgets are met."""
    load = [os.getloadavg()[0]]
    tables: list[str] = []
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found = list(import_module(name).rows())
        load.append(os.getloadavg()[0])
        rows += found
        tables += [f"### {PARTS[name]}\n", table(found), ""]
    yield _head(load)
    yield from tables
    kept = [row.met for row in rows if row.met is not None]
    yield f"{sum(kept)} of {len(kept)} budgets are met.\n"


def _head(load: Sequence[float]) -> str:
    day = datetime.now(UTC).date().isoformat()
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"Measured on {day}: Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{packages}. While it ran, {min(load):.1f} to {max(load):.1f} processes wanted a core "
        "(load of one minute).\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
