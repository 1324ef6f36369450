"""Calls to X in the name of one account: token, pacing, refusals, and what they cost.

API: https://docs.x.com/x-api/introduction
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pelayanan.errors import (
    ConfigError,
    ContractError,
    PlatformError,
    ServerError,
    TokenExpiredError,
    TransportError,
)
from pelayanan.platforms._x import Includes
from pelayanan.platforms._x_costs import Paid, Spending
from pelayanan.platforms._x_errors import Classify
from pelayanan.platforms._x_token import Tokens
from pelayanan.protocol.flow import Steps, parsed, send
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["Api", "secure", "told"]

T = TypeVar("T")

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_QUARTER = 900.0
# calls in a quarter of an hour for one user, by what X counts together (X-RATE); the last four are
# unverified and on the safe side
_LIMITS = {
    "mentions": 300,
    "search": 300,
    "posting": 100,
    "dm_reads": 15,
    "dm_writes": 15,
    "timeline": 300,
    "account": 75,
    "uploads": 500,
    "other": 75,
}


def secure(url: str) -> str:
    """The base of all addresses; raises `ConfigError` where a token would travel in the open."""
    parts = urlsplit(url)
    if not (parts.scheme == "https" or parts.hostname in _LOOPBACK) or parts.query:
        raise ConfigError("base_url must start with https://")
    return url.rstrip("/")


def told(kind: str, items: Iterable[Any], includes: Includes | None) -> Paid:
    """What a listing has to be paid for: its items, and what came along."""
    beside = includes or {}
    posts = [*_ids(beside.get("posts") or ()), *_ids(beside.get("tweets") or ())]
    paid = {"user_read": _ids(beside.get("users") or ()), "post_read": posts}
    return {**paid, kind: [*paid.get(kind, ()), *_ids(items)]}


def _ids(items: Iterable[Any]) -> list[str]:
    return [one.id if isinstance(one, Unreadable) else one.get("id") or "" for one in items]


class Api:
    """Makes calls.

    Args:
        base: Address without path.
        account: Names the account's budgets, the same in every process.
    """

    def __init__(
        self, base: str, account: str, tokens: Tokens, spending: Spending, classify: Classify
    ) -> None:
        self.base = base
        self.tokens = tokens
        self.spending = spending
        self._classify = classify
        self._throttles = {
            kind: Throttle(limit, _QUARTER, name=budget(base, account, kind))
            for kind, limit in _LIMITS.items()
        }

    def request(self, verb: str, path: str, kind: str, **rest: Any) -> Request:
        """Describe a call, still without its token. Reads may be repeated."""
        rest.setdefault("repeatable", rest.get("method", "GET") == "GET")
        return Request(
            operation=f"x.{verb}",  # what logs and errors show instead of the URL
            url=f"{self.base}/2/{path}",
            throttle=self._throttles[kind],
            classify=self._classify,
            **rest,
        )

    def send(self, call: Request) -> Steps[Response]:
        """Make a call as the account; a token that has ended is renewed, once."""
        token = yield from self.tokens.current()
        try:
            return (yield from send(_bearing(call, token)))
        except TokenExpiredError:  # refused: nothing happened
            token = yield from self.tokens.after(token)
        return (yield from send(_bearing(call, token)))

    def read(self, call: Request, shape: type[T], paid: Callable[[T], Paid]) -> Steps[T]:
        """Make a call that is paid for by what it tells."""
        charge = partial(self._charge, call, shape, paid)
        response = yield from self.send(replace(call, charge=charge))
        found = parsed(call, response, shape)
        yield from self.spending.add(paid(found))
        return found

    def fetch(self, call: Request, shape: type[T]) -> Steps[T]:
        """Make a call that costs nothing."""
        response = yield from self.send(call)
        return parsed(call, response, shape)

    def write(self, call: Request, shape: type[T], kind: str) -> Steps[T]:
        """Make a call that is paid for each time; one of unknown outcome counts as paid."""
        usd = self.spending.prices[kind]
        self.spending.allow(call.operation.partition(".")[2], usd)
        try:
            response = yield from self.send(replace(call, cost=usd))
        except PlatformError as error:
            lost = isinstance(error, TransportError) and error.sent
            if lost or error.in_doubt or isinstance(error, ServerError):
                yield from self.spending.add({kind: [""]})
            raise
        yield from self.spending.add({kind: [""]})
        return parsed(call, response, shape)

    def as_app(self, call: Request, token: str, shape: type[T]) -> Steps[T]:
        """Make a call in the name of the app itself."""
        response = yield from send(_bearing(call, token))
        return parsed(call, response, shape)

    def _charge(
        self,
        call: Request,
        shape: type[T],
        paid: Callable[[T], Paid],
        response: Response,
    ) -> Decimal:
        """What an answer costs, for who watches calls."""
        try:
            return self.spending.cost(paid(parsed(call, response, shape)))
        except ContractError:
            return Decimal(0)


def _bearing(call: Request, token: str) -> Request:
    headers: Mapping[str, str] = {**call.headers, "Authorization": f"Bearer {token}"}
    return replace(call, headers=headers)
