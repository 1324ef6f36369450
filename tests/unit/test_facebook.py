import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan.errors import (
    AuthError,
    ConfigError,
    DuplicateError,
    NotFoundError,
    PelayananError,
    PolicyError,
    RateLimitError,
    RejectedError,
    ServerError,
    TooLongError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Answer, Author, Mention
from pelayanan.platforms import FacebookPage
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.webhook import Delivery, Pointer, WebhookEvents
from pelayanan.testing import FakeFacebook, answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
TOKEN = "EAArahasia"
WATI = {"id": "9000", "name": "Wati Contoh"}
OWN = {"id": "1060", "name": "Dinas Contoh"}
BASE = "https://graph.facebook.com/v26.0"
GONE = answer({"error": {"code": 100, "error_subcode": 33}}, status=400)


def page(**options: Any) -> FacebookPage:
    known: dict[str, Any] = {"app_secret": "s", "verify_token": "kata", "clock": lambda: NOW}
    return FacebookPage("1060", TOKEN, **{**known, **options})


def at(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def comment(number: int, text: str = "rusak", *, by: Any = WATI, **more: Any) -> dict[str, Any]:
    known = {"id": f"5_{number}", "message": text, "created_time": at(60 - number), "from": by}
    return {**known, "permalink_url": f"https://facebook.example/5_{number}", **more}


def post(number: int, *below: Any, by: Any = OWN, **more: Any) -> dict[str, Any]:
    known = {"id": f"1060_{number}", "message": "Jam layanan", "created_time": at(90), "from": by}
    return {**known, "comments": {"data": list(below)}, **more}


def listed(*items: Any, after: str = "") -> Any:
    onward = {"next": "https://x.example/?access_token=rahasia"} if after else {}
    return answer({"data": list(items), "paging": {"cursors": {"after": after}, **onward}})


def mention(kind: str = "comment", minutes: float = 59, **ref: str) -> Mention:
    return Mention(
        platform="facebook",
        id="5_1",
        author=Author(id="9000", handle="9000", name="Wati Contoh"),
        text="rusak",
        created_at=NOW - timedelta(minutes=minutes),
        private=kind == "chat",
        ref={"kind": kind, **ref},
    )


def walked(stream: Any, *answers: Any) -> tuple[list[Any], list[Any]]:
    """All items of a walk and all requests, page by page."""
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


def test_comments_posts_tags_and_private_messages_are_read() -> None:
    wall = post(8, by=WATI, message="kapan buka?")
    feed = listed(wall, post(7, comment(3, parent={"id": "5_2"}), comment(2, by=OWN), comment(1)))
    tagged = listed(post(9, by=None, message="di sini"))
    said = {"id": "m_1", "message": "halo", "created_time": at(3), "from": WATI}
    mine = {"id": "m_2", "message": "ya", "created_time": at(2), "from": OWN}
    inbox = listed({"id": "t_1", "updated_time": at(2), "messages": {"data": [mine, said]}})
    found, requests = walked(page().mentions, feed, tagged, inbox)
    assert [each.id for each in found] == ["1060_8", "5_1", "5_3", "1060_9", "m_1"]
    assert [request.url for request in requests] == [
        f"{BASE}/1060/feed",
        f"{BASE}/1060/tagged",
        f"{BASE}/1060/conversations",
    ]
    first = found[1]
    assert first.author == Author(id="9000", handle="9000", name="Wati Contoh")
    assert (first.thread, first.reply_to, first.private) == ("1060_7", "", False)
    assert first.url == "https://facebook.example/5_1"
    assert found[2].reply_to == "5_2"
    assert (found[4].thread, found[4].private, found[4].ref) == ("9000", True, {"kind": "chat"})


def test_people_whom_meta_does_not_name_stay_apart() -> None:
    feed = listed(post(7, comment(2, by=None), comment(1, by=None)))
    found = replay(page().mentions(), [feed]).result.items
    assert [each.author for each in found] == [
        Author(id="anon:5_1", handle=""),
        Author(id="anon:5_2", handle=""),
    ]


def test_an_inbox_that_is_not_wanted_is_not_read() -> None:
    _, requests = walked(page(inbox=False).mentions, listed(), listed())
    assert [request.url.rpartition("/")[2] for request in requests] == ["feed", "tagged"]


def test_a_walk_follows_what_goes_on_below_a_post_and_then_older_posts() -> None:
    below = {"data": [comment(9)], "paging": {"cursors": {"after": "B"}, "next": "x"}}
    first = listed(post(7, comments=below), after="A")
    runs = [first, listed(comment(8), after="C"), listed(comment(7)), listed(), listed(), listed()]
    found, requests = walked(page().mentions, *runs)
    assert [each.id for each in found] == ["5_9", "5_8", "5_7"]
    assert [(one.url.rpartition("v26.0/")[2], one.params.get("after")) for one in requests] == [
        ("1060/feed", None),
        ("1060_7/comments", "B"),
        ("1060_7/comments", "C"),
        ("1060/feed", "A"),
        ("1060/tagged", None),
        ("1060/conversations", None),
    ]


def test_a_walk_ends_at_posts_that_are_too_old_and_bears_empty_pages() -> None:
    old = post(1, created_time=at(40 * 24 * 60))
    found, _ = walked(
        page().mentions, listed(after="A"), listed(old, after="B"), listed(), listed()
    )
    assert found == []


def conversation(name: str, minutes: float, *messages: str) -> dict[str, Any]:
    """Newest first; one hour lies between its messages."""
    said = [
        {"id": mid, "message": "x", "created_time": at(minutes + 60 * place), "from": WATI}
        for place, mid in enumerate(messages)
    ]
    return {"id": name, "updated_time": at(minutes), "messages": {"data": said}}


def test_a_conversation_that_moved_up_while_the_walk_was_cut_loses_nothing() -> None:
    cursor, found = None, list[str]()
    pages = [
        [listed(), listed(), listed(conversation("t_b", 50, "m_b"), after="A"), listed()],
        [listed(), listed(), listed(conversation("t_a", 1, "m_2", "m_1"), conversation("t_c", 40))],
    ]
    for walk in pages:
        for each in walk:
            run = replay(page().mentions(cursor), [each])
            found += [one.id for one in run.result.items]
            cursor = run.result.cursor
    assert found == ["m_b", "m_1", "m_2"]
    quiet = listed(conversation("t_a", 120, "m_2", "m_1"))  # nothing since: not told again
    for each in (listed(), listed(), quiet):
        run = replay(page().mentions(cursor), [each])
        cursor = run.result.cursor
        assert run.result.items == ()


def test_a_conversation_with_more_messages_is_read_on() -> None:
    said = [
        {"id": f"m_{n}", "message": "x", "created_time": at(60 - n), "from": WATI}
        for n in (3, 2, 1)
    ]
    more = {"data": said[:1], "paging": {"cursors": {"after": "B"}, "next": "x"}}
    inbox = listed({"id": "t_1", "updated_time": at(3), "messages": more}, after="A")
    runs = [listed(), listed(), inbox, listed(*said[1:]), listed({"id": "t_0"}, 7)]
    found, requests = walked(page().mentions, *runs)
    assert [each.id for each in found] == ["m_3", "m_1", "m_2"]
    assert requests[3].url == f"{BASE}/t_1/messages"
    assert requests[4].params["after"] == "A"


def test_a_new_walk_leaves_out_what_was_told_and_looks_half_an_hour_back() -> None:
    date = "Fri, 20 Nov 2026 05:00:00 GMT"
    runs = [answer({"data": []}, date=date) for _ in range(3)]
    cursor = None
    for each in runs:
        cursor = replay(page().mentions(cursor), [each]).result.cursor
    assert cursor == 'facebook/1:{"mark":"2026-11-20T05:00:00Z"}'
    below = {"data": [comment(35), comment(25)], "paging": {"cursors": {"after": "B"}, "next": "x"}}
    again = replay(page().mentions(cursor), [listed(post(7, comments=below))]).result
    assert [each.id for each in again.items] == ["5_35"]
    assert "comments" not in again.cursor  # all that is older was told


def test_a_post_that_was_taken_away_meanwhile_is_passed_over() -> None:
    below = {"data": [comment(9)], "paging": {"cursors": {"after": "B"}, "next": "x"}}
    found, _ = walked(page().mentions, listed(post(7, comments=below)), GONE, listed(), listed())
    assert [each.id for each in found] == ["5_9"]
    with pytest.raises(NotFoundError):  # the Page itself
        replay(page().mentions(), [GONE])


VOID = answer({"error": {"code": 100}}, status=400)


@pytest.mark.parametrize("lane", ["feed", "comments"])
def test_a_place_that_is_void_by_the_next_run_begins_its_listing_anew(lane: str) -> None:
    below = {"data": [comment(9)], "paging": {"cursors": {"after": "B"}, "next": "x"}}
    first = post(7, comments=below) if lane == "comments" else post(7)
    cut = replay(page(inbox=False).mentions(), [listed(first, after="A")]).result
    later = page(inbox=False, clock=lambda: NOW + timedelta(days=1))
    again = replay(later.mentions(cut.cursor), [VOID]).result
    assert again.more
    anew = listed(first, post(6, comment(5))) if lane == "feed" else listed(comment(8))
    run = replay(later.mentions(again.cursor), [anew])
    assert run.result.items[-1].id in {"5_5", "5_8"}
    assert "after" not in run.requests[0].params
    if lane == "feed":  # a place that was told just now: the refusal means something else
        with pytest.raises(RejectedError):
            replay(page(inbox=False).mentions(cut.cursor), [VOID])


def test_a_post_below_which_nothing_can_be_listed_stops_no_other() -> None:
    account = page(expand=False, inbox=False)
    first = replay(account.mentions(), [listed(post(7), post(6))]).result
    refused = replay(account.mentions(first.cursor), [VOID]).result
    assert [each.id for each in refused.unreadable] == ["1060_7"]
    other = replay(account.mentions(refused.cursor), [listed(comment(1))]).result
    assert [each.id for each in other.items] == ["5_1"]
    blocked = answer({"error": {"code": 368}}, status=400)
    with pytest.raises(PolicyError):  # of the whole account
        replay(account.mentions(first.cursor), [blocked])


def test_a_page_that_is_too_busy_for_one_call_is_asked_post_by_post() -> None:
    much = answer({"error": {"code": 1, "message": "reduce the amount of data"}}, status=500)
    run = replay(page().mentions(), [much, listed(post(7))])
    assert ["comments" in str(each.params["fields"]) for each in run.requests] == [True, False]
    below = replay(page().mentions(run.result.cursor), [listed(comment(1))])
    assert below.requests[0].url == f"{BASE}/1060_7/comments"
    with pytest.raises(ServerError):
        replay(page().mentions(), [much, much])
    with pytest.raises(ServerError):
        replay(page(expand=False).mentions(), [much])


def test_a_missing_right_is_told_with_the_listing_that_needs_it() -> None:
    cursor = None
    for _ in range(2):
        cursor = replay(page().mentions(cursor), [listed()]).result.cursor
    with pytest.raises(AuthError, match="asked for inbox"):
        replay(page().mentions(cursor), [answer({"error": {"code": 10}}, status=403)])


def test_an_old_post_among_new_ones_ends_no_walk() -> None:
    pinned = post(1, created_time=at(90 * 24 * 60))
    found, _ = walked(
        page(inbox=False).mentions,
        listed(pinned, post(7), after="A"),
        listed(post(6, comment(1))),
        listed(),
    )
    assert [each.id for each in found] == ["5_1"]


def test_what_is_unreadable_is_set_aside() -> None:
    feed = listed({"id": "1060_1"}, "rusak", post(7, {"id": "5_2"}, comment(1)))
    found = replay(page().mentions(), [feed]).result
    assert [each.id for each in found.items] == ["5_1"]
    assert [each.id for each in found.unreadable] == ["1060_1", "", "5_2"]


def test_each_post_is_asked_where_expansion_is_not_trusted() -> None:
    account = page(expand=False, inbox=False)
    bare = {name: value for name, value in post(7).items() if name != "comments"}
    found, requests = walked(account.mentions, listed(bare), listed(comment(1)), listed())
    assert [each.id for each in found] == ["5_1"]
    assert requests[0].params["fields"] == "id,message,created_time,from,permalink_url"
    assert requests[1].url == f"{BASE}/1060_7/comments"


def test_comments_that_are_out_of_sight_are_told_as_unreadable() -> None:
    account = page(expand=False, inbox=False)
    first = replay(account.mentions(), [listed(post(7))]).result
    (told,) = replay(account.mentions(first.cursor), [GONE]).result.unreadable
    assert (told.id, "out of sight" in told.reason) == ("1060_7", True)


def test_pictures_in_comments_and_files_in_messages_are_named() -> None:
    picture = {"type": "photo", "media": {"image": {"src": "https://x.example/1.jpg"}}}
    film = {"type": "video_inline", "url": "https://x.example/2"}
    below = [comment(1, attachment=picture), comment(2, attachment=film), comment(3, attachment={})]
    found = replay(page().mentions(), [listed(post(7, *reversed(below)))]).result.items
    assert [[(one.media_type, one.url) for one in each.attachments] for each in found] == [
        [("image/*", "https://x.example/1.jpg")],
        [("video/*", "https://x.example/2")],
        [],
    ]
    files = [
        {"mime_type": "application/pdf", "name": "ktp.pdf", "file_url": "https://x.example/3"},
        {"image_data": {"url": "https://x.example/4"}},
        7,
    ]
    said = {"id": "m_1", "created_time": at(3), "from": WATI, "attachments": {"data": files}}
    inbox = listed({"id": "t_1", "updated_time": at(3), "messages": {"data": [said]}})
    (one,), _ = walked(page().mentions, listed(), listed(), inbox)
    assert [(each.name, each.url) for each in one.attachments] == [
        ("ktp.pdf", "https://x.example/3"),
        ("", "https://x.example/4"),
    ]


@pytest.mark.parametrize("cursor", ["facebook/1:{", "mastodon/1:3", 'facebook/1:{"todo":7}'])
def test_a_strange_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ConfigError, match="facebook/1"):
        replay(page().mentions(cursor), [])


def test_reads_slow_down_and_the_token_is_nowhere() -> None:
    feed = answer({"data": []}, x_app_usage='{"call_count": 80}')
    run = replay(page().mentions(), [feed])
    assert run.slept == 2.0
    assert TOKEN not in f"{run.requests!r} {page()!r} {vars(page())!r} {run.result.cursor}"


# --- what the Page wrote ----------------------------------------------------------------------


def test_own_answers_are_those_to_somebody() -> None:
    feed = listed(
        post(8, comment(5, "ke dinding", by=OWN), by=WATI),
        post(7, comment(4, "tambahan", by=OWN), comment(3, by=OWN, parent={"id": "5_1"})),
        {"id": "rusak"},
    )
    said = [
        {"id": "m_3", "message": "siap", "created_time": at(1), "from": OWN},
        {"id": "m_2", "message": "halo", "created_time": at(2), "from": WATI},
        {"id": "m_1", "message": "dulu", "created_time": at(3), "from": OWN},
    ]
    inbox = listed({"id": "t_1", "updated_time": at(1), "messages": {"data": said}})
    found, requests = walked(page().answers, feed, inbox)
    assert len(requests) == 2
    assert [(each.id, each.to) for each in found] == [
        ("5_3", "5_1"),
        ("5_5", "1060_8"),
        ("m_1", ""),
        ("m_3", "m_2"),
    ]
    assert found[3] == Answer(
        platform="facebook",
        id="m_3",
        to="m_2",
        text="siap",
        created_at=NOW - timedelta(minutes=1),
        thread="9000",
        private=True,
    )


def test_a_private_answer_whose_question_stands_on_the_next_page_names_the_conversation() -> None:
    ours = {"id": "m_2", "message": "ya", "created_time": at(1), "from": OWN}
    to = {"to": {"data": [OWN, WATI]}}
    inbox = listed({"id": "t_1", "updated_time": at(1), "messages": {"data": [ours | to]}})
    (found,), _ = walked(page().answers, listed(), inbox)
    assert (found.to, found.thread) == ("", WATI["id"])
    unknown = listed({"id": "t_1", "updated_time": at(1), "messages": {"data": [ours]}})
    (found,), _ = walked(page().answers, listed(), unknown)
    assert (found.to, found.thread) == ("", "")


def test_answers_far_below_a_post_are_found() -> None:
    below = {"data": [comment(9)], "paging": {"cursors": {"after": "B"}, "next": "x"}}
    rest = listed(comment(8, by=OWN, parent={"id": "5_1"}), "rusak")
    found, _ = walked(page(inbox=False).answers, listed(post(7, comments=below)), rest)
    assert [(each.id, each.to) for each in found] == [("5_8", "5_1")]


# --- answering --------------------------------------------------------------------------------


def test_a_comment_is_answered_below_it_after_a_look() -> None:
    run = replay(page().reply(mention(), "Siap", key="k"), [listed(), answer({"id": "5_9"})])
    look, write = run.requests
    assert (look.url, look.method) == (f"{BASE}/5_1/comments", "GET")
    assert (write.url, write.form) == (f"{BASE}/5_1/comments", {"message": "Siap"})
    assert not write.repeatable
    assert (run.result.id, run.result.at, run.result.confirmed) == ("5_9", NOW, True)


def test_what_stands_already_is_not_written_again() -> None:
    standing = listed(comment(9, " Siap  sekali", by=OWN), comment(8, "Siap sekali"))
    run = replay(page().reply(mention(), "Siap sekali", key="k"), [standing])
    assert (run.result.id, len(run.requests)) == ("5_9", 1)
    assert run.result.url == "https://facebook.example/5_9"


def test_an_answer_from_before_the_message_is_no_answer_to_it() -> None:
    before = listed(comment(0, "Siap", by=OWN))
    run = replay(page().reply(mention(minutes=30), "Siap", key="k"), [before, answer({"id": "1"})])
    assert run.result.id == "1"


def test_an_answer_to_an_answer_may_stand_beside_it() -> None:
    beside = listed(comment(9, "Siap", by=OWN))
    flow = page().find_reply(mention(parent="5_0"), key="k", text="Siap")
    run = replay(flow, [GONE, beside])
    assert run.result is not None
    assert run.result.id == "5_9"
    assert run.requests[1].url == f"{BASE}/5_0/comments"


def test_a_message_that_is_gone_took_its_answers_with_it() -> None:
    assert replay(page().find_reply(mention(), key="k", text="Siap"), [GONE]).result is None


def test_a_look_goes_back_to_the_message_and_no_further() -> None:
    flow = page().find_reply(mention(minutes=30), key="k", text="Siap")
    pages = [listed(comment(50), after="A"), listed(comment(10), after="B")]
    run = replay(flow, pages)
    assert run.result is None
    assert run.requests[1].params["after"] == "A"


def test_where_a_look_proves_nothing_a_person_decides() -> None:
    flow = page().find_reply(mention(minutes=55), key="k", text="Siap")
    with pytest.raises(UnsupportedError, match="a person must look"):
        replay(flow, [listed(comment(50), after="A") for _ in range(10)])
    for unclear in (listed(comment(50), "rusak"),):
        flow = page().find_reply(mention(minutes=55), key="k", text="Siap")
        with pytest.raises(UnsupportedError, match="a person must look"):
            replay(flow, [unclear])


def test_without_the_text_one_own_answer_is_proof_and_two_are_not() -> None:
    one, two = comment(9, "Siap", by=OWN), comment(10, "Lagi", by=OWN)
    found = replay(page().find_reply(mention(), key="k"), [listed(one)]).result
    assert found is not None
    assert found.id == "5_9"
    assert replay(page().find_reply(mention(), key="k"), [listed()]).result is None
    with pytest.raises(UnsupportedError, match="several own answers"):
        replay(page().find_reply(mention(), key="k"), [listed(two, one)])


def test_a_duplicate_that_facebook_notices_is_looked_up() -> None:
    doubled = answer({"error": {"code": 506}}, status=400)
    standing = listed(comment(9, "Siap", by=OWN))
    flow = page().reply(mention(), "Siap", key="k")
    assert replay(flow, [listed(), doubled, standing]).result.id == "5_9"
    with pytest.raises(DuplicateError):
        replay(page().reply(mention(), "Siap", key="k"), [listed(), doubled, listed()])


@pytest.mark.parametrize(("kind", "limit"), [("comment", 8000), ("post", 8000), ("chat", 2000)])
def test_a_text_that_is_too_long_is_not_sent(kind: str, limit: int) -> None:
    with pytest.raises(TooLongError, match=f"{limit + 1} of {limit}"):
        replay(page().reply(mention(kind), "x" * (limit + 1), key="k"), [])
    with pytest.raises(TooLongError, match="11 of 10"):
        small = page(comment_limit=10, chat_limit=10)
        replay(small.reply(mention(kind), "x" * 11, key="k"), [])


def test_a_private_message_is_answered_in_its_conversation() -> None:
    look = [listed({"id": "t_1"}), listed()]
    run = replay(
        page().reply(mention("chat"), "Siap", key="k"), [*look, answer({"message_id": "m"})]
    )
    assert run.requests[0].params["user_id"] == "9000"
    assert run.requests[2].url == f"{BASE}/1060/messages"
    assert run.requests[2].json == {
        "recipient": {"id": "9000"},
        "message": {"text": "Siap"},
        "messaging_type": "RESPONSE",
    }
    assert run.result.id == "m"


def test_a_private_answer_that_stands_is_found() -> None:
    own = {"id": "m_5", "message": "Siap", "created_time": at(1), "from": OWN}
    flow = page().reply(mention("chat"), "Siap", key="k")
    found = replay(flow, [listed({"id": "t_1"}), listed(own)]).result
    assert (found.id, found.url) == ("m_5", None)


def test_outside_the_window_a_private_answer_is_refused_before_it_is_sent() -> None:
    late = mention("chat", minutes=24 * 60)
    with pytest.raises(PolicyError, match="window of 24 hours") as caught:
        replay(page().reply(late, "Siap", key="k"), [listed()])
    assert caught.value.remedy.startswith("officer:")
    agent = page(human_agent=True)
    run = replay(agent.reply(late, "Siap", key="k"), [listed(), answer({"message_id": "m"})])
    assert isinstance(run.requests[1].json, dict)
    assert run.requests[1].json["tag"] == "HUMAN_AGENT"
    later = mention("chat", minutes=7 * 24 * 60)
    with pytest.raises(PolicyError, match="window of 168 hours"):
        replay(agent.reply(later, "Siap", key="k"), [listed()])


def test_somebody_whom_meta_does_not_name_cannot_be_written_to() -> None:
    unnamed = mention("chat").model_copy(update={"author": Author(id="anon:m_1", handle="")})
    with pytest.raises(NotFoundError, match="author is gone"):
        replay(page().reply(unnamed, "Siap", key="k"), [listed()])


# --- one private answer to a public message ---------------------------------------------------

OPEN = answer({"id": "5_1", "can_reply_privately": True})


def test_a_comment_is_answered_in_private_once() -> None:
    flow = page().reply_privately(mention(), "Kirim NIK di sini.", key="k")
    run = replay(flow, [OPEN, answer({"message_id": "m_1"})])
    assert run.requests[1].json == {
        "recipient": {"comment_id": "5_1"},
        "message": {"text": "Kirim NIK di sini."},
    }
    assert run.result.id == "m_1"


def test_a_private_answer_with_the_same_text_stands_already() -> None:
    own = {"id": "m_5", "message": "Di sini.", "created_time": at(1), "from": OWN}
    thread = {"id": "t_1", "messages": {"data": [own]}}
    state = answer({"can_reply_privately": False, "private_reply_conversation": thread})
    flow = page().reply_privately(mention(), "Di sini.", key="k")
    assert replay(flow, [state]).result.id == "m_5"
    with pytest.raises(PolicyError, match="no private answer"):
        replay(page().reply_privately(mention(), "Lain.", key="k"), [state])


def test_of_a_post_the_conversation_is_looked_for() -> None:
    shut = answer({"can_reply_privately": False})
    own = {"id": "m_5", "message": "Di sini.", "created_time": at(1), "from": OWN}
    flow = page().reply_privately(mention("post"), "Di sini.", key="k")
    run = replay(flow, [shut, listed({"id": "t_1"}), listed(own)])
    assert run.result.id == "m_5"
    assert run.requests[0].params["fields"] == "can_reply_privately"
    flow = page().reply_privately(mention("post"), "Di sini.", key="k")
    run = replay(flow, [OPEN, answer({"message_id": "m"})])
    assert isinstance(run.requests[1].json, dict)
    assert run.requests[1].json["recipient"] == {"post_id": "5_1"}


def test_after_seven_days_nothing_is_sent() -> None:
    late = mention(minutes=7 * 24 * 60)
    with pytest.raises(PolicyError, match="7 days"):
        replay(page().reply_privately(late, "Siap", key="k"), [])
    assert page().capabilities.private_reply_window == timedelta(days=7)
    assert page().capabilities.chat_window == timedelta(hours=24)
    assert page(human_agent=True).capabilities.chat_window == timedelta(days=7)


# --- publishing -------------------------------------------------------------------------------


def file(kind: str = "image/jpeg", alt: str = "beras") -> MediaFile:
    return MediaFile(
        filename="a",
        media_type=kind,
        alt=alt,
        size_bytes=3,
        sha256="0",
        width=1,
        height=1,
        open=lambda: io.BytesIO(b"isi"),
    )


def test_a_text_is_published_once_a_day() -> None:
    run = replay(page().publish("Beras", key="k"), [listed(), answer({"id": "1060_9"})])
    assert run.requests[1].form == {"message": "Beras"}
    assert run.result.url == "https://www.facebook.com/1060_9"
    standing = listed(post(9, message="Beras", created_time=at(60)))
    assert replay(page().publish("Beras", key="k"), [standing]).result.id == "1060_9"
    old = listed(post(9, message="Beras", created_time=at(25 * 60)))
    assert replay(page().publish("Beras", key="k"), [old, answer({"id": "7"})]).result.id == "7"


def test_one_photo_is_a_post_and_several_are_attached() -> None:
    one = answer({"id": "71", "post_id": "1060_9"})
    run = replay(page().publish("Beras", [file()], key="k"), [listed(), one])
    assert run.requests[1].form == {"message": "Beras", "alt_text_custom": "beras"}
    assert run.requests[1].uploads[0].field == "source"
    assert (run.result.id, run.requests[1].repeatable) == ("1060_9", False)
    photos = [answer({"id": "71"}), answer({"id": "72"}), answer({"id": "1060_9"})]
    run = replay(page().publish("Beras", [file(), file(alt="")], key="k"), [listed(), *photos])
    assert run.requests[2].form == {"published": "false"}
    assert run.requests[2].repeatable
    assert run.requests[3].form == {
        "message": "Beras",
        "attached_media[0]": '{"media_fbid":"71"}',
        "attached_media[1]": '{"media_fbid":"72"}',
    }


def test_a_video_is_uploaded_in_three_steps() -> None:
    steps = [answer({"id": "upload:abc?sig=xyz"}), answer({"h": "pegangan"}), answer({"id": "9"})]
    run = replay(
        page(app_id="55").publish("Film", [file("video/mp4")], key="k"), [listed(), *steps]
    )
    start, upload, publish = run.requests[1:]
    assert (start.url, start.params["file_length"]) == (f"{BASE}/55/uploads", "3")
    assert (upload.url, upload.params["sig"]) == (f"{BASE}/upload:abc", "xyz")
    assert upload.headers == {"Authorization": f"OAuth {TOKEN}", "file_offset": "0"}
    assert upload.body is not None
    assert publish.url == "https://graph-video.facebook.com/v26.0/1060/videos"
    assert publish.form == {"description": "Film", "fbuploader_video_file_chunk": "pegangan"}


@pytest.mark.parametrize(
    "media",
    [
        [file()] * 11,
        [file("video/mp4"), file()],
        [file("application/pdf")],
        [file("video/mp4")],  # the app is not known
    ],
)
def test_files_that_a_post_cannot_carry_are_refused(media: list[MediaFile]) -> None:
    with pytest.raises(UnsupportedError):
        replay(page().publish("Beras", media, key="k"), [])
    assert page().capabilities.media == {"image": 10, "video": 1}


def test_a_publication_is_looked_for_through_thirty_days() -> None:
    def look(*answers: Any, text: str = "Beras") -> Any:
        return replay(page().find_publication(key="k", text=text), answers).result

    assert look(listed(post(8), after="A"), listed(post(9, message="Beras"))).id == "1060_9"
    assert look(listed()) is None
    assert look(listed(post(8, created_time=at(31 * 24 * 60)), after="A")) is None
    with pytest.raises(UnsupportedError, match="without a text"):
        look(text=" ")
    with pytest.raises(UnsupportedError, match="too much"):
        look(*[listed(post(8), after="A")] * 10)


# --- webhooks ---------------------------------------------------------------------------------


def body(value: Any = None, *, field: str = "feed", page_id: str = "1060", **more: Any) -> bytes:
    changes = [] if value is None else [{"field": field, "value": value}]
    entry = {"id": page_id, "time": 1795015200, "changes": changes, **more}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


def pushed(value: Any = None, **more: Any) -> WebhookEvents:
    return page().parse(body(value, **more))


def told(item: str = "comment", /, verb: Any = "add", **more: Any) -> dict[str, Any]:
    known = {"item": item, "verb": verb, "post_id": "1060_7", "created_time": 1795015200}
    known |= {"comment_id": "5_1"} if item == "comment" else {}
    return {**known, "parent_id": "1060_7", "message": "rusak", "from": WATI, **more}


def test_a_comment_is_pushed() -> None:
    (found,) = pushed(told()).mentions
    assert found.id == "5_1"
    assert found.created_at == datetime(2026, 11, 18, 15, 20, tzinfo=UTC)
    assert (found.thread, found.reply_to) == ("1060_7", "")
    assert found.ref == {"kind": "comment", "post": "1060_7", "parent": ""}
    assert pushed(told(parent_id="5_0")).mentions[0].reply_to == "5_0"


def test_a_post_of_a_visitor_and_a_tag_are_pushed() -> None:
    (found,) = pushed(told("status")).mentions
    assert (found.id, found.thread, found.ref) == ("1060_7", "1060_7", {"kind": "post"})
    (tag,) = pushed(told("post", post_id="9000_3"), field="mention").mentions
    assert tag.id == "9000_3"
    (inside,) = pushed(told("mention", comment_id="8_1"), field="mention").mentions
    assert inside.id == "8_1"


def test_changes_and_deletions_name_their_message() -> None:
    assert pushed(told(verb="edited", message="rusak berat")).edits[0].text == "rusak berat"
    assert pushed(told(verb="remove", message=None)).removals == ("5_1",)
    assert pushed(told("post", verb="remove")).removals == ("1060_7",)


def test_what_the_page_wrote_is_an_answer() -> None:
    (found,) = pushed(told(parent_id="5_0", **{"from": OWN})).answers
    assert (found.id, found.to, found.thread) == ("5_1", "5_0", "1060_7")
    assert pushed(told("post", **{"from": OWN})) == WebhookEvents()
    assert pushed(told(verb="edited", **{"from": OWN})) == WebhookEvents()


def test_what_is_only_announced_is_fetched() -> None:
    (pointer,) = pushed(told(message=None)).pointers
    assert pointer == Pointer(id="5_1", ref={"kind": "comment", "post": "1060_7"})
    run = replay(page().fetch_mention(pointer), [answer(comment(1))])
    assert run.requests[0].url == f"{BASE}/5_1"
    assert (run.result.text, run.result.thread) == ("rusak", "1060_7")
    (pointer,) = pushed(told("photo", created_time=None)).pointers
    found = replay(page().fetch_mention(pointer), [answer(post(7, by=WATI))]).result
    assert (found.id, found.ref) == ("1060_7", {"kind": "post"})
    assert len(pushed(told(**{"from": None})).pointers) == 1
    (tag,) = pushed(told("post", **{"from": None}), field="mention").mentions
    assert tag.author.handle == ""  # who tags is withheld, fetched or not


def test_what_the_page_itself_wrote_is_never_fetched_as_a_message() -> None:
    for pointer, own in (
        (Pointer(id="5_1", ref={"kind": "comment", "post": "1060_7"}), comment(1, by=OWN)),
        (Pointer(id="1060_7", ref={"kind": "post"}), post(7)),
    ):
        with pytest.raises(NotFoundError, match="own"):
            replay(page().fetch_mention(pointer), [answer(own)])


def test_likes_and_other_fields_are_no_messages() -> None:
    assert pushed(told("reaction")) == WebhookEvents()
    for item in ("reaction", "like"):  # on a comment, perhaps the Page's own answer
        assert pushed(told(item, comment_id="5_1", message=None)) == WebhookEvents()
    assert pushed(told(), field="ratings") == WebhookEvents()
    assert pushed(told(), page_id="2060") == WebhookEvents(elsewhere=("2060",))


def test_what_cannot_be_read_is_set_aside() -> None:
    assert pushed(told(comment_id="")).unreadable[0].reason == "comment_id or post_id (missing)"
    assert pushed(told(created_time="kemarin")).unreadable[0].id == "5_1"
    assert len(page().parse(b"{}").unreadable) == 1
    strange = {"entry": [7, {"id": "1060", "changes": [7], "messaging": [7, {"message": {}}]}]}
    assert len(page().parse(json.dumps(strange).encode()).unreadable) == 4


def said(**more: Any) -> dict[str, Any]:
    sides = {"sender": {"id": "9000"}, "recipient": {"id": "1060"}, "timestamp": 1795015200000}
    return {**sides, **more}


def messaging(**more: Any) -> WebhookEvents:
    return pushed(messaging=[said(**more)])


def test_private_messages_are_pushed() -> None:
    files = [{"type": "image", "payload": {"url": "https://x.example/1"}}, {"type": "template"}]
    reply = {"mid": "m_0"}
    (found,) = messaging(
        message={"mid": "m_1", "text": "halo", "attachments": files, "reply_to": reply}
    ).mentions
    assert (found.id, found.thread, found.reply_to, found.private) == ("m_1", "9000", "m_0", True)
    assert found.created_at == datetime(2026, 11, 18, 15, 20, tzinfo=UTC)
    assert [each.media_type for each in found.attachments] == [
        "image/*",
        "application/octet-stream",
    ]
    assert messaging(message={"mid": "m_1", "is_deleted": True}).deletions == ("m_1",)
    (edit,) = messaging(message_edit={"mid": "m_1", "text": "hai"}).edits
    assert (edit.id, edit.text) == ("m_1", "hai")


def test_own_private_messages_are_answers_whoever_typed_them() -> None:
    echo = {"mid": "m_2", "text": "Siap", "is_echo": True, "reply_to": {"mid": "m_1"}}
    (found,) = messaging(sender={"id": "1060"}, recipient={"id": "9000"}, message=echo).answers
    assert (found.id, found.to, found.thread, found.private) == ("m_2", "m_1", "9000", True)
    (bare,) = messaging(
        sender={"id": "1060"}, recipient={"id": "9000"}, message={"mid": "m_3"}
    ).answers
    assert (bare.to, bare.text) == ("", "")


def test_deliveries_and_the_rest_of_messenger() -> None:
    found = messaging(delivery={"mids": ["m_2"], "watermark": 1})
    when = datetime(2026, 11, 18, 15, 20, tzinfo=UTC)
    assert found.deliveries == (Delivery(id="m_2", state="delivered", at=when),)
    assert messaging(read={"watermark": 1}) == WebhookEvents()
    own = {"sender": {"id": "1060"}, "recipient": {"id": "9000"}}
    assert messaging(**own, message_edit={"mid": "m_2"}) == WebhookEvents()


def test_the_webhook_of_the_page_is_verified() -> None:
    with pytest.raises(PelayananError, match=r"facebook\.webhook"):
        page().verify(body(told()), {}, now=NOW)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "kata"}
    assert page().handshake(asked) == "1"


