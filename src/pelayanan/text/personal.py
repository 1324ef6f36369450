"""Personal data found by its structure: NIK, KK, NIP, telephone numbers, mail addresses.

Reports are masked by it, and a reply that shows such data is stopped by it. In doubt it finds too
much: a number wrongly blanked costs a look, a number published cannot be taken back. It does not
know names or addresses of houses, and nothing that is spelled out in words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pelayanan.text._digits import Digits, Window
from pelayanan.text._phones import e164
from pelayanan.text.numbers import kk_problem, nik_problem, nip_problem

__all__ = ["Personal", "PersonalKind", "find_personal", "mask", "mask_name"]

PersonalKind: TypeAlias = Literal["nik", "kk", "nip", "phone", "email"]


@dataclass(frozen=True, slots=True)
class Personal:
    """Where personal data stands; never what it is.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last character.
    """

    kind: PersonalKind
    start: int
    end: int


_BLANKS: dict[PersonalKind, str] = {
    "nik": "[NIK]",
    "kk": "[No. KK]",
    "nip": "[NIP]",
    "phone": "[telepon]",
    "email": "[email]",
}
_LABEL = re.compile(
    r"(?P<kk>(?<![^\W\d_])n?kk(?![^\W_])|kartu\s+keluarga)"
    r"|(?P<nip>(?<![^\W\d_])(?:nip|ni\s?pppk|nipppk)(?![^\W_]))"
    r"|(?P<nik>(?<![^\W\d_])(?:nik|e?-?ktp)(?![^\W_])|induk\s+kependudukan)",
    re.IGNORECASE,
)
_PHONE_LABEL = re.compile(
    r"(?<![^\W\d_])(?:wa|hp|tel|telp|tlp|telpon|telepon|whats?app|hub|hubungi|sms|call|kontak|nomor|no)"
    r"[^\d\[\]\w]{1,4}(?:\+?62[^\d\w]{0,3})?$",
    re.IGNORECASE,
)
_PHONE_WORDS = frozenset(
    ["wa", "hp", "tel", "telp", "tlp", "telpon", "telepon", "whatsapp", "sms", "call", "no"]
)
_YEAR = re.compile(r"(?:(?:19|20)\d\d)+")
_NIP_FORM = (8, 6, 1, 3)  # 19770312 200312 2 007
_AT = re.compile("@|\uff20|%40")  # as phones of Asia type it, and as links hold it
_LOCAL = re.compile(r"[\w.+%'-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_]{2,}")


def find_personal(text: str, *, allow: Iterable[str] = ()) -> list[Personal]:
    """Find numbers and addresses by which a person can be found, in order, without overlaps.

    A NIK may be written with blanks, dots, dashes, strokes or commas. Sixteen digits that are
    neither NIK nor KK count as a NIK all the same. Dates, times, amounts of money, short codes
    such as 112 or 1708, and ids of 17 digits and more inside links are left alone. The time is
    linear.

    Args:
        text: Plain text.
        allow: Telephone numbers and mail addresses of the agency itself, in any writing.

    Source:
        reference: indonesia.md, 3.1.

    Example:
        >>> find_personal("WA saya 0812-3456-7890 ya")
        [Personal(kind='phone', start=8, end=22)]
    """
    digits = Digits(text)
    known = frozenset(_plain_form(entry) for entry in allow)
    found = [
        *_emails(digits, known),
        *_structures(digits),
        *_others(digits, known),
    ]
    return sorted(found, key=lambda personal: personal.start)


def mask(text: str, *, allow: Iterable[str] = ()) -> str:
    """Blank out everything that `find_personal` finds, leaving no digit of it.

    Example:
        >>> mask("NIK 1771.0141.0190.0001, tanya ke wati@contoh.example atau 112")
        'NIK [NIK], tanya ke [email] atau 112'
    """
    parts: list[str] = []
    end = 0
    for personal in find_personal(text, allow=allow):
        parts += [text[end : personal.start], _BLANKS[personal.kind]]
        end = personal.end
    return "".join([*parts, text[end:]])


def mask_name(name: str) -> str:
    """Shorten a name so that nobody can be found by it: the first word and initials.

    A single word, a handle or an address keeps its first letter only.

    Example:
        >>> mask_name("Sri Wahyuni"), mask_name("wati_contoh"), mask_name("@wati@contoh.example")
        ('Sri W.', 'w***', 'w***')
    """
    words = [word for word in name.split() if any(map(str.isalpha, word))]
    if not words:
        return "***" if name.strip() else ""
    initials = [f"{_first_letter(word)}." for word in words[1:]]
    parts = re.split(r"['’-]", words[0].removesuffix("."))  # noqa: RUF001  as typed
    plain = bool(initials) and all(map(str.isalpha, parts))
    return " ".join([words[0] if plain else f"{_first_letter(words[0])}***", *initials])


def _first_letter(word: str) -> str:
    return next(filter(str.isalpha, word))


def _plain_form(entry: str) -> str:
    if "@" in entry:
        return entry.strip().casefold()
    digits = re.sub(r"\D", "", entry)
    return e164(digits, international=entry.lstrip().startswith("+"))


def _emails(digits: Digits, known: frozenset[str]) -> Iterator[Personal]:
    text, behind = digits.text, 0
    for at in _AT.finditer(text):
        local = _LOCAL.search(text[max(behind, at.start() - 64) : at.start()])
        domain = _DOMAIN.match(text, at.end())
        name = local[0].lstrip(".'-%+") if local else ""
        start = at.start() - len(name)
        handle = text[start - 1 : start] == "@" and sum(map(str.isdigit, name)) < 8
        if not name or not domain or handle:
            continue
        behind = domain.end()
        digits.take(start, behind)
        if f"{name}@{domain[0]}".casefold() not in known:
            yield Personal("email", start, behind)


def _structures(digits: Digits) -> list[Personal]:
    """What is built like a NIK, KK or NIP. Overlapping readings are taken together: safe side."""
    found: list[Personal] = []
    for first in range(len(digits.groups)):
        for window in digits.windows(first, 18, wide=True):
            reading = _reading(digits, window)
            if not reading:
                continue
            start, end = digits.spans[first][0], digits.spans[window.last][1]
            if found and start < found[-1].end:
                before = found.pop()
                start, end, reading = before.start, max(before.end, end), before.kind
            found.append(Personal(reading, start, end))
    for personal in found:
        digits.take(personal.start, personal.end)
    return found


def _reading(digits: Digits, window: Window) -> PersonalKind | None:
    if len(window.digits) == 18:
        return None if nip_problem(window.digits) else "nip"
    if len(window.digits) != 16:
        return None
    fits = {"nik": not nik_problem(window.digits), "kk": not kk_problem(window.digits)}
    if not any(fits.values()):
        return None
    labelled_kk = _label(digits, window.first) == "kk"
    return "kk" if fits["kk"] and (labelled_kk or not fits["nik"]) else "nik"


def _others(digits: Digits, known: frozenset[str]) -> Iterator[Personal]:
    """Telephone numbers, and sixteen digits that are nothing else: a NIK with a slip in it."""
    ids = digits.long_ids()
    first = 0
    while first < len(digits.groups):
        phone = _phone(digits, first)
        last = None if first in ids else _long_number(digits, first)
        if phone and (last is None or digits.groups[first][0] == "0"):  # no NIK begins with 0
            found, last = _phone_span(digits, first, phone[0]), phone[0]
            own = phone[1] in known
        elif last is not None:
            span = digits.spans[first][0], digits.spans[last][1]
            found, own = Personal(_label(digits, first) or "nik", *span), False
        else:
            first += 1
            continue
        digits.take(found.start, found.end)
        if not own:
            yield found
        first = last + 1


def _long_number(digits: Digits, first: int) -> int | None:
    if len(digits.groups[first]) >= 16:
        return first if digits.free(first) else None
    for window in digits.windows(first, 18):
        if window.lengths == _NIP_FORM:
            return window.last
        years = set(window.lengths) == {4} and _YEAR.fullmatch(window.digits)
        if len(window.digits) == 16 and window.tight and not years:
            return window.last
    return None


def _label(digits: Digits, first: int) -> PersonalKind | None:
    """What the nearest word before a number calls it."""
    start = digits.spans[first][0]
    labels = list(_LABEL.finditer(digits.text[max(0, start - 30) : start]))
    if not labels:
        return None
    match labels[-1].lastgroup:
        case "kk":
            return "kk"
        case "nip":
            return "nip"
        case _:
            return "nik"


def _phone_span(digits: Digits, first: int, last: int) -> Personal:
    """A number with the plus or the bracket that opens it."""
    text, start, end = digits.text, digits.spans[first][0], digits.spans[last][1]
    start -= text[start - 1 : start] == "+"
    within = text[start:end]
    start -= ")" in within and "(" not in within and text[start - 1 : start] == "("
    return Personal("phone", start, end)


def _phone(digits: Digits, first: int) -> tuple[int, str] | None:
    """The longest number that begins with this group, and its form ``+62…``."""
    start, head = digits.spans[first][0], digits.groups[first]
    plus = digits.text[start - 1 : start] == "+"
    if not plus and not head.startswith(("0", "6", "8")):
        return None
    if not plus and (head.startswith("8") and not _labelled_phone(digits.text, start)):
        return None
    if _in_reference(digits, start):
        return None
    best = None
    for window in digits.windows(first, 15, phone=True):
        if len(window.digits) >= 8 and (len(window.lengths) <= 5 or window.digits[0] in "068"):
            number = e164(window.digits, international=plus)
            best = (window.last, number) if number else best
    return best


def _labelled_phone(text: str, start: int) -> bool:
    return bool(_PHONE_LABEL.search(text[max(0, start - 24) : start]))


def _in_reference(digits: Digits, start: int) -> bool:
    """Whether a dash ties the number to what stands before it, as in ``BKL-2026-08123``."""
    text = digits.text
    if text[start - 1 : start] != "-" or start < 2 or digits.taken(start - 2):
        return False
    if text[start - 2].isdigit():
        return True
    word = re.search(r"[^\W\d_]+\Z", text[max(0, start - 20) : start - 1])
    return word is not None and word[0].casefold() not in _PHONE_WORDS
