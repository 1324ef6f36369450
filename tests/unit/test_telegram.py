import io
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan.errors import (
    ConfigError,
    NotFoundError,
    PlatformError,
    PolicyError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TooLongError,
    UnsupportedError,
)
from pelayanan.models import Author, Mention
from pelayanan.platforms import Telegram
from pelayanan.protocol.capabilities import AnswerSource, ReplyFinder
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Unreadable
from pelayanan.testing import answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
AT = int(NOW.timestamp())
TOKEN = "123456:rahasia-contoh"
BOT = {"id": 123456, "is_bot": True, "first_name": "Dinsos", "username": "dinsos_contoh_bot"}
WATI = {"id": 7, "is_bot": False, "first_name": "Wati", "last_name": "Contoh"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Wati"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Warga Contoh", "username": "warga_contoh"}
PLACE = {"latitude": -3.8, "longitude": 102.26}


def message(number: int, text: Any = "halo", **more: Any) -> dict[str, Any]:
    known = {"message_id": number, "date": AT, "chat": PRIVATE, "from": WATI}
    return known | ({"text": text} if text else {}) | more


def update(number: int, told: Any = None, kind: str = "message") -> dict[str, Any]:
    return {"update_id": number, kind: message(number) if told is None else told}


def result(*found: Any) -> Any:
    return answer({"ok": True, "result": list(found)})


def refusal(status: int, description: str, **parameters: int) -> Any:
    body = {"ok": False, "error_code": status, "description": description}
    return answer(body | ({"parameters": parameters} if parameters else {}), status=status)


