"""Two provinces in one process: nothing of one is ever seen by the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

from sqlalchemy import select

from pelayanan import Desk, Period
from pelayanan.desk import Config
from pelayanan.reply import DraftState
from pelayanan.store.tables import messages
from towns import FakeTown, config

CITIZENS = 12
LATE_SATURDAY = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)  # 23:30 in WIB, 01:30 on Sunday in WIT
OCTOBER, NOVEMBER = Period.month("2026-10"), Period.month("2026-11")


class Province:
    """A town, a configuration of its own, and what its desk came to."""

    def __init__(self, name: str, zone: str, folder: Path) -> None:
        self.name, self.now = name, LATE_SATURDAY
        self.town = FakeTown(clock=lambda: self.now)
        (folder / name).mkdir()
        made = config(self.town, folder / name, province={"name": name, "timezone": zone})
        self.config: Config = made

    def write(self, first: int = 0, many: int = CITIZENS) -> None:
        for number in range(first, first + many):  # the same people, the same words, in both
            who = self.town.citizen(f"warga{number}")
            self.town.post(who, f"@dinsos.test {self.name} nomor {number}: kapan?")

    def work(self, meet: Callable[[], object]) -> Desk:
        desk = Desk.open(self.config, transport=self.town.transport, clock=lambda: LATE_SATURDAY)
        meet()
        assert desk.sync().new == CITIZENS
        for case in list(desk.cases())[: CITIZENS // 2]:
            meet()
            done = desk.reply(
                case.id, f"{self.name}: petugas datang besok ke {case.id}.", by="rina"
            )
            assert done.state is DraftState.CONFIRMED
        return desk


def test_two_provinces_work_at_the_same_time_and_never_mix(tmp_path: Path) -> None:
    west = Province("Barat", "Asia/Jakarta", tmp_path)
    east = Province("Timur", "Asia/Jayapura", tmp_path)
    for province in (west, east):
        province.write()
    barrier = Barrier(2, timeout=60)
    with ThreadPoolExecutor(2) as pool:
        desks = list(pool.map(lambda each: each.work(barrier.wait), (west, east)))
    try:
        for province, desk in zip((west, east), desks, strict=True):
            assert texts(desk) == {
                *(f"@dinsos.test {province.name} nomor {n}: kapan?" for n in range(CITIZENS)),
                *(draft.text for draft in desk.outbox()),
            }
            assert {draft.text.split(":")[0] for draft in desk.outbox()} == {province.name}
            sent = {post["record"]["text"] for post in province.town.network.posts("dinsos.test")}
            assert sent == {draft.text for draft in desk.outbox()}
            assert desk.verify() == []
        assert desks[0].store.heads() != desks[1].store.heads()
        keys = [{case.id for case in desk.cases()} for desk in desks]
        assert keys[0].isdisjoint(keys[1])  # the same people and ids, under secrets of their own
    finally:
        for desk in desks:
            desk.close()


def test_each_province_counts_in_its_own_month_and_calendar(tmp_path: Path) -> None:
    west = Province("Barat", "Asia/Jakarta", tmp_path)
    east = Province("Timur", "Asia/Jayapura", tmp_path)
    for province in (west, east):
        for number, days in enumerate((-7, 0, 7)):
            province.now = LATE_SATURDAY + timedelta(days=days)
            province.write(first=number * CITIZENS, many=CITIZENS if days == 0 else 1 + number)
    now = LATE_SATURDAY + timedelta(days=8)
    with (
        Desk.open(west.config, transport=west.town.transport, clock=lambda: now) as w,
        Desk.open(east.config, transport=east.town.transport, clock=lambda: now) as e,
    ):
        w.sync()
        e.sync()
        months = OCTOBER, NOVEMBER
        counted = [[desk.score(month).province.n for month in months] for desk in (w, e)]
        assert counted == [[1 + CITIZENS, 3], [1, CITIZENS + 3]]
        assert w.calendar is not e.calendar


def test_closing_one_desk_leaves_the_other_at_work(tmp_path: Path) -> None:
    west = Province("Barat", "Asia/Jakarta", tmp_path)
    east = Province("Timur", "Asia/Jayapura", tmp_path)
    east.write()
    with Desk.open(east.config, transport=east.town.transport) as desk:
        Desk.open(west.config, transport=west.town.transport).close()
        assert desk.sync().new == CITIZENS


def texts(desk: Desk) -> set[str]:
    with desk.store.reading() as connection:
        return {str(each) for each in connection.scalars(select(messages.c.text))}
