"""X: what is asked, what is read, and what is refused."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    ContractError,
    DuplicateError,
    NotFoundError,
    PlatformError,
    PolicyError,
    QuotaError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TokenExpiredError,
    TooLongError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Author, Mention
from pelayanan.platforms import X
from pelayanan.platforms._x import id_of, told_at
from pelayanan.platforms._x_errors import classifier
from pelayanan.platforms._x_read import same
from pelayanan.platforms._x_token import SCOPES
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import CallRecord, Transport
from pelayanan.testing import FakeX, answer, replay

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
US = "1550000000000000001"
EMPTY = answer({"meta": {"result_count": 0}})


class Ticking:
    """A clock that goes on by a second at each look."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def account(**more: Any) -> X:
    return X("dinsos_contoh", "akses", **{"user_id": US, "clock": lambda: NOW, **more})


def native(number: int = 0) -> str:
    return str(id_of(NOW - timedelta(hours=1)) + number)


def post(number: int = 0, **more: Any) -> dict[str, Any]:
    known = {"id": native(number), "text": "@dinsos_contoh halo", "author_id": "7"}
    return {**known, "created_at": "2026-11-20T02:14:09.000Z", **more}


def page(*posts: dict[str, Any], token: str = "", **includes: Any) -> Response:
    meta: dict[str, Any] = {"next_token": token} if token else {}
    wati = {"id": "7", "username": "warga_contoh", "name": "Warga Contoh"}
    beside: dict[str, Any] = {"users": [wati], **includes}
    return answer({"data": list(posts), "includes": beside, "meta": meta})


def first(*answers: Response, **more: Any) -> Any:
    return replay(account(**more).mentions(), answers)


def mention(**more: Any) -> Mention:
    who = Author(id="7", handle="warga_contoh")
    known = {"platform": "x", "id": native(), "author": who, "text": "halo", "created_at": NOW}
    return Mention(**{**known, "ref": {"post": native()}, **more})


def file(kind: str = "image/png", *, size: int = 3, alt: str = "beras") -> MediaFile:
    return MediaFile(
        filename="a",
        media_type=kind,
        alt=alt,
        size_bytes=size,
        sha256="0",
        width=4,
        height=3,
        open=lambda: io.BytesIO(b"x" * size),
    )


@pytest.fixture
def fake() -> FakeX:
    return FakeX(clock=Ticking())


@pytest.fixture
def client(fake: FakeX) -> Client:
    return Client(transport=fake, sleep=lambda _: None)


