"""``pelayanan demo``: the newcomer's first minute."""

import json
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pelayanan.cli import main
from pelayanan.protocol.throttle import Throttle

SMALL = ("demo", "--agencies", "2", "--days", "2")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("jinja2")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "demo"


@pytest.mark.parametrize("lang", ["id", "en"])
def test_it_ends_with_the_path_of_a_report(
    folder: Path, lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PIL")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it asked for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert main([*SMALL, "--folder", str(folder), "--lang", lang]) == 0
    said = capsys.readouterr()
    place = Path(said.out.splitlines()[-1])
    assert place == folder / "laporan.html"
    page = place.read_text("utf-8")
    assert 'src="data:image/' in page
    assert "Dua belas paket beras" in page
    assert said.err == ""


def test_what_it_leaves_behind_is_a_workspace(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SMALL, "--folder", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    config = str(folder / "pelayanan.toml")
    assert len(tomllib.loads((folder / "pelayanan.toml").read_text("utf-8"))["accounts"]) == 6
    assert main(["cases", "--all", "--limit", "999", "--json", "--config", config]) == 0
    assert len(capsys.readouterr().out.splitlines()) == told["cases"]
    assert main(["score", "--month", "2026-10", "--json", "--config", config]) == 0
    assert json.loads(capsys.readouterr().out)["province"]["n"] == told["cases"]
    assert main(["verify", "--config", config]) == 0
    assert (folder / "rahasia" / "dinsos").stat().st_mode & 0o077 == 0


def test_the_same_seed_gives_the_same_numbers(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for seed, name in (("5", "a"), ("5", "b"), ("6", "c")):
        place = tmp_path / name
        assert main([*SMALL, "--seed", seed, "--folder", str(place), "--json"]) == 0
        told.append({**json.loads(capsys.readouterr().out), "report": ""})
    assert told[0] == told[1] != told[2]


def test_it_spoils_no_workspace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir()
    (folder / "pelayanan.toml").write_text("# milik orang", "utf-8")
    assert main([*SMALL, "--folder", str(folder)]) == 2
    assert "choose another --folder" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["pelayanan.toml"]


def test_with_the_core_alone_it_says_at_once_what_to_install(tmp_path: Path) -> None:
    done = without(["jinja2", "PIL"], tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("pelayanan: ")
    assert "pip install 'pelayanan[report,media]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_pillow_it_runs_and_says_that_pictures_are_missing(tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    done = without(["PIL"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "tanpa gambar; dengan gambar: pip install 'pelayanan[media]'" in done.stdout


def without(names: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The demo in a process in which these packages are not installed."""
    code = (
        "import sys\n"
        "from importlib.abc import MetaPathFinder\n"
        "class Missing(MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {names!r}:\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from pelayanan.cli import main\n"
        f"sys.exit(main({[*SMALL, '--folder', 'demo']!r}))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_month_that_passes_in_a_minute_waits_for_no_budget(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Throttle, "reserve", lambda *_, **__: 3600.0)
    assert main([*SMALL, "--folder", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answered"] > 0
    assert "Akun yang tidak terbaca" not in (folder / "laporan.html").read_text("utf-8")
