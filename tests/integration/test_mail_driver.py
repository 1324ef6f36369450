"""The transport of mail calls: on postfix and dovecot, and on servers that follow a script."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from pelayanan.drivers._imap import decode_name, encode_name
from pelayanan.drivers._mail import Mail
from pelayanan.errors import ConfigError, TransportError
from pelayanan.protocol.mail import MailAnswer, MailCall, MailFolder
from servers.mail import MailServer

AGENCY, CITIZEN = "disdik@prov.test", "warga9@warga.test"
LETTER = b"From: a@b.test\r\nMessage-ID: <a@b.test>\r\n\r\n.titik\r\nisi\r\n"


@pytest.fixture
def mail() -> Iterator[Mail]:
    found = Mail(timeout=10)
    yield found
    found.close()


# --- servers that follow a script


class Script(socketserver.ThreadingTCPServer):
    """Answers each line by the first words it begins with; a script may say good-bye at once."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, greeting: str, say: Callable[["Script", str, Any], bool]) -> None:
        self.greeting, self.say = greeting, say
        self.lines: list[str] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), Talk)

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        script: Any = self.server
        script.connections += 1
        self.wfile.write(f"{script.greeting}\r\n".encode())
        while line := self.rfile.readline():
            text = line.decode("latin-1").rstrip("\r\n")
            script.lines.append(text)
            if not script.say(script, text, self):
                return


@contextmanager
def running(script: Script) -> Iterator[Script]:
    thread = threading.Thread(target=script.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        script.shutdown()
        script.server_close()
        thread.join()


SMTP = {
    "EHLO": "250-uji\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 2.7.0 OK",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    "end": "250 2.0.0 taken",
    "RSET": "250 OK",
    "NOOP": "250 OK",
    "QUIT": "221 bye",
}


def smtp(**changes: str | None) -> Script:
    """An SMTP server; a word that says ``None`` breaks the connection, ``end`` is the dot."""
    words: dict[str, str | None] = {**SMTP, **changes}
    words["."] = words.pop("end")

    def say(script: Script, line: str, talk: Any) -> bool:
        if script.lines and getattr(talk, "data", False) and line != ".":
            return True
        word = "." if line == "." else line.partition(" ")[0].upper()
        said = words.get(word, "500 what?")
        talk.data = word == "DATA" and str(said).startswith("354")
        if said is None:
            return False
        talk.wfile.write(f"{said}\r\n".encode())
        return word != "QUIT"

    return Script("220 uji", say)


def imap(**changes: str | None) -> Script:
    """An IMAP server; what it says ends in the tagged line, ``None`` breaks the connection."""
    words: dict[str, str | None] = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nOK done",
        "AUTHENTICATE": "OK done",
        "LOGIN": "OK done",
        "EXAMINE": "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n* OK [UIDNEXT 9] next\r\nOK done",
        "SELECT": "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n* OK [UIDNEXT 9] next\r\nOK done",
        "SEARCH": "* SEARCH 3 8\r\nOK done",
        "NOOP": "OK done",
        "LOGOUT": "* BYE bye\r\nOK done",
        **changes,
    }

    def say(script: Script, line: str, talk: Any) -> bool:
        tag, _, rest = line.partition(" ")
        parts = rest.upper().split()
        word = parts[1] if parts[:1] == ["UID"] else (parts or [""])[0]
        said = words.get(word, "BAD what?")
        if word == "AUTHENTICATE":
            talk.wfile.write(b"+ \r\n")
            script.lines.append(talk.rfile.readline().decode().strip())
        if word == "APPEND" and said is not None:
            talk.wfile.write(b"+ go on\r\n")
            size = int(line.rpartition("{")[2].rstrip("}"))
            script.lines.append(talk.rfile.read(size + 2).decode())
        if said is None:
            return False
        before, _, last = said.rpartition("\r\n")
        shown = f"{before}\r\n" if before else ""
        talk.wfile.write(f"{shown}{tag} {last}\r\n".encode("latin-1"))
        return word != "LOGOUT"

    return Script("* OK uji", say)


