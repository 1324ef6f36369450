"""The store, on SQLite and on PostgreSQL: the same tests on both."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pelayanan import Author, Signal
from pelayanan.cases import Answered, Assigned, Reopened, Resolved, Status, read_event
from pelayanan.errors import ConfigError, StoreError
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.store.publications import keep_publication, publication
from pelayanan.store.signals import PART, Signals
from pelayanan.store.store import AccountRow, Store
from stores import DAY, NOW, START, answer, intake, keep, mention, only, rows, seed, sql

# ---- which case a message belongs to


def test_a_message_is_kept_once_however_often_it_is_fetched(store: Store) -> None:
    assert keep(store, [mention("m1"), mention("m1")]).new == 1
    before = rows(store)
    assert keep(store, [mention("m1")]).new == 0
    assert rows(store) == before


def test_a_message_that_reads_otherwise_now_keeps_all_its_wordings(
    store: Store,
) -> None:
    keep(store, [mention("m1", text="satu")])
    for text in ("dua", "dua", "satu", "satu", "dua"):
        assert keep(store, [mention("m1", text=text)]).new == 0
    (case,) = store.cases()
    found = store.case(case.id)
    assert found is not None
    assert [(item.text, item.edited) for item in found.thread] == [
        ("satu", False),
        ("dua", True),
        ("satu", True),  # who changes a text and changes it back did both
        ("dua", True),
    ]
    assert found.contacts == 0
    assert store.verify() == []


def test_further_messages_of_an_author_are_contacts_of_the_open_case(store: Store) -> None:
    keep(store, [mention("m1"), mention("m2", after=DAY)])
    keep(store, [mention("m3", after=2 * DAY)])
    case = only(store)
    assert (case.opened, case.contacts) == (START, 2)
    assert [item.text for item in case.thread] == [
        f"Pesan m{n}: bantuan belum sampai." for n in (1, 2, 3)
    ]


def test_cases_of_different_authors_never_merge(store: Store) -> None:
    keep(
        store,
        [mention("m1", "wati"), mention("m2", "budi", thread="m1", reply_to="m1", text="sama")],
    )
    assert {(case.author.name, case.contacts) for case in store.cases()} == {
        ("Wati Contoh", 0),
        ("Budi Contoh", 0),
    }


@pytest.mark.parametrize("years", [-2025, -50, 60, 7000])
def test_a_time_that_cannot_be_true_counts_as_when_the_message_was_seen(
    store: Store, years: int
) -> None:
    odd = START.replace(year=START.year + years)
    keep(store, [mention("m1", after=odd - START)])
    case = only(store)
    assert (case.opened, [item.at for item in case.thread]) == (NOW, [NOW])
    late = answer("a1", "m1", after=odd - START)
    with store.writing() as connection:
        intake(store, connection).answers([late])
    assert only(store).answered == NOW


def test_many_cases_come_once_each_also_those_of_one_instant(store: Store) -> None:
    keep(store, [mention(f"m{number}", f"w{number}") for number in range(1201)])
    reading = store.cases()
    first = next(reading)
    store.forget("uji", first.author.id)  # an iterator left unfinished blocks nobody
    assert len({first.id, *(case.id for case in reading)}) == 1201
    assert len(list(store.cases(status="open"))) == 1201


def test_two_deleted_accounts_are_two_people(store: Store) -> None:
    gone = Author(id="", handle="")
    keep(store, [mention(name).model_copy(update={"author": gone}) for name in ("m1", "m2")])
    assert len(list(store.cases())) == 2


def test_one_author_has_one_case_at_each_agency(store: Store) -> None:
    keep(store, [mention("m1")])
    keep(store, [mention("m1")], agency="dinkes", account="dinkes-uji")
    assert sorted(case.agency for case in store.cases()) == ["dinkes", "dinsos"]


def test_after_the_answer_a_message_elsewhere_is_a_new_case_and_in_the_thread_a_contact(
    store: Store,
) -> None:
    keep(store, [mention("m1")])
    keep(store, [answer("a1", "m1", after=DAY)])
    keep(store, [mention("m2", after=2 * DAY, thread="m1", reply_to="a1")])
    keep(store, [mention("m3", after=3 * DAY)])
    found = {case.text[6:8]: case for case in store.cases()}
    assert {name: (each.status, each.contacts) for name, each in found.items()} == {
        "m1": (Status.ANSWERED, 1),
        "m3": (Status.OPEN, 0),
    }


def test_what_was_posted_after_an_answer_in_the_app_is_not_hidden_in_the_answered_case(
    store: Store,
) -> None:
    """Both lay on the platform already when the account was fetched for the first time."""
    keep(store, [answer("a1", "m1", after=DAY)])
    keep(store, [mention("m1"), mention("m2", after=20 * DAY)])
    assert [case.status for case in store.cases()] == [Status.ANSWERED, Status.OPEN]


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_pages_that_walk_back_from_the_newest_make_the_same_cases(store: Store, cut: int) -> None:
    items = [mention("m1"), mention("m2", after=DAY), mention("m3", after=20 * DAY)]
    keep(store, [answer("a2", "m2", after=2 * DAY)])
    keep(store, items[cut:])
    keep(store, items[:cut])
    found = [(case.opened, case.text[6:8], case.status, case.contacts) for case in store.cases()]
    assert found == [
        (START, "m1", Status.ANSWERED, 1),
        (START + 20 * DAY, "m3", Status.OPEN, 0),
    ]
    assert store.verify() == []


def test_an_answer_that_is_seen_before_its_message_is_linked_when_that_comes(store: Store) -> None:
    keep(store, [answer("a2", "a1", after=2 * DAY), answer("a1", "m1", after=DAY)])
    keep(store, [answer("a4", "a3", after=4 * DAY)])  # an answer to an answer, each page alone
    keep(store, [answer("a3", "m1", after=3 * DAY)])
    assert list(store.cases()) == []
    keep(store, [mention("m1")])
    case = only(store)
    assert (case.answered, case.status) == (START + DAY, Status.ANSWERED)
    assert [item.direction for item in case.thread] == ["in", "out", "out", "out", "out"]
    assert store.verify() == []


def test_an_answer_to_nobody_known_is_kept_and_opens_nothing(store: Store) -> None:
    assert keep(store, [answer("a1", "m9")]).new == 1
    assert keep(store, [answer("a1", "m9")]).new == 0
    assert list(store.cases()) == []


def test_a_machine_opens_no_case_and_is_no_answer(store: Store) -> None:
    keep(store, [mention("m0", "mesin", automatic=True), mention("m1")])
    keep(store, [answer("a1", "m1", after=DAY, automatic=True)])
    case = only(store)
    assert (case.answered, case.acknowledged, case.status) == (None, START + DAY, Status.OPEN)
    assert store.counts()["messages"] == 3


def test_what_the_judge_turns_down_is_an_acknowledgement(store: Store) -> None:
    keep(store, [mention("m1")])
    keep(store, [answer("a1", "m1", after=DAY)], judge=lambda _: (False, "thanks"))
    assert (only(store).answered, only(store).acknowledged) == (None, START + DAY)


@pytest.mark.parametrize(("late", "opened"), [(timedelta(0), 1), (timedelta(seconds=1), 2)])
def test_a_case_is_reopened_within_14_days_to_the_second(
    store: Store, late: timedelta, opened: int
) -> None:
    case_id = seed(store)
    store.record(case_id, [Resolved(at=START + 3 * DAY)], NOW)
    again = mention("m3", after=17 * DAY + late, thread="m1", reply_to="a1")
    keep(store, [again, mention("m4", after=17 * DAY + late, thread="m1", reply_to="a1")])
    assert len(list(store.cases())) == opened
    told = [event for event in store.events_of(case_id) if isinstance(event, Reopened)]
    assert len(told) == 2 - opened


def test_messages_that_do_not_count_never_join_a_case_that_does(store: Store) -> None:
    def start(found: object) -> str:
        return "before_start" if getattr(found, "created_at", NOW) < START + DAY else ""

    keep(store, [mention("m1"), mention("m2", after=2 * DAY, thread="m1")], exclude=start)
    assert [(case.excluded, case.counts, case.status) for case in store.cases()] == [
        ("before_start", False, Status.OPEN),
        ("", True, Status.OPEN),
    ]
    keep(store, [mention("m3", "dinkes")], exclude=lambda _: "internal")
    assert [case.excluded for case in store.cases(status="excluded")] == ["internal"]


def test_a_letter_nul_in_a_mail_stops_nobody(store: Store) -> None:
    kept = mention("m1", text="halo\0dunia", subject="\0", ref={"folder": "IN\0BOX"})
    page = Page((kept,), "uji/1:1", unreadable=(Unreadable(id="x\0", reason="bad \0 header"),))
    with store.writing() as connection:
        taking = intake(store, connection)
        store.keep(taking, connection, page, account="dinsos-uji", stream="mentions", now=NOW)
    assert only(store).text == "halodunia"
    assert store.counts()["unreadable"] == 1
    assert store.verify() == []


# ---- transactions


def test_cursor_and_messages_are_kept_together_or_not_at_all(store: Store) -> None:
    class TornError(Exception):
        pass

    def tear(_: str) -> tuple[bool, str]:
        raise TornError

    keep(store, [mention("m1")], cursor="uji/1:1")
    before = rows(store)
    with pytest.raises(TornError), store.writing() as connection:
        taking = intake(store, connection)
        page = Page((mention("m2", "budi"),), "uji/1:2")
        store.keep(taking, connection, page, account="dinsos-uji", stream="mentions", now=NOW)
        raise TornError
    with pytest.raises(TornError):
        keep(store, [answer("a1", "m1")], cursor="uji/1:3", judge=tear)
    assert rows(store) == before
    assert store.cursor("dinsos-uji", "mentions") == "uji/1:1"
    assert store.cursor("dinsos-uji", "answers") is None


def test_an_account_that_is_no_longer_configured_is_closed_and_comes_back(store: Store) -> None:
    both = [AccountRow("a", "dinsos", "uji", "a"), AccountRow("b", "dinsos", "uji", "b")]
    first = store.register(both, START)
    store.register(both[:1], START + DAY)
    assert sql(store, "SELECT key FROM accounts WHERE closed_us IS NOT NULL") == [("b",)]
    assert store.register(both, NOW) == first
    assert sql(store, "SELECT key FROM accounts WHERE closed_us IS NOT NULL") == []


def test_an_hour_in_which_an_account_was_heard_once_is_covered(store: Store) -> None:
    store.poll("a", START, error="tidak menjawab")
    assert store.silent(START) == [("a", "tidak menjawab")]
    store.poll("a", START)
    store.poll("a", START, error="tidak menjawab")
    assert store.silent(START) == []
    store.poll("a", START + timedelta(hours=1), error="padam")
    assert store.silent(START) == [("a", "padam")]


# ---- the event log


def test_the_log_goes_on_after_any_cursor(store: Store) -> None:
    case_id = seed(store)
    whole = list(store.events())
    assert [logged.event.type for logged in whole] == ["received", "received", "answered"]
    for place, logged in enumerate(whole, 1):
        assert list(store.events(logged.cursor)) == whole[place:]
    store.record(case_id, [Assigned(to="bidang", at=START)], NOW)  # old, but recorded later
    (new,) = store.events(whole[-1].cursor)
    assert (new.case_id, new.event.type) == (case_id, "assigned")


@pytest.mark.parametrize("wrong", ["events/2:1", "1", "events/1:-1", f"events/1:{'9' * 30}"])
def test_a_cursor_of_another_log_is_refused(store: Store, wrong: str) -> None:
    with pytest.raises(StoreError, match="begin again"):
        list(store.events(wrong))


def test_nobody_reads_past_an_event_that_another_thread_is_still_writing(store: Store) -> None:
    case_id = seed(store)
    start = list(store.events())[-1].cursor
    writers, each = 4, 15
    seen: list[str] = []
    done = threading.Event()

    def write(writer: int) -> None:
        for number in range(each):
            store.record(case_id, [Assigned(to=f"{writer}-{number}")], NOW)

    def read() -> None:
        cursor, last = start, False
        while True:
            last = done.is_set()
            for logged in store.events(cursor):
                cursor = logged.cursor
                assert isinstance(logged.event, Assigned)
                seen.append(logged.event.to)
            if last:
                return

    with ThreadPoolExecutor(writers + 1) as pool:
        reader = pool.submit(read)
        try:
            for finished in [pool.submit(write, writer) for writer in range(writers)]:
                finished.result()
        finally:
            done.set()  # else the pool would wait for the reader for ever
        reader.result()
    assert len(seen) == writers * each
    assert set(seen) == {f"{writer}-{n}" for writer in range(writers) for n in range(each)}
    assert store.verify() == []


def test_the_same_event_is_recorded_once(store: Store) -> None:
    case_id = seed(store)
    event = Assigned(to="bidang", at=START)
    assert len(store.record(case_id, [event, event], NOW).events) == 1
    assert store.record(case_id, [event], NOW).events == []
    with pytest.raises(ConfigError, match="no case"):
        store.record("dinsos-tidakada", [event], NOW)


# ---- the chain


def test_an_untouched_store_verifies(store: Store) -> None:
    seed(store)
    assert store.verify() == []


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("UPDATE events SET body = replace(body, 'true', 'false') WHERE n = 2", "was changed"),
        ("UPDATE events SET at_us = at_us - 1 WHERE n = 2", "chain breaks"),
        ("UPDATE messages SET text = 'lain' WHERE direction = 'in'", "was changed"),
        ("UPDATE messages SET handle = 'orang_lain' WHERE direction = 'in'", "was changed"),
        ("DELETE FROM events WHERE n = 2", "last events are missing"),
        ("DELETE FROM events WHERE n = 1", "chain breaks"),
        ("DELETE FROM events", "has no events"),
        ("DELETE FROM messages WHERE direction = 'out'", "is missing"),
        ("UPDATE messages SET case_id = NULL WHERE direction = 'out'", "is missing"),
        ("UPDATE cases SET answered_us = opened_us", "answered_us of the case"),
        ("UPDATE cases SET status = 'resolved', excluded = 'spam'", "excluded, status of the"),
    ],
)
def test_tampering_is_found(store: Store, tampering: str, told: str) -> None:
    seed(store)
    assert sql(store, tampering) > 0
    assert told in " ".join(store.verify())


def test_events_in_another_order_are_found(store: Store) -> None:
    seed(store)
    for old, new in ((0, 9), (1, 0), (9, 1)):
        sql(store, "UPDATE events SET n = :new WHERE n = :old", old=old, new=new)
    assert "chain breaks" in " ".join(store.verify())


def test_words_that_are_sealed_anew_do_not_fit_the_chain(store: Store) -> None:
    """Who can write the database can make a digest that fits; the chain holds the old one."""
    seed(store)
    with store.writing() as connection:
        row = intake(store, connection)._rows.outgoing("x", answer("a1", "m1", text="palsu"))
    sql(
        store,
        "UPDATE messages SET text = 'palsu', salt = :salt, digest = :digest,"
        " created_us = :at WHERE direction = 'out'",
        salt=row["salt"],
        digest=row["digest"],
        at=row["created_us"],
    )
    assert store.verify() != []
    assert "was replaced" in " ".join(store.verify())


def test_a_case_that_vanishes_whole_changes_the_digest_of_all_heads(store: Store) -> None:
    seed(store)
    keep(store, [mention("m9", "budi")])
    before = store.heads()
    assert store.heads() == before
    case_id = next(case.id for case in store.cases() if case.author.name == "Budi Contoh")
    for table, column in (("messages", "case_id"), ("events", "case_id"), ("cases", "id")):
        sql(store, f"DELETE FROM {table} WHERE {column} = :which", which=case_id)
    assert store.verify() == []
    assert store.heads() != before


# ---- forgetting


def test_what_is_forgotten_is_gone_and_every_count_stays(store: Store) -> None:
    case_id = seed(store)
    keep(store, [mention("m8", "budi")])
    note = read_event('{"type": "asked", "what": "fotokopi KTP Wati"}')
    store.record(case_id, [note, Answered(at=START + 3 * DAY, key="k")], NOW)
    heads, counts = store.heads(), store.counts()
    assert store.forget("uji", "@WATI_contoh") == 3
    assert store.verify() == []
    assert (store.heads(), store.counts()) == (heads, counts)
    case = store.case(case_id)
    assert case is not None
    assert (case.contacts, case.answered, case.author.name) == (1, START + 2 * DAY, "")
    assert {item.text for item in case.thread} == {"(dihapus atas permintaan)"}
    shown = f"{case!r}{store.events_of(case_id)!r}"
    assert not [word for word in ("Wati", "wati_contoh", "Pesan m") if word in shown]
    assert next(case for case in store.cases() if case.id != case_id).text.startswith("Pesan m8")


def test_forgetting_reaches_what_was_set_aside_under_the_person_s_id(store: Store) -> None:
    keep(store, [mention("m1")])
    with store.writing() as connection:
        aside = [
            Unreadable(f"at://{who}/post/1", "text (missing)") for who in ("id-wati", "id-budi")
        ]
        store.set_aside(connection, aside, account="dinsos-uji", stream="mentions", now=NOW)
    store.forget("uji", "wati_contoh")
    assert sql(store, "SELECT native_id FROM unreadable") == [("at://id-budi/post/1",)]


def test_what_is_forgotten_is_not_fetched_anew(store: Store) -> None:
    seed(store)
    keep(store, [mention("m0", automatic=True)])
    keep(store, [answer("a0", "m0", text="kepada Wati")])  # in no case, and yet about her
    assert store.forget("uji", "id-wati") == 5
    before = rows(store)
    keep(store, [mention("m0", automatic=True), mention("m1"), mention("m2", after=DAY)])
    keep(store, [answer("a0", "m0"), answer("a1", "m1", after=2 * DAY)])
    assert rows(store) == before
    assert store.forget("uji", "id-wati") == 0
    assert store.forget("uji", "tidak_ada") == 0


def test_who_was_forgotten_can_write_again(store: Store) -> None:
    case_id = seed(store)
    store.forget("uji", "id-wati")
    keep(store, [mention("m7", after=9 * DAY)])
    found = {case.id: case.text for case in store.cases()}
    assert found.pop(case_id) == "(dihapus atas permintaan)"
    assert list(found.values()) == ["Pesan m7: bantuan belum sampai."]
    assert store.verify() == []


# ---- opening


def test_a_store_is_opened_by_many_at_once(url: str) -> None:
    def use(number: int) -> str:
        with Store(url) as mine:
            keep(mine, [mention("m1"), mention(f"n{number}", f"warga{number}")])
            return mine.keys.message("uji", "a", "m1")

    with ThreadPoolExecutor(6) as pool:
        keys = set(pool.map(use, range(6)))
    assert len(keys) == 1  # one pepper for all
    with Store(url) as again:
        assert again.counts()["messages"] == 7
        assert again.verify() == []


def test_a_store_of_a_newer_program_is_refused_with_the_way_out(url: str) -> None:
    with Store(url) as newer:
        sql(newer, "UPDATE pelayanan_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="pip install --upgrade pelayanan"):
        Store(url)


def test_the_views_are_there_for_others_to_read(store: Store) -> None:
    seed(store)
    messages = sql(store, "SELECT handle, text, direction FROM v_messages ORDER BY created_at")
    assert messages[0] == ("wati_contoh", "Pesan m1: bantuan belum sampai.", "in")
    ((status, opened, answered),) = sql(
        store, "SELECT status, opened_at, answered_at FROM v_cases WHERE left_at IS NULL"
    )
    assert status == "answered"
    assert (str(opened)[:10], str(answered)[:10]) == ("2026-11-02", "2026-11-04")
    assert sql(store, "SELECT id, occurred_at FROM v_aid") == []


# ---- signals


def test_signals_are_heard_once_listed_in_parts_taken_up_and_kept_for_a_while(store: Store) -> None:
    minute = timedelta(minutes=1)
    said = [mention(f"s{n}", f"warga{n % 7}", after=n // 3 * minute) for n in range(2 * PART + 5)]
    with store.writing() as connection:
        signals = Signals(connection, store.keys, {"uji": ["dinsos-uji"]})
        assert signals.hear(said, watch="w", now=NOW) == len(said)
        assert signals.hear(said[::-1], watch="w", now=NOW) == 0
        found: list[Signal] = []
        last: Signal | None = None
        while not found or last is not None:
            part, last = signals.part(since=None, taken=False, after=last)
            found += part
        assert sorted(each.mention.id for each in found) == sorted(each.id for each in said)
        assert [each.mention.created_at for each in found] == sorted(
            (each.created_at for each in said), reverse=True
        )
        signals.take(found[-1].id, case_id="dinsos-1", by="rina", now=NOW)
        assert signals.purge(START + 10 * minute) == 29
        kept = signals.get(found[-1].id)
        assert kept is not None
        assert (kept.case_id, kept.taken_by) == ("dinsos-1", "rina")
    assert store.forget("uji", "warga1_contoh") > 0
    with store.reading() as connection:
        left, _ = Signals(connection, store.keys, {}).part(since=None, taken=True)
    assert "warga1_contoh" not in {each.mention.author.handle for each in left}


def test_what_was_published_first_stays(store: Store) -> None:
    with store.writing() as connection:
        assert publication(connection, "2026-10", "end") is None
        assert keep_publication(connection, "2026-10", "end", "satu", NOW) == "satu"
        assert keep_publication(connection, "2026-10", "end", "dua", NOW) == "satu"
        assert keep_publication(connection, "2026-10", "final", "tiga", NOW) == "tiga"
    with store.reading() as connection:
        assert publication(connection, "2026-10", "end") == "satu"
