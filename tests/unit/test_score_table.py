"""Counts as one table: what a row, a sum and a column of it say."""

from collections.abc import Mapping

import numpy as np
import pytest

from pelayanan import Tally
from pelayanan.score.table import Table, places
from pelayanan.score.tally import TallyKey

ROWS: dict[tuple[str, str], dict[str, int]] = {
    ("dinsos", "informasi"): {"n": 3, "answered_1": 2},
    ("dinkes", "informasi"): {"n": 5},
    ("dinsos", "pengaduan"): {"answered_1": 1, "skew": 4},
    ("dinkes", "aspirasi"): {},
}


@pytest.fixture
def table() -> Table[tuple[str, str]]:
    return Table.of(ROWS)


def test_a_table_equals_the_mapping_that_it_was_made_of(table: Table[tuple[str, str]]) -> None:
    assert table == ROWS
    assert list(table) == list(ROWS)
    assert repr(table) == repr(ROWS)
    assert Table.of(table) is table


def test_a_key_that_was_never_counted_is_none_of_a_table(table: Table[tuple[str, str]]) -> None:
    assert ("dinsos", "darurat") not in table
    with pytest.raises(KeyError):
        table["dinsos", "darurat"]


def test_what_is_0_is_left_out_of_the_rows() -> None:
    made = Table.holding(["a", "b"], (["n", "skew"], np.array([[0, 7], [0, 0]])))
    assert made == {"a": {"skew": 7}, "b": {}}


def test_rows_of_one_label_are_added_and_labels_come_in_order(
    table: Table[tuple[str, str]],
) -> None:
    summed: Mapping[str, Mapping[str, int]] = table.by(lambda key: key[0])
    assert [*summed.items()] == [
        ("dinkes", {"n": 5}),
        ("dinsos", {"n": 3, "answered_1": 3, "skew": 4}),
    ]


def test_columns_come_in_the_order_asked_for_and_are_0_where_nothing_was_counted(
    table: Table[tuple[str, str]],
) -> None:
    cells = table.cells(["skew", "promises_due", "n"])
    assert cells.tolist() == [[0, 0, 3], [0, 0, 5], [4, 0, 0], [0, 0, 0]]


def test_an_empty_table_has_no_rows_and_no_sums() -> None:
    empty: Table[str] = Table.of({})
    assert empty == {}
    assert empty.by(len) == {}
    assert empty.cells(["n"]).shape == (0, 1)


def test_places_are_those_of_the_labels_in_order() -> None:
    labels, place = places(["b", "a", "b"])
    assert (labels, place.tolist()) == (["a", "b"], [1, 0, 1])


def test_a_tally_of_a_table_adds_to_one_of_mappings() -> None:
    keys = [TallyKey("p", "dinsos", "", "", "2026-10", "idt/1", "c", day) for day in (1, 2)]
    counted = Tally(Table.of({keys[0]: {"n": 3}}))
    assert (counted + Tally({keys[0]: {"n": 1}, keys[1]: {"n": 2}})).counts == {
        keys[0]: {"n": 4},
        keys[1]: {"n": 2},
    }
