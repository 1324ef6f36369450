"""``verify`` and ``forget``."""

import argparse

from pelayanan.cli.work import add_config, locked, opened, say, show_json

__all__ = ["add_forget", "add_verify", "run_forget", "run_verify"]


def add_verify(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)


def run_verify(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        wrong, counts, heads = desk.verify(), desk.store.counts(), desk.store.heads()
    if args.json:
        show_json({"ok": not wrong, "wrong": wrong, "heads": heads, **counts})
    else:
        for line in wrong:
            print(line)
        say(
            args,
            f"{counts['events']} catatan, {counts['cases']} perkara: "
            + (f"{len(wrong)} KESALAHAN" if wrong else "rantai utuh")
            + f"\nsidik {heads}",
            f"{counts['events']} events, {counts['cases']} cases: "
            + (f"{len(wrong)} ERRORS" if wrong else "all chains hold")
            + f"\ndigest {heads}",
        )
    return 1 if wrong else 0


def add_forget(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    parser.add_argument("platform", help="mastodon, bluesky, email …")
    told = ("nama akun atau id orang itu", "the person's handle or id")[lang == "en"]
    parser.add_argument("author", help=told)


def run_forget(args: argparse.Namespace) -> int:
    with locked(args), opened(args) as desk:
        emptied = desk.forget(args.platform, args.author)
    if args.json:
        show_json({"forgotten": emptied})
    elif emptied:
        say(args, f"{emptied} pesan dikosongkan", f"{emptied} messages emptied")
    else:
        say(
            args,
            "0 pesan dikosongkan: nama atau id ini tidak ada di sana, atau sudah dihapus"
            "\n  → nama akun ada di `pelayanan case ID --show`",
            "0 messages emptied: this handle or id is not there, or was forgotten before"
            "\n  → handles are in `pelayanan case ID --show`",
        )
    return 0
