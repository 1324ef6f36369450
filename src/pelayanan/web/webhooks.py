"""Webhooks in: one address per account, ``…/ACCOUNT``. Needs no web framework of its own."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import anyio.to_thread

from pelayanan.desk.desk import Desk
from pelayanan.desk.receiving import Received

__all__ = ["webhooks"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
_MOST_BYTES = 4 * 1024 * 1024  # the largest body of the platforms' manuals is 3 MB (Meta)


def webhooks(desk: Desk) -> App:
    """An ASGI app that gives ``GET`` (handshakes) and ``POST`` (events) to the desk.

    The last part of the path names the account. An event is durable before 200 is answered.

    Args:
        desk: Of the province; its methods run in threads, so the loop stays free.
    """

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        account = str(scope["path"]).rstrip("/").rpartition("/")[2]
        if scope["method"] == "GET":
            params = dict(parse_qsl(scope["query_string"].decode("latin-1")))
            answer = await anyio.to_thread.run_sync(desk.handshake, account, params)
        elif scope["method"] == "POST":
            body = await _body(receive)
            if body is None:
                answer = Received(status=413)
            else:
                answer = await anyio.to_thread.run_sync(
                    desk.receive, account, _headers(scope), body
                )
        else:
            answer = Received(status=405)
        await _answer(send, answer)

    return app


async def _body(receive: Receive) -> bytes | None:
    """The whole body, ``None`` where it is larger than any platform sends."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _MOST_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _headers(scope: Message) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _answer(send: Send, answer: Received) -> None:
    kind = (b"content-type", f"{answer.media_type}; charset=utf-8".encode())
    await send({"type": "http.response.start", "status": answer.status, "headers": [kind]})
    await send({"type": "http.response.body", "body": answer.body.encode()})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
