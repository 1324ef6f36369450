"""Texts on Mastodon: what its HTML shows, whom a text names, when two texts are the same."""

import re
import unicodedata
from html import unescape

from pelayanan.text.links import find_links
from pelayanan.text.plain import plain_text

_BY_MASTODON = re.compile(
    r"""
    (?: <p> (?:
        [^<]++ | <br[ ]?/?> | <span(?:[ ][^<>]*)?> | </span>
        | <a[ ][^<>]*class="(?:u-url[ ])?mention[^<>]*>           # whose words say whom
        | <a[ ][^<>]*><span[ ]class="invisible">http              # whose words are the address
        | </a>
    )*+ </p> )++
    """,
    re.VERBOSE,
)
_BREAK = re.compile(r"<br ?/?>")
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[ \t\r\f\v\xa0]+")
_ALL_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_ODD = ("  ", "\t", "\r", "\f", "\v", "\xa0")
_GAP = re.compile(r"\n{3,}")


def shown(html: str) -> str:
    """The text that people see.

    What Mastodon itself writes is of a few tags only, and its links show their address: then a
    few replacements give what `plain_text` gives, ten times as fast. Other servers write what
    they like.
    """
    if not _BY_MASTODON.fullmatch(html):
        return plain_text(html)
    text = _ALL_SPACE.sub(" ", html) if "\n" in html else html
    text = text.replace("</p><p>", "\n\n")
    text = _BREAK.sub("\n", text) if "<br" in text else text
    text = _tidy(unescape(_TAG.sub("", text)))
    if "\n" not in text:
        return text.lstrip(" ").rstrip()
    text = "\n".join([line.lstrip(" ").rstrip() for line in text.split("\n")]).strip("\n")
    return _GAP.sub("\n\n", text) if "\n\n\n" in text else text


def warned(warning: str, html: str) -> str:
    """What people read of a status: the content warning, then the text."""
    text, warning = shown(html), warning.strip()
    return "\n".join(filter(None, (warning, text))) if warning else text


def _tidy(text: str) -> str:
    """One blank for any space that is no line break."""
    odd = any(mark in text for mark in _ODD)  # far faster than a search
    return _SPACE.sub(" ", text) if odd else text


def named(text: str) -> set[str]:
    """Whom a text names, in lower case, with the server where it is written."""
    return {span.value.lower() for span in find_links(text) if span.kind == "mention"}


def names_of(acct: str, host: str) -> set[str]:
    """How a text may name an account; one of our own server with the server or without."""
    return {acct.lower()} if "@" in acct else {acct.lower(), f"{acct}@{host}".lower()}


def bare(text: str) -> str:
    """A text as it can be compared after the server has shown it.

    The server drops the domain of whom a text names and folds blank lines; whom it names at the
    beginning was perhaps put there by us.
    """
    text = unicodedata.normalize("NFC", text)
    for span in reversed(find_links(text)):
        if span.kind == "mention":
            text = f"{text[: span.start]}@{span.value.split('@')[0]}{text[span.end :]}"
    words = text.split()
    first = next((place for place, word in enumerate(words) if word[0] != "@"), len(words))
    return " ".join(words[first:])
