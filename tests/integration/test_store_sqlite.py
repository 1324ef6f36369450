"""What only a file can show: its bytes, its migrations, its errors."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import import_module
from pathlib import Path
from threading import Timer

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pelayanan.cases import Received, Returned, read_event
from pelayanan.errors import ConfigError, StoreError
from pelayanan.store.engine import store_errors
from pelayanan.store.log import append
from pelayanan.store.migrations import HEAD, VERSION_TABLE
from pelayanan.store.store import Store
from pelayanan.store.tables import metadata
from stores import DAY, NOW, START, answer, keep, mention, only

CONTENT = {
    "native_id": "at://rahasia-pesan",
    "author_id": "id-permatasari",
    "handle": "permatasari_contoh",
    "author_name": "Permatasari Contoh",
    "text": "rumahku bocor di Jalan Kenanga",
    "subject": "perihal atap",
    "url": "https://uji.example/permatasari/1",
    "note": "fotokopi kartu keluarga",
    "reply": "Ibu Permata, petugas datang besok",
}


def bytes_of(folder: Path) -> bytes:
    """The database with its journal and whatever else lies beside it."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_what_is_forgotten_is_gone_from_the_bytes_of_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'uji.db'}"
    item = mention(
        CONTENT["native_id"],
        "permatasari",
        text=CONTENT["text"] + ". " * 3000,  # more than a page of the file
        subject=CONTENT["subject"],
        url=CONTENT["url"],
        ref={"uri": CONTENT["native_id"]},
    )
    with Store(url) as store, Store(url) as another:
        keep(store, [item, *(mention(f"m{n}", f"warga{n}") for n in range(50))])
        reply = answer("a1", CONTENT["native_id"], after=DAY, text=CONTENT["reply"])
        keep(store, [reply])
        case = next(case for case in another.cases() if "Jalan Kenanga" in case.text)
        asked = read_event(f'{{"type": "asked", "what": "{CONTENT["note"]}"}}')
        store.record(case.id, [asked], NOW)
        written = bytes_of(tmp_path)
        assert {name for name, each in CONTENT.items() if each.encode() not in written} == set()
        assert store.forget("uji", CONTENT["handle"]) == 2
        left = bytes_of(tmp_path)
        assert [name for name, each in CONTENT.items() if each.encode() in left] == []
        assert store.verify() == another.verify() == []
        assert store.counts()["messages"] == 52


def test_a_reader_in_the_way_of_forgetting_is_told_of_and_a_second_call_ends_it(
    tmp_path: Path,
) -> None:
    place = tmp_path / "uji.db"
    with Store(f"sqlite:///{place}") as store:
        keep(store, [mention("m1", text=CONTENT["text"])])
        reader = sqlite3.connect(place, isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        with store.writing() as connection:  # an impatient connection
            connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(StoreError, match="run it again"):
            store.forget("uji", "id-wati")
        reader.close()
        assert store.forget("uji", "id-wati") == 0
        assert CONTENT["text"].encode() not in bytes_of(tmp_path)
        assert only(store).text == "(dihapus atas permintaan)"


def test_the_migrations_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'uji.db'}") as store, store.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_a_void_case_of_an_older_database_waits_for_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'uji.db'}"
    with Store(url) as store:
        keep(store, [mention("m1")])
        case = only(store).id
        came = Received(at=START, handed_by="dinkes-0000000000"), Returned(at=START + DAY)
        with store.writing() as connection:  # as it was kept, and projected, before
            append(connection, case, came, NOW)
            connection.exec_driver_sql("UPDATE cases SET status = 'open'")
        assert store.verify() == [f"{case}: status of the case is not what its events say"]
        migration = import_module("pelayanan.store.migrations.versions.0003_what_came_back")
        with store.writing() as connection:
            connection.exec_driver_sql(migration._VOID)
        assert only(store).status == "left"
        assert store.verify() == []


def test_two_stores_are_made_at_the_same_time_each_in_its_own_file(tmp_path: Path) -> None:
    def made(number: int) -> int:
        with Store(f"sqlite:///{tmp_path / str(number)}.db") as store:
            return keep(store, [mention("m1")]).new + len(store.verify())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(made, range(8))) == [1] * 8


def test_a_torn_migration_leaves_an_empty_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, real = f"sqlite:///{tmp_path / 'uji.db'}", op.create_table

    def torn(name: str, *columns: object, **more: object) -> object:
        if name == "messages":
            raise sqlite3.OperationalError("database or disk is full")
        return real(name, *columns, **more)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(op, "create_table", torn)
    with pytest.raises(StoreError, match="disk is full"):
        Store(url)
    with sqlite3.connect(tmp_path / "uji.db") as bare:
        assert bare.execute("SELECT name FROM sqlite_master").fetchall() == []
    bare.close()
    monkeypatch.undo()
    with Store(url) as store:
        assert store.verify() == []


def test_a_folder_with_strange_letters_in_its_name_is_a_folder(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/100% Dinas/baru/uji.db") as store:
        keep(store, [mention("m1")])
    assert (tmp_path / "100% Dinas/baru/uji.db").exists()


def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "uji.db").write_text("bukan basis data, tetapi surat penting\n" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Store(f"sqlite:///{tmp_path / 'uji.db'}")
    assert (tmp_path / "uji.db").read_text().startswith("bukan basis data")


def test_the_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    place = tmp_path / "uji.db"
    with closing(sqlite3.connect(place)) as other, other:
        other.execute("CREATE TABLE resep (nama TEXT)")
    with pytest.raises(StoreError, match="another program's database: give the store its own"):
        Store(f"sqlite:///{place}")
    with closing(sqlite3.connect(place)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("resep",)]


@pytest.mark.parametrize(
    ("said", "later"),
    [
        ("database or disk is full", True),
        ("database is locked", True),
        ("database disk image is malformed", False),
        ("attempt to write a readonly database", False),
        ("table messages already exists", False),
    ],
)
def test_only_what_mends_itself_asks_to_come_back(said: str, *, later: bool) -> None:
    with pytest.raises(StoreError) as caught, store_errors():
        raise sqlite3.OperationalError(said)
    assert caught.value.retryable is later


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("uji.db", "needs a URL such as"),
        ("sqlite://", "lies in a file"),
        ("sqlite:///:memory:", "lies in a file"),
        ("mysql://localhost/uji", "not on mysql"),
        ("sqlite:////proc/tidak/ada.db", "cannot be made"),
        ("postgresql://uji@127.0.0.1:9/uji?connect_timeout=2", "does not answer"),
    ],
)
def test_a_place_that_cannot_be_used_is_told_with_the_remedy(url: str, told: str) -> None:
    with pytest.raises((ConfigError, StoreError), match=told):
        Store(url)


def test_a_fresh_file_on_which_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "uji.db"
    other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # SQLite refuses at once to turn such a file to WAL

    def free() -> None:
        other.execute("COMMIT")
        other.close()

    later = Timer(0.2, free)
    later.start()
    with Store(f"sqlite:///{place}") as store:
        assert store.verify() == []
    later.join()