def test_a_mention_is_read_as_the_citizen_typed_it() -> None:
    urls = [
        {"url": "https://t.co/a", "expanded_url": "https://lapor.go.id/a"},
        {"url": "https://t.co/b", "expanded_url": "https://x.com/p/1", "media_key": "3_1"},
    ]
    found = post(
        text="@dinsos_contoh KTP &amp; KK https://t.co/a https://t.co/b",
        entities={"urls": urls},
        conversation_id="5",
        attachments={"media_keys": ["3_1", "3_2"]},
        referenced_posts=[{"type": "replied_to", "id": "6"}],
    )
    photo = {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1", "alt_text": "KTP"}
    (read,) = first(page(found, media=[photo])).result.items
    assert read.text == "@dinsos_contoh KTP & KK https://lapor.go.id/a"
    assert (read.thread, read.reply_to, read.private) == ("5", "6", False)
    assert read.url == f"https://x.com/warga_contoh/status/{native()}"
    assert [(one.media_type, one.url, one.alt) for one in read.attachments] == [
        ("image/*", "https://pbs.example/1", "KTP"),
        ("application/octet-stream", "", ""),
    ]
    assert read.author == Author(id="7", handle="warga_contoh", name="Warga Contoh")


def test_a_long_post_is_read_whole() -> None:
    note: Any = {"text": "panjang sekali", "entities": None}
    for name in ("note_post", "note_tweet"):
        (read,) = first(page(post(**{"text": "panj…", name: note}))).result.items
        assert read.text == "panjang sekali"


def test_an_edited_post_is_the_message_it_was() -> None:
    for name in ("edit_history_post_ids", "edit_history_tweet_ids"):
        (read,) = first(page(post(1, **{name: [native(0), native(1)]}))).result.items
        assert (read.id, read.ref["post"]) == (native(0), native(1))


def test_what_is_no_message_of_a_citizen_is_left_out() -> None:
    repeated = post(2, referenced_posts=[{"type": "retweeted", "id": "6"}])
    own = post(3, author_id=US)
    found = first(page(post(4), own, repeated)).result
    assert [one.id for one in found.items] == [native(4)]
    assert found.unreadable == ()


def test_a_writer_whose_account_is_gone_is_read_without_a_name() -> None:
    (read,) = first(page(post(author_id="9"))).result.items
    assert read.author == Author(id="9", handle="")
    assert read.url == f"https://x.com/i/status/{native()}"


def test_a_post_tells_its_time_by_its_id_where_it_tells_no_other() -> None:
    found = post(created_at=None)
    (read,) = first(page(found)).result.items
    assert read.created_at == told_at(native())
    assert abs(read.created_at - (NOW - timedelta(hours=1))) < timedelta(seconds=1)


def test_what_cannot_be_read_is_set_aside_and_the_page_goes_on() -> None:
    bad = [{"id": 5}, {**post(1), "author_id": None}, {"id": "x", "author_id": "7"}]
    found = first(page(post(), *bad)).result
    assert [one.id for one in found.items] == [native()]
    assert {one.reason for one in found.unreadable} == {
        "id (string_type)",
        "author_id (missing)",
        "created_at (missing)",
    }


def test_the_newest_thirty_days_are_asked_for_first_and_then_what_is_new() -> None:
    run = first(page(post(7), post(5)))
    asked = run.requests[0].params
    assert asked["start_time"] == "2026-10-21T04:00:00Z"
    assert asked["post.fields"].startswith("created_at,conversation_id")
    again = replay(account(direct_messages=False).mentions(run.result.cursor), [EMPTY])
    minute = int(native(7)) - int(str(again.requests[0].params["since_id"]))
    assert minute == id_of(NOW) - id_of(NOW - timedelta(minutes=1))  # X lists some late
    assert "start_time" not in again.requests[0].params


def test_a_walk_that_is_cut_short_goes_on_and_loses_nothing(fake: FakeX, client: Client) -> None:
    wrote = [fake.citizen(f"warga_{n}").post(f"@dinsos_contoh {n}") for n in range(7)]
    fake._per_page = 2
    x = account(user_id="", direct_messages=False)
    cursor, seen = None, list[str]()
    for _ in range(2):  # then the job is killed
        found = client.run(x.mentions(cursor))
        cursor, seen = found.cursor, seen + [one.id for one in found.items]
    late = fake.citizen("warga_9").post("@dinsos_contoh terlambat")
    seen += [one.id for one in client.mentions(account(direct_messages=False), since=cursor)]
    assert sorted(seen) == sorted(wrote)
    pages = list(client.pages(account(direct_messages=False), since=cursor))
    after = client.mentions(account(direct_messages=False), since=pages[-1].cursor)
    assert [one.id for one in after] == [late]


def test_a_place_that_x_forgot_is_begun_again(fake: FakeX, client: Client) -> None:
    wrote = fake.citizen("warga_1").post("@dinsos_contoh halo")
    old = json.dumps({"lanes": {"mentions": {"place": "lama"}}, "todo": ["mentions"]})
    found = list(client.mentions(account(), since=f"x/1:{old}"))
    assert [one.id for one in found] == [wrote]
    strange = answer({"type": "x/invalid-request", "title": "", "detail": ""}, status=400)
    with pytest.raises(RejectedError):
        first(strange)


def test_a_listing_that_stands_still_is_left() -> None:
    lane = {"mentions": {"newest": int(native(5)), "low": int(native(3)), "place": "a"}}
    cursor = f"x/1:{json.dumps({'lanes': lane, 'todo': ['mentions']})}"
    x = account(direct_messages=False)
    found = replay(x.mentions(cursor), [page(post(3), token="b")]).result
    assert not found.more
    assert f'"mark":{native(5)}' in found.cursor


@pytest.mark.parametrize("cursor", ["x/1:[]", "x/2:{}", "mastodon/1:5"])
def test_a_cursor_that_cannot_be_read_is_refused(cursor: str) -> None:
    with pytest.raises(ConfigError):
        replay(account().mentions(cursor), [])


def test_direct_messages_come_once_and_without_the_accounts_own(
    fake: FakeX, client: Client
) -> None:
    wati = fake.citizen("wati_contoh")
    asked = wati.message("kartu <saya> hilang")
    fake.officer().reply(asked, "Siap")
    x = account()
    (read,) = client.mentions(x)
    assert (read.id, read.text, read.private, read.thread) == (
        asked,
        "kartu <saya> hilang",
        True,
        fake.user_id("wati_contoh"),
    )
    (said,) = client.answers(x)
    assert (said.to, said.text, said.private) == (asked, "Siap", True)
    pages = list(client.pages(x))
    again = wati.message("masih hilang")
    assert [one.id for one in client.mentions(x, since=pages[-1].cursor)] == [again]


def test_messages_are_not_asked_for_where_the_scope_is_missing(fake: FakeX, client: Client) -> None:
    fake.citizen("wati_contoh").message("halo")
    assert list(client.mentions(account(direct_messages=False))) == []


def test_group_conversations_are_answered_where_they_are() -> None:
    event = {"id": native(), "sender_id": "7", "text": "halo", "dm_conversation_id": "12345"}
    body = answer({"data": [event, {"id": 5}, {**event, "event_type": "ParticipantsJoin"}]})
    found = replay(account().mentions('x/1:{"todo":["dm"]}'), [body]).result
    (read,) = found.items
    assert (read.thread, len(found.unreadable)) == ("12345", 1)
    made = answer({"data": {"dm_event_id": native(1), "dm_conversation_id": "12345"}}, status=201)
    run = replay(account().reply(read, "Siap", key="k"), [EMPTY, made])
    assert [one.url.rpartition("/2/")[2] for one in run.requests] == [
        "dm_conversations/12345/dm_events",
        "dm_conversations/12345/messages",
    ]


def test_a_message_without_a_sender_is_set_aside() -> None:
    events = [{"id": native()}, {"id": "x", "sender_id": "7"}]
    found = replay(account().mentions('x/1:{"todo":["dm"]}'), [answer({"data": events})]).result
    assert {one.reason for one in found.unreadable} == {
        "sender_id (missing)",
        "created_at (missing)",
    }


def test_answers_are_what_was_said_to_others() -> None:
    to = {"referenced_posts": [{"type": "replied_to", "id": "6"}], "author_id": US}
    own = post(2, **to, text="@warga_contoh Siap")
    bad = {**post(3, **to), "id": "x", "created_at": None}
    body = page(own, post(1, author_id=US), post(0, author_id="7", referenced_posts=[]), bad)
    found = replay(account().answers(), [body]).result
    assert [(one.id, one.to, one.text) for one in found.items] == [(native(2), "6", "Siap")]
    assert [one.reason for one in found.unreadable] == ["created_at (missing)"]


def test_a_reply_names_its_message_and_costs_what_it_costs() -> None:
    made = answer({"data": {"id": native(9), "text": "Siap"}}, status=201)
    run = replay(account().reply(mention(), "Siap", key="k"), [EMPTY, made])
    sent = run.requests[1]
    assert sent.json == {"text": "Siap", "reply": {"in_reply_to_tweet_id": native()}}
    assert (str(sent.cost), sent.repeatable) == ("0.010", False)
    assert run.result.url == f"https://x.com/dinsos_contoh/status/{native(9)}"
    assert run.result.at == told_at(native(9))
    linked = replay(account().reply(mention(), "Lihat lapor.go.id", key="k"), [EMPTY, made])
    assert str(linked.requests[1].cost) == "0.200"


def test_the_next_part_stands_below_the_one_before_which_x_may_not_know_at_once() -> None:
    made, again = (answer({"data": {"id": native(n), "text": "…"}}, status=201) for n in (8, 9))
    first = replay(account().reply(mention(), "Satu (1/2)", key="k"), [EMPTY, made]).result
    before = mention().model_copy(update={"id": first.id, "ref": mention().ref | first.ref})
    gone = answer({"detail": "... deleted or not visible to you."}, status=403)
    parts = [EMPTY, gone, gone, again]
    run = replay(account().reply(before, "Dua (2/2)", key="k#2"), parts)
    assert (run.result.id, run.slept) == (native(9), 10.0)
    assert run.requests[0].params["since_id"] == native(8)
    sent = {"text": "Dua (2/2)", "reply": {"in_reply_to_tweet_id": native(8)}}
    assert [(one.json, str(one.cost)) for one in run.requests[1:]] == [(sent, "0.015")] * 3
    with pytest.raises(NotFoundError):
        replay(account().reply(before, "Dua (2/2)", key="k#2"), [EMPTY, gone, gone, gone])
    with pytest.raises(NotFoundError):
        replay(account().reply(mention(), "Satu", key="k"), [EMPTY, gone])
    assert [x.capabilities.reply_parts for x in (account(), account(reply_parts=1))] == [6, 1]


def test_who_did_not_name_the_account_cannot_be_answered(fake: FakeX, client: Client) -> None:
    fake.citizen("warga_1").post("bansos bulan ini belum sampai")
    (heard,) = client.search(account(), "bansos")
    with pytest.raises(PolicyError, match="did not name") as before:
        client.reply(account(), heard, "Kami cek.", key="k")
    trusting = heard.model_copy(update={"ref": {"post": heard.id}})
    with pytest.raises(PolicyError, match="did not name") as refused:
        client.reply(account(), trusting, "Kami cek.", key="k")
    assert before.value.remedy == refused.value.remedy
    assert fake.published == []
    fake._enterprise = True
    assert client.reply(account(enterprise=True), heard, "Kami cek.", key="k").confirmed
    assert account().capabilities.reply_needs_invitation
    assert not account(enterprise=True).capabilities.reply_needs_invitation


def test_the_same_words_to_somebody_else_are_refused_by_x(fake: FakeX, client: Client) -> None:
    for number in range(2):
        fake.citizen(f"warga_{number}").post("@dinsos_contoh kapan?")
    one, other = client.mentions(account())
    client.reply(account(), one, "Besok.", key="a")
    with pytest.raises(DuplicateError) as refused:
        client.reply(account(), other, "Besok.", key="b")
    assert "word it differently" in refused.value.remedy


def test_a_duplicate_is_our_own_answer_where_it_stands_by_then() -> None:
    duplicate = answer({"detail": "... duplicate content."}, status=403)
    own = post(5, author_id=US, text="@warga_contoh Siap")
    own["referenced_posts"] = [{"type": "replied_to", "id": native()}]
    run = replay(account().reply(mention(), "Siap", key="k"), [EMPTY, duplicate, page(own)])
    assert run.result.id == native(5)
    own = post(5, author_id=US, text="Paket")
    run = replay(account().publish("Paket", key="k"), [EMPTY, duplicate, page(own)])
    assert run.result.id == native(5)
    with pytest.raises(DuplicateError):
        replay(account().publish("Paket", key="k"), [EMPTY, duplicate, EMPTY])


def test_a_citizen_who_takes_no_messages_is_told_to_the_officer(
    fake: FakeX, client: Client
) -> None:
    fake.citizen("wati_contoh").message("halo")
    (read,) = client.mentions(account())
    stranger = read.model_copy(update={"author": Author(id="99", handle="x")})
    with pytest.raises(PolicyError, match="no direct messages") as refused:
        client.reply(account(), stranger, "Siap", key="k")
    assert "in public" in refused.value.remedy


def test_texts_that_are_too_long_are_refused_before_anything_is_asked() -> None:
    with pytest.raises(TooLongError, match="281 of 280"):
        replay(account().reply(mention(), "a" * 281, key="k"), [])
    with pytest.raises(TooLongError, match="10001 of 10000"):
        replay(account().reply(mention(private=True), "a" * 10_001, key="k"), [])
    with pytest.raises(TooLongError):
        replay(account().publish("の" * 141, key="k"), [])


def test_own_answers_are_found_by_place_and_text() -> None:
    def own(number: int, text: str, to: str = "") -> dict[str, Any]:
        said = post(number, author_id=US, text=text)
        return {**said, "referenced_posts": [{"type": "replied_to", "id": to or native()}]}

    def look(text: str, *posts: dict[str, Any], times: int = 1) -> Any:
        found = account().find_reply(mention(), key="k", text=text)
        run = replay(found, [page(*posts)] * times)
        assert run.requests[0].params["since_id"] == native()
        return run.result

    said = own(3, "@warga_contoh Lihat https://t.co/abc ya")
    assert look("Lihat lapor.go.id/formulir ya", said).id == native(3)
    assert look("Lihat kantor ya", said, times=2) is None
    assert look("", said).id == native(3)
    assert look("Siap", own(3, "Siap", to="99"), times=2) is None
    edited = mention(ref={"post": native(2)})
    found = account().find_reply(edited, key="k", text="Siap")
    assert replay(found, [page(own(4, "Siap", to=native(2)))]).result is not None
    with pytest.raises(UnsupportedError, match="several"):
        look("", said, own(4, "Siap"))


def test_too_much_to_look_through_is_left_to_a_person() -> None:
    many = [page(post(9 - n), token=f"t{n}") for n in range(10)]
    with pytest.raises(UnsupportedError, match="a person must look"):
        replay(account().find_reply(mention(), key="k", text="x"), many)
    event = {"id": native(5), "sender_id": US, "text": "y"}
    talk = answer({"data": [event], "meta": {"next_token": "lanjut"}})
    with pytest.raises(UnsupportedError, match="a person must look"):
        replay(account().find_reply(mention(private=True), key="k", text="x"), [talk] * 10)
    with pytest.raises(UnsupportedError, match="without a text"):
        replay(account().find_publication(key="k"), [])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("@a @b Siap  ya", "Siap ya", True),
        ("lihat https://t.co/x", "lihat lapor.go.id/a", True),
        ("lihat https://lapor.go.id/", "lihat lapor.go.id", True),
        ("lihat https://t.co/x", "lihat kantor", False),
        ("lihat https://t.co/x", "lihat https://t.co/y", False),
        ("Siap", "Siap ya", False),
    ],
)
def test_texts_are_compared_as_x_shows_them(one: str, other: str, *, alike: bool) -> None:
    assert same(one, other) is alike


