"""``reply``, ``draft``, ``approve``, ``send`` and ``settle``."""

import argparse
import sys

from pelayanan.cli.work import add_by, add_config, locked, opened, say, show_json
from pelayanan.reply.draft import Draft, DraftState

__all__ = [
    "add_approve",
    "add_draft",
    "add_reply",
    "add_send",
    "add_settle",
    "run_approve",
    "run_draft",
    "run_reply",
    "run_send",
    "run_settle",
]


def add_reply(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_by(parser, lang)
    parser.add_argument("case")
    told = ("teks jawaban; - dari masukan baku", "the answer; - reads standard input")
    parser.add_argument("text", help=told[lang == "en"])


def run_reply(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        draft = desk.reply(args.case, _text(args), by=args.by)
    return _result(args, draft)


def add_draft(parser: argparse.ArgumentParser, lang: str) -> None:
    add_reply(parser, lang)
    told = ("tidak dihitung sebagai jawaban", "will not count as an answer")[lang == "en"]
    parser.add_argument("--not-substantive", action="store_true", help=told)


def run_draft(args: argparse.Namespace) -> int:
    substantive = False if args.not_substantive else None
    with opened(args) as desk:
        draft = desk.draft(args.case, _text(args), by=args.by, substantive=substantive)
    _show(args, draft)
    return 0


def add_approve(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_by(parser, lang)
    parser.add_argument("draft")


def run_approve(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        draft = desk.approve(args.draft, by=args.by)
    _show(args, draft)
    return 0


def add_send(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    told = ("hanya tampilkan yang menunggu", "only list what waits")[lang == "en"]
    parser.add_argument("--list", action="store_true", help=told)


def run_send(args: argparse.Namespace) -> int:
    """Send; 75 where something waits for a platform, 1 where a person is needed."""
    if args.list:
        with opened(args) as desk:
            for draft in desk.outbox():
                if not draft.state.done:
                    _show(args, draft)
        return 0
    with locked(args), opened(args) as desk:
        report = desk.send()
    for draft in report.drafts:
        _show(args, draft)
    if report.in_state(DraftState.REFUSED, DraftState.UNKNOWN):
        return 1
    return 75 if report.waiting else 0


def add_settle(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_by(parser, lang)
    parser.add_argument("draft")
    which = parser.add_mutually_exclusive_group(required=True)
    english = lang == "en"
    which.add_argument("--sent", action="store_true", help=("sudah sampai", "it arrived")[english])
    which.add_argument(
        "--not-sent", action="store_true", help=("belum sampai", "it did not arrive")[english]
    )


def run_settle(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        draft = desk.settle(args.draft, sent=args.sent, by=args.by)
    _show(args, draft)
    return 0


def _text(args: argparse.Namespace) -> str:
    return sys.stdin.read() if args.text == "-" else str(args.text)


def _result(args: argparse.Namespace, draft: Draft) -> int:
    _show(args, draft)
    if draft.state.done:
        return 0
    return 75 if draft.state is DraftState.APPROVED else 1


def _show(args: argparse.Namespace, draft: Draft) -> None:
    if args.json:
        show_json(draft)
        return
    where = f"  {draft.sent_url}" if draft.sent_url else ""
    print(f"{draft.id}  [{draft.state}]{where}")
    if draft.error:
        print(f"  {draft.error}" + (f" → {draft.remedy}" if draft.remedy else ""))
    for need in draft.needs:
        say(args, f"  perlu: {need}", f"  needs: {need}")
