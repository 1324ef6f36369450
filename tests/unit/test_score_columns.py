"""Columns are counted the same however they come: as texts, as categories, with readings."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pelayanan import WorkCalendar
from pelayanan.cases import Standards
from pelayanan.errors import ConfigError
from pelayanan.score import Tally, coded
from pelayanan.score.coded import Coded
from pelayanan.score.columns import Columns, Later, Read
from pelayanan.score.kernel import count

pa: Any = import_module("pyarrow")  # without types
CALENDAR = WorkCalendar.indonesia()
AS_OF = datetime(2026, 4, 20, 5, tzinfo=UTC)
UNTIL = int(AS_OF.timestamp())
START = int(datetime(2026, 2, 10, tzinfo=UTC).timestamp())
DAY = 86_400


def some(size: int, seed: int = 5) -> dict[str, Any]:
    """Cases with everything in them, some opened after `as_of`, some of kinds that oblige none."""
    draw = np.random.default_rng(seed)

    def later(than: Any, days: float, share: float) -> Any:
        wait = (draw.exponential(days * DAY, size) - 600).astype(np.int64)
        return np.where(draw.random(size) < share, than + wait, -1)

    def one_of(*names: str) -> Any:
        return np.array(names)[draw.integers(0, len(names), size)]

    opened = START + draw.integers(0, 80 * DAY, size)
    return {
        "opened": opened,
        "answered": later(opened, 2, 0.7),
        "resolved": later(opened, 6, 0.6),
        "left": later(opened, 3, 0.2),
        "left_how": one_of("", "withdrawn", "deleted", "handed_over"),
        "agency": one_of("dinsos", "dinkes", "disdik-contoh-bernama-panjang"),
        "kind": one_of("informasi", "pengaduan", "darurat", "kritik", "pengaduan_pengawasan"),
        "channel": one_of("email", "mastodon"),
        "excluded": one_of("", "", "", "internal"),
        "contacts": draw.integers(0, 3, size),
    }


def readings(columns: dict[str, Any]) -> dict[str, Any]:
    """As a projection keeps them: 32 bits, anything where there is no instant."""
    found: dict[str, Any] = {}
    for name in ("opened", "answered", "resolved", "left"):
        read = CALENDAR.reading(np.where(columns[name] < 0, START, columns[name]))
        found |= {f"{name}_{each}": getattr(read, each).astype("i4") for each in read._fields}
    return found


def tally(**columns: Any) -> Tally:
    return Tally.from_columns(**columns, calendar=CALENDAR, as_of=AS_OF)


def test_readings_beside_the_instants_give_the_same_tally() -> None:
    columns = some(900)
    plain = tally(**columns)
    read = readings(columns)
    assert tally(**columns, **read, calendar_rev=CALENDAR.version).digest == plain.digest
    table = pa.table(columns | read | {"rev": [CALENDAR.version] * 900})
    names: dict[str, Any] = {name: name for name in columns}
    for rev in (CALENDAR.version, "rev"):
        framed = Tally.from_columns(
            table, **names, calendar_rev=rev, calendar=CALENDAR, as_of=AS_OF
        )
        assert framed.digest == plain.digest


def test_readings_are_what_is_counted_by() -> None:
    columns = some(300)
    read = readings(columns)
    read["answered_days_before"] = read["answered_days_before"] + 100
    slower = tally(**columns, **read, calendar_rev=CALENDAR.version)
    assert slower.digest != tally(**columns).digest


@pytest.mark.parametrize(
    ("days", "resolved"),
    [
        ({"answered": 1, "resolved": 2}, 1),
        ({"answered": 1, "resolved": 1}, 1),
        ({"answered": 2, "resolved": 1}, 0),
        ({"resolved": 1}, 0),
        ({"left": 1, "answered": 2, "resolved": 3}, 0),
        ({"answered": 2, "left": 2, "resolved": 3}, 1),
    ],
)
def test_only_what_was_answered_before_it_was_closed_is_resolved(
    days: dict[str, int], resolved: int
) -> None:
    at = {name: np.array([START + 9 * DAY + day * DAY]) for name, day in days.items()}
    given: dict[str, Any] = {"opened": np.array([START + 9 * DAY]), "answered": np.array([-1])}
    given |= at | {"left_how": "deleted"}
    ((_, counts),) = tally(**given, agency="dinsos", kind="pengaduan")
    assert (counts["resolution_due"], counts.get("resolved_in_time", 0)) == (1, resolved)


@pytest.mark.parametrize("name", ["opened", "answered", "left", "resolved"])
def test_milliseconds_are_refused_before_everybody_waits_for_ever(name: str) -> None:
    columns = some(9)
    columns[name] = np.full(9, START * 1000)
    with pytest.raises(ConfigError, match=f"{name}: .*milliseconds"):
        tally(**columns)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"calendar_rev": "id-0.1+contoh"}, "readings are of calendar 'id-0.1"),
        ({"calendar_rev": None}, "say calendar_rev"),
        ({"left_days_before": None}, "no column left_days_before"),
        ({"opened_working_s": np.zeros(8)}, "opened_working_s: float64 is no whole number"),
        ({"calendar_rev": ["a", "b"] * 4}, "readings of 2 calendars"),
    ],
)
def test_readings_that_do_not_fit_are_refused(change: dict[str, Any], told: str) -> None:
    columns = some(8)
    given = {"calendar_rev": CALENDAR.version} | readings(columns) | change
    with pytest.raises(ConfigError, match=told):
        tally(**columns, **given)


def test_readings_of_an_amended_calendar_are_refused() -> None:
    day = {"day": "2026-03-02", "name": "Libur contoh", "decreed_on": "2026-02-01"}
    moved = {"add": [day | {"reference": "Keputusan contoh"}]}
    amended = WorkCalendar.indonesia(overrides=moved)
    read = Read(CALENDAR.version, {})
    read.check(CALENDAR.version)
    with pytest.raises(ConfigError, match="read the instants again"):
        read.check(amended.version)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(coded, "_BLOCK", 7)
    yield
    monkeypatch.undo()


def reopened(size: int = 200) -> Columns:
    """Cases with clocks after reopenings, in no order, two of some cases."""
    draw = np.random.default_rng(11)
    columns, again = some(size), some(120, seed=12)
    later = Later(
        case=draw.integers(0, size, 120),
        opened=again["opened"],
        answered=again["answered"],
        left=again["left"],
        left_how=Coded.of(again["left_how"]),
    )
    numbers = {"reopened": np.bincount(later.case, minlength=size), "paused_now": size * [1]}
    more = {name: np.array(each, np.int64) for name, each in numbers.items()}
    waits = draw.random(size) < 0.3
    return Columns.simple(**columns, **more, waits_for_citizen=waits, later=later)


def counted(columns: Columns) -> object:
    return count(columns, calendar=CALENDAR, standards=Standards.load(), until=UNTIL)


def test_cases_are_counted_alike_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = reopened()
    whole = counted(columns)
    for size in (1, 7, 64):
        monkeypatch.setattr(coded, "_BLOCK", size)
        assert counted(columns) == whole


def test_a_reopened_case_counts_by_its_latest_bin_wherever_its_row_stands() -> None:
    columns = reopened()
    order = np.random.default_rng(3).permutation(len(columns))
    place = np.argsort(order)
    moved = some(200)
    shuffled = Columns.simple(
        **{name: values[order] for name, values in moved.items()},
        reopened=columns.reopened[order],
        paused_now=columns.paused_now[order],
        waits_for_citizen=columns.waits_for_citizen[order],
        later=Later(
            case=place[columns.later.case],
            opened=columns.later.opened,
            answered=columns.later.answered,
            left=columns.later.left,
            left_how=columns.later.left_how,
        ),
    )
    assert counted(shuffled) == counted(columns)


@given(st.lists(st.text(max_size=5), max_size=60))
def test_coded_texts_are_the_texts(texts: list[str]) -> None:
    plain = [text.rstrip("\0") for text in texts]  # numpy keeps no zeros at the end
    for column in (Coded.of(plain), Coded.of(np.array(plain, np.str_))):
        assert [column.names[code] for code in column.code] == plain
        assert sorted(column.names) == sorted(set(plain))


@pytest.mark.usefixtures("small_blocks")
def test_texts_that_are_first_met_in_a_later_block_get_their_numbers() -> None:
    plain = [f"dinas-{number // 5}" for number in range(100)]
    column = Coded.of(np.array(plain)[::-1])  # reversed: not in one piece of memory
    assert [column.names[code] for code in column.code] == plain[::-1]
    assert len(column.names) == 20


def test_texts_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coded, "_hash", lambda words: np.zeros(len(words), np.uint64))
    plain = ["dinsos", "dinkes", "dinsos", "disdik"]
    column = Coded.of(np.array(plain))
    assert [column.names[code] for code in column.code] == plain


def test_columns_joined_keep_their_texts() -> None:
    first, second = Coded.of(["a", "b", "a"]), Coded.of(["c", "b"])
    column = first + second
    assert [column.names[code] for code in column.code] == ["a", "b", "a", "c", "b"]
    assert (Coded.of([]) + first).names == first.names


def test_categories_nobody_uses_are_not_there_and_a_gap_is_an_empty_text() -> None:
    column = Coded.numbered(["tidak dipakai", "a", None, "a"], np.array([1, -1, 3, 2], np.int8))
    assert [column.names[code] for code in column.code] == ["a", "", "a", ""]
    assert sorted(column.names) == ["", "a"]


def test_an_unknown_kind_in_a_category_matters_only_where_it_is_used() -> None:
    columns = some(4) | {"kind": None}
    kinds = pa.DictionaryArray.from_arrays([0, 0, 1, 0], ["informasi", "darurat", "keluhan"])
    plain = tally(
        **(columns | {"kind": np.array(["informasi", "informasi", "darurat", "informasi"])})
    )
    assert tally(**(columns | {"kind": kinds})).digest == plain.digest
    wrong = pa.DictionaryArray.from_arrays([0, 2, 1, 0], ["informasi", "darurat", "keluhan"])
    with pytest.raises(ConfigError, match="'keluhan' is none of"):
        tally(**(columns | {"kind": wrong}))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_texts_of_every_arrow_type_are_read(kind: Any) -> None:
    columns = some(40)
    table = pa.chunked_array([pa.array(columns["agency"][:9]), pa.array(columns["agency"][9:])])
    assert tally(**(columns | {"agency": table.cast(kind)})).digest == tally(**columns).digest
