"""Scenes about resolution, reopening and leaving."""

from collections.abc import Iterator

from reference.writing import (
    Piece,
    answer,
    case,
    closed,
    done,
    event,
    opened,
    reopened,
    says,
    step,
    vector,
)

JULY = "2026-07-31 12:00"
BEGIN = opened("2026-07-06 09:00")


def scenes() -> Iterator[Piece]:
    yield from _resolution()
    yield from _reopening()
    yield from _leaving()


def _resolution() -> Iterator[Piece]:
    fast = answer("2026-07-06 09:30")
    yield vector(
        "resolution",
        "Due once the limit has passed; in time, first contact, late, never, before its limit.",
        "2026-07-24 12:00",
        cases=[
            case("first", BEGIN, fast, closed("2026-07-13 23:59:59"), kind="informasi"),
            case(
                "contact",
                BEGIN,
                fast,
                says("2026-07-07 08:00"),
                closed("2026-07-08 08:00"),
                kind="informasi",
            ),
            case("late", BEGIN, fast, closed("2026-07-14 00:00"), kind="informasi"),
            case("never", BEGIN, fast, kind="informasi"),
            case("unanswered", BEGIN, kind="informasi"),
            case(
                "closed-unanswered",
                BEGIN,
                closed("2026-07-06 09:10"),
                fast,
                says("2026-07-20 09:00"),
                kind="informasi",
            ),
            case("thanks", BEGIN, fast, closed("2026-07-06 09:30"), says("2026-07-06 09:40")),
            case("not-yet", BEGIN, fast, closed("2026-07-07 10:00"), kind="pengaduan"),
            case("d", BEGIN, fast, closed("2026-07-09 09:00"), kind="darurat"),
            case("d-late", BEGIN, fast, closed("2026-07-09 09:00:01"), kind="darurat"),
        ],
    )
    yield vector(
        "resolution-limits",
        "14 working days for pengaduan and aspirasi, 60 for pengaduan_pengawasan.",
        "2026-10-01 00:00",
        cases=[
            case("p", BEGIN, fast, closed("2026-07-24 23:59:59")),
            case("p-late", BEGIN, fast, closed("2026-07-27 00:00")),
            case("a", BEGIN, fast, closed("2026-07-24 23:59:59"), kind="aspirasi"),
            case("w", BEGIN, fast, closed("2026-09-30 23:59:59"), kind="pengaduan_pengawasan"),
            case(
                "w-not-due",
                opened("2026-07-07 09:00"),
                answer("2026-07-07 09:30"),
                kind="pengaduan_pengawasan",
            ),
        ],
    )
    asks = answer("2026-07-07 10:00", "asks")
    yield vector(
        "waiting-for-the-citizen",
        "The days strictly between a question and the citizen's next message are left out of the"
        " resolution limit; a question without a message: not due unless resolved.",
        "2026-07-21 12:00",
        cases=[
            case(
                "helped",
                BEGIN,
                asks,
                says("2026-07-13 10:00"),
                closed("2026-07-16 23:59:59"),
                kind="informasi",
            ),
            case(
                "not-enough",
                BEGIN,
                asks,
                says("2026-07-13 10:00"),
                closed("2026-07-17 00:00"),
                kind="informasi",
            ),
            case("silent", BEGIN, asks, kind="informasi"),
            case("silent-d", BEGIN, asks, kind="darurat"),
            case(
                "supplied-d",
                BEGIN,
                answer("2026-07-06 10:00", "asks"),
                says("2026-07-09 08:00"),
                closed("2026-07-09 10:00"),
                kind="darurat",
            ),
            case(
                "machine",
                BEGIN,
                answer("2026-07-06 09:10", "asks", by="automatic"),
                answer("2026-07-06 10:00"),
                kind="informasi",
            ),
            case("silent-closed", BEGIN, asks, closed("2026-07-13 09:00"), kind="informasi"),
            case("silent-late", BEGIN, asks, closed("2026-07-14 09:00"), kind="informasi"),
            case("supplied-open", BEGIN, asks, says("2026-07-09 10:00"), kind="informasi"),
            case(
                "asked-after",
                BEGIN,
                answer("2026-07-06 10:00"),
                closed("2026-07-08 10:00"),
                answer("2026-07-09 10:00", "asks"),
                kind="informasi",
            ),
            case(
                "twice",
                BEGIN,
                asks,
                says("2026-07-10 10:00"),
                answer("2026-07-10 11:00", "asks"),
                says("2026-07-15 10:00"),
                closed("2026-07-17 10:00"),
                kind="informasi",
            ),
            case(
                "same-bin",
                BEGIN,
                answer("2026-07-15 10:00", "asks"),
                says("2026-07-20 10:00"),
                closed("2026-07-20 11:00"),
                kind="informasi",
            ),
        ],
    )
    yield vector(
        "waiting-overlaps",
        "No day is left out twice, and none that the clock has not counted: a late question does"
        " not buy back earlier days.",
        JULY,
        cases=[
            case(
                "overlap",
                BEGIN,
                asks,
                answer("2026-07-08 10:00", "asks"),
                says("2026-07-13 10:00"),
                closed("2026-07-17 10:00"),
                kind="informasi",
            ),
            case(
                "beyond",
                BEGIN,
                answer("2026-07-14 10:00", "asks"),
                closed("2026-07-16 10:00"),
                says("2026-07-23 10:00"),
                kind="informasi",
            ),
            case(
                "beyond-in-time",
                BEGIN,
                asks,
                closed("2026-07-15 10:00"),
                says("2026-07-23 10:00"),
                kind="informasi",
            ),
            case(
                "silent-first",
                BEGIN,
                asks,
                says("2026-07-09 10:00"),
                answer("2026-07-09 11:00", "asks"),
                kind="informasi",
            ),
        ],
    )


