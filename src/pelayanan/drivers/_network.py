"""What `Client` sends by: HTTP and mail, each loaded at its first call."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport

if TYPE_CHECKING:
    from pelayanan.drivers._http import Http
    from pelayanan.drivers._mail import Mail
    from pelayanan.protocol.mail import MailAnswer, MailCall

T = TypeVar("T")


class Late(Generic[T]):
    """Something costly, made at its first use by whichever thread comes first."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: T | None = None

    def get(self) -> T:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def take(self) -> T | None:
        """What was made, if anything; the next use makes it anew."""
        with self._lock:
            made, self._made = self._made, None
            return made


def new_mail() -> "Mail":
    from pelayanan.drivers._mail import Mail  # noqa: PLC0415  most programs send none

    return Mail()


class Network(Transport):
    """Carries everything, blocking."""

    def __init__(self, proxy: str | None = None) -> None:
        def http() -> "Http":
            from pelayanan.drivers._http import Http  # noqa: PLC0415  httpx costs 100 ms

            return Http(proxy)

        self._http = Late(http)
        self._mail = Late(new_mail)

    def http(self, request: Request) -> Response:
        return self._http.get().http(request)

    def mail(self, call: "MailCall") -> "MailAnswer":
        return self._mail.get().mail(call)

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        for late in (self._http, self._mail):
            if (made := late.take()) is not None:
                made.close()
