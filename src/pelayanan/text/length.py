"""How long a text is, in the counting of each platform; shortening and splitting break nothing.

`protocol.capabilities.TextLimit` names a counter and a limit; a platform may have several
(Bluesky: 300 graphemes and 3000 bytes).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import takewhile

import regex  # type: ignore[import-untyped]  # it ships no types

from pelayanan.text.links import find_links

__all__ = ["count", "fit", "split"]

_CLUSTER = regex.compile(r"\X")
_CHUNK = regex.compile(r"\S+")
_ELLIPSIS = "…"
_END = re.compile(r"[.!?…][\"'”’)]*$")  # noqa: RUF001  quotation marks as people type them
_NEW_LINK = re.compile(r"[@#]\w|https?://", re.IGNORECASE)  # a cut before it could make a link


def count(counter: str, text: str, *, url_length: int = 23) -> int:
    """Count a text as a platform does.

    Args:
        counter: ``"characters"`` (code points), ``"graphemes"`` (what people see as one sign),
            ``"bytes"`` (of UTF-8), ``"mastodon"``, ``"threads"`` (characters, but emoji by their
            bytes), ``"x"`` (by weight, see `pelayanan.text.weighing`), or ``"none"`` (no limit:
            always 0).
        text: Plain text.
        url_length: What a link counts on Mastodon, `characters_reserved_per_url` of the instance.

    Raises:
        ValueError: The counter is not known here.

    Source:
        reference: platforms.md, 9 and 10 (Text). Mastodon counts graphemes, each link with a
        scheme as 23, and of ``@wati@contoh.example`` only ``@wati``.

    Example:
        >>> count("characters", "👨‍👩‍👧"), count("graphemes", "👨‍👩‍👧"), count("bytes", "👨‍👩‍👧")
        (5, 1, 18)
    """
    return _counter(counter, url_length)(text)


def fit(text: str, counter: str, limit: int, *, url_length: int = 23) -> str:
    """Shorten a text to a limit, ending in "…". What fits already comes back unchanged.

    Whole words are kept. Links, mentions, tags and grapheme clusters are never cut; only where
    not even the first word fits is that word cut, between two clusters.

    Args:
        text: Plain text.
        counter: As in `count`.
        limit: The most that the result may count. With no room for "…" the result is empty.
        url_length: As in `count`.

    Raises:
        ValueError: The counter is not known here.

    Example:
        >>> fit("Pendaftaran dibuka Senin", "characters", 20)
        'Pendaftaran dibuka…'
    """
    measure = _counter(counter, url_length)
    if measure(text) <= limit:
        return text
    links = _links(text, counter)
    clusters = [match.end() for match in _CLUSTER.finditer(text)]
    whole = set(clusters)
    words = [match.end() for match in _CHUNK.finditer(text) if match.end() in whole]
    ends = {end for _, end in links}

    def shortened(cut: int) -> str:  # a mark right behind a link could be read as part of it
        return text[:cut] + (f" {_ELLIPSIS}" if cut in ends else _ELLIPSIS)

    first = words[0] if words else 0
    for cuts in (words, [cut for cut in _outside(clusters, links) if cut < first]):
        at = bisect_right(cuts, limit, key=lambda cut: measure(shortened(cut)))
        while at and measure(shortened(cuts[at - 1])) > limit:  # half a name can be a link on X
            at -= 1
        if at:
            return shortened(cuts[at - 1])
    return _ELLIPSIS if measure(_ELLIPSIS) <= limit else ""


def split(
    text: str,
    counter: str,
    limit: int,
    *,
    also: Sequence[tuple[str, int]] = (),
    url_length: int = 23,
    numbered: bool = False,
) -> list[str]:
    """Split a text into parts that each keep a limit. What fits already is one part.

    Parts end where a sentence or line does if at least half a part is filled by then, otherwise
    behind a word. Links, mentions, tags and grapheme clusters are never cut; a word is only where
    it is longer than a whole part. Only white space between parts is lost.

    Args:
        text: Plain text.
        counter: As in `count`.
        limit: The most that each part may count, its number included.
        also: Further counters and limits to keep (Bluesky has two).
        url_length: As in `count`.
        numbered: Whether parts end with their number, such as "(1/3)".

    Raises:
        ValueError: The counter is not known here, or a link is longer than a whole part.

    Example:
        >>> split("Loket buka Senin. Bawa KTP dan KK asli.", "characters", 28, numbered=True)
        ['Loket buka Senin. (1/2)', 'Bawa KTP dan KK asli. (2/2)']
    """
    limits = [(_counter(name, url_length), most) for name, most in [(counter, limit), *also]]
    if all(measure(text) <= most for measure, most in limits):
        return [text]
    counters = {counter, *(name for name, _ in also)}
    splitter = _Splitter(text, limits, _links(text, "x" if "x" in counters else counter))
    total = 2
    while True:
        parts = splitter.parts(f" ({total}/{total})" if numbered else "")
        if not numbered:
            return parts
        if len(parts) <= total:
            return [f"{part} ({at}/{len(parts)})" for at, part in enumerate(parts, 1)]
        total = len(parts)


class _Splitter:
    """One text to be split, with the places where that may be done."""

    def __init__(
        self,
        text: str,
        limits: Sequence[tuple[Callable[[str], int], int]],
        links: Sequence[tuple[int, int]],
    ) -> None:
        self._text = text
        self._limits = limits
        clusters = [match.end() for match in _CLUSTER.finditer(text)]
        whole = set(clusters)
        self._words = [match.end() for match in _CHUNK.finditer(text) if match.end() in whole]
        begin = {start for start, _ in links}
        self._inside = [
            cut
            for cut in _outside(clusters, links)
            if cut in begin or not _NEW_LINK.match(text, cut)
        ]

    def parts(self, suffix: str) -> list[str]:
        """The parts, each with room for `suffix`."""
        made: list[str] = []
        start = self._next(0)
        while start is not None:
            cut = self._cut(start, suffix)
            made.append(self._text[start:cut])
            start = self._next(cut)
        return made or [""]

    def _next(self, at: int) -> int | None:
        """Where the next part begins."""
        rest = _CHUNK.search(self._text, at)
        return rest.start() if rest else None

    def _cut(self, start: int, suffix: str) -> int:
        end = self._last(self._words, start, suffix)
        if end is None:
            end = self._last(self._inside, start, suffix)
        if end is None:
            raise ValueError("a link, or one sign, is longer than a whole part")
        if end == len(self._text.rstrip()):
            return end
        words = self._words[bisect_left(self._words, (start + end) // 2) :]
        good = [cut for cut in takewhile(lambda cut: cut <= end, words) if self._is_end(cut)]
        return good[-1] if good else end

    def _is_end(self, cut: int) -> bool:
        """Whether a sentence or a line ends here."""
        last = self._text[max(0, cut - 3) : cut]
        return self._text.startswith("\n", cut) or _END.search(last) is not None

    def _last(self, cuts: Sequence[int], start: int, suffix: str) -> int | None:
        """The last of the cuts up to which a part fits."""
        first = bisect_right(cuts, start)
        behind = first + 1

        def fits(cut: int) -> bool:
            part = self._text[start:cut] + suffix
            return all(measure(part) <= most for measure, most in self._limits)

        while behind < len(cuts) and fits(cuts[behind]):  # a part is short, the text may be long
            behind = first + 2 * (behind - first)
        at = bisect_left(cuts, 1, lo=first, hi=min(behind, len(cuts)), key=lambda c: not fits(c))
        while at > first and not fits(cuts[at - 1]):  # half a name can be a link on X
            at -= 1
        return cuts[at - 1] if at > first else None


def _links(text: str, counter: str) -> list[tuple[int, int]]:
    """What may not be cut, in order; what overlaps is one."""
    spans = [(span.start, span.end) for span in find_links(text)]
    if counter != "x":
        return spans
    from pelayanan.text.weighing import links as x_links  # noqa: PLC0415  as in `_weight`

    joined: list[tuple[int, int]] = []
    for start, end in sorted([*spans, *x_links(text)]):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _outside(cuts: Sequence[int], links: Sequence[tuple[int, int]]) -> list[int]:
    """The cuts that go through no link. Both are sorted, so one walk is enough."""
    kept: list[int] = []
    behind = 0
    for cut in cuts:
        while behind < len(links) and links[behind][1] <= cut:
            behind += 1
        if behind == len(links) or cut <= links[behind][0]:
            kept.append(cut)
    return kept


def _counter(name: str, url_length: int) -> Callable[[str], int]:
    if name == "mastodon":
        return partial(_mastodon, url_length=url_length)
    try:
        return _COUNTERS[name]
    except KeyError:
        known = ", ".join(sorted([*_COUNTERS, "mastodon"]))
        raise ValueError(f"no counter {name!r}; there are {known}") from None


def _graphemes(text: str) -> int:
    return sum(1 for _ in _CLUSTER.finditer(text))


def _mastodon(text: str, *, url_length: int) -> int:
    parts: list[str] = []
    end = 0
    for span in find_links(text):
        parts.append(text[end : span.start])
        if span.kind == "url":
            parts.append("x" * url_length)
        elif span.kind == "mention":
            parts.append("@" + span.value.split("@")[0])
        else:
            parts.append(text[span.start : span.end])
        end = span.end
    return _graphemes("".join([*parts, text[end:]]))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _threads(text: str) -> int:
    return sum(len(sign.encode()) if _is_emoji(sign) else 1 for sign in text)


def _is_emoji(sign: str) -> bool:
    """Symbols, joiners and variation selectors; Chinese, Japanese and Korean letters are none."""
    code = ord(sign)
    return code == 0x200D or 0x2190 <= code < 0x2E80 or 0xFE00 <= code < 0xFE10 or code >= 0x1F000


def _weight(text: str) -> int:
    from pelayanan.text.weighing import weight  # noqa: PLC0415  its patterns take long to compile

    return weight(text)


def _none(_: str) -> int:
    return 0


_COUNTERS: dict[str, Callable[[str], int]] = {
    "bytes": _bytes,
    "characters": len,
    "graphemes": _graphemes,
    "none": _none,
    "threads": _threads,
    "x": _weight,
}
