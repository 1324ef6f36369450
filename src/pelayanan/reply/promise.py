"""Whether a reply says what it promises: the citizen must read the date and who does it."""

import re
from collections.abc import Iterator
from datetime import date

from pelayanan.cases import Promise

__all__ = ["unsaid"]

_MONTHS = (
    "januari",
    "februari",
    "maret",
    "april",
    "mei",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
)


def unsaid(text: str, promise: Promise, today: date) -> tuple[str, ...]:
    """Say in Indonesian what speaks against a promise; empty if nothing does.

    Args:
        text: The reply.
        promise: The local date by which the step is done, and the unit that does it.
        today: The local date.

    Source:
        score.md, 1 (`answered`: a next step with a unit and a date).

    Example:
        >>> step = Promise(due=date(2026, 11, 30), unit="Bidang Linjamsos")
        >>> unsaid("Bidang Linjamsos datang paling lambat 30 Nov.", step, date(2026, 11, 24))
        ()
        >>> unsaid("Segera kami proses.", step, date(2026, 11, 24))[-1]
        'teks tidak menyebut tanggal 30 november 2026'
    """
    return tuple(_against(" ".join(text.casefold().split()), promise, today))


def _against(text: str, promise: Promise, today: date) -> Iterator[str]:
    due, unit = promise.due, " ".join(promise.unit.casefold().split())
    if due < today:
        yield "tanggal yang dijanjikan sudah lewat"
    if not unit:
        yield "janji tanpa unit: sebutkan siapa yang mengerjakan"
    elif unit not in text:
        yield f"teks tidak menyebut {promise.unit}"
    if not _names(text, due):
        yield f"teks tidak menyebut tanggal {due.day} {_MONTHS[due.month - 1]} {due.year}"


def _names(text: str, due: date) -> bool:
    month = _MONTHS[due.month - 1]
    words = rf"0?{due.day} (?:{month}|{month[:3]}\b)"
    figures = rf"0?{due.day}[/.-]0?{due.month}(?!\d)"
    return bool(re.search(rf"(?<!\d)(?:{words}|{figures}|{due.isoformat()})", text))
