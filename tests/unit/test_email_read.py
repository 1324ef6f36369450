"""Mails as they come: the samples of the contract, odd ones, and any octets at all."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pelayanan.platforms._email import Letter, UnreadableError, read_letter, without_quotes
from pelayanan.protocol.mail import MailItem

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("PELAYANAN_SHARED") or ROOT.parent / "shared")
SAMPLES = sorted((SHARED / "contracts" / "email" / "samples").glob("*.eml"))


def read(octets: bytes | str, *, received: datetime = NOON, size: int = 0) -> Letter:
    content = octets if isinstance(octets, bytes) else octets.encode()
    content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return read_letter(MailItem(7, received, size or len(content), content))


def mail(body: str = "Halo", **headers: str) -> str:
    """A mail with these headers; an underscore is a hyphen, an empty value leaves one out."""
    fields = {"From": "Wati Contoh <wati@warga.test>", "Message_ID": "<a@warga.test>"} | headers
    lines = [f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items() if value]
    return "".join(lines) + "\n" + body


def sample(number: int) -> Letter:
    if len(SAMPLES) < number:
        pytest.skip("the samples are not beside the repository: set PELAYANAN_SHARED")
    return read(SAMPLES[number - 1].read_bytes())


# --- the samples of the contract


def test_a_citizens_complaint() -> None:
    letter = sample(1)
    assert letter.id == letter.thread == "CAabc123@contoh.id"
    assert letter.sender == ("warga@contoh.id", "Warga Contoh")
    assert letter.subject == "KTP belum jadi \N{EN DASH} mohon info"
    assert letter.text == "Selamat pagi, KTP saya belum jadi sejak Agustus. Mohon informasinya."
    assert letter.created_at == datetime(2026, 11, 20, 2, 14, 2, tzinfo=UTC)
    assert (letter.automatic, letter.answers, letter.attachments) == (False, "", ())


def test_a_human_reply_belongs_to_the_thread() -> None:
    letter = sample(2)
    assert (letter.answers, letter.thread) == ("CAabc123@contoh.id", "CAabc123@contoh.id")
    assert not letter.automatic


@pytest.mark.parametrize("number", [3, 4, 5, 6])
def test_machines_are_recognised(number: int) -> None:
    assert sample(number).automatic


def test_a_permanent_bounce_names_what_came_back() -> None:
    letter = sample(6)
    assert letter.bounce == {
        "bounce": "permanent",
        "bounced": "bkl-000123-r1@dinas.contoh.go.id",
        "bounced_to": "warga@contoh.id",
    }
    assert letter.answers == letter.thread == "bkl-000123-r1@dinas.contoh.go.id"


# --- machines


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated; owner=x"},
        {"Return_Path": "<>"},
        {"Precedence": "Bulk"},
        {"Precedence": "list"},
        {"List_Unsubscribe": "<mailto:x@y.test>"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Re: x"},
        {"From": "MAILER-DAEMON@mx.test"},
        {"From": "No-Reply@toko.test"},
        {"From": "noreply+123@toko.test"},
        {"From": "jangan-dibalas@bank.test"},
        {"From": "bounces-77@daftar.test"},
        {"Content_Type": "multipart/report; report-type=disposition-notification; boundary=b"},
    ],
)
def test_signs_of_a_machine(headers: dict[str, str]) -> None:
    assert read(mail(**headers)).automatic


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"X_Auto_Response_Suppress": "All"},  # Outlook of people sets it
        {"Return_Path": "<wati@warga.test>"},
        {"From": "noreplyanto@warga.test"},
        {"Precedence": "first-class"},
        {"X_Autoreply": "no"},
    ],
)
def test_what_people_send_is_no_machines(headers: dict[str, str]) -> None:
    assert not read(mail(**headers)).automatic


REPORT = """--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; wati@warga.test
Action: {action}
Status: {status}

--b
Content-Type: message/rfc822

Message-ID: <kita@prov.test>
Subject: Re: x

