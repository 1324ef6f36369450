"""Who writes for an agency, and who only has the same name on another server."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Config, Mention
from pelayanan.desk._intakes import Intakes
from pelayanan.models import Author
from pelayanan.platforms import YouTube
from pelayanan.protocol.capabilities import names_of
from pelayanan.store import Store

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)


def intakes(store: Store) -> Intakes:
    servers = {"dinsos-m": "https://satu.example", "dinkes-m": "https://dua.example"}
    accounts = [
        {"key": key, "agency": key[:6], "platform": "mastodon", "server": server, "token": "env:X"}
        for key, server in servers.items()
    ]
    agencies = [{"key": key[:6], "name": key} for key in servers]
    return Intakes(
        Config.of({"agencies": agencies, "accounts": accounts}),
        store,
        clock=lambda: NOW,
        own=[("dinsos-m", "mastodon", "dinsos"), ("dinkes-m", "mastodon", "Dinkes")],
        registered=dict.fromkeys(servers, 0),
    )


@pytest.mark.parametrize(
    ("told", "handle", "own"),
    [
        ("dinsos-m", "dinsos", True),
        ("dinsos-m", "dinkes@dua.example", True),
        ("dinkes-m", "dinsos@satu.example", True),
        ("dinkes-m", "dinkes", True),
        ("dinkes-m", "dinsos", False),  # a citizen of the second server
        ("dinsos-m", "dinsos@tiga.example", False),
        ("dinsos-m", "", False),  # the account was deleted
    ],
)
def test_a_name_is_that_of_its_server(tmp_path: Path, told: str, handle: str, *, own: bool) -> None:
    author = Author(id="7", handle=handle)
    said = Mention(platform="mastodon", id="1", author=author, text="halo", created_at=NOW)
    with Store(f"sqlite:///{tmp_path / 'uji.db'}") as store:
        assert intakes(store).is_own(said, told) is own


def test_an_agencys_channel_is_known_by_its_id_whatever_it_is_called(tmp_path: Path) -> None:
    """Another agency's comment below a video is no citizen's, though its shown name is not kept."""
    secrets: dict[str, Any] = {
        "client_id": "klien",
        "client_secret": "rahasia",
        "refresh_token": "rahasia",
    }
    account = {"key": "dinkes-yt", "agency": "dinkes", "platform": "youtube", "channel": "UCdinkes"}
    agencies = [{"key": "dinkes", "name": "Dinas Kesehatan"}]
    whole = {"agencies": agencies, "accounts": [account | secrets | {"handle": "Dinkes"}]}
    officer = Author(id="UCdinkes", handle="dinkes_contoh")
    said = Mention(platform="youtube", id="1", author=officer, text="halo", created_at=NOW)
    citizen = said.model_copy(update={"author": Author(id="UCwarga", handle="warga")})
    channel = YouTube("UCdinkes", handle="Dinkes", **secrets)
    with Store(f"sqlite:///{tmp_path / 'uji.db'}") as store:
        known = Intakes(
            Config.of(whole),
            store,
            clock=lambda: NOW,
            own=[("dinkes-yt", "youtube", name) for name in names_of(channel)],
            registered={"dinkes-yt": 0},
        )
        assert known.is_own(said, "dinkes-yt")
        assert not known.is_own(citizen, "dinkes-yt")
        nobody = said.model_copy(update={"author": Author(id="", handle="")})
        assert not known.is_own(nobody, "dinkes-yt")
