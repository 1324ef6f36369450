"""The desk: drafts, approvals, outcomes, what comes by phone, and the publication of aid."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mail_towns import FakeMailTown
from pelayanan import Client, Desk, Mention
from pelayanan.aid import AidEvent, AidItem, AidStatus, Consent, Funding
from pelayanan.cases import Answered, Assigned, Promised, Resolved, Status, Triaged
from pelayanan.errors import ConfigError, StoreError
from pelayanan.models import Author, Kind
from pelayanan.platforms import Bluesky, Mastodon
from pelayanan.reply import Draft, DraftState
from pelayanan.store.ledger import Ledger
from towns import MONDAY, Clock, FakeTown, config

GOOD = "Bantuan Ibu sudah terdaftar; petugas Bidang Contoh datang besok pukul 9."


@pytest.fixture
def desk(town: FakeTown, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    made = config(town, tmp_path, reply={"own_contacts": ["0736-21450"]})
    with (
        Client(
            transport=town.transport, sleep=lambda seconds: clock.after(seconds=seconds)
        ) as client,
        Desk.open(made, client=client, clock=clock) as opened,
    ):
        yield opened


def asked(desk: Desk, town: FakeTown, text: str = "bantuan belum sampai", who: str = "wati") -> str:
    """A citizen's message, fetched; returns its case."""
    uri = town.post(town.citizen(who), f"@dinsos.test {text}")
    desk.sync()
    found = desk.case_of("dinsos-bsky", uri)
    assert found is not None
    return found


def answers(town: FakeTown, desk: Desk, case_id: str) -> list[str]:
    (post,) = [post["uri"] for post in town.network.posts() if "reply" not in post["record"]]
    assert desk.case_of("dinsos-bsky", post) == case_id
    return town.replies(post)


def test_an_event_of_a_year_that_no_calendar_knows_is_refused(desk: Desk, town: FakeTown) -> None:
    case_id = asked(desk, town)
    with pytest.raises(ConfigError, match="give when it happened"):
        desk.record(case_id, Resolved(at=MONDAY.replace(year=1971)))
    assert desk.case(case_id).status is Status.OPEN


# ---- writing


def test_a_reply_is_read_approved_and_sent_in_one(desk: Desk, town: FakeTown) -> None:
    case_id = asked(desk, town)
    draft = desk.reply(case_id, f"  {GOOD} ", by="rina")
    assert (draft.state, draft.needs, draft.by, draft.approved_by) == (
        DraftState.CONFIRMED,
        (),
        "rina",
        "rina",
    )
    assert answers(town, desk, case_id) == [GOOD]
    case = desk.case(case_id)
    assert (case.status, case.answered) == (Status.ANSWERED, draft.sent_at)
    assert [item.direction for item in case.thread] == ["in", "out"]


def test_the_same_text_is_the_same_draft_and_goes_out_once(desk: Desk, town: FakeTown) -> None:
    case_id = asked(desk, town)
    first = desk.draft(case_id, GOOD, by="rina")
    assert desk.draft(case_id, f"{GOOD}\n", by="budi") == first
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: desk.reply(case_id, GOOD, by="rina"), range(4)))
    assert {draft.id for draft in done} == {first.id}
    desk.send()
    assert answers(town, desk, case_id) == [GOOD]
    assert desk.sync().accounts[0].answers == 0  # the ledger's answer and the platform's are one
    told = [event for event in desk.store.events_of(case_id) if isinstance(event, Answered)]
    assert [event.source for event in told] == ["ledger"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("NIK Ibu 1771014101900001 sudah terdaftar.", "memuat NIK"),
        ("Hubungi petugas kami di 0812-3456-7890 ya.", "memuat nomor telepon"),
        ("Baik. " * 400, "terlalu panjang: 2399 dari paling banyak 300"),
        ("  ", "teks kosong"),
    ],
)
def test_a_text_that_may_not_go_out_waits_with_the_reason(
    desk: Desk, town: FakeTown, text: str, told: str
) -> None:
    case_id = asked(desk, town)
    draft = desk.reply(case_id, text, by="rina")
    assert draft.state is DraftState.DRAFTED
    assert told in draft.needs[0]
    with pytest.raises(ConfigError, match=f"may not go out: .*{told}"):
        desk.approve(draft.id, by="sekretaris")
    assert desk.send().drafts == ()
    assert answers(town, desk, case_id) == []


