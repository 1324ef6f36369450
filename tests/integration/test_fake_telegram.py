"""From a citizen's message to the answer, on servers that lose answers and forget updates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import (
    NotFoundError,
    PolicyError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Mention
from pelayanan.platforms import Telegram
from pelayanan.testing import FakeTelegram

Drive = Callable[..., Any]
NAME, TOKEN = "dinsos_contoh_bot", "123456:rahasia-contoh"


class Clock:
    """A time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servers(clock: Clock) -> FakeTelegram:
    fake = FakeTelegram(clock=clock)
    fake.bot(NAME, TOKEN)
    return fake


@pytest.fixture
def bot(clock: Clock) -> Telegram:
    return Telegram(TOKEN, base_url="https://telegram.example", clock=clock)


@pytest.fixture
def client(servers: FakeTelegram, naps: list[float]) -> Client:
    return Client(transport=servers, sleep=naps.append)


def ask(servers: FakeTelegram, text: str = "Bantuan belum sampai", who: str = "wati") -> str:
    return servers.citizen(who).write(text, to=NAME)


def first(client: Client, bot: Telegram) -> Mention:
    return next(iter(client.mentions(bot)))


def test_the_whole_way(drive: Drive, servers: FakeTelegram, bot: Telegram) -> None:
    asked = ask(servers)
    (mention,) = drive(lambda client: client.mentions(bot), servers)
    assert (mention.id, mention.author.name, mention.private) == (asked, "Wati Contoh", True)
    sent = drive(lambda client: client.reply(bot, mention, "Kami cek", key="k"), servers)
    assert [f"{each['chat']['id']}:{each['message_id']}" for each in servers.replies(asked)] == [
        sent.id
    ]
    assert [each["text"] for each in servers.answers] == ["Kami cek"]
    assert drive(lambda client: client.check(bot), servers).ok


