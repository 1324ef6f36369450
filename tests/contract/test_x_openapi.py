"""Each call to X, each answer of the fake, against X's own OpenAPI; and parsers fed from it.

The contract lies in the folder that PELAYANAN_CONTRACTS names, else beside the repository. Without
it these tests are skipped.
"""

import contextlib
import io
import json
import os
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from instances import MODES, Specification
from pelayanan import Client
from pelayanan.errors import ContractError, PlatformError
from pelayanan.models import Mention
from pelayanan.platforms import X
from pelayanan.platforms._x import id_of
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeX, replay
from pelayanan.testing.mutating import mutants

_BESIDE = Path(__file__).parents[3] / "shared" / "contracts"
_PLACE = Path(os.environ.get("PELAYANAN_CONTRACTS", _BESIDE)) / "x" / "openapi.trimmed.json"
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SERVER = "https://api.x.com"
_SECONDS = count()
US = "1550000000000000001"
TOKEN = json.dumps({"access_token": "akses-rahasia", "refresh_token": "segar-rahasia"})


def tick() -> datetime:
    """A clock on which no two things happen at once."""
    return NOW + timedelta(seconds=next(_SECONDS) % 10_000)


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    if not _PLACE.exists():
        pytest.skip("the contract of X is not here: set PELAYANAN_CONTRACTS to its folder")
    found: dict[str, Any] = json.loads(_PLACE.read_text())
    return found


@pytest.fixture(scope="session")
def contract(schema: dict[str, Any]) -> Any:
    core = pytest.importorskip("openapi_core", reason="the extra `contract` is not installed")
    return core.OpenAPI.from_dict(
        {**schema, "servers": [{"url": SERVER}]}, config=core.Config(spec_validator_cls=None)
    )