def call(script: Script, verb: Any, **rest: Any) -> MailCall:
    return MailCall(
        **{
            "operation": "email.uji",
            "verb": verb,
            "server": script.server,
            "user": "dinas",
            "password": SecretStr("sandi-ü"),
            "security": "plain",
            "message": LETTER,
            "sender": "a@b.test",
            "recipients": ("c@d.test",),
            "repeatable": verb not in {"append", "send"},
            **rest,
        }
    )


# --- sending


def test_a_mail_is_handed_over_whole(mail: Mail) -> None:
    with running(smtp()) as server:
        assert mail.mail(call(server, "send")) == MailAnswer(250, reason="2.0.0")
        assert f"mail from:<a@b.test> size={len(LETTER)}" in [one.lower() for one in server.lines]
        start = server.lines.index("DATA")
        assert server.lines[start + 1 : start + 7] == [
            "From: a@b.test",
            "Message-ID: <a@b.test>",
            "",
            "..titik",
            "isi",
            ".",
        ]


def test_one_connection_serves_many_mails(mail: Mail) -> None:
    with running(smtp()) as server:
        for _ in range(3):
            assert mail.mail(call(server, "send")).status == 250
        assert server.connections == 1


def test_one_refused_recipient_is_all_refused(mail: Mail) -> None:
    with running(smtp(RCPT="550 5.1.1 <c@d.test> unknown")) as server:
        answer = mail.mail(call(server, "send", recipients=("c@d.test", "e@d.test")))
        assert answer == MailAnswer(550, reason="5.1.1")
        assert "DATA" not in server.lines
        assert server.lines[-1] == "rset"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"MAIL": "452 4.3.1 full"}, 452),
        ({"DATA": "451 later"}, 451),
        ({"end": "450 4.7.1 later"}, 450),
        ({"end": "554 5.7.1 spam"}, 554),
        ({"AUTH": "535 5.7.8 no"}, 535),
        ({"AUTH": "454 4.7.0 later"}, 454),
    ],
)
def test_a_refusal_is_told_by_its_code(mail: Mail, changes: dict[str, str], status: int) -> None:
    with running(smtp(**changes)) as server:
        assert mail.mail(call(server, "send")).status == status


@pytest.mark.parametrize(
    ("changes", "of_sender"),
    [({"MAIL": "553 5.7.1 not yours"}, True), ({"RCPT": "553 5.7.1 relaying denied"}, False)],
)
def test_who_is_refused_the_sender_or_a_recipient_is_told(
    mail: Mail, changes: dict[str, str], *, of_sender: bool
) -> None:
    with running(smtp(**changes)) as server:
        refused = MailAnswer(553, reason="5.7.1", of_sender=of_sender)
        assert mail.mail(call(server, "send")) == refused


def test_a_server_that_hangs_up_after_a_refusal_refused(mail: Mail) -> None:
    with running(smtp(RCPT="550 5.1.1 unknown", RSET=None)) as server:
        for _ in range(2):
            assert mail.mail(call(server, "send")) == MailAnswer(550, reason="5.1.1")
        assert server.connections == 2


