"""Telegram forgets what was confirmed: nothing may be confirmed that the desk has not kept."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pelayanan import Config, Desk
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeTelegram

NAME, TOKEN = "dinsos_contoh_bot", "123456:rahasia-contoh"
NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)


class Broken(Transport):
    """Ends a fetch once it was asked for updates a number of times: before or after it."""

    def __init__(self, inner: Transport, calls: int, *, answered: bool) -> None:
        self._inner = inner
        self._left = calls
        self._answered = answered

    def http(self, request: Request) -> Response:
        if not request.url.endswith("/getUpdates"):
            return self._inner.http(request)
        self._left -= 1
        if self._left == 0 and not self._answered:
            raise RuntimeError
        response = self._inner.http(request)
        if self._left == 0:
            raise RuntimeError
        return response


@pytest.fixture
def servers() -> FakeTelegram:
    fake = FakeTelegram(clock=lambda: NOW)
    fake.bot(NAME, TOKEN)
    return fake


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "token").write_text(TOKEN)
    account = {
        "key": "dinsos-telegram",
        "agency": "dinsos",
        "platform": "telegram",
        "token": "file:token",
        "base_url": "https://telegram.example",
        "since": "2026-11-01",
    }
    agencies = [{"key": "dinsos", "name": "Dinas Sosial"}]
    return Config.of({"agencies": agencies, "accounts": [account]}, folder=tmp_path)


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_a_fetch_that_ends_anywhere_loses_nothing(
    servers: FakeTelegram, config: Config, calls: int, *, answered: bool
) -> None:
    for number in range(250):
        servers.citizen(f"w{number}").write(f"Pesan {number}", to=NAME)
    broken = Broken(servers, calls, answered=answered)
    with Desk.open(config, transport=broken, clock=lambda: NOW) as desk:
        assert "RuntimeError" in desk.sync().failed[0].failed
    with Desk.open(config, transport=servers, clock=lambda: NOW) as desk:
        assert desk.sync().failed == ()
        texts = sorted(case.text for case in desk.cases())
        assert texts == sorted(f"Pesan {number}" for number in range(250))
    assert servers.waiting(NAME, None) == []


def test_an_answer_that_may_be_lost_waits_for_a_person(
    servers: FakeTelegram, config: Config
) -> None:
    servers.citizen("wati").write("Bantuan belum sampai", to=NAME)
    with Desk.open(config, transport=servers, clock=lambda: NOW) as desk:
        desk.sync()
        (case,) = desk.cases(status="open")
        servers.fault("lost_reply")
        text = "Kami cek ke gudang, kami kabari Selasa pukul 10. ^RN"
        draft = desk.reply(case.id, text, by="rina")
        assert (draft.state, bool(draft.needs)) == ("unknown", True)
        desk.send()
        desk.sync()
        assert [each["text"] for each in servers.answers] == [text]
        desk.settle(draft.id, sent=True, by="rina")
        assert list(desk.cases(status="open")) == []
    assert len(servers.answers) == 1
