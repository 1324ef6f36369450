"""A thousand damaged answers to a search: never a crash, and nothing that is no message."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from pelayanan.errors import ContractError
from pelayanan.platforms import Bluesky, Feed, Mastodon, Threads
from pelayanan.protocol.request import Request, Response
from pelayanan.testing import (
    FakeBluesky,
    FakeFeed,
    FakeMastodon,
    FakeThreads,
    answer,
    replay,
)
from pelayanan.testing.mutating import mutants

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
SAID = "#bansos belum sampai di Bengkulu"


def tick() -> datetime:
    return NOW


def mastodon() -> tuple[Any, list[Response], bytes]:
    fake = FakeMastodon(clock=tick)
    for number in range(3):
        fake.citizen(f"warga{number}").post(f"{SAID} {number}")
    url = f"https://{fake.host}/api/v1/timelines/tag/bansos"
    body = fake.http(Request(operation="uji", url=url, headers={"Authorization": "Bearer x"})).body
    me = answer({"id": "9", "acct": "dinsos"})
    return Mastodon(f"https://{fake.host}", "x", clock=tick), [me], body


def bluesky() -> tuple[Any, list[Response], bytes]:
    fake = FakeBluesky(clock=tick)
    fake.agency("dinsos.test", "sandi")
    fake.citizen("wati.test").post(SAID)
    account = Bluesky("dinsos.test", "sandi", base_url=f"https://{fake.host}", clock=tick)
    session = {"did": "did:plc:dinas", "accessJwt": "jwt-1", "refreshJwt": "ref-1"}
    uri = fake.posts()[0]["uri"]
    post = {"uri": uri, "cid": "c", "author": {"did": "did:plc:w", "handle": "wati.test"}}
    post |= {"record": {"text": SAID}, "indexedAt": "2026-11-20T04:00:00.000Z"}
    return account, [answer(session)], answer({"posts": [post, post], "cursor": "2"}).body


def threads() -> tuple[Any, list[Response], bytes]:
    fake = FakeThreads(clock=tick)
    fake.citizen("wati.contoh").post(SAID)
    account = Threads("1060", "dinsos_contoh", "THAArahasia", clock=tick)
    with fake.world() as state:
        shown = [fake.shown(post) for post in state["posts"]]
    return account, [], answer({"data": shown, "paging": {"cursors": {"after": "A"}}}).body


def feed() -> tuple[Any, list[Response], bytes]:
    fake = FakeFeed(clock=tick)
    for number in range(3):
        fake.publish(f"{SAID} {number}", "<p>Warga &amp; kader</p>")
    body = fake.http(Request(operation="uji", url=f"https://{fake.host}/rss")).body
    return Feed(f"https://{fake.host}/rss", clock=tick), [], body


def broken(body: bytes, count: int) -> Iterator[bytes]:
    """Copies of a feed with pieces lost, doubled or strange."""
    random = Random(5)
    for _ in range(count):
        damaged = bytearray(body)
        for _ in range(random.randint(1, 4)):
            start = random.randrange(len(damaged))
            end = min(len(damaged), start + random.randint(1, 40))
            strange = (b"", bytes(damaged[start:end]) * 2, b"<", b"&#0;", b"\xff", b"]]>")
            damaged[start:end] = random.choice(strange)
        yield bytes(damaged)


@pytest.mark.parametrize("made", [mastodon, bluesky, threads, feed])
def test_a_damaged_answer_is_no_crash(
    made: Callable[[], tuple[Any, list[Response], bytes]],
) -> None:
    account, before, body = made()
    asked = "#bansos belum"
    whole = replay(account.search(asked), [*before, Response(200, {}, body)]).result
    assert whole.items  # and from here on the account is known
    read = 0
    for damaged in broken(body, 500) if made is feed else mutants(body, 1000, seed=5):
        with suppress(ContractError):
            page = replay(account.search(asked), [Response(200, {}, damaged)]).result
            read += 1
            assert all(each.created_at.tzinfo and each.platform for each in page.items)
            assert page.cursor.startswith(f"{account.name}/search/1-")
    assert read > 100
