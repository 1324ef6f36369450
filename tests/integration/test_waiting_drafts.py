"""Drafts that wait: many people at once, and what happens to a case before its answer goes out."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pelayanan import Client, Desk
from pelayanan.cases import Actor, Answered, AnyEvent, Transferred, Triaged, Withdrawn
from pelayanan.models import Kind
from pelayanan.platforms import Manual
from pelayanan.reply import Draft, DraftState
from towns import Clock, FakeTown, config

GOOD = "Bantuan Ibu sudah terdaftar; petugas Bidang Contoh datang besok pukul 9."


class Waiting:
    """An approved reply that could not go out at once."""

    def __init__(self, desk: Desk, town: FakeTown, clock: Clock) -> None:
        self.desk, self.town, self.clock = desk, town, clock
        self.uri = town.post(town.citizen("wati"), "@dinsos.test bantuan belum sampai")
        desk.sync()
        self.case_id = desk.case_of("dinsos-bsky", self.uri) or ""
        self.draft = desk.draft(self.case_id, GOOD, by="rina")
        desk.approve(self.draft.id, by="rina")
        clock.after(minutes=20)

    def send(self) -> Draft:
        self.clock.after(minutes=20)
        self.desk.send()
        (draft,) = self.desk.outbox()
        return draft

    def replies(self) -> list[str]:
        return self.town.replies(self.uri)


@pytest.fixture
def desk(town: FakeTown, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    def sleep(seconds: float) -> None:
        clock.after(seconds=seconds)

    with (
        Client(transport=town.transport, sleep=sleep) as client,
        Desk.open(config(town, tmp_path), client=client, clock=clock) as opened,
    ):
        yield opened


@pytest.fixture
def waiting(desk: Desk, town: FakeTown, clock: Clock) -> Waiting:
    return Waiting(desk, town, clock)


def test_as_many_as_a_web_framework_has_threads_approve_at_once(waiting: Waiting) -> None:
    desk, people = waiting.desk, 40
    drafts = [
        desk.draft(waiting.case_id, f"{GOOD} {number}", by="rina") for number in range(people)
    ]
    with ThreadPoolExecutor(people) as pool:
        done = list(pool.map(lambda draft: desk.approve(draft.id, by="rina"), drafts))
    assert {draft.state for draft in done} == {DraftState.APPROVED}


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (lambda _: Answered(by="budi", source="told"), "sudah dijawab"),
        (lambda _: Withdrawn(actor=Actor.CITIZEN), "menarik pesannya"),
        (
            lambda message: Withdrawn(actor=Actor.CITIZEN, how="deleted", message=message),
            "menarik pesannya",
        ),
        (lambda _: Transferred(to="dinkes", accepted=True, by="rina"), "diserahkan"),
        (lambda _: Triaged(kind=Kind.PENGADUAN_PENGAWASAN), "orang kedua"),
    ],
    ids=["answered", "withdrawn", "deleted", "handed over", "sensitive"],
)
def test_a_reply_that_was_overtaken_goes_back_to_a_person(
    waiting: Waiting, happened: Callable[[str], AnyEvent], told: str
) -> None:
    waiting.desk.record(waiting.case_id, happened(waiting.draft.message_id or ""))
    draft = waiting.send()
    assert draft.state is DraftState.DRAFTED
    assert told in draft.needs[0]
    assert waiting.replies() == []
    waiting.desk.approve(draft.id, by="sekretaris")  # who reads it and wants it all the same
    assert waiting.send().state is DraftState.CONFIRMED
    assert waiting.replies() == [GOOD]


def test_who_was_answered_in_the_app_is_not_answered_once_more_unasked(waiting: Waiting) -> None:
    waiting.town.native("dinsos", waiting.uri, "Sudah kami antar ya Bu, Bidang Contoh.")
    waiting.desk.sync()
    assert waiting.send().state is DraftState.DRAFTED
    assert waiting.replies() == ["Sudah kami antar ya Bu, Bidang Contoh."]


@pytest.mark.parametrize(
    "happened",
    [
        Triaged(kind=Kind.PENGADUAN),
        Answered(by="budi", substantive=False),
        Withdrawn(actor=Actor.SYSTEM, how="deleted"),
        Transferred(to="dinkes", by="rina"),
    ],
    ids=["kind", "thanks", "hidden", "not accepted"],
)
def test_what_changes_nothing_for_the_citizen_holds_no_reply_up(
    waiting: Waiting, happened: AnyEvent
) -> None:
    waiting.desk.record(waiting.case_id, happened)
    assert waiting.send().state is DraftState.CONFIRMED


def test_a_reply_to_somebody_forgotten_is_refused_however_often_it_was_tried(
    waiting: Waiting,
) -> None:
    waiting.town.network.fault("lost_reply")
    waiting.town.network.fault("broken", times=50, after=1)  # nor can it be looked up
    assert waiting.send().state is DraftState.UNKNOWN
    waiting.desk.forget("bluesky", "wati.test")
    waiting.desk.settle(waiting.draft.id, sent=False, by="rina")
    draft = waiting.send()
    assert (draft.state, draft.needs) == (DraftState.REFUSED, ())
    assert "forgotten" in draft.error


def test_half_an_emoji_from_a_form_stops_neither_a_message_nor_its_reply(waiting: Waiting) -> None:
    desk = waiting.desk
    call = Manual("formulir").mention(text="Atap bocor \ud83d", at=waiting.clock())
    case_id = desk.add_mention(call, agency="dinsos")
    assert desk.add_mention(call, agency="dinsos") == case_id
    assert [item.text for item in desk.case(case_id).thread] == ["Atap bocor \ufffd"]
    draft = desk.reply(waiting.case_id, f"{GOOD}\0 \ud83d\ude42 \ud83d", by="rina")
    assert draft.state is DraftState.CONFIRMED
    assert waiting.replies() == [f"{GOOD} \U0001f642 \ufffd"]


def test_a_text_as_long_as_a_book_is_refused_at_once(waiting: Waiting) -> None:
    draft = waiting.desk.draft(waiting.case_id, "x" * 1_000_000, by="rina")
    assert "terlalu panjang" in draft.needs[0]
    assert draft.parts == ()


def test_what_a_person_said_of_a_settled_reply_stands_when_it_is_fetched(waiting: Waiting) -> None:
    desk, network = waiting.desk, waiting.town.network
    thanks = desk.draft(waiting.case_id, f"{GOOD} (salinan)", by="rina", substantive=False)
    desk.settle(waiting_unknown(waiting, thanks), sent=True, by="rina")
    with network.world() as state:
        state["faults"] = []
    desk.sync()
    told = [each for each in desk.store.events_of(waiting.case_id) if isinstance(each, Answered)]
    assert [(each.source, each.substantive) for each in told[-2:]] == [
        ("told", False),
        ("ledger", False),
    ]


def waiting_unknown(waiting: Waiting, draft: Draft) -> str:
    """Id of a draft of which only a person can tell what became of it."""
    desk, network = waiting.desk, waiting.town.network
    desk.send(waiting.draft.id)
    desk.approve(draft.id, by="rina")
    network.fault("lost_reply")
    network.fault("broken", times=50, after=1)
    desk.send(draft.id)
    assert [each.id for each in desk.outbox(state="unknown")] == [draft.id]
    return draft.id