Isi
--b--
"""
IS_REPORT = {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b"}


def test_a_transient_bounce_says_so() -> None:
    letter = read(mail(REPORT.format(action="delayed", status="4.4.1"), **IS_REPORT))
    assert letter.bounce["bounce"] == "transient"
    assert letter.bounce["bounced"] == "kita@prov.test"
    assert letter.attachments[-1].media_type == "message/rfc822"


@pytest.mark.parametrize(("action", "status"), [("delivered", "2.0.0"), ("relayed", "5.0.0")])
def test_a_report_of_success_is_no_bounce(action: str, status: str) -> None:
    letter = read(mail(REPORT.format(action=action, status=status), **IS_REPORT))
    assert (letter.bounce, letter.automatic) == ({}, True)


def test_a_bounce_without_a_sender_is_the_daemons() -> None:
    body = REPORT.format(action="failed", status="5.0.0")
    assert read(mail(body, From="", **IS_REPORT)).sender == ("mailer-daemon", "")


@pytest.mark.parametrize(
    "body",
    [
        "no parts at all",
        "--b\nContent-Type: message/delivery-status\n\n--b--\n",
        "--b\nContent-Type: text/rfc822-headers\n\nSubject: x\n--b--\n",
        "--b\nContent-Type: message/rfc822\n\n--b--\n",
    ],
)
def test_a_broken_report_is_still_a_machines(body: str) -> None:
    letter = read(mail(body, **IS_REPORT))
    assert (letter.bounce, letter.automatic) == ({}, True)


# --- headers


def test_encoded_names_and_subjects() -> None:
    letter = read(
        mail(
            From="=?iso-8859-1?q?Ren=E9=2C_Contoh?= <RENE@Warga.Test>",
            Subject="=?utf-8?b?QmFudHVhbiA=?=\n =?utf-8?q?belum_sampai=C3?= =?utf-8?q?=A9?=",
        )
    )
    assert letter.sender == ("rene@warga.test", "René, Contoh")
    assert letter.subject == "Bantuan belum sampaié"


def test_raw_octets_in_headers_are_guessed() -> None:
    utf8 = mail(Subject="Bénar").encode()
    assert read(utf8).subject == "Bénar"
    assert read(utf8.replace("é".encode(), b"\xe9")).subject == "Bénar"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("=?utf-8?b?A?=", "=?utf-8?b?A?="),
        ("=?x-aneh?q?a=E9?=", "aé"),
        ("=?utf-8?q?a=00b=07?=", "ab"),
        ("=?rot13?q?abc?=", "abc"),
        ("", ""),
    ],
)
def test_broken_encoded_words(subject: str, shown: str) -> None:
    assert read(mail(Subject=subject)).subject == shown


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"From": "", "Sender": "b@x.test"}, "b@x.test"),
        ({"From": "tanpa alamat", "Reply_To": "c@x.test"}, "c@x.test"),
        ({"From": "", "Return_Path": "<d@x.test>"}, "d@x.test"),
        ({"From": "a@x.test, b@x.test"}, "a@x.test"),
        ({"From": '"Wati (RT 3), Contoh" <e@x.test>'}, "e@x.test"),
        ({"From": "Wati <f@x.test"}, "f@x.test"),
        ({"From": "@@@ <g@x.test>> , <"}, "g@x.test"),
    ],
)
def test_a_sender_is_found_where_there_is_one(headers: dict[str, str], address: str) -> None:
    assert read(mail(**headers)).sender[0] == address


@pytest.mark.parametrize("headers", [{"From": ""}, {"From": "Wati Contoh"}, {"From": "<>"}])
def test_without_a_sender_it_is_unreadable(headers: dict[str, str]) -> None:
    with pytest.raises(UnreadableError, match="no sender"):
        read(mail(**headers))


def test_answers_go_to_reply_to() -> None:
    letter = read(mail(Reply_To="Kantor <kantor@warga.test>, lain@warga.test"))
    assert letter.answer_to == "kantor@warga.test"


def test_a_form_on_a_web_site_speaks_for_whom_it_names() -> None:
    form = {"From": "Wati Contoh <no-reply@prov.test>", "Reply_To": "wati@warga.test"}
    letter = read(mail(**form))
    assert (letter.sender, letter.automatic) == (("wati@warga.test", "Wati Contoh"), False)
    assert letter.answer_to == "wati@warga.test"
    for machine in ({"Precedence": "bulk"}, {"Auto_Submitted": "auto-generated"}):
        assert read(mail(**form, **machine)).automatic
    robots = {"From": "no-reply@toko.test", "Reply_To": "bounces@toko.test"}
    assert read(mail(**robots)).automatic


def test_without_message_id_the_octets_give_one() -> None:
    first, second = read(mail(Message_ID="")), read(mail("Lain", Message_ID=""))
    assert first.id == read(mail(Message_ID="")).id != second.id
    assert first.id.endswith("@no-message-id.invalid")
    assert read(mail(Message_ID=f"<{'a' * 300}@x.test>")).id.endswith("@no-message-id.invalid")
    assert read(mail(Message_ID="polos@x.test")).id == "polos@x.test"


def test_the_thread_is_the_root_of_references() -> None:
    letter = read(mail(References="<1@x>\n <2@x> <1@x>", In_Reply_To="<2@x>"))
    assert (letter.thread, letter.answers, letter.references) == ("1@x", "2@x", ("1@x", "2@x"))
    assert read(mail(References="<1@x> <2@x>")).answers == "2@x"
    assert read(mail(In_Reply_To="Your mail of Friday <9@x>")).thread == "9@x"


# --- times


@pytest.mark.parametrize(
    ("date", "hours"),
    [
        ("Fri, 20 Nov 2026 11:00:00 +0700", -1),  # as written
        ("Fri, 20 Nov 2026 04:00:00 -0000", -1),  # of no zone: UTC
        ("Fri, 20 Nov 2026 18:00:00 +0700", 0),  # a clock six hours ahead
        ("Fri, 20 Nov 2020 11:00:00 +0700", 0),  # years ago
        ("Fri, 99 Nov 2026 11:00:00 +0700", 0),
        ("Mon, 01 Jan 0001 00:00:00 +1400", 0),
        ("kemarin", 0),
        ("", 0),
    ],
)
def test_a_date_counts_where_the_server_bears_it_out(date: str, hours: int) -> None:
    assert read(mail(Date=date)).created_at == NOON + timedelta(hours=hours)


def test_the_newest_received_line_outlives_a_move_of_the_folder() -> None:
    received = "from a by b; Fri, 20 Nov 2026 12:00:00 +0700"
    octets = mail(Received=received, Date="Fri, 20 Nov 2026 11:30:00 +0700")
    assert read(octets, received=NOON + timedelta(days=400)).created_at == NOON - timedelta(
        minutes=30
    )


# --- bodies


def parts(*bodies: str, kind: str = "mixed") -> str:
    inner = "".join(f"--b\n{body}\n" for body in bodies)
    return mail(f"{inner}--b--\n", Content_Type=f'multipart/{kind}; boundary="b"')


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nIsi polos"
HTML = "Content-Type: text/html\n\n<style>p {}</style><p>Isi <b>tebal</b></p><script>x()</script>"


def test_plain_text_wins_over_html() -> None:
    assert read(parts(PLAIN, HTML, kind="alternative")).text == "Isi polos"
    assert read(parts(HTML, PLAIN, kind="alternative")).text == "Isi polos"


def test_html_alone_becomes_text() -> None:
    assert read(parts(HTML, kind="alternative")).text == "Isi tebal"
    empty = "Content-Type: text/plain\n\n  "
    assert read(parts(empty, HTML, kind="alternative")).text == "Isi tebal"
    assert read(parts("Content-Type: image/png\n\nx", kind="alternative")).text == ""


def test_text_around_a_picture_is_one_text() -> None:
    picture = (
        "Content-Type: image/jpeg; name=foto.jpg\nContent-Disposition: inline\n"
        "Content-Transfer-Encoding: base64\n\nAAAAAAAA"
    )
    letter = read(parts(PLAIN, picture, "Content-Type: text/plain\n\nSetelah foto"))
    assert letter.text == "Isi polos\n\nSetelah foto"
    (found,) = letter.attachments
    assert (found.name, found.media_type, found.size_bytes) == ("foto.jpg", "image/jpeg", 6)


def test_attachments_are_listed_and_not_read() -> None:
    document = (
        "Content-Type: text/plain; name*=utf-8''surat%20keterangan.txt\n"
        "Content-Disposition: attachment\n\nrahasia"
    )
    forwarded = "Content-Type: message/rfc822\n\nFrom: x@y.test\nSubject: dalam\n\nIsi dalam"
    encoded = 'Content-Type: application/pdf; name="=?utf-8?q?b=C3=A9rkas=2Epdf?="\n\nx'
    letter = read(parts(PLAIN, document, forwarded, encoded))
    assert letter.text == "Isi polos"
    assert [one.name for one in letter.attachments] == ["surat keterangan.txt", "", "bérkas.pdf"]
    assert [one.media_type for one in letter.attachments] == [
        "text/plain",
        "message/rfc822",
        "application/pdf",
    ]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ('text/plain; name="isi.txt"', "Jalan rusak"),
        ('multipart/mixed; boundary="hilang"', "--lain\n\nJalan rusak"),
        ('multipart/mixed; boundary="hilang"', "Jalan rusak"),
    ],
)
def test_a_text_is_found_wherever_it_stands(kind: str, body: str) -> None:
    assert "Jalan rusak" in read(mail(body, Content_Type=kind)).text


def test_a_named_text_beside_another_is_an_attachment() -> None:
    named = "Content-Type: text/plain; name=catatan.txt\n\nlain"
    body = f"--b\n{PLAIN}\n--b\n{named}\n--b--"
    assert read(mail(body, Content_Type='multipart/mixed; boundary="b"')).text == "Isi polos"


def test_a_mail_that_was_cut_off_tells_the_size_of_its_last_attachment() -> None:
    head = mail(
        "--b\n" + PLAIN + "\n--b\nContent-Type: image/jpeg; name=a.jpg\n"
        "Content-Transfer-Encoding: base64\n\nAAAAAAAA\n",
        Content_Type='multipart/mixed; boundary="b"',
    )
    whole = len(head.replace("\n", "\r\n")) + 4000
    letter = read(head, size=whole)
    assert letter.text == "Isi polos"
    assert letter.attachments[0].size_bytes == 6 + 3000


def test_a_mail_whose_text_stands_behind_the_cut_says_where_it_is() -> None:
    head = mail(
        "--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\nAAAAAAAA\n",
        Content_Type='multipart/mixed; boundary="b"',
    )
    whole = len(head.replace("\n", "\r\n"))
    assert "kotak surat" in read(head, size=whole + 4000).text
    assert read(head, size=whole).text == ""


@pytest.mark.parametrize(
    ("charset", "octets", "shown"),
    [
        ("iso-8859-1", b"b\xe9nar", "bénar"),
        ("utf-8", b"b\xe9nar", "bénar"),  # claims UTF-8 and is not
        ("us-ascii", "bénar".encode(), "bénar"),
        ("x-tidak-ada", b"b\xe9nar", "bénar"),
        ("utf-16", b"\xff\xfeb\x00", "b"),
        ("hex", b"6162", "6162"),
        ("undefined", b"abc", "abc"),
        ("gb2312", b"\xc4\xe3", "你"),
        ('"', b"abc", "abc"),
    ],
)
def test_any_charset(charset: str, octets: bytes, shown: str) -> None:
    head = mail("", Content_Type=f"text/plain; charset={charset}").encode()
    item = MailItem(1, NOON, 0, head.replace(b"\n", b"\r\n") + octets)
    assert read_letter(item).text == shown


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", "!!!"),
        ("base64", "QUJ"),
        ("quoted-printable", "a=ZZb="),
        ("x-uuencode", "begin 1 x\nnonsense\nend"),
        ("unheard-of", "abc"),
    ],
)
def test_broken_encodings_do_not_break(encoding: str, body: str) -> None:
    assert isinstance(read(mail(body, Content_Transfer_Encoding=encoding)).text, str)


def test_nul_and_nbsp_are_no_text() -> None:
    assert read(mail("a\x00b\u00a0c", Content_Type="text/plain; charset=utf-8")).text == "ab c"


def test_parts_within_parts_without_end() -> None:
    body = "halo"
    for depth in range(40):
        body = f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n{body}\n"
    with pytest.raises(UnreadableError, match="without end"):
        read(f"From: a@x.test\n{body}")


@pytest.mark.parametrize("charset", ["idna", "\0"])
def test_names_of_files_may_be_broken(charset: str) -> None:
    head = f"Content-Type: image/png; name*={charset}''x"
    (found,) = read(parts(PLAIN, f"{head}\n\nx")).attachments
    assert (found.name, found.media_type) == ("", "image/png")


@pytest.mark.parametrize("sender", ["(" * 3000 + "a@x.test", "a:" * 4000 + " a@x.test"])
def test_addresses_without_end(sender: str) -> None:
    assert read(mail(From=sender)).sender[0] == "a@x.test"


def test_what_breaks_the_parser_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise AttributeError("warga@rahasia.test")

    monkeypatch.setattr("pelayanan.platforms._email.bounce", fail)
    with pytest.raises(UnreadableError, match=r"^unlike a mail: AttributeError$"):
        read(mail())


def test_no_text_at_all() -> None:
    assert read("From: a@x.test").text == ""
    assert read(mail("", Content_Type="multipart/mixed")).text == ""


# --- quotes

WROTE = "Pada Jum, 20 Nov 2026 pukul 10.02 Dinas Contoh <layanan@dinas.example> menulis:"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Terima kasih\n\n{WROTE}\n> KTP\n> siap", "Terima kasih"),
        ("Terima kasih\n\nOn Fri, Dinas\nContoh wrote:\n\n> KTP\n\n> siap", "Terima kasih"),
        (f"Terima kasih\n{WROTE}\nKTP sudah siap", "Terima kasih"),  # web mail, from HTML
        ("Baik\n-----Pesan Asli-----\nDari: Dinas", "Baik"),
        (f"{WROTE}\n> Kapan?\n\nHari Senin", "Hari Senin"),
        ("Belum\n> KTP siap\n-- \nWati", "Belum\n> KTP siap\n-- \nWati"),
        (f"Belum\n{WROTE}\n> KTP siap\n-- \nWati", "Belum\n\n-- \nWati"),
        ("> Kapan lahir?\n2 Mei\n> Di mana?\nCurup", "> Kapan lahir?\n2 Mei\n> Di mana?\nCurup"),
        (f"Satu\n{WROTE}\n> Kapan?\nDua", f"Satu\n{WROTE}\n> Kapan?\nDua"),
        ("> semua kutipan", "> semua kutipan"),
        ("Ia menulis:\nsaya miskin", "Ia menulis:\nsaya miskin"),
        ("---------- Forwarded message ---------\nDari: RT", None),
        ("Nilai > 3 itu baik", "Nilai > 3 itu baik"),
        ("", ""),
    ],
)
def test_only_quoted_words_of_others_go(text: str, shown: str | None) -> None:
    assert without_quotes(text) == (text if shown is None else shown)


def test_quotes_stay_in_a_mail_that_answers_nothing() -> None:
    assert read(mail(f"Lihat ini:\n{WROTE}\n> KTP")).text.endswith("> KTP")
    assert read(mail(f"Baik\n{WROTE}\n> KTP", In_Reply_To="<1@x>")).text == "Baik"


# --- any octets


@given(st.binary(max_size=2000))
def test_octets_are_read_or_told_to_be_unreadable(octets: bytes) -> None:
    try:
        read_letter(MailItem(1, NOON, len(octets), octets))
    except UnreadableError as error:
        assert str(error) in {"no sender", "parts within parts without end"}


SEEDS = [
    mail(Subject="=?utf-8?q?Bantuan_=C3=A9?=", Date="Fri, 20 Nov 2026 11:00:00 +0700"),
    parts(PLAIN, HTML, kind="alternative"),
    parts(PLAIN, "Content-Type: image/jpeg; name*0*=utf-8''a; name*1=b\n\nx"),
    mail(REPORT.format(action="failed", status="5.1.1"), **IS_REPORT),
    mail(f"Baik\n{WROTE}\n> KTP", In_Reply_To="<1@x>", References="<0@x> <1@x>"),
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=12),
    st.integers(0, 2000),
)
def test_a_damaged_mail_never_breaks_the_page(
    seed: str, hits: list[tuple[int, int]], cut: int
) -> None:
    octets = bytearray(seed.replace("\n", "\r\n").encode())
    for place, octet in hits:
        octets[place % len(octets)] = octet
    damaged = bytes(octets[: len(octets) - cut % len(octets)])
    try:
        letter = read_letter(MailItem(1, NOON, len(damaged), damaged))
    except UnreadableError as error:
        assert str(error) in {"no sender", "parts within parts without end"}
    else:
        letter.text.encode()
        letter.subject.encode()
