"""The monthly report by mail: once per month and address, whatever happens in between."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from office import Office
from pelayanan import Client, Desk
from pelayanan.cli import main
from pelayanan.errors import ConfigError, TransportError
from pelayanan.platforms import Manual
from pelayanan.protocol.mail import MailAnswer, MailCall
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeMailbox

pytest.importorskip("jinja2")

NOW = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
AGENCY = "dinsos@prov.example"
THREE = ("kadis@prov.example", "sekda@prov.example", "gubernur@prov.example")
CONFIG = """
[province]
name = "Provinsi Contoh"
[[agencies]]
key = "dinsos"
name = "Dinas Sosial"
[[accounts]]
key = "dinsos-mail"
agency = "dinsos"
platform = "email"
address = "dinsos@prov.example"
password = "file:sandi"
imap = "surat.example:993"
smtp = "surat.example:465"
since = 2026-01-01
"""


class Line(Transport):
    """The way to the server; it may be cut when a mail is handed over."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.cut = ""

    def http(self, request: Request) -> Response:
        return self.inner.http(request)

    def mail(self, call: MailCall) -> MailAnswer:
        if call.verb != "send" or not self.cut:
            return self.inner.mail(call)
        if self.cut == "busy":
            return MailAnswer(421)
        if self.cut == "after":
            self.inner.mail(call)
        raise TransportError("the line was cut", operation=call.operation)


