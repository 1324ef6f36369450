"""Each call to Threads, each answer of the fake, against the project's own reading of its pages.

The contract lies in the folder that PELAYANAN_CONTRACTS names, else beside the repository. Without
it these tests are skipped.
"""

import contextlib
import io
import os
import warnings
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from pelayanan import Client
from pelayanan.errors import ContractError, PlatformError
from pelayanan.platforms import Threads
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeThreads, replay
from pelayanan.testing.mutating import mutants

_BESIDE = Path(__file__).parents[3] / "shared" / "contracts"
_PLACE = (
    Path(os.environ.get("PELAYANAN_CONTRACTS", _BESIDE))
    / "threads"
    / "threads.selfwritten.openapi.yaml"
)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SERVER = "https://graph.threads.net"
_SECONDS = count()


def tick() -> datetime:
    """A clock on which no two things happen at once."""
    return NOW + timedelta(seconds=next(_SECONDS) % 10_000)


@pytest.fixture(scope="session")
def contract() -> Any:
    yaml = pytest.importorskip("yaml", reason="the extra `contract` is not installed")
    core = pytest.importorskip("openapi_core", reason="the extra `contract` is not installed")
    if not _PLACE.exists():
        pytest.skip("the contract of Threads is not here: set PELAYANAN_CONTRACTS to its folder")
    return core.OpenAPI.from_dict(
        yaml.safe_load(_PLACE.read_text()), config=core.Config(spec_validator_cls=None)
    )


class Checked(Transport):
    """Holds every call and every answer against the contract."""

    def __init__(self, inner: Transport, contract: Any) -> None:
        self._inner = inner
        self._contract = contract
        self.seen: set[tuple[str, str, int]] = set()

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        path = httpx.URL(request.url).path
        if not path.endswith(("debug_token", "keyword_search")):  # have no place in the contract
            self.check(request, response, path)
        self.seen.add((request.method, path.rpartition("/")[2], response.status))
        return response

    def check(self, request: Request, response: Response, path: str) -> None:
        from openapi_core.testing import MockRequest, MockResponse  # noqa: PLC0415  an extra

        wire = httpx.Request(
            request.method,
            request.url,
            params=dict(request.params),
            data=dict(request.form) if request.form else None,
        )
        token = request.headers["Authorization"].removeprefix("Bearer ")
        args = {"access_token": token, **dict(wire.url.params)}  # the contract knows it there only
        asked = MockRequest(
            SERVER,
            request.method.lower(),
            path,
            args=args,
            data=wire.read(),
            content_type=wire.headers.get("content-type", "application/json"),
        )
        told = MockResponse(
            response.body, response.status, dict(response.headers), content_type="application/json"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._contract.validate_request(asked)
            if response.status < 400:  # error bodies have no place in the contract
                self._contract.validate_response(asked, told)


def account() -> Threads:
    where = "https://media.example/{sha256}/{filename}"
    return Threads("1060", "dinsos_contoh", "THAArahasia", media_url=where, clock=tick)


def file(kind: str) -> MediaFile:
    return MediaFile(
        filename="a",
        media_type=kind,
        alt="beras",
        size_bytes=3,
        sha256="0",
        width=4,
        height=3,
        open=lambda: io.BytesIO(b"isi"),
    )


@pytest.fixture
def fake() -> FakeThreads:
    fake = FakeThreads(clock=tick, per_page=5)
    post = fake.officer().post("Jam layanan")
    citizen = fake.citizen("warga.contoh")
    on = post
    for number in range(12):
        on = citizen.reply(post, f"tanya {number}")
        citizen.post(f"@dinsos_contoh tanya {number}")
    citizen.reply(on, "lagi")
    return fake


def test_a_whole_round_keeps_to_the_contract(fake: FakeThreads, contract: Any) -> None:
    checked = Checked(fake, contract)
    threads = account()
    with Client(transport=checked, sleep=lambda _: None) as client:
        found = list(client.mentions(threads))
        assert len({each.id for each in found}) == 25
        for mention in found[:2] + found[-2:]:
            client.reply(threads, mention, "Siap", key="k")
            assert client.find_reply(threads, mention, key="k", text="Lain") is None
        assert len(list(client.answers(threads))) == 4
        assert len(list(client.search(threads, "tanya 3"))) == 2
        client.run(threads.publish("Bare", key="a"))
        client.run(threads.publish("Satu", [file("image/png")], key="a"))
        client.run(threads.publish("Dua", [file("image/jpeg"), file("video/mp4")], key="b"))
        assert client.find_publication(threads, key="b", text="Dua") is not None
        assert client.check(threads).ok
        fake.agency("1060", token="THAArahasia")
        with pytest.raises(PlatformError):  # of today: too young
            client.run(threads.renew())
    edges = {(method, edge) for method, edge, status in checked.seen if not edge.isdigit()}
    assert edges == {
        ("GET", "mentions"),
        ("GET", "threads"),
        ("GET", "conversation"),
        ("GET", "replies"),
        ("GET", "debug_token"),
        ("GET", "keyword_search"),
        ("GET", "refresh_access_token"),
        ("GET", "threads_publishing_limit"),
        ("POST", "threads"),
        ("POST", "threads_publish"),
    }


def test_the_check_notices_what_is_wrong(fake: FakeThreads, contract: Any) -> None:
    checked = Checked(fake, contract)
    given = {"Authorization": "Bearer x"}
    url = f"{SERVER}/v1.0/1060/threads"
    wrong = Request(operation="uji", method="POST", url=url, form={"text": "x"}, headers=given)
    with pytest.raises(Exception, match=r"(?i)request body"):
        checked.check(wrong, Response(200, {}, b"{}"), "/v1.0/1060/threads")
    early = Request(operation="uji", url=url, params={"since": 5}, headers=given)
    with pytest.raises(Exception, match=r"(?i)query parameter"):
        checked.check(early, Response(200, {}, b"{}"), "/v1.0/1060/threads")


def test_damaged_listings_never_fail(fake: FakeThreads) -> None:
    request = account()._graph.request("mentions", "1060/mentions", params={"fields": "id"})
    body = fake.http(request).body
    for damaged in mutants(body, 1000, seed=3):
        with contextlib.suppress(ContractError):
            page = replay(account().mentions(), [Response(200, {}, damaged)]).result
            assert all(each.author.id and each.created_at.tzinfo for each in page.items)


def test_damaged_webhooks_never_fail(fake: FakeThreads) -> None:
    officer = fake.officer()
    officer.reply(officer.post("Halo"), "jawab")
    officer.delete(officer.post("Salah"))
    bodies = [each.body for each in fake.webhooks()]
    random = Random(4)
    for number in range(1000):
        (damaged,) = mutants(random.choice(bodies), 1, seed=number)
        found = account().parse(damaged)
        assert all(each.author.id and each.created_at.tzinfo for each in found.mentions)
