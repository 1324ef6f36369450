"""A store of any older version is brought up to date with all that is in it."""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from pelayanan.reply import Draft
from pelayanan.store.migrations import HEAD
from pelayanan.store.store import Store
from stores import NOW, keep, mention, seed

OLDER = [f"{number:04d}" for number in range(1, int(HEAD))]


def made(place: Path, version: str) -> None:
    """An empty store as that version had it."""
    config = Config()
    config.set_main_option("script_location", str(files("pelayanan.store.migrations")))
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def filled(place: Path, source: Path) -> None:
    """With whatever of a newer store it had tables and columns for."""
    with closing(sqlite3.connect(place)) as old, old:
        old.execute("ATTACH ? AS new", [str(source)])
        tables = old.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table in {"pelayanan_version", "sqlite_sequence"}:
                continue
            has = [{row[1] for row in old.execute(f"PRAGMA {of}.table_info({table})")}
                   for of in ("main", "new")]  # fmt: skip
            names = ", ".join(f'"{name}"' for name in sorted(has[0] & has[1]))
            old.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM new.{table}")


@pytest.mark.parametrize("version", OLDER)
def test_what_an_older_version_kept_stays_readable(tmp_path: Path, version: str) -> None:
    source, place = tmp_path / "baru.db", tmp_path / "lama.db"
    with Store(f"sqlite:///{source}") as store:
        case_id = seed(store)
        keep(store, [mention(f"n{number}", f"warga{number}") for number in range(3)])
        draft = Draft(
            id="k1", verb="reply", account="a", case_id=case_id, text="Baik",
            created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        with store.ledger(NOW) as ledger:
            ledger.add(draft)
        known = store.heads(), store.counts(), list(store.cases()), store.events_of(case_id)
    made(place, version)
    filled(place, source)
    with Store(f"sqlite:///{place}") as store:
        assert store.verify() == []
        found = store.heads(), store.counts(), list(store.cases()), store.events_of(case_id)
        assert found == known
        with store.ledger(NOW) as ledger:
            assert list(ledger.list()) == [draft]
        assert store.forget("uji", "wati_contoh") > 0
        assert store.verify() == []
