"""The session of one account: logged in once, renewed once, shared by all its flows."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeGuard

from pydantic import ValidationError

from pelayanan.errors import AuthError
from pelayanan.models import Secret
from pelayanan.platforms._bluesky import Session, signed
from pelayanan.protocol.flow import Steps, blocking, fetch, keep, renewing
from pelayanan.protocol.request import Request

__all__ = ["Sessions"]

_PATIENCE_S = 5.0  # then a waiting flow looks again whether the other one still works on it


class Sessions:
    """Gives flows the account's session.

    Args:
        stored: Where a session outlives the process; ``None`` if it need not.
        request: Makes a call from verb and method, as the account does.
    """

    def __init__(
        self,
        handle: str,
        password: Secret,
        stored: Secret | None,
        request: Callable[..., Request],
    ) -> None:
        self._handle = handle
        self._password = password
        self._stored = stored
        self._request = request
        self._current = self._opened(stored)
        self._lock = threading.Lock()  # never held while a flow waits
        self._renewal: threading.Event | None = None

    def after(self, stale: Session | None) -> Steps[Session]:
        """The session to use once `stale` is known to be useless; ``None`` is no complaint.

        Many flows may find the same session stale at once: the first renews it, the others wait.
        """
        while True:
            with self._lock:
                current, renewal = self._current, self._renewal
                if current is not None and current is not stale:
                    return current
                if renewal is None:
                    self._renewal = threading.Event()
            if renewal is None:
                return (yield from self._renewing(stale))
            yield from blocking(partial(renewal.wait, _PATIENCE_S))

    def renew(self) -> Steps[Session]:
        """Renew the session although nobody complained of it; logs in where there is none."""
        return (yield from self.after(self._current))

    def _renewing(self, stale: Session | None) -> Steps[Session]:
        """Renew it, and whatever happens tell those who wait."""
        try:
            self._current = yield from self._renewed(stale)
            return self._current
        finally:
            done, self._renewal = self._renewal, None
            if done is not None:
                done.set()

    def _renewed(self, stale: Session | None) -> Steps[Session]:
        if not _can_keep(self._stored):
            return (yield from self._exchanged(stale))
        return (yield from renewing(self._stored, partial(self._kept, stale)))

    def _kept(self, stale: Session | None, stored: Secret) -> Steps[Session]:
        """Exchange what is stored by now: another process may have been first."""
        newest = self._opened(stored)
        if stale is None and newest is not None:
            return newest
        session = yield from self._exchanged(newest or stale)
        self._stored = yield from keep(stored, session.opened())
        return session

    def _exchanged(self, stale: Session | None) -> Steps[Session]:
        session = yield from (self._refresh(stale) if stale else self._log_in())
        return session.model_copy(update={"handle": self._handle})  # the name it was asked by

    def _refresh(self, stale: Session) -> Steps[Session]:
        call = self._request("refresh", "com.atproto.server.refreshSession", method="POST")
        with suppress(AuthError):  # too old or taken back: the password still stands
            return (yield from fetch(signed(call, stale.refreshJwt), Session))
        return (yield from self._log_in())

    def _log_in(self) -> Steps[Session]:
        body = {"identifier": self._handle, "password": self._password.get_secret_value()}
        call = self._request("login", "com.atproto.server.createSession", method="POST", json=body)
        return (yield from fetch(call, Session))

    def _opened(self, stored: Secret | None) -> Session | None:
        """Read a stored session; one that is empty, damaged or of another account is none."""
        try:
            session = Session.model_validate_json(stored.get_secret_value() if stored else "")
        except ValidationError:
            return None
        return session if session.handle == self._handle else None


def _can_keep(stored: Secret | None) -> TypeGuard[Secret]:
    """Whether a renewed session has a place; an environment variable is none."""
    return stored is not None and bool(stored.source) and not stored.source.startswith("env:")