@pytest.mark.parametrize("word", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_text_means_that_nothing_was_sent(
    mail: Mail, word: str
) -> None:
    with running(smtp(**{word: None})) as server:
        assert mail.mail(call(server, "send")).status == 421


def test_a_connection_lost_after_the_text_is_unknown(mail: Mail) -> None:
    lost = pytest.raises(TransportError, match="SMTPServerDisconnected")
    with running(smtp(end=None)) as server, lost:
        mail.mail(call(server, "send"))


def test_a_connection_that_died_of_idleness_is_made_anew(mail: Mail) -> None:
    with running(smtp(NOOP=None)) as server:
        for _ in range(2):
            assert mail.mail(call(server, "send")).status == 250
        assert server.connections == 2


def test_hello_tells_the_limit_of_size(mail: Mail) -> None:
    with running(smtp()) as server:
        assert mail.mail(call(server, "hello")).size_limit == 1000
    with running(smtp(EHLO="250 uji")) as server:
        assert mail.mail(call(server, "hello")).size_limit == 0


def test_no_server_at_all(mail: Mail) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
        nobody: Any = type("Nobody", (), {"server": where})
        assert mail.mail(call(nobody, "send")) == MailAnswer(421, reason="ConnectionRefusedError")
        for verb in ("hello", "list"):
            with pytest.raises(TransportError, match="ConnectionRefusedError"):
                mail.mail(call(nobody, verb))


def test_without_tls_nothing_is_said(mail: Mail) -> None:
    with running(smtp()) as server:
        with pytest.raises(TransportError, match="offers no TLS"):
            mail.mail(call(server, "hello", security="starttls"))
        answer = mail.mail(call(server, "send", security="starttls"))
        assert answer == MailAnswer(421, reason="the server offers no TLS")
        assert {line.partition(" ")[0] for line in server.lines} == {"ehlo"}
    refusing = "250-uji\r\n250 STARTTLS"
    with running(smtp(EHLO=refusing, STARTTLS="454 4.7.0 not now")) as server:
        assert mail.mail(call(server, "send", security="starttls")).status == 454
    with running(imap()) as server, pytest.raises(TransportError, match="offers no TLS"):
        mail.mail(call(server, "list", security="starttls"))
    promised = "* CAPABILITY IMAP4rev1 STARTTLS\r\nOK done"
    with running(imap(CAPABILITY=promised, STARTTLS="NO not now")) as server:
        with pytest.raises(TransportError):
            mail.mail(call(server, "list", security="starttls"))
        assert not [line for line in server.lines if "AUTH" in line]
    with pytest.raises(ConfigError, match="same machine"):
        mail.mail(call(server, "send", server="mail.example:25"))


def test_logins(mail: Mail) -> None:
    with running(smtp(EHLO="250-uji\r\n250 AUTH LOGIN", AUTH="334 VXNlcm5hbWU6")) as server:
        answer = mail.mail(call(server, "send", password=SecretStr("sandi")))
        assert answer.status == 500  # the script knows no further words
        assert server.lines[1] == "AUTH LOGIN ZGluYXM="
    with running(smtp(AUTH="334 eyJzdGF0dXMiOiI0MDEifQ==", **{"": "535 5.7.8 no"})) as server:
        assert mail.mail(call(server, "send", login="token")).status == 535
        assert server.lines[1].startswith("AUTH XOAUTH2 ")
    with running(imap(AUTHENTICATE="NO [AUTHENTICATIONFAILED] no")) as server:
        answer = mail.mail(call(server, "list", login="token"))
        assert answer == MailAnswer(535, reason="AUTHENTICATIONFAILED")
    with running(imap(AUTHENTICATE="NO [UNAVAILABLE] later")) as server:
        assert mail.mail(call(server, "list")) == MailAnswer(454, reason="UNAVAILABLE")
    with running(imap(CAPABILITY="* CAPABILITY IMAP4rev1\r\nOK done", LOGIN=None)) as server:
        with pytest.raises(TransportError):
            mail.mail(call(server, "list", password=SecretStr("sandi")))
        assert any("LOGIN" in line for line in server.lines)


# --- reading


def test_what_servers_say_to_fetch(mail: Mail) -> None:
    fetched = (
        '* 1 FETCH (UID 3 RFC822.SIZE 99 INTERNALDATE " 5-Nov-2026 01:02:03 -0130" '
        "BODY[]<0> {4}\r\nisi\n)\r\n"
        "* 5 FETCH (FLAGS (\\Seen))\r\n"
        "* 2 FETCH (BODY[]<0> {2}\r\nab UID 8)\r\n"
        '* 6 FETCH (UID 9 BODY[]<0> "")\r\n'
        "* 7 FETCH (BODY[]<0> {2}\r\nxx)\r\n"
        "* 8 FETCH (UID 77 BODY[]<0> {2}\r\nxx)\r\n"
        "OK done"
    )
    with running(imap(FETCH=fetched)) as server:
        answer = mail.mail(call(server, "fetch", uids=(3, 8, 9), uid_validity=7))
        first, second, third = answer.items
        assert first.received == datetime(2026, 11, 5, 2, 32, 3, tzinfo=UTC)
        assert (first.uid, first.size_bytes, first.content) == (3, 99, b"isi\n")
        assert (second.uid, second.size_bytes, second.content) == (8, 2, b"ab")
        assert (third.uid, third.content) == (9, b"")
        assert second.received == datetime(1970, 1, 1, tzinfo=UTC)
        assert mail.mail(call(server, "fetch")).items == ()
        replaced = mail.mail(call(server, "fetch", uids=(3,), uid_validity=6))
        assert replaced == MailAnswer(uid_validity=7)


def test_an_impossible_date_is_none(mail: Mail) -> None:
    date_ = '"99-Foo-2026 01:02:03 +0000"'
    fetched = f"* 1 FETCH (UID 3 INTERNALDATE {date_} BODY[]<0> {{1}}\r\nx)\r\nOK done"
    with running(imap(FETCH=fetched)) as server:
        (item,) = mail.mail(call(server, "fetch", uids=(3,))).items
        assert item.received.year == 1970


def test_a_server_that_names_no_next_uid(mail: Mail) -> None:
    with running(imap(EXAMINE="* OK [UIDVALIDITY 7] fine\r\nOK done")) as server:
        answer = mail.mail(call(server, "list", uid=3, since=date(2026, 11, 5)))
        assert (answer.uids, answer.uid_validity, answer.more) == ((8,), 7, False)
        assert server.lines[-1].endswith("UID SEARCH UID 4:8 SINCE 5-Nov-2026")
    with running(imap(EXAMINE="OK done", SEARCH="* SEARCH\r\nOK done")) as server:
        assert mail.mail(call(server, "list")) == MailAnswer()


def test_words_that_refuse(mail: Mail) -> None:
    missing = imap(EXAMINE="NO no such mailbox", LIST="OK done")
    closed = imap(EXAMINE="NO internal error", LIST='* LIST () "/" INBOX\r\nOK done')
    with running(missing) as server:
        assert mail.mail(call(server, "list")) == MailAnswer(550, reason="NONEXISTENT")
        assert mail.mail(call(server, "find")) == MailAnswer()
    with running(closed) as server:  # never taken for a folder that holds nothing
        assert mail.mail(call(server, "find")) == MailAnswer(550)
    with running(imap(EXAMINE="NO [TRYCREATE] no")) as server:
        assert mail.mail(call(server, "find")) == MailAnswer()
    with running(imap(EXAMINE="NO [INUSE] later")) as server:
        assert mail.mail(call(server, "list")) == MailAnswer(450, reason="INUSE")
        assert mail.mail(call(server, "find")) == MailAnswer(450, reason="INUSE")
    with running(imap(SEARCH="BAD what?")) as server:
        assert mail.mail(call(server, "list")) == MailAnswer(500, reason="BAD")
    with running(imap(SEARCH="NO [LIMIT] slower")) as server:
        assert mail.mail(call(server, "find")) == MailAnswer(450, reason="LIMIT")
    with running(imap(APPEND="NO [OVERQUOTA] full")) as server:
        assert mail.mail(call(server, "append")) == MailAnswer(552, reason="OVERQUOTA")


def test_without_uidplus_nothing_is_expunged(mail: Mail) -> None:
    with running(imap(STORE="OK done")) as server:
        mail.mail(call(server, "delete", uids=(3, 8), uid_validity=7))
        assert server.lines[-1].endswith(r"UID STORE 3,8 +FLAGS.SILENT (\Deleted)")
        assert mail.mail(call(server, "delete", uids=(3,), uid_validity=6)).uids == ()
        assert not [line for line in server.lines if "EXPUNGE" in line]


def test_a_reading_connection_that_died_is_made_anew(mail: Mail) -> None:
    with running(imap()) as server:
        assert mail.mail(call(server, "list")).uids == (3, 8)
        slot = next(iter(mail._slots.values()))
        assert slot.imap is not None
        slot.imap._server.sock.shutdown(socket.SHUT_RDWR)
        assert mail.mail(call(server, "list")).uids == (3, 8)
        assert server.connections == 2
        slot.imap._server.sock.shutdown(socket.SHUT_RDWR)
        assert mail.mail(call(server, "append")).reason == "BAD"  # the script cannot
        assert server.connections == 3
        assert mail.mail(call(server, "append")).reason == "BAD"
        assert server.connections == 3


def test_a_connection_that_dies_twice_is_given_up(mail: Mail) -> None:
    with running(imap(SEARCH=None)) as server:
        for connections in (1, 2):
            with pytest.raises(TransportError):
                mail.mail(call(server, "find"))
            assert server.connections == connections


def test_folders_in_every_spelling(mail: Mail) -> None:
    listed = (
        '* LIST (\\HasNoChildren) "/" INBOX\r\n'
        '* LIST (\\Sent \\HasNoChildren) "/" "Surat &AOk- \\"baru\\""\r\n'
        "* LIST () NIL {6}\r\nA & -b\r\n"
        "* LIST nonsense\r\n"
        "OK done"
    )
    with running(imap(LIST=listed)) as server:
        assert mail.mail(call(server, "folders")).folders == (
            MailFolder("INBOX", frozenset(["\\hasnochildren"])),
            MailFolder('Surat é "baru"', frozenset(["\\sent", "\\hasnochildren"])),
            MailFolder("A & -b"),
        )


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Sent", "Sent"),
        ("A & B", "A &- B"),
        ("Envoyés", "Envoy&AOk-s"),
        ("台北/日本語", "&U,BTFw-/&ZeVnLIqe-"),
    ],
)
def test_names_in_modified_utf7(name: str, spelled: str) -> None:
    assert encode_name(name) == spelled
    assert decode_name(spelled) == name


