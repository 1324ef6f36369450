import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan.errors import (
    ConfigError,
    ContractError,
    NotFoundError,
    PlatformError,
    PolicyError,
    QuotaError,
    RejectedError,
    ServerError,
    TokenExpiredError,
    TooLongError,
    UnsupportedError,
)
from pelayanan.models import Author, Mention
from pelayanan.platforms import YouTube
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Response
from pelayanan.testing import answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
OWN = "UCdinsos-contoh"
TOKEN = answer({"access_token": "rahasia-akses", "expires_in": 3600})


def stamp(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def comment(name: str, text: str = "Jam layanan?", hours: float = 1.0, **more: Any) -> Any:
    known = {
        "textDisplay": text,
        "authorDisplayName": "@warga_contoh",
        "authorChannelId": {"value": "UCwarga"},
        "publishedAt": stamp(hours),
        "updatedAt": stamp(hours),
        "videoId": "vid1",
    }
    return {"id": name, "snippet": known | more}


def own(name: str, text: str = "Siap", hours: float = 0.5, **more: Any) -> Any:
    known = {"authorChannelId": {"value": OWN}, "textOriginal": text, "parentId": "t1"}
    return comment(name, text, hours, **known | more)


def thread(top: Any, *replies: Any, count: int | None = None) -> dict[str, Any]:
    total = len(replies) if count is None else count
    known = {"topLevelComment": top, "totalReplyCount": total, "videoId": "vid1"}
    shown = {"replies": {"comments": list(replies)}} if replies else {}
    return {"id": top["id"], "snippet": known, **shown}


def listing(*found: Any, place: str = "") -> Response:
    return answer({"items": list(found)} | ({"nextPageToken": place} if place else {}))


def refusal(code: int, reason: str) -> Response:
    body = {"error": {"code": code, "errors": [{"reason": reason}]}}
    return answer(body, status=code)


def mention(**more: Any) -> Mention:
    known: dict[str, Any] = {
        "platform": "youtube",
        "id": "t1",
        "author": Author(id="UCwarga", handle="warga_contoh"),
        "text": "Jam layanan?",
        "created_at": NOW - timedelta(hours=1),
        "ref": {"parent": "t1", "video": "vid1"},
    }
    return Mention(**known | more)


def file(kind: str = "video/mp4") -> MediaFile:
    return MediaFile(
        filename="beras.mp4",
        media_type=kind,
        alt="Beras",
        size_bytes=3,
        sha256="0",
        width=4,
        height=3,
        open=lambda: io.BytesIO(b"abc"),
    )


@pytest.fixture
def channel() -> YouTube:
    return account()


def account(**more: Any) -> YouTube:
    secrets: Any = {"client_secret": "rahasia-klien", "refresh_token": "rahasia-segar"}
    return YouTube(OWN, client_id="klien", clock=lambda: NOW, **secrets, **more)


# --- fetching ---------------------------------------------------------------------------------


def test_a_page_of_comments(channel: YouTube) -> None:
    found = listing(thread(comment("t2", "Kapan?", 1)), thread(comment("t1", "Jam?", 2)))
    run = replay(channel.mentions(), [TOKEN, found])
    asked = run.requests[1]
    assert asked.url == "https://youtube.googleapis.com/youtube/v3/commentThreads"
    assert asked.params == {
        "part": "snippet,replies",
        "allThreadsRelatedToChannelId": OWN,
        "order": "time",
        "maxResults": 100,
        "textFormat": "plainText",
    }
    first, second = run.result.items
    assert (first.id, second.id, run.result.more) == ("t1", "t2", False)
    assert first.author == Author(id="UCwarga", handle="warga_contoh", name="warga_contoh")
    assert first.url == "https://www.youtube.com/watch?v=vid1&lc=t1"
    assert (first.thread, first.reply_to, first.private) == ("t1", "", False)
    assert first.ref == {"parent": "t1", "video": "vid1"}


def test_replies_of_citizens_are_messages_too(channel: YouTube) -> None:
    reply = comment("t1.a", "Saya juga", 0.5, parentId="t1", videoId=None)
    found = listing(thread(comment("t1"), own("t1.b"), reply))
    items = replay(channel.mentions(), [TOKEN, found]).result.items
    assert [(item.id, item.reply_to, item.thread) for item in items] == [
        ("t1", "", "t1"),
        ("t1.a", "t1", "t1"),
    ]
    assert items[1].url == "https://www.youtube.com/watch?v=vid1&lc=t1.a"


def test_a_long_thread_is_completed(channel: YouTube) -> None:
    few = listing(thread(comment("t1"), comment("t1.c", parentId="t1"), count=3))
    all_of_them = [comment(f"t1.{name}", parentId="t1") for name in "abc"]
    answers = [TOKEN, few, listing(*all_of_them[:2], place="p"), listing(all_of_them[2])]
    run = replay(channel.mentions(), answers)
    assert len(run.result.items) == 4
    assert [call.operation for call in run.requests] == [
        "youtube.token",
        "youtube.mentions",
        "youtube.replies",
        "youtube.replies",
    ]
    assert run.requests[3].params["pageToken"] == "p"
    gone = [few, refusal(404, "parentCommentNotFound")]
    assert len(replay(channel.mentions(), gone).result.items) == 2


def test_a_walk_goes_on_and_ends_at_what_is_known(channel: YouTube) -> None:
    first = replay(channel.mentions(), [TOKEN, listing(thread(comment("t3")), place="p")]).result
    assert first.more
    second = replay(channel.mentions(first.cursor), [listing(thread(comment("t2", hours=3)))])
    assert second.requests[0].params["pageToken"] == "p"
    assert not second.result.more
    known = listing(thread(comment("t3")), thread(comment("t2", hours=3)), place="p")
    third = replay(channel.mentions(second.result.cursor), [known]).result
    assert (third.items, third.more) == ((), False)


def test_a_forgotten_place_begins_anew(channel: YouTube) -> None:
    first = replay(channel.mentions(), [TOKEN, listing(thread(comment("t3")), place="p")]).result
    again = [refusal(400, "invalidPageToken"), listing(thread(comment("t2", hours=3)))]
    run = replay(channel.mentions(first.cursor), again)
    assert "pageToken" not in run.requests[1].params
    assert [item.id for item in run.result.items] == ["t2"]
    with pytest.raises(RejectedError):
        replay(channel.mentions(), [refusal(400, "lain")])


def test_an_edited_comment_comes_again(channel: YouTube) -> None:
    page = replay(channel.mentions(), [TOKEN, listing(thread(comment("t1")))]).result
    edited = listing(thread(comment("t1", "Jam layanan Samsat?", updatedAt=stamp(0))))
    (item,) = replay(channel.mentions(page.cursor), [edited]).result.items
    assert (item.id, item.text) == ("t1", "Jam layanan Samsat?")


def test_people_without_a_channel_are_not_taken_for_one_another(channel: YouTube) -> None:
    nobody: dict[str, Any] = {"authorChannelId": None, "authorDisplayName": None}
    found = listing(thread(comment("t1", **nobody)), thread(comment("t2", **nobody)))
    items = replay(channel.mentions(), [TOKEN, found]).result.items
    assert {item.author.id for item in items} == {"comment:t1", "comment:t2"}
    named = listing(thread(comment("t3", authorDisplayName="Wati Contoh")))
    (item,) = replay(channel.mentions(), [named]).result.items
    assert (item.author.handle, item.author.name) == ("UCwarga", "Wati Contoh")


def test_a_comment_may_be_a_picture(channel: YouTube) -> None:
    image = "https://yt.example/a.gif"
    found = listing(thread(comment("t1", "", imageUrl=image, videoId=None)))
    (item,) = replay(channel.mentions(), [TOKEN, found]).result.items
    assert [each.url for each in item.attachments] == [image]


def test_a_comment_on_no_video_has_no_address(channel: YouTube) -> None:
    top = thread(comment("t1", videoId=None))
    top["snippet"]["videoId"] = None
    (item,) = replay(channel.mentions(), [TOKEN, listing(top)]).result.items
    assert (item.url, item.ref["video"]) == (None, "")


def test_unreadable_threads_and_replies_are_set_aside(channel: YouTube) -> None:
    broken = thread(comment("t2", publishedAt="kemarin"))
    silent = thread(comment("t3", ""))
    found = listing(broken, silent, thread(comment("t1"), {"id": "t1.a"}, own("t1.b")), 5)
    page = replay(channel.mentions(), [TOKEN, found]).result
    assert [item.id for item in page.items] == ["t1"]
    assert {each.id for each in page.unreadable} == {"t2", "t3", "t1.a", ""}
    answers = replay(channel.answers(), [found]).result
    assert [item.id for item in answers.items] == ["t1.b"]
    assert Unreadable("t1.a", "snippet (missing)") in answers.unreadable


def test_nothing_is_an_empty_page(channel: YouTube) -> None:
    page = replay(channel.mentions(), [TOKEN, answer({})]).result
    assert (page.items, page.more) == ((), False)


@pytest.mark.parametrize("cursor", ["bluesky/1:{}", "youtube/1:x", "youtube.answers/1:{}"])
def test_a_strange_cursor_is_refused(channel: YouTube, cursor: str) -> None:
    with pytest.raises(ConfigError, match="youtube/1"):
        replay(channel.mentions(cursor), [])


def test_own_replies_are_answers(channel: YouTube) -> None:
    citizen = comment("t1.b", "Terima kasih", parentId="t1")
    found = listing(
        thread(comment("t1"), own("t1.a", "Senin pukul 8"), citizen),
        thread(own("t9", "Pengumuman")),
    )
    (item,) = replay(channel.answers(), [TOKEN, found]).result.items
    assert (item.id, item.to, item.thread, item.text) == ("t1.a", "t1", "t1", "Senin pukul 8")
    assert item.url == "https://www.youtube.com/watch?v=vid1&lc=t1.a"
    bare = listing(thread(comment("t1"), own("t1.c", parentId=None)))
    assert replay(channel.answers(), [bare]).result.items[0].to == "t1"


def test_an_answer_that_names_somebody_in_the_thread_is_to_that_one(channel: YouTube) -> None:
    """All replies stand below the first comment; in the app a name says whom one answers."""
    budi = {"parentId": "t1", "authorDisplayName": "@budi_contoh"}
    asked = [comment("t1.a", "Kalau saya?", 0.9, **budi), comment("t1.b", "Lagi?", 0.7, **budi)]
    later = comment("t1.e", "Terima kasih", 0.2, **budi)
    answers = [own("t1.c", "@Budi_Contoh Selasa.", 0.5), own("t1.d", "@budi_contoh2 Rabu.", 0.4)]
    found = listing(thread(comment("t1"), *asked, *answers, later))
    items = replay(channel.answers(), [TOKEN, found]).result.items
    assert [(item.id, item.to) for item in items] == [("t1.c", "t1.b"), ("t1.d", "t1")]


# --- replying ---------------------------------------------------------------------------------


def test_a_reply_stands_below_its_comment(channel: YouTube) -> None:
    run = replay(channel.reply(mention(), "Siap", key="k"), [TOKEN, answer(own("t1.a"))])
    assert run.requests[1].json == {"snippet": {"parentId": "t1", "textOriginal": "Siap"}}
    assert run.requests[1].params == {"part": "snippet"}
    assert (run.result.id, run.result.confirmed) == ("t1.a", True)
    assert not run.requests[1].repeatable
    held = answer(own("t1.b", moderationStatus="heldForReview"))
    assert not replay(channel.reply(mention(), "Siap", key="k"), [held]).result.confirmed


@pytest.mark.parametrize(
    ("more", "text", "said"),
    [
        ({"reply_to": "t1"}, "Siap", "@warga_contoh Siap"),
        ({"reply_to": "t1"}, "Siap @Warga_Contoh", "Siap @Warga_Contoh"),
        ({"reply_to": "t1", "author": Author(id="UCx", handle="UCx")}, "Siap", "Siap"),
        ({}, "Siap", "Siap"),
    ],
)
def test_who_wrote_below_somebody_else_is_named(
    channel: YouTube, more: dict[str, Any], text: str, said: str
) -> None:
    run = replay(channel.reply(mention(**more), text, key="k"), [TOKEN, answer(own("t1.a"))])
    body: Any = run.requests[1].json
    assert body["snippet"]["textOriginal"] == said


def test_a_text_that_is_too_long_is_not_sent(channel: YouTube) -> None:
    with pytest.raises(TooLongError, match="10001"):
        replay(channel.reply(mention(), "a" * 10_001, key="k"), [])


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (refusal(403, "quotaExceeded"), QuotaError),
        (refusal(400, "commentTextTooLong"), TooLongError),
        (refusal(400, "operationNotSupported"), PolicyError),
        (refusal(403, "ineligibleAccount"), PolicyError),
        (refusal(404, "parentCommentNotFound"), NotFoundError),
        (refusal(400, "processingFailure"), RejectedError),
        (refusal(500, "backendError"), ServerError),
    ],
)
def test_refusals_say_what_to_do(
    channel: YouTube, refused: Response, error: type[PlatformError]
) -> None:
    with pytest.raises(error) as caught:
        replay(channel.reply(mention(), "Siap", key="k"), [TOKEN, refused])
    assert type(caught.value) is error
    assert "rahasia" not in repr(caught.value) + repr(vars(channel)) + repr(channel)


