"""Scenes about what is an answer, and about promises."""

from collections.abc import Iterator

from reference.writing import (
    Piece,
    answer,
    case,
    closed,
    done,
    opened,
    says,
    step,
    vector,
)

JULY = "2026-07-31 12:00"
BEGIN = opened("2026-07-06 09:00")


def scenes() -> Iterator[Piece]:
    yield from _answers()
    yield from _promises()


def _answers() -> Iterator[Piece]:
    yield vector(
        "acknowledgements",
        "Automatic messages, receipts, and next steps without a unit or a date are no answers.",
        JULY,
        cases=[
            case("auto", BEGIN, answer("2026-07-06 09:00:10", by="automatic")),
            case("receipt", BEGIN, answer("2026-07-06 09:05", "receipt")),
            case(
                "no-date",
                BEGIN,
                answer("2026-07-06 09:05", "next_step", unit="Bidang A"),
                answer("2026-07-07 09:00"),
            ),
            case("no-unit", BEGIN, answer("2026-07-06 09:05", "next_step", date="2026-07-08")),
            case("both", BEGIN, answer("2026-07-06 09:05", "receipt"), answer("2026-07-06 09:50")),
            case("asks", BEGIN, answer("2026-07-06 09:10", "asks")),
        ],
    )
    yield vector(
        "to-private",
        '"Please send a DM" counts when the private thread gets a substantive answer, then.',
        JULY,
        cases=[
            case("never", BEGIN, answer("2026-07-06 09:10", "to_private")),
            case(
                "later",
                BEGIN,
                answer("2026-07-06 09:10", "to_private"),
                says("2026-07-06 09:20"),
                answer("2026-07-06 13:00", private=True),
            ),
        ],
    )
    yield vector(
        "mixed-kinds",
        "Kinds with other clocks in one agency and one curve; criticism makes no obligation.",
        JULY,
        cases=[
            case("i", BEGIN, answer("2026-07-06 09:20"), kind="informasi", channel="email"),
            case("p", BEGIN, answer("2026-07-08 09:20"), kind="pengaduan"),
            case("w", BEGIN, answer("2026-07-17 10:00"), kind="pengaduan_pengawasan"),
            case("a", BEGIN, kind="aspirasi"),
            case("d", BEGIN, answer("2026-07-06 09:20"), kind="darurat", channel="whatsapp"),
            case("k", BEGIN, kind="kritik"),
            case("s", BEGIN, kind="spam"),
        ],
    )
    yield vector(
        "periods",
        "A case belongs to the month of its local opening and is followed until as_of.",
        "2026-08-14 10:00",
        cases=[
            case("june", opened("2026-06-30 23:59:59"), answer("2026-07-01 08:00")),
            case("july", opened("2026-07-01 00:00"), answer("2026-08-03 08:00")),
            case("august", opened("2026-08-13 15:00")),
        ],
    )


def _promises() -> Iterator[Piece]:
    yield vector(
        "promise-kept",
        "An answer that only names a next step counts from its instant: the step was done in time.",
        JULY,
        cases=[
            case("before", BEGIN, step("2026-07-06 09:30", "2026-07-10"), done("2026-07-09 11:00")),
            case("on", BEGIN, step("2026-07-06 09:30", "2026-07-10"), done("2026-07-10 23:59:59")),
        ],
    )
    yield vector(
        "promise-broken",
        "Once its date is past, an unkept promise answers when the step was done, else never.",
        JULY,
        cases=[
            case("late", BEGIN, step("2026-07-06 09:30", "2026-07-10"), done("2026-07-11 00:00")),
            case("never", BEGIN, step("2026-07-06 09:30", "2026-07-10")),
            case(
                "answered-after",
                BEGIN,
                step("2026-07-06 09:30", "2026-07-10"),
                answer("2026-07-14 10:00"),
                done("2026-07-20 10:00"),
            ),
            case(
                "closed-before-done",
                BEGIN,
                step("2026-07-06 09:30", "2026-07-10"),
                closed("2026-07-10 16:00"),
                done("2026-07-13 10:00"),
                closed("2026-07-15 10:00"),
            ),
        ],
    )
    yield vector(
        "promise-pending",
        "Until the local date of as_of is past the promised date, the promise counts.",
        "2026-07-10 23:59:59",
        cases=[
            case("today", BEGIN, step("2026-07-06 09:30", "2026-07-10")),
            case("tomorrow", BEGIN, step("2026-07-06 09:30", "2026-07-11")),
            case("yesterday", BEGIN, step("2026-07-06 09:30", "2026-07-09")),
        ],
    )
    yield vector(
        "promise-too-far",
        "A date later than the kind's resolution limit makes the answer an acknowledgement; the"
        " date is still a promise.",
        "2026-08-31 12:00",
        cases=[
            case("i-5", BEGIN, step("2026-07-06 09:30", "2026-07-13"), kind="informasi"),
            case("i-6", BEGIN, step("2026-07-06 09:30", "2026-07-14"), kind="informasi"),
            case(
                "i-5-kept",
                BEGIN,
                step("2026-07-06 09:30", "2026-07-13"),
                done("2026-07-13 08:00"),
                kind="informasi",
            ),
            case(
                "i-6-kept",
                BEGIN,
                step("2026-07-06 09:30", "2026-07-14"),
                done("2026-07-13 08:00"),
                kind="informasi",
            ),
            case("p-14", BEGIN, step("2026-07-06 09:30", "2026-07-24"), done("2026-07-24 08:00")),
            case("p-15", BEGIN, step("2026-07-06 09:30", "2026-07-25"), done("2026-07-24 08:00")),
            case(
                "d",
                opened("2026-07-06 22:00"),
                step("2026-07-06 22:04", "2026-07-09"),
                done("2026-07-07 08:00"),
                kind="darurat",
            ),
            case(
                "d-4",
                opened("2026-07-06 22:00"),
                step("2026-07-06 22:04", "2026-07-10"),
                done("2026-07-07 08:00"),
                kind="darurat",
            ),
        ],
    )
    yield vector(
        "promises-counted",
        "Every date named by a person counts once past, in a whole answer too.",
        JULY,
        cases=[
            case(
                "two",
                BEGIN,
                answer("2026-07-06 10:00", promise="p1", date="2026-07-08"),
                done("2026-07-08 10:00", "p1"),
                answer("2026-07-09 10:00", promise="p2", date="2026-07-15"),
            ),
            case("future", BEGIN, answer("2026-07-06 10:00", promise="p1", date="2026-07-31")),
            case(
                "machine",
                BEGIN,
                answer("2026-07-06 10:00", by="automatic", promise="p1", date="2026-07-08"),
            ),
        ],
    )
