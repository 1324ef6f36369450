from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan.errors import (
    AuthError,
    ConfigError,
    NotFoundError,
    PlatformError,
    PolicyError,
    ReauthRequiredError,
    RejectedError,
    TooLongError,
    UnsupportedError,
)
from pelayanan.models import Author, Mention
from pelayanan.platforms import GoogleReviews
from pelayanan.protocol.request import Response
from pelayanan.testing import answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
TOKEN = answer({"access_token": "rahasia-akses"})
NAME = "accounts/1/locations/2/reviews/AbC"


def stamp(hours: float = 1.0) -> str:
    return (NOW - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def seconds(hours: float) -> int:
    return int((NOW - timedelta(hours=hours)).timestamp())


def review(
    name: str = "AbC", text: str | None = "Antre 4 jam", hours: float = 1.0, **more: Any
) -> Any:
    known = {
        "name": f"accounts/1/locations/2/reviews/{name}",
        "reviewId": name,
        "reviewer": {"displayName": "Warga Contoh"},
        "starRating": "TWO",
        "createTime": stamp(hours + 1),
        "updateTime": stamp(hours),
    }
    return known | ({"comment": text} if text is not None else {}) | more


def replied(text: str, state: str | None = "APPROVED", hours: float = 0.5, **more: Any) -> Any:
    reply = {"comment": text, "updateTime": stamp(hours), "reviewReplyState": state, **more}
    return review(reviewReply=reply)


def listing(*found: Any, place: str = "") -> Response:
    return answer({"reviews": list(found)} | ({"nextPageToken": place} if place else {}))


def mention() -> Mention:
    return Mention(
        platform="google_reviews",
        id="2/AbC",
        author=Author(id="review:2/AbC", handle="Warga Contoh"),
        text="?",
        created_at=NOW,
        ref={"name": NAME},
    )


def account(locations: Any = ("2",), **more: Any) -> GoogleReviews:
    fields: dict[str, Any] = {
        "client_id": "klien",
        "client_secret": "rahasia-klien",
        "refresh_token": "rahasia-segar",
    }
    return GoogleReviews("accounts/1", locations, clock=lambda: NOW, **fields | more)


@pytest.fixture
def offices() -> GoogleReviews:
    return account()


# --- fetching ---------------------------------------------------------------------------------


def test_a_review_is_a_message(offices: GoogleReviews) -> None:
    run = replay(offices.mentions(), [TOKEN, listing(review("b"), review("a", hours=3))])
    place = "https://mybusiness.googleapis.com/v4/accounts/1/locations/2/reviews"
    assert run.requests[1].url == place
    assert run.requests[1].params == {"pageSize": 50, "orderBy": "updateTime desc"}
    first, second = run.result.items
    assert (first.id, second.id, run.result.more) == ("2/a", "2/b", False)
    assert (first.text, first.subject) == ("Antre 4 jam", "2 dari 5 bintang")
    assert first.created_at == NOW - timedelta(hours=4)
    assert first.author == Author(id="review:2/a", handle="Warga Contoh", name="Warga Contoh")
    assert first.ref == {"name": "accounts/1/locations/2/reviews/a"}


def test_who_wants_no_name_has_none(offices: GoogleReviews) -> None:
    hidden = review(reviewer={"displayName": "Wati", "isAnonymous": True})
    (item,) = replay(offices.mentions(), [TOKEN, listing(hidden)]).result.items
    assert item.author == Author(id="review:2/AbC", handle="review:2/AbC")
    (item,) = replay(offices.mentions(), [listing(review(reviewer=None))]).result.items
    assert item.author.name == ""


@pytest.mark.parametrize(
    ("comment", "own"),
    [
        ("Antre lama", "Antre lama"),
        ("Antre nian\n\n(Translated by Google)\nLong queue", "Antre nian"),
        ("(Translated by Google) Long queue\n\n(Original)\nAntre nian", "Antre nian"),
    ],
)
def test_the_citizens_own_words_count_and_not_a_translation(
    offices: GoogleReviews, comment: str, own: str
) -> None:
    (item,) = replay(offices.mentions(), [TOKEN, listing(review(text=comment))]).result.items
    assert item.text == own


def test_stars_alone_are_a_message_only_where_the_agency_says_so(offices: GoogleReviews) -> None:
    silent = listing(review(text=None, starRating="NINE"))
    assert replay(offices.mentions(), [TOKEN, silent]).result.items == ()
    counting = account(ratings_without_text=True)
    (item,) = replay(counting.mentions(), [TOKEN, silent]).result.items
    assert (item.text, item.subject) == ("", "")


def test_pictures_are_attachments(offices: GoogleReviews) -> None:
    media = [
        {"thumbnailUrl": "https://g.example/a", "thumbnailLabel": "Antrean"},
        {"videoUrl": "https://g.example/b"},
        {},
    ]
    found = listing(review(text=None, reviewMediaItems=media, createTime=None))
    (item,) = replay(offices.mentions(), [TOKEN, found]).result.items
    assert [(each.media_type, each.url, each.alt) for each in item.attachments] == [
        ("image/*", "https://g.example/a", "Antrean"),
        ("video/*", "https://g.example/b", ""),
    ]
    assert item.created_at == NOW - timedelta(hours=1)


def test_offices_are_visited_one_after_the_other() -> None:
    many = account(["2", "locations/3", "accounts/1/locations/4", "2"])
    one = replay(many.mentions(), [TOKEN, listing(review("a"), place="p")])
    two = replay(many.mentions(one.result.cursor), [listing(review("b", hours=2))])
    assert two.requests[0].params["pageToken"] == "p"
    three = replay(many.mentions(two.result.cursor), [listing(review("a"))])
    assert three.requests[0].url.endswith("/locations/3/reviews")
    four = replay(many.mentions(three.result.cursor), [listing()])
    assert [page.result.more for page in (one, two, three, four)] == [True, True, True, False]
    assert [item.id for item in three.result.items] == ["3/a"]  # ids of another office
    again = replay(many.mentions(four.result.cursor), [listing(review("c", hours=0), review("a"))])
    assert [item.id for item in again.result.items] == ["2/c"]
    fewer = account(["4"])
    moved = replay(fewer.mentions(two.result.cursor), [TOKEN, listing()])
    assert moved.requests[1].url.endswith("/locations/4/reviews")
    assert not moved.result.more
    other = account(["9"])  # none of those that were left is there any more
    assert (
        "/locations/9/"
        in replay(other.mentions(two.result.cursor), [TOKEN, listing()]).requests[1].url
    )


@pytest.mark.parametrize("status", [400, 403, 404])
def test_an_office_that_is_closed_to_us_stops_no_other(status: int) -> None:
    many = account(["2", "3"])
    page = replay(many.mentions(), [TOKEN, answer({}, status=status)]).result
    assert (page.items, page.more) == ((), True)
    assert page.unreadable[0].id == "accounts/1/locations/2"
    rest = replay(many.mentions(page.cursor), [listing(review("a"))]).result
    assert [item.id for item in rest.items] == ["3/a"]
    with pytest.raises((AuthError, NotFoundError, RejectedError)):
        replay(account().mentions(), [TOKEN, answer({}, status=status)])


def test_a_consent_that_ended_is_not_the_trouble_of_one_office() -> None:
    many = account(["2", "3"])
    with pytest.raises(ReauthRequiredError):
        replay(many.mentions(), [answer({"error": "invalid_grant"}, status=400)])
    with pytest.raises(AuthError):
        replay(many.mentions(), [TOKEN, answer({}, status=401), TOKEN, answer({}, status=401)])


def test_a_changed_review_comes_again(offices: GoogleReviews) -> None:
    first = replay(offices.mentions(), [TOKEN, listing(review())]).result
    changed = listing(review(text="Sudah baik", hours=0.1))
    (item,) = replay(offices.mentions(first.cursor), [changed]).result.items
    assert (item.id, item.text) == ("2/AbC", "Sudah baik")


def test_a_forgotten_place_begins_anew(offices: GoogleReviews) -> None:
    first = replay(offices.mentions(), [TOKEN, listing(review("b"), place="p")]).result
    run = replay(offices.mentions(first.cursor), [answer({}, status=400), listing(review("a"))])
    assert [item.id for item in run.result.items] == ["2/a"]
    with pytest.raises(RejectedError):
        replay(offices.mentions(), [answer({}, status=400)])


def test_unreadable_reviews_are_set_aside(offices: GoogleReviews) -> None:
    found = listing(review("a", updateTime="kemarin"), {}, 5, review("b"))
    page = replay(offices.mentions(), [TOKEN, found]).result
    assert ([item.id for item in page.items], len(page.unreadable)) == (["2/b"], 3)
    assert len(replay(offices.answers(), [found]).result.unreadable) == 3
    assert replay(offices.mentions(), [answer({})]).result.items == ()


@pytest.mark.parametrize("cursor", ["google_reviews/1:{", "play_reviews/1:{}", "x"])
def test_a_strange_cursor_is_refused(offices: GoogleReviews, cursor: str) -> None:
    with pytest.raises(ConfigError, match="google_reviews/1"):
        replay(offices.mentions(cursor), [])


def test_replies_are_answers_unless_google_hides_them(offices: GoogleReviews) -> None:
    hidden = replied("Ditolak", "REJECTED") | {"reviewId": "x"}
    found = listing(replied("Kami benahi"), hidden, review("y"))
    (item,) = replay(offices.answers(), [TOKEN, found]).result.items
    assert (item.id, item.to, item.text) == (f"2/AbC/reply/{seconds(0.5)}", "2/AbC", "Kami benahi")


# --- replying ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "shown"), [("APPROVED", True), ("PENDING", False), (None, False)]
)
def test_a_reply_is_read_back_and_waits_for_google(
    offices: GoogleReviews, state: str | None, *, shown: bool
) -> None:
    put = answer({"comment": "Kami benahi"})
    flow = offices.reply(mention(), "Kami benahi", key="k")
    run = replay(flow, [TOKEN, put, answer(replied("Kami benahi", state))])
    assert (run.requests[1].method, run.requests[1].repeatable) == ("PUT", True)
    assert run.requests[1].url == f"https://mybusiness.googleapis.com/v4/{NAME}/reply"
    assert run.requests[1].json == {"comment": "Kami benahi"}
    assert run.requests[2].url == f"https://mybusiness.googleapis.com/v4/{NAME}"
    assert (run.result.id, run.result.confirmed) == (f"2/AbC/reply/{seconds(0.5)}", shown)


