"""Walks a listing back from its newest item; what changed since comes again, the rest does not.

A walk ends a little below the newest item of the walk before. At times it goes much deeper, for
what changes in old places: a late reply, an edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Generic, Self, TypeVar

from pydantic import AwareDatetime, Field

from pelayanan.protocol.page import Cursor, Page, Unreadable, sift

__all__ = ["Depth", "Found", "Sweep"]

T = TypeVar("T")

_REMEMBERED = 1000  # items; older ones may be told twice, which changes nothing
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Depth:
    """How far walks go.

    Attributes:
        whole: Age of what a deep walk still sees; ``None`` is everything.
        every: How often a walk is deep.
        overlap: How far others go beyond the newest item of the walk before.
        slack: How much later than it claims an item may appear.
    """

    whole: timedelta | None
    every: timedelta = timedelta(hours=6)
    overlap: timedelta = timedelta(minutes=30)
    slack: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """One item of the listing.

    Attributes:
        sorted_at: By which the listing is sorted; ``None`` where it is unreadable.
        at: When it was written or last changed.
        record: ``None`` where it is of no interest.
    """

    id: str
    sorted_at: datetime | None
    at: datetime | None
    record: T | Unreadable | None

    @property
    def name(self) -> str:
        """Short, and another one after a change."""
        changed = self.at.isoformat() if self.at else ""
        return sha256(f"{self.id} {changed}".encode()).hexdigest()[:12]


class Sweep(Cursor):
    """Where a listing stands. It may be cut short after any page and goes on from there.

    Attributes:
        mark: By what the newest item of the walks before is sorted.
        base: All that changed before was told for sure.
        deep: When the last deep walk began.
        told: What was told and may come again: its name, and its time in Unix seconds.
        place: The platform's own cursor, while a walk is under way.
        floor: Down to where this walk goes; ``None`` is to the end.
        newest: By what the newest item of this walk is sorted.
        latest: The latest change in this walk.
        is_deep: Whether this walk is.
    """

    mark: AwareDatetime | None = None
    base: AwareDatetime | None = None
    deep: AwareDatetime | None = None
    told: dict[str, int] = Field(default={})
    place: str | None = None
    floor: AwareDatetime | None = None
    newest: AwareDatetime | None = None
    latest: AwareDatetime | None = None
    is_deep: bool = False

    def anew(self) -> Self:
        """The same walk from its newest item on: the platform forgot the place."""
        return self.model_copy(update={"place": None})

    def begun(self, now: datetime, depth: Depth) -> Self:
        """This walk if it is under way, else a new one, and down to where it goes."""
        if self.place is not None:
            return self
        is_deep = self.deep is None or now - self.deep >= depth.every
        floor = now - depth.whole if depth.whole else None
        if self.mark is not None and not is_deep:
            floor = self.mark - depth.overlap
        update = {"floor": floor, "is_deep": is_deep, "newest": None, "latest": None}
        return self.model_copy(update=update | ({"deep": now} if is_deep else {}))

    def page(
        self, form: str, found: Sequence[Found[T]], place: str | None, depth: Depth
    ) -> Page[T]:
        """Leave out what was told before, and say where to go on.

        Args:
            form: Platform and format of the cursor.
            found: The items as they came.
            place: The platform's cursor to older items.
            depth: As given to `begun`, which comes first.
        """
        told, fresh = dict(self.told), list[Found[T]]()
        for item in found:
            old = item.at is not None and self.base is not None and item.at < self.base
            if item.id == "" or (item.name not in told and not old):
                fresh.append(item)
            if item.id and not old:
                told[item.name] = int(item.at.timestamp()) if item.at else 0
        fresh.reverse()  # it came newest first: so of one instant the oldest comes first
        fresh.sort(key=lambda each: each.at or _FIRST)
        items, unreadable = sift([each.record for each in fresh if each.record is not None])
        rest = self._rest(found, told, None if self._ends(found, place) else place, depth)
        cursor = rest.to_text(form)
        return Page(items, cursor, more=rest.place is not None, unreadable=unreadable)

    def _ends(self, found: Sequence[Found[T]], place: str | None) -> bool:
        last = next((each.sorted_at for each in reversed(found) if each.sorted_at), None)
        below = self.floor is not None and last is not None and last < self.floor
        return not place or place == self.place or below

    def _rest(
        self, found: Sequence[Found[T]], told: dict[str, int], place: str | None, depth: Depth
    ) -> "Sweep":
        newest = _latest(self.newest, *(each.sorted_at for each in found))
        latest = _latest(self.latest, *(each.at for each in found))
        # a walk that was cut short may go on days later, below what was written since
        safe = min(latest, self.deep or latest) - depth.slack if latest else None
        if place is None:
            base = _latest(self.base, safe) if self.is_deep else self.base
            kept = _kept(told, base, frozenset())
            return Sweep(mark=_latest(self.mark, newest), base=base, deep=self.deep, told=kept)
        here = frozenset(each.name for each in found)  # may be pushed to the next page
        kept = _kept(told, self.base or safe, here)  # what lies above `base` may come again
        update = {"place": place, "newest": newest, "latest": latest, "told": kept}
        return self.model_copy(update=update)


def _latest(*times: datetime | None) -> datetime | None:
    return max((each for each in times if each is not None), default=None)


def _kept(told: dict[str, int], since: datetime | None, here: frozenset[str]) -> dict[str, int]:
    least = since.timestamp() if since else 0.0
    near = [
        (name not in here, -at, name)
        for name, at in told.items()
        if at == 0 or at >= int(least) or name in here
    ]
    return {name: -at for _, at, name in sorted(near)[:_REMEMBERED]}
