"""Which figures of the gaming report see which way of flattering numbers, and how often honesty.

    python benchmarks/gaming.py [--quick] [--markdown]

Simulated agencies (`pelayanan.testing.habits`), one cheat planted at a time. ``--markdown`` writes
the table into `docs/gaming.md`; ``--quick`` takes a tenth of the agencies.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pelayanan.score.gaming.figures import FIGURES, FigureName
from pelayanan.testing.habits import Cheat, SimulatedHabits

PAGE = Path(__file__).resolve().parents[1] / "docs" / "gaming.md"
_BEGIN, _END = "<!-- figures: benchmarks/gaming.py --markdown -->\n", "<!-- end of figures -->\n"
_HONEST, _EACH = 400, 100
_SILENT = "recorded_late"  # it never asks for a look
ASKING: tuple[FigureName, ...] = tuple(name for name in FIGURES if name != _SILENT)
CHEATS: tuple[Cheat, ...] = ("", *ASKING)


def main(words: Sequence[str]) -> int:
    """Simulate, print the table, and write it down where asked."""
    text = "\n".join(table(10 if "--quick" in words else 1))
    print(text)
    if "--markdown" in words:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
        after = rest.partition(_END)[2]
        PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")
    return 0


def table(part: int) -> Iterator[str]:
    """One row a cheat: how often each figure asks for a look, of how many agencies."""
    yield f"| planted | agencies | {' | '.join(f'`{name}`' for name in ASKING)} |"
    yield "| --- " * (2 + len(ASKING)) + "|"
    for cheat in CHEATS:
        size = (_EACH if cheat else _HONEST) // part
        seen, shown = looked(cheat, size)
        cells = [f"{seen[name]} of {shown[name]}" if shown[name] else "-" for name in ASKING]
        yield f"| {f'`{cheat}`' if cheat else 'nothing'} | {size} | {' | '.join(cells)} |"
    yield ""


def looked(cheat: Cheat, size: int) -> tuple[Counter[str], Counter[str]]:
    """How often each figure asks for a look, and how often it has enough to say anything."""
    seen: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for seed in range(1000, 1000 + size):  # not those that it was tried with
        (figures,) = SimulatedHabits(seed=seed, cheat=cheat).report().agencies.values()
        seen.update(name for name, figure in figures.items() if figure.look)
        shown.update(name for name, figure in figures.items() if figure.value is not None)
    return seen, shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
