"""``score verify``: what another program found, held to the conformance vectors."""

import argparse
import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pelayanan.cli.work import plain, say, show_json
from pelayanan.errors import ConfigError
from pelayanan.score.conformance import judge

__all__ = ["run_verify"]

_OUTPUT = TypeAdapter[dict[str, Any]](dict[str, Any])


def run_verify(args: argparse.Namespace) -> int:
    """Compare and print each disagreement; 1 if there is one, or a vector is missing."""
    verdict = judge(dict(_outputs(args.vectors)))
    wrong = sum(map(len, verdict.differences.values()))
    if args.json:
        told = {
            name: [each._asdict() for each in found] for name, found in verdict.differences.items()
        }
        show_json({**verdict.model_dump(), "holds": verdict.holds, "differences": told})
        return 0 if verdict.holds else 1
    for name, found in verdict.differences.items():
        for each in found:
            expected, got = json.dumps(each.expected), json.dumps(each.got)
            say(
                args,
                plain(f"{name}: {each.path}: seharusnya {expected}, ternyata {got}"),
                plain(f"{name}: {each.path}: expected {expected}, got {got}"),
            )
    for name in verdict.missing:
        say(args, f"{name}: tidak ada keluaran", f"{name}: no output")
    agree, missing = len(verdict.agree), len(verdict.missing)
    say(
        args,
        f"{verdict.vectors} vektor: {agree} cocok, {len(verdict.differences)} berbeda "
        f"({wrong} nilai), {missing} tidak ada",
        f"{verdict.vectors} vectors: {agree} agree, {len(verdict.differences)} differ "
        f"({wrong} values), {missing} missing",
    )
    return 0 if verdict.holds else 1


def _outputs(place: Path) -> Iterator[tuple[str, Any]]:
    """By name of the vector: from a folder of files NAME.json, or from one file of all."""
    if place.is_dir():
        for each in sorted(place.glob("*.json")):
            told = _read(each)
            yield each.stem, told.get("expected", told)
        return
    yield from _read(place).items()


def _read(place: Path) -> dict[str, Any]:
    try:
        return _OUTPUT.validate_json(place.read_bytes().removeprefix(BOM_UTF8))
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise ConfigError(f"{place} holds no JSON object by name of vector: {why}") from None
