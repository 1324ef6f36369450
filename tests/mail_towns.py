"""Three agencies and their citizens by mail, faked or real: the same script on both."""

import time
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from itertools import count
from typing import Any, cast

from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeMailbox
from servers.mail import MailServer
from towns import AGENCIES
from waiting import until

__all__ = ["FakeMailTown", "RealMailTown", "people"]


def people(citizens: int) -> dict[str, str]:
    """Addresses and passwords of the agencies and of so many citizens."""
    names = [f"{key}@prov.test" for key in AGENCIES]
    names += [f"warga{number}@warga.test" for number in range(citizens)]
    return {name: f"rahasia-{name.partition('@')[0]}" for name in names}


def _texts(mails: list[bytes], parent: str) -> list[str]:
    read = [message_from_bytes(mail) for mail in mails]
    return [
        cast("bytes", mail.get_payload(decode=True)).decode("utf-8", "replace")
        for mail in read
        if mail["In-Reply-To"] == f"<{parent}>"
    ]


class _MailTown:
    transport: Transport | None = None
    base_url = ""

    def __init__(self) -> None:
        passwords = people(0)
        self.accounts = {
            key: (f"{key}@prov.test", passwords[f"{key}@prov.test"]) for key in AGENCIES
        }
        self._writers: dict[str, str] = {}  # message id -> who wrote it

    def citizen(self, name: str) -> Any:
        return f"{name}@warga.test"

    def record(self, uri: str) -> dict[str, Any]:
        raise NotImplementedError(uri)  # nothing is published by mail


class FakeMailTown(_MailTown):
    def __init__(self) -> None:
        super().__init__()
        self.server = FakeMailbox(agency="dinsos@prov.test")
        self.transport: Transport | None = self.server
        for address, password in self.accounts.values():
            self.server.agency(address, password=password)

    def fields(self, key: str) -> dict[str, Any]:
        host = self.server.host
        return {
            "key": f"{key}-mail",
            "platform": "email",
            "address": self.accounts[key][0],
            "imap": f"{host}:993",
            "smtp": f"{host}:465",
        }

    def post(self, who: Any, text: str, *, to: str = "") -> str:
        agency, _, said = text.removeprefix("@").partition(" ")
        made = self.server.citizen(who).post(said, to=agency, subject="Tanya", answers=to)
        self._writers[made] = who
        return made

    def native(self, agency: str, uri: str, text: str) -> str:
        return self.server.officer(self.accounts[agency][0]).reply(uri, text)

    def replies(self, uri: str) -> list[str]:
        return _texts(self.server.messages(self._writers[uri]), uri)

    def settle(self) -> None: ...


class RealMailTown(_MailTown):
    """On postfix and dovecot; citizens write from outside, officers use their mail program."""

    def __init__(self, server: MailServer) -> None:
        super().__init__()
        self.server = server
        self._numbers = count(1)
        self._due: dict[str, int] = {}  # mailbox -> how many mails must be in it

    def fields(self, key: str) -> dict[str, Any]:
        return {
            "key": f"{key}-mail",
            "platform": "email",
            "address": self.accounts[key][0],
            "imap": self.server.imaps,
            "smtp": self.server.submission,
            "ca_file": str(self.server.ca),
        }

    def post(self, who: Any, text: str, *, to: str = "") -> str:
        agency, _, said = text.removeprefix("@").partition(" ")
        mail = self._letter(who, agency, said, to)
        self.server.deliver(mail)
        made = str(mail["Message-ID"]).strip("<>")
        self._writers[made] = who
        self._due[agency] = self._due.get(agency, 0) + 1
        return made

    def native(self, agency: str, uri: str, text: str) -> str:
        address = self.accounts[agency][0]
        mail = self._letter(address, self._writers[uri], text, uri)
        with self.server.submitting(address) as smtp:
            smtp.send_message(mail)
        with self.server.reading(address, "Sent") as box:
            box.append("Sent", "(\\Seen)", time.time(), mail.as_bytes())
        return str(mail["Message-ID"]).strip("<>")

    def replies(self, uri: str) -> list[str]:
        who = self._writers[uri]
        return until(lambda: _texts(self.server.messages(who), uri), "answer by mail")

    def settle(self) -> None:
        """Delivery takes a moment."""
        for address, many in self._due.items():
            until(partial(self._has, address, many), f"{many} mails to {address}")

    def _has(self, address: str, many: int) -> bool:
        return len(self.server.messages(address)) >= many

    def _letter(self, sender: str, to: str, text: str, parent: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = sender, to
        mail["Subject"] = "Re: Tanya" if parent else "Tanya"
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<surat-{next(self._numbers)}@{sender.partition('@')[2]}>"
        if parent:
            mail["In-Reply-To"] = mail["References"] = f"<{parent}>"
        mail.set_content(text)
        return mail
