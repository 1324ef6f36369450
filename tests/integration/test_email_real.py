"""One script of a mailbox, on postfix and dovecot and on the fake, with the same results."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.drivers._mail import Mail
from pelayanan.errors import AuthError, PolicyError, RejectedError, UnsupportedError
from pelayanan.models import Answer
from pelayanan.platforms import Email
from pelayanan.protocol.page import Page
from pelayanan.testing._mailbox import bounce
from pelayanan.testing.fake_mailbox import FakeMailbox
from servers.mail import MailServer
from waiting import until

AGENCY, CITIZEN = "dinkes@prov.test", "warga3@warga.test"
_numbers = count(1)


class OnFake:
    """The fake, with the verbs that both offices have."""

    def __init__(self) -> None:
        self.server = FakeMailbox(agency=AGENCY)
        self.server.agency(AGENCY, password="rahasia")
        self.server.citizen(CITIZEN)
        self.client = Client(transport=self.server, sleep=lambda _: None)
        self.carry = self.server.mail

    def account(self, password: str = "rahasia") -> Email:
        return Email(AGENCY, password, imap="surat.example:993", smtp="surat.example:465")

    def put(self, octets: bytes, sender: str = CITIZEN) -> None:
        self.server.deliver(octets, sender=sender, to=AGENCY)

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        return self.server.messages(address, folder)

    def file(self, octets: bytes) -> None:
        """What a mail program does with a mail that it sent."""
        with self.server.world():
            self.server._put(AGENCY, "Sent", octets, ("\\Seen",))


class OnReal:
    """Postfix and dovecot."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.transport = Mail()
        self.client = Client(sleep=lambda _: None)
        self.carry = self.transport.mail

    def account(self, password: str = "") -> Email:
        server = self.server
        return Email(
            AGENCY,
            password or server.users[AGENCY],
            imap=server.imaps,
            smtp=server.submission,
            ca_file=str(server.ca),
        )

    def put(self, octets: bytes, sender: str = CITIZEN) -> None:
        before = len(self.messages(AGENCY))
        self.server.deliver_raw(sender or "<>", AGENCY, octets)
        until(lambda: len(self.messages(AGENCY)) > before, "mail to the agency")

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        return self.server.messages(address, folder)

    def file(self, octets: bytes) -> None:
        with self.server.reading(AGENCY) as box:
            box.append("Sent", r"(\Seen)", "", octets)


Office = OnFake | OnReal


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.server)])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    found: Office = (
        OnFake() if request.param == "fake" else OnReal(request.getfixturevalue("mail_server"))
    )
    with found.client:
        yield found
    if isinstance(found, OnReal):
        found.transport.close()


def a_mail(
    text: str = "Bantuan belum sampai… mohon info",
    *,
    headers: Mapping[str, str] | None = None,
    sender: str = f"Wati Contoh <{CITIZEN}>",
) -> tuple[str, bytes]:
    """A mail of a citizen, and its id."""
    own = f"uji-{next(_numbers)}-{time.time_ns()}@warga.test"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, AGENCY, "Bantuan… belum sampai"
    mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), f"<{own}>"
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(text)
    return own, mail.as_bytes()


def end_of(office: Office, account: Email) -> str:
    """The cursor behind all that other tests have left in the mailbox."""
    return list(office.client.pages(account))[-1].cursor


def end_of_sent(office: Office, account: Email) -> str | None:
    cursor, more = None, True
    while more:
        page = office.client.run(account.answers(cursor))
        cursor, more = page.cursor, page.more
    return cursor


def shown(page: Page[Any]) -> list[Any]:
    """What must be the same on both: all but ids and times."""
    return [
        (
            item.author.handle,
            item.author.name,
            item.subject,
            item.text,
            item.private,
            item.automatic,
            [(one.name, one.media_type, one.size_bytes) for one in item.attachments],
        )
        for item in page.items
    ]


def test_mentions_come_once_and_in_order(office: Office) -> None:
    account = office.account()
    start = end_of(office, account)
    ids = []
    for text in ("satu", "dua", "tiga"):
        own, octets = a_mail(text)
        office.put(octets)
        ids.append(own)
    page = office.client.run(account.mentions(start))
    assert [item.id for item in page.items] == ids
    assert shown(page)[0] == (
        CITIZEN,
        "Wati Contoh",
        "Bantuan… belum sampai",
        "satu",
        True,
        False,
        [],
    )
    again = office.client.run(account.mentions(page.cursor))
    assert (again.items, again.more, again.cursor) == ((), False, page.cursor)


