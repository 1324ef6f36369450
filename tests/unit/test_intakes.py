"""Who writes for an agency, and who only has the same name on another server."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pelayanan import Config, Mention
from pelayanan.desk._intakes import Intakes
from pelayanan.models import Author
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
