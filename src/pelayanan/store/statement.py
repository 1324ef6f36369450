"""The tally as one literal SQL statement, for wherever the readings are.

SQLite, PostgreSQL, DuckDB and Spark run the same text. It is rendered from the thresholds that the
numpy kernel counts by, and gives the same counts.

Source:
    score.md, 1 (end of a case, reopening), 2 (bins) and 3 (values).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import KindStandard, Standards
from pelayanan.score import Tally, TallyKey
from pelayanan.score.ends import EARLY

__all__ = ["revision", "statement", "tally_of"]

_NO_BIN = 9
_STEPS = 3
_FINEST, _COARSEST = 5, 26  # doublings of the histogram; 2 to the 27 minutes are 255 years
_KEY = ("agency", "about", "channel", "period", "excluded", "ended", "bin", "bucket")
_SUMS = {
    "n": "1",
    "contacts": "contacts",
    "reopened": "reopened",
    "promises_due": "promises_due",
    "promises_kept": "promises_kept",
    "handed_over": "handed_over",
    "handed_wrong": "handed_wrong",
    "handed_slow": "handed_slow",
    "wait_before_handover_seconds": "before_handover_s",
    "wait_seconds": "CASE WHEN ended = 'answered' AND elapsed > 0 THEN elapsed ELSE 0 END",
    "skew": "CASE WHEN ended = 'answered' AND elapsed < 0 THEN 1 ELSE 0 END",
    "resolution_due": "due",
    "resolved_in_time": "in_time",
    "solved_first_contact": "in_time * first_contact",
}


def revision(calendar: WorkCalendar, standards: Standards) -> str:
    """For which calendar and definition readings hold: their `calendar_rev`."""
    return f"{calendar.version} {standards.version}+{standards.digest[:8]}"


def statement(
    calendar: WorkCalendar, standards: Standards, until: int, period: str, source: str = "readings"
) -> str:
    """The statement that counts one period.

    Args:
        calendar: By which the readings were made.
        standards: The definition.
        until: `as_of` in UTC epoch seconds.
        period: Its name, such as ``"2026-10"``.
        source: Table or view with the readings.

    Returns:
        A SELECT without parameters. Its rows, by key, end, bin and histogram bucket, are what
        `tally_of` adds up.
    """
    made = _Ends(calendar, standards, until)
    kinds = _texts(kind.value for kind in standards.kinds if kind.obliges)
    rows = (
        f"{source} WHERE calendar_rev = {_text(revision(calendar, standards))}"
        f" AND period = {_text(period)} AND as_of_s IN (0, {until}) AND opened_s <= {until}"
        f" AND {_ABOUT} IN ({kinds})"
    )
    sums = ", ".join(f"SUM({what}) AS sum_{name}" for name, what in _SUMS.items())
    columns = ", ".join((*_KEY, *_COUNTED, "elapsed", "in_time"))
    return (
        f"SELECT {', '.join(_KEY)}, {sums}\nFROM (\n"
        f"SELECT {columns}, due\nFROM ({made.ends(f'{rows} AND reopened = 0')}) AS once\n"
        "UNION ALL\n"
        f"SELECT {columns}, due_once\nFROM (\n"  # of all clocks the latest, the first of equals
        "SELECT clocks.*, MAX(due) OVER (PARTITION BY case_id) AS due_once,"
        " ROW_NUMBER() OVER (PARTITION BY case_id ORDER BY lateness DESC, clock) AS place\n"
        f"FROM ({made.ends(f'{rows} AND reopened > 0')}) AS clocks\n"
        ") AS reopened_cases WHERE place = 1\n"
        f") AS cases_ended\nGROUP BY {', '.join(_KEY)}"
    )


def tally_of(rows: Iterable[Sequence[Any]], key: TallyKey) -> Tally:
    """What the rows of the statement add up to.

    Args:
        rows: In the order of its columns.
        key: Province, definition, calendar version and `as_of`; the rest comes from the rows.
    """
    return Tally.of(
        (
            key._replace(agency=agency, kind=kind, channel=channel, period=period),
            _counts(excluded, ended, int(number), int(bucket), sums),
        )
        for agency, kind, channel, period, excluded, ended, number, bucket, *sums in rows
    )


def _counts(
    excluded: str, ended: str, number: int, bucket: int, sums: Sequence[Any]
) -> dict[str, int]:
    n = int(sums[0])
    if excluded:
        return {f"excluded:{excluded}": n}
    found = {ended if ended == "left_late" else f"{ended}_{number}": n}
    if ended == "answered":
        found[f"histogram:{bucket}"] = n
    added = zip(_SUMS, map(int, sums), strict=True)
    return found | {name: total for name, total in added if total}


# ---- one row a clock


_ABOUT = "CASE WHEN excluded = '' THEN kind ELSE triage END"
_COUNTED = (  # of the readings, added up as they are
    *("contacts", "reopened", "promises_due", "promises_kept", "handed_over", "handed_wrong"),
    *("handed_slow", "before_handover_s", "first_contact"),
)
_Clock: TypeAlias = tuple[str, str, str]  # seconds, working seconds, working days between


class _Ends:
    """Renders how clocks ended: answered (not later than it left), left early or late, open."""

    def __init__(self, calendar: WorkCalendar, standards: Standards, until: int) -> None:
        self._kinds = {kind.value: each for kind, each in standards.kinds.items() if kind.obliges}
        now = calendar.reading(datetime.fromtimestamp(until, UTC))
        self._now = str(until), str(now.working_s), str(now.days_before)

    def ends(self, rows: str) -> str:
        """A SELECT over some readings: all their columns, and those of each step."""
        made, name = rows, "readings"
        for number, step in enumerate((self._how(), self._clock(), self._bin(), self._ended())):
            added = ", ".join(f"{what} AS {column}" for column, what in step.items())
            made = f"SELECT {name}.*, {added}\nFROM {made}"
            if number < _STEPS:
                name = f"step_{number}"
                made = f"({made}) AS {name}"
        return made

    def _how(self) -> dict[str, str]:
        until = self._now[0]
        return {
            "about": _ABOUT,
            "how": f"CASE WHEN answered_s <= {until} AND (left_how = '' OR left_s IS NULL"
            f" OR left_s > {until} OR answered_s <= left_s) THEN 'answered'"
            f" WHEN left_how <> '' AND left_s <= {until} THEN 'left' ELSE 'open' END",
        }

    def _clock(self) -> dict[str, str]:
        """From the opening to the end."""
        answered, left = _columns("answered"), _columns("left")
        ends = (
            f"CASE how WHEN 'answered' THEN {mine} WHEN 'left' THEN {gone} ELSE {now} END"
            for mine, gone, now in zip(answered, left, self._now, strict=True)
        )
        return dict(zip(("elapsed", "worked", "days"), _since_opened(*ends), strict=True))

    def _bin(self) -> dict[str, str]:
        clock = "elapsed", "worked", "days"
        return {
            "number": self._by_kind(lambda each: _bin_of(each, clock)),
            "waited": self._by_kind(lambda each: clock[each.clock == "office"]),
        }

    def _ended(self) -> dict[str, str]:
        early = " ".join(f"WHEN {_text(how)} THEN {last}" for how, last in EARLY.items())
        left = f"number <= CASE left_how {early} ELSE 0 END"
        due, in_time = self._resolution(f"how = 'left' AND {left}")
        return {
            "ended": f"CASE WHEN how = 'left' AND {left} THEN 'left_early' WHEN how = 'left'"
            " THEN 'left_late' WHEN how = 'answered' THEN how ELSE 'censored' END",
            "bin": f"CASE WHEN how <> 'left' OR {left} THEN number ELSE 0 END",
            "bucket": f"CASE WHEN how = 'answered' THEN {_bucket('waited')} ELSE -1 END",
            "lateness": f"CASE WHEN how <> 'left' THEN number WHEN {left} THEN 0 ELSE {_NO_BIN}"
            " END",
            "due": f"CASE WHEN {due} THEN 1 ELSE 0 END",
            "in_time": f"CASE WHEN {due} AND {in_time} THEN 1 ELSE 0 END",
        }

    def _resolution(self, left_early: str) -> tuple[str, str]:
        """Whether a case should be resolved by now, and whether it was in time and for good."""
        now = _since_opened(*self._now, paused="paused_now")
        closed = _since_opened(*_columns("resolved"), paused="paused_resolved")
        done = f"resolved_s <= {self._now[0]}"
        due = (
            f"clock = 0 AND NOT ({self._by_kind(lambda each: _resolves(each, now))})"
            f" AND NOT ({left_early}) AND ({done} OR waits_for_citizen = 0)"
        )
        timely = self._by_kind(lambda each: _resolves(each, closed))
        return due, f"reopened = 0 AND {done} AND ({timely})"

    def _by_kind(self, render: Callable[[KindStandard], str]) -> str:
        """What differs from kind to kind."""
        alike: dict[str, list[str]] = {}
        for kind, standard in self._kinds.items():
            alike.setdefault(render(standard), []).append(kind)
        usual, *others = sorted(alike, key=lambda what: -len(alike[what]))
        cases = " ".join(f"WHEN about IN ({_texts(alike[what])}) THEN {what}" for what in others)
        return f"CASE {cases} ELSE {usual} END" if others else usual


def _columns(instant: str) -> _Clock:
    return f"{instant}_s", f"{instant}_working_s", f"{instant}_days_before"


def _since_opened(second: str, working: str, days: str, paused: str = "") -> _Clock:
    left_out = f" - {paused}" if paused else ""
    return (
        f"{second} - opened_s",
        f"{working} - opened_working_s",
        f"{days} - opened_days_through{left_out}",
    )


def _tests(standard: KindStandard, clock: _Clock) -> list[str]:
    """Each test of a kind; the citizen's clock knows seconds alone."""
    elapsed, worked, days = clock
    office = standard.clock == "office"
    on = {"s": worked if office else elapsed, "g": days if office else elapsed}
    signs = {"s": "<=", "g": "<"}
    return [f"{on[unit]} {signs[unit]} {size}" for unit, size in standard.limits]