def posted(number: int = 2, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    return {"message_id": number, "chat": chat, "date": AT, "from": BOT, "text": "Siap"}


def sent(number: int = 2, chat: dict[str, Any] = PRIVATE) -> Any:
    return answer({"ok": True, "result": posted(number, chat)})


def mention(**more: Any) -> Mention:
    known = {"chat": "7", "message": "1", "type": "private"}
    return Mention(
        platform="telegram",
        id="7:1",
        author=Author(id="7", handle="7", name="Wati Contoh"),
        text="halo",
        created_at=NOW,
        private=more.pop("private", True),
        ref=known | more,
    )


def file(kind: str = "image/jpeg", size: int = 3, sides: tuple[int, int] = (4, 3)) -> MediaFile:
    return MediaFile(
        filename="a.jpg",
        media_type=kind,
        alt="Beras",
        size_bytes=size,
        sha256="0",
        width=sides[0],
        height=sides[1],
        open=lambda: io.BytesIO(b"abc"),
    )


@pytest.fixture
def bot() -> Telegram:
    return Telegram(TOKEN, handle="@dinsos_contoh_bot", clock=lambda: NOW)


def read(account: Telegram, *told: Any, kind: str = "message") -> tuple[Mention, ...]:
    found = [update(number, each, kind) for number, each in enumerate(told, 1)]
    return replay(account.mentions(), [result(*found)]).result.items


# --- fetching ---------------------------------------------------------------------------------


def test_a_page_is_oldest_first_and_says_where_to_go_on(bot: Telegram) -> None:
    run = replay(bot.mentions("telegram/1:10@1795150000"), [result(update(12), update(11))])
    assert run.requests[0].url == f"https://api.telegram.org/bot{TOKEN}/getUpdates"
    assert run.requests[0].params["offset"] == 10
    assert run.requests[0].params["timeout"] == 0
    assert [item.id for item in run.result.items] == ["7:11", "7:12"]
    assert (run.result.cursor, run.result.more) == (f"telegram/1:13@{AT}", True)


def test_only_a_kept_cursor_confirms(bot: Telegram) -> None:
    """Telegram deletes what lies before the offset, so the first call has none."""
    first = replay(bot.mentions(), [result(update(5))])
    assert "offset" not in first.requests[0].params
    again = replay(bot.mentions(), [result(update(5))])  # nobody kept the cursor: it comes again
    assert again.result == first.result
    last = replay(bot.mentions(first.result.cursor), [result()])
    assert last.requests[0].params["offset"] == 6
    assert (last.result.cursor, last.result.more) == (first.result.cursor, False)


def test_an_old_offset_is_not_sent_because_ids_may_have_begun_anew(bot: Telegram) -> None:
    old = int((NOW - timedelta(days=3)).timestamp())
    run = replay(bot.mentions(f"telegram/1:900@{old}"), [result(update(4))])
    assert "offset" not in run.requests[0].params
    assert run.result.cursor == f"telegram/1:5@{AT}"


def test_an_update_told_twice_is_read_once(bot: Telegram) -> None:
    page = replay(bot.mentions(), [result(update(1), update(1))]).result
    assert len(page.items) == 1


def test_an_edited_message_comes_again_with_its_last_words(bot: Telegram) -> None:
    edited = update(2, message(1, "halo, jalan rusak", edit_date=AT), "edited_message")
    (item,) = replay(bot.mentions(), [result(update(1), edited)]).result.items
    assert (item.id, item.text) == ("7:1", "halo, jalan rusak")


def test_who_wrote_is_named_as_telegram_does(bot: Telegram) -> None:
    (item,) = read(bot, message(1))
    assert item.author == Author(id="7", handle="7", name="Wati Contoh")
    assert (item.private, item.url, item.thread, item.automatic) == (True, None, "7:1", False)
    (item,) = read(bot, message(1, **{"from": {**WATI, "username": "wati_contoh"}}))
    assert item.author.handle == "wati_contoh"


def test_the_name_of_the_bot_is_asked_once() -> None:
    bot = Telegram(TOKEN, clock=lambda: NOW)
    assert bot.handle == "123456"
    run = replay(bot.mentions(), [answer({"ok": True, "result": BOT}), result()])
    assert run.requests[0].url.endswith("/getMe")
    assert bot.handle == "dinsos_contoh_bot"
    replay(bot.mentions(), [result()])


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (message(1, "", caption="Jalan rusak", photo=[{"file_size": 1}]), "Jalan rusak"),
        (message(1, "", photo=[{"file_size": 1}]), ""),
        (message(1, "", voice={}), ""),
        (
            message(1, "", location=PLACE),
            "Lokasi: -3.800000, 102.260000",
        ),
        (message(1, "/start"), None),
        (message(1, "/start loket3"), None),
        (message(1, "/startup"), "/startup"),
        (message(1, "/start KTP saya belum jadi"), "/start KTP saya belum jadi"),
        (message(1, "/start\nbantuan?"), "/start\nbantuan?"),
        (
            message(1, "", location=PLACE, venue={"location": PLACE, "title": "Pasar Contoh"}),
            "Lokasi: -3.800000, 102.260000\nPasar Contoh",
        ),
        (message(1, "", contact={"first_name": "Pak", "phone_number": "+62"}), "Pak +62"),
        (message(1, "", poll={"question": "Setuju?"}), "Setuju?"),
        (message(1, "", new_chat_title="Baru"), None),
        (message(1, "   "), None),
        (message(1, chat={"id": -5, "type": "channel"}), None),
        (message(1, **{"from": BOT}), None),
    ],
)
def test_what_is_a_message(bot: Telegram, told: dict[str, Any], text: str | None) -> None:
    assert [item.text for item in read(bot, told)] == ([] if text is None else [text])


@pytest.mark.parametrize("sort", ["checklist", "paid_media", "rich_message", "story"])
def test_what_is_sent_and_cannot_be_read_is_set_aside(bot: Telegram, sort: str) -> None:
    page = replay(bot.mentions(), [result(update(1, message(1, "", **{sort: {"id": 1}})))]).result
    assert (page.items, page.unreadable[0].id) == ((), "1")
    assert sort in page.unreadable[0].reason
    overheard = message(1, "", chat=GROUP, **{sort: {"id": 1}})
    assert not replay(bot.mentions(), [result(update(1, overheard))]).result.unreadable


def test_files_are_told_without_their_address(bot: Telegram) -> None:
    small, large = {"file_size": 10}, {"file_size": 900}
    told = message(
        1,
        "",
        photo=[small, large],
        video={"mime_type": "video/quicktime", "file_name": "a.mov", "file_size": -1},
        animation={"file_size": 5},
        document={"file_size": 5},
        sticker={"emoji": "🙏"},
    )
    (item,) = read(bot, told)
    found = {(one.media_type, one.name, one.alt, one.size_bytes) for one in item.attachments}
    assert found == {
        ("image/jpeg", "", "", 900),
        ("video/quicktime", "a.mov", "", 0),
        ("video/mp4", "", "", 5),
        ("image/webp", "", "🙏", 0),
    }
    assert {one.url for one in item.attachments} == {""}