@pytest.mark.parametrize(
    "back", [answer({}, status=500), answer(review()), answer(replied("Lama"))]
)
def test_a_reply_that_is_not_there_yet_is_sent_all_the_same(
    offices: GoogleReviews, back: Response
) -> None:
    put = answer({"comment": "Kami benahi", "updateTime": stamp(0)})
    sent = replay(offices.reply(mention(), "Kami benahi", key="k"), [TOKEN, put, back]).result
    assert (sent.id, sent.confirmed) == (f"2/AbC/reply/{seconds(0)}", False)
    timeless = answer({"comment": "Kami benahi"})
    flow = offices.reply(mention(), "Kami benahi", key="k")
    assert replay(flow, [timeless, back]).result.at == NOW


def test_a_reply_that_google_hides_is_refused(offices: GoogleReviews) -> None:
    put = answer({"comment": "Telepon kami"})
    for violation, told in (("CONTACT_INFO", "CONTACT_INFO"), (None, "no reason")):
        back = answer(replied("Telepon kami", "REJECTED", policyViolation=violation))
        with pytest.raises(PolicyError, match=told):
            token = [] if told == "no reason" else [TOKEN]
            replay(offices.reply(mention(), "Telepon kami", key="k"), [*token, put, back])


def test_texts_are_counted_in_bytes(offices: GoogleReviews) -> None:
    with pytest.raises(TooLongError, match="4098 bytes"):
        replay(offices.reply(mention(), "é" * 2049, key="k"), [])


