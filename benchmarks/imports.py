"""How long programs take to start, and how much disk the core takes.

In an environment of the core alone: other packages slow `import httpx` down.
"""

import subprocess
from collections.abc import Iterable

import fresh
from measure import CHILDREN, Row, at_most, in_turns

_TURNS = 21
_HTTPX_AND_A_MODEL = """
import httpx
from pydantic import BaseModel
class Message(BaseModel):
    id: str
"""
_CLIENT_AND_A_MESSAGE = """
from datetime import UTC, datetime
from pelayanan import Author, Client, Mention
import pelayanan.drivers._http  # what the first call loads
Client()
author = Author(id="1", handle="warga_contoh")
Mention(platform="x", id="1", author=author, text="halo", created_at=datetime.now(UTC))
"""


def rows() -> Iterable[Row]:
    """Starts beside a bare Python and beside what the client stands on."""
    bare = ("python -c pass", ["-c", "pass"])
    yield _beside("import pelayanan", ["-c", "import pelayanan"], *bare, 1.2)
    peer = ("import httpx, one model", ["-c", _HTTPX_AND_A_MODEL])
    yield _beside("Client used, a message made", ["-c", _CLIENT_AND_A_MESSAGE], *peer, 1.15)
    yield _beside("pelayanan --help", [fresh.program("pelayanan"), "--help"], *bare, 3)
    size = fresh.size_bytes() / 1e6
    yield Row("installed core", f"{size:.0f} MB", "", "", "", "", "at most 150 MB", size <= 150)


def _beside(what: str, ours: list[str], peer_name: str, peer: list[str], limit: float) -> Row:
    pair = in_turns(lambda: _run(ours), lambda: _run(peer), turns=_TURNS, clock=CHILDREN)
    return at_most(what, peer_name, pair, limit)


def _run(words: list[str]) -> None:
    subprocess.run([fresh.program("python"), *words], check=True, stdout=subprocess.DEVNULL)
