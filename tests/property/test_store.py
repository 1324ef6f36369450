"""Whatever pages a platform cuts, and however often it brings them, the store holds the same."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pelayanan.cases import AnyEvent, Assigned, Received, Resolved, Status, fold
from pelayanan.models import Answer, Mention
from pelayanan.store.log import projection
from pelayanan.store.store import Store
from stores import NOW, START, answer, keep, mention, rows

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Town:
    """What was said, in the order in which it was said, and how it is cut into pages."""

    said: list[Mention | Answer]
    pages: list[list[Mention | Answer]]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    said: list[Mention | Answer] = []
    citizens: list[str] = []
    at = 0
    for number in range(draw(st.integers(1, 14))):
        at += draw(st.integers(1, 200))
        if draw(st.booleans()) and citizens:
            to = draw(st.sampled_from([each.id for each in said]))
            machine = draw(st.integers(0, 4)) == 0
            said.append(answer(f"a{number}", to, after=at * HOUR, automatic=machine))
            continue
        parent = draw(st.sampled_from(["", *(each.id for each in said)]))
        root = next((e.thread or e.id for e in said if e.id == parent), "")
        citizens.append(draw(st.sampled_from(["wati", "budi", "sari"])))
        said.append(
            mention(
                f"m{number}",
                citizens[-1],
                after=at * HOUR,
                reply_to=parent,
                thread=root,
                automatic=draw(st.integers(0, 6)) == 0,
            )
        )
    return Town(said, cut(draw, said))


def cut(draw: st.DrawFn, said: list[Mention | Answer]) -> list[list[Mention | Answer]]:
    """Pages in the order of posting, each of one sort; any may come again at any later time."""
    pages: list[list[Mention | Answer]] = []
    for item in said:
        same = bool(pages) and type(pages[-1][-1]) is type(item)
        if same and draw(st.booleans()):
            pages[-1].append(item)
        else:
            pages.append([item])
    again: list[list[Mention | Answer]] = []
    for number, page in enumerate(pages):
        again.append(page * draw(st.integers(1, 2)))
        if draw(st.integers(0, 3)) == 0:
            again.append(pages[draw(st.integers(0, number))])
    return again


@cache
def empty() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    """A migrated store without a message: copying it is quicker than migrating anew."""
    folder = tempfile.TemporaryDirectory()
    place = Path(folder.name) / "kosong.db"
    Store(f"sqlite:///{place}").close()
    return folder, place


@contextmanager
def fresh() -> Generator[Store, None, None]:
    with tempfile.TemporaryDirectory() as folder:
        place = shutil.copy(empty()[1], folder)
        with Store(f"sqlite:///{place}") as store:
            yield store


def judge(text: str) -> tuple[bool, str]:
    return ("3" not in text, "uji" if "3" in text else "")


def held(pages: list[list[Any]]) -> dict[str, Any]:
    """What a fresh store holds after these pages; ids are told without their secret."""
    with fresh() as store:
        for page in pages:
            keep(store, page, judge=judge)
        assert store.verify() == []
        for case in store.cases():
            state = fold(store.events_of(case.id))
            assert (state.status, state.opened, state.contacts) == (
                case.status,
                case.opened,
                case.contacts,
            )
        return told(store)


def told(store: Store) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for case in store.cases():
        whole = store.case(case.id)
        assert whole is not None
        events = [
            (event.type, event.at, getattr(event, "substantive", None))
            for event in store.events_of(case.id)
        ]
        items = tuple(item.text for item in whole.thread)
        found[items[0]] = (case.model_dump(exclude={"id", "thread"}), items, events)
    return found | {"counts": store.counts()}


@settings(max_examples=25)
@given(towns())
def test_any_cut_into_pages_and_any_repetition_holds_the_same(town: Town) -> None:
    assert held(town.pages) == held([[item] for item in town.said])


@settings(max_examples=25)
@given(towns())
def test_answers_that_are_fetched_first_make_the_same_cases(town: Town) -> None:
    """A first fetch finds months on the platform; cases are as if it had listened all along."""
    first = [item for item in town.said if isinstance(item, Answer)]
    then = [item for item in town.said if isinstance(item, Mention)]
    late, along = held([first, then]), held([[item] for item in town.said])
    assert {key: value[:2] for key, value in late.items() if key != "counts"} == {
        key: value[:2] for key, value in along.items() if key != "counts"
    }


@settings(max_examples=15)
@given(towns())
def test_no_message_is_in_two_cases_and_no_case_has_two_authors(town: Town) -> None:
    with fresh() as store:
        for page in town.pages:
            keep(store, page, judge=judge)
        wholes = [store.case(case.id) for case in store.cases()]
        items = [item for whole in wholes if whole for item in whole.thread]
        assert len({item.id for item in items}) == len(items)
        for whole in wholes:
            assert whole is not None
            authors = {item.author.id for item in whole.thread if item.direction == "in"}
            assert authors == {whole.author.id}
            assert whole.opened == min(i.at for i in whole.thread if i.direction == "in")
            assert (whole.status is Status.OPEN) == (whole.answered is None)


@settings(max_examples=25)
@given(towns(), st.sampled_from(["wati", "budi", "sari"]))
def test_forgetting_anybody_at_any_time_breaks_no_chain_and_changes_no_count(
    town: Town, who: str
) -> None:
    with fresh() as store:
        half = len(town.pages) // 2
        for page in town.pages[:half]:
            keep(store, page, judge=judge)
        counts, heads = store.counts(), store.heads()
        store.forget("uji", f"id-{who}", known=["uji"])
        assert (store.counts(), store.heads(), store.verify()) == (counts, heads, [])
        for page in town.pages[half:]:
            keep(store, page, judge=judge)
        assert store.verify() == []
        assert store.counts()["messages"] == len({item.id for item in town.said})


@settings(max_examples=25)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(0, 5))
def test_a_case_is_reopened_by_the_same_messages_in_any_pages(days: list[int], cuts: int) -> None:
    later = [  # none at the same instant: of two such, each store takes another one first
        mention(f"m{n}", after=timedelta(days=day + 3, seconds=n), thread="m0", reply_to="m0")
        for n, day in enumerate(sorted(days), 1)
    ]

    def kept(pages: list[list[Mention]]) -> Any:
        with fresh() as store:
            keep(store, [mention("m0")])
            keep(store, [answer("a0", "m0", after=HOUR)])
            case_id = next(store.cases()).id
            store.record(case_id, [Resolved(at=START + timedelta(days=2))], NOW)
            for page in pages:
                keep(store, page)
            return told(store), rows(store, without=["id", "case_id", "message_id", "key"]).keys()

    at = min(cuts, len(later))
    assert kept([later]) == kept([page for page in (later[:at], later[at:]) if page])


MOMENTS = st.integers(0, 7_200_000_000).map(lambda us: START + timedelta(microseconds=us))


CAME = st.tuples(MOMENTS, st.one_of(st.none(), MOMENTS), st.sampled_from(["", "", "bpbd-x"]))


@given(st.lists(CAME, min_size=1, max_size=6))
def test_a_case_of_messages_alone_is_told_as_one_that_has_more(moments: list[Any]) -> None:
    """An assignment moves no clock, so the long way must come to the same."""
    told: list[AnyEvent] = [
        Received(at=at, captured=seen, message=f"m{n}", key=f"received:{n}", handed_by=sender)
        for n, (at, seen, sender) in enumerate(moments)
    ]
    assigned = Assigned(at=min(at for at, _, _ in moments), to="rina", key="assigned")
    assert projection(told) == projection([*told, assigned]) | {"assigned_to": ""}
