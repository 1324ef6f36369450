"""Change the library in one place at a time: do the conformance vectors notice?

Every change is made in a copy of `src`; the vectors are run against it until the first that fails.
Prints a table and ends with 1 where a change goes unnoticed, or where its place is not found.

Run:
    python benchmarks/mutations.py [--only WORD]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FAILED = re.compile(r"^FAILED \S+::(\S+)", re.MULTILINE)


class Mutation(NamedTuple):
    """`old` becomes `new`, once, in a file below src/pelayanan."""

    what: str
    path: str
    old: str
    new: str


NUMBERS = "cases/standards/idt-1.json"
PENGADUAN = '"pengaduan": {"clock": "office", "tests": ["s900", "s3600", "s14400", '
DARURAT = '"s14400", "s86400", "s259200"'
MUTATIONS = (
    Mutation(
        "threshold: 15 minutes become 16", NUMBERS, PENGADUAN, PENGADUAN.replace("900", "960")
    ),
    Mutation(
        "threshold: emergency, a second more", NUMBERS, DARURAT, DARURAT.replace("200", "201")
    ),
    Mutation("weight: the legal answer, 0.25", NUMBERS, "0.12, 0.25, 0.20", "0.12, 0.24, 0.21"),
    Mutation("reference curve: F_5", NUMBERS, "0.40, 0.50, 0.54", "0.40, 0.51, 0.54"),
    Mutation(
        "limit: informasi resolved in 14 days",
        NUMBERS,
        '"resolution_test": 6',
        '"resolution_test": 7',
    ),
    Mutation(
        "holiday: 25 August 2026 is forgotten",
        "calendar/almanac.py",
        "for day, name in named.items()}",
        "for day, name in named.items() if day != date(2026, 8, 25)}",
    ),
    Mutation(
        "holidays: cuti bersama are forgotten",
        "calendar/almanac.py",
        '(("government", True), ("public", False))',
        '(("public", False),)',
    ),
    Mutation(
        "hours: Friday closes at 16:00",
        "calendar/hours.py",
        '"fri": "07:30-16:30"},',
        '"fri": "07:30-16:00"},',
    ),
    Mutation("Ramadan 2026 begins a day late", "calendar/ramadan.toml", "2026-02-19", "2026-02-20"),
    Mutation("reopening: 13 days", "cases/fold.py", "timedelta(days=14)", "timedelta(days=13)"),
    Mutation("mass text: from 10 citizens on", "cases/mass.py", "> _MANY", ">= _MANY"),
    Mutation(
        "promise: kept only before its date",
        "cases/_answers.py",
        "self.calendar.local_date(promise.done) <= promise.due",
        "self.calendar.local_date(promise.done) < promise.due",
    ),
    Mutation(
        "claims: a longer limit needs none",
        "cases/_claims.py",
        "not is_easier(event, said) or",
        "True or",
    ),
    Mutation(
        "left early: hand-overs to bin 3", "score/ends.py", '"handed_over": 4', '"handed_over": 3'
    ),
    Mutation("slow hand-over: from bin 5 on", "score/units.py", "_SLOW = 4", "_SLOW = 5"),
    Mutation(
        "histogram: 31 buckets each time", "score/kernel.py", "64 + 32 * (power", "64 + 31 * (power"
    ),
    Mutation("curve: censored cases count whole", "score/curve.py", "- gone / 2", "- gone"),
    Mutation(
        "curve: strength of the prior", "score/curve.py", "_STRENGTH = 2.0", "_STRENGTH = 2.1"
    ),
    Mutation(
        "parts: strength of the prior", "score/index.py", "_STRENGTH = 2.0", "_STRENGTH = 2.1"
    ),
    Mutation(
        "sign: the covariance of speed and quality",
        "score/index.py",
        "var_speed + 2 * quality * shared",
        "var_speed - 2 * quality * shared",
    ),
    Mutation("grade A from 88.31", "score/grades.py", "88.305", "88.31"),
    Mutation("floor C from 0.95", "score/grades.py", "= 0.90, 0.65, 0.50", "= 0.95, 0.65, 0.50"),
    Mutation("cap C under 0.60", "score/grades.py", "= 0.90, 0.65, 0.50", "= 0.90, 0.60, 0.50"),
    Mutation("audits: nine are enough", "score/grades.py", "_AUDITED = 10", "_AUDITED = 9"),
    Mutation("decided: nine are enough", "score/grades.py", "DECIDED = 10", "DECIDED = 9"),
    Mutation("coverage: 0.79 is enough", "score/agency.py", "= 0.80, 0.15", "= 0.79, 0.15"),
    Mutation(
        "mix: at 0.20 already",
        "score/beside.py",
        "others / n_others) > _MIXED",
        "others / n_others) >= _MIXED",
    ),
    Mutation(
        "interval: the 10 % quantile",
        "score/index.py",
        "(0.05, 0.95)",
        "(0.10, 0.95)",
    ),
)


def spoil(source: Path, mutation: Mutation) -> None:
    """Make the change.

    Raises:
        SystemExit: Its place is not there: the library has moved on, so must this list.
    """
    path = source / "pelayanan" / mutation.path
    text = path.read_text(encoding="utf-8")
    if mutation.old not in text:
        sys.exit(f"{mutation.what}: {mutation.path} has no {mutation.old!r}")
    path.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")


def noticed(source: Path) -> str:
    """The first vector test that fails with this source, empty if none does."""
    tests = ["tests/contract/test_vectors.py", "-x", "-q", "-p", "no:cacheprovider", "--tb=no"]
    python_path = f"pythonpath={source} tests"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, "-o", python_path, "-k", "not plain_program"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = FAILED.search(done.stdout)
    if done.returncode not in {0, 1} or (done.returncode == 1 and not found):
        sys.exit(done.stdout + done.stderr)  # a change that breaks everything shows nothing
    return found[1] if found else ""


def tried(mutation: Mutation | None) -> str:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        if mutation:
            spoil(source, mutation)
        return noticed(source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="changes whose name has this word")
    word = parser.parse_args().only
    broken = tried(None)
    if broken:
        sys.exit(f"without any change {broken} fails: nothing can be shown")
    chosen = [mutation for mutation in MUTATIONS if word in mutation.what]
    missed = 0
    print("| change | noticed by |\n| --- | --- |")
    for mutation in chosen:
        test = tried(mutation)
        missed += not test
        print(f"| {mutation.what} | {test or '**nothing**'} |", flush=True)
    print(f"\n{len(chosen) - missed} of {len(chosen)} noticed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
