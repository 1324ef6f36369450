"""``score``."""

import argparse
from pathlib import Path

from pelayanan.cli._skm import show_skm
from pelayanan.cli._verifying import run_verify
from pelayanan.cli.flattering import show_gaming
from pelayanan.cli.work import add_config, opened, say, show_json, table
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.score import AgencyScore, ScoreReport
from pelayanan.score.explain import Lang, number, threshold_names
from pelayanan.score.saving import write_whole
from pelayanan.score.skm import read_skm_by_agency

__all__ = ["add_month", "add_score", "month", "run_score"]


def add_month(parser: argparse.ArgumentParser, lang: str) -> None:
    """The month that a command speaks of."""
    told = (
        "bulan 2026-10, `last` bulan lalu, `this` bulan ini (bawaan)",
        "month 2026-10, `last` the month before now, `this` (default)",
    )
    parser.add_argument("--month", default="this", help=told[lang == "en"])


def month(args: argparse.Namespace, desk: Desk) -> Period:
    """The month named, in the agencies' time."""
    now = Period.of(desk.now.astimezone(desk.config.zone).date())
    if args.month in {"this", "last"}:
        return now if args.month == "this" else now.previous()
    return Period.month(args.month)


def add_score(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_month(parser, lang)
    told = (
        "jelaskan indeks satu perangkat daerah baris demi baris",
        "explain the index of one agency line by line",
    )
    parser.add_argument("--explain", metavar="AGENCY", default="", help=told[lang == "en"])
    told = (
        "lihat apakah angka dipercantik: bukti, bukan putusan",
        "see whether numbers are flattered: evidence, never a verdict",
    )
    parser.add_argument("--gaming", action="store_true", help=told[lang == "en"])
    told = (
        "survei SKM di samping indeks: CSV dengan kolom agency, u1 sampai u9",
        "the SKM survey beside the index: a CSV with columns agency, u1 to u9",
    )
    parser.add_argument("--skm", type=Path, metavar="FILE", help=told[lang == "en"])
    told = (
        "tulis angka untuk umum ke berkas JSON: dibulatkan, sekali setelah bulan berakhir",
        "write what the public may see as JSON: rounded, once after the month's end",
    )
    parser.add_argument("--public", type=Path, metavar="FILE", help=told[lang == "en"])
    told = (
        "dengan --public: angka akhir, sekali lagi bila tidak ada lagi yang ditunggu",
        "with --public: the final figures, once more when no case can change them",
    )
    parser.add_argument("--final", action="store_true", help=told[lang == "en"])
    told = ("verify: uji program lain dengan vektor", "verify: test another program's output")
    parser.add_argument("action", nargs="?", choices=["verify"], help=told[lang == "en"])
    told = ("folder atau berkas keluarannya", "folder or file of what it found")
    parser.add_argument("vectors", nargs="?", type=Path, help=told[lang == "en"])


def run_score(args: argparse.Namespace) -> int:
    if args.action:
        if args.vectors is None:
            raise ConfigError("say which folder or file: pelayanan score verify VECTORS")
        return run_verify(args)
    if args.final and args.public is None:
        raise ConfigError("--final goes with --public FILE")
    with opened(args) as desk:
        period = month(args, desk)
        if args.gaming:
            return show_gaming(args, desk, period)
        if args.public is not None:
            return _publish(args, desk, period)
        if not desk.tally(period).counts:
            if args.json:
                show_json({"agencies": {}, "n": 0})
            else:
                say(args, "belum ada perkara di bulan itu", "no case in that month")
            return 0
        report = desk.score(period)
        return _explain(args, desk, report) if args.explain else _show(args, desk, report)


def _explain(args: argparse.Namespace, desk: Desk, report: ScoreReport) -> int:
    """One agency line by line, with its cases that wait longest."""
    from pelayanan.desk.scoring import oldest  # noqa: PLC0415  loads numpy

    wanted = str(args.explain)
    if wanted not in report.agencies:
        raise ConfigError(f"no agency {wanted[:40]!r} has a case in that month")
    waiting = oldest(desk, Period.month(report.period), wanted)
    told = report.explain(wanted, "en" if args.lang == "en" else "id", waiting=waiting)
    if args.json:
        show_json(told)
    else:
        print("\n".join((_names(desk).get(wanted, wanted), *told.lines)))
    return 0


def _names(desk: Desk) -> dict[str, str]:
    return {agency.key: agency.name for agency in desk.config.agencies}


def _publish(args: argparse.Namespace, desk: Desk, period: Period) -> int:
    """The file of a month that may be published, at most twice and always the same."""
    found = desk.publish_score(period, final=args.final)
    write_whole(args.public, found.model_dump_json(indent=2) + "\n")
    if args.json:
        show_json(found)
    else:
        say(
            args,
            f"{args.public}: angka {period} untuk umum, sampai {found.footing.as_of:%Y-%m-%d}",
            f"{args.public}: public figures of {period}, as of {found.footing.as_of:%Y-%m-%d}",
        )
    return 0


def _show(args: argparse.Namespace, desk: Desk, report: ScoreReport) -> int:
    survey = read_skm_by_agency(args.skm) if args.skm else {}
    if args.json:
        beside = {"skm": {key: one.model_dump(mode="json") for key, one in survey.items()}}
        show_json(report.model_dump(mode="json") | beside if survey else report)
        return 0
    lang: Lang = "en" if args.lang == "en" else "id"
    told = (
        ("perangkat daerah", "n", "dijawab", "belum", "indeks", "90 %", "mutu"),
        ("agency", "n", "answered", "open", "index", "90 %", "grade"),
    )[lang == "en"]
    names = _names(desk)
    rows = [_row(names.get(key, key), agency, lang) for key, agency in report.agencies.items()]
    whole = ("PROVINSI", "PROVINCE")[lang == "en"]
    thresholds = threshold_names(report.definition, lang)
    table((*told, *thresholds), [*rows, _row(whole, report.province, lang)])
    as_of = report.as_of.astimezone(desk.config.zone)
    say(
        args,
        f"Bagian yang dijawab dalam batas itu, yang belum dijawab ikut penyebut. Indeks Daya "
        f"Tanggap (IDT), mutu setara kelas SKM, selang 90 %. {report.period}, definisi "
        f"{report.definition}, profil {report.profile}, kalender {report.calendar}, sampai "
        f"{as_of:%Y-%m-%d %H:%M}. * sementara: sedikit perkara, atau akun kurang dipantau",
        f"Share answered within each limit, the unanswered in the denominator. Index (IDT) with "
        f"its 90 % interval. {report.period}, definition {report.definition}, profile "
        f"{report.profile}, calendar {report.calendar}, as of {as_of:%Y-%m-%d %H:%M}. "
        "* provisional: few cases, or accounts that were seldom read",
    )
    if survey:
        show_skm(args, survey, names)
    return 0


def _row(name: str, agency: AgencyScore, lang: Lang) -> tuple[str, ...]:
    shares = ["-"] * 8 if agency.within is None else [f"{100 * x:.0f} %" for x in agency.within]
    counts = (str(agency.n), str(agency.answered), str(agency.unanswered))
    return (name, *counts, *_index(agency, lang), *shares)


def _index(agency: AgencyScore, lang: Lang) -> tuple[str, str, str]:
    """Index, interval and grade; an index without its interval and n is not shown."""
    if agency.index is None or agency.low is None or agency.high is None:
        return "-", "-", "-"
    ends = f"{number(agency.low, lang, 1)}-{number(agency.high, lang, 1)}"
    few = ("data belum cukup", "too few")[lang == "en"]
    mark = "*" if agency.flags.sementara or agency.flags.provisional else ""
    return number(agency.index, lang), ends, f"{agency.grade}{mark}" if agency.grade else few
