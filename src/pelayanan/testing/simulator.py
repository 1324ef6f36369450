"""A province that lives: agencies, citizens who write, officers who answer late or never.

Everybody is invented. The same seed is the same province.
"""

import heapq
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

from pelayanan.protocol.transport import Transport
from pelayanan.testing._accounts import account_tables, as_toml
from pelayanan.testing._words import AGAIN, AGENCIES, HOLLOW, NAMES, NEEDS, PLACES, THANKS
from pelayanan.testing.fake import FakeInternet
from pelayanan.testing.fake_bluesky import FakeBluesky
from pelayanan.testing.fake_mailbox import FakeMailbox
from pelayanan.testing.fake_mastodon import FakeMastodon

__all__ = ["Due", "SimulatedProvince", "Truth"]

_WIB = timedelta(hours=7)
_RUSH = (1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 9, 8, 7, 8, 9, 8, 7, 7, 8, 9, 9, 7, 4, 2)  # by local hour
_HANDOFF = timedelta(minutes=5)
_MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"


@dataclass(frozen=True, slots=True)
class Due:
    """An answer that an officer gives through the library: to which message, and the text."""

    account: str
    native_id: str
    text: str


@dataclass(slots=True)
class Truth:
    """What really happened at an agency, to hold beside what the library found.

    Attributes:
        needs: Citizens who wrote for the first time: each is a case.
        again: Messages of the same citizens after that, thanks among them.
        library: Answers through the library; `app` were typed in the platforms' own apps.
        hollow: Replies, through either, that only say "thank you, we pass it on".
    """

    needs: int = 0
    again: int = 0
    library: int = 0
    app: int = 0
    hollow: int = 0

    @property
    def answered(self) -> int:
        """Citizens who were given an answer."""
        return self.library + self.app

    @property
    def unanswered(self) -> int:
        """Citizens who were not."""
        return self.needs - self.answered


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    at: datetime
    number: int
    do: Literal["write", "again", "answer"] = field(compare=False)
    agency: int = field(compare=False)
    account: str = field(compare=False)
    citizen: str = field(compare=False)
    text: str = field(compare=False)
    answer: str = field(default="", compare=False)
    subject: str = field(default="", compare=False)
    native_id: str = field(default="", compare=False)
    hollow: bool = field(default=False, compare=False)
    claimed: datetime | None = field(default=None, compare=False)


