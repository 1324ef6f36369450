"""Each call to Facebook against Meta's own lists of fields, edges and parameters."""

import contextlib
import io
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

import pytest

from contract.meta_fields import Checked, Specs, split_fields
from pelayanan import Client
from pelayanan.errors import ContractError
from pelayanan.platforms import FacebookPage
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.webhook import Pointer
from pelayanan.testing import FakeFacebook, answer, replay
from pelayanan.testing.mutating import mutants

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SPECS = Specs("facebook")
_SECONDS = count()


def tick() -> datetime:
    """A clock on which no two things happen at once."""
    return NOW + timedelta(seconds=next(_SECONDS) % 10_000)


def page() -> FacebookPage:
    return FacebookPage("1060", "EAArahasia", app_id="55", clock=tick)


def node_of(name: str) -> str:
    if name == "1060":
        return "Page"
    if name.startswith("t_"):
        return "UnifiedThread"
    if name.startswith("upload:") or name in {"55", "debug_token"}:
        return ""
    return "PagePost" if name.partition("_")[0] in {"1060", "9000"} else "Comment"


def file(name: str, kind: str) -> MediaFile:
    return MediaFile(
        filename=name,
        media_type=kind,
        alt="Warga menerima beras",
        size_bytes=3,
        sha256="0",
        width=4,
        height=3,
        open=lambda: io.BytesIO(b"isi"),
    )


@pytest.fixture
def fake() -> FakeFacebook:
    fake = FakeFacebook(clock=tick)
    post = fake.officer().post("Jam layanan")
    citizen = fake.citizen("Warga Contoh")
    for number in range(60):  # more than one page below one post
        citizen.comment(post, f"tanya {number}")
        citizen.message(f"tanya {number}")
    citizen.tag("di sini ada jalan rusak")
    citizen.post("kapan buka?")
    return fake


@pytest.mark.parametrize("expand", [True, False])
def test_a_whole_round_keeps_to_the_lists(fake: FakeFacebook, *, expand: bool) -> None:
    checked = Checked(fake, SPECS, node_of)
    account = FacebookPage("1060", "x", app_id="55", expand=expand, clock=tick)
    with Client(transport=checked, sleep=lambda _: None) as client:
        found = list(client.mentions(account))
        assert len({each.id for each in found}) == 122
        by_kind = {each.ref["kind"]: each for each in found}
        for kind, mention in by_kind.items():
            client.reply(account, mention, f"Jawaban {kind}", key=kind)
            assert client.find_reply(account, mention, key=kind, text="Lain") is None
        client.run(account.reply_privately(by_kind["comment"], "Pribadi", key="p"))
        client.run(account.reply_privately(by_kind["post"], "Pribadi", key="p"))
        assert len(list(client.answers(account))) >= 3
        client.run(account.publish("Satu", [file("a.jpg", "image/jpeg")], key="a"))
        two = [file("a.jpg", "image/jpeg"), file("b.png", "image/png")]
        client.run(account.publish("Dua", two, key="b"))
        client.run(account.publish("Film", [file("v.mp4", "video/mp4")], key="c"))
        assert client.find_publication(account, key="c", text="Film") is not None
        comment = by_kind["comment"]
        pointer = Pointer(id=comment.id, ref={"kind": "comment", "post": comment.ref["post"]})
        assert client.run(account.fetch_mention(pointer)).text == comment.text
        pointer = Pointer(id=by_kind["post"].id, ref={"kind": "post"})
        assert client.run(account.fetch_mention(pointer)).text == by_kind["post"].text
        assert client.check(account).ok
    seen = {(method, name, edge) for method, name, edge in checked.seen if name}
    assert seen == {
        ("GET", "Page", ""),
        ("GET", "Page", "feed"),
        ("GET", "Page", "tagged"),
        ("GET", "Page", "conversations"),
        ("GET", "Page", "published_posts"),
        ("GET", "PagePost", ""),
        ("GET", "PagePost", "comments"),
        ("GET", "Comment", ""),
        ("GET", "Comment", "comments"),
        ("GET", "UnifiedThread", "messages"),
        ("POST", "Page", "feed"),
        ("POST", "Page", "messages"),
        ("POST", "Page", "photos"),
        ("POST", "Page", "videos"),
        ("POST", "PagePost", "comments"),
        ("POST", "Comment", "comments"),
    }


def test_the_check_notices_what_is_wrong(fake: FakeFacebook) -> None:
    checked = Checked(fake, SPECS, node_of)

    def faults(path: str, method: str = "GET", **params: str) -> list[str]:
        url = f"https://graph.facebook.com/v26.0/{path}"
        asked = Request(operation="uji", method=method, url=url, params=params)  # type: ignore[arg-type]
        return list(checked.faults(asked))

    assert faults("1060/feeds") == ["Page has no GET feeds"]
    assert faults("1060/feed", order="x") == ["Page/feed takes no order"]
    assert faults("1060/messages", "POST") == ["Page/messages needs recipient"]
    assert faults("1060/feed", fields="id,pesan") == ["PagePost has no pesan"]
    assert faults("1060/feed", fields="id,comments.limit(2){id,pesan}") == ["Comment has no pesan"]
    assert faults("1060", fields="nama") == ["Page has no nama"]
    assert split_fields("a,b.limit(2){c,d{e}},f") == {"a": "", "b": "c,d{e}", "f": ""}


def test_every_shape_bears_absent_null_and_new_fields() -> None:
    comment = {"id": "2", "created_time": "2026-11-20T03:00:11+0000"}
    post = {"id": "1060_1", "created_time": "2026-11-20T03:00:11+0000"}
    for more in ({}, {"baru": [1]}, {"message": ""}):
        below = {"data": [{**comment, **more}]}
        feed = {"data": [{**post, "from": {"id": "1060"}, "comments": below, **more}]}
        found = replay(page().mentions(), [answer(feed)]).result
        assert (len(found.items), found.unreadable) == (1, ())
        assert found.items[0].author.id == "anon:2"


def test_damaged_listings_never_fail(fake: FakeFacebook) -> None:
    request = page()._graph.request(
        "mentions", "1060/feed", params={"fields": "id,comments.limit(50)"}
    )
    body = fake.http(request).body
    damaged = list(mutants(body, 1000, seed=1))
    for each in damaged:
        with contextlib.suppress(ContractError):
            found = replay(page().mentions(), [Response(200, {}, each)]).result
            assert all(item.author.id and item.created_at.tzinfo for item in found.items)


def test_damaged_webhooks_never_fail(fake: FakeFacebook) -> None:
    fake.officer().reply(fake.posts("1060", "feed")[0], "sudah")
    bodies = [each.body for each in fake.webhooks()]
    random = Random(4)
    for number in range(1000):
        (damaged,) = mutants(random.choice(bodies), 1, seed=number)
        found = page().parse(damaged)
        assert all(each.author.id and each.created_at.tzinfo for each in found.mentions)
