"""The transports of both drivers over httpx, which no other file knows."""

import io
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import ExitStack, aclosing, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, BinaryIO, cast
from urllib.parse import urljoin, urlsplit

import httpx

from pelayanan.errors import ConfigError, ContractError, TransportError
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport

_CAP_BYTES = 64 * 1024 * 1024
_PATIENCE_S = 600.0  # a server that drips keeps no cron job for ever
_LATER_S = 600.0
_CHUNK_BYTES = 256 * 1024
_HOPS = 5
_PACKINGS = frozenset({"gzip", "deflate", "br", "zstd"})  # what httpx unpacks, whoever asked
_ASKED = (["gzip"], ["deflate"])  # they grow at most a thousandfold; others, and two, without end
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_REASONS: dict[type[OSError], str] = {  # our own words: the texts of these may hold an address
    ssl.SSLCertVerificationError: "its certificate is not trusted",
    socket.gaierror: "no such host",
    ConnectionRefusedError: "refused",
}
_MOVED = frozenset({301, 302, 303, 307, 308})
_HARMLESS = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match"})
_ours: ContextVar[bool] = ContextVar("pelayanan_sends", default=False)


class Http(Transport):
    """Carries HTTP calls, blocking."""

    def __init__(self, proxy: str | None = None) -> None:
        self._pool = _pool(httpx.Client, proxy)

    def http(self, request: Request) -> Response:
        response = self._once(request)
        for _ in range(_HOPS):
            if (onward := _onward(request, response)) is None:
                break
            request, response = onward, self._once(onward)
        return response

    def _once(self, request: Request) -> Response:
        with _outgoing(request, lambda body: body) as arguments, _guarded(request):  # noqa: SIM117  it needs the first
            with self._pool.stream(**arguments) as raw:
                body = _Body(request.operation, raw.headers)
                for chunk in raw.iter_bytes():
                    body.add(chunk)
        return body.response(raw)

    def close(self) -> None:
        self._pool.close()


class AsyncHttp:
    """Carries HTTP calls on the event loop."""

    def __init__(self, proxy: str | None = None) -> None:
        self._pool = _pool(httpx.AsyncClient, proxy)

    async def http(self, request: Request) -> Response:
        response = await self._once(request)
        for _ in range(_HOPS):
            if (onward := _onward(request, response)) is None:
                break
            request, response = onward, await self._once(onward)
        return response

    async def _once(self, request: Request) -> Response:
        with _outgoing(request, _chunks) as arguments, _guarded(request):
            async with self._pool.stream(**arguments) as raw, aclosing(raw.aiter_bytes()) as chunks:
                body = _Body(request.operation, raw.headers)
                async for chunk in chunks:
                    body.add(chunk)
        return body.response(raw)

    async def close(self) -> None:
        await self._pool.aclose()


def _pool(kind: Callable[..., Any], proxy: str | None) -> Any:
    """A client of httpx that keeps no cookies: accounts share it and must not meet in it."""
    try:
        return kind(
            timeout=httpx.Timeout(30.0, connect=10.0, pool=None),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"User-Agent": "pelayanan", "Accept-Encoding": "gzip, deflate"},
            proxy=proxy,
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=20),
        )
    except (ImportError, ValueError, httpx.InvalidURL):  # its text may hold the proxy's password
        message = 'proxy= and HTTPS_PROXY must be like "http://proxy.example:3128"'
        raise ConfigError(message) from None


