"""``calendar explain``."""

import argparse
from datetime import datetime

from pelayanan.calendar import WorkCalendar, WorkingDays
from pelayanan.cli.work import add_config, show_json
from pelayanan.desk.config import Config
from pelayanan.errors import ConfigError

__all__ = ["add_calendar", "run_calendar"]


def add_calendar(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    english = lang == "en"
    parser.add_argument("action", choices=["explain"])
    parser.add_argument(
        "start", help=("mulai, misalnya 2026-03-17T21:00", "such as 2026-03-17T21:00")[english]
    )
    parser.add_argument("--days", type=int, default=5, help=("hari kerja", "working days")[english])


def run_calendar(args: argparse.Namespace) -> int:
    config = _config(args.config)
    overrides = config.calendar.overrides
    calendar = WorkCalendar.indonesia(
        timezone=config.province.timezone,
        overrides=config.place(overrides) if overrides else None,
    )
    try:
        start = datetime.fromisoformat(args.start)
    except ValueError:
        raise ConfigError(f"{args.start!r} is no time such as 2026-03-17T21:00") from None
    start = start if start.tzinfo else start.replace(tzinfo=config.zone)
    told = calendar.explain(start, WorkingDays(args.days), lang=args.lang)
    if args.json:
        show_json(
            {
                "deadline": told.deadline.isoformat(),
                "calendar_version": told.calendar_version,
                "lines": [str(line) for line in told.lines],
            }
        )
    else:
        for line in told.lines:
            print(line)
    return 0


def _config(path: str) -> Config:
    """The configuration if there is one: days can be explained without."""
    try:
        return Config.read(path)
    except ConfigError as error:
        if "is not there" in str(error):
            return Config()
        raise
