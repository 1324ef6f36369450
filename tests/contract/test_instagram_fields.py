"""Each call to Instagram against Meta's own lists of fields, edges and parameters."""

import contextlib
import io
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest

from contract.meta_fields import Checked, Specs
from pelayanan import Client
from pelayanan.errors import ContractError
from pelayanan.platforms import Instagram
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Response
from pelayanan.testing import FakeInstagram, replay
from pelayanan.testing.mutating import mutants

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SPECS = Specs("instagram")
_SECONDS = count()


def tick() -> datetime:
    """A clock on which no two things happen at once."""
    return NOW + timedelta(seconds=next(_SECONDS) % 10_000)


def account(login: Any = "instagram", **options: Any) -> Instagram:
    known: dict[str, Any] = {"media_url": "https://media.example/{sha256}/{filename}"}
    known |= {"page_id": "2060"} if login == "facebook" else {}
    known |= {"clock": tick, "login": login}
    return Instagram("1060", "dinsos_contoh", "EAArahasia", **{**known, **options})


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
def fake() -> FakeInstagram:
    fake = FakeInstagram(clock=tick)
    post = fake.officer().post("Jam layanan")
    citizen = fake.citizen("warga.contoh")
    asked = [citizen.comment(post, f"tanya {number}") for number in range(60)]  # over a page
    citizen.comment(asked[-1], "lagi")
    citizen.message("halo")
    theirs = citizen.mention("kata @dinsos_contoh")
    citizen.mention("@dinsos_contoh tolong", below=theirs)
    return fake


NODES = {
    "instagram": {
        "user": "IGUserForIGOnlyAPI",
        "media": "IGMediaForIGOnlyAPI",
        "comment": "IGComment",
    },
    "facebook": {"user": "IGUser", "media": "IGMedia", "comment": "IGComment"},
}


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("login", ["instagram", "facebook"])
def test_a_whole_round_keeps_to_the_lists(fake: FakeInstagram, login: str, *, expand: bool) -> None:
    def node_of(name: str) -> str:
        if name == "1060":
            return NODES[login]["user"]
        if name in {"debug_token", "2060"} or name.startswith("t_") or fake.is_container(name):
            return ""  # the Page has lists of its own
        return NODES[login]["media" if name.startswith("17") else "comment"]

    checked = Checked(fake, SPECS, node_of)
    ig = account(login, expand=expand)
    with Client(transport=checked, sleep=lambda _: None) as client:
        found: list[Any] = []
        cursor, more = None, True
        while more:
            page = client.run(ig.comments(cursor))
            found += page.items
            cursor, more = page.cursor, page.more
        assert len({each.id for each in found}) == 62
        by_kind = {each.ref["kind"] + str(bool(each.reply_to)): each for each in found}
        for kind, mention in by_kind.items():
            client.reply(ig, mention, f"Jawaban {kind}", key=kind)
            assert client.find_reply(ig, mention, key=kind, text="Lain") is None
        client.run(ig.reply_privately(by_kind["commentFalse"], "Pribadi", key="p"))
        events = [ig.parse(each.body) for each in fake.webhooks()]
        pointers = [each for one in events for each in one.pointers]
        assert len(pointers) == 2
        if login == "facebook":
            named = [client.run(ig.fetch_mention(each)) for each in pointers]
            assert [each.text for each in named] == ["kata @dinsos_contoh", "@dinsos_contoh tolong"]
            for mention in named:
                client.reply(ig, mention, "Terima kasih", key="m")
        client.run(ig.publish("Satu", [file("image/jpeg")], key="a"))
        client.run(ig.publish("Dua", [file("image/jpeg"), file("video/mp4")], key="b"))
        client.run(ig.publish("Film", [file("video/mp4")], key="c"))
        assert client.find_publication(ig, key="c", text="Film") is not None
        assert list(client.answers(ig))
        assert client.check(ig).ok
    user, comment = NODES[login]["user"], NODES[login]["comment"]
    assert {
        ("GET", user, ""),
        ("GET", user, "media"),
        ("GET", user, "content_publishing_limit"),
        ("GET", comment, "replies"),
        ("POST", comment, "replies"),
        ("POST", user, "media"),
        ("POST", user, "media_publish"),
    } <= checked.seen
    assert (("POST", user, "mentions") in checked.seen) is (login == "facebook")
    assert (("POST", user, "messages") in checked.seen) is (login == "instagram")


def test_damaged_listings_never_fail(fake: FakeInstagram) -> None:
    request = account()._graph.request(
        "comments", "1060/media", params={"fields": "comments.limit"}
    )
    body = fake.http(request).body
    for damaged in mutants(body, 1000, seed=2):
        with contextlib.suppress(ContractError):
            page = replay(account().comments(), [Response(200, {}, damaged)]).result
            assert all(each.author.id and each.created_at.tzinfo for each in page.items)


@pytest.mark.parametrize("bare", [True, False])
def test_damaged_webhooks_never_fail(*, bare: bool) -> None:
    fake = FakeInstagram(clock=tick, bare=bare)
    citizen = fake.citizen("warga.contoh")
    wrote = citizen.comment(fake.officer().post("Halo"), "tanya")
    fake.officer().reply(wrote, "jawab")
    citizen.unsend(citizen.message("halo"))
    citizen.mention("@dinsos_contoh")
    bodies = [each.body for each in fake.webhooks()]
    random = Random(4)
    for number in range(1000):
        (damaged,) = mutants(random.choice(bodies), 1, seed=number)
        found = account().parse(damaged)
        assert all(each.author.id and each.created_at.tzinfo for each in found.mentions)
