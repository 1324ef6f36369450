"""Whoever draws, and whenever: the answers that count are the same."""

from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pelayanan.desk.auditing import _counted, _draw
from pelayanan.score.rubric import ITEMS, SAMPLE, agreement
from pelayanan.store.audits import Candidate, Drawn

AGENCIES = "dinsos", "dinkes", "pupr"


@st.composite
def months(draw: st.DrawFn) -> list[Candidate]:
    sizes = [draw(st.integers(0, 70)) for _ in AGENCIES]
    return [
        Candidate(f"{agency}-{n}", f"c{n}", agency, "informasi", "uji")
        for agency, size in zip(AGENCIES, sizes, strict=True)
        for n in range(size)
    ]


def is_answer(answer: Candidate) -> bool:
    return not answer.message_id.endswith("7")


def drawn(parts: list[list[Candidate]], seed: str = "benih") -> dict[str, Drawn]:
    """Draw once after each part that came in."""
    known: dict[str, Drawn] = {}
    here: list[Candidate] = []
    for part in parts:
        here += part
        for rank, each in _draw(known, here, seed, is_answer):
            known[each.message_id] = Drawn(each.message_id, rank, each, readable=True, rated=())
    return known


def names(known: dict[str, Drawn]) -> set[str]:
    return {each.id for each in _counted(known.values())}


@settings(max_examples=60)
@given(months(), st.randoms(use_true_random=False), st.lists(st.integers(0, 210), max_size=4))
def test_any_order_and_any_number_of_draws_count_the_same_answers(
    month: list[Candidate], lot: Any, cuts: list[int]
) -> None:
    once = names(drawn([month]))
    mixed = month.copy()
    lot.shuffle(mixed)
    places = [0, *sorted(min(cut, len(mixed)) for cut in cuts), len(mixed)]
    parts = [mixed[a:b] for a, b in pairwise(places)]
    assert names(drawn(parts)) == once
    assert names(drawn([month, [], []])) == once


@settings(max_examples=60)
@given(months())
def test_each_agency_is_read_thirty_times_or_whole(month: list[Candidate]) -> None:
    known = drawn([month])
    found = Counter(each.answer.agency for each in known.values())
    there = Counter(each.agency for each in month if is_answer(each))
    assert found == Counter({key: min(SAMPLE, size) for key, size in there.items()})
    assert all(is_answer(each.answer) for each in known.values())


def test_another_seed_draws_others_and_all_alike_often() -> None:
    month = [Candidate(f"m{n}", "c", "dinsos", "informasi", "uji") for n in range(60)]
    found = Counter(name for seed in range(400) for name in names(drawn([month], str(seed))))
    there = [each.message_id for each in month if is_answer(each)]
    share = SAMPLE / len(there)  # of 54; five standard deviations around it
    spread = 5 * (400 * share * (1 - share)) ** 0.5
    assert set(found) == set(there)
    assert all(abs(count - 400 * share) < spread for count in found.values())


marks = st.tuples(*[st.integers(0, 1)] * len(ITEMS))


@settings(max_examples=100)
@given(st.lists(st.tuples(marks, marks), min_size=1, max_size=30))
def test_kappa_is_what_its_definition_says(pairs: list[Any]) -> None:
    for place, found in enumerate(agreement(pairs)):
        first, second = [a[place] for a, _ in pairs], [b[place] for _, b in pairs]
        n = len(pairs)
        same = sum(a == b for a, b in zip(first, second, strict=True)) / n
        chance = sum((first.count(mark) / n) * (second.count(mark) / n) for mark in (0, 1))
        assert found.share == same
        if found.kappa is None:
            assert abs(chance - 1) < 1e-12
        else:
            assert abs(found.kappa - (same - chance) / (1 - chance)) < 1e-9
