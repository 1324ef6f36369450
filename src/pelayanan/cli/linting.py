"""``lint``."""

import argparse
from datetime import UTC, datetime

from pelayanan.cli.work import add_config, open_config, say, show_json, text_of
from pelayanan.desk.accounts import build
from pelayanan.desk.config import Config
from pelayanan.errors import ConfigError
from pelayanan.protocol.capabilities import TextLimit
from pelayanan.reply.lint import lint

__all__ = ["add_lint", "run_lint"]

_SEVERITIES = {"id": {"stop": "berhenti", "warn": "perhatikan"}, "en": {}}


def add_lint(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    english = lang == "en"
    told = ("teks; - dari masukan baku", "the text; - reads standard input")
    parser.add_argument("text", help=told[english])
    told = ("batas panjang akun ini", "with the limits of this account")
    parser.add_argument("--account", help=told[english])
    told = ("hanya warga itu yang membacanya", "only the citizen will read it")
    parser.add_argument("--private", action="store_true", help=told[english])


def run_lint(args: argparse.Namespace) -> int:
    """Read a text; 1 where something stops it."""
    config = open_config(args)
    limits = _limits(config, args.account) if args.account else ()
    remarks = lint(
        text_of(args.text), limits=limits, private=args.private, allow=config.reply.own_contacts
    )
    for remark in remarks:
        if args.json:
            show_json(remark)
        else:
            severity = _SEVERITIES[args.lang].get(remark.severity, remark.severity)
            print(f"{severity}: {remark.message}")
    if not remarks and not args.json:
        say(args, "tidak ada catatan", "no remarks")
    return 1 if any(remark.severity == "stop" for remark in remarks) else 0


def _limits(config: Config, key: str) -> tuple[TextLimit, ...]:
    settings = next((each for each in config.accounts if each.key == key), None)
    if settings is None:
        raise ConfigError(f"no account {key!r}: see [[accounts]] in the configuration")
    return build(config, settings, clock=lambda: datetime.now(UTC)).capabilities.text
