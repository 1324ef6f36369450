"""What each platform is asked when it is searched, and what is made of its answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import QuotaError, RejectedError, ServerError
from pelayanan.platforms import Bluesky, Mastodon, Threads, YouTube
from pelayanan.protocol.request import Response
from pelayanan.testing import FakeMastodon, FakeThreads, FakeYouTube, answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
WEEK_AGO = "2026-11-13T05:00:00Z"
AN_HOUR = timedelta(hours=1)


def ago(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


# ---- Mastodon

ME = answer({"id": "9", "acct": "dinsos"})


def mastodon() -> Mastodon:
    return Mastodon("https://sosial.example", "rahasia", clock=lambda: NOW)


def status(number: int, text: str = "#bansos belum sampai", by: str = "7", **more: Any) -> Any:
    author = {"id": by, "acct": "wati_contoh"}
    known = {"id": str(number), "content": f"<p>{text}</p>", "visibility": "public"}
    return {**known, "created_at": ago(100 - number), "account": author, **more}


def test_a_hashtag_is_read_in_its_timeline_and_the_words_are_looked_for_here() -> None:
    listed = answer([status(3), status(2, "#bansos sudah sampai"), status(1)])
    run = replay(mastodon().search("belum #bansos #bengkulu"), [ME, listed])
    asked = run.requests[1]
    assert asked.url == "https://sosial.example/api/v1/timelines/tag/bansos"
    assert asked.params == {"limit": 40, "all[]": ["bengkulu"]}
    assert [each.id for each in run.result.items] == ["1", "3"]
    assert not run.result.more


def test_words_are_left_to_the_server_s_index() -> None:
    run = replay(mastodon().search("Jalan Berlubang"), [ME, answer({"statuses": [status(1, "x")]})])
    asked = run.requests[1]
    assert asked.url == "https://sosial.example/api/v2/search"
    assert asked.params == {"q": "jalan berlubang", "type": "statuses", "limit": 40}
    assert [each.id for each in run.result.items] == ["1"]


def test_own_and_private_statuses_are_no_news() -> None:
    found = [status(3, by="9"), status(2, visibility="direct"), status(1, visibility="private")]
    assert replay(mastodon().search("#bansos"), [ME, answer(found)]).result.items == ()


def test_a_long_timeline_is_walked_back_from_the_last_id() -> None:
    account = mastodon()
    page = replay(account.search("#bansos"), [ME, answer([status(n) for n in range(80, 40, -1)])])
    assert page.result.more
    run = replay(account.search("#bansos", page.result.cursor), [answer([status(40)])])
    assert run.requests[0].params["max_id"] == "41"
    assert not run.result.more
    assert [each.id for each in run.result.items] == ["40"]


def test_a_strange_status_is_set_aside() -> None:
    page = replay(mastodon().search("#bansos"), [ME, answer([{"id": "5"}, {"x": 1}, status(1)])])
    assert [each.id for each in page.result.items] == ["1"]
    assert [each.id for each in page.result.unreadable] == ["", "5"]


def test_a_hashtag_may_have_any_letters() -> None:
    run = replay(mastodon().search("#jalan_rusak_é"), [ME, answer([])])
    assert run.requests[1].url.endswith("/tag/jalan_rusak_%C3%A9")


def test_a_server_without_an_index_finds_no_words() -> None:
    fake = FakeMastodon(clock=lambda: NOW, full_text=False)
    fake.citizen("wati").post("bansos #pkh")
    with Client(transport=fake) as client:
        assert not list(client.search(mastodon(), "bansos"))
        assert list(client.search(mastodon(), "#pkh"))


# ---- Bluesky

SESSION = answer({"did": "did:plc:dinas", "accessJwt": "jwt-1", "refreshJwt": "ref-1"})


def bluesky() -> Bluesky:
    return Bluesky("dinsos.example", "sandi", clock=lambda: NOW)


def found(number: int, did: str = "did:plc:w", **more: Any) -> dict[str, Any]:
    author = {"did": did, "handle": "warga.example"}
    known = {"uri": f"at://w/{number}", "cid": f"c{number}", "author": author}
    return {**known, "record": {"text": "#bansos"}, "indexedAt": ago(100 - number), **more}


def posts(*items: Any, cursor: str | None = None) -> Response:
    return answer({"posts": list(items)} | ({"cursor": cursor} if cursor else {}))


def test_bluesky_is_asked_for_the_latest_of_a_week() -> None:
    run = replay(bluesky().search("Bansos #PKH"), [SESSION, posts(found(2), found(1))])
    asked = run.requests[1]
    assert asked.url.endswith("/xrpc/app.bsky.feed.searchPosts")
    assert asked.params == {
        "q": "bansos #pkh",
        "sort": "latest",
        "limit": 100,
        "since": WEEK_AGO,
    }
    assert [each.id for each in run.result.items] == ["at://w/1", "at://w/2"]


def test_bluesky_goes_on_an_hour_before_the_newest() -> None:
    account = bluesky()
    first = replay(account.search("bansos"), [SESSION, posts(found(98), cursor="50")]).result
    assert first.more
    run = replay(account.search("bansos", first.cursor), [posts(found(97))])
    assert run.requests[0].params["cursor"] == "50"
    run = replay(account.search("bansos", run.result.cursor), [posts(found(99), found(98))])
    assert run.requests[0].params["since"] == ago(3)
    assert [each.id for each in run.result.items] == ["at://w/99"]


def test_bluesky_s_own_posts_are_no_news() -> None:
    own = found(1, did="did:plc:dinas")
    assert replay(bluesky().search("bansos"), [SESSION, posts(own)]).result.items == ()


# ---- YouTube

TOKEN = answer({"access_token": "rahasia-akses", "expires_in": 3600})
CHANNEL = "UCdinsos-contoh"


def youtube() -> YouTube:
    return YouTube(
        CHANNEL,
        client_id="klien",
        client_secret="rahasia",
        refresh_token="rahasia-segar",
        clock=lambda: NOW,
    )


def video(name: str, hours: float, channel: str = "UCwarga") -> dict[str, Any]:
    about = {"title": "Antre &quot;bansos&quot;", "description": "di kelurahan"}
    snippet = {"publishedAt": ago(hours), "channelId": channel, "channelTitle": "Warga &amp; Kota"}
    return {"id": {"kind": "youtube#video", "videoId": name}, "snippet": snippet | about}


def test_youtube_finds_videos_and_reads_their_escaped_texts() -> None:
    listed = answer({"items": [video("v2", 1), video("v1", 2), video("v0", 3, CHANNEL)]})
    run = replay(youtube().search("bansos"), [TOKEN, listed])
    asked = run.requests[1]
    assert asked.url.endswith("/youtube/v3/search")
    assert asked.params == {
        "part": "snippet",
        "type": "video",
        "order": "date",
        "q": "bansos",
        "maxResults": 50,
        "publishedAfter": WEEK_AGO,
    }
    first, second = run.result.items
    assert (first.id, second.id) == ("v1", "v2")
    assert first.text == 'Antre "bansos"\ndi kelurahan'
    assert first.author.handle == "Warga & Kota"
    assert first.url == "https://www.youtube.com/watch?v=v1"


def test_a_place_that_youtube_forgot_is_begun_anew() -> None:
    account = youtube()
    more = {"items": [video("v2", 1)], "nextPageToken": "p2"}
    page = replay(account.search("bansos"), [TOKEN, answer(more)]).result
    assert page.more
    gone = answer({"error": {"code": 400, "errors": [{"reason": "invalidPageToken"}]}}, status=400)
    run = replay(account.search("bansos", page.cursor), [gone, answer({"items": [video("v1", 2)]})])
    assert ["pageToken" in each.params for each in run.requests] == [True, False]
    assert [each.id for each in run.result.items] == ["v1"]
    with pytest.raises(RejectedError):
        replay(account.search("bansos"), [gone])


def test_youtube_s_hundred_searches_of_a_day_are_a_quota_of_their_own() -> None:
    fake = FakeYouTube(clock=lambda: NOW, searches_per_day=1)
    fake.consent("rahasia-segar", CHANNEL)
    settings: dict[str, Any] = {"client_id": "k", "client_secret": "r", "clock": lambda: NOW}
    account = YouTube(
        CHANNEL,
        refresh_token="rahasia-segar",
        base_url=f"https://{fake.host}",
        token_url=f"https://{fake.host}/token",
        **settings,
    )
    with Client(transport=fake, sleep=lambda _: None) as client:
        assert not list(client.search(account, "bansos"))
        with pytest.raises(QuotaError):
            list(client.search(account, "banjir"))
        assert fake.spent == 0
        assert not list(client.mentions(account))


# ---- Threads


def threads() -> Threads:
    return Threads("1060", "dinsos_contoh", "THAArahasia", clock=lambda: NOW)


def post(number: int, text: str = "lampu mati", by: str = "wati.contoh") -> dict[str, Any]:
    at = (NOW - timedelta(hours=100 - number)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {"id": f"18{number}", "text": text, "username": by, "timestamp": at}


def listed(*items: Any) -> Response:
    return answer({"data": list(items), "paging": {"cursors": {"after": "A"}}})


def test_threads_is_asked_for_words() -> None:
    run = replay(threads().search("Lampu Mati"), [listed(post(2), post(1, by="Dinsos_Contoh"))])
    asked = run.requests[0]
    assert asked.url == "https://graph.threads.net/v1.0/keyword_search"
    assert {name: asked.params[name] for name in ("q", "search_mode", "search_type", "limit")} == {
        "q": "lampu mati",
        "search_mode": "KEYWORD",
        "search_type": "RECENT",
        "limit": 100,
    }
    assert asked.params["since"] == int((NOW - timedelta(days=7)).timestamp())
    assert [each.id for each in run.result.items] == ["182"]


def test_threads_is_asked_for_a_topic_and_the_words_are_looked_for_here() -> None:
    found = listed(post(3, "Bengkulu bansos belum"), post(2, "bansos belum"), post(1, "Bengkulu"))
    run = replay(threads().search("belum #bansos #bengkulu"), [found])
    assert (run.requests[0].params["q"], run.requests[0].params["search_mode"]) == ("bansos", "TAG")
    assert [each.id for each in run.result.items] == ["183"]


def test_a_search_of_threads_ends_where_its_place_is_void() -> None:
    onward = {"cursors": {"after": "A"}, "next": "x"}
    cut = replay(threads().search("lampu"), [answer({"data": [post(1)], "paging": onward})]).result
    void = answer({"error": {"code": 100}}, status=400)
    ended = replay(threads().search("lampu", cut.cursor), [void]).result
    assert (ended.items, ended.more) == ((), False)
    with pytest.raises(RejectedError):
        replay(threads().search("lampu", ended.cursor), [void])


def test_without_its_permission_threads_finds_nothing() -> None:
    fake = FakeThreads(clock=lambda: NOW, scopes=("threads_basic",))
    fake.citizen("wati.contoh").post("lampu mati")
    fake.officer().post("lampu mati")
    with Client(transport=fake) as client:
        assert not list(client.search(threads(), "lampu mati"))


@pytest.mark.parametrize("account", [mastodon(), bluesky(), youtube(), threads()])
def test_a_search_shows_no_secret(account: Any) -> None:
    with pytest.raises(ServerError) as broken:
        replay(account.search("bansos"), [answer({}, status=500)])
    shown = f"{broken.value!r} {broken.value} {vars(broken.value)}"
    assert not [word for word in ("rahasia", "sandi", "bansos") if word in shown]
