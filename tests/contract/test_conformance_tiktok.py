"""TikTok x every capability it claims, on the sync client, asyncio and trio."""

import json
from typing import Any

import pytest

from pelayanan.platforms import TikTok
from pelayanan.testing import FakeTikTok
from pelayanan.testing.asking import MODES
from pelayanan.testing.conformance import (
    AnswerConformance,
    CheckConformance,
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    World,
    unproven,
)
from pelayanan.testing.fake import Fault


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TikTokWorld(World):
    secret = "act.rahasia"

    def __init__(self) -> None:
        self.transport = self.fake = FakeTikTok(token=self.secret, refresh_token="rft.rahasia")
        self.video = self.fake.video()
        self.account = self.made(self.secret)
        self._citizens = 0

    def made(self, access: str, refresh: str = "rft.rahasia") -> TikTok:
        pair = {"access_token": access, "refresh_token": refresh}
        token = json.dumps({**pair, "expires": "2099-01-01T00:00:00Z"})
        app: dict[str, Any] = {"client_id": "klien", "client_secret": "rahasia-klien"}
        return TikTok("open-dinsos", token, experimental=True, **app)

    def write(self, text: str) -> str:
        self._citizens += 1
        return self.fake.citizen(f"warga{self._citizens}").comment(self.video, text)

    def answer(self, message_id: str, text: str) -> str:
        return self.fake.officer().comment(self.video, text, below=message_id)

    def said(self) -> list[str]:
        return self.fake.answers

    def fault(self, name: Fault) -> None:
        self.fake.fault(name)

    def wrong_account(self) -> Any:
        return self.made("salah", "rft.salah")


class TestTikTok(
    MentionConformance,
    ReplyConformance,
    ReplyFinderConformance,
    AnswerConformance,
    CheckConformance,
):
    @pytest.fixture
    def world(self) -> World:
        return TikTokWorld()


def test_every_capability_that_is_claimed_is_tested() -> None:
    assert unproven(TikTokWorld().account, TestTikTok) == set()
