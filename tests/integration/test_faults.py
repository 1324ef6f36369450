"""When something goes wrong, through the real command line: what it says, and what is left.

Three accounts: one that goes wrong (on a network of its own), and two that are well.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from pelayanan import Client, Desk
from pelayanan.cli import main
from pelayanan.desk import Config
from pelayanan.drivers._network import Network
from pelayanan.protocol.mail import MailAnswer, MailCall
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.testing import FakeBluesky, FakeInternet, FakeMailbox
from servers import BlueskyNetwork
from servers.process import ROOT, unavailable
from towns import MONDAY

BAD, GOOD, MAIL = "sakit.example", "sehat.example", "surat.example"
HEAD = """\
[province]
name = "Provinsi Contoh"

[[agencies]]
key = "dinsos"
name = "Dinas Sosial"
"""
BLUESKY = """
[[accounts]]
key = "{key}"
agency = "dinsos"
platform = "bluesky"
handle = "{handle}"
password = "file:sandi-{key}"
base_url = "{url}"
since = 2026-01-01
"""
EMAIL = """
[[accounts]]
key = "surat"
agency = "dinsos"
platform = "email"
address = "dinsos@prov.example"
password = "file:sandi-surat"
imap = "surat.example:993"
smtp = "surat.example:465"
since = 2026-01-01
"""


class Wires(Transport):
    """The fakes by their hosts; whatever else is called goes to the real network."""

    def __init__(self, *fakes: Any) -> None:
        self._hosts = {fake.host for fake in fakes}
        self._fakes, self._real = FakeInternet(fakes), Network()

    def http(self, request: Request) -> Response:
        known = request.url.split("/")[2] in self._hosts
        return (self._fakes if known else self._real).http(request)

    def mail(self, call: MailCall) -> MailAnswer:
        return self._fakes.mail(call)

    def close(self) -> None:
        self._real.close()


@dataclass
class Done:
    """How a command ended. `accounts` is what a sync said of each."""

    code: int
    out: str
    err: str

    @property
    def accounts(self) -> dict[str, dict[str, Any]]:
        said = [json.loads(line) for line in self.out.splitlines()]
        return {each["account"]: each for each in said if each["event"] == "account"}


@dataclass
class Workspace:
    """A folder with a configuration, and the networks behind it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    naps: list[float] = field(default_factory=list)
    bad: FakeBluesky = field(default_factory=lambda: FakeBluesky(host=BAD))
    good: FakeBluesky = field(default_factory=lambda: FakeBluesky(host=GOOD))
    mail: FakeMailbox = field(default_factory=FakeMailbox)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.bad.agency("sakit.test", "sandi")
        self.good.agency("sehat.test", "sandi")
        self.config = self.folder / "pelayanan.toml"
        self.config.write_text(HEAD)
        self.account("sakit", "sakit.test", f"https://{BAD}")
        self.account("sehat", "sehat.test", f"https://{GOOD}")
        self.secret("surat", "sandi")
        self.add(EMAIL)

    def add(self, text: str) -> None:
        self.config.write_text(self.config.read_text() + text)

    def account(self, key: str, handle: str, url: str, password: str = "sandi") -> None:
        self.secret(key, password)
        self.add(BLUESKY.format(key=key, handle=handle, url=url))

    def secret(self, key: str, password: str) -> None:
        place = self.folder / f"sandi-{key}"
        place.write_text(password)
        place.chmod(0o600)

    def run(self, *words: str, transport: Transport | None = None) -> Done:
        wires = Wires(self.bad, self.good, self.mail)
        with Client(transport=transport or wires, sleep=self.naps.append) as client:
            code = main([*words, "--config", str(self.config), "--lang", "en"], client=client)
        wires.close()
        said = self.capsys.readouterr()
        return Done(code, said.out, said.err)

    def citizens_write(self, count: int = 3) -> None:
        """To all three accounts."""
        for number in range(count):
            text = f"pesan {number}: kapan dijawab?"
            self.bad.citizen(f"warga{number}.test").post(f"@sakit.test {text}")
            self.good.citizen(f"tetangga{number}.test").post(f"@sehat.test {text}")
            self.mail.citizen(f"warga{number}@warga.example").post(text)

    def desk(self) -> Desk:
        return Desk.open(
            Config.read(self.config), transport=FakeInternet([self.bad, self.good, self.mail])
        )

    def kept(self) -> int:
        """How many messages the store has; its chains are looked at as well."""
        with self.desk() as desk:
            assert desk.verify() == []
            assert (
                sum(case.contacts + 1 for case in desk.cases()) == desk.store.counts()["messages"]
            )
            return desk.store.counts()["messages"]


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workspace:
    return Workspace(tmp_path / "kantor", capsys)


