"""What a store with very many cases must not do: read or sort a whole table for one page."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from pelayanan.store.ledger import Ledger
from pelayanan.store.reading import list_cases
from pelayanan.store.sent import sent_texts
from pelayanan.store.store import Store
from stores import DAY, NOW, START, intake, keep, mention

Ask = Callable[[Store], object]


def ledger(ask: Callable[[Ledger], object]) -> Ask:
    def asked(store: Store) -> None:
        with store.reading() as connection:
            ask(Ledger(connection, NOW))

    return asked


def pages(**which: Any) -> Ask:
    def asked(store: Store) -> None:
        with store.reading() as connection:
            found = list_cases(connection, **which, limit=2)
            assert len(list_cases(connection, **which, after=found[-1], limit=2)) == 2

    return asked


def promised(store: Store) -> None:
    with store.reading() as connection:
        list_cases(connection, promised=True)


def taken(store: Store) -> None:
    with store.reading() as connection:
        intake(store, connection)._sent_by_ledger(["a1"])


def sent(store: Store, first: datetime = START) -> None:
    with store.reading() as connection:
        list(sent_texts(connection, first, NOW))


@pytest.mark.parametrize(
    "ask",
    [
        pages(status="open"),
        pages(status="open", agency="dinsos"),
        pages(agency="dinsos"),
        pages(opened_from=START, opened_before=NOW),
        promised,
        sent,
        taken,
        ledger(lambda drafts: drafts.sent_as("a1", "dinsos-uji")),
        ledger(lambda drafts: list(drafts.waiting())),
        ledger(lambda drafts: list(drafts.list(case_id="dinsos-1"))),
    ],
)
def test_a_page_is_found_by_an_index(tmp_path: Path, ask: Ask) -> None:
    with Store(f"sqlite:///{tmp_path / 'uji.db'}") as store:
        keep(store, [mention(f"m{n}", f"warga{n}", after=n * DAY) for n in range(5)])
        asked: list[tuple[str, Any]] = []

        @event.listens_for(store._engine, "before_cursor_execute")
        def note(_1: Any, _2: Any, statement: str, values: Any, *_: Any) -> None:
            asked.append((statement, values))

        _ = note
        ask(store)
        questions = [each for each in asked if each[0].startswith("SELECT")]
        assert questions
        with store.reading() as connection:
            for statement, values in questions:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps = " / ".join(str(row[3]) for row in plan)
                assert "SCAN" not in steps or "USING INDEX" in steps, steps
                assert "LIMIT" not in statement or "B-TREE FOR ORDER BY" not in steps, steps
