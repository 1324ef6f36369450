"""Scenes about claims and their confirmation, and about hand-overs."""

from collections.abc import Iterator
from typing import Any

from reference.writing import (
    Piece,
    answer,
    case,
    closed,
    confirms,
    event,
    opened,
    passes,
    reopened,
    returns,
    says,
    step,
    vector,
)

JULY = "2026-07-31 12:00"
BEGIN = opened("2026-07-06 09:00")
SOON = "2026-07-06 10:30"  # bin 3
BY = ("province", "receiver", "citizen", "agency")


def scenes() -> Iterator[Piece]:
    yield from _exclusions()
    yield from _kinds()
    yield from _mass()
    yield from _hand_overs()
    yield from _comings_back()


def _exclusions() -> Iterator[Piece]:
    out = event("excluded", "2026-07-07 09:00", id="x1", reason="bukan_wewenang")
    yield vector(
        "exclusion-claimed",
        "An exclusion that nobody outside the agency confirmed excludes nothing.",
        JULY,
        cases=[
            case("alone", BEGIN, out),
            case("own-word", BEGIN, out, confirms("2026-07-08 09:00", "x1", "agency")),
            case("too-late", BEGIN, out, confirms("2026-07-31 12:00:01", "x1")),
            case("other", BEGIN, out, confirms("2026-07-08 09:00", "x2")),
        ],
    )
    confirmed = [
        case(f"by-{who}", BEGIN, out, confirms("2026-07-08 09:00", "x1", who)) for who in BY[:3]
    ]
    yield vector(
        "exclusion-confirmed",
        "Confirmed from outside it leaves the denominator; over 15 % excluded is provisional.",
        JULY,
        cases=confirmed + [case(f"k{i}", BEGIN, answer("2026-07-06 09:10")) for i in range(12)],
        polls=[
            {"agency": "dinsos", "channel": "mastodon", "period": "2026-07", "due": 5, "done": 5}
        ],
    )
    yield vector(
        "exclusion-share-bound",
        "Exactly 15 % excluded (3 of 20) is not provisional; coverage of exactly 80 % neither.",
        JULY,
        cases=confirmed + [case(f"k{i}", BEGIN, answer("2026-07-06 09:10")) for i in range(17)],
        polls=[
            {"agency": "dinsos", "channel": "mastodon", "period": "2026-07", "due": 5, "done": 4}
        ],
    )
    yield vector(
        "excluded-without-claim",
        "Own accounts and messages before the account was registered need no claim and are no"
        " share.",
        JULY,
        cases=[
            case("own", BEGIN, event("excluded", "2026-07-06 09:00", reason="internal")),
            case("old", BEGIN, event("excluded", "2026-07-06 09:00", reason="before_start")),
            *[case(f"k{i}", BEGIN, answer("2026-07-06 09:10")) for i in range(3)],
        ],
        polls=[
            {"agency": "dinsos", "channel": "mastodon", "period": "2026-07", "due": 5, "done": 5}
        ],
    )


def _kinds() -> Iterator[Piece]:
    late = answer("2026-07-14 00:00")  # bin 7 of the office, on the 6th working day

    def change(kind: str) -> Piece:
        return event("kind", "2026-07-07 09:00", id="c1", kind=kind)

    ok = confirms("2026-07-08 09:00", "c1")
    yield vector(
        "kind-claimed",
        "Against what triage said, a longer limit or no obligation needs a confirmation.",
        JULY,
        cases=[
            case("longer", BEGIN, change("pengaduan"), late, closed(JULY), kind="informasi"),
            case("none", BEGIN, change("kritik"), late, kind="informasi"),
            case("slower", BEGIN, change("informasi"), late, kind="darurat"),
            case("inspect", BEGIN, change("pengaduan_pengawasan"), late, kind="aspirasi"),
        ],
    )
    yield vector(
        "kind-confirmed",
        "Confirmed, the case counts under its new kind from its opening, or not at all.",
        JULY,
        cases=[
            case("longer", BEGIN, change("pengaduan"), ok, late, closed(JULY), kind="informasi"),
            case("none", BEGIN, change("kritik"), ok, late, kind="informasi"),
            case("slower", BEGIN, change("informasi"), ok, late, kind="darurat"),
            case("inspect", BEGIN, change("pengaduan_pengawasan"), ok, late, kind="aspirasi"),
        ],
    )
    yield vector(
        "kind-shorter",
        "A shorter or equal limit, or an obligation where triage saw none, needs no claim.",
        JULY,
        cases=[
            case("faster", BEGIN, change("informasi"), late, kind="pengaduan"),
            case("urgent", BEGIN, change("darurat"), late, kind="informasi"),
            case("equal", BEGIN, change("aspirasi"), late, kind="pengaduan"),
            case("heard", BEGIN, change("informasi"), late, kind="kritik"),
        ],
    )


