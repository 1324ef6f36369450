"""From needs to units, each with its end, its bin and what it adds to the tally.

A unit is one case of one agency with its reopenings (episodes); a reopening that comes too late
begins another unit.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reference.bins import RANK, bin_of, in_time, limit_date
from reference.days import Office
from reference.needs import (
    FOREVER,
    Event,
    HandOver,
    Holding,
    Need,
    effective_kind,
    exclusion,
    holdings,
)

REOPENING = 14 * 24 * 3600  # seconds, inclusive


@dataclass
class Episode:
    """One run of a clock: what became of it."""

    opened: int
    answer: Event | None  # with "counts_at", the instant of the answer
    resolved: int | None
    end: str  # answered, left_early, left_late, open
    bin: int  # 9 for left_late

    @property
    def rank(self) -> int:
        """Place among the episodes of a unit: the highest counts."""
        return 0 if self.end == "left_early" else self.bin


@dataclass
class Unit:
    case: str
    agency: str
    kind: str
    channel: str
    period: str
    end: str
    bin: int
    values: Counter[Any]


@dataclass
class Clerk:
    """Counts one need at one agency as it stands at `as_of`."""

    office: Office
    need: Need
    kind: str
    holding: Holding
    as_of: int
    after: list[Holding] = field(default_factory=list)  # the agencies it was passed on to

    def bin(self, opened: int, x: int) -> int:
        return bin_of(self.office, self.kind, opened, x)

    def day(self, second: int) -> date:
        return self.office.local_date(second)

    def from_agency(self, kind: str, low: int, high: int) -> list[Event]:
        mine = [e for e in self.need.of(kind) if e["agency"] == self.holding.agency]
        return [e for e in mine if low <= e["at"] < high]

    def from_citizen(self, kind: str, low: int, high: int) -> list[Event]:
        return [e for e in self.need.of(kind) if low <= e["at"] < min(high, self.holding.end)]

    def messages(self, low: int, high: int) -> list[int]:
        """When the citizen wrote; coming back about the need is a message too."""
        said = [e["at"] for k in ("message", "reopened") for e in self.from_citizen(k, low, high)]
        return sorted(said)

    def units(self) -> list[tuple[list[Episode], int, int]]:
        """Episodes of each unit with the earliest instant it looks at and its end."""
        found = []
        low, opened = -FOREVER, self.holding.opened
        while True:
            episodes = [self.episode(low, opened, FOREVER)]
            again = self.again(episodes[-1])
            while again is not None and again - (episodes[-1].resolved or 0) <= REOPENING:
                episodes.append(self.episode(again, again, FOREVER))
                again = self.again(episodes[-1])
            found.append((episodes, low, FOREVER if again is None else again))
            if again is None:
                return found
            low = opened = again

    def again(self, episode: Episode) -> int | None:
        """When the citizen came back after the episode was resolved."""
        if episode.resolved is None:
            return None
        back = self.from_citizen("reopened", episode.resolved, FOREVER)
        return back[0]["at"] if back else None

    def episode(self, low: int, opened: int, high: int) -> Episode:
        answer = self.answer(low, opened, high)
        left, by_hand_over = self.left(opened)
        if answer and (left is None or answer["counts_at"] <= left):
            at = answer["counts_at"]
            closed = [e["at"] for e in self.from_agency("closed", low, high) if e["at"] >= at]
            resolved = min(closed, default=None)
            return Episode(opened, answer, resolved, "answered", self.bin(opened, at))
        if left is None:
            return Episode(opened, None, None, "open", self.bin(opened, self.as_of))
        where = self.bin(opened, left)
        if where <= (4 if by_hand_over else 2):
            return Episode(opened, None, None, "left_early", where)
        return Episode(opened, None, None, "left_late", 9)

    def left(self, opened: int) -> tuple[int | None, bool]:
        """When the case left, and whether by hand-over."""
        gone = [e["at"] for e in self.from_citizen("withdrawn", opened, FOREVER)]
        deleted = self.from_citizen("deleted", opened, FOREVER)
        gone += [e["at"] for e in deleted if e["by"] == "author"]
        passed = self.holding.passed
        if passed and passed.at >= opened and (not gone or passed.at <= min(gone)):
            return passed.at, True
        return min(gone, default=None), False

    def answer(self, low: int, opened: int, high: int) -> Event | None:
        """The first substantive answer by a person, with the instant at which it counts."""
        found = []
        for event in self.from_agency("answer", low, high):
            at = self.counts_at(event, opened)
            if at is not None:
                found.append(dict(event, counts_at=at))
        return min(found, key=lambda e: e["counts_at"], default=None)

    def counts_at(self, event: Event, opened: int) -> int | None:
        if event["by"] != "person" or event["place"] in self.need.mass:
            return None
        if event["form"] in {"answers", "asks"}:
            return int(event["at"])
        if event["form"] != "next_step" or not (event.get("unit") and event.get("date")):
            return None
        promised = date.fromisoformat(event["date"])
        if promised > limit_date(self.office, self.kind, opened):
            return None
        if self.day(self.as_of) <= promised or self.kept(event):
            return int(event["at"])
        return self.done(event)

    def done(self, event: Event) -> int | None:
        """When the promised step was done, None where it was not."""
        done = [e["at"] for e in self.need.of("done") if e["promise"] == event.get("promise")]
        return min(done, default=None)

    def kept(self, event: Event) -> bool:
        done = self.done(event)
        return done is not None and self.day(done) <= date.fromisoformat(event["date"])

    def count(self) -> list[Unit]:
        return [self.unit(*found) for found in self.units()]

    def unit(self, episodes: list[Episode], low: int, high: int) -> Unit:
        counted = max(episodes, key=lambda e: e.rank)  # the first among equals
        values: Counter[Any] = Counter(n=1)
        values[_cell(counted)] = 1
        if counted.answer:
            values.update(self.times(counted))
        values.update(self.resolution(episodes, low, high))
        values.update(self.promises(low, high))
        values.update(self.passing(episodes, low, high))
        opened = episodes[0].opened
        values["contacts"] = len(self.messages(opened + 1, high))
        values["reopened"] = len(episodes) - 1
        month = self.day(opened).isoformat()[:7]
        key = (self.need.name, self.holding.agency, self.kind, self.need.channel, month)
        return Unit(*key, counted.end, counted.bin, values)

    def times(self, episode: Episode) -> Counter[Any]:
        """Wait and histogram of an answered episode."""
        at = episode.answer["counts_at"] if episode.answer else 0
        elapsed = at - episode.opened
        darurat = self.kind == "darurat"
        span = elapsed if darurat else self.office.office_seconds(episode.opened, at)
        values: Counter[Any] = Counter(wait_seconds=max(0, elapsed), skew=int(elapsed < 0))
        values["histogram", bucket_of(max(0, span) // 60)] = 1
        return values

    def resolution(self, episodes: list[Episode], low: int, high: int) -> Counter[Any]:
        first = episodes[0]
        left_out, silent = self.left_out(first, low, high)
        late = not in_time(self.office, self.kind, first.opened, self.as_of, left_out)
        if first.end == "left_early" or not late or (silent and first.resolved is None):
            return Counter()
        values: Counter[Any] = Counter(resolution_due=1)
        if first.resolved is None or len(episodes) > 1:
            return values
        if in_time(self.office, self.kind, first.opened, first.resolved, left_out):
            values["resolved_in_time"] = 1
            spoke = self.messages(first.opened + 1, first.resolved + 1)
            values["solved_first_contact"] = int(not spoke)
        return values

    def left_out(self, first: Episode, low: int, high: int) -> tuple[set[date], bool]:
        """Working days spent waiting for the citizen; whether a question is still open."""
        days: set[date] = set()
        silent = False
        last = FOREVER if first.resolved is None else first.resolved + 1
        for event in self.from_agency("answer", low, last):
            if event["form"] == "asks" and self.counts_at(event, first.opened) is not None:
                said = self.messages(event["at"] + 1, high)
                silent = silent or not said
                if said:
                    days |= self.office.between(event["at"], said[0])
        return days, silent

    def promises(self, low: int, high: int) -> Counter[Any]:
        values: Counter[Any] = Counter()
        for event in self.from_agency("answer", low, high):
            named = event["by"] == "person" and event.get("date")
            if named and self.day(self.as_of) > date.fromisoformat(event["date"]):
                values["promises_due"] += 1
                values["promises_kept"] += int(self.kept(event))
        return values

    def passing(self, episodes: list[Episode], low: int, high: int) -> Counter[Any]:
        """Hand-overs of the unit, each by the clock of its episode."""
        values: Counter[Any] = Counter()
        for hand_over in self.holding.hand_overs:
            if not low <= hand_over.at < high:
                continue
            opened = max(e.opened for e in episodes if e.opened <= hand_over.at)
            values["handed_over"] += 1
            values["handed_slow"] += self.bin(opened, hand_over.at) >= 4
            values["handed_wrong"] += self.wrong(hand_over)
            if hand_over is self.holding.passed:
                values["wait_before_handover_seconds"] += hand_over.at - opened
        return values

    def wrong(self, hand_over: HandOver) -> bool:
        """Returned, or passed on by the receiver before it answered."""
        if hand_over is not self.holding.passed:
            return True
        onward = self.after[0].passed
        if onward is None:
            return False
        receiver = Clerk(self.office, self.need, self.kind, self.after[0], self.as_of)
        answers = [e.answer for episodes, _, _ in receiver.units() for e in episodes if e.answer]
        return not any(answer["counts_at"] <= onward.at for answer in answers)


def _cell(episode: Episode) -> str:
    cells = {"left_late": "left_late", "open": f"censored_{episode.bin}"}
    return cells.get(episode.end, f"{episode.end}_{episode.bin}")


def bucket_of(minutes: int) -> int:
    """The bucket of the histogram of answer times."""
    if minutes < 64:
        return minutes
    k = minutes.bit_length() - 1
    return 64 + 32 * (k - 6) + (minutes - (1 << k)) // (1 << (k - 5))


def lowest_minute(bucket: int) -> int:
    """The lowest minute of a bucket, found by looking."""
    minute = 0
    while bucket_of(minute) < bucket:
        minute += 1
    return minute


def units_of(need: Need, office: Office, as_of: int) -> list[Unit]:
    """Every unit that a need adds to the tally."""
    opened = [event["at"] for event in need.of("opened")]
    if not opened:
        return []
    reason = exclusion(need)
    if reason:
        month = office.local_date(opened[0]).isoformat()[:7]
        values: Counter[Any] = Counter({("excluded_by_reason", reason): 1})
        key = (need.name, need.agency, need.kind, need.channel, month)
        return [Unit(*key, "excluded", 0, values)] if need.kind in RANK else []
    kind = effective_kind(need)
    if kind not in RANK:
        return []
    held = holdings(need)
    clerks = [Clerk(office, need, kind, h, as_of, held[i + 1 :]) for i, h in enumerate(held)]
    return [unit for clerk in clerks for unit in clerk.count()]
