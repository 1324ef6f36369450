"""What is sent and what the fake answers, held against Bluesky's own lexicons."""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.platforms import Bluesky
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeBluesky
from pelayanan.text.length import count

_SHARED = Path(os.environ.get("PELAYANAN_SHARED") or Path(__file__).parents[3] / "shared")
_LEXICONS = _SHARED / "contracts" / "bluesky" / "lexicons"

pytestmark = pytest.mark.skipif(
    not _LEXICONS.is_dir(), reason="the lexicons are not beside the repository: PELAYANAN_SHARED"
)

_HANDLE = (
    r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
_DID = r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]"
_FORMATS = {
    "at-identifier": f"{_HANDLE}|{_DID}",
    "at-uri": rf"at://({_HANDLE}|{_DID})/[a-zA-Z0-9.]+/[a-zA-Z0-9._~:-]+",
    "cid": r"b[a-z2-7]{58,}",
    "did": _DID,
    "handle": _HANDLE,
    "language": r"[a-z]{2,3}(-[A-Za-z0-9]+)*",
    "nsid": r"[a-z0-9-]+(\.[a-z0-9-]+)+\.[a-zA-Z]+",
    "record-key": r"(?!\.{1,2}$)[a-zA-Z0-9._~:-]{1,512}",
    "uri": r"[a-z][a-z0-9+.-]*:\S+",
}
_TYPES: dict[str, type] = {
    "array": list,
    "blob": dict,
    "boolean": bool,
    "integer": int,
    "object": dict,
    "string": str,
}


def lexicon(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_LEXICONS / f"{name.replace('.', '/')}.json").read_text())
    return found


def faults(schema: dict[str, Any], value: Any, home: str, at: str = "$") -> Iterator[str]:
    """Say where a value is not as a schema of the lexicon `home` wants it."""
    kind = schema["type"]
    wanted = _TYPES.get(kind)
    if wanted and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        yield f"{at}: {type(value).__name__} for {kind}"
    elif kind in _PARTS:
        yield from _PARTS[kind](schema, value, home, at)


def _unknown(_: dict[str, Any], value: Any, __: str, at: str) -> Iterator[str]:
    """A record of any sort; posts are looked into."""
    if isinstance(value, dict) and value.get("$type") == "app.bsky.feed.post":
        post = lexicon("app.bsky.feed.post")["defs"]["main"]["record"]
        yield from faults(post, value, "app.bsky.feed.post", at)