def _reopening() -> Iterator[Piece]:
    slow = answer("2026-07-09 10:00")  # bin 5
    solved = [slow, closed("2026-07-09 11:00")]
    back = reopened("2026-07-13 09:00")
    yield vector(
        "reopened",
        "Of a case and its reopenings one episode counts, the one in the latest bin.",
        JULY,
        cases=[
            case("faster", BEGIN, *solved, back, answer("2026-07-13 09:10")),
            case("slower", BEGIN, *solved, back, answer("2026-07-17 09:10")),
            case("open", BEGIN, *solved, back),
            case("equal", BEGIN, *solved, back, answer("2026-07-16 10:00")),
            case("left-early", BEGIN, *solved, back, event("withdrawn", "2026-07-13 09:10")),
            case("left-late", BEGIN, *solved, back, event("withdrawn", "2026-07-15 09:10")),
            case("old-answer", BEGIN, *solved, answer("2026-07-10 10:00"), back),
        ],
    )
    asks = answer("2026-07-06 10:00", "asks")
    yield vector(
        "asked-then-back-too-late",
        "What begins a new case supplies nothing for the old one: no day of it is left out.",
        "2026-07-24 12:00",
        cases=[
            case(
                "too-late",
                BEGIN,
                asks,
                closed("2026-07-06 11:00"),
                reopened("2026-07-20 11:01"),
                kind="informasi",
            ),
            case(
                "in-time",
                BEGIN,
                asks,
                closed("2026-07-06 11:00"),
                reopened("2026-07-20 11:00"),
                kind="informasi",
            ),
        ],
    )
    yield vector(
        "reopened-just-now",
        "An open reopening in an early bin does not better the first episode.",
        "2026-07-13 09:20",
        cases=[
            case("open", BEGIN, *solved, back),
            case("fast", BEGIN, answer("2026-07-06 09:10"), closed("2026-07-06 10:00"), back),
        ],
    )
    twice = [reopened("2026-07-10 09:00"), answer("2026-07-10 09:30"), closed("2026-07-10 10:00")]
    yield vector(
        "reopened-twice",
        "Each reopening is measured from the resolution before it; the latest bin of all counts.",
        JULY,
        cases=[
            case(
                "middle",
                BEGIN,
                *solved,
                *twice,
                reopened("2026-07-20 09:00"),
                says("2026-07-21 09:00"),
            ),
            case(
                "chain",
                opened("2026-07-01 09:00"),
                answer("2026-07-01 09:10"),
                closed("2026-07-01 09:20"),
                reopened("2026-07-15 09:20"),
                answer("2026-07-15 09:30"),
                closed("2026-07-15 09:40"),
                reopened("2026-07-29 09:40"),
            ),
        ],
    )
    yield vector(
        "reopened-too-late",
        "14 x 24 hours after the resolution still reopens; a second later it is a new case.",
        "2026-08-31 12:00",
        cases=[
            case("in", BEGIN, *solved, reopened("2026-07-23 11:00"), says("2026-07-24 11:00")),
            case(
                "new", BEGIN, *solved, reopened("2026-07-23 11:00:01"), answer("2026-08-04 10:00")
            ),
            case(
                "next-month",
                opened("2026-07-13 09:00"),
                answer("2026-07-13 09:30"),
                closed("2026-07-14 09:00"),
                reopened("2026-08-03 09:00"),
                says("2026-08-03 09:30"),
            ),
        ],
    )
    yield vector(
        "reopened-durability",
        "Resolution numbers read the first episode: reopened is not durable; contacts add up.",
        "2026-08-31 12:00",
        cases=[
            case("durable", BEGIN, *solved),
            case("reopened", BEGIN, *solved, back, says("2026-07-13 09:01"), closed(JULY)),
            case("unresolved", BEGIN, slow, back, says("2026-07-13 09:01")),
        ],
    )
    yield vector(
        "reopened-after-promise",
        "The promise of a reopening is measured by the clock of its episode.",
        "2026-08-31 12:00",
        cases=[
            case(
                "k",
                opened("2026-07-06 09:00"),
                answer("2026-07-06 09:10"),
                closed("2026-07-06 10:00"),
                reopened("2026-07-13 09:00"),
                step("2026-07-13 09:10", "2026-07-20"),
                done("2026-07-20 10:00"),
                kind="informasi",
            ),
            case(
                "late",
                opened("2026-07-06 09:00"),
                answer("2026-07-06 09:10"),
                closed("2026-07-06 10:00"),
                reopened("2026-07-13 09:00"),
                step("2026-07-13 09:10", "2026-07-20"),
                done("2026-07-21 10:00"),
                kind="informasi",
            ),
        ],
    )


