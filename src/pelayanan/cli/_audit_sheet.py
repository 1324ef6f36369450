"""The sheet in which a rater marks answers: CSV, as spreadsheets read and write it."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pelayanan.cli.work import plain
from pelayanan.desk.auditing import AuditItem
from pelayanan.errors import ConfigError
from pelayanan.score.rubric import ITEMS

__all__ = ["Row", "read_sheet", "write_sheet"]

_HEAD = {"id": ("butir", "pertanyaan", "jawaban"), "en": ("item", "question", "answer")}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = {"0": "0", "1": "1", "tidak": "0", "ya": "1", "no": "0", "yes": "1"}
_SEPARATORS = ";,\t"


class Row(NamedTuple):
    """A row of the sheet with its number, as a spreadsheet counts.

    Attributes:
        marks: Eight times 0 or 1; empty where the row was left blank.
        why: What is wrong with it, and the remedy.
    """

    number: int
    item: str
    marks: str = ""
    why: str = ""


def write_sheet(place: Path, items: Iterable[AuditItem], lang: str) -> None:
    """Write the answers to mark, one a row, with empty columns for the marks.

    Indonesian spreadsheets part columns by ``;``, English ones by ``,``. No cell is a formula,
    whatever a citizen wrote.

    Raises:
        ConfigError: The file is there already: somebody may have marked in it.
        OSError: It cannot be written.
    """
    labels = [item.label(lang) for item in ITEMS]
    try:
        with place.open("x", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter="," if lang == "en" else ";")
            writer.writerow([*_HEAD[lang], *labels])
            for item in items:
                texts = map(_cell, (item.id, item.question, item.answer))
                writer.writerow([*texts, *("" for _ in ITEMS)])
    except FileExistsError:
        told = "is there already, perhaps with marks in it: choose another name"
        raise ConfigError(f"{place} {told}") from None
    except OSError:
        place.unlink(missing_ok=True)  # a sheet that is not whole is in nobody's way
        raise


def read_sheet(place: Path) -> Iterator[Row]:
    """Read a sheet that was filled in, in either language, whatever the spreadsheet made of it.

    Raises:
        ConfigError: It is no CSV, or has no column for the item or for one of the marks.
    """
    text = _text(place)
    head, _, _ = text.partition("\n")
    separator = max(_SEPARATORS, key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        columns = _columns(place, next(rows, list[str]()))
        for number, cells in enumerate(rows, 2):
            if any(cell.strip() for cell in cells):
                yield _row(number, cells, columns)
    except csv.Error as error:
        raise ConfigError(f"{place} is no CSV ({error}): save the sheet as CSV UTF-8") from None


def _cell(text: str) -> str:
    shown = plain(text).strip()
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _text(place: Path) -> str:
    found = place.read_bytes()
    if found.startswith(b"PK"):
        raise ConfigError(f"{place} is a workbook: save it as CSV UTF-8")
    if found.startswith((b"\xff\xfe", b"\xfe\xff")):
        return found.decode("utf-16", "replace")
    return found.decode("utf-8-sig", "replace")  # only ids and marks are read, all of them ASCII


def _columns(place: Path, head: list[str]) -> dict[str, int]:
    """Where item and marks stand, by their names or by their words in either language."""
    at = {cell.strip().casefold(): number for number, cell in enumerate(head)}
    wanted = {"item": {words[0] for words in _HEAD.values()}}
    wanted |= {item.name: {item.name, item.id, item.en} for item in ITEMS}
    found = {name: at[word] for name, words in wanted.items() for word in words if word in at}
    if missing := [name for name in wanted if name not in found]:
        words = " / ".join(sorted(wanted[missing[0]]))
        raise ConfigError(f"{place}: no column {words}: leave the first row as it was written")
    return found


def _row(number: int, cells: list[str], columns: dict[str, int]) -> Row:
    told = {
        name: cells[at].strip().casefold() if at < len(cells) else ""
        for name, at in columns.items()
    }
    item = told.pop("item")
    if not any(told.values()):
        return Row(number, item)
    for each in ITEMS:
        if told[each.name] not in _MARKS:
            given = told[each.name][:20] or "kosong/empty"
            return Row(number, item, why=f"{each.id}: {given!r}, tulis/write 0 / 1")
    return Row(number, item, "".join(_MARKS[told[each.name]] for each in ITEMS))
