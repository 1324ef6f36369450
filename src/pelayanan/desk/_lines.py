"""Where in a TOML file something stands, for errors that name the line."""

import re
from collections.abc import Sequence
from typing import TypeAlias

__all__ = ["Place", "line_of", "shown"]

Place: TypeAlias = Sequence[str | int]  # ("accounts", 1, "token"), counted from 0
_HEADER = re.compile(r"\s*\[\[?\s*([\w\-.\"' ]+?)\s*\]\]?\s*(#.*)?$")


def line_of(text: str, place: Place) -> int | None:
    """The line of a place, counted from 1, or of the table that should hold it."""
    if not place:
        return None
    name = str(place[0])
    number = next((part for part in place if isinstance(part, int)), 0)
    field = next((part for part in place[1:] if isinstance(part, str)), None)
    lines = text.splitlines()
    heads = {at: found[1] for at, line in enumerate(lines, 1) if (found := _HEADER.match(line))}
    starts = [at for at, of in heads.items() if of == name]
    if number >= len(starts):  # written as `name = …`
        return next((at for at, line in enumerate(lines, 1) if _sets(line, name)), None)
    start = starts[number]
    ends = (at for at, of in heads.items() if at > start and not of.startswith(f"{name}."))
    end = min(ends, default=len(lines) + 1)
    fits = (at for at in range(start + 1, end) if field and _sets(lines[at - 1], field))
    return next(fits, start)


def shown(place: Place) -> str:
    """A place as people count: ``accounts 2, token``."""
    told = ""
    for part in place:
        told += f" {part + 1}" if isinstance(part, int) else f", {part}" if told else str(part)
    return told


def _sets(line: str, name: str) -> bool:
    return bool(re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]", line))
