"""``cases`` and ``case``."""

import argparse
from itertools import islice

from pelayanan.cases import Case, Status
from pelayanan.cli._parser import positive
from pelayanan.cli.replies import show_draft
from pelayanan.cli.work import (
    add_config,
    add_show,
    opened,
    pick,
    plain,
    say,
    show_json,
    table,
    when,
)
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError

__all__ = ["add_case", "add_cases", "run_case", "run_cases"]

_WIDTH = 60
_HEADS = {
    "id": ("perkara", "masuk", "kanal", "jenis", "keadaan", "isi"),
    "en": ("case", "opened", "channel", "kind", "status", "text"),
}


def add_cases(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    english = lang == "en"
    parser.add_argument(
        "--status",
        choices=[status.value for status in Status],
        default="open",
        help=("keadaan (bawaan: open, belum dijawab)", "status (default: open)")[english],
    )
    parser.add_argument(
        "--all", action="store_true", help=("semua keadaan", "whatever the status")[english]
    )
    parser.add_argument("--agency", help=("hanya perangkat daerah ini", "one agency")[english])
    parser.add_argument(
        "--overdue",
        action="store_true",
        help=("hanya yang lewat batas hukum", "only past the legal limit")[english],
    )
    told = ("paling banyak sekian (bawaan: 50)", "at most so many (default: 50)")
    parser.add_argument("--limit", type=positive, default=50, help=told[english])
    add_show(parser, lang)


def run_cases(args: argparse.Namespace) -> int:
    """List cases; masked, unless somebody asks to see them."""
    with opened(args) as desk:
        known = [each.key for each in desk.config.agencies]
        if args.agency and args.agency not in known:
            raise ConfigError(f"no agency {args.agency!r}; there are {', '.join(known)}")
        found = desk.cases(
            status=None if args.all else args.status, agency=args.agency, overdue=args.overdue
        )
        chosen = [case if args.show else case.masked() for case in islice(found, args.limit)]
        rows = [_row(desk, case) for case in chosen]
    if args.json:
        for case in chosen:
            show_json(case)
    elif rows:
        table(_HEADS[args.lang], rows)
    else:
        say(args, "tidak ada", "none")
    return 0


def _row(desk: Desk, case: Case) -> tuple[str, ...]:
    opened_at, text = when(desk, case.opened), _short(case.text)
    return (case.id, opened_at, case.platform, case.kind.value, case.status.value, text)


def add_case(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    told = ("perkara, dari `pelayanan cases`", "the case, from `pelayanan cases`")
    parser.add_argument("case", help=told[lang == "en"])
    add_show(parser, lang)


def run_case(args: argparse.Namespace) -> int:
    """Show one case; masked, unless somebody asks to see it."""
    with opened(args) as desk:
        case = desk.case(args.case)
        case = case if args.show else case.masked()
        if args.json:
            show_json(case)
            return 0
        print(f"{case.id}  {case.agency}  {case.platform}  {case.kind}  {case.status}")
        opened_at, answered = when(desk, case.opened), when(desk, case.answered)
        say(
            args,
            f"masuk {opened_at}   dijawab {answered}",
            f"opened {opened_at}   answered {answered}",
        )
        for item in case.thread:
            who = item.author.handle if item.direction == "in" else case.agency
            mark = pick(args, " (otomatis)", " (automatic)") if item.automatic else ""
            mark += pick(args, " (diubah)", " (edited)") if item.edited else ""
            print(f"\n{when(desk, item.at)}  {plain(who)}{mark}\n{_indented(item.text)}")
        for draft in desk.outbox(case_id=case.id):
            if not draft.state.done:
                print()
                show_draft(args, draft)
                print(_indented(draft.text if args.show else draft.masked().text))
    return 0


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in plain(text).splitlines())


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
