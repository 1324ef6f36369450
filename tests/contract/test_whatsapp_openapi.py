"""Each call to WhatsApp, each answer and webhook of the fake, against Meta's own OpenAPI.

The contract lies in the folder that PELAYANAN_CONTRACTS names, else beside the repository. Without
it these tests are skipped.
"""

import json
import os
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import PlatformError, PolicyError
from pelayanan.platforms import WhatsApp
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeWhatsApp
from pelayanan.testing.mutating import mutants

_BESIDE = Path(__file__).parents[3] / "shared" / "contracts"
_PLACE = (
    Path(os.environ.get("PELAYANAN_CONTRACTS", _BESIDE))
    / "whatsapp"
    / "business-messaging-api_v23.0.yaml"
)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SERVER = "https://graph.facebook.com"
_PATHS = (
    "/{Version}/{Phone-Number-ID}/messages",
    "/{Version}/{Phone-Number-ID}",
    "/whatsapp/webhooks",
)


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="the extra `contract` is not installed")
    if not _PLACE.exists():
        pytest.skip("the contract of WhatsApp is not here: set PELAYANAN_CONTRACTS to its folder")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the document has 1.1 MB
    found: dict[str, Any] = yaml.load(_PLACE.read_text(), Loader=loader)
    return found


@pytest.fixture(scope="session")
def contract(schema: dict[str, Any]) -> Any:
    core = pytest.importorskip("openapi_core", reason="the extra `contract` is not installed")
    schemas = schema["components"]["schemas"]
    # each part of an `allOf` forbids what the other has: no message at all would do
    for name in ("TextMessage", "TemplateMessage", "BaseMessageProperties"):
        for part in [schemas[name], *schemas[name].get("allOf", ())]:
            part.pop("additionalProperties", None)
    # what comes in is described under names of its own, and referred to by those of what goes out
    incoming = schemas["IncomingMessage"]
    incoming.pop("discriminator")
    for kind in incoming["oneOf"]:
        name = kind["$ref"].rpartition("/")[2]
        name = next((own for own in (f"{name}_2", f"{name}_1") if own in schemas), name)
        kind["$ref"] = f"#/components/schemas/{name}"
        base = schemas[name].get("allOf", [{}])[0]
        if base.get("$ref", "").endswith("/BaseMessageProperties"):
            base["$ref"] += "_1"
    # of quoted messages it describes only those about a product
    schemas["ContextObject"]["required"] = ["from", "id"]
    kept = {path: schema["paths"][path] for path in _PATHS}
    return core.OpenAPI.from_dict(
        {**schema, "paths": kept}, config=core.Config(spec_validator_cls=None)
    )


