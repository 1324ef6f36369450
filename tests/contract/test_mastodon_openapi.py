"""Each call that the platform makes, and each answer of the fake, against Mastodon's OpenAPI.

The contract is not part of the project (its texts are under GFDL): it lies in the folder that
PELAYANAN_CONTRACTS names, else beside the repository. Without it these tests are skipped.
"""

import copy
import hashlib
import io
import json
import os
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pelayanan import Client
from pelayanan.errors import (
    NotFoundError,
    PlatformError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
)
from pelayanan.models import Author, Mention
from pelayanan.platforms import Mastodon
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeMastodon, answer, replay

_BESIDE = Path(__file__).parents[3] / "shared" / "contracts"
_PLACE = Path(os.environ.get("PELAYANAN_CONTRACTS", _BESIDE)) / "mastodon" / "schema.json"
SERVER = "https://sosial.example"
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    if not _PLACE.exists():
        pytest.skip("the contract of Mastodon is not here: set PELAYANAN_CONTRACTS to its folder")
    found: dict[str, Any] = json.loads(_PLACE.read_text())
    return found


@pytest.fixture(scope="session")
def contract(schema: dict[str, Any]) -> Any:
    core = pytest.importorskip("openapi_core", reason="the extra `contract` is not installed")
    paths = copy.deepcopy(schema["paths"])
    body = paths["/api/v2/media"]["post"]["requestBody"]["content"]["multipart/form-data"]
    # a file that is told as a string, as OpenAPI 3.0 did it: 3.1 gives it no type
    body["schema"]["properties"]["file"].pop("type")
    body = paths["/api/v1/statuses"]["post"]["requestBody"]["content"]["application/json"]
    # a text with pictures is a text and is pictures: more than one of the shapes holds
    body["schema"] = {"anyOf": body["schema"]["oneOf"]}
    # the document has other slips, at which its own validator would stop
    return core.OpenAPI.from_dict(
        {**schema, "paths": paths}, config=core.Config(spec_validator_cls=None)
    )


