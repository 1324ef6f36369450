"""``tally`` and ``merge``: counts that provinces hand on, without a citizen's data."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pelayanan.cli.scoring import add_month, month
from pelayanan.cli.work import add_config, opened, say, show_json
from pelayanan.errors import ConfigError, StoreError
from pelayanan.score import Tally, score_tally

__all__ = ["add_merge", "add_tally", "run_merge", "run_tally"]


def add_tally(parser: argparse.ArgumentParser, lang: str) -> None:
    add_config(parser, lang)
    add_month(parser, lang)
    _add_output(parser, lang)


def run_tally(args: argparse.Namespace) -> int:
    with opened(args) as desk:
        period = month(args, desk)
        tally = desk.tally(period)
    place = args.output or Path(f"hitungan-{period}.json")
    return _saved(args, tally, place)


def add_merge(parser: argparse.ArgumentParser, lang: str) -> None:
    told = ("berkas hitungan", "tally files")
    parser.add_argument("tallies", nargs="+", type=Path, help=told[lang == "en"])
    _add_output(parser, lang)


def run_merge(args: argparse.Namespace) -> int:
    """Add the counts; different definitions or a case counted twice are refused."""
    whole = _sum([Tally.load(place) for place in args.tallies])
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


def _saved(args: argparse.Namespace, tally: Tally, place: Path) -> int:
    try:
        tally.save(place)
    except OSError as error:
        raise StoreError(f"{place} cannot be written: {error.strerror}") from None
    n = sum(counts.get("n", 0) for _, counts in tally)
    if args.json:
        show_json({"tally": str(place), "n": n, "digest": tally.digest})
    else:
        say(args, f"{place}: n = {n}, sidik {tally.digest}", f"{place}: n = {n}, {tally.digest}")
    return 0