@pytest.mark.parametrize(
    ("more", "heard"),
    [
        ({"text": "Halo @Dinsos_Contoh_Bot, tolong"}, True),
        ({"text": "Halo @dinsos_contoh_bot2"}, False),
        ({"text": "obrolan biasa"}, False),
        ({"text": "Pak ini", "entities": [{"type": "text_mention", "user": BOT}]}, True),
        ({"text": "Pak ini", "entities": [{"type": "text_mention", "user": WATI}]}, False),
        ({"text": "/lapor x", "entities": [{"type": "bot_command", "offset": 0}]}, True),
        ({"text": "/lapor@lain_bot x", "entities": [{"type": "bot_command"}]}, False),
        ({"text": "/lapor x"}, False),
        ({"reply_to_message": posted(3, GROUP)}, True),
        ({"reply_to_message": {"message_id": 3, "from": WATI}}, False),
        ({"reply_to_message": {"message_id": 3, "is_automatic_forward": True}}, True),
        ({"text": "@dinsos_contoh_bot", "sender_chat": GROUP}, False),
        ({"text": "@dinsos_contoh_bot", "is_automatic_forward": True}, False),
    ],
)
def test_in_a_group_only_what_is_addressed_to_the_agency_counts(
    bot: Telegram, more: dict[str, Any], *, heard: bool
) -> None:
    assert bool(read(bot, message(4, chat=GROUP, **more))) is heard


def test_everything_in_a_group_counts_where_the_agency_says_so() -> None:
    bot = Telegram(TOKEN, handle="b", every_group_message=True, clock=lambda: NOW)
    (item,) = read(bot, message(4, "Lampu mati", chat=GROUP, message_thread_id=2))
    assert (item.private, item.thread, item.url) == (
        False,
        "-1001:2",
        "https://t.me/warga_contoh/4",
    )
    hidden = {"id": -100200, "type": "supergroup"}
    (item,) = read(bot, message(4, chat=hidden, reply_to_message={"message_id": 3}))
    assert (item.reply_to, item.thread) == ("-100200:3", "-100200:3")
    assert item.url == "https://t.me/c/200/4"
    (item,) = read(bot, message(4, chat={"id": -5, "type": "group"}))
    assert item.url is None


CHANNEL = {"id": -1008, "type": "channel", "title": "Dinsos", "username": "Dinsos_Contoh"}
POST = {"message_id": 1, "sender_chat": CHANNEL, "is_automatic_forward": True}
ANYBODY = {"id": 136817688, "is_bot": True, "first_name": "Channel"}  # Telegram's stand-in


@pytest.mark.parametrize("name", ["", "@dinsos_contoh", "-1008"])
def test_what_an_officer_says_as_the_channel_is_no_message_of_a_citizen(name: str) -> None:
    """In the channel's discussion group officers answer in its name."""
    account = Telegram(TOKEN, handle="b", channel=name, every_group_message=True, clock=lambda: NOW)
    said = {"chat": GROUP, "sender_chat": CHANNEL, "from": ANYBODY}
    below = message(2, "Kami cek", reply_to_message=POST, **said)
    anywhere = message(3, "Kami cek", **said)
    asked = message(4, "Kapan?", chat=GROUP, reply_to_message=POST)
    as_another = message(5, "Kapan?", chat=GROUP, reply_to_message=POST, sender_chat={"id": -1007})
    found = read(account, below, *((anywhere,) if name else ()), asked, as_another)
    assert [item.id for item in found] == ["-1001:4", "-1001:5"]


def test_what_is_asked_in_a_topic_of_a_forum_is_answered_there(bot: Telegram) -> None:
    asked = message(4, "@dinsos_contoh_bot?", chat=GROUP, message_thread_id=2)
    (in_topic,) = read(bot, asked | {"is_topic_message": True})
    run = replay(bot.reply(in_topic, "Siap", key="k"), [sent(5, GROUP)])
    body: Any = run.requests[0].json
    assert body["message_thread_id"] == 2
    (in_thread,) = read(bot, asked)  # of answers, which is no topic
    body = replay(bot.reply(in_thread, "Siap", key="k"), [sent(5, GROUP)]).requests[0].json
    assert "message_thread_id" not in body