# --- looking up -------------------------------------------------------------------------------


def look(channel: YouTube, *found: Response, text: str = "Siap", **more: Any) -> Any:
    flow = channel.find_reply(mention(**more), key="k", text=text)
    return replay(flow, [TOKEN, *found]).result


def test_an_own_reply_with_the_text_is_the_answer(channel: YouTube) -> None:
    others = [comment("t1.a", "Siap"), own("t1.b", "Lain"), own("t1.c", "Siap", hours=9)]
    sent = look(channel, listing(*others, own("t1.d", " Siap \n")))
    assert (sent.id, sent.url) == ("t1.d", "https://www.youtube.com/watch?v=vid1&lc=t1.d")


def test_without_it_the_answer_was_certainly_not_sent(channel: YouTube) -> None:
    others = listing(comment("t1.a", "Siap"), own("t1.b", "Lain"), own("t1.c", hours=9))
    assert look(channel, others) is None


def test_every_page_is_looked_through(channel: YouTube) -> None:
    assert look(channel, listing(place="p"), listing(own("t1.d"))).id == "t1.d"


def test_the_named_answer_is_found_too(channel: YouTube) -> None:
    found = listing(own("t1.d", "@warga_contoh Siap"))
    assert look(channel, found, reply_to="t1").id == "t1.d"


