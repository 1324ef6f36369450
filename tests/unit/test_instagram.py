import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import (
    ConfigError,
    DuplicateError,
    NotFoundError,
    PelayananError,
    PolicyError,
    QuotaError,
    RateLimitError,
    RejectedError,
    ServerError,
    TooLongError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Author, Mention
from pelayanan.platforms import Instagram
from pelayanan.protocol.capabilities import CommentSource, MentionSource
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.webhook import Pointer, WebhookEvents
from pelayanan.testing import FakeInstagram, answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
TOKEN = "IGAArahasia"
WATI = {"id": "7000", "username": "wati.contoh"}
OWN = {"id": "99", "username": "Dinsos_Contoh"}
BASE = "https://graph.instagram.com/v26.0"
PLACE = "https://media.example/{sha256}/{filename}"


def account(**options: Any) -> Instagram:
    known: dict[str, Any] = {"app_secret": "s", "verify_token": "kata", "clock": lambda: NOW}
    return Instagram("1060", "@dinsos_contoh", TOKEN, **{**known, **options})


def by_page(**options: Any) -> Instagram:
    return account(login="facebook", page_id="2060", **options)


def at(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def comment(number: int, text: str = "buka?", *, by: Any = WATI, **more: Any) -> dict[str, Any]:
    known = {"id": f"18{number}", "text": text, "timestamp": at(60 - number), "from": by}
    return {**known, **more}


def post(number: int, *below: Any, **more: Any) -> dict[str, Any]:
    known = {"id": f"17{number}", "caption": "Jam layanan", "timestamp": at(90)}
    return {**known, "comments": {"data": list(below)}, **more}


def listed(*items: Any, after: str = "") -> Any:
    onward = {"next": "x"} if after else {}
    return answer({"data": list(items), "paging": {"cursors": {"after": after}, **onward}})


def onward(*items: Any, after: str = "B") -> dict[str, Any]:
    return {"data": list(items), "paging": {"cursors": {"after": after}, "next": "x"}}


def mention(kind: str = "comment", minutes: float = 59, **ref: str) -> Mention:
    return Mention(
        platform="instagram",
        id="181",
        author=Author(id="7000", handle="wati.contoh"),
        text="buka?",
        created_at=NOW - timedelta(minutes=minutes),
        private=kind == "chat",
        ref={"kind": kind, "media": "171", **ref},
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


def test_comments_replies_and_private_messages_are_read() -> None:
    reply = comment(3, by={"username": "budi.contoh"})
    own = comment(2, by=OWN)
    below = comment(1, replies={"data": [reply, own, "rusak"]})
    said = {"id": "m_1", "message": "halo", "created_time": at(3), "from": WATI}
    mine = {"id": "m_2", "message": "ya", "created_time": at(2), "from": {"id": "1060"}}
    inbox = listed({"id": "t_1", "updated_time": at(2), "messages": {"data": [mine, said, 7]}}, 7)
    found, requests = walked(account().comments, listed(post(1, below)), inbox)
    assert [each.id for each in found] == ["181", "183", "m_1"]
    assert [one.url for one in requests] == [f"{BASE}/1060/media", f"{BASE}/1060/conversations"]
    first, second, third = found
    assert first.author == Author(id="7000", handle="wati.contoh")
    assert (first.thread, first.reply_to) == ("171", "")
    assert second.author == Author(id="@budi.contoh", handle="budi.contoh")
    assert (second.reply_to, second.ref["parent"]) == ("181", "181")
    assert (third.private, third.thread) == (True, "7000")


def test_it_lists_no_mentions_and_says_so_by_its_type() -> None:
    assert isinstance(account(), CommentSource)
    assert not isinstance(account(), MentionSource)


def test_people_whom_meta_does_not_name_stay_apart() -> None:
    feed = listed(post(1, comment(2, by=None), comment(1, by=None)))
    found = replay(account().comments(), [feed]).result.items
    assert [each.author.id for each in found] == ["anon:181", "anon:182"]
    said = {"id": "m_1", "created_time": at(3)}
    inbox = listed({"id": "t_1", "updated_time": at(3), "messages": {"data": [said]}})
    (one,), _ = walked(account().comments, listed(), inbox)
    assert one.author.id == "anon:m_1"


def test_a_walk_goes_on_where_there_is_more() -> None:
    deep = comment(9, replies=onward(comment(8), after="R"))
    first = listed(post(1, comments=onward(deep, after="C")), after="P")
    runs = [first, listed(comment(7), after="R2"), listed(comment(6)), listed(comment(5))]
    found, requests = walked(account(inbox=False).comments, *runs, listed(7))
    assert [each.id for each in found] == ["188", "189", "187", "186", "185"]
    places = [(one.url.rpartition("v26.0/")[2], one.params.get("after")) for one in requests]
    assert places == [
        ("1060/media", None),
        ("189/replies", "R"),
        ("189/replies", "R2"),
        ("171/comments", "C"),
        ("1060/media", "P"),
    ]


def test_an_account_that_is_too_busy_for_one_call_is_asked_post_by_post() -> None:
    much = answer({"error": {"code": 1, "message": "reduce the amount of data"}}, status=500)
    bare = {"id": "177", "timestamp": at(90), "comments_count": 1}
    run = replay(account().comments(), [much, listed(bare)])
    below = replay(account().comments(run.result.cursor), [listed(comment(1))])
    assert below.requests[0].url.endswith("/177/comments")
    with pytest.raises(ServerError):
        replay(account().comments(), [much, much])
    with pytest.raises(ServerError):
        replay(account(expand=False).comments(), [much])


def test_posts_that_are_too_old_end_the_walk() -> None:
    old = post(1, timestamp=at(40 * 24 * 60))
    found, _ = walked(account(inbox=False).comments, listed(after="A"), listed(old, after="B"))
    assert found == []


def test_each_post_is_asked_where_expansion_is_not_trusted() -> None:
    posts = [
        {"id": "171", "timestamp": at(9), "comments_count": 2},
        {"id": "172", "timestamp": at(9), "comments_count": 0},
    ]
    ig = account(expand=False, inbox=False)
    found, requests = walked(ig.comments, listed(*posts), listed(comment(1)))
    assert [each.thread for each in found] == ["171"]
    assert "comments.limit" not in requests[0].params["fields"]


def known(ig: Instagram, *more: Any) -> str:
    """The cursor after a whole walk that began at NOW."""
    run = replay(ig.comments(), [answer({"data": []}, date="Fri, 20 Nov 2026 05:00:00 GMT")])
    return str(run.result.cursor)


def test_a_list_ends_where_nothing_is_new() -> None:
    ig = account(inbox=False)
    told = listed(post(1, comments=onward(comment(20), comment(10))))
    assert "comments" not in replay(ig.comments(known(ig)), [told]).result.cursor
    fresh = comment(10, replies={"data": [comment(55)]})
    again = replay(ig.comments(known(ig)), [listed(post(1, comments=onward(fresh)))]).result
    assert [each.id for each in again.items] == ["1855"]
    assert '"lane":"comments"' in again.cursor
    unsure = account(inbox=False, newest_first=False)
    run = replay(unsure.comments(known(unsure)), [told]).result
    assert '"lane":"comments"' in run.cursor


def test_a_conversation_with_more_messages_is_read_on() -> None:
    said = [
        {"id": f"m_{n}", "message": "x", "created_time": at(60 - n), "from": WATI} for n in (3, 2)
    ]
    thread = {"id": "t_1", "updated_time": at(3), "messages": onward(said[0])}
    inbox = listed(thread, after="A")
    runs = [listed(), inbox, listed(said[1]), listed({"id": "t_0"})]
    found, requests = walked(account().comments, *runs)
    assert [each.id for each in found] == ["m_3", "m_2"]
    assert requests[2].url == f"{BASE}/t_1/messages"


def test_a_strange_cursor_is_refused() -> None:
    with pytest.raises(ConfigError, match="instagram/1"):
        replay(account().comments("facebook/1:{}"), [])


# --- what the account wrote -------------------------------------------------------------------


def test_own_answers_are_those_to_somebody() -> None:
    reply = comment(3, "Siap", by=OWN)
    below = comment(1, replies={"data": [reply]})
    feed = listed(post(1, comment(2, "tambahan", by=OWN), below, 7))
    said = [
        {"id": "m_3", "message": "siap", "created_time": at(1), "from": OWN},
        {"id": "m_2", "message": "halo", "created_time": at(2), "from": WATI},
        {"id": "m_1", "message": "dulu", "created_time": at(3), "from": {"id": "1060"}},
    ]
    inbox = listed({"id": "t_1", "updated_time": at(1), "messages": {"data": said}})
    found, _ = walked(account().answers, feed, inbox)
    assert [(each.id, each.to, each.thread) for each in found] == [
        ("183", "181", "171"),
        ("m_1", "", ""),
        ("m_3", "m_2", "7000"),
    ]


# --- answering --------------------------------------------------------------------------------


def test_a_comment_is_answered_below_it_after_a_look() -> None:
    run = replay(account().reply(mention(), "Siap", key="k"), [listed(), answer({"id": "189"})])
    assert run.requests[0].url == f"{BASE}/181/replies"
    assert run.requests[1].form == {"message": "Siap"}
    assert not run.requests[1].repeatable
    assert (run.result.id, run.result.confirmed) == ("189", True)


@pytest.mark.parametrize(
    ("text", "sent"),
    [("Siap", "@wati.contoh Siap"), ("Siap @Wati.contoh!", "Siap @Wati.contoh!")],
)
def test_an_answer_to_an_answer_lands_below_the_first_and_names_whom_it_is_for(
    text: str, sent: str
) -> None:
    flow = account().reply(mention(parent="180"), text, key="k")
    run = replay(flow, [listed(), answer({"id": "189"})])
    assert run.requests[1].url == f"{BASE}/180/replies"
    assert run.requests[1].form == {"message": sent}
    standing = listed(comment(9, sent, by=OWN))
    again = replay(account().reply(mention(parent="180"), text, key="k"), [standing])
    assert again.result.id == "189"


def test_nobody_is_named_where_nobody_is_known() -> None:
    unnamed = mention(parent="180").model_copy(update={"author": Author(id="anon:1", handle="")})
    run = replay(account().reply(unnamed, "Siap", key="k"), [listed(), answer({"id": "1"})])
    assert run.requests[1].form == {"message": "Siap"}


def test_a_mention_elsewhere_is_answered_there_and_cannot_be_looked_up() -> None:
    flow = by_page().reply(mention("mention", comment="181"), "Siap", key="k")
    run = replay(flow, [answer({"id": "5"})])
    assert run.requests[0].url == "https://graph.facebook.com/v26.0/1060/mentions"
    assert run.requests[0].form == {"media_id": "171", "comment_id": "181", "message": "Siap"}
    run = replay(by_page().reply(mention("mention"), "Siap", key="k"), [answer({"id": "5"})])
    assert run.requests[0].form == {"media_id": "171", "message": "Siap"}
    with pytest.raises(UnsupportedError, match="a person must look"):
        replay(by_page().find_reply(mention("mention"), key="k", text="Siap"), [])


def test_a_look_finds_own_answers_by_their_text() -> None:
    def look(*answers: Any, text: str = "Siap") -> Any:
        return replay(account().find_reply(mention(), key="k", text=text), answers).result

    one, two = comment(9, "Siap", by=OWN), comment(10, "Lagi", by=OWN)
    before, other = comment(0, "Siap", by=OWN), comment(8, "Siap")
    assert look(listed(7, before, other, two, after="A"), listed(one)).id == "189"
    assert look(listed(before, other, two)) is None
    assert look(listed(comment(9, "@wati.contoh Siap", by=OWN))).id == "189"
    assert look(listed(comment(9, "@budi.contoh Siap", by=OWN))) is None
    assert look(listed(one), text="").id == "189"
    assert look(listed(), text="") is None
    assert look(answer({"error": {"code": 100, "error_subcode": 33}}, status=400)) is None
    with pytest.raises(UnsupportedError, match="several own answers"):
        look(listed(one, two), text="")
    with pytest.raises(UnsupportedError, match="too much"):
        look(*[listed(two, after="A")] * 10)


def test_a_private_answer_whose_question_stands_on_the_next_page_names_the_conversation() -> None:
    ours = {"id": "m_2", "message": "ya", "created_time": at(1), "from": OWN}
    to = {"to": {"data": [OWN, WATI]}}
    inbox = listed({"id": "t_1", "updated_time": at(1), "messages": {"data": [ours | to]}})
    (found,), _ = walked(account().answers, listed(), inbox)
    assert (found.to, found.thread) == ("", WATI["id"])


@pytest.mark.parametrize(
    ("text", "standing", "found"),
    [
        ("@wati.contoh sudah", "@wati.contoh @wati.contoh sudah", True),  # put there once more
        ("@wati.contoh sudah kami kirim", "@wati.contoh sudah kami kirim", True),
        ("sudah kami kirim", "@wati.contoh sudah kami kirim", True),
        ("sudah kami kirim", "@budi.contoh sudah kami kirim", False),  # it answers somebody else
    ],
)
def test_an_answer_is_found_with_the_name_of_whom_it_is_for(
    text: str, standing: str, *, found: bool
) -> None:
    below = mention(parent="180", comment="181")
    look = account().find_reply(below, key="k", text=text)
    sent = replay(look, [listed(comment(9, standing, by=OWN))]).result
    assert (sent is not None) is found


def said(number: int, text: str, by: Any = OWN) -> dict[str, Any]:
    return {"id": f"m_{number}", "message": text, "created_time": at(60 - number), "from": by}


def test_a_private_message_is_answered_in_its_conversation() -> None:
    look = [listed({"id": "t_1"}), listed(said(0, "Siap"))]
    flow = account().reply(mention("chat"), "Siap", key="k")
    run = replay(flow, [*look, answer({"message_id": "m_9"})])
    assert run.requests[0].params["user_id"] == "7000"
    assert run.requests[2].url == f"{BASE}/1060/messages"
    assert run.requests[2].json == {"recipient": {"id": "7000"}, "message": {"text": "Siap"}}
    assert run.result.id == "m_9"
    run = replay(
        by_page().reply(mention("chat"), "Siap", key="k"),
        [listed(), answer({"message_id": "m_9"})],
    )
    assert run.requests[1].url == "https://graph.facebook.com/v26.0/2060/messages"


def test_a_private_answer_is_looked_for_as_far_as_instagram_tells() -> None:
    def look(*answers: Any, text: str = "Siap") -> Any:
        flow = account().find_reply(mention("chat", minutes=55), key="k", text=text)
        return replay(flow, [listed({"id": "t_1"}), *answers]).result

    assert look(listed(said(10, "Siap", WATI), said(9, "Siap"))).id == "m_9"
    assert look(listed(said(9, "Lain"), said(1, "x", WATI), after="A")) is None
    assert look(listed(said(9, "Lain")), text="").id == "m_9"
    with pytest.raises(UnsupportedError, match="too much"):
        look(listed(said(9, "Lain"), after="A"))
    with pytest.raises(UnsupportedError, match="too much"):
        look(listed("rusak"))


def test_outside_the_window_a_private_answer_is_refused_before_it_is_sent() -> None:
    late = mention("chat", minutes=24 * 60)
    with pytest.raises(PolicyError, match="window of 24 hours") as caught:
        replay(account().reply(late, "Siap", key="k"), [listed()])
    assert caught.value.remedy.startswith("officer:")
    agent = account(human_agent=True)
    run = replay(agent.reply(late, "Siap", key="k"), [listed(), answer({"message_id": "m"})])
    assert isinstance(run.requests[1].json, dict)
    assert run.requests[1].json["tag"] == "HUMAN_AGENT"
    assert agent.capabilities.chat_window == timedelta(days=7)
    assert account().capabilities.chat_window == timedelta(hours=24)


def test_a_comment_is_answered_in_private_once() -> None:
    flow = account().reply_privately(mention(), "Kirim NIK di sini.", key="k")
    run = replay(flow, [listed(), answer({"message_id": "m_1"})])
    assert isinstance(run.requests[1].json, dict)
    assert run.requests[1].json["recipient"] == {"comment_id": "181"}
    standing = [listed({"id": "t_1"}), listed(said(9, "Di sini."))]
    flow = account().reply_privately(mention(), "Di sini.", key="k")
    assert replay(flow, standing).result.id == "m_9"
    late = mention(minutes=7 * 24 * 60)
    with pytest.raises(PolicyError, match="7 days"):
        replay(account().reply_privately(late, "Siap", key="k"), [])


@pytest.mark.parametrize(("kind", "limit"), [("comment", 2200), ("mention", 2200), ("chat", 1000)])
def test_a_text_that_is_too_long_is_not_sent(kind: str, limit: int) -> None:
    with pytest.raises(TooLongError, match=f"{limit + 1} of {limit}"):
        replay(account().reply(mention(kind), "x" * (limit + 1), key="k"), [])
    with pytest.raises(TooLongError, match="301 of 300"):
        small = account(comment_limit=300, chat_limit=300)
        replay(small.reply(mention(kind), "x" * 301, key="k"), [])


# --- publishing -------------------------------------------------------------------------------


def file(kind: str = "image/jpeg", alt: str = "beras", name: str = "a b.jpg") -> MediaFile:
    return MediaFile(
        filename=name,
        media_type=kind,
        alt=alt,
        size_bytes=3,
        sha256="abc",
        width=1,
        height=1,
        open=lambda: io.BytesIO(b"isi"),
    )


def state(code: str = "FINISHED") -> Any:
    return answer({"id": "18c", "status_code": code})


SHOWN = answer({"id": "179", "timestamp": at(0), "permalink": "https://instagram.example/p/1"})


def made(name: str = "18c") -> Any:
    return answer({"id": name})


def published(*answers: Any, media: Any = None, **options: Any) -> Any:
    ig = account(media_url=PLACE, **options)
    return replay(ig.publish("Beras", media or [file()], key="k"), answers)


def test_a_picture_is_published_in_two_steps_from_an_address() -> None:
    run = published(listed(), made(), state("IN_PROGRESS"), state(), made("179"), SHOWN)
    make, publish = run.requests[1], run.requests[4]
    assert make.form == {
        "caption": "Beras",
        "alt_text": "beras",
        "image_url": "https://media.example/abc/a%20b.jpg",
    }
    assert (make.repeatable, publish.repeatable) == (True, False)
    assert publish.params == {"creation_id": "18c"}
    assert (run.result.id, run.result.url) == ("179", "https://instagram.example/p/1")
    assert run.slept == 2.0


def test_a_video_is_a_reel_and_several_files_are_a_carousel() -> None:
    run = published(
        listed(), made(), state(), made("179"), SHOWN, media=[file("video/mp4", name="v.mp4")]
    )
    assert run.requests[1].form["media_type"] == "REELS"
    assert run.requests[1].form["video_url"] == "https://media.example/abc/v.mp4"
    both = [file(alt=""), file("video/mp4")]
    steps = [made("18a"), made("18b"), state(), state(), made(), state(), made("179"), SHOWN]
    run = published(listed(), *steps, media=both)
    assert run.requests[1].form["is_carousel_item"] == "true"
    assert "alt_text" not in run.requests[1].form
    assert run.requests[2].form["media_type"] == "VIDEO"
    assert run.requests[5].form == {
        "media_type": "CAROUSEL",
        "children": "18a,18b",
        "caption": "Beras",
    }


def test_with_facebook_login_one_video_goes_as_bytes() -> None:
    flow = by_page().publish("Film", [file("video/mp4")], key="k")
    steps = [listed(), made(), answer({"success": True}), state(), made("179"), SHOWN]
    run = replay(flow, steps)
    assert run.requests[1].form == {
        "caption": "Film",
        "media_type": "REELS",
        "upload_type": "resumable",
    }
    upload = run.requests[2]
    assert upload.url == "https://rupload.facebook.com/ig-api-upload/18c"
    assert upload.headers == {
        "Authorization": f"OAuth {TOKEN}",
        "offset": "0",
        "file_size": "3",
    }
    assert upload.body is not None


@pytest.mark.parametrize(
    ("media", "why"),
    [
        ([], "no bare text"),
        ([file()] * 11, "10 pictures"),
        ([file("image/png")], "JPEG"),
        ([file()], "media_url"),
        ([file("video/mp4"), file("video/mp4")], "media_url"),
    ],
)
def test_what_a_post_cannot_carry_is_refused_with_the_remedy(
    media: list[MediaFile], why: str
) -> None:
    with pytest.raises(UnsupportedError, match=why):
        replay(by_page().publish("Beras", media, key="k"), [])


def test_a_file_that_instagram_cannot_use_is_told() -> None:
    with pytest.raises(RejectedError, match="could not use a file"):
        published(listed(), made(), state("ERROR"))
    with pytest.raises(RateLimitError, match="still works") as caught:
        published(listed(), made(), *[state("IN_PROGRESS")] * 30)
    assert caught.value.retry_after == 300.0
    quota = answer({"error": {"code": 9, "error_subcode": 2207042}}, status=400)
    with pytest.raises(QuotaError):
        published(listed(), made(), state(), quota)


BROKEN = answer({"error": {"code": 2}}, status=500)


def test_a_lost_answer_is_looked_up_at_the_container() -> None:
    found = listed(post(9, caption="Beras", permalink="https://instagram.example/p/9"))
    run = published(listed(), made(), state(), BROKEN, state("PUBLISHED"), found)
    assert (run.result.id, run.result.url) == ("179", "https://instagram.example/p/9")
    with pytest.raises(TransportError, match="not listed yet"):
        published(listed(), made(), state(), BROKEN, state("PUBLISHED"), listed())
    run = published(listed(), made(), state(), BROKEN, state(), made("179"), SHOWN)
    assert run.result.id == "179"
    with pytest.raises(ServerError):
        published(listed(), made(), state(), BROKEN, BROKEN)


def test_a_post_whose_address_is_not_told_is_published_all_the_same() -> None:
    run = published(listed(), made(), state(), made("179"), BROKEN)
    assert (run.result.id, run.result.url, run.result.at) == ("179", None, NOW)


def test_the_same_caption_is_published_once_a_day() -> None:
    run = published(listed(post(9, caption="Beras", timestamp=at(60))))
    assert run.result.id == "179"
    flow = account(media_url=PLACE).publish("", [file()], key="k")
    assert replay(flow, [made(), state(), made("178"), SHOWN]).result.id == "179"
    with pytest.raises(TooLongError):
        published_long = account(media_url=PLACE, caption_limit=3)
        replay(published_long.publish("Beras", [file()], key="k"), [])


def test_a_publication_is_looked_for_through_thirty_days() -> None:
    def look(*answers: Any, text: str = "Beras") -> Any:
        return replay(account().find_publication(key="k", text=text), answers).result

    assert look(listed(post(8), after="A"), listed(7, post(9, caption="Beras"))).id == "179"
    assert look(listed(post(8, timestamp=at(31 * 24 * 60)), after="A")) is None
    with pytest.raises(UnsupportedError, match="without a text"):
        look(text=" ")
    with pytest.raises(UnsupportedError, match="too much"):
        look(*[listed(post(8), after="A")] * 10)


# --- webhooks ---------------------------------------------------------------------------------


def body(field: str, value: Any, *, bare: bool = False, **entry: Any) -> bytes:
    change = {"field": field, "value": value}
    told = change if bare else {"changes": [change]}
    known = {"id": "1060", "time": 1795015200, **told, **entry}
    return json.dumps({"object": "instagram", "entry": [known]}).encode()


@pytest.mark.parametrize("bare", [True, False])
def test_a_comment_is_pushed_in_both_forms(*, bare: bool) -> None:
    value = {"id": "181", "text": " buka? ", "from": WATI, "media": {"id": "171"}}
    found = account().parse(body("comments", value, bare=bare))
    (one,) = found.mentions
    assert (one.id, one.text, one.thread) == ("181", "buka?", "171")
    assert one.created_at == datetime(2026, 11, 18, 15, 20, tzinfo=UTC)
    reply = account().parse(body("comments", {**value, "parent_id": "180"}, bare=bare)).mentions[0]
    assert reply.reply_to == "180"


def test_own_comments_are_answers() -> None:
    value = {"id": "181", "text": "Siap", "from": OWN, "media": {"id": "171"}, "parent_id": "180"}
    (found,) = account().parse(body("comments", value)).answers
    assert (found.id, found.to) == ("181", "180")
    value.pop("parent_id")
    assert account().parse(body("comments", value)) == WebhookEvents()


def test_what_is_only_announced_is_fetched() -> None:
    (pointer,) = account().parse(body("comments", {"id": "181", "media": {"id": "171"}})).pointers
    assert pointer == Pointer(id="181", ref={"kind": "comment", "media": "171"})
    run = replay(account().fetch_mention(pointer), [answer(comment(1))])
    assert (run.result.id, run.result.thread) == ("181", "171")
    timeless = body("live_comments", {"id": "181", "text": "x"}, time=None)
    assert len(account().parse(timeless).pointers) == 1
    nameless = body("comments", {"id": "181", "text": "x"})
    assert len(account().parse(nameless).pointers) == 1
    with pytest.raises(NotFoundError, match="own"):
        replay(
            account().fetch_mention(pointer), [answer(comment(1, by={"username": "dinsos_contoh"}))]
        )


def test_mentions_elsewhere_are_fetched_by_the_account() -> None:
    (pointer,) = by_page().parse(body("mentions", {"media_id": "177"})).pointers
    shown = {"id": "177", "caption": "kata @dinsos", "timestamp": at(1), "username": "budi"}
    run = replay(by_page().fetch_mention(pointer), [answer({"mentioned_media": shown})])
    assert run.requests[0].params["fields"] == (
        "mentioned_media.media_id(177){id,caption,timestamp,username,permalink}"
    )
    assert (run.result.author.id, run.result.ref["kind"]) == ("@budi", "mention")
    told = {"media_id": "177", "comment_id": "188"}
    (pointer,) = by_page().parse(body("mentions", told)).pointers
    shown = {"id": "188", "text": "tolong", "timestamp": at(1), "username": "budi"}
    found = replay(by_page().fetch_mention(pointer), [answer({"mentioned_comment": shown})]).result
    assert found.ref == {"kind": "mention", "media": "177", "comment": "188"}
    with pytest.raises(NotFoundError):
        replay(by_page().fetch_mention(pointer), [answer({"id": "1060"})])
    with pytest.raises(UnsupportedError, match="login = 'facebook'"):
        replay(account().fetch_mention(pointer), [])


def test_private_messages_are_pushed_and_taken_back() -> None:
    sides = {"sender": {"id": "7000"}, "recipient": {"id": "1060"}, "timestamp": 1795015200000}
    new, gone = {"mid": "m_1", "text": "halo"}, {"mid": "m_1", "is_deleted": True}
    messaging = [{**sides, "message": each} for each in (new, gone)]
    found = account().parse(body("", {}, messaging=messaging))
    assert ([each.id for each in found.mentions], found.deletions) == (["m_1"], ("m_1",))


def test_what_cannot_be_read_is_set_aside_and_others_are_named() -> None:
    assert account().parse(body("comments", {"text": "x"})).unreadable[0].reason == "id (missing)"
    assert len(account().parse(body("mentions", {})).unreadable) == 1
    assert account().parse(body("story_insights", {})) == WebhookEvents()
    assert account().parse(body("comments", {}, id="2060")).elsewhere == ("2060",)
    strange = {"entry": [7, {"id": "1060", "changes": [7], "messaging": [7]}]}
    assert len(account().parse(json.dumps(strange).encode()).unreadable) == 3
    assert len(account().parse(b"7").unreadable) == 1


def test_the_webhook_of_the_account_is_verified() -> None:
    with pytest.raises(PelayananError, match=r"instagram\.webhook"):
        account().verify(b"{}", {}, now=NOW)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "kata"}
    assert account().handshake(asked) == "1"


# --- check, settings, errors ------------------------------------------------------------------


def test_the_check_tells_how_everything_stands() -> None:
    quota = answer({"data": [{"quota_usage": 50, "config": {"quota_total": 50}}]})
    me = answer({"id": "1060", "username": "lain"})
    found = {each.name: each for each in replay(account().check(), [me, quota]).result.findings}
    assert list(found) == ["token", "account", "quota", "limits", "clock"]
    assert (found["account"].ok, "'lain'" in found["account"].remedy) == (False, True)
    assert (found["quota"].ok, found["quota"].detail) == (False, "50 dari 50 dalam 24 jam")
    until = int((NOW + timedelta(days=40)).timestamp())
    token = answer({"data": {"expires_at": until, "scopes": ["instagram_basic"]}})
    flow = by_page(app_id="5").check()
    found = {each.name: each for each in replay(flow, [me, token, BROKEN]).result.findings}
    assert list(found) == ["token", "scopes", "account", "limits", "clock"]
    assert not found["scopes"].ok
    refused = answer({"error": {"code": 190, "message": TOKEN}}, status=400)
    (only,) = replay(account().check(), [refused]).result.findings
    assert (only.ok, TOKEN in repr(only)) == (False, False)
    assert "masuk lagi" in only.remedy  # with Instagram Login there is no system user


def test_the_number_by_which_webhooks_name_the_account_is_told() -> None:
    me = answer({"id": "1060", "user_id": "17841", "username": "dinsos_contoh"})
    run = replay(account().check(), [me, BROKEN])
    (number,) = [each for each in run.result.findings if each.name == "user_id"]
    assert (number.ok, '"17841"' in number.remedy) == (False, True)
    assert run.requests[0].params["fields"] == "id,user_id,username"
    same = answer({"id": "9", "user_id": "1060", "username": "dinsos_contoh"})
    assert "user_id" not in {
        each.name for each in replay(account().check(), [same, BROKEN]).result.findings
    }


def test_settings_are_checked() -> None:
    assert account().handle == "dinsos_contoh"
    assert account().capabilities.media_by == "url"
    for wrong in ({"login": "x"}, {"login": "facebook"}, {"base_url": "http://x.example"}):
        with pytest.raises(ConfigError):
            account(**wrong)
    assert account(login="facebook", inbox=False).handle == "dinsos_contoh"
    with pytest.raises(ConfigError, match="user_id"):
        Instagram("dinsos", "dinsos", TOKEN)


def test_the_token_is_shown_nowhere() -> None:
    ig = account()
    run = replay(ig.reply(mention(), "Siap", key="k"), [listed(), answer({"id": "1"})])
    assert TOKEN not in f"{ig!r} {vars(ig)!r} {run.requests!r} {vars(ig._graph)!r}"
    refused = answer({"error": {"code": 80002, "message": TOKEN}}, status=400)
    with pytest.raises(RateLimitError) as caught:
        replay(ig.reply(mention(), "Siap", key="k"), [listed(), refused])
    assert TOKEN not in f"{caught.value!r} {vars(caught.value)}"


def test_the_fake_refuses_what_instagram_refuses() -> None:
    fake = FakeInstagram(clock=lambda: NOW)
    wrote = fake.citizen("wati.contoh").comment(fake.officer().post("Halo"), "buka?")
    ig = account(media_url=PLACE)
    client = Client(transport=fake, sleep=lambda _: None)
    (found,) = client.run(ig.comments()).items
    assert found.id == wrote
    client.run(ig.reply_privately(found, "Satu", key="a"))
    with pytest.raises(DuplicateError):
        client.run(ig.reply_privately(found, "Dua", key="b"))
    fake.fault("lost_reply", after=1)
    assert client.publish(ig, "Beras", media=[file()], key="c").id
    assert fake.published.count("Beras") == 1
    fake.breaks("https://media.example/abc/a%20b.jpg")
    with pytest.raises(RejectedError):
        client.publish(ig, "Rusak", media=[file()], key="d")
    assert client.check(ig).ok
