"""The ASGI app for webhooks, spoken to as a server speaks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from pelayanan.desk import Config, Desk
from pelayanan.platforms._meta_webhook import signature
from pelayanan.protocol.request import Request, Response
from pelayanan.testing.fake_whatsapp import FakeWhatsApp
from pelayanan.web import webhooks


@pytest.fixture
def fake() -> FakeWhatsApp:
    made = FakeWhatsApp(app_secret="rahasia")
    made.agency("1060", token="rahasia")
    return made


@pytest.fixture
def desk(fake: FakeWhatsApp, tmp_path: Path) -> Iterator[Desk]:
    place = tmp_path / "kunci"
    place.write_text("rahasia")
    place.chmod(0o600)
    account = {
        "key": "dinsos-wa",
        "agency": "dinsos",
        "platform": "whatsapp",
        "phone_number_id": "1060",
        "token": "file:kunci",
        "app_secret": "file:kunci",
        "verify_token": "file:kunci",
        "since": "2026-01-01",
    }
    settings = {"agencies": [{"key": "dinsos", "name": "Dinas Sosial"}], "accounts": [account]}
    with Desk.open(Config.of(settings, folder=tmp_path), transport=fake) as opened:
        yield opened


def call(desk: Desk, method: str, path: str, *, query: str = "", **rest: Any) -> tuple[int, str]:
    """One call; `parts` are the pieces in which the body arrives."""
    headers = [(k.encode(), v.encode()) for k, v in rest.get("headers", {}).items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
    }
    parts = list(rest.get("parts", [b""]))
    coming = [
        {"type": "http.request", "body": part, "more_body": number < len(parts)}
        for number, part in enumerate(parts, 1)
    ]
    said: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    anyio.run(webhooks(desk), scope, receive, send)
    return said[0]["status"], said[1]["body"].decode()


def test_a_webhook_may_arrive_in_pieces(desk: Desk, fake: FakeWhatsApp) -> None:
    fake.citizen("Wati Contoh", agency="1060").post("halo")
    (hook,) = fake.webhooks()
    half = len(hook.body) // 2
    parts = [hook.body[:half], hook.body[half:]]
    told = call(desk, "POST", "/dinsos-wa", headers=dict(hook.headers), parts=parts)
    assert told == (200, "")
    assert [case.text for case in desk.cases()] == ["halo"]


def test_half_an_emoji_holds_up_no_webhook(desk: Desk, fake: FakeWhatsApp) -> None:
    fake.citizen("Wati Contoh", agency="1060").post("rumah saya QQ")
    (hook,) = fake.webhooks()
    body = hook.body.replace(b"QQ", rb"\ud83c")
    proof = {"X-Hub-Signature-256": signature("rahasia", body)}
    assert call(desk, "POST", "/dinsos-wa", headers=proof, parts=[body]) == (200, "")
    assert [case.text for case in desk.cases()] == ["rumah saya \ufffd"]


def test_the_handshake_is_answered_with_the_challenge(desk: Desk) -> None:
    query = "hub.mode=subscribe&hub.verify_token=rahasia&hub.challenge=77"
    assert call(desk, "GET", "/hooks/dinsos-wa/", query=query) == (200, "77")
    wrong = query.replace("rahasia", "salah")
    assert call(desk, "GET", "/hooks/dinsos-wa/", query=wrong)[0] == 403


def test_strange_calls_are_refused(desk: Desk) -> None:
    assert call(desk, "POST", "/tidak-ada", parts=[b"{}"])[0] == 404
    assert call(desk, "GET", "/tidak-ada")[0] == 404
    assert call(desk, "DELETE", "/dinsos-wa")[0] == 405
    assert call(desk, "POST", "/dinsos-wa", parts=[b"x" * 3_000_000] * 2)[0] == 413
    assert call(desk, "POST", "/dinsos-wa", parts=[])[0] == 413  # hung up before the end


def test_a_message_that_a_citizen_takes_back_has_left(desk: Desk, fake: FakeWhatsApp) -> None:
    citizen = fake.citizen("Wati Contoh", agency="1060")
    citizen.revoke(citizen.post("salah kirim"))
    for hook in fake.webhooks():
        assert desk.receive("dinsos-wa", dict(hook.headers), hook.body).status == 200
    (case,) = desk.cases()
    assert (case.status, case.left_how) == ("left", "deleted")


def test_a_deletion_that_overtook_its_message_waits_for_it(desk: Desk, fake: FakeWhatsApp) -> None:
    citizen = fake.citizen("Wati Contoh", agency="1060")
    citizen.revoke(citizen.post("salah kirim"))
    for hook in reversed(fake.webhooks()):
        assert desk.receive("dinsos-wa", dict(hook.headers), hook.body).status == 200
    assert [case.status for case in desk.cases()] == ["open"]
    desk.sync()
    desk.sync()
    (case,) = desk.cases()
    assert (case.status, case.left_how) == ("left", "deleted")


def test_what_the_officer_typed_on_the_phone_is_an_answer(desk: Desk, fake: FakeWhatsApp) -> None:
    message = fake.citizen("Wati Contoh", agency="1060").post("kapan buka?")
    fake.officer().reply(message, "Besok pukul 08.00 di loket 2.")
    for hook in fake.webhooks():
        desk.receive("dinsos-wa", dict(hook.headers), hook.body)
    (case,) = desk.cases()
    assert case.status == "answered"


def test_a_reply_that_never_arrived_is_no_answer(desk: Desk, fake: FakeWhatsApp) -> None:
    fake.citizen("Wati Contoh", agency="1060").post("kapan buka?")
    (hook,) = fake.webhooks()
    desk.receive("dinsos-wa", dict(hook.headers), hook.body)
    (case,) = desk.cases()
    assert desk.reply(case.id, "Besok pukul 08.00 di loket 2.", by="rina").state.done
    assert desk.case(case.id).status == "answered"
    fake.status(_sent_id(desk), "failed", 131026)
    for late in fake.webhooks(1):
        desk.receive("dinsos-wa", dict(late.headers), late.body)
    assert desk.case(case.id).status == "open"


def test_what_became_of_a_reply_may_be_told_in_any_order(desk: Desk, fake: FakeWhatsApp) -> None:
    fake.citizen("Wati Contoh", agency="1060").post("kapan buka?")
    (hook,) = fake.webhooks()
    desk.receive("dinsos-wa", dict(hook.headers), hook.body)
    (case,) = desk.cases()
    desk.reply(case.id, "Besok pukul 08.00 di loket 2.", by="rina")
    fake.status(_sent_id(desk), "failed", 131026)
    taken, failed = fake.webhooks(1)
    for late in (failed, taken):
        desk.receive("dinsos-wa", dict(late.headers), late.body)
    assert desk.outbox()[0].state == "refused"
    assert desk.case(case.id).status == "open"


def test_a_failure_that_is_told_before_the_receipt_is_a_failure(
    desk: Desk, fake: FakeWhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.citizen("Wati Contoh", agency="1060").post("kapan buka?")
    (hook,) = fake.webhooks()
    desk.receive("dinsos-wa", dict(hook.headers), hook.body)
    (case,) = desk.cases()
    real = fake.http

    def slow(request: Request) -> Response:
        response = real(request)
        (message,) = json.loads(response.body)["messages"]
        fake.status(message["id"], "failed", 131026)
        for early in (*fake.webhooks(2), *fake.webhooks(2)):
            desk.receive("dinsos-wa", dict(early.headers), early.body)
        return response

    monkeypatch.setattr(fake, "http", slow)
    draft = desk.reply(case.id, "Besok pukul 08.00 di loket 2.", by="rina")
    assert (draft.state, desk.case(case.id).status) == ("refused", "open")
    monkeypatch.undo()
    again = desk.reply(case.id, "Besok pukul 08.00 di loket 3.", by="rina")
    assert (again.state, desk.case(case.id).status) == ("sent", "answered")


def test_a_reply_whose_word_was_lost_is_proved_by_the_webhook_that_brings_its_key(
    desk: Desk, fake: FakeWhatsApp
) -> None:
    fake.citizen("Wati Contoh", agency="1060").post("kapan buka?")
    (hook,) = fake.webhooks()
    desk.receive("dinsos-wa", dict(hook.headers), hook.body)
    (case,) = desk.cases()
    fake.fault("lost_reply")
    draft = desk.reply(case.id, "Besok pukul 08.00 di loket 2.", by="rina")
    assert (draft.state, len(draft.needs)) == ("unknown", 1)
    for late in fake.webhooks(1):
        desk.receive("dinsos-wa", dict(late.headers), late.body)
    assert desk.send().drafts == ()
    (draft,) = desk.outbox()
    assert draft.state == "sent"  # taken; nobody knows yet whether it arrived
    assert desk.case(case.id).status == "answered"
    fake.status(draft.sent_id or "", "delivered")
    (arrived,) = fake.webhooks(2)
    desk.receive("dinsos-wa", dict(arrived.headers), arrived.body)
    assert desk.outbox()[0].state == "confirmed"
    assert len(fake.sent) == 1


def _sent_id(desk: Desk) -> str:
    (draft,) = desk.outbox()
    return draft.sent_id or ""
