"""What a person should see before a text goes out."""

from collections.abc import Sequence
from typing import Literal

from pelayanan.models import Record
from pelayanan.protocol.capabilities import TextLimit
from pelayanan.text.length import count
from pelayanan.text.personal import find_personal

__all__ = ["Remark", "lint"]

_NAMES = {
    "nik": "NIK",
    "kk": "nomor KK",
    "nip": "NIP",
    "phone": "nomor telepon",
    "email": "alamat e-mail",
}


class Remark(Record):
    """One remark about a text. A `stop` keeps it from being sent."""

    rule: str
    severity: Literal["stop", "warn"]
    message: str


def lint(
    text: str, *, limits: Sequence[TextLimit] = (), private: bool = False, allow: Sequence[str] = ()
) -> tuple[Remark, ...]:
    """Read a reply before it is sent.

    Args:
        text: What the citizen would read.
        limits: Those of the platform, in its own counting.
        private: Whether only the citizen will read it; the own numbers are then theirs to see,
            yet a NIK or KK number is stopped all the same.
        allow: The agency's own phone numbers and addresses.

    Source:
        UU 27/2022 (personal data), articles 20 and 39; platforms.md, text limits.
    """
    found = [
        Remark(
            rule="personal_data",
            severity="stop",
            message=f"memuat {_NAMES[kind]}: hapus, atau pindahkan ke percakapan pribadi",
        )
        for kind in sorted({each.kind for each in find_personal(text, allow=allow)})
        if not private or kind in {"nik", "kk"}
    ]
    if not text.strip():
        found.append(Remark(rule="empty", severity="stop", message="teks kosong"))
    found += [
        Remark(
            rule="length",
            severity="stop",
            message=f"terlalu panjang: {long} dari paling banyak {limit.limit} ({limit.counter})",
        )
        for limit in limits
        if limit.counter != "none" and (long := count(limit.counter, text)) > limit.limit
    ]
    return tuple(found)
