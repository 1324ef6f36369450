"""What a province installs: the wheel has all that it needs inside, and nothing else."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from servers.process import ROOT, unavailable

NEEDED = {
    "pelayanan/py.typed",
    "pelayanan/calendar/ramadan.toml",
    "pelayanan/cases/standards/idt-1.json",
    "pelayanan/store/migrations/env.py",
    "pelayanan/store/migrations/versions/0001_the_first_tables.py",
}
USE = """
import sys, pathlib
import pelayanan
from pelayanan.cases import Standards
from pelayanan.calendar import WorkCalendar
from pelayanan.desk import Config, Desk
from pelayanan.store.store import Store
from datetime import datetime, UTC

assert pathlib.Path(pelayanan.__file__).is_relative_to(sys.prefix), pelayanan.__file__
for url in sys.argv[1:]:
    for _ in range(2):
        with Store(url) as store:
            assert store.verify() == []
            assert store.counts()["cases"] == 0
assert Standards.load().version == "idt/1"
ramadan = WorkCalendar.indonesia().explain
start = datetime(2026, 3, 2, 1, tzinfo=UTC)
assert WorkCalendar.indonesia().working_seconds(start, start) == 0
with Desk.open(Config(folder=pathlib.Path(sys.argv[1].removeprefix("sqlite:///")).parent)) as desk:
    assert desk.sync().accounts == ()
print("done")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "-w", str(folder), "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        unavailable(f"no wheel can be built here: {done.stderr.strip()[-300:]}")
    (made,) = folder.glob("pelayanan-*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    found = folder / "bin" / "python"
    inside = subprocess.run(
        [found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(inside)
    (Path(inside) / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return found


def use(python: Path, folder: Path, *urls: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", USE, *urls],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "done\n", done.stderr


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert NEEDED - names == set()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"pelayanan"}
    assert [name for name in names if "test_" in name or "__pycache__" in name] == []
    assert [name for name in names if name.endswith((".db", ".jpg", ".mp4", ".pem"))] == []


def test_every_file_of_the_package_is_in_it(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "src/pelayanan"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode != 0:
        pytest.skip("not a git checkout: no list of files")
    names = set(zipfile.ZipFile(wheel).namelist())
    there = [line for line in tracked.stdout.splitlines() if (ROOT / line).exists()]
    assert {line.removeprefix("src/") for line in there} - names == set()


def test_a_store_is_opened_from_the_installed_wheel(python: Path, tmp_path: Path) -> None:
    use(python, tmp_path, f"sqlite:///{tmp_path / 'uji.db'}")


@pytest.mark.server
def test_a_postgres_store_is_opened_from_the_installed_wheel(
    python: Path, tmp_path: Path, postgres_url: str
) -> None:
    use(python, tmp_path, f"sqlite:///{tmp_path / 'uji.db'}", postgres_url)
