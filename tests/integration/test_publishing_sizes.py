"""A photo that is too large for a platform goes out smaller, through the client and the desk."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pelayanan import Client, Config, Desk
from pelayanan.aid import AidEvent, AidItem, Funding
from pelayanan.platforms import Bluesky
from pelayanan.reply import DraftState
from pelayanan.testing import FakeTelegram
from towns import FakeTown, config

image = pytest.importorskip("PIL.Image")
LIMIT = 2_000_000
EVENT = AidEvent(
    agency="dinsos",
    occurred_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    region="17.71",
    items=(AidItem(name="beras", quantity=Decimal(10), unit="kg"),),
    funding=Funding.APBD,
    voluntary=True,
)


@pytest.fixture
def town() -> FakeTown:
    return FakeTown()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Noise, which no format makes small."""
    place, size = tmp_path / "besar.png", (1200, 900)
    noise = image.frombytes("RGB", size, Random(7).randbytes(size[0] * size[1] * 3))
    noise.save(place)
    assert place.stat().st_size > LIMIT
    return place


def sizes(town: FakeTown) -> list[tuple[int, str]]:
    (post,) = town.network.posts(town.accounts["dinsos"][0])
    pictures = post["record"]["embed"]["images"]
    return [(each["image"]["size"], each["alt"]) for each in pictures]


def test_a_client_makes_a_photo_fit(town: FakeTown, photo: Path, drive: Callable[..., Any]) -> None:
    account = Bluesky("dinsos.test", "sandi-dinsos", base_url=town.base_url)
    assert account.capabilities.image_bytes == LIMIT
    drive(
        lambda client: client.publish(account, "Bantuan", media=[photo], alt=["Beras"], key="k"),
        town.transport,
    )
    ((size, alt),) = sizes(town)
    assert LIMIT / 10 < size <= LIMIT
    assert alt == "Beras"


def test_a_desk_keeps_the_photo_as_it_is_and_sends_it_smaller(
    town: FakeTown, photo: Path, tmp_path: Path
) -> None:
    with Desk.open(config(town, tmp_path), transport=town.transport) as desk:
        event = desk.aid.log(EVENT)
        kept = desk.aid.attach(event.id, photo, alt="Beras", consent=None)
        assert desk.media.get(kept.sha256).size_bytes > LIMIT
        sent = desk.aid.publish(event.id, account="dinsos-bsky", text="Bantuan", by="rina")
        assert sent.state is DraftState.CONFIRMED, sent
    assert [size <= LIMIT for size, _ in sizes(town)] == [True]


def test_a_text_too_long_for_a_picture_is_told_before_somebody_approves_it(
    photo: Path, tmp_path: Path
) -> None:
    """Telegram takes 4,096 characters, and 1,024 below a photo."""
    (tmp_path / "token").write_text("123456:rahasia")
    account = {"key": "tg", "agency": "dinsos", "platform": "telegram", "channel": "@dinsos"}
    whole = {
        "agencies": [{"key": "dinsos", "name": "Dinas Sosial"}],
        "accounts": [account | {"token": "file:token"}],
    }
    with Desk.open(Config.of(whole, folder=tmp_path), transport=FakeTelegram()) as desk:
        event = desk.aid.log(EVENT)
        kept = desk.aid.attach(event.id, photo, alt="Beras", consent=None)
        assert kept.alt
        text = "Beras sepuluh kilogram sampai di Balai Desa Contoh. " * 30
        draft = desk.aid.publish(event.id, account="tg", text=text, by="rina")
        assert draft.state is DraftState.DRAFTED
        assert any("1.024" in need or "1024" in need for need in draft.needs), draft.needs


def test_a_small_photo_goes_out_as_it_is(town: FakeTown, tmp_path: Path) -> None:
    place = tmp_path / "kecil.jpg"
    image.new("RGB", (64, 48), (200, 30, 40)).save(place)
    account = Bluesky("dinsos.test", "sandi-dinsos", base_url=town.base_url)
    with Client(transport=town.transport) as client:
        client.publish(account, "Bantuan", media=[place], alt=["Beras"], key="k")
    ((size, _),) = sizes(town)
    assert 0 < size < 5_000
