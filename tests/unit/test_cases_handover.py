"""Hand-overs between cases, and texts that went to many (score.md, 1)."""

from datetime import datetime, timedelta

import pytest

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Answered,
    AnyEvent,
    Claimed,
    Confirmed,
    Excluded,
    Filed,
    Folded,
    Received,
    Reopened,
    Resolved,
    Returned,
    SentText,
    Status,
    Transferred,
    Withdrawn,
    mass_answers,
    settle,
)

ZONE = WorkCalendar.indonesia("WIB").zone
START = datetime(2026, 10, 5, 9, 0, tzinfo=ZONE)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def over(hours: float, to: str) -> Transferred:
    return Transferred(at=at(hours), to=to, accepted=True)


def filed(agency: str, opened: float, *events: AnyEvent, by: str = "") -> Filed:
    first = Received(at=at(opened), message="m", handed_by=by)
    told = tuple(event.complete(START) for event in (first, *events))
    return Filed(f"case-{agency}-{opened:g}", agency, told)


def chain(*cases: Filed) -> dict[str, Folded]:
    found = settle(cases)
    assert settle(reversed(cases)) == found
    return {key: state for key, (_, state) in found.items()}


def test_the_receivers_case_opens_at_the_hand_over() -> None:
    found = chain(
        filed("dinsos", 0, over(1, "dinkes")),
        filed("dinkes", 1, Answered(at=at(2)), by="case-dinsos-0"),
    )
    assert found["case-dinsos-0"].left == at(1)
    assert found["case-dinkes-1"].opened == at(1)
    assert found["case-dinkes-1"].answered == at(2)
    assert not found["case-dinsos-0"].handovers[0].passed_on


def test_what_the_receiver_returns_goes_on_with_the_sender() -> None:
    found = chain(
        filed("dinsos", 0, over(1, "dinkes"), Answered(at=at(5))),
        filed("dinkes", 1, Returned(at=at(3)), by="case-dinsos-0"),
    )
    assert list(found) == ["case-dinsos-0"]
    assert (found["case-dinsos-0"].left, found["case-dinsos-0"].answered) == (None, at(5))
    assert found["case-dinsos-0"].handovers[0].returned


@pytest.mark.parametrize("back", [[Returned(at=START + timedelta(hours=9))], []])
@pytest.mark.parametrize("recorded", ["sender", "receiver"])
def test_who_comes_back_writes_to_the_agency_that_has_the_need(
    back: list[AnyEvent], recorded: str
) -> None:
    told: dict[str, list[AnyEvent]] = {"sender": [], "receiver": []}
    told[recorded].append(Reopened(at=at(3), message="lagi"))
    found = chain(
        filed(
            "dinsos",
            0,
            over(1, "dinkes"),
            Answered(at=at(0.5)),
            Resolved(at=at(0.6)),
            *told["sender"],
        ),
        filed("dinkes", 1, *told["receiver"], *back, by="case-dinsos-0"),
    )
    contacts = {key: (state.contacts, state.reopened) for key, state in found.items()}
    if back:
        assert contacts == {"case-dinsos-0": (1, 1)}
    else:
        assert contacts == {"case-dinsos-0": (0, 0), "case-dinkes-1": (1, 0)}


def test_what_the_citizen_does_in_the_second_of_the_hand_over_is_the_receivers() -> None:
    found = chain(
        filed("dinsos", 0, over(1, "dinkes"), Withdrawn(at=at(1))),
        filed("dinkes", 1, by="case-dinsos-0"),
    )
    assert {key: state.left_how for key, state in found.items()} == {
        "case-dinsos-0": "handed_over",
        "case-dinkes-1": "withdrawn",
    }


def test_a_new_beginning_that_was_handed_over_under_the_id_before_it_can_come_back() -> None:
    late = 2 + 15 * 24
    found = chain(
        filed(
            "dinsos",
            0,
            Answered(at=at(1)),
            Resolved(at=at(2)),
            Reopened(at=at(late)),
            over(late + 1, "dinkes"),
        ),
        filed("dinkes", late + 1, Returned(at=at(late + 2)), by="case-dinsos-0"),
    )
    assert sorted(found) == ["case-dinsos-0", "case-dinsos-0+1"]
    assert (found["case-dinsos-0+1"].left, found["case-dinsos-0+1"].status) == (None, Status.OPEN)