def test_the_agencys_own_number_may_be_shown(desk: Desk, town: FakeTown) -> None:
    text = "Bantuan Ibu siap diambil besok; telepon kami di (0736) 21450."
    assert desk.reply(asked(desk, town), text, by="rina").state is DraftState.CONFIRMED


def test_a_sensitive_kind_needs_another_person(desk: Desk, town: FakeTown) -> None:
    case_id = asked(desk, town)
    desk.record(case_id, Triaged(kind=Kind.PENGADUAN_PENGAWASAN, source="rule"))
    draft = desk.reply(case_id, GOOD, by="rina")
    assert (draft.state, len(draft.needs)) == (DraftState.DRAFTED, 1)
    assert "orang kedua" in draft.needs[0]
    with pytest.raises(ConfigError, match="another person"):
        desk.approve(draft.id, by=" Rina")
    approved = desk.approve(draft.id, by="sekretaris")
    assert (approved.state, approved.needs) == (DraftState.APPROVED, ())
    assert desk.send().sent == 1
    assert answers(town, desk, case_id) == [GOOD]


def test_who_else_is_answering_the_citizen_is_told(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    case_id = asked(desk, town)
    desk.draft(case_id, "Sedang kami periksa datanya di Bidang Contoh.", by="budi")
    draft = desk.reply(case_id, GOOD, by="rina")
    assert draft.state is DraftState.DRAFTED
    assert draft.needs == (
        "budi sedang menjawab warga ini: sepakati dulu, lalu `pelayanan approve`",
    )
    clock.after(minutes=15)
    assert desk.draft(case_id, "Jawaban lain yang sama sekali baru.", by="sari").needs == ()
    assert desk.approve(draft.id, by="rina").state is DraftState.APPROVED  # they agreed


def test_a_draft_of_nothing_is_refused(desk: Desk) -> None:
    for call in (
        lambda: desk.draft("dinsos-x", GOOD, by="rina"),
        lambda: desk.approve("x", by="rina"),
        lambda: desk.settle("x", sent=True, by="rina"),
        lambda: desk.case("x"),
        lambda: desk.record("x", Resolved()),
    ):
        with pytest.raises(ConfigError, match="there is no"):
            call()


def test_the_outbox_lists_by_state_and_case(desk: Desk, town: FakeTown, clock: Clock) -> None:
    one, two = asked(desk, town), asked(desk, town, who="budi")
    first = desk.draft(one, GOOD, by="rina")
    clock.after(minutes=1)
    second = desk.reply(two, GOOD, by="rina")
    assert [draft.id for draft in desk.outbox()] == [first.id, second.id]
    assert [draft.id for draft in desk.outbox(state="confirmed")] == [second.id]
    assert [draft.id for draft in desk.outbox(case_id=one)] == [first.id]
    with pytest.raises(ValueError, match="tidak"):
        desk.outbox(state="tidak")


def test_who_was_forgotten_is_not_answered(desk: Desk, town: FakeTown) -> None:
    case_id = asked(desk, town)
    waiting = desk.approve(desk.draft(case_id, GOOD, by="rina").id, by="rina")
    assert desk.forget("bluesky", desk.case(case_id).author.handle) == 1
    with pytest.raises(StoreError, match="forgotten"):
        desk.draft(case_id, "Jawaban lain.", by="rina")
    desk.send()
    (left,) = desk.outbox()
    assert (left.id, left.state, left.text) == (waiting.id, DraftState.REFUSED, "")
    assert desk.verify() == []


# ---- outcomes that only a person can tell


def unknown(desk: Desk, case_id: str) -> Draft:
    """A draft that left and was never heard of again."""
    draft = desk.approve(desk.draft(case_id, GOOD, by="rina").id, by="rina")
    with desk.store.writing() as connection:
        Ledger(connection, desk.now).failed(draft.id, DraftState.UNKNOWN, "lost", "", "decide")
    return draft


def test_a_person_says_that_it_arrived(desk: Desk, town: FakeTown, clock: Clock) -> None:
    case_id = asked(desk, town)
    draft = unknown(desk, case_id)
    clock.after(hours=1)
    settled = desk.settle(draft.id, sent=True, by="rina")
    assert (settled.state, settled.needs) == (DraftState.CONFIRMED, ())
    case = desk.case(case_id)
    assert (case.status, case.answered) == (Status.ANSWERED, MONDAY)
    assert desk.send().drafts == ()
    with pytest.raises(ConfigError, match="nothing to settle"):
        desk.settle(draft.id, sent=False, by="rina")


def test_a_person_says_that_it_did_not_arrive(desk: Desk, town: FakeTown) -> None:
    case_id = asked(desk, town)
    draft = unknown(desk, case_id)
    assert desk.settle(draft.id, sent=False, by="rina").state is DraftState.APPROVED
    assert desk.send().sent == 1
    assert answers(town, desk, case_id) == [GOOD]


def test_a_mail_of_which_nobody_heard_goes_out_again_once_a_person_says_so(tmp_path: Path) -> None:
    """The draft in the mailbox that stops a second mail is gone with the person's word."""
    town: Any = FakeMailTown()
    with Desk.open(config(town, tmp_path), transport=town.transport) as desk:
        town.post("wati@warga.test", "@dinsos@prov.test bantuan belum sampai")
        assert desk.sync().new == 1
        case = next(desk.cases())
        town.server.fault("lost_reply")
        draft = desk.reply(case.id, GOOD, by="rina")
        assert draft.state is DraftState.UNKNOWN
        assert "pelayanan settle" in draft.needs[0]
        assert desk.send().sent == 0  # it is looked up, never sent again by itself
        assert len(town.server.messages("wati@warga.test")) == 1
        desk.settle(draft.id, sent=False, by="rina")
        assert desk.send().sent == 1
        assert len(town.server.messages("wati@warga.test")) == 2


# ---- cases


def test_cases_are_listed_by_status_agency_and_lateness(
    desk: Desk, town: FakeTown, clock: Clock
) -> None:
    late = asked(desk, town)
    clock.after(days=7)
    fresh = asked(desk, town, who="budi")
    done = asked(desk, town, who="sari")
    desk.reply(done, GOOD, by="rina")

    def ids(**more: Any) -> list[str]:
        return [case.id for case in desk.cases(**more)]

    assert ids()[0] == late
    assert set(ids()) == {late, fresh, done}
    assert ids(status="open") == [late, fresh]
    assert ids(status=Status.ANSWERED) == [done]
    assert ids(overdue=True) == [late]
    assert ids(agency="dinkes") == []
    with pytest.raises(ValueError, match="tidak"):
        ids(status="tidak")


def test_whatever_else_happens_is_recorded_with_one_verb(desk: Desk, town: FakeTown) -> None:
    case_id = asked(desk, town)
    event = Assigned(to="Bidang Contoh", by="rina", at=MONDAY)
    assert desk.record(case_id, event).assigned_to == "Bidang Contoh"
    desk.record(case_id, event)
    cursor = [logged.cursor for logged in desk.events()][-1]
    due = (MONDAY + timedelta(days=3)).date()
    case = desk.record(case_id, Answered(at=MONDAY), Promised(at=MONDAY, due=due, unit="Bidang"))
    assert [promise.due for promise in case.promises] == [due]
    assert [logged.event.type for logged in desk.events(cursor)] == ["answered", "promised"]
    assert desk.verify() == []


def by_phone(**more: Any) -> Mention:
    values: dict[str, Any] = {"text": "Beras belum sampai di RT 4.", "created_at": MONDAY}
    author = Author(id="loket-17", handle="", name="Wati Contoh")
    return Mention(platform="loket", id="2026-17", author=author, **(values | more))


def test_what_comes_by_phone_is_a_case_like_the_others(desk: Desk, town: FakeTown) -> None:
    case_id = desk.add_mention(by_phone(), agency="dinkes")
    assert desk.add_mention(by_phone(), agency="dinkes") == case_id
    assert desk.add_mention(by_phone(text="lagi"), agency="dinkes") == case_id
    case = desk.case(case_id)
    assert (case.agency, case.platform, case.status) == ("dinkes", "loket", Status.OPEN)
    assert (case.contacts, case.opened) == (0, MONDAY)
    draft = desk.reply(case_id, GOOD, by="rina")
    assert draft.needs == ("akun manual tidak dapat membalas: jawab lewat saluran lain",)
    answered = desk.record(case_id, Answered(at=MONDAY, by="rina", source="told"))
    assert answered.status is Status.ANSWERED
    with pytest.raises(ConfigError, match="no agency has key"):
        desk.add_mention(by_phone(), agency="dinkess")
    with pytest.raises(ConfigError, match="opens no case"):
        desk.add_mention(by_phone(automatic=True), agency="dinkes")
    assert town.network.posts() == []


def test_a_message_leads_to_its_case(desk: Desk, town: FakeTown) -> None:
    uri = town.post(town.citizen("wati"), "@dinsos.test halo")
    assert desk.case_of("dinsos-bsky", uri) is None
    desk.sync()
    case_id = desk.case_of("dinsos-bsky", uri)
    assert case_id is not None
    assert desk.case(case_id).text == "@dinsos.test halo"
    assert desk.case_of("dinkes-bsky", uri) is None
    with pytest.raises(ConfigError, match="no account 'x'; there are dinkes-bsky, dinsos-bsky"):
        desk.case_of("x", uri)


def test_messages_of_the_agencies_and_of_before_do_not_count(
    town: FakeTown, clock: Clock, tmp_path: Path
) -> None:
    town.post(town.citizen("wati"), "@dinsos.test sudah lama")
    clock.after(hours=2)
    made = config(town, tmp_path)
    accounts = [each.model_copy(update={"since": None}) for each in made.accounts]
    made = made.model_copy(update={"accounts": tuple(accounts)})
    with Desk.open(made, transport=town.transport, clock=clock) as desk:
        desk.sync()
        clock.after(hours=2)
        town.post("dinkes.test", "@dinsos.test mohon koordinasi")
        clock.after(minutes=1)
        town.post("wati.test", "@dinsos.test masih menunggu")
        desk.sync()
        assert [(case.excluded, case.counts) for case in desk.cases()] == [
            ("before_start", False),
            ("internal", False),
            ("", True),
        ]


def test_an_account_is_handed_out_as_what_it_is(desk: Desk) -> None:
    assert desk.account("dinsos-bsky", Bluesky).handle == "dinsos.test"
    with pytest.raises(ConfigError, match="is of bluesky, not Mastodon"):
        desk.account("dinsos-bsky", Mastodon)
    with pytest.raises(ConfigError, match="no account 'dinsos-fb'"):
        desk.account("dinsos-fb", Bluesky)
    assert desk.check("dinsos-bsky").ok


def test_threads_share_a_desk_and_its_accounts(town: FakeTown, tmp_path: Path) -> None:
    with Desk.open(config(town, tmp_path), transport=town.transport) as desk:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: desk.accounts["dinsos-bsky"], range(16)))
        assert len({id(account) for account in found}) == 1


