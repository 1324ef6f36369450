"""What is sent to Google Play and what comes back, held against its discovery document."""

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
from pelayanan.models import Author, Mention
from pelayanan.platforms import PlayReviews
from pelayanan.protocol.page import Page
from pelayanan.testing import FakePlayReviews, answer, replay

_SHARED = Path(os.environ.get("PELAYANAN_SHARED") or Path(__file__).parents[3] / "shared")
_DOCUMENT = _SHARED / "contracts" / "google-play" / "androidpublisher.v3.reviews.json"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PACKAGE = "id.go.contoh.layanan"
TOKEN = answer({"access_token": "rahasia-akses"})

pytestmark = pytest.mark.skipif(
    not _DOCUMENT.is_file(), reason="the document is not beside the repository: PELAYANAN_SHARED"
)


@pytest.fixture(scope="module")
def discovery() -> Discovery:
    return Discovery(_DOCUMENT)


@pytest.fixture(scope="module")
def known(discovery: Discovery) -> Specification:
    return discovery.specification


def account() -> PlayReviews:
    return PlayReviews(
        PACKAGE,
        client_id="klien",
        client_secret="rahasia-klien",
        refresh_token="rahasia-segar",
        base_url="https://play.example",
        token_url="https://play.example/token",
        clock=lambda: NOW,
    )


MENTION = Mention(
    platform="play_reviews",
    id="gp:1",
    author=Author(id="review:gp:1", handle="Wati Contoh"),
    text="?",
    created_at=NOW,
)


def test_everything_that_is_said_is_in_the_document(discovery: Discovery) -> None:
    servers = FakePlayReviews(clock=lambda: NOW, page=2)
    servers.consent("rahasia-segar", PACKAGE)
    for name in ("wati", "budi", "sari"):
        servers.citizen(name).review(PACKAGE, f"\tKeluar sendiri {name}")
    watched = Watched(servers, discovery)
    play = account()
    with Client(transport=watched, sleep=lambda _: None) as client:
        mentions = list(client.mentions(play))
        sent = client.reply(play, mentions[0], "Kami perbaiki", key="k")
        assert client.find_reply(play, mentions[0], key="k", text="Kami perbaiki") == sent
        assert client.find_reply(play, mentions[1], key="k", text="Kami perbaiki") is None
        assert [each.id for each in client.answers(play)] == [sent.id]
        assert client.check(play).ok
    assert (watched.wrong, watched.unknown) == ([], {"play_reviews.token"})
    assert {each.rpartition(".")[2] for each in watched.methods} == {"list", "get", "reply"}


def test_the_validator_sees_what_is_wrong(known: Specification) -> None:
    assert list(known.faults("ReviewsReplyRequest", {"replyText": "a"})) == []
    assert list(known.faults("ReviewsReplyRequest", {"replyText": 5}))


def read(found: list[Any]) -> Page[Mention]:
    return replay(account().mentions(), [TOKEN, answer({"reviews": found})]).result


def reviews(known: Specification, mode: Mode, count: int = 100) -> Iterator[dict[str, Any]]:
    for number in range(count):
        user = known.make("UserComment", mode)
        made: dict[str, Any] = known.make("Review", mode)
        if mode in {"full", "extra", "some"}:
            user["lastModified"] = {"seconds": str(1795000300 + number), "nanos": 5}
            made["reviewId"] = f"gp:{number}"
            made["comments"] = [{"userComment": user}]
        yield made


@pytest.mark.parametrize("mode", MODES)
def test_every_review_that_the_document_allows_is_read_or_set_aside(
    known: Specification, mode: Mode
) -> None:
    page = read(list(reviews(known, mode)))
    assert len(page.items) == (0 if mode in {"bare", "null"} else 100)
    assert len(page.items) + len(page.unreadable) == 100


def test_a_thousand_mutants_never_stop_a_page(known: Specification) -> None:
    (good,) = reviews(known, "full", 1)
    good |= {"reviewId": "baik"}
    aside = 0
    for whole in reviews(known, "full", 50):
        for mutant in known.mutants(whole, 20):
            page = read([mutant, good])
            assert "baik" in {item.id for item in page.items}
            aside += len(page.unreadable)
    assert aside > 100


def test_a_thousand_mutants_of_an_answer_are_no_crash(known: Specification) -> None:
    result = {"replyText": "Siap", "lastEdited": {"seconds": "1795000300", "nanos": 0}}
    (whole,) = reviews(known, "full", 1)
    stood = 0
    for mutant, back in zip(
        known.mutants({"result": result}, 1000), known.mutants(whole, 1000), strict=True
    ):
        try:
            flow = account().reply(MENTION, "Siap", key="k")
            stood += bool(replay(flow, [TOKEN, answer(mutant), answer(back)]).result)
        except PelayananError as error:
            assert "rahasia" not in f"{error!r}{error}"
        except AssertionError as unused:  # the first answer was refused: the second is not asked
            assert "did not use every answer" in str(unused)
    assert 0 < stood < 1000
