"""The command line: every command through `main`, on a network that is a fake."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from office import LOG, NIK, PHONE, Office, approved, drafted, heard, picture, typed, unknown
from pelayanan import Agency, Config, Desk, Kind
from pelayanan.cases import Triaged
from pelayanan.cli.main import main
from pelayanan.cli.texts import COMMANDS
from pelayanan.desk import config as settings
from pelayanan.desk.config import AccountConfig

ROOT = Path(__file__).resolve().parents[2]
PARTS = [
    value
    for name, value in vars(settings).items()
    if name.endswith("Config") and name not in {"Config", "AccountConfig"}
]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_in_two_languages(office: Office, name: str) -> None:
    indonesian, english = office.run(name, "--help"), office.run(name, "--lang", "en", "-h")
    assert (indonesian.code, english.code) == (0, 0)
    assert indonesian.out.startswith(f"pemakaian: pelayanan {name} ")
    assert english.out.startswith(f"usage: pelayanan {name} ")
    assert COMMANDS[name].id in " ".join(indonesian.out.split())
    assert COMMANDS[name].en in " ".join(english.out.split())
    assert "show this help message" not in indonesian.out


@pytest.mark.parametrize("action", ["log", "list", "attach", "publish"])
def test_every_action_of_aid_helps_in_two_languages(office: Office, action: str) -> None:
    assert office.run("aid", action, "-h").out.startswith(f"pemakaian: pelayanan aid {action} ")
    assert office.run("aid", action, "-h", "--lang=en").out.startswith(
        f"usage: pelayanan aid {action} "
    )


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_overview_names_every_command(office: Office, lang: str) -> None:
    done = office.run("--lang", lang)
    assert done.code == 0
    for name, command in COMMANDS.items():
        assert f"  {name} " in done.out
        assert command.help(lang) in done.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_told_of_in_the_documentation(name: str) -> None:
    assert f"| `pelayanan {name}" in (ROOT / "docs" / "desk.md").read_text("utf-8")


def fields(part: type[BaseModel]) -> Iterator[str]:
    """What may stand in a `pelayanan.toml`, as the documentation names it."""
    for table, about in part.model_fields.items():
        annotation = str(about.annotation)
        models = [each for each in (*PARTS, Agency, AccountConfig) if each.__name__ in annotation]
        for model in models:
            yield from (
                f"`{table}.{one.alias or name}`" for name, one in model.model_fields.items()
            )


def test_every_field_of_the_configuration_is_told_of_in_the_documentation() -> None:
    page = (ROOT / "docs" / "desk.md").read_text("utf-8")
    names = list(fields(Config))
    assert len(names) > 12
    assert [name for name in names if name not in page] == []


def claimed(office: Office) -> str:
    """The agency calls its case spam; the key of that claim."""
    where = office.folder / "pelayanan.toml"
    with Desk.open(where, transport=office.network, clock=office.clock) as desk:
        desk.record(office.case(), Triaged(kind=Kind.SPAM, by="rina"))
        return next(desk.claims()).key


def answered(office: Office) -> str:
    """An answer that was drawn for the audit of this month."""
    office.run("reply", office.case(), "Petugas kami datang besok pukul 9.", "--by", "rina")
    (sample,) = office.run("audit", "sample", "--json").json
    return str(sample["items"][0]["id"])


def counted(office: Office) -> str:
    """A tally file of this month."""
    office.run("tally", "--output", "hitungan-ini.json")
    return "hitungan-ini.json"


JSON: dict[str, Callable[[Office], tuple[str, ...]]] = {
    "init": lambda _: ("init", "--config", "baru/pelayanan.toml"),
    "check": lambda _: ("check",),
    "sync": lambda _: ("sync",),
    "signals": lambda office: ("signals",) if heard(office) else (),
    "cases": lambda office: ("cases", "--limit", "1") if office.case() else (),
    "case": lambda office: ("case", office.case()),
    "reply": lambda office: ("reply", office.case(), "Petugas kami datang besok pukul 9."),
    "draft": lambda office: ("draft", office.case(), "Petugas kami datang besok pukul 9."),
    "approve": lambda office: ("approve", drafted(office)),
    "send": lambda office: ("send",) if approved(office) else (),
    "settle": lambda office: ("settle", unknown(office), "--sent"),
    "aid log": lambda _: LOG,
    "aid list": lambda office: ("aid", "list") if office.event() else (),
    "aid attach": lambda office: (
        *("aid", "attach", office.event(), picture(office)),
        *("--alt", "Beras", "--no-person"),
    ),
    "aid publish": lambda office: (
        *("aid", "publish", office.event()),
        *("--account", "dinsos-bsky", "--text", "12 paket"),
    ),
    "audit sample": lambda office: ("audit", "sample") if answered(office) else (),
    "audit record": lambda office: (
        *("audit", "record", answered(office)),
        *("--marks", "11011111", "--by", "auditor"),
    ),
    "audit status": lambda _: ("audit", "status"),
    "score": lambda office: ("score",) if office.case() else (),
    "score --explain": lambda office: ("score", "--explain", "dinsos") if office.case() else (),
    "report": lambda _: ("report",),
    "brief": lambda _: ("brief",),
    "claims": lambda office: ("claims",) if claimed(office) else (),
    "tally": lambda _: ("tally",),
    "merge": lambda office: ("merge", counted(office)),
    "lint": lambda _: ("lint", ""),
    "verify": lambda _: ("verify",),
    "forget": lambda _: ("forget", "bluesky", "warga_contoh.test"),
    "calendar": lambda _: ("calendar", "explain", "2026-03-17T21:00"),
}


def test_json_is_asked_of_every_command() -> None:
    assert {name.split()[0] for name in JSON} == COMMANDS.keys() - {"demo"}  # test_cli_demo.py


@pytest.mark.parametrize("name", JSON)
def test_every_command_prints_json_one_value_a_line(office: Office, name: str) -> None:
    if name == "report":
        pytest.importorskip("jinja2")
    words = JSON[name](office)
    office.capsys.readouterr()
    done = office.run(*words, "--json")
    assert done.code == (1 if name == "lint" else 0), done
    assert done.json, done
    assert done.err == ""


WRONG = {
    "no such command": ("nyala",),
    "no such language": ("cases", "--lang", "fr"),
    "a language left out": ("cases", "--lang"),
    "no such option": ("cases", "--semua"),
    "no configuration": ("cases", "--config", "tidak-ada.toml"),
    "a folder for a configuration": ("cases", "--config", "."),
    "no such status": ("cases", "--status", "menunggu"),
    "no such agency": ("cases", "--agency", "dishub"),
    "a limit of none": ("cases", "--limit", "0"),
    "a limit in words": ("cases", "--limit", "banyak"),
    "a limit beyond all numbers": ("cases", "--limit", "9" * 20),
    "a person in no letters": ("forget", "bluesky", "\udcff"),
    "no such case": ("case", "dinsos-tidakada"),
    "a reply to no case": ("reply", "dinsos-tidakada", "Petugas kami datang besok."),
    "a reply without text": ("reply", "dinsos-tidakada"),
    "no such draft": ("approve", "tidakada"),
    "no such draft to settle": ("settle", "tidakada", "--sent"),
    "settled both ways": ("settle", "tidakada", "--sent", "--not-sent"),
    "settled neither way": ("settle", "tidakada"),
    "no such account": ("check", "dinkes-bsky"),
    "no month": ("score", "--month", "2026-13"),
    "a month of no year": ("score", "--month", "0000-01"),
    "a month beyond all calendars": ("report", "--month", "9999-12"),
    "a configuration below a file": ("init", "--config", "sandi/pelayanan.toml"),
    "a tally that is not there": ("merge", "tidak-ada.json"),
    "no such claim": ("claims", "tidakada", "--agree"),
    "a month in words": ("report", "--month", "oktober"),
    "a report of no known form": ("report", "--output", "laporan.pdf"),
    "a report to no folder": ("report", "--output", "tidak/ada/laporan.txt"),
    "no instant": ("calendar", "explain", "besok"),
    "no days": ("calendar", "explain", "2026-10-10", "--days", "-1"),
    "a configuration there is": ("init",),
    "no account to lint for": ("lint", "teks", "--account", "dinkes-bsky"),
    "no action of aid": ("aid",),
    "no such action": ("aid", "tally"),
    "an aid event of nothing": ("aid", "log"),
    "no such agency gave": tuple("dinkes" if word == "dinsos" else word for word in LOG),
    "a gift by order": tuple("tidak" if word == "ya" else word for word in LOG),
    "an item without amount": (*LOG, "--item", "beras"),
    "an item of nothing": (*LOG, "--item", "beras:0:kg"),
    "an amount in words": (*LOG, "--item", "beras:sepuluh:kg"),
    "a price in words": (*LOG, "--item", "beras:1:kg:murah"),
    "an event told twice": (*LOG, "--file", "kegiatan.json"),
    "no such file of events": ("aid", "log", "--file", "tidak-ada.json"),
    "evidence of no event": ("aid", "attach", "tidakada", "foto.jpg", "--alt", "x", "--no-person"),
    "evidence without a word on consent": ("aid", "attach", "tidakada", "foto.jpg", "--alt", "x"),
    "publishing no event": (
        *("aid", "publish", "tidakada", "--account", "dinsos-bsky", "--text", "x"),
    ),
    "a demo of no days": ("demo", "--days", "0"),
    "a demo of nine agencies": ("demo", "--agencies", "9"),
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_wrong_usage_ends_with_2_and_a_remedy(office: Office, words: tuple[str, ...]) -> None:
    done = office.run(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pelayanan: ")
    assert "Traceback" not in done.err
    assert len(done.err) > len("pelayanan: ") + 15, "says nothing"


def test_options_may_stand_before_the_command(office: Office) -> None:
    (office.folder / "pelayanan.toml").rename(office.folder / "cases")
    assert office.run("--config", "cases", "--json", "cases").code == 0
    assert office.run("--config", "cases", "aid", "list", "--json").code == 0
    assert office.run("aid", "--json", "list", "--config", "cases").code == 0


def test_lint_stops_what_must_not_go_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = office.run("lint", f"NIK Ibu {NIK}")
    assert (stopped.code, stopped.out.startswith("berhenti: ")) == (1, True)
    assert NIK not in stopped.out
    assert office.run("lint", "Petugas datang besok.").out == "tidak ada catatan\n"
    assert office.run("lint", f"WA Ibu {PHONE}", "--private").code == 0
    typed(monkeypatch, b"a" * 301)
    long = office.run("lint", "-", "--account", "dinsos-bsky", "--lang", "en")
    assert (long.code, long.out.startswith("stop: ")) == (1, True)


def test_days_and_texts_can_be_looked_at_without_a_configuration(
    office: Office, tmp_path: Path
) -> None:
    for name in ("pelayanan.toml", "pelayanan.db"):
        (tmp_path / name).unlink()
    assert office.run("lint", "Petugas datang besok.").code == 0
    explained = office.run("calendar", "explain", "2026-03-17T21:00", "--days", "3")
    assert explained.code == 0
    assert "Nyepi" in explained.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sandi"]


def shell(*words: str, folder: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pelayanan.cli", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=60, **more
    )


def test_it_runs_as_a_module_in_an_empty_folder(tmp_path: Path) -> None:
    assert shell("--version", folder=tmp_path).stdout.strip()
    made = shell("init", folder=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert shell("init", folder=tmp_path).returncode == 2
    listed = shell("cases", "--json", folder=tmp_path)
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "", "")


def test_a_machine_without_utf8_gets_the_numbers_of_the_letters(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = shell("--help", folder=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u2026" in done.stdout


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    script = f"{sys.executable} -m pelayanan.cli calendar explain 2026-01-01 --days 60 | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_streams_are_no_failure(tmp_path: Path) -> None:
    command = f"{sys.executable} -m pelayanan.cli"
    for words, code in (
        ("calendar explain 2026-01-01 >&-", 0),
        ("lint - <&-", 1),
        ("x >&- 2>&-", 2),
    ):
        done = subprocess.run(
            ["bash", "-c", f"{command} {words}"], cwd=tmp_path, check=False, capture_output=True
        )
        assert (done.returncode, done.stderr) == (code, b"")


def test_no_workspace_is_begun_by_a_command_that_finds_none(tmp_path: Path) -> None:
    assert shell("sync", "--config", "tidak/ada.toml", folder=tmp_path).returncode == 2
    assert shell("send", folder=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_deadline_says_its_calendar_and_what_is_not_decreed_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["calendar", "explain", "2050-03-17T10:00", "--days", "2"]) == 0
    said = capsys.readouterr().out
    assert "Batas 2 hari kerja: Senin, 21 Maret 2050 23.59.59 WIB" in said
    assert "Cuti bersama 2050 tidak ada dalam data" in said
    assert "Kalender: id-" in said


@pytest.mark.parametrize(
    "words", [["2026-01-01", "--days", "100000"], ["0001-01-01T00:00"], ["9999-12-31T23:00"]]
)
def test_a_day_beyond_the_calendar_is_wrong_usage(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["calendar", "explain", *words]) == 2
    assert "it knows 1990 to 2075" in capsys.readouterr().err


def test_help_loads_neither_the_network_nor_the_store(tmp_path: Path) -> None:
    code = (
        "import sys; from pelayanan.cli import main; main(['--help']); "
        "heavy = {'httpx', 'sqlalchemy', 'pydantic', 'argparse', 'rich'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")


def test_a_sync_loads_nothing_that_only_a_score_needs(tmp_path: Path) -> None:
    """It runs every few minutes: numpy alone costs as much as all the rest of a quiet sync."""
    code = (
        "import sys; from pathlib import Path; from pelayanan import Config, Desk; "
        "agencies = [{'key': 'dinsos', 'name': 'Dinas Sosial Contoh'}]; "
        "desk = Desk.open(Config.of({'agencies': agencies}, folder=Path())); "
        "desk.sync(); desk.close(); print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("when", ["add_verify", "run_verify"])
def test_control_c_ends_with_130(
    office: Office, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def stopped(*_: object) -> int:
        raise KeyboardInterrupt

    module = SimpleNamespace(**{"add_verify": lambda *_: None, when: stopped})
    monkeypatch.setitem(sys.modules, "pelayanan.cli.keeping", module)
    assert office.run("verify").code == 130
