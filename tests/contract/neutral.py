"""From the neutral words of a conformance vector to events and cases of the library."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pelayanan.score
from pelayanan.calendar import WorkCalendar
from pelayanan.cases import (
    Acknowledged,
    Actor,
    Answered,
    AnyEvent,
    Asked,
    Case,
    Claimed,
    Confirmed,
    Event,
    Excluded,
    Fulfilled,
    MovedToPrivate,
    Promised,
    Received,
    Reopened,
    Resolved,
    Returned,
    SentText,
    Standards,
    Transferred,
    Triaged,
    Withdrawn,
    fold,
    following,
    mass_answers,
)
from pelayanan.models import Author, Kind

HOME = Path(pelayanan.score.__file__).with_name("vectors")
OUTSIDE = {"province", "receiver", "citizen"}
WEEK = timedelta(days=14)
Neutral = dict[str, Any]


def vectors() -> list[Neutral]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(HOME.glob("*.json"))]


def calendar_of(vector: Neutral) -> WorkCalendar:
    calendar = vector["calendar"]
    return _calendar(calendar["timezone"], json.dumps(calendar.get("overrides", {})))


@cache
def _calendar(timezone: str, overrides: str) -> WorkCalendar:
    return WorkCalendar.indonesia(timezone, json.loads(overrides))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def is_answer(event: Neutral) -> bool:
    """Whether it is more than an acknowledgement."""
    if event["type"] != "answer" or event["by"] != "person":
        return False
    named = bool(event.get("unit") and event.get("date"))
    return event["form"] in {"answers", "asks"} or (event["form"] == "next_step" and named)


class Teller:
    """Tells the needs of one vector as the library's cases, one for each agency that held them."""

    def __init__(self, vector: Neutral) -> None:
        self.as_of = instant(vector["as_of"])
        self.calendar = calendar_of(vector)
        self._needs = vector.get("cases", [])
        self._waiting = mass_answers(self.sent(), self.calendar.zone)

    def cases(self) -> list[Case]:
        return [case for cases in self.needs().values() for case in cases]

    def needs(self) -> dict[str, list[Case]]:
        """The cases of each need, by its id."""
        return {need["id"]: list(self._of(need)) for need in self._needs}

    def sent(self) -> list[SentText]:
        """Every substantive answer by a person; a text without a name is like no other."""
        return [
            SentText(
                key=f"{need['id']}/{place}",
                agency=event.get("agency", need["agency"]),
                citizen=need.get("author", need["id"]),
                family=event.get("family", f"{need['id']}/{place}"),
                at=instant(event["at"]),
                in_ledger=event.get("ledger", True),
            )
            for need in self._needs
            for place, event in enumerate(need["events"])
            if is_answer(event) and instant(event["at"]) <= self.as_of
        ]

    def _of(self, need: Neutral) -> Iterator[Case]:
        logs = _Logs(need, self._waiting, self.as_of).told()
        for name, (agency, events) in logs.items():
            yield from self._split(name, agency, need, events)

    def _split(
        self, name: str, agency: str, need: Neutral, events: list[AnyEvent]
    ) -> Iterator[Case]:
        """A coming back later than 14 days after the closing is a case of its own."""
        standards = Standards.load()
        seen = [event for event in events if at(event) <= self.as_of]
        found = fold(seen, as_of=self.as_of, calendar=self.calendar, standards=standards)
        back = [at(e) for e in seen if isinstance(e, Reopened)]
        resolved = found.resolved
        late = [x for x in back if resolved and x >= resolved and x - resolved > WEEK]
        if not late:
            yield self._case(name, agency, need, events)
            return
        yield self._case(name, agency, need, [e for e in events if at(e) < late[0]])
        rest = [e for e in events if at(e) > late[0] or isinstance(e, Triaged)]
        again = Received(at=late[0], key=f"{name}/again", message=f"{name}/again")
        yield from self._split(following(name), agency, need, [again, *rest])

    def _case(self, name: str, agency: str, need: Neutral, events: list[AnyEvent]) -> Case:
        opened = min(at(event) for event in events if isinstance(event, Received))
        return Case(
            id=name,
            agency=agency,
            account=f"{agency}-{need['channel']}",
            platform=need["channel"],
            author=Author(id=str(need.get("author", need["id"])), handle="warga_contoh"),
            kind=Kind(need["kind"]),
            opened=opened,
            events=tuple(events),
        )


def at(event: Event) -> datetime:
    assert event.at is not None
    return event.at


