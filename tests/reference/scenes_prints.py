"""Scenes about whole provinces, adding, printing, and questions to a score."""

from collections.abc import Iterator

from reference.scenes_scores import BEGIN, JULY, NEIGHBOUR, polls, scored, whole
from reference.writing import Piece, answer, case, closed, event, opened, row, vector


def scenes() -> Iterator[Piece]:
    yield from _provinces()
    yield from _printing()
    yield from _questions()


def _province(count: int) -> list[Piece]:
    """Rows without chance: residues, so that every reader can make them again."""
    rows = []
    for i in range(count):
        cells = {f"answered_{j}": (7 * i + 11 * j) % 13 * (i % 4) for j in range(1, 9)}
        cells |= {"answered_9": i % 3, "left_late": 5 * i % 7, "censored_2": 3 * i % 5}
        cells |= {"censored_6": 2 * i % 3, "censored_9": i * i % 11, "left_early_1": i % 2}
        due = sum(cells.values()) * 2 // 3
        cells |= {"resolution_due": due, "resolved_in_time": due * (i % 5) // 5}
        cells |= {"solved_first_contact": due * (i % 5) // 9, "handed_over": i % 6}
        cells |= {"handed_wrong": i % 6 // 2, "handed_slow": i % 6 // 3}
        cells |= {"promises_due": i % 9, "promises_kept": i % 9 * 2 // 3}
        cells |= {"audited_answers": i % 31, "audited_ok": i % 31 * (i % 9)}
        cells |= {"polls_due": 160, "polls_done": 160 - i}
        ends = ("answered_", "left_", "censored_")
        n = sum(v for k, v in cells.items() if k.startswith(ends))
        rows.append(row(f"opd-{i:02}", **cells, n=n))
    return rows


def _provinces() -> Iterator[Piece]:
    yield scored("forty-five-agencies", "A whole province, profile dasar.", *_province(45))
    yield scored(
        "forty-five-agencies-lengkap",
        "A whole province, profile lengkap.",
        *_province(45),
        profile="lengkap",
    )
    yield scored("five-agencies-lengkap", "A small one.", *_province(5), profile="lengkap")
    many = [
        case(
            f"k{i}",
            opened(f"2026-07-{1 + i % 3:02} 09:00"),
            answer(f"2026-07-{2 + i % 9:02} 10:{i:02}"),
            closed(f"2026-07-{3 + i % 20:02} 11:00"),
            kind=("informasi", "pengaduan", "darurat")[i % 3],
            agency=("dinsos", "dinkes")[i % 2],
        )
        for i in range(24)
    ]
    names = [one["id"] for one in many]
    yield vector(
        "merge",
        "Any split of the cases adds up to the same tally: `merge` names one in three parts.",
        JULY,
        cases=many,
        merge=[names[::2], names[1::4], names[3::4]],
    )
    yield vector(
        "merge-files",
        "Rows of two files with the same keys add up.",
        JULY,
        rows=[row("a", answered_1=4, censored_3=2), row("a", answered_1=6, left_late=1), NEIGHBOUR],
    )
    yield vector(
        "two-as-of",
        "Two periods may be followed to different instants: their rows add up in one score.",
        JULY,
        rows=[
            row("a", period="2026-05", answered_1=4, censored_9=2, as_of="2026-06-30 12:00"),
            row("a", period="2026-06", answered_1=6, answered_3=5, as_of="2026-07-31 12:00"),
        ],
    )
    yield vector(
        "merge-refused",
        "Two values of as_of for one agency, kind, channel and period would count cases twice.",
        JULY,
        rows=[
            row("a", answered_1=4, as_of="2026-07-15 12:00"),
            row("a", answered_1=6, as_of="2026-07-31 12:00"),
        ],
    )


def _printing() -> Iterator[Piece]:
    yield scored(
        "rounding-of-lines",
        "Printed hundredths add up to the printed index, largest remainders first.",
        row("a", answered_1=3, answered_3=5, answered_5=4, answered_7=1, censored_9=4),
        row("b", answered_1=1, answered_2=1, answered_6=8, censored_8=3),
        row("c", answered_4=31, left_late=17),
    )
    yield scored(
        "rounding-of-lines-lengkap",
        "Sixteen lines, among them a coverage of a third.",
        row("a", answered_1=3, answered_5=9, resolution_due=7, resolved_in_time=2, handed_over=3),
        row("b", answered_2=6, promises_due=3, promises_kept=1, audited_answers=7, audited_ok=33),
        polls("a", 3, 1),
        polls("b", 7, 6),
        profile="lengkap",
    )
    wait = [0, 1, 62, 63, 64, 65, 66, 127, 128, 131, 132, 255, 256, 263, 264, 1023, 1024]
    wait += [1055, 1056, 5000, 20160, 40320]
    yield vector(
        "histogram",
        "Buckets of minutes: one each below 64, then 32 for each power of two.",
        "2026-12-31 12:00",
        cases=[
            case(f"m{m}", BEGIN, answer(_plus(m, 59 if m % 2 else 0)), kind="darurat") for m in wait
        ]
        + [
            case("office", BEGIN, answer("2026-07-07 12:00"), channel="email"),
            case("night", opened("2026-07-06 20:00"), answer("2026-07-06 22:00"), channel="email"),
        ],
    )
    spread = [3, 5, 8, 20, 70, 71, 300, 2000]
    yield vector(
        "quantiles",
        "A quantile is a share of all cases: unanswered ones push it out, then it is not reached.",
        JULY,
        cases=[
            *[case(f"m{m}", BEGIN, answer(_plus(m, 0)), kind="darurat") for m in spread],
            *[case(f"o{i}", BEGIN) for i in range(2)],
            case("b1", BEGIN, answer("2026-07-06 09:10"), agency="dinkes"),
            case("b2", BEGIN, agency="dinkes"),
        ],
        ask={"quantiles": [0.1, 0.25, 0.5, 0.75, 0.8, 0.9]},
    )
    yield vector(
        "public-rounding",
        "Published counts are rounded each by itself to a multiple of 5, totals too.",
        JULY,
        rows=[
            row("a", kind="informasi", answered_1=2, answered_2=3, censored_9=7, contacts=12),
            row("a", channel="email", answered_1=8, left_late=1, resolution_due=8),
            row("b", kind="informasi", answered_1=1, excluded_by_reason={"duplikat": 3}),
            row("b", answered_1=12, histogram={"3": 2, "64": 3, "70": 7}, wait_seconds=1234),
            polls("b", 63, 62),
        ],
        ask={"public": True},
    )


def _plus(minutes: int, seconds: int) -> str:
    """09:00 on 6 July 2026 and so much later."""
    days, rest = divmod(9 * 60 + minutes, 24 * 60)
    month, day = (7, 6 + days) if days < 26 else (8, days - 25)
    return f"2026-{month:02}-{day:02} {rest // 60:02}:{rest % 60:02}:{seconds:02}"


def _questions() -> Iterator[Piece]:
    yield scored(
        "better",
        "P(a better than b), both ways, also between far and near neighbours.",
        row("a", answered_1=20, answered_5=10, censored_9=3),
        row("b", answered_2=6, answered_4=5, left_late=1),
        row("c", answered_6=40, censored_9=60),
        row("d", answered_2=6, answered_4=5, left_late=1),
        ask={"better": [["a", "b"], ["b", "a"], ["a", "c"], ["c", "b"], ["b", "d"]]},
    )
    yield scored(
        "better-lengkap",
        "The same question in the full profile.",
        *_province(3),
        whole("best", 50),
        profile="lengkap",
        ask={"better": [["best", "opd-01"], ["opd-01", "opd-02"]]},
    )
    yield scored(
        "sensitivity",
        "Each dimension weighted 0.8 and 1.2: the lowest and the highest grade.",
        whole("steady", 60),
        whole("few", 9),
        whole("mixed", 60, 2, resolved_in_time=20, solved_first_contact=10, polls_done=60),
        row("slow", answered_5=40, audited_answers=12, audited_ok=90, polls_due=9, polls_done=9),
        profile="lengkap",
        ask={"sensitivity": ["steady", "mixed", "slow", "few"]},
    )
    open_cases = [
        case("old", opened("2026-06-15 09:00")),
        case("older", opened("2026-05-05 09:00")),
        case("fresh", opened("2026-07-31 11:50")),
        case("gone", BEGIN, event("withdrawn", "2026-07-10 09:00")),
    ]
    many = [case(f"k{i}", BEGIN, answer(f"2026-07-{7 + i % 5:02} 09:{i:02}")) for i in range(14)]
    yield vector(
        "counterfactual",
        "The same score after the named open cases were answered in the bin of as_of.",
        JULY,
        cases=[*open_cases, *many, case("n", BEGIN, agency="dinkes")],
        ask={"counterfactual": {"agency": "dinsos", "cases": ["old", "older", "fresh", "gone"]}},
    )
    yield vector(
        "counterfactual-lengkap",
        "What follows from the answers moves too: acted counts them.",
        JULY,
        cases=[*open_cases, *many, case("n", BEGIN, agency="dinkes")],
        audits=[
            {
                "agency": "dinsos",
                "kind": "pengaduan",
                "channel": "mastodon",
                "period": "2026-07",
                "ok": 3 + i % 6,
            }
            for i in range(11)
        ],
        polls=[
            {"agency": "dinsos", "channel": "mastodon", "period": "2026-07", "due": 9, "done": 8}
        ],
        profile="lengkap",
        ask={"counterfactual": {"agency": "dinsos", "cases": ["old", "older"]}},
    )
