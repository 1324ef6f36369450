"""An office: a folder with a configuration, a network that is a fake, and the command line."""

import io
import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.cli import main
from pelayanan.testing import FakeBluesky

__all__ = [
    "LOG",
    "NIK",
    "NOW",
    "PHONE",
    "Office",
    "approved",
    "drafted",
    "heard",
    "picture",
    "typed",
    "unknown",
]

NOW = datetime(2026, 10, 12, 3, tzinfo=UTC)
NIK = "1771015503900001"
PHONE = "0812-3456-7890"
CONFIG = """
[province]
name = "Provinsi Contoh"

[[agencies]]
key = "dinsos"
name = "Dinas Sosial"

[[accounts]]
key = "dinsos-bsky"
agency = "dinsos"
platform = "bluesky"
handle = "dinsos.test"
password = "file:sandi"
base_url = "https://bluesky.example"
since = 2026-10-01
"""
ITEM = ("--item", "beras:10:kg:14000")
LOG = (
    *("aid", "log", "--agency", "dinsos", "--at", "2026-10-10T09:00", "--region", "17.71.01.1001"),
    *("--funding", "patungan_asn", "--voluntary", "ya", "--households", "12", *ITEM),
)


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Office:
    """A folder with a configuration, the network it talks to, and a clock."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    now: datetime = NOW
    naps: list[float] = field(default_factory=list)
    network: FakeBluesky = field(init=False)

    def __post_init__(self) -> None:
        self.network = FakeBluesky(clock=self.clock)
        self.network.agency("dinsos.test", "rahasia-contoh")

    def clock(self) -> datetime:
        return self.now

    def run(self, *words: str) -> Done:
        with Client(transport=self.network, sleep=self.naps.append) as client:
            code = main(words, client=client, clock=self.clock)
        said = self.capsys.readouterr()
        return Done(code, said.out, said.err)

    def write(self, text: str, who: str = "warga_contoh") -> str:
        return self.network.citizen(f"{who}.test").post(f"@dinsos.test {text}")

    def case(self, text: str = "Bantuan beras kok belum sampai?") -> str:
        """Id of the case of a citizen who writes now."""
        self.write(text)
        self.run("sync")
        *_, last = self.run("cases", "--json").json
        return str(last["id"])

    def event(self) -> str:
        (logged,) = self.run(*LOG, "--json").json
        return str(logged["id"])

    def replies(self) -> list[str]:
        said = [
            post["record"] for post in self.network.posts() if "dinsos.test" in str(post["author"])
        ]
        return [str(record["text"]) for record in said]


def heard(office: Office) -> str:
    """Id of a signal: somebody complains to nobody, and the office watches the word."""
    place = office.folder / "pelayanan.toml"
    watch = '\n[[watch]]\naccount = "dinsos-bsky"\nwords = ["bansos"]\n'
    place.write_text(place.read_text("utf-8") + watch, "utf-8")
    text = f"Bansos belum cair, WA {PHONE}"
    office.network.citizen("sri_contoh.test", name="Sri Contoh").post(text)
    office.run("sync")
    (signal,) = office.run("signals", "--json").json
    return str(signal["id"])


def typed(monkeypatch: pytest.MonkeyPatch, octets: bytes) -> None:
    """What somebody pipes into the command."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets), "utf-8"))


def drafted(office: Office) -> str:
    (draft,) = office.run("draft", office.case(), "Petugas kami datang besok.", "--json").json
    return str(draft["id"])


def approved(office: Office) -> str:
    (draft,) = office.run("approve", drafted(office), "--json").json
    return str(draft["id"])


def unknown(office: Office) -> str:
    """A draft of which nobody knows whether it went out, and a network that does not tell."""
    draft = approved(office)
    office.network.fault("lost_reply")
    office.network.fault("broken", times=50, after=1)
    assert office.run("send").code in {1, 75}
    return draft


def picture(office: Office) -> str:
    image = pytest.importorskip("PIL.Image")
    place = office.folder / "beras.jpg"
    image.new("RGB", (64, 48), "teal").save(place)
    return str(place)
