"""What the commands share: the workspace and its lock, and how things are shown."""

import argparse
import fcntl
import json
import os
import sys
import unicodedata
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path

from pydantic import BaseModel

from pelayanan.cli.texts import text
from pelayanan.desk.config import Config
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError, RateLimitError

__all__ = [
    "add_by",
    "add_config",
    "add_show",
    "is_watched",
    "local",
    "locked",
    "open_config",
    "opened",
    "pick",
    "plain",
    "say",
    "show_json",
    "table",
    "text_of",
    "when",
]

_CONTROLS = {"Cc", "Cf", "Cs"}
_KEPT = {"\n", "\u200c", "\u200d"}  # the last two join emoji


def add_config(parser: argparse.ArgumentParser, lang: str) -> None:
    """The option that all commands with a workspace have."""
    parser.add_argument("--config", default="pelayanan.toml", help=text("config", lang))


def add_by(parser: argparse.ArgumentParser, lang: str) -> None:
    """Who acts; the embedding system knows them, here it is the login name."""
    told = ("siapa yang bertindak", "who acts")[lang == "en"]
    parser.add_argument("--by", default=_login(), help=told)


def add_show(parser: argparse.ArgumentParser, lang: str) -> None:
    """What is shown of citizens is masked unless this is given."""
    parser.add_argument("--show", action="store_true", help=text("show", lang))


def text_of(word: str) -> str:
    """A text from the command line; ``-`` reads standard input."""
    if word != "-":
        return word
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise ConfigError("standard input is no UTF-8: save the text as UTF-8") from None


def _login() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        return ""


@contextmanager
def opened(args: argparse.Namespace) -> Generator[Desk, None, None]:
    """The desk of the configuration that was named."""
    config, clock = Config.read(args.config), args.clock or _now
    with Desk.open(config, client=args.client, clock=clock) as desk:
        yield desk


def _now() -> datetime:
    return datetime.now(UTC)


def open_config(args: argparse.Namespace) -> Config:
    """The configuration if there is one: some commands do without."""
    place = Path(args.config)
    return Config.read(place) if place.exists() else Config()


def local(config: Config, word: str) -> datetime:
    """An instant that somebody typed, in the agencies' time where no zone is named.

    Raises:
        ConfigError: It is none.
    """
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        raise ConfigError(f"{word[:30]!r} is no time such as 2026-03-17T21:00") from None
    return at if at.tzinfo else at.replace(tzinfo=config.zone)


@contextmanager
def locked(args: argparse.Namespace) -> Generator[None, None, None]:
    """The lock of the workspace: a run that overlaps another leaves with 75.

    Raises:
        RateLimitError: Another run is under way.
    """
    Config.read(args.config)  # where there is no workspace none is begun
    folder = Path(args.config).parent / ".pelayanan"
    folder.mkdir(mode=0o700, exist_ok=True)
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
    print(pick(args, indonesian, english))


def pick(args: argparse.Namespace, indonesian: str, english: str) -> str:
    """The one in the language asked for."""
    return english if args.lang == "en" else indonesian


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table: with colours and borders where `rich` is there and a person looks, else plain."""
    lines = [[plain(str(cell)) for cell in row] for row in rows]
    if is_watched() and not os.environ.get("NO_COLOR") and _rich_table(head, lines):
        return
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in [list(head), *lines]:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def is_watched() -> bool:
    """Whether a person looks: a terminal, no pipe and no log of cron."""
    return sys.stdout.isatty()


def _rich_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> bool:
    try:
        from rich.console import Console  # noqa: PLC0415  an extra
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415
    except ModuleNotFoundError:
        return False
    shown = Table(*head)
    for line in lines:
        shown.add_row(*map(Text, line))  # as text: what a citizen writes is no markup
    Console().print(shown)
    return True


def plain(text: str) -> str:
    """A text for a terminal: without what would move its cursor or turn its direction."""
    return "".join(each if _is_harmless(each) else " " for each in text)


def _is_harmless(each: str) -> bool:
    return each in _KEPT or unicodedata.category(each) not in _CONTROLS


def when(desk: Desk, at: datetime | None) -> str:
    """An instant as the agencies' clocks show it."""
    return at.astimezone(desk.config.zone).strftime("%Y-%m-%d %H:%M") if at else "-"
