"""The report of the last month reaches three mailboxes once: postfix, dovecot, and cron's line."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from random import Random

import pytest

from crash.workers import Killer, workspace
from pelayanan.desk import Config, Desk
from pelayanan.platforms import Manual
from pelayanan.reply import Draft, DraftState
from servers.mail import MailServer
from servers.process import ROOT
from waiting import until

pytestmark = pytest.mark.server
pytest.importorskip("jinja2")

THREE = tuple(f"warga{number}@warga.test" for number in (11, 12, 13))
_LINE = re.compile(r"(?m)^30 +6-9 +1 +\* +\* +(cd /srv/pelayanan && pelayanan report .*)$")
_CONFIG = """
[province]
name = "{name}"
[[agencies]]
key = "dinsos"
name = "Dinas Sosial"
[[accounts]]
key = "dinsos-mail"
agency = "dinsos"
platform = "email"
address = "dinsos@prov.test"
password = "file:sandi"
imap = "{server.imaps}"
smtp = "{server.submission}"
ca_file = "{server.ca}"
since = 2026-01-01
"""


class Office:
    """A workspace of its own; the province's name tells its mails from those of other tests."""

    def __init__(self, server: MailServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.name = f"Provinsi Contoh {time.time_ns()}"
        folder.mkdir(parents=True)
        sandi = folder / "sandi"
        sandi.write_text(server.users["dinsos@prov.test"])
        sandi.chmod(0o600)
        place = folder / "pelayanan.toml"
        place.write_text(_CONFIG.format(name=self.name, server=server))
        (folder / "readers").write_text(",".join(THREE))
        workspace(Config.read(place), None)
        month = datetime.now(UTC).replace(day=1) - timedelta(days=9)
        with self.desk() as desk:
            call = Manual("telepon").mention(text="bantuan beras belum sampai", at=month)
            desk.add_mention(call, agency="dinsos")

    def desk(self) -> Desk:
        return Desk.open(self.folder / "pelayanan.toml")

    def arrived(self) -> dict[str, int]:
        """How many reports lie in each mailbox."""
        found = dict.fromkeys(THREE, 0)
        for address in THREE:
            for mail in self.server.messages(address):
                subject = make_header(decode_header(message_from_bytes(mail)["Subject"] or ""))
                found[address] += self.name in str(subject)
        return found

    def delivered(self) -> dict[str, int]:
        """The same, once what postfix has taken lies there."""
        until(self.server.has_delivered, "empty queue of postfix")
        return self.arrived()

    def drafts(self) -> list[Draft]:
        with self.desk() as desk:
            return desk.outbox()

    def start(self, line: str) -> "subprocess.Popen[bytes]":
        """As cron does: a shell, and next to nothing in its environment."""
        bare = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT / "src"),
            "HOME": str(self.folder),
        }
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(["/bin/sh", "-c", line], env=bare, stdout=said, stderr=said)

    def ends(self, *runs: "subprocess.Popen[bytes]") -> None:
        """Wait for runs that end well: the line lets a 75 pass, it is only too early."""
        codes = [run.wait(120) for run in runs]
        assert set(codes) == {0}, (codes, (self.folder / "said").read_text("utf-8"))

    def line(self) -> str:
        """The one of the docs, in this folder and to these readers."""
        found = _LINE.search((ROOT / "docs" / "cron.md").read_text("utf-8"))
        assert found, "docs/cron.md has the line no more"
        named = re.sub(r"--mail-to \S+", f"--mail-to {','.join(THREE)}", found[1])
        return named.replace("/srv/pelayanan", str(self.folder))


@pytest.fixture
def killer(kills: int) -> Iterator[Killer]:
    with Killer(left=max(12, kills // 2), random=Random(13)).working() as made:
        yield made


def test_the_line_of_the_docs_mails_once_also_twice_at_the_same_time(
    mail_server: MailServer, tmp_path: Path
) -> None:
    office = Office(mail_server, tmp_path / "srv")
    with office.desk() as desk:  # a mail server that has just begun knows no password yet
        until(lambda: desk.check("dinsos-mail").ok, "mail server that knows its users")
    office.ends(*(office.start(office.line()) for _ in range(2)))
    office.ends(office.start(office.line()))
    assert office.delivered() == dict.fromkeys(THREE, 1)
    assert {draft.state.done for draft in office.drafts()} == {True}
    office.ends(office.start(office.line()))
    assert office.delivered() == dict.fromkeys(THREE, 1)


def test_a_report_that_is_killed_anywhere_is_mailed_once_or_asked_of_a_person(
    mail_server: MailServer, killer: Killer, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    rooms = 0
    while killer.left > 0:
        rooms += 1
        office = Office(mail_server, tmp_path / str(rooms))
        if not killer.full_s:
            killer.measure("report", office.folder)
            office = Office(mail_server, tmp_path / "first")
        while killer.left > 0 and killer.strike("report", office.folder).killed:
            assert max(office.arrived().values()) <= 1
            hit = [draft for draft in office.drafts() if draft.state is DraftState.SENDING]
            killer.note("in the middle of a mail", len(hit))
        killer.let_run("report", office.folder)
        killer.let_run("report", office.folder)
        drafts = office.drafts()
        assert {draft.recipient for draft in drafts} == set(THREE)
        delivered = office.delivered()
        assert max(delivered.values()) <= 1
        for draft in drafts:
            assert draft.state.done or (draft.state is DraftState.UNKNOWN and draft.needs)
            if not draft.state.done:
                killer.note("asked of a person")
                with office.desk() as desk:
                    desk.settle(draft.id, sent=bool(delivered[draft.recipient]), by="rina")
        assert not killer.let_run("report", office.folder).failed
        assert office.delivered() == dict.fromkeys(THREE, 1)
        with office.desk() as desk:
            assert desk.verify() == []
    figures(killer.told(f"report by mail, {rooms} times 3 readers"))
