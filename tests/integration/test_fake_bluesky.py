"""The fake network on its own: its faults, its time, its folder."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, PelayananError
from pelayanan.errors import (
    AuthError,
    RateLimitError,
    RejectedError,
    ServerError,
    TransportError,
)
from pelayanan.platforms import Bluesky
from pelayanan.platforms._bluesky import classify
from pelayanan.protocol.flow import Steps, fetch, flow, send
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.retry import RetryPolicy
from pelayanan.testing import FakeBluesky
from pelayanan.testing.fake import FakeInternet, Fault

Drive = Callable[..., Any]
URL = "https://bluesky.example"
NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network(clock: Clock) -> FakeBluesky:
    return populated(FakeBluesky(clock=clock))


def populated(network: FakeBluesky) -> FakeBluesky:
    network.agency("dinsos.test", "sandi")
    network.citizen("wati.test").post("@dinsos.test bantuan belum sampai")
    return network


@pytest.fixture
def dinsos(clock: Clock) -> Bluesky:
    return Bluesky("dinsos.test", "sandi", base_url=URL, clock=clock)


def test_with_a_record_key_a_lost_answer_is_repeated_and_stands_once(
    drive: Drive, network: FakeBluesky, dinsos: Bluesky, naps: list[float]
) -> None:
    (mention,) = drive(lambda client: client.mentions(dinsos), network)
    network.fault("lost_reply")
    sent = drive(lambda client: client.reply(dinsos, mention, "Kami cek", key="1"), network)
    assert [post["uri"] for post in network.replies(mention.id)] == [sent.id]
    assert len(naps) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("dead", TransportError),
        ("busy", RateLimitError),
        ("busy_silent", RateLimitError),
        ("broken", ServerError),
    ],
)
def test_each_fault_is_the_error_that_it_plays(
    network: FakeBluesky, dinsos: Bluesky, fault: Fault, error: type[PelayananError]
) -> None:
    network.fault(fault, times=9)
    with (
        Client(transport=network, retry=RetryPolicy(attempts=1)) as client,
        pytest.raises(error),
    ):
        client.run(dinsos.mentions())


def test_a_token_expires_in_mid_walk_and_nothing_is_lost(
    drive: Drive, network: FakeBluesky, dinsos: Bluesky, clock: Clock
) -> None:
    for number in range(250):
        clock.now += timedelta(seconds=1)
        network.citizen("budi.test").post(f"@dinsos.test {number}")
    network.fault("expired_token", after=1)
    found = drive(lambda client: client.mentions(dinsos), network)
    assert len(found) == 251
    assert len({mention.id for mention in found}) == 251


def test_sessions_end_as_on_the_real_server(
    network: FakeBluesky, dinsos: Bluesky, clock: Clock
) -> None:
    seen: list[str] = []
    with Client(transport=network, on_call=lambda call: seen.append(call.operation)) as client:

        def asked_after(pause: timedelta) -> list[str]:
            clock.now += pause
            seen.clear()
            list(client.mentions(dinsos))
            return [operation.removeprefix("bluesky.") for operation in seen]

        assert asked_after(timedelta()) == ["login", "mentions"]
        assert asked_after(timedelta(hours=1)) == ["mentions"]
        assert asked_after(timedelta(hours=2)) == ["mentions", "refresh", "mentions"]
        assert asked_after(timedelta(days=91)) == ["mentions", "refresh", "login", "mentions"]


def test_an_item_told_twice_is_read_once(
    drive: Drive, network: FakeBluesky, dinsos: Bluesky
) -> None:
    network.officer("dinsos.test").reply(network.posts()[0]["uri"], "Kami cek")
    network.fault("duplicate", times=2)
    assert len(drive(lambda client: client.mentions(dinsos), network)) == 1
    assert len(drive(lambda client: client.answers(dinsos), network)) == 1


def test_a_phone_ahead_of_time_posts_no_sooner_than_now(
    drive: Drive, network: FakeBluesky, dinsos: Bluesky
) -> None:
    network.fault("clock_skew")
    network.citizen("budi.test").post("@dinsos.test halo")
    found = drive(lambda client: client.mentions(dinsos), network)
    assert [mention.created_at for mention in found] == [NOW, NOW]
    assert network.posts("budi.test")[0]["record"]["createdAt"] == "2026-11-20T01:10:00.000Z"


def test_who_is_told_of_what(drive: Drive, network: FakeBluesky, dinsos: Bluesky) -> None:
    network.agency("dishub.test", "sandi")
    dishub = Bluesky("dishub.test", "sandi", base_url=URL)
    wati, budi = network.citizen("wati.test"), network.citizen("budi.test")
    notice = network.officer("dinsos.test").post("Pengumuman")
    under = budi.reply(notice, "Kapan?")
    budi.like(notice)
    quoting = budi.post("Baca ini", quote=notice)
    both = wati.reply(under, "Saya juga, @dishub.test")
    found = drive(lambda client: client.mentions(dinsos), network)
    assert {mention.id for mention in found[1:]} == {under, quoting, both}
    assert {mention.thread for mention in found if mention.id == both} == {notice}
    assert [each.id for each in drive(lambda client: client.mentions(dishub), network)] == [both]
    network.delete(both)
    assert drive(lambda client: client.mentions(dishub), network) == []
    assert [post["uri"] for post in network.replies(notice)] == [under]


def test_odd_notifications_are_unreadable_or_passed_over(
    drive: Drive, network: FakeBluesky, dinsos: Bluesky
) -> None:
    uri = network.posts()[0]["uri"]
    did = network.agency("dinsos.test", "sandi")
    network.notify(did, "wati.test", "mention", uri, record={"$type": "app.bsky.feed.post"})
    network.notify(did, "wati.test", "mention", uri, author=None)
    network.notify(did, "wati.test", "repost", uri)
    (page,) = drive(lambda client: client.pages(dinsos), network)
    assert [mention.id for mention in page.items] == [uri]
    assert len(page.unreadable) == 2


def test_a_killed_process_finds_its_network_again(tmp_path: Path, dinsos: Bluesky) -> None:
    populated(FakeBluesky(folder=tmp_path))
    with Client(transport=FakeBluesky(folder=tmp_path)) as client:
        (mention,) = client.mentions(dinsos)
        client.reply(dinsos, mention, "Kami cek", key="1")
    later = FakeBluesky(folder=tmp_path)
    assert [post["author"] for post in later.posts()] == ["wati.test", "dinsos.test"]
    with Client(transport=later) as client:  # the session of the other process still holds
        assert [answer.to for answer in client.answers(dinsos)] == [mention.id]


def test_the_limit_is_told_as_the_real_server_tells_it(dinsos: Bluesky, clock: Clock) -> None:
    network = populated(FakeBluesky(clock=clock, rate_limit=3))
    with Client(transport=network, retry=RetryPolicy(ceiling=1.0)) as client:
        for _ in range(2):
            client.run(dinsos.mentions())
        with pytest.raises(RateLimitError) as caught:
            client.run(dinsos.mentions())
        assert caught.value.retry_after == pytest.approx(300.0, abs=1.0)
        clock.now += timedelta(minutes=5)
        client.run(Bluesky("dinsos.test", "sandi", base_url=URL).mentions())


def test_logins_are_limited_too(clock: Clock) -> None:
    network = populated(FakeBluesky(clock=clock, rate_limit=3000))
    with Client(transport=network, retry=RetryPolicy(ceiling=1.0)) as client:
        for _ in range(30):
            client.run(Bluesky("dinsos.test", "sandi", base_url=URL).mentions())
        with pytest.raises(RateLimitError):
            client.run(Bluesky("dinsos.test", "sandi", base_url=URL).mentions())


def test_one_client_reaches_several_networks(network: FakeBluesky, dinsos: Bluesky) -> None:
    other = FakeBluesky(host="lain.example")
    other.agency("dishub.test", "sandi")
    dishub = Bluesky("dishub.test", "sandi", base_url="https://lain.example")
    with Client(transport=FakeInternet([network, other])) as client:
        assert len(list(client.mentions(dinsos))) == 1
        assert list(client.mentions(dishub)) == []


@flow
def ask(name: str, *, token: str = "", **rest: Any) -> Steps[Response]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= rest.pop("headers", {})
    url = f"{URL}/xrpc/{name}"
    call = Request(operation="uji", url=url, headers=headers, classify=classify, **rest)
    return (yield from send(call))


@flow
def logged_in() -> Steps[dict[str, str]]:
    body = {"identifier": "dinsos.test", "password": "sandi"}
    url = f"{URL}/xrpc/com.atproto.server.createSession"
    call = Request(operation="uji", method="POST", url=url, json=body)
    return (yield from fetch(call, dict[str, Any]))


def record(rkey: str = "3m5e2eh2k2222", **post: Any) -> dict[str, Any]:
    post = {"$type": "app.bsky.feed.post", "text": "Halo", "createdAt": f"{NOW:%FT%TZ}", **post}
    where = {"repo": "dinsos.test", "collection": "app.bsky.feed.post", "rkey": rkey}
    return {**where, "record": post}


BLOB = {"$type": "blob", "ref": {"$link": "x"}, "mimeType": "image/png", "size": 1}
IMAGES = {"$type": "app.bsky.embed.images", "images": [{"image": BLOB, "alt": "x"}]}
FACETS = [{"index": {"byteStart": 0, "byteEnd": 9}, "features": []}]
BAD_REF = {"root": {"uri": "x", "cid": "x"}, "parent": {"uri": "x", "cid": "x"}}


@pytest.mark.parametrize(
    "body",
    [
        record("bukan-tid"),
        record(text="a" * 301),
        record(text="👨‍👩‍👧‍👦" * 121),
        record(text=None),
        record(createdAt="kemarin"),
        record(createdAt="2026-11-20T00:00:00"),
        record(facets=FACETS),
        record(embed=IMAGES),
        record(reply=BAD_REF),
    ],
)
def test_records_against_the_rules_are_refused(network: FakeBluesky, body: Any) -> None:
    with Client(transport=network) as client:
        token = client.run(logged_in())["accessJwt"]
        call = ask("com.atproto.repo.putRecord", token=token, method="POST", json=body)
        with pytest.raises(RejectedError):
            client.run(call)
    assert network.posts("dinsos.test") == []


def test_a_record_is_created_once_and_put_again(network: FakeBluesky) -> None:
    with Client(transport=network, sleep=lambda _: None) as client:
        token = client.run(logged_in())["accessJwt"]

        def write(verb: str, **post: Any) -> Response:
            name = f"com.atproto.repo.{verb}Record"
            return client.run(ask(name, token=token, method="POST", json=record(**post)))

        write("create")
        with pytest.raises(ServerError):  # so the real one answers: docs/quirks.md
            write("create")
        write("put", text="Lain")
        write("put", text="Lain")
    assert [post["record"]["text"] for post in network.posts("dinsos.test")] == ["Lain"]


def test_nobody_gets_in_without_the_right_token(network: FakeBluesky) -> None:
    with Client(transport=network) as client:
        session = client.run(logged_in())
        for token in ("", "palsu", session["refreshJwt"]):
            with pytest.raises(AuthError):
                client.run(ask("com.atproto.server.getSession", token=token))
        with pytest.raises(AuthError):
            token = session["accessJwt"]
            client.run(ask("com.atproto.server.refreshSession", token=token, method="POST"))
        other = record() | {"repo": "wati.test"}
        with pytest.raises(AuthError):
            name = "com.atproto.repo.createRecord"
            client.run(ask(name, token=session["accessJwt"], method="POST", json=other))
        with pytest.raises(RejectedError):
            name = "com.atproto.repo.uploadBlob"
            client.run(ask(name, token=session["accessJwt"], method="POST"))
        with pytest.raises(RejectedError):
            client.run(ask("app.bsky.feed.getTimeline", token=session["accessJwt"]))
