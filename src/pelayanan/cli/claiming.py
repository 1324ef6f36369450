"""``claims``: what an agency says to its own advantage, until somebody outside confirms it."""

import argparse

from pelayanan.cases import Claim, Confirmed
from pelayanan.cli.work import add_by, add_config, opened, say, show_json, table, when
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError
from pelayanan.store.audits import is_insider

__all__ = ["add_claims", "run_claims"]

_HEADS = {
    "id": ("perkara", "klaim", "isi", "oleh", "saat", "kunci"),
    "en": ("case", "claim", "content", "by", "at", "key"),
}


def add_claims(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_by(parser, lang)
    english = lang == "en"
    told = ("kunci klaim yang diputuskan", "keys of the claims to decide")[english]
    parser.add_argument("key", nargs="*", help=told)
    parser.add_argument(
        "--side",
        choices=["province", "receiver", "citizen"],
        default="province",
        help=("atas nama siapa (bawaan: provinsi)", "for whom (default: the province)")[english],
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--agree", action="store_true", help=("setujui", "confirm it")[english])
    which.add_argument("--refuse", action="store_true", help=("tolak", "refuse it")[english])


def run_claims(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        waiting = [claim.masked() for claim in desk.claims()]
        if args.key:
            return _decide(args, desk, waiting)
        if args.json:
            for claim in waiting:
                show_json(claim)
            return 0
        rows = [
            (each.case_id, each.what, each.detail, each.by, when(desk, each.at), each.key)
            for each in waiting
        ]
    if rows:
        table(_HEADS[args.lang], rows)
    else:
        say(args, "tidak ada klaim yang menunggu", "no claim waits")
    return 0


def _decide(args: argparse.Namespace, desk: Desk, waiting: list[Claim]) -> int:
    known = {claim.key: claim for claim in waiting}
    for key in args.key:
        if key not in known:
            raise ConfigError(f"no claim {key[:60]!r} waits: see `pelayanan claims`")
        if _is_inside(desk, args.by, known[key].case_id):
            raise ConfigError(
                f"{args.by!r} works on this case or writes for its agency: somebody outside the "
                "agency decides"
            )
    if not (args.agree or args.refuse):
        raise ConfigError("say --agree or --refuse")
    for key in args.key:
        _record(args, desk, known[key])
    return 0


def _is_inside(desk: Desk, who: str, case_id: str) -> bool:
    with desk.store.reading() as connection:
        return is_insider(connection, who, case_id, desk.case(case_id).agency)


def _record(args: argparse.Namespace, desk: Desk, claim: Claim) -> None:
    told = Confirmed(claim=claim.key, agreed=args.agree, side=args.side, by=args.by)
    case = desk.record(claim.case_id, told)
    if args.json:
        show_json(case.masked())
    else:
        say(args, f"{claim.case_id}: diputuskan", f"{claim.case_id}: decided")
