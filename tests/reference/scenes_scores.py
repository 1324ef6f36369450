"""Scenes about indices, grades and flags; most give the rows of the tally outright."""

from collections.abc import Iterator
from typing import Any

from reference.writing import Piece, answer, case, opened, row, vector

JULY = "2026-07-31 12:00"
BEGIN = opened("2026-07-06 09:00")
NEIGHBOUR = row("tetangga", answered_2=9, answered_4=14, answered_5=11, answered_7=4, left_late=2)


def scored(name: str, about: str, *rows: Piece, **rest: Any) -> Piece:
    return vector(name, about, JULY, rows=list(rows), **rest)


def polls(agency: str, due: int, done: int) -> Piece:
    return row(agency, kind="", polls_due=due, polls_done=done)


def whole(agency: str, n: int, j: int = 1, **rest: Any) -> Piece:
    """All `n` cases answered in bin `j`, the rest of the four dimensions as good as can be."""
    full = {"resolution_due": n, "resolved_in_time": n, "solved_first_contact": n}
    audited = rest.pop("audited", 30)
    full |= {"audited_answers": audited, "audited_ok": rest.pop("ok", 8 * audited)}
    full |= {"promises_due": n // 2, "promises_kept": n // 2, "polls_due": 100, "polls_done": 100}
    return row(agency, **{f"answered_{j}": n, **full, **rest})


def scenes() -> Iterator[Piece]:
    yield from _alone()
    yield from _bounds()
    yield from _small()


def _alone() -> Iterator[Piece]:
    yield scored(
        "no-cases",
        "An agency without cases has no score; it is still one of the others.",
        NEIGHBOUR,
        row("sepi", n=0, polls_due=160, polls_done=160),
    )
    yield scored(
        "no-cases-but-promises",
        "Promises, audits and hand-overs of an agency without cases count among the others.",
        whole("dinsos", 20, 3),
        row("sepi", n=0, promises_due=9, promises_kept=1, audited_answers=3, audited_ok=5),
        profile="lengkap",
    )
    yield scored("one-agency", "One agency: its prior is the reference curve.", NEIGHBOUR)
    yield scored(
        "one-agency-lengkap",
        "One agency, four dimensions: parts begin at one half.",
        row(
            "tetangga",
            **{**NEIGHBOUR["values"], "resolution_due": 30, "resolved_in_time": 21},
            solved_first_contact=9,
            promises_due=7,
            promises_kept=5,
            handed_over=4,
            handed_wrong=1,
            handed_slow=2,
            audited_answers=12,
            audited_ok=77,
            polls_due=240,
            polls_done=229,
        ),
        profile="lengkap",
    )
    yield scored("one-case", "One case, answered at once.", row("dinsos", answered_1=1), NEIGHBOUR)
    yield scored(
        "nobody-answers",
        "Nobody answers, in the whole province.",
        row("a", censored_9=40),
        row("b", left_late=3, censored_8=20),
    )
    yield scored("nobody-answers-alone", "One agency, nobody answers.", row("a", censored_9=500))
    yield scored(
        "all-in-bin-1", "Everything answered within 15 minutes.", row("a", answered_1=50), NEIGHBOUR
    )
    yield scored(
        "censored-in-bin-1",
        "Everything open and just posted: nothing is known, the prior speaks.",
        row("a", censored_1=25),
        NEIGHBOUR,
    )
    yield scored("censored-in-bin-1-alone", "The same without others.", row("a", censored_1=25))
    yield scored(
        "left-early-mostly",
        "Cases that left early are exposed for half of their bin.",
        row("a", answered_3=4, left_early_1=6, left_early_2=3, left_early_4=2, censored_2=1),
        NEIGHBOUR,
    )
    yield scored(
        "every-cell",
        "Something in every cell of the tally.",
        row(
            "a",
            **{f"answered_{j}": j for j in range(1, 10)},
            **{f"left_early_{j}": 2 * j for j in range(1, 5)},
            **{f"censored_{j}": 10 - j for j in range(1, 10)},
            left_late=5,
        ),
        NEIGHBOUR,
    )
    yield scored(
        "very-many",
        "A billion answers in bin 1: the variance vanishes, the interval is the index.",
        row("a", answered_1=10**9),
        row("b", answered_5=10**6, censored_9=10**5),
    )


def _bounds() -> Iterator[Piece]:
    full = {"profile": "lengkap"}
    yield scored("grade-A", "Quick, complete, read by people: A.", whole("a", 60), **full)
    yield scored(
        "no-audit",
        "Nobody read an answer: at most B, and the rubric stays at its prior.",
        whole("a", 60, audited=0),
        whole("b", 40, 3, audited=0),
        **full,
    )
    yield scored(
        "nine-audits", "Nine audited answers are too few for A.", whole("a", 60, audited=9), **full
    )
    yield scored(
        "ten-audits", "Ten audited answers are enough.", whole("a", 60, audited=10), **full
    )
    yield scored(
        "no-promise",
        "No promise, no hand-over, nothing due: the parts stay near their prior.",
        row("a", answered_1=30, audited_answers=20, audited_ok=150, polls_due=9, polls_done=9),
        row("b", answered_5=9, censored_6=7, audited_answers=9, audited_ok=40),
        **full,
    )
    yield scored(
        "cap-C-speed",
        "Two of five never answered: C, however quick the rest.",
        row("a", answered_1=64, answered_6=36),
        row("b", answered_1=90, answered_3=10),
    )
    yield scored(
        "cap-C-rubric",
        "Quick answers that answer nothing: rubric under one half, C.",
        whole("a", 80, ok=90),
        whole("b", 80, ok=200),
        **full,
    )
    yield scored(
        "cap-C-rubric-too-few",
        "Nine bad audits cap at B, not at C.",
        whole("a", 80, audited=9, ok=10),
        whole("b", 80),
        **full,
    )
    yield scored(
        "rubric-one-half",
        "A rubric of exactly one half is not under it: no cap.",
        whole("a", 80, audited=10, ok=40),
        **full,
    )
    yield scored(
        "cap-B-dasar", "Profile dasar: at most B, nobody read the answers.", row("a", answered_1=80)
    )
    yield scored(
        "floor-C",
        "Everything on the last legal day: the index is under 65, the law is kept, C.",
        row("a", answered_5=100),
        row("b", answered_5=60, censored_9=40),
    )
    yield scored(
        "floor-C-lengkap",
        "The floor holds in the full profile too.",
        row("a", answered_5=150, resolution_due=150, audited_answers=30, audited_ok=100),
        row("b", answered_6=60, censored_9=40),
        **full,
    )
    yield scored(
        "grade-D", "Half is never answered: D.", row("a", answered_4=30, censored_9=30), NEIGHBOUR
    )
    yield scored(
        "grade-bounds",
        "All within an hour 92, four hours 84, a day 77, three days 65, five days 40, nearly.",
        *[row(f"bin-{j}", **{f"answered_{j}": 10**5}) for j in range(1, 9)],
    )


def _small() -> Iterator[Piece]:
    yield scored(
        "decided-counts",
        "Under 10 decided no grade, 10 to 29 sementara; open cases up to bin 5 decide nothing.",
        row("nine", answered_1=9, censored_5=50, left_early_1=4),
        row("ten", answered_1=7, left_late=2, censored_6=1),
        row("twenty-nine", answered_9=29),
        row("thirty", answered_2=28, censored_9=2),
    )
    yield scored(
        "coverage-bound",
        "Coverage under 80 % is provisional in both profiles; exactly 80 % is not.",
        row("exact", answered_1=20),
        row("under", answered_1=20),
        polls("exact", 1000, 800),
        polls("under", 1000, 799),
    )
    yield scored(
        "mix",
        "Over 0.20 more informasi than the others together: flagged, CEPAT without it beside.",
        row("a", kind="informasi", answered_1=30),
        row("a", kind="pengaduan", answered_6=8, censored_9=2),
        row("b", kind="informasi", answered_2=20),
        row("b", kind="darurat", answered_4=30, left_late=3),
        row("c", kind="informasi", answered_2=10),
    )
    yield scored(
        "mix-bound",
        "Exactly 0.20 more is not flagged.",
        row("a", kind="informasi", answered_1=7),
        row("a", kind="aspirasi", answered_6=3),
        row("b", kind="informasi", answered_2=50),
        row("b", kind="pengaduan", answered_4=50),
    )
    cases = [
        case(f"k{i}", BEGIN, answer("2026-07-06 09:10", family="f1" if i < 6 else f"f{i}"))
        for i in range(12)
    ]
    yield vector(
        "template",
        "One text in half of all answers of an agency is not flagged, in more it is.",
        JULY,
        cases=[*cases, case("l", BEGIN, answer("2026-07-06 09:10", family="f1"), agency="dinkes")],
    )