def test_a_search_is_for_words_and_leaves_out_what_names_the_account() -> None:
    run = replay(account(search_page=500).search("Bansos #Bengkulu"), [page(post())])
    asked = run.requests[0].params
    expected = "bansos #bengkulu -is:retweet -from:dinsos_contoh -@dinsos_contoh"
    assert (asked["query"], asked["max_results"]) == (expected, 100)
    again = replay(account().search("bansos #bengkulu", run.result.cursor), [EMPTY])
    assert again.requests[0].params["start_time"] == "2026-11-20T01:14:09Z"
    on = replay(account().search("bansos"), [page(post(), token="lanjut")]).result
    assert on.more
    more = replay(account().search("bansos", on.cursor), [page({"id": 5})])
    assert more.requests[0].params["next_token"] == "lanjut"
    assert len(more.result.unreadable) == 1
    forgotten = answer({"type": "x/invalid-request"}, status=400)
    anew = replay(account().search("bansos", on.cursor), [forgotten, page(post(1), post())])
    assert "next_token" not in anew.requests[1].params
    assert ([one.id for one in anew.result.items], anew.result.more) == ([native(1)], False)
    with pytest.raises(RejectedError):
        replay(account().search("bansos"), [forgotten])
    with pytest.raises(ConfigError, match="512"):
        replay(account().search(" ".join(f"kata{n}" for n in range(99))), [])


