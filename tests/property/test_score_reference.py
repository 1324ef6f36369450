"""Random histories with rare combinations: the library and the plain program count them alike."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from contract.test_vectors import nested, rows_of, tally_of
from reference.days import base_calendar
from reference.tallying import rows_of as plain_rows
from reference.tallying import units, written

DAY = 86_400
START = int(datetime(2026, 2, 2, 17, tzinfo=UTC).timestamp())  # Imlek and Ramadan lie ahead
GAPS = (5, 300, 900, 3600, 18_000, DAY, 3 * DAY, 14 * DAY - 1, 14 * DAY - 1, 14 * DAY)
KINDS = ("informasi", "pengaduan", "aspirasi", "pengaduan_pengawasan", "darurat")
AGENCIES = ("dinsos", "dinkes", "pupr")
FORMS = ("answers", "answers", "asks", "next_step", "next_step", "receipt", "to_private")
ACTS = ("answer", "answer", "answer", "closed", "closed", "reopened", "reopened", "message")
ENDS = ("withdrawn", "deleted")
CLAIMS = ("internal", "before_start", "ganda")
CALENDAR = base_calendar(range(2026, 2027))


def iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


class History:
    """One need, told in the order of time; citizens act in seconds of their own."""

    def __init__(self, name: str, draw: Random) -> None:
        self.name, self.draw = name, draw
        self.at = START + 5 * draw.randrange(30 * DAY // 5)
        self.told: list[dict[str, Any]] = [{"type": "opened", "at": iso(self.at)}]
        self.holders, self.passed = ["dinsos"], list[str]()
        self.promises = list[tuple[str, str]]()  # with the agency
        self.claimed = draw.random() < 0.4  # then nothing begins anew
        further = ("claims",) * 8 if self.claimed else ("done", "passes", "returned") * 2
        for number in range(draw.randint(0, 9)):
            self.at += draw.choice(GAPS)
            self.act(draw.choice((*ACTS, *ENDS, *further)), f"{number}")

    def tell(self, what: str, *, after: int = 0, **rest: Any) -> None:
        self.told.append({"type": what, "at": iso(self.at + after), **rest})

    def act(self, what: str, key: str) -> None:
        whose = self.draw.choice(self.holders)
        if what in {"done", "passes", "returned", "claims", "answer"}:
            getattr(self, what)(key, whose)
        elif what == "closed":
            self.tell(what, agency=whose)
        elif what == "deleted":
            self.tell(what, after=1, by=self.draw.choice(("author", "agency")))
        elif what != "reopened" or not self.claimed:
            self.tell(what, after=1)

    def answer(self, key: str, whose: str) -> None:
        form, by = self.draw.choice(FORMS), self.draw.choice(("person", "person", "automatic"))
        named: dict[str, Any] = {}
        if form == "next_step" or self.draw.random() < 0.2:
            due = datetime.fromtimestamp(self.at, UTC) + timedelta(self.draw.randint(0, 25))
            named = {"date": f"{due:%Y-%m-%d}", "promise": key}
            named |= {"unit": "Bidang Contoh"} if self.draw.random() < 0.8 else {}
            if all(named["date"] != each.get("date") for each in self.told):
                self.promises.append((key, whose))
            else:
                named = {}
        self.tell("answer", form=form, by=by, agency=whose, **named)

    def done(self, *_: str) -> None:
        if self.promises:
            promise, whose = self.draw.choice(self.promises)
            self.tell("done", promise=promise, agency=whose)

    def passes(self, key: str, _: str) -> None:
        fresh = [each for each in AGENCIES if not any(each == e.get("to") for e in self.told)]
        to = self.draw.choice([each for each in fresh if each != self.holders[-1]] or [""])
        if not to:
            return
        self.tell("handed_over", agency=self.holders[-1], to=to, id=key)
        self.tell("confirmed", after=3, claim=key, by="receiver")
        if to in self.holders:  # it came round
            place = self.holders.index(to)
            del self.holders[place + 1 :], self.passed[place:]
        else:
            self.holders.append(to)
            self.passed.append(key)

    def returned(self, *_: str) -> None:
        if self.passed:
            place = self.draw.randrange(len(self.passed))
            self.tell("returned", claim=self.passed[place])
            del self.holders[place + 1 :], self.passed[place:]

    def claims(self, key: str, _: str) -> None:
        if self.draw.random() < 0.7:
            self.tell("kind", kind=self.draw.choice((*KINDS, "spam")), id=key)
        else:
            self.tell("excluded", reason=self.draw.choice(CLAIMS), id=key)
        if self.draw.random() < 0.6:
            self.tell("confirmed", after=3, claim=key, by=self.draw.choice(("province", "agency")))


def vector(seed: int) -> dict[str, Any]:
    draw = Random(seed)
    needs = [History(f"k{number}", draw) for number in range(3)]
    seconds = [need.at + draw.choice((0, 1, 3, DAY, 30 * DAY)) for need in needs]
    zone = draw.choice(("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"))
    cases = [
        {
            "id": need.name,
            "agency": "dinsos",
            "kind": draw.choice(KINDS),
            "channel": "email",
            "events": need.told,
        }
        for need in needs
    ]
    about = {"name": f"acak-{seed}", "definition": "idt/1", "province": "Contoh"}
    return about | {
        "as_of": iso(draw.choice(seconds)),
        "calendar": {"timezone": zone, **CALENDAR},
        "cases": cases,
    }


@pytest.mark.parametrize("first", range(0, 1200, 100))
def test_random_histories_are_counted_alike(first: int) -> None:
    for seed in range(first, first + 100):
        told = vector(seed)
        counted = plain_rows(told, units(told)).items()
        wanted = {key: written(values) for key, values in counted if any(values.values())}
        found = {key: nested(row) for key, row in rows_of(tally_of(told)).items()}
        assert found == wanted, seed