def the_others_are_done(done: Done, *, of: str = "sakit") -> None:
    well = {key: each for key, each in done.accounts.items() if key != of}
    assert len(well) >= 2
    assert all(each["failed"] == "" and each["new"] == 3 for each in well.values()), well


# ---- platforms


def test_a_short_wait_that_the_platform_asks_for_is_waited(room: Workspace) -> None:
    room.citizens_write()
    room.bad.fault("busy")
    done = room.run("sync")
    assert done.code == 0
    assert 3.0 in room.naps
    assert room.kept() == 9


def test_a_platform_that_is_busy_without_saying_how_long_is_asked_again(room: Workspace) -> None:
    room.citizens_write()
    room.bad.fault("busy_silent")
    assert room.run("sync").code == 0
    assert room.kept() == 9


@pytest.mark.parametrize("fault", ["busy", "busy_silent"])
def test_a_platform_that_stays_busy_is_left_for_the_next_run(room: Workspace, fault: Any) -> None:
    room.citizens_write()
    room.bad.fault(fault, times=50)
    done = room.run("sync")
    assert done.code == 75
    assert done.accounts["sakit"]["later"] is True
    assert "come back" in done.accounts["sakit"]["remedy"]
    the_others_are_done(done)
    assert room.kept() == 6


def test_a_long_wait_ends_the_run_at_once(room: Workspace) -> None:
    room.citizens_write()
    room.bad = FakeBluesky(host=BAD, rate_limit=1, clock=lambda: MONDAY)  # its five minutes begin
    room.bad.agency("sakit.test", "sandi")
    done = room.run("sync")
    assert done.code == 75
    assert room.naps == []
    assert 60.0 < done.accounts["sakit"]["retry_after_s"] <= 300.0
    the_others_are_done(done)


@pytest.mark.server
def test_the_real_servers_own_limit_ends_the_run_and_the_others_are_done(
    room: Workspace, bluesky_limited: BlueskyNetwork
) -> None:
    dinas = bluesky_limited.dinas
    body = {"identifier": dinas.handle, "password": "salah"}
    url = f"{bluesky_limited.pds}/xrpc/com.atproto.server.createSession"
    statuses = [httpx.post(url, json=body, trust_env=False).status_code for _ in range(31)]
    assert statuses[-1] == 429
    room.account("nyata", dinas.handle, bluesky_limited.pds, dinas.password)
    room.citizens_write()
    done = room.run("sync")
    assert done.code == 75
    assert 60.0 < done.accounts["nyata"]["retry_after_s"] <= 300.0
    the_others_are_done(done, of="nyata")


def test_a_token_that_expires_between_two_pages_is_renewed(room: Workspace) -> None:
    writer = room.bad.citizen("wati.test")
    for number in range(250):
        writer.post(f"@sakit.test pesan {number}")
    for calls in (1, 2, 3, 4):
        room.bad.fault("expired_token", after=calls)
    done = room.run("sync")
    assert done.code == 0, done.out
    assert room.kept() == 250


@contextmanager
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, as long as it is held."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_a_dead_server_stops_no_other_account(room: Workspace) -> None:
    room.citizens_write()
    with closed_port() as port:
        room.account("mati", "mati.test", f"http://127.0.0.1:{port}")
        done = room.run("sync")
    assert done.code == 1
    assert "refused" in done.accounts["mati"]["failed"]
    assert done.accounts["mati"]["remedy"].startswith("administrator: check network")
    the_others_are_done(done, of="mati")
    assert room.kept() == 9


def test_a_server_that_breaks_off_is_taken_up_where_it_stopped(room: Workspace) -> None:
    writer = room.bad.citizen("wati.test")
    for number in range(250):
        writer.post(f"@sakit.test pesan {number}")
    room.bad.fault("broken", times=50, after=5)
    assert room.run("sync").code == 1
    with room.bad.world() as state:
        state["faults"] = []
    assert room.run("sync").code == 0
    assert room.kept() == 250