def test_a_heard_post_that_names_the_account_may_be_answered() -> None:
    texts = ("bansos", "bansos @Dinsos_Contoh!", "bansos @dinsos_contoh_2")
    found = [post(2 - number, text=text) for number, text in enumerate(texts)]
    run = replay(account().search("bansos"), [page(*found)])
    assert [bool(one.ref.get("uninvited")) for one in run.result.items] == [True, False, True]


def test_pictures_and_videos_are_published_with_their_texts(fake: FakeX, client: Client) -> None:
    x = account()
    client.run(x.publish("Foto", [file(), file("image/jpeg")], key="a"))
    client.run(x.publish("Video", [file("video/mp4", size=9_000_000)], key="b"))
    with fake.world() as state:
        kinds = [one["type"] for one in state["media"].values()]
        assert kinds == ["photo", "photo", "video"]
        assert {one["alt_text"] for one in state["media"].values()} == {"beras"}
        assert [len(one["media"]) for one in state["posts"].values()] == [2, 1]
    client.run(x.publish("", [file("image/gif", alt="")], key="c"))
    assert fake.published == ["Foto", "Video", ""]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ([file()] * 5, UnsupportedError),
        ([file(), file("video/mp4")], UnsupportedError),
        ([file("image/gif")] * 2, UnsupportedError),
        ([file("application/pdf")], UnsupportedError),
        ([file(alt="a" * 1001)], TooLongError),
        ([file(size=5_000_001)], TooLongError),
        ([file("image/gif", size=15_000_001)], TooLongError),
        ([file("video/mp4", size=512_000_001)], TooLongError),
    ],
)
def test_files_that_a_post_cannot_carry_are_refused_first(
    files: list[MediaFile], error: type[Exception]
) -> None:
    with pytest.raises(error):
        replay(account().publish("Foto", files, key="k"), [])


