"""How X counts a text: by weight, links as 23 whatever their length, an emoji as 2.

Source:
    reference: platforms.md, 1 (Text): twitter-text, configuration 3. X finds links also without a
    scheme, by the top-level domain; an unknown one, or a name of more than 63 letters, is text.
    Emoji joined in a way that no keyboard offers are taken as one here; X counts their parts.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

import regex  # type: ignore[import-untyped]  # it ships no types

__all__ = ["is_sendable", "links", "weight"]

_LINK = 23
_EMOJI_WEIGHT = 2
_LONGEST_URL = 4096
_LONGEST_SLUG = 40
_HEAVY = re.compile(r"[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_FORBIDDEN = re.compile("[\ufffe\ufeff\uffff]")
_EMOJI = regex.compile(
    r"""
    [#*0-9] \uFE0F? \u20E3                                            # a key
    | \p{Regional_Indicator}{2}                                       # a flag
    | (?: [©®] \uFE0F | (?![©®]) \p{Extended_Pictographic} [\uFE0F\U0001F3FB-\U0001F3FF]? )
      [\U000E0020-\U000E007F]*                                        # a flag of a region
      (?: \u200D \p{Extended_Pictographic} [\uFE0F\U0001F3FB-\U0001F3FF]? )*
    """,
    regex.VERBOSE,
)

_LATIN = r"a-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253-\u028b\u0300-\u036f\u1e00-\u1eff"
_INVISIBLE = r"\ufffe\ufeff\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NAME = rf"[^\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~${_INVISIBLE}]"  # what a name is made of
_PATH = rf"[{_LATIN}\u0400-\u04ff!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_CLOSED = rf"\({_PATH}*(?:\({_PATH}+\){_PATH}*)?\)"
_CANDIDATE = regex.compile(
    rf"""
    (?<! [A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff] )
    (?: (?P<scheme> https?:// ) | (?<! {_NAME} | [-_./] ) )
    (?P<domain> {_NAME} (?:{_NAME}|[-_])*+ (?: \. {_NAME} (?:{_NAME}|[-_])*+ )++ )
    """,  # noqa: RUF001  the wide signs that keyboards for Chinese and Japanese type
    regex.VERBOSE | regex.IGNORECASE,
)
_REST = regex.compile(
    rf"""
    (?: : [0-9]+ )?
    (?P<path> / (?: (?:{_PATH}|{_CLOSED})* (?: [{_LATIN}\u0400-\u04ff+\-=_#/] | {_CLOSED} ) )? )?
    (?: \? [a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]* [a-z0-9\-_&=#/] )?
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_PLAIN = regex.compile(rf"[-{_LATIN}]+(?:\.[-{_LATIN}]+)+", regex.IGNORECASE)
_SHORTENED = re.compile(r"https?://t\.co/([a-z0-9]+)(?:\?[^\s]*)?", re.IGNORECASE)
_STOPS = re.compile(r"[0-9A-Za-z@+-]")  # right behind a top-level domain: then it is none
_PUNYCODE = re.compile(r"xn--[-0-9a-z]+", re.IGNORECASE)


def weight(text: str) -> int:
    """How much a text weighs, in units of a Latin letter; X takes 280.

    Example:
        >>> weight("Formulir: dinsos.bengkuluprov.go.id/bansos 🙏")
        36
    """
    text = unicodedata.normalize("NFC", text)
    total, end = 0, 0
    for start, stop in links(text):
        total += _plain_weight(text[end:start]) + _LINK
        end = stop
    return total + _plain_weight(text[end:])


def is_sendable(text: str, limit: int = 280) -> bool:
    """Whether X takes a text: not empty, not too heavy, without signs that are no letters."""
    return 0 < weight(text) <= limit and not _FORBIDDEN.search(text)


def links(text: str) -> list[tuple[int, int]]:
    """Where X finds links, in order, without overlaps; also those without a scheme.

    Example:
        >>> links("Lihat lapor.go.id. Buka 08.00")
        [(6, 17)]
    """
    found: list[tuple[int, int]] = []
    at = 0
    while (match := _CANDIDATE.search(text, at)) is not None:
        spans, at = _spans(text, match)
        found += spans
    return found


def _plain_weight(text: str) -> int:
    found: tuple[str, int] = _EMOJI.subn("", text)
    rest, emoji = found
    return emoji * _EMOJI_WEIGHT + len(rest) + len(_HEAVY.findall(rest))


def _spans(text: str, match: "regex.Match[str]") -> tuple[list[tuple[int, int]], int]:
    """The links of one candidate, mostly one, and where to look on."""
    start, stop = match.span("domain")
    end = _domain_end(text, start, stop)
    if end is None:
        return [], match.start() + 1
    rest = _REST.match(text, end)
    behind = rest.end() if rest else end
    if not _is_resolvable(text[start:end], behind - match.start()):
        return [], behind
    if not match["scheme"]:
        return _plain_links(text, start, end, behind), behind
    short = _SHORTENED.match(text, match.start(), behind)
    if short and len(short[1]) > _LONGEST_SLUG:
        return [], behind
    return [(match.start(), short.end() if short else behind)], behind


def _plain_links(text: str, start: int, end: int, behind: int) -> list[tuple[int, int]]:
    """Links without a scheme: letters of other scripts part them."""
    parts = [_plain_part(text, *found.span()) for found in _PLAIN.finditer(text, start, end)]
    known = [part for part in parts if part is not None]
    if known and known[-1][1] == end:
        known[-1] = (known[-1][0], behind)
    return known


def _plain_part(text: str, start: int, stop: int) -> tuple[int, int] | None:
    end = _domain_end(text, start, stop)
    return None if end is None else (start, end)


def _domain_end(text: str, start: int, stop: int) -> int | None:
    """Where a domain ends: behind the last known top-level domain; ``None`` where there is none."""
    labels = text[start:stop].split(".")
    good = next((n for n, one in enumerate(labels) if one[-1] in "-_"), len(labels))
    ends = [start - 1]
    for label in labels:
        ends.append(ends[-1] + 1 + len(label))
    for place in range(min(good, len(labels) - 1), 0, -1):
        if "_" in labels[place - 1]:
            continue
        begin = ends[place] + 1
        if (size := _top_size(text, begin, labels[place])) is not None:
            return begin + size
    return None


def _top_size(text: str, begin: int, label: str) -> int | None:
    """How much of a label is a top-level domain."""
    if (coded := _PUNYCODE.match(label)) is not None:
        return coded.end()
    for size in range(min(len(label), _longest()), 1, -1):
        if label[:size].lower() in _known() and not _STOPS.match(text, begin + size):
            return size
    return None


def _is_resolvable(domain: str, length: int) -> bool:
    """Whether the names are short enough for the name system, in its own writing."""
    for label in domain.split("."):
        coded = len(label) if label.isascii() else 4 + len(label.lower().encode("punycode"))
        if coded > 63:
            return False
        length += coded - len(label)
    return length <= _LONGEST_URL


@cache
def _known() -> frozenset[str]:
    lines = files("pelayanan.text").joinpath("tlds.txt").read_text("utf-8").splitlines()
    return frozenset(name for line in lines if line[:1] != "#" for name in line.split())


@cache
def _longest() -> int:
    return max(map(len, _known()))
