"""``cases`` and ``case``."""

import argparse

from pelayanan.cases import Case, Status
from pelayanan.cli.work import add_config, opened, say, show_json, table, when

__all__ = ["add_case", "add_cases", "run_case", "run_cases"]

_WIDTH = 60


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
    parser.add_argument("--limit", type=int, default=50, help="(50)")
    parser.add_argument(
        "--show",
        action="store_true",
        help=("tampilkan nama dan isi apa adanya", "show names and texts unmasked")[english],
    )


def run_cases(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        found = desk.cases(
            status=None if args.all else args.status, agency=args.agency, overdue=args.overdue
        )
        chosen: list[Case] = []
        for case in found:
            if len(chosen) == args.limit:
                break
            chosen.append(case if args.show else case.masked())
        if args.json:
            for case in chosen:
                show_json(case)
            return 0
        rows = [
            (
                case.id,
                when(desk, case.opened),
                case.platform,
                case.kind.value,
                case.status.value,
                _short(case.text),
            )
            for case in chosen
        ]
    if rows:
        table(("perkara", "masuk", "kanal", "jenis", "keadaan", "isi"), rows)
    else:
        say(args, "tidak ada", "none")
    return 0


def add_case(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    parser.add_argument("case")
    told = ("samarkan nama dan nomor", "mask names and numbers")[lang == "en"]
    parser.add_argument("--masked", action="store_true", help=told)


def run_case(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        case = desk.case(args.case)
        case = case.masked() if args.masked else case
        if args.json:
            show_json(case)
            return 0
        print(f"{case.id}  {case.agency}  {case.platform}  {case.kind}  {case.status}")
        print(f"masuk {when(desk, case.opened)}   dijawab {when(desk, case.answered)}")
        for item in case.thread:
            who = item.author.handle if item.direction == "in" else case.agency
            mark = " (otomatis)" if item.automatic else ""
            print(f"\n{when(desk, item.at)}  {who}{mark}\n  {item.text}")
        for draft in desk.outbox(case_id=case.id):
            if not draft.state.done:
                print(f"\n[{draft.state}] {draft.id}\n  {draft.text}")
                print("".join(f"  → {need}\n" for need in draft.needs), end="")
    return 0


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
