"""The words of an explanation in Indonesian and English; no locale data is needed for them."""

from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

__all__ = ["Lang"]

Lang: TypeAlias = Literal["id", "en"]

_DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}

WORDS = {
    "id": {
        "received": "hari 0 (diterima)",
        "nth": "hari kerja ke-{n}",
        "working": "hari kerja",
        "weekend": "akhir pekan",
        "closed": "kantor tutup",
        "public": "libur nasional: {name}",
        "collective": "cuti bersama: {name}",
        "open": "tetap buka pada {off}",
        "added": "ditambahkan dengan {decree}",
        "moved here": "dipindah dari {day} dengan {decree}",
        "moved away": "liburnya dipindah ke {day} dengan {decree}",
        "removed": "liburnya dibatalkan dengan {decree}",
        "decree": "{reference}, ditetapkan {day}",
        "ramadan": "jam Ramadan {hours}",
        "hours": "jam {hours}",
        "counted": "terhitung {time}",
        "h": "{n} jam",
        "m": "{n} menit",
        "s": "{n} detik",
        "start": "Diterima: {at}",
        "days": "Batas {n} hari kerja: {at}",
        "time": "Batas {time} jam kerja: {at}",
        "version": "Kalender: {version}",
        "no leave": "Cuti bersama {year} tidak ada dalam data: mungkin belum ditetapkan.",
        "no ramadan": "Tanggal Ramadan {year} tidak diketahui: dipakai jam kerja biasa.",
    },
    "en": {
        "received": "day 0 (received)",
        "nth": "working day {n}",
        "working": "working day",
        "weekend": "weekend",
        "closed": "office closed",
        "public": "public holiday: {name}",
        "collective": "collective leave (cuti bersama): {name}",
        "open": "open in spite of {off}",
        "added": "added by {decree}",
        "moved here": "moved from {day} by {decree}",
        "moved away": "its holiday moved to {day} by {decree}",
        "removed": "its holiday cancelled by {decree}",
        "decree": "{reference}, decreed {day}",
        "ramadan": "Ramadan hours {hours}",
        "hours": "hours {hours}",
        "counted": "{time} counted",
        "h": "{n} h",
        "m": "{n} min",
        "s": "{n} s",
        "start": "Received: {at}",
        "days": "Limit of {n} working days: {at}",
        "time": "Limit of {time} of office time: {at}",
        "version": "Calendar: {version}",
        "no leave": "No collective leave of {year} in the data: it may not be decreed yet.",
        "no ramadan": "Ramadan {year} is not known: normal hours are used.",
    },
}


def short_date(day: date, lang: Lang) -> str:
    """``"25 Agustus 2026"``."""
    return f"{day.day} {_MONTHS[lang].split()[day.month - 1]} {day.year}"


def long_date(day: date, lang: Lang) -> str:
    """``"Selasa, 25 Agustus 2026"``."""
    return f"{_DAYS[lang][day.weekday()]}, {short_date(day, lang)}"


def instant(at: datetime, lang: Lang) -> str:
    """Date, local time and zone, written as the language does."""
    clock = f"{at:%H.%M.%S}" if lang == "id" else f"{at:%H:%M:%S}"
    return f"{long_date(at, lang)} {clock} {at:%Z}"


def hours(span: tuple[int, int], lang: Lang) -> str:
    """``"07.30-16.00"`` in Indonesian, ``"07:30-16:00"`` in English."""
    mark = "." if lang == "id" else ":"
    return "-".join(f"{second // 3600:02}{mark}{second % 3600 // 60:02}" for second in span)


def amount(seconds: int, lang: Lang) -> str:
    """``"2 jam 30 menit"``; nothing is ``"0 menit"``."""
    length = timedelta(seconds=seconds) // timedelta(seconds=1)
    parts = (("h", length // 3600), ("m", length % 3600 // 60), ("s", length % 60))
    told = [WORDS[lang][unit].format(n=number) for unit, number in parts if number]
    return " ".join(told) or WORDS[lang]["m"].format(n=0)