@pytest.mark.parametrize("claimed", [True, False])
def test_a_new_beginning_is_not_excluded_with_the_case_before_it(*, claimed: bool) -> None:
    claim: AnyEvent = Excluded(at=at(3), reason="ganda", key="ganda")
    if claimed:
        claim = Claimed(at=at(3), what="exclusion", detail="ganda", key="ganda")
    back = Reopened(at=at(2 + 15 * 24))
    told = Answered(at=at(1)), Resolved(at=at(2)), claim, Confirmed(at=at(4), claim="ganda"), back
    found = chain(filed("dinsos", 0, *told))
    assert {key: state.excluded for key, state in found.items()} == {
        "case-dinsos-0": "ganda",
        "case-dinsos-0+1": "",
    }


def test_a_case_that_goes_round_is_the_first_senders() -> None:
    found = chain(
        filed("dinsos", 0, over(1, "dinkes")),
        filed("dinkes", 1, over(2, "pupr"), by="case-dinsos-0"),
        filed("pupr", 2, over(3, "dinsos"), by="case-dinkes-1"),
        filed("dinsos", 3, Answered(at=at(4)), by="case-pupr-2"),
    )
    assert list(found) == ["case-dinsos-0"]
    assert found["case-dinsos-0"].left is None


def test_a_loop_further_down_is_void_further_down() -> None:
    found = chain(
        filed("dinsos", 0, over(1, "dinkes")),
        filed("dinkes", 1, over(2, "pupr"), Answered(at=at(9)), by="case-dinsos-0"),
        filed("pupr", 2, over(3, "dinkes"), by="case-dinkes-1"),
    )
    assert set(found) == {"case-dinsos-0", "case-dinkes-1"}
    assert found["case-dinkes-1"].answered == at(9)
    assert found["case-dinkes-1"].left is None
    assert not found["case-dinsos-0"].handovers[0].passed_on


def test_passing_on_before_an_answer_says_that_the_first_hand_over_was_wrong() -> None:
    def passed_on(*events: AnyEvent) -> bool:
        found = chain(
            filed("dinsos", 0, over(1, "dinkes")),
            filed("dinkes", 1, *events, over(4, "pupr"), by="case-dinsos-0"),
            filed("pupr", 4, by="case-dinkes-1"),
        )
        return found["case-dinsos-0"].handovers[0].passed_on

    assert passed_on()
    assert not passed_on(Answered(at=at(2)))


def test_a_receivers_case_may_be_named_by_the_hand_over() -> None:
    made = Transferred(at=at(1), to="dinkes", accepted=True, case="case-dinkes-2")
    found = chain(
        filed("dinsos", 0, made),
        filed("dinkes", 2, Returned(at=at(3)), by="case-dinsos-0"),
    )
    assert list(found) == ["case-dinsos-0"]


@pytest.mark.parametrize("whose", ["dinsos", "dinkes"])
def test_a_hand_over_cannot_name_a_case_that_was_not_handed_over_and_void_it(whose: str) -> None:
    made = Transferred(at=at(1), to="dinkes", accepted=True, case=f"case-{whose}-2")
    found = chain(filed("dinsos", 0, made, Returned(at=at(3))), filed(whose, 2))
    assert f"case-{whose}-2" in found


def test_a_hand_over_dated_before_the_message_takes_nobody_out_of_the_denominator() -> None:
    found = chain(
        filed("dinsos", 5, over(1, "dinkes")),
        filed("dinkes", 1, by="case-dinsos-5"),
    )
    assert {key: state.counts for key, state in found.items()} == {
        "case-dinsos-5": True,
        "case-dinkes-1": True,
    }


def test_only_what_was_handed_over_can_come_back_and_wait_for_nobody() -> None:
    assert chain(filed("dinsos", 0, Returned(at=at(3))))["case-dinsos-0"].status is Status.OPEN
    back = filed("dinkes", 1, Returned(at=at(3)), by="case-dinsos-0")
    assert chain(back)["case-dinkes-1"].status is Status.LEFT


def sent(citizens: int, **more: bool) -> list[SentText]:
    ledger = more.get("in_ledger", False)
    return [
        SentText(f"a{n}", "dinsos", f"w{n}", "keluarga-1", at(n), in_ledger=ledger)
        for n in range(citizens)
    ]


def test_one_text_to_more_than_ten_citizens_waits_for_a_confirmation() -> None:
    assert mass_answers(sent(10), ZONE) == frozenset()
    assert mass_answers(sent(11), ZONE) == {f"a{n}" for n in range(11)}
    assert mass_answers(sent(11, in_ledger=True), ZONE) == frozenset()


def test_one_citizen_may_get_the_same_text_often() -> None:
    same = [each._replace(citizen="w") for each in sent(20)]
    assert mass_answers(same, ZONE) == frozenset()


def test_texts_of_two_months_are_not_added() -> None:
    later = [each._replace(key=f"b{n}", at=at(24 * 30 + n)) for n, each in enumerate(sent(6))]
    assert mass_answers([*sent(6), *later], ZONE) == frozenset()
