"""Calls to the account's server, with its session."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from pelayanan.errors import TokenExpiredError
from pelayanan.models import Secret
from pelayanan.platforms._bluesky import Session, VoidTokenError, classify, signed
from pelayanan.platforms._bluesky_session import Sessions
from pelayanan.protocol.flow import Steps, fetch, send
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["Server"]

R = TypeVar("R")
S = TypeVar("S", bound=BaseModel)


class Server:
    """The server (PDS) of one account."""

    def __init__(self, base_url: str, handle: str, password: Secret, stored: Secret | None) -> None:
        self.base_url = base_url.rstrip("/")
        self._throttle = Throttle(3000, 300.0, name=budget(self.base_url, handle))
        self._sessions = Sessions(handle, password, stored, self.request)

    def request(self, verb: str, method_id: str, **rest: Any) -> Request:
        """Describe a call."""
        return Request(
            operation=f"bluesky.{verb}",
            url=f"{self.base_url}/xrpc/{method_id}",
            throttle=self._throttle,
            classify=classify,
            repeatable=True,  # reads, sessions, blobs, and writes with a record key of our own
            **rest,
        )

    def session(self) -> Steps[Session]:
        """The session as it stands; logs in where there is none."""
        return (yield from self._sessions.after(None))

    def renew(self) -> Steps[Session]:
        """Renew the session although it may still do."""
        return (yield from self._sessions.renew())

    def fetch(self, call: Request, shape: type[S]) -> Steps[S]:
        """Make a call as the account and validate the answer."""
        return (yield from self._as_account(call, lambda ready: fetch(ready, shape)))

    def send(self, call: Request) -> Steps[Response]:
        """Make a call as the account."""
        return (yield from self._as_account(call, send))

    def _as_account(self, call: Request, do: Callable[[Request], Steps[R]]) -> Steps[R]:
        session = yield from self._sessions.after(None)
        try:
            return (yield from do(signed(call, session.accessJwt)))
        except (TokenExpiredError, VoidTokenError):  # once: a second one goes to the caller
            session = yield from self._sessions.after(session)
            return (yield from do(signed(call, session.accessJwt)))