def _bin_of(standard: KindStandard, clock: _Clock) -> str:
    first, *others = _tests(standard, clock)
    cases = (f"WHEN {test} THEN {number}" for number, test in enumerate(others, 2))
    return f"CASE WHEN {clock[0]} <= 0 OR {first} THEN 1 {' '.join(cases)} ELSE {_NO_BIN} END"


def _resolves(standard: KindStandard, clock: _Clock) -> str:
    """Whether an instant is not later than the limit: one of the tests up to it holds.

    Of tests in one unit only the widest is asked.
    """
    tests = zip(standard.limits, _tests(standard, clock), strict=True)
    asked = sorted([*tests][: standard.resolution_test], key=lambda each: each[0].size)
    widest = {limit.unit: test for limit, test in asked}
    return " OR ".join((f"{clock[0]} <= 0", *widest.values()))


def _bucket(seconds: str) -> str:
    """The bucket of the histogram: 32 each time the minutes double, of 1, 2, 4 ... minutes."""
    cases: list[str] = []
    for power in range(_FINEST, _COARSEST + 1):
        width = 60 << (power - _FINEST)
        place = f"CAST(({seconds} - {seconds} % {width}) / {width} AS BIGINT)"
        cases.append(f"WHEN {seconds} < {width << 6} THEN {place} + {32 * (power - _FINEST)}")
    return f"CASE WHEN {seconds} < 0 THEN 0 {' '.join(cases)} END"


def _text(word: str) -> str:
    """A literal; a quote in it is doubled."""
    return "'" + word.replace("'", "''") + "'"


def _texts(words: Iterable[str]) -> str:
    return ", ".join(map(_text, words))