def _array(schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
    yield from _limits(schema, len(value), "Length", at)
    for number, each in enumerate(value):
        yield from faults(schema["items"], each, home, f"{at}[{number}]")


def _integer(schema: dict[str, Any], value: Any, _: str, at: str) -> Iterator[str]:
    yield from _limits(schema, value, "imum", at)


def _object(schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}.{name}: missing"
    for name, part in schema.get("properties", {}).items():
        null = name in schema.get("nullable", []) and value.get(name, "") is None
        if name in value and not null:
            yield from faults(part, value[name], home, f"{at}.{name}")


def _string(schema: dict[str, Any], value: Any, _: str, at: str) -> Iterator[str]:
    form = schema.get("format")
    if form == "datetime":
        if not re.search(r"(Z|[+-]\d\d:\d\d)$", value) or datetime.fromisoformat(value) is None:
            yield f"{at}: no datetime"
    elif form and not re.fullmatch(_FORMATS[form], value):
        yield f"{at}: no {form}"
    yield from _limits(schema, len(value.encode()), "Length", at)
    yield from _limits(schema, count("graphemes", value), "Graphemes", at)


def _limits(schema: dict[str, Any], size: int, what: str, at: str) -> Iterator[str]:
    if not schema.get(f"min{what}", size) <= size <= schema.get(f"max{what}", size):
        yield f"{at}: {size} is out of bounds"


def _blob(schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
    kinds = [kind.replace("*", ".*") for kind in schema.get("accept", ["*"])]
    if not any(re.fullmatch(kind, value["mimeType"]) for kind in kinds):
        yield f"{at}: {value['mimeType']} is not taken"
    if value["$type"] != "blob" or value["size"] > schema.get("maxSize", value["size"]):
        yield f"{at}: no blob, or too big"
    yield from _string({"format": "cid"}, value["ref"]["$link"], home, f"{at}.ref")


def _referred(schema: dict[str, Any], value: Any, home: str, at: str) -> Iterator[str]:
    names = [schema["ref"]] if "ref" in schema else schema["refs"]
    whole = [name if not name.startswith("#") else home + name for name in names]
    if schema["type"] == "union":
        whole = [name for name in whole if name == value.get("$type")]
        if not whole:
            yield f"{at}: {value.get('$type')} is none of the kinds"
            return
    place, _, part = whole[0].partition("#")
    if not (_LEXICONS / f"{place.replace('.', '/')}.json").exists():
        return  # a part of the platform that the contract leaves out
    yield from faults(lexicon(place)["defs"][part or "main"], value, place, at)


_PARTS: dict[str, Callable[[dict[str, Any], Any, str, str], Iterator[str]]] = {
    "array": _array,
    "blob": _blob,
    "integer": _integer,
    "object": _object,
    "ref": _referred,
    "string": _string,
    "union": _referred,
    "unknown": _unknown,
}


class Watched(Transport):
    """Holds each call and each answer against the lexicon of its method."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.methods: set[str] = set()
        self.wrong: list[str] = []

    def http(self, request: Request) -> Response:
        response = self._inner.http(request)
        method = request.url.rpartition("/")[2]
        main = lexicon(method)["defs"]["main"]
        self.methods.add(method)
        self._note(method, self._call(main, request, method))
        if response.status < 400:
            answer = json.loads(response.body)
            self._note(f"{method} ->", faults(main["output"]["schema"], answer, method))
        else:
            refusal = json.loads(response.body)
            assert set(refusal) == {"error", "message"}
        return response

    def _call(self, main: dict[str, Any], request: Request, method: str) -> Iterator[str]:
        assert request.method == ("GET" if main["type"] == "query" else "POST")
        known = main.get("parameters", {"type": "params"})
        extra = set(request.params) - set(known.get("properties", {}))
        if extra and method != "app.bsky.video.uploadVideo":  # the lexicon forgets did and name
            yield f"unknown parameters {extra}"
        yield from faults({**known, "type": "object"}, dict(request.params), method)
        if "input" in main and "schema" in main["input"]:
            yield from faults(main["input"]["schema"], request.json, method)
        elif "input" in main:
            kind = main["input"]["encoding"].replace("*", ".*")
            assert re.fullmatch(kind, request.headers["Content-Type"])

    def _note(self, what: str, found: Iterator[str]) -> None:
        self.wrong += [f"{what} {fault}" for fault in found]


def picture(kind: str = "image/jpeg") -> MediaFile:
    content = b"isi"
    return MediaFile(
        filename="foto.jpg",
        media_type=kind,
        alt="Beras",
        size_bytes=len(content),
        sha256=sha256(content).hexdigest(),
        width=4,
        height=3,
        open=lambda: BytesIO(content),
    )


@pytest.fixture
def watched() -> Watched:
    network = FakeBluesky()
    network.agency("dinsos.example", "sandi", name="Dinas Sosial Contoh")
    wati = network.citizen("wati.example", name="Wati Contoh")
    first = wati.post("@dinsos.example bantuan 🙏 https://contoh.example #PKH", pictures=("Surat",))
    typed = network.officer("dinsos.example").reply(first, "Kami cek")
    wati.reply(typed, "Siap")
    wati.post("Lihat ini", quote=typed)
    return Watched(network)


def test_everything_that_is_said_is_in_the_lexicons(watched: Watched) -> None:
    url = "https://bluesky.example"
    account = Bluesky("dinsos.example", "sandi", base_url=url, video_url=url)
    with Client(transport=watched, sleep=lambda _: None) as client:
        mentions = list(client.mentions(account))
        assert len(mentions) == 3
        text = "Halo @wati.example dan @hilang.example: https://dinsos.example #bansos"
        client.reply(account, mentions[0], text, key="k")
        client.reply(account, mentions[0], "Lain", key="k")
        assert client.find_reply(account, mentions[1], key="lain") is None
        assert len(list(client.answers(account))) == 2
        assert len(list(client.search(account, "#PKH bantuan"))) == 1
        client.run(account.publish("Beras", [picture(), picture()], key="foto"))
        client.run(account.publish("Beras", [picture("video/mp4")], key="video"))
        assert client.check(account).ok
        assert not client.check(Bluesky("dinsos.example", "salah", base_url=url)).ok
    assert watched.wrong == []
    assert {name.rpartition(".")[2] for name in watched.methods} == {
        "createSession",
        "refreshSession",
        "getSession",
        "getServiceAuth",
        "resolveHandle",
        "putRecord",
        "getRecord",
        "uploadBlob",
        "listNotifications",
        "getAuthorFeed",
        "searchPosts",
        "uploadVideo",
        "getJobStatus",
    }


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"text": "a" * 301}, "$.text: 301 is out of bounds"),
        ({"text": None}, "$.text: NoneType for string"),
        ({"createdAt": "2026-11-20T00:00:00"}, "$.createdAt: no datetime"),
        ({"langs": ["id", "en", "jv", "su"]}, "$.langs: 4 is out of bounds"),
        ({"reply": {"root": {}}}, "$.reply.parent: missing"),
        ({"embed": {"$type": "app.bsky.embed.lain"}}, "$.embed: app.bsky.embed.lain is none of"),
        ({"facets": [{"index": {"byteStart": -1, "byteEnd": 2}, "features": []}]}, "-1 is out of"),
    ],
)
def test_the_validator_sees_what_is_wrong(change: dict[str, Any], fault: str) -> None:
    post: dict[str, Any] = {"text": "Halo", "createdAt": "2026-11-20T00:00:00Z"}
    record = lexicon("app.bsky.feed.post")["defs"]["main"]["record"]
    assert list(faults(record, post, "app.bsky.feed.post")) == []
    assert fault in " ".join(faults(record, post | change, "app.bsky.feed.post"))
