"""``score --gaming``: what a province looks at to see whether numbers are flattered."""

import argparse

from pelayanan.cli.work import say, show_json
from pelayanan.desk.desk import Desk
from pelayanan.models import Period

__all__ = ["show_gaming"]


def show_gaming(args: argparse.Namespace, desk: Desk, period: Period) -> int:
    """Print the figures of all agencies, in alphabetical order."""
    report = desk.gaming(period)
    if args.json:
        show_json(report)
        return 0
    names = {agency.key: agency.name for agency in desk.config.agencies}
    for key in report.agencies:
        print(names.get(key, key))
        for line in report.explain(key, "en" if args.lang == "en" else "id"):
            print(f"  {line}")
    as_of = report.as_of.astimezone(desk.config.zone)
    say(
        args,
        f"Bukti untuk diperiksa, bukan putusan; urut abjad, bukan peringkat. {report.period}, "
        f"definisi {report.definition}, kalender {report.calendar}, sampai {as_of:%Y-%m-%d %H:%M}",
        f"Evidence to look into, never a verdict; alphabetical, no ranks. {report.period}, "
        f"definition {report.definition}, calendar {report.calendar}, as of "
        f"{as_of:%Y-%m-%d %H:%M}",
    )
    return 0
