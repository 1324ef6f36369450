"""The transports of both drivers over httpx, which no other file knows."""

from typing import Any

import httpx

from pelayanan.errors import TransportError, UnsupportedError
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Answer, Call, Transport


class Http(Transport):
    """Carries HTTP calls, blocking."""

    def __init__(self) -> None:
        self._pool = httpx.Client(timeout=30.0)

    def http(self, request: Request) -> Response:
        try:
            return _incoming(self._pool.request(**_outgoing(request)))
        except httpx.HTTPError as error:
            raise _lost(request, error) from None

    def close(self) -> None:
        self._pool.close()


class AsyncHttp:
    """Carries HTTP calls on the event loop."""

    def __init__(self) -> None:
        self._pool = httpx.AsyncClient(timeout=30.0)

    async def carry(self, call: Call) -> Answer:
        if not isinstance(call, Request):
            raise UnsupportedError(f"{call.operation}: {type(self).__name__} carries no mail")
        try:
            return _incoming(await self._pool.request(**_outgoing(call)))
        except httpx.HTTPError as error:
            raise _lost(call, error) from None

    async def close(self) -> None:
        await self._pool.aclose()


def _outgoing(request: Request) -> dict[str, Any]:
    """Arguments for httpx. Opens the uploads, afresh for each attempt."""
    files = [
        (file.field, (file.filename, file.open(), file.media_type)) for file in request.uploads
    ]
    return {
        "method": request.method,
        "url": request.url,
        "params": dict(request.params) or None,
        "headers": dict(request.headers),
        "json": request.json,
        "data": request.form,
        "files": files or None,
        "content": request.body() if request.body else None,
    }


def _incoming(raw: httpx.Response) -> Response:
    headers = {name.lower(): value for name, value in raw.headers.items()}
    return Response(raw.status_code, headers, raw.content)


def _lost(request: Request, error: httpx.HTTPError) -> TransportError:
    # str(error) and the request URL may hold a token: keep only the kind of failure
    return TransportError(type(error).__name__, operation=request.operation)
