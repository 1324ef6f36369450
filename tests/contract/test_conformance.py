"""Every platform x every capability it claims, on the sync client, asyncio and trio."""

from typing import Any

import pytest

from pelayanan.platforms import Bluesky, Email, Mastodon
from pelayanan.testing import FakeBluesky, FakeMailbox, FakeMastodon
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
    World,
    unproven,
)
from pelayanan.testing.fake import Fault


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class _Numbers:
    """Names for citizens who have not written before."""

    count = 0

    def next(self) -> int:
        self.count += 1
        return self.count


class BlueskyWorld(World):
    secret = "sandi-rahasia"

    def __init__(self) -> None:
        self.transport = self.fake = FakeBluesky()
        self.fake.agency("dinsos.test", self.secret)
        self.account = self._account(self.secret)
        self._numbers = _Numbers()

    def _account(self, password: str) -> Bluesky:
        return Bluesky("dinsos.test", password, base_url=f"https://{self.fake.host}")

    def write(self, text: str) -> str:
        citizen = self.fake.citizen(f"warga{self._numbers.next()}.test")
        return citizen.post(f"@dinsos.test {text}")

    def mutter(self, text: str) -> str:
        return self.fake.citizen(f"warga{self._numbers.next()}.test").post(text)

    def answer(self, message_id: str, text: str) -> str:
        return self.fake.officer("dinsos.test").reply(message_id, text)

    def said(self) -> list[str]:
        return [post["record"]["text"] for post in self.fake.posts("dinsos.test")]

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def wrong_account(self) -> Any:
        return self._account("salah")


class MastodonWorld(World):
    secret = "token-rahasia"

    def __init__(self) -> None:
        self.transport = self.fake = FakeMastodon()
        self.fake.agency("dinsos", token=self.secret)
        self.account = Mastodon(f"https://{self.fake.host}", token=self.secret)
        self._numbers = _Numbers()

    def write(self, text: str) -> str:
        return self.fake.citizen(f"warga{self._numbers.next()}").post(f"@dinsos {text}")

    def mutter(self, text: str) -> str:
        return self.fake.citizen(f"warga{self._numbers.next()}").post(text)

    def answer(self, message_id: str, text: str) -> str:
        return self.fake.officer("dinsos").reply(message_id, text)

    def said(self) -> list[str]:
        return [str(status["content"]) for status in self.fake.answers]

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def wrong_account(self) -> Any:
        return Mastodon(f"https://{self.fake.host}", token="salah")


class EmailWorld(World):
    secret = "sandi-rahasia"

    def __init__(self) -> None:
        self.transport = self.fake = FakeMailbox()
        self.fake.agency("dinsos@prov.example", password=self.secret)
        self.account = self._account(self.secret)
        self._numbers = _Numbers()

    def _account(self, password: str) -> Email:
        host = self.fake.host
        return Email("dinsos@prov.example", password, imap=f"{host}:993", smtp=f"{host}:465")

    def write(self, text: str) -> str:
        citizen = self.fake.citizen(f"warga{self._numbers.next()}@warga.example")
        return citizen.post(text, to="dinsos@prov.example", subject="Tanya")

    def answer(self, message_id: str, text: str) -> str:
        return self.fake.officer("dinsos@prov.example").reply(message_id, text)

    def said(self) -> list[str]:
        sent = [
            mail.decode(errors="replace")
            for number in range(1, self._numbers.count + 1)
            for mail in self.fake.messages(f"warga{number}@warga.example")
        ]
        return [text.replace("=\r\n", "") for text in sent]

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def wrong_account(self) -> Any:
        return self._account("salah")


class TestBluesky(
    MentionConformance,
    SearchConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    PublishConformance,
    PublicationFinderConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return BlueskyWorld()


class TestMastodon(
    MentionConformance,
    SearchConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    PublishConformance,
    PublicationFinderConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return MastodonWorld()


class TestEmail(
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return EmailWorld()


@pytest.mark.parametrize(
    ("tested", "world"),
    [(TestBluesky, BlueskyWorld), (TestMastodon, MastodonWorld), (TestEmail, EmailWorld)],
)
def test_every_capability_that_is_claimed_is_tested(tested: Any, world: Any) -> None:
    assert unproven(world().account, tested) == set()
