"""The real Bluesky network on loopback, and people on it who use Bluesky's own client."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from servers.process import ROOT, die_with_parent, need, running, script, stop, unavailable

__all__ = ["AtprotoClient", "BlueskyAccount", "BlueskyNetwork", "BlueskyPost", "bluesky_network"]

_NODE_DIR = Path(os.environ.get("NODE_DIR") or ROOT / ".build" / "node")
_INDEXED_S = 60.0
_PAGE = 25  # app.bsky.feed.getPosts takes so many


@dataclass(frozen=True)
class BlueskyAccount:
    handle: str
    password: str
    did: str


@dataclass(frozen=True)
class BlueskyPost:
    uri: str
    cid: str


@dataclass(frozen=True)
class BlueskyNetwork:
    """Addresses of the servers, and the two accounts that every network begins with."""

    pds: str
    """Log in here; it hands app.bsky reads on to the AppView."""
    appview: str | None
    plc: str
    accounts: dict[str, BlueskyAccount]
    pid: int

    @property
    def dinas(self) -> BlueskyAccount:
        return self.accounts["dinas.test"]

    @property
    def warga(self) -> BlueskyAccount:
        return self.accounts["warga.test"]

    def create(self, name: str) -> BlueskyAccount:
        """Open an account `name.test`; names are 3 to 18 letters, digits and hyphens."""
        body = {
            "handle": f"{name}.test",
            "email": f"{name}@example.test",
            "password": f"rahasia-{name}",
        }
        made = self.call("com.atproto.server.createAccount", body)
        return BlueskyAccount(body["handle"], body["password"], made["did"])

    def log_in(self, account: BlueskyAccount) -> str:
        """Return a fresh access token, got by plain HTTP."""
        body = {"identifier": account.did, "password": account.password}
        token: str = self.call("com.atproto.server.createSession", body)["accessJwt"]
        return token

    def call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST to the PDS without any client library."""
        answer = httpx.post(f"{self.pds}/xrpc/{method}", json=body, timeout=30, trust_env=False)
        answer.raise_for_status()
        read: dict[str, Any] = answer.json()
        return read


class AtprotoClient:
    """Bluesky's own client (`@atproto/api`): what people do in the app, not through us."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def post_as(self, who: BlueskyAccount, text: str) -> BlueskyPost:
        """Post; each `@handle` in the text becomes a mention with its facet."""
        return BlueskyPost(**self.do(who, "post", text=text))

    def reply_as(self, who: BlueskyAccount, text: str, *, to: str) -> BlueskyPost:
        """Answer the post with the at-URI `to`, in its thread."""
        return BlueskyPost(**self.do(who, "reply", text=text, to=to))

    def thread(self, who: BlueskyAccount, uri: str) -> dict[str, Any]:
        """Read a thread as the app shows it: `.post` and `.replies`."""
        found: dict[str, Any] = self.do(who, "thread", uri=uri)
        return found

    def wait_for(self, who: BlueskyAccount, posts: Sequence[BlueskyPost]) -> None:
        """Return when the AppView shows all `posts`: it hears of them a little later."""
        left = [post.uri for post in posts]
        end = time.monotonic() + _INDEXED_S
        while left:
            shown = {post["uri"] for post in self.do(who, "posts", uris=left[:_PAGE])}
            left = [uri for uri in left if uri not in shown]
            if not shown and time.monotonic() > end:
                raise TimeoutError(f"the AppView does not show {left[0]} after {_INDEXED_S} s")
            if not shown:
                time.sleep(0.05)

    def do(self, who: BlueskyAccount, verb: str, **rest: Any) -> Any:
        """Run one verb of `atproto_client.mjs` in the name of `who`."""
        command = {"as": who.handle, "password": who.password, "do": verb, **rest}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{verb} as {who.handle}: {answer['error']}")
        return answer["ok"]


@contextmanager
def bluesky_network(*options: str) -> Iterator[BlueskyNetwork]:
    """Start an empty network; `--no-appview` and `--rate-limits` as the script takes them."""
    command = script("bluesky.mjs")
    _need_node()
    if "--no-appview" not in options:
        need("redis-server", install="apt-get install redis-server")
        if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            unavailable("PostgreSQL missing: apt-get install postgresql-15")
    environment = {"NODE_DIR": str(_NODE_DIR)}
    with running(["node", command], *options, ports=5, environment=environment) as said:
        people = {
            handle: BlueskyAccount(handle, found["password"], found["did"])
            for handle, found in said["accounts"].items()
        }
        yield BlueskyNetwork(said["pds"], said["appview"], said["plc"], people, said["pid"])


@contextmanager
def atproto_client(network: BlueskyNetwork) -> Iterator[AtprotoClient]:
    """Start the client for one network; each account logs in at its first command."""
    _need_node()
    program = Path(__file__).with_name("atproto_client.mjs")
    process = subprocess.Popen(
        ["node", str(program), network.pds],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"NODE_DIR": str(_NODE_DIR)},
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509  no thread runs while fixtures start
    )
    try:
        yield AtprotoClient(process)
    finally:
        stop(process)


def _need_node() -> None:
    need("node", install="apt-get install nodejs npm")
    if not (_NODE_DIR / "node_modules" / "@atproto" / "dev-env").exists():
        unavailable(f"Bluesky's packages missing in {_NODE_DIR.name}: run `bash .ci/node`")
