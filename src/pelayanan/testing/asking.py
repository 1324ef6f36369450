"""The same verb on the sync client and on the async one on both event loops."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Literal, TypeAlias

import anyio

from pelayanan.drivers.aio import AsyncClient
from pelayanan.drivers.sync import Client
from pelayanan.protocol.transport import Transport

__all__ = ["MODES", "Mode", "ask"]

Mode: TypeAlias = Literal["sync", "asyncio", "trio"]
MODES: tuple[Mode, ...] = ("sync", "asyncio", "trio")


def ask(mode: Mode, transport: Transport | None, use: Callable[[Any], Any]) -> Any:
    """Do one thing with a client; what comes piece by piece becomes a list.

    Args:
        mode: Which client, on which loop. Nothing really sleeps.
        transport: Where calls go; ``None`` is the network.
        use: Gets the client and returns what its verb returned.
    """
    if mode == "sync":
        with Client(transport=transport, sleep=lambda _: None) as client:
            found = use(client)
            return [*found] if isinstance(found, Iterator) else found

    async def main() -> Any:
        async with AsyncClient(transport=transport, sleep=_no_nap) as client:
            found = use(client)
            if isinstance(found, AsyncIterator):
                return await _all(found)  # pyright: ignore[reportUnknownArgumentType]  any verb's
            return await found

    return anyio.run(main, backend=mode)


async def _all(pieces: AsyncIterator[Any]) -> list[Any]:
    return [piece async for piece in pieces]


async def _no_nap(_: float) -> None:
    """Waits are not waited for."""
