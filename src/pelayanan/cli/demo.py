"""``demo``: a sample province on fake platforms, through the same code as real use."""

import argparse
import os
import tempfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pelayanan.aid import AidEvent, AidItem, Consent, Funding
from pelayanan.cli.work import say, show_json
from pelayanan.desk.config import Config
from pelayanan.desk.desk import Desk
from pelayanan.drivers.sync import Client
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.report import monthly
from pelayanan.testing.simulator import SimulatedProvince

__all__ = ["add_demo", "run_demo"]

_STEP = timedelta(hours=12)  # cron fetches twice a day; officers fetch before they answer


def add_demo(parser: argparse.ArgumentParser, lang: str) -> None:
    english = lang == "en"
    parser.add_argument(
        "--folder",
        type=Path,
        help=("folder hasil (bawaan: baru)", "folder (default: new)")[english],
    )
    parser.add_argument("--agencies", type=int, default=8, choices=range(1, 9), metavar="1-8")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)


def run_demo(args: argparse.Namespace) -> int:
    """A province, 30 days, three platforms: fetch, answer, log aid, score, report."""
    if args.days < 1:
        raise ConfigError("--days must be 1 or more")
    folder = args.folder or Path(tempfile.mkdtemp(prefix="pelayanan-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "pelayanan.db").exists():
        raise ConfigError(f"{folder} has a store already: choose another --folder")
    province = SimulatedProvince(agencies=args.agencies, days=args.days, seed=args.seed)
    for name, content in province.secrets().items():
        _write_secret(folder / name, content)
    config = Config.of(province.config(), folder=folder)
    client = Client(transport=province.transport, sleep=lambda _: None)  # its time is not ours
    with client, Desk.open(config, client=client, clock=province.clock) as desk:
        answered = _live(desk, province)
        aid = _aid(desk, folder, province.start + timedelta(days=9))
        period = Period.of(province.start.astimezone(desk.config.zone).date())
        report = monthly(desk, period)
        place = report.save(folder / "laporan.html")
        counts, wrong = desk.store.counts(), desk.verify()
    if args.json:
        show_json({"report": str(place), "answered": answered, "aid": aid, **counts})
    else:
        say(
            args,
            f"{counts['messages']} pesan, {counts['cases']} perkara, {answered} dijawab lewat "
            f"pustaka, {aid} kegiatan bantuan; rantai {'utuh' if not wrong else 'RUSAK'}",
            f"{counts['messages']} messages, {counts['cases']} cases, {answered} answered through "
            f"the library, {aid} aid events; chains {'hold' if not wrong else 'BROKEN'}",
        )
        print(report.text(), end="")
        print(place)
    return 1 if wrong else 0


def _live(desk: Desk, province: SimulatedProvince) -> int:
    """Let the month pass; officers answer through the library what it has fetched."""
    answered, until = 0, province.start
    while until < province.end:
        until += _STEP
        for due in province.run(until):
            case = desk.case_of(due.account, due.native_id)
            if case is None:  # not fetched yet: the officer looks at the desk first
                desk.sync()
                case = desk.case_of(due.account, due.native_id)
            if case is not None:
                answered += desk.reply(case, due.text, by="petugas").state.done
        desk.sync()
    return answered


def _aid(desk: Desk, folder: Path, at: datetime) -> int:
    """Two aid events; the first with a picture and consent, published once."""
    agency, *_ = (each.key for each in desk.config.agencies)
    events = [
        AidEvent(
            agency=agency,
            unit="Bidang Contoh",
            occurred_at=at,
            region=region,
            items=(_rice(amount),),
            parcels=parcels,
            households=parcels,
            funding=Funding.PATUNGAN_ASN,
            voluntary=True,
            story="Warga yang belum terjangkau program dikunjungi setelah dilaporkan RT.",
        )
        for region, amount, parcels in (("17.71.01.1001", 120, 12), ("17.02.05.2003", 60, 6))
    ]
    logged = [desk.aid.log(event) for event in events]
    picture = _picture(folder / "contoh.png")
    if picture is not None:
        consent = Consent(
            given_by="kepala keluarga (contoh)",
            how="dibacakan, dijawab ya",
            given_at=at,
            scope=frozenset({"store", "report", "publish"}),
        )
        desk.aid.attach(logged[0].id, picture, alt="Dua belas paket beras", consent=consent)
    desk.aid.publish(
        logged[0].id,
        account=f"{agency}-bsky",
        text="ASN berbagi 12 paket beras untuk warga yang belum terjangkau bantuan.",
        by="petugas",
    )
    return len(logged)


def _picture(place: Path) -> Path | None:
    """A drawn picture of parcels; ``None`` without the extra `media`."""
    try:
        from PIL import Image, ImageDraw  # noqa: PLC0415  an extra
    except ModuleNotFoundError:
        return None
    image = Image.new("RGB", (640, 420), (236, 228, 210))
    draw = ImageDraw.Draw(image)
    for number in range(12):
        left, top = 60 + 130 * (number % 4), 60 + 110 * (number // 4)
        draw.rectangle((left, top, left + 100, top + 80), fill=(70, 120, 90), outline=(40, 70, 55))
        draw.line((left, top + 40, left + 100, top + 40), fill=(230, 200, 120), width=6)
    image.save(place)
    return place


def _write_secret(place: Path, content: str) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(place, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(content)


def _rice(kilograms: int) -> AidItem:
    return AidItem(name="beras", quantity=Decimal(kilograms), unit="kg", unit_price_idr=14_000)
