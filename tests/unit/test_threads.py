import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import (
    ConfigError,
    NotFoundError,
    PelayananError,
    RateLimitError,
    RejectedError,
    ServerError,
    TooLongError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Answer, Author, Mention, Secret
from pelayanan.platforms import Threads
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.webhook import Pointer, WebhookEvents
from pelayanan.testing import FakeThreads, answer, replay
from pelayanan.text.length import count

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
TOKEN = "THAArahasia"
BASE = "https://graph.threads.net/v1.0"
PLACE = "https://media.example/{sha256}/{filename}"


def account(**options: Any) -> Threads:
    known: dict[str, Any] = {"app_secret": "s", "verify_token": "kata", "clock": lambda: NOW}
    return Threads("1060", "@dinsos_contoh", TOKEN, **{**known, **options})


def at(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def post(number: int, text: str | None = "lampu mati", by: str = "wati.contoh", **more: Any) -> Any:
    known = {"id": f"18{number}", "text": text, "username": by, "timestamp": at(60 - number)}
    return {**known, "permalink": f"https://threads.example/18{number}", **more}


def own(number: int, text: str = "Siap", **more: Any) -> Any:
    return post(number, text, "Dinsos_Contoh", **more)


def listed(*items: Any, after: str = "", **headers: str) -> Any:
    onward = {"next": "x"} if after else {}
    body = {"data": list(items), "paging": {"cursors": {"after": after}, **onward}}
    return answer(body, **headers)  # type: ignore[arg-type]  # headers only


def mention(minutes: float = 59) -> Mention:
    return Mention(
        platform="threads",
        id="181",
        author=Author(id="@wati.contoh", handle="wati.contoh"),
        text="lampu mati",
        created_at=NOW - timedelta(minutes=minutes),
    )


def walked(stream: Any, *answers: Any) -> tuple[list[Any], list[Any]]:
    items: list[Any] = []
    requests: list[Any] = []
    cursor, more = None, True
    for each in answers:
        run = replay(stream(cursor), [each])
        items += run.result.items
        requests += run.requests
        cursor, more = run.result.cursor, run.result.more
    assert not more
    return items, requests


# --- what others wrote ------------------------------------------------------------------------


def test_mentions_and_replies_to_own_posts_are_read() -> None:
    below = post(3, root_post={"id": "170"}, replied_to={"id": "185"}, is_reply=True)
    own_posts = listed(
        {"id": "170", "timestamp": at(9)},
        {"id": "171", "timestamp": at(9), "has_replies": False},
        {"id": "172"},
    )
    pages = [listed(post(2), post(1)), own_posts, listed(below, own(4)), listed()]
    found, requests = walked(account().mentions, *pages)
    assert [each.id for each in found] == ["181", "182", "183"]
    assert [one.url for one in requests] == [
        f"{BASE}/1060/mentions",
        f"{BASE}/1060/threads",
        f"{BASE}/170/conversation",
        f"{BASE}/1060/replies",
    ]
    assert found[0].author == Author(id="@wati.contoh", handle="wati.contoh")
    assert (found[0].thread, found[0].reply_to) == ("181", "")
    assert found[0].url == "https://threads.example/181"
    assert (found[2].thread, found[2].reply_to) == ("170", "185")
    assert "since" not in requests[0].params
    assert requests[1].params["since"] == int((NOW - timedelta(days=14)).timestamp())
    assert requests[2].params["reverse"] == "true"


def test_pictures_shares_and_people_without_a_name() -> None:
    picture = post(3, media_type="IMAGE", media_url="https://x.example/1.jpg")
    strange = post(2, media_type="HOLOGRAM", media_url="https://x.example/2", username=None)
    share = post(1, text=None, media_type="REPOST_FACADE")
    found = replay(account().mentions(), [listed(picture, strange, share)]).result.items
    assert [each.attachments[0].media_type for each in found] == [
        "application/octet-stream",
        "image/*",
    ]
    assert found[0].author == Author(id="anon:182", handle="")


def test_a_walk_asks_for_what_is_new_and_ends_there() -> None:
    date = "Fri, 20 Nov 2026 05:00:00 GMT"
    cursor = None
    for _ in range(3):
        cursor = replay(account().mentions(cursor), [listed(date=date)]).result.cursor
    assert cursor == 'threads/1:{"mark":"2026-11-20T05:00:00Z"}'
    run = replay(account().mentions(cursor), [listed(post(40), post(20), after="A")])
    assert run.requests[0].params["since"] == int((NOW - timedelta(minutes=30)).timestamp())
    assert [each.id for each in run.result.items] == ["1840"]
    assert '"after":"A"' not in run.result.cursor


def test_every_listing_goes_on() -> None:
    parts = [
        listed(post(2), after="A"),
        listed(post(1)),
        listed({"id": "170", "timestamp": at(9)}, after="B"),
        listed(post(4), after="C"),
        listed(post(3)),
        listed(),
        listed(),
    ]
    _, requests = walked(account().mentions, *parts)
    places = [(one.url.rpartition("v1.0/")[2], one.params.get("after")) for one in requests]
    assert places == [
        ("1060/mentions", None),
        ("1060/mentions", "A"),
        ("1060/threads", None),
        ("170/conversation", None),
        ("170/conversation", "C"),
        ("1060/threads", "B"),
        ("1060/replies", None),
    ]


def test_who_answers_an_answer_elsewhere_is_heard_without_naming_the_account() -> None:
    ours = {"timestamp": at(9), "has_replies": True}
    replies = listed(
        {"id": "175", **ours, "root_post": {"id": "990"}},
        {"id": "176", **ours, "root_post": {"id": "170", "username": "dinsos_contoh"}},
        {"id": "177", "timestamp": at(9)},
    )
    follow_up = post(5, "belum juga", replied_to={"id": "175"}, root_post={"id": "990"})
    pages = [listed(), listed(), replies, listed(follow_up)]
    (found,), requests = walked(account().mentions, *pages)
    assert (found.text, found.reply_to, found.thread) == ("belum juga", "175", "990")
    assert requests[-1].url == f"{BASE}/175/replies"


def test_what_stands_below_a_share_is_for_whom_wrote_the_post() -> None:
    share = {"id": "170", "timestamp": at(9), "has_replies": True, "media_type": "REPOST_FACADE"}
    assert walked(account().mentions, listed(), listed(share), listed())[0] == []


def test_what_is_unreadable_is_set_aside() -> None:
    found = replay(account().mentions(), [listed("rusak", {"id": "5"}, post(1))]).result
    assert [each.id for each in found.items] == ["181"]
    assert [each.id for each in found.unreadable] == ["", "5"]
    said = replay(account().answers(), [listed("rusak", own(1, replied_to={"id": "7"}))]).result
    assert (len(said.items), len(said.unreadable)) == (1, 1)


def test_a_strange_cursor_is_refused() -> None:
    with pytest.raises(ConfigError, match="threads/1"):
        replay(account().mentions("threads.answers/1:{}"), [])


def test_own_replies_are_answers() -> None:
    reply = own(3, "Siap", replied_to={"id": "181"}, root_post={"id": "170"})
    bare = own(2, "Siap", replied_to={"id": "180"})
    pages = [listed(reply, bare, own(1), after="A"), listed()]
    found, requests = walked(account().answers, *pages)
    assert requests[0].url == f"{BASE}/1060/replies"
    assert [(each.id, each.to, each.thread) for each in found] == [
        ("182", "180", "180"),
        ("183", "181", "170"),
    ]
    assert found[1] == Answer(
        platform="threads",
        id="183",
        to="181",
        text="Siap",
        created_at=NOW - timedelta(minutes=57),
        thread="170",
        url="https://threads.example/183",
    )
    other = account(own_replies="my_replies")
    assert replay(other.answers(), [listed()]).requests[0].url.endswith("/my_replies")


# --- answering --------------------------------------------------------------------------------

SHOWN = answer({"id": "189", "timestamp": at(0), "permalink": "https://threads.example/189"})


def made(name: str = "18c") -> Any:
    return answer({"id": name})


def state(code: str = "FINISHED") -> Any:
    return answer({"id": "18c", "status": code})


BROKEN = answer({"error": {"code": 2}}, status=500)


def replied(*answers: Any) -> Any:
    return replay(account().reply(mention(), "Siap", key="k"), answers)


def test_an_answer_is_made_in_two_steps_after_a_look() -> None:
    run = replied(listed(), made(), made("189"), SHOWN)
    look, make, publish, _ = run.requests
    assert look.url == f"{BASE}/1060/replies"
    assert look.params["since"] == int(mention().created_at.timestamp())
    assert make.form == {"media_type": "TEXT", "text": "Siap", "reply_to_id": "181"}
    assert (make.repeatable, publish.repeatable) == (True, False)
    assert (publish.url, publish.params) == (f"{BASE}/1060/threads_publish", {"creation_id": "18c"})
    assert (run.result.id, run.result.url) == ("189", "https://threads.example/189")


def test_what_stands_already_is_not_written_again() -> None:
    run = replied(listed(own(9, " Siap ", replied_to={"id": "181"})))
    assert (run.result.id, len(run.requests)) == ("189", 1)


def test_a_lost_answer_is_looked_up_at_the_container() -> None:
    standing = listed(own(9, replied_to={"id": "181"}))
    assert replied(listed(), made(), BROKEN, state("PUBLISHED"), standing).result.id == "189"
    with pytest.raises(TransportError, match="not listed yet"):
        replied(listed(), made(), BROKEN, state("PUBLISHED"), listed())
    assert replied(listed(), made(), BROKEN, state(), made("189"), BROKEN).result.url is None
    with pytest.raises(ServerError):
        replied(listed(), made(), BROKEN, BROKEN)


def test_a_look_finds_own_answers_by_their_text() -> None:
    def look(*answers: Any, text: str = "Siap") -> Any:
        return replay(account().find_reply(mention(), key="k", text=text), answers).result

    one = own(9, replied_to={"id": "181"})
    two = own(10, "Lagi", replied_to={"id": "181"})
    other = own(8, replied_to={"id": "7"})
    assert look(listed(two, other, after="A"), listed(one)).id == "189"
    assert look(listed(two, other)) is None
    assert look(listed(one), text="").id == "189"
    assert look(listed(other), text="") is None
    assert look(listed(own(0, replied_to={"id": "181"}), after="A")) is None  # before the message
    with pytest.raises(UnsupportedError, match="several own answers"):
        look(listed(one, two), text="")
    with pytest.raises(UnsupportedError, match="too much"):
        look(*[listed(two, after="A")] * 10)
    with pytest.raises(UnsupportedError, match="too much"):
        look(listed("rusak"))


def test_emoji_count_by_their_bytes() -> None:
    assert (count("threads", "Siap 👍🏽"), count("threads", "日本 é ❤️")) == (13, 11)
    assert account().capabilities.text[0].counter == "threads"  # so long replies are cut by it
    text = "👍" * 126
    with pytest.raises(TooLongError, match="504 of 500"):
        replay(account().reply(mention(), text, key="k"), [])
    lax = account(emoji_bytes=False)
    flow = lax.reply(mention(), text, key="k")
    assert replay(flow, [listed(), made(), made("9"), SHOWN]).result.id == "189"
    with pytest.raises(TooLongError, match="11 of 10"):
        replay(account(text_limit=10).publish("x" * 11, key="k"), [])


# --- publishing -------------------------------------------------------------------------------


def file(kind: str = "image/jpeg", alt: str = "beras") -> MediaFile:
    return MediaFile(
        filename="a.jpg",
        media_type=kind,
        alt=alt,
        size_bytes=3,
        sha256="abc",
        width=1,
        height=1,
        open=lambda: io.BytesIO(b"isi"),
    )


def published(*answers: Any, media: Any = (), text: str = "Beras") -> Any:
    threads = account(media_url=PLACE)
    return replay(threads.publish(text, media, key="k"), answers)


def test_a_text_a_picture_and_several_files_are_published() -> None:
    run = published(listed(), made(), made("189"), SHOWN)
    assert run.requests[1].form == {"media_type": "TEXT", "text": "Beras"}
    run = published(listed(), made(), state(), made("189"), SHOWN, media=[file()])
    assert run.requests[1].form == {
        "media_type": "IMAGE",
        "image_url": "https://media.example/abc/a.jpg",
        "alt_text": "beras",
        "text": "Beras",
    }
    both = [file(alt=""), file("video/mp4")]
    steps = [made("18a"), made("18b"), state("IN_PROGRESS"), state(), state(), made(), state()]
    run = published(listed(), *steps, made("189"), SHOWN, media=both)
    assert run.requests[2].form == {
        "media_type": "VIDEO",
        "video_url": "https://media.example/abc/a.jpg",
        "alt_text": "beras",
        "is_carousel_item": "true",
    }
    assert run.requests[6].form == {
        "media_type": "CAROUSEL",
        "children": "18a,18b",
        "text": "Beras",
    }
    assert run.slept == 2.0


def test_files_that_a_post_cannot_carry_are_refused() -> None:
    for media, why in [([file()] * 21, "20 pictures"), ([file("image/gif")], "JPEG")]:
        with pytest.raises(UnsupportedError, match=why):
            published(media=media)
    with pytest.raises(UnsupportedError, match="media_url"):
        replay(account().publish("x", [file()], key="k"), [])
    with pytest.raises(TooLongError, match="alternative text"):
        published(media=[file(alt="x" * 1001)])
    with pytest.raises(RejectedError, match="could not use"):
        published(listed(), made(), state("EXPIRED"), media=[file()])
    links = answer(
        {"error": {"code": 1, "message": "THREADS_API__LINK_LIMIT_EXCEEDED"}}, status=400
    )
    with pytest.raises(RejectedError, match="too many links"):
        published(listed(), made(), links)


def test_the_same_text_is_published_once_a_day() -> None:
    assert published(listed(own(9, "Beras"))).result.id == "189"
    found = listed(own(9, "Beras"))
    assert published(listed(), made(), BROKEN, state("PUBLISHED"), found).result.id == "189"
    with pytest.raises(TransportError):
        published(listed(), made(), BROKEN, state("PUBLISHED"), listed())
    with pytest.raises(TransportError):
        picture = [file()]
        published(made(), state(), BROKEN, state("PUBLISHED"), media=picture, text="")


def test_a_publication_is_looked_for_through_thirty_days() -> None:
    flow = account().find_publication(key="k", text="Beras")
    run = replay(flow, [listed(own(9, "Beras"))])
    assert run.result is not None
    assert run.requests[0].params["since"] == int((NOW - timedelta(days=30)).timestamp())
    assert replay(account().find_publication(key="k", text="x"), [listed()]).result is None
    with pytest.raises(UnsupportedError, match="without a text"):
        replay(account().find_publication(key="k"), [])


# --- webhooks ---------------------------------------------------------------------------------


def body(field: str, value: Any) -> bytes:
    values = {"field": field, "value": value}
    known = {"app_id": "1", "topic": "moderate", "target_id": "5", "time": 1795015200}
    return json.dumps({**known, "values": values}).encode()


def pushed(field: str, value: Any) -> WebhookEvents:
    return account().parse(body(field, value))


def test_replies_below_own_posts_are_pushed() -> None:
    root = {"id": "170", "owner_id": "1060", "username": "dinsos_contoh"}
    (found,) = pushed("replies", post(1, root_post=root, replied_to={"id": "170"})).mentions
    assert (found.id, found.thread, found.reply_to) == ("181", "170", "170")
    assert len(pushed("replies", post(1)).mentions) == 1
    named = {"id": "170", "username": "Dinsos_Contoh"}
    assert len(pushed("replies", post(1, root_post=named)).mentions) == 1
    theirs = {"id": "170", "owner_id": "2060", "username": "dinkes"}
    assert pushed("replies", post(1, root_post=theirs)) == WebhookEvents(elsewhere=("2060",))
    assert pushed("replies", own(1)) == WebhookEvents()


def test_mentions_are_for_whom_they_name() -> None:
    assert len(pushed("mentions", post(1, "halo @Dinsos_Contoh.")).mentions) == 1
    assert len(pushed("mentions", post(1, None)).mentions) == 1
    assert pushed("mentions", post(1, "halo @dinkes")) == WebhookEvents(elsewhere=("dinkes",))
    both = pushed("mentions", post(1, "halo @Dinkes dan @dinsos_contoh."))
    assert ([one.id for one in both.mentions], both.elsewhere) == (["181"], ("dinkes",))


def test_own_answers_and_deletions_are_pushed() -> None:
    reply = own(1, replied_to={"id": "180"})
    assert [each.to for each in pushed("publish", reply).answers] == ["180"]
    assert pushed("publish", own(1)) == WebhookEvents()
    assert pushed("publish", {**reply, "text": None}) == WebhookEvents()
    assert pushed("delete", {"id": "181", "deleted_at": at(0)}).deletions == ("181",)
    assert pushed("delete", {}) == WebhookEvents()
    assert pushed("like", {"id": "1"}) == WebhookEvents()


def test_what_is_only_announced_is_fetched() -> None:
    (pointer,) = pushed("mentions", {"id": "181"}).pointers
    run = replay(account().fetch_mention(pointer), [answer(post(1))])
    assert run.requests[0].url == f"{BASE}/181"
    assert run.result.text == "lampu mati"
    with pytest.raises(NotFoundError):
        replay(account().fetch_mention(Pointer(id="181", ref={})), [answer(own(1))])


def test_what_cannot_be_read_is_set_aside() -> None:
    assert pushed("mentions", {**post(1), "timestamp": "kemarin"}).unreadable[0].id == "181"
    assert len(pushed("mentions", {}).unreadable) == 1
    assert len(account().parse(b"[]").unreadable) == 1
    several = {"values": [{"field": "delete", "value": {"id": "1"}}] * 2}
    assert account().parse(json.dumps(several).encode()).deletions == ("1",)


def test_the_webhook_of_the_account_is_verified() -> None:
    with pytest.raises(PelayananError, match=r"threads\.webhook"):
        account().verify(b"{}", {}, now=NOW)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "kata"}
    assert account().handshake(asked) == "1"


# --- check, tokens, errors --------------------------------------------------------------------


def checked(*answers: Any, **options: Any) -> dict[str, Any]:
    found = replay(account(**options).check(), answers).result
    return {each.name: each for each in found.findings}


ME = answer({"id": "1060", "username": "dinsos_contoh"})
QUOTA = answer(
    {
        "data": [
            {"quota_usage": 3, "config": {"quota_total": 250}},
            {"reply_quota_usage": 1000, "reply_config": {"quota_total": 1000}},
        ]
    }
)


def debugged(days: float) -> Any:
    until = int((NOW + timedelta(days=days)).timestamp())
    return answer({"data": {"expires_at": until, "scopes": ["threads_basic"]}})


def test_the_check_tells_how_everything_stands() -> None:
    found = checked(ME, debugged(40), QUOTA)
    assert list(found) == ["token", "scopes", "account", "quota", "reply_quota", "limits", "clock"]
    assert found["token"].detail == "berlaku 40 hari lagi"
    assert not found["scopes"].ok
    assert found["quota"].detail == "3 dari 250 dalam 24 jam"
    assert not found["reply_quota"].ok
    other = checked(answer({"id": "1060", "username": "lain"}), BROKEN, BROKEN)
    assert not other["account"].ok


def test_a_token_that_cannot_be_renewed_is_a_fault_whatever_the_platform_says() -> None:
    env = Threads("1060", "dinsos_contoh", Secret(TOKEN, source="env:X"), clock=lambda: NOW)
    found = replay(env.check(), [ME, debugged(40), QUOTA]).result
    assert not found.findings[0].ok
    refused = answer({"error": {"code": 190, "message": TOKEN}}, status=400)
    only = checked(refused)
    assert (list(only), only["token"].ok, TOKEN in repr(only)) == (["token"], False, False)
    assert "masuk lagi" in only["token"].remedy  # Threads knows no system users


def test_the_token_is_renewed_with_the_grant_of_threads() -> None:
    given = Secret(TOKEN, source="file:/contoh")
    threads = Threads("1060", "dinsos_contoh", given, clock=lambda: NOW)
    run = replay(threads.renew(), [answer({"access_token": "THAAbaru", "expires_in": 5}), *()])
    assert run.requests[0].url == "https://graph.threads.net/refresh_access_token"
    assert run.requests[0].params["grant_type"] == "th_refresh_token"
    assert len(run.kept) == 1


def test_the_token_is_shown_nowhere() -> None:
    threads = account()
    run = replay(threads.mentions(), [listed()])
    assert TOKEN not in f"{threads!r} {vars(threads)!r} {run.requests!r}"
    refused = answer({"error": {"code": 4, "message": TOKEN}}, status=400)
    with pytest.raises(RateLimitError) as caught:
        replay(threads.mentions(), [refused])
    assert TOKEN not in f"{caught.value!r} {vars(caught.value)}"


def test_settings_are_checked() -> None:
    assert account().handle == "dinsos_contoh"
    assert account().capabilities.media_by == "url"
    with pytest.raises(ConfigError):
        account(base_url="http://x.example")
    with pytest.raises(ConfigError, match="user_id"):
        Threads("dinsos", "dinsos", TOKEN)


def test_the_fake_keeps_to_its_own_rules() -> None:
    fake = FakeThreads(clock=lambda: NOW)
    wati = fake.citizen("wati.contoh")
    wrote = wati.post("@dinsos_contoh lampu mati")
    threads = account()
    client = Client(transport=fake, sleep=lambda _: None)
    (found,) = client.mentions(threads)
    fake.fault("lost_reply", after=1)
    assert client.reply(threads, found, "Siap", key="k").id
    assert fake.published == ["Siap"]
    wati.delete(wrote)
    assert list(client.mentions(threads)) == []
    with pytest.raises(NotFoundError):
        client.reply(threads, found, "Lagi", key="l")
