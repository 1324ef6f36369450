"""Mail servers in memory or in a folder, with faults: IMAP and SMTP as `MailCall` speaks them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeAlias

from pelayanan.errors import TransportError
from pelayanan.protocol.mail import MailAnswer, MailCall, MailFolder, MailItem
from pelayanan.protocol.request import Request, Response
from pelayanan.testing._mailbox import auto_reply, bounce, field, is_answerable, letter, stamped
from pelayanan.testing.fake import Fake, json_answer

__all__ = ["FakeMailbox"]

_Box: TypeAlias = dict[str, Any]
_SIZE_LIMIT = 10_240_000  # bytes; postfix's own default


@dataclass(frozen=True, slots=True)
class _Citizen:
    server: "FakeMailbox"
    address: str

    def post(
        self,
        text: str,
        *,
        to: str = "",
        subject: str = "",
        name: str = "",
        answers: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Write a mail and return its id.

        Args:
            text: What it says.
            to: The agency; the first one where it is empty.
            subject: Its subject.
            name: Shown beside the address.
            answers: Id of the mail that it answers.
            headers: More headers, as strange as you like.
        """
        return self.server.write(
            self.address,
            to or self.server.first_agency,
            text,
            subject=subject,
            name=name,
            answers=answers,
            headers=headers,
        )

    def post_raw(self, octets: bytes, *, to: str = "") -> None:
        """Send octets as they are: broken mails too."""
        self.server.deliver(octets, sender=self.address, to=to or self.server.first_agency)

    def away(self, text: str = "Saya sedang tidak di tempat.") -> None:
        """From now on the mailbox answers each person's mail by itself."""
        with self.server.world() as state:
            state["boxes"][self.address]["away"] = text

    def inbox(self) -> list[bytes]:
        """All that came in, oldest first."""
        return self.server.messages(self.address)


@dataclass(frozen=True, slots=True)
class _Officer:
    server: "FakeMailbox"
    address: str

    def reply(self, message_id: str, text: str, *, at: datetime | None = None) -> str:
        """Answer a mail of the inbox in a mail program, which files it under Sent.

        Args:
            message_id: Of the mail.
            text: What it says.
            at: What the computer's clock says; default: the right time.
        """
        found = next(
            mail
            for mail in self.server.messages(self.address)
            if field(mail, "Message-ID") == f"<{message_id}>"
        )
        return self.server.write(
            self.address,
            parseaddr(field(found, "From"))[1],
            text,
            subject=f"Re: {field(found, 'Subject')}",
            answers=message_id,
            file=True,
            at=at,
        )


