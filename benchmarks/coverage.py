"""How often the 90 % interval of a score holds the truth (score.md, end of section 5).

    python benchmarks/coverage.py [--quick] [--markdown] [--apart] [--lone 1] [--seed 7]

Simulated provinces of 45, 5 and 1 agencies, scored by the library; `--markdown` writes the table
into `docs/coverage.md`. ``--quick`` draws a tenth as many provinces; ``--apart`` lets each stratum
draw its own share of never answered. ``--lone 1`` draws only provinces of one agency, the same as
without it, and scores them not by `idt/1` but with that strength m of the curve's prior.
"""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from agencies import AFTER, CALENDAR, STANDARDS, Agencies, Clock

from pelayanan.score import Tally, TallyKey, curve, score_tally
from pelayanan.score.index import COUNTED, Index, Profile, interval
from pelayanan.score.table import Table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "coverage.md"
_BEGIN, _END = "<!-- figures: benchmarks/coverage.py --markdown -->\n", "<!-- end of figures -->\n"
SIZES = (45, 5, 1)
BETAS = {"Beta(2,5)": (2.0, 5.0), "Beta(0.7,1.2)": (0.7, 1.2), "Beta(30,1)": (30.0, 1.0)}
NOBODY = "Beta(30,1)"  # nearly nobody is answered: no upper bound
STRATA = (1, 10)
ENDS = {
    "mid-month": datetime(2026, 10, 16, tzinfo=CALENDAR.zone),
    "month end": AFTER,
    "later": datetime(2027, 2, 15, tzinfo=CALENDAR.zone),
}
NS = (5, 10, 30, 100)
PROFILES: tuple[Profile, ...] = ("dasar", "lengkap")
_ROWS = 3600  # agencies in each cell, whatever the size of their provinces
_LEAST = {"dasar": 85.0, "lengkap": 87.0}
_MOST = 96.0


class Cell(NamedTuple):
    """One kind of province, and in which share of its agencies the interval held the truth."""

    size: int
    never: str
    strata: int
    end: str
    n: int
    held: Mapping[str, float]

    def misses(self) -> Iterator[str]:
        """The profiles in which it is not what is required."""
        for profile, share in self.held.items():
            over = profile == "dasar" and self.never != NOBODY and share > _MOST
            if share < _LEAST[profile] or over:
                yield profile


def main(words: Sequence[str]) -> int:
    """Simulate, print the table, and write it down where asked; 1 if a cell misses."""
    seed = int(words[words.index("--seed") + 1]) if "--seed" in words else 7
    began = time.monotonic()
    rows = _ROWS // 10 if "--quick" in words else _ROWS
    sizes = SIZES
    if "--lone" in words:
        sizes = (1,)
        curve._STRENGTH = float(words[words.index("--lone") + 1])
    cells = list(run(rows, seed, sizes, apart="--apart" in words))
    minutes = (time.monotonic() - began) / 60
    text = "\n".join(told(cells, rows, seed=seed, minutes=minutes))
    print(text)
    if "--markdown" in words and "--lone" not in words:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
        after = rest.partition(_END)[2]
        PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")
    return int(any(name for cell in cells for name in cell.misses()))


def run(
    rows: int, seed: int, sizes: Sequence[int] = SIZES, *, apart: bool = False
) -> Iterator[Cell]:
    """All cells; each has a stream of its own, so that one can be repeated alone."""
    clocks = {end: Clock(as_of) for end, as_of in ENDS.items()}
    kinds = product(SIZES, BETAS, STRATA, ENDS, NS)
    for number, (size, never, strata, end, n) in enumerate(kinds):
        if size not in sizes:
            continue
        rng = np.random.default_rng([seed, number])
        count = max(1, rows // size) * size
        agencies = Agencies.drawn(
            rng, clocks[end], count, beta=BETAS[never], strata=strata, apart=apart
        )
        yield Cell(size, never, strata, end, n, coverage(rng, agencies, size, n))
        print(f"{number + 1} of 216", end="\r", file=sys.stderr, flush=True)


def coverage(rng: np.random.Generator, agencies: Agencies, size: int, n: int) -> dict[str, float]:
    """Simulate a month in provinces of `size` agencies, and score it in both profiles."""
    month = tallied(rng, agencies, n)
    own = Table.of(month.counts).by(lambda key: key.agency).cells(COUNTED)
    others = _others(own, size)
    found: dict[str, float] = {}
    for profile in PROFILES:
        index = Index.of(own, STANDARDS, profile, others=others)
        low, high = interval(index.index, index.variance)
        _check(month, size, profile, index.index, (low, high))
        truth = agencies.truth(profile)
        found[profile] = 100 * float(((low <= truth) & (truth <= high)).mean())
    return found


def tallied(rng: np.random.Generator, agencies: Agencies, n: int) -> Tally:
    """The month through the library's own counting, with what people read and machines polled."""
    as_of = agencies.clock.as_of
    cases = Tally.count(
        agencies.month(rng, n),
        calendar=CALENDAR,
        standards=STANDARDS,
        as_of=as_of,
        period="2026-10",
        province="P",
    )
    read: list[tuple[TallyKey, dict[str, int]]] = []
    for key, counts in cases:
        answers = sum(counts.get(f"answered_{number}", 0) for number in range(1, 10))
        more = agencies.audited(rng, int(key.agency[1:]), answers)
        read.append((key._replace(kind=""), more))
    return cases + Tally.of(read)


def _others(own: np.ndarray, size: int) -> np.ndarray:
    """For each agency the sum over the others of its province."""
    province = np.arange(len(own)) // size
    whole = np.zeros_like(own)
    np.add.at(whole, province, own)
    return whole[province] - own


def _check(
    month: Tally,
    size: int,
    profile: Profile,
    index: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
) -> None:
    """All provinces in one go are scored as `score_tally` scores the first one."""
    names = {f"a{number:05d}" for number in range(size)}
    first = Tally({key: values for key, values in month.counts.items() if key.agency in names})
    for name, score in score_tally(first, profile=profile).agencies.items():
        row = int(name[1:])
        ours = (100 * index[row], ends[0][row], ends[1][row])
        if not np.allclose(ours, (score.index, score.low, score.high), rtol=0, atol=1e-9):
            raise AssertionError(f"scored otherwise than score_tally: {ours}")


def told(cells: Sequence[Cell], rows: int, *, seed: int, minutes: float) -> Iterable[str]:
    """Head and tables; what misses is bold."""
    yield (
        f"Seed {seed}, {len(cells)} kinds of province with {rows} agencies each, "
        f"{minutes:.0f} minutes.\n"
    )
    for profile in PROFILES:
        yield f"### `{profile}`\n"
        heads = ("agencies", "never answered", "strata", "as of", *(f"n = {n}" for n in NS))
        yield f"| {' | '.join(heads)} |"
        yield "| --- " * len(heads) + "|"
        for size, never, strata, end in dict.fromkeys(cell[:4] for cell in cells):
            here = [cell for cell in cells if cell[:4] == (size, never, strata, end)]
            shares = [_shown(cell, profile) for cell in here]
            yield f"| {size} | {never} | {strata} | {end} | {' | '.join(shares)} |"
        yield ""
    missed = [(cell, name) for cell in cells for name in cell.misses()]
    yield f"{2 * len(cells) - len(missed)} of {2 * len(cells)} entries are as required.\n"


def _shown(cell: Cell, profile: str) -> str:
    share = f"{cell.held[profile]:.1f}"
    return f"**{share}**" if profile in set(cell.misses()) else share


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