def test_the_same_words_to_somebody_else_in_the_thread_are_not_this_answer(
    channel: YouTube,
) -> None:
    to_another = listing(own("t1.d", "@warga_lain Siap"))
    assert look(channel, to_another, reply_to="t1") is None
    with pytest.raises(UnsupportedError, match="a person must look"):
        look(account(), listing(own("t1.d", "Siap")), reply_to="t1")


def test_where_the_thread_is_gone_so_is_the_answer(channel: YouTube) -> None:
    assert look(channel, refusal(404, "parentCommentNotFound")) is None


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([listing(own("t1.b"))], ""),
        ([listing({"id": "rusak"})], "Siap"),
        ([listing(place=str(number)) for number in range(25)], "Siap"),
    ],
)
def test_where_a_look_does_not_decide_a_person_does(
    channel: YouTube, found: list[Response], text: str
) -> None:
    with pytest.raises(UnsupportedError, match="a person must look"):
        look(channel, *found, text=text)


def test_without_text_an_empty_thread_decides(channel: YouTube) -> None:
    assert look(channel, listing(comment("t1.a")), text="") is None


def test_a_very_long_thread_is_read_as_far_as_it_came_along(channel: YouTube) -> None:
    top = listing(thread(comment("t1"), comment("t1.a", parentId="t1"), count=9000))
    pages = [listing(place=str(number)) for number in range(25)]
    page = replay(channel.mentions(), [TOKEN, top, *pages]).result
    assert len(page.items) == 2
    assert page.unreadable == (Unreadable("t1", "not all of its replies can be read"),)


