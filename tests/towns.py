"""Three agencies and their citizens on Bluesky, faked or real: the same script on both."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from pelayanan.desk import Config
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeBluesky
from servers import AtprotoClient, BlueskyAccount, BlueskyNetwork, BlueskyPost

__all__ = ["MONDAY", "Clock", "FakeTown", "RealTown", "Town", "config"]

MONDAY = datetime(2026, 11, 2, 2, tzinfo=UTC)  # 09:00 in Bengkulu

AGENCIES = ("dinsos", "dinkes", "pupr")


class Clock:
    now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def after(self, **more: float) -> None:
        self.now += timedelta(**more)


class Town(Protocol):
    transport: Transport | None
    base_url: str
    accounts: dict[str, tuple[str, str]]  # agency -> handle, password

    def fields(self, key: str) -> dict[str, Any]: ...

    def citizen(self, name: str) -> Any: ...

    def post(self, who: Any, text: str, *, to: str = "") -> str: ...

    def native(self, agency: str, uri: str, text: str) -> str: ...

    def replies(self, uri: str) -> list[str]: ...

    def record(self, uri: str) -> dict[str, Any]: ...

    def settle(self) -> None: ...


class FakeTown:
    def __init__(self, folder: Path | None = None, clock: Callable[[], Any] | None = None) -> None:
        options: dict[str, Any] = {"clock": clock} if clock else {}
        self.network = FakeBluesky(folder=folder, **options)
        self.transport: Transport | None = self.network
        self.base_url = f"https://{self.network.host}"
        self.accounts = {key: (f"{key}.test", f"sandi-{key}") for key in AGENCIES}
        for handle, password in self.accounts.values():
            self.network.agency(handle, password)

    def fields(self, key: str) -> dict[str, Any]:
        return bluesky_fields(self, key)

    def citizen(self, name: str) -> Any:
        return self.network.citizen(f"{name}.test").handle

    def post(self, who: Any, text: str, *, to: str = "") -> str:
        return self.network.write(who, text, to)

    def native(self, agency: str, uri: str, text: str) -> str:
        return self.network.officer(self.accounts[agency][0]).reply(uri, text)

    def replies(self, uri: str) -> list[str]:
        return [post["record"]["text"] for post in self.network.replies(uri)]

    def record(self, uri: str) -> dict[str, Any]:
        found: dict[str, Any] = next(p for p in self.network.posts() if p["uri"] == uri)["record"]
        return found

    def settle(self) -> None: ...


class RealTown:
    """On the real network; citizens and officers use Bluesky's own client."""

    def __init__(self, network: BlueskyNetwork, app: AtprotoClient) -> None:
        self.network, self.app = network, app
        self.transport: Transport | None = None
        self.base_url = network.pds
        self._mark = f"{int(time.time() * 1000) % 10**7:07d}"  # the network is shared by the run
        made = {key: network.create(f"{key}{self._mark}") for key in AGENCIES}
        self._agencies = made
        self.accounts = {key: (each.handle, each.password) for key, each in made.items()}
        self._posts: list[BlueskyPost] = []

    def fields(self, key: str) -> dict[str, Any]:
        return bluesky_fields(self, key)

    def citizen(self, name: str) -> Any:
        return self.network.create(f"{name}{self._mark}")

    def post(self, who: Any, text: str, *, to: str = "") -> str:
        made = self.app.reply_as(who, text, to=to) if to else self.app.post_as(who, text)
        self._posts.append(made)
        return made.uri

    def native(self, agency: str, uri: str, text: str) -> str:
        made = self.app.reply_as(self._agencies[agency], text, to=uri)
        self._posts.append(made)
        return made.uri

    def replies(self, uri: str) -> list[str]:
        thread = self.app.thread(self._reader, uri)
        return [reply["post"]["record"]["text"] for reply in thread.get("replies", [])]

    def record(self, uri: str) -> dict[str, Any]:
        self.app.wait_for(self._reader, [BlueskyPost(uri, "")])
        found: dict[str, Any] = self.app.thread(self._reader, uri)["post"]["record"]
        return found

    def settle(self) -> None:
        """The AppView hears of posts a little later."""
        self.app.wait_for(self._reader, self._posts)
        self._posts.clear()

    @property
    def _reader(self) -> BlueskyAccount:
        return self.network.warga


def bluesky_fields(town: Town, key: str) -> dict[str, Any]:
    """What the configuration says of an agency's account."""
    handle, base_url = town.accounts[key][0], town.base_url
    return {"key": f"{key}-bsky", "platform": "bluesky", "handle": handle, "base_url": base_url}


def config(town: Town, folder: Path, **more: Any) -> Config:
    """The configuration of a desk for the three agencies."""
    (folder / "rahasia").mkdir(parents=True, exist_ok=True)
    for key, (_, password) in town.accounts.items():
        place = folder / "rahasia" / key
        place.write_text(password)
        place.chmod(0o600)
    return Config.of(
        {
            "province": {"name": "Provinsi Contoh"},
            "agencies": [{"key": key, "name": f"Dinas {key}"} for key in town.accounts],
            "accounts": [
                {
                    "agency": key,
                    "password": f"file:rahasia/{key}",
                    "since": "2026-01-01",
                    **town.fields(key),
                }
                for key in town.accounts
            ],
            **more,
        },
        folder=folder,
    )
