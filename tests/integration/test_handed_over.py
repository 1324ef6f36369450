"""Hand-overs, what comes back, and who comes back too late: each case is really there."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from mail_towns import FakeMailTown
from pelayanan import Desk, Period
from pelayanan.cases import (
    Actor,
    Answered,
    AnyEvent,
    Case,
    Confirmed,
    Excluded,
    Received,
    Reopened,
    Resolved,
    Returned,
    Status,
    Transferred,
    Triaged,
    Withdrawn,
)
from pelayanan.errors import ConfigError
from pelayanan.models import Kind
from pelayanan.store.log import append
from towns import MONDAY, Clock, FakeTown, config

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GOOD = "Bantuan Ibu sudah terdaftar; petugas Bidang Contoh datang besok pukul 9."


@pytest.fixture
def mail(clock: Clock, tmp_path: Path) -> Iterator[tuple[Desk, FakeMailTown]]:
    town = FakeMailTown()
    made = config(town, tmp_path)
    with Desk.open(made, transport=town.transport, clock=clock) as opened:
        yield opened, town


def ask(desk: Desk, town: FakeTown | FakeMailTown, text: str = "obat belum ada") -> tuple[str, str]:
    """A citizen's message, fetched: it and its case."""
    handle = "@dinsos.test" if isinstance(town, FakeTown) else "@dinsos@prov.test"
    uri = town.post(town.citizen("wati"), f"{handle} {text}")
    desk.sync()
    (case,) = desk.cases(agency="dinsos")
    return uri, case.id


def over(hours: float = 1, *, to: str = "dinkes", accepted: bool = True, key: str = "") -> AnyEvent:
    at = MONDAY + hours * HOUR
    return Transferred(at=at, to=to, accepted=accepted, by="rina", key=key)


def of(desk: Desk, agency: str) -> Case:
    (case,) = desk.cases(agency=agency)
    return case


def standing(desk: Desk) -> dict[str, str]:
    return {case.id: case.status.value for case in desk.cases()}


# ---- hand-over


def test_the_receivers_case_opens_at_the_hand_over(desk: Desk, town: FakeTown) -> None:
    _, sender = ask(desk, town)
    left = desk.record(sender, over())
    assert (left.status, left.left_how) == (Status.LEFT, "handed_over")
    case = of(desk, "dinkes")
    assert (case.opened, case.status, case.text) == (MONDAY + HOUR, Status.OPEN, left.text)
    assert [item.text for item in desk.case(case.id).thread] == ["@dinsos.test obat belum ada"]
    assert desk.verify() == []


@pytest.mark.parametrize("source", ["rule", "person"])
def test_an_emergency_that_is_handed_over_stays_one(
    desk: Desk, town: FakeTown, source: Literal["rule", "person"]
) -> None:
    _, sender = ask(desk, town)
    desk.record(sender, Triaged(at=MONDAY, kind=Kind.DARURAT, source=source), over())
    case = of(desk, "dinkes")
    assert case.kind is Kind.DARURAT
    eased = desk.record(case.id, Triaged(kind=Kind.INFORMASI, by="tono"))
    assert eased.kind is (Kind.DARURAT if source == "rule" else Kind.INFORMASI)


def test_what_is_nobodys_to_count_is_not_counted_at_the_receiver(
    desk: Desk, town: FakeTown
) -> None:
    _, sender = ask(desk, town)
    own = Excluded(at=MONDAY, actor=Actor.SYSTEM, reason="internal")
    desk.record(sender, own, over())
    assert of(desk, "dinkes").excluded == "internal"


def test_a_claim_on_the_kind_is_not_handed_over(desk: Desk, town: FakeTown) -> None:
    _, sender = ask(desk, town)
    desk.record(sender, Triaged(at=MONDAY, kind=Kind.PENGADUAN, source="rule"))
    desk.record(sender, Triaged(at=MONDAY, kind=Kind.SPAM, by="rina"), over())
    assert of(desk, "dinkes").kind is Kind.PENGADUAN
    assert [claim.case_id for claim in desk.claims()] == [sender]


def test_a_hand_over_twice_opens_one_case(desk: Desk, town: FakeTown) -> None:
    _, sender = ask(desk, town)
    for _ in range(2):
        desk.record(sender, over())
        desk.record(sender, over())
    assert len(list(desk.cases())) == 2


