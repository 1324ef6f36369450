"""One logged-in SMTP connection, which knows when a message may have been taken (RFC 5321)."""

import base64
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from pelayanan.drivers._imap import certificate_days
from pelayanan.errors import TransportError
from pelayanan.protocol.mail import MailAnswer, MailCall

__all__ = ["Smtp"]

_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_DATA_TIMEOUT = 300.0  # seconds; a server may scan for viruses first (RFC 5321, 4.5.3.2.6)


class LoginRefusedError(Exception):
    """The server does not let this account in; `answer` says why."""

    def __init__(self, answer: MailAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Smtp:
    """Logs in when made.

    Raises:
        LoginRefusedError: The server refuses the login.
        TransportError: It offers no TLS.
        OSError: It cannot be reached.
    """

    def __init__(self, call: MailCall, trust: Callable[[], ssl.SSLContext], timeout: float) -> None:
        name, _, number = call.server.rpartition(":")
        host, port = name.strip("[]"), int(number)
        here = "[127.0.0.1]"  # the machine's name is nobody's business, and its look-up may hang
        if call.security == "tls":
            self._server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, here, timeout=timeout, context=trust()
            )
        else:
            self._server = smtplib.SMTP(host, port, here, timeout)
        try:
            self._server.ehlo()
            if call.security == "starttls":
                self._start_tls(call, trust())
            self._log_in(call)
        except BaseException:
            self.drop()
            raise

    def _start_tls(self, call: MailCall, context: ssl.SSLContext) -> None:
        if not self._server.has_extn("starttls"):
            raise TransportError("the server offers no TLS", operation=call.operation)
        try:
            self._server.starttls(context=context)
        except smtplib.SMTPResponseException as error:
            raise LoginRefusedError(_answer(error.smtp_code, error.smtp_error)) from None
        self._server.ehlo()

    def _log_in(self, call: MailCall) -> None:
        user, secret = call.user, call.password.get_secret_value()
        words = f"\0{user}\0{secret}"  # by hand: smtplib cannot spell what is not ASCII
        offered = str(self._server.esmtp_features.get("auth", "")).upper().split()
        if call.login == "token":
            words = f"user={user}\1auth=Bearer {secret}\1\1"
            status, said = self._authenticate("XOAUTH2", words)
        elif "PLAIN" in offered or "LOGIN" not in offered:
            status, said = self._authenticate("PLAIN", words)
        else:
            try:
                status, said = self._server.login(user, secret)
            except smtplib.SMTPAuthenticationError as error:
                raise LoginRefusedError(_answer(error.smtp_code, error.smtp_error)) from None
        if status >= 400:
            raise LoginRefusedError(_answer(status, said))

    def _authenticate(self, mechanism: str, words: str) -> tuple[int, bytes]:
        octets = base64.b64encode(words.encode()).decode()
        status, said = self._server.docmd("AUTH", f"{mechanism} {octets}")
        if status == 334:  # XOAUTH2 tells its error as a challenge
            status, said = self._server.docmd("")
        return status, said

    def alive(self) -> bool:
        """Whether the connection still answers."""
        try:
            return self._server.noop()[0] == 250
        except OSError:
            return False

    def hello(self) -> MailAnswer:
        """What the server says about itself."""
        limit = str(self._server.esmtp_features.get("size", ""))
        return MailAnswer(
            certificate_days=certificate_days(self._server.sock),
            size_limit=int(limit) if limit.isdecimal() else 0,
        )

    def send(self, call: MailCall) -> MailAnswer:
        """Hand a message over to all its recipients or to none.

        Raises:
            TransportError: The connection broke when the message may have been taken.
        """
        try:
            refused = self._envelope(call)
        except OSError as error:  # nothing was handed over
            self.drop()
            return MailAnswer(421, reason=type(error).__name__)
        if refused is None:
            return self._hand_over(call)
        with suppress(OSError):  # some servers hang up after a refusal
            self._server.rset()
        return refused

    def _envelope(self, call: MailCall) -> MailAnswer | None:
        options = [f"SIZE={len(call.message)}"] if self._server.has_extn("size") else []
        said = self._server.mail(call.sender, options)
        if said[0] >= 400:
            return replace(_answer(*said), of_sender=True)
        for recipient in call.recipients:
            said = self._server.rcpt(recipient)
            if said[0] >= 400:
                return _answer(*said)
        said = self._server.docmd("DATA")
        return None if said[0] == 354 else _answer(*said)

    def _hand_over(self, call: MailCall) -> MailAnswer:
        text = re.sub(rb"\r\n|\r|\n", b"\r\n", call.message)
        text = re.sub(rb"(?m)^\.", b"..", text)
        end = b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            if self._server.sock is not None:
                self._server.sock.settimeout(_DATA_TIMEOUT)
            self._server.send(text + end)
            return _answer(*self._server.getreply())
        except OSError as error:
            self.drop()
            raise TransportError(type(error).__name__, operation=call.operation) from None

    def close(self) -> None:
        """Say good-bye."""
        with suppress(OSError):
            self._server.quit()
        self.drop()

    def drop(self) -> None:
        """Leave without a word."""
        with suppress(OSError):
            self._server.close()


def _answer(status: int, said: bytes | str) -> MailAnswer:
    words = said.encode("utf-8", "replace") if isinstance(said, str) else said
    code = _ENHANCED.match(words)
    return MailAnswer(status if status > 0 else 421, reason=code[1].decode() if code else "")
