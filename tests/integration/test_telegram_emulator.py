"""Telegram against an emulator that somebody else wrote, as far as that one goes."""

from datetime import UTC, datetime

import pytest

from pelayanan import Client
from pelayanan.platforms import Telegram
from servers import TelegramEmulator

pytestmark = pytest.mark.server
AT = datetime(2026, 11, 20, 5, tzinfo=UTC)


def test_messages_are_fetched_and_each_is_answered_once(
    telegram_emulator: TelegramEmulator,
) -> None:
    token = "100001:rahasia-contoh"
    account = Telegram(token, base_url=telegram_emulator.base_url)
    for number in range(1, 31):
        text = f"Bantuan {number} belum sampai 🙏"
        telegram_emulator.write(token, 5000 + number, text, date=int(AT.timestamp()) + number)
    with Client() as client:
        pages = list(client.pages(account))
        mentions = [item for page in pages for item in page.items]
        assert [item.text for item in mentions] == [
            f"Bantuan {number} belum sampai 🙏" for number in range(1, 31)
        ]
        assert {item.created_at.minute for item in mentions} == {0}
        assert account.handle == "TestNameBot"
        sent = [client.reply(account, each, f"Jawaban {each.id}", key="k") for each in mentions]
        assert len({each.id for each in sent}) == 30
        assert list(client.mentions(account, since=pages[-1].cursor)) == []
    for mention in mentions:
        (found,) = telegram_emulator.read(token, int(mention.author.id))
        assert found["text"] == f"Jawaban {mention.id}"
        assert found["reply_parameters"]["message_id"] == int(mention.ref["message"])


def test_bots_do_not_hear_each_others_messages(telegram_emulator: TelegramEmulator) -> None:
    one, two = "100002:rahasia-contoh", "100003:rahasia-contoh"
    telegram_emulator.write(one, 6001, "Untuk satu", date=int(AT.timestamp()))
    telegram_emulator.write(two, 6001, "Untuk dua", date=int(AT.timestamp()))
    with Client() as client:
        for token, text in ((one, "Untuk satu"), (two, "Untuk dua")):
            account = Telegram(token, base_url=telegram_emulator.base_url)
            assert [item.text for item in client.mentions(account)] == [text]


def test_what_the_server_does_not_know_is_an_error(telegram_emulator: TelegramEmulator) -> None:
    account = Telegram("100004:rahasia", channel="@a", base_url=telegram_emulator.base_url)
    with Client() as client:
        found = client.check(account).findings
        assert (found[0].name, found[0].ok) == ("server", False)  # it has no getWebhookInfo
