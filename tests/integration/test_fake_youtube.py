"""From a citizen's comment to the answer, on servers that lose answers and count units."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import (
    NotFoundError,
    PolicyError,
    QuotaError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TokenExpiredError,
    TooLongError,
    TransportError,
)
from pelayanan.models import Mention
from pelayanan.platforms import YouTube
from pelayanan.protocol.media import MediaFile
from pelayanan.testing import FakeYouTube

Drive = Callable[..., Any]
OWN = "UCdinsos"


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
def servers(clock: Clock) -> FakeYouTube:
    fake = FakeYouTube(clock=clock)
    fake.consent("rahasia-segar", OWN)
    return fake


@pytest.fixture
def youtube(clock: Clock) -> YouTube:
    return account(clock)


def account(clock: Clock, refresh_token: str = "rahasia-segar", **more: Any) -> YouTube:
    place = "https://youtube.example"
    return YouTube(
        OWN,
        client_id="klien",
        client_secret="rahasia-klien",
        refresh_token=refresh_token,
        base_url=place,
        token_url=f"{place}/token",
        clock=clock,
        **more,
    )


@pytest.fixture
def client(servers: FakeYouTube, naps: list[float]) -> Client:
    return Client(transport=servers, sleep=naps.append)


def ask(servers: FakeYouTube, text: str = "Jam layanan?", who: str = "wati") -> str:
    return servers.citizen(who).comment(servers.video(OWN), text)


def first(client: Client, youtube: YouTube) -> Mention:
    return next(iter(client.mentions(youtube)))


def test_the_whole_way(drive: Drive, servers: FakeYouTube, youtube: YouTube) -> None:
    asked = ask(servers)
    (mention,) = drive(lambda client: client.mentions(youtube), servers)
    assert (mention.id, mention.author.handle) == (asked, "wati_contoh")
    sent = drive(lambda client: client.reply(youtube, mention, "Pukul 8", key="k"), servers)
    assert [each["id"] for each in servers.replies(asked)] == [sent.id]
    found = drive(
        lambda client: client.find_reply(youtube, mention, key="k", text="Pukul 8"), servers
    )
    assert found == sent
    assert [each.id for each in drive(lambda client: client.answers(youtube), servers)] == [sent.id]
    assert drive(lambda client: client.check(youtube), servers).ok


def test_nothing_is_lost_or_doubled_over_many_pages(clock: Clock, youtube: YouTube) -> None:
    servers = FakeYouTube(clock=clock, page=7)
    servers.consent("rahasia-segar", OWN)
    video, told, cursor = servers.video(OWN), list[str](), None
    asked: set[str] = set()
    client = Client(transport=servers, sleep=lambda _: None)
    for step in range(30):
        for number in range(5):
            clock.forward(minutes=7)
            asked.add(servers.citizen(f"w{number}").comment(video, f"{step}.{number}"))
            if number == 3:  # below something old
                old = sorted(asked)[step]
                asked.add(servers.citizen("budi").reply(old, "Bagaimana?"))
        pages = client.pages(youtube, since=cursor)
        for page in pages:
            told += [item.id for item in page.items]
            cursor = page.cursor
            if step % 4 == 1:  # killed after a page was kept
                break
    clock.forward(hours=7)
    for page in client.pages(youtube, since=cursor):
        told += [item.id for item in page.items]
        cursor = page.cursor
    told += [item.id for item in client.mentions(youtube, since=cursor)]
    assert set(told) == asked
    assert len(told) == len(asked)


def test_late_replies_are_seen_within_hours(
    client: Client, servers: FakeYouTube, youtube: YouTube, clock: Clock
) -> None:
    old = ask(servers, "lama")
    clock.forward(days=9)
    ask(servers, "baru")
    *_, page = client.pages(youtube)
    clock.forward(hours=1)
    late = servers.citizen("budi").reply(old, "Saya juga")
    clock.forward(hours=6)
    assert [item.id for item in client.mentions(youtube, since=page.cursor)] == [late]


def test_what_an_officer_types_in_the_app_is_an_answer(
    client: Client, servers: FakeYouTube, youtube: YouTube
) -> None:
    asked = ask(servers)
    typed = servers.officer(OWN).reply(asked, "Pukul 8, Bu")
    assert [(each.id, each.to) for each in client.answers(youtube)] == [(typed, asked)]
    assert [item.id for item in client.mentions(youtube)] == [asked]


def test_a_lost_answer_is_looked_up_and_stands_once(
    drive: Drive, servers: FakeYouTube, youtube: YouTube, naps: list[float]
) -> None:
    asked = ask(servers)
    (mention,) = drive(lambda client: client.mentions(youtube), servers)
    servers.fault("lost_reply")
    with pytest.raises(TransportError):
        drive(lambda client: client.reply(youtube, mention, "Pukul 8", key="k"), servers)
    found = drive(
        lambda client: client.find_reply(youtube, mention, key="k", text="Pukul 8"), servers
    )
    assert [each["id"] for each in servers.replies(asked)] == [found.id]
    assert naps == []


def test_a_broken_server_did_nothing(
    client: Client, servers: FakeYouTube, youtube: YouTube
) -> None:
    asked = ask(servers)
    mention = first(client, youtube)
    servers.fault("broken")
    with pytest.raises(ServerError):
        client.reply(youtube, mention, "Pukul 8", key="k")
    assert client.find_reply(youtube, mention, key="k", text="Pukul 8") is None
    assert servers.replies(asked) == []


def test_a_token_that_ends_in_mid_page_is_renewed(
    client: Client, servers: FakeYouTube, youtube: YouTube, clock: Clock
) -> None:
    ask(servers)
    servers.fault("expired_token")
    assert len(list(client.mentions(youtube))) == 1
    clock.forward(hours=2)
    assert client.check(youtube).ok
    servers.fault("expired_token", times=2)
    with pytest.raises(TokenExpiredError):
        list(client.mentions(youtube))


def test_a_consent_in_testing_ends_after_a_week(
    client: Client, servers: FakeYouTube, clock: Clock
) -> None:
    servers.consent("rahasia-uji", OWN, testing=True)
    youtube = account(clock, "rahasia-uji")
    assert [one.name for one in client.check(youtube).findings if not one.ok] == ["token"]
    clock.forward(days=8)
    with pytest.raises(ReauthRequiredError):
        list(client.mentions(youtube))


def test_the_quota_of_a_day_ends_and_begins_anew(clock: Clock, youtube: YouTube) -> None:
    servers = FakeYouTube(clock=clock, units_per_day=120)
    servers.consent("rahasia-segar", OWN)
    ask(servers)
    calls: list[str] = []
    client = Client(
        transport=servers, sleep=lambda _: None, on_call=lambda call: calls.append(call.operation)
    )
    mention = first(client, youtube)
    for number in range(2):
        client.reply(youtube, mention, f"Jawaban {number}", key="k")
    assert servers.spent == sum(YouTube.UNITS[operation] for operation in calls)
    with pytest.raises(QuotaError) as caught:
        client.reply(youtube, mention, "Jawaban 3", key="k")
    wait = caught.value.retry_after
    assert wait == pytest.approx(4 * 3600)  # 20:00 in California
    clock.forward(seconds=wait or 0)
    client.reply(youtube, mention, "Jawaban 3", key="k")


def test_places_are_forgotten(clock: Clock, youtube: YouTube) -> None:
    servers = FakeYouTube(clock=clock, page=2)
    servers.consent("rahasia-segar", OWN)
    for number in range(5):
        clock.forward(minutes=1)
        ask(servers, str(number))
    client = Client(transport=servers, sleep=lambda _: None)
    page = next(client.pages(youtube))
    servers.forget_places()
    rest = [item.text for item in client.mentions(youtube, since=page.cursor)]
    assert sorted([*rest, *(item.text for item in page.items)]) == list("01234")


def test_edits_come_again_and_deleted_comments_do_not(
    client: Client, servers: FakeYouTube, youtube: YouTube, clock: Clock
) -> None:
    one, two = ask(servers, "satu"), ask(servers, "dua")
    *_, page = client.pages(youtube)
    clock.forward(minutes=5)
    servers.edit(one, "satu!")
    servers.delete(two)
    servers.fault("duplicate")
    assert [item.text for item in client.mentions(youtube, since=page.cursor)] == ["satu!"]


def test_what_cannot_be_answered(client: Client, servers: FakeYouTube, youtube: YouTube) -> None:
    video = servers.video(OWN)
    closed = servers.citizen("wati").comment(video, "tertutup", canReply=False)
    gone = servers.citizen("budi").comment(video, "hilang")
    mentions = {item.id: item for item in client.mentions(youtube)}
    with pytest.raises(PolicyError):
        client.reply(youtube, mentions[closed], "Pukul 8", key="k")
    with pytest.raises(RejectedError):
        client.reply(youtube, mentions[closed], "  ", key="k")
    servers.delete(gone)
    with pytest.raises(NotFoundError):
        client.reply(youtube, mentions[gone], "Pukul 8", key="k")
    assert client.find_reply(youtube, mentions[gone], key="k", text="Pukul 8") is None
    with pytest.raises(TooLongError):
        client.reply(youtube, mentions[closed], "a" * 10_001, key="k")


def test_a_video_is_found_after_its_answer_was_lost(
    client: Client, servers: FakeYouTube, youtube: YouTube
) -> None:
    film = MediaFile(
        filename="a.mp4",
        media_type="video/mp4",
        alt="Beras",
        size_bytes=3,
        sha256="0",
        width=1,
        height=1,
        open=lambda: io.BytesIO(b"isi"),
    )
    servers.fault("lost_reply", after=2)  # token and place arrive
    with pytest.raises(TransportError):
        client.run(youtube.publish("Beras tiba", [film], key="k"))
    found = client.find_publication(youtube, key="k", text="Beras tiba")
    assert found is not None
    assert not found.confirmed  # until the audit
    assert client.find_publication(youtube, key="k", text="Lain") is None


def test_the_world_outlives_its_process(clock: Clock, youtube: YouTube, tmp_path: Path) -> None:
    one = FakeYouTube(folder=tmp_path, clock=clock)
    one.consent("rahasia-segar", OWN)
    asked = ask(one)
    two = FakeYouTube(folder=tmp_path, clock=clock)
    two.fault("clock_skew")
    late = ask(two, "lagi")
    found = list(Client(transport=two, sleep=lambda _: None).mentions(youtube))
    assert [item.id for item in found] == [asked, late]
