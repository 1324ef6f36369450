"""A flood of webhooks, doubled and out of order, on a process that is killed again and again."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pelayanan.desk import Config, Desk
from pelayanan.testing.fake_whatsapp import FakeWhatsApp

EVENTS = int(os.environ.get("PELAYANAN_FLOOD", "1000"))  # the full one: 10000
KILLS = 10
CITIZENS = 400
WORKER = Path(__file__).with_name("hook_worker.py")


def settings(folder: Path) -> dict[str, Any]:
    for name, content in (("token", "rahasia-token"), ("app", "rahasia-aplikasi")):
        place = folder / name
        place.write_text(content)
        place.chmod(0o600)
    return {
        "agencies": [{"key": "dinsos", "name": "Dinas Sosial"}],
        "accounts": [
            {
                "key": "dinsos-wa",
                "agency": "dinsos",
                "platform": "whatsapp",
                "phone_number_id": "1060",
                "token": "file:token",
                "app_secret": "file:app",
                "since": "2026-01-01",
            }
        ],
    }


def flood(random: Random) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Webhooks of distinct messages with 30 % doubles, out of order; and messages per citizen."""
    fake = FakeWhatsApp(app_secret="rahasia-aplikasi")
    fake.agency("1060", token="rahasia-token")
    wrote: dict[str, int] = {}
    for number in range(int(EVENTS / 1.3)):
        name = f"Warga Contoh {random.randrange(CITIZENS)}"
        fake.citizen(name, agency="1060").post(f"pesan nomor {number}")
        wrote[name] = wrote.get(name, 0) + 1
    told = [
        {"headers": dict(each.headers), "body": base64.b64encode(each.body).decode()}
        for each in fake.webhooks()
    ]
    told += random.choices(told, k=EVENTS - len(told))
    for start in range(0, len(told), 50):  # reordered within windows, as networks do
        part = told[start : start + 50]
        random.shuffle(part)
        told[start : start + 50] = part
    return told, wrote


class Platform:
    """Sends each webhook until it is answered with 200, as platforms do."""

    def __init__(self, folder: Path, told: list[dict[str, Any]]) -> None:
        self.folder, self.told = folder, told
        self.answered: set[int] = set()

    def send(self, *, until: int | None) -> None:
        """Give a process what is not answered yet; kill it after so many answers."""
        left = [number for number in range(len(self.told)) if number not in self.answered]
        process = subprocess.Popen(
            [sys.executable, str(WORKER), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        writer = threading.Thread(target=self._write, args=(process.stdin, left), daemon=True)
        writer.start()
        for count, line in enumerate(process.stdout, 1):
            number, status = line.split()
            assert status == "200"
            self.answered.add(int(number))
            if until is not None and count >= until:
                process.kill()
                break
        for rest in process.stdout:  # what was answered before the kill was answered
            if len(parts := rest.split()) == 2:
                self.answered.add(int(parts[0]))
        process.wait()
        writer.join()
        process.stdout.close()

    def _write(self, pipe: Any, numbers: list[int]) -> None:
        with suppress(OSError):
            for number in numbers:
                pipe.write(json.dumps({"number": number, **self.told[number]}) + "\n")
        with suppress(OSError):
            pipe.close()


def test_no_webhook_that_was_answered_is_missing_after_ten_kills(
    tmp_path: Path, figures: Callable[[str], None]
) -> None:
    random = Random(11)
    told, wrote = flood(random)
    config = settings(tmp_path)
    (tmp_path / "workspace.json").write_text(json.dumps(config))
    platform = Platform(tmp_path, told)
    for _ in range(KILLS):
        platform.send(until=random.randrange(1, EVENTS // (KILLS + 2)))
    platform.send(until=None)
    assert len(platform.answered) == len(told)
    with Desk.open(Config.of(config, folder=tmp_path)) as desk:
        desk.sync()  # reads what was durable and not read when a kill came
        counts = desk.store.counts()
        cases = list(desk.cases())
        assert counts["messages"] == sum(wrote.values())
        assert len(cases) == len(wrote)  # one open case a citizen
        assert sum(case.contacts for case in cases) == sum(wrote.values()) - len(wrote)
        assert desk.verify() == []
    figures(f"webhooks: {len(told)} sent, {counts['messages']} messages, {KILLS} kills, none lost")


@pytest.mark.parametrize("change", ["body", "signature", "missing", "truncated"])
def test_a_forged_webhook_is_refused_and_leaves_nothing(tmp_path: Path, change: str) -> None:
    fake = FakeWhatsApp(app_secret="rahasia-aplikasi")
    fake.agency("1060", token="rahasia-token")
    fake.citizen("Wati Contoh", agency="1060").post("halo")
    (hook,) = fake.webhooks()
    headers, body = dict(hook.headers), hook.body
    name = "X-Hub-Signature-256"
    match change:
        case "body":
            body = body.replace(b"halo", b"hola")
        case "signature":
            headers[name] = "sha256=" + "0" * 64
        case "missing":
            del headers[name]
        case _:
            headers[name] = headers[name][:-2]
    with Desk.open(Config.of(settings(tmp_path), folder=tmp_path)) as desk:
        assert desk.receive("dinsos-wa", headers, body).status == 403
        assert desk.receive("dinsos-wa", dict(hook.headers), hook.body).status == 200
        assert desk.receive("tidak-ada", headers, body).status == 404
        assert len(list(desk.cases())) == 1
