"""Links, @handles and #tags in plain text, and where they stand in characters and in bytes.

Only what has a scheme is a link: ``dinsos.bengkulu.example`` without ``https://`` is just text,
as on Mastodon, since half of all bare domains that people write are missing spaces after a stop.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Span", "byte_ranges", "find_links"]


@dataclass(frozen=True, slots=True)
class Span:
    """One find.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last character.
        value: The address with its scheme; the handle without the first ``@``; the tag without
            ``#``.
    """

    kind: Literal["url", "mention", "tag"]
    start: int
    end: int
    value: str


_FIND = re.compile(
    r"""
    (?<!\w) https?:// [^\W_] [^\s<>"“”«»…]*                # a link
    | (?<![\w@/]) @ [a-zA-Z0-9_]+ (?: [.-]+ [a-zA-Z0-9_]+ )*          # @wati, @wati.contoh.example
      (?: @ [a-zA-Z0-9]+ (?: [.-]+ [a-zA-Z0-9]+ )* )?                 # @wati@contoh.example
    | (?<![\w&/#]) \# \w* [^\W\d_] \w*                     # a tag: at least one letter
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TAIL = frozenset(".,;:!?'*_~`’‘)]}")  # noqa: RUF001  quotation marks as people type them
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def find_links(text: str) -> list[Span]:
    """Find what a reader can tap, in order, without overlaps.

    Punctuation behind a link is no part of it, nor is a closing bracket that was opened before it.

    Example:
        >>> [span.value for span in find_links("Isi https://dinsos.example/form, ya @wati #bansos")]
        ['https://dinsos.example/form', 'wati', 'bansos']
    """
    return [_span(match) for match in _FIND.finditer(text)]


def byte_ranges(text: str, spans: Iterable[Span]) -> list[tuple[int, int]]:
    """Start and end of each span counted in bytes of UTF-8, as facets of Bluesky want them.

    Args:
        text: The text in which the spans were found.
        spans: In the order of `find_links`.

    Example:
        >>> text = "Kak 🙏 https://dinsos.example"
        >>> byte_ranges(text, find_links(text))
        [(9, 31)]
    """
    ranges: list[tuple[int, int]] = []
    character = byte = 0
    for span in spans:
        start = byte + _size(text[character : span.start])
        character, byte = span.end, start + _size(text[span.start : span.end])
        ranges.append((start, byte))
    return ranges


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))  # half an emoji is no reason to fail


def _span(match: re.Match[str]) -> Span:
    found, start = match[0], match.start()
    if found[0] == "@":
        return Span("mention", start, match.end(), found[1:])
    if found[0] == "#":
        return Span("tag", start, match.end(), found[1:])
    url = found[: _url_length(found)]
    return Span("url", start, start + len(url), url)


def _url_length(url: str) -> int:
    """How much of it is address. Brackets are counted once, so that the time stays linear."""
    spare = {close: url.count(close) - url.count(open_) for close, open_ in _BRACKETS.items()}
    end = len(url)
    while url[end - 1] in _TAIL:
        last = url[end - 1]
        if last in _BRACKETS:
            if spare[last] <= 0:
                break
            spare[last] -= 1
        end -= 1
    return end