# --- check and errors -------------------------------------------------------------------------


def test_the_check_tells_how_everything_stands() -> None:
    until = int((NOW + timedelta(days=40)).timestamp())
    token = answer({"data": {"expires_at": until, "scopes": ["pages_messaging"]}})
    shown = answer({"id": "1060", "name": "Dinas Contoh", "is_published": False})
    found = {each.name: each for each in replay(page().check(), [shown, token]).result.findings}
    assert list(found) == ["token", "scopes", "page", "tier", "limits", "clock"]
    assert found["token"].detail == "berlaku 40 hari lagi"
    assert "pages_manage_posts" in found["scopes"].detail
    assert not found["page"].ok
    assert found["page"].remedy
    refused = answer({"error": {"code": 190, "message": TOKEN}}, status=400)
    (only,) = replay(page().check(), [refused]).result.findings
    assert not only.ok
    assert TOKEN not in repr(only)


@pytest.mark.parametrize(
    ("code", "kind"), [(32, RateLimitError), (80001, RateLimitError), (368, PolicyError)]
)
def test_the_token_is_in_no_error(code: int, kind: type[PelayananError]) -> None:
    refused = answer({"error": {"code": code, "message": TOKEN}}, status=400)
    with pytest.raises(kind) as caught:
        replay(page().reply(mention(), "Siap", key="k"), [listed(), refused])
    assert TOKEN not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


