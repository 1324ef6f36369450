"""A secret that the test knows appears in nothing that a person or a log may see, on any platform.

The other side is as indiscreet as can be: whatever it answers, it repeats what it was sent.
"""

import base64
import inspect
import io
import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import SecretStr

from pelayanan import Client
from pelayanan.errors import PelayananError, TransportError
from pelayanan.models import Author, Mention
from pelayanan.platforms import available, load
from pelayanan.protocol.capabilities import Account
from pelayanan.protocol.flow import Flow
from pelayanan.protocol.mail import MailAnswer, MailCall
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.retry import RetryPolicy
from pelayanan.protocol.transport import CallRecord, Transport

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MARK = "Xq9ZsangatRahasia"
SECRETS = {"telegram": {"token": f"123456:{MARK}-token", "webhook_secret": f"{MARK}-kata"}}
PLAIN = {
    "address": "dinsos@prov.example",
    "imap": "127.0.0.1:143",
    "smtp": "127.0.0.1:25",
    "page_id": "1060",
    "user_id": "1060",
    "username": "dinsos_contoh",
    "phone_number_id": "1060",
    "account": "accounts/1",
    "locations": ["accounts/1/locations/2"],
    "client_id": "klien",
    "business_id": "open-dinsos",
    "experimental": True,
    "package": "id.go.contoh.layanan",
    "channel": {"youtube": "UCcontoh", "manual": "telepon"},
    "handle": {"bluesky": "dinsos.contoh.test", "telegram": "dinsos_contoh_bot"},
    "server": "https://sosial.example",
    "url": "https://berita.example/rss",
    "app_id": "55",
    "media_url": {"instagram": "https://media.example", "threads": "https://media.example"},
    "base_url": {},
}
REF = {
    "chat": "9",
    "message": "17",
    "parent": "17",
    "video": "738",
    "comment": "739",
    "name": "accounts/1/locations/2/reviews/17",
    **dict.fromkeys(("uri", "root_uri"), "at://did:plc:contoh/app.bsky.feed.post/3k"),
    **dict.fromkeys(("cid", "root_cid"), "b"),
}
LOGIN = {  # what servers hand out, as marked as what was brought
    "access_token": f"{MARK}-akses",
    "expires_in": 3600,
    "token_type": "Bearer",
    "accessJwt": f"{MARK}-jwt",
    "refreshJwt": f"{MARK}-jwt2",
    "did": "did:plc:contoh",
    "handle": "dinsos.contoh.test",
}
STATUSES = (200, 400, 401, 403, 404, 409, 413, 429, 500, 503)


def secrets_of(name: str) -> dict[str, SecretStr]:
    """A marked secret for each parameter that is one."""
    made = SECRETS.get(name, {})
    return {
        each.name: SecretStr(made.get(each.name, f"{MARK}-{each.name}"))
        for each in inspect.signature(load(name)).parameters.values()
        if "Secret" in str(each.annotation)
    } | ({"token": SecretStr("")} if name == "email" else {})


def account(name: str, **more: Any) -> Account:
    known = inspect.signature(load(name)).parameters
    fields: dict[str, Any] = {"clock": lambda: NOW, **PLAIN, **secrets_of(name), **more}
    if name == "play_reviews":
        del fields["service_account"]
    for key, value in fields.items():
        fields[key] = value.get(name) if isinstance(value, dict) else value
    made: Account = load(name)(**{k: v for k, v in fields.items() if k in known and v is not None})
    return made


def flows(made: Any) -> Iterator[tuple[str, Callable[[], Flow[Any]]]]:
    """Every verb of the capability protocols that it has, called with something harmless."""
    asked = Mention(
        platform=made.name,
        id="17",
        author=Author(id="9", handle="warga_contoh"),
        text="Kapan?",
        created_at=NOW - timedelta(hours=1),
        thread="17",
        ref=REF,
    )
    photo = MediaFile(
        filename="a.png",
        media_type="image/png",
        alt="contoh",
        size_bytes=1,
        sha256="00",
        width=1,
        height=1,
        open=lambda: io.BytesIO(b"x"),
    )
    calls: dict[str, Callable[[], Flow[Any]]] = {
        "mentions": lambda: made.mentions(None),
        "comments": lambda: made.comments(None),
        "answers": lambda: made.answers(None),
        "search": lambda: made.search("bansos", None),
        "reply": lambda: made.reply(asked, "Hari ini.", key="k"),
        "reply_privately": lambda: made.reply_privately(asked, "Hari ini.", key="k"),
        "find_reply": lambda: made.find_reply(asked, key="k", text="Hari ini."),
        "publish": lambda: made.publish("Bantuan", [photo], key="k"),
        "find_publication": lambda: made.find_publication(key="k", text="Bantuan"),
    }
    yield from ((verb, call) for verb, call in calls.items() if hasattr(made, verb))
    if hasattr(made, "check"):
        yield "check", made.check