# ---- aid


def event_of(**more: Any) -> AidEvent:
    values: dict[str, Any] = {
        "agency": "dinsos",
        "occurred_at": MONDAY,
        "region": "17.71.01.1001",
        "items": (AidItem(name="beras", quantity=Decimal(10), unit="kg"),),
        "funding": Funding.PATUNGAN_ASN,
        "voluntary": True,
    }
    return AidEvent(**(values | more))


def agreed(*scope: Any, **more: Any) -> Consent:
    return Consent(
        given_by="Ny. W. (contoh)",
        how="dibacakan, dijawab ya",
        given_at=MONDAY,
        scope=frozenset(scope),
        **more,
    )


@pytest.fixture
def photo(tmp_path: Path) -> Callable[[int], Path]:
    image = pytest.importorskip("PIL.Image")

    def made(number: int) -> Path:
        place = tmp_path / f"{number}.jpg"
        image.new("RGB", (64 + number, 48), (200, 30 * number, 40)).save(place)
        return place

    return made


TEXT = "ASN Dinas Contoh berbagi 12 paket beras untuk warga yang belum terjangkau bantuan."


def pictures(town: FakeTown) -> list[list[str]]:
    posts = town.network.posts(town.accounts["dinsos"][0])
    return [[each["alt"] for each in post["record"]["embed"]["images"]] for post in posts]


