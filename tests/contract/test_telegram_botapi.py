"""What is sent to Telegram and what comes back, held against the schema of the Bot API.

The schema lies beside the repository, or in the folder that PELAYANAN_SHARED names.
"""

import io
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from instances import MODES, Mode, Specification
from pelayanan import Client
from pelayanan.errors import PelayananError
from pelayanan.models import Mention
from pelayanan.platforms import Telegram
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeTelegram, answer, replay

_SHARED = Path(os.environ.get("PELAYANAN_SHARED") or Path(__file__).parents[3] / "shared")
_API = _SHARED / "contracts" / "telegram" / "api.json"
NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
NAME = "dinsos_contoh_bot"
TOKEN = "123456:rahasia-contoh"

pytestmark = pytest.mark.skipif(
    not _API.is_file(), reason="the schema is not beside the repository: PELAYANAN_SHARED"
)
_PLAIN: dict[str, dict[str, Any]] = {
    "Integer": {"type": "integer"},
    "Float": {"type": "number"},
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "InputFile": {"type": "string"},
}


def schema_of(kind: str) -> dict[str, Any]:
    if kind.startswith("Array of "):
        return {"type": "array", "items": schema_of(kind.removeprefix("Array of "))}
    return _PLAIN.get(kind, {"$ref": kind})


def fields_of(listed: list[dict[str, Any]]) -> dict[str, Any]:
    """Fields as JSON Schema; what may be of several types is any of them."""
    properties: dict[str, Any] = {}
    for field in listed:
        kinds = [schema_of(kind) for kind in field["types"]]
        properties[field["name"]] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    required = [field["name"] for field in listed if field["required"]]
    return {"type": "object", "properties": properties, "required": required}


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_API.read_text())
    return found


@pytest.fixture(scope="module")
def specification(api: dict[str, Any]) -> Specification:
    schemas = {
        name: {"anyOf": [schema_of(each) for each in known["subtypes"]]}
        if known.get("subtypes")
        else fields_of(known.get("fields", []))
        for name, known in api["types"].items()
    }
    calls = {
        f"call_{name}": fields_of(known.get("fields", [])) for name, known in api["methods"].items()
    }
    plain = {"Boolean": {"type": "boolean"}}
    return Specification(schemas | calls | plain, depth=3)


class Checked(Transport):
    """Holds each call and each answer against its method."""

    def __init__(self, inner: Transport, api: dict[str, Any], known: Specification) -> None:
        self._inner = inner
        self._methods = api["methods"]
        self._known = known
        self.methods: set[str] = set()
        self.wrong: list[str] = []

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        method = request.url.rpartition("/")[2]
        self.methods.add(method)
        given = self._given(request, method)
        known = {field["name"] for field in self._methods[method].get("fields", [])}
        self.wrong += [f"{method}: unknown field {name}" for name in set(given) - known]
        self.wrong += self._known.faults(f"call_{method}", given)
        body = json.loads(response.body)
        if body["ok"]:
            kind = self._methods[method]["returns"][0]
            many = kind.startswith("Array of ")
            for each in body["result"] if many else [body["result"]]:
                self.wrong += self._known.faults(kind.removeprefix("Array of "), each)
        else:
            assert response.status == body["error_code"]
            self.wrong += self._known.faults("ResponseParameters", body.get("parameters", {}))
        return response

    def _given(self, request: Request, method: str) -> dict[str, Any]:
        """The fields as Telegram reads them: in a query or form, objects are JSON."""
        if request.json is not None:
            assert isinstance(request.json, dict)
            return dict(request.json)
        types = {field["name"]: field["types"] for field in self._methods[method].get("fields", [])}
        given = {**(request.form or {}), **request.params}
        read = {name: _read(value, types.get(name, [])) for name, value in given.items()}
        files = {upload.field: upload.filename for upload in request.uploads}
        return read | {name: value for name, value in files.items() if name in types}


def _read(value: Any, types: list[str]) -> Any:
    return json.loads(value) if isinstance(value, str) and "String" not in types else value


def file(kind: str) -> MediaFile:
    return MediaFile(
        filename="beras",
        media_type=kind,
        alt="Beras",
        size_bytes=3,
        sha256="0",
        width=4,
        height=3,
        open=lambda: io.BytesIO(b"isi"),
    )


