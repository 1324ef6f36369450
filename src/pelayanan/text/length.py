"""How long a text is, in the counting of each platform, and shortening that breaks nothing.

`protocol.capabilities.TextLimit` names a counter and a limit; a platform may have several
(Bluesky: 300 graphemes and 3000 bytes).
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial

import regex  # type: ignore[import-untyped]  # it ships no types

from pelayanan.text.links import find_links
from pelayanan.text.weighing import links as x_links
from pelayanan.text.weighing import weight

__all__ = ["count", "fit"]

_CLUSTER = regex.compile(r"\X")
_CHUNK = regex.compile(r"\S+")
_ELLIPSIS = "…"


def count(counter: str, text: str, *, url_length: int = 23) -> int:
    """Count a text as a platform does.

    Args:
        counter: ``"characters"`` (code points), ``"graphemes"`` (what people see as one sign),
            ``"bytes"`` (of UTF-8), ``"mastodon"``, ``"x"`` (by weight, see
            `pelayanan.text.weighing`), or ``"none"`` (no limit: always 0).
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


def _links(text: str, counter: str) -> list[tuple[int, int]]:
    """What may not be cut, in order; what overlaps is one."""
    spans = [(span.start, span.end) for span in find_links(text)]
    if counter != "x":
        return spans
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


def _none(_: str) -> int:
    return 0


_COUNTERS: dict[str, Callable[[str], int]] = {
    "bytes": _bytes,
    "characters": len,
    "graphemes": _graphemes,
    "none": _none,
    "x": weight,
}
