from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan.errors import (
    ConfigError,
    NotFoundError,
    PlatformError,
    RejectedError,
    TooLongError,
    UnsupportedError,
)
from pelayanan.models import Author, Mention
from pelayanan.platforms import PlayReviews
from pelayanan.protocol.request import Response
from pelayanan.testing import answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
PACKAGE = "id.go.contoh.layanan"
TOKEN = answer({"access_token": "rahasia-akses"})


def stamp(hours: float = 1.0) -> dict[str, Any]:
    return {"seconds": str(int((NOW - timedelta(hours=hours)).timestamp())), "nanos": 0}


def review(
    name: str, text: str = "\tKeluar sendiri", hours: float = 1.0, reply: str = "", **user: Any
) -> dict[str, Any]:
    said = {"userComment": {"text": text, "lastModified": stamp(hours), "starRating": 2} | user}
    replied = {"developerComment": {"text": reply, "lastModified": stamp(hours / 2)}}
    comments = [said, replied] if reply else [said]
    return {"reviewId": name, "authorName": "Wati Contoh", "comments": comments}


def listing(*found: Any, place: str = "") -> Response:
    more = {"tokenPagination": {"nextPageToken": place}} if place else {}
    return answer({"reviews": list(found), **more})


def mention(name: str = "gp:1") -> Mention:
    author = Author(id=f"review:{name}", handle="Wati Contoh")
    return Mention(platform="play_reviews", id=name, author=author, text="?", created_at=NOW)


def account(**more: Any) -> PlayReviews:
    fields: dict[str, Any] = {
        "client_id": "klien",
        "client_secret": "rahasia-klien",
        "refresh_token": "rahasia-segar",
    }
    return PlayReviews(PACKAGE, clock=lambda: NOW, **fields | more)


@pytest.fixture
def app() -> PlayReviews:
    return account()


def test_a_review_is_a_message(app: PlayReviews) -> None:
    run = replay(app.mentions(), [TOKEN, listing(review("gp:2"), review("gp:1", "Judul\tIsi", 3))])
    place = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications"
    assert run.requests[1].url == f"{place}/{PACKAGE}/reviews"
    assert run.requests[1].params == {"maxResults": 100}
    first, second = run.result.items
    assert (first.id, first.text, first.subject) == ("gp:1", "Judul\nIsi", "2 dari 5 bintang")
    assert (second.text, second.created_at) == ("Keluar sendiri", NOW - timedelta(hours=1))
    assert second.url == f"https://play.google.com/store/apps/details?id={PACKAGE}&reviewId=gp:2"


def test_reviewers_of_one_name_are_not_taken_for_one_person(app: PlayReviews) -> None:
    items = replay(app.mentions(), [TOKEN, listing(review("gp:2"), review("gp:1"))]).result.items
    assert {item.author.id for item in items} == {"review:gp:1", "review:gp:2"}
    assert {item.author.handle for item in items} == {"Wati Contoh"}
    nameless = review("gp:3") | {"authorName": None}
    (item,) = replay(app.mentions(), [listing(nameless)]).result.items
    assert item.author == Author(id="review:gp:3", handle="review:gp:3")


def test_the_citizens_own_words_count_and_not_a_translation(app: PlayReviews) -> None:
    found = listing(review("gp:1", "It closes", originalText="Tutup dewek", starRating=None))
    (item,) = replay(app.mentions(), [TOKEN, found]).result.items
    assert (item.text, item.subject) == ("Tutup dewek", "")


def test_every_walk_sees_the_whole_list_and_tells_what_is_new(app: PlayReviews) -> None:
    first = replay(app.mentions(), [TOKEN, listing(review("gp:1"), place="p")]).result
    assert first.more
    second = replay(app.mentions(first.cursor), [listing(review("gp:0", hours=30))])
    assert second.requests[0].params["token"] == "p"
    late = review("gp:3", hours=100)  # lies below what is known
    known = listing(review("gp:1"), review("gp:0", hours=30), late)
    third = replay(app.mentions(second.result.cursor), [known]).result
    assert [item.id for item in third.items] == ["gp:3"]


def test_a_changed_review_comes_again(app: PlayReviews) -> None:
    first = replay(app.mentions(), [TOKEN, listing(review("gp:1"))]).result
    changed = listing(review("gp:1", "Sudah baik", 0.1))
    (item,) = replay(app.mentions(first.cursor), [changed]).result.items
    assert (item.id, item.text) == ("gp:1", "Sudah baik")


def test_a_forgotten_place_begins_anew(app: PlayReviews) -> None:
    first = replay(app.mentions(), [TOKEN, listing(review("gp:1"), place="p")]).result
    run = replay(app.mentions(first.cursor), [answer({}, status=400), listing(review("gp:0"))])
    assert [item.id for item in run.result.items] == ["gp:0"]
    with pytest.raises(RejectedError):
        replay(app.mentions(), [answer({}, status=400)])


def test_unreadable_reviews_are_set_aside(app: PlayReviews) -> None:
    huge = review("gp:4", lastModified={"seconds": "9" * 30})
    silent = {
        "reviewId": "gp:5",
        "comments": [{"developerComment": {"text": "a", "lastModified": stamp()}}],
    }
    found = listing(huge, {"reviewId": ""}, 7, silent, {"reviewId": "gp:6"}, review("gp:1"))
    page = replay(app.mentions(), [TOKEN, found]).result
    assert [item.id for item in page.items] == ["gp:1"]
    assert len(page.unreadable) == 5
    answers = replay(app.answers(), [found]).result
    assert [item.to for item in answers.items] == ["gp:5"]


