"""From the events of one citizen's need to the agencies that held it, one after the other."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from reference.bins import NEVER, RANK
from reference.days import Office, seconds_of

Event = dict[str, Any]
OUTSIDE = {"province", "receiver", "citizen"}
CITIZEN = {"message", "reopened", "withdrawn", "deleted"}
FOREVER = 10**15
MASS = 10  # citizens; more need a confirmation


@dataclass
class HandOver:
    at: int
    sender: str
    receiver: str
    claim: str


@dataclass
class Holding:
    """One agency's part of a need: from `opened` until it was passed on, if it was."""

    agency: str
    opened: int
    passed: HandOver | None = None
    void: list[HandOver] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.passed.at if self.passed else FOREVER

    @property
    def hand_overs(self) -> list[HandOver]:
        return self.void + ([self.passed] if self.passed else [])


@dataclass
class Need:
    """One citizen's need: what happened up to `as_of`, oldest first."""

    name: str
    agency: str
    kind: str
    channel: str
    author: str
    events: list[Event]
    mass: set[int] = field(default_factory=set)  # places of answers that are mass texts

    def of(self, *types: str) -> list[Event]:
        return [event for event in self.events if event["type"] in types]

    @property
    def confirmed(self) -> set[str]:
        """Claims that somebody outside the agency confirmed."""
        return {e["claim"] for e in self.of("confirmed") if e["by"] in OUTSIDE}


def read_need(case: dict[str, Any], as_of: int) -> Need:
    """A need with whole seconds, without what happened after `as_of`."""
    events = []
    for event in case["events"]:
        at = seconds_of(event["at"])
        if at <= as_of:
            events.append(dict(event, at=at, agency=event.get("agency", case["agency"])))
    events.sort(key=lambda event: event["at"])
    for place, event in enumerate(events):
        event["place"] = place
    author = case.get("author", case["id"])
    return Need(case["id"], case["agency"], case["kind"], case["channel"], author, events)


def mark_mass_texts(needs: list[Need], office: Office) -> None:
    """Find texts sent outside the ledger to more than ten citizens in a month, unconfirmed."""
    sent: dict[tuple[str, str, str], list[tuple[Need, Event]]] = defaultdict(list)
    for need in needs:
        for event in need.of("answer"):
            if event.get("family") and not event.get("ledger", True):
                month = office.local_date(event["at"]).isoformat()[:7]
                sent[event["agency"], event["family"], month].append((need, event))
    for copies in sent.values():
        if len({need.author for need, _ in copies}) > MASS:
            for need, event in copies:
                if event.get("id") not in need.confirmed:
                    need.mass.add(event["place"])


def effective_kind(need: Need) -> str:
    """The kind that counts: triage's, or a later word that needs no claim or was confirmed."""
    kind = need.kind
    for change in need.of("kind"):
        longer = RANK.get(change["kind"], NEVER) > RANK.get(need.kind, NEVER)
        if not longer or change.get("id") in need.confirmed:
            kind = change["kind"]
    return kind


def exclusion(need: Need) -> str | None:
    """Why the need is not counted, None where it is."""
    for event in need.of("excluded"):
        if event["reason"] in {"internal", "before_start"} or event.get("id") in need.confirmed:
            return str(event["reason"])
    kind = effective_kind(need)
    return kind if kind not in RANK and need.kind in RANK else None


def holdings(need: Need) -> list[Holding]:
    """The agencies that hold the need, hand-overs that came back undone."""
    opened = need.of("opened")[0]["at"]
    held = [Holding(need.agency, opened)]
    for event in need.of("handed_over", "returned"):
        if event["type"] == "returned":
            senders = [h.passed.claim if h.passed else "" for h in held]
            if event["claim"] in senders:
                _undo(held, senders.index(event["claim"]))
        elif event["id"] in need.confirmed and event["agency"] == held[-1].agency:
            names = [h.agency for h in held]
            if event["to"] in names:
                _undo(held, names.index(event["to"]))
            else:
                held[-1].passed = HandOver(event["at"], event["agency"], event["to"], event["id"])
                held.append(Holding(event["to"], event["at"]))
    return held


def _undo(held: list[Holding], place: int) -> None:
    """Give the need back to the holder at `place`: what came after it is removed."""
    void = held[place].passed
    del held[place + 1 :]
    held[place].passed = None
    if void:
        held[place].void.append(void)
