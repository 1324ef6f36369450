"""Groups of digits in a text: which of them may be read together, and which mean something else."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pelayanan.text.links import find_links

__all__ = ["Digits", "Window"]

# Blanks, dot, dashes, and what is not seen at all
_PLAIN = r" \t\xa0\u2007\u2009\u202f.\-\u2010-\u2015\u00ad\u200b-\u200d\u2060\ufeff"
_JOINT = re.compile(rf"[{_PLAIN}_]{{1,3}}")
_PHONE_JOINT = re.compile(rf"[{_PLAIN}()]{{1,3}}")
# what also stands between other numbers: only what is built like a NIK is read across it
_WIDE_JOINT = re.compile(rf"[{_PLAIN}_/,:;|*~\u00b7\u2022]{{1,3}}")

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_DATE = rf"""(?: {_DAY} (?P<{{0}}>[./-]) {_MONTH} (?P={{0}}) {_YEAR}
               | {_YEAR} (?P<{{0}}y>[/-]) {_MONTH} (?P={{0}}y) {_DAY} )"""
_TIME = r"(?: (?:[01]?\d|2[0-4]) [.:] [0-5]\d (?:[.:][0-5]\d)? )"
_AMOUNT = r"(?: [1-9]\d{0,2} (?:[.,]\d{3}){1,4} (?:,\d\d)? )"  # up to 15 digits: 16 may be a NIK
_LEFT, _RIGHT = r"(?<!\d) (?<!\d[.,:/-])", r"(?!\d) (?![.,:/-]\d)"
_DASH = r"\s?[-–]\s?"  # noqa: RUF001  the dash of a range

_OTHER = re.compile(
    rf"""{_LEFT} (?: {_DATE.format("a")} (?: {_DASH} {_DATE.format("b")} )?
                  | {_TIME} (?: {_DASH} {_TIME} )? | {_AMOUNT} (?: {_DASH} {_AMOUNT} )? ) {_RIGHT}
       | \b rp \.? \s? [1-9]\d{{0,14}} (?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_SHORT_DATE = re.compile(rf"{_LEFT} {_DAY} ([./-]) {_MONTH} \1 \d\d {_RIGHT}", re.VERBOSE)


class Window(NamedTuple):
    """Groups that follow each other, with the joints between them.

    Attributes:
        first: Index of its first group.
        last: Index of its last group.
        lengths: How many digits each group has.
        tight: Whether every joint is a single character.
    """

    first: int
    last: int
    digits: str
    lengths: tuple[int, ...]
    tight: bool


class Digits:
    """All groups of digits in a text, and which characters have been taken by a find."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [match.span() for match in re.finditer(r"\d+", text)]
        self.groups = [_ascii(text[start:end]) for start, end in self.spans]
        self._taken = bytearray(len(text))
        self._other = _marked(text, _OTHER)
        self._short_date = _marked(text, _SHORT_DATE)

    def take(self, start: int, end: int) -> None:
        self._taken[start:end] = b"\1" * (end - start)

    def taken(self, position: int) -> bool:
        return 0 <= position < len(self._taken) and bool(self._taken[position])

    def windows(
        self, first: int, most: int, *, phone: bool = False, wide: bool = False
    ) -> Iterator[Window]:
        """Every run of free groups from `first` on with at most so many digits, shortest first."""
        joint = _PHONE_JOINT if phone else _WIDE_JOINT if wide else _JOINT
        digits, tight = "", True
        lengths: tuple[int, ...] = ()
        for last in range(first, len(self.groups)):
            start, end = self.spans[last]
            if not self._free(start, phone=phone) or len(digits) + end - start > most:
                return
            if last > first:
                gap = self.text[self.spans[last - 1][1] : start]
                if not joint.fullmatch(gap):
                    return
                tight = tight and len(gap) == 1
            digits, lengths = digits + self.groups[last], (*lengths, end - start)
            yield Window(first, last, digits, lengths, tight)

    def free(self, index: int) -> bool:
        return self._free(self.spans[index][0], phone=False)

    def long_ids(self) -> set[int]:
        """Groups of 17 digits and more in links that hold nobody's data: ids of posts."""
        found: set[int] = set()
        index = 0
        for link in find_links(self.text):
            others = 0  # digits beside the ids: with 16 of them there may be a NIK
            long: list[int] = []
            while index < len(self.spans) and self.spans[index][0] < link.end:
                start, end = self.spans[index]
                if start >= link.start and end - start >= 17:
                    long.append(index)
                elif start >= link.start:
                    others += end - start
                index += 1
            if link.kind == "url" and others < 16 and not any(self._taken[link.start : link.end]):
                found.update(long)
        return found

    def _free(self, position: int, *, phone: bool) -> bool:
        return not (
            self._taken[position] or self._other[position] or (phone and self._short_date[position])
        )


def _marked(text: str, pattern: re.Pattern[str]) -> bytearray:
    marks = bytearray(len(text))
    for match in pattern.finditer(text):
        marks[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    return marks


def _ascii(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)
