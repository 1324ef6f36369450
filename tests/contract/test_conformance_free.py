"""Platforms that cost nothing x every capability they claim, on the sync client, asyncio and trio.

What a platform cannot promise is left out and said here: Telegram and YouTube keep no key, so the
same answer sent twice would stand twice (`SendConformance` instead of `ReplyConformance`), and the
same holds for what they publish (`PostConformance` instead of `PublishConformance`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.platforms import Feed, GoogleReviews, PlayReviews, Telegram, YouTube
from pelayanan.protocol.webhook import Pointer
from pelayanan.testing import (
    FakeFeed,
    FakeGoogleReviews,
    FakePlayReviews,
    FakeTelegram,
    FakeYouTube,
)
from pelayanan.testing._google_push import ACCOUNT, AUDIENCE
from pelayanan.testing.asking import MODES, Mode
from pelayanan.testing.conformance import (
    AnswerConformance,
    CheckConformance,
    FetchConformance,
    MentionConformance,
    PostConformance,
    PublicationFinderConformance,
    ReplyConformance,
    ReplyFinderConformance,
    SearchConformance,
    SendConformance,
    WebhookConformance,
    World,
    unproven,
)
from pelayanan.testing.fake import Fault

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
BOT, PACKAGE, CHANNEL = "dinsos_contoh_bot", "id.go.contoh.layanan", "UCdinsos"


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class FreeWorld(World):
    """What these worlds have in common: a time that stands still, and citizens who are new."""

    fake: Any

    def __init__(self, fake: Any) -> None:
        self.transport = self.fake = fake
        self.account = self.made(self.secret)
        self._count = 0

    def made(self, secret: str) -> Any:
        raise NotImplementedError

    def citizen(self) -> Any:
        self._count += 1
        return self.fake.citizen(f"warga{self._count}")

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def wrong_account(self) -> Any:
        return self.made(self.secret.replace("rahasia", "salah"))


class TelegramWorld(FreeWorld):
    secret = "123456:rahasia"

    def __init__(self) -> None:
        super().__init__(FakeTelegram(clock=lambda: NOW))
        self.fake.bot(BOT, self.secret)
        self.fake.channel("dinsos_kanal", bots=(BOT,))

    def made(self, secret: str) -> Telegram:
        where = "https://telegram.example"
        return Telegram(secret, channel="@dinsos_kanal", base_url=where, clock=lambda: NOW)

    def write(self, text: str) -> str:
        return str(self.citizen().write(text, to=BOT))

    def answer(self, message_id: str, text: str) -> str:
        raise NotImplementedError  # in private it is the bot that speaks

    def said(self) -> list[str]:
        return [str(each.get("text") or each.get("caption")) for each in self.fake.answers]


class TelegramPushWorld(TelegramWorld):
    """The same bot, to which Telegram pushes."""

    signs_body = False

    def __init__(self) -> None:
        super().__init__()
        with Client(transport=self.fake) as client:
            client.run(self.account.set_webhook("https://layanan.example/telegram"))
        self.told: list[tuple[Mapping[str, str], bytes]] = []

    def made(self, secret: str) -> Telegram:
        return Telegram(
            secret,
            handle=BOT,
            base_url="https://telegram.example",
            webhook_secret="kata-rahasia",
            clock=lambda: NOW,
        )

    def pushed(self) -> list[tuple[Mapping[str, str], bytes]]:
        self.told += self.fake.webhooks(BOT)
        return self.told


class GoogleWorld(FreeWorld):
    secret = "rahasia-segar"
    owner = ""

    def __init__(self, fake: Any) -> None:
        super().__init__(fake)
        fake.consent(self.secret, self.owner)

    def fields(self, refresh_token: str) -> dict[str, Any]:
        place = f"https://{self.fake.host}"
        return {
            "client_id": "klien",
            "client_secret": "rahasia-klien",
            "refresh_token": refresh_token,
            "base_url": place,
            "token_url": f"{place}/token",
            "clock": lambda: NOW,
        }


class YouTubeWorld(GoogleWorld):
    owner = CHANNEL
    needs_media = True
    media_type = "video/mp4"

    def __init__(self) -> None:
        super().__init__(FakeYouTube(clock=lambda: NOW))
        self.video = self.fake.video(CHANNEL)

    def made(self, secret: str) -> YouTube:
        return YouTube(CHANNEL, **self.fields(secret))

    def write(self, text: str) -> str:
        return str(self.citizen().comment(self.video, text))

    def mutter(self, text: str) -> str:
        channel = self.citizen().channel
        return str(self.fake.video(channel, text))

    def answer(self, message_id: str, text: str) -> str:
        return str(self.fake.officer(CHANNEL).reply(message_id, text))

    def said(self) -> list[str]:
        with self.fake.world() as state:
            known = state.get("comments", {}).values()
            own = [each for each in known if each["authorChannelId"]["value"] == CHANNEL]
            videos = [each for key, each in state["videos"].items() if key != self.video]
            told = [str(each["description"]) for each in videos]
            return [str(each["textOriginal"]) for each in own] + told


class FeedWorld(World):
    """A news site. Its feed only lists: nobody writes to it, and it has no secret."""

    secret = "tidak-ada"

    def __init__(self) -> None:
        self.transport = self.fake = FakeFeed(clock=lambda: NOW)
        self.account = Feed("https://berita.example/rss", clock=lambda: NOW)

    def mutter(self, text: str) -> str:
        return self.fake.publish(text)

    def write(self, text: str) -> str:
        raise NotImplementedError(text)

    def answer(self, message_id: str, text: str) -> str:
        raise NotImplementedError(message_id, text)

    def said(self) -> list[str]:
        return []


class ReviewWorld(GoogleWorld):
    def answer(self, message_id: str, text: str) -> str:
        return str(self.fake.answer(message_id, text))

    def said(self) -> list[str]:
        return list(self.fake.answers)


class PlayWorld(ReviewWorld):
    owner = PACKAGE

    def __init__(self) -> None:
        super().__init__(FakePlayReviews(clock=lambda: NOW))

    def made(self, secret: str) -> PlayReviews:
        return PlayReviews(PACKAGE, **self.fields(secret))

    def write(self, text: str) -> str:
        return str(self.citizen().review(PACKAGE, text))


class OfficesWorld(ReviewWorld):
    owner = "1"

    def __init__(self) -> None:
        super().__init__(FakeGoogleReviews(clock=lambda: NOW))
        self.fake.office("1", "2")

    def made(self, secret: str) -> GoogleReviews:
        return GoogleReviews("1", ["2"], **self.fields(secret))

    def write(self, text: str) -> str:
        return str(self.citizen().review("2", text))


class PushedOfficesWorld(OfficesWorld):
    """The same offices, of whose reviews Google tells."""

    signs_body = False

    def __init__(self) -> None:
        FreeWorld.__init__(self, FakeGoogleReviews())  # a token is of now
        self.fake.consent(self.secret, self.owner)
        self.fake.office("1", "2")
        with Client(transport=self.fake) as client:
            client.run(self.account.set_notifications("projects/contoh/topics/ulasan"))
            self.fake.rotate()
            client.run(self.account.fetch_keys())

    def made(self, secret: str) -> GoogleReviews:
        place = f"https://{self.fake.host}"
        fields: dict[str, Any] = self.fields(secret) | {"clock": lambda: datetime.now(UTC)}
        return GoogleReviews(
            "1",
            ["2"],
            push_audience=AUDIENCE,
            push_account=ACCOUNT,
            notifications_url=place,
            keys_url=f"{place}/oauth2/v3/certs",
            **fields,
        )

    def pushed(self) -> list[tuple[Mapping[str, str], bytes]]:
        return list(self.fake.webhooks())

    def announce(self, text: str) -> Pointer:
        self.write(text)
        (*_, pointer) = self.account.parse(self.pushed()[-1][1]).pointers
        assert isinstance(pointer, Pointer)
        return pointer


class TestPushedReviews(WebhookConformance, FetchConformance):
    @pytest.fixture
    def world(self) -> World:
        return PushedOfficesWorld()


class TestTelegram(MentionConformance, SendConformance, PostConformance, CheckConformance):
    @pytest.fixture
    def world(self) -> World:
        return TelegramWorld()

    def test_a_busy_or_broken_server_is_asked_again(self, world: World, mode: Mode) -> None:
        """What was fetched is gone, so each time somebody writes anew."""
        faults: Sequence[Fault] = ("busy", "busy_silent", "broken", "dead")
        for name in faults:
            wrote = world.write("halo")
            world.fault(name)
            assert [each.id for each in self.mentions(world, mode=mode)] == [wrote], name


class TestTelegramPush(WebhookConformance):
    @pytest.fixture
    def world(self) -> World:
        return TelegramPushWorld()


class TestFeed(SearchConformance):
    @pytest.fixture
    def world(self) -> World:
        return FeedWorld()


class TestYouTube(
    MentionConformance,
    SearchConformance,
    SendConformance,
    ReplyFinderConformance,
    AnswerConformance,
    PostConformance,
    PublicationFinderConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return YouTubeWorld()


class TestPlayReviews(
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return PlayWorld()


class TestGoogleReviews(
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return OfficesWorld()


@pytest.mark.parametrize(
    ("tested", "made"),
    [
        ((TestTelegram, TestTelegramPush), TelegramWorld),
        (TestYouTube, YouTubeWorld),
        (TestFeed, FeedWorld),
        (TestPlayReviews, PlayWorld),
        ((TestGoogleReviews, TestPushedReviews), OfficesWorld),
    ],
)
def test_every_capability_that_is_claimed_is_tested(tested: Any, made: Any) -> None:
    classes = tested if isinstance(tested, tuple) else (tested,)
    assert unproven(made().account, *classes) == set()