def look(offices: GoogleReviews, found: Response) -> Any:
    return replay(offices.find_reply(mention(), key="k", text="Kami benahi"), [TOKEN, found]).result


def test_the_one_reply_tells_whether_it_was_sent() -> None:
    assert look(account(), answer(replied("Kami  benahi"))).confirmed
    assert not look(account(), answer(replied("Kami benahi", "PENDING"))).confirmed
    translated = "Kami benahi\n\n(Translated by Google)\nWe mend it"
    assert look(account(), answer(replied(translated))).confirmed
    assert look(account(), answer(review())) is None
    assert look(account(), answer({}, status=404)) is None
    for other in (replied("Dari aplikasi"), replied("Kami benahi", "REJECTED")):
        with pytest.raises(UnsupportedError, match="a person must look"):
            look(account(), answer(other))


# --- checking and settings --------------------------------------------------------------------


def test_check_looks_at_every_office() -> None:
    scope = "https://www.googleapis.com/auth/business.manage"
    token = answer({"access_token": "a", "scope": scope})
    first = answer({"averageRating": 3.86, "totalReviewCount": 210})
    for status in (400, 404):
        many = account(["2", "3"])
        asked = [token, first, answer({}, status=status)]
        found = replay(many.check(), asked).result.findings
        assert [one.name for one in found] == ["token", "scopes", "location", "location", "clock"]
        assert found[2].detail == "accounts/1/locations/2: 210 ulasan, rata-rata 3.9"
        assert (found[3].ok, bool(found[3].remedy)) == (False, True)
    (only,) = replay(
        account().check(), [token, answer({}, status=401), answer({"error": "x"}, status=400)]
    ).result.findings
    assert (only.name, only.ok) == ("token", False)
    empty = replay(account().check(), [token, answer([])]).result
    assert empty.ok


def test_settings_are_checked() -> None:
    assert account("2").handle == "accounts/1"
    assert account(handle="dinsos").handle == "dinsos"
    for wrong in ([], ["2/../3"], [""]):
        with pytest.raises(ConfigError, match="locations"):
            account(wrong)


def test_secrets_are_shown_nowhere(offices: GoogleReviews) -> None:
    shown = (
        repr(offices) + repr(vars(offices)) + repr(replay(offices.mentions(), [TOKEN, listing()]))
    )
    with pytest.raises(PlatformError) as caught:
        replay(offices.mentions(), [answer({}, status=403)])
    assert "rahasia" not in shown + repr(caught.value)
