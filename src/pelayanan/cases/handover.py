"""Hand-overs settled between cases: what comes back, directly or through others, is void.

Source:
    score.md, 1 (hand-over).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from pelayanan.cases.case import HandOver
from pelayanan.cases.events import AnyEvent
from pelayanan.cases.fold import Folded, fold
from pelayanan.cases.standards import Standards

if TYPE_CHECKING:
    from pelayanan.calendar import WorkCalendar

__all__ = ["Filed", "settle"]


@dataclass(frozen=True, slots=True)
class Filed:
    """The log of one case, and whose it is."""

    id: str
    agency: str
    events: tuple[AnyEvent, ...]


def settle(
    filed: Iterable[Filed],
    *,
    as_of: datetime | None = None,
    calendar: "WorkCalendar | None" = None,
    standards: Standards | None = None,
) -> dict[str, Folded]:
    """Fold cases that may have been handed from one agency to another.

    Args:
        filed: All cases of a chain, in any order; a case without hand-overs is a chain by itself.
        as_of: Later events do not exist.
        calendar: As for `fold`.
        standards: As for `fold`.

    Returns:
        By id. Cases after a hand-over that came back are not there; a case that is not yet opened
        at `as_of` is not there either.
    """
    cases = {each.id: each for each in filed}

    def folded(each: Filed, void: frozenset[str] = frozenset()) -> Folded:
        return fold(each.events, as_of=as_of, calendar=calendar, standards=standards, void=void)

    found = {key: folded(each) for key, each in cases.items()}
    found = {key: each for key, each in found.items() if each.opened is not None}
    chains = _Chains(cases, found)
    for key in chains.in_order():
        if key in chains.removed:
            continue
        void = frozenset(made.key for made in chains.open(key) if chains.comes_back(key, made))
        if void:
            found[key] = folded(cases[key], void)
        for made in found[key].handovers:
            if made.returned:
                chains.remove(key, made)
    kept = {key: each for key, each in found.items() if key not in chains.removed}
    return {key: _marked(key, each, chains) for key, each in kept.items()}


@dataclass(slots=True)
class _Chains:
    """Who handed over to whom."""

    cases: Mapping[str, Filed]
    found: Mapping[str, Folded]
    removed: set[str] = field(default_factory=set[str])
    children: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def __post_init__(self) -> None:
        for key, each in self.found.items():
            if each.handed_by:
                self.children.setdefault(each.handed_by, []).append(key)

    def in_order(self) -> list[str]:
        """Senders before receivers: a case begins at the hand-over to it."""
        return sorted(self.found, key=lambda key: (self.found[key].opened, key))

    def open(self, key: str) -> list[HandOver]:
        """Hand-overs that did not come back to the sender's own knowledge."""
        return [made for made in self.found[key].handovers if not made.returned]

    def receiver(self, key: str, made: HandOver) -> str | None:
        """The case that a hand-over opened."""
        if made.case in self.found:
            return made.case
        for child in self.children.get(key, ()):
            same = self.cases[child].agency == made.to and self.found[child].opened == made.at
            if same:
                return child
        return None

    def below(self, key: str, made: HandOver) -> Iterator[str]:
        """All cases after a hand-over, whatever became of it."""
        place = self.receiver(key, made)
        seen: set[str] = {key}
        waiting = [place] if place else []
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            yield here
            receivers = (self.receiver(here, each) for each in self.found[here].handovers)
            waiting += [each for each in receivers if each]

    def comes_back(self, key: str, made: HandOver) -> bool:
        """Whether it reaches the sender again, directly or through others."""
        sender, place = self.cases[key].agency, self.receiver(key, made)
        if place is not None and self.found[place].came_back:
            return True
        return any(
            onward.to == sender for each in self.below(key, made) for onward in self.open(each)
        )

    def remove(self, key: str, made: HandOver) -> None:
        """Take the cases after a void hand-over out."""
        self.removed.update(self.below(key, made))


def _marked(key: str, case: Folded, chains: _Chains) -> Folded:
    if not case.handovers:
        return case
    marked = tuple(
        made.model_copy(update={"passed_on": _passed_on(chains.receiver(key, made), chains)})
        if not made.returned
        else made
        for made in case.handovers
    )
    return case.model_copy(update={"handovers": marked})


def _passed_on(receiver: str | None, chains: _Chains) -> bool:
    """Whether the receiver handed the need over again before an answer."""
    if receiver is None or receiver in chains.removed:
        return False
    case = chains.found[receiver]
    answered = case.episodes[0].answered
    return any(
        not made.returned and (answered is None or made.at < answered) for made in case.handovers
    )