def test_settings_are_checked() -> None:
    assert page(handle="dinsos").handle == "dinsos"
    assert page().handle == "1060"
    for wrong in ({"base_url": "http://x.example"}, {"video_url": "ftp://x.example"}):
        with pytest.raises(ConfigError):
            page(**wrong)
    with pytest.raises(ConfigError, match="page_id"):
        FacebookPage("dinsos.contoh", TOKEN)


# --- the fake's own rules ---------------------------------------------------------------------


def test_the_fake_refuses_what_facebook_refuses() -> None:
    from pelayanan import Client  # noqa: PLC0415  only here

    fake = FakeFacebook(clock=lambda: NOW)
    wrote = fake.citizen("Wati Contoh").comment(fake.officer().post("Halo"), "rusak")
    account = page()
    client = Client(transport=fake, sleep=lambda _: None)
    found = next(iter(client.mentions(account)))
    assert found.id == wrote
    client.run(account.reply_privately(found, "Satu", key="a"))
    with pytest.raises(PolicyError):
        client.run(account.reply_privately(found, "Dua", key="b"))
    client.publish(account, "Sama", key="c")
    fake.fault("lost_reply")
    with pytest.raises(TransportError):
        client.publish(account, "Lain", key="d")
    assert client.publish(account, "Lain", key="d").id
    assert fake.published.count("Lain") == 1
    fake.citizen("Wati Contoh").hide()
    assert next(iter(client.mentions(account))).author.handle == ""
    fake.citizen("Wati Contoh").delete(wrote)
    with pytest.raises(NotFoundError):
        client.reply(account, found, "Siap", key="e")
