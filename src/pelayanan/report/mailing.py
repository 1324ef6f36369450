"""The monthly report as a mail: the score in the text, everything else attached."""

from collections.abc import Iterator
from typing import NamedTuple

from pelayanan.report.monthly import Report, month_name
from pelayanan.score import AgencyScore
from pelayanan.score.explain import number

__all__ = ["ReportMail", "report_mail"]


class ReportMail(NamedTuple):
    """What `desk.letters.send` takes."""

    subject: str
    text: str
    attachments: tuple[tuple[str, str, bytes], ...]


def report_mail(report: Report) -> ReportMail:
    """Make a mail of a report: page, table, and the score line by line.

    Raises:
        ConfigError: The extra `report` is not installed.
    """
    facts = report.facts
    name = f"{facts.period}"
    files = [
        (f"laporan-{name}.html", "text/html", report.html()),
        (f"laporan-{name}.csv", "text/csv", report.csv()),
        (f"skor-{name}.txt", "text/plain", "\n".join(_explained(report)) + "\n"),
    ]
    return ReportMail(
        subject=f"Laporan layanan {month_name(facts.period)}: {facts.province}",
        text="\n".join((report.text(), *_scores(report))),
        attachments=tuple((name, kind, text.encode()) for name, kind, text in files),
    )


def _scores(report: Report) -> Iterator[str]:
    """One line an agency, by name, the province last: no ranks."""
    score = report.facts.score
    if score is None:
        yield "Belum ada perkara di bulan itu: tanpa skor."
        return
    yield "Indeks Daya Tanggap (IDT), mutu setara kelas SKM, selang 90 %:"
    for name, agency in report.agencies():
        yield f"- {name}: {_index(agency)}"
    yield (
        f"Definisi {score.definition}, profil {score.profile}, kalender {score.calendar}, sampai "
        f"{report.facts.as_of:%d-%m-%Y %H:%M}. Yang belum dijawab ikut dihitung."
    )


def _index(agency: AgencyScore) -> str:
    if agency.index is None or agency.low is None or agency.high is None:
        return f"tanpa indeks (n = {agency.n})"
    ends = f"{number(agency.low, 'id', 1)} sampai {number(agency.high, 'id', 1)}"
    grade = f"mutu {agency.grade}" if agency.grade else "data belum cukup untuk mutu"
    return f"{number(agency.index, 'id')} ({ends}), {grade}, n = {agency.n}"


def _explained(report: Report) -> Iterator[str]:
    for name, agency in report.agencies():
        yield from (name, *agency.explain("id").lines, "")
    if report.facts.score is None:
        yield "Belum ada perkara di bulan itu."
