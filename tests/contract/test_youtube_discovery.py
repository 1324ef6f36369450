"""What is sent to YouTube and what comes back, held against its discovery document."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from discovery import Discovery, Watched
from instances import MODES, Mode, Specification
from pelayanan import Client
from pelayanan.errors import PelayananError
from pelayanan.models import Mention
from pelayanan.platforms import YouTube
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeYouTube, answer, replay

_SHARED = Path(os.environ.get("PELAYANAN_SHARED") or Path(__file__).parents[3] / "shared")
_DOCUMENT = _SHARED / "contracts" / "youtube" / "youtube.v3.trimmed.json"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OWN = "UCdinsos"

pytestmark = pytest.mark.skipif(
    not _DOCUMENT.is_file(), reason="the document is not beside the repository: PELAYANAN_SHARED"
)


@pytest.fixture(scope="module")
def discovery() -> Discovery:
    return Discovery(_DOCUMENT)


@pytest.fixture(scope="module")
def known(discovery: Discovery) -> Specification:
    return discovery.specification


def account() -> YouTube:
    return YouTube(
        OWN,
        client_id="klien",
        client_secret="rahasia-klien",
        refresh_token="rahasia-segar",
        base_url="https://youtube.example",
        token_url="https://youtube.example/token",
        clock=lambda: NOW,
    )


def file() -> MediaFile:
    return MediaFile(
        filename="beras.mp4",
        media_type="video/mp4",
        alt="Beras",
        size_bytes=3,
        sha256="0",
        width=4,
        height=3,
        open=lambda: io.BytesIO(b"isi"),
    )


def test_everything_that_is_said_is_in_the_document(discovery: Discovery) -> None:
    servers = FakeYouTube(clock=lambda: NOW)
    servers.consent("rahasia-segar", OWN)
    wati, video = servers.citizen("wati"), servers.video(OWN)
    first = wati.comment(video, "Jam layanan Samsat?")
    for number in range(8):
        servers.citizen(f"w{number}").reply(first, f"Saya juga {number}")
    servers.officer(OWN).reply(first, "Pukul 8")
    watched = Watched(servers, discovery)
    youtube = account()
    with Client(transport=watched, sleep=lambda _: None) as client:
        mentions = list(client.mentions(youtube))
        assert len(mentions) == 9
        client.reply(youtube, mentions[-1], "Pukul 8 sampai 14", key="k")
        assert client.find_reply(youtube, mentions[0], key="k", text="Lain") is None
        assert len(list(client.answers(youtube))) == 2
        servers.video("UCwarga", "Antre Samsat & parkir")
        (heard,) = client.search(youtube, "samsat antre")
        assert heard.text.startswith("Antre Samsat & parkir")
        client.run(youtube.publish("Beras tiba", [file()], key="k"))
        assert client.find_publication(youtube, key="k", text="Beras tiba") is not None
        assert client.check(youtube).ok
    assert watched.wrong == []
    assert watched.unknown == {"youtube.token", "youtube.publish"}
    assert watched.methods == {
        "youtube.channels.list",
        "youtube.commentThreads.list",
        "youtube.comments.insert",
        "youtube.comments.list",
        "youtube.playlistItems.list",
        "youtube.search.list",
        "youtube.videos.insert",
    }


def test_the_validator_sees_what_is_wrong(known: Specification) -> None:
    assert list(known.faults("Comment", {"id": "a", "snippet": {"parentId": "b"}})) == []
    strange: list[Any] = [{"id": 5}, {"snippet": {"parentId": []}}, {"snippet": {"canRate": "ya"}}]
    for wrong in strange:
        assert list(known.faults("Comment", wrong))


class Serving(Transport):
    """Answers the list of threads as it is told, and the rest with a list of comments."""

    def __init__(self, threads: Any, comments: Any) -> None:
        self._threads = threads
        self._comments = comments

    def http(self, request: Request) -> Response:
        if request.url.endswith("/token"):
            return answer({"access_token": "a"})
        return answer(self._threads if request.url.endswith("Threads") else self._comments)


def read(threads: Any, comments: Any = None) -> Page[Mention]:
    with Client(transport=Serving(threads, comments or {}), sleep=lambda _: None) as client:
        return client.run(account().mentions())


def threads_of(known: Specification, mode: Mode, count: int = 100) -> Iterator[dict[str, Any]]:
    for number in range(count):
        made: dict[str, Any] = known.make("CommentThread", mode)
        if mode not in {"bare", "null"}:
            made |= {"id": f"t{number}"}
        yield made


@pytest.mark.parametrize("mode", MODES)
def test_every_thread_that_the_document_allows_is_read_or_set_aside(
    known: Specification, mode: Mode
) -> None:
    page = read({"items": list(threads_of(known, mode))}, known.make("CommentListResponse", mode))
    aside = {each.reason for each in page.unreadable}
    if mode in {"full", "extra"}:
        assert len(page.items) > 50
        assert aside <= {"snippet.textDisplay (missing)"}  # neither text nor picture
    elif mode in {"bare", "null"}:
        assert not page.items
        assert len(page.unreadable) == 100
    else:
        assert page.items or aside


def test_a_thousand_mutants_never_stop_a_page(known: Specification) -> None:
    good = known.make("CommentThread", "full")
    good |= {"id": "baik"}
    snippet = good["snippet"]["topLevelComment"]["snippet"]
    snippet |= {"textDisplay": "Masih terbaca", "publishedAt": "2026-11-27T00:00:00Z"}
    good["snippet"]["topLevelComment"]["id"] = "baik"
    aside = 0
    for whole in threads_of(known, "full", 50):
        for mutant in known.mutants(whole, 20):
            page = read({"items": [mutant, good]})
            assert "baik" in {item.id for item in page.items}
            aside += len(page.unreadable)
    assert aside > 100


def test_a_thousand_mutants_never_stop_a_search(known: Specification) -> None:
    good = known.make("SearchResult", "full")
    good["id"]["videoId"], good["snippet"]["publishedAt"] = "baik", "2026-11-27T00:00:00Z"
    for mode in MODES:
        for mutant in known.mutants(known.make("SearchResult", mode), 200):
            answers = [answer({"access_token": "a"}), answer({"items": [mutant, good]})]
            page = replay(account().search("samsat"), answers).result
            assert "baik" in {item.id for item in page.items}


def test_a_thousand_mutants_of_an_answer_are_no_crash(known: Specification) -> None:
    (mention, *_) = read({"items": list(threads_of(known, "full"))}).items
    whole, stood = known.make("Comment", "full"), 0
    for mutant in known.mutants(whole, 1000):
        answers = [answer({"access_token": "a"}), answer(mutant)]
        try:
            stood += bool(replay(account().reply(mention, "Siap", key="k"), answers).result)
        except PelayananError as error:
            assert "rahasia" not in f"{error!r}{error}"
    assert 0 < stood < 1000


def test_a_thousand_mutants_of_a_thread_never_prove_an_answer(known: Specification) -> None:
    (mention, *_) = read({"items": list(threads_of(known, "full"))}).items
    own = known.make("Comment", "full") | {"id": "a"}
    own["snippet"] |= {"authorChannelId": {"value": OWN}, "textOriginal": "Lain sekali"}
    for mutant in known.mutants({"items": [own, known.make("Comment", "full")]}, 1000):
        answers = [answer({"access_token": "a"}), answer(mutant)]
        try:
            flow = account().find_reply(mention, key="k", text="Kami cek")
            assert replay(flow, answers).result is None
        except PelayananError as error:
            assert "rahasia" not in f"{error!r}{error}"