def test_a_reply_reaches_the_citizen_once_in_the_thread(office: Office) -> None:
    account = office.account()
    start, sent_before = end_of(office, account), end_of_sent(office, account)
    own, octets = a_mail(headers={"References": "<akar@warga.test> <anak@warga.test>"})
    office.put(octets)
    mention = office.client.run(account.mentions(start)).items[0]
    assert (mention.thread, mention.reply_to) == ("akar@warga.test", "anak@warga.test")
    assert office.client.find_reply(account, mention, key="kasus-1") is None
    sent = office.client.reply(account, mention, "Kami cek hari ini… terima kasih.", key="kasus-1")
    again = office.client.reply(account, mention, "Kami cek hari ini.", key="kasus-1")
    found = office.client.find_reply(account, mention, key="kasus-1")
    assert found is not None
    assert sent.id == again.id == found.id

    def arrived() -> list[Any]:
        mails = [message_from_bytes(mail) for mail in office.messages(CITIZEN)]
        return [mail for mail in mails if mail["Message-ID"] == f"<{sent.id}>"]

    (mail,) = until(arrived, "mail to the citizen")
    assert mail["In-Reply-To"] == f"<{own}>"
    assert mail["References"].split() == ["<akar@warga.test>", "<anak@warga.test>", f"<{own}>"]
    assert mail["To"] == CITIZEN
    assert mail["Auto-Submitted"] is None
    assert mail.get_payload(decode=True).decode().strip() == "Kami cek hari ini… terima kasih."
    answers = office.client.run(account.answers(sent_before))
    assert [(one.id, one.to, one.thread) for one in answers.items] == [
        (sent.id, own, "akar@warga.test")
    ]
    assert office.messages(AGENCY, "Drafts") == []


@pytest.mark.server
def test_every_driver_does_the_same(drive: Callable[..., Any], mail_server: MailServer) -> None:
    office = OnReal(mail_server)
    account = office.account()
    with office.client:
        start = end_of(office, account)
        own, octets = a_mail()
        office.put(octets)
    office.transport.close()
    (mention,) = drive(lambda client: client.mentions(account, since=start))
    assert mention.id == own
    sent = drive(lambda client: client.reply(account, mention, "Siap.", key="kasus"))
    found = drive(lambda client: client.find_reply(account, mention, key="kasus"))
    assert found.id == sent.id
    assert drive(lambda client: client.check(account)).ok


def test_answers_typed_in_a_mail_program_are_seen(office: Office) -> None:
    account = office.account()
    start = end_of_sent(office, account)
    headers = {"In-Reply-To": "<tanya@warga.test>", "References": "<tanya@warga.test>"}
    typed, octets = a_mail("Sudah cair, Bu.", headers=headers, sender=AGENCY)
    office.file(octets)
    _, automatic = a_mail("Terima kasih.", headers=headers | {"Auto-Submitted": "auto-replied"})
    office.file(automatic)
    office.file(a_mail("Undangan rapat", sender=AGENCY)[1])
    answers: Page[Answer] = office.client.run(account.answers(start))
    assert [(one.to, one.text, one.automatic) for one in answers.items] == [
        ("tanya@warga.test", "Sudah cair, Bu.", False),
        ("tanya@warga.test", "Terima kasih.", True),
    ]
    assert answers.items[0].id == typed


def test_a_refused_address_leaves_nothing_behind(office: Office) -> None:
    account = office.account()
    mention = office.client.run(account.mentions(_with(office, a_mail()[1]))).items[-1]
    wrong = mention.model_copy(update={"ref": {"to": "tidakada@warga.test"}})
    with pytest.raises(RejectedError, match=r"550 5\.1\.1") as caught:
        office.client.reply(account, wrong, "Siap", key="salah")
    assert caught.value.status == 550
    assert "tidakada" not in str(caught.value)
    assert office.client.find_reply(account, wrong, key="salah") is None