@pytest.mark.parametrize("whose", ["dinsos", "dinkes"])
def test_a_hand_over_that_names_somebody_elses_case_loses_nobody(
    desk: Desk, town: FakeTown, whose: str
) -> None:
    _, sender = ask(desk, town)
    town.post(town.citizen("budi"), f"@{whose}.test jalan rusak")
    desk.sync()
    (other,) = (case.id for case in desk.cases(agency=whose) if case.id != sender)
    named = Transferred(at=MONDAY + HOUR, to="dinkes", accepted=True, case=other, key="pindah")
    desk.record(sender, named)
    assert len(list(desk.cases())) == 3
    desk.record(sender, Returned(at=MONDAY + 2 * HOUR))
    assert desk.case(other).waits
    assert sum(counts.get("n", 0) for _, counts in desk.tally(Period.of(MONDAY.date()))) == 2
    assert desk.verify() == []


def test_nothing_opens_before_the_receiver_agrees(desk: Desk, town: FakeTown) -> None:
    _, sender = ask(desk, town)
    desk.record(sender, over(accepted=False))
    assert list(desk.cases(agency="dinkes")) == []
    (claim,) = desk.claims()
    desk.record(sender, Confirmed(claim=claim.key, agreed=False, side="receiver", by="tono"))
    assert list(desk.cases(agency="dinkes")) == []
    agreed = Confirmed(
        at=MONDAY + 3 * HOUR, claim=claim.key, side="receiver", by="tono", key="setuju"
    )
    desk.record(sender, agreed)
    desk.record(sender, agreed)
    assert of(desk, "dinkes").opened == MONDAY + HOUR  # of the hand-over, not of the agreement


