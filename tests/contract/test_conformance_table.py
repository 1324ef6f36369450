"""The table that `pytest -p pelayanan.testing.table` prints, on a run of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from pelayanan.platforms import available, load
from pelayanan.testing.world import claims

TESTS = """
import pytest
from pelayanan.models import Check, Finding
from pelayanan.protocol.capabilities import Capabilities
from pelayanan.protocol.flow import blocking, flow
from pelayanan.testing.asking import MODES
from pelayanan.testing.conformance import CheckConformance
from pelayanan.testing.world import World

class Box:
    name, handle, capabilities = "kotak", "dinsos", Capabilities()

    @flow
    def check(self):
        yield from blocking(int)
        return Check(platform="kotak", handle="dinsos", findings=(Finding(name="token", ok={ok}),))
    {more}

class BoxWorld(World):
    transport, account, secret = None, Box(), "rahasia"
    write = answer = said = lambda self, *_: ""

@pytest.fixture(params={modes})
def mode(request):
    return request.param

class TestBox(CheckConformance):
    @pytest.fixture
    def world(self):
        return BoxWorld()
"""


def run(folder: Path, *options: str, **told: str) -> "subprocess.CompletedProcess[str]":
    told = {"ok": "True", "more": "", "modes": "MODES"} | told
    text = TESTS.replace("{ok}", told["ok"]).replace("{more}", told["more"])
    (folder / "test_box.py").write_text(text.replace("{modes}", told["modes"]))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pelayanan.testing.table", *options, "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_each_capability_is_told_with_its_tests_in_each_mode(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("kotak")]
    assert lines == [["kotak", "Checkable", "2", "2", "2", "ok"]]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"ok": "False"}, "Checkable 1 1 1 not proven"),
        ({"modes": "MODES[:2]"}, "Checkable 2 2 0 not proven"),
        ({"more": "answers = check"}, "AnswerSource 0 0 0 not proven"),
    ],
)
def test_what_was_not_proven_fails_the_run(
    tmp_path: Path, told: dict[str, str], shown: str
) -> None:
    done = run(tmp_path, **told)
    assert done.returncode == 1
    assert f"kotak {shown}" in " ".join(done.stdout.split())


def test_a_platform_that_nobody_tested_fails_the_run_that_asks_for_every_one(
    tmp_path: Path,
) -> None:
    done = run(tmp_path, "--every-platform")
    assert done.returncode == 1
    shown = " ".join(done.stdout.split())
    for name in available():
        for capability in claims(load(name)):
            assert f"{name} {capability} 0 0 0 not proven" in shown
