"""Marks links, hashtags and accounts in a text: Bluesky's server finds none by itself.

Source: https://docs.bsky.app/docs/advanced-guides/post-richtext
"""

import re
from collections.abc import Mapping
from typing import Any

from pelayanan.text.length import count
from pelayanan.text.links import Span, byte_ranges, find_links

__all__ = ["facets", "named"]

_KIND = "app.bsky.richtext.facet"
_HANDLE = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_TAG_GRAPHEMES = 64


def named(text: str) -> list[str]:
    """The accounts that a text names, each once: ``@dinsos.example``, but not ``@dinsos``."""
    spans = [span for span in find_links(text) if span.kind == "mention"]
    handles = dict.fromkeys(span.value.lower() for span in spans)
    return [handle for handle in handles if _HANDLE.fullmatch(handle)]


def facets(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Describe what can be tapped, counted in bytes of UTF-8, as the lexicon wants it.

    Args:
        text: The whole text.
        dids: The accounts behind the handles; one that nobody knows stays plain text.
    """
    spans = find_links(text)
    return [
        {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}
        for span, (start, end) in zip(spans, byte_ranges(text, spans), strict=True)
        if (feature := _feature(span, dids))
    ]


def _feature(span: Span, dids: Mapping[str, str]) -> dict[str, str]:
    match span.kind:
        case "url":
            return {"$type": f"{_KIND}#link", "uri": span.value}
        case "tag" if count("graphemes", span.value) <= _TAG_GRAPHEMES:
            return {"$type": f"{_KIND}#tag", "tag": span.value}
        case "mention" if span.value.lower() in dids:
            return {"$type": f"{_KIND}#mention", "did": dids[span.value.lower()]}
        case _:
            return {}
