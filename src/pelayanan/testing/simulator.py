"""A province that lives: agencies, citizens who write, officers who answer late or never.

Everybody is invented. The same seed is the same province.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

from pelayanan.protocol.transport import Transport
from pelayanan.testing._words import AGENCIES, ANSWERS, NAMES, NEEDS, PLACES, THANKS
from pelayanan.testing.fake import Fake, FakeInternet
from pelayanan.testing.fake_bluesky import FakeBluesky
from pelayanan.testing.fake_mailbox import FakeMailbox
from pelayanan.testing.fake_mastodon import FakeMastodon

__all__ = ["Due", "SimulatedProvince"]

_WIB = timedelta(hours=7)
_RUSH = (1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 9, 8, 7, 8, 9, 8, 7, 7, 8, 9, 9, 7, 4, 2)  # by local hour
_HANDOFF = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Due:
    """An answer that an officer gives through the library: to which message, and the text."""

    account: str
    native_id: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    at: datetime
    number: int
    do: Literal["write", "again", "answer"] = field(compare=False)
    agency: int = field(compare=False)
    account: str = field(compare=False)
    citizen: str = field(compare=False)
    text: str = field(compare=False)
    native_id: str = field(default="", compare=False)


class SimulatedProvince:
    """A province on three platforms whose time only this object moves.

    Args:
        agencies: How many, 1 to 8.
        days: How long its citizens write.
        seed: Of everything that is random.
        start: Its first instant; default 30 days that end on 31 October 2026, 23:00 WIB.
        folder: Where the worlds of the fakes are kept; ``None`` keeps them in memory.
        rate: Messages a day and agency on the average.

    Attributes:
        transport: Of a client or desk: all three platforms.
    """

    def __init__(
        self,
        *,
        agencies: int = 8,
        days: int = 30,
        seed: int = 7,
        start: datetime = datetime(2026, 10, 1, 17, tzinfo=UTC) - timedelta(days=1),
        folder: Path | str | None = None,
        rate: float = 2.0,
    ) -> None:
        self._now = start
        self.start, self.end = start, start + timedelta(days=days)
        self._random = Random(seed)  # noqa: S311  a game, no secret
        self._agencies = AGENCIES[:agencies]
        worlds: dict[str, Any] = {"seed": seed, "clock": self.clock}
        if folder is not None:
            worlds["folder"] = Path(folder)
        self.bluesky = FakeBluesky(**worlds)
        self.mastodon = FakeMastodon(**worlds)
        self.mailbox = FakeMailbox(**worlds)
        self._fakes: tuple[Fake, ...] = (self.bluesky, self.mastodon, self.mailbox)
        self.transport: Transport = FakeInternet(self._fakes)
        self._numbers = 0
        self._queue: list[_Step] = []
        self._open_accounts()
        self._plan(rate)

    def clock(self) -> datetime:
        """The province's time, aware."""
        return self._now

    def config(self) -> dict[str, Any]:
        """Plain values for ``Config.of``; secrets are those of the fakes."""
        return {
            "province": {"name": "Provinsi Contoh"},
            "agencies": [{"key": each.key, "name": each.name} for each in self._agencies],
            "accounts": [
                account for each in self._agencies for account in self._accounts(each.key)
            ],
        }

    def secrets(self) -> dict[str, str]:
        """File name to content, for the files that `config` names."""
        return {f"rahasia/{each.key}": f"sandi-{each.key}" for each in self._agencies}

    def run(self, until: datetime) -> Iterator[Due]:
        """Let time pass: citizens write, officers answer in the apps.

        Yields:
            Answers that go through the library; time stands at their instant.
        """
        while self._queue and self._queue[0].at <= until:
            step = heapq.heappop(self._queue)
            self._now = max(self._now, step.at)
            if step.do != "answer":
                self._write(step)
            elif self._through_library(step):
                yield Due(step.account, step.native_id, step.text)
            else:
                self._in_app(step)
        self._now = max(self._now, until)

    # ---- people

    def _plan(self, rate: float) -> None:
        """Who writes when."""
        for number, agency in enumerate(self._agencies):
            day = self.start
            while day < self.end:
                weekend = (day + _WIB).weekday() >= 5
                for _ in range(self._poisson(rate * (0.5 if weekend else 1.2))):
                    self._add(self._first_message(number, agency.key, day))
                day += timedelta(days=1)

    def _first_message(self, number: int, key: str, day: datetime) -> _Step:
        hour = self._random.choices(range(24), _RUSH)[0]
        at = day + timedelta(hours=hour, seconds=self._random.randrange(3600))
        kind = self._random.choices(("bsky", "mastodon", "mail"), (5, 3, 2))[0]
        text = self._random.choice(NEEDS[key]).format(place=self._random.choice(PLACES))
        citizen = f"{self._random.choice(NAMES)}{self._random.randrange(1000)}"
        return self._step(at, "write", number, f"{key}-{kind}", citizen, text)

    def _write(self, step: _Step) -> None:
        """A citizen writes; what follows is decided now."""
        native = self._post(step)
        habits = self._agencies[step.agency]
        if step.do == "again":
            return
        if self._random.random() < habits.answers:
            delay = timedelta(hours=self._random.lognormvariate(habits.hours_log, 1.1))
            text = self._random.choice(ANSWERS).format(day=self._date(delay))
            self._add(
                self._step(
                    self._now + _HANDOFF + delay,
                    "answer",
                    step.agency,
                    step.account,
                    step.citizen,
                    text,
                    native,
                )
            )
            if self._random.random() < 0.3:
                self._follow(step, native, delay * 1.2, self._random.choice(THANKS))
        elif self._random.random() < 0.35:
            self._follow(step, native, timedelta(days=2), "Halo min, kok belum dijawab ya?")

    def _follow(self, step: _Step, native: str, after: timedelta, text: str) -> None:
        at = self._now + _HANDOFF + after
        if at < self.end:
            self._add(
                self._step(at, "again", step.agency, step.account, step.citizen, text, native)
            )

    def _post(self, step: _Step) -> str:
        key, _, kind = step.account.partition("-")
        match kind:
            case "bsky":
                person = self.bluesky.citizen(f"{step.citizen}.contoh.test")
                return person.post(f"@{key}.contoh.test {step.text}", reply_to=step.native_id)
            case "mastodon":
                citizen = self.mastodon.citizen(f"{step.citizen}@warga.example")
                more = {"reply_to": step.native_id} if step.native_id else {}
                return citizen.post(f"@{key} {step.text}", **more)
            case _:
                writer = self.mailbox.citizen(f"{step.citizen}@warga.example")
                return writer.post(
                    step.text,
                    to=f"{key}@prov.example",
                    subject="Pertanyaan warga",
                    answers=step.native_id,
                )

    def _in_app(self, step: _Step) -> None:
        """An officer answers in the platform's own app."""
        key, _, kind = step.account.partition("-")
        match kind:
            case "bsky":
                self.bluesky.officer(f"{key}.contoh.test").reply(step.native_id, step.text)
            case "mastodon":
                self.mastodon.officer(key).reply(step.native_id, step.text)
            case _:
                self.mailbox.officer(f"{key}@prov.example").reply(step.native_id, step.text)

    def _through_library(self, step: _Step) -> bool:
        return self._random.random() < self._agencies[step.agency].library

    # ---- accounts

    def _open_accounts(self) -> None:
        for agency in self._agencies:
            key = agency.key
            self.bluesky.agency(f"{key}.contoh.test", f"sandi-{key}", name=agency.name)
            self.mastodon.agency(key, token=f"sandi-{key}")
            self.mailbox.agency(f"{key}@prov.example", password=f"sandi-{key}")

    def _accounts(self, key: str) -> list[dict[str, Any]]:
        shared = {"agency": key, "since": (self.start + _WIB).date()}
        secret, mail = f"file:rahasia/{key}", self.mailbox.host
        return [
            {
                "key": f"{key}-bsky",
                "platform": "bluesky",
                "handle": f"{key}.contoh.test",
                "password": secret,
                "base_url": f"https://{self.bluesky.host}",
                **shared,
            },
            {
                "key": f"{key}-mastodon",
                "platform": "mastodon",
                "server": f"https://{self.mastodon.host}",
                "handle": key,
                "token": secret,
                **shared,
            },
            {
                "key": f"{key}-mail",
                "platform": "email",
                "address": f"{key}@prov.example",
                "password": secret,
                "imap": f"{mail}:993",
                "smtp": f"{mail}:465",
                **shared,
            },
        ]

    # ---- dice

    def _add(self, step: _Step) -> None:
        heapq.heappush(self._queue, step)

    def _step(  # noqa: PLR0917  the fields in their order
        self,
        at: datetime,
        do: Literal["write", "again", "answer"],
        agency: int,
        account: str,
        citizen: str,
        text: str,
        native_id: str = "",
    ) -> _Step:
        self._numbers += 1
        return _Step(at, self._numbers, do, agency, account, citizen, text, native_id)

    def _date(self, delay: timedelta) -> str:
        day = self._now + _WIB + delay + timedelta(days=self._random.randrange(1, 4))
        return f"{day:%d-%m-%Y}"

    def _poisson(self, mean: float) -> int:
        """How many in a day (Knuth's way: small means only)."""
        count, left = 0, self._random.expovariate(1.0)
        while left < mean:
            count += 1
            left += self._random.expovariate(1.0)
        return count
