"""Finds the command and runs it. Only the parser of the command that is called is built."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from pelayanan.cli.texts import COMMANDS, lang_of, text

__all__ = ["main"]

_WRONG, _LATER, _PARTLY, _STOPPED = 2, 75, 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    lang, words = lang_of(words), _without_lang(words)
    name = next((word for word in words if not word.startswith("-")), "")
    if not name:
        return _overview(words, lang)
    if name not in COMMANDS:
        print(text("unknown", lang).format(name=name), file=sys.stderr)
        return _WRONG
    words.remove(name)
    return _run(name, words, lang)


def _run(name: str, words: list[str], lang: str) -> int:
    from pelayanan.errors import (  # noqa: PLC0415  `--help` starts without
        ConfigError,
        PelayananError,
        QuotaError,
        RateLimitError,
        StoreError,
    )

    command = import_module(f"pelayanan.cli.{COMMANDS[name].module}")
    parser = argparse.ArgumentParser(
        prog=f"pelayanan {name}", description=COMMANDS[name].help(lang), allow_abbrev=False
    )
    parser.add_argument("--json", action="store_true", help=text("json", lang))
    parser.set_defaults(lang=lang)
    getattr(command, f"add_{name}")(parser, lang)
    try:
        code = int(getattr(command, f"run_{name}")(parser.parse_args(words)))
    except SystemExit as end:
        code = int(end.code or 0)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  the reader has gone
        code = 0
    except KeyboardInterrupt:
        code = _STOPPED
    except ConfigError as error:
        code = _say(error, _WRONG)
    except (StoreError, RateLimitError, QuotaError) as error:
        code = _say(error, _LATER)
    except PelayananError as error:
        code = _say(error, _PARTLY)
    return code


def _say(error: Exception, code: int) -> int:
    remedy = getattr(error, "remedy", "")
    print(f"pelayanan: {error}" + (f"\n  → {remedy}" if remedy else ""), file=sys.stderr)
    return code


def _without_lang(words: list[str]) -> list[str]:
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word == "--lang":
            skip = True
        elif not word.startswith("--lang="):
            kept.append(word)
    return kept


def _overview(words: list[str], lang: str) -> int:
    if "--version" in words:
        from importlib.metadata import version  # noqa: PLC0415

        print(version("pelayanan"))
        return 0
    print(text("usage", lang))
    width = max(map(len, COMMANDS))
    for name, command in COMMANDS.items():
        print(f"  {name.ljust(width)}  {command.help(lang)}")
    print(text("codes", lang))
    return 0 if not words or {"-h", "--help"} & set(words) else _WRONG
