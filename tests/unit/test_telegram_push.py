"""Telegram pushes: only who knows the word is believed, and a dead channel is not called alive."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, Desk
from pelayanan.desk import Config
from pelayanan.errors import AuthError, ConfigError, ServerError
from pelayanan.platforms import Telegram
from pelayanan.testing import FakeTelegram, replay
from pelayanan.testing.replaying import answer

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
AT = int(NOW.timestamp())
BOT, TOKEN, WORD = "dinsos_contoh_bot", "123456:rahasia", "kata-rahasia"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def bot(**more: Any) -> Telegram:
    fields: dict[str, Any] = {"handle": BOT, "webhook_secret": WORD, "clock": lambda: NOW}
    return Telegram(TOKEN, **fields | more)


def update(**fields: Any) -> bytes:
    wati = {"id": 7, "is_bot": False, "first_name": "Wati"}
    chat = {"id": 7, "type": "private"}
    message = {"message_id": 1, "date": 1_795_000_000, "chat": chat, "from": wati, "text": "Kapan?"}
    return json.dumps({"update_id": 1, **(fields or {"message": message})}).encode()


def test_a_word_that_telegram_would_refuse_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="A-Z"):
        bot(webhook_secret="dua kata")
    with pytest.raises(ConfigError, match="give handle"):
        bot(handle="")


def test_without_a_word_nothing_is_believed() -> None:
    with pytest.raises(ConfigError, match="webhook_secret is missing"):
        bot(webhook_secret=None).verify(update(), {HEADER: ""}, now=NOW)


def test_the_word_stands_in_one_header_alone() -> None:
    account = bot()
    account.verify(update(), {HEADER.lower(): WORD}, now=NOW)
    for headers in ({}, {HEADER: ""}, {HEADER: WORD + "x"}, {HEADER: WORD, HEADER.lower(): WORD}):
        with pytest.raises(AuthError, match="secret token") as caught:
            account.verify(update(), headers, now=NOW)
        assert WORD not in f"{caught.value!r} {caught.value.remedy}"


def test_a_changed_message_is_an_edit() -> None:
    message = json.loads(update())["message"] | {"text": "Kapan ya?"}
    told = bot().parse(update(edited_message=message))
    assert (told.mentions, [each.text for each in told.edits]) == ((), ["Kapan ya?"])
    assert [each.id for each in bot().parse(update()).mentions] == ["7:1"]


def test_what_is_no_message_tells_nothing_and_what_is_no_update_is_set_aside() -> None:
    assert bot().parse(update(poll={"id": "1"})) == bot().parse(update(my_chat_member={}))
    assert len(bot().parse(b"bukan json").unreadable) == 1


def test_setting_the_webhook_brings_the_word_and_what_is_wanted() -> None:
    (request,) = replay(
        bot().set_webhook("https://layanan.example/bot"), [answer({"ok": True, "result": True})]
    ).requests
    assert request.json == {
        "url": "https://layanan.example/bot",
        "secret_token": WORD,
        "allowed_updates": [
            "message",
            "edited_message",
            "business_message",
            "edited_business_message",
        ],
    }
    with pytest.raises(ConfigError, match="webhook_secret"):
        replay(bot(webhook_secret=None).set_webhook("https://layanan.example/bot"), [])


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ({"url": ""}, "no webhook is set"),
        (
            {"url": "https://x.example", "pending_update_count": 2, "last_error_date": AT - 3600},
            "2 messages wait",
        ),
    ],
)
def test_a_channel_that_brings_nothing_is_not_alive(info: dict[str, Any], told: str) -> None:
    with pytest.raises(ServerError, match=told):
        replay(bot().mentions(None), [answer({"ok": True, "result": info})])


def test_a_channel_that_works_is_proven_alive_and_lists_nothing() -> None:
    info = {"url": "https://x.example", "pending_update_count": 0, "last_error_date": AT}
    page = replay(bot().mentions(None), [answer({"ok": True, "result": info})]).result
    assert (page.items, page.more) == ((), False)
    again = replay(bot().mentions(page.cursor), [answer({"ok": True, "result": info})]).result
    assert again.cursor == page.cursor
    on_its_way = {**info, "pending_update_count": 1, "last_error_date": AT - 2 * 86_400}
    replay(bot().mentions(None), [answer({"ok": True, "result": on_its_way})])


def test_from_the_push_to_the_case_and_back_to_the_chat(tmp_path: Path) -> None:
    servers = FakeTelegram(clock=lambda: NOW)
    servers.bot(BOT, TOKEN)
    for name, content in (("token", TOKEN), ("kata", WORD)):
        (tmp_path / name).write_text(content)
    account = {
        "key": "dinsos-telegram",
        "agency": "dinsos",
        "platform": "telegram",
        "token": "file:token",
        "handle": BOT,
        "webhook_secret": "file:kata",
        "base_url": "https://telegram.example",
        "since": "2026-01-01",
    }
    config = Config.of(
        {"agencies": [{"key": "dinsos", "name": "Dinas Sosial"}], "accounts": [account]},
        folder=tmp_path,
    )
    with Client(transport=servers, sleep=lambda _: None) as client:
        desk = Desk.open(config, client=client, clock=lambda: NOW)
        (failed,) = desk.sync().failed
        assert "no webhook is set" in failed.failed
        desk.client.run(
            desk.account("dinsos-telegram", Telegram).set_webhook("https://layanan.example/bot")
        )
        asked = servers.citizen("wati").write("Bantuan belum sampai, kapan?", to=BOT)
        for _ in range(2):  # Telegram repeats what it is not sure of
            for headers, body in servers.webhooks(BOT):
                assert desk.receive("dinsos-telegram", headers, body).status == 200
        assert desk.receive("dinsos-telegram", {HEADER: "salah"}, b"{}").status == 403
        assert not desk.sync().failed
        (case,) = desk.cases(status="open")
        assert desk.case_of("dinsos-telegram", asked) == case.id
        desk.reply(case.id, "Petugas Bidang Contoh datang besok pukul 9.", by="rina")
        assert [each["text"] for each in servers.replies(asked)] == [
            "Petugas Bidang Contoh datang besok pukul 9."
        ]
        assert "webhook terpasang" in str(desk.check("dinsos-telegram"))
        desk.close()
