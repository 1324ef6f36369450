"""``init`` and ``check``: from nothing to accounts that work."""

import argparse
from collections.abc import Callable
from pathlib import Path

from pelayanan.cli.work import add_config, opened, pick, say, show_json, table
from pelayanan.errors import ConfigError, PelayananError, PlatformError, UnsupportedError
from pelayanan.models import Check, Finding

__all__ = ["add_check", "add_init", "run_check", "run_init"]

_HEADS = {
    "id": ("akun", "platform", "periksa", "hasil", "keterangan"),
    "en": ("account", "platform", "checked", "result", "remark"),
}
_SAMPLE = """\
# Konfigurasi pelayanan. Rahasia tidak ditulis di sini: "env:NAMA", "file:JALUR" atau
# "keyring:LAYANAN/PENGGUNA".
[province]
name = "Provinsi Contoh"
timezone = "Asia/Jakarta"            # WIB; WITA: Asia/Makassar; WIT: Asia/Jayapura

[store]
url = "sqlite:///pelayanan.db"       # banyak penulis: "postgresql://pengguna@server/basisdata"

[[agencies]]
key = "dinsos"
name = "Dinas Sosial"
topics = ["bansos", "lansia", "disabilitas"]

# Hapus tanda # dan isi satu akun untuk mulai:
# [[accounts]]
# key = "dinsos-bsky"
# agency = "dinsos"
# platform = "bluesky"
# handle = "dinsos.contoh.go.id"
# password = "env:DINSOS_BSKY"       # sandi aplikasi, bukan sandi utama
#
# [[accounts]]
# key = "dinsos-mastodon"
# agency = "dinsos"
# platform = "mastodon"
# server = "https://sosial.contoh.go.id"
# token = "env:DINSOS_MASTODON"
#
# [[accounts]]
# key = "dinsos-mail"
# agency = "dinsos"
# platform = "email"
# address = "layanan@dinsos.contoh.go.id"
# password = "env:DINSOS_MAIL"
# imap = "imap.contoh.go.id:993"
# smtp = "smtp.contoh.go.id:465"
"""


def add_init(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)


def run_init(args: argparse.Namespace) -> int:
    place = Path(args.config)
    if not place.parent.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(_SAMPLE)
    except FileExistsError:
        raise ConfigError(f"{place} is there already: it was left as it is") from None
    if args.json:
        show_json({"config": str(place)})
    else:
        say(
            args,
            f"{place} dibuat. Isi satu akun, lalu: pelayanan check",
            f"{place} is made. Fill in one account, then: pelayanan check",
        )
    return 0


def add_check(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    told = ("hanya akun ini", "only this account")[lang == "en"]
    parser.add_argument("account", nargs="*", help=told)


def run_check(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        known = [account.key for account in desk.config.accounts]
        if strange := [key for key in args.account if key not in known]:
            raise ConfigError(
                f"no account {strange[0][:40]!r}; there are {', '.join(sorted(known))}"
            )
        checks = {key: _check(desk.check, key) for key in args.account or known}
    if args.json:
        show_json({key: check.model_dump(mode="json") for key, check in checks.items()})
    elif not checks:
        say(args, "belum ada akun di konfigurasi", "the configuration has no account yet")
    else:
        rows = [
            (
                key,
                check.platform,
                found.name,
                "ok" if found.ok else pick(args, "GAGAL", "FAILED"),
                _told(found),
            )
            for key, check in checks.items()
            for found in check.findings
        ]
        table(_HEADS[args.lang], rows)
    return 0 if all(check.ok for check in checks.values()) else 1


def _told(found: Finding) -> str:
    return f"{found.detail} → {found.remedy}" if found.remedy else found.detail


def _check(check: Callable[[str], Check], key: str) -> Check:
    """One account's findings; an error is a finding, so that the others are looked at too."""
    try:
        return check(key)
    except UnsupportedError as error:
        return Check(
            platform="",
            handle=key,
            findings=(Finding(name="check", ok=True, detail=str(error)),),
        )
    except PelayananError as error:
        remedy = error.remedy if isinstance(error, PlatformError) else ""
        finding = Finding(name="account", ok=False, detail=str(error), remedy=remedy)
        return Check(platform="", handle=key, findings=(finding,))
