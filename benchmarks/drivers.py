"""What our client costs beside a bare one: per call, and for a page from the wire to the disk.

Processor time of the client's process; the server is another one.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import server
import storing
from measure import Row, at_most, in_turns

CALLS = 300
ITEMS = 2_000


def rows() -> Iterable[Row]:
    """A small GET, and pages of mentions."""
    with server.running(ITEMS) as url:
        yield _calls(url)
        yield _pages(url)


def _calls(url: str) -> Row:
    import httpx  # noqa: PLC0415

    from pelayanan import Client  # noqa: PLC0415
    from pelayanan.protocol.flow import Steps, flow, send  # noqa: PLC0415
    from pelayanan.protocol.request import Request  # noqa: PLC0415

    @flow
    def get() -> Steps[bytes]:
        return (yield from send(Request(operation="contoh.get", url=f"{url}/small"))).body

    with Client() as client, httpx.Client() as bare:
        pair = in_turns(
            lambda: [client.run(get()) for _ in range(CALLS)],
            lambda: [bare.get(f"{url}/small").content for _ in range(CALLS)],
        )
    return at_most("one GET through the client", "reused httpx", pair, None, CALLS)


def _pages(url: str) -> Row:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        stores = storing.Stores(Path(folder), opened)
        rows = stores.rows_of(list(_listed(url)))
        turn = count()
        pair = in_turns(
            lambda: _ours(url, stores, next(turn)), lambda: _bare(url, stores, next(turn), rows)
        )
    per = ITEMS // 100
    what = "a page of 100 through client, retry, parse, store"
    return at_most(what, "httpx, json.loads, executemany", pair, 2, per)


def _account(url: str) -> Any:
    from pelayanan.platforms.bluesky import Bluesky  # noqa: PLC0415

    return Bluesky("dinsos.example.test", "sandi-contoh", base_url=url)


def _listed(url: str) -> Iterator[list[Any]]:
    from pelayanan import Client  # noqa: PLC0415

    with Client() as client:
        for page in client.pages(_account(url)):
            yield list(page.items)


def _ours(url: str, stores: storing.Stores, turn: int) -> None:
    for items in _listed(url):
        stores.keep(items, f"akun-{turn}")


def _bare(url: str, stores: storing.Stores, turn: int, pages: list[storing.TableRows]) -> None:
    import httpx  # noqa: PLC0415

    with httpx.Client() as client:
        client.post(f"{url}/login", json={})
        for rows in pages:
            json.loads(client.get(f"{url}/page").content)
            stores.raw(rows, f"{turn}")