class SimulatedProvince:
    """A province on Bluesky, Mastodon and e-mail whose time only this object moves.

    Args:
        agencies: How many, 1 to 8.
        days: How long its citizens write.
        seed: Of everything that is random.
        start: Its first instant; default: 1 October 2026, 0:00 WIB.
        folder: Where the worlds of the fakes are kept; ``None`` keeps them in memory.
        rate: Messages a day and agency on the average.
        dates_back: Agencies whose officers, where the app lets them, claim to have answered within
            minutes.

    Attributes:
        transport: Of a client or desk: all three platforms.
        truth: What really happened up to now, by agency.

    Example:
        >>> province = SimulatedProvince(agencies=2, days=3, seed=7)
        >>> through_library = list(province.run(province.end))
        >>> {key: (told.needs, told.unanswered) for key, told in province.truth.items()}
        {'dinsos': (8, 1), 'dinkes': (6, 1)}
    """

    def __init__(
        self,
        *,
        agencies: int = 8,
        days: int = 30,
        seed: int = 7,
        start: datetime = datetime(2026, 9, 30, 17, tzinfo=UTC),
        folder: Path | str | None = None,
        rate: float = 2.0,
        dates_back: Container[str] = (),
    ) -> None:
        self._now = start
        self.start, self.end = start, start + timedelta(days=days)
        self._random = Random(seed)  # noqa: S311  a game, no secret
        self._agencies = AGENCIES[:agencies]
        self._dates_back = dates_back
        self.truth = {each.key: Truth() for each in self._agencies}
        worlds: dict[str, Any] = {"seed": seed, "clock": self.clock}
        if folder is not None:
            worlds["folder"] = Path(folder)
        self.bluesky = FakeBluesky(**worlds)
        self.mastodon = FakeMastodon(**worlds)
        self.mailbox = FakeMailbox(**worlds)
        self.transport: Transport = FakeInternet((self.bluesky, self.mastodon, self.mailbox))
        self._numbers = 0
        self._queue: list[_Step] = []
        self._open_accounts()
        self._plan(rate)

    def clock(self) -> datetime:
        """The province's time, aware."""
        return self._now

    def config(self) -> dict[str, Any]:
        """Plain values for ``Config.of``; secrets are those of the fakes."""
        hosts = {
            "bluesky": self.bluesky.host,
            "mastodon": self.mastodon.host,
            "mail": self.mailbox.host,
        }
        since = (self.start + _WIB).date()
        keys = [each.key for each in self._agencies]
        return {
            "province": {"name": "Provinsi Contoh"},
            "agencies": [{"key": each.key, "name": each.name} for each in self._agencies],
            "accounts": [
                table for key in keys for table in account_tables(key, since=since, **hosts)
            ],
        }

    def toml(self) -> str:
        """The same configuration as a ``pelayanan.toml``."""
        return as_toml(self.config())

    def secrets(self) -> dict[str, str]:
        """File name to content, for the files that `config` names."""
        return {f"rahasia/{each.key}": f"sandi-{each.key}" for each in self._agencies}

    def run(self, until: datetime) -> Iterator[Due]:
        """Let time pass: citizens write, officers answer in the apps.

        Yields:
            Answers that go through the library; time stands at their instant. `truth` counts
            them as given.
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
        for number in range(len(self._agencies)):
            day = self.start
            while day < self.end:
                weekend = (day + _WIB).weekday() >= 5
                for _ in range(self._poisson(rate * (0.5 if weekend else 1.2))):
                    self._first_message(number, day)
                day += timedelta(days=1)

    def _first_message(self, number: int, day: datetime) -> None:
        key, dice = self._agencies[number].key, self._random
        hour = dice.choices(range(24), _RUSH)[0]
        at = day + timedelta(hours=hour, seconds=dice.randrange(3600))
        kind = dice.choices(("bsky", "mastodon", "mail"), (5, 3, 2))[0]
        need, place = dice.choice(NEEDS[key]), dice.choice(PLACES)
        name = dice.choice(NAMES)
        text = (need.formal if kind == "mail" else need.text).format(place=place)
        self._add(
            at,
            do="write",
            agency=number,
            account=f"{key}-{kind}",
            citizen=f"{name}{self._numbers}",  # nobody writes twice about two things
            text=text,
            answer=need.answer.replace("{place}", place),
            subject=need.subject,
        )

    def _write(self, step: _Step) -> None:
        """A citizen writes; what follows is decided now."""
        native, truth = self._post(step), self._truth(step)
        if step.do == "again":
            truth.again += 1
            return
        truth.needs += 1
        habits, dice = self._agencies[step.agency], self._random
        waits = timedelta(hours=dice.lognormvariate(habits.hours_log, 1.1))
        is_answered = dice.random() < habits.answers
        is_hollow = dice.random() < habits.hollow
        if is_answered:
            self._answer(step, native, waits, is_hollow=is_hollow)
        if is_answered and not is_hollow and dice.random() < 0.3:
            self._follow(step, native, waits * 1.2, THANKS)
        elif not is_answered and dice.random() < 0.35:
            self._follow(step, native, timedelta(days=2), AGAIN)

    def _answer(self, step: _Step, native: str, waits: timedelta, *, is_hollow: bool) -> None:
        said = self._random.choice(HOLLOW) if is_hollow else step.answer
        cheats = self._agencies[step.agency].key in self._dates_back
        self._add(
            self._now + _HANDOFF + waits,
            do="answer",
            agency=step.agency,
            account=step.account,
            citizen=step.citizen,
            text=said.replace("{day}", self._date(waits)),
            native_id=native,
            hollow=is_hollow,
            claimed=self._now + _HANDOFF if cheats else None,
        )

    def _follow(self, step: _Step, native: str, after: timedelta, words: tuple[str, str]) -> None:
        self._add(
            self._now + _HANDOFF + after,
            do="again",
            agency=step.agency,
            account=step.account,
            citizen=step.citizen,
            text=words[step.account.endswith("-mail")],
            subject=f"Re: {step.subject}",
            native_id=native,
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
                return self._mail(step, key)

    def _mail(self, step: _Step, key: str) -> str:
        name = f"{step.citizen.rstrip('0123456789').title()} Contoh"
        agency = self._agencies[step.agency].name
        return self.mailbox.citizen(f"{step.citizen}@warga.example").post(
            f"Yth. {agency},\n\n{step.text}\n\nHormat saya,\n{name}\n",
            to=f"{key}@prov.example",
            subject=step.subject,
            name=name,
            answers=step.native_id,
        )

    def _in_app(self, step: _Step) -> None:
        """An officer answers in the platform's own app."""
        key, _, kind = step.account.partition("-")
        match kind:
            case "bsky":
                officer = self.bluesky.officer(f"{key}.contoh.test")
                officer.reply(step.native_id, step.text, created_at=step.claimed)
            case "mastodon":
                self.mastodon.officer(key).reply(step.native_id, step.text)
            case _:
                clerk = self.mailbox.officer(f"{key}@prov.example")
                clerk.reply(step.native_id, step.text, at=step.claimed)

    def _through_library(self, step: _Step) -> bool:
        """Count an answer, and say which way it goes."""
        truth = self._truth(step)
        is_ours = self._random.random() < self._agencies[step.agency].library
        if step.hollow:
            truth.hollow += 1
        elif is_ours:
            truth.library += 1
        else:
            truth.app += 1
        return is_ours

    def _truth(self, step: _Step) -> Truth:
        return self.truth[self._agencies[step.agency].key]

    def _open_accounts(self) -> None:
        for agency in self._agencies:
            key = agency.key
            self.bluesky.agency(f"{key}.contoh.test", f"sandi-{key}", name=agency.name)
            self.mastodon.agency(key, token=f"sandi-{key}")
            self.mailbox.agency(f"{key}@prov.example", password=f"sandi-{key}")

    # ---- dice

    def _add(self, at: datetime, **what: Any) -> None:
        """Plan a step; what would be after the end does not happen."""
        self._numbers += 1
        if at < self.end:
            heapq.heappush(self._queue, _Step(at, self._numbers, **what))

    def _date(self, delay: timedelta) -> str:
        day = self._now + _WIB + delay + timedelta(days=self._random.randrange(1, 4))
        return f"{day.day} {_MONTHS.split()[day.month - 1]} {day.year}"

    def _poisson(self, mean: float) -> int:
        """How many in a day (Knuth's way: small means only)."""
        count, left = 0, self._random.expovariate(1.0)
        while left < mean:
            count += 1
            left += self._random.expovariate(1.0)
        return count
