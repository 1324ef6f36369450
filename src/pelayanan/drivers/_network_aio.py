"""What `AsyncClient` sends by: HTTP on the event loop, all that may block in a thread."""

from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from pelayanan.drivers._network import Late, new_mail
from pelayanan.protocol.request import Request
from pelayanan.protocol.transport import Answer, Call, Transport, carry

if TYPE_CHECKING:
    from pelayanan.drivers._http import AsyncHttp
    from pelayanan.protocol.mail import MailAnswer, MailCall


class AsyncNetwork:
    """Carries HTTP on the event loop and mail in a thread."""

    def __init__(self, proxy: str | None = None) -> None:
        def http() -> "AsyncHttp":
            from pelayanan.drivers._http import AsyncHttp  # noqa: PLC0415  httpx costs 100 ms

            return AsyncHttp(proxy)

        self._http = Late(http)
        self._mail = Late(new_mail)

    async def carry(self, call: Call) -> Answer:
        if isinstance(call, Request):
            return await self._http.get().http(call)
        return await anyio.to_thread.run_sync(self._send, call)

    async def close(self) -> None:
        """Close the connections, also where the task is being cancelled."""
        with anyio.move_on_after(5, shield=True):
            if (http := self._http.take()) is not None:
                await http.close()
            if (mail := self._mail.take()) is not None:
                await anyio.to_thread.run_sync(mail.close)

    def _send(self, call: "MailCall") -> "MailAnswer":
        return self._mail.get().mail(call)


class InThread:
    """Keeps a transport that may block off the event loop."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def carry(self, call: Call) -> Answer:
        return await anyio.to_thread.run_sync(carry, self._transport, call)

    async def close(self) -> None:
        """Leave it open: it belongs to whoever made it."""