class _Body:
    """An answer as it comes in, as long as it keeps within bounds."""

    def __init__(self, operation: str, headers: httpx.Headers) -> None:
        encodings = headers.get_list("content-encoding", split_commas=True)
        packed = [each for each in map(str.lower, encodings) if each in _PACKINGS]
        if packed and packed not in _ASKED:
            raise ContractError(f"an answer packed as {', '.join(packed)}", operation=operation)
        self._operation = operation
        self._chunks: list[bytes] = []
        self._left = _CAP_BYTES
        self._until = time.monotonic() + _PATIENCE_S

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._left -= len(chunk)
        if self._left < 0:
            size = f"an answer of more than {_CAP_BYTES >> 20} MiB"
            raise ContractError(size, operation=self._operation)
        if time.monotonic() > self._until:
            told = "the answer came too slowly"  # and would again: it is not asked for at once
            raise TransportError(told, operation=self._operation, retry_after=_LATER_S)

    def response(self, raw: httpx.Response) -> Response:
        headers = {name.lower(): value for name, value in raw.headers.items()}
        return Response(raw.status_code, headers, b"".join(self._chunks))


@contextmanager
def _outgoing(request: Request, stream: Callable[[BinaryIO], Any]) -> Generator[dict[str, Any]]:
    """Arguments for httpx. Files are opened afresh for each attempt and closed after it."""
    with ExitStack() as opened:
        headers = dict(request.headers)
        try:
            files = [
                (file.field, (file.filename, opened.enter_context(file.open()), file.media_type))
                for file in request.uploads
            ]
            body = opened.enter_context(request.body()) if request.body else None
        except OSError as error:
            message = f"{request.operation}: cannot open a file to send: {error.strerror}"
            raise ConfigError(message) from None
        if body is not None and body.seekable():
            headers["Content-Length"] = str(body.seek(0, io.SEEK_END))
            body.seek(0)
        yield {
            "method": request.method,
            "url": request.url,
            "params": dict(request.params) or None,
            "headers": headers,
            "json": request.json,
            "data": request.form,
            "files": files or None,
            "content": None if body is None else stream(body),
        }


async def _chunks(body: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := body.read(_CHUNK_BYTES):
        yield chunk


@contextmanager
def _guarded(request: Request) -> Generator[None]:
    """Let no error and no log line of httpx out: they hold the URL, and that may hold a token."""
    token = _ours.set(True)
    try:
        yield
    except httpx.HTTPError as error:
        raise _failure(request, error) from None
    except (httpx.InvalidURL, UnicodeError):
        raise _unsendable(request) from None
    finally:
        _ours.reset(token)


def _failure(request: Request, error: httpx.HTTPError) -> Exception:
    bad_header = isinstance(error, httpx.LocalProtocolError) and "Illegal header" in str(error)
    if bad_header or isinstance(error, httpx.UnsupportedProtocol):
        return _unsendable(request)
    sent = not isinstance(error, _UNSENT)
    message = " ".join(filter(None, (type(error).__name__, _reason(error))))
    return TransportError(message, operation=request.operation, sent=sent)


def _reason(error: BaseException | None) -> str:
    while error is not None:
        for kind, words in _REASONS.items():
            if isinstance(error, kind):
                return f"({words})"
        if isinstance(error, ExceptionGroup):  # one address after another was tried
            error = cast("ExceptionGroup[Exception]", error).exceptions[0]
        else:
            error = error.__cause__ or error.__context__
    return ""


def _unsendable(request: Request) -> ConfigError:
    return ConfigError(
        f"{request.operation}: the address or a header cannot be sent; "
        "check server, base_url and token for odd characters"
    )


def _onward(request: Request, response: Response) -> Request | None:
    """Where a read goes on that was redirected; credentials never go to another host."""
    place = urljoin(request.url, response.headers.get("location", ""))
    if request.method != "GET" or response.status not in _MOVED or place == request.url:
        return None
    there, here = urlsplit(place), urlsplit(request.url)
    home = (there.scheme, there.netloc) == (here.scheme, here.netloc)
    bare = {name.lower() for name in request.headers} <= _HARMLESS
    if not home and not (bare and there.scheme == "https"):
        return None
    return replace(request, url=place, params={})


class _NotOurs(logging.Filter):
    """Drops what httpx would log about our calls (whole URLs); those of others pass."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  all of them hold a URL
        return not _ours.get()


for _name in ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "proxy"))):
    logging.getLogger(_name).addFilter(_NotOurs())
