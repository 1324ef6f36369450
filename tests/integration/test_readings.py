"""Readings in the store: kept until a case or the calendar changes, and handed on as Parquet."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from office import Office
from pelayanan.calendar import WorkCalendar
from pelayanan.calendar.overrides import AddHoliday
from pelayanan.cases import Answered, Reopened, Resolved, Standards, Withdrawn
from pelayanan.errors import ConfigError
from pelayanan.score import Tally
from pelayanan.store import Store
from pelayanan.store import engines as store_engines
from pelayanan.store.columns import Window, settled
from pelayanan.store.engines import COLUMNS, count_files, write_files
from pelayanan.store.readings import count_readings, list_readings, refresh
from servers.process import ROOT
from stores import DAY, NOW, answer, keep, mention, sql

CALENDAR, STANDARDS = WorkCalendar.indonesia("WIB"), Standards.load()
PERIOD = "2026-11"
WINDOW = Window(
    datetime(2026, 11, 1, tzinfo=CALENDAR.zone), datetime(2026, 12, 1, tzinfo=CALENDAR.zone), NOW
)
UNTIL = int(NOW.timestamp())
ABOUT: Any = {"calendar": CALENDAR, "standards": STANDARDS, "period": PERIOD}


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        keep(opened, [mention(f"m{n}", f"w{n}", after=n * DAY) for n in range(6)])
        keep(opened, [answer(f"a{n}", f"m{n}", after=(n + 1) * DAY) for n in range(0, 6, 2)])
        yield opened


def ids(store: Store) -> list[str]:
    return [case.id for case in store.cases()]


def read(store: Store, window: Window = WINDOW, **more: Any) -> int:
    with store.writing() as connection:
        return refresh(connection, window, **(ABOUT | more))


def by_statement(store: Store, window: Window = WINDOW, **more: Any) -> Tally:
    with store.writing() as connection:
        return count_readings(connection, window, **(ABOUT | more))


def by_numpy(store: Store, window: Window = WINDOW, calendar: WorkCalendar = CALENDAR) -> Tally:
    about: Any = {"calendar": calendar, "standards": STANDARDS}
    with store.reading() as connection:
        found = settled(connection, window, **about)
    return Tally.count(found, **about, as_of=window.as_of, period=PERIOD)


def test_what_is_read_is_kept(store: Store) -> None:
    assert (read(store), read(store)) == (6, 0)
    assert by_statement(store).digest == by_numpy(store).digest


def test_a_case_that_goes_on_is_read_again(store: Store) -> None:
    read(store)
    store.record(ids(store)[1], [Answered(at=NOW - DAY), Resolved(at=NOW - DAY)], NOW)
    assert read(store) == 1
    assert by_statement(store) == by_numpy(store)


def test_a_case_that_is_no_longer_simple_is_settled_for_each_instant(store: Store) -> None:
    read(store)
    first = ids(store)[0]
    store.record(first, [Resolved(at=NOW - 9 * DAY), Reopened(at=NOW - 8 * DAY)], NOW)
    assert (read(store), read(store)) == (1, 1)
    assert sql(store, "SELECT clock, reopened FROM readings WHERE reopened > 0 ORDER BY 1") == [
        (0, 1),
        (1, 1),
    ]
    assert by_statement(store) == by_numpy(store)


def test_an_earlier_instant_counts_what_stood_then(store: Store) -> None:
    by_statement(store)
    then = Window(WINDOW.first, WINDOW.after, NOW - 57 * DAY)
    early = by_statement(store, then)
    assert early == by_numpy(store, then)
    assert early.digest != by_statement(store).digest == by_numpy(store).digest


def test_an_amended_calendar_reads_again_what_it_touches(store: Store) -> None:
    before = by_statement(store)
    told: Any = {"reference": "SK contoh 1/2026", "decreed_on": date(2026, 10, 1)}
    election = AddHoliday(day=date(2026, 11, 5), name="Libur contoh", **told)
    amended = WorkCalendar.indonesia("WIB", [election])
    after = by_statement(store, calendar=amended)
    assert after == by_numpy(store, calendar=amended)
    assert sql(store, "SELECT DISTINCT calendar_rev FROM readings")[0][0].startswith(
        amended.version
    )
    assert [counts for _, counts in after] != [counts for _, counts in before]
    assert by_statement(store) == before


def test_a_case_that_proves_to_be_of_the_month_before_leaves_this_one(store: Store) -> None:
    read(store)
    keep(store, [mention("m9", "w1", after=-5 * DAY)])
    assert by_statement(store) == by_numpy(store)
    assert sum(counts["n"] for _, counts in by_statement(store)) == 5


def test_a_citizen_who_left_is_counted_by_the_bin(store: Store) -> None:
    store.record(ids(store)[3], [Withdrawn(at=NOW - DAY)], NOW)
    found = by_statement(store)
    assert found == by_numpy(store)
    assert sum(counts.get("left_late", 0) for _, counts in found) == 1


def test_an_old_store_is_brought_up_to_date(store: Store) -> None:
    first, second = ids(store)[0], ids(store)[1]
    store.record(first, [Resolved(at=NOW - 9 * DAY), Reopened(at=NOW - 8 * DAY)], NOW)
    keep(store, [mention("m1b", "w1", after=3 * DAY)])
    store.record(second, [Answered(at=NOW - DAY), Resolved(at=NOW - DAY)], NOW)
    wanted = by_numpy(store)
    sql(store, "DROP TABLE readings")
    sql(store, "DROP TABLE publications")
    sql(store, "ALTER TABLE drafts DROP COLUMN parts")
    sql(store, "ALTER TABLE messages DROP COLUMN unseen_us")
    for index in ("cases_promised", "cases_status", "messages_sent", "drafts_sent"):
        sql(store, f"DROP INDEX {index}")
    for column in ("simple", "first_contact", "last_us", "again_us"):
        sql(store, f"ALTER TABLE cases DROP COLUMN {column}")
    sql(store, "UPDATE pelayanan_version SET version_num = '0006'")
    url = store._engine.url.render_as_string(hide_password=False)
    with Store(url) as again:
        assert again.verify() == []
        assert by_numpy(again) == by_statement(again) == wanted


# ---- files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("duckdb")
    with Store(f"sqlite:///{tmp_path / 'uji.db'}") as store:
        keep(store, [mention("m1"), mention("m2", "budi", after=DAY)])
        with store.writing() as connection:
            refresh(connection, WINDOW, **ABOUT)
            write_files(list_readings(connection, PERIOD), tmp_path / "f", PERIOD, UNTIL)
    return tmp_path / "f"


def changed(folder: Path, name: str, values: list[Any]) -> None:
    pa, pq = (pytest.importorskip(name) for name in ("pyarrow", "pyarrow.parquet"))
    place = folder / f"readings-{PERIOD}.parquet"
    table = pq.read_table(place)
    column = pa.array(values, table.schema.field(name).type)
    pq.write_table(table.set_column(table.column_names.index(name), name, column), place)


def test_a_file_has_the_columns_that_are_documented(folder: Path) -> None:
    table = pytest.importorskip("pyarrow.parquet").read_table(folder / f"readings-{PERIOD}.parquet")
    assert table.column_names == list(COLUMNS)
    page = (ROOT / "docs" / "engines.md").read_text("utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in page] == []
    assert table["as_of_s"].to_pylist() == [UNTIL, UNTIL]


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("calendar_rev", ["lain", "lain"], "are of 'lain'"),
        ("as_of_s", [UNTIL, UNTIL + 1], "2 instants"),
        ("excluded", ["", None], "1 readings of 2026-11 lack"),
        ("answered_s", [None, UNTIL], "1 readings of 2026-11 lack"),
        ("kind", ["informasi", "aneh"], "none of"),
    ],
)
def test_files_that_would_be_counted_wrongly_are_refused(
    folder: Path, column: str, values: list[Any], told: str
) -> None:
    changed(folder, column, values)
    with pytest.raises(ConfigError, match=told):
        count_files("duckdb", folder, **ABOUT)


def test_a_month_without_readings_is_a_tally_of_nothing(folder: Path) -> None:
    assert count_files("duckdb", folder, **(ABOUT | {"period": "2026-12"})) == Tally()


def test_a_folder_without_files_and_a_file_of_another_form_are_told_of(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    with pytest.raises(ConfigError, match="no Parquet file"):
        count_files("duckdb", tmp_path, **ABOUT)
    (tmp_path / "x.parquet").write_text("bukan")
    with pytest.raises(ConfigError, match="DuckDB refused"):
        count_files("duckdb", tmp_path, **ABOUT)


@pytest.mark.parametrize(("engine", "package"), [("duckdb", "duckdb"), ("spark", "pyspark")])
def test_a_missing_engine_is_named_with_its_remedy(
    folder: Path, monkeypatch: pytest.MonkeyPatch, engine: str, package: str
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(store_engines, "import_module", missing)
    with pytest.raises(ConfigError, match=rf"needs {package}.*pelayanan\[{engine}\]"):
        count_files(engine, folder, **ABOUT)


# ---- the command


def test_the_command_counts_alike_in_every_engine(office: Office) -> None:
    pytest.importorskip("duckdb")
    office.write("Kapan jadwal bantuan bulan depan?", "budi_contoh")
    office.case()
    (said,) = office.run("tally", "--json").json
    (made,) = office.run("tally", "--export", "bacaan", "--json").json
    assert (said["n"], made) == (2, {"folder": "bacaan", "readings": 2})
    for engine in (["numpy"], ["sql"], ["duckdb", "--input", "bacaan"]):
        (again,) = office.run("tally", "--engine", *engine, "--json").json
        assert again == said
    assert "2 bacaan" in office.run("tally", "--export", "bacaan").out


def test_a_folder_and_its_engine_go_together(office: Office) -> None:
    assert "--input FOLDER" in office.run("tally", "--engine", "duckdb").err
    assert "no folder" in office.run("tally", "--engine", "sql", "--input", "bacaan").err
    (office.folder / "berkas").write_text("")
    assert office.run("tally", "--export", "berkas").code == 2
