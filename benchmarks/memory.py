"""`desk.sync` of 5,000 and of 50,000 mentions: peak memory, and mentions a second.

Each in a process of its own; pages are made while they are asked for.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import payloads
from measure import Row

FEW, MANY = 5_000, 50_000


def rows() -> Iterable[Row]:
    """The peak of many beside that of few: flat is no more than a tenth above."""
    few, many = (_child(items) for items in (FEW, MANY))
    ratio = many["peak_mb"] / few["peak_mb"]
    yield Row(
        f"peak memory, sync of {MANY:,} mentions",
        f"{many['peak_mb']:.0f} MB",
        f"sync of {FEW:,}",
        f"{few['peak_mb']:.0f} MB",
        f"{ratio:.3g} x",
        "",
        "at most 1.1 x",
        ratio <= 1.1,
    )
    speed = f"{MANY / many['seconds']:,.0f} a second"
    yield Row(f"sync of {MANY:,} mentions", speed, "", "", "", "", "", None)


def _child(items: int) -> dict[str, float]:
    command = [sys.executable, __file__, str(items)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def _network(items: int) -> Any:
    from server import SESSION  # noqa: PLC0415

    from pelayanan.protocol.request import Request, Response  # noqa: PLC0415
    from pelayanan.protocol.transport import Transport  # noqa: PLC0415

    pages = payloads.bluesky_pages(items, people=items // 2)

    class Network(Transport):
        def http(self, request: Request) -> Response:
            if request.url.endswith("createSession"):
                return Response(200, {}, json.dumps(SESSION).encode())
            if request.url.endswith("getAuthorFeed"):
                return Response(200, {}, b'{"feed":[]}')
            return Response(200, {}, next(pages))

    return Network()


def _sync(items: int, folder: Path) -> None:
    import time  # noqa: PLC0415

    from pelayanan import Config, Desk  # noqa: PLC0415

    (folder / "sandi").write_text("sandi-contoh")
    (folder / "sandi").chmod(0o600)
    account = {"key": "dinsos-bsky", "agency": "dinsos", "platform": "bluesky"}
    account |= {"handle": "dinsos.example.test", "password": "file:sandi", "since": "2026-01-01"}
    agency = {"key": "dinsos", "name": "Dinas Sosial Contoh"}
    config = Config.of({"agencies": [agency], "accounts": [account]}, folder=folder)
    began = time.perf_counter()
    with Desk.open(config, transport=_network(items)) as desk:
        report = desk.sync()
    seconds = time.perf_counter() - began
    assert report.new == items, report
    print(json.dumps({"peak_mb": _peak_mb(), "seconds": seconds}))


def _peak_mb() -> float:
    """Of this process alone: what `getrusage` says begins at the size of who started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        _sync(int(sys.argv[1]), Path(place))
