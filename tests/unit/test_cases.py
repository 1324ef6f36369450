"""The fold: what events do to the clocks of a case (score.md, 1)."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Asked,
    Assigned,
    Claimed,
    Confirmed,
    Excluded,
    Folded,
    Fulfilled,
    Judged,
    MovedToPrivate,
    Promised,
    Received,
    Reopened,
    Resolved,
    Returned,
    Standards,
    Supplied,
    Transferred,
    Triaged,
    Withdrawn,
    fold,
)
from pelayanan.cases.case import Status
from pelayanan.models import Kind

CALENDAR = WorkCalendar.indonesia("WIB")
STANDARDS = Standards.load()
START = datetime(2026, 10, 5, 9, 0, tzinfo=CALENDAR.zone)  # a Monday


def at(**after: float) -> datetime:
    return START + timedelta(**after)


def case(*events: AnyEvent, as_of: datetime | None = None, **more: Any) -> Folded:
    opened = Received(at=START, message="m1", key="received:m1")
    told = [event.complete(START) for event in (opened, *events)]
    rules: dict[str, Any] = {"calendar": CALENDAR, "standards": STANDARDS} | more
    return fold(told, as_of=as_of or at(days=60), **rules)


def test_the_key_that_a_content_makes_is_the_one_in_old_stores() -> None:
    moment = datetime(2026, 3, 1, 8, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=7)))
    done = Assigned(to="rina", by="sekretaris", at=moment).complete(START)
    assert (done.key, done.at) == ("assigned:082c3767cd2edd20a95daad2", moment)
    assert (done.at and done.at.tzinfo) is UTC
    assert done.complete(START) is done


def test_the_first_substantive_answer_of_a_person_stops_the_clock() -> None:
    found = case(
        Acknowledged(at=at(minutes=1), actor=Actor.AUTOMATIC),
        Answered(at=at(minutes=2), actor=Actor.AUTOMATIC),
        Answered(at=at(minutes=3), substantive=False),
        Answered(at=at(minutes=4)),
        Answered(at=at(minutes=5)),
    )
    assert found.acknowledged == at(minutes=1)
    assert found.answered == at(minutes=4)
    assert found.status is Status.ANSWERED


def test_a_person_may_say_that_an_answer_is_none_and_the_last_word_holds() -> None:
    answer = Answered(at=at(hours=1), key="a")
    no = Judged(at=at(hours=2), answer="a", substantive=False)
    yes = Judged(at=at(hours=3), answer="a", substantive=True)
    assert case(answer, no).answered is None
    assert case(answer, no, yes).answered == at(hours=1)


def test_please_send_a_dm_counts_when_the_private_thread_is_answered() -> None:
    found = case(MovedToPrivate(at=at(minutes=1)), Answered(at=at(hours=3)))
    assert (found.acknowledged, found.answered) == (at(minutes=1), at(hours=3))


def test_seconds_are_whole_and_rounded_down() -> None:
    found = case(Answered(at=at(seconds=10.9)))
    assert found.answered == at(seconds=10)


def test_events_later_than_as_of_do_not_exist() -> None:
    answer = Answered(at=at(hours=2))
    assert case(answer, as_of=at(hours=2)).answered == at(hours=2)
    assert case(answer, as_of=at(hours=2, seconds=-1)).answered is None
    assert case(as_of=at(seconds=-1)).opened is None


def test_an_event_without_an_instant_cannot_be_folded() -> None:
    with pytest.raises(ValueError, match="instant"):
        fold([Received(message="m1")])


def test_an_answer_before_its_question_is_kept() -> None:
    assert case(Answered(at=at(minutes=-5))).answered == at(minutes=-5)


# ---- promises


def promised(due: date, *, unit: str = "Bidang Jalan", hours: float = 1) -> Promised:
    return Promised(at=at(hours=hours), due=due, unit=unit)


DUE = date(2026, 10, 9)


def test_a_named_step_counts_until_its_date_is_past() -> None:
    last = datetime(2026, 10, 9, 23, 59, 59, tzinfo=CALENDAR.zone)
    assert case(promised(DUE), as_of=last).answered == at(hours=1)
    assert case(promised(DUE), as_of=last + timedelta(seconds=1)).answered is None


def test_a_step_done_on_its_date_keeps_the_answer() -> None:
    done = Fulfilled(at=datetime(2026, 10, 9, 23, 59, 59, tzinfo=CALENDAR.zone), due=DUE)
    assert case(promised(DUE), done).answered == at(hours=1)


def test_a_step_done_later_answers_when_it_is_done() -> None:
    done = Fulfilled(at=datetime(2026, 10, 10, 0, 0, tzinfo=CALENDAR.zone), due=DUE)
    assert case(promised(DUE), done).answered == done.at


@pytest.mark.parametrize("what", ["kind", "hand_over", "mass_answer"])
def test_a_yes_to_one_thing_excludes_nothing(what: Any) -> None:
    claim = Claimed(at=at(hours=1), what=what, detail="later", key="klaim")
    found = case(
        claim,
        Confirmed(at=at(hours=2), claim="klaim"),
        Excluded(at=at(hours=3), reason="spam", key="later"),
    )
    assert found.excluded == ""


def test_what_was_done_before_keeps_no_later_promise_of_the_same_date() -> None:
    done = Fulfilled(at=at(hours=2), due=DUE)
    again = Promised(at=at(days=2), due=DUE, unit="Bidang Jalan")
    closed = Resolved(at=at(hours=3)), Reopened(at=at(days=1), message="m2")
    found = case(promised(DUE), done, *closed, again)
    assert [promise.done for promise in found.promises] == [done.at, None]
    assert [clock.answered for clock in found.episodes] == [at(hours=1), None]


def test_a_fuller_answer_in_between_is_the_first_one_that_counts() -> None:
    late = Fulfilled(at=at(days=10), due=DUE)
    assert case(promised(DUE), Answered(at=at(days=2)), late).answered == at(days=2)


def test_a_step_without_a_unit_or_too_far_away_is_an_acknowledgement() -> None:
    limit = date(2026, 10, 12)  # 5 working days after Monday the 5th
    kept = Fulfilled(at=at(days=1), due=limit)
    assert case(promised(limit), kept).answered == at(hours=1)
    found = case(promised(limit + timedelta(days=1)))
    assert (found.answered, found.acknowledged) == (None, at(hours=1))
    assert case(promised(DUE, unit="")).answered is None
    assert len(case(promised(DUE, unit="")).promises) == 1  # a date was named all the same


def test_the_limit_of_a_named_step_is_that_of_the_kind() -> None:
    far = promised(date(2026, 10, 23))  # 14 working days
    kind = Triaged(at=START, kind=Kind.PENGADUAN, source="rule")
    before = at(days=3)
    assert case(far, as_of=before).answered is None
    assert case(kind, far, as_of=before).answered == at(hours=1)


def test_an_answer_that_only_names_a_step_stands_and_falls_with_it() -> None:
    answer = Answered(at=at(hours=1), key="a")
    only = Promised(at=at(hours=1), due=DUE, unit="Bidang Jalan", answer="a")
    beside = Promised(at=at(hours=1), due=DUE, unit="Bidang Jalan")
    assert case(answer, only).answered is None
    assert case(answer, beside).answered == at(hours=1)
    assert case(answer, only, as_of=at(days=1)).answered == at(hours=1)
    no = Judged(at=at(hours=2), answer="a", substantive=False)
    assert case(answer, only, no, as_of=at(days=1)).answered is None


def test_without_a_calendar_a_named_step_counts_as_it_stands() -> None:
    assert case(promised(DUE), calendar=None, standards=None).answered == at(hours=1)


def test_what_a_machine_promises_is_no_promise() -> None:
    found = case(Promised(at=at(hours=1), due=DUE, unit="x", actor=Actor.AUTOMATIC))
    assert (found.promises, found.answered) == ((), None)


# ---- asking


def test_a_named_question_to_the_citizen_is_an_answer_and_ends_with_the_next_message() -> None:
    found = case(
        Asked(at=at(hours=1), what="foto KTP yang terbaca"),
        Received(at=at(days=2), message="m2"),
        Supplied(at=at(days=2), message="m2"),
        Received(at=at(days=3), message="m3"),
    )
    assert found.answered == at(hours=1)
    assert [(ask.at, ask.supplied) for ask in found.asks] == [(at(hours=1), at(days=2))]
    assert found.contacts == 2  # what was supplied is one of the messages


def test_an_unnamed_question_is_an_acknowledgement() -> None:
    found = case(Asked(at=at(hours=1)))
    assert (found.answered, found.acknowledged, found.asks) == (None, at(hours=1), ())


def test_a_question_after_the_closing_stops_nothing() -> None:
    found = case(
        Answered(at=at(hours=1)), Resolved(at=at(hours=2)), Asked(at=at(hours=3), what="KTP")
    )
    assert found.asks == ()


# ---- closing and reopening


def test_a_closing_without_an_answer_closes_nothing() -> None:
    found = case(Resolved(at=at(hours=1)), Answered(at=at(hours=2)), Resolved(at=at(hours=2)))
    assert found.resolved == at(hours=2)
    assert case(Resolved(at=at(hours=1))).status is Status.OPEN


def closed(*more: AnyEvent) -> Folded:
    return case(Answered(at=at(hours=1)), Resolved(at=at(hours=2)), *more)


def test_a_citizen_who_comes_back_within_14_days_starts_a_new_clock() -> None:
    again = at(hours=2, days=14)
    found = closed(Reopened(at=again), Answered(at=again + timedelta(hours=3)))
    assert found.reopened == 1
    assert [each.opened for each in found.episodes] == [START, again]
    assert found.episodes[0].resolved == at(hours=2)
    assert found.answered == again + timedelta(hours=3)


def test_later_than_14_days_it_is_no_reopening() -> None:
    found = closed(Reopened(at=at(hours=2, days=14, seconds=1)))
    assert (found.reopened, found.status) == (0, Status.RESOLVED)


def test_a_reopened_case_waits_for_an_answer_again() -> None:
    found = closed(Reopened(at=at(days=1)), Resolved(at=at(days=2)))
    assert (found.status, found.answered, found.resolved) == (Status.OPEN, None, None)


def test_a_case_may_be_reopened_more_than_once() -> None:
    found = closed(
        Reopened(at=at(days=1)),
        Answered(at=at(days=2)),
        Resolved(at=at(days=2)),
        Reopened(at=at(days=3)),
    )
    assert (found.reopened, len(found.episodes)) == (2, 3)


def test_a_reopening_in_the_second_of_the_closing_ends() -> None:
    together = [kind(at=at(hours=1)) for kind in (Answered, Resolved, Reopened)]
    found = case(*together)
    assert (found.reopened, found.answered) == (1, None)


# ---- leaving


def test_the_first_leaving_holds() -> None:
    found = case(Withdrawn(at=at(hours=2), how="deleted"), Withdrawn(at=at(hours=1)))
    assert (found.left, found.left_how, found.status) == (at(hours=1), "withdrawn", Status.LEFT)


def test_what_the_agency_deletes_has_not_left() -> None:
    found = case(Withdrawn(at=at(hours=1), how="deleted", actor=Actor.HUMAN))
    assert (found.left, found.status) == (None, Status.OPEN)


def test_who_deletes_one_of_several_messages_has_not_left() -> None:
    more = Received(at=at(minutes=1), message="m2", key="r2")
    slip = Withdrawn(at=at(minutes=5), how="deleted", message="m1", key="d1")
    rest = Withdrawn(at=at(minutes=9), how="deleted", message="m2", key="d2")
    assert (case(more, slip).left, case(more, rest).left) == (None, None)
    assert case(more, slip, rest).left == at(minutes=9)
    hidden = slip.model_copy(update={"actor": Actor.HUMAN})
    assert case(more, hidden, rest).left is None
    assert case(slip).left == at(minutes=5)
    assert case(slip, Received(at=at(days=1), message="m2", key="r2")).left == at(minutes=5)


def test_a_hand_over_waits_until_the_receiver_accepts() -> None:
    over = Transferred(at=at(hours=1), to="dinkes", key="t")
    accepted = Confirmed(at=at(days=2), claim="t", by="dinkes")
    assert case(over).left is None
    found = case(over, accepted)
    assert (found.left, found.left_how) == (at(hours=1), "handed_over")
    assert case(over, accepted, as_of=at(days=1)).left is None
    through = Claimed(at=at(hours=1), what="hand_over", detail="t", key="c")
    assert case(over, through, Confirmed(at=at(days=2), claim="c")).left == at(hours=1)


def test_a_hand_over_that_comes_back_is_void() -> None:
    found = case(
        Transferred(at=at(hours=1), to="dinkes", accepted=True),
        Returned(at=at(days=1)),
        Answered(at=at(days=2)),
    )
    assert (found.left, found.answered) == (None, at(days=2))
    assert [made.returned for made in found.handovers] == [True]


# ---- claims


def test_an_exclusion_by_the_agency_waits_for_somebody_outside_it() -> None:
    claim = Claimed(at=at(hours=1), what="exclusion", detail="ganda", key="c")
    assert case(claim).excluded == ""
    assert case(claim, Confirmed(at=at(hours=2), claim="c")).excluded == "ganda"
    own = Confirmed(at=at(hours=2), claim="c", side="agency")
    assert case(claim, own).excluded == ""
    refused = Confirmed(at=at(hours=3), claim="c", agreed=False)
    assert case(claim, Confirmed(at=at(hours=2), claim="c"), refused).excluded == ""


def test_an_exclusion_event_of_a_person_is_a_claim_too() -> None:
    own = Excluded(at=at(hours=1), reason="ganda", key="e")
    assert case(own).excluded == ""
    assert case(own, Confirmed(at=at(hours=2), claim="e")).excluded == "ganda"


def test_the_system_leaves_out_the_agencies_own_messages_only() -> None:
    assert case(Excluded(at=START, actor=Actor.SYSTEM, reason="internal")).excluded == "internal"
    assert case(Excluded(at=START, actor=Actor.SYSTEM, reason="ganda")).excluded == ""


def test_a_claim_cannot_borrow_the_name_of_what_needs_none() -> None:
    claim = Claimed(at=at(hours=1), what="exclusion", detail="internal", key="c")
    assert case(claim, Confirmed(at=at(hours=2), claim="c")).excluded == "claim: internal"


@pytest.mark.parametrize(
    ("triage", "person", "waits"),
    [
        (Kind.PENGADUAN, Kind.DARURAT, False),
        (Kind.PENGADUAN, Kind.INFORMASI, False),
        (Kind.PENGADUAN, Kind.ASPIRASI, False),
        (Kind.PENGADUAN, Kind.PENGADUAN_PENGAWASAN, True),
        (Kind.INFORMASI, Kind.PENGADUAN, True),
        (Kind.DARURAT, Kind.INFORMASI, True),
        (Kind.ASPIRASI, Kind.SPAM, True),
        (Kind.SPAM, Kind.PENGADUAN, False),
    ],
)
def test_a_kind_that_is_easier_than_triage_said_waits(
    triage: Kind, person: Kind, *, waits: bool
) -> None:
    ruled = Triaged(at=START, kind=triage, source="rule")
    said = Triaged(at=at(hours=1), kind=person, key="k")
    assert case(ruled, said).kind is (triage if waits else person)
    assert case(ruled, said, Confirmed(at=at(hours=2), claim="k")).kind is person


def test_where_triage_abstained_a_person_may_give_any_kind_that_obliges() -> None:
    assert case(Triaged(at=at(hours=1), kind=Kind.PENGADUAN)).kind is Kind.PENGADUAN
    assert case(Triaged(at=at(hours=1), kind=Kind.APRESIASI)).kind is Kind.INFORMASI


def test_a_confirmed_kind_without_obligation_is_an_exclusion_under_the_kind_of_triage() -> None:
    found = case(
        Triaged(at=START, kind=Kind.PENGADUAN, source="rule"),
        Triaged(at=at(hours=1), kind=Kind.SPAM, key="k"),
        Confirmed(at=at(hours=2), claim="k"),
    )
    assert (found.kind, found.triage, found.excluded) == (Kind.SPAM, Kind.PENGADUAN, "spam")
    assert not found.counts


def test_the_same_text_to_many_counts_once_it_is_confirmed() -> None:
    answer = Answered(at=at(hours=1), key="a")
    claim = Claimed(at=at(hours=2), what="mass_answer", detail="a", key="c")
    assert case(answer, claim).answered is None
    assert case(answer, claim, Confirmed(at=at(hours=3), claim="c")).answered == at(hours=1)
    assert case(answer, claim, Confirmed(at=at(hours=3), claim="a")).answered == at(hours=1)


def test_who_is_to_answer_is_the_last_one_named() -> None:
    found = case(Assigned(at=at(hours=2), to="rina"), Assigned(at=at(hours=1), to="budi"))
    assert found.assigned_to == "rina"
