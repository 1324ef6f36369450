"""X x every capability it claims, on the sync client, asyncio and trio."""

import json
import logging
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import new as hmac
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import PelayananError
from pelayanan.platforms import X
from pelayanan.protocol.transport import CallRecord
from pelayanan.testing import FakeX
from pelayanan.testing._x_world import CONSUMER_SECRET
from pelayanan.testing.asking import MODES
from pelayanan.testing.conformance import (
    AnswerConformance,
    CheckConformance,
    MentionConformance,
    PublicationFinderConformance,
    PublishConformance,
    ReplyConformance,
    ReplyFinderConformance,
    SearchConformance,
    WebhookConformance,
    World,
    capabilities_of,
)
from pelayanan.testing.fake import Fault

NAMES: dict[str, type] = {
    "MentionSource": MentionConformance,
    "SearchSource": SearchConformance,
    "WebhookSource": WebhookConformance,
    "AnswerSource": AnswerConformance,
    "Replier": ReplyConformance,
    "ReplyFinder": ReplyFinderConformance,
    "Publisher": PublishConformance,
    "PublicationFinder": PublicationFinderConformance,
    "Checkable": CheckConformance,
}
TOKEN = json.dumps({"access_token": "akses-rahasia", "refresh_token": "segar-rahasia"})


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class XWorld(World):
    """Posts that name the account."""

    secret = "akses-rahasia"
    webhook_days = 8.0

    def __init__(self) -> None:
        self.transport = self.fake = FakeX()
        self.count = 0
        self.fake.agency(token=self.secret, refresh="segar-rahasia")
        self.account = self.made(TOKEN)

    def made(self, token: str) -> X:
        return X("dinsos_contoh", token, client_id="klien", consumer_secret=CONSUMER_SECRET)

    def citizen(self) -> Any:
        self.count += 1
        return self.fake.citizen(f"warga_{self.count}")

    def write(self, text: str) -> str:
        return str(self.citizen().post(f"@dinsos_contoh {text}"))

    def mutter(self, text: str) -> str:
        return str(self.citizen().post(text))

    def answer(self, message_id: str, text: str) -> str:
        return str(self.fake.officer().reply(message_id, text))

    def said(self) -> list[str]:
        return self.fake.published

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def pushed(self) -> list[tuple[Mapping[str, str], bytes]]:
        return [(each.headers, each.body) for each in self.fake.webhooks()]

    def wrong_account(self) -> X:
        return self.made("salah")


class TestX(
    MentionConformance,
    SearchConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    PublishConformance,
    PublicationFinderConformance,
    WebhookConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return XWorld()

    def test_the_handshake_proves_that_the_secret_is_known(self, world: World) -> None:
        answer = json.loads(world.account.handshake({"crc_token": "bWFkZS11cC10b2tlbg=="}))
        digest = hmac(CONSUMER_SECRET.encode(), b"bWFkZS11cC10b2tlbg==", sha256).digest()
        assert answer == {"response_token": f"sha256={b64encode(digest).decode()}"}

    def test_nobody_gets_a_body_signed_by_asking(self, world: World) -> None:
        for body in ('{"data": {}}', "{}", "[1]", '"x"', "", "a" * 257):
            assert world.account.handshake({"crc_token": body}) is None


class XMessageWorld(XWorld):
    """Direct messages to the account."""

    def write(self, text: str) -> str:
        return str(self.citizen().message(text))


class TestXMessages(
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    WebhookConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return XMessageWorld()


class XOlderWorld(XWorld):
    """The same account, asked in the vocabulary of before."""

    def made(self, token: str) -> X:
        secret = CONSUMER_SECRET
        return X("dinsos_contoh", token, client_id="klien", consumer_secret=secret, dialect="tweet")


class TestXInItsOlderVocabulary(
    MentionConformance, ReplyConformance, ReplyFinderConformance, AnswerConformance
):
    @pytest.fixture
    def world(self) -> World:
        return XOlderWorld()


def test_every_capability_that_is_claimed_is_tested() -> None:
    claimed = {NAMES[each] for each in capabilities_of(XWorld().account)}
    assert claimed == {each for each in NAMES.values() if issubclass(TestX, each)}


def test_the_token_is_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    world = XWorld()
    caplog.set_level(logging.DEBUG)
    records: list[CallRecord] = []
    client = Client(transport=world.fake, sleep=lambda _: None, on_call=records.append)
    world.write("halo")
    told = [repr(client.check(world.account)), repr(vars(world.account))]
    for fault in ("busy", "broken", "expired_token", "dead"):
        world.fake.fault(fault, times=9)
        with pytest.raises(PelayananError) as caught:
            client.run(world.account.find_publication(key="k", text="x"))
        told += [repr(caught.value), str(vars(caught.value)), str(caught.getrepr())]
        while world.fake.strikes(fault):
            pass
    assert records
    shown = f"{told} {records} {[each.getMessage() for each in caplog.records]}"
    for secret in ("akses-rahasia", "segar-rahasia", CONSUMER_SECRET, "akses-baru", "segar-baru"):
        assert secret not in shown
    assert "kata-kata X" not in shown
