"""One logged-in IMAP connection. Answers are read defensively: servers differ (RFC 3501, 9051)."""

import base64
import binascii
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeAlias, cast

from pelayanan.errors import TransportError
from pelayanan.protocol.mail import MailAnswer, MailCall, MailFolder, MailItem

__all__ = ["Imap", "decode_name", "encode_name"]

_Data: TypeAlias = Sequence[bytes | tuple[bytes, bytes] | None]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LIST = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:\\.|[^"\\])*"|NIL) (?P<name>.*)', re.DOTALL)
_DATE = re.compile(
    rb'INTERNALDATE "([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
)
_CODE = re.compile(rb"\[([A-Z]+)")
_FOR_NOW = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"}  # RFC 5530, 3
_WINDOW = 1000  # uids asked for at first; a gap in them widens it


class Imap:
    """Logs in when made.

    Raises:
        TransportError: The server cannot be reached or offers no TLS.
        imaplib.IMAP4.error: It refuses the login.
    """

    def __init__(self, call: MailCall, trust: Callable[[], ssl.SSLContext], timeout: float) -> None:
        host, _, port = call.server.rpartition(":")
        host = host.strip("[]")
        if call.security == "tls":
            self._server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                host, int(port), ssl_context=trust(), timeout=timeout
            )
        else:
            self._server = imaplib.IMAP4(host, int(port), timeout=timeout)
        try:
            if call.security == "starttls":
                self._start_tls(call, trust())
            self._log_in(call)
            said: Sequence[Any] = self._server.capability()[1]  # more than before the login
            self._able = b" ".join(part for part in said if isinstance(part, bytes)).upper().split()
        except BaseException:
            self.drop()
            raise

    def _start_tls(self, call: MailCall, context: ssl.SSLContext) -> None:
        if "STARTTLS" not in self._server.capabilities:
            raise TransportError("the server offers no TLS", operation=call.operation)
        try:
            self._server.starttls(context)
        except imaplib.IMAP4.error as error:
            raise TransportError(type(error).__name__, operation=call.operation) from None

    def _log_in(self, call: MailCall) -> None:
        user, secret = call.user, call.password.get_secret_value()
        if call.login == "token":
            words = f"user={user}\1auth=Bearer {secret}\1\1".encode()
            self._server.authenticate("XOAUTH2", _once(words))
        elif "AUTH=PLAIN" in self._server.capabilities:
            self._server.authenticate("PLAIN", _once(f"\0{user}\0{secret}".encode()))
        else:
            self._server.login(user, secret)

    def alive(self) -> bool:
        """Whether the connection still answers."""
        try:
            return self._server.noop()[0] == "OK"
        except (OSError, imaplib.IMAP4.error):
            return False

    def do(self, call: MailCall) -> MailAnswer:
        """Perform one verb."""
        work = {
            "folders": self._folders,
            "list": self._list,
            "fetch": self._fetch,
            "find": self._find,
            "append": self._append,
            "delete": self._delete,
        }[call.verb]
        try:
            return work(call)
        except _Refused as refused:
            return refused.answer
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:  # BAD: the server does not understand
            return MailAnswer(500, reason="BAD")

    def close(self) -> None:
        """Say good-bye."""
        with suppress(OSError, imaplib.IMAP4.error):
            self._server.logout()
        self.drop()

    def drop(self) -> None:
        """Leave without a word: the connection is dead or useless."""
        with suppress(OSError):
            self._server.shutdown()

    def _folders(self, _: MailCall) -> MailAnswer:
        found = [_folder(line) for line in _ok(self._server.list())]
        return MailAnswer(
            folders=tuple(folder for folder in found if folder),
            certificate_days=certificate_days(self._server.sock),
        )

    def _list(self, call: MailCall) -> MailAnswer:
        validity, following = self._open(call.folder)
        found: list[int] = []
        low, width = call.uid + 1, _WINDOW
        while low < following and len(found) <= call.limit:
            high = min(low + width, following) - 1
            words = ["UID", f"{low}:{high}"] + (["SINCE", _day(call.since)] if call.since else [])
            found += [uid for uid in self._search(*words) if low <= uid <= high]
            low, width = high + 1, width * 4
        uids = tuple(found[: call.limit])
        more = len(found) > call.limit or low < following
        return MailAnswer(uids=uids, uid_validity=validity, more=more)

    def _fetch(self, call: MailCall) -> MailAnswer:
        validity, _ = self._open(call.folder)
        if call.uid_validity not in {0, validity} or not call.uids:
            return MailAnswer(uid_validity=validity)
        what = f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{call.max_bytes}>)"
        data = _ok(self._server.uid("FETCH", _set(call.uids), what))
        items = {item.uid: item for item in _items(data) if item.uid in set(call.uids)}
        found = tuple(items[uid] for uid in sorted(items))
        return MailAnswer(uids=tuple(sorted(items)), uid_validity=validity, items=found)

    def _find(self, call: MailCall) -> MailAnswer:
        try:
            validity, _ = self._open(call.folder)
        except _Refused as refused:
            if refused.answer.reason == "NONEXISTENT":
                return MailAnswer()  # a folder that is not there holds nothing
            raise
        uids = self._search("UNDELETED", "HEADER", call.header, _quoted(call.message_id))
        return MailAnswer(uids=tuple(uids), uid_validity=validity)

    def _append(self, call: MailCall) -> MailAnswer:
        try:
            return self._put(call)
        except _Refused as refused:
            if refused.answer.reason not in {"TRYCREATE", "NONEXISTENT"}:
                raise
        name = _quoted(encode_name(call.folder))
        _ok(self._server.create(name))
        self._server.subscribe(name)
        return self._put(call)

    def _put(self, call: MailCall) -> MailAnswer:
        flags = " ".join(call.flags)
        name = _quoted(encode_name(call.folder))
        _ok(self._server.append(name, f"({flags})", "", call.message))
        return MailAnswer()

    def _delete(self, call: MailCall) -> MailAnswer:
        validity, _ = self._open(call.folder, write=True)
        if call.uid_validity not in {0, validity} or not call.uids:
            return MailAnswer(uid_validity=validity)
        uids = _set(call.uids)
        _ok(self._server.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)"))
        if b"UIDPLUS" in self._able:  # a bare EXPUNGE would take others' mails too
            _ok(self._server.uid("EXPUNGE", uids))
        return MailAnswer(uids=call.uids, uid_validity=validity)

    def _open(self, folder: str, *, write: bool = False) -> tuple[int, int]:
        """Open a folder afresh; UIDVALIDITY and the uid that the next message will get."""
        said = self._server.select(_quoted(encode_name(folder)), readonly=not write)
        if said[0] != "OK":
            raise _Refused(self._why_closed(folder, _reason(said[1])))
        validity, following = (self._number(name) for name in ("UIDVALIDITY", "UIDNEXT"))
        if not following:
            words = _ok(self._server.uid("SEARCH", "UID", "*"))
            following = max(_numbers(words), default=0) + 1
        return validity, following

    def _why_closed(self, folder: str, reason: str) -> MailAnswer:
        """Some servers say that a folder is missing in words only: look, for much hangs on it."""
        if not reason and not _ok(self._server.list('""', _quoted(encode_name(folder))))[0]:
            reason = "NONEXISTENT"
        if reason in {"NONEXISTENT", "TRYCREATE"}:
            return MailAnswer(550, reason="NONEXISTENT")
        return MailAnswer(_status(reason), reason=reason)

    def _number(self, name: str) -> int:
        found: Sequence[Any] = self._server.response(name)[1]
        value = found[-1] if found else None
        return int(value) if isinstance(value, bytes) and value.isdigit() else 0

    def _search(self, *words: str) -> list[int]:
        return _numbers(_ok(self._server.uid("SEARCH", *words)))