def test_what_is_no_utf7_stays() -> None:
    assert decode_name("A &x- B &AOkA-") == "A &x- B &AOkA-"


# --- postfix and dovecot


def on(server: MailServer, verb: Any, *, where: str = "", **rest: Any) -> MailCall:
    smtp_verb = verb in {"send", "hello"}
    return MailCall(
        **{
            "operation": "email.uji",
            "verb": verb,
            "server": where or (server.submission if smtp_verb else server.imaps),
            "security": "starttls" if smtp_verb else "tls",
            "user": AGENCY,
            "password": SecretStr(server.users[AGENCY]),
            "ca_file": str(server.ca),
            "sender": AGENCY,
            "recipients": (CITIZEN,),
            "message": LETTER,
            "repeatable": verb not in {"append", "send"},
            **rest,
        }
    )


@pytest.mark.server
def test_a_folder_with_any_name_is_made_filled_and_emptied(
    mail: Mail, mail_server: MailServer
) -> None:
    folder = 'Arsip é & "lama" 2026'
    assert mail.mail(on(mail_server, "list", folder=folder)).reason == "NONEXISTENT"
    for _ in range(3):
        assert mail.mail(on(mail_server, "append", folder=folder, flags=("\\Seen",))).status == 250
    names = {one.name: one.attributes for one in mail.mail(on(mail_server, "folders")).folders}
    assert folder in names
    assert "\\sent" in names["Sent"]
    listed = mail.mail(on(mail_server, "list", folder=folder, limit=2))
    assert (listed.uids, listed.more) == ((1, 2), True)
    found = mail.mail(on(mail_server, "find", folder=folder, message_id="<a@b.test>"))
    assert found.uids == (1, 2, 3)
    got = mail.mail(on(mail_server, "fetch", folder=folder, uids=(1, 2, 3), max_bytes=20))
    assert [item.content for item in got.items] == [LETTER[:20]] * 3
    assert {item.size_bytes for item in got.items} == {len(LETTER)}
    which: Mapping[str, Any] = {"uids": (1, 3), "uid_validity": found.uid_validity}
    mail.mail(on(mail_server, "delete", folder=folder, **which))
    assert mail.mail(on(mail_server, "list", folder=folder)).uids == (2,)
    assert mail.mail(on(mail_server, "list", folder=folder, since=date(2099, 1, 1))).uids == ()


