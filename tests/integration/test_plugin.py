"""The recipe of docs/plugins.md, followed word by word in an environment of its own."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from pelayanan import Config, Desk
from servers.process import ROOT, unavailable

PAGE = ROOT / "docs" / "plugins.md"
PACKAGE = ROOT / "tests" / "plugin"
FILES = re.compile(r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.DOTALL | re.MULTILINE)
SHELL = re.compile(r"^```sh\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(
    r"^```console\n\$ (?P<command>.*?)\n(?P<said>.*?)^```$", re.DOTALL | re.MULTILINE
)


def told() -> dict[str, str]:
    """The files that the page tells to write."""
    return {found["name"]: found["text"] for found in FILES.finditer(PAGE.read_text("utf-8"))}


def test_the_page_and_the_package_are_the_same_text() -> None:
    kept = {
        str(path.relative_to(PACKAGE)): path.read_text("utf-8")
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".toml"}
    }
    assert told() == kept


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment; what `pelayanan` depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    inside = next(folder.glob("lib/python*/site-packages"))
    (inside / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT / 'src'}\n")
    return folder


def shell(environment: Path, folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=kept | {"PATH": f"{environment / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_recipe_works_word_by_word(environment: Path, tmp_path: Path) -> None:
    for name, text in told().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    page = PAGE.read_text("utf-8")
    install, *then = SHELL.findall(page)[0].splitlines()
    installed = shell(environment, tmp_path, install)
    if installed.returncode != 0:
        unavailable(f"no package can be installed here: {installed.stderr.strip()[-300:]}")
    for command in then:
        done = shell(environment, tmp_path, command)
        assert done.returncode == 0, done.stdout + done.stderr
    asked, said = CONSOLE.findall(page)[0]
    assert shell(environment, tmp_path, asked).stdout == said


BAD = """
from pelayanan.protocol.capabilities import Capabilities
from pelayanan.protocol.flow import flow
from pelayanan.protocol.page import Page

class Kotak:
    name, handle, capabilities = "kotak", "dinsos", Capabilities()
"""
LISTS = """
    @flow
    def mentions(self, cursor=None):
        yield from ()
        return {}
"""


def settings(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Config:
    """Two accounts, one of a plug-in with this body."""
    (folder / "kotak_buruk.py").write_text(BAD + body)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "kotak_buruk", raising=False)
    info = folder / "kotak_buruk-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kotak-buruk\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pelayanan.platforms]\nkotak = kotak_buruk:Kotak\n")
    accounts = [
        {"key": "telepon", "agency": "dinsos", "platform": "manual", "channel": "telepon"},
        {"key": "kotak", "agency": "dinsos", "platform": "kotak"},
    ]
    agencies = [{"key": "dinsos", "name": "Dinas Sosial"}]
    return Config.of({"agencies": agencies, "accounts": accounts}, folder=folder)


@pytest.mark.parametrize(
    "body",
    [
        LISTS.format('["pesan"]'),
        LISTS.format("Page((), None)"),
        LISTS.format('Page(["pesan"], "kotak/1:1")'),
        "    def mentions(self, cursor=None): return 7",
        "    def mentions(self, cursor=None): raise RuntimeError",
    ],
)
def test_a_plug_in_that_gives_nonsense_stops_no_other_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    with Desk.open(settings(tmp_path, monkeypatch, body)) as desk:
        well, bad = desk.sync().accounts
    assert (well.failed, bad.platform, bool(bad.failed)) == ("", "kotak", True)
    assert "report it" in f"{bad.failed} {bad.remedy}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    def __init__(self): raise KeyError('x')", r"kotak_buruk cannot make it (KeyError)"),
        ("    capabilities = None", "kotak_buruk has no handle and capabilities"),
        ("    handle = 7", "kotak_buruk has no handle and capabilities"),
        ("raise RuntimeError", "of the package kotak-buruk cannot be loaded"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_told_with_its_package_and_stops_no_other_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, told: str
) -> None:
    with Desk.open(settings(tmp_path, monkeypatch, body)) as desk:
        well, bad = desk.sync().accounts
    assert (well.failed, told in bad.failed) == ("", True)