class _Refused(Exception):  # noqa: N818  never leaves this file
    def __init__(self, answer: MailAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refusal(error: imaplib.IMAP4.error) -> MailAnswer:
    """What a refused login is in SMTP codes."""
    reason = _reason([str(error).encode()])
    return MailAnswer(454 if reason in _FOR_NOW else 535, reason=reason)


def certificate_days(sock: object) -> int | None:
    """Days until the certificate at the other end runs out."""
    if not isinstance(sock, ssl.SSLSocket):
        return None
    end = (sock.getpeercert() or {}).get("notAfter")
    if not isinstance(end, str):
        return None
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)
    return (until - datetime.now(UTC)).days


def encode_name(name: str) -> str:
    """Write a folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""

    def shift(run: "re.Match[str]") -> str:
        if run[0] == "&":
            return "&-"
        octets = base64.b64encode(run[0].encode("utf-16-be")).decode()
        return f"&{octets.rstrip('=').replace('/', ',')}-"

    return re.sub(r"&|[^\x20-\x7e]+", shift, name)


def decode_name(name: str) -> str:
    """Read modified UTF-7; what is none stays as it is."""

    def back(run: "re.Match[str]") -> str:
        if not run[1]:
            return "&"
        octets = run[1].replace(",", "/") + "=" * (-len(run[1]) % 4)
        with suppress(binascii.Error, UnicodeError):
            return base64.b64decode(octets, validate=True).decode("utf-16-be")
        return run[0]

    return re.sub(r"&([A-Za-z0-9+,]*)-", back, name)


def _once(words: bytes) -> Callable[[bytes], bytes]:
    """Say it at the first challenge; a second one is the error in words, answered with nothing."""
    left = [words]
    return lambda _: left.pop() if left else b""


def _ok(said: tuple[str, Any]) -> _Data:
    if said[0] == "OK":
        return cast("_Data", said[1])
    reason = _reason(said[1])
    raise _Refused(MailAnswer(_status(reason), reason=reason))


def _status(reason: str) -> int:
    return {"OVERQUOTA": 552}.get(reason, 450 if reason in _FOR_NOW else 550)


def _reason(data: _Data) -> str:
    words = data[-1] if data else None
    code = _CODE.search(words) if isinstance(words, bytes) else None
    return code[1].decode() if code else ""


def _numbers(data: _Data) -> list[int]:
    words = b" ".join(part for part in data if isinstance(part, bytes)).split()
    return sorted({int(word) for word in words if word.isdigit()})


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _quoted(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\r\n\0]", "", safe) + '"'


def _day(day: date) -> str:
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"


def _folder(line: bytes | tuple[bytes, bytes] | None) -> MailFolder | None:
    """Read one line of LIST; a name with odd characters comes as a literal."""
    head, literal = line if isinstance(line, tuple) else (line or b"", None)
    if (found := _LIST.match(head)) is None:
        return None
    name = literal if literal is not None else found["name"].strip()
    if literal is None and name.startswith(b'"'):
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    attributes = frozenset(found["flags"].decode("ascii", "replace").lower().split())
    return MailFolder(decode_name(name.decode("utf-8", "replace")), attributes)


def _items(data: _Data) -> Iterator[MailItem]:
    """Read the answers to FETCH: each is a tuple with the literal, then what follows it."""
    for place, part in enumerate(data):
        if isinstance(part, tuple):
            after = data[place + 1] if place + 1 < len(data) else b""
            rest = after if isinstance(after, bytes) else b""
            yield from _item(part[0] + b" " + rest, part[1])
        elif isinstance(part, bytes) and b'BODY[]<0> ""' in part:
            yield from _item(part, b"")


def _item(about: bytes, content: bytes) -> Iterator[MailItem]:
    uid = re.search(rb"\bUID (\d+)", about)
    size = re.search(rb"RFC822\.SIZE (\d+)", about)
    if uid:
        length = int(size[1]) if size else len(content)
        yield MailItem(int(uid[1]), _received(about), length, content)


def _received(about: bytes) -> datetime:
    """Read INTERNALDATE; the beginning of time where the server gave none."""
    if found := _DATE.search(about):
        day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
        away = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
        with suppress(ValueError):
            return datetime(
                int(year),
                _MONTHS.index(month.decode().title()) + 1,
                int(day),
                int(hour),
                int(minute),
                int(second),
                tzinfo=timezone(-away if sign == b"-" else away),
            ).astimezone(UTC)
    return datetime(1970, 1, 1, tzinfo=UTC)
