"""``demo``: a sample province on fake platforms, through the same code as real use."""

import argparse
import math
import os
import tempfile
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from pelayanan.aid import AidEvent, AidItem, Consent, Funding
from pelayanan.cli._parser import positive
from pelayanan.cli.work import pick, say, show_json
from pelayanan.desk.desk import Desk
from pelayanan.drivers.sync import Client
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.protocol.retry import RetryPolicy
from pelayanan.report import Report, monthly
from pelayanan.testing.simulator import Due, SimulatedProvince

__all__ = ["add_demo", "run_demo"]

_NAME = "pelayanan.toml"
_STEP = timedelta(hours=12)  # cron fetches twice a day
_PATIENCE = timedelta(hours=8)


class _Outcome(NamedTuple):
    place: Path
    report: Report
    counts: dict[str, int]
    replies: int
    aid: int
    has_picture: bool
    wrong: list[str]


def add_demo(parser: argparse.ArgumentParser, lang: str) -> None:
    english = lang == "en"
    parser.add_argument(
        "--folder",
        type=Path,
        help=("folder hasil (bawaan: baru)", "folder (default: new)")[english],
    )
    told = ("perangkat daerah (bawaan: 8)", "agencies (default: 8)")
    parser.add_argument(
        "--agencies", type=int, default=8, choices=range(1, 9), metavar="1-8", help=told[english]
    )
    told = ("hari (bawaan: 30)", "days (default: 30)")
    parser.add_argument("--days", type=positive, default=30, help=told[english])
    told = ("angka lain, provinsi lain (bawaan: 7)", "another number, another province")
    parser.add_argument("--seed", type=int, default=7, help=told[english])


def run_demo(args: argparse.Namespace) -> int:
    """A province, 30 days, three platforms: fetch, answer, log aid, score, report."""
    try:
        import_module("jinja2")  # now, not when the month is over
    except ModuleNotFoundError:
        wanted = "pip install 'pelayanan[report,media]'"
        raise ConfigError(f"the demo writes a report: {wanted}") from None
    folder = args.folder or Path(tempfile.mkdtemp(prefix="pelayanan-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / _NAME).exists() or (folder / "pelayanan.db").exists():
        raise ConfigError(f"{folder} holds a province already: choose another --folder")
    if not args.json:
        told = f"{args.days} hari di provinsi contoh …", f"{args.days} days of a sample province …"
        print(pick(args, *told), flush=True)
    province = SimulatedProvince(agencies=args.agencies, days=args.days, seed=args.seed)
    return _show(args, folder, _month(province, folder))


def _month(province: SimulatedProvince, folder: Path) -> _Outcome:
    """Everything that a province does, through its configuration file."""
    (folder / _NAME).write_text(province.toml(), "utf-8")
    for name, content in province.secrets().items():
        _write_secret(folder / name, content)
    patient = RetryPolicy(ceiling=math.inf)  # its month passes in a minute of ours
    client = Client(transport=province.transport, sleep=lambda _: None, retry=patient)
    with client, Desk.open(folder / _NAME, client=client, clock=province.clock) as desk:
        replies = _live(desk, province)
        last = province.end - timedelta(hours=12)
        aid, has_picture = _aid(desk, folder, last)
        report = monthly(desk, Period.of(last.astimezone(desk.config.zone).date()))
        place = report.save(folder / "laporan.html")
        counts, wrong = desk.store.counts(), desk.verify()
    return _Outcome(place, report, counts, replies, aid, has_picture=has_picture, wrong=wrong)


def _show(args: argparse.Namespace, folder: Path, out: _Outcome) -> int:
    """What came of it; the last line is the report's path."""
    counts, place, month = out.counts, out.place, out.report.facts.period
    if args.json:
        show_json({"report": str(place), "answered": out.replies, "aid": out.aid, **counts})
        return 1 if out.wrong else 0
    say(
        args,
        f"{counts['messages']} pesan, {counts['cases']} perkara, {out.replies} balasan lewat "
        f"pustaka, {out.aid} kegiatan bantuan; rantai {'RUSAK' if out.wrong else 'utuh'}\n",
        f"{counts['messages']} messages, {counts['cases']} cases, {out.replies} replies through "
        f"the library, {out.aid} aid events; chains {'BROKEN' if out.wrong else 'hold'}\n",
    )
    print(out.report.text())
    if not out.has_picture:
        wanted = "pip install 'pelayanan[media]'"
        say(args, f"tanpa gambar; dengan gambar: {wanted}", f"without pictures; with: {wanted}")
    say(args, "Lihat juga:", "Look around:")
    config = f"--config {folder / _NAME}"
    for command in (f"cases --overdue {config}", f"score --month {month} {config}"):
        print(f"  pelayanan {command}")
    say(args, "Laporannya:", "The report:")
    print(place)
    return 1 if out.wrong else 0


class _Officers:
    """Those who answer through the library, and fetch when they have not for some hours."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: list[Due] = []
        self._looked = desk.now
        self.replies = 0

    def answer(self, due: Due) -> None:
        self._waiting.append(due)
        if self._desk.now - self._looked < _PATIENCE:
            self._work()
        else:
            self.look()

    def look(self) -> None:
        """Fetch, and answer what was waited for."""
        self._desk.sync()
        self._looked = self._desk.now
        self._work()

    def _work(self) -> None:
        waiting, self._waiting = self._waiting, []
        for due in waiting:
            case = self._desk.case_of(due.account, due.native_id)
            if case is None:  # not fetched yet
                self._waiting.append(due)
            else:
                self.replies += self._desk.reply(case, due.text, by="petugas").state.done


def _live(desk: Desk, province: SimulatedProvince) -> int:
    """Let the month pass; returns how many replies went through the library."""
    officers, until = _Officers(desk), province.start
    while until < province.end:
        until += _STEP
        for due in province.run(until):
            officers.answer(due)
        officers.look()
    return officers.replies


def _aid(desk: Desk, folder: Path, at: datetime) -> tuple[int, bool]:
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
    return len(logged), picture is not None


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