def test_the_same_event_logged_twice_is_one(desk: Desk) -> None:
    first = desk.aid.log(event_of())
    assert desk.aid.log(event_of()) == first
    other = desk.aid.log(event_of(parcels=3, occurred_at=MONDAY + timedelta(days=1)))
    assert [event.id for event in desk.aid.events()] == [first.id, other.id]
    assert first.recorded_at == MONDAY
    with pytest.raises(ConfigError, match="no agency has key"):
        desk.aid.log(event_of(agency="dinsoss"))
    with pytest.raises(ConfigError, match="there is no aid event"):
        desk.aid.get("aid-x")


def test_a_picture_without_consent_or_words_is_not_published_until_both_are_there(
    desk: Desk, town: FakeTown, photo: Callable[[int], Path]
) -> None:
    event = desk.aid.log(event_of())
    kept = desk.aid.attach(event.id, photo(1), alt=" ", consent=agreed("store"))
    draft = desk.aid.publish(event.id, account="dinsos-bsky", text=TEXT, by="rina")
    assert draft.state is DraftState.DRAFTED
    assert [need.partition(": ")[2] for need in draft.needs] == [
        "tulis dulu keterangannya (alt)",
        "tidak ada persetujuan untuk diterbitkan",
    ]
    with pytest.raises(ConfigError, match="tidak ada persetujuan"):
        desk.approve(draft.id, by="sekretaris")
    assert desk.send().drafts == ()

    again = desk.aid.attach(event.id, photo(1), alt="Tangan menerima beras", consent=None)
    assert (again.alt, again.consent_id) == ("Tangan menerima beras", kept.consent_id)
    desk.aid.attach(event.id, photo(1), alt="", consent=agreed("store", "publish"))
    sent = desk.aid.publish(event.id, account="dinsos-bsky", text=TEXT, by="rina")
    assert (sent.id, sent.state, sent.needs) == (draft.id, DraftState.CONFIRMED, ())
    assert pictures(town) == [["Tangan menerima beras"]]
    assert desk.aid.get(event.id).status is AidStatus.PUBLISHED


