"""Who wrote is taken out of what they wrote, before it may be shown in public."""

import re
from collections.abc import Iterable

from pelayanan.text.personal import mask

__all__ = ["hide", "hide_places"]

_GREETED = re.compile(r"\A(?:@\S+\s+)+")
_HANDLE = re.compile(r"(?<![\w@])@[\w.-]+(?:@[\w.-]+)?")
_SHORTEST, _DISTINCT = 3, 5
_ADDRESS = re.compile(
    r"https?://\S+|(?<![\w@.])(?:[\w-]+\.)+(?:id|com|org|net|gov|social|test|example)(?!\w)(?:/\S*)?",
    re.IGNORECASE,
)
_TERRITORY = re.compile(r"\s+(?:provinsi|prov\.?|kabupaten|kab\.?|kota)(?!\w).*", re.IGNORECASE)


def hide(text: str, *, handle: str = "", name: str = "") -> str:
    """A message without numbers, handles and its writer's own name.

    The accounts that it begins with are left out, others in it become ``@…``. Each part of the
    writer's name or handle that has at least three letters becomes ``[nama]``. Names of other
    people are not known, and stay.

    Example:
        >>> hide("@dinsos bansos kapan? Wati, WA 0812-3456-7890", handle="wati")
        'bansos kapan? [nama], WA [telepon]'
    """
    shown = _HANDLE.sub("@…", _GREETED.sub("", mask(text)))
    parts = sorted(_parts(handle, name), key=len, reverse=True)
    if not parts:
        return shown
    names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, parts))})(?!\w)", re.IGNORECASE)
    return re.sub(r"\[nama\](?:\s+\[nama\])+", "[nama]", names.sub("[nama]", shown))


def _parts(handle: str, name: str) -> set[str]:
    own = handle.lstrip("@").partition("@")[0]
    words = {own, own.partition(".")[0], *re.findall(r"[^\W\d_]+", name)}
    return {word for word in words if len(word) >= _SHORTEST}


def hide_places(text: str, names: Iterable[str]) -> str:
    """A text without addresses of the web and without the names of agencies.

    A name is found however its words are joined, also without ``Provinsi …`` at its end; one of
    at least five letters also inside a longer word. What the text is about still tells who may
    have written it.

    Example:
        >>> hide_places("Isi dinsos.example/form di #DinasSosial", ["Dinas Sosial Provinsi Contoh"])
        'Isi [tautan] di #[instansi]'
    """
    shown = _ADDRESS.sub("[tautan]", text)
    every = {short for name in names for short in (name, _TERRITORY.sub("", name))}
    known = sorted(
        (each for each in every if len(re.findall(r"[^\W_]", each)) >= _SHORTEST),
        key=len,
        reverse=True,
    )
    if not known:
        return shown
    found = re.compile("|".join(map(_form, known)), re.IGNORECASE)
    return found.sub("[instansi]", shown)


def _form(name: str) -> str:
    words = re.findall(r"[^\W_]+", name)
    joined = r"[\W_]*".join(map(re.escape, words))
    whole = _letters(name) < _DISTINCT
    return rf"(?<![^\W_]){joined}(?![^\W_])" if whole else rf"[^\W_]*{joined}[^\W_]*"


def _letters(name: str) -> int:
    return sum(map(str.isalnum, name))
