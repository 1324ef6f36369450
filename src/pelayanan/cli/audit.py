"""``audit``: draw answers, mark them, see how far one is."""

import argparse
import sys
from pathlib import Path

from pelayanan.cli._audit_sheet import Row, read_sheet, write_sheet
from pelayanan.cli._parser import Parser
from pelayanan.cli.scoring import add_month, month
from pelayanan.cli.texts import text
from pelayanan.cli.work import add_by, add_config, opened, pick, plain, say, show_json, table
from pelayanan.desk.auditing import AuditSample
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError
from pelayanan.score.explain import Lang, number
from pelayanan.score.rubric import ITEMS

__all__ = ["add_audit", "run_audit"]

_KEEP = argparse.SUPPRESS
_ACTIONS = {
    "sample": ("undi jawaban sebulan untuk dibaca", "draw the answers of a month to read"),
    "record": ("catat nilai pembaca", "record a rater's marks"),
    "status": ("berapa yang sudah dibaca, sepakat atau tidak", "how many are read, and agreement"),
}


def add_audit(parser: Parser, lang: str) -> None:
    """One parser an action."""
    add_config(parser, lang)
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    adds = {"sample": _add_sample, "record": _add_record, "status": add_month}
    for name, add in adds.items():
        told = _ACTIONS[name][lang == "en"]
        made = actions.add_parser(name, help=told, description=told, lang=lang)
        # here too, where people put them; what stood before the action is kept
        made.add_argument("--json", action="store_true", default=_KEEP, help=text("json", lang))
        made.add_argument("--config", default=_KEEP, help=text("config", lang))
        add(made, lang)


def run_audit(args: argparse.Namespace) -> int:
    runs = {"sample": _sample, "record": _record, "status": _status}
    return runs[args.action](args)


# ---- sample


def _add_sample(parser: argparse.ArgumentParser, lang: str) -> None:
    add_month(parser, lang)
    told = ("benih undian; tetap sejak undian pertama", "seed of the draw, fixed by the first one")
    parser.add_argument("--seed", help=told[lang == "en"])
    told = ("lembar untuk diisi (CSV)", "sheet to fill in (CSV)")
    parser.add_argument("--output", "-o", type=Path, help=told[lang == "en"])


def _sample(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        sample = desk.audit.sample(month(args, desk), seed=args.seed)
    if args.output:
        write_sheet(args.output, sample.items, args.lang)
    if args.json:
        show_json(sample)
        return 0
    if not args.output:
        for item in sample.items:
            print(plain(f"{item.id}\n{item.question}\n---\n{item.answer}\n"))
    _told(args, sample)
    return 0


def _told(args: argparse.Namespace, sample: AuditSample) -> None:
    n, place = len(sample.items), f"{args.output}: " if args.output else ""
    say(
        args,
        f"{place}{n} jawaban {sample.period}, benih {sample.seed}",
        f"{place}{n} answers of {sample.period}, seed {sample.seed}",
    )
    if not sample.closed:
        say(
            args,
            "bulan belum berakhir: undi lagi setelahnya, yang sudah diundi tetap",
            "the month goes on: draw again after it, what was drawn stays",
        )


# ---- record


def _add_record(parser: argparse.ArgumentParser, lang: str) -> None:
    english = lang == "en"
    add_by(parser, lang)
    told = ("butir, dari `audit sample`", "from `audit sample`")
    parser.add_argument("item", nargs="?", help=told[english])
    told = ("delapan kali 0 atau 1: ", "eight times 0 or 1: ")
    labels = ", ".join(item.label(lang) for item in ITEMS)
    parser.add_argument("--marks", metavar="11011111", help=told[english] + labels)
    told = ("lembar yang sudah diisi (CSV)", "the sheet, filled in (CSV)")
    parser.add_argument("--input", "-i", type=Path, help=told[english])
    told = ("ganti nilai pembaca ini yang dulu", "replace this rater's earlier marks")
    parser.add_argument("--correct", action="store_true", help=told[english])


def _record(args: argparse.Namespace) -> int:
    given = [args.item is not None, args.marks is not None, args.input is not None]
    if given not in ([True, True, False], [False, False, True]):
        raise ConfigError("say ITEM --marks 11011111, or --input SHEET")
    if args.input is None:
        with opened(args) as desk:
            made = desk.audit.record(args.item, args.marks, by=args.by, correct=args.correct)
        return _summed(args, [Row(0, made.item, made.marks)], int(made.changed), [])
    rows = list(read_sheet(args.input))
    with opened(args) as desk:
        return _summed(args, rows, *_all(args, desk, rows))


def _summed(args: argparse.Namespace, rows: list[Row], changed: int, wrong: list[Row]) -> int:
    blank = sum(not row.marks and not row.why for row in rows)
    same = len(rows) - blank - changed - len(wrong)
    if args.json:
        failed = [{"row": row.number, "item": row.item, "why": row.why} for row in wrong]
        show_json({"recorded": changed, "unchanged": same, "blank": blank, "failed": failed})
    else:
        for row in wrong:
            where = pick(args, "baris", "row")
            print(plain(f"pelayanan: {where} {row.number}: {row.why}"), file=sys.stderr)
        say(
            args,
            f"{changed} dicatat, {same} sudah ada, {blank} kosong, {len(wrong)} ditolak",
            f"{changed} recorded, {same} known, {blank} blank, {len(wrong)} refused",
        )
    return 1 if wrong else 0


def _all(args: argparse.Namespace, desk: Desk, rows: list[Row]) -> tuple[int, list[Row]]:
    """Record row by row; one that is wrong stops no other."""
    changed, wrong = 0, list[Row]()
    for row in rows:
        why = row.why
        if row.marks:
            try:
                made = desk.audit.record(row.item, row.marks, by=args.by, correct=args.correct)
                changed += made.changed
            except ConfigError as error:
                why = str(error)
        if why:
            wrong.append(row._replace(why=why))
    return changed, wrong


# ---- status


def _status(args: argparse.Namespace) -> int:
    lang: Lang = "en" if args.lang == "en" else "id"
    with opened(args) as desk:
        told = desk.audit.progress(month(args, desk))
    if args.json:
        show_json(told)
        return 0
    say(
        args,
        f"{told.period}: {told.drawn} diundi, {told.marked} dibaca, {told.twice} oleh dua orang",
        f"{told.period}: {told.drawn} drawn, {told.marked} read, {told.twice} by two persons",
    )
    if told.twice:
        labels = {item.name: item.label(lang) for item in ITEMS}
        head = (("butir penilaian", "n", "sepakat", "kappa"), ("item", "n", "agreed", "kappa"))
        table(
            head[lang == "en"],
            [
                (
                    labels[each.name],
                    str(each.n),
                    "-" if each.share is None else f"{100 * each.share:.0f} %",
                    "-" if each.kappa is None else number(each.kappa, lang),
                )
                for each in told.agreement
            ],
        )
    return 0
