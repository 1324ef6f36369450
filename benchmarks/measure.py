"""Two ways to do one thing, measured in turns, and the table of what came out."""

import gc
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

Work = Callable[[], object]
Clock = Callable[[], float]
WALL: Clock = time.perf_counter
CPU: Clock = time.process_time  # leaves out what others do on a shared machine


def CHILDREN() -> float:  # noqa: N802  a clock like the others
    """Processor time of the programs that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        budget: What `ratio` (or `ours` where there is no peer) has to be, as the design words it.
        met: ``None`` where there is no budget.
        spread: Of the ratio, from turn to turn: its quarter and three-quarter points.
    """

    what: str
    ours: str
    peer_name: str
    peer: str
    ratio: str
    spread: str
    budget: str
    met: bool | None


@dataclass(frozen=True)
class Pair:
    """What some turns showed, in seconds each."""

    ours: Sequence[float]
    peer: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """Ours in units of the peer's time of the same turn."""
        return [mine / other for mine, other in zip(self.ours, self.peer, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)


def in_turns(ours: Work, peer: Work, *, turns: int = 9, clock: Clock = CPU) -> Pair:
    """Time both, one after the other, `turns` times, each going first in every second turn.

    A first run of each, which loads and caches, is not counted.
    """
    times: dict[Work, list[float]] = {ours: [], peer: []}
    for turn in range(-1, turns):
        for work in (ours, peer) if turn % 2 else (peer, ours):
            gc.collect()
            began = clock()
            work()
            if turn >= 0:
                times[work].append(clock() - began)
    return Pair(times[ours], times[peer])


def at_most(what: str, peer_name: str, pair: Pair, limit: float | None, per: int = 1) -> Row:
    """A row whose ratio, ours to the peer's time, must not be more than `limit`.

    Args:
        what: What was done.
        peer_name: By what it was done otherwise.
        pair: The times.
        limit: ``None`` where there is no budget.
        per: How many things one turn did; times are shown for one of them.
    """
    budget = "" if limit is None else f"at most {limit:g} x"
    met = None if limit is None else pair.ratio <= limit
    return _row(what, peer_name, pair, per, ratios=pair.ratios, budget=budget, met=met)


def at_least(what: str, peer_name: str, pair: Pair, limit: float, per: int = 1) -> Row:
    """A row whose ratio, our speed to the peer's, must not be less than `limit`."""
    speeds = [1 / each for each in pair.ratios]
    budget, met = f"at least {limit:g} x", median(speeds) >= limit
    return _row(what, peer_name, pair, per, ratios=speeds, budget=budget, met=met)


def _row(
    what: str,
    peer_name: str,
    pair: Pair,
    per: int,
    *,
    ratios: Sequence[float],
    budget: str,
    met: bool | None,
) -> Row:
    low, _, high = quantiles(ratios, n=4)
    return Row(
        what,
        seconds(median(pair.ours) / per),
        peer_name,
        seconds(median(pair.peer) / per),
        f"{median(ratios):.3g} x",
        f"{low:.3g} to {high:.3g}",
        budget,
        met,
    )


def seconds(value: float) -> str:
    """With three digits, in the unit that suits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


_HEADS = ("what", "ours", "peer", "its", "ratio", "quartiles", "budget", "met")


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown, columns in line."""
    said = {True: "yes", False: "**no**", None: ""}
    cells = [
        (
            row.what,
            row.ours,
            row.peer_name,
            row.peer,
            row.ratio,
            row.spread,
            row.budget,
            said[row.met],
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(_HEADS, *cells, strict=True)]
    lines = [_line(_HEADS, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join(lines + [_line(each, widths) for each in cells])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    filled = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return "| " + " | ".join(filled) + " |"
