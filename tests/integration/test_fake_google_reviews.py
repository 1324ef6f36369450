"""From a review of an office to the one reply that Google looks at before it shows it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import (
    AccessTierError,
    AuthError,
    NotFoundError,
    PolicyError,
    RejectedError,
    UnsupportedError,
)
from pelayanan.models import Mention
from pelayanan.platforms import GoogleReviews
from pelayanan.testing import FakeGoogleReviews

Drive = Callable[..., Any]


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


def opened(clock: Clock, **more: Any) -> FakeGoogleReviews:
    fake = FakeGoogleReviews(clock=clock, **more)
    fake.consent("rahasia-segar", "1")
    for office in ("2", "3", "4"):
        fake.office("1", office)
    return fake


@pytest.fixture
def servers(clock: Clock) -> FakeGoogleReviews:
    return opened(clock)


def account(clock: Clock, name: str = "1") -> GoogleReviews:
    place = "https://ulasan.example"
    return GoogleReviews(
        name,
        ["2", "3", "4"],
        client_id="klien",
        client_secret="rahasia-klien",
        refresh_token="rahasia-segar",
        base_url=place,
        token_url=f"{place}/token",
        clock=clock,
    )


@pytest.fixture
def offices(clock: Clock) -> GoogleReviews:
    return account(clock)


@pytest.fixture
def client(servers: FakeGoogleReviews, naps: list[float]) -> Client:
    return Client(transport=servers, sleep=naps.append)


def first(client: Client, offices: GoogleReviews) -> Mention:
    return next(iter(client.mentions(offices)))


def test_the_whole_way(drive: Drive, servers: FakeGoogleReviews, offices: GoogleReviews) -> None:
    asked = servers.citizen("wati").review("3", "Antre 4 jam", stars=2)
    (mention,) = drive(lambda client: client.mentions(offices), servers)
    assert (mention.id, mention.subject) == (asked, "2 dari 5 bintang")
    servers.fault("lost_reply", after=1)  # not the token's
    sent = drive(lambda client: client.reply(offices, mention, "Kami benahi", key="k"), servers)
    assert (servers.replies(asked), sent.confirmed) == (["Kami benahi"], True)
    assert [each.id for each in drive(lambda client: client.answers(offices), servers)] == [sent.id]
    assert drive(lambda client: client.check(offices), servers).ok


def test_nothing_is_lost_or_doubled_over_offices_and_pages(
    clock: Clock, offices: GoogleReviews
) -> None:
    servers = opened(clock, page=3)
    client = Client(transport=servers, sleep=lambda _: None)
    told, wrote, cursor = list[str](), set[str](), None
    for step in range(30):
        for number in range(5):
            clock.forward(minutes=13)
            office = ("2", "3", "4")[(step + number) % 3]
            wrote.add(servers.citizen("wati").review(office, f"{step}.{number}"))
        for page in client.pages(offices, since=cursor):
            told += [item.id for item in page.items]
            cursor = page.cursor
            if step % 3 == 1:  # killed after a page was kept
                break
    for _ in range(2):  # what was cut short, and what came meanwhile
        for page in client.pages(offices, since=cursor):
            told += [item.id for item in page.items]
            cursor = page.cursor
    assert set(told) == wrote
    assert len(told) == len(wrote)


def test_google_looks_at_replies_before_it_shows_them(clock: Clock, offices: GoogleReviews) -> None:
    servers = opened(clock, state="PENDING")
    client = Client(transport=servers, sleep=lambda _: None)
    asked = servers.citizen("wati").review("2", "Antre")
    mention = first(client, offices)
    sent = client.reply(offices, mention, "Kami benahi", key="k")
    assert not sent.confirmed
    servers.moderate(asked, "APPROVED")
    found = client.find_reply(offices, mention, key="k", text="Kami benahi")
    assert found == sent.model_copy(update={"confirmed": True})
    servers.moderate(asked, "REJECTED")
    with pytest.raises(UnsupportedError):
        client.find_reply(offices, mention, key="k", text="Kami benahi")
    assert list(client.answers(offices)) == []


def test_a_reply_that_google_refuses_is_told(clock: Clock, offices: GoogleReviews) -> None:
    servers = opened(clock, state="REJECTED")
    client = Client(transport=servers, sleep=lambda _: None)
    servers.citizen("wati").review("2", "Antre")
    with pytest.raises(PolicyError, match="CONTACT_INFO"):
        client.reply(offices, first(client, offices), "Telepon 08xx", key="k")


def test_late_replies_to_old_reviews_are_seen_within_hours(
    client: Client, servers: FakeGoogleReviews, offices: GoogleReviews, clock: Clock
) -> None:
    old = servers.citizen("wati").review("2", "lama")
    clock.forward(days=40)
    servers.citizen("budi").review("2", "baru")
    *_, page = client.answer_pages(offices)
    typed = servers.answer(old, "Sudah dibenahi")
    clock.forward(hours=7)
    assert [each.id for each in client.answers(offices, since=page.cursor)] == [typed]


def test_an_office_that_was_lost_stops_no_other(
    client: Client, servers: FakeGoogleReviews, offices: GoogleReviews
) -> None:
    servers.citizen("wati").review("4", "Antre")
    servers.close("2")
    pages = list(client.pages(offices))
    assert [item.text for page in pages for item in page.items] == ["Antre"]
    assert [each.id for page in pages for each in page.unreadable] == ["accounts/1/locations/2"]
    assert [one.ok for one in client.check(offices).findings if one.name == "location"] == [
        False,
        True,
        True,
    ]


def test_a_project_that_was_not_let_in_is_told_so(clock: Clock, offices: GoogleReviews) -> None:
    client = Client(transport=opened(clock, approved=False), sleep=lambda _: None)
    with pytest.raises(AccessTierError):
        list(client.mentions(offices))
    assert [one.name for one in client.check(offices).findings] == ["access"]


def test_edits_deletions_and_strangers(
    client: Client, servers: FakeGoogleReviews, offices: GoogleReviews, clock: Clock
) -> None:
    asked = servers.citizen("wati").review("2", "buruk")
    servers.citizen("budi").review("2", stars=5)  # stars alone
    *_, page = client.pages(offices)
    clock.forward(hours=1)
    servers.edit(asked, "baik", stars=5)
    servers.fault("duplicate")
    (mention,) = client.mentions(offices, since=page.cursor)
    assert (mention.id, mention.text) == (asked, "baik")
    with pytest.raises(RejectedError):
        client.reply(offices, mention, "", key="k")
    servers.delete(asked)
    with pytest.raises(NotFoundError):
        client.reply(offices, mention, "Siap", key="k")
    assert client.find_reply(offices, mention, key="k", text="Siap") is None
    assert servers.answers == []
    single = GoogleReviews(
        "7",
        "2",
        client_id="klien",
        client_secret="rahasia-klien",
        refresh_token="rahasia-segar",
        base_url="https://ulasan.example",
        token_url="https://ulasan.example/token",
        clock=clock,
    )
    with pytest.raises(AuthError):
        list(client.mentions(single))


def test_the_world_outlives_its_process(
    clock: Clock, offices: GoogleReviews, tmp_path: Path
) -> None:
    one = opened(clock, folder=tmp_path)
    first_one = one.citizen("wati").review("2", "satu")
    two = FakeGoogleReviews(folder=tmp_path, clock=clock)
    two.fault("clock_skew")
    second = two.citizen("wati").review("2", "dua")
    client = Client(transport=two, sleep=lambda _: None)
    assert [item.id for item in client.mentions(offices)] == [first_one, second]