def _copies(count: int, **rest: Any) -> list[Piece]:
    return [
        case(
            f"k{i:02}",
            opened(f"2026-07-{6 + i % 3:02} 09:00"),
            answer(f"2026-07-{6 + i % 3:02} 09:10", family="f1", id=f"m{i}", **rest),
            author=f"warga{i:02}",
        )
        for i in range(count)
    ]


def _mass() -> Iterator[Piece]:
    yield vector(
        "mass-text-eleven",
        "One text sent outside the ledger to 11 citizens in a month answers nobody until it is"
        " confirmed; one of them was.",
        JULY,
        cases=[
            *_copies(10, ledger=False),
            case(
                "k10",
                opened("2026-07-09 09:00"),
                answer("2026-07-09 09:10", family="f1", id="m10", ledger=False),
                confirms("2026-07-10 09:00", "m10"),
                author="warga10",
            ),
            case("own", BEGIN, answer("2026-07-06 09:40", family="f2", ledger=False)),
        ],
    )
    yield vector(
        "mass-text-ten",
        "Ten citizens, one of them twice, are not more than ten.",
        JULY,
        cases=[
            *_copies(10, ledger=False),
            case(
                "again",
                opened("2026-07-09 09:00"),
                answer("2026-07-09 09:10", family="f1", id="m10", ledger=False),
                author="warga00",
            ),
        ],
    )
    yield vector(
        "mass-text-two-months",
        "The period is that of sending: six in June and six in July are no mass.",
        JULY,
        cases=[
            *_copies(6, ledger=False),
            *[
                case(
                    f"j{i}",
                    opened("2026-06-30 09:00"),
                    answer("2026-06-30 09:10", family="f1", id=f"j{i}", ledger=False),
                    author=f"tetangga{i}",
                )
                for i in range(6)
            ],
        ],
    )
    yield vector(
        "template-in-the-ledger",
        "Through the ledger a template needs no claim; as over half of all answers it is flagged.",
        JULY,
        cases=[
            *_copies(12, ledger=True),
            *[case(f"o{i}", BEGIN, answer("2026-07-06 09:20")) for i in range(11)],
        ],
    )


