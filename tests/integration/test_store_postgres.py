"""PostgreSQL beside a province's own tables, and with writers in several processes."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event
from zoneinfo import ZoneInfo

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url

from pelayanan.cases import Answered, Assigned, Reopened, Resolved, Returned, Transferred
from pelayanan.errors import ConfigError, StoreError
from pelayanan.reply import Draft
from pelayanan.store import engine
from pelayanan.store.ledger import Ledger
from pelayanan.store.letters import Letter, keep_letter, letter_of
from pelayanan.store.masses import claim_masses
from pelayanan.store.migrations import HEAD, VERSION_TABLE
from pelayanan.store.store import Store
from pelayanan.store.tables import metadata
from servers.process import ROOT
from stores import DAY, NOW, START, keep, mention, only, seed

pytestmark = pytest.mark.server

PROVINCE = """
CREATE TABLE public.alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO public.alembic_version VALUES ('provinsi_77');
CREATE TABLE public.messages (id int PRIMARY KEY, isi text);
INSERT INTO public.messages VALUES (1, 'surat masuk');
CREATE TABLE public.events (id int PRIMARY KEY, acara text);
INSERT INTO public.events VALUES (1, 'rapat');
CREATE TABLE public.pelayanan_version (version_num text);
INSERT INTO public.pelayanan_version VALUES ('milik provinsi');
CREATE VIEW public.v_cases AS SELECT 'milik provinsi' AS isi;
"""
NAMES = "alembic_version", "messages", "events", "pelayanan_version", "v_cases"


@pytest.fixture
def bare(postgres_url: str) -> "Iterator[psycopg.Connection]":
    """The province's own way to its database."""
    url = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def of_the_province(bare: psycopg.Connection) -> dict[str, object]:
    tables = bare.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
    ).fetchall()
    found: dict[str, object] = {"tables": tables}
    for name in NAMES:
        found[name] = bare.execute(f"SELECT * FROM public.{name}".encode()).fetchall()
    return found


def test_a_provinces_own_tables_and_migrations_lie_beside_untouched(
    postgres_url: str, bare: psycopg.Connection
) -> None:
    bare.execute(PROVINCE.encode())
    before = of_the_province(bare)
    for _ in range(2):
        with Store(postgres_url) as store:
            seed(store)
            assert store.verify() == []
            store.forget("uji", "id-wati")
    assert of_the_province(bare) == before
    ours = bare.execute(
        "SELECT version_num FROM pelayanan.pelayanan_version"  # in a schema of its own
    ).fetchall()
    assert ours == [(HEAD,)]
    assert bare.execute("SELECT count(*) FROM pelayanan.v_messages").fetchall() == [(3,)]


def test_two_stores_lie_in_two_schemas_of_one_database(postgres_url: str) -> None:
    with Store(postgres_url, schema="dinas_a") as a, Store(postgres_url, schema="dinas_b") as b:
        seed(a)
        assert (a.counts()["cases"], b.counts()["cases"]) == (1, 0)
    with pytest.raises(ConfigError, match="plain name"):
        Store(postgres_url, schema='x"; DROP SCHEMA public')


def test_the_migrations_make_the_tables_that_the_program_uses(postgres_url: str) -> None:
    with Store(postgres_url) as store, store.reading() as connection:
        connection.exec_driver_sql("SET search_path TO pelayanan")
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_user_who_may_make_no_schema_works_in_the_one_that_was_made(
    postgres_url: str, bare: psycopg.Connection
) -> None:
    bare.execute(b"DROP ROLE IF EXISTS petugas")
    bare.execute(b"CREATE ROLE petugas LOGIN")
    mine = make_url(postgres_url).set(username="petugas")
    url = mine.render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="check owner and rights"):
        Store(url)
    bare.execute(b"CREATE SCHEMA pelayanan AUTHORIZATION petugas")
    with Store(url) as store:
        seed(store)
        assert store.verify() == []
    bare.execute(b"DROP OWNED BY petugas CASCADE")
    bare.execute(b"DROP ROLE petugas")


WRITER = """
import sys
from pelayanan.cases import Answered, Assigned, Reopened, Resolved, Returned, Transferred
from pelayanan.store.store import Store
from stores import NOW, keep, mention

url, case_id, name = sys.argv[1:]
with Store(url) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(30):
        store.record(case_id, [Assigned(to=f"{name}-{number}")], NOW)
        keep(store, [mention(f"{name}{number}", f"{name}{number}")])
"""


