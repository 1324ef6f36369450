"""Whether a reply of a person is an answer, or only says that somebody has read the message."""

import re
from dataclasses import dataclass

from pelayanan.text.links import find_links
from pelayanan.triage._words import (
    CORES,
    DONE,
    FILLER,
    GREETING,
    LATER,
    NO_NAMES,
    SPELLING,
    VOCATIVES,
)

__all__ = ["Substance", "substance"]


@dataclass(frozen=True, slots=True)
class Substance:
    """What a reply is worth.

    Attributes:
        reason: ``"content"`` where it is substantive; else what it is: ``"empty"``, ``"emoji"``,
            ``"greeting"``, ``"thanks"``, ``"apology"``, ``"received"``, ``"vague"`` (it will be
            passed on or looked at, by nobody named) or ``"moved"`` (please send a DM).
    """

    substantive: bool
    reason: str


_CONTENT = Substance(substantive=True, reason="content")
_TICKET = re.compile(  # a ticket number is no next step (indonesia.md, 7.2)
    r"\b(?:(?:dengan\s+)?(?:nomor|no|kode)\W{0,3})?(?:id\s)?"
    r"(?:tiket|ticket|registrasi|register|laporan|aduan|pengaduan)"
    r"\W{0,4}(?:no\.?\s)?[a-z]{0,6}[-/.]?\d[\w/.-]*",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(  # "^AR", "-min"
    r"(?:[\^~]\s?[a-z]{1,12}|\s-\s?(?:[a-z]{1,3}|m?imin|admin))\s*\Z", re.IGNORECASE
)
_PHRASES = (
    (re.compile(r"\b(?:ter|tr)im[ao]\s?kasih(?:nya)?\b|\bsama[\s-]?sama\b|\bsama2\b"), "makasih"),
    (re.compile(r"\bthank\s?(?:you|u)\b"), "makasih"),
    (re.compile(r"\b(?:direct|private)\s?messages?\b|\bpesan\s(?:langsung|pribadi)\b"), "dm"),
    (re.compile(r"\b(?:(?:di|me)\s?)?[tn]indak[\s-]?lanjut(?:i|kan)?\b"), "tindaklanjuti"),
    (re.compile(r"\b(silakan|silahkan|mohon|bisa|dapat)\s+menghubungi\b"), r"\1 hubungi"),
    (re.compile(r"\bmenghubungi\s(?:dinas|badan|kantor|rsud)\b(?:\s[a-z]+){0,6}"), "menghubungi"),
    (re.compile(r"(.)\1{2,}"), r"\1"),  # makasiiiih
)


_CALLED = re.compile(
    rf"\b(?P<called>(?i:{'|'.join(sorted(VOCATIVES))}))(?:(?<=dr)\.|(?<=dri)\.|(?<=pk)\.)?\s"
    r"(?P<names>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)\b"
)


def substance(text: str) -> Substance:
    """Judge a reply that a person wrote. In doubt it is substantive.

    It is not when nothing but these is in it, in any mixture: greetings and names after *Bapak,
    Ibu, Kak*; thanks; an apology; "we received it", with or without a ticket number; an invitation
    to write in private; a promise to pass on or look at it without naming a unit or a date. One
    word more, a number, a date or a link makes it substantive: that is the named next step or the
    question for something named. That a thing *has been* looked at counts as an answer.

    Of "please send a DM" (``"moved"``) the caller looks at the private thread. A picture alone has
    no text: a person says what it is.

    Args:
        text: Plain text as sent, Indonesian with abbreviations or Bengkulu Malay; some English.

    Source:
        score.md, 1 (``answered``); reference: indonesia.md, 7.1 and 7.2.

    Example:
        >>> substance("Terima kasih Kak, laporannya sudah kami terima 🙏")
        Substance(substantive=False, reason='received')
        >>> substance("Besok petugas Bidang Bina Marga ke lokasi.").substantive
        True
    """
    spans = find_links(text)
    if any(span.kind == "url" for span in spans):
        return _CONTENT
    for span in reversed(spans):
        text = text[: span.start] + " " + text[span.end :]
    words = _words(text)
    if not words:
        seen = any(not mark.isspace() and ord(mark) > 0x203C for mark in text)
        return Substance(substantive=False, reason="emoji" if seen else "empty")
    if set(words) <= GREETING | VOCATIVES:
        return Substance(substantive=False, reason="greeting")
    reason = _empty_reason(words)
    return Substance(substantive=False, reason=reason) if reason else _CONTENT


def _empty_reason(words: list[str]) -> str:
    """Which kind of saying nothing it is, empty if a word says something."""
    said = set(words)
    carried = [reason for reason, (core, _) in CORES.items() if core & said]
    allowed = FILLER.union(*(core | beside for core, beside in map(CORES.__getitem__, carried)))
    if not carried or not said <= allowed or _done(words):
        return ""
    if "vague" in carried and (said & CORES["vague"][0]) <= DONE and not said & LATER:
        return "" if set(carried) <= {"vague", "thanks"} else carried[0]
    if carried == ["thanks"] and words[0] == "ya":  # "Ya, terima kasih" may answer a question
        return ""
    return carried[0]


def _done(words: list[str]) -> bool:
    """Whether something has been looked at or dealt with, not only will be."""
    return any(
        word in DONE and "sudah" in words[max(0, at - 2) : at] for at, word in enumerate(words)
    )


def _words(text: str) -> list[str]:
    text = _TICKET.sub(" laporan ", _SIGNATURE.sub(" ", text))
    text = _without_names(text).lower()
    for pattern, instead in _PHRASES:
        text = pattern.sub(instead, text)
    written: list[str] = re.findall(r"[^\W_]+", text)
    found = [SPELLING.get(word, word) for word in written]
    return [word.removesuffix("2") if word[:1].isalpha() else word for word in found]


def _without_names(text: str) -> str:
    """Drop the name behind a form of address: ``Ibu Wati``, but not ``Bapak Kepala Bidang``."""

    def without(match: re.Match[str]) -> str:
        names = match["names"].split()
        while names and names[0].lower() not in NO_NAMES:
            names.pop(0)
        return f"{match['called']} {' '.join(names)}"

    return _CALLED.sub(without, text)
