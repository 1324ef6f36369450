"""Aid events as people type them, and as other systems hand them over."""

import argparse
import re
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pelayanan.aid import AidEvent, AidItem, Funding
from pelayanan.cli._parser import positive
from pelayanan.cli.work import local
from pelayanan.desk.config import Config
from pelayanan.errors import ConfigError

__all__ = ["add_event", "events_of"]

_OURS = {"recorded_at", "status", "media"}  # what the desk itself says of an event
_EVENTS = TypeAdapter[dict[str, Any] | list[dict[str, Any]]](dict[str, Any] | list[dict[str, Any]])
_YES, _NO = {"ya", "yes"}, {"tidak", "no"}
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,]\d{3})+")  # in Indonesia 1.000 is a thousand
_NEEDED = ("agency", "at", "region", "item", "funding", "voluntary")
_TEXTS = {
    "agency": ("perangkat daerah", "agency"),
    "unit": ("bidang atau kantor, bukan orang", "unit or office, no person"),
    "at": ("kapan, misalnya 2026-10-10T09:00", "when, such as 2026-10-10T09:00"),
    "region": ("kode desa Kemendagri: 17.71.01.1001", "Kemendagri code of the village"),
    "campaign": ("gerakan", "campaign"),
    "reason": ("lansia, disabilitas, isoman, phk, bencana", "group of need"),
    "story": ("cerita singkat tanpa nama", "a short story without names"),
    "inspired-by": ("kegiatan yang mendahului", "the event that prompted it"),
}


def add_event(parser: argparse.ArgumentParser, lang: str) -> None:
    """The options of ``aid log``."""
    english = lang == "en"
    told = ("kegiatan sebagai JSON; - dari masukan baku", "events as JSON; - is standard input")
    parser.add_argument("--file", metavar="JSON", help=told[english])
    for name, told in _TEXTS.items():
        parser.add_argument(f"--{name}", default="", help=told[english])
    told = ("barang, misalnya beras:10:kg:14000; boleh berulang", "item; may be repeated")
    form = "NAME:AMOUNT:UNIT[:RUPIAH]"
    parser.add_argument("--item", type=_item, action="append", metavar=form, help=told[english])
    for name, told in {
        "parcels": ("paket", "parcels"),
        "households": ("keluarga", "households"),
        "persons": ("orang", "persons"),
    }.items():
        parser.add_argument(f"--{name}", type=_count, default=0, help=told[english])
    told = ("sumber dana", "whose money")
    parser.add_argument("--funding", choices=[each.value for each in Funding], help=told[english])
    told = ("sukarela: ya atau tidak", "of their own will: yes or no")
    parser.add_argument("--voluntary", choices=sorted(_YES | _NO), help=told[english])
    told = ("diantar, atau dikumpulkan dulu", "to the door, or collected first")
    ways = ["door_to_door", "collected"]
    parser.add_argument("--channel", choices=ways, default=ways[0], help=told[english])


def events_of(args: argparse.Namespace, config: Config) -> list[AidEvent]:
    """The events that the options or the file tell; all of them are read before one is logged.

    Raises:
        ConfigError: Something is missing, unknown or wrong.
    """
    if args.file is None:
        return [_typed(args, config)]
    if given := [name for name in (*_TEXTS, "item", "funding", "voluntary") if _value(args, name)]:
        raise ConfigError(f"--{given[0]} and --file do not go together: say it in the file")
    return [_from_json(event, args.by) for event in _read(args.file)]


def _value(args: argparse.Namespace, name: str) -> Any:
    return getattr(args, name.replace("-", "_"))


def _typed(args: argparse.Namespace, config: Config) -> AidEvent:
    if missing := [f"--{name}" for name in _NEEDED if not _value(args, name)]:
        raise ConfigError(f"missing: {', '.join(missing)}; or --file with JSON")
    return AidEvent(
        agency=args.agency,
        unit=args.unit,
        occurred_at=local(config, args.at),
        region=args.region,
        channel=args.channel,
        campaign=args.campaign,
        items=tuple(args.item),
        parcels=args.parcels,
        households=args.households,
        persons=args.persons,
        funding=Funding(args.funding),
        voluntary=args.voluntary in _YES,
        reason=args.reason,
        story=args.story,
        inspired_by=args.inspired_by,
        recorded_by=args.by,
    )


def _count(word: str) -> int:
    return 0 if word == "0" else positive(word)


def _item(word: str) -> AidItem:
    """``beras:10:kg:14000``; the price of one unit may be left out."""
    try:
        name, amount, unit, *price = word.split(":")
        if _THOUSANDS.fullmatch(amount):
            told = f"{amount[:20]!r} may be thousands or a fraction: write 1000 or 1.5"
            raise argparse.ArgumentTypeError(told)
        (rupiah,) = map(int, price) if price else (None,)
        quantity = Decimal(amount.replace(",", "."))
        return AidItem(name=name, quantity=quantity, unit=unit, unit_price_idr=rupiah)
    except (ValueError, InvalidOperation):
        form = "NAME:AMOUNT:UNIT or NAME:AMOUNT:UNIT:RUPIAH, such as beras:10:kg:14000"
        raise argparse.ArgumentTypeError(f"{word[:40]!r} is not {form}") from None


def _read(name: str) -> list[dict[str, Any]]:
    """One object, or a list of them."""
    told = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    try:
        found = _EVENTS.validate_json(told)
    except ValidationError as error:
        raise ConfigError(f"{name} is no JSON of events: {error.errors()[0]['msg']}") from None
    return found if isinstance(found, list) else [found]


def _from_json(event: dict[str, Any], by: str) -> AidEvent:
    known = AidEvent.model_fields.keys() - _OURS
    if unknown := sorted(event.keys() - known):
        names = ", ".join(sorted(known))
        raise ConfigError(f"aid event: {unknown[0]!r} is no field; it has {names}")
    return AidEvent.model_validate({"recorded_by": by, **event})
