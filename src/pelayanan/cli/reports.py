"""``report`` and ``brief``."""

import argparse
from pathlib import Path

from pelayanan.cli.mailing import mail_report
from pelayanan.cli.scoring import add_month, month
from pelayanan.cli.work import add_by, add_config, opened, show_json
from pelayanan.report import brief, monthly

__all__ = ["add_brief", "add_report", "run_brief", "run_report"]


def add_report(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_month(parser, lang)
    told = (
        "berkas: .html, .csv atau .txt (bawaan: laporan-BULAN.html)",
        "file: .html, .csv or .txt (default: laporan-MONTH.html)",
    )
    parser.add_argument("--output", type=Path, help=told[lang == "en"])
    told = (
        "kirim sekali ke alamat ini (a@x,b@y), dengan skor; diulang tidak mengirim dua kali",
        "mail it once to these addresses (a@x,b@y), with the score; again sends nothing twice",
    )
    parser.add_argument(
        "--mail-to",
        metavar=("ALAMAT", "ADDRESS")[lang == "en"],
        default="",
        help=told[lang == "en"],
    )
    told = ("akun pengirim (bawaan: [report] account)", "the account that sends it")
    parser.add_argument("--from", dest="account", default="", help=told[lang == "en"])
    add_by(parser, lang)


def run_report(args: argparse.Namespace) -> int:
    if args.mail_to:
        with opened(args) as desk:
            return mail_report(args, desk, month(args, desk))
    with opened(args) as desk:
        period = month(args, desk)
        place = monthly(desk, period).save(args.output or Path(f"laporan-{period}.html"))
    if args.json:
        show_json({"report": str(place), "period": period.name})
    else:
        print(place)
    return 0


def add_brief(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)


def run_brief(args: argparse.Namespace) -> int:
    """Say how things stand this morning; nobody's name, text or number is in it."""
    with opened(args) as desk:
        report = brief(desk)
    facts = report.facts
    if args.json:
        show_json(
            {
                "period": facts.period,
                "as_of": facts.as_of.isoformat(),
                "open": facts.open,
                "overdue": facts.overdue,
                "aid": len(facts.aid),
                "silent": [account for account, _ in facts.silent],
                "text": report.text(),
            }
        )
    else:
        print(report.text(), end="")
    return 0
