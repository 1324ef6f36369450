"""Postfix and dovecot on loopback: TLS, logins, and citizens' mail from outside."""

import imaplib
import os
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from servers.process import need, running, script, unavailable

__all__ = ["AGENCIES", "CITIZENS", "MailServer", "mail_server"]

AGENCIES = ("dinsos@prov.test", "dinkes@prov.test", "disdik@prov.test")
CITIZENS = tuple(f"warga{number}@warga.test" for number in range(1, 21))
_INSTALL = "apt-get install postfix dovecot-imapd dovecot-lmtpd openssl"


@dataclass(frozen=True)
class MailServer:
    """Where the servers listen (host:port), and who may log in."""

    smtp: str
    """What the world delivers to: no login."""
    submission: str
    """STARTTLS and login."""
    imap: str
    """STARTTLS offered."""
    imaps: str
    ca: Path
    """The certificate that both servers show."""
    users: Mapping[str, str]
    """Address to password."""
    pid: int

    def deliver(self, message: EmailMessage, *, to: str | None = None) -> None:
        """Hand a message over as a server of the outside world does."""
        host, port = self.smtp.split(":")
        with smtplib.SMTP(host, int(port), timeout=20) as server:
            server.send_message(message, to_addrs=to)

    def deliver_raw(self, sender: str, to: str, octets: bytes) -> None:
        """The same with the octets as they are: broken mails too."""
        host, port = self.smtp.split(":")
        with smtplib.SMTP(host, int(port), timeout=20) as server:
            server.sendmail(sender, [to], octets)

    @contextmanager
    def submitting(self, address: str) -> Iterator[smtplib.SMTP]:
        """Log in to send, as a person's own mail program does."""
        host, port = self.submission.split(":")
        with smtplib.SMTP(host, int(port), timeout=20) as server:
            server.starttls(context=self.trust())
            server.login(address, self.users[address])
            yield server

    @contextmanager
    def reading(self, address: str, folder: str = "INBOX") -> Iterator[imaplib.IMAP4_SSL]:
        """Log in to read; `folder` is open and can be written."""
        host, port = self.imaps.split(":")
        with imaplib.IMAP4_SSL(host, int(port), ssl_context=self.trust(), timeout=20) as box:
            box.login(address, self.users[address])
            box.select(folder)
            yield box

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """Return every message in a folder, oldest first."""
        with self.reading(address, folder) as box:
            numbers = box.search(None, "ALL")[1][0].split()
            found = [box.fetch(number.decode(), "(BODY.PEEK[])")[1][0] for number in numbers]
        return [part[1] for part in found if isinstance(part, tuple)]

    def has_delivered(self) -> bool:
        """Whether all that postfix took lies in a mailbox: its queue is empty."""
        settings = self.ca.parents[1] / "postfix" / "etc"
        queue = ["postqueue", "-c", str(settings), "-j"]
        return not subprocess.run(queue, check=True, stdout=subprocess.PIPE).stdout

    def trust(self) -> ssl.SSLContext:
        """Believe this server's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.ca))


@contextmanager
def mail_server(users: Mapping[str, str] | None = None) -> Iterator[MailServer]:
    """Start both daemons; `users` maps addresses to passwords (agencies and citizens if absent)."""
    command = script("mail.py")
    need("postfix", "dovecot", "openssl", install=_INSTALL)
    if os.geteuid() != 0:
        unavailable("postfix and dovecot need root: run these tests as root, in a container say")
    people = users or {name: f"rahasia-{name.split('@')[0]}" for name in (*AGENCIES, *CITIZENS)}
    options = [part for pair in people.items() for part in ("--user", ":".join(pair))]
    with running([sys.executable, command], *options, ports=4) as said:
        yield MailServer(ca=Path(said.pop("ca")), **said)
