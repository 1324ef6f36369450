"""What is sent to Google Business Profile and what comes back, held against its description.

Google publishes none for v4; the one used here was written from Google's reference pages.
"""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from discovery import Discovery
from discovery import Watched as Discovered
from instances import MODES, Mode, Specification
from pelayanan import Client
from pelayanan.errors import PelayananError
from pelayanan.models import Mention
from pelayanan.platforms import GoogleReviews
from pelayanan.protocol.page import Page
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeGoogleReviews, answer, replay

_SHARED = Path(os.environ.get("PELAYANAN_SHARED") or Path(__file__).parents[3] / "shared")
_PLACE = _SHARED / "contracts" / "google-business-profile"
_DOCUMENT = _PLACE / "mybusiness.v4.reviews.selfwritten.openapi.yaml"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TOKEN = answer({"access_token": "rahasia-akses"})

pytestmark = pytest.mark.skipif(
    not _DOCUMENT.is_file(), reason="the document is not beside the repository: PELAYANAN_SHARED"
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="the extra `contract` is not installed")
    found: dict[str, Any] = yaml.safe_load(_DOCUMENT.read_text())
    return found


@pytest.fixture(scope="module")
def known(document: dict[str, Any]) -> Specification:
    return Specification(document["components"]["schemas"], depth=6)


class Watched(Transport):
    """Notes where a call or its answer is not as the document says."""

    def __init__(self, inner: Transport, document: dict[str, Any], known: Specification) -> None:
        self._inner = inner
        self._paths = document["paths"]
        self._known = known
        self.seen: set[tuple[str, str]] = set()
        self.wrong: list[str] = []

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        path = request.url.partition("https://ulasan.example")[2]
        if path == "/token":
            return response
        shape, known = next(
            (shape, known[request.method.lower()])
            for shape, known in self._paths.items()
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", shape), path)
        )
        self.seen.add((request.method, shape.rpartition("/")[2]))
        query = {
            each["name"]: each["schema"] for each in known["parameters"] if each["in"] == "query"
        }
        self.wrong += [f"unknown {name}" for name in set(request.params) - set(query)]
        for name, value in request.params.items():
            if value not in query[name].get("enum", [value]):
                self.wrong.append(f"{name} is none of the values")
            if isinstance(value, int) and value > query[name].get("maximum", value):
                self.wrong.append(f"{name} is too much")
        if response.status == 200:
            schema = known["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
            name = schema.rpartition("/")[2]
            self.wrong += self._known.faults(name, json.loads(response.body))
        if request.json is not None:
            self.wrong += self._known.faults("ReviewReply", request.json)
        return response


def account() -> GoogleReviews:
    return GoogleReviews(
        "1",
        ["2", "3"],
        client_id="klien",
        client_secret="rahasia-klien",
        refresh_token="rahasia-segar",
        base_url="https://ulasan.example",
        token_url="https://ulasan.example/token",
        clock=lambda: NOW,
    )


def test_everything_that_is_said_is_in_the_document(
    document: dict[str, Any], known: Specification
) -> None:
    servers = FakeGoogleReviews(clock=lambda: NOW, page=2)
    servers.consent("rahasia-segar", "1")
    for office in ("2", "3"):
        servers.office("1", office)
        for name in ("wati", "budi", "sari"):
            servers.citizen(name).review(office, f"Antre lama {name}", stars=2)
    watched = Watched(servers, document, known)
    offices = account()
    with Client(transport=watched, sleep=lambda _: None) as client:
        mentions = list(client.mentions(offices))
        assert len(mentions) == 6
        sent = client.reply(offices, mentions[0], "Kami benahi", key="k")
        assert client.find_reply(offices, mentions[0], key="k", text="Kami benahi") == sent
        assert client.find_reply(offices, mentions[1], key="k", text="Kami benahi") is None
        assert [each.id for each in client.answers(offices)] == [sent.id]
        assert client.check(offices).ok
    assert watched.wrong == []
    assert watched.seen == {("GET", "reviews"), ("GET", "{reviewId}"), ("PUT", "reply")}


def test_notifications_are_set_as_their_discovery_document_says() -> None:
    servers = FakeGoogleReviews(clock=lambda: NOW)
    servers.consent("rahasia-segar", "1")
    servers.office("1", "2")
    discovery = Discovery(_PLACE / "mybusinessnotifications.v1.json")
    watched = Discovered(servers, discovery)
    offices = GoogleReviews(
        "1",
        ["2"],
        client_id="klien",
        client_secret="rahasia-klien",
        refresh_token="rahasia-segar",
        notifications_url="https://ulasan.example",
        token_url="https://ulasan.example/token",
        clock=lambda: NOW,
    )
    with Client(transport=watched, sleep=lambda _: None) as client:
        topic = "projects/contoh/topics/ulasan"
        assert client.run(offices.set_notifications(topic)) == topic
        assert client.run(offices.set_notifications("")) == ""
    assert watched.wrong == []
    assert watched.methods == {"mybusinessnotifications.accounts.updateNotificationSetting"}


def test_the_validator_sees_what_is_wrong(known: Specification) -> None:
    assert list(known.faults("ReviewReply", {"comment": "a"})) == []
    assert list(known.faults("ReviewReply", {}))
    assert list(known.faults("Review", {"starRating": "SIX"}))


def read(found: list[Any]) -> Page[Mention]:
    return replay(account().mentions(), [TOKEN, answer({"reviews": found})]).result


def reviews(known: Specification, mode: Mode, count: int = 100) -> Iterator[dict[str, Any]]:
    for number in range(count):
        made: dict[str, Any] = known.make("Review", mode)
        if mode not in {"bare", "null"}:
            made |= {"reviewId": f"r{number}", "updateTime": "2026-11-27T00:00:00Z"}
        yield made


@pytest.mark.parametrize("mode", MODES)
def test_every_review_that_the_document_allows_is_read_or_set_aside(
    known: Specification, mode: Mode
) -> None:
    page = read(list(reviews(known, mode)))
    if mode in {"bare", "null"}:  # not even an id
        assert len(page.unreadable) == 100
    else:
        assert page.unreadable == ()
        assert len(page.items) > 30  # the others have no words


def test_a_thousand_mutants_never_stop_a_page(known: Specification) -> None:
    (good,) = reviews(known, "full", 1)
    good |= {"reviewId": "baik", "comment": "Masih terbaca"}
    aside = 0
    for whole in reviews(known, "full", 50):
        for mutant in known.mutants(whole, 20):
            page = read([mutant, good])
            assert "2/baik" in {item.id for item in page.items}
            aside += len(page.unreadable)
    assert aside > 100


def test_a_thousand_mutants_of_an_answer_are_no_crash(known: Specification) -> None:
    (whole,) = reviews(known, "full", 1)
    whole |= {"reviewReply": {"comment": "Siap", "reviewReplyState": "APPROVED"}}
    mention = read([whole | {"comment": "?"}]).items[0]
    stood = 0
    for mutant in known.mutants(whole, 1000):
        try:
            flow = account().find_reply(mention, key="k", text="Siap")
            stood += replay(flow, [TOKEN, answer(mutant)]).result is not None
        except PelayananError as error:
            assert "rahasia" not in f"{error!r}{error}"
    assert 0 < stood < 1000
