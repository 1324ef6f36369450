"""An agency's month as the gaming report sees it: honest, or with one way of flattering numbers.

Everybody is invented. The same seed is the same month.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar, WorkingDays
from pelayanan.cases import SentText
from pelayanan.score.gaming import DatedAnswer, GamingReport, HandedCase, Handled, gaming
from pelayanan.score.gaming.figures import FigureName

__all__ = ["Cheat", "SimulatedHabits"]

Cheat: TypeAlias = Literal[""] | FigureName
Ints = npt.NDArray[np.int64]

_FIRST = datetime(2026, 10, 1)  # noqa: DTZ001  made aware by the calendar's zone
_MONTH_S = 31 * 86_400
_NEVER = -1
_DAY_S = 86_400


@dataclass(frozen=True)
class SimulatedHabits:
    """One agency's month.

    Honest: citizens write day and night, each need has a log-normal waiting time of its own,
    some are never answered, few are handed over, excluded or acknowledged only; answers have many
    wordings, and few people write often. Most answers are typed in an app and found by looks at the
    account, some of which fail or are cut short; a few come late though they are old, and some
    computers are slow. A cheat adds one habit to that and changes nothing else.

    Args:
        seed: Of everything that is random, the agency's size and speed among it.
        cheat: The figure that should see it; ``""``: none.

    Example:
        >>> report = SimulatedHabits(seed=3, cheat="template").report()
        >>> [name for name, figure in report.agencies["dinsos"].items() if figure.look]
        ['template']
    """

    seed: int
    cheat: Cheat = ""

    def report(self) -> GamingReport:
        """What the gaming report says of it, a month later."""
        rng = np.random.default_rng(self.seed)
        cases = self._cases(rng)
        sent = self._texts(rng, int((cases.answered >= 0).sum()))
        handed = self._handed(rng)
        claimed = self._claimed(rng, cases)
        return gaming(
            replace(cases, answered=claimed),
            sent=sent,
            handed=handed,
            dated=self._dated(rng, cases.answered, claimed),
            calendar=_calendar(),
            as_of=self._start + timedelta(days=62),
            period="2026-10",
        )

    @property
    def _start(self) -> datetime:
        return _FIRST.replace(tzinfo=_calendar().zone)

    def _cases(self, rng: np.random.Generator) -> Handled:
        n = int(rng.integers(120, 500))
        opened = np.sort(int(self._start.timestamp()) + rng.integers(0, _MONTH_S, n))
        hours = rng.lognormal(np.log(rng.uniform(2, 40)), rng.uniform(0.8, 1.5), n)
        answered = opened + (3600 * hours).astype(np.int64) + 60
        if self.cheat == "pick_order":
            answered = _newest_first(rng, opened)
        if self.cheat == "heaping":
            answered = self._hurried(rng, opened)
        answered = np.where(rng.random(n) < rng.uniform(0.02, 0.3), _NEVER, answered)
        author = np.char.mod("w%d", np.arange(n))
        author[rng.choice(n, 12, replace=False)] = np.repeat(["w-lsm", "w-wartawan"], 6)
        excluded = np.where(rng.random(n) < 0.03, "spam", "")
        worded = rng.random(n) < np.where(answered == _NEVER, 0.1, 0.3)
        cases = Handled(
            agency=np.full(n, "dinsos"),
            kind=np.where(rng.random(n) < 0.6, "informasi", "pengaduan"),
            author=author,
            excluded=excluded,
            opened=opened,
            answered=answered,
            acknowledged=np.where(worded, opened + 300, _NEVER),
            left=np.full(n, _NEVER),
            reopened=np.zeros(n, np.int64),
        )
        return self._flattered(rng, cases)

    def _flattered(self, rng: np.random.Generator, cases: Handled) -> Handled:
        n = len(cases)
        some = rng.random(n)
        match self.cheat:
            case "excluded":
                return replace(cases, excluded=np.where(some < 0.35, "spam", cases.excluded))
            case "only_acknowledged":
                quiet = some < 0.5
                return replace(
                    cases,
                    answered=np.where(quiet, _NEVER, cases.answered),
                    acknowledged=np.where(quiet, cases.opened + 300, cases.acknowledged),
                )
            case "authors":
                own = some < 0.3
                insiders = np.char.mod("w-dalam-%d", rng.integers(0, 4, n))
                return replace(
                    cases,
                    author=np.where(own, insiders, cases.author),
                    answered=np.where(own, cases.opened + 400, cases.answered),
                )
            case _:
                return cases

    def _hurried(self, rng: np.random.Generator, opened: Ints) -> Ints:
        """A slow agency whose late answers are given, or dated, just before the legal limit."""
        answered = opened + (3600 * rng.lognormal(np.log(70), 0.8, len(opened))).astype(np.int64)
        for row, (begun, at) in enumerate(zip(opened.tolist(), answered.tolist(), strict=True)):
            limit = _calendar().deadline(self._instant(begun), WorkingDays(3)).timestamp()
            if limit < at < limit + 4 * 86_400 and rng.random() < 0.7:
                answered[row] = int(limit) - rng.integers(8, 16) * 3600
        return answered

    def _instant(self, second: int) -> datetime:
        return datetime.fromtimestamp(second, _calendar().zone)

    def _texts(self, rng: np.random.Generator, answers: int) -> list[SentText]:
        chances = 1 / np.arange(1, 41)
        family = rng.choice(40, answers, p=chances / chances.sum())
        if self.cheat == "template":
            family = np.where(rng.random(answers) < 0.6, 0, family)
        at = self._start
        return [
            SentText(f"answered:{row}", "dinsos", f"w{row}", f"teks {each}", at, in_ledger=True)
            for row, each in enumerate(family.tolist())
        ]

    def _handed(self, rng: np.random.Generator) -> list[HandedCase]:
        names = rng.choice(["dinkes", "disdik", "pupr"], int(rng.integers(0, 25)))
        made = [
            HandedCase("dinsos", str(name), bool(rng.random() < 0.1), bool(rng.random() < 0.85))
            for name in names
        ]
        if self.cheat == "handed_over":
            made += [
                HandedCase("dinsos", "uptd", returned=False, answered=rng.random() < 0.1)
                for _ in range(30)
            ]
        return made

    def _claimed(self, rng: np.random.Generator, cases: Handled) -> Ints:
        """When each answer was, by its own word."""
        if self.cheat != "dated_back":
            return cases.answered
        soon = cases.opened + 60 + rng.exponential(180, len(cases)).astype(np.int64)
        back = (rng.random(len(cases)) < 0.4) & (cases.answered > soon)
        return np.where(back, soon, cases.answered)

    def _dated(self, rng: np.random.Generator, given: Ints, claimed: Ints) -> list[DatedAnswer]:
        """Answers typed in an app, or recorded by hand, with what is known of their instants."""
        n = len(given)
        slow = 600 * ((rng.random(n) < 0.1) & (rng.random() < 0.2))
        shown = given + slow + rng.normal(0, 20, n).astype(np.int64) + _shown_after(rng, n)
        is_weekly = self.cheat == "recorded_late" or rng.random() < 0.2
        noted = given + (rng.uniform(0, 7 * _DAY_S, n) if is_weekly else rng.exponential(7200, n))
        by_hand = rng.random(n) < 0.15
        known = np.where(by_hand, noted.astype(np.int64), _unseen(rng, shown))
        typed = (given != _NEVER) & (known != _NEVER) & (rng.random(n) < 0.7)
        return [
            DatedAnswer("dinsos", f"p{row}", int(claimed[row]), int(known[row]), bool(by_hand[row]))
            for row in np.flatnonzero(typed)
        ]


def _shown_after(rng: np.random.Generator, n: int) -> Ints:
    """Seconds until a platform lists an answer: at times hours, as of a phone without network."""
    late = rng.random(n) < 0.02
    seconds = np.where(late, 3600 * rng.lognormal(np.log(3), 1, n), rng.uniform(0, 30, n))
    return seconds.astype(np.int64)


def _unseen(rng: np.random.Generator, shown: Ints) -> Ints:
    """When the last whole look before the one that showed an answer began, or never."""
    every = int(rng.choice([900, 3600, 43_200]))
    start = int(_FIRST.replace(tzinfo=_calendar().zone).timestamp())
    looks: Ints = np.arange(start, start + 3 * _MONTH_S, every) + int(rng.integers(0, 60))
    away = int(rng.integers(0, _MONTH_S)) if rng.random() < 0.3 else 3 * _MONTH_S
    luck = rng.random(len(looks))
    works = (luck < 0.92) & ~((looks > start + away) & (looks < start + away + 2 * _DAY_S))
    seen_at = looks[works]
    whole = seen_at[luck[works] < 0.88]
    place = np.searchsorted(seen_at, shown)
    found = np.where(place < len(seen_at), seen_at[np.minimum(place, len(seen_at) - 1)], 0)
    before = np.searchsorted(whole, found) - 1
    return np.where(before >= 0, whole[before], _NEVER)


@cache
def _calendar() -> WorkCalendar:
    return WorkCalendar.indonesia("WIB")


def _newest_first(rng: np.random.Generator, opened: Ints) -> Ints:
    """One officer, hardly idle, who always takes what came last."""
    answered = np.zeros(len(opened), np.int64)
    waiting: list[int] = []
    now, coming = int(opened[0]), 0
    while coming < len(opened) or waiting:
        while coming < len(opened) and opened[coming] <= now:
            waiting.append(coming)
            coming += 1
        if waiting:
            now += int(rng.exponential(_MONTH_S / len(opened)))
            answered[waiting.pop()] = now
        else:
            now = int(opened[coming])
    return answered
