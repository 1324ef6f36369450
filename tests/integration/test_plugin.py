"""The recipe of docs/plugins.md, followed word by word in an environment of its own."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

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
