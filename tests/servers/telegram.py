"""An emulator of Telegram's Bot API that somebody else wrote, on loopback.

It knows getMe, getUpdates and sendMessage, takes any token, and keeps no offsets: what was fetched
once is gone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from servers.process import ROOT, need, running, script, unavailable

__all__ = ["TelegramEmulator", "telegram_emulator"]

_NODE_DIR = Path(os.environ.get("NODE_DIR") or ROOT / ".build" / "node")


@dataclass(frozen=True)
class TelegramEmulator:
    """Where it listens."""

    base_url: str
    pid: int

    def write(self, token: str, person: int, text: str, *, date: int) -> None:
        """Write to a bot in private, as a citizen does in the app."""
        who = {"id": person, "is_bot": False, "first_name": "Warga Contoh"}
        chat = {"id": person, "type": "private", "first_name": "Warga Contoh"}
        body = {"botToken": token, "chat": chat, "from": who, "text": text, "date": date}
        self._call("sendMessage", body)

    def read(self, token: str, person: int) -> list[dict[str, Any]]:
        """What a bot wrote to a person and the person has not read yet."""
        found: list[dict[str, Any]] = self._call("getUpdates", {"token": token, "chatId": person})
        return [each["message"] for each in found]

    def _call(self, path: str, body: dict[str, Any]) -> Any:
        answer = httpx.post(f"{self.base_url}/{path}", json=body, timeout=20, trust_env=False)
        answer.raise_for_status()
        return answer.json()["result"]


@contextmanager
def telegram_emulator() -> Iterator[TelegramEmulator]:
    """Start an empty one."""
    command = script("telegram.mjs")
    need("node", install="apt-get install nodejs npm")
    if not (_NODE_DIR / "node_modules" / "telegram-test-api").exists():
        unavailable(f"telegram-test-api missing in {_NODE_DIR.name}: run `bash .ci/node`")
    environment = {"NODE_DIR": str(_NODE_DIR)}
    with running(["node", command], ports=1, environment=environment) as said:
        yield TelegramEmulator(said["bot_api"].partition("/bot")[0], said["pid"])