@pytest.mark.parametrize("refused", [(400, "operationNotSupported"), (403, "forbidden")])
def test_a_thread_that_youtube_does_not_open_stops_no_other(
    channel: YouTube, refused: tuple[int, str]
) -> None:
    closed = thread(comment("t1", hours=2), comment("t1.a", parentId="t1"), count=9)
    found = listing(thread(comment("t2")), closed)
    page = replay(channel.mentions(), [TOKEN, found, refusal(*refused)]).result
    assert {item.id for item in page.items} == {"t1", "t1.a", "t2"}
    assert [bad.id for bad in page.unreadable] == ["t1"]


def test_a_consent_that_ended_is_not_the_trouble_of_one_thread(channel: YouTube) -> None:
    found = listing(thread(comment("t1"), count=9))
    ended = [TOKEN, found, refusal(401, "authError"), TOKEN, refusal(401, "authError")]
    with pytest.raises(TokenExpiredError):
        replay(channel.mentions(), ended)


# --- publishing -------------------------------------------------------------------------------


def test_a_video_is_published_in_two_steps(channel: YouTube) -> None:
    place = "https://youtube.googleapis.com/upload/youtube/v3/videos?upload_id=1"
    made = answer({"id": "vid9", "status": {"privacyStatus": "public"}})
    text = "Beras tiba di Curup\nSebanyak 40 keluarga."
    flow = channel.publish(text, [file()], key="k")
    run = replay(flow, [TOKEN, answer({}, location=place), made])
    begin, put = run.requests[1:]
    assert begin.params == {"uploadType": "resumable", "part": "snippet,status"}
    assert begin.json == {
        "snippet": {"title": "Beras tiba di Curup", "description": text},
        "status": {"privacyStatus": "public"},
    }
    assert begin.headers["X-Upload-Content-Length"] == "3"
    assert (put.method, put.url, put.repeatable) == ("PUT", place, False)
    assert (run.result.id, run.result.confirmed) == ("vid9", True)
    assert run.result.url == "https://www.youtube.com/watch?v=vid9"


