"""Thresholds, limits and weights of `idt/1`, and the bin of an instant."""

from datetime import date
from fractions import Fraction

from reference.days import Office

KINDS = ("darurat", "informasi", "pengaduan", "aspirasi", "pengaduan_pengawasan")
RANK = {"darurat": 0, "informasi": 1, "pengaduan": 2, "aspirasi": 2, "pengaduan_pengawasan": 3}
NEVER = 4  # the rank of a kind that obliges nobody
OFFICE_SECONDS = (900, 3600, 14400)  # tests 1 to 3
WORKING_DAYS = (1, 3, 5, 14, 60)  # tests 4 to 8, fewer than
EMERGENCY_SECONDS = (300, 900, 3600, 14400, 86400, 259200, 1209600, 5184000)
LIMIT = {"darurat": 6, "informasi": 6, "pengaduan": 7, "aspirasi": 7, "pengaduan_pengawasan": 8}
LIMIT_DAYS = {6: 5, 7: 14, 8: 60}
UTILITY = tuple(Fraction(u, 100) for u in (100, 92, 84, 77, 65, 40, 20, 5))
WEIGHTS = tuple(Fraction(w, 100) for w in (8, 8, 7, 12, 25, 20, 15, 5))
F_REF = tuple(Fraction(f, 100) for f in (5, 15, 25, 40, 50, 54, 57, 60))


def bin_of(office: Office, kind: str, opened: int, x: int) -> int:
    """The smallest test that holds for `x`, 9 if none."""
    elapsed = x - opened
    if elapsed <= 0:
        return 1
    if kind == "darurat":
        held = [j for j, limit in enumerate(EMERGENCY_SECONDS, 1) if elapsed <= limit]
        return min(held, default=9)
    worked = office.office_seconds(opened, x)
    held = [j for j, limit in enumerate(OFFICE_SECONDS, 1) if worked <= limit]
    days = len(office.between(opened, x))
    held += [j for j, limit in enumerate(WORKING_DAYS, 4) if days < limit]
    return min(held, default=9)


def in_time(office: Office, kind: str, opened: int, x: int, left_out: set[date]) -> bool:
    """Whether `x` keeps the resolution limit, the days `left_out` not counted."""
    if kind == "darurat":
        return x - opened <= EMERGENCY_SECONDS[LIMIT[kind] - 1]
    days = office.between(opened, x) - left_out
    return len(days) < LIMIT_DAYS[LIMIT[kind]]


def limit_date(office: Office, kind: str, opened: int) -> date:
    """The local date on which the resolution limit ends."""
    if kind == "darurat":
        return office.local_date(opened + EMERGENCY_SECONDS[LIMIT[kind] - 1])
    return office.nth_working_day(opened, LIMIT_DAYS[LIMIT[kind]])