def test_somebody_may_speak_as_a_channel_or_as_nobody(bot: Telegram) -> None:
    source = {"id": -1009, "type": "channel", "title": "Kabar Contoh"}
    other = {"id": 9, "is_bot": True, "first_name": "Channel"}
    told = message(4, "@dinsos_contoh_bot?", chat=GROUP, sender_chat=source, **{"from": other})
    (item,) = read(bot, told)
    assert item.author == Author(id="-1009", handle="-1009", name="Kabar Contoh")
    assert not item.automatic
    nobody = message(5, "@dinsos_contoh_bot?", chat=GROUP)
    del nobody["from"]
    (item,) = read(bot, nobody)
    assert item.author.id == "-1001"


def test_messages_of_machines_are_marked(bot: Telegram) -> None:
    other = {"id": 9, "is_bot": True, "first_name": "Lain"}
    assert read(bot, message(4, **{"from": other}))[0].automatic


def test_a_business_account_is_read_without_what_its_owner_writes(bot: Telegram) -> None:
    owner = {"id": 70, "first_name": "Dinsos"}
    asked = message(1, business_connection_id="b1")
    typed = message(2, "Sudah dicek", business_connection_id="b1", **{"from": owner})
    found = read(bot, asked, typed, kind="business_message")
    assert [(item.id, item.ref["business"]) for item in found] == [("7:1@b1", "b1")]


def test_a_business_chat_is_not_taken_for_the_bots_own_with_the_same_person(bot: Telegram) -> None:
    """Both have the person's number, and each counts its messages by itself."""
    before = {"message_id": 1, "from": WATI}
    told = message(2, "Kapan?", business_connection_id="b1", reply_to_message=before)
    to_bot, to_account = read(bot, message(2, "Lampu mati"), told)
    assert (to_bot.id, to_account.id) == ("7:2", "7:2@b1")
    assert to_account.reply_to == "7:1@b1"
    made = posted(3) | {"business_connection_id": "b1"}
    run = replay(bot.reply(to_account, "Siap", key="k"), [answer({"ok": True, "result": made})])
    assert run.result.id == "7:3@b1"


def test_what_citizens_write_to_the_channel_in_private_is_heard_and_answered(bot: Telegram) -> None:
    chat = {"id": -1002, "type": "supergroup", "is_direct_messages": True, "username": "dinsos"}
    topic = {"topic_id": 77, "user": WATI}
    asked = message(2, "Kapan?", chat=chat, direct_messages_topic=topic)
    officer = {"direct_messages_topic": topic, "sender_chat": CHANNEL, "from": ANYBODY}
    (item,) = read(bot, asked, message(3, "Kami cek", chat=chat, **officer))
    assert (item.private, item.url, item.author.id) == (True, None, "7")
    run = replay(bot.reply(item, "Siap", key="k"), [sent(4, chat)])
    body: Any = run.requests[0].json
    assert (body["chat_id"], body["direct_messages_topic_id"]) == (-1002, 77)


def test_an_unreadable_update_is_passed(bot: Telegram) -> None:
    strange = {"update_id": 3, "message": {"message_id": "?"}}
    found = result(update(1), strange, {"message": message(9)}, "rusak", {"update_id": 4})
    page = replay(bot.mentions(), [found]).result
    assert [item.id for item in page.items] == ["7:1"]
    assert page.unreadable == (
        Unreadable("", "update_id (missing)"),
        Unreadable("", "all of it (dict_type)"),
        Unreadable("3", "message_id (int_parsing), chat (missing), date (missing)"),
    )
    assert page.cursor == f"telegram/1:5@{AT}"


@pytest.mark.parametrize("cursor", ["bluesky/1:{}", "telegram/1:x", "telegram/1:5", "", "5"])
def test_a_strange_cursor_is_refused(bot: Telegram, cursor: str) -> None:
    with pytest.raises(ConfigError, match="telegram/1"):
        replay(bot.mentions(cursor), [])


# --- replying ---------------------------------------------------------------------------------


def test_a_reply_goes_to_the_chat_of_the_message(bot: Telegram) -> None:
    run = replay(bot.reply(mention(), "Siap", key="k"), [sent()])
    assert run.requests[0].url.endswith("/sendMessage")
    assert run.requests[0].json == {
        "chat_id": 7,
        "text": "Siap",
        "reply_parameters": {"message_id": 1, "allow_sending_without_reply": True},
    }
    assert (run.result.id, run.result.at, run.result.confirmed) == ("7:2", NOW, True)
    assert run.result.url is None


