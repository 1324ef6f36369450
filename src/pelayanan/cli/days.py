"""``calendar explain``."""

import argparse

from pelayanan.calendar import WorkCalendar, WorkingDays
from pelayanan.cli._parser import positive
from pelayanan.cli.work import add_config, local, open_config, show_json
from pelayanan.errors import ConfigError

__all__ = ["add_calendar", "run_calendar"]


def add_calendar(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    english = lang == "en"
    parser.add_argument("action", choices=["explain"])
    parser.add_argument(
        "start", help=("mulai, misalnya 2026-03-17T21:00", "such as 2026-03-17T21:00")[english]
    )
    parser.add_argument(
        "--days", type=positive, default=5, help=("hari kerja", "working days")[english]
    )


def run_calendar(args: argparse.Namespace) -> int:
    config = open_config(args)
    overrides = config.calendar.overrides
    calendar = WorkCalendar.indonesia(
        timezone=config.province.timezone,
        overrides=config.place(overrides) if overrides else None,
    )
    start = local(config, args.start)
    try:
        told = calendar.explain(start, WorkingDays(args.days), lang=args.lang)
    except ValueError:
        raise ConfigError("no calendar reaches that far: it knows 1990 to 2075") from None
    if args.json:
        show_json(
            {
                "deadline": told.deadline.isoformat(),
                "calendar_version": told.calendar_version,
                "lines": told.lines,
                "notes": told.notes,
            }
        )
    else:
        print(told)
    return 0
