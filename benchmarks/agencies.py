"""Agencies whose true score is known, and what a month of theirs looks like.

Citizens write at half hours of October 2026, seldom at night and less on days off. An agency never
answers a share of them, drawn from a Beta distribution, and answers the others after log-normal
times. Its cases come from one stratum, or from ten of unequal size that differ in speed and in the
odds of never being answered. The truth is what the score of such an agency tends to when it has
cases without end, all followed to the end.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Standards
from pelayanan.models import Kind
from pelayanan.score.bins import bins
from pelayanan.score.columns import Columns
from pelayanan.score.index import PARTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CALENDAR = WorkCalendar.indonesia("WIB")
STANDARDS = Standards.load()
FIRST = datetime(2026, 10, 1, tzinfo=CALENDAR.zone)
AFTER = datetime(2026, 11, 1, tzinfo=CALENDAR.zone)
SPREADS = (0.8, 1.2, 1.6)  # standard deviations of log times, one drawn for each stratum
_RUSH = (1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 9, 8, 7, 8, 9, 8, 7, 7, 8, 9, 9, 7, 4, 2)  # by local hour
_MEANS = np.linspace(-6.0, 10.0, 801)  # of log hours: where the truth is tabled
_LIMIT = 6  # test of the resolution limit of `informasi`
_WEIGHT = {part.name: part.weight for part in PARTS}


@dataclass(frozen=True)
class Clock:
    """When citizens write up to `as_of`, and what each threshold means for those instants."""

    as_of: datetime

    @cached_property
    def instants(self) -> Ints:
        """Half hours of the month, those after `as_of` left out; UTC epoch seconds."""
        end = min(self.as_of, AFTER)
        return np.arange(int(FIRST.timestamp()), int(end.timestamp()), 1800)

    @cached_property
    def chances(self) -> Floats:
        """How probable it is that a citizen writes then."""
        local = [datetime.fromtimestamp(int(each), CALENDAR.zone) for each in self.instants]
        weights = [_RUSH[each.hour] * (0.5 if each.weekday() >= 5 else 1.2) for each in local]
        return np.array(weights) / sum(weights)

    @cached_property
    def table(self) -> Floats:
        """Share answered in each of the eight thresholds, by spread and mean of log hours."""
        allowed = np.log(self._allowed / 3600)  # hours, eight rows
        found = np.empty((len(SPREADS), len(_MEANS), 8))
        for number, spread in enumerate(SPREADS):
            for row, mean in enumerate(_MEANS):
                found[number, row] = _normal((allowed - mean) / spread) @ self.chances
        return found

    @property
    def _allowed(self) -> Floats:
        """The first second after each opening that is no longer within the threshold."""
        standard = STANDARDS.kinds[Kind.INFORMASI]
        rows = np.empty((8, len(self.instants)))
        for number in range(8):
            low = np.zeros(len(self.instants), np.int64)  # within
            high = np.full(len(self.instants), 200 * 86_400, np.int64)  # not within
            while (high - low > 1).any():
                middle = (low + high) // 2
                within = bins(self.instants, self.instants + middle, CALENDAR, standard)
                low = np.where(within <= number + 1, middle, low)
                high = np.where(within <= number + 1, high, middle)
            rows[number] = high
        return rows

    def shares(self, mean: Floats, spread: Ints) -> Floats:
        """The table, read between its rows."""
        place = (np.clip(mean, _MEANS[0], _MEANS[-1]) - _MEANS[0]) / (_MEANS[1] - _MEANS[0])
        low = np.minimum(place.astype(np.int64), len(_MEANS) - 2)
        part = (place - low)[..., None]
        return self.table[spread, low] * (1 - part) + self.table[spread, low + 1] * part


@dataclass(frozen=True)
class Agencies:
    """Some agencies, one a row; strata are columns.

    Attributes:
        weights: Of the strata.
        mean: Of log hours.
        spread: Which of `SPREADS`.
        never: Share never answered.
        parts: What `lengkap` looks at besides, each a share by agency.
    """

    clock: Clock
    weights: Floats
    mean: Floats
    spread: Ints
    never: Floats
    parts: dict[str, Floats]

    @classmethod
    def drawn(
        cls,
        rng: np.random.Generator,
        clock: Clock,
        rows: int,
        *,
        beta: tuple[float, float],
        strata: int,
        apart: bool = False,
    ) -> "Agencies":
        """Draw agencies that differ from each other, and within if they have strata.

        With `apart` each stratum draws its own share of never answered, whatever its agency's is.
        """
        sizes = 1 / np.arange(1, strata + 1)
        shape = (rows, strata)
        never = rng.beta(*beta, shape if apart else (rows, 1))
        if strata > 1 and not apart:
            odds = never / (1 - never) * rng.lognormal(0, 1, shape)
            never = odds / (1 + odds)
        usual = math.log(10) + rng.normal(0, 1, (rows, 1))
        parts = {
            "closed": rng.beta(6, 2, rows),
            "again": rng.beta(1, 9, rows),
            "once": rng.beta(5, 3, rows),
            "rubric": rng.beta(8, 3, rows),
            "kept": rng.beta(6, 3, rows),
            "handed": rng.beta(1, 12, rows),
            "wrong": rng.beta(1, 6, rows),
            "slow": rng.beta(1, 4, rows),
            "polled": rng.integers(60, 151, rows) / 150,
        }
        return cls(
            clock=clock,
            weights=sizes / sizes.sum(),
            mean=usual + (rng.normal(0, 0.7, shape) if strata > 1 else 0.0),
            spread=rng.integers(0, len(SPREADS), shape),
            never=never,
            parts=parts,
        )

    def __len__(self) -> int:
        return len(self.mean)

    @cached_property
    def curve(self) -> Floats:
        """The true F_1..F_8 of each agency."""
        within = self.clock.shares(self.mean, self.spread) * (1 - self.never)[..., None]
        return np.einsum("rsj,s->rj", within, self.weights)

    def truth(self, profile: str) -> Floats:
        """The true index on the scale to 100 (score.md, 4 and 5, with estimates made shares)."""
        speed = self.curve @ np.array(STANDARDS.weights)
        if profile == "dasar":
            return 100 * speed
        legal, p = self.curve[:, 4], self.parts
        acted = (1 - p["handed"]) * ((1 - self.never) @ self.weights) + p["handed"]
        quality = _WEIGHT["rubric"] * p["rubric"] + _WEIGHT["promises"] * p["kept"]
        quality += _WEIGHT["right_agency"] * (1 - p["handed"] * p["wrong"] / acted)
        quality += _WEIGHT["not_held_back"] * (1 - p["handed"] * p["slow"] / acted)
        durable = self.curve[:, _LIMIT - 1] * p["closed"] * (1 - p["again"])
        found = 0.35 * speed + _WEIGHT["in_time"] * legal + legal * quality
        found += _WEIGHT["durable"] * durable + _WEIGHT["one_contact"] * durable * p["once"]
        return 100 * (found + _WEIGHT["coverage"] * p["polled"])

    def month(self, rng: np.random.Generator, n: int) -> Columns:
        """`n` cases of each agency."""
        row = np.repeat(np.arange(len(self)), n)
        stratum = rng.choice(len(self.weights), len(row), p=self.weights)
        opened = rng.choice(self.clock.instants, len(row), p=self.clock.chances)
        deviation = np.array(SPREADS)[self.spread[row, stratum]]
        hours = rng.lognormal(self.mean[row, stratum], deviation)
        answered = opened + np.minimum(hours * 3600, 1e9).astype(np.int64)
        handed = self._happens(rng, "handed", row)  # within five minutes, whatever would follow
        never = (rng.random(len(row)) < self.never[row, stratum]) | handed
        answered = np.where(never, -1, answered)
        closed = self._happens(rng, "closed", row) & ~never
        promised = (rng.random(len(row)) < 0.4) & ~never
        promised &= answered < int((self.clock.as_of - timedelta(days=3)).timestamp())
        return Columns.simple(
            opened=opened,
            answered=answered,
            agency=np.char.mod("a%05d", row),
            kind=np.full(len(row), Kind.INFORMASI.value),
            resolved=np.where(closed, answered, -1),
            reopened=self._happens(rng, "again", row).astype(np.int64),
            first_contact=self._happens(rng, "once", row),
            left=np.where(handed, opened + 300, -1),
            left_how=np.where(handed, "handed_over", ""),
            promises_due=promised.astype(np.int64),
            promises_kept=(promised & self._happens(rng, "kept", row)).astype(np.int64),
            handed_over=handed.astype(np.int64),
            handed_wrong=(handed & self._happens(rng, "wrong", row)).astype(np.int64),
            handed_slow=(handed & self._happens(rng, "slow", row)).astype(np.int64),
        )

    def audited(self, rng: np.random.Generator, row: int, answers: int) -> dict[str, int]:
        """At most 30 of the answers read; the eight items of one answer are much alike."""
        size, share = min(30, answers), float(self.parts["rubric"][row])
        alike = rng.beta(3 * share, 3 * (1 - share), size)
        polled = round(150 * float(self.parts["polled"][row]))
        return {
            "audited_answers": size,
            "audited_ok": int(rng.binomial(8, alike).sum()),
            "polls_due": 150,
            "polls_done": polled,
        }

    def _happens(self, rng: np.random.Generator, part: str, row: Ints) -> npt.NDArray[np.bool_]:
        return rng.random(len(row)) < self.parts[part][row]


_AT = np.linspace(-9.0, 9.0, 36_001)
_PHI = np.array([math.erfc(-each / math.sqrt(2)) / 2 for each in _AT])


def _normal(values: Floats) -> Floats:
    """The distribution function of the normal distribution, read off a table to 1e-8."""
    return np.interp(values, _AT, _PHI)
