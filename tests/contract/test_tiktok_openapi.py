"""Each call to TikTok, each answer of the fake, against the project's own reading of two clients.

The contract lies in the folder that PELAYANAN_CONTRACTS names, else beside the repository. Without
it these tests are skipped.
"""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from pelayanan import Client
from pelayanan.errors import PelayananError
from pelayanan.platforms import TikTok
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeTikTok, answer, replay
from pelayanan.testing.mutating import mutants

_BESIDE = Path(__file__).parents[3] / "shared" / "contracts"
_PLACE = (
    Path(os.environ.get("PELAYANAN_CONTRACTS", _BESIDE))
    / "tiktok"
    / "business-organic-comments.selfwritten.openapi.yaml"
)
SERVER = "https://business-api.tiktok.com/open_api/v1.3"


@pytest.fixture(scope="session")
def contract() -> Any:
    yaml = pytest.importorskip("yaml", reason="the extra `contract` is not installed")
    core = pytest.importorskip("openapi_core", reason="the extra `contract` is not installed")
    if not _PLACE.exists():
        pytest.skip("the contract of TikTok is not here: set PELAYANAN_CONTRACTS to its folder")
    return core.OpenAPI.from_dict(
        yaml.safe_load(_PLACE.read_text()), config=core.Config(spec_validator_cls=None)
    )


class Checked(Transport):
    """Holds every call and every answer against the contract."""

    def __init__(self, inner: Transport, contract: Any) -> None:
        self._inner = inner
        self._contract = contract
        self.seen: set[str] = set()

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        self.check(request, response)
        self.seen.add(request.url.removeprefix(SERVER))
        return response

    def check(self, request: Request, response: Response) -> None:
        from openapi_core.testing import MockRequest, MockResponse  # noqa: PLC0415  an extra

        wire = httpx.Request(
            request.method, request.url, params=dict(request.params), json=request.json
        )
        asked = MockRequest(
            "https://business-api.tiktok.com",
            request.method.lower(),
            wire.url.path,
            args=dict(wire.url.params),
            headers=dict(request.headers),
            data=wire.read(),
            content_type="application/json",
        )
        told = MockResponse(response.body, response.status, content_type="application/json")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._contract.validate_request(asked)
            self._contract.validate_response(asked, told)


def account() -> TikTok:
    return TikTok("open-dinsos", "act.rahasia", experimental=True)


@pytest.fixture
def fake() -> FakeTikTok:
    fake = FakeTikTok(token="act.rahasia", page=3)
    for _ in range(3):
        video = fake.video()
        above = fake.citizen("warga0").comment(video, "tanya 0")
        for number in range(1, 5):
            above = fake.citizen(f"warga{number}").comment(video, f"tanya {number}")
        for number in range(4):
            fake.citizen(f"warga{number}").comment(video, "saya juga", below=above)
    return fake


def test_a_whole_round_keeps_to_the_contract(fake: FakeTikTok, contract: Any) -> None:
    checked = Checked(fake, contract)
    tiktok = account()
    with Client(transport=checked, sleep=lambda _: None) as client:
        found = list(client.mentions(tiktok))
        assert len({each.id for each in found}) == 3 * 9
        for mention in (found[0], found[-1]):
            sent = client.reply(tiktok, mention, "Siap, besok.", key="k")
            assert client.reply(tiktok, mention, "Siap, besok.", key="k").id == sent.id
            assert client.find_reply(tiktok, mention, key="k", text="Lain") is None
        assert len(list(client.answers(tiktok))) == 2
        client.check(tiktok)
    assert checked.seen == {
        "/business/video/list/",
        "/business/comment/list/",
        "/business/comment/reply/list/",
        "/business/comment/reply/create/",
    }


def test_the_check_notices_what_is_wrong(fake: FakeTikTok, contract: Any) -> None:
    checked = Checked(fake, contract)
    token = {"Access-Token": "x"}
    url = f"{SERVER}/business/comment/reply/create/"
    wrong = Request(operation="uji", method="POST", url=url, json={"text": "x"}, headers=token)
    with pytest.raises(Exception, match=r"(?i)request body"):
        checked.check(wrong, Response(200, {}, b"{}"))
    long: Any = {"business_id": "1", "video_id": "2", "max_count": 31}
    many = Request(
        operation="uji", url=f"{SERVER}/business/comment/list/", params=long, headers=token
    )
    with pytest.raises(Exception, match=r"(?i)query parameter"):
        checked.check(many, Response(200, {}, b"{}"))


@pytest.mark.parametrize("bare", [False, True])
def test_comments_with_every_field_null_or_absent_never_fail(*, bare: bool) -> None:
    names = ["unique_identifier", "text", "username", "owner", "replies", "video_id"]
    lone: dict[str, Any] = {"comment_id": "7", "create_time": 1_795_000_000}
    lone |= {} if bare else dict.fromkeys(names)
    told = listing([lone, {**lone, "user_id": "1", "baru": [1]}])
    below = [answer({"code": 0, "data": {}})] * 2  # how many stand there is not told: it looks
    page = replay(account().mentions(), [*told, *below])
    assert [each.author.id for each in page.result.items] == ["1"]
    assert [each.id for each in page.result.unreadable] == ["7"]


def listing(comments: list[Any]) -> list[Response]:
    told = [{"videos": [{"item_id": "1"}]}, {"comments": comments, "has_more": False}]
    return [Response(200, {}, json.dumps({"code": 0, "data": each}).encode()) for each in told]


def test_damaged_listings_never_fail() -> None:
    lone = {
        "comment_id": "7390000000000000001",
        "video_id": "7380000000000000001",
        "username": "warga.contoh",
        "unique_identifier": "u1",
        "text": "bantuan beras kapan?",
        "create_time": 1_795_000_000,
        "owner": False,
        "replies": 0,
    }
    videos, body = listing([lone, {**lone, "comment_id": "8", "owner": True, "replies": 2}])
    read = 0
    for number, damaged in enumerate(mutants(body.body, 1000, seed=5)):
        told = {"video/list": videos, "comment/list": Response(200, {}, damaged)}
        with Client(transport=Told(told), sleep=lambda _: None) as client:
            flow: Any = account().mentions() if number % 2 else account().answers()
            try:
                page = client.run(flow)
            except PelayananError:
                continue
        read += 1
        assert all(each.created_at.tzinfo for each in page.items)
    assert read > 300


class Told(Transport):
    """Says the same whenever it is asked the same; below comments stands nothing."""

    def __init__(self, told: dict[str, Response]) -> None:
        self._told = told

    def http(self, request: Request) -> Response:
        found = (answer for path, answer in self._told.items() if path in request.url)
        return next(found, listing([])[1])