def test_a_video_that_waits_for_the_audit_is_not_confirmed(channel: YouTube) -> None:
    place = "https://youtube.googleapis.com/upload/youtube/v3/videos?upload_id=1"
    made = answer({"id": "vid9", "status": {"privacyStatus": "private"}})
    flow = channel.publish("Beras", [file()], key="k")
    assert not replay(flow, [TOKEN, answer({}, location=place), made]).result.confirmed


@pytest.mark.parametrize("place", ["", "https://lain.example/upload"])
def test_a_token_goes_to_youtube_only(channel: YouTube, place: str) -> None:
    with pytest.raises(ContractError, match="no place"):
        replay(channel.publish("Beras", [file()], key="k"), [TOKEN, answer({}, location=place)])


@pytest.mark.parametrize(
    ("text", "media", "error"),
    [
        ("Beras", [], UnsupportedError),
        ("Beras", [file("image/jpeg")], UnsupportedError),
        ("Beras", [file(), file()], UnsupportedError),
        ("", [file()], RejectedError),
        ("Beras <b>", [file()], RejectedError),
        ("é" * 2501, [file()], TooLongError),
    ],
)
def test_what_youtube_does_not_take_is_not_sent(
    channel: YouTube, text: str, media: list[MediaFile], error: type[Exception]
) -> None:
    with pytest.raises(error):
        replay(channel.publish(text, media, key="k"), [])


def video(text: str, hours: float = 1.0) -> dict[str, Any]:
    known = {"title": "x", "description": text, "publishedAt": stamp(hours)}
    return {"snippet": known | {"resourceId": {"videoId": "vid9"}}}


ME = answer({"items": [{"id": OWN, "contentDetails": {"relatedPlaylists": {"uploads": "UUx"}}}]})