class Checked(Transport):
    """Holds every call and every answer against the contract."""

    def __init__(self, inner: FakeWhatsApp, contract: Any) -> None:
        self._inner = inner
        self._contract = contract
        self.seen: set[tuple[str, str, int]] = set()

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        path = request.url.removeprefix(SERVER)
        if "debug_token" not in path:  # of the Graph API, which has no OpenAPI
            self.check(request, response, path)
        self.seen.add((request.method, path, response.status))
        return response

    def check(self, request: Request, response: Response, path: str) -> None:
        from openapi_core.testing import MockRequest, MockResponse  # noqa: PLC0415  an extra

        asked = MockRequest(
            SERVER,
            request.method.lower(),
            path,
            args={name: str(value) for name, value in request.params.items()},
            headers={**request.headers, "Content-Type": "application/json"},
            data=json.dumps(request.json).encode() if request.json is not None else b"",
            content_type="application/json",
        )
        told = MockResponse(
            response.body, response.status, dict(response.headers), content_type="application/json"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own about the document
            self._contract.validate_request(asked)
            if response.status < 400 or request.method == "GET":
                self._contract.validate_response(asked, told)


def account() -> WhatsApp:
    return WhatsApp("1060", "EAArahasia", tier_field="", clock=lambda: NOW)


@pytest.fixture
def fake() -> FakeWhatsApp:
    return FakeWhatsApp(clock=lambda: NOW)


def test_calls_and_answers_keep_to_the_contract(fake: FakeWhatsApp, contract: Any) -> None:
    fake.citizen("Wati Contoh").post("Air PDAM mati")
    fake.approve("kabar")
    checked = Checked(fake, contract)
    (mention,) = account().parse(fake.webhooks()[0].body).mentions
    with Client(transport=checked, sleep=lambda _: None) as client:
        client.reply(account(), mention, "Siap", key="k")
        client.run(account().template(mention, "kabar", values=("17",), key="k2"))
        assert client.check(account()).ok
    assert {status for _, _, status in checked.seen} == {200}
    assert len(checked.seen) == 3


def test_the_check_notices_what_is_wrong(fake: FakeWhatsApp, contract: Any) -> None:
    checked = Checked(fake, contract)
    url = f"{SERVER}/v26.0/1060/messages"
    for wrong in ({"type": "text"}, {"type": "text", "text": "Siap"}):
        given = {"Authorization": "Bearer x"}
        request = Request(operation="uji", method="POST", url=url, json=wrong, headers=given)
        with pytest.raises(Exception, match=r"(?i)request body"):
            checked.check(request, Response(200, {}, b"{}"), "/v26.0/1060/messages")


def test_webhooks_of_the_fake_keep_to_the_contract(fake: FakeWhatsApp, contract: Any) -> None:
    citizen = fake.citizen("Wati Contoh")
    first = citizen.post("Air PDAM mati")
    citizen.post("masih", reply_to=first)
    citizen.photo("jalan rusak")
    for webhook in fake.webhooks():
        validate_webhook(contract, json.loads(webhook.body))


def validate_webhook(contract: Any, body: Any) -> None:
    from openapi_core.testing import MockRequest  # noqa: PLC0415  an extra

    told = MockRequest(
        SERVER,
        "post",
        "/whatsapp/webhooks",
        headers={"Authorization": "Bearer x"},  # the document wants it even of what it pushes
        data=json.dumps(body).encode(),
        content_type="application/json",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        contract.validate_request(told)


def examples(schema: dict[str, Any]) -> dict[str, Any]:
    described = schema["paths"]["/whatsapp/webhooks"]["post"]["requestBody"]["content"]
    found: dict[str, Any] = described["application/json"]["examples"]
    return {name: each["value"] for name, each in found.items()}


def number_of(body: Any) -> str:
    value = body["entry"][0]["changes"][0]["value"]
    return str(value["metadata"]["phone_number_id"])


def test_every_sample_message_of_the_contract_parses(schema: dict[str, Any]) -> None:
    silent = {"Reaction Message", "System Message"}
    for name, body in examples(schema).items():
        found = WhatsApp(number_of(body), "x").parse(json.dumps(body).encode())
        assert found.unreadable == (), name
        of_messages = body["entry"][0]["changes"][0]["field"] == "messages"
        assert len(found.mentions) == (of_messages and name not in silent), name


def test_optional_fields_may_be_absent_null_or_new(schema: dict[str, Any]) -> None:
    for name, body in examples(schema).items():
        if body["entry"][0]["changes"][0]["field"] != "messages":
            continue
        value = body["entry"][0]["changes"][0]["value"]
        for variant in ({**value, "contacts": []}, {**value, "baru": {"a": [1]}}):
            changed = json.loads(json.dumps(body))
            changed["entry"][0]["changes"][0]["value"] = variant
            found = WhatsApp(number_of(body), "x").parse(json.dumps(changed).encode())
            assert found.unreadable == (), name
        for gone in ("profile", "wa_id"):
            less = json.loads(json.dumps(body))
            for contact in less["entry"][0]["changes"][0]["value"].get("contacts", []):
                contact.pop(gone, None)
            found = WhatsApp(number_of(body), "x").parse(json.dumps(less).encode())
            assert found.unreadable == (), (name, gone)


def test_damaged_webhooks_never_fail(schema: dict[str, Any]) -> None:
    bodies = [json.dumps(each).encode() for each in examples(schema).values()]
    random = Random(4)
    for number in range(1000):
        body = random.choice(bodies)
        account = WhatsApp(number_of(json.loads(body)), "x")
        (damaged,) = mutants(body, 1, seed=number)
        found = account.parse(damaged)
        assert all(each.author.id and each.created_at.tzinfo for each in found.mentions)


def test_outside_the_window_the_platform_says_so_afterwards(fake: FakeWhatsApp) -> None:
    fake.citizen("Wati Contoh").post("Air PDAM mati")
    (mention,) = account().parse(fake.webhooks()[0].body).mentions
    late = FakeWhatsApp(clock=lambda: NOW + timedelta(days=2))
    late._state = fake._state
    with Client(transport=late) as client:
        with pytest.raises(PolicyError):
            later = WhatsApp("1060", "x", clock=late.clock)
            client.reply(later, mention, "Siap", key="k")
        sent = client.reply(account(), mention, "Siap", key="k")  # a clock that is wrong
    (failed,) = account().parse(late.webhooks()[-1].body).deliveries
    assert (failed.id, failed.state) == (sent.id, "failed")
    assert "citizen writes again" in failed.remedy


def test_refusals_of_the_fake_are_understood(fake: FakeWhatsApp) -> None:
    fake.citizen("Wati Contoh").post("Air PDAM mati")
    (mention,) = account().parse(fake.webhooks()[0].body).mentions
    gone = mention.model_copy(update={"ref": {"to": "62999"}})
    with Client(transport=fake, sleep=lambda _: None) as client:
        for call in (
            account().reply(gone, "Siap", key="k"),
            account().template(mention, "belum", key="k"),
            account().reply(mention, "", key="k"),
        ):
            with pytest.raises(PlatformError):
                client.run(call)
    assert fake.sent == []