def _leaving() -> Iterator[Piece]:
    early, late = "2026-07-06 10:00", "2026-07-06 10:00:01"
    yield vector(
        "left-early-and-late",
        "Withdrawn or deleted by its author in bins 1 and 2 is left early, later left late; what"
        " an agency deletes has not left.",
        JULY,
        cases=[
            case("w1", BEGIN, event("withdrawn", "2026-07-06 09:15")),
            case("w2", BEGIN, event("withdrawn", early)),
            case("w3", BEGIN, event("withdrawn", late)),
            case("d2", BEGIN, event("deleted", early, by="author")),
            case("d5", BEGIN, event("deleted", "2026-07-09 10:00", by="author")),
            case("hidden", BEGIN, event("deleted", "2026-07-06 09:05", by="agency")),
            case("then", BEGIN, event("withdrawn", late), answer("2026-07-06 10:30")),
            case("same", BEGIN, answer(early), event("withdrawn", early)),
            case("after", BEGIN, answer("2026-07-06 09:30"), event("withdrawn", early)),
        ],
    )
    yield vector(
        "left-late-stays",
        "Left late stays unanswered for ever, also for resolution, whatever follows.",
        "2026-08-31 12:00",
        cases=[
            case(
                "k",
                BEGIN,
                event("withdrawn", "2026-07-10 09:00"),
                answer("2026-07-10 10:00"),
                closed("2026-07-10 10:00"),
            ),
            case(
                "early", BEGIN, event("withdrawn", "2026-07-06 09:30"), closed("2026-07-07 09:00")
            ),
        ],
    )
