"""``signals``: what was heard and addressed to no agency, until a person takes it up."""

import argparse
from itertools import islice

from pelayanan.cli._parser import positive
from pelayanan.cli.work import (
    add_by,
    add_config,
    add_show,
    local,
    opened,
    say,
    show_json,
    table,
    when,
)
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError
from pelayanan.models import Signal

__all__ = ["add_signals", "run_signals"]

_WIDTH = 60
_HEADS = {
    "id": ("sinyal", "ditulis", "kanal", "didengar lewat", "perkara", "isi"),
    "en": ("signal", "written", "channel", "heard by", "case", "text"),
}


def add_signals(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    english = lang == "en"
    told = ("hanya yang memuat semua kata ini", "only what has all these words")
    parser.add_argument("--query", default="", help=told[english])
    told = ("hanya yang ditulis sejak waktu ini", "only what was written since")
    parser.add_argument("--since", help=told[english])
    told = ("juga yang sudah menjadi perkara", "cases that were made of one too")
    parser.add_argument("--all", action="store_true", help=told[english])
    told = ("paling banyak sekian (bawaan: 50)", "at most so many (default: 50)")
    parser.add_argument("--limit", type=positive, default=50, help=told[english])
    told = ("jadikan sinyal ini perkara", "make this signal a case")
    parser.add_argument("--take-up", metavar="ID", help=told[english])
    told = ("perangkat daerah yang menanganinya", "the agency that takes it up")
    parser.add_argument("--agency", help=told[english])
    add_by(parser, lang)
    add_show(parser, lang)


def run_signals(args: argparse.Namespace) -> int:
    """List signals, masked unless somebody asks to see them; or take one up."""
    with opened(args) as desk:
        if args.take_up:
            return _take_up(args, desk)
        since = local(desk.config, args.since) if args.since else None
        found = desk.signals(query=args.query, since=since, taken=args.all)
        chosen = [each if args.show else each.masked() for each in islice(found, args.limit)]
        rows = [_row(desk, each) for each in chosen]
    if args.json:
        for each in chosen:
            show_json(each)
    elif rows:
        table(_HEADS[args.lang], rows)
    else:
        say(args, "tidak ada", "none")
    return 0


def _take_up(args: argparse.Namespace, desk: Desk) -> int:
    if not args.agency:
        raise ConfigError("say which agency takes it up: --agency KEY")
    case_id = desk.take_up(args.take_up, agency=args.agency, by=args.by)
    if args.json:
        show_json({"signal": args.take_up, "case": case_id})
    else:
        say(args, f"menjadi perkara {case_id}", f"is case {case_id} now")
    return 0


def _row(desk: Desk, signal: Signal) -> tuple[str, ...]:
    written, text = when(desk, signal.mention.created_at), " ".join(signal.mention.text.split())
    short = text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
    platform = signal.mention.platform
    return (signal.id, written, platform, signal.watch, signal.case_id or "-", short)
