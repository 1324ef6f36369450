"""``tally`` and ``merge``: counts that provinces hand on, without a citizen's data."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from pelayanan.cli.scoring import add_month, month
from pelayanan.cli.work import add_config, opened, say, show_json
from pelayanan.drivers.vault import secret
from pelayanan.errors import ConfigError
from pelayanan.score import Tally, score_tally
from pelayanan.score.signing import public_key, read_trusted

__all__ = ["add_merge", "add_tally", "run_merge", "run_tally"]


_ENGINES = ("numpy", "sql", "duckdb", "spark")


def add_tally(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_month(parser, lang)
    _add_output(parser, lang)
    told = ("buat kunci tanda tangan, lalu selesai", "make a key to sign with, and do no more")
    parser.add_argument("--new-key", type=Path, metavar="FILE", help=told[lang == "en"])
    english = lang == "en"
    told = (
        "penghitung: numpy (bawaan); sql, di basis data; duckdb, spark: berkas di --input",
        "what counts: numpy (default); sql, in the database; duckdb, spark: files of --input",
    )
    parser.add_argument("--engine", choices=_ENGINES, default="numpy", help=told[english])
    told = ("folder berkas Parquet", "folder of Parquet files")
    parser.add_argument("--input", type=Path, metavar="FOLDER", help=told[english])
    told = (
        "tulis bacaan bulan itu ke folder sebagai Parquet, tanpa menghitung",
        "write the month's readings into a folder as Parquet, count nothing",
    )
    parser.add_argument("--export", type=Path, metavar="FOLDER", help=told[english])


def run_tally(args: argparse.Namespace) -> int:
    from pelayanan.desk.engines import export, tally_by  # noqa: PLC0415  loads numpy

    if args.new_key:
        return _new_key(args, args.new_key)
    with opened(args) as desk:
        period = month(args, desk)
        if args.export is not None:
            return _exported(args, export(desk, period, args.export))
        tally = tally_by(desk, period, args.engine, args.input)
    place = args.output or Path(f"hitungan-{period}.json")
    return _saved(args, tally, place)


def _exported(args: argparse.Namespace, size: int) -> int:
    if args.json:
        show_json({"folder": str(args.export), "readings": size})
    else:
        say(args, f"{args.export}: {size} bacaan", f"{args.export}: {size} readings")
    return 0


def add_merge(parser: argparse.ArgumentParser, lang: str) -> None:
    told = ("berkas hitungan", "tally files")
    parser.add_argument("tallies", nargs="+", type=Path, help=told[lang == "en"])
    _add_output(parser, lang)
    told = (
        "hanya yang ditandatangani kunci di berkas ini: satu per baris, lalu provinsinya",
        "only what the keys of this file signed: one a line, then its province",
    )
    parser.add_argument("--trusted", type=Path, metavar="FILE", help=told[lang == "en"])


def run_merge(args: argparse.Namespace) -> int:
    """Add the counts; different definitions or a case counted twice are refused."""
    trusted = read_trusted(_text(args.trusted)) if args.trusted else None
    whole = _sum([Tally.load(place, trusted=trusted) for place in args.tallies])
    if whole.counts:  # what may not be added is refused before anything is written
        score_tally(whole, by="province")
    return _saved(args, whole, args.output or Path("hitungan.json"))


def _sum(tallies: Sequence[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        if same := set(whole.counts) & set(tally.counts):
            key = min(same)
            raise ConfigError(
                f"counted twice: {key.agency}, {key.kind}, {key.channel}, {key.period} "
                "is in two of the files"
            )
        whole += tally
    return whole


def _add_output(parser: argparse.ArgumentParser, lang: str) -> None:
    told = ("berkas hasil (JSON)", "file to write (JSON)")
    parser.add_argument("--output", "-o", type=Path, help=told[lang == "en"])
    told = ("tanda tangani dengan kunci ini", "sign it with this key")
    form = "env:NAME|file:PATH|keyring:SERVICE/USER"
    parser.add_argument("--sign", metavar=form, help=told[lang == "en"])


def _new_key(args: argparse.Namespace, place: Path) -> int:
    """Make a private key that only its owner can read, and show the public one."""
    made = _made()
    try:
        with open(place, "x", opener=lambda name, how: os.open(name, how, 0o600)) as file:
            file.write(made)
    except FileExistsError:
        raise ConfigError(f"{place} is there already: choose another name") from None
    public = public_key(made)
    if args.json:
        show_json({"key": str(place), "public": public})
    else:
        say(
            args,
            f"{place}: rahasia, simpan baik-baik. Kunci publik untuk yang menjumlahkan:\n{public}",
            f"{place}: secret, keep it well. Public key, for whoever adds the tallies:\n{public}",
        )
    return 0


def _made() -> str:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  same
    except ModuleNotFoundError:
        raise ConfigError("signatures: pip install 'pelayanan[sign]'") from None
    plain = serialization.NoEncryption()
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    return ed25519.Ed25519PrivateKey.generate().private_bytes(*form).decode()


def _text(place: Path) -> str:
    try:
        return place.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{place} is no text: one public key a line") from None


def _saved(args: argparse.Namespace, tally: Tally, place: Path) -> int:
    tally.save(place, key=secret(args.sign) if args.sign else None)
    n = sum(counts.get("n", 0) for _, counts in tally)
    if args.json:
        show_json({"tally": str(place), "n": n, "digest": tally.digest})
    else:
        say(args, f"{place}: n = {n}, sidik {tally.digest}", f"{place}: n = {n}, {tally.digest}")
    return 0
