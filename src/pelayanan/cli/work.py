"""What the commands share: the workspace and its lock, and how things are shown."""

import argparse
import fcntl
import json
import os
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from pathlib import Path

from pydantic import BaseModel

from pelayanan.cli.texts import text
from pelayanan.desk.config import Config
from pelayanan.desk.desk import Desk
from pelayanan.errors import RateLimitError

__all__ = ["add_by", "add_config", "locked", "opened", "say", "show_json", "table", "when"]


def add_config(parser: argparse.ArgumentParser, lang: str) -> None:
    """The option that all commands with a workspace have."""
    parser.add_argument("--config", default="pelayanan.toml", help=text("config", lang))


def add_by(parser: argparse.ArgumentParser, lang: str) -> None:
    """Who acts; the embedding system knows them, here it is the login name."""
    told = ("siapa yang bertindak", "who acts")[lang == "en"]
    parser.add_argument("--by", default=_login(), help=told)


def _login() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        return ""


@contextmanager
def opened(args: argparse.Namespace) -> Generator[Desk, None, None]:
    """The desk of the configuration that was named."""
    with Desk.open(Config.read(args.config)) as desk:
        yield desk


@contextmanager
def locked(args: argparse.Namespace) -> Generator[None, None, None]:
    """The lock of the workspace: a run that overlaps another leaves with 75.

    Raises:
        RateLimitError: Another run is under way.
    """
    folder = Path(args.config).parent / ".pelayanan"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RateLimitError(
                "another run is under way in this workspace", operation="pelayanan"
            ) from None
        yield


def show_json(value: object) -> None:
    """One JSON value on one line."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    print(json.dumps(plain, ensure_ascii=False, default=str))


def say(args: argparse.Namespace, indonesian: str, english: str) -> None:
    """A line for a person."""
    print(english if args.lang == "en" else indonesian)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table: with colours and borders where `rich` is there and a person looks, else plain."""
    lines = [list(map(str, row)) for row in rows]
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        try:
            from rich.console import Console  # noqa: PLC0415  an extra
            from rich.table import Table  # noqa: PLC0415
        except ModuleNotFoundError:
            pass
        else:
            shown = Table(*head)
            for line in lines:
                shown.add_row(*line)
            Console().print(shown)
            return
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in [list(head), *lines]:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def when(desk: Desk, at: datetime | None) -> str:
    """An instant as the agencies' clocks show it."""
    return at.astimezone(desk.config.zone).strftime("%Y-%m-%d %H:%M") if at else "-"