def test_the_log_is_complete_while_two_processes_write(postgres_url: str) -> None:
    with Store(postgres_url) as store:
        case_id = seed(store)
        cursor = list(store.events())[-1].cursor
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, postgres_url, case_id, name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"},
            )
            for name in ("satu", "dua")
        ]
        try:
            for writer in writers:
                assert writer.stdout is not None
                assert writer.stdout.readline() == "ready\n"
            for writer in writers:
                assert writer.stdin is not None
                writer.stdin.write("go\n")
                writer.stdin.flush()
            seen: list[str] = []
            ended = False
            while not ended:
                ended = all(writer.poll() is not None for writer in writers)
                for logged in store.events(cursor):
                    cursor = logged.cursor
                    seen.append(logged.event.key)
            assert [writer.wait() for writer in writers] == [0, 0]
        finally:
            for writer in writers:
                writer.kill()
                writer.communicate()
        assert len(seen) == len(set(seen)) == 120  # none was passed over
        assigned = [e for e in store.events_of(case_id) if isinstance(e, Assigned)]
        assert len(assigned) == 60
        assert store.verify() == []


def test_a_server_that_is_gone_is_told_of(postgres_url: str) -> None:
    absent = postgres_url + "_tidak_ada_basis_data_ini"
    with pytest.raises(StoreError, match="refuses user, password or database") as caught:
        Store(absent)
    assert not caught.value.retryable
    with Store(postgres_url) as store:
        keep(store, [mention("m1")])
        with pytest.raises(StoreError, match="does not answer"), store.writing() as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        assert store.counts()["messages"] == 1  # a new connection is made by itself


def test_hand_overs_comebacks_and_letters_are_kept_there_too(postgres_url: str) -> None:
    with Store(postgres_url) as store:
        keep(store, [mention("1")])
        case = only(store)
        over = Transferred(at=START + DAY, to="dinkes", accepted=True)
        store.record(case.id, [over], NOW)
        (receiver,) = store.cases(agency="dinkes")
        found = store.case(receiver.id)
        assert found is not None
        assert (found.opened, len(found.thread)) == (START + DAY, 1)
        store.record(receiver.id, [Returned(at=START + 2 * DAY)], NOW)
        assert {each.id: each.status.value for each in store.cases()} == {
            case.id: "open",
            receiver.id: "left",
        }
        closed = Answered(at=START + 3 * DAY), Resolved(at=START + 3 * DAY)
        store.record(case.id, [*closed, Reopened(at=START + 30 * DAY)], NOW)
        assert f"{case.id}+1" in {each.id for each in store.cases(status="open")}
        draft = Draft(
            id="d1", verb="mail", account="a", text="t", created_at=START, updated_at=START
        )
        with store.writing() as connection:
            Ledger(connection, NOW).add(draft)
            keep_letter(connection, "d1", Letter("Uji", (("a.txt", "text/plain", b"\x00\xff"),)))
        with store.reading() as connection:
            kept = letter_of(connection, "d1")
        assert kept is not None
        assert kept.files == (("a.txt", "text/plain", b"\x00\xff"),)
        assert claim_masses(store, START, zone=ZoneInfo("Asia/Jakarta"), now=NOW) == 0
        assert store.verify() == []


def test_what_is_checked_while_others_write_is_whole(postgres_url: str) -> None:
    done = Event()

    def write(store: Store) -> None:
        for n in count():
            if done.is_set():
                return
            keep(store, [mention(f"n{n}", f"warga{n % 7}", after=n * timedelta(minutes=1))])

    with Store(postgres_url) as store, Store(postgres_url) as other, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, other)
        try:
            assert [store.verify() for _ in range(40)] == [[]] * 40
        finally:
            done.set()
        writing.result()


def test_a_writer_that_never_ends_stops_the_others_for_a_minute_only(
    postgres_url: str, bare: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PATIENCE_S", 1)
    with Store(postgres_url) as store:
        bare.execute("SELECT pg_advisory_lock(%s)", [engine._LOCK])
        with pytest.raises(StoreError, match="for over a minute: try again later") as caught:
            keep(store, [mention("m1")])
        assert caught.value.retryable
        bare.execute("SELECT pg_advisory_unlock(%s)", [engine._LOCK])
        assert keep(store, [mention("m1")]).new == 1


def test_a_machine_that_vanished_in_a_transaction_holds_nothing_for_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_VANISHED_S", 1)
    with Store(postgres_url) as gone, Store(postgres_url) as store:
        with pytest.raises(StoreError), gone.writing() as connection:
            assert keep(store, [mention("m1")]).new == 1  # waits until the other is given up
            connection.exec_driver_sql("SELECT 1")
        assert keep(gone, [mention("m1")]).new == 0  # with a new connection it goes on


def test_a_schema_whose_name_postgresql_would_cut_is_refused(postgres_url: str) -> None:
    with pytest.raises(ConfigError, match="plain name"):
        Store(postgres_url, schema="p" * 64)
