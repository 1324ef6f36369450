"""A score as rows, frames and HTML, always with what it rests on."""

from collections.abc import Iterator
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pelayanan.errors import ConfigError
from pelayanan.score.explain import flag_name, number

if TYPE_CHECKING:
    from pelayanan.score.agency import AgencyScore
    from pelayanan.score.report import ScoreReport

__all__ = ["frame", "html", "row"]


def row(key: str, score: "AgencyScore") -> dict[str, Any]:
    """One flat row: what it rests on, counts, index, interval, grade, shares, flags."""
    on = score.footing
    shares = score.within or (None,) * 8
    return {
        "agency": key,
        "period": on.period,
        "definition": on.definition,
        "profile": on.profile,
        "calendar": on.calendar,
        "as_of": on.as_of,
        "n": score.n,
        "answered": score.answered,
        "unanswered": score.unanswered,
        "decided": score.decided,
        "index": score.index,
        "low": score.low,
        "high": score.high,
        "grade": score.grade,
        **{f"within_{number}": share for number, share in enumerate(shares, 1)},
        **score.flags.model_dump(),
    }


def frame(library: str, rows: list[dict[str, Any]]) -> Any:
    """A data frame; raises `ConfigError` where the library is not installed."""
    try:
        return import_module(library).DataFrame(rows)
    except ModuleNotFoundError:
        raise ConfigError(f"{library} is missing: pip install 'pelayanan[frames]'") from None


def html(report: "ScoreReport") -> str:
    """A table for notebooks: alphabetical, no ranks."""
    head = "".join(
        f"<th>{name}</th>"
        for name in ("perangkat daerah", "n", "dijawab", "indeks", "90 %", "mutu", "catatan")
    )
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(key, score))}</tr>"
        for key, score in [*report.agencies.items(), ("PROVINSI", report.province)]
    )
    on = (
        f"Indeks Daya Tanggap (IDT), mutu setara kelas SKM. {report.period}, definisi "
        f"{report.definition}, profil {report.profile}, kalender {report.calendar}, sampai "
        f"{report.as_of:%Y-%m-%d %H:%M %Z}. Urut abjad, bukan peringkat."
    )
    return f"<table><caption>{escape(on)}</caption><tr>{head}</tr>{body}</table>"


def _cells(key: str, score: "AgencyScore") -> Iterator[str]:
    yield from (key, str(score.n), str(score.answered))
    if score.index is None or score.low is None or score.high is None:
        yield from ("-", "-", "-", "")
        return
    yield number(score.index, "id")
    yield f"{number(score.low, 'id')}-{number(score.high, 'id')}"
    yield score.grade or "data belum cukup"
    yield ", ".join(
        flag_name(name)
        for name, is_set in score.flags.model_dump().items()
        if is_set and name != "too_few"
    )
