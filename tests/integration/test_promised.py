"""A reply that names a next step: it counts as long as the promise can be kept, then if it was."""

from datetime import UTC, date, datetime, timedelta

import pytest

from office import Office
from pelayanan import Desk, Period
from pelayanan.cases import Answered, Fulfilled, Promise, Promised, Status
from pelayanan.desk.scoring import oldest
from pelayanan.errors import ConfigError
from pelayanan.reply import DraftState
from towns import MONDAY, Clock, FakeTown

STEP = Promise(due=date(2026, 11, 5), unit="Bidang Linjamsos")
TEXT = "Bidang Linjamsos memeriksa data Ibu paling lambat 5 November."


@pytest.fixture
def desk(desk: Desk, town: FakeTown) -> Desk:
    town.post(town.citizen("wati"), "@dinsos.test bantuan belum sampai")
    desk.sync()
    return desk


def only(desk: Desk) -> str:
    (case,) = desk.cases()
    return case.id


def answered(desk: Desk) -> bool:
    counts = [each for key, each in desk.tally(Period.month("2026-11")) if key.kind]
    return any(each.get(f"answered_{number}") for each in counts for number in range(1, 10))


def told(desk: Desk) -> tuple[list[Answered], list[Promised]]:
    events = desk.store.events_of(only(desk))
    return (
        [each for each in events if isinstance(each, Answered)],
        [each for each in events if isinstance(each, Promised)],
    )


def test_the_promise_is_entered_with_the_answer_that_it_qualifies(desk: Desk) -> None:
    for _ in range(2):
        draft = desk.reply(only(desk), TEXT, by="rina", promise=STEP)
        assert (draft.state.done, draft.promise) == (True, STEP)
    desk.sync()
    ((answer,), (promise,)) = told(desk)
    assert (promise.answer, promise.due, promise.unit) == (answer.key, STEP.due, STEP.unit)
    assert desk.verify() == []


def test_it_counts_until_the_day_is_past_and_then_if_it_was_kept(desk: Desk, clock: Clock) -> None:
    desk.reply(only(desk), TEXT, by="rina", promise=STEP)
    clock.now = datetime(2026, 11, 5, 16, 59, tzinfo=UTC)  # 23:59 in Bengkulu
    assert answered(desk)
    clock.now += timedelta(minutes=1)
    assert not answered(desk)
    desk.record(only(desk), Fulfilled(at=MONDAY + timedelta(days=1), due=STEP.due))
    assert answered(desk)


def test_who_was_promised_in_vain_is_named_among_those_who_wait(desk: Desk, clock: Clock) -> None:
    month = Period.month("2026-11")
    desk.reply(only(desk), TEXT, by="rina", promise=STEP)
    clock.now = datetime(2026, 11, 5, 16, 59, tzinfo=UTC)
    assert oldest(desk, month, "dinsos") == ()
    clock.now += timedelta(minutes=1)
    assert [each.case_id for each in oldest(desk, month, "dinsos")] == [only(desk)]
    assert oldest(desk, month, "dinkes") == oldest(desk, month.previous(), "dinsos") == ()
    assert desk.score(month).agencies["dinsos"].unanswered == 1


def test_who_was_promised_in_vain_is_open_again_for_everybody(desk: Desk, clock: Clock) -> None:
    case = only(desk)
    desk.reply(case, TEXT, by="rina", promise=STEP)
    assert listed(desk, case) == {"answered", "all"}
    clock.now = datetime(2026, 11, 5, 17, tzinfo=UTC)  # the sixth in Bengkulu
    assert listed(desk, case) == {"open", "overdue", "all"}
    assert (desk.case(case).status, desk.case(case).answered) == ("open", None)
    late = desk.record(case, Fulfilled(at=clock.now, due=STEP.due))
    assert (late.status, late.answered) == ("answered", clock.now)
    assert listed(desk, case) == {"answered", "all"}


