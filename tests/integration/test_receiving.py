"""What was pushed and could not be read at once: it stays, and holds nobody up."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pelayanan import Client, Desk, Period
from pelayanan.desk import Config
from pelayanan.platforms import Manual
from pelayanan.platforms._meta_webhook import signature
from pelayanan.protocol.request import Request, Response
from pelayanan.store.tables import hooks, unreadable
from pelayanan.testing.fake_facebook import FakeFacebook
from pelayanan.testing.fake_instagram import FakeInstagram
from pelayanan.testing.fake_whatsapp import FakeWhatsApp

START = datetime(2026, 11, 2, 2, tzinfo=UTC)  # Monday, 09:00 in Bengkulu


class Clock:
    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings(folder: Path, *accounts: dict[str, Any]) -> Config:
    place = folder / "kunci"
    place.write_text("rahasia")
    place.chmod(0o600)
    secrets = {"token": "file:kunci", "app_secret": "file:kunci"}
    return Config.of(
        {
            "agencies": [{"key": "dinsos", "name": "Dinas Sosial"}],
            "accounts": [
                {
                    "agency": "dinsos",
                    "since": "2026-01-01",
                    **({} if each["platform"] == "manual" else secrets),
                    **each,
                }
                for each in accounts
            ],
        },
        folder=folder,
    )


@pytest.fixture
def instagram(clock: Clock) -> FakeInstagram:
    made = FakeInstagram(clock=clock, app_secret="rahasia")
    made.agency("1060", token="rahasia")
    return made


@pytest.fixture
def desk(instagram: FakeInstagram, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    account = {
        "key": "dinsos-ig",
        "platform": "instagram",
        "user_id": "1060",
        "username": "dinsos_contoh",
        "login": "facebook",
        "base_url": f"https://{instagram.host}",
        "inbox": False,
    }
    with (
        Client(transport=instagram, sleep=lambda _: None) as client,
        Desk.open(settings(tmp_path, account), client=client, clock=clock) as opened,
    ):
        yield opened


def push(desk: Desk, key: str, fake: Any, after: int = 0) -> None:
    for hook in fake.webhooks(after):
        assert desk.receive(key, dict(hook.headers), hook.body).status == 200


def waiting(desk: Desk) -> list[bytes]:
    with desk.store.reading() as connection:
        return list(connection.scalars(select(hooks.c.body).where(hooks.c.done_us.is_(None))))


def test_an_announced_message_is_fetched_later_and_the_sync_ends_meanwhile(
    desk: Desk, instagram: FakeInstagram
) -> None:
    theirs = instagram.citizen("warga.contoh").mention("@dinsos_contoh bantuan belum sampai")
    assert theirs
    instagram.fault("dead", times=4)
    push(desk, "dinsos-ig", instagram)
    assert len(waiting(desk)) == 1
    instagram.fault("dead", times=4)
    desk.sync()  # the body is tried once more and waits on
    assert len(waiting(desk)) == 1
    desk.sync()
    assert waiting(desk) == []
    assert ["bantuan belum sampai" in case.text for case in desk.cases()] == [True]


def test_what_is_pushed_for_an_account_whose_secret_is_away_waits_for_it(
    clock: Clock, tmp_path: Path
) -> None:
    fake = FakeWhatsApp(clock=clock, app_secret="rahasia")
    numbers = {"dinsos-wa": "1060", "dinkes-wa": "1070"}
    for number in numbers.values():
        fake.agency(number, token="rahasia")
    whatsapp = [
        {"key": key, "platform": "whatsapp", "phone_number_id": number}
        for key, number in numbers.items()
    ]
    whatsapp[1]["token"] = "file:kunci-lain"
    made = settings(tmp_path, *whatsapp)
    with Desk.open(made, transport=fake, clock=clock) as desk:
        fake.citizen("Wati Contoh", agency="1070").post("halo")
        (hook,) = fake.webhooks()
        assert desk.receive("dinkes-wa", dict(hook.headers), hook.body).status == 503
        push(desk, "dinsos-wa", fake)  # both numbers are of one app
        clock.now += timedelta(days=3)
        desk.sync()
        assert (list(desk.cases()), len(waiting(desk))) == ([], 1)
        (tmp_path / "kunci-lain").write_text("rahasia")
        (tmp_path / "kunci-lain").chmod(0o600)
        desk.sync()
        desk.sync()
        assert [case.account for case in desk.cases()] == ["dinkes-wa"]
        assert waiting(desk) == []


def test_forgetting_reaches_what_was_pushed_and_not_read(
    desk: Desk, instagram: FakeInstagram
) -> None:
    citizen = instagram.citizen("warga.contoh")
    post = instagram.officer().post("Jam layanan")
    citizen.comment(post, "tanya")
    push(desk, "dinsos-ig", instagram)
    with desk.store.writing() as connection:
        connection.execute(hooks.update().values(done_us=None, error="?", body=b'"warga.contoh"'))
    desk.forget("instagram", "warga.contoh")
    assert waiting(desk) == []


def test_a_comment_that_the_page_may_have_removed_stays_in_the_count(
    clock: Clock, tmp_path: Path
) -> None:
    fake = FakeFacebook(clock=clock, app_secret="rahasia")
    fake.agency("1060", token="rahasia")
    page = {"key": "dinsos-fb", "platform": "facebook", "page_id": "1060", "handle": "dinsos"}
    made = settings(tmp_path, page | {"base_url": f"https://{fake.host}"})
    with Desk.open(made, transport=fake, clock=clock) as desk:
        citizen = fake.citizen("Wati Contoh", page="1060")
        comment = citizen.comment(fake.officer("1060").post("Jam layanan"), "bantuan belum sampai")
        citizen.delete(comment)  # Meta tells the same where the Page does it
        push(desk, "dinsos-fb", fake)
        assert [case.status for case in desk.cases()] == ["open"]
        kinds = [told.event for told in desk.events()]
        (rows,) = [counts for _, counts in desk.tally(Period.month("2026-11"))]
    assert [(e.type, e.actor) for e in kinds if e.type == "withdrawn"] == [("withdrawn", "system")]
    assert (rows["n"], rows["censored_1"]) == (1, 1)


def test_a_deletion_of_what_was_never_told_is_let_go_after_a_day(
    clock: Clock, tmp_path: Path
) -> None:
    fake = FakeWhatsApp(clock=clock, app_secret="rahasia")
    fake.agency("1060", token="rahasia")
    whatsapp = {"key": "dinsos-wa", "platform": "whatsapp", "phone_number_id": "1060"}
    with Desk.open(settings(tmp_path, whatsapp), transport=fake, clock=clock) as desk:
        citizen = fake.citizen("Wati Contoh", agency="1060")
        citizen.revoke(citizen.post("salah kirim"))
        revoked = fake.webhooks()[-1]
        desk.receive("dinsos-wa", dict(revoked.headers), revoked.body)
        clock.now += timedelta(hours=23)
        desk.sync()
        assert len(waiting(desk)) == 1
        clock.now += timedelta(hours=2)
        desk.sync()
        assert waiting(desk) == []


def test_marks_of_what_was_read_are_kept_for_a_month(
    desk: Desk, instagram: FakeInstagram, clock: Clock
) -> None:
    instagram.citizen("warga.contoh").comment(instagram.officer().post("Jam layanan"), "tanya")
    push(desk, "dinsos-ig", instagram)
    clock.now += timedelta(days=31)
    desk.sync()
    with desk.store.reading() as connection:
        assert connection.scalars(select(hooks.c.id)).all() == []


def test_a_push_channel_counts_as_read_only_in_hours_that_prove_it_alive(
    clock: Clock, tmp_path: Path
) -> None:
    fake = FakeWhatsApp(clock=clock, app_secret="rahasia")
    fake.agency("1060", token="rahasia")
    whatsapp = {"key": "dinsos-wa", "platform": "whatsapp", "phone_number_id": "1060"}
    phone = {"key": "dinsos-telepon", "platform": "manual", "channel": "telepon"}
    made = settings(tmp_path, whatsapp, phone)
    with Desk.open(made, transport=fake, clock=clock) as desk:
        desk.sync()
        fake.citizen("Wati Contoh", agency="1060").post("halo")
        push(desk, "dinsos-wa", fake)
        clock.now += timedelta(hours=4)
        desk.sync()  # lists nothing, and so proves nothing
        call = Manual("telepon").mention(text="halo", at=clock.now, author_name="Budi Contoh")
        desk.add_mention(call, agency="dinsos")
        rows = [counts for _, counts in desk.tally(Period.month("2026-11"))]
    due = [counts for counts in rows if "polls_due" in counts]
    assert [(each["polls_due"], each["polls_done"]) for each in due] == [(4, 1)]


# ---- what citizens take back or change, in any order


@pytest.fixture
def whatsapp(clock: Clock) -> FakeWhatsApp:
    made = FakeWhatsApp(clock=clock, app_secret="rahasia")
    made.agency("1060", token="rahasia")
    return made


@pytest.fixture
def chat(whatsapp: FakeWhatsApp, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    account = {"key": "dinsos-wa", "platform": "whatsapp", "phone_number_id": "1060"}
    with Desk.open(settings(tmp_path, account), transport=whatsapp, clock=clock) as opened:
        yield opened


def test_who_takes_back_one_of_several_messages_still_waits(
    chat: Desk, whatsapp: FakeWhatsApp, clock: Clock
) -> None:
    wati = whatsapp.citizen("Wati Contoh")
    slip = wati.post("bantuam belum sampai")
    again = wati.post("bantuan belum sampai")
    wati.revoke(slip)
    push(chat, "dinsos-wa", whatsapp)
    (case,) = chat.cases()
    assert (case.status, case.left, case.contacts) == ("open", None, 1)
    clock.now += timedelta(minutes=5)
    seen = len(whatsapp.webhooks())
    wati.revoke(again)
    push(chat, "dinsos-wa", whatsapp, seen)
    (case,) = chat.cases()
    assert (case.status, case.left_how, case.left) == ("left", "deleted", clock.now)
    assert chat.verify() == []


def test_a_message_that_arrives_after_its_forerunner_was_taken_back_still_waits(
    chat: Desk, whatsapp: FakeWhatsApp, clock: Clock
) -> None:
    wati = whatsapp.citizen("Wati Contoh")
    slip = wati.post("bantuam belum sampai")
    wati.post("bantuan belum sampai")
    clock.now += timedelta(minutes=5)
    wati.revoke(slip)
    first, second, gone = whatsapp.webhooks()
    for hook in (first, gone, second):
        chat.receive("dinsos-wa", dict(hook.headers), hook.body)
    assert [case.text for case in chat.cases(status="open")] == ["bantuan belum sampai"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_change_that_arrives_before_its_message_ends_in_the_same_case(
    chat: Desk, whatsapp: FakeWhatsApp, clock: Clock, order: tuple[int, int]
) -> None:
    wati = whatsapp.citizen("Wati Contoh")
    message = wati.post("bantuam belum sampai")
    clock.now += timedelta(minutes=3)
    wati.edit(message, "bantuan belum sampai")
    told = whatsapp.webhooks()
    for number in order:
        chat.receive("dinsos-wa", dict(told[number].headers), told[number].body)
    chat.sync()
    (case,) = chat.cases()
    assert case.opened == START
    thread = chat.case(case.id).thread
    assert [(item.text, item.edited) for item in thread] == [
        ("bantuam belum sampai", False),
        ("bantuan belum sampai", True),
    ]


def test_a_change_whose_message_never_arrives_is_a_message_at_the_next_sync(
    chat: Desk, whatsapp: FakeWhatsApp
) -> None:
    wati = whatsapp.citizen("Wati Contoh")
    wati.edit(wati.post("bantuam belum sampai"), "bantuan belum sampai")
    _, change = whatsapp.webhooks()
    chat.receive("dinsos-wa", dict(change.headers), change.body)
    assert list(chat.cases()) == []
    chat.sync()
    assert [case.text for case in chat.cases()] == ["bantuan belum sampai"]
    assert waiting(chat) == []


def test_several_changes_in_one_body_are_all_kept_in_their_order(
    chat: Desk, whatsapp: FakeWhatsApp
) -> None:
    wati = whatsapp.citizen("Wati Contoh")
    message = wati.post("bantuam")
    for text in ("bantuan", "bantuan belum", "bantuan"):
        wati.edit(message, text)
    first, *changes = whatsapp.webhooks()
    chat.receive("dinsos-wa", dict(first.headers), first.body)
    entries = [entry for each in changes for entry in json.loads(each.body)["entry"]]
    body = json.dumps({**json.loads(first.body), "entry": entries}).encode()
    signed = {"x-hub-signature-256": signature("rahasia", body)}
    assert chat.receive("dinsos-wa", signed, body).status == 200
    (case,) = chat.cases()
    thread = chat.case(case.id).thread
    assert [item.text for item in thread] == ["bantuam", "bantuan", "bantuan belum", "bantuan"]


def test_the_first_wording_that_is_told_late_is_no_change(
    chat: Desk, whatsapp: FakeWhatsApp
) -> None:
    wati = whatsapp.citizen("Wati Contoh")
    message = wati.post("bantuam belum sampai")
    wati.edit(message, "bantuan belum sampai")
    first, change = whatsapp.webhooks()
    chat.receive("dinsos-wa", dict(first.headers), first.body)
    chat.receive("dinsos-wa", dict(change.headers), change.body)
    again = first.body + b" "  # the same once more, which no mark of a body knows
    signed = {"x-hub-signature-256": signature("rahasia", again)}
    assert chat.receive("dinsos-wa", signed, again).status == 200
    (case,) = chat.cases()
    assert [item.text for item in chat.case(case.id).thread][1:] == ["bantuan belum sampai"]


def test_a_changed_comment_is_found_by_the_second_look_and_late_webhooks_add_nothing(
    clock: Clock, tmp_path: Path
) -> None:
    facebook = FakeFacebook(clock=clock, app_secret="rahasia")
    facebook.agency("1060", token="rahasia")
    account = {"key": "dinsos-fb", "platform": "facebook", "page_id": "1060"}
    account |= {"base_url": f"https://{facebook.host}"}
    with (
        Client(transport=facebook, sleep=lambda _: None) as client,
        Desk.open(settings(tmp_path, account), client=client, clock=clock) as desk,
    ):
        wati = facebook.citizen("Wati Contoh")
        post = facebook.officer().post("Jam layanan")
        assert not desk.sync().failed
        comment = wati.comment(post, "bantuan belum sampai")
        clock.now += timedelta(minutes=1)
        desk.sync()
        wati.edit(comment, "bantuan belum sampai sejak Juli")
        clock.now += timedelta(days=1)
        desk.sync()
        push(desk, "dinsos-fb", facebook)
        (case,) = desk.cases()
        assert [item.edited for item in desk.case(case.id).thread] == [False, True]


@pytest.mark.parametrize("counted", ["by the next sync", "by nobody"])
def test_one_pushed_text_to_many_is_no_answer_whoever_of_them_is_forgotten(
    chat: Desk, whatsapp: FakeWhatsApp, counted: str
) -> None:
    for number in range(11):
        asked = whatsapp.citizen(f"Warga {number}", number=f"6281200{number:04d}").post("kapan?")
        whatsapp.officer().reply(asked, "Data bantuan sedang kami perbarui, silakan ke loket dua.")
    push(chat, "dinsos-wa", whatsapp)
    assert {case.status for case in chat.cases()} == {"answered"}
    if counted == "by the next sync":
        chat.sync()
        assert {case.status for case in chat.cases()} == {"open"}
    assert chat.forget("whatsapp", "62812000003") == 2
    assert len(list(chat.claims())) == 11
    assert {case.status for case in chat.cases()} == {"open"}


# ---- what cannot be read


def set_aside(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.reading() as connection:
        told = select(unreadable.c.native_id, unreadable.c.reason)
        return [(row.native_id, row.reason) for row in connection.execute(told)]


def test_a_message_in_a_webhook_that_cannot_be_read_is_set_aside_with_its_reason(
    chat: Desk, whatsapp: FakeWhatsApp
) -> None:
    whatsapp.citizen("Wati Contoh").post("bantuan belum sampai")
    (hook,) = whatsapp.webhooks()
    told = json.loads(hook.body)
    value = told["entry"][0]["changes"][0]["value"]
    strange = {"id": "wamid.ANEH", "timestamp": "kemarin", "type": "text", "from": "62812"}
    value["messages"].append(strange)
    body = json.dumps(told).encode()
    signed = {"x-hub-signature-256": signature("rahasia", body)}
    assert chat.receive("dinsos-wa", signed, body).status == 200
    assert [case.text for case in chat.cases()] == ["bantuan belum sampai"]
    ((native_id, reason),) = set_aside(chat)
    assert native_id == "wamid.ANEH"
    assert "timestamp" in reason


def blinded(fake: FakeInstagram, patch: pytest.MonkeyPatch) -> None:
    """Let nothing be seen that was announced: so Meta answers too where rights lack."""
    real = fake.http

    def blind(request: Request) -> Response:
        refused = b'{"error": {"code": 100, "error_subcode": 33, "message": "?"}}'
        return Response(400, {}, refused) if "mentioned" in repr(request.params) else real(request)

    patch.setattr(fake, "http", blind)


def test_an_announced_message_that_is_out_of_sight_is_looked_for_a_day_and_set_aside(
    desk: Desk, instagram: FakeInstagram, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = instagram.citizen("warga.contoh").mention("@dinsos_contoh bantuan belum sampai")
    blinded(instagram, monkeypatch)
    push(desk, "dinsos-ig", instagram)
    clock.now += timedelta(hours=23)
    desk.sync()
    assert (len(waiting(desk)), set_aside(desk)) == (1, [])
    clock.now += timedelta(hours=2)
    desk.sync()
    assert waiting(desk) == []
    ((native_id, reason),) = set_aside(desk)
    assert native_id == theirs
    assert "out of sight" in reason


def test_however_many_are_out_of_sight_a_sync_asks_for_some_of_them(
    desk: Desk, instagram: FakeInstagram, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        instagram.citizen("warga.contoh").mention(f"@dinsos_contoh {number}")
    blinded(instagram, monkeypatch)
    push(desk, "dinsos-ig", instagram)
    blind, asked = instagram.http, list[Request]()

    def counting(request: Request) -> Response:
        asked.append(request)
        return blind(request)

    monkeypatch.setattr(instagram, "http", counting)
    desk.sync()
    assert len([each for each in asked if "mentioned" in repr(each.params)]) == 20
    monkeypatch.undo()
    desk.sync()
    assert len(list(desk.case(next(desk.cases()).id).thread)) == 30


def test_an_announced_message_that_comes_into_sight_is_kept(
    desk: Desk, instagram: FakeInstagram, monkeypatch: pytest.MonkeyPatch
) -> None:
    instagram.citizen("warga.contoh").mention("@dinsos_contoh bantuan belum sampai")
    with monkeypatch.context() as patch:
        blinded(instagram, patch)
        push(desk, "dinsos-ig", instagram)
    desk.sync()
    assert (waiting(desk), set_aside(desk)) == ([], [])
    assert ["bantuan belum sampai" in case.text for case in desk.cases()] == [True]


@pytest.mark.parametrize(
    ("status", "code", "left"), [(400, 100, 0), (400, 10, 1), (500, 2, 1), (200, -1, 0)]
)
def test_an_announced_message_that_cannot_be_had_holds_up_nothing_beside_it(
    desk: Desk,
    instagram: FakeInstagram,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    status: int,
    code: int,
    left: int,
) -> None:
    instagram.citizen("warga.contoh").mention("@dinsos_contoh bantuan belum sampai")
    (hook,) = instagram.webhooks()
    told = json.loads(hook.body)
    said = {"id": "17", "text": "kapan buka?", "from": {"id": "9", "username": "budi.contoh"}}
    told["entry"][0]["changes"].append({"field": "comments", "value": said})
    body = json.dumps(told).encode()
    real = instagram.http

    def refusing(request: Request) -> Response:
        refused = b"[]" if code < 0 else json.dumps({"error": {"code": code}}).encode()
        asked = "mentioned" in repr(request.params)
        return Response(status, {}, refused) if asked else real(request)

    monkeypatch.setattr(instagram, "http", refusing)
    signed = {"x-hub-signature-256": signature("rahasia", body)}
    assert desk.receive("dinsos-ig", signed, body).status == 200
    assert [case.text for case in desk.cases()] == ["kapan buka?"]
    clock.now += timedelta(days=2)  # what may be mended is asked for until it is
    desk.sync()
    assert (len(waiting(desk)), len(set_aside(desk))) == (left, 1 - left)


# ---- one address for the accounts of a whole province


@pytest.mark.parametrize("kind", [FakeInstagram, FakeWhatsApp, FakeFacebook])
def test_what_is_pushed_to_one_address_reaches_the_account_it_is_for(
    kind: Any, clock: Clock, tmp_path: Path
) -> None:
    fake = kind(clock=clock, app_secret="rahasia")
    for number in ("1060", "1070"):
        fake.agency(number, token="rahasia")
    of_platform: dict[Any, dict[str, Any]] = {
        FakeInstagram: {"platform": "instagram", "login": "facebook", "inbox": False},
        FakeWhatsApp: {"platform": "whatsapp"},
        FakeFacebook: {"platform": "facebook", "inbox": False},
    }
    place = {FakeInstagram: "user_id", FakeWhatsApp: "phone_number_id", FakeFacebook: "page_id"}
    name = "username" if kind is FakeInstagram else "handle"
    accounts = [
        {"key": key, **of_platform[kind], place[kind]: number, name: f"{key}_contoh"}
        for key, number in (("satu", "1060"), ("dua", "1070"))
    ]
    with Desk.open(settings(tmp_path, *accounts), transport=fake, clock=clock) as desk:
        if kind is FakeWhatsApp:
            fake.citizen("Wati Contoh", agency="1070").post("kapan buka?")
        else:
            post = fake.officer("1070").post("Jam layanan")
            fake.citizen("warga.contoh").comment(post, "kapan buka?")
        push(desk, "satu", fake)
        with desk.store.reading() as connection:
            left = select(hooks.c.account).where(hooks.c.done_us.is_(None))
            assert set(connection.scalars(left)) == {"dua"}
        desk.sync()
        assert [(case.account, case.text) for case in desk.cases()] == [("dua", "kapan buka?")]