def test_an_open_case_stays_where_it_is_if_the_next_cannot_be_opened(
    desk: Desk, town: FakeTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, sender = ask(desk, town)

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("pelayanan.store.passing.open_case", broken)
    with pytest.raises(RuntimeError):
        desk.record(sender, over())
    assert standing(desk) == {sender: "open"}
    assert not any(isinstance(each, Transferred) for each in desk.store.events_of(sender))


@pytest.mark.parametrize("to", ["samsat", "dinsos"])
def test_a_case_is_handed_to_another_agency_of_the_register(
    desk: Desk, town: FakeTown, to: str
) -> None:
    _, sender = ask(desk, town)
    with pytest.raises(ConfigError, match="there are dinkes, pupr"):
        desk.record(sender, over(to=to))
    assert standing(desk) == {sender: "open"}


@pytest.mark.parametrize("side", ["sender", "receiver"])
def test_what_comes_back_is_void_on_both_sides(
    desk: Desk, town: FakeTown, clock: Clock, side: str
) -> None:
    _, sender = ask(desk, town)
    clock.now = MONDAY + 5 * HOUR
    desk.record(sender, over())
    receiver = of(desk, "dinkes").id
    back = Returned(at=MONDAY + 2 * HOUR, by="tono")
    desk.record(sender if side == "sender" else receiver, back)
    desk.record(sender if side == "sender" else receiver, back)
    assert standing(desk) == {sender: "open", receiver: "left"}
    assert desk.case(sender).clock == MONDAY
    assert list(desk.cases(agency="dinkes", status="open", overdue=True)) == []
    tally = {key.agency: counts for key, counts in desk.tally(Period.month("2026-11"))}
    assert (tally["dinsos"]["n"], tally["dinsos"]["handed_wrong"]) == (1, 1)
    assert "n" not in tally.get("dinkes", {})
    desk.record(sender, over(4, to="pupr"))  # to somebody else now
    assert standing(desk)[sender] == "left"
    assert of(desk, "pupr").opened == MONDAY + 4 * HOUR


def test_a_case_passed_on_and_back_is_at_the_one_before(desk: Desk, town: FakeTown) -> None:
    _, sender = ask(desk, town)
    desk.record(sender, over())
    middle = of(desk, "dinkes").id
    desk.record(middle, over(2, to="pupr"))
    last = of(desk, "pupr").id
    assert standing(desk) == {sender: "left", middle: "left", last: "open"}
    desk.record(last, Returned(at=MONDAY + 3 * HOUR))
    assert standing(desk) == {sender: "left", middle: "open", last: "left"}


@pytest.mark.parametrize("by", ["sender", "last"])
def test_a_case_may_come_back_through_others(desk: Desk, town: FakeTown, by: str) -> None:
    _, sender = ask(desk, town)
    desk.record(sender, over())
    middle = of(desk, "dinkes").id
    desk.record(middle, over(2, to="pupr"))
    last = of(desk, "pupr").id
    back = Returned(at=MONDAY + 3 * HOUR, to="" if by == "sender" else "dinsos")
    desk.record(sender if by == "sender" else last, back)
    assert standing(desk) == {sender: "open", middle: "left", last: "left"}


def test_a_case_that_goes_round_is_the_first_senders(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    _, sender = ask(desk, town)
    clock.now = MONDAY + 5 * HOUR
    desk.record(sender, over())
    middle = of(desk, "dinkes").id
    desk.record(middle, over(2, to="pupr"))
    last = of(desk, "pupr").id
    desk.record(last, over(3, to="dinsos"))
    assert standing(desk) == {sender: "open", middle: "left", last: "left"}
    ((key, counts),) = [pair for pair in desk.tally(Period.month("2026-11")) if "n" in pair[1]]
    assert (key.agency, counts["n"], counts["handed_wrong"]) == ("dinsos", 1, 1)


def test_the_citizen_goes_on_with_whoever_has_the_need(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    uri, sender = ask(desk, town)
    desk.record(sender, over())
    clock.now = MONDAY + 2 * HOUR
    town.post("wati.test", "@dinsos.test bagaimana obatnya?", to=uri)
    desk.sync()
    case = of(desk, "dinkes")
    assert (case.contacts, case.opened) == (1, MONDAY + HOUR)
    assert len(list(desk.cases())) == 2
    assert [len(desk.case(each).thread) for each in (sender, case.id)] == [2, 2]
    assert desk.verify() == []


def test_what_was_written_before_and_fetched_after_is_the_senders(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    uri, sender = ask(desk, town)
    clock.now = MONDAY + HOUR / 2
    town.post("wati.test", "@dinsos.test tolong cepat", to=uri)
    desk.record(sender, over())
    clock.now = MONDAY + 2 * HOUR
    desk.sync()
    assert desk.case(sender).contacts == 1
    assert of(desk, "dinkes").opened == MONDAY + HOUR


def need(desk: Desk, message: str) -> str | None:
    from pelayanan.store.reading import need_of  # noqa: PLC0415  the store's own

    with desk.store.reading() as connection:
        return need_of(connection, desk.store.keys.message("bluesky", "dinsos-bsky", message))


def test_who_deletes_the_message_leaves_whoever_has_the_need(desk: Desk, town: FakeTown) -> None:
    uri, sender = ask(desk, town)
    desk.record(sender, over())
    assert need(desk, uri) == of(desk, "dinkes").id
    assert need(desk, "tidak-ada") is None


def test_who_deletes_one_of_several_messages_that_were_handed_over_still_waits(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    uri, sender = ask(desk, town)
    clock.now = MONDAY + HOUR / 2
    town.post("wati.test", "@dinsos.test tolong cepat", to=uri)
    desk.sync()
    assert need(desk, uri) == sender
    desk.record(sender, over())
    assert need(desk, uri) is None


# ---- replies of the receiver


def test_the_receiver_answers_by_mail_from_the_own_mailbox(mail: tuple[Desk, FakeMailTown]) -> None:
    desk, town = mail
    uri, sender = ask(desk, town)
    desk.record(sender, over())
    receiver = of(desk, "dinkes").id
    draft = desk.reply(receiver, GOOD, by="tono")
    assert (draft.account, draft.state.done) == ("dinkes-mail", True)
    assert [text.strip() for text in town.replies(uri)] == [GOOD]
    desk.sync()
    assert desk.case(receiver).status is Status.ANSWERED
    assert desk.case(sender).status is Status.LEFT
    told = [each for each in desk.store.events_of(receiver) if isinstance(each, Answered)]
    assert [each.source for each in told] == ["ledger"]
    assert desk.verify() == []


def test_a_reply_that_is_fetched_before_it_is_booked_is_the_receivers(
    mail: tuple[Desk, FakeMailTown], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, town = mail
    _, sender = ask(desk, town)
    desk.record(sender, over())
    receiver = of(desk, "dinkes").id

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pelayanan.desk.sending.book", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.reply(receiver, GOOD, by="tono")
    desk.sync()
    assert desk.case(receiver).status is Status.OPEN
    desk.send()
    assert desk.case(receiver).status is Status.ANSWERED
    assert len(desk.case(receiver).thread) == 2
    assert desk.verify() == []


def test_where_no_own_account_can_answer_it_says_so(desk: Desk, town: FakeTown) -> None:
    uri, sender = ask(desk, town)
    desk.record(sender, over())
    receiver = of(desk, "dinkes").id
    draft = desk.reply(receiver, GOOD, by="tono")
    assert "tidak ada akun dinkes yang dapat membalas" in draft.needs[0]
    assert town.replies(uri) == []
    desk.record(receiver, Answered(at=MONDAY + 2 * HOUR, by="tono"))
    assert desk.case(receiver).status is Status.ANSWERED


def test_whoever_is_forgotten_is_forgotten_by_the_receiver_too(desk: Desk, town: FakeTown) -> None:
    _, sender = ask(desk, town)
    desk.record(sender, over())
    desk.forget("bluesky", "wati.test")
    assert "obat" not in of(desk, "dinkes").text
    assert desk.verify() == []


# ---- too late for a reopening


def closed(desk: Desk, town: FakeTown) -> tuple[str, str]:
    uri, case_id = ask(desk, town)
    kind = Triaged(at=MONDAY, kind=Kind.PENGADUAN, source="rule")
    desk.record(case_id, kind, Answered(at=MONDAY + HOUR), Resolved(at=MONDAY + DAY))
    return uri, case_id


def test_a_comeback_after_14_days_is_a_new_case_in_the_store(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    _, first = closed(desk, town)
    clock.now = MONDAY + 20 * DAY
    back = Reopened(at=MONDAY + 19 * DAY, key="datang-lagi")
    again = desk.record(first, back)
    assert (again.id, again.status, again.kind) == (f"{first}+1", Status.OPEN, Kind.PENGADUAN)
    assert (again.opened, again.text) == (MONDAY + 19 * DAY, desk.case(first).text)
    assert desk.record(first, back).id == again.id
    assert standing(desk) == {first: "resolved", again.id: "open"}
    taken = desk.record(first, Answered(at=clock.now))  # by whoever knows only the first id
    assert (taken.id, taken.status) == (again.id, Status.ANSWERED)
    assert desk.verify() == []


def test_the_last_second_of_14_days_is_a_reopening(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    _, first = closed(desk, town)
    clock.now = MONDAY + 15 * DAY + timedelta(milliseconds=700)  # the same whole second
    uri = next(post["uri"] for post in town.network.posts())
    town.post("wati.test", "@dinsos.test belum juga", to=uri)
    desk.sync()
    (case,) = desk.cases()
    assert (case.id, case.reopened, case.reopened_at) == (first, 1, MONDAY + 15 * DAY)


def test_a_message_one_second_later_is_a_new_case(desk: Desk, town: FakeTown, clock: Clock) -> None:
    uri, first = closed(desk, town)
    clock.now = MONDAY + 15 * DAY + timedelta(seconds=1)
    town.post("wati.test", "@dinsos.test belum juga", to=uri)
    desk.sync()
    assert sorted(standing(desk).values()) == ["open", "resolved"]
    assert desk.case(first).reopened == 0


def answered(day: int) -> AnyEvent:
    return Answered(at=MONDAY + day * DAY)


def resolved(day: int) -> AnyEvent:
    return Resolved(at=MONDAY + day * DAY)


def reopened(day: int) -> AnyEvent:
    return Reopened(at=MONDAY + day * DAY)


LATER: list[list[AnyEvent]] = [
    [],
    [answered(21)],
    [answered(21), resolved(22), reopened(23)],
    [answered(20), resolved(20), reopened(40)],
    [Received(at=MONDAY + 20 * DAY, message=""), Withdrawn(at=MONDAY + 21 * DAY)],
]


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_log_of_before_counts_as_the_new_cases_do(
    clock: Clock, tmp_path: Path, later: list[AnyEvent], *, one_by_one: bool
) -> None:
    events = [reopened(19), *later]
    digests = set()
    for name in ("before", "now"):
        clock.now = MONDAY
        town = FakeTown(clock=clock)
        made = config(town, tmp_path / name)
        with Desk.open(made, transport=town.transport, clock=clock) as desk:
            _, first = closed(desk, town)
            clock.now = MONDAY + 50 * DAY
            if name == "before":  # one log, as it was kept
                with desk.store.writing() as connection:
                    append(connection, first, events, clock.now)
            elif one_by_one:
                for event in events:
                    desk.record(first, event)
            else:
                desk.record(first, *events)
                desk.record(first, *events)
            assert len(list(desk.cases())) > (name == "now")
            assert desk.verify() == []
            for month in ("2026-11", "2026-12"):
                tally = desk.tally(Period.month(month))
                digests.add((month, str(sorted(map(str, tally)))))
    assert len(digests) == 2


# ---- the newest clock


def test_a_reopened_case_is_overdue_by_its_newest_clock(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    _, first = closed(desk, town)
    desk.record(first, Reopened(at=MONDAY + 10 * DAY))
    clock.now = MONDAY + 10 * DAY + HOUR
    assert list(desk.cases(overdue=True)) == []
    clock.now = MONDAY + 17 * DAY
    assert [case.id for case in desk.cases(overdue=True)] == [first]
    assert desk.case(first).clock == MONDAY + 10 * DAY
