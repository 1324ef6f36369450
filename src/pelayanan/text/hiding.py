"""Who wrote is taken out of what they wrote, before it may be shown in public."""

import re

from pelayanan.text.personal import mask

__all__ = ["hide"]

_GREETED = re.compile(r"\A(?:@\S+\s+)+")
_HANDLE = re.compile(r"(?<![\w@])@[\w.-]+(?:@[\w.-]+)?")
_SHORTEST = 3


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