def test_a_file_that_x_cannot_use_or_finish_publishes_nothing() -> None:
    made = answer({"data": {"id": "5"}})

    def state(name: str) -> Response:
        info = {"state": name, "check_after_secs": 5}
        return answer({"data": {"id": "5", "processing_info": info}})

    video, done = [file("video/mp4")], answer({"data": {}})
    start = [EMPTY, made, done]
    with pytest.raises(RejectedError, match="cannot use"):
        replay(account().publish("V", video, key="k"), [*start, state("failed")])
    with pytest.raises(RateLimitError, match="nothing was published") as slow:
        replay(account().publish("V", video, key="k"), [*start, *[state("pending")] * 181])
    assert slow.value.retry_after == 300  # after a quarter of an hour, by fives

    odd = answer({"data": {"id": "5", "processing_info": {"state": "pending"}}})
    ready = answer({"data": {"id": "5", "processing_info": None}})
    posted = answer({"data": {"id": native(9), "text": "V"}}, status=201)
    alt = answer({"data": {"id": "5"}})
    run = replay(account().publish("V", video, key="k"), [*start, odd, ready, alt, posted])
    assert (run.result.id, run.slept) == (native(9), 1.0)


def test_the_accounts_number_is_asked_for_once() -> None:
    me = answer({"data": {"id": US, "username": "dinsos_contoh"}})
    x = account(user_id="", direct_messages=False)
    run = replay(x.mentions(), [me, EMPTY])
    assert f"/users/{US}/mentions" in run.requests[1].url
    assert len(replay(x.mentions(run.result.cursor), [EMPTY]).requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"title": "Unauthorized"}, TokenExpiredError),
        (402, {}, QuotaError),
        (403, {}, AuthError),
        (403, {"type": "https://api.x.com/2/problems/client-forbidden"}, AuthError),
        (403, {"type": "x/client-forbidden", "reason": "client-not-enrolled"}, AccessTierError),
        (403, {"detail": "You must have purchased credits"}, QuotaError),
        (429, {"type": "https://api.x.com/2/problems/usage-capped"}, QuotaError),
        (429, {"type": "https://api.x.com/2/problems/rate-limit-exceeded"}, RateLimitError),
        (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, RateLimitError),
        (403, {"errors": [{"code": 187}]}, DuplicateError),
        (403, {"errors": [{"code": 186}]}, TooLongError),
        (403, {"errors": [{"code": 226}]}, PolicyError),
        (403, {"errors": [{"code": 326}]}, ReauthRequiredError),
        (403, {"errors": [{"code": 349}]}, PolicyError),
        (403, {"errors": [{"code": 433}]}, PolicyError),
        (403, {"detail": "The original Post author restricted who can reply."}, PolicyError),
        (403, {"detail": "You cannot send messages to this user."}, PolicyError),
        (404, {"type": "https://api.x.com/2/problems/resource-not-found"}, NotFoundError),
        (400, {"type": "https://api.x.com/2/problems/invalid-request"}, RejectedError),
        (400, {"detail": 5, "errors": ["x", {"code": None}]}, RejectedError),
        (503, "bukan json", ServerError),
        (200, {"errors": [{"type": "x/resource-not-found"}]}, NotFoundError),
        (200, {"errors": [{"type": "x/apa-ini"}]}, ServerError),
    ],
)
def test_every_refusal_has_its_error(status: int, body: Any, error: type[PlatformError]) -> None:
    judged = classifier(None)("x.uji", answer(body, status=status))
    assert judged is not None
    assert type(judged) is error
    assert judged.remedy


