"""From a review of the province's app to the one reply, with a service account that signs."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import (
    AuthError,
    NotFoundError,
    ReauthRequiredError,
    RejectedError,
    UnsupportedError,
)
from pelayanan.platforms import PlayReviews
from pelayanan.protocol.retry import RetryPolicy
from pelayanan.testing import FakePlayReviews

Drive = Callable[..., Any]
PACKAGE = "id.go.contoh.layanan"


class Clock:
    """A time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servers(clock: Clock) -> FakePlayReviews:
    fake = FakePlayReviews(clock=clock)
    fake.consent("rahasia-segar", PACKAGE)
    return fake


def account(clock: Clock, **more: Any) -> PlayReviews:
    place = "https://play.example"
    consent: dict[str, Any] = {
        "client_id": "a",
        "client_secret": "b",
        "refresh_token": "rahasia-segar",
    }
    fields: dict[str, Any] = {"base_url": place, "token_url": f"{place}/token", "clock": clock}
    return PlayReviews(PACKAGE, **(fields | (more or consent)))


@pytest.fixture
def play(clock: Clock) -> PlayReviews:
    return account(clock)


@pytest.fixture
def client(servers: FakePlayReviews, naps: list[float]) -> Client:
    return Client(transport=servers, sleep=naps.append)


def test_the_whole_way(drive: Drive, servers: FakePlayReviews, play: PlayReviews) -> None:
    asked = servers.citizen("wati").review(PACKAGE, "Judul\tKeluar sendiri", stars=1)
    (mention,) = drive(lambda client: client.mentions(play), servers)
    assert (mention.id, mention.subject) == (asked, "1 dari 5 bintang")
    servers.fault("lost_reply", after=1)  # not the token's
    sent = drive(lambda client: client.reply(play, mention, "Kami perbaiki", key="k"), servers)
    assert (servers.replies(asked), sent.confirmed) == (["Kami perbaiki"], True)
    assert [each.id for each in drive(lambda client: client.answers(play), servers)] == [sent.id]
    assert drive(lambda client: client.check(play), servers).ok


def test_a_service_account_works_unattended(
    client: Client, servers: FakePlayReviews, clock: Clock
) -> None:
    pytest.importorskip("cryptography")
    key = servers.service_account(PACKAGE)
    servers.citizen("wati").review(PACKAGE, "Lambat")
    own = account(clock, service_account=key)
    assert len(list(client.mentions(own))) == 1
    clock.forward(hours=2)  # a new claim
    assert client.check(own).ok
    stranger = {**json.loads(key), "client_email": "lain@contoh.example"}
    other = servers.service_account(PACKAGE + "x")
    forged = {**json.loads(key), "private_key": json.loads(other)["private_key"]}
    for wrong in (stranger, forged):
        with pytest.raises(ReauthRequiredError):
            list(client.mentions(account(clock, service_account=json.dumps(wrong))))
    with pytest.raises(AuthError):
        list(client.mentions(account(clock, service_account=other)))


def test_a_clock_that_is_wrong_gets_no_token(client: Client, servers: FakePlayReviews) -> None:
    pytest.importorskip("cryptography")
    key = servers.service_account(PACKAGE)
    slow = Clock()
    slow.forward(hours=-2)
    own = account(slow, service_account=key)
    with pytest.raises(ReauthRequiredError) as caught:
        list(client.mentions(own))
    assert "clock" in caught.value.remedy


def test_nothing_is_lost_or_doubled_over_many_pages(clock: Clock, play: PlayReviews) -> None:
    servers = FakePlayReviews(clock=clock, page=3)
    servers.consent("rahasia-segar", PACKAGE)
    patient = RetryPolicy(ceiling=1e9)  # more calls than an hour allows
    client = Client(transport=servers, sleep=lambda _: None, retry=patient)
    told, wrote, cursor = list[str](), set[str](), None
    for step in range(40):
        for number in range(4):
            clock.forward(minutes=11)
            wrote.add(servers.citizen("wati").review(PACKAGE, f"{step}.{number}"))
        for page in client.pages(play, since=cursor):
            told += [item.id for item in page.items]
            cursor = page.cursor
            if step % 3 == 1:  # killed after a page was kept
                break
    for _ in range(2):  # what was cut short, and what came meanwhile
        for page in client.pages(play, since=cursor):
            told += [item.id for item in page.items]
            cursor = page.cursor
    assert set(told) == wrote
    assert len(told) == len(wrote)


def test_google_shows_a_week(
    client: Client, servers: FakePlayReviews, play: PlayReviews, clock: Clock
) -> None:
    servers.citizen("wati").review(PACKAGE, "lama")
    clock.forward(days=8)
    servers.citizen("wati").review(PACKAGE, "baru")
    assert [item.text for item in client.mentions(play)] == ["baru"]


def test_a_changed_review_comes_again_and_a_deleted_one_cannot_be_answered(
    client: Client, servers: FakePlayReviews, play: PlayReviews, clock: Clock
) -> None:
    asked = servers.citizen("wati").review(PACKAGE, "buruk")
    *_, page = client.pages(play)
    clock.forward(hours=1)
    servers.edit(asked, "baik", stars=5)
    servers.fault("duplicate")
    (mention,) = client.mentions(play, since=page.cursor)
    assert (mention.id, mention.subject) == (asked, "5 dari 5 bintang")
    servers.delete(asked)
    with pytest.raises(NotFoundError):
        client.reply(play, mention, "Siap", key="k")
    assert client.find_reply(play, mention, key="k", text="Siap") is None


def test_what_an_officer_typed_is_not_taken_for_the_librarys(
    client: Client, servers: FakePlayReviews, play: PlayReviews
) -> None:
    asked = servers.citizen("wati").review(PACKAGE, "buruk")
    typed = servers.answer(asked, "Kami <b>cek</b>")
    (mention,) = client.mentions(play)
    assert [(each.id, each.text) for each in client.answers(play)] == [(typed, "Kami cek")]
    with pytest.raises(UnsupportedError):
        client.find_reply(play, mention, key="k", text="Lain")
    with pytest.raises(RejectedError):
        client.reply(play, mention, "", key="k")
    assert servers.answers == ["Kami cek"]


def test_the_world_outlives_its_process(clock: Clock, play: PlayReviews, tmp_path: Path) -> None:
    one = FakePlayReviews(folder=tmp_path, clock=clock)
    one.consent("rahasia-segar", PACKAGE)
    first = one.citizen("wati").review(PACKAGE, "satu")
    two = FakePlayReviews(folder=tmp_path, clock=clock)
    two.fault("clock_skew")
    second = two.citizen("wati").review(PACKAGE, "dua")
    client = Client(transport=two, sleep=lambda _: None)
    assert [item.id for item in client.mentions(play)] == [first, second]