def published(channel: YouTube, *found: Response, text: str = "Beras") -> Any:
    return replay(channel.find_publication(key="k", text=text), [TOKEN, *found])


def test_an_upload_is_found_by_its_text(channel: YouTube) -> None:
    run = published(channel, ME, listing(video("Lain"), place="p"), listing(video(" Beras")))
    assert (run.result.id, run.requests[2].params["playlistId"]) == ("vid9", "UUx")
    assert run.requests[3].params["pageToken"] == "p"


@pytest.mark.parametrize(("privacy", "shown"), [("public", True), ("private", False)])
def test_an_upload_that_waits_for_the_audit_is_found_and_not_confirmed(
    channel: YouTube, privacy: str, *, shown: bool
) -> None:
    found = listing(video("Beras") | {"status": {"privacyStatus": privacy}})
    assert published(channel, ME, found).result.confirmed is shown


def test_what_is_not_among_the_uploads_was_not_published(channel: YouTube) -> None:
    assert published(channel, answer({}), listing(video("Lain"))).result is None
    old = listing(video("Lain", 24 * 31), place="p")
    flow = channel.find_publication(key="k", text="Beras")
    run = replay(flow, [ME, old])
    assert run.result is None


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([ME, listing({"snippet": {}})], "Beras"),
        ([ME, *[listing(video("Lain"), place=str(number)) for number in range(25)]], "Beras"),
    ],
)
def test_where_the_uploads_do_not_decide_a_person_does(
    channel: YouTube, found: list[Response], text: str
) -> None:
    with pytest.raises(UnsupportedError, match="a person must look"):
        published(channel, *found, text=text)
    with pytest.raises(UnsupportedError, match="without a text"):
        replay(channel.find_publication(key="k", text=" "), [])


# --- checking and settings --------------------------------------------------------------------


def test_check_tells_how_everything_stands(channel: YouTube) -> None:
    scope = "https://www.googleapis.com/auth/youtube.force-ssl"
    token = answer({"access_token": "a", "scope": scope})
    date = answer({"items": []}, date="Fri, 20 Nov 2026 05:00:00 GMT")
    found = replay(channel.check(), [token, date, ME]).result
    assert found.ok
    assert [one.name for one in found.findings] == ["token", "scopes", "channel", "limits", "clock"]


def test_check_finds_what_stands_in_the_way(channel: YouTube) -> None:
    token = answer({"access_token": "a", "scope": "lain", "refresh_token_expires_in": 86_400})
    found = replay(channel.check(), [token, answer({}), answer({})]).result
    assert [one.name for one in found.findings if not one.ok] == ["token", "scopes", "channel"]
    (only,) = replay(account().check(), [answer({"error": "x"}, status=400)]).result.findings
    assert (only.name, only.ok) == ("token", False)


def test_settings_are_checked() -> None:
    with pytest.raises(ConfigError, match="UC"):
        YouTube("dinsos", client_id="a", client_secret="b", refresh_token="c")
    assert account().handle == OWN
    assert account(handle="@dinsos").handle == "dinsos"


def test_every_call_knows_what_it_takes_from_the_quota(channel: YouTube) -> None:
    few = listing(thread(comment("t1"), count=3))
    runs: list[Any] = [
        replay(channel.mentions(), [TOKEN, few, listing()]),
        replay(channel.answers(), [listing()]),
        replay(channel.reply(mention(), "Siap", key="k"), [answer(own("t1.a"))]),
        replay(channel.find_reply(mention(), key="k", text="x"), [listing()]),
        replay(channel.find_publication(key="k", text="x"), [ME, listing()]),
        replay(channel.check(), [answer({}), ME]),
    ]
    assert {call.operation for run in runs for call in run.requests} < set(YouTube.UNITS)
    assert YouTube.UNITS["youtube.reply"] == 50


def test_cursors_are_json_that_others_can_look_at(channel: YouTube) -> None:
    page = replay(channel.mentions(), [TOKEN, listing(thread(comment("t1")))]).result
    form, _, place = page.cursor.partition(":")
    assert form == "youtube/1"
    assert set(json.loads(place)) == {"mark", "base", "deep", "told"}