def test_in_a_group_no_answer_stands_without_its_message(bot: Telegram) -> None:
    asked = mention(private=False, chat="-1001", type="supergroup")
    run = replay(bot.reply(asked, "Siap", key="k"), [sent(2, GROUP)])
    body: Any = run.requests[0].json
    assert body["reply_parameters"]["allow_sending_without_reply"] is False
    assert run.result.url == "https://t.me/warga_contoh/2"
    with pytest.raises(NotFoundError, match="replied not found"):
        gone = refusal(400, "Bad Request: message to be replied not found")
        replay(bot.reply(asked, "Siap", key="k"), [gone])


def test_a_business_account_answers_as_itself(bot: Telegram) -> None:
    run = replay(bot.reply(mention(business="b1"), "Siap", key="k"), [sent()])
    body: Any = run.requests[0].json
    assert body["business_connection_id"] == "b1"


def test_a_group_that_moved_is_answered_at_its_new_place(bot: Telegram) -> None:
    moved = refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1005)
    asked = mention(private=False, chat="-5", type="group")
    run = replay(bot.reply(asked, "Siap", key="k"), [moved, sent(2, {**GROUP, "id": -1005})])
    assert run.requests[1].json == {"chat_id": -1005, "text": "Siap"}
    assert run.result.id == "-1005:2"


def test_a_text_that_is_too_long_is_not_sent(bot: Telegram) -> None:
    replay(bot.reply(mention(), "a" * 4096, key="k"), [sent()])
    with pytest.raises(TooLongError, match="4097 characters"):
        replay(bot.reply(mention(), "a" * 4097, key="k"), [])


def test_nobody_sends_an_answer_twice_by_itself(bot: Telegram) -> None:
    """There is no key and no look-up: only a person can tell what became of a lost answer."""
    (request,) = replay(bot.reply(mention(), "Siap", key="k"), [sent()]).requests
    assert not request.repeatable
    assert not isinstance(bot, (ReplyFinder, AnswerSource))


def test_each_chat_has_its_own_pace(bot: Telegram) -> None:
    def throttle(chat: str) -> Any:
        asked = mention(chat=chat)
        return replay(bot.reply(asked, "Siap", key="k"), [sent()]).requests[0].throttle

    one, other, group = throttle("7"), throttle("8"), throttle("-1001")
    assert one is throttle("7")
    assert one is not other
    assert [one.reserve(0.0), one.reserve(0.0)] == [0.0, 1.0]
    assert [group.reserve(0.0) for _ in range(21)][-1] == 60.0
    for number in range(100, 1100):
        throttle(str(number))
    assert throttle("7") is not one  # forgotten, long after its second has passed


@pytest.mark.parametrize(
    ("refused", "error", "told"),
    [
        (refusal(401, "Unauthorized"), ReauthRequiredError, "Unauthorized"),
        (refusal(404, "Not Found"), ReauthRequiredError, "Not Found"),
        (refusal(403, "Forbidden: bot was blocked by the user"), PolicyError, "blocked"),
        (refusal(400, "Bad Request: chat not found"), NotFoundError, "chat not found"),
        (refusal(400, "Bad Request: message is too long"), TooLongError, "too long"),
        (refusal(400, "Bad Request: not enough rights to send"), PolicyError, "rights"),
        (refusal(400, "Bad Request: BUTTON_INVALID"), RejectedError, "BUTTON_INVALID"),
        (refusal(413, "Request Entity Too Large"), TooLongError, "413"),
        (refusal(429, "Too Many Requests", retry_after=9), RateLimitError, "Too Many"),
        (answer("?", status=429, retry_after="4"), RateLimitError, "429"),
        (answer("?", status=400), RejectedError, "HTTP 400"),
        (answer(None, status=502), ServerError, "502"),
    ],
)
def test_refusals_say_what_to_do(
    bot: Telegram, refused: Any, error: type[PlatformError], told: str
) -> None:
    with pytest.raises(error, match=told) as caught:
        replay(bot.reply(mention(), "Siap", key="k"), [refused])
    assert type(caught.value) is error
    assert caught.value.operation == "telegram.reply"
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_a_wait_is_read_from_the_body(bot: Telegram) -> None:
    with pytest.raises(RateLimitError) as caught:
        replay(bot.mentions(), [refusal(429, "Too Many Requests", retry_after=9)])
    assert caught.value.retry_after == 9.0