def _hand_overs() -> Iterator[Piece]:
    accepted = confirms("2026-07-07 11:00", "h1", "receiver")
    reply = answer("2026-07-06 11:00", agency="dinkes")
    yield vector(
        "hand-over-claimed",
        "Without acceptance the case stays with its sender.",
        JULY,
        cases=[
            case("alone", BEGIN, passes(SOON, "dinkes"), reply),
            case("own-word", BEGIN, passes(SOON, "dinkes"), confirms(SOON, "h1", "agency")),
        ],
    )
    yield vector(
        "hand-over-accepted",
        "Accepted, the sender's case left at the hand-over and the receiver's opened then.",
        JULY,
        cases=[
            case("b3", BEGIN, passes(SOON, "dinkes"), accepted, reply),
            case("b4", BEGIN, passes("2026-07-07 10:30", "dinkes"), accepted),
            case(
                "b5",
                BEGIN,
                passes("2026-07-08 10:30", "dinkes"),
                confirms("2026-07-08 11:00", "h1"),
                says("2026-07-08 12:00"),
                answer("2026-07-10 10:00", agency="dinkes"),
                closed("2026-07-10 10:00", agency="dinkes"),
            ),
            case(
                "before",
                BEGIN,
                passes(SOON, "dinkes"),
                accepted,
                answer("2026-07-06 10:00", agency="dinkes"),
            ),
            case("answered", BEGIN, answer("2026-07-06 09:30"), passes(SOON, "dinkes"), accepted),
            case(
                "citizen-left",
                BEGIN,
                passes(SOON, "dinkes"),
                accepted,
                event("withdrawn", "2026-07-06 10:40"),
            ),
        ],
    )
    yield vector(
        "hand-over-next-month",
        "The receiver's case belongs to the month of the hand-over.",
        "2026-08-31 12:00",
        cases=[
            case(
                "k",
                opened("2026-07-31 15:50"),
                passes("2026-08-03 07:35", "dinkes"),
                confirms("2026-08-03 09:00", "h1", "receiver"),
                answer("2026-08-03 08:00", agency="dinkes"),
            ),
        ],
    )
    onward = [
        passes("2026-07-06 13:00", "dukcapil", "h2", agency="dinkes"),
        confirms("2026-07-06 14:00", "h2", "receiver"),
    ]
    yield vector(
        "hand-over-passed-on",
        "Passed on before an answer makes the first hand-over wrong; after an answer it does not.",
        JULY,
        cases=[
            case("wrong", BEGIN, passes(SOON, "dinkes"), accepted, *onward),
            case("right", BEGIN, passes(SOON, "dinkes"), accepted, reply, *onward),
            case("unconfirmed", BEGIN, passes(SOON, "dinkes"), accepted, onward[0]),
            case(
                "promise",
                BEGIN,
                passes(SOON, "dinkes"),
                accepted,
                step("2026-07-06 11:00", "2026-07-09", agency="dinkes"),
                *onward,
            ),
        ],
    )
    yield vector(
        "hand-over-of-a-reopening",
        "A hand-over is measured by the clock of its episode.",
        JULY,
        cases=[
            case(
                "k",
                BEGIN,
                answer("2026-07-06 09:10"),
                closed("2026-07-06 10:00"),
                reopened("2026-07-13 09:00"),
                passes("2026-07-13 09:30", "dinkes"),
                confirms("2026-07-13 10:00", "h1", "receiver"),
            ),
            case(
                "slow",
                BEGIN,
                answer("2026-07-06 09:10"),
                closed("2026-07-06 10:00"),
                reopened("2026-07-13 09:00"),
                passes("2026-07-15 09:30", "dinkes"),
                confirms("2026-07-15 10:00", "h1", "receiver"),
            ),
        ],
    )


def _comings_back() -> Iterator[Piece]:
    gone = [passes(SOON, "dinkes"), confirms("2026-07-06 11:00", "h1", "receiver")]
    yield vector(
        "hand-over-returned",
        "What comes back was never gone: the sender's clock runs on from its first opening. A"
        " returned case may also be answered.",
        JULY,
        cases=[
            case("open", BEGIN, *gone, returns("2026-07-08 09:00")),
            case("answered", BEGIN, *gone, returns("2026-07-08 09:00"), answer("2026-07-08 10:00")),
            case(
                "receiver-answered",
                BEGIN,
                *gone,
                answer("2026-07-06 12:00", agency="dinkes"),
                returns("2026-07-08 09:00"),
            ),
            case("not-yet", BEGIN, *gone, returns("2026-07-31 12:00:01")),
            case(
                "again",
                BEGIN,
                *gone,
                returns("2026-07-08 09:00"),
                passes("2026-07-08 10:00", "dukcapil", "h2"),
                confirms("2026-07-08 11:00", "h2", "receiver"),
            ),
        ],
    )
    around = [
        passes("2026-07-06 13:00", "dukcapil", "h2", agency="dinkes"),
        confirms("2026-07-06 14:00", "h2", "receiver"),
    ]
    home = [
        passes("2026-07-07 09:00", "dinsos", "h3", agency="dukcapil"),
        confirms("2026-07-07 10:00", "h3", "receiver"),
    ]
    yield vector(
        "hand-over-comes-back-through-others",
        "A ring of hand-overs is void: only the first agency has the case.",
        JULY,
        cases=[
            case("ring", BEGIN, *gone, *around, *home, answer("2026-07-07 11:00")),
            case(
                "back-one",
                BEGIN,
                *gone,
                *around,
                returns("2026-07-07 09:00", "h2"),
                answer("2026-07-07 11:00", agency="dinkes"),
            ),
        ],
    )