def test_what_x_refuses_in_other_words_is_refused_for_this_text_or_person_alone() -> None:
    def judged(operation: str, detail: str) -> Any:
        problem = {"type": "about:blank", "title": "Forbidden", "detail": detail}
        return classifier(None)(operation, answer(problem, status=403))

    odd = "Posts are limited to a maximum of one cashtag."
    for operation in ("x.reply", "x.publish"):
        refused = judged(operation, odd)
        assert type(refused) is PolicyError
        assert "permissions" in refused.remedy
        for detail in ("", "Forbidden", "You are not permitted to perform this action."):
            assert type(judged(operation, detail)) is AuthError
    assert type(judged("x.mentions", odd)) is AuthError
    assert type(judged("x.reply", "Your Post text is too long.")) is TooLongError


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "errors": [{"type": "x/resource-not-found"}]},
        {"errors": [{"type": "x/resource-not-found"}], "meta": {"result_count": 0}},
        {"data": {"text": '"errors"'}},
    ],
)
def test_errors_beside_data_are_no_refusal(body: Any) -> None:
    assert classifier(None)("x.uji", answer(body)) is None


def test_refusals_can_be_overruled_and_unknown_kinds_are_refused() -> None:
    judge = classifier({"client-forbidden": "tier", "187": "policy", "not today": "rate"})
    forbidden = answer({"type": "x/client-forbidden"}, status=403)
    assert type(judge("x.uji", forbidden)) is AccessTierError
    assert type(judge("x.uji", answer({"errors": [{"code": 187}]}, status=403))) is PolicyError
    assert type(judge("x.uji", answer({"detail": "Not today."}, status=403))) is RateLimitError
    with pytest.raises(ConfigError, match="none of"):
        account(codes={"187": "entah"})


def test_a_wait_is_read_from_the_header_of_x() -> None:
    date = "Fri, 20 Nov 2026 04:00:00 GMT"
    reset = str(int(NOW.timestamp()) + 90)
    given = answer({}, status=429, x_rate_limit_reset=reset, date=date)
    judged = classifier(None)("x.uji", given)
    assert judged is not None
    assert judged.retry_after == 90


def test_the_wait_is_that_of_the_budget_that_is_used_up() -> None:
    def judged(left: str, body: Any) -> float | None:
        headers = {
            "x-rate-limit-reset": str(int(NOW.timestamp()) + 90),
            "x-user-limit-24hour-remaining": left,
            "x-user-limit-24hour-reset": str(int(NOW.timestamp()) + 7200),
            "date": "Fri, 20 Nov 2026 04:00:00 GMT",
        }
        error = classifier(None)("x.reply", Response(429, headers, json.dumps(body).encode()))
        assert type(error) is RateLimitError
        return error.retry_after

    for body in ({}, {"type": "x/rate-limit-exceeded"}):
        assert judged("5", body) == 90
        assert judged("0", body) == 7200


def test_a_budget_of_messages_that_is_used_up_is_waited_for(fake: FakeX, client: Client) -> None:
    fake.clock = lambda: NOW
    fake.citizen("wati_contoh").message("halo")
    x = account()
    (read,) = client.mentions(x)
    with pytest.raises(RateLimitError) as busy:
        for _ in range(16):  # X allows 15 in a quarter of an hour
            client.find_reply(x, read, key="k", text="Siap")
    assert busy.value.retry_after is not None
    assert busy.value.retry_after > 60
    wrote = fake.citizen("wati_contoh").post("@dinsos_contoh halo")
    pages = list(client.pages(x))
    assert [one.id for each in pages for one in each.items] == [wrote]
    assert "direct messages: the budget is used up" in pages[-1].unreadable[0].reason


def test_messages_that_x_does_not_tell_keep_no_public_ones_from_being_heard() -> None:
    forbidden = answer({"type": "x/not-authorized-for-resource"}, status=403)
    wrong = answer({"type": "x/invalid-request"}, status=400)
    listings: dict[str, Any] = {"x/1": account().mentions, "x.answers/1": account().answers}
    for name, listing in listings.items():
        cursor = f'{name}:{{"todo":["dm"]}}'
        found = replay(listing(cursor), [forbidden]).result
        assert (found.items, found.more, found.cursor) == ((), False, f"{name}:{{}}")
        assert "give the app the scope" in found.unreadable[0].reason
        for refusal in (wrong, answer({}, status=503), answer({"data": 5})):
            found = replay(listing(cursor), [refusal]).result
            assert (found.items, found.more, found.cursor) == ((), False, f"{name}:{{}}")
        with pytest.raises(ReauthRequiredError):
            replay(listing(cursor), [answer({}, status=401)])


