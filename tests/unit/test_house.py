"""Rules of the house that no linter knows."""

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# put together here, so that this file does not break its own rule
FOREIGN = {
    "a path of one machine": ["/" + folder + "/" for folder in ("work", "root", "home")],
    "the host of a package registry": [
        "py" + "pi.org",
        "python" + "hosted.org",
        "npm" + "js.org",
        "deb." + "debian.org",
    ],
}
PLATFORM_IMPORT = re.compile(r"from pelayanan\.platforms(?:\.| import )(?!load|available)(\w+)")
WITH_IO = {"drivers", "store", "media", "desk", "testing", "report", "web", "cli"}
SHARED = {"meta", "google"}  # _meta.py and _google.py: one company, several platforms


def tracked() -> list[Path]:
    """Every file in the repository but the licence, which is not ours to word."""
    command = ["git", "ls-files", "-z", "--", ".", ":!LICENSE"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: no list of files")
    found = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in found if path.is_file()]


def project() -> str:
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names(what: str) -> None:
    texts = {path: path.read_bytes().decode(errors="ignore") for path in tracked()}
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path, text in texts.items()
        for word in FOREIGN[what]
        if word in text
    ]
    assert found == []


def test_every_rule_that_is_left_out_has_its_reason_beside_it() -> None:
    body = project().partition("[tool.ruff.lint]")[2]
    ignores = body.partition("ignore = [\n")[2].partition("\n]")[0].splitlines()
    per_file = body.partition("[tool.ruff.lint.per-file-ignores]\n")[2].partition("\n\n")[0]
    lines = [*ignores, *per_file.splitlines()]
    named = sum(
        len(rules)
        for rules in (
            tomllib.loads(project())["tool"]["ruff"]["lint"]["ignore"],
            *tomllib.loads(project())["tool"]["ruff"]["lint"]["per-file-ignores"].values(),
        )
    )
    assert sum(len(re.findall(r'"[A-Z]+\d*"', line)) for line in lines) == named
    assert [line for line in lines if not re.search(r"#\s*\w", line)] == []


def test_every_warning_that_is_let_through_has_its_reason() -> None:
    section = project().partition("filterwarnings = ")[2].partition("\nxfail_strict")[0]
    assert [line for line in section.splitlines() if "ignore:" in line and "#" not in line] == []


@pytest.mark.parametrize("mark", ["noqa", "type: ignore", "pyright: ignore", "pragma: no cover"])
def test_what_a_tool_is_told_to_overlook_in_the_package_is_explained(mark: str) -> None:
    told = re.compile(rf"# {mark}(?:: [A-Z0-9, ]+\b|\[[\w, -]+\])?(?P<why>.*)$")
    silent = []
    for path in tracked():
        if path.suffix != ".py" or not path.is_relative_to(ROOT / "src"):
            continue
        before = None  # lines one below the other may share the reason of the first
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = told.search(line)
            if found and not found["why"].strip(" #") and not before:
                silent.append(f"{path.relative_to(ROOT)}:{number}")
            before = found
    assert silent == []


def family(module: str) -> str:
    """`bluesky` of `_bluesky_keys`; what several platforms may share begins otherwise."""
    return module.strip("_").partition("_")[0]


def test_what_is_private_to_a_platform_is_imported_by_that_platform_only() -> None:
    strangers = [
        f"{path.name}: {module}"
        for path in sorted((ROOT / "src/pelayanan/platforms").glob("*.py"))
        for module in PLATFORM_IMPORT.findall(path.read_text(encoding="utf-8"))
        if path.name != "__init__.py" and family(module) not in {family(path.stem), *SHARED}
    ]
    assert strangers == []


def test_no_platform_is_forgotten_among_those_that_must_not_know_each_other() -> None:
    contracts = tomllib.loads(project())["tool"]["importlinter"]["contracts"]
    named = next(one["modules"] for one in contracts if one["type"] == "independence")
    files = (ROOT / "src/pelayanan/platforms").glob("[!_]*.py")
    assert sorted(named) == sorted(f"pelayanan.platforms.{path.stem}" for path in files)


def test_what_platforms_allow_is_shared_by_the_processes_of_a_workspace() -> None:
    """A throttle without a name is a process's own; only Telegram's pace of one chat is."""
    nameless = [
        f"{path.name}: {call}"
        for path in sorted((ROOT / "src/pelayanan/platforms").glob("*.py"))
        for call in re.findall(r"\bThrottle\([^)]*", path.read_text(encoding="utf-8"))
        if "name=" not in call and path.name != "_telegram_write.py"
    ]
    assert nameless == []


def test_the_table_of_platforms_says_what_they_can() -> None:
    command = [sys.executable, "docs/_platforms.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_change_that_the_vectors_must_notice_has_its_place() -> None:
    found = runpy.run_path(str(ROOT / "benchmarks/mutations.py"))["MUTATIONS"]
    package = ROOT / "src/pelayanan"
    assert len(found) >= 20
    assert [each.what for each in found if each.old not in (package / each.path).read_text()] == []


def test_no_room_without_io_is_forgotten() -> None:
    contracts = tomllib.loads(project())["tool"]["importlinter"]["contracts"]
    pure = next(one["source_modules"] for one in contracts if one["type"] == "forbidden")
    rooms = {
        path.relative_to(ROOT / "src/pelayanan").parts[0]
        for path in tracked()
        if path.is_relative_to(ROOT / "src")
    }
    rooms = {room.removesuffix(".py") for room in rooms} - {"__init__", "py.typed"}
    assert {f"pelayanan.{room}" for room in rooms - WITH_IO} == set(pure)


def test_sql_is_written_in_the_store_only() -> None:
    """Others carry a transaction from one of its functions to the next, and no more."""
    elsewhere = {
        f"{path.name}: {line}"
        for path in sorted((ROOT / "src/pelayanan").rglob("*.py"))
        if "store" not in path.relative_to(ROOT).parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(from|import) sqlalchemy", line)
    }
    assert {line.partition(": ")[2] for line in elsewhere} == {"from sqlalchemy import Connection"}


def test_migrations_are_numbered_one_by_one_up_to_the_head() -> None:
    folder = ROOT / "src" / "pelayanan" / "store" / "migrations"
    numbers = sorted(path.name[:4] for path in (folder / "versions").glob("[0-9]*.py"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert f'HEAD = "{numbers[-1]}"' in (folder / "__init__.py").read_text("utf-8")


def test_no_file_of_the_package_is_longer_than_400_lines() -> None:
    sources = [path for path in tracked() if path.suffix == ".py" and "src" in path.parts]
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in sources}
    assert [str(path.relative_to(ROOT)) for path, lines in lengths.items() if lines > 400] == []


def test_what_is_under_unreleased_is_said_in_one_line_each() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text
    entries = [line for line in text.splitlines() if line and not line.startswith(("#", "["))][2:]
    assert [line for line in entries if not line.startswith("- ")] == []
