"""What X pushes, in both forms."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan.errors import AuthError, ConfigError
from pelayanan.platforms import X
from pelayanan.platforms._x import id_of
from pelayanan.platforms._x_push import signature
from pelayanan.protocol.webhook import WebhookEvents
from pelayanan.testing import FakeX

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
US = "1550000000000000001"
ID = str(id_of(NOW))
SECRET = "rahasia-konsumen"
POST = {"id": ID, "text": "halo", "author_id": "7", "created_at": "2026-11-20T02:14:09.000Z"}
OLDER_POST = {
    "id_str": ID,
    "text": "@dinsos_contoh lampu",
    "extended_tweet": {
        "full_text": "@dinsos_contoh lampu mati https://t.co/a",
        "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://lapor.go.id"}]},
    },
    "created_at": "Fri Nov 20 02:14:09 +0000 2026",
    "in_reply_to_status_id_str": "6",
    "user": {"id_str": "7", "screen_name": "warga_contoh", "name": "Warga Contoh"},
}


def account(**more: Any) -> X:
    return X("dinsos_contoh", "akses", **{"user_id": US, "consumer_secret": SECRET, **more})


def event(kind: str, payload: Any, user: str = US, **includes: Any) -> bytes:
    data = {"event_type": kind, "filter": {"user_id": user}, "payload": payload}
    return json.dumps({"data": {**data, "includes": includes}}).encode()


def read(body: bytes, **more: Any) -> WebhookEvents:
    return account(**more).parse(body)


@pytest.fixture
def fake() -> FakeX:
    return FakeX(clock=lambda: NOW)


def test_mentions_answers_and_deletions_are_told(fake: FakeX) -> None:
    officer, wati = fake.officer(), fake.citizen("wati_contoh")
    own = officer.post("Jam layanan 08.00")
    asked = wati.post("@dinsos_contoh kapan?")
    below = wati.reply(own, "sampai jam berapa?")
    said = officer.reply(asked, "Besok.")
    edited = wati.edit(asked, "@dinsos_contoh kapan buka?")
    wati.repost(own)
    officer.delete(own)
    told = [read(each.body) for each in fake.webhooks()]
    assert [one.id for each in told for one in each.mentions] == [asked, below, below]
    assert [(one.id, one.to) for each in told for one in each.answers] == [(said, asked)]
    assert [(one.id, one.text) for each in told for one in each.edits] == [
        (asked, "@dinsos_contoh kapan buka?")
    ]
    assert [one for each in told for one in each.deletions] == [own]
    assert edited != asked


def test_messages_come_as_the_older_interface_wraps_them(fake: FakeX) -> None:
    wati = fake.citizen("wati_contoh")
    asked = wati.message("kartu & KK hilang")
    said = fake.officer().reply(asked, "Siap")
    first, second = [read(each.body) for each in fake.webhooks()]
    (message,) = first.mentions
    assert (message.id, message.text, message.private) == (asked, "kartu & KK hilang", True)
    assert (message.author.handle, message.thread) == ("wati_contoh", message.author.id)
    (answer,) = second.answers
    assert (answer.id, answer.to, answer.thread) == (said, "", message.author.id)


def test_messages_come_also_as_the_interface_lists_them() -> None:
    payload = {"id": ID, "sender_id": "7", "text": "halo", "dm_conversation_id": f"7-{US}"}
    (message,) = read(event("dm.received", payload)).mentions
    assert (message.thread, message.ref) == ("7", {"dm": f"7-{US}"})
    told = read(event("dm.received", {**payload, "event_type": "ParticipantsJoin"}))
    assert told == WebhookEvents()


def test_the_older_interface_is_read() -> None:
    gone = {"status": {"id": "5", "user_id": "7"}}
    message = {
        "type": "message_create",
        "id": str(int(ID) + 1),
        "created_timestamp": "1795140849000",
        "message_create": {"sender_id": "7", "message_data": {"text": "di sini"}},
    }
    body = {
        "for_user_id": US,
        "tweet_create_events": [OLDER_POST, "bukan kiriman"],
        "tweet_delete_events": [gone, {}],
        "direct_message_events": [message, {"type": "typing"}],
        "users": {"7": {"screen_name": "warga_contoh", "name": "Warga Contoh"}},
    }
    told = read(json.dumps(body).encode())
    post, private = told.mentions
    assert post.text == "@dinsos_contoh lampu mati https://lapor.go.id"
    assert (post.reply_to, post.author.handle) == ("6", "warga_contoh")
    assert post.created_at == datetime(2026, 11, 20, 2, 14, 9, tzinfo=UTC)
    assert (private.text, private.thread, private.author.name) == ("di sini", "7", "Warga Contoh")
    assert told.deletions == ("5",)


def test_files_of_the_older_interface_are_read_as_the_newer_one_lists_them() -> None:
    photo = {
        "id_str": "3_1",
        "type": "photo",
        "url": "https://t.co/foto",
        "media_url_https": "https://ton.example/foto.jpg",
        "ext_alt_text": "KTP",
    }
    data = {
        "text": " https://t.co/foto",
        "entities": {"urls": [{"url": "https://t.co/foto", "expanded_url": "https://x.com/f"}]},
        "attachment": {"type": "media", "media": photo},
    }
    message = {"id": str(int(ID) + 1), "message_create": {"sender_id": "7", "message_data": data}}
    post = {
        **OLDER_POST,
        "text": "@dinsos_contoh lampu mati https://t.co/foto",
        "extended_tweet": None,
        "extended_entities": {"media": [photo, "bukan berkas"]},
    }
    body = {"for_user_id": US, "tweet_create_events": [post], "direct_message_events": [message]}
    told = read(json.dumps(body).encode()).mentions
    assert [one.text for one in told] == ["@dinsos_contoh lampu mati", ""]
    for one in told:
        (file,) = one.attachments
        assert (file.media_type, file.url, file.alt) == ("image/*", photo["media_url_https"], "KTP")


def test_what_is_for_another_account_is_said_so() -> None:
    users = [{"id": "99", "username": "dinkes_contoh"}]
    told = read(event("post.mention.create", POST, user="99", users=users))
    assert (told.mentions, told.elsewhere) == ((), ("dinkes_contoh",))
    older = json.dumps({"for_user_id": "99", "tweet_create_events": [OLDER_POST]}).encode()
    assert read(older).elsewhere == ("99",)


def test_an_account_that_does_not_know_its_number_learns_it_from_the_body() -> None:
    users = [{"data": {"id": US, "username": "dinsos_contoh"}}]
    own = {**POST, "author_id": US, "referenced_tweets": [{"type": "replied_to", "id": "6"}]}
    told = read(event("post.mention.create", own, users=users), user_id="")
    assert [one.to for one in told.answers] == ["6"]
    assert len(read(event("post.mention.create", POST), user_id="").mentions) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"bukan json",
        b"[]",
        b"{}",
        event("post.mention.create", {"id": 5}),
        event("post.mention.create", {"id": ID}),
        event("post.create", {"id": 5}),
        event("dm.received", {"id": 5}),
        event("post.mention.create", {**POST, "created_at": "kemarin"}),
    ],
)
def test_what_cannot_be_read_is_set_aside(body: bytes) -> None:
    told = read(body)
    assert len(told.unreadable) == 1
    assert told.mentions == ()


@pytest.mark.parametrize(
    "body",
    [
        event("like.create", {"id": "5"}),
        event("post.delete", {}),
        event("post.create", {**POST, "author_id": US}),
        event("post.mention.create", {**POST, "author_id": US}),
        event("post.create", POST),
    ],
)
def test_what_says_nothing_to_the_agency_is_left_out(body: bytes) -> None:
    assert read(body) == WebhookEvents()


def test_damaged_people_do_not_hide_the_message() -> None:
    body = event("post.mention.create", POST, users=[{"id": 5}, "x"], media={"a": 1})
    (mention,) = read(body).mentions
    assert mention.author.handle == ""


def test_the_signature_is_that_of_the_standard() -> None:
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"  # RFC 4231, case 2
    told = b64encode(bytes.fromhex(known)).decode()
    assert signature("Jefe", b"what do ya want for nothing?") == f"sha256={told}"


def test_without_the_secret_nothing_is_believed_or_answered() -> None:
    bare = account(consumer_secret=None)
    assert bare.handshake({"crc_token": "abc"}) is None
    with pytest.raises(ConfigError, match="consumer_secret"):
        bare.verify(b"{}", {}, now=NOW)


@pytest.mark.parametrize(
    ("body", "believed"),
    [
        (event("post.delete", {"id": "5"}, users=[{"created_at": "2014-01-01T00:00:00Z"}]), True),
        (event("post.mention.create", {**POST, "created_at": "2026-11-01T00:00:00Z"}), False),
        (event("post.mention.create", {**POST, "created_at": "2026-11-01T00:00:00"}), True),
        (json.dumps({"direct_message_events": [{"created_timestamp": "1700000000000"}]}), False),
        (json.dumps({"tweet_create_events": [{"created_at": "Sun Nov 01 00:00:00 +0000 2026"}]}),
         False),
        (json.dumps({"tweet_create_events": [{"created_at": "rusak +0000"}]}), True),
        (json.dumps({"tweet_delete_events": [{"timestamp_ms": "9" * 40}]}), True),
        ("bukan json", True),
    ],
)  # fmt: skip
def test_the_age_is_that_of_what_happened(body: bytes | str, *, believed: bool) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    headers = {"X-Twitter-Webhooks-Signature": signature(SECRET, raw)}
    try:
        account().verify(raw, headers, now=NOW)
    except AuthError as error:
        assert not believed
        assert "too old" in str(error)
        assert error.remedy
    else:
        assert believed
    with pytest.raises(AuthError):
        account().verify(raw + b" ", headers, now=NOW)
    assert timedelta(days=8) < NOW - datetime(2026, 11, 1, tzinfo=UTC)
