"""Agencies, kinds of need and periods of reporting."""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import field_validator

from pelayanan.models.record import Record

__all__ = ["Agency", "Kind", "Period"]


class Kind(StrEnum):
    """What a citizen's message is. The first five oblige an answer.

    Source:
        score.md, 1; LAPOR! classifications of PermenPANRB 62/2018.
    """

    INFORMASI = "informasi"
    PENGADUAN = "pengaduan"
    PENGADUAN_PENGAWASAN = "pengaduan_pengawasan"
    ASPIRASI = "aspirasi"
    DARURAT = "darurat"
    KRITIK = "kritik"
    APRESIASI = "apresiasi"
    KABAR = "kabar"
    SPAM = "spam"

    @property
    def obliges(self) -> bool:
        """Whether a message of this kind must be answered."""
        return self in _OBLIGING


_OBLIGING = frozenset(list(Kind)[:5])


class Agency(Record):
    """An OPD (organisasi perangkat daerah) of the province's register.

    Attributes:
        key: Short name for configuration and reports, such as ``"dinsos"``.
        successor: Key of the agency that took over after `valid_to`.
    """

    key: str
    name: str
    topics: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None


class Period(Record):
    """A calendar month, read in the local time of an agency. ``str()`` of it is its name."""

    name: str

    @field_validator("name")
    @classmethod
    def _is_month(cls, name: str) -> str:
        if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", name, re.ASCII):
            raise ValueError(f'a period is a month such as "2026-10", not {name[:20]!r}')
        return name

    @classmethod
    def month(cls, name: str) -> Self:
        """The month with this name, ``"2026-10"``; raises `ValueError` for any other form."""
        return cls(name=name)

    @classmethod
    def of(cls, day: date) -> Self:
        """The month in which a local date falls."""
        return cls(name=f"{day:%Y-%m}")

    @property
    def first(self) -> date:
        """The first day."""
        return date.fromisoformat(f"{self.name}-01")

    @property
    def last(self) -> date:
        """The last day."""
        return self.next().first - timedelta(days=1)

    def next(self) -> Self:
        """The month after this one."""
        return self.of(self.first + timedelta(days=31))

    def previous(self) -> Self:
        """The month before this one."""
        return self.of(self.first - timedelta(days=1))

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant and that of the next month, in a time zone."""
        start, end = (
            datetime(day.year, day.month, day.day, tzinfo=zone)
            for day in (self.first, self.next().first)
        )
        return start, end

    def __str__(self) -> str:
        return self.name
