"""``reply``, ``draft``, ``approve``, ``send`` and ``settle``."""

import argparse
from collections.abc import Iterable
from datetime import date

from pelayanan.cases import Promise
from pelayanan.cli.work import add_by, add_config, locked, opened, say, show_json, text_of
from pelayanan.errors import ConfigError
from pelayanan.reply.draft import Draft, DraftState

__all__ = [
    "add_approve",
    "add_draft",
    "add_reply",
    "add_send",
    "add_settle",
    "code_of",
    "result",
    "run_approve",
    "run_draft",
    "run_reply",
    "run_send",
    "run_settle",
    "show_draft",
    "unsaid",
]


def add_reply(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_by(parser, lang)
    english = lang == "en"
    told = ("perkara, dari `pelayanan cases`", "the case, from `pelayanan cases`")
    parser.add_argument("case", help=told[english])
    told = ("teks jawaban; - dari masukan baku", "the answer; - reads standard input")
    parser.add_argument("text", help=told[english])
    told = (
        "tanggal langkah yang dijanjikan teks: 2026-11-30",
        "date of the promised step",
    )
    parser.add_argument(
        "--promise", metavar=("TANGGAL", "DATE")[english], default="", help=told[english]
    )
    told = ("unit yang mengerjakannya, seperti di teks", "the unit that does it, as in the text")
    parser.add_argument("--unit", default="", help=told[english])


def _promise(args: argparse.Namespace) -> Promise | None:
    if not args.promise:
        if args.unit:
            raise ConfigError("--unit goes with --promise DATE")
        return None
    try:
        return Promise(due=date.fromisoformat(args.promise), unit=args.unit.strip())
    except ValueError:
        raise ConfigError(f"{args.promise[:30]!r} is no date such as 2026-11-30") from None


def run_reply(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        draft = desk.reply(args.case, text_of(args.text), by=args.by, promise=_promise(args))
    return result(args, draft)


def add_draft(parser: argparse.ArgumentParser, lang: str) -> None:
    add_reply(parser, lang)
    told = ("tidak dihitung sebagai jawaban", "will not count as an answer")[lang == "en"]
    parser.add_argument("--not-substantive", action="store_true", help=told)


def run_draft(args: argparse.Namespace) -> int:
    substantive = False if args.not_substantive else None
    with opened(args) as desk:
        draft = desk.draft(
            args.case,
            text_of(args.text),
            by=args.by,
            substantive=substantive,
            promise=_promise(args),
        )
    show_draft(args, draft)
    return 0


def add_approve(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_by(parser, lang)
    _add_draft_id(parser, lang)


def run_approve(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        draft = desk.approve(args.draft, by=args.by)
    show_draft(args, draft)
    return 0


def add_send(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    told = ("hanya tampilkan yang menunggu", "only list what waits")[lang == "en"]
    parser.add_argument("--list", action="store_true", help=told)


def run_send(args: argparse.Namespace) -> int:
    """Send; 1 where a person is needed, 75 where something only waits for a platform."""
    if args.list:
        with opened(args) as desk:
            states = [state for state in DraftState if not state.done]
            found = [draft for state in states for draft in desk.outbox(state=state)]
        for draft in sorted(found, key=lambda each: (each.created_at, each.id)):
            show_draft(args, draft)
        return 0
    with locked(args), opened(args) as desk:
        report = desk.send()
    for draft in report.drafts:
        show_draft(args, draft)
    return code_of(report.drafts)


def add_settle(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_by(parser, lang)
    _add_draft_id(parser, lang)
    which = parser.add_mutually_exclusive_group(required=True)
    english = lang == "en"
    which.add_argument("--sent", action="store_true", help=("sudah sampai", "it arrived")[english])
    which.add_argument(
        "--not-sent", action="store_true", help=("belum sampai", "it did not arrive")[english]
    )


def run_settle(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        draft = desk.settle(args.draft, sent=args.sent, by=args.by)
    show_draft(args, draft)
    return 0


def _add_draft_id(parser: argparse.ArgumentParser, lang: str) -> None:
    told = ("konsep, dari `pelayanan send --list`", "the draft, from `pelayanan send --list`")
    parser.add_argument("draft", help=told[lang == "en"])


def result(args: argparse.Namespace, draft: Draft) -> int:
    """Show a draft that should have gone out; returns the exit code."""
    show_draft(args, draft)
    return code_of([draft])


def code_of(drafts: Iterable[Draft]) -> int:
    """The exit code of drafts that should have gone out: 1 where a person is needed."""
    left = [draft for draft in drafts if not draft.state.done]
    if any(draft.needs or draft.state is DraftState.REFUSED for draft in left):
        return 1
    return 75 if left else 0


def show_draft(args: argparse.Namespace, draft: Draft) -> None:
    """Where a draft stands and what it needs. Numbers in its text are masked."""
    if args.json:
        shown = draft.masked()
        show_json(draft.model_copy(update={"text": shown.text, "parts": shown.parts}))
        return
    where = f"  {draft.sent_url}" if draft.sent_url else ""
    to = f"  {draft.recipient}" if draft.recipient else ""
    print(f"{draft.id}  [{draft.state}]{to}{where}")
    if draft.parts:
        stand, all_ = sum(each.sent is not None for each in draft.parts), len(draft.parts)
        say(
            args,
            f"  {all_} bagian, {stand} sudah terkirim",
            f"  in {all_} parts, {stand} sent so far",
        )
    if draft.error:
        print(f"  {draft.error}" + (f" → {draft.remedy}" if draft.remedy else ""))
    for need in unsaid(draft):
        say(args, f"  perlu: {need}", f"  needs: {need}")


def unsaid(draft: Draft) -> list[str]:
    """What a draft needs, beside what its error and remedy say."""
    return [need for need in draft.needs if need not in {draft.error, draft.remedy}]