class Indiscreet(Transport):
    """Repeats what it was sent, in every place where platforms put a message."""

    def __init__(self, status: int, kind: str, *, lets_in: bool) -> None:
        self.status, self.kind, self.lets_in, self.calls = status, kind, lets_in, 0

    def http(self, request: Request) -> Response:
        self.calls += 1
        if self.lets_in and ("token" in request.url.lower() or "createSession" in request.url):
            return Response(200, body=json.dumps(LOGIN).encode())
        heard = repr((request.url, request.params, request.headers, request.json, request.form))
        assert heard
        if self.kind == "lost":
            raise TransportError("the connection was lost", operation=request.operation)
        error = {
            "message": heard,
            "code": 190,
            "status": heard,
            "error_user_msg": heard,
            "errors": [{"message": heard, "reason": heard, "detail": heard}],
        }
        shapes: dict[str, Any] = {
            "object": {"error": error, "errors": [error], "title": heard, "detail": heard},
            "text": {"error": heard, "error_description": heard, "message": heard, "ok": False},
            "rubbish": None,
        }
        body = heard.encode() if self.kind == "rubbish" else json.dumps(shapes[self.kind]).encode()
        return Response(self.status, {"www-authenticate": heard, "location": heard}, body)

    def mail(self, call: MailCall) -> MailAnswer:
        self.calls += 1
        if self.kind == "lost":
            raise TransportError("the connection was lost", operation=call.operation)
        return MailAnswer(status=self.status, reason="5.7.0")  # a code, never the server's words


def shown(error: BaseException | None) -> str:
    if error is None:
        return ""
    parts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    return "\n".join([*parts, *traceback.format_exception(error)])


def leaks(text: str) -> bool:
    encoded = base64.b64encode(MARK.encode()).decode()
    forms = {MARK, quote(MARK), quote_plus(MARK), MARK[::-1], encoded[:-4]}
    return any(form in text for form in forms)


@pytest.mark.parametrize("door", ["closed", "open"])
@pytest.mark.parametrize("kind", ["object", "text", "rubbish", "lost"])
@pytest.mark.parametrize("name", sorted(available()))
def test_no_error_log_or_record_shows_a_secret(
    name: str, kind: str, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = [repr(account(name)), str(vars(account(name)))]
    calls = 0
    for status in STATUSES:
        for verb, call in flows(account(name)):
            transport, told = Indiscreet(status, kind, lets_in=door == "open"), list[CallRecord]()
            client = Client(
                transport=transport,
                retry=RetryPolicy(attempts=2),
                sleep=lambda _: None,
                on_call=told.append,
            )
            try:
                seen.append(repr(client.run(call())))
            except PelayananError as error:
                seen.append(f"{verb}: {shown(error)}")
            seen.append(repr(told))
            calls += transport.calls
    seen.append(caplog.text)
    assert calls > 0 or name == "manual"
    leaked = [each for each in seen if leaks(each)]
    assert not leaked, leaked[0][:1500]


@pytest.mark.parametrize("name", sorted(available()))
def test_no_call_shows_a_secret(name: str) -> None:
    """Requests are what a debugger or a test prints."""
    made = account(name)
    for _, call in flows(made):
        steps = iter(call())
        try:
            effect = next(steps)
            assert not leaks(repr(effect)), repr(effect)
        except PelayananError:
            continue
        finally:
            steps.close()


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(500)
        self.end_headers()

    do_POST = do_GET  # noqa: N815  the name that the library asks for

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002  its name there
        pass


@pytest.fixture
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("name", ["telegram", "mastodon", "bluesky"])
def test_over_the_wire_the_log_shows_no_secret_either(
    name: str, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram has its token in the address; an HTTP library logs addresses."""
    caplog.set_level(logging.DEBUG)
    for place in (server, "http://127.0.0.1:9"):  # nobody listens on the second
        made = account(name, base_url=place, server=place)
        with Client(retry=RetryPolicy(attempts=1)) as client:
            for _, call in flows(made):
                try:
                    told = repr(client.run(call()))  # `check` reports what it met
                except PelayananError as error:
                    told = shown(error)
                assert not leaks(told)
    assert caplog.records
    assert not leaks(caplog.text)
