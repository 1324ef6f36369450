"""``sync``."""

import argparse
from collections.abc import Callable
from contextlib import ExitStack

from pelayanan.cli.work import add_config, is_watched, locked, opened, say, show_json, table
from pelayanan.desk.sync import Progress, SyncReport

__all__ = ["add_sync", "run_sync"]


def add_sync(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)


def run_sync(args: argparse.Namespace) -> int:
    """Fetch; 75 where platforms only asked to come back later."""
    with locked(args), opened(args) as desk, ExitStack() as stack:
        report = desk.sync(_progress(args, stack))
    if args.json or not is_watched():
        for account in report.accounts:
            show_json({"event": "account", **account.model_dump(mode="json")})
        for watch in report.watches:
            show_json({"event": "watch", **watch.model_dump(mode="json")})
        show_json({"event": "sync", "new": report.new, "failed": len(report.failed)})
    else:
        _show(args, report)
    if report.failed and all(each.later for each in report.failed):
        return 75
    return 1 if report.failed else 0


def _show(args: argparse.Namespace, report: SyncReport) -> None:
    rows = [
        (
            each.account,
            each.platform,
            str(each.fetched),
            str(each.new),
            str(each.answers),
            str(each.unreadable),
            f"{each.failed} → {each.remedy}" if each.failed else "; ".join(each.notes) or "ok",
        )
        for each in (*report.accounts, *report.watches)
    ]
    heads = {
        "id": ("akun", "platform", "diambil", "baru", "jawaban", "rusak", "keterangan"),
        "en": ("account", "platform", "fetched", "new", "answers", "unreadable", "remark"),
    }
    table(heads[args.lang], rows)
    say(args, f"{report.new} pesan baru", f"{report.new} new messages")


def _progress(args: argparse.Namespace, stack: ExitStack) -> Callable[[Progress], None]:
    """A progress bar on a terminal, one JSON line an event otherwise."""
    if args.json or not is_watched():
        return _line
    try:
        from rich.progress import Progress as Bar  # noqa: PLC0415  an extra
        from rich.progress import TaskID  # noqa: PLC0415
    except ModuleNotFoundError:
        return lambda _: None
    bar = stack.enter_context(Bar(transient=True))
    tasks: dict[str, TaskID] = {}

    def step(done: Progress) -> None:
        if done.account not in tasks:
            tasks[done.account] = bar.add_task(done.account, total=None)
        task = tasks[done.account]
        if done.stream == "done":
            bar.update(task, total=1, completed=1)
        else:
            bar.advance(task, done.items)

    return step


def _line(done: Progress) -> None:
    if done.stream != "done":
        show_json(
            {
                "event": "page",
                "account": done.account,
                "stream": done.stream,
                "items": done.items,
                "new": done.new,
            }
        )