def test_everything_that_is_said_is_in_the_schema(
    api: dict[str, Any], specification: Specification
) -> None:
    servers = FakeTelegram(clock=lambda: NOW)
    servers.bot(NAME, TOKEN)
    servers.channel("dinsos_contoh", bots=(NAME,))
    group = servers.group("Warga Contoh", bots=(NAME,), username="warga_contoh")
    wati = servers.citizen("wati")
    first = wati.write("Bantuan belum sampai 🙏", to=NAME)
    wati.say(f"@{NAME} lampu mati", group=group)
    wati.say("/lapor jalan rusak", group=group, reply_to="")
    servers.edit(first, "Bantuan beras belum sampai")
    checked = Checked(servers, api, specification)
    account = Telegram(
        TOKEN, channel="@dinsos_contoh", base_url="https://telegram.example", clock=lambda: NOW
    )
    with Client(transport=checked, sleep=lambda _: None) as client:
        mentions = list(client.mentions(account))
        assert len(mentions) == 3
        for mention in mentions:
            client.reply(account, mention, "Kami cek", key="k")
        gone = mentions[1].model_copy(update={"ref": {**mentions[1].ref, "message": "99"}})
        with pytest.raises(PelayananError):
            client.reply(account, gone, "Kami cek", key="k")
        servers.upgrade(group)
        client.reply(account, mentions[1], "Kami cek lagi", key="k")
        client.run(account.publish("Beras", key="teks"))
        client.run(account.publish("Beras", [file("image/jpeg")], key="foto"))
        client.run(account.publish("Beras", [file("video/mp4")], key="video"))
        client.run(account.publish("Beras", [file("image/jpeg"), file("video/mp4")], key="album"))
        assert client.check(account).ok
        pushed = Telegram(
            TOKEN,
            handle=NAME,
            webhook_secret="kata-rahasia",
            base_url="https://telegram.example",
            clock=lambda: NOW,
        )
        client.run(pushed.set_webhook("https://layanan.example/bot"))
    assert checked.wrong == []
    assert checked.methods == {
        *("getMe", "getUpdates", "getWebhookInfo", "getChatMember", "setWebhook"),
        *("sendMessage", "sendPhoto", "sendVideo", "sendMediaGroup"),
    }


def test_the_validator_sees_what_is_wrong(specification: Specification) -> None:
    assert list(specification.faults("call_sendMessage", {"chat_id": 1, "text": "a"})) == []
    for wrong in ({"chat_id": 1}, {"chat_id": [], "text": "a"}, {"chat_id": 1, "text": 5}):
        assert list(specification.faults("call_sendMessage", wrong))


def mentions_of(*updates: Any) -> tuple[tuple[Mention, ...], list[str]]:
    bot = Telegram(TOKEN, handle=NAME, every_group_message=True, clock=lambda: NOW)
    page = replay(bot.mentions(), [answer({"ok": True, "result": list(updates)})]).result
    return page.items, [one.reason for one in page.unreadable]


def updates(specification: Specification, mode: Mode) -> Iterator[dict[str, Any]]:
    kinds = ("message", "edited_message", "business_message", "edited_business_message")
    for number in range(100):
        told = specification.make("Message", mode, message_id=number + 1)
        told["chat"] |= {"type": ("private", "supergroup", "group")[number % 3]}
        told |= {"text": "Jalan rusak", "is_automatic_forward": False}
        told |= {"business_connection_id": "b1" if number % 4 > 1 else ""}
        if told.get("from"):
            told["from"]["id"] = told["chat"]["id"]
        yield {"update_id": number, kinds[number % 4]: told}


@pytest.mark.parametrize("mode", MODES)
def test_every_message_that_the_schema_allows_is_read(
    specification: Specification, mode: Mode
) -> None:
    read, unreadable = mentions_of(*updates(specification, mode))
    assert unreadable == []
    assert len(read) >= 50
    assert all(re.fullmatch(r"-?\d+:\d+(@b1)?", item.id) for item in read)


@pytest.mark.parametrize("mode", MODES)
def test_every_update_that_the_schema_allows_is_passed(
    specification: Specification, mode: Mode
) -> None:
    found = [specification.make("Update", mode, update_id=number) for number in range(100)]
    assert mentions_of(*found)[1] == []


def test_a_thousand_mutants_never_stop_a_page(specification: Specification) -> None:
    good = {"update_id": 999, "message": specification.make("Message", "bare", message_id=7)}
    good["message"] |= {"text": "Masih terbaca", "chat": {"id": 5, "type": "private"}, "date": 5}
    aside = 0
    for told in list(updates(specification, "some"))[:50]:
        for mutant in specification.mutants(told, 20):
            read, unreadable = mentions_of(mutant, good)
            assert "5:7" in {item.id for item in read}
            aside += len(unreadable)
    assert aside > 50


def test_a_thousand_mutants_of_an_answer_are_no_crash(specification: Specification) -> None:
    bot, asked = Telegram(TOKEN, handle=NAME), mentions_of(*updates(specification, "bare"))[0][0]
    whole = {"ok": True, "result": specification.make("Message", "some")}
    read = 0
    for mutant in specification.mutants(whole, 1000):
        try:
            read += bool(replay(bot.reply(asked, "Siap", key="k"), [answer(mutant)]).result.id)
        except PelayananError as error:
            assert TOKEN not in f"{error!r}{error}"
    assert 0 < read < 1000
