"""Marks links, hashtags and accounts in a text: Bluesky's server finds none by itself.

Source: https://docs.bsky.app/docs/advanced-guides/post-richtext
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

__all__ = ["Span", "facets", "spans"]

_KIND = "app.bsky.richtext.facet"
_SPANS = regex.compile(
    r"""(?<![\w@./#])                                  # not within a word or an address
    (?: (?P<link> https?://[^\s<>"]+ | (?:[a-z0-9-]+\.)+(?:id|com|org|net)\b(?:/[^\s<>"]*)? (?!@) )
      | @(?P<mention> (?:[a-zA-Z0-9-]+\.)+[a-zA-Z][a-zA-Z0-9-]* )
      | \#(?P<tag> \w*[^\W\d_]\w* ) )""",
    regex.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that means something; `start` and `end` count bytes of UTF-8."""

    kind: str
    value: str
    start: int
    end: int


def spans(text: str) -> Iterator[Span]:
    """Find links, accounts (``@handle``) and hashtags, in the order in which they stand."""
    for match in _SPANS.finditer(text):
        kind = match.lastgroup or ""
        whole = _trimmed(match.group()) if kind == "link" else match.group()
        start = len(text[: match.start()].encode())
        value = whole if kind == "link" else match.group(kind)
        yield Span(kind, value, start, start + len(whole.encode()))


def facets(found: list[Span], dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Describe the spans as the lexicon wants them; an account that nobody knows stays text."""
    described = [(span, _feature(span, dids)) for span in found]
    return [
        {
            "index": {"byteStart": span.start, "byteEnd": span.end},
            "features": [{"$type": f"{_KIND}#{span.kind}", **feature}],
        }
        for span, feature in described
        if feature
    ]


def _feature(span: Span, dids: Mapping[str, str]) -> dict[str, str]:
    match span.kind:
        case "link":
            whole = span.value.startswith(("http://", "https://"))
            return {"uri": span.value if whole else f"https://{span.value}"}
        case "tag":
            return {"tag": span.value} if len(span.value) <= 64 else {}
        case _:
            return {"did": dids[span.value]} if span.value in dids else {}


def _trimmed(link: str) -> str:
    """Without the punctuation of the sentence in which it stands."""
    link = link.rstrip(".,;:!?'…")
    unopened = link.endswith(")") and link.count("(") < link.count(")")
    return _trimmed(link[:-1]) if unopened else link
