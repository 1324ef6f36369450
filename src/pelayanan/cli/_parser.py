"""A parser that helps in the language asked for, and whose errors end with what to do."""

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn

__all__ = ["Parser", "positive"]

_HEADINGS = {"positional arguments": "argumen", "options": "pilihan"}


class _Indonesian(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],  # of argparse's own making
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "pemakaian: " if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(_HEADINGS.get(heading or "", heading))


class Parser(argparse.ArgumentParser):
    """The parser of one command, or of one action of a command."""

    def __init__(self, *, lang: str = "id", **how: Any) -> None:
        if lang != "en":
            how["formatter_class"] = _Indonesian
        super().__init__(**how, add_help=False, allow_abbrev=False)
        told = ("tampilkan bantuan ini", "show this help")[lang == "en"]
        self.add_argument("-h", "--help", action="help", help=told)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"pelayanan: {message}\n  → {self.prog} --help\n")


def positive(word: str) -> int:
    """A whole number from 1 on, of at most nine digits."""
    if not word.isdecimal() or len(word) > 9 or int(word) < 1:
        told = f"{word[:20]!r} is no whole number from 1 to 999999999"
        raise argparse.ArgumentTypeError(told)
    return int(word)
