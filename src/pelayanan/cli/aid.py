"""``aid``: log, list, attach, publish."""

import argparse
from pathlib import Path

from pelayanan.aid import AidEvent, Consent
from pelayanan.cli._aid_input import add_event, events_of
from pelayanan.cli._parser import Parser
from pelayanan.cli.replies import result
from pelayanan.cli.scoring import add_month, month
from pelayanan.cli.texts import text
from pelayanan.cli.work import (
    add_by,
    add_config,
    add_show,
    local,
    opened,
    say,
    show_json,
    table,
    text_of,
    when,
)
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError

__all__ = ["add_aid", "run_aid"]

_KEEP = argparse.SUPPRESS
_HEADS = {
    "id": (
        "kegiatan",
        "waktu",
        "perangkat daerah",
        "wilayah",
        "barang",
        "dana",
        "keadaan",
        "bukti",
    ),
    "en": ("event", "at", "agency", "region", "items", "funding", "status", "evidence"),
}
_ACTIONS = {
    "log": ("catat satu kegiatan, atau banyak dari JSON", "log an event, or many from JSON"),
    "list": ("daftar kegiatan sebulan", "list the events of a month"),
    "attach": ("lampirkan foto atau video", "attach a photo or video"),
    "publish": ("terbitkan di akun perangkat daerah", "publish on an agency's account"),
}


def add_aid(parser: Parser, lang: str) -> None:
    """One parser an action."""
    english = lang == "en"
    add_config(parser, lang)
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    adds = {"log": _add_log, "list": _add_list, "attach": _add_attach, "publish": _add_publish}
    for name, add in adds.items():
        told = _ACTIONS[name][english]
        made = actions.add_parser(name, help=told, description=told, lang=lang)
        # here too, where people put them; what stood before the action is kept
        made.add_argument("--json", action="store_true", default=_KEEP, help=text("json", lang))
        made.add_argument("--config", default=_KEEP, help=text("config", lang))
        add(made, lang)


def run_aid(args: argparse.Namespace) -> int:
    runs = {"log": _log, "list": _list, "attach": _attach, "publish": _publish}
    return runs[args.action](args)


# ---- log and list


def _add_log(parser: argparse.ArgumentParser, lang: str) -> None:
    add_by(parser, lang)
    add_show(parser, lang)
    add_event(parser, lang)


def _log(args: argparse.Namespace) -> int:
    """Log what was given; an event that is there already stays as it is."""
    with opened(args) as desk:
        events = events_of(args, desk.config)
        for event in events:  # all of them before one is logged
            desk.aid.check(event)
        for event in events:
            _show(args, desk, desk.aid.log(event))
    return 0


def _add_list(parser: argparse.ArgumentParser, lang: str) -> None:
    add_month(parser, lang)
    add_show(parser, lang)


def _list(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        events = desk.aid.events(month(args, desk))
        if args.json:
            for event in events:
                _show(args, desk, event)
        elif events:
            table(_HEADS[args.lang], [_row(args, desk, event) for event in events])
        else:
            say(args, "belum ada kegiatan di bulan itu", "no event in that month")
    return 0


def _show(args: argparse.Namespace, desk: Desk, event: AidEvent) -> None:
    if args.json:
        show_json(event if args.show else event.masked())
    else:
        print("  ".join(_row(args, desk, event)))


def _row(args: argparse.Namespace, desk: Desk, event: AidEvent) -> tuple[str, ...]:
    shown = event if args.show else event.masked()
    items = ", ".join(f"{item.name} {item.quantity:f} {item.unit}" for item in event.items)
    at = when(desk, event.occurred_at)
    said = (event.funding.value, event.status.value, str(len(event.media)))
    return (event.id, at, event.agency, shown.region, items, *said)


# ---- attach


def _add_attach(parser: argparse.ArgumentParser, lang: str) -> None:
    english = lang == "en"
    parser.add_argument("event", help=("kegiatan, dari `aid list`", "from `aid list`")[english])
    parser.add_argument("file", type=Path, help=("foto atau video", "photo or video")[english])
    told = ("apa yang terlihat, bagi yang tidak dapat melihat", "what it shows, in words")
    parser.add_argument("--alt", required=True, help=told[english])
    who = parser.add_mutually_exclusive_group(required=True)
    told = ("tidak ada orang yang dapat dikenali", "nobody can be recognised")
    who.add_argument("--no-person", action="store_true", help=told[english])
    told = ("siapa yang setuju: inisial atau peran", "who agreed: initials or role")
    who.add_argument("--consent-by", metavar="NAME", help=told[english])
    told = ("bagaimana: dibacakan dijawab ya, formulir …", "how: read aloud, signed form …")
    parser.add_argument("--how", default="", help=told[english])
    told = ("untuk apa: store,report,publish", "what for: store,report,publish")
    parser.add_argument("--scope", default="", help=told[english])
    told = ("kapan (bawaan: waktu kegiatan)", "when (default: at the event)")
    parser.add_argument("--consent-at", metavar="TIME", help=told[english])
    parser.add_argument(
        "--minor", action="store_true", help=("tampak anak", "a child is seen")[english]
    )


def _attach(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        consent = _consent(args, desk, desk.aid.get(args.event))
        medium = desk.aid.attach(args.event, args.file, alt=args.alt, consent=consent)
    if args.json:
        show_json(medium)
    else:
        place = medium.sha256[:12]
        say(args, f"{place} tersimpan tanpa lokasi", f"{place} kept, without its place")
    return 0


def _consent(args: argparse.Namespace, desk: Desk, event: AidEvent) -> Consent | None:
    if args.no_person:
        if args.how or args.scope or args.minor or args.consent_at:
            raise ConfigError("--no-person needs no consent: leave its options out")
        return None
    if not args.how or not args.scope:
        raise ConfigError("a consent needs --how and --scope, such as --scope store,report")
    at = local(desk.config, args.consent_at) if args.consent_at else event.occurred_at
    return Consent.model_validate(
        {
            "given_by": args.consent_by,
            "how": args.how,
            "given_at": at,
            "scope": frozenset(args.scope.replace(" ", "").split(",")),
            "minor": args.minor,
        }
    )


# ---- publish


def _add_publish(parser: argparse.ArgumentParser, lang: str) -> None:
    english = lang == "en"
    add_by(parser, lang)
    parser.add_argument("event", help=("kegiatan, dari `aid list`", "from `aid list`")[english])
    parser.add_argument("--account", required=True, help=("akun", "the account")[english])
    told = ("teks; - dari masukan baku", "the text; - reads standard input")
    parser.add_argument("--text", required=True, help=told[english])
    told = ("gambar yang ditampilkan (bawaan: semua)", "pictures to show (default: all)")
    parser.add_argument("--media", action="append", metavar="SHA256", help=told[english])


def _publish(args: argparse.Namespace) -> int:
    """Publish once, through the ledger; exit codes as those of ``reply``."""
    with opened(args) as desk:
        draft = desk.aid.publish(
            args.event, account=args.account, text=text_of(args.text), by=args.by, media=args.media
        )
    return result(args, draft)
