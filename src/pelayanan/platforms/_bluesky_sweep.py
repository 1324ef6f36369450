"""Walks a listing back from its newest item, so that nothing is lost and little told twice.

Bluesky sorts by the time that the writer's program claims, never later than its own
(``min(createdAt, indexedAt)``). So a message that arrives late, or from a phone whose clock is
slow, lies *below* newer ones that were told before: a walk must look beyond the newest known
item. It does so a little each time and a day at times.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Generic, NamedTuple, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, Field

from pelayanan.protocol.page import Cursor, Page, Unreadable, sift

__all__ = ["Found", "Sweep"]

T = TypeVar("T")

_OVERLAP = timedelta(minutes=30)
_WIDE_OVERLAP = timedelta(days=1)
_WIDE_EVERY = timedelta(hours=6)
_REMEMBERED = 1000  # items; older ones may be told twice, which changes nothing


class Found(NamedTuple, Generic[T]):
    """One item of the listing as it came.

    Attributes:
        at: By which the listing is sorted; ``None`` where it is unreadable.
        record: ``None`` where it is of no interest.
    """

    id: str
    at: datetime | None
    record: T | Unreadable | None


class _Mark(BaseModel):
    id: str
    at: AwareDatetime


class Sweep(Cursor):
    """Where a listing stands. It may be cut short after any page and goes on from there.

    Attributes:
        mark: The newest item of the walk before.
        newest: The newest item of this walk, while it is under way.
        place: The platform's own cursor; ``None`` is at the newest item.
        floor: Down to where this walk goes.
        widened: When a walk last looked far beyond the mark.
        told: What was told and may come again: a short name of it, and its time in Unix seconds.
    """

    mark: _Mark | None = None
    newest: _Mark | None = None
    place: str | None = None
    floor: AwareDatetime | None = None
    widened: AwareDatetime | None = None
    told: dict[str, int] = Field(default={})

    def page(
        self, form: str, found: Sequence[Found[T]], place: str | None, now: datetime
    ) -> Page[T]:
        """Leave out what was told before, and say where to go on.

        Args:
            form: Platform and format of the cursor.
            found: The items as they came, newest first.
            place: The platform's cursor to older items.
            now: The present.
        """
        under_way = self.place and (self.floor or not self.mark)  # old cursors have no floor
        begun = self if under_way else self.begin(now)
        floor = begun.floor
        inside = [item for item in found if item.at is None or floor is None or item.at >= floor]
        fresh, told = begun.tell(inside)
        items, unreadable = sift(reversed([item.record for item in fresh if item.record]))
        ended = len(inside) < len(found) or not place or _passed(place, floor)
        rest = begun.rest(inside, told, None if ended else _again(place, self.place))
        cursor = rest.to_text(form)
        return Page(items, cursor, more=rest.place is not None, unreadable=unreadable)

    def begin(self, now: datetime) -> Self:
        """A new walk, and down to where it goes."""
        if self.mark is None:  # the first walk sees everything
            return self.model_copy(update={"widened": now})
        if self.widened is not None and now - self.widened < _WIDE_EVERY:
            return self.model_copy(update={"floor": self.mark.at - _OVERLAP})
        return self.model_copy(update={"floor": self.mark.at - _WIDE_OVERLAP, "widened": now})

    def tell(self, inside: Sequence[Found[T]]) -> tuple[list[Found[T]], dict[str, int]]:
        """Part what is new from what was told; a post may come for two reasons at once."""
        told, fresh = dict(self.told), list[Found[T]]()
        last = self.mark.id if self.mark else None
        for item in inside:
            name = sha256(item.id.encode()).hexdigest()[:12]
            if name not in told and item.id != last:
                fresh.append(item)
            if item.id:
                told[name] = int(item.at.timestamp()) if item.at else 0
        return fresh, told

    def rest(self, inside: Sequence[Found[T]], told: dict[str, int], place: str | None) -> "Sweep":
        times = [(item.id, item.at) for item in inside if item.at]
        first = _Mark(id=times[0][0], at=times[0][1]) if times else None
        newest = self.newest or first
        if place is None:
            mark = max(filter(None, (newest, self.mark)), key=lambda each: each.at, default=None)
            return Sweep(mark=mark, widened=self.widened, told=_kept(told, mark))
        edge = int(times[-1][1].timestamp()) if times else None
        update = {"newest": newest, "place": place, "told": _kept(told, newest, edge)}
        return self.model_copy(update=update)


def _kept(told: dict[str, int], mark: _Mark | None, edge: int | None = None) -> dict[str, int]:
    """What a later page may bring again: those of the page's last second, and a day's items."""
    since = int((mark.at - _WIDE_OVERLAP).timestamp()) if mark else 0
    again = {0, edge}
    near = {name: at for name, at in told.items() if at >= since or at in again}
    if len(near) <= _REMEMBERED:
        return near
    first = [name for name, at in near.items() if at == edge]
    newest = sorted(near, key=near.__getitem__, reverse=True)
    return {name: near[name] for name in islice(dict.fromkeys([*first, *newest]), _REMEMBERED)}


def _passed(place: str, floor: datetime | None) -> bool:
    """Whether older items lie below the floor: a page may be empty and not the last."""
    at = _time(place)
    return at is not None and floor is not None and at < floor


def _again(place: str | None, before: str | None) -> str | None:
    """Go on a millisecond above the place: it leaves out what has the same time as its item."""
    at = _time(place or "")
    if place is None or at is None:
        return place if place != before else None
    higher = (at + timedelta(milliseconds=1)).isoformat(timespec="milliseconds")
    higher = higher.replace("+00:00", "Z")
    return higher if higher != before else place


def _time(place: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(place)
    except ValueError:
        return None
    return at if at.tzinfo else None