def test_a_wrong_password_says_what_to_do_and_stops_no_other_account(room: Workspace) -> None:
    room.citizens_write()
    room.secret("sakit", "sandi-yang-salah")
    done = room.run("sync")
    assert done.code == 1
    assert done.accounts["sakit"]["remedy"].startswith("administrator: ")
    assert "sandi-yang-salah" not in done.out + done.err
    the_others_are_done(done)
    assert "FAILED" in room.run("check").out


@pytest.mark.parametrize("again", ["send", "reply"])
def test_what_cannot_be_sent_for_a_wrong_password_waits_and_goes_out_later(
    room: Workspace, again: str
) -> None:
    room.citizens_write(1)
    assert room.run("sync").code == 0
    with room.desk() as desk:
        draft = desk.draft(next_case(desk, "sakit"), "Petugas datang besok.", by="rina")
        desk.approve(draft.id, by="sekretaris")
    room.secret("sakit", "salah")
    (room.folder / ".pelayanan" / "session-sakit").unlink()
    ways = {"send": ("send",), "reply": ("reply", draft.case_id or "", draft.text, "--by", "rina")}
    for words in ways.values():
        done = room.run(*words)
        assert done.code == 1
        assert done.out.count("administrator: ") == 1
    room.secret("sakit", "sandi")
    assert room.run(*ways[again]).code == 0
    assert len(room.bad.posts("sakit.test")) == 1


def next_case(desk: Desk, account: str) -> str:
    found = [case.id for case in desk.cases() if case.account == account]
    return found[0]


def test_an_unreadable_item_is_set_aside_and_the_rest_is_kept(room: Workspace) -> None:
    room.citizens_write()
    uri = room.bad.posts()[0]["uri"]
    did = room.bad.agency("sakit.test", "sandi")
    room.bad.notify(did, "warga0.test", "mention", uri, record={"$type": "app.bsky.feed.post"})
    room.mail.deliver(b"Subject: x\r\n\r\n\xff\xfe", sender="", to="dinsos@prov.example")
    done = room.run("sync")
    assert done.code == 0
    unreadable = {key: each["unreadable"] for key, each in done.accounts.items()}
    assert unreadable == {"sakit": 1, "sehat": 0, "surat": 1}
    assert room.kept() == 9
    assert room.run("sync").code == 0


def test_a_bug_in_one_platform_stops_no_other_account(room: Workspace) -> None:
    class Odd(Wires):
        def http(self, request: Request) -> Response:
            if BAD in request.url:
                raise KeyError("something nobody thought of")
            return super().http(request)

    room.citizens_write()
    odd = Odd(room.bad, room.good, room.mail)
    done = room.run("sync", transport=odd)
    odd.close()
    assert done.code == 1
    assert "KeyError" in done.accounts["sakit"]["failed"]
    the_others_are_done(done)


# ---- the disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0 or sys.platform != "linux":
        unavailable("a disk that is full needs root on Linux: run as root, in a container say")
    place = tmp_path / "cakram"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], check=False
    )
    if made.returncode:
        unavailable("this container may not mount: run it with the right to mount a tmpfs")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


class Ballast:
    """A file that fills a disk to the last byte."""

    def __init__(self, disk: Path) -> None:
        self._place = disk / "ballast"

    def fill(self) -> None:
        with self._place.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 512)
            except OSError:
                return

    def drop(self) -> None:
        self._place.unlink()


