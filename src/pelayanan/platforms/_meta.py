"""What all platforms of Meta share: the Graph API's calls, with the token in a header.

API: https://developers.facebook.com/docs/graph-api/overview
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import BaseModel

from pelayanan.errors import ConfigError
from pelayanan.models import Secret
from pelayanan.platforms._meta_errors import classifier
from pelayanan.platforms._meta_usage import pause_s
from pelayanan.protocol.flow import Steps, fetch, parsed, send, sleep
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["AuthBy", "Graph", "Made", "appsecret_proof", "identifier", "secure"]

S = TypeVar("S")

AuthBy = Literal["header", "query"]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Made(BaseModel):
    """The answer to most writes."""

    id: str


def appsecret_proof(app_secret: str, token: str) -> str:
    """Proof that the caller knows the app's secret: hex HMAC-SHA256 of the token."""
    return hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest()


def secure(url: str) -> str:
    """The base of all addresses; raises `ConfigError` where a token would travel in the open."""
    parts = urlsplit(url)
    if not (parts.scheme == "https" or parts.hostname in _LOOPBACK) or parts.query:
        raise ConfigError("base_url must start with https://")
    return url.rstrip("/")


def identifier(value: str | int, name: str) -> str:
    """An id of Meta as it stands in addresses; raises `ConfigError` for anything else."""
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{name} is a number of many digits; it stands in the app's settings")
    return text


class Graph:
    """Calls of one account.

    Args:
        name: The platform's, for logs and errors.
        base: Address and version, ``"https://graph.facebook.com/v26.0"``.
        token: Replaced by whoever renews it.
        app_secret: Where given, each call carries `appsecret_proof`.
        codes: As in `classifier`.
        auth_by: Whether the token stands in a header or, as older manuals have it, in the
            address.
    """

    def __init__(
        self,
        name: str,
        base: str,
        token: Secret,
        *,
        app_secret: Secret | None = None,
        codes: Mapping[str, str] | None = None,
        auth_by: AuthBy = "header",
        throttle: Throttle | None = None,
    ) -> None:
        self.base = base
        self.token = token
        self.name = name
        self._app_secret = app_secret
        self._classify = classifier(codes)
        self._auth_by = auth_by
        self._throttle = throttle or Throttle(200, 60.0, name=budget(base, token))

    def request(
        self, verb: str, path: str, *, base: str = "", as_app: str = "", **rest: Any
    ) -> Request:
        """Describe a call. Reads may be repeated; a write only where `repeatable` says so.

        Args:
            base: Another host than the account's.
            as_app: The token of the app itself, in place of the account's.
        """
        token = as_app or self.token.get_secret_value()
        params: dict[str, Any] = {**rest.pop("params", {}), **self._proof(token)}
        headers = {**rest.pop("headers", {})}
        if self._auth_by == "query":
            params["access_token"] = token
        else:
            headers.setdefault("Authorization", f"Bearer {token}")
        rest.setdefault("repeatable", rest.get("method", "GET") == "GET")
        return Request(
            operation=f"{self.name}.{verb}",  # what logs and errors show instead of the URL
            url=f"{base or self.base}/{quote(path, safe='/:')}",
            params=params,
            headers=headers,
            throttle=self._throttle,
            classify=self._classify,
            **rest,
        )

    def fetch(self, verb: str, path: str, shape: type[S], **rest: Any) -> Steps[S]:
        """Make a call and validate the answer."""
        return (yield from fetch(self.request(verb, path, **rest), shape))

    def read(self, verb: str, path: str, shape: type[S], **rest: Any) -> Steps[S]:
        """The same for a listing: it slows down while the budget runs low, answers do not."""
        found, _ = yield from self.look(verb, path, shape, **rest)
        return found

    def look(self, verb: str, path: str, shape: type[S], **rest: Any) -> Steps[tuple[S, Response]]:
        """The same, and the answer as it came, for its headers."""
        request = self.request(verb, path, **rest)
        response = yield from send(request)
        if pause := pause_s(response.headers):
            yield from sleep(pause)
        return parsed(request, response, shape), response

    def _proof(self, token: str) -> dict[str, str]:
        if self._app_secret is None:
            return {}
        return {"appsecret_proof": appsecret_proof(self._app_secret.get_secret_value(), token)}