def test_a_step_beyond_the_limit_leaves_the_case_open(desk: Desk) -> None:
    far = Promised(at=MONDAY + timedelta(hours=1), due=date(2027, 3, 1), unit=STEP.unit, by="rina")
    assert desk.record(only(desk), far).status == "open"
    assert listed(desk, only(desk)) == {"open", "all"}


def test_cases_with_promises_stand_in_their_place_among_the_others(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    clock.now += timedelta(hours=1)
    town.post(town.citizen("budi"), "@dinsos.test kapan beras dibagi?")
    desk.sync()
    first, second = (case.id for case in desk.cases())
    desk.reply(first, TEXT, by="rina", promise=STEP)
    clock.now = datetime(2026, 11, 9, tzinfo=UTC)
    assert [case.id for case in desk.cases()] == [first, second]
    assert [case.id for case in desk.cases(status="open")] == [first, second]
    assert [case.id for case in desk.cases(status="open", agency="dinkes")] == []


def listed(desk: Desk, case_id: str) -> set[str]:
    """Under what a case is found."""
    found = {
        status.value for status in Status if case_id in {c.id for c in desk.cases(status=status)}
    }
    found |= {"overdue"} if [c for c in desk.cases(overdue=True) if c.id == case_id] else set()
    return found | ({"all"} if [c for c in desk.cases() if c.id == case_id] else set())


def test_a_killed_run_forgets_no_promise(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pelayanan.desk.sending.book", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.reply(only(desk), TEXT, by="rina", promise=STEP)
    desk.sync()
    assert len(told(desk)[1]) == 0
    desk.send()
    ((answer,), (promise,)) = told(desk)
    assert promise.answer == answer.key


def test_a_settled_reply_keeps_its_promise(desk: Desk, town: FakeTown) -> None:
    draft = desk.draft(only(desk), TEXT, by="rina", promise=STEP)
    with desk.store.ledger(MONDAY) as ledger:
        ledger.failed(draft.id, DraftState.UNKNOWN)
    desk.settle(draft.id, sent=True, by="sekretaris")
    ((answer,), (promise,)) = told(desk)
    assert promise.answer == answer.key


@pytest.mark.parametrize(
    ("text", "step", "why"),
    [
        ("Segera kami proses.", STEP, "tidak menyebut Bidang Linjamsos; .*5 november 2026"),
        (TEXT, STEP.model_copy(update={"unit": " "}), "tanpa unit"),
        (TEXT.replace("5 ", "15 "), STEP, "tidak menyebut tanggal"),
        (TEXT, STEP.model_copy(update={"due": date(2026, 11, 1)}), "sudah lewat"),
    ],
)
def test_the_citizen_must_read_what_is_promised(
    desk: Desk, text: str, step: Promise, why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        desk.reply(only(desk), text, by="rina", promise=step)
    assert desk.outbox() == []


@pytest.mark.parametrize("said", ["5 Nov", "05/11", "5-11-2026", "2026-11-05", "5.11.2026"])
def test_a_date_is_written_in_many_ways(desk: Desk, said: str) -> None:
    text = f"Bidang Linjamsos datang {said}."
    assert desk.draft(only(desk), text, by="rina", promise=STEP).promise == STEP


def test_one_text_has_one_promise(desk: Desk) -> None:
    desk.draft(only(desk), TEXT, by="rina")
    with pytest.raises(ConfigError, match="another promise"):
        desk.reply(only(desk), TEXT, by="rina", promise=STEP)


def test_the_same_on_the_command_line(office: Office) -> None:
    case = office.case()
    text = "Bidang Linjamsos datang paling lambat 20 Oktober."
    unit = ("--unit", "Bidang Linjamsos")
    assert office.run("reply", case, text, *unit).code == 2
    assert office.run("reply", case, text, "--promise", "besok", *unit).code == 2
    assert office.run("reply", case, text, "--promise", "2026-10-20").code == 2
    done = office.run("reply", case, text, "--promise", "2026-10-20", *unit, "--json")
    assert (done.code, done.json[0]["promise"]["due"]) == (0, "2026-10-20")
    assert "2026-10-20" in office.run("case", case, "--json").out