def test_nothing_is_lost_where_a_page_was_not_kept(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    """A killed process asks again with the cursor that it kept, and is told the same again."""
    for number in range(250):
        ask(servers, f"Nomor {number}")
    pages = client.pages(bot)
    kept = next(pages)
    lost = next(pages)  # confirms the first page; this one was never kept
    again = list(client.pages(bot, since=kept.cursor))
    assert again[0] == lost
    told = [item.text for page in [kept, *again] for item in page.items]
    assert told == [f"Nomor {number}" for number in range(250)]
    assert not again[-1].items  # the last call confirms the last page
    assert servers.waiting(NAME, None) == []


def test_an_update_told_twice_is_one_message(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    ask(servers)
    servers.fault("duplicate")
    assert len(list(client.mentions(bot))) == 1


def test_telegram_forgets_after_a_day(
    client: Client, servers: FakeTelegram, bot: Telegram, clock: Clock
) -> None:
    ask(servers, "kemarin")
    clock.forward(hours=25)
    ask(servers, "hari ini")
    assert [item.text for item in client.mentions(bot)] == ["hari ini"]


def test_ids_that_begin_anew_after_a_quiet_week_lose_nothing(
    client: Client, servers: FakeTelegram, bot: Telegram, clock: Clock
) -> None:
    ask(servers, "dulu")
    *_, last = client.pages(bot)
    clock.forward(days=8)
    with servers.world() as state:
        state["update_numbers"][NAME] = 1000  # lower than what was there before
    ask(servers, "sekarang")
    assert [item.text for item in client.mentions(bot, since=last.cursor)] == ["sekarang"]


def test_an_edited_message_is_told_again(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    asked = ask(servers, "bansos?")
    *_, last = client.pages(bot)
    servers.edit(asked, "bansos untuk ibu saya?")
    (item,) = client.mentions(bot, since=last.cursor)
    assert (item.id, item.text) == (asked, "bansos untuk ibu saya?")


def test_a_lost_answer_is_not_sent_again(
    drive: Drive, servers: FakeTelegram, bot: Telegram, naps: list[float]
) -> None:
    ask(servers)
    (mention,) = drive(lambda client: client.mentions(bot), servers)
    servers.fault("lost_reply")
    with pytest.raises(TransportError) as caught:
        drive(lambda client: client.reply(bot, mention, "Kami cek", key="k"), servers)
    assert caught.value.sent
    assert (len(servers.answers), naps) == (1, [])


def test_nobody_can_look_for_a_lost_answer(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    ask(servers)
    account: Any = bot
    with pytest.raises(UnsupportedError, match="telegram is no ReplyFinder"):
        client.find_reply(account, first(client, bot), key="k", text="Kami cek")


def test_a_broken_server_is_not_told_an_answer_twice(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    ask(servers)
    mention = first(client, bot)
    servers.fault("broken")
    with pytest.raises(ServerError):
        client.reply(bot, mention, "Kami cek", key="k")
    assert servers.answers == []
    servers.fault("dead", times=2)
    client.reply(bot, mention, "Kami cek", key="k")  # it surely did not leave: tried again
    assert len(servers.answers) == 1


@pytest.mark.parametrize("fault", ["busy", "busy_silent"])
def test_a_busy_server_is_waited_for(
    drive: Drive, servers: FakeTelegram, bot: Telegram, naps: list[float], fault: Any
) -> None:
    ask(servers)
    servers.fault(fault)
    assert len(drive(lambda client: client.mentions(bot), servers)) == 1
    assert naps[0] > 0


def test_a_group_has_its_own_pace(clock: Clock, bot: Telegram, naps: list[float]) -> None:
    servers = FakeTelegram(clock=clock, per_minute=2)
    servers.bot(NAME, TOKEN)
    group = servers.group("Warga Contoh", bots=(NAME,))
    servers.citizen("wati").say(f"@{NAME} halo", group=group)
    client = Client(transport=servers, sleep=naps.append)
    mention = first(client, bot)
    for _ in range(2):
        client.reply(bot, mention, "Kami cek", key="k")
    with pytest.raises(RateLimitError) as caught:
        client.reply(bot, mention, "Kami cek", key="k")
    assert caught.value.retry_after == 60
    assert len(servers.answers) == 2


def test_in_a_group_a_bot_hears_what_is_said_to_it(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    group = servers.group("Warga Contoh", bots=(NAME,), username="warga_contoh")
    wati = servers.citizen("wati")
    wati.say("obrolan biasa", group=group)
    wati.say(f"@{NAME} lampu mati", group=group)
    wati.say("/lapor jalan rusak", group=group)
    found = list(client.mentions(bot))
    assert [item.text for item in found] == [f"@{NAME} lampu mati", "/lapor jalan rusak"]
    sent = client.reply(bot, found[0], "Kami cek", key="k")
    assert sent.url == f"https://t.me/warga_contoh/{sent.id.partition(':')[2]}"
    wati.say("Terima kasih", group=group, reply_to=sent.id)
    assert [item.reply_to for item in client.mentions(bot)][-1] == sent.id


def test_comments_on_the_agencys_channel_are_heard(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    channel = servers.channel("dinsos_contoh", bots=(NAME,))
    group = servers.group("Diskusi", bots=(NAME,))
    servers.comment("wati", "Kapan dibagikan?", group=group, channel=channel)
    assert [item.text for item in client.mentions(bot)] == ["Kapan dibagikan?"]


def test_no_answer_stands_alone_in_a_group(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    group = servers.group("Warga Contoh", bots=(NAME,))
    asked = servers.citizen("wati").say(f"@{NAME} halo", group=group)
    mention = first(client, bot)
    servers.delete(asked)
    with pytest.raises(NotFoundError):
        client.reply(bot, mention, "Kami cek", key="k")
    assert servers.answers == []


def test_in_private_an_answer_reaches_who_deleted_the_question(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    asked = ask(servers)
    mention = first(client, bot)
    servers.delete(asked)
    client.reply(bot, mention, "Kami cek", key="k")
    assert [each["chat"]["id"] for each in servers.answers] == [int(asked.partition(":")[0])]


def test_a_group_that_moved_is_answered_at_its_new_place(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    group = servers.group("Warga Contoh", bots=(NAME,))
    servers.citizen("wati").say(f"@{NAME} halo", group=group)
    mention = first(client, bot)
    new = servers.upgrade(group)
    client.reply(bot, mention, "Kami cek", key="k")
    assert [each["chat"]["id"] for each in servers.answers] == [new]


def test_who_blocked_the_bot_is_not_reached(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    ask(servers)
    mention = first(client, bot)
    servers.block("wati")
    with pytest.raises(PolicyError, match="blocked"):
        client.reply(bot, mention, "Kami cek", key="k")


@pytest.mark.parametrize(("chat", "error"), [("-1009", NotFoundError), ("999", NotFoundError)])
def test_who_never_wrote_is_not_written_to(
    client: Client, servers: FakeTelegram, bot: Telegram, chat: str, error: type[Exception]
) -> None:
    ask(servers)
    mention = first(client, bot)
    other = mention.model_copy(update={"ref": {**mention.ref, "chat": chat}})
    with pytest.raises(error):
        client.reply(bot, other, "Kami cek", key="k")


def test_a_bot_outside_a_group_says_nothing_there(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    ask(servers)
    mention = first(client, bot)
    group = servers.group("Lain", bots=())
    other = mention.model_copy(update={"ref": {**mention.ref, "chat": str(group)}})
    with pytest.raises(PolicyError, match="not a member"):
        client.reply(bot, other, "Kami cek", key="k")
    with pytest.raises(RejectedError, match="empty"):
        client.reply(bot, mention, "  ", key="k")


def test_a_webhook_of_another_program_is_found_out(
    client: Client, servers: FakeTelegram, bot: Telegram
) -> None:
    servers.webhook(NAME, "https://lain.example/hook")
    with pytest.raises(RejectedError, match="webhook"):
        list(client.mentions(bot))
    assert [one.name for one in client.check(bot).findings if not one.ok] == ["limits"]


def test_a_token_that_was_taken_back(
    client: Client, servers: FakeTelegram, bot: Telegram, clock: Clock
) -> None:
    servers.fault("expired_token")
    with pytest.raises(ReauthRequiredError):
        list(client.mentions(bot))
    other = Telegram("654321:lain", base_url="https://telegram.example", clock=clock)
    assert not client.check(other).ok
    broken = Telegram("123456:salah", base_url="https://telegram.example/api", clock=clock)
    assert not client.check(broken).ok


def test_a_channel_is_published_in_where_the_bot_may(
    client: Client, servers: FakeTelegram, clock: Clock
) -> None:
    servers.channel("dinsos_contoh", bots=(NAME,))
    servers.channel("lain_contoh", bots=())
    place = "https://telegram.example"
    own = Telegram(TOKEN, channel="@dinsos_contoh", base_url=place, clock=clock)
    other = Telegram(TOKEN, channel="@lain_contoh", base_url=place, clock=clock)
    sent = client.publish(own, "Beras tiba", key="k")
    assert sent.url == f"https://t.me/dinsos_contoh/{sent.id.partition(':')[2]}"
    assert client.check(own).ok
    assert not client.check(other).ok
    with pytest.raises(PolicyError):
        client.publish(other, "Beras tiba", key="k")


def test_the_world_outlives_its_process(clock: Clock, bot: Telegram, tmp_path: Path) -> None:
    one = FakeTelegram(folder=tmp_path, clock=clock)
    one.bot(NAME, TOKEN, hears_all=True)
    asked = ask(one)
    two = FakeTelegram(folder=tmp_path, clock=clock)
    two.fault("clock_skew")
    late = ask(two, "lagi")
    found = list(Client(transport=two, sleep=lambda _: None).mentions(bot))
    assert [item.id for item in found] == [asked, late]
    assert found[1].created_at - found[0].created_at == timedelta(minutes=10)
