"""Finds the command and runs it. Only the parser of the command that is called is built."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from pelayanan.cli.texts import COMMANDS, lang_of, text

TYPE_CHECKING = False  # checkers take it as true
if TYPE_CHECKING:
    from datetime import datetime

    from pelayanan.cli._parser import Parser
    from pelayanan.drivers.sync import Client

__all__ = ["main"]

_WRONG, _LATER, _PARTLY, _STOPPED = 2, 75, 1, 130


def main(
    argv: Sequence[str] | None = None,
    *,
    client: "Client | None" = None,
    clock: "Callable[[], datetime] | None" = None,
) -> int:
    """Run a command.

    Args:
        argv: Its words; default: those of the process.
        client: Makes the calls to platforms, and stays open; tests bring one with a fake.
        clock: The time, aware; tests bring their own.

    Returns:
        The exit code: 0 done, 1 part of it failed, 2 wrong usage or configuration, 75 try again
        later.
    """
    try:
        return _main(argv, client, clock)
    except KeyboardInterrupt:  # also while it is still being loaded
        return _STOPPED


def _main(
    argv: Sequence[str] | None, client: "Client | None", clock: "Callable[[], datetime] | None"
) -> int:
    _bear_any_text()
    words = list(sys.argv[1:] if argv is None else argv)
    lang, words = lang_of(words)
    if lang not in {"id", "en"}:
        return _say(text("lang", "id").format(name=lang), _WRONG)
    place = _place(words)
    if place is None:
        return _overview(words, lang)
    name = words.pop(place)
    if name not in COMMANDS:
        return _say(text("unknown", lang).format(name=name), _WRONG)
    command = COMMANDS[name]
    module = import_module(f"pelayanan.cli.{command.module}")
    parser = _parser(name, lang)
    parser.set_defaults(lang=lang, client=client, clock=clock)
    getattr(module, f"add_{name}")(parser, lang)
    return _run(lambda: int(getattr(module, f"run_{name}")(parser.parse_args(words))))


def _parser(name: str, lang: str) -> "Parser":
    from pelayanan.cli._parser import Parser  # noqa: PLC0415  the overview starts without

    made = Parser(prog=f"pelayanan {name}", description=COMMANDS[name].help(lang), lang=lang)
    made.add_argument("--json", action="store_true", help=text("json", lang))
    return made


def _run(command: Callable[[], int]) -> int:
    from pydantic import ValidationError  # noqa: PLC0415  the overview starts without

    from pelayanan.errors import (  # noqa: PLC0415  the overview starts without
        ConfigError,
        MediaError,
        PelayananError,
        QuotaError,
        RateLimitError,
        StoreError,
    )

    try:
        code = command()
        sys.stdout.flush()
    except SystemExit as end:
        code = int(end.code or 0)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  the reader has gone
        code = 0
    except UnicodeEncodeError:
        code = _say("an argument is no UTF-8: type it again, or write it in UTF-8", _WRONG)
    except ValidationError as error:
        code = _say(_of_value(error), _WRONG)
    except (ConfigError, MediaError) as error:
        code = _say(error, _WRONG)
    except StoreError as error:
        code = _say(error, _LATER if error.retryable else _WRONG)
    except (RateLimitError, QuotaError) as error:
        code = _say(error, _LATER)
    except PelayananError as error:
        code = _say(error, _PARTLY)
    except OSError as error:
        code = _say(*_of_disk(error))
    return code


def _of_value(error: Exception) -> str:
    """What is wrong with a value that somebody typed; the value itself is not repeated."""
    first = getattr(error, "errors")(include_url=False)[0]  # noqa: B009  pydantic is loaded late
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}".removeprefix(": ").replace("Value error, ", "")


def _of_disk(error: OSError) -> tuple[str, int]:
    """What to do where a file of the workspace cannot be read or written."""
    from pelayanan.errors import is_full  # noqa: PLC0415  the overview starts without

    if is_full(error):
        return "the disk is full: free some space and run again; nothing is lost", _LATER
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}: check path, owner and rights", _WRONG


def _say(error: Exception | str, code: int) -> int:
    remedy = getattr(error, "remedy", "")
    print(f"pelayanan: {error}" + (f"\n  → {remedy}" if remedy else ""), file=sys.stderr)
    return code


def _bear_any_text() -> None:
    """A terminal that cannot show a letter gets its number; one that is closed takes anything."""
    for name, how in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, how, encoding="utf-8"))  # noqa: PTH123, SIM115  open till the end
    for stream in (sys.stdout, sys.stderr):
        if (change := getattr(stream, "reconfigure", None)) is not None:
            change(errors="backslashreplace")


def _place(words: Sequence[str]) -> int | None:
    """Of the command: the first word that is neither an option nor the value of ``--config``."""
    for place, word in enumerate(words):
        if not word.startswith("-") and (not place or words[place - 1] != "--config"):
            return place
    return None


def _overview(words: list[str], lang: str) -> int:
    if "--version" in words:
        from importlib.metadata import version  # noqa: PLC0415  only here

        print(version("pelayanan"))
        return 0
    print(text("usage", lang))
    width = max(map(len, COMMANDS))
    for name, command in COMMANDS.items():
        print(f"  {name.ljust(width)}  {command.help(lang)}")
    print(text("codes", lang))
    return 0 if not words or {"-h", "--help"} & set(words) else _WRONG