class _Logs:
    """The events of one need, dealt out to the agencies that held it."""

    def __init__(self, need: Neutral, waiting: frozenset[str], as_of: datetime) -> None:
        self._need = need
        self._waiting = waiting
        events = [dict(e, key=f"{need['id']}/{i}") for i, e in enumerate(need["events"])]
        self._events = sorted(events, key=lambda e: instant(e["at"]))
        confirmed = [e for e in events if e["type"] == "confirmed" and e["by"] in OUTSIDE]
        self._accepted = {e["claim"] for e in confirmed if instant(e["at"]) <= as_of}
        self._claims = {e["id"]: e for e in events if "id" in e}
        self._dates = {e["promise"]: e["date"] for e in events if "promise" in e and "date" in e}
        self._holder = need["agency"]
        self._names = {need["agency"]: str(need["id"])}
        self._log: dict[str, list[AnyEvent]] = defaultdict(list)

    def told(self) -> dict[str, tuple[str, list[AnyEvent]]]:
        """By the id of each agency's case: the agency, and the events."""
        for event in self._events:
            agency, told = str(event.get("agency", self._need["agency"])), list(self._told(event))
            if event["type"] in {"message", "reopened", "withdrawn", "deleted"}:
                agency = self._holder
            if event["type"] == "returned":
                agency = self._sender(event["claim"])
            everywhere = event["type"] in {"kind", "confirmed"}
            for log in list(self._log) if everywhere else [agency]:
                self._log[log] += told
            self._passed(event)
        held = {name: self._log[agency] for agency, name in self._names.items()}
        agencies = {name: agency for agency, name in self._names.items()}
        return {name: (agencies[name], [*log, *self._common(name)]) for name, log in held.items()}

    def _common(self, name: str) -> Iterator[AnyEvent]:
        """What triage said, and what was said before a receiver's case began."""
        first = self._events[0]
        kind = Kind(self._need["kind"])
        yield Triaged(at=instant(first["at"]), key=f"{name}/kind", kind=kind, source="rule")

    def _passed(self, event: Neutral) -> None:
        """Who holds the need after `event`; a receiver's case begins when it accepts."""
        if event["type"] == "returned":
            self._holder = self._sender(event["claim"])
        if event["type"] == "handed_over" and event["id"] in self._accepted:
            receiver = self._holder = event["to"]
            if receiver not in self._names:
                sender = self._names[event.get("agency", self._need["agency"])]
                self._names[receiver] = f"{sender}>{receiver}"
                key = f"{event['key']}/opened"
                begin = Received(at=instant(event["at"]), key=key, message=key, handed_by=sender)
                self._log[receiver].append(begin)

    def _sender(self, claim: str) -> str:
        return str(self._claims[claim].get("agency", self._need["agency"]))

    def _told(self, event: Neutral) -> Iterator[AnyEvent]:
        basic: Any = {"at": instant(event["at"]), "key": event["key"]}
        match event["type"]:
            case "answer":
                yield from self._answer(event, basic)
            case "confirmed":
                claim = self._claims.get(event["claim"], {"key": "none"})
                if event["by"] in OUTSIDE:  # whose word counts, the desk knows
                    yield Confirmed(**basic, claim=claim["key"])
            case "excluded":
                free = event["reason"] in {"internal", "before_start"}
                actor = Actor.SYSTEM if free else Actor.HUMAN
                yield Excluded(**basic, actor=actor, reason=event["reason"])
            case "deleted":
                actor = Actor.CITIZEN if event["by"] == "author" else Actor.HUMAN
                yield Withdrawn(**basic, actor=actor, how="deleted")
            case "kind":
                yield Triaged(**basic, kind=Kind(event["kind"]))
            case "done":
                yield Fulfilled(**basic, due=date.fromisoformat(self._dates[event["promise"]]))
            case "handed_over":
                yield Transferred(**basic, to=event["to"])
            case word:
                yield _PLAIN[word](**basic)

    def _answer(self, event: Neutral, basic: Any) -> Iterator[AnyEvent]:
        person = event["by"] == "person"
        basic["actor"] = Actor.HUMAN if person else Actor.AUTOMATIC
        form, key, step = event["form"], event["key"], ""
        if form == "asks":
            yield Asked(**basic, what="berkas")
        elif form == "answers" or (form == "next_step" and event.get("unit") and event.get("date")):
            source: Any = "ledger" if event.get("ledger", True) else "native"
            yield Answered(**basic, source=source)
            step = key if form == "next_step" else ""
        elif form == "to_private":
            yield MovedToPrivate(**basic)
        else:
            yield Acknowledged(**basic)
        if event.get("date"):
            due, unit = date.fromisoformat(event["date"]), event.get("unit", "") if step else ""
            named = {**basic, "key": f"{key}/promise"}
            yield Promised(**named, due=due, unit=unit, answer=step)
        if key in self._waiting:
            claim = {**basic, "key": f"{key}/claim"}
            yield Claimed(**claim, what="mass_answer", detail=key)


def _received(**basic: Any) -> Received:
    return Received(**basic, message=basic["key"])


def _reopened(**basic: Any) -> Reopened:
    return Reopened(**basic, message=basic["key"])


_PLAIN: dict[str, Callable[..., AnyEvent]] = {
    "opened": _received,
    "message": _received,
    "reopened": _reopened,
    "closed": Resolved,
    "withdrawn": Withdrawn,
    "returned": Returned,
}