def test_a_disk_that_fills_up_during_sync_loses_nothing(
    small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = Workspace(small_disk / "kantor", capsys)
    room.citizens_write()
    assert room.run("sync").code == 0
    writer = room.bad.citizen("wati.test")
    for number in range(300):
        writer.post(f"@sakit.test pesan {number} " + "kapan bantuan datang? " * 10)
    ballast = Ballast(small_disk)
    ballast.fill()
    for _ in range(2):
        done = room.run("sync")
        assert done.code == 75, done
        assert "the disk is full: free some space and run again" in done.err
        assert "Traceback" not in done.err
    ballast.drop()
    assert (room.kept() - 9) % 100 == 0  # whole pages or nothing
    assert room.run("sync").code == 0
    assert room.kept() == 309
    assert room.run("verify").code == 0


def test_a_disk_that_is_full_from_the_start_is_told(
    small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = Workspace(small_disk / "kantor", capsys)
    room.citizens_write()
    ballast = Ballast(small_disk)
    ballast.fill()
    done = room.run("sync")
    assert done.code == 75
    assert "full" in done.err
    ballast.drop()
    assert room.run("sync").code == 0
    assert room.kept() == 9


def test_a_disk_that_fills_up_while_a_reply_goes_out_does_not_double_it(
    small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = Workspace(small_disk / "kantor", capsys)
    ballast = Ballast(small_disk)

    class Filling(Wires):
        def mail(self, call: MailCall) -> MailAnswer:
            answer = super().mail(call)
            if call.verb == "send":
                ballast.fill()
            return answer

    room.citizens_write(1)
    assert room.run("sync").code == 0
    with room.desk() as desk:
        text = "Petugas datang besok. " * 400  # more than the pages that the store still has
        draft = desk.draft(next_case(desk, "surat"), text, by="rina")
        desk.approve(draft.id, by="sekretaris")
    filling = Filling(room.bad, room.good, room.mail)
    done = room.run("send", transport=filling)
    filling.close()
    assert done.code == 75, done
    assert "the disk is full" in done.err
    ballast.drop()
    assert room.run("send").code == 0
    inbox = [mail for mail in room.mail.messages("warga0@warga.example") if b"Petugas" in mail]
    assert len(inbox) == 1
    with room.desk() as desk:
        assert [draft.state.done for draft in desk.outbox()] == [True]
        assert desk.verify() == []


def test_a_picture_that_no_longer_fits_is_not_half_kept(
    small_disk: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    image = pytest.importorskip("PIL.Image")
    photo = tmp_path / "beras.jpg"
    image.frombytes("RGB", (400, 400), os.urandom(400 * 400 * 3)).save(photo, quality=95)
    room = Workspace(small_disk / "kantor", capsys)
    logged = room.run("aid", "log", "--json", *AID)
    event = json.loads(logged.out)["id"]
    ballast = Ballast(small_disk)
    ballast.fill()
    done = room.run("aid", "attach", event, str(photo), *SHOWN)
    assert done.code == 75, done
    assert "make room" in done.err or "disk is full" in done.err
    ballast.drop()
    assert [path for path in (room.folder / "media").rglob("*") if path.is_file()] == []
    assert room.run("aid", "attach", event, str(photo), *SHOWN).code == 0


SHOWN = ("--alt", "Sekarung beras", "--no-person")
AID = (
    *("--agency", "dinsos", "--at", "2026-10-10T09:00", "--region", "17.71.01.1001"),
    *("--funding", "patungan_asn", "--voluntary", "ya", "--households", "12"),
    *("--item", "beras:10:kg:14000"),
)


# ---- the store


def test_a_damaged_database_is_told_from_a_full_one(room: Workspace) -> None:
    assert room.run("sync").code == 0
    (room.folder / "pelayanan.db").write_bytes(b"no database " * 1000)
    for side in ("-wal", "-shm"):
        (room.folder / f"pelayanan.db{side}").unlink(missing_ok=True)
    done = room.run("cases")
    assert done.code == 2
    assert "is damaged: restore the last copy" in done.err


def test_a_database_of_a_newer_version_is_refused_and_left_alone(room: Workspace) -> None:
    room.citizens_write()
    assert room.run("sync").code == 0
    place = room.folder / "pelayanan.db"
    with sqlite3.connect(place) as database:
        (known,) = database.execute("SELECT version_num FROM pelayanan_version").fetchone()
        database.execute("UPDATE pelayanan_version SET version_num = '9999'")
    database.close()
    done = room.run("sync")
    assert done.code == 2
    assert "pip install --upgrade pelayanan" in done.err
    with sqlite3.connect(place) as database:
        database.execute("UPDATE pelayanan_version SET version_num = ?", (known,))
    database.close()
    assert room.kept() == 9


def test_a_folder_that_cannot_be_written_is_named(room: Workspace) -> None:
    (room.folder / ".pelayanan").write_text("a file where a folder should be")
    done = room.run("sync")
    assert done.code == 2
    assert ".pelayanan" in done.err


# ---- the person


@pytest.mark.parametrize(
    ("wrong", "line", "remedy"),
    [
        ("[province]\nnama = 'x'\n", "line 2", "name"),
        ("[province]\ntimezone = 'Asia/Bangkok'\n", "line 2", "Asia/Jakarta (WIB)"),
        ("[province\n", "line 1", ""),
        (HEAD.replace('"dinsos"', '"Dinas Sosial!"'), "line 5", "a-z"),
        (HEAD + HEAD.partition("\n\n")[2], "line 8", "twice"),
        (f"{HEAD}\n[[accounts]]\nkey='a'\nagency='x'\nplatform='bluesky'\n", "line 10", "dinsos"),
        (
            f"{HEAD}\n[[accounts]]\nkey='a'\nagency='dinsos'\nplatform='bsky'\n",
            "line 11",
            "bluesky",
        ),
        (
            f"{HEAD}{BLUESKY}sandi='x'\n".format(key="a", handle="a", url="https://x"),
            "line 16",
            "password",
        ),
        (
            HEAD + BLUESKY.replace("file:sandi-{key}", "rahasia-terbuka").replace("{key}", "a"),
            "line 13",
            'password = "env:NAME"',
        ),
    ],
)
def test_a_wrong_configuration_names_the_line_and_the_remedy(
    room: Workspace, wrong: str, line: str, remedy: str
) -> None:
    room.secret("a", "sandi")
    room.config.write_text(wrong)
    done = room.run("sync")
    assert done.code == 2, done
    assert line in done.err
    assert remedy in done.err
    assert "rahasia-terbuka" not in done.err
    assert "Traceback" not in done.err


def test_an_account_whose_secret_is_away_stops_no_other(room: Workspace) -> None:
    room.citizens_write()
    (room.folder / "sandi-sakit").unlink()
    done = room.run("sync")
    assert (done.code, room.kept()) == (1, 6)
    assert "line 13: account 'sakit'" in done.accounts["sakit"]["failed"]
    assert "put the secret there" in done.accounts["sakit"]["failed"]
    checked = room.run("check")
    assert checked.code == 1
    assert checked.out.count("put the secret there") == 1
    assert "sehat" in checked.out
    assert room.run("cases").code == 0
    room.secret("sakit", "sandi")
    assert (room.run("sync").code, room.kept()) == (0, 9)


def test_an_account_that_its_platform_refuses_stops_no_other(room: Workspace) -> None:
    room.citizens_write()
    room.account("asing", "asing.test", "ftp://asing.example")
    done = room.run("sync")
    assert (done.code, room.kept()) == (1, 9)
    assert "https://" in done.accounts["asing"]["failed"]


def test_two_runs_in_one_workspace_do_not_overlap(room: Workspace) -> None:
    room.citizens_write()
    inner: list[Done] = []

    class Meanwhile(Wires):
        def mail(self, call: MailCall) -> MailAnswer:
            if not inner:
                inner.append(Done(0, "", ""))
                inner[0] = Done(
                    subprocess.run(command(room, "sync"), check=False).returncode, "", ""
                )
            return super().mail(call)

    meanwhile = Meanwhile(room.bad, room.good, room.mail)
    assert room.run("sync", transport=meanwhile).code == 0
    meanwhile.close()
    assert [done.code for done in inner] == [75]


def command(room: Workspace, *words: str) -> list[str]:
    return [sys.executable, "-m", "pelayanan.cli", *words, "--config", str(room.config)]


HEARS_CONTROL_C = """
import signal, sys
from pelayanan.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below a shell's background job
sys.exit(main(sys.argv[1:]))
"""


def test_somebody_who_presses_control_c_does_not_wait_for_a_silent_server(room: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        room.config.write_text(HEAD)
        room.account("diam", "diam.test", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with subprocess.Popen(
            [sys.executable, "-c", HEARS_CONTROL_C, *command(room, "sync")[3:]],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        ) as running:
            caller, _ = silent.accept()
            caller.recv(1)  # it has asked, and gets no answer
            begun = time.monotonic()
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=25)
            caller.close()
    assert running.returncode == 130
    assert time.monotonic() - begun < 20
    assert "Traceback" not in said
    assert room.kept() == 0