@pytest.mark.server
def test_certificates_are_looked_at(mail: Mail, mail_server: MailServer) -> None:
    for verb in ("folders", "hello"):
        days = mail.mail(on(mail_server, verb)).certificate_days
        assert days is not None
        assert 25 < days < 31
    with pytest.raises(TransportError, match="ca_file"):
        mail.mail(on(mail_server, "folders", ca_file=""))
    assert "ca_file" in mail.mail(on(mail_server, "send", ca_file="")).reason
    with pytest.raises(ConfigError, match="ca_file"):
        mail.mail(on(mail_server, "folders", ca_file="/tidak/ada.pem"))


@pytest.mark.server
def test_starttls_serves_reading_too(mail: Mail, mail_server: MailServer) -> None:
    imap_ = on(mail_server, "folders", where=mail_server.imap, security="starttls")
    assert mail.mail(imap_).certificate_days is not None


@pytest.mark.server
def test_threads_share_one_connection(mail: Mail, mail_server: MailServer) -> None:
    found: list[MailAnswer] = []

    def work() -> None:
        found.extend(mail.mail(on(mail_server, "list")) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    assert len(mail._slots) == 1


@pytest.mark.server
def test_gaps_in_the_uids_are_crossed(mail: Mail, mail_server: MailServer) -> None:
    folder = "Bolong"
    mail.mail(on(mail_server, "append", folder=folder))
    with mail_server.reading(AGENCY, folder) as box:
        for _ in range(60):
            box.append(folder, "", "", LETTER)
        box.select(folder)
        box.uid("STORE", "2:60", "+FLAGS", r"(\Deleted)")
        box.expunge()
    listed = mail.mail(on(mail_server, "list", folder=folder, limit=1))
    assert (listed.uids, listed.more) == ((1,), True)
    listed = mail.mail(on(mail_server, "list", folder=folder, uid=1))
    assert (listed.uids, listed.more) == ((61,), False)
    assert mail.mail(on(mail_server, "list", folder=folder, uid=61)).uids == ()


def test_the_window_grows_over_large_gaps(mail: Mail) -> None:
    opened = "* OK [UIDVALIDITY 7] fine\r\n* OK [UIDNEXT 100001] next\r\nOK done"
    with running(imap(EXAMINE=opened, SEARCH="* SEARCH 99999\r\nOK done")) as server:
        listed = mail.mail(call(server, "list", uid=5))
        assert (listed.uids, listed.more) == ((99999,), False)
        assert len([line for line in server.lines if "SEARCH" in line]) == 5


def test_close_may_be_called_twice() -> None:
    transport = Mail()
    with running(imap()) as reading, running(smtp()) as sending:
        transport.mail(call(reading, "list"))
        transport.mail(call(sending, "hello"))
        transport.close()
        transport.close()
        assert (reading.lines[-1].split()[-1], sending.lines[-1]) == ("LOGOUT", "quit")


def test_a_context_is_made_once(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    real = ssl.create_default_context

    def count(**how: Any) -> ssl.SSLContext:
        made.append(real(**how))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", count)
    with running(smtp()) as server:
        for _ in range(2):
            assert mail.mail(call(server, "send", security="tls")).status == 421
    assert len(made) == 1