def test_a_post_that_x_lists_late_is_heard(fake: FakeX, client: Client) -> None:
    x = account(direct_messages=False)
    slow = fake.citizen("warga_1").post("@dinsos_contoh satu")
    with fake.world() as state:
        hidden = state["posts"].pop(slow)
    fake.citizen("warga_2").post("@dinsos_contoh dua")
    pages = list(client.pages(x))
    with fake.world() as state:
        state["posts"][slow] = hidden
    assert [one.id for one in client.mentions(x, since=pages[-1].cursor)] == [slow]


def test_watchers_are_told_what_each_call_cost(fake: FakeX) -> None:
    records: list[CallRecord] = []
    client = Client(transport=fake, sleep=lambda _: None, on_call=records.append)
    fake.citizen("warga_1").post("@dinsos_contoh halo")
    (read,) = client.mentions(account(direct_messages=False))
    client.reply(account(), read, "Siap", key="k")
    assert [(one.operation, str(one.cost)) for one in records] == [
        ("x.mentions", "0.015"),  # a post and its author
        ("x.reply", "0.000"),
        ("x.reply", "0.010"),
    ]
    fake.fault("broken", after=1)
    with pytest.raises(ServerError):
        client.reply(account(), read, "Siap juga", key="k2")
    assert str(records[-1].cost) == "0.010"  # what X may have taken counts as paid


def test_a_bad_setting_is_named() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"user_id": "wati"}, "user_id"),
        ({"dialect": "lain"}, "dialect"),
        ({"base_url": "http://api.x.example"}, "https"),
        ({"prices": {"entah": 1}}, "prices"),
        ({"prices": {"post_read": "mahal"}}, "prices"),
        ({"month_limit": "-1"}, "month_limit"),
        ({"kept_for_answers": 1.5}, "kept_for_answers"),
    ]
    for settings, named in wrong:
        with pytest.raises(ConfigError, match=named):
            account(**settings)
    assert account(base_url="http://localhost:8080").handle == "dinsos_contoh"
    assert X("@dinsos_contoh", "akses").handle == "dinsos_contoh"


def test_the_older_vocabulary_is_asked_and_read() -> None:
    to = [{"type": "replied_to", "id": "6"}]
    run = first(page(post(referenced_tweets=to)), dialect="tweet")
    asked = run.requests[0].params
    assert "referenced_tweets" in asked["tweet.fields"]
    assert "post.fields" not in asked
    assert run.result.items[0].reply_to == "6"


def test_webhooks_are_registered_by_the_app(fake: FakeX, client: Client) -> None:
    with pytest.raises(ConfigError, match="app_token"):
        client.run(account().subscribe("https://dinsos.example.go.id/x"))
    client.run(account(app_token="aplikasi").subscribe("https://dinsos.example.go.id/x"))
    with fake.world() as state:
        assert state["subscriptions"] == ["post.mention.create", "post.reply.create", "dm.received"]
        state["subscriptions"] = []
    public = account(app_token="aplikasi", direct_messages=False)
    client.run(public.subscribe("https://dinsos.example.go.id/x"))
    with fake.world() as state:
        assert state["subscriptions"] == ["post.mention.create", "post.reply.create"]


def findings(check: Any) -> dict[str, Any]:
    return {one.name: one for one in check.findings}


def test_the_check_tells_how_everything_stands(fake: FakeX, client: Client) -> None:
    token = json.dumps({"access_token": "akses", "refresh_token": "r", "scope": "tweet.read"})
    x = X("dinsos_contoh", token, client_id="k", app_token="aplikasi", clock=lambda: NOW)
    told = findings(client.check(x))
    assert set(told) == {"token", "scopes", "account", "cost", "usage", "limits", "clock"}
    assert "dm.read" in told["scopes"].detail
    assert not told["scopes"].ok
    assert "120 dari 3000000" in told["usage"].detail
    public = {"access_token": "akses", "refresh_token": "r", "scope": " ".join(SCOPES)}
    silent = X("dinsos_contoh", json.dumps(public), client_id="k", direct_messages=False)
    assert findings(client.check(silent))["scopes"].ok  # none for what is not done
    other = findings(client.check(X("dinkes_contoh", token, client_id="k", clock=lambda: NOW)))
    assert "dinsos_contoh" in other["account"].remedy
    wrong = findings(client.check(X("dinsos_contoh", "salah", clock=lambda: NOW)))
    assert wrong["token"].remedy