def test_two_programs_cannot_fetch_for_one_bot(bot: Telegram) -> None:
    conflict = refusal(409, "Conflict: terminated by other getUpdates request")
    with pytest.raises(RejectedError, match="Conflict") as caught:
        replay(bot.mentions(), [conflict])
    assert "one program" in caught.value.remedy


# --- publishing -------------------------------------------------------------------------------


@pytest.fixture
def channel() -> Telegram:
    return Telegram(TOKEN, handle="Dinsos_contoh_bot", channel="@dinsos_contoh", clock=lambda: NOW)


def test_a_text_is_published_in_the_channel(channel: Telegram) -> None:
    place = {"id": -1001, "type": "channel", "username": "dinsos_contoh"}
    run = replay(channel.publish("Beras tiba", key="k"), [sent(8, place)])
    assert run.requests[0].json == {"chat_id": "@dinsos_contoh", "text": "Beras tiba"}
    assert (run.result.id, run.result.url) == ("-1001:8", "https://t.me/dinsos_contoh/8")


def test_one_photo_or_video_is_sent_with_its_text(channel: Telegram) -> None:
    (request,) = replay(channel.publish("Beras", [file()], key="k"), [sent()]).requests
    assert (request.url.rpartition("/")[2], request.uploads[0].field) == ("sendPhoto", "photo")
    assert request.form == {"chat_id": "@dinsos_contoh", "caption": "Beras"}
    (request,) = replay(channel.publish("B", [file("video/mp4")], key="k"), [sent()]).requests
    assert (request.url.rpartition("/")[2], request.uploads[0].field) == ("sendVideo", "video")
    assert dict(request.form or {}) == {
        "chat_id": "@dinsos_contoh",
        "caption": "B",
        "supports_streaming": "true",
        "width": "4",
        "height": "3",
    }


def test_several_files_are_one_album(channel: Telegram) -> None:
    album = answer({"ok": True, "result": [posted(8), posted(9)]})
    run = replay(channel.publish("Beras", [file(), file("video/mp4")], key="k"), [album])
    assert run.requests[0].url.endswith("/sendMediaGroup")
    assert dict(run.requests[0].form or {})["media"] == (
        '[{"type": "photo", "media": "attach://berkas0", "caption": "Beras"}, '
        '{"type": "video", "media": "attach://berkas1"}]'
    )
    assert [upload.field for upload in run.requests[0].uploads] == ["berkas0", "berkas1"]
    assert run.result.id == "7:8"


@pytest.mark.parametrize(
    ("text", "media", "error"),
    [
        ("a" * 1025, [file()], TooLongError),
        ("a" * 4097, [], TooLongError),
        ("a", [file()] * 11, UnsupportedError),
        ("a", [file("application/pdf")], UnsupportedError),
        ("a", [file(size=10_000_001)], RejectedError),
        ("a", [file("video/mp4", 50_000_001)], RejectedError),
        ("a", [file(sides=(8160, 6120))], RejectedError),
        ("a", [file(sides=(30, 601))], RejectedError),
    ],
)
def test_what_telegram_does_not_take_is_not_sent(
    channel: Telegram, text: str, media: list[MediaFile], error: type[Exception]
) -> None:
    with pytest.raises(error):
        replay(channel.publish(text, media, key="k"), [])


def test_a_photo_of_a_good_telephone_goes_out_and_a_heavy_one_is_made_smaller(
    channel: Telegram,
) -> None:
    assert channel.capabilities.image_bytes == 10_000_000
    photo = file(sides=(4000, 3000))
    assert replay(channel.publish("Beras", [photo], key="k"), [sent()]).result.confirmed
    wide = file("video/mp4", sides=(9000, 9000))  # of videos Telegram says nothing
    assert replay(channel.publish("Beras", [wide], key="k"), [sent()]).result.confirmed


def test_without_a_channel_nothing_is_published(bot: Telegram) -> None:
    with pytest.raises(UnsupportedError, match="channel="):
        replay(bot.publish("Beras", key="k"), [])