def test_a_bounce_names_the_mail_and_is_never_answered(office: Office) -> None:
    account = office.account()
    start = end_of(office, account)
    to = [CITIZEN]
    sent = office.client.run(
        account.message(to=to, subject="Uji", text="Halo", key=f"uji-{time.time_ns()}")
    )
    (returned,) = [one for one in office.messages(AGENCY, "Sent") if sent.id.encode() in one]
    far, now = "siapa@jauh.example", datetime.now(UTC)
    said = bounce(returned, to=far, code="5.1.1", at=now, host="mx.jauh.example", own=sent.id[:9])
    office.put(said, sender="")
    (mention,) = office.client.run(account.mentions(start)).items
    assert mention.automatic
    assert mention.reply_to == sent.id
    assert {name: mention.ref[name] for name in ("bounce", "bounced", "bounced_to")} == {
        "bounce": "permanent",
        "bounced": sent.id,
        "bounced_to": far,
    }
    with pytest.raises(PolicyError):
        office.client.reply(account, mention, "Siap", key="k")


def test_a_report_is_sent_once_per_key(office: Office) -> None:
    account, key = office.account(), f"laporan-{time.time_ns()}"
    files = [("laporan.csv", "text/csv", b"dinas;jumlah\r\n")]
    what: Any = {"subject": "Laporan", "text": "Terlampir.", "key": key, "attachments": files}
    sent = office.client.run(account.message(to=[CITIZEN], **what))
    assert office.client.run(account.message(to=[CITIZEN], **what)).id == sent.id
    found = [one for one in office.messages(AGENCY, "Sent") if sent.id.encode() in one]
    assert len(found) == 1
    (part,) = [one for one in message_from_bytes(found[0]).walk() if one.get_filename()]
    assert part.get_filename() == "laporan.csv"
    assert part.get_payload(decode=True) == b"dinas;jumlah\r\n"


def test_an_attempt_that_was_cut_short_waits_for_a_person(office: Office) -> None:
    account = office.account()
    mention = office.client.run(account.mentions(_with(office, a_mail()[1]))).items[-1]
    steps = iter(account.reply(mention, "Siap", key="mati"))
    effect: Any = next(steps)
    while effect.verb != "send":  # a killed process: the draft lies there, SMTP never ran
        effect = steps.send(office.carry(effect))
    steps.close()
    with pytest.raises(UnsupportedError, match="only a person can tell"):
        office.client.find_reply(account, mention, key="mati")
    with pytest.raises(UnsupportedError, match="only a person can tell"):
        office.client.reply(account, mention, "Siap", key="mati")
    office.client.run(account.forget_attempt(mention, key="mati"))
    assert office.client.find_reply(account, mention, key="mati") is None
    assert office.client.reply(account, mention, "Siap", key="mati").id


def test_an_answer_of_the_citizen_proves_that_the_mail_arrived(office: Office) -> None:
    account = office.account()
    mention = office.client.run(account.mentions(_with(office, a_mail()[1]))).items[-1]
    steps = iter(account.reply(mention, "Siap", key="mati"))
    effect: Any = next(steps)
    while effect.verb != "append" or effect.folder != "Sent":  # killed after SMTP took it
        effect = steps.send(office.carry(effect))
    steps.close()
    own = effect.message.partition(b"Message-ID: <")[2].partition(b">")[0].decode()
    office.put(a_mail("Terima kasih!", headers={"In-Reply-To": f"<{own}>"})[1])
    found = office.client.find_reply(account, mention, key="mati")
    assert found is not None
    assert (found.id, found.confirmed) == (own, True)


def test_octets_may_be_anything(office: Office) -> None:
    account = office.account()
    start = end_of(office, account)
    office.put(b"Subject: tanpa pengirim\r\n\r\nhalo\r\n", sender="")
    office.put(
        b"From: Wati <" + CITIZEN.encode() + b">\r\nSubject: \xe9\xff\r\n"
        b"Content-Type: text/plain; charset=x-aneh\r\n\r\nb\xe9nar\r\n"
    )
    page = office.client.run(account.mentions(start))
    assert [(one.subject, one.text) for one in page.items] == [("éÿ", "bénar")]
    assert [one.reason for one in page.unreadable] == ["no sender"]


def test_a_wrong_password_is_told_with_its_remedy(office: Office) -> None:
    account = office.account("keliru")
    with pytest.raises(AuthError) as caught:
        office.client.run(account.mentions(None))
    assert caught.value.status == 535
    assert "keliru" not in f"{caught.value!s} {caught.value!r}"


def test_a_mailbox_that_works_passes_its_check(office: Office) -> None:
    check = office.client.run(office.account().check())
    assert check.ok
    assert {"imap", "smtp", "limits"} <= {one.name for one in check.findings}


def _with(office: Office, octets: bytes) -> str:
    """Put a mail into the box; the cursor before it."""
    cursor = end_of(office, office.account())
    office.put(octets)
    return cursor