class FakeMailbox(Fake):
    """The mailboxes of agencies and citizens on one server: the transport of a client.

    Mail to an address that is not there is refused where its domain is known, and bounces where
    it is not. A fault ``"lost_reply"`` strikes sending by SMTP.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of both servers.
        agency: Address of the first agency; any password opens it.
    """

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "surat.example",
        agency: str = "dinsos@prov.example",
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.host = host
        self.first_agency = agency
        self.agency(agency)

    def agency(self, address: str, *, password: str = "") -> str:
        """Open a mailbox for an agency; only `password` opens it, any if it is empty."""
        with self.world():
            box = self._box(address)
            box["password"] = password or box["password"]
        return address

    def citizen(self, address: str) -> _Citizen:
        """Somebody who writes to agencies, with a mailbox of their own."""
        with self.world():
            self._box(address)
        return _Citizen(self, address)

    def officer(self, address: str) -> _Officer:
        """Somebody of an agency who uses a mail program and not this library."""
        return _Officer(self, address)

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """All mails in a folder, oldest first."""
        with self.world():
            found = self._box(address)["folders"].get(folder, {"mails": []})
            return [str(mail["octets"]).encode("latin-1") for mail in found["mails"]]

    def write(
        self,
        sender: str,
        to: str,
        text: str,
        *,
        subject: str = "",
        name: str = "",
        answers: str = "",
        headers: Mapping[str, str] | None = None,
        file: bool = False,
        at: datetime | None = None,
    ) -> str:
        """Write and deliver a mail, with `file` also under Sent; returns its id."""
        late = timedelta(minutes=10) if self.strikes("clock_skew") else timedelta(0)
        own = f"surat-{self.number()}@{sender.partition('@')[2]}"
        threading = {"In-Reply-To": f"<{answers}>", "References": f"<{answers}>"}
        octets = letter(
            sender=f"{name} <{sender}>" if name else sender,
            to=to,
            subject=subject,
            text=text,
            at=(at or self.clock()) + late,
            message_id=own,
            headers={**(threading if answers else {}), **(headers or {})},
        )
        with self.world():
            if file:
                self._put(sender, "Sent", octets, ("\\Seen",))
            self.deliver(octets, sender=sender, to=to)
        return own

    def deliver(self, octets: bytes, *, sender: str, to: str) -> None:
        """Put a mail into somebody's inbox, as their server does; `sender` is of the envelope."""
        with self.world() as state:
            if to not in self._boxes(state):
                self._return(octets, sender, to)
                return
            top = stamped(sender=sender, to=to, at=self.clock(), host=self.host)
            self._put(to, "INBOX", top + octets)
            if (words := self._box(to).get("away")) and sender and is_answerable(octets):
                own = f"away-{self.number()}@{to.partition('@')[2]}"
                said = auto_reply(octets, sender=to, text=words, at=self.clock(), message_id=own)
                self.deliver(said, sender="", to=sender)

    def renumber(self, address: str, folder: str = "INBOX") -> None:
        """Void all uids of a folder, as a server does that was restored or moved."""
        with self.world():
            found = self._box(address)["folders"][folder]
            found["validity"] += 1
            for place, mail in enumerate(found["mails"], start=1):
                mail["uid"] = place
            found["next"] = len(found["mails"]) + 1

    def respond(self, request: Request) -> Response:
        """Nothing here is asked by HTTP."""
        return json_answer({"error": f"{request.operation}: a mail server"}, 404)

    def mail(self, call: MailCall) -> MailAnswer:
        """Answer as the servers would, faults included."""
        if self.strikes("dead"):
            if call.verb == "send":  # as the driver tells it: nothing was handed over
                return MailAnswer(421, reason="ConnectionRefusedError")
            raise TransportError("ConnectionRefusedError", operation=call.operation)
        if self.strikes("busy") or self.strikes("busy_silent"):
            return MailAnswer(450)
        if self.strikes("broken"):
            return MailAnswer(451)
        if self.strikes("expired_token"):
            return MailAnswer(535)
        with self.world() as state:
            if not self._opens(state, call):
                return MailAnswer(535)
            answer: MailAnswer = getattr(self, f"_on_{call.verb}")(call)
        if call.verb == "send" and answer.status < 300 and self.strikes("lost_reply"):
            raise TransportError("the answer was lost", operation=call.operation)
        return answer

    def _opens(self, state: dict[str, Any], call: MailCall) -> bool:
        box = self._boxes(state).get(call.user)
        return box is not None and box["password"] in {"", call.password.get_secret_value()}

    def _boxes(self, state: dict[str, Any]) -> dict[str, _Box]:
        boxes: dict[str, _Box] = state.setdefault("boxes", {})
        return boxes

    def _box(self, address: str) -> _Box:
        with self.world() as state:
            boxes = self._boxes(state)
            if address not in boxes:
                boxes[address] = {"password": "", "folders": {}}
                self._make(boxes[address], "INBOX")
                self._make(boxes[address], "Sent", "\\sent")
            return boxes[address]

    def _make(self, box: _Box, name: str, *attributes: str) -> _Box:
        folders: dict[str, _Box] = box["folders"]
        if name not in folders:
            folders[name] = {"validity": self.number(), "next": 1, "mails": []}
            folders[name]["attributes"] = list(attributes)
        return folders[name]

    def _put(self, address: str, folder: str, octets: bytes, flags: tuple[str, ...] = ()) -> None:
        found = self._make(self._box(address), folder)
        mail = {"uid": found["next"], "flags": list(flags), "at": _utc(self.clock())}
        found["mails"].append({**mail, "octets": octets.decode("latin-1")})
        found["next"] += 1

    def _return(self, octets: bytes, sender: str, to: str) -> None:
        if sender:
            own = f"bounce-{self.number()}"
            said = bounce(octets, to=to, code="5.4.4", at=self.clock(), host=self.host, own=own)
            self.deliver(said, sender="", to=sender)

    def _open(self, call: MailCall) -> _Box | None:
        folders: dict[str, _Box] = self._box(call.user)["folders"]
        return folders.get(call.folder)

    def _on_folders(self, call: MailCall) -> MailAnswer:
        folders: dict[str, _Box] = self._box(call.user)["folders"]
        shown = [MailFolder(name, frozenset(one["attributes"])) for name, one in folders.items()]
        return MailAnswer(folders=tuple(shown))

    def _on_list(self, call: MailCall) -> MailAnswer:
        if (folder := self._open(call)) is None:
            return MailAnswer(550, reason="NONEXISTENT")
        first = call.since.isoformat() if call.since else ""
        uids = [
            int(mail["uid"])
            for mail in folder["mails"]
            if mail["uid"] > call.uid and mail["at"] >= first
        ]
        more = len(uids) > call.limit
        return MailAnswer(
            uids=tuple(uids[: call.limit]), uid_validity=folder["validity"], more=more
        )

    def _on_fetch(self, call: MailCall) -> MailAnswer:
        if (folder := self._open(call)) is None:
            return MailAnswer(550, reason="NONEXISTENT")
        if call.uid_validity not in {0, folder["validity"]}:
            return MailAnswer(uid_validity=folder["validity"])
        items = [
            _item(mail, call.max_bytes) for mail in folder["mails"] if mail["uid"] in call.uids
        ]
        if items and self.strikes("duplicate"):
            items.append(items[-1])
        uids = tuple(item.uid for item in items)
        return MailAnswer(uids=uids, uid_validity=folder["validity"], items=tuple(items))

    def _on_find(self, call: MailCall) -> MailAnswer:
        if (folder := self._open(call)) is None:
            return MailAnswer()
        uids = [
            int(mail["uid"])
            for mail in folder["mails"]
            if call.message_id in mail["octets"]  # most are not worth parsing
            and call.message_id in field(mail["octets"].encode("latin-1"), call.header)
        ]
        return MailAnswer(uids=tuple(uids), uid_validity=folder["validity"])

    def _on_append(self, call: MailCall) -> MailAnswer:
        self._put(call.user, call.folder, call.message, call.flags)
        return MailAnswer()

    def _on_delete(self, call: MailCall) -> MailAnswer:
        if (folder := self._open(call)) is None:
            return MailAnswer(550, reason="NONEXISTENT")
        if call.uid_validity in {0, folder["validity"]}:
            folder["mails"] = [one for one in folder["mails"] if one["uid"] not in call.uids]
        return MailAnswer(uid_validity=folder["validity"])

    def _on_hello(self, _: MailCall) -> MailAnswer:
        return MailAnswer(size_limit=_SIZE_LIMIT)

    def _on_send(self, call: MailCall) -> MailAnswer:
        if len(call.message) > _SIZE_LIMIT:
            return MailAnswer(552, reason="5.3.4")
        with self.world() as state:
            boxes = self._boxes(state)
        domains = {address.partition("@")[2] for address in boxes}
        for to in call.recipients:
            if to not in boxes and to.partition("@")[2] in domains:
                return MailAnswer(550, reason="5.1.1")
        for to in call.recipients:
            self.deliver(call.message, sender=call.sender, to=to)
        return MailAnswer()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _item(mail: _Box, most: int) -> MailItem:
    octets = str(mail["octets"]).encode("latin-1")
    received = datetime.fromisoformat(mail["at"])
    return MailItem(mail["uid"], received, len(octets), octets[:most])
