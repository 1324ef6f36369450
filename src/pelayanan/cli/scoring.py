"""``score``."""

import argparse

from pelayanan.cli.work import add_config, opened, say, show_json, table
from pelayanan.desk.desk import Desk
from pelayanan.models import Period
from pelayanan.score import AgencyScore

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


def run_score(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        tally = desk.tally(month(args, desk))
        if not tally.counts:
            if args.json:
                show_json({"agencies": {}, "n": 0})
            else:
                say(args, "belum ada perkara di bulan itu", "no case in that month")
            return 0
        report = desk.score(month(args, desk))
        names = {agency.key: agency.name for agency in desk.config.agencies}
        as_of = report.as_of.astimezone(desk.config.zone)
    if args.json:
        show_json(report)
        return 0
    head = ("perangkat daerah", "n", "dijawab", "belum", *report.thresholds)
    rows = [_row(names.get(key, key), agency) for key, agency in report.agencies.items()] + [
        _row("PROVINSI", report.province)
    ]
    table(head, rows)
    say(
        args,
        f"Bagian yang dijawab dalam batas itu, yang belum dijawab ikut penyebut. {report.period}, "
        f"definisi {report.definition}, kalender {report.calendar}, sampai {as_of:%Y-%m-%d %H:%M}",
        f"Share answered within each limit, the unanswered in the denominator. {report.period}, "
        f"definition {report.definition}, calendar {report.calendar}, as of {as_of:%Y-%m-%d %H:%M}",
    )
    return 0


def _row(name: str, agency: AgencyScore) -> tuple[str, ...]:
    shares = ["-"] * 8 if agency.within is None else [f"{100 * x:.0f} %" for x in agency.within]
    return (name, str(agency.n), str(agency.answered), str(agency.unanswered), *shares)