def test_choosing_other_pictures_never_lets_the_first_ones_out(
    desk: Desk, town: FakeTown, photo: Callable[[int], Path]
) -> None:
    event = desk.aid.log(event_of())
    desk.aid.attach(event.id, photo(1), alt="Wajah Ibu Contoh", consent=agreed("store"))
    free = desk.aid.attach(event.id, photo(2), alt="Paket beras", consent=None)
    publish = {"account": "dinsos-bsky", "text": TEXT, "by": "rina"}
    assert desk.aid.publish(event.id, **publish).state is DraftState.DRAFTED
    assert desk.aid.publish(event.id, **publish, media=[free.sha256]).state is DraftState.CONFIRMED
    assert pictures(town) == [["Paket beras"]]
    with pytest.raises(ConfigError, match="has no picture"):
        desk.aid.publish(event.id, **publish, media=["0" * 64])


def test_a_consent_that_does_not_cover_keeping_keeps_nothing(
    desk: Desk, photo: Callable[[int], Path], tmp_path: Path
) -> None:
    event = desk.aid.log(event_of())
    with pytest.raises(ConfigError, match='ask for "store"'):
        desk.aid.attach(event.id, photo(1), alt="Beras", consent=agreed("publish"))
    assert desk.aid.get(event.id).media == ()
    assert list(tmp_path.glob("media/*/*")) == []


