"""Meta's platforms x every capability they claim, on the sync client, asyncio and trio."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import PelayananError
from pelayanan.models import Author, Mention
from pelayanan.platforms import FacebookPage, Instagram, Threads, WhatsApp
from pelayanan.protocol.transport import CallRecord
from pelayanan.protocol.webhook import Pointer
from pelayanan.testing import FakeFacebook, FakeInstagram, FakeThreads, FakeWhatsApp
from pelayanan.testing._meta import APP_SECRET, GraphFake
from pelayanan.testing.asking import MODES
from pelayanan.testing.conformance import (
    AnswerConformance,
    CheckConformance,
    FetchConformance,
    MentionConformance,
    PrivateReplyConformance,
    PublicationFinderConformance,
    PublishConformance,
    ReplyConformance,
    ReplyFinderConformance,
    SearchConformance,
    SendConformance,
    WebhookConformance,
    World,
    unproven,
)
from pelayanan.testing.fake import Fault


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class MetaWorld(World):
    """What the worlds of Meta have in common."""

    secret = "EAArahasiasekali"
    webhook_days = 8.0
    handshake: Mapping[str, str] | None = {
        "hub.mode": "subscribe",
        "hub.challenge": "1158201444",
        "hub.verify_token": "kata-rahasia",
    }
    fake: Any

    def __init__(self, fake: GraphFake) -> None:
        self.transport = self.fake = fake
        self.count = 0
        fake.agency("1060", token=self.secret)
        self.account = self.made(self.secret)

    def made(self, token: str) -> Any:
        raise NotImplementedError

    @property
    def options(self) -> dict[str, Any]:
        return {"app_secret": APP_SECRET, "verify_token": "kata-rahasia"}

    def name(self) -> str:
        self.count += 1
        return f"Warga Contoh {self.count}"

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def pushed(self) -> list[tuple[Mapping[str, str], bytes]]:
        return [(each.headers, each.body) for each in self.fake.webhooks()]

    def wrong_account(self) -> Any:
        return self.made("salah")


class WhatsAppWorld(MetaWorld):
    def __init__(self) -> None:
        super().__init__(FakeWhatsApp())

    def made(self, token: str) -> WhatsApp:
        return WhatsApp("1060", token, **self.options)

    def write(self, text: str) -> str:
        return str(self.fake.citizen(self.name(), hidden=self.count % 2 == 0).post(text))

    def answer(self, message_id: str, text: str) -> str:
        return str(self.fake.officer().reply(message_id, text))

    def said(self) -> list[str]:
        return [str(each["text"]) for each in self.fake.sent]


class TestWhatsApp(SendConformance, WebhookConformance, CheckConformance):
    @pytest.fixture
    def world(self) -> World:
        return WhatsAppWorld()

    def test_what_became_of_an_answer_is_pushed_with_its_key(self, world: World) -> None:
        world.write("kapan dibuka?")
        sent = self.reply(world, "Besok.", "kasus-1", "sync")
        (delivery,) = self.events(world).deliveries
        assert (delivery.id, delivery.key, delivery.state) == (sent.id, "kasus-1", "sent")

    def test_an_answer_on_the_agencys_phone_is_pushed(self, world: World) -> None:
        wrote = world.write("kapan dibuka?")
        answered = world.answer(wrote, "Besok.")
        (answer,) = self.events(world).answers
        assert (answer.id, answer.to, answer.text) == (answered, wrote, "Besok.")


class FacebookWorld(MetaWorld):
    def __init__(self) -> None:
        super().__init__(FakeFacebook())
        self.below = self.fake.officer().post("Jam layanan 08.00 sampai 16.00")

    def made(self, token: str) -> FacebookPage:
        return FacebookPage("1060", token, **self.options)

    def write(self, text: str) -> str:
        return str(self.fake.citizen(self.name()).comment(self.below, text))

    def announce(self, text: str) -> Pointer:
        return Pointer(id=self.write(text), ref={"kind": "comment", "post": self.below})

    def answer(self, message_id: str, text: str) -> str:
        return str(self.fake.officer().reply(message_id, text))

    def said(self) -> list[str]:
        return [text for text in self.fake.published if not text.startswith("Jam layanan")]


class TestFacebook(
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    PublishConformance,
    PublicationFinderConformance,
    PrivateReplyConformance,
    FetchConformance,
    WebhookConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return FacebookWorld()


class FacebookChatWorld(FacebookWorld):
    """The same Page, written to in private."""

    def write(self, text: str) -> str:
        return str(self.fake.citizen(self.name()).message(text))


class TestFacebookChat(
    ReplyConformance, ReplyFinderConformance, AnswerConformance, WebhookConformance
):
    @pytest.fixture
    def world(self) -> World:
        return FacebookChatWorld()


class InstagramWorld(MetaWorld):
    needs_media = True
    media_type = "image/jpeg"

    def __init__(self, *, bare: bool = False) -> None:
        super().__init__(FakeInstagram(bare=bare))
        self.below = self.fake.officer().post("Jam layanan 08.00 sampai 16.00")

    def made(self, token: str) -> Instagram:
        where = "https://media.example/{sha256}/{filename}"
        return Instagram("1060", "dinsos_contoh", token, media_url=where, **self.options)

    def write(self, text: str) -> str:
        return str(self.fake.citizen(f"warga.{self.name()[13:]}").comment(self.below, text))

    def announce(self, text: str) -> Pointer:
        return Pointer(id=self.write(text), ref={"kind": "comment", "media": self.below})

    def answer(self, message_id: str, text: str) -> str:
        return str(self.fake.officer().reply(message_id, text))

    def said(self) -> list[str]:
        return [text for text in self.fake.published if not text.startswith("Jam layanan")]


class TestInstagram(
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    PublishConformance,
    PublicationFinderConformance,
    PrivateReplyConformance,
    FetchConformance,
    WebhookConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return InstagramWorld()


class InstagramChatWorld(InstagramWorld):
    """The same account, written to in private; its webhooks are those of Instagram Login."""

    def __init__(self) -> None:
        super().__init__(bare=True)

    def write(self, text: str) -> str:
        return str(self.fake.citizen(f"warga.{self.name()[13:]}").message(text))


class TestInstagramChat(
    ReplyConformance, ReplyFinderConformance, AnswerConformance, WebhookConformance
):
    @pytest.fixture
    def world(self) -> World:
        return InstagramChatWorld()


class ThreadsWorld(MetaWorld):
    def __init__(self) -> None:
        super().__init__(FakeThreads())
        self.below = self.fake.officer().post("Jam layanan 08.00 sampai 16.00")

    def made(self, token: str) -> Threads:
        where = "https://media.example/{sha256}/{filename}"
        return Threads("1060", "dinsos_contoh", token, media_url=where, **self.options)

    def write(self, text: str) -> str:
        citizen = self.fake.citizen(f"warga.{self.name()[13:]}")
        return str(citizen.post(f"@dinsos_contoh {text}"))

    def mutter(self, text: str) -> str:
        return str(self.fake.citizen(f"warga.{self.name()[13:]}").post(text))

    def announce(self, text: str) -> Pointer:
        return Pointer(id=self.write(text), ref={})

    def answer(self, message_id: str, text: str) -> str:
        return str(self.fake.officer().reply(message_id, text))

    def said(self) -> list[str]:
        return [text for text in self.fake.published if not text.startswith("Jam layanan")]

    def pushed(self) -> list[tuple[Mapping[str, str], bytes]]:
        return super().pushed()[1:]  # without the post that the officer begins with


class TestThreads(
    MentionConformance,
    SearchConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    PublishConformance,
    PublicationFinderConformance,
    FetchConformance,
    WebhookConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return ThreadsWorld()


class ThreadsRepliesWorld(ThreadsWorld):
    """The same account, answered below its own post."""

    def write(self, text: str) -> str:
        return str(self.fake.citizen(f"warga.{self.name()[13:]}").reply(self.below, text))


class TestThreadsReplies(
    MentionConformance, ReplyConformance, ReplyFinderConformance, AnswerConformance
):
    @pytest.fixture
    def world(self) -> World:
        return ThreadsRepliesWorld()


TESTED: list[tuple[Any, Any]] = [
    (TestFacebook, FacebookWorld),
    (TestInstagram, InstagramWorld),
    (TestThreads, ThreadsWorld),
    (TestWhatsApp, WhatsAppWorld),
]


@pytest.mark.parametrize(("tested", "world"), TESTED)
def test_every_capability_that_is_claimed_is_tested(tested: Any, world: Any) -> None:
    assert unproven(world().account, tested) == set()


@pytest.mark.parametrize(("_", "made"), TESTED)
def test_the_token_is_in_no_log_and_no_error(
    _: Any, made: Any, caplog: pytest.LogCaptureFixture
) -> None:
    world = made()
    caplog.set_level(logging.DEBUG)
    records: list[CallRecord] = []
    client = Client(transport=world.fake, sleep=lambda _: None, on_call=records.append)
    world.write("halo")
    told = [repr(client.check(world.account))]
    for fault in ("busy", "broken", "expired_token", "dead"):
        world.fake.fault(fault, times=9)
        account = world.account
        if isinstance(account, WhatsApp):
            flow = account.template(_message(), "kabar", key="k")
        else:
            flow = account.find_publication(key="k", text="x")
        with pytest.raises(PelayananError) as caught:
            client.run(flow)
        told += [repr(caught.value), str(vars(caught.value)), str(caught.getrepr())]
        while world.fake.strikes(fault):
            pass
    assert records
    assert caplog.records
    shown = f"{told} {records} {[each.getMessage() for each in caplog.records]}"
    for secret in (world.secret, APP_SECRET, "kata-rahasia"):
        assert secret not in shown


def _message() -> Mention:
    who = Author(id="ID.1", handle="6281")
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Mention(platform="whatsapp", id="1", author=who, text="x", created_at=at)