class Checked(Transport):
    """Holds every call and every answer against the contract."""

    def __init__(self, inner: Transport, contract: Any, schema: dict[str, Any]) -> None:
        self._inner = inner
        self._contract = contract
        self._schema = schema
        self.seen: set[tuple[str, str, int]] = set()

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        path = httpx.URL(request.url).path
        if path != "/2/oauth2/token":  # has no place in the contract
            self.check(request, response, path)
        self.seen.add((request.method, path, response.status))
        return response

    def check(self, request: Request, response: Response, path: str) -> None:
        from openapi_core.testing import MockRequest, MockResponse  # noqa: PLC0415  an extra

        self.known(request, path)
        data, kind = self.body(request)
        args = {name: str(value) for name, value in request.params.items()}
        asked = MockRequest(
            SERVER,
            request.method.lower(),
            path,
            args=args,
            headers=dict(request.headers),
            data=data,
            content_type=kind,
        )
        told = MockResponse(
            response.body, response.status, dict(response.headers), content_type="application/json"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._contract.validate_request(asked)
            if response.status < 400:
                self._contract.validate_response(asked, told)

    def body(self, request: Request) -> tuple[bytes, str]:
        if not request.uploads:
            empty = request.json is None
            return (b"" if empty else json.dumps(request.json).encode()), "application/json"
        form = {name: _number(value) for name, value in (request.form or {}).items()}
        files = {file.field: file.open().read().decode("latin-1") for file in request.uploads}
        return json.dumps({**form, **files}).encode(), "application/json"  # the same schema

    def known(self, request: Request, path: str) -> None:
        """Parameters that the contract does not name would pass unseen."""
        place = next(
            one
            for one, methods in self._schema["paths"].items()
            if request.method.lower() in methods
            and len(one.split("/")) == len(path.split("/"))
            and all(
                a == b or a.startswith("{")
                for a, b in zip(one.split("/"), path.split("/"), strict=True)
            )
        )
        shared = self._schema["components"]["parameters"]
        named = set()
        for one in self._schema["paths"][place][request.method.lower()].get("parameters", ()):
            known = shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            named.add(known["name"])
        assert set(request.params) <= named, (path, set(request.params) - named)


def _number(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def account(**more: Any) -> X:
    more = {"client_id": "klien", "app_token": "aplikasi", "clock": tick, **more}
    return X("dinsos_contoh", TOKEN, **more)


def file(kind: str, size: int = 3) -> MediaFile:
    return MediaFile(
        filename="a",
        media_type=kind,
        alt="beras",
        size_bytes=size,
        sha256="0",
        width=4,
        height=3,
        open=lambda: io.BytesIO(b"x" * size),
    )


@pytest.fixture
def fake() -> FakeX:
    fake = FakeX(clock=tick, per_page=5)
    fake.agency(token="akses-rahasia", refresh="segar-rahasia")
    post = fake.officer().post("Jam layanan di dinsos.bengkuluprov.go.id/jam")
    for number in range(12):
        citizen = fake.citizen(f"warga_{number}")
        citizen.post(f"@dinsos_contoh tanya {number} & lapor.go.id/a")
        citizen.reply(post, f"tanya {number}")
    fake.citizen("warga_1").message("tanya di sini")
    fake.citizen("warga_2").message("tanya <lagi>")
    fake.citizen("warga_3").post("bansos belum sampai")
    return fake


def test_a_whole_round_keeps_to_the_contract(
    fake: FakeX, contract: Any, schema: dict[str, Any]
) -> None:
    checked = Checked(fake, contract, schema)
    x = account()
    with Client(transport=checked, sleep=lambda _: None) as client:
        found = list(client.mentions(x))
        assert len({each.id for each in found}) == 26
        for mention in found[:2] + found[-2:]:
            client.reply(x, mention, f"Siap {mention.id}", key="k")
            assert client.find_reply(x, mention, key="k", text="Lain") is None
        assert len(list(client.answers(x))) == 4
        assert [each.text for each in client.search(x, "bansos")] == ["bansos belum sampai"]
        client.run(x.publish("Bare", key="a"))
        client.run(x.publish("Satu", [file("image/png"), file("image/jpeg")], key="a"))
        client.run(x.publish("Dua", [file("video/mp4", 5_000_000)], key="b"))
        client.run(x.publish("Tiga", [file("image/gif")], key="b"))
        assert client.find_publication(x, key="b", text="Dua") is not None
        assert client.check(x).ok
        client.run(x.renew())
        client.run(x.subscribe("https://dinsos.example.go.id/webhooks/dinsos-x"))
    edges = {
        (method, "/".join(part if not part.isdigit() else "ID" for part in path.split("/")[2:]))
        for method, path, _ in checked.seen
    }
    assert edges == {
        ("GET", "users/me"),
        ("GET", "users/ID/mentions"),
        ("GET", "users/ID/tweets"),
        ("GET", "tweets/search/recent"),
        ("GET", "dm_events"),
        ("GET", "dm_conversations/with/ID/dm_events"),
        ("GET", "media/upload"),
        ("GET", "usage/tweets"),
        ("POST", "tweets"),
        ("POST", "dm_conversations/with/ID/messages"),
        ("POST", "media/upload"),
        ("POST", "media/upload/initialize"),
        ("POST", "media/upload/ID/append"),
        ("POST", "media/upload/ID/finalize"),
        ("POST", "media/metadata"),
        ("POST", "oauth2/token"),
        ("POST", "webhooks"),
        ("POST", "activity/subscriptions"),
    }
    assert {status for _, _, status in checked.seen} == {200, 201}


def test_the_check_notices_what_is_wrong(
    fake: FakeX, contract: Any, schema: dict[str, Any]
) -> None:
    checked = Checked(fake, contract, schema)
    given = {"Authorization": "Bearer x"}
    url = f"{SERVER}/2/tweets"
    wrong = Request(operation="uji", method="POST", url=url, json={"teks": "x"}, headers=given)
    with pytest.raises(Exception, match=r"(?i)request body"):
        checked.check(wrong, Response(200, {}, b"{}"), "/2/tweets")
    few = Request(operation="uji", url=f"{SERVER}/2/users/1/mentions", params={"max_results": 2})
    with pytest.raises(Exception, match=r"(?i)query parameter"):
        checked.check(few, Response(200, {}, b"{}"), "/2/users/1/mentions")
    strange = Request(operation="uji", url=f"{SERVER}/2/users/1/mentions", params={"halaman": 2})
    with pytest.raises(AssertionError, match="halaman"):
        checked.check(strange, Response(200, {}, b"{}"), "/2/users/1/mentions")


def listed(x: X, body: dict[str, Any], cursor: str | None = None) -> Page[Mention]:
    """The page that an answer becomes; of posts, one with nothing but errors is an error."""
    answer = Response(200, {}, json.dumps(body).encode())
    if not cursor and body.get("errors") and body.get("data") is None and "meta" not in body:
        with pytest.raises(PlatformError):
            replay(x.mentions(cursor), [answer])
        return Page((), "")
    return replay(x.mentions(cursor), [answer]).result


@pytest.mark.parametrize("mode", MODES)
def test_whatever_the_contract_allows_is_read(mode: Any, schema: dict[str, Any]) -> None:
    made = Specification(schema["components"]["schemas"], seed=3)
    seen = bad = 0
    for _ in range(60):
        listing = made.make("GetUsersMentionsResponse", mode)
        post = {**made.make("Post", mode), "id": "1990000000000000001", "author_id": "7"}
        reference = {"type": "replied_to", "id": "1990000000000000000"}
        post["referenced_posts"] = [reference] if mode != "null" else None
        people = {"users": [{**made.make("User", mode), "id": "7", "username": "warga_contoh"}]}
        for body in (listing, {"data": [post, {"id": 5}], "includes": people}):
            page = listed(account(user_id=US), body)
            seen += len(page.items)
            assert all(each.author.id and each.created_at.tzinfo for each in page.items)
            bad = len(page.unreadable)
        assert bad == 1
    assert seen >= 60


@pytest.mark.parametrize("mode", MODES)
def test_direct_messages_are_read_whatever_is_left_out(mode: Any, schema: dict[str, Any]) -> None:
    made = Specification(schema["components"]["schemas"], seed=4)
    for _ in range(40):
        event = {**made.make("DmEvent", mode), "id": str(id_of(NOW)), "sender_id": "7"}
        event["event_type"] = "MessageCreate"
        for body in ({"data": [event]}, made.make("GetDirectMessagesEventsResponse", mode)):
            page = listed(account(user_id=US), body, 'x/1:{"todo":["dm"]}')
            assert all(each.author.id and each.private for each in page.items)
            if "data" in body and body["data"] == [event]:
                assert len(page.items) == 1


def test_damaged_listings_never_fail(fake: FakeX) -> None:
    x = account(user_id=US)
    request = x._api.request("mentions", f"users/{US}/mentions", "mentions")
    given = {"Authorization": "Bearer akses-rahasia"}
    body = fake.http(replace(request, headers=given, params={"max_results": 100})).body
    read = 0
    for damaged in mutants(body, 1000, seed=3):
        with contextlib.suppress(ContractError):
            page = replay(x.mentions(), [Response(200, {}, damaged)]).result
            assert all(each.author.id and each.created_at.tzinfo for each in page.items)
            read += 1
    assert read > 500


def test_damaged_webhooks_never_fail(fake: FakeX) -> None:
    officer = fake.officer()
    officer.reply(officer.post("Halo"), "jawab")
    officer.delete(officer.post("Salah"))
    bodies = [each.body for each in fake.webhooks()] + [OLDER]
    random = Random(4)
    for number in range(1000):
        (damaged,) = mutants(random.choice(bodies), 1, seed=number)
        found = account(user_id=US).parse(damaged)
        assert all(each.author.id and each.created_at.tzinfo for each in found.mentions)


def test_every_problem_of_the_contract_is_an_error_of_ours(schema: dict[str, Any]) -> None:
    made = Specification(schema["components"]["schemas"], seed=5)
    kinds = [name for name in schema["components"]["schemas"] if name.endswith("Problem")]
    assert len(kinds) == 10
    x = account(user_id=US, client_id="")
    for name in kinds:
        for status in (200, 400, 401, 403, 404, 429, 503):
            problem = made.make(name, "full")
            whole = problem if status != 200 else {"errors": [problem]}
            answer = Response(status, {}, json.dumps(whole).encode())
            with pytest.raises(PlatformError) as caught:
                replay(x.mentions(), [answer])
            assert caught.value.remedy
            detail = problem.get("detail")
            assert not detail or detail not in str(caught.value)


OLDER = json.dumps(
    {
        "for_user_id": US,
        "tweet_create_events": [
            {
                "id_str": "1990000000000000009",
                "text": "@dinsos_contoh lampu mati",
                "created_at": "Fri Nov 20 02:14:09 +0000 2026",
                "user": {"id_str": "7", "screen_name": "warga_contoh", "name": "Warga Contoh"},
            }
        ],
    }
).encode()