def test_a_withdrawn_consent_lists_what_stands_and_stops_what_waits(
    desk: Desk, town: FakeTown, photo: Callable[[int], Path]
) -> None:
    event, other = desk.aid.log(event_of()), desk.aid.log(event_of(parcels=3))
    consent = agreed("store", "publish")
    kept = desk.aid.attach(event.id, photo(1), alt="Beras", consent=consent)
    desk.aid.attach(other.id, photo(2), alt="Gula", consent=consent)
    sent = desk.aid.publish(event.id, account="dinsos-bsky", text=TEXT, by="rina")
    desk.aid.publish(other.id, account="dinsos-bsky", text=TEXT, by="rina")
    town.network.fault("busy", times=9)
    waiting = desk.aid.publish(event.id, account="dinsos-bsky", text=f"{TEXT} (2)", by="rina")
    assert waiting.state is DraftState.APPROVED

    assert desk.aid.withdraw_consent(kept.consent_id or "") == [sent]
    assert desk.aid.withdraw_consent(kept.consent_id or "") == [sent]  # the same list again
    assert desk.send().sent == 0
    refused = next(draft for draft in desk.outbox() if draft.id == waiting.id)
    assert (refused.state, refused.error) == (DraftState.REFUSED, "consent withdrawn")
    with pytest.raises(ConfigError, match="tidak ada persetujuan"):
        desk.approve(refused.id, by="rina")
    new = desk.aid.publish(event.id, account="dinsos-bsky", text="Teks lain", by="rina")
    assert new.state is DraftState.DRAFTED
    assert pictures(town) == [["Beras"], ["Gula"]]
    with pytest.raises(ConfigError, match="there is no consent"):
        desk.aid.withdraw_consent("consent-x")


def test_what_a_platform_cannot_carry_is_told_before(
    desk: Desk, photo: Callable[[int], Path]
) -> None:
    event = desk.aid.log(event_of())
    for number in range(5):
        desk.aid.attach(event.id, photo(number), alt="Beras", consent=None)
    long = "Bantuan beras untuk warga. " * 20
    draft = desk.aid.publish(event.id, account="dinsos-bsky", text=long, by="rina")
    assert "paling banyak 4 gambar" in draft.needs[0]
    assert "terlalu panjang" in draft.needs[1]
    with pytest.raises(ConfigError, match="no account 'dinsos-ig'; there are"):
        desk.aid.publish(event.id, account="dinsos-ig", text=TEXT, by="rina")


def test_a_publication_that_arrives_late_is_published_all_the_same(
    desk: Desk, town: FakeTown
) -> None:
    event = desk.aid.log(event_of())
    town.network.fault("busy", times=9)
    waiting = desk.aid.publish(event.id, account="dinsos-bsky", text=TEXT, by="rina")
    assert waiting.state is DraftState.APPROVED
    assert desk.aid.get(event.id).status is AidStatus.DRAFT
    with desk.store.writing() as connection:
        Ledger(connection, desk.now).failed(waiting.id, DraftState.UNKNOWN, "lost")
    assert desk.settle(waiting.id, sent=True, by="rina").state is DraftState.CONFIRMED
    assert desk.aid.get(event.id).status is AidStatus.PUBLISHED