class Checked(Transport):
    """Holds every call and every answer against the contract, as they would go over the wire."""

    def __init__(self, inner: Transport, contract: Any) -> None:
        self._inner = inner
        self._contract = contract
        self.seen: set[tuple[str, str, int]] = set()

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        path = self.check(request, response)
        self.seen.add((request.method, path, response.status))
        return response

    def check(self, request: Request, response: Response) -> str:
        from openapi_core.testing import MockRequest, MockResponse  # noqa: PLC0415  an extra

        wire = on_the_wire(request)
        asked = MockRequest(
            SERVER,
            request.method.lower(),
            wire.url.path,
            args={name.removesuffix("[]"): value for name, value in wire.url.params.multi_items()},
            headers=dict(wire.headers),
            data=wire.read(),
            content_type=wire.headers.get("content-type", "application/json"),
        )
        told = MockResponse(
            response.body, response.status, dict(response.headers), content_type="application/json"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it says that it knows no OAuth 2
            self._contract.validate_request(asked)
            self._contract.validate_response(asked, told)
            found = self._contract.unmarshal_request(asked)
        return wire.url.path if not found.parameters.path else "…"


def on_the_wire(request: Request) -> httpx.Request:
    """The bytes that a driver would send."""
    files = [(one.field, (one.filename, one.open(), one.media_type)) for one in request.uploads]
    return httpx.Request(
        request.method,
        request.url,
        params=dict(request.params) or None,
        headers=dict(request.headers),
        json=request.json,
        data=dict(request.form) if request.form else None,
        files=files or None,
    )


def file(name: str, kind: str) -> MediaFile:
    content = b"isi"
    return MediaFile(
        filename=name,
        media_type=kind,
        alt="Warga menerima beras",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        width=4,
        height=3,
        open=lambda: io.BytesIO(content),
    )


@pytest.fixture
def server() -> FakeMastodon:
    fake = FakeMastodon(clock=lambda: NOW)
    post = fake.officer("dinsos").post("Jam layanan https://dinsos.example/jam 08.00\n\n#layanan")
    fake.citizen("wati").post("@dinsos bantuan belum sampai", spoiler_text="Banjir")
    fake.citizen("budi@lain.example").post("@dinsos rahasia", visibility="direct", reply_to=post)
    fake.citizen("budi@lain.example").favourite(post)
    return fake


@pytest.fixture
def checked(server: FakeMastodon, contract: Any) -> Checked:
    return Checked(server, contract)


@pytest.fixture
def client(checked: Checked) -> Iterator[Client]:
    with Client(transport=checked, sleep=lambda _: None) as client:
        yield client


@pytest.fixture
def account() -> Mastodon:
    return Mastodon(SERVER, "rahasia", clock=lambda: NOW)


def test_a_whole_round_keeps_to_the_contract(
    client: Client, checked: Checked, server: FakeMastodon, account: Mastodon
) -> None:
    for mention in client.mentions(account):
        client.reply(account, mention, "Kami cek https://dinsos.example/cek", key="k" + mention.id)
        assert client.find_reply(account, mention, key="k", text="Lain") is None
        server.delete(mention.id)
        assert client.find_reply(account, mention, key="k", text="Lain") is None
    assert list(client.answers(account)) == []  # what they answered is gone
    server.citizen("sri@lain.example").post("#bansos #bengkulu belum sampai")
    assert len(list(client.search(account, "sampai #bansos #bengkulu"))) == 1
    assert len(list(client.search(account, "belum sampai"))) == 1
    photos = [file("a.jpg", "image/jpeg"), file("b.png", "image/png")]
    client.run(account.publish("Beras", photos, key="a"))
    client.run(account.publish("Antre", [file("v.mp4", "video/mp4")], key="b"))
    assert client.run(account.find_publication(key="b", text="Antre")) is not None
    assert client.check(account).ok
    statuses = {(method, status) for method, _, status in checked.seen}
    assert statuses == {("GET", 200), ("GET", 206), ("GET", 404), ("POST", 200), ("POST", 202)}
    assert {path for _, path, _ in checked.seen} == {
        "…",
        "/api/v1/accounts/verify_credentials",
        "/api/v1/apps/verify_credentials",
        "/api/v1/notifications",
        "/api/v1/statuses",
        "/api/v2/instance",
        "/api/v2/media",
        "/api/v2/search",
    }


def test_refusals_of_the_fake_keep_to_the_contract(
    client: Client, checked: Checked, server: FakeMastodon, account: Mastodon
) -> None:
    def refused(error: type[PlatformError]) -> None:
        with pytest.raises(error):
            client.run(account.publish(" ", key="k"))

    refused(RejectedError)
    server.fault("expired_token")
    refused(ReauthRequiredError)
    server.fault("busy", times=4)
    refused(RateLimitError)
    server.fault("broken", times=4)
    refused(ServerError)
    assert {status for _, _, status in checked.seen} == {200, 401, 422, 429, 503}
    server.agency("dinsos", token="rahasia", scopes=("write",))
    assert not client.check(account).ok  # 403: told for this call alone, though any may say it
    assert 403 in {status for _, _, status in checked.seen}


def test_the_check_notices_what_is_wrong(contract: Any, server: FakeMastodon) -> None:
    checked = Checked(server, contract)
    url = f"{SERVER}/api/v1/statuses"
    wrong = Request(operation="uji", method="POST", url=url, json={"visibility": "semua"})
    with pytest.raises(Exception, match=r"(?i)body"):
        checked.check(wrong, answer({}))
    right = Request(operation="uji", method="POST", url=url, json={"status": "a"})
    with pytest.raises(Exception, match=r"(?i)invalid"):
        checked.check(right, answer({"id": 1}))
    with pytest.raises(Exception, match=r"(?i)path"):
        checked.check(Request(operation="uji", url=f"{SERVER}/api/v9/x"), answer({}))


# --- the sample answers of the documentation --------------------------------------------------


def sample(schema: dict[str, Any], name: str) -> Any:
    return schema["components"]["examples"][name]["value"]


def entity(schema: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    """A whole entity: the samples of calls leave out what their page does not speak of."""
    return {**schema["components"]["schemas"][name]["example"], **more}


def mention() -> Mention:
    author = Author(id="1", handle="wati")
    return Mention(platform="mastodon", id="1", author=author, text="", created_at=NOW)


def test_sample_listings_parse(schema: dict[str, Any], account: Mastodon) -> None:
    listed = sample(schema, "Notification200Example")
    told = replay(account.mentions(), [answer(listed)]).result
    assert told.unreadable == ()
    assert len(told.items) == sum(one["type"] == "mention" for one in listed) > 0
    own = [entity(schema, "Status", **one) for one in sample(schema, "Status200Example")]
    said = replay(account.answers(), [answer(entity(schema, "Account")), answer(own)]).result
    assert [one.to for one in said.items] == [one["in_reply_to_id"] for one in own]


def test_sample_answers_to_writes_parse(schema: dict[str, Any], account: Mastodon) -> None:
    described = schema["paths"]["/api/v1/statuses"]["post"]["responses"]["200"]["content"]
    posted = answer(described["application/json"]["example"])
    sent = replay(account.reply(mention(), "Siap", key="k"), [posted]).result
    assert sent.confirmed
    limits = answer(sample(schema, "Instance200Example"))
    waiting = answer(sample(schema, "MediaAttachment202Example"), status=202)
    ready = answer(sample(schema, "MediaAttachment200Example"))
    flow = account.publish("Video", [file("v.mp4", "video/mp4")], key="k")
    assert replay(flow, [limits, waiting, ready, posted]).result == sent
    assert account.capabilities.text[0].limit >= 500


def test_sample_answers_to_questions_parse(schema: dict[str, Any], account: Mastodon) -> None:
    myself = answer(entity(schema, "Account"))
    below = sample(schema, "Context200Example")["descendants"]
    thread = answer({"descendants": [entity(schema, "Status", **one) for one in below]})
    looked = replay(account.find_reply(mention(), key="k", text="Siap"), [myself, thread])
    assert looked.result is None
    listing = answer(sample(schema, "Notification200Example"))
    app = answer(sample(schema, "Application200Example"))
    limits = answer(sample(schema, "Instance200Example"))
    found = replay(account.check(), [myself, listing, app, limits]).result
    assert [one.name for one in found.findings] == ["token", "scopes", "limits", "clock"]
    assert found.ok


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (401, ReauthRequiredError),
        (404, NotFoundError),
        (422, RejectedError),
        (429, RateLimitError),
        (503, ServerError),
    ],
)
def test_sample_refusals_are_understood(
    schema: dict[str, Any], account: Mastodon, code: int, error: type[PlatformError]
) -> None:
    body = json.dumps(sample(schema, f"Error{code}Example")).encode()
    with pytest.raises(error) as caught:
        replay(account.mentions(), [Response(code, {}, body)])
    assert caught.value.status == code
