"""The monthly report and the morning brief."""

import csv
import html
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.report.facts import Facts, Row, gather
from pelayanan.score import AgencyScore
from pelayanan.score.saving import write_whole

__all__ = ["Report", "brief", "monthly"]

_MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)


class Report:
    """A report, in the forms that people ask for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def html(self) -> str:
        """One page that opens without network and prints to A4.

        Raises:
            ConfigError: The extra `report` is not installed.
        """
        try:
            from jinja2 import Environment  # noqa: PLC0415  an extra
        except ModuleNotFoundError:
            raise ConfigError("a report needs: pip install 'pelayanan[report]'") from None
        source = (files("pelayanan.report") / "templates" / "monthly.html").read_text("utf-8")
        page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        forms = {form.__name__: form for form in _FORMS}
        return page.from_string(source).render(facts=self.facts, agencies=self.agencies(), **forms)

    def text(self) -> str:
        """A few lines for a messaging group; nobody's name, text or number is in it."""
        facts = self.facts
        lines = [
            f"*{facts.province}: layanan {month_name(facts.period)}*",
            f"Belum dijawab sekarang: {facts.open}, lewat batas hukum: {facts.overdue}",
        ]
        for name, agency in self.agencies():
            if agency.within is not None:
                lines.append(
                    f"- {name}: {agency.answered} dari {agency.n} dijawab, "
                    f"{percent(agency.within[4])} dalam batas hukum"
                )
        if facts.aid:
            lines.append(f"Bantuan ASN: {len(facts.aid)} kegiatan")
        if facts.silent:
            lines.append(f"Akun yang tidak terbaca: {', '.join(key for key, _ in facts.silent)}")
        if facts.score is not None:
            lines.append(
                f"Definisi {facts.score.definition}, kalender {facts.score.calendar}, "
                f"sampai {facts.as_of:%d-%m-%Y %H:%M}"
            )
        return "\n".join(lines) + "\n"

    def csv(self) -> str:
        """The tidy table."""
        made = io.StringIO()
        writer = csv.writer(made, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(self.facts.rows())
        return made.getvalue()

    def save(self, path: Path | str) -> Path:
        """Write it, in the form that the ending names: ``.html``, ``.csv`` or ``.txt``.

        Raises:
            ConfigError: Another ending, or a folder that is not there or may not be written.
            StoreError: The disk is full or broken.
        """
        place = Path(path)
        forms = {".html": self.html, ".csv": self.csv, ".txt": self.text}
        if place.suffix not in forms:
            raise ConfigError(f"a report ends in {', '.join(forms)}, not in {place.suffix!r}")
        write_whole(place, forms[place.suffix]())
        return place

    def _repr_html_(self) -> str:
        return f'<iframe width="100%" height="700" srcdoc="{html.escape(self.html())}"></iframe>'

    def agencies(self) -> list[tuple[str, AgencyScore]]:
        """Agencies by name, the province last: no ranks."""
        score = self.facts.score
        if score is None:
            return []
        named = [(self.facts.agencies.get(key, key), each) for key, each in score.agencies.items()]
        return [*sorted(named, key=lambda pair: pair[0]), ("Provinsi", score.province)]


def monthly(desk: Desk, period: Period) -> Report:
    """The report of a month, as it stands now."""
    return Report(gather(desk, period))


def brief(desk: Desk) -> Report:
    """The morning brief: this month, as it stands now."""
    return monthly(desk, Period.of(desk.now.astimezone(desk.config.zone).date()))


def month_name(period: str) -> str:
    """``2026-10`` as Indonesian says it."""
    year, _, month = period.partition("-")
    return f"{_MONTHS[int(month) - 1]} {year}"


def waited(span: timedelta) -> str:
    """How long somebody has waited, in the largest unit."""
    hours = int(span.total_seconds()) // 3600
    if hours >= 48:
        return f"{hours // 24} hari"
    return f"{hours} jam" if hours else f"{int(span.total_seconds()) // 60} menit"


def percent(share: float) -> str:
    """A share from 0 to 1, rounded half up to whole percent (after nine decimals)."""
    return f"{int(round(share * 100, 9) + 0.5)} %"


def number(value: float | None) -> str:
    """A number as Indonesian writes it, with dots between thousands."""
    return "-" if value is None else f"{value:,.0f}".replace(",", ".")


def amount(quantity: Decimal) -> str:
    """A quantity as Indonesian writes it: dots between thousands, a comma before decimals."""
    text = f"{quantity:,f}"
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    return whole.replace(",", ".") + (f",{rest}" if rest else "")


_FORMS: tuple[Callable[..., str], ...] = (month_name, waited, percent, number, amount)
