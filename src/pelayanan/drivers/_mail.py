"""The transport of mail calls over imaplib and smtplib, which no other room knows."""

import imaplib
import ipaddress
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TypeAlias

from pelayanan.drivers._imap import Imap, refusal
from pelayanan.drivers._smtp import LoginRefusedError, Smtp
from pelayanan.errors import ConfigError, TransportError
from pelayanan.protocol.mail import MailAnswer, MailCall

__all__ = ["Mail"]

_Key: TypeAlias = tuple[str, ...]


@dataclass
class _Slot:
    """One connection and the lock of whoever speaks on it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    imap: Imap | None = None
    smtp: Smtp | None = None

    def drop(self) -> None:
        """Give the connection up."""
        for connection in (self.imap, self.smtp):
            if connection is not None:
                connection.drop()
        self.imap = self.smtp = None


class Mail:
    """Carries mail calls, blocking; one connection a server and user. Safe to share by threads.

    Args:
        timeout: Seconds without an answer until a connection counts as lost.
    """

    def __init__(self, *, timeout: float = 30.0) -> None:
        self._timeout = timeout
        self._slots: dict[_Key, _Slot] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def mail(self, call: MailCall) -> MailAnswer:
        """Perform a call.

        Raises:
            TransportError: No answer arrived.
            ConfigError: The call would go through the network without TLS, or `ca_file` is none.
        """
        if call.security == "plain" and not _is_loopback(call.server):
            raise ConfigError("mail without TLS is only for a server on the same machine")
        with self._slot(call) as slot:
            return (
                self._smtp(slot, call) if call.verb in {"send", "hello"} else self._imap(slot, call)
            )

    def close(self) -> None:
        """End every connection."""
        with self._lock:
            slots, self._slots = list(self._slots.values()), {}
        for slot in slots:
            with slot.lock:
                for connection in (slot.imap, slot.smtp):
                    if connection is not None:
                        connection.close()
                slot.imap = slot.smtp = None

    def _imap(self, slot: _Slot, call: MailCall) -> MailAnswer:
        try:
            if slot.imap is not None:  # it may have died of idleness
                if call.repeatable:
                    with suppress(OSError, imaplib.IMAP4.abort):
                        return slot.imap.do(call)
                elif slot.imap.alive():
                    return slot.imap.do(call)
                slot.drop()
            try:
                slot.imap = Imap(call, partial(self._trust, call), self._timeout)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                return refusal(error)
            return slot.imap.do(call)
        except (OSError, imaplib.IMAP4.abort) as error:
            slot.drop()
            raise TransportError(_kind(error), operation=call.operation) from None

    def _smtp(self, slot: _Slot, call: MailCall) -> MailAnswer:
        if slot.smtp is None or not slot.smtp.alive():
            slot.drop()
            try:
                slot.smtp = Smtp(call, partial(self._trust, call), self._timeout)
            except LoginRefusedError as refused:
                return refused.answer
            except (OSError, TransportError) as error:
                if call.verb == "send":  # refused for now: nothing was handed over
                    return MailAnswer(421, reason=_kind(error))
                raise TransportError(_kind(error), operation=call.operation) from None
        return slot.smtp.send(call) if call.verb == "send" else slot.smtp.hello()

    @contextmanager
    def _slot(self, call: MailCall) -> Generator[_Slot]:
        secret = sha256(call.password.get_secret_value().encode()).hexdigest()
        protocol = "smtp" if call.verb in {"send", "hello"} else "imap"
        key = (protocol, call.server, call.security, call.ca_file, call.user, call.login, secret)
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            yield slot

    def _trust(self, call: MailCall) -> ssl.SSLContext:
        with self._lock:
            if call.ca_file not in self._contexts:
                try:
                    made = ssl.create_default_context(cafile=call.ca_file or None)
                except OSError:
                    raise ConfigError("ca_file names no readable certificates") from None
                self._contexts[call.ca_file] = made
            return self._contexts[call.ca_file]


def _kind(error: Exception) -> str:
    """The kind of failure; the words of a server or a library may hold more."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate not trusted (name the authority's file with ca_file)"
    if isinstance(error, TransportError):
        return str(error.args[0])
    return type(error).__name__


def _is_loopback(server: str) -> bool:
    host = server.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
