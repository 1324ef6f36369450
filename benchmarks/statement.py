"""A month of a million cases in SQLite, from its rows to the score, beside a GROUP BY in SQLite."""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from measure import CPU, Row, at_most, in_turns

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Standards
from pelayanan.score import ScoreReport, Tally, TallyKey
from pelayanan.store.bulk import insert_rows
from pelayanan.store.columns import Window, settled
from pelayanan.store.readings import refresh
from pelayanan.store.statement import statement, tally_of
from pelayanan.store.store import Store
from pelayanan.store.tables import cases

CASES = 1_000_000
PERIOD = "2026-10"
FIRST, AFTER = (datetime(2026, month, day, 17, tzinfo=UTC) for month, day in ((9, 30), (10, 31)))
AS_OF = datetime(2026, 12, 1, 1, tzinfo=UTC)
UNTIL = int(AS_OF.timestamp())
LIMIT_MB = 200
_KINDS = ("informasi", "informasi", "pengaduan", "pengaduan", "aspirasi", "darurat")
_CHANNELS = ("mastodon", "bluesky", "email", "telegram")


def rows() -> Iterable[Row]:
    """Both ways, and how much memory ours takes in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "sejuta.db"
        fill(place)
        ways = Ways(place)
        assert ways.by_columns().digest == ways.by_statement().digest
        pair = in_turns(
            lambda: ways.by_columns().score(),
            lambda: ways.by_statement().score(),
            turns=5,
            clock=CPU,
        )
        what = "1,000,000 cases in SQLite: counted, scored"
        yield at_most(what, "the same counts by GROUP BY in SQLite", pair, 0.8)
        said = subprocess.run(
            [sys.executable, __file__, str(place)], check=True, capture_output=True
        )
        peak = int(said.stdout) / 1e6
        budget, met = f"at most {LIMIT_MB} MB", peak <= LIMIT_MB
        yield Row("peak of the process that does it", f"{peak:.0f} MB", "", "", "", "", budget, met)


class Ways:
    """The two ways to count the month."""

    def __init__(self, place: Path) -> None:
        self._store = Store(f"sqlite:///{place}")
        self._calendar, self._standards = WorkCalendar.indonesia("WIB"), Standards.load()
        self._window = Window(FIRST, AFTER, AS_OF)
        self._asked = ""

    def by_columns(self) -> Tally:
        """What the desk does: rows to columns, columns to counts."""
        about: dict[str, Any] = {"calendar": self._calendar, "standards": self._standards}
        with self._store.reading() as connection:
            found = settled(connection, self._window, **about)
        return Tally.count(found, **about, as_of=AS_OF, period=PERIOD)

    def by_statement(self) -> Tally:
        """The statement, over readings that are up to date."""
        calendar, standards = self._calendar, self._standards
        if not self._asked:
            with self._store.writing() as connection:
                about: dict[str, Any] = {"calendar": calendar, "standards": standards}
                refresh(connection, self._window, **about, period=PERIOD)
            self._asked = statement(calendar, standards, UNTIL, PERIOD)
        key = TallyKey("", "", "", "", PERIOD, standards.version, calendar.version, UNTIL)
        with self._store.reading() as connection:
            return tally_of(connection.exec_driver_sql(self._asked), key)


def fill(place: Path) -> None:
    """A store with a month of cases."""
    made = _cases(Random(7))
    with Store(f"sqlite:///{place}") as store:
        while part := list(islice(made, 50_000)):
            with store.writing() as connection:
                insert_rows(connection, cases, part)


def _cases(draw: Random) -> Iterator[dict[str, Any]]:
    first, after = (int(at.timestamp()) for at in (FIRST, AFTER))
    empty: dict[str, Any] = dict.fromkeys(cases.c.keys())
    for number in range(CASES):
        opened = first + number * (after - first) // CASES  # kept in the order of coming in
        answered = opened + int(draw.lognormvariate(9.5, 2)) if draw.random() < 0.8 else None
        closed = answered is not None and draw.random() < 0.6
        resolved = answered + int(draw.lognormvariate(11, 1)) if closed and answered else None
        contacts = draw.choice((0, 0, 0, 1, 2))
        yield empty | {
            "id": f"{draw.getrandbits(96):024x}",
            "agency": f"opd-{draw.randrange(45):02}",
            "platform": draw.choice(_CHANNELS),
            "account": "akun",
            "author_key": f"{number:032x}",
            "message_id": f"{draw.getrandbits(128):032x}",
            "kind": draw.choice(_KINDS),
            "status": "open",
            "opened_us": opened * 1_000_000,
            "captured_us": opened * 1_000_000,
            "answered_us": answered and answered * 1_000_000,
            "resolved_us": resolved and resolved * 1_000_000,
            "left_how": "",
            "excluded": "",
            "contacts": contacts,
            "reopened": 0,
            "assigned_to": "",
            "promises": "[]",
            "simple": True,
            "first_contact": not contacts,
            "last_us": opened * 1_000_000,
            "events": 2,
            "head": f"{draw.getrandbits(256):064x}",
        }


def _peak_bytes() -> int:
    """Of this program alone: what `getrusage` says began before the `exec`."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _report(place: Path) -> ScoreReport:
    return Ways(place).by_columns().score()


if __name__ == "__main__":
    _report(Path(sys.argv[1]))
    print(_peak_bytes())
