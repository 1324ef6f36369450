"""A mailbox as flows use it: pages of a folder, and mail that is sent once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from pelayanan.errors import (
    AuthError,
    ConfigError,
    NotFoundError,
    PlatformError,
    QuotaError,
    RateLimitError,
    RejectedError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Answer, Mention, Sent
from pelayanan.platforms._email import Letter, UnreadableError, read_letter
from pelayanan.protocol.flow import Steps, mail
from pelayanan.protocol.mail import MailAnswer, MailCall, MailFolder, MailItem
from pelayanan.protocol.page import Cursor, Page, Unreadable, sift
from pelayanan.protocol.throttle import Throttle

__all__ = ["CURSOR", "Mailbox", "Place", "Server", "quietly", "special"]

R = TypeVar("R", Mention, Answer)
Role: TypeAlias = Literal["sent", "drafts"]

CURSOR = "email/1"
_LOOPBACK = {"127.0.0.1", "[::1]", "localhost"}
_DAMAGED = (RejectedError, RateLimitError, TransportError)  # as servers say, or break off
_SUSPECTS = 3  # mails that cannot be had, one after the other, until the server is to blame
_NOTHING_SENT = (AuthError, NotFoundError, QuotaError, RateLimitError, RejectedError)
_UNKNOWN = (
    "only a person can tell whether the mail went out: its draft is in {folder!r}; delete the "
    "draft to send again, or move it to the sent mails if it arrived"
)


class Server(NamedTuple):
    """Where a mail server listens, and how the connection is kept secret."""

    server: str
    security: Literal["tls", "starttls", "plain"]

    @classmethod
    def read(cls, where: str, *, tls_port: int, starttls: frozenset[str] | None) -> "Server":
        """Read ``host:port``, perhaps with a security in front.

        Args:
            where: As the configuration has it.
            tls_port: Used where no port is given.
            starttls: Ports that begin in the clear; ``None`` is all but `tls_port`.
        """
        scheme, found, rest = where.rpartition("://")
        host, colon, port = rest.rpartition(":")
        if not colon or rest.endswith("]"):
            host, port = rest, str(tls_port)
        known = not found or scheme in {"tls", "starttls", "plain"}
        if not (host and port.isdecimal() and known):
            raise ConfigError("a mail server is written host:port, with starttls:// before if so")
        late = port in starttls if starttls is not None else port != str(tls_port)
        security: Any = scheme if found else ("starttls" if late else "tls")
        if security == "plain" and host not in _LOOPBACK:
            raise ConfigError("plain:// is only for a mail server on the same machine")
        return cls(f"{host}:{port}", security)


class Place(Cursor):
    """Where a folder has been read to.

    Attributes:
        validity: Of the uids; another one makes `uid` void.
        day: When the newest message so far came in: a void place sweeps from there.
        since: The day from which a sweep reads.
    """

    validity: int = 0
    uid: int = 0
    day: date | None = None
    since: date | None = None

    def void(self, validity: int) -> "Place":
        """Begin again: uids mean other messages now. Two days more are read than were missed."""
        since = self.day - timedelta(days=2) if self.day else self.since
        return Place(validity=validity, day=self.day, since=since)

    def after(self, uid: int, days: Sequence[date]) -> "Place":
        """The place behind a page."""
        known = [*days, *([self.day] if self.day else [])]
        return self.model_copy(update={"uid": uid, "day": max(known, default=None)})


@dataclass(kw_only=True)
class Mailbox:
    """The two servers and the folders of one account.

    Attributes:
        sender: Address that mail is sent from, as SMTP spells it.
        login: User, secret and certificates, as fields of `MailCall`.
        folders: Names by role; ``None`` is to be asked for.
        files: Whether sent mails are put into their folder here, not by the server.
        pace: Of sending.
    """

    name: str
    imap: Server
    smtp: Server
    sender: str
    login: dict[str, Any] = field(repr=False)
    inbox: str
    folders: dict[Role, str | None]
    files: bool
    since: date | None
    max_bytes: int
    clock: Callable[[], datetime]
    pace: Throttle

    def call(self, operation: str, verb: Any, at: Server | None = None, **rest: Any) -> MailCall:
        """Describe one step; with the IMAP server unless `at` says otherwise."""
        where = at or self.imap
        return MailCall(
            operation=f"{self.name}.{operation}",
            verb=verb,
            server=where.server,
            security=where.security,
            **self.login,
            **rest,
        )

    def folder(self, role: Role) -> Steps[str]:
        """The folder of a role; asked for once where it was not given."""
        if (known := self.folders[role]) is None:
            said = yield from self._ask("folders", "folders")
            known = special(said.folders, role) or role.title()
            self.folders[role] = known
        return known

    def page(
        self, operation: str, folder: str, cursor: str | None, to: Callable[[Letter], R | None]
    ) -> Steps[Page[R]]:
        """One page of a folder, oldest first; what `to` makes nothing of is left out."""
        place = Place.resume(CURSOR, cursor) if cursor else Place(since=self.since)
        listed = yield from self._listed(operation, folder, place)
        if place.validity not in {0, listed.uid_validity}:
            place = place.void(listed.uid_validity)
            listed = yield from self._listed(operation, folder, place)
        place = place.model_copy(update={"validity": listed.uid_validity})
        if not listed.uids:
            return Page((), place.to_text(CURSOR), more=listed.more)
        got, lost = yield from self._fetched(operation, folder, listed)
        if got.uid_validity != place.validity:  # the folder was replaced in between
            return Page((), place.to_text(CURSOR), more=True)
        items, unreadable = sift(_read(got.items, folder, to))
        place = place.after(listed.uids[-1], [item.received.date() for item in got.items])
        unique = {item.id: item for item in items if item is not None}
        cursor = place.to_text(CURSOR)
        return Page(tuple(unique.values()), cursor, listed.more, unreadable + tuple(lost))

    def _got(
        self, operation: str, folder: str, listed: MailAnswer, uids: Sequence[int]
    ) -> Steps[MailAnswer]:
        which = {"uids": tuple(uids), "uid_validity": listed.uid_validity}
        rest: dict[str, Any] = {"folder": folder, "max_bytes": self.max_bytes, **which}
        return (yield from self._ask(operation, "fetch", **rest))

    def _fetched(
        self, operation: str, folder: str, listed: MailAnswer
    ) -> Steps[tuple[MailAnswer, list[Unreadable]]]:
        """The mails, and those that cannot be had: one damaged mail must not hold up a folder.

        Raises:
            PlatformError: None of the first can be had, so that it is not the mails.
        """
        try:
            return (yield from self._got(operation, folder, listed, listed.uids)), []
        except _DAMAGED:  # one by one
            got = listed
        items: list[MailItem] = []
        bad: list[Unreadable] = []
        for uid in listed.uids:
            try:
                got = yield from self._got(operation, folder, listed, [uid])
            except _DAMAGED:
                bad.append(Unreadable(f"{folder}/{uid}", "the server does not give it"))
                if len(bad) == min(_SUSPECTS, len(listed.uids)) and not items:
                    raise
                continue
            items += got.items
        return replace(got, items=tuple(items)), bad

    def look(self, operation: str, own: str) -> Steps[Sent | None]:
        """Whether the mail with an id of ours was sent; ``None`` is: certainly not.

        Raises:
            UnsupportedError: It was about to be, and nothing shows that it was.
        """
        drafts = yield from self.folder("drafts")  # first: a mail filed meanwhile has left them
        draft = yield from self._found(operation, drafts, own)
        folder = yield from self.folder("sent")
        filed = yield from self._found(operation, folder, own)
        if filed.uids:
            if draft.uids:  # a run was cut short before it tidied up
                yield from quietly(self.drop_draft(operation, own))
            return Sent(id=own, at=(yield from self._filed_at(operation, folder, filed)))
        if not draft.uids:
            return None
        for header in ("In-Reply-To", "References"):  # somebody answered it: it arrived
            if (yield from self._found(operation, self.inbox, own, header)).uids:
                return Sent(id=own, at=self.clock(), confirmed=True)
        raise UnsupportedError(f"{self.name}.{operation}: {_UNKNOWN.format(folder=drafts)}")

    def send_once(self, operation: str, own: str, letter: bytes, to: Sequence[str]) -> Steps[Sent]:
        """Draft, send, file, tidy up: whoever looks later can tell how far it came."""
        if (sent := (yield from self.look(operation, own))) is not None:
            return sent
        drafts = yield from self.folder("drafts")
        draft = {"folder": drafts, "message": letter, "flags": ("\\Draft", "\\Seen")}
        yield from self._ask(operation, "append", **draft)  # two drafts are deleted as one
        mailing: dict[str, Any] = {"message": letter, "sender": self.sender}
        mailing |= {"recipients": tuple(to), "throttle": self.pace}
        try:
            yield from mail(self.call(operation, "send", self.smtp, **mailing))
        except _NOTHING_SENT:
            yield from quietly(self.drop_draft(operation, own))
            raise
        sent = Sent(id=own, at=self.clock())
        yield from quietly(self._file(operation, own, letter))
        return sent

    def drop_draft(self, operation: str, own: str) -> Steps[None]:
        """Delete the draft of a mail, if there is one."""
        folder = yield from self.folder("drafts")
        found = yield from self._found(operation, folder, own)
        if found.uids:
            which = {"uids": found.uids, "uid_validity": found.uid_validity}
            yield from self._ask(operation, "delete", folder=folder, **which)

    def _file(self, operation: str, own: str, letter: bytes) -> Steps[None]:
        """Put a mail that was sent where sent mails are, then delete its draft.

        What fails here makes the mail no less sent; at worst its draft stays.
        """
        folder = yield from self.folder("sent")
        if self.files:
            rest: dict[str, Any] = {"folder": folder, "message": letter, "flags": ("\\Seen",)}
            copy = self.call(operation, "append", **rest)
            try:
                yield from mail(copy)
            except PlatformError:
                if not (yield from self._found(operation, folder, own)).uids:
                    yield from mail(copy)
        elif not (yield from self._found(operation, folder, own)).uids:
            return  # the server has not filed it yet: the draft is all that tells of it
        yield from self.drop_draft(operation, own)

    def _listed(self, operation: str, folder: str, place: Place) -> Steps[MailAnswer]:
        where: dict[str, Any] = {"folder": folder, "uid": place.uid, "since": place.since}
        return (yield from self._ask(operation, "list", **where))

    def _found(
        self, operation: str, folder: str, own: str, header: str = "Message-ID"
    ) -> Steps[MailAnswer]:
        what = {"folder": folder, "header": header, "message_id": f"<{own}>"}
        return (yield from self._ask(operation, "find", **what))

    def _filed_at(self, operation: str, folder: str, filed: MailAnswer) -> Steps[datetime]:
        uids = {"uids": filed.uids[:1], "uid_validity": filed.uid_validity}
        got = yield from self._ask(operation, "fetch", folder=folder, max_bytes=1, **uids)
        return got.items[0].received if got.items else self.clock()

    def _ask(self, operation: str, verb: str, **rest: Any) -> Steps[MailAnswer]:
        """Ask what may be asked twice."""
        return (yield from mail(self.call(operation, verb, repeatable=True, **rest)))


def _read(
    items: Sequence[MailItem], folder: str, to: Callable[[Letter], R | None]
) -> list[R | Unreadable | None]:
    found: list[R | Unreadable | None] = []
    for item in items:
        try:
            found.append(to(read_letter(item)))
        except UnreadableError as error:
            found.append(Unreadable(f"{folder}/{item.uid}", str(error)))
    return found


def quietly(steps: Steps[None]) -> Steps[None]:
    """Try; what is tidied up afterwards changes nothing about what was sent."""
    try:
        yield from steps
    except PlatformError:
        return


def special(folders: Sequence[MailFolder], role: str) -> str | None:
    """The folder that the server itself gives a role (RFC 6154)."""
    return next((one.name for one in folders if f"\\{role}" in one.attributes), None)
