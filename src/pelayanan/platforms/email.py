"""E-mail: one mailbox, read by IMAP (RFC 3501, 9051), answered by SMTP (RFC 5321).

Nothing is marked as read. Machines are never answered (RFC 3834).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeAlias

from pydantic import SecretStr

from pelayanan.errors import AuthError, ConfigError, NotFoundError, PlatformError, PolicyError
from pelayanan.models import Answer, Author, Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms._email import Letter
from pelayanan.platforms._email_box import CURSOR, Mailbox, Place, Server, special
from pelayanan.platforms._email_write import compose, own_id, reachable, reply_subject
from pelayanan.protocol.capabilities import Capabilities
from pelayanan.protocol.flow import Steps, blocking, flow, mail
from pelayanan.protocol.mail import MailAnswer, MailFolder
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["Attached", "Email"]

Attached: TypeAlias = MediaFile | tuple[str, str, bytes]
"""A file in a mail: name, media type and content, or a photo or video."""


class Email:
    """One mailbox such as ``"dinsos@prov.example"``.

    Args:
        address: Of the agency; what citizens write to.
        password: Of the mailbox, or an app password.
        imap: Host and port. Port 143 uses STARTTLS, others TLS at once; ``tls://``,
            ``starttls://`` or ``plain://`` (only on the same machine) in front decide otherwise.
        smtp: The same for sending: port 465 uses TLS at once, others STARTTLS.
        token: An OAuth access token (XOAUTH2) instead of the password.
        user: Name to log in with, where it is not the address.
        name: Shown to citizens beside the address.
        inbox: Folder that is read.
        sent_folder: Where sent mails are kept; ``None`` asks the server.
        drafts_folder: Where a mail lies while it is being sent; ``None`` asks the server.
        sent_copy: ``False`` where the server itself keeps what was sent (Gmail).
        since: Mail that came in before this day is not fetched.
        ca_file: Certificates of the authority, where it is not one that the machine trusts.
        max_bytes: Of a larger mail only so much is read: its text and first attachments.
        per_minute: How many mails may go out in a minute.
    """

    name = "email"
    capabilities = Capabilities(private=True, shared_ids=True, claimed_time=True)

    def __init__(
        self,
        address: str,
        password: str | SecretStr = "",
        *,
        imap: str,
        smtp: str,
        token: str | SecretStr = "",
        user: str | None = None,
        name: str = "",
        inbox: str = "INBOX",
        sent_folder: str | None = "Sent",
        drafts_folder: str | None = "Drafts",
        sent_copy: bool = True,
        since: date | None = None,
        ca_file: str | None = None,
        max_bytes: int = 1 << 20,
        per_minute: int = 600,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        if "@" not in address:
            raise ConfigError("address must be a mail address such as dinsos@prov.example")
        secret, other = as_secret(password), as_secret(token)
        if bool(secret.get_secret_value()) == bool(other.get_secret_value()):
            raise ConfigError("give a password or a token, one of the two")
        self.handle = address.lower()
        self._from = (name, address)
        self._clock = clock
        self._box = Mailbox(
            name=self.name,
            imap=Server.read(imap, tls_port=993, starttls=frozenset({"143"})),
            smtp=Server.read(smtp, tls_port=465, starttls=None),
            sender=reachable(address),
            login={
                "user": user or address,
                "password": secret if secret.get_secret_value() else other,
                "login": "password" if secret.get_secret_value() else "token",
                "ca_file": ca_file or "",
            },
            inbox=inbox,
            folders={"sent": sent_folder, "drafts": drafts_folder},
            files=sent_copy,
            since=since,
            max_bytes=max_bytes,
            clock=clock,
            pace=Throttle(per_minute, 60.0, name=budget(smtp, user or address)),
        )

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List what came into the mailbox, oldest first, from `cursor` on."""
        return (yield from self._box.page("mentions", self._box.inbox, cursor, self._mention))

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List what the agency answered, in a mail program too: the folder of sent mails."""
        folder = yield from self._box.folder("sent")
        try:
            return (yield from self._box.page("answers", folder, cursor, self._answer))
        except NotFoundError:  # it is made when the first mail is sent
            return Page((), cursor or Place(since=self._box.since).to_text(CURSOR))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer by mail, once per `key`.

        Raises:
            PolicyError: A machine wrote the mail.
            RateLimitError: Refused for now, nothing was sent.
            RejectedError: Refused for good, nothing was sent.
            TransportError: Nobody knows whether it was sent.
            UnsupportedError: An earlier attempt with this `key` ended so.
        """
        if mention.automatic:
            raise PolicyError("a machine wrote this mail: not answered", operation="email.reply")
        to = reachable(mention.ref.get("to") or mention.author.id)
        own = self._reply_id(mention, key)
        letter = compose(
            sender=self._from,
            to=[to],
            subject=reply_subject(mention.subject),
            text=text,
            at=self._clock(),
            message_id=own,
            before=[*mention.ref.get("references", "").split(), mention.id],
        )
        return (yield from self._box.send_once("reply", own, letter, [to]))

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:  # noqa: ARG002  the protocol's; the key is enough here
        """Look whether the answer with this `key` was sent.

        Raises:
            UnsupportedError: It was about to be sent, and nothing shows that it was: only a
                person can tell.
        """
        return (yield from self._box.look("find_reply", self._reply_id(mention, key)))

    @flow
    def message(
        self,
        *,
        to: Sequence[str],
        subject: str,
        text: str,
        key: str,
        attachments: Sequence[Attached] = (),
    ) -> Steps[Sent]:
        """Send a mail that answers nobody, such as a report, once per `key`; errors as `reply`."""
        own = own_id(self.handle, "message", key)
        people = [reachable(address) for address in to]
        files: list[tuple[str, str, bytes]] = []
        for file in attachments:
            files.append((yield from _opened(file)))  # noqa: PERF401  a yield stands in no list
        letter = compose(
            sender=self._from,
            to=people,
            subject=subject,
            text=text,
            at=self._clock(),
            message_id=own,
            attachments=files,
        )
        return (yield from self._box.send_once("message", own, letter, people))

    @flow
    def find_message(self, *, key: str) -> Steps[Sent | None]:
        """Look whether the `message` with this `key` was sent, as `find_reply` does."""
        return (yield from self._box.look("find_message", own_id(self.handle, "message", key)))

    @flow
    def forget_message(self, *, key: str) -> Steps[None]:
        """Delete the draft of a `message` of which a person knows that it was not sent."""
        own = own_id(self.handle, "message", key)
        yield from self._box.drop_draft("forget_message", own)

    @flow
    def forget_attempt(self, mention: Mention, *, key: str) -> Steps[None]:
        """Delete the draft of an answer of which a person knows that it was not sent."""
        yield from self._box.drop_draft("forget_attempt", self._reply_id(mention, key))

    @flow
    def check(self) -> Steps[Check]:
        """Log in on both servers and look at folders, certificates and the limit of size."""
        findings: list[Finding] = []
        try:
            said = yield from mail(self._box.call("check", "folders", repeatable=True))
            findings += [Finding(name="imap", ok=True), *_certificate("imap", said)]
            findings += self._folder_findings(said.folders)
        except PlatformError as error:
            findings.append(_failed("imap", error))
        try:
            said = yield from mail(
                self._box.call("check", "hello", self._box.smtp, repeatable=True)
            )
            detail = f"{said.size_limit} bytes a mail" if said.size_limit else ""
            findings += [Finding(name="smtp", ok=True), *_certificate("smtp", said)]
            findings.append(Finding(name="limits", ok=True, detail=detail))
        except PlatformError as error:
            findings.append(_failed("smtp", error))
        return Check(platform=self.name, handle=self.handle, findings=tuple(findings))

    def _folder_findings(self, folders: Sequence[MailFolder]) -> list[Finding]:
        names = {folder.name for folder in folders} | {"INBOX"}
        findings: list[Finding] = []
        if self._box.inbox not in names:
            remedy = "administrator: set inbox to a folder that there is"
            findings.append(Finding(name="inbox", ok=False, detail=self._box.inbox, remedy=remedy))
        sent, marked = self._box.folders["sent"], special(folders, "sent")
        if sent is not None and marked not in {None, sent}:
            remedy = f"administrator: set sent_folder to {marked!r}, where mail programs file"
            findings.append(Finding(name="sent", ok=False, detail=sent, remedy=remedy))
        elif sent is not None and sent not in names:
            findings.append(Finding(name="sent", ok=True, detail="made with the first mail"))
        return findings

    def _reply_id(self, mention: Mention, key: str) -> str:
        return own_id(self.handle, "reply", mention.id, key)

    def _mention(self, letter: Letter) -> Mention | None:
        address, name = letter.sender
        to = address if letter.answer_to == self.handle else letter.answer_to
        if address == self.handle:  # a form on the agency's own site names the citizen here
            address = to
        if address == self.handle:
            return None  # the agency's own, in copy to itself
        return Mention(
            platform=self.name,
            id=letter.id,
            author=Author(id=address, handle=address, name=name),
            text=letter.text,
            subject=letter.subject,
            created_at=letter.created_at,
            thread=letter.thread,
            reply_to=letter.answers,
            private=True,
            automatic=letter.automatic,
            returned=letter.returned,
            attachments=letter.attachments,
            ref={"to": to, "references": " ".join(letter.references)} | letter.bounce,
        )

    def _answer(self, letter: Letter) -> Answer | None:
        if not letter.answers:
            return None  # a mail of its own, to nobody who wrote
        return Answer(
            platform=self.name,
            id=letter.id,
            to=letter.answers,
            text=letter.text,
            created_at=letter.created_at,
            thread=letter.thread,
            private=True,
            automatic=letter.by_machine,
        )


def _opened(file: Attached) -> Steps[tuple[str, str, bytes]]:
    if isinstance(file, tuple):
        return file
    content = yield from blocking(partial(_content, file))
    return file.filename, file.media_type, content


def _content(file: MediaFile) -> bytes:
    with file.open() as opened:
        return opened.read()


def _certificate(name: str, said: MailAnswer) -> list[Finding]:
    days = said.certificate_days
    if days is None:
        return []
    remedy = "" if days >= 14 else "administrator: renew the server's certificate"
    return [Finding(name=f"{name} certificate", ok=days >= 0, detail=f"{days} days", remedy=remedy)]


def _failed(name: str, error: PlatformError) -> Finding:
    remedy = error.remedy
    if isinstance(error, AuthError):
        remedy = "administrator: check user and password; some providers want an app password"
    return Finding(name=name, ok=False, detail=str(error), remedy=remedy)