class Cron:
    """What cron starts in a workspace."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys, self.now = folder, capsys, NOW
        self.server = FakeMailbox(agency=AGENCY)
        for address in (AGENCY, *THREE):
            self.server.agency(address, password="rahasia")
        self.line = Line(self.server)
        (folder / "sandi").write_text("rahasia")
        (folder / "pelayanan.toml").write_text(CONFIG)

    def run(self, *words: str) -> tuple[int, str]:
        config = ("--config", str(self.folder / "pelayanan.toml"))
        with Client(transport=self.line, sleep=lambda _: None) as client:
            code = main((*words, *config), client=client, clock=lambda: self.now)
        said = self._capsys.readouterr()
        return code, said.out + said.err

    def report(self, *to: str, month: str = "last") -> tuple[int, str]:
        return self.run("report", "--month", month, "--mail-to", ",".join(to or THREE))

    def desk(self) -> Desk:
        return Desk.open(
            self.folder / "pelayanan.toml", transport=self.line, clock=lambda: self.now
        )

    def arrived(self, address: str) -> list[EmailMessage]:
        found = self.server.messages(address)
        return [message_from_bytes(each, policy=policy.default) for each in found]

    def counts(self, *to: str) -> list[int]:
        return [len(self.arrived(address)) for address in to or THREE]


@pytest.fixture
def cron(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Cron]:
    made = Cron(tmp_path, capsys)
    call = Manual("telepon").mention(
        text="bantuan beras belum sampai", at=datetime(2026, 10, 7, 3, tzinfo=UTC)
    )
    with made.desk() as desk:
        desk.add_mention(call, agency="dinsos")
    yield made
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_three_addresses_have_the_report_once(cron: Cron) -> None:
    code, out = cron.report()
    assert (code, cron.counts()) == (0, [1, 1, 1])
    assert out.count(": terkirim") == 3
    code, out = cron.report()
    assert (code, cron.counts()) == (0, [1, 1, 1])
    assert out.count("sudah terkirim sebelumnya") == 3


def test_each_mail_names_its_reader_only_and_carries_score_and_report(cron: Cron) -> None:
    cron.report()
    (mail,) = cron.arrived(THREE[0])
    assert (mail["To"], mail["Auto-Submitted"]) == (THREE[0], None)
    assert mail["Subject"] == "Laporan layanan Oktober 2026: Provinsi Contoh"
    body = mail.get_body()
    assert body is not None
    text: str = body.get_content()
    assert "- Dinas Sosial: " in text
    for basis in ("n = 1", "90 %", "idt/1", "kalender id-", "sampai 01-11-2026 07:30"):
        assert basis in text, basis
    files = {each.get_filename(): each.get_content() for each in mail.iter_attachments()}
    assert list(files) == ["laporan-2026-10.html", "laporan-2026-10.csv", "skor-2026-10.txt"]
    assert "<h1>Layanan Oktober 2026</h1>" in files["laporan-2026-10.html"]
    assert "dijawab dalam 15 menit" in files["skor-2026-10.txt"]


def test_a_fourth_address_gets_it_later_and_alone(cron: Cron) -> None:
    cron.report()
    fourth = "inspektur@prov.example"
    cron.server.agency(fourth, password="rahasia")
    code, out = cron.report(*THREE, fourth)
    assert (code, cron.counts(*THREE, fourth)) == (0, [1, 1, 1, 1])
    assert (out.count("sudah terkirim"), out.count(f"{fourth}: terkirim")) == (3, 1)


def test_an_address_twice_is_one(cron: Cron) -> None:
    code, _ = cron.report(THREE[0], f" {THREE[0].upper()}", THREE[0])
    assert (code, cron.counts()) == (0, [1, 0, 0])
    assert "sudah terkirim" in cron.report(THREE[0].upper())[1]
    assert cron.counts() == [1, 0, 0]


def test_the_next_month_is_another_report(cron: Cron) -> None:
    cron.report()
    cron.now = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    assert cron.report()[0] == 0
    assert cron.counts() == [2, 2, 2]


def test_a_month_that_goes_on_does_not_stand_for_the_whole(cron: Cron) -> None:
    cron.now = datetime(2026, 10, 20, 1, tzinfo=UTC)
    assert cron.report(month="this")[0] == 0
    cron.now = NOW
    assert cron.report(month="last")[0] == 0
    assert cron.counts() == [2, 2, 2]


def test_a_wrong_password_of_the_mailbox_is_no_matter_of_waiting(cron: Cron) -> None:
    (cron.folder / "sandi").write_text("salah")
    for _ in range(2):
        code, out = cron.report(THREE[0])
        assert (code, "administrator: " in out) == (1, True)
    (cron.folder / "sandi").write_text("rahasia")
    assert cron.report(THREE[0])[0] == 0
    assert cron.counts() == [1, 0, 0]


def test_a_server_that_is_away_is_tried_again(cron: Cron) -> None:
    cron.line.cut = "busy"
    code, out = cron.report()
    assert (code, cron.counts()) == (75, [0, 0, 0])
    assert "belum pasti" in out
    cron.line.cut = ""
    assert cron.run("send")[0] == 0  # the next `send` does it, or the next `report`
    assert cron.counts() == [1, 1, 1]
    assert cron.report()[0] == 0
    assert cron.counts() == [1, 1, 1]


@pytest.mark.parametrize("cut", ["before", "after"])
def test_what_nobody_can_tell_a_person_settles(cron: Cron, cut: str) -> None:
    cron.line.cut = cut
    code, out = cron.report(THREE[0])
    assert (code, "pelayanan settle" in out) == (1, True)
    cron.line.cut = ""
    assert cron.report(THREE[0])[0] == 1  # it asks again, and sends nothing meanwhile
    arrived = cut == "after"
    assert cron.counts(THREE[0]) == [int(arrived)]
    with cron.desk() as desk:
        (draft,) = desk.outbox(state="unknown")
    assert draft.recipient == THREE[0]
    assert cron.run("settle", draft.id, "--sent" if arrived else "--not-sent")[0] == 0
    assert cron.report(THREE[0])[0] == 0
    assert cron.counts(THREE[0]) == [1]


def test_a_refused_address_stops_no_other(cron: Cron) -> None:
    code, out = cron.report(THREE[0], "tidak-ada@prov.example", THREE[1])
    assert (code, cron.counts()) == (1, [1, 1, 0])
    assert "[refused]" in out


def test_what_was_sent_is_not_kept_twice(cron: Cron) -> None:
    cron.report()
    with cron.desk() as desk, desk.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM letters").scalar() == 0
        assert {draft.verb for draft in desk.outbox()} == {"mail"}
    assert cron.run("verify")[0] == 0


@pytest.mark.parametrize("word", ["kadis", "Kadis <kadis@prov.example>", "a b@prov.example", ""])
def test_what_is_no_address_is_refused_before_anything_goes_out(cron: Cron, word: str) -> None:
    code, out = cron.report(THREE[0], word)
    assert (code, "is no mail address" in out) == (2, True)
    assert cron.counts() == [0, 0, 0]


def test_the_sender_is_configured_where_there_are_several(cron: Cron) -> None:
    place = cron.folder / "pelayanan.toml"
    second = CONFIG.partition("[[accounts]]")[2].replace("dinsos-mail", "lain-mail")
    place.write_text(f"{CONFIG}[[accounts]]{second}")
    code, out = cron.report()
    assert (code, "[report] account" in out) == (2, True)
    done = cron.run("report", "--month", "last", "--mail-to", THREE[0], "--from", "tidak-ada")
    assert (done[0], "sends no mail" in done[1]) == (2, True)
    place.write_text(f'[report]\naccount = "lain-mail"\n{place.read_text()}')
    assert cron.report()[0] == 0
    place.write_text(place.read_text().replace('"lain-mail"\n\n', '"salah"\n\n'))
    assert cron.report()[0] == 2


def test_the_same_from_a_program(cron: Cron) -> None:
    with cron.desk() as desk:
        told: dict[str, Any] = {"account": "dinsos-mail", "subject": "Uji", "key": "uji-1"}
        first = desk.letters.send(THREE, text="Satu.", **told)
        again = desk.letters.send(THREE, text="Dua.", **told)
        assert [draft.id for draft in first] == [draft.id for draft in again]
        assert {draft.text for draft in again} == {"Satu."}
        assert cron.counts() == [1, 1, 1]
        with pytest.raises(ConfigError, match="needs an address"):
            desk.letters.send([], text="Satu.", **told)


def test_json_has_one_line_an_address(office: Office) -> None:
    done = office.run("report", "--mail-to", THREE[0], "--json")
    assert done.code == 2  # its only account is on Bluesky
    assert "accounts of platform email" in done.err