# --- checking ---------------------------------------------------------------------------------


def looked(me: dict[str, Any], info: dict[str, Any], *more: Any, date: str = "") -> list[Any]:
    first = answer({"ok": True, "result": me}, date=date)
    return [first, answer({"ok": True, "result": info}), first, *more]


def test_check_tells_how_everything_stands(channel: Telegram) -> None:
    date = "Fri, 20 Nov 2026 05:00:10 GMT"
    member = answer({"ok": True, "result": {"status": "administrator", "can_post_messages": True}})
    asked = looked(BOT, {"url": "", "pending_update_count": 3}, member, date=date)
    found = replay(channel.check(), asked).result
    assert found.ok
    assert [one.name for one in found.findings] == ["token", "scopes", "limits", "clock", "channel"]
    assert found.handle == "dinsos_contoh_bot"
    assert found.findings[3].detail == "selisih -10 detik"
    assert "3 pesan" in found.findings[2].detail


def test_check_finds_what_stands_in_the_way() -> None:
    bot = Telegram(TOKEN, channel="@d", every_group_message=True, clock=lambda: NOW)
    info = {"url": "https://lain.example/hook", "pending_update_count": 0}
    date = "Fri, 20 Nov 2026 04:00:00 GMT"
    asked = looked(BOT, info, refusal(400, "Bad Request: chat not found"), date=date)
    found = {one.name: one for one in replay(bot.check(), asked).result.findings}
    assert [name for name, one in found.items() if not one.ok] == [
        "scopes",
        "limits",
        "clock",
        "channel",
    ]
    assert all(one.remedy for one in found.values() if not one.ok)
    assert "bukan admin" in found["channel"].detail


def test_check_finds_a_wrong_name_because_groups_would_call_the_bot_unheard() -> None:
    bot = Telegram(TOKEN, handle="dinsos_bot", clock=lambda: NOW)
    found = replay(bot.check(), looked(BOT, {"url": ""})).result.findings[0]
    assert not found.ok
    assert "handle = 'dinsos_contoh_bot'" in found.remedy


@pytest.mark.parametrize(
    ("status", "posts", "detail"),
    [
        ("creator", False, "boleh"),
        ("administrator", False, "tanpa izin"),
        ("member", False, "bukan admin"),
    ],
)
def test_a_channel_takes_only_its_admins(
    channel: Telegram, status: str, detail: str, *, posts: bool
) -> None:
    member = answer({"ok": True, "result": {"status": status, "can_post_messages": posts}})
    me = {**BOT, "can_read_all_group_messages": True}
    found = replay(channel.check(), looked(me, {"url": ""}, member)).result.findings
    assert detail in found[4].detail
    assert (found[1].detail, found[3].detail) == (
        "di grup terdengar: semua pesan",
        "server tidak menyebut waktu",
    )


def test_check_tells_of_a_token_that_was_taken_back(bot: Telegram) -> None:
    (found,) = replay(bot.check(), [refusal(401, "Unauthorized")]).result.findings
    assert (found.name, found.ok) == ("token", False)
    assert "@BotFather" in found.remedy
    (found,) = replay(bot.check(), [answer(None, status=502)]).result.findings
    assert (found.name, found.ok) == ("server", False)


# --- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "rahasia", "654321", "123456:a/b", "bot1:a"])
def test_a_token_is_checked_before_it_becomes_an_address(token: str) -> None:
    with pytest.raises(ConfigError, match="@BotFather") as caught:
        Telegram(token)
    assert not token or token not in str(caught.value)


def test_a_token_does_not_travel_in_the_open() -> None:
    with pytest.raises(ConfigError, match="https"):
        Telegram(TOKEN, base_url="http://telegram.example")
    Telegram(TOKEN, base_url="http://127.0.0.1:9000")


def test_the_token_is_shown_nowhere(bot: Telegram) -> None:
    run = replay(bot.mentions(), [result()])
    shown = repr(bot) + repr(run) + repr(vars(bot)) + repr(bot.check)
    for status in (400, 401, 403, 404, 409, 429, 500):
        with pytest.raises(PlatformError) as caught:
            replay(bot.reply(mention(), "Siap", key="k"), [refusal(status, "x")])
        shown += repr(caught.value) + str(caught.value) + repr(vars(caught.value))
    assert "rahasia-contoh" not in shown
