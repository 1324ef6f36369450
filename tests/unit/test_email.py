"""The platform on a fake mailbox: cursors, answering once, and what goes wrong."""

import io
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from pydantic import SecretStr

from pelayanan import Client
from pelayanan.errors import (
    AuthError,
    ConfigError,
    NotFoundError,
    PlatformError,
    PolicyError,
    QuotaError,
    RateLimitError,
    RejectedError,
    TooLongError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Mention, Sent
from pelayanan.platforms import Email
from pelayanan.platforms._email_write import compose, own_id, reachable, reply_subject
from pelayanan.protocol.capabilities import (
    AnswerSource,
    Checkable,
    MentionSource,
    Replier,
    ReplyFinder,
    require,
)
from pelayanan.protocol.mail import MailAnswer, MailCall, MailFolder, MailItem, classify_mail
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request
from pelayanan.testing import replay
from pelayanan.testing.fake_mailbox import FakeMailbox

AGENCY, WATI = "dinsos@prov.example", "wati@warga.example"
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
Drive = Callable[..., Any]


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(clock: Clock) -> FakeMailbox:
    return FakeMailbox(clock=clock)


@pytest.fixture
def client(fake: FakeMailbox) -> Client:
    return Client(transport=fake, sleep=lambda _: None)


def email(clock: Callable[[], datetime], **options: Any) -> Email:
    where = {"imap": "surat.example", "smtp": "surat.example:587"}
    return Email(AGENCY, "rahasia-sekali", **{**where, **options}, clock=clock)


@pytest.fixture
def account(clock: Clock) -> Email:
    return email(clock)


@pytest.fixture
def mention(fake: FakeMailbox, client: Client, account: Email) -> Mention:
    fake.citizen(WATI).post("Bantuan belum sampai", subject="Bansos", name="Wati Contoh")
    return next(iter(client.mentions(account)))


def everything(client: Client, account: Email, since: str | None = None) -> list[str]:
    return [one.id for one in client.mentions(account, since=since)]


# --- fetching


@pytest.mark.parametrize("refusal", [MailAnswer(550), MailAnswer(450, reason="SERVERBUG")])
def test_one_damaged_mail_holds_up_no_folder(account: Email, refusal: MailAnswer) -> None:
    def mail(uid: int) -> MailAnswer:
        octets = f"From: {WATI}\nMessage-ID: <{uid}@warga.example>\n\nHalo".encode()
        item = MailItem(uid, NOON, len(octets), octets)
        return MailAnswer(uids=(uid,), uid_validity=5, items=(item,))

    listed = MailAnswer(uids=(1, 2, 3), uid_validity=5)
    answers = [listed, refusal, mail(1), refusal, mail(3)]
    run = replay(account.mentions(), answers)
    assert [one.id for one in run.result.items] == ["1@warga.example", "3@warga.example"]
    assert [one.id for one in run.result.unreadable] == ["INBOX/2"]
    assert '"uid":3' in run.result.cursor
    with pytest.raises(PlatformError):  # the server gives nothing at all: it comes again
        replay(account.mentions(), [listed, *[refusal] * 4])
    alone = MailAnswer(uids=(7,), uid_validity=5)
    with pytest.raises(PlatformError):
        replay(account.mentions(), [alone, refusal, refusal])


def test_it_can_what_the_house_asks_of_a_mailbox(account: Email) -> None:
    for capability in (MentionSource, AnswerSource, Replier, ReplyFinder, Checkable):
        assert require(account, capability) is account
    assert account.capabilities.private
    assert account.handle == AGENCY


def test_both_clients_fetch_and_answer(drive: Drive, fake: FakeMailbox, account: Email) -> None:
    own = fake.citizen(WATI).post("Bantuan belum sampai", subject="Bansos", name="Wati Contoh")
    (mention,) = drive(lambda client: client.mentions(account), fake)
    assert (mention.id, mention.subject, mention.text) == (own, "Bansos", "Bantuan belum sampai")
    sent = drive(lambda client: client.reply(account, mention, "Kami cek.", key="k"), fake)
    (answer,) = fake.messages(WATI)
    assert f"<{sent.id}>" == message_from_bytes(answer)["Message-ID"]


def test_many_mails_come_in_pages_and_none_twice(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    ids = [fake.citizen(WATI).post(f"nomor {number}") for number in range(120)]
    pages = list(client.pages(account))
    assert [len(page.items) for page in pages] == [50, 50, 20]
    assert [one.id for page in pages for one in page.items] == ids
    assert everything(client, account, pages[0].cursor) == ids[50:]
    assert everything(client, account, pages[-1].cursor) == []
    late = fake.citizen(WATI).post("baru")
    assert everything(client, account, pages[-1].cursor) == [late]


def test_new_uids_sweep_again_from_two_days_before(
    fake: FakeMailbox, client: Client, account: Email, clock: Clock
) -> None:
    old = fake.citizen(WATI).post("lama")
    clock.now += timedelta(days=9)
    new = fake.citizen(WATI).post("baru")
    cursor = list(client.pages(account))[-1].cursor
    fake.renumber(AGENCY)
    assert everything(client, account, cursor) == [new]
    assert everything(client, account) == [old, new]


def test_new_uids_while_nothing_was_known_sweep_all(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    cursor = list(client.pages(account))[-1].cursor
    own = fake.citizen(WATI).post("pertama")
    fake.renumber(AGENCY)
    assert everything(client, account, cursor) == [own]


def test_uids_that_change_between_list_and_fetch_lose_nothing(account: Email) -> None:
    run = replay(
        account.mentions(),
        [MailAnswer(uids=(1,), uid_validity=5), MailAnswer(uid_validity=6)],
    )
    assert (run.result.items, run.result.more) == ((), True)
    assert run.result.cursor == 'email/1:{"validity":5}'  # nothing was read: from the first on


def test_old_mail_can_be_left_out(fake: FakeMailbox, client: Client, clock: Clock) -> None:
    fake.citizen(WATI).post("lama")
    clock.now += timedelta(days=9)
    new = fake.citizen(WATI).post("baru")
    assert everything(client, email(clock, since=date(2026, 11, 25))) == [new]


@pytest.mark.parametrize("cursor", ["mastodon/1:7", "email/1:{", 'email/1:{"uid":"x"}', "email/9:"])
def test_another_cursor_is_refused(client: Client, account: Email, cursor: str) -> None:
    with pytest.raises(ConfigError):
        client.run(account.mentions(cursor))


def test_own_mail_in_copy_is_no_mention(fake: FakeMailbox, client: Client, account: Email) -> None:
    fake.write(AGENCY, AGENCY, "catatan")
    assert everything(client, account) == []


def test_a_form_on_the_agencys_site_speaks_for_the_citizen(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    fake.citizen(WATI)
    fake.write(AGENCY, AGENCY, "Bantuan belum sampai", headers={"Reply-To": WATI})
    (mention,) = client.mentions(account)
    assert mention.author.id == WATI
    client.reply(account, mention, "Kami cek.", key="k")
    assert len(fake.messages(WATI)) == 1


def test_sending_is_paced(fake: FakeMailbox, clock: Clock, mention: Mention) -> None:
    naps: list[float] = []
    account = email(clock, per_minute=1)
    with Client(transport=fake, sleep=naps.append) as client:
        for key in ("a", "b"):
            client.reply(account, mention, "Siap", key=key)
    assert len(naps) == 1
    assert 50 < naps[0] <= 60


def test_one_message_id_twice_is_one_mention(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    fake.citizen(WATI).post("Halo")
    fake.fault("duplicate")
    assert len(everything(client, account)) == 1


def test_an_unreadable_mail_stops_no_page(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    fake.citizen(WATI)
    fake.deliver(b"Subject: x\r\n\r\nhalo", sender="", to=AGENCY)
    own = fake.citizen(WATI).post("Halo")
    page = client.run(account.mentions())
    assert [one.id for one in page.items] == [own]
    assert [(one.id, one.reason) for one in page.unreadable] == [("INBOX/1", "no sender")]


def test_a_large_mail_is_read_in_part(fake: FakeMailbox, client: Client, clock: Clock) -> None:
    fake.citizen(WATI).post("a" * 50 + "\n" + "b" * 5000)
    (page,) = client.pages(email(clock, max_bytes=700))
    assert page.items[0].text.startswith("a" * 50)
    assert len(page.items[0].text) < 700


def test_answers_before_anything_was_sent(client: Client, clock: Clock) -> None:
    account = email(clock, sent_folder="Terkirim")
    page = client.run(account.answers())
    assert (page.items, page.more) == ((), False)
    assert client.run(account.answers(page.cursor)).cursor == page.cursor


def test_answers_typed_by_an_officer(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    fake.write(AGENCY, WATI, "Undangan", file=True)
    typed = fake.officer(AGENCY).reply(mention.id, "Sudah cair, Bu.")
    (answer,) = client.run(account.answers()).items
    assert (answer.id, answer.to, answer.thread) == (typed, mention.id, mention.id)
    assert (answer.private, answer.automatic, answer.text) == (True, False, "Sudah cair, Bu.")


# --- answering once


def test_a_reply_carries_the_thread(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    sent = client.reply(account, mention, "Kami cek.", key="kasus-1")
    (octets,) = fake.messages(WATI)
    mail = message_from_bytes(octets)
    assert mail["Subject"] == "Re: Bansos"
    assert mail["In-Reply-To"] == mail["References"] == f"<{mention.id}>"
    assert mail["To"] == WATI
    assert mail["Auto-Submitted"] is None
    assert sent == Sent(id=sent.id, at=NOON)
    assert fake.messages(AGENCY, "Drafts") == []
    assert len(fake.messages(AGENCY, "Sent")) == 1


def test_the_same_key_is_sent_once(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    assert client.find_reply(account, mention, key="k") is None
    first = client.reply(account, mention, "Kami cek.", key="k")
    again = client.reply(account, mention, "Kami cek lagi.", key="k")
    other = client.reply(account, mention, "Sudah.", key="k2")
    assert first.id == again.id != other.id
    assert len(fake.messages(WATI)) == 2
    assert client.find_reply(account, mention, key="k") == Sent(id=first.id, at=NOON)


@pytest.mark.parametrize("header", ["Auto-Submitted", "List-Id", "Precedence"])
def test_machines_are_not_answered(
    fake: FakeMailbox, client: Client, account: Email, header: str
) -> None:
    fake.citizen(WATI).post("Cuti", headers={header: "list"})
    (mention,) = client.mentions(account)
    assert mention.automatic
    with pytest.raises(PolicyError):
        client.reply(account, mention, "Siap", key="k")
    assert fake.messages(WATI) == []


def test_somebody_who_is_away_is_heard_and_not_answered(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    fake.citizen(WATI).away()
    sent = client.reply(account, mention, "Kami cek.", key="k")
    note = list(client.mentions(account))[-1]
    assert (note.automatic, note.reply_to) == (True, sent.id)


def test_a_domain_that_is_nowhere_bounces(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    sent = client.run(account.message(to=["x@jauh.test"], subject="S", text="T", key="k"))
    (note,) = client.mentions(account)
    assert note.automatic
    assert note.ref["bounced"] == note.reply_to == sent.id
    assert (note.ref["bounce"], note.ref["bounced_to"]) == ("permanent", "x@jauh.test")


def test_an_answer_goes_to_reply_to_unless_that_is_the_agency(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    fake.citizen("kantor@warga.example")
    fake.citizen(WATI).post("Halo", headers={"Reply-To": "kantor@warga.example"})
    fake.citizen(WATI).post("Halo", headers={"Reply-To": AGENCY})
    first, second = client.mentions(account)
    client.reply(account, first, "Siap", key="k")
    client.reply(account, second, "Siap", key="k")
    assert [len(fake.messages(one)) for one in ("kantor@warga.example", WATI)] == [1, 1]


def test_a_lost_acknowledgement_waits_for_a_person(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    fake.fault("lost_reply")
    with pytest.raises(TransportError):
        client.reply(account, mention, "Siap", key="k")
    for _ in range(2):
        with pytest.raises(UnsupportedError, match=r"only a person can tell.*'Drafts'"):
            client.reply(account, mention, "Siap", key="k")
    assert len(fake.messages(WATI)) == 1
    client.run(account.forget_attempt(mention, key="k"))
    client.run(account.forget_attempt(mention, key="k"))  # nothing left, nothing wrong
    assert client.find_reply(account, mention, key="k") is None


@pytest.mark.parametrize("header", ["In-Reply-To", "References"])
def test_a_citizens_answer_settles_it(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention, header: str
) -> None:
    fake.fault("lost_reply")
    with pytest.raises(TransportError):
        client.reply(account, mention, "Siap", key="k")
    own = message_from_bytes(fake.messages(WATI)[0])["Message-ID"]
    fake.citizen(WATI).post("Terima kasih", headers={header: own})
    found = client.find_reply(account, mention, key="k")
    assert found is not None
    assert found.confirmed


@pytest.mark.parametrize("fault", ["busy", "busy_silent", "broken", "dead"])
def test_what_was_refused_leaves_no_draft(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention, fault: Any
) -> None:
    fake.fault(fault, times=4, after=3)  # two looks and the draft pass
    with pytest.raises(RateLimitError):
        client.reply(account, mention, "Siap", key="k")
    assert fake.messages(AGENCY, "Drafts") == []
    assert client.find_reply(account, mention, key="k") is None
    assert client.reply(account, mention, "Siap", key="k").id
    assert len(fake.messages(WATI)) == 1


def test_a_wrong_smtp_password_leaves_no_draft(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    fake.fault("expired_token", after=3)
    with pytest.raises(AuthError):
        client.reply(account, mention, "Siap", key="k")
    assert fake.messages(AGENCY, "Drafts") == []


def test_a_draft_that_cannot_be_tidied_up_hides_no_refusal(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    wrong = mention.model_copy(update={"ref": {"to": "tidakada@warga.example"}})
    fake.fault("dead", times=4, after=4)  # all that follows the refusal
    with pytest.raises(RejectedError, match=r"550 5\.1\.1"):
        client.reply(account, wrong, "Siap", key="k")


def test_sent_is_sent_even_if_it_cannot_be_filed(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    fake.fault("dead", times=9, after=4)
    assert client.reply(account, mention, "Siap", key="k").id
    assert len(fake.messages(WATI)) == 1
    assert fake.messages(AGENCY, "Sent") == []


def test_filing_is_tried_again_after_a_look(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    fake.fault("dead", after=4)
    client.reply(account, mention, "Siap", key="k")
    assert len(fake.messages(AGENCY, "Sent")) == 1
    assert fake.messages(AGENCY, "Drafts") == []


def test_a_copy_whose_answer_was_lost_is_not_filed_twice(account: Email, mention: Mention) -> None:
    steps = iter(account.reply(mention, "Siap", key="k"))
    effect: Any = next(steps)
    filed = [MailAnswer(), MailAnswer(), MailAnswer(), MailAnswer()]
    for answer in filed:  # two looks, draft, sending
        effect = steps.send(answer)
    assert (effect.verb, effect.folder) == ("append", "Sent")
    effect = steps.throw(TransportError("lost", operation="email.reply"))
    assert (effect.verb, effect.folder) == ("find", "Sent")
    effect = steps.send(MailAnswer(uids=(3,), uid_validity=1))
    assert (effect.verb, effect.folder) == ("find", "Drafts")
    effect = steps.send(MailAnswer(uids=(4,), uid_validity=1))
    assert (effect.verb, effect.uids) == ("delete", (4,))
    with pytest.raises(StopIteration) as done:
        steps.send(MailAnswer())
    assert done.value.value.at == NOON


def test_a_draft_left_behind_by_a_filed_mail_goes(
    fake: FakeMailbox, client: Client, account: Email, mention: Mention
) -> None:
    sent = client.reply(account, mention, "Siap", key="k")
    (octets,) = fake.messages(AGENCY, "Sent")
    with fake.world():
        fake._put(AGENCY, "Drafts", octets)
    assert client.find_reply(account, mention, key="k") == sent
    assert fake.messages(AGENCY, "Drafts") == []


def test_a_server_that_files_by_itself(
    fake: FakeMailbox, client: Client, clock: Clock, mention: Mention
) -> None:
    account = email(clock, sent_copy=False)
    client.reply(account, mention, "Siap", key="k")
    assert fake.messages(AGENCY, "Sent") == []
    (draft,) = fake.messages(AGENCY, "Drafts")  # all that tells of it until the server files it
    with fake.world():
        fake._put(AGENCY, "Sent", draft)
    assert client.find_reply(account, mention, key="k") is not None
    assert fake.messages(AGENCY, "Drafts") == []


def test_a_server_that_files_at_once_leaves_no_draft(clock: Clock, mention: Mention) -> None:
    nothing, there = MailAnswer(), MailAnswer(uids=(1,), uid_validity=1)
    run = replay(
        email(clock, sent_copy=False).reply(mention, "Siap", key="k"),
        [nothing, nothing, nothing, nothing, there, there, nothing],
    )
    assert [call.verb for call in run.calls if isinstance(call, MailCall)] == [
        *("find", "find", "append", "send", "find", "find", "delete")
    ]


def test_folders_are_asked_for_once(clock: Clock, mention: Mention) -> None:
    account = email(clock, sent_folder=None, drafts_folder=None)
    folders = (
        MailFolder("Terkirim", frozenset(["\\sent"])),
        MailFolder("INBOX"),
    )
    nothing, asked = MailAnswer(), MailAnswer(folders=folders)
    look = account.find_reply(mention, key="k")
    run = replay(look, [asked, nothing, asked, nothing])
    calls = [call for call in run.calls if isinstance(call, MailCall)]
    assert [call.folder for call in calls if call.verb == "find"] == ["Drafts", "Terkirim"]
    assert len(replay(account.find_reply(mention, key="k"), [nothing, nothing]).calls) == 2


# --- mails of its own


def test_a_report_takes_files_and_pictures(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    fake.citizen("gubernur@prov.example")
    picture = MediaFile(
        filename="grafik.png",
        media_type="image/png",
        alt="Grafik",
        size_bytes=4,
        sha256="",
        width=1,
        height=1,
        open=lambda: io.BytesIO(b"\x89PNG"),
    )
    what: Any = {
        "to": ["gubernur@prov.example"],
        "subject": "Laporan\nOktober",
        "text": "Terlampir.",
        "key": "laporan-2026-10",
        "attachments": [picture, ("laporan.csv", "text/csv", b"a;b")],
    }
    sent = client.run(account.message(**what))
    assert client.run(account.message(**what)).id == sent.id
    assert client.run(account.find_message(key="laporan-2026-10")) is not None
    assert client.run(account.find_message(key="laporan-2026-11")) is None
    (octets,) = fake.messages("gubernur@prov.example")
    mail = message_from_bytes(octets)
    assert mail["Subject"] == "Laporan Oktober"
    files = {one.get_filename(): one.get_payload(decode=True) for one in mail.walk()}
    assert files["grafik.png"] == b"\x89PNG"
    assert files["laporan.csv"] == b"a;b"


def test_a_mail_too_large_says_so(client: Client, account: Email, fake: FakeMailbox) -> None:
    fake.citizen(WATI)
    huge = [("a.bin", "application/octet-stream", b"a" * 8_000_000)]
    with pytest.raises(TooLongError):
        client.run(account.message(to=[WATI], subject="S", text="T", key="k", attachments=huge))


# --- check


def test_check_of_a_good_account(client: Client, account: Email) -> None:
    check = client.run(account.check())
    assert check.ok
    assert [one.name for one in check.findings] == ["imap", "smtp", "limits"]


def test_check_names_the_remedy(fake: FakeMailbox, client: Client, account: Email) -> None:
    fake.agency(AGENCY, password="lain")
    check = client.run(account.check())
    assert [(one.name, one.ok) for one in check.findings] == [("imap", False), ("smtp", False)]
    assert "app password" in check.findings[0].remedy
    fake.fault("dead", times=9)
    assert "try again later" in client.run(account.check()).findings[0].remedy


def test_check_looks_at_folders_and_certificates(clock: Clock) -> None:
    account = email(clock, inbox="Masuk", sent_folder="Sent")
    marked = (MailFolder("Terkirim", frozenset(["\\sent"])),)
    run = replay(
        account.check(),
        [MailAnswer(folders=marked, certificate_days=3), MailAnswer(certificate_days=-1)],
    )
    found = {one.name: one for one in run.result.findings}
    assert not found["inbox"].ok
    assert "'Terkirim'" in found["sent"].remedy
    assert found["imap certificate"].ok
    assert "renew" in found["imap certificate"].remedy
    assert not found["smtp certificate"].ok
    run = replay(email(clock).check(), [MailAnswer(), MailAnswer(certificate_days=90)])
    assert run.result.ok
    assert run.result.findings[1].detail == "made with the first mail"


# --- configuration and secrets


@pytest.mark.parametrize(
    ("options", "imap", "smtp"),
    [
        ({}, ("surat.example:993", "tls"), ("surat.example:587", "starttls")),
        ({"smtp": "s.example"}, ("surat.example:993", "tls"), ("s.example:465", "tls")),
        ({"imap": "i.example:143"}, ("i.example:143", "starttls"), None),
        ({"imap": "starttls://i.example:1143"}, ("i.example:1143", "starttls"), None),
        ({"smtp": "tls://s.example:2465"}, None, ("s.example:2465", "tls")),
        ({"imap": "plain://127.0.0.1:143"}, ("127.0.0.1:143", "plain"), None),
        ({"imap": "plain://[::1]:143"}, ("[::1]:143", "plain"), None),
        ({"imap": "[2001:db8::1]"}, ("[2001:db8::1]:993", "tls"), None),
    ],
)
def test_servers_as_they_are_written(
    clock: Clock, options: dict[str, str], imap: Any, smtp: Any
) -> None:
    box = email(clock, **options)._box
    assert imap in {None, tuple(box.imap)}
    assert smtp in {None, tuple(box.smtp)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"imap": "plain://mail.example:143"},
        {"imap": "http://mail.example:143"},
        {"smtp": "mail.example:smtp"},
        {"smtp": ""},
        {"token": "juga"},
    ],
)
def test_a_wrong_configuration_is_refused(clock: Clock, wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        email(clock, **wrong)


def test_an_address_and_one_secret_are_needed() -> None:
    for address, password in (("dinsos", "x"), (AGENCY, "")):
        with pytest.raises(ConfigError):
            Email(address, password, imap="a", smtp="b")


def test_a_token_may_stand_for_the_password() -> None:
    account = Email(AGENCY, token=SecretStr("oauth"), user="dinsos", imap="a", smtp="b")
    call = account._box.call("x", "hello")
    assert (call.user, call.login, call.password.get_secret_value()) == ("dinsos", "token", "oauth")


def test_the_password_is_shown_nowhere(
    fake: FakeMailbox, client: Client, account: Email, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.agency(AGENCY, password="lain")
    with pytest.raises(AuthError) as caught:
        client.run(account.mentions())
    call = account._box.call("mentions", "list")
    shown = f"{caught.value!r} {caught.value} {caplog.text} {account!r} {account._box!r} {call!r}"
    assert "rahasia-sekali" not in shown
    assert "surat.example" not in f"{caught.value!r} {call!r}"


# --- words and codes


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (MailAnswer(250), None),
        (MailAnswer(421), RateLimitError),
        (MailAnswer(450), RateLimitError),
        (MailAnswer(454, reason="UNAVAILABLE"), RateLimitError),
        (MailAnswer(535), AuthError),
        (MailAnswer(530), AuthError),
        (MailAnswer(550, reason="5.1.1"), RejectedError),
        (MailAnswer(550, reason="5.7.1"), PolicyError),
        (MailAnswer(550, reason="5.4.5"), QuotaError),
        (MailAnswer(552, reason="5.3.4"), TooLongError),
        (MailAnswer(552, reason="5.2.2"), RejectedError),
        (MailAnswer(552, reason="OVERQUOTA"), QuotaError),
        (MailAnswer(550, reason="NONEXISTENT"), NotFoundError),
        (MailAnswer(553, reason="5.7.1", of_sender=True), AuthError),  # whoever it is written to
        (MailAnswer(550, reason="5.4.5", of_sender=True), QuotaError),
        (MailAnswer(552, reason="5.3.4", of_sender=True), TooLongError),
        (MailAnswer(452, of_sender=True), RateLimitError),
    ],
)
def test_codes_become_errors(answer: MailAnswer, kind: type[PlatformError] | None) -> None:
    error = classify_mail("email.uji", answer)
    assert type(error) is (kind or type(None))
    assert error is None or error.status == answer.status


def test_re_stands_once() -> None:
    assert reply_subject("Bansos") == "Re: Bansos"
    assert reply_subject("RE: Bansos") == "RE: Bansos"
    assert reply_subject("Bls: Bansos") == "Bls: Bansos"
    assert reply_subject("") == "Re:"


def test_an_id_of_ours_is_the_same_for_the_same_key() -> None:
    assert own_id(AGENCY, "reply", "a", "k") == own_id(AGENCY, "reply", "a", "k")
    assert own_id(AGENCY, "reply", "a", "k") != own_id(AGENCY, "reply", "ak")
    assert own_id("a@bücher.example", "k").endswith("@xn--bcher-kva.example")


def test_addresses_as_smtp_spells_them() -> None:
    assert reachable("a@bücher.example") == "a@xn--bcher-kva.example"
    for address in ("bücher@a.example", "a b@c.example", "a@" + "ü" * 80 + ".example"):
        with pytest.raises(UnsupportedError):
            reachable(address)


def test_a_long_thread_loses_its_middle_and_long_ids_stay_whole() -> None:
    ids = [f"{'x' * 120}{number}@warga.example" for number in range(40)]
    octets = compose(
        sender=("Dinas Sosial Bénar", AGENCY),
        to=[WATI],
        subject="Bantuan é",
        text="Halo\n" + "é" * 2000 + "\n.\n",
        at=NOON,
        message_id="a@prov.example",
        before=ids,
    )
    assert octets.isascii()
    assert max(len(line) for line in octets.split(b"\r\n")) <= 998
    mail = message_from_bytes(octets)
    assert mail["In-Reply-To"] == f"<{ids[-1]}>"
    assert mail["References"].split() == [f"<{one}>" for one in [ids[0], *ids[-19:]]]
    body: Any = mail.get_payload(decode=True)
    assert body.decode().split() == ["Halo", "é" * 2000, "."]


# --- the fake


def test_the_fake_keeps_its_world_in_a_folder(tmp_path: Any, clock: Clock) -> None:
    own = FakeMailbox(folder=tmp_path, clock=clock).citizen(WATI).post("Halo")
    again = FakeMailbox(folder=tmp_path, clock=clock)
    with Client(transport=again) as client:
        assert everything(client, email(clock)) == [own]


def test_the_fake_speaks_no_http_and_opens_only_what_is_there(
    fake: FakeMailbox, client: Client, clock: Clock
) -> None:
    assert fake.http(Request(operation="uji", url="https://surat.example/")).status == 404
    with pytest.raises(AuthError):
        client.run(email(clock, user="lain@prov.example").mentions())
    with pytest.raises(NotFoundError):
        client.run(email(clock, inbox="Masuk").mentions())


def test_a_skewed_clock_is_corrected_by_the_server(
    fake: FakeMailbox, client: Client, account: Email
) -> None:
    fake.fault("clock_skew")
    fake.citizen(WATI).post("Halo")
    (mention,) = client.mentions(account)
    assert NOON <= mention.created_at <= NOON + timedelta(minutes=10)


def test_the_fake_takes_raw_octets(fake: FakeMailbox, client: Client, account: Email) -> None:
    fake.citizen(WATI).post_raw(b"From: wati@warga.example\r\n\r\nHalo")
    (mention,) = client.mentions(account)
    assert mention.text == "Halo"
    client.reply(account, mention, "Siap", key="k")
    (answer,) = fake.citizen(WATI).inbox()
    assert message_from_bytes(answer)["In-Reply-To"] == f"<{mention.id}>"
