"""One statement, one tally: numpy, SQLite, PostgreSQL, DuckDB and Spark count alike."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.neutral import Teller, vectors
from counted import STANDARDS, ZONES, World, some_world
from pelayanan.score.units import columns_of
from pelayanan.store import Store
from pelayanan.store.engines import spark_session
from servers.postgres import PostgresServer
from servers.process import unavailable

VECTORS = {vector["name"]: vector for vector in vectors() if vector.get("cases")}
IN_SPARK = ["reopened-twice", "left-early-and-late", "hand-over-passed-on"]


def world_of(name: str) -> World:
    teller = Teller(VECTORS[name])
    calendar, as_of = teller.calendar, teller.as_of
    columns = columns_of(teller.cases(), calendar=calendar, standards=STANDARDS, as_of=as_of)
    return World(columns, calendar, as_of)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path_factory.mktemp('bacaan') / 'p.db'}") as store:
        yield store


@pytest.fixture(scope="module")
def postgres(postgres_server: PostgresServer) -> Iterator[Store]:
    with Store(postgres_server.database()) as store:
        yield store


@pytest.fixture(scope="module")
def spark() -> Iterator[None]:
    """One session for all: to start it takes longer than to count."""
    pytest.importorskip("pyspark", reason="Spark missing: pip install 'pelayanan[spark]'")
    if shutil.which("java") is None:
        unavailable("Java missing: apt-get install openjdk-17-jre-headless")
    session = spark_session()
    yield
    session.stop()


def test_the_worlds_have_cases_of_every_end() -> None:
    ends = {name for _, counts in some_world(1, "WIB").by_numpy for name in counts}
    assert {"left_late", "left_early_2", "censored_8", "answered_1", "skew", "reopened"} <= ends
    assert {"promises_kept", "handed_wrong", "handed_slow", "excluded:internal"} <= ends
    assert {"resolution_due", "resolved_in_time", "solved_first_contact"} <= ends


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_counted_alike_in_sqlite_and_in_files(
    name: str, sqlite: Store, tmp_path: Path
) -> None:
    pytest.importorskip("duckdb")
    world = world_of(name)
    assert world.in_database(sqlite) == world.by_numpy
    assert world.in_files("duckdb", tmp_path).digest == world.by_numpy.digest


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(4))
def test_a_world_is_counted_alike_in_sqlite(seed: int, zone: str, sqlite: Store) -> None:
    world = some_world(seed, zone)
    assert world.in_database(sqlite) == world.by_numpy


@pytest.mark.parametrize("zone", ZONES)
def test_a_world_is_counted_alike_in_duckdb(zone: str, tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    world = some_world(11, zone)
    assert world.in_files("duckdb", tmp_path) == world.by_numpy


@pytest.mark.server
@pytest.mark.parametrize("zone", ZONES)
def test_a_world_is_counted_alike_in_postgresql(zone: str, postgres: Store) -> None:
    world = some_world(12, zone)
    assert world.in_database(postgres) == world.by_numpy


@pytest.mark.server
@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_counted_alike_in_postgresql(name: str, postgres: Store) -> None:
    world = world_of(name)
    assert world.in_database(postgres) == world.by_numpy


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("zone", ZONES)
def test_a_world_is_counted_alike_in_spark(zone: str, tmp_path: Path) -> None:
    world = some_world(13, zone)
    assert world.in_files("spark", tmp_path) == world.by_numpy


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("name", IN_SPARK)
def test_a_vector_is_counted_alike_in_spark(name: str, tmp_path: Path) -> None:
    world = world_of(name)
    assert world.in_files("spark", tmp_path).digest == world.by_numpy.digest
