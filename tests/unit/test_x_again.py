"""X: what stands is found again, however X shows it, and nothing is written twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.platforms import X
from pelayanan.testing import FakeX

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
US = "1550000000000000001"
ANSWERS = [
    "Bawa KTP & KK, lalu <isi> formulir.",
    "Formulir (lapor.go.id/a) ada di kantor.",
    "Baca “https://lapor.go.id/a/”, ya",
    "Silakan ke kafe\u0301 layanan.",  # typed in two signs, which X makes one
]


def account(**more: Any) -> X:
    return X("dinsos_contoh", "akses", **{"user_id": US, "clock": lambda: NOW, **more})


@pytest.fixture
def fake() -> FakeX:
    seconds: Iterator[datetime] = (NOW + timedelta(seconds=n) for n in range(1_000_000))
    return FakeX(clock=lambda: next(seconds))


@pytest.fixture
def client(fake: FakeX) -> Client:
    return Client(transport=fake, sleep=lambda _: None)


@pytest.mark.parametrize("text", ANSWERS)
@pytest.mark.parametrize("private", [False, True])
def test_an_answer_stands_once_whatever_signs_it_has(
    fake: FakeX, client: Client, text: str, *, private: bool
) -> None:
    wati = fake.citizen("wati_contoh")
    _ = wati.message("halo") if private else wati.post("@dinsos_contoh halo")
    (read,) = client.mentions(account())
    ids = {client.reply(account(), read, text, key="k").id for _ in range(2)}
    assert len(ids) == len(fake.published) == 1