def test_a_reply_without_words_hides_no_review_and_is_no_answer(app: PlayReviews) -> None:
    found = review("gp:1")
    found["comments"].append({"developerComment": {"lastModified": stamp()}})
    page = replay(app.mentions(), [TOKEN, listing(found)]).result
    assert ([item.id for item in page.items], page.unreadable) == (["gp:1"], ())
    assert replay(app.answers(), [listing(found)]).result.items == ()


def test_an_empty_answer_is_an_empty_page(app: PlayReviews) -> None:
    page = replay(app.mentions(), [TOKEN, answer({})]).result
    assert (page.items, page.more) == ((), False)
    with pytest.raises(ConfigError, match="play_reviews/1"):
        replay(app.mentions("youtube/1:{}"), [])


def test_replies_are_answers_wherever_they_were_typed(app: PlayReviews) -> None:
    found = listing(review("gp:2"), review("gp:1", reply="Kami perbaiki", hours=2))
    (item,) = replay(app.answers(), [TOKEN, found]).result.items
    assert (item.to, item.text) == ("gp:1", "Kami perbaiki")
    assert item.id == f"gp:1/reply/{stamp(1)['seconds']}"


def test_a_reply_is_read_back(app: PlayReviews) -> None:
    done = answer({"result": {"replyText": "Siap", "lastEdited": stamp(0)}})
    flow = app.reply(mention(), "Siap", key="k")
    run = replay(flow, [TOKEN, done, answer(review("gp:1", reply="Siap", hours=2))])
    assert run.requests[1].url.endswith("/reviews/gp%3A1:reply")
    assert run.requests[1].json == {"replyText": "Siap"}
    assert run.requests[1].repeatable  # it takes its own place
    assert (run.result.id, run.result.confirmed) == (f"gp:1/reply/{stamp(1)['seconds']}", True)


@pytest.mark.parametrize(
    "back", [answer({}, status=500), answer(review("gp:1")), answer(review("gp:1", reply="Lama"))]
)
def test_a_reply_that_is_not_shown_yet_is_sent_all_the_same(
    app: PlayReviews, back: Response
) -> None:
    done = answer({"result": {"replyText": "Siap", "lastEdited": stamp(0)}})
    sent = replay(app.reply(mention(), "Siap", key="k"), [TOKEN, done, back]).result
    assert (sent.id, sent.confirmed) == (f"gp:1/reply/{stamp(0)['seconds']}", False)
    timeless = replay(app.reply(mention(), "Siap", key="k"), [answer({"result": {}}), back]).result
    assert timeless.at == NOW


def test_what_google_would_refuse_or_change_is_not_sent(app: PlayReviews) -> None:
    with pytest.raises(TooLongError, match="351"):
        replay(app.reply(mention(), "a" * 351, key="k"), [])
    with pytest.raises(RejectedError, match="between"):
        replay(app.reply(mention(), "Tekan <Simpan>", key="k"), [])
    with pytest.raises(NotFoundError):
        replay(app.reply(mention(), "1 < 2", key="k"), [TOKEN, answer({}, status=404)])


def test_the_one_reply_tells_whether_it_was_sent(app: PlayReviews) -> None:
    def look(found: Response, *first: Response) -> Any:
        flow = app.find_reply(mention(), key="k", text="Kami  perbaiki")
        return replay(flow, [*first, found]).result

    standing = look(answer(review("gp:1", reply="Kami perbaiki ", hours=2)), TOKEN)
    assert (standing.id, standing.confirmed) == (f"gp:1/reply/{stamp(1)['seconds']}", True)
    assert look(answer(review("gp:1"))) is None
    assert look(answer({}, status=404)) is None
    with pytest.raises(UnsupportedError, match="would replace"):
        look(answer(review("gp:1", reply="Dari aplikasi")))


def test_check_tells_how_everything_stands(app: PlayReviews) -> None:
    scope = "https://www.googleapis.com/auth/androidpublisher"
    token = answer({"access_token": "a", "scope": scope})
    found = replay(app.check(), [token, answer({}, date="Fri, 20 Nov 2026 05:00:00 GMT")]).result
    assert found.ok
    assert [one.name for one in found.findings] == ["token", "scopes", "limits", "clock"]
    (only,) = replay(app.check(), [answer({}, status=403)]).result.findings
    assert not only.ok


def test_settings_are_checked() -> None:
    assert account().handle == PACKAGE
    assert account(handle="layanan").handle == "layanan"
    with pytest.raises(ConfigError, match="package"):
        PlayReviews("contoh/..", service_account="{}")
    with pytest.raises(ConfigError, match="give service_account"):
        account(service_account="{}")
    with pytest.raises(ConfigError, match="give service_account"):
        PlayReviews(PACKAGE)
    with pytest.raises(ConfigError, match="JSON key file"):
        PlayReviews(PACKAGE, service_account="rusak")


def test_secrets_are_shown_nowhere(app: PlayReviews) -> None:
    shown = repr(app) + repr(vars(app)) + repr(replay(app.mentions(), [TOKEN, listing()]))
    with pytest.raises(PlatformError) as caught:
        replay(app.mentions(), [answer({}, status=403)])
    assert "rahasia" not in shown + repr(caught.value)