def test_the_check_tells_what_is_about_to_go_wrong() -> None:
    me = {"data": {"id": US, "username": "dinsos_contoh"}}
    late = answer(me, date="Fri, 20 Nov 2026 05:00:00 GMT", x_rate_limit_remaining="0")
    usage = answer({"data": {"project_usage": "95", "project_cap": "100"}})
    told = findings(replay(account(app_token="aplikasi").check(), [late, usage]).result)
    for name in ("token", "usage", "limits", "clock"):
        assert not told[name].ok, name
        assert told[name].remedy, name
    refused = answer({}, status=403)
    silent = answer(me, date="entah")
    told = findings(replay(account(app_token="aplikasi").check(), [silent, refused]).result)
    assert told["usage"].remedy
    assert told["clock"].detail == "server tidak menyebut jam"


def test_an_answer_that_was_lost_counts_as_paid() -> None:
    x = account(month_limit=1)

    def lost(flow: Callable[[], Any], error: PlatformError) -> None:
        steps = iter(flow())
        next(steps)
        request = steps.send(EMPTY)
        assert request.method == "POST"
        with pytest.raises(PlatformError):
            steps.throw(error)

    lost(lambda: x.reply(mention(), "Siap", key="k"), TransportError("lost", operation="x.reply"))
    lost(lambda: x.reply(mention(), "Siap", key="k"), ServerError("broken", operation="x.reply"))
    assert "0.020" in findings(replay(x.check(), [answer({}, status=401)]).result)["cost"].detail


def test_an_answer_of_another_shape_is_named(fake: FakeX) -> None:
    with pytest.raises(ContractError, match="data"):
        first(answer({"data": 5}))
    records: list[CallRecord] = []

    class Odd(Transport):
        def http(self, request: Request) -> Response:
            return answer({"data": 5})

    client = Client(transport=Odd(), on_call=records.append)
    with pytest.raises(ContractError):
        list(client.mentions(account()))
    assert [(one.error, one.cost) for one in records] == [(None, Decimal(0))]


def test_an_id_that_is_no_number_is_no_reason_to_send_again() -> None:
    made = answer({"data": {"id": "abc", "text": "Siap"}}, status=201)
    assert replay(account().reply(mention(), "Siap", key="k"), [EMPTY, made]).result.at == NOW


def test_what_others_in_a_conversation_do_is_no_answer() -> None:
    joined = {"id": native(2), "sender_id": US, "event_type": "ParticipantsJoin"}
    bad = {"id": "x", "sender_id": US}
    odd = {"id": native(1), "sender_id": "7", "dm_conversation_id": f"7-{US}"}
    said = {"id": native(3), "sender_id": US, "text": "Siap", "dm_conversation_id": f"7-{US}"}
    body = answer({"data": [said, joined, {"id": 5}, odd, bad]})
    found = replay(account().answers('x.answers/1:{"todo":["dm"]}'), [body]).result
    assert [(one.id, one.to, one.thread) for one in found.items] == [(native(3), native(1), "7")]
    assert [one.reason for one in found.unreadable] == ["created_at (missing)"]


def test_messages_are_walked_down_to_the_last_one_known_and_no_further() -> None:
    def told(*numbers: int) -> Response:
        listed = [{"id": native(n), "sender_id": "7", "text": str(n)} for n in numbers]
        return answer({"data": listed, "meta": {"next_token": "lanjut"}})

    minute = 60_000 << 22
    cursor = json.dumps({"lanes": {"dm": {"mark": int(native(5)) + minute}}, "todo": ["dm"]})
    found = replay(account().mentions(f"x/1:{cursor}"), [told(9, 7, 5, 3)])
    assert found.requests[0].params["max_results"] == 20
    assert [one.text for one in found.result.items] == ["7", "9"]
    assert not found.result.more
    on = replay(account().mentions(f"x/1:{cursor}"), [told(9, 7)]).result
    assert on.more
    last = replay(account().mentions(on.cursor), [told(5, 3)])
    assert (last.requests[0].params["max_results"], last.result.more) == (100, False)
    assert last.result.items == ()


def test_a_walk_begun_again_goes_on_below_its_first_page() -> None:
    lane = {"newest": int(native(9)), "low": int(native(3)), "place": "lama"}
    cursor = f"x/1:{json.dumps({'lanes': {'mentions': lane}, 'todo': ['mentions']})}"
    forgotten = answer({"type": "x/invalid-request"}, status=400)
    x = account(direct_messages=False)
    run = replay(x.mentions(cursor), [forgotten, page(post(9), post(8), token="baru")])
    assert "pagination_token" not in run.requests[1].params
    assert run.result.more


def test_a_conversation_is_looked_through_down_to_the_message() -> None:
    talk = [{"id": native(n), "sender_id": US, "text": "y"} for n in (5, 0)]
    body = answer({"data": talk, "meta": {"next_token": "lanjut"}})
    look = account().find_reply(mention(private=True), key="k", text="Siap")
    assert replay(look, [body, body]).result is None


def test_what_would_be_refused_or_cost_too_much_asks_for_nothing() -> None:
    heard = mention(ref={"post": native(), "uninvited": "yes"})
    with pytest.raises(PolicyError):
        replay(account().reply(heard, "Kami cek.", key="k"), [])
    with pytest.raises(QuotaError):
        replay(account(month_limit="0.19").publish("Lihat lapor.go.id", [file()], key="k"), [])
