"""A virtual environment with the core and nothing else, as a plain `pip install` leaves it."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OF_PIP = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence", "wheel")


@cache
def folder() -> Path:
    """Made once in a run and removed at its end."""
    place = Path(tempfile.mkdtemp(prefix="pelayanan-core-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    print(f"  installing the core into {place} …", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", str(ROOT)]
    subprocess.run(pip, check=True, stderr=subprocess.PIPE)
    return place


def program(name: str) -> str:
    """Path of a program in it."""
    return str(folder() / "bin" / name)


def size_bytes() -> int:
    """What pip put there, byte code included, without pip's own."""
    (packages,) = (folder() / "lib").glob("python*/site-packages")
    ours = (one for one in packages.iterdir() if not one.name.startswith(_OF_PIP))
    return sum(_size(one) for one in ours)


def _size(place: Path) -> int:
    files = place.rglob("*") if place.is_dir() else [place]
    return sum(file.stat().st_size for file in files if file.is_file())
