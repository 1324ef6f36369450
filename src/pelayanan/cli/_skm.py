"""The survey beside the index: a table of its own, for it measures something else."""

import argparse

from pelayanan.cli.work import say, table
from pelayanan.score.explain import Lang, number
from pelayanan.score.skm import SkmResult

__all__ = ["show_skm"]


def show_skm(args: argparse.Namespace, found: dict[str, SkmResult], names: dict[str, str]) -> None:
    """Index and class of each agency's survey, and what rounded weights would make of it."""
    lang: Lang = "en" if args.lang == "en" else "id"
    told = (
        ("perangkat daerah", "responden", "SKM", "mutu", "bobot 0,11"),
        ("agency", "respondents", "SKM", "class", "weights 0.11"),
    )[lang == "en"]
    print()
    table(told, [_row(names.get(key, key), one, lang) for key, one in found.items()])
    say(
        args,
        "Survei Kepuasan Masyarakat (PermenPANRB 14/2017), bobot 1/9: ukuran lain dari IDT, tidak "
        "pernah digabung.",
        "Survey of satisfaction (PermenPANRB 14/2017), weights 1/9: not the same measure as the "
        "index, and never mixed into it.",
    )


def _row(name: str, one: SkmResult, lang: Lang) -> tuple[str, ...]:
    exact, rounded = (number(float(x), lang) for x in (one.index, one.index_rounded_weights))
    return name, str(one.respondents), exact, one.quality, rounded
