"""Every example in the documentation runs: what a reader copies works."""

import ast
import asyncio
import doctest
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(
    r"(?:<!-- skip: (?P<reason>[^\n]*?) -->\s*)?"
    r"^(?P<fence>```+) *(?P<language>python|sh|console)\b[^\n]*\n(?P<code>.*?)^(?P=fence) *$",
    re.DOTALL | re.MULTILINE,
)
_NEEDS = re.compile(r"<!-- needs: \.\./shared/(\S+) -->")
_MATCHES = doctest.OutputChecker().check_output
_LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    language: str
    code: str
    line: int
    skipped: str
    """Why it is not run; empty where it is."""


def blocks(text: str) -> Iterator[Block]:
    """Find the fenced blocks that a reader might run, with the line each begins in."""
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code")) + 1
        yield Block(found["language"], found["code"], line, found["reason"] or "")


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def needed(text: str, shared: Path) -> str:
    """What a page needs beside the repository and does not find there; empty where all is there."""
    return ", ".join(name for name in _NEEDS.findall(text) if not (shared / name).exists())


class Page:
    """One page being read: its folder, and the names its python blocks have defined so far."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._path = path
        self._folder = folder
        self._module = ModuleType("__main__")  # as in a script or a notebook
        self._runner = asyncio.Runner()

    def run(self, block: Block) -> None:
        getattr(self, f"_run_{block.language}")(block)

    def close(self) -> None:
        self._runner.close()

    def _run_python(self, block: Block) -> None:
        if ">>>" in block.code:
            return  # pytest collects it as a doctest
        padded = "\n" * (block.line - 1) + block.code  # errors name the page's own line
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as notebooks do
        code = compile(padded, str(self._path), "exec", flags=flags)
        outcome: Any = eval(code, self._module.__dict__)
        if inspect.iscoroutine(outcome):
            self._runner.run(outcome)

    def _run_sh(self, block: Block) -> None:
        self._shell(block.code, block)

    def _run_console(self, block: Block) -> None:
        for step in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
            command, _, expected = step.partition("\n")
            shown = self._shell(command, block)
            assert not expected or _MATCHES(expected, shown, _LOOSE), (
                f"{self._path.name}:{block.line}: {command}\nsays\n{shown}\nnot\n{expected}"
            )

    def _shell(self, script: str, block: Block) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self._folder,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{self._path.name}:{block.line}: {script}\n{done.stdout}"
        return done.stdout


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_of_the_page_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = path.read_text(encoding="utf-8")
    shared = Path(os.environ.get("PELAYANAN_SHARED") or ROOT.parent / "shared")
    if missing := needed(text, shared):
        pytest.skip(f"needs ../shared/{missing}")
    monkeypatch.setenv("PELAYANAN_SHARED", str(shared))
    monkeypatch.setenv("MPLBACKEND", "Agg")  # pictures are drawn without a screen
    monkeypatch.chdir(tmp_path)
    page = Page(path, tmp_path)
    monkeypatch.setitem(sys.modules, "__main__", page._module)
    try:
        for block in blocks(text):
            if not block.skipped:
                page.run(block)
            else:
                print(f"{path.name}:{block.line} skipped: {block.skipped}")
    finally:
        page.close()


def test_a_wrong_example_is_noticed(tmp_path: Path) -> None:
    page = Page(Path("page.md"), tmp_path)
    good, await_it, bad, shell, console = blocks(
        "```python\nx = 1\n```\n```python\nimport asyncio\nawait asyncio.sleep(0)\n```\n"
        "```python\nassert x == 2\n```\n```sh\nfalse\n```\n"
        "```console\n$ echo satu dua\nsatu ...\n$ echo tiga\nempat\n```\n"
    )
    page.run(good)
    page.run(await_it)
    for block in (bad, shell, console):
        with pytest.raises(AssertionError):
            page.run(block)
    page.close()


def test_a_page_is_skipped_where_its_data_are_not(tmp_path: Path) -> None:
    page = "<!-- needs: ../shared/data/contoh -->\n# Contoh\n"
    assert needed(page, tmp_path) == "data/contoh"
    (tmp_path / "data" / "contoh").mkdir(parents=True)
    assert needed(page, tmp_path) == ""
    assert needed("# Contoh\n", tmp_path) == ""


def test_a_skipped_example_says_why() -> None:
    text = "<!-- skip: needs an account -->\n```python\n1 / 0\n```\n\n```python\n2\n```\n"
    assert [(block.skipped, block.line) for block in blocks(text)] == [
        ("needs an account", 3),
        ("", 7),
    ]


def test_the_readme_leaves_out_only_the_commands_that_ci_runs_on_a_clean_clone() -> None:
    found = [block.skipped for block in blocks((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert [reason for reason in found if reason] == [
        "set-up 1, run by .ci/run in a clean clone",
        "set-up 2, run by .ci/run in a clean clone",
    ]


@pytest.mark.parametrize("number", [1, 2])
def test_ci_finds_the_commands_of_the_readme(number: int) -> None:
    program = [sys.executable, ".ci/readme_command.py", "README.md", str(number)]
    command = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert command.startswith("python3 -m venv .venv && ")
    assert command.count("\n") == 1
