"""How the numbers of people are built: NIK, nomor kartu keluarga (KK) and NIP.

None of them has a check digit, so that only their structure can be looked at. All functions take
bare ASCII digits and answer with what is wrong, in words that never repeat the number.
"""

from datetime import date

__all__ = ["PROVINCES", "kk_problem", "nik_problem", "nip_problem"]

PROVINCES = frozenset(
    {"11", "12", "13", "14", "15", "16", "17", "18", "19", "21"}  # Sumatra and its islands
    | {"31", "32", "33", "34", "35", "36", "51", "52", "53"}  # Java, Bali, Nusa Tenggara
    | {"61", "62", "63", "64", "65", "71", "72", "73", "74", "75", "76"}  # Kalimantan, Sulawesi
    | {"81", "82", "91", "92", "93", "94", "95", "96"}  # Maluku, Papua
)
"""Province codes of Kepmendagri 300.2.2-2138/2025, all 38."""

_WOMEN = 40  # added to the day of birth
_PPPK = "21"  # stands where a PNS has the month of appointment


def nik_problem(digits: str) -> str:
    """Say what keeps a number from being a NIK, `PPKKCC DDMMYY SSSS`.

    The kecamatan is not looked at: its code is that of the first issue, and regions split since.

    Returns:
        A reason in English, or an empty text where the structure holds.

    Source:
        reference: indonesia.md, 3.1.
    """
    problem = _region_problem(digits)
    if problem:
        return problem
    day = int(digits[6:8])
    if not _is_short_date(day - _WOMEN if day > _WOMEN else day, digits[8:12]):
        return "digits 7 to 12 are no date of birth (for women the day is raised by 40)"
    return "the serial 0000 is never given out" if digits[12:] == "0000" else ""


def kk_problem(digits: str) -> str:
    """Say what keeps a number from being that of a family card: region, date of issue, serial.

    Nearly every one of them could be a NIK as well; only the words around it tell.
    """
    problem = _region_problem(digits)
    if not problem and not _is_short_date(int(digits[6:8]), digits[8:12]):
        return "digits 7 to 12 are no date of issue"
    return problem


def nip_problem(digits: str) -> str:
    """Say what keeps a number from being a NIP or NI PPPK, `YYYYMMDD YYYYMM S NNN`.

    Source:
        reference: indonesia.md, 3.1. A PPPK has 21 in place of the month of appointment.
    """
    if len(digits) != 18:
        return f"it has {len(digits)} digits, not 18"
    if not _is_date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])):
        return "digits 1 to 8 are no date of birth"
    month = digits[12:14]
    if not (month == _PPPK or 1 <= int(month) <= 12):
        return "digits 13 and 14 are neither a month nor the 21 of a PPPK"
    if not 16 <= int(digits[8:12]) - int(digits[:4]) <= 65:
        return "digits 9 to 12 are no year of appointment at 16 to 65 years of age"
    if digits[14] not in "12":
        return "digit 15 is neither 1 nor 2"
    return "the serial 000 is never given out" if digits[15:] == "000" else ""


def _region_problem(digits: str) -> str:
    if len(digits) != 16:
        return f"it has {len(digits)} digits, not 16"
    if digits[:2] not in PROVINCES:
        return "digits 1 and 2 are no province"
    return ""


def _is_short_date(day: int, month_year: str) -> bool:
    """Whether it is a date in either century; 29 February 1900 was none, that of 2000 was."""
    month, year = int(month_year[:2]), int(month_year[2:])
    return any(_is_date(century + year, month, day) for century in (1900, 2000))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return year >= 1900
