"""Walks what X lists from the newest item back, by ids that only grow.

A cursor holds, for each listing, the newest id of the walk before (mark) and where this one stands,
so that a walk cut short after any page goes on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from pelayanan.protocol.page import Cursor

__all__ = ["Lane", "Lanes"]


_OVERLAP = 60_000 << 22  # ids of a minute
_REMEMBERED = 200  # of them; others may be told twice, which changes nothing


class Lane(BaseModel):
    """Where one listing stands.

    Attributes:
        mark: Newest id of the walk before, as a number; 0 before the first.
        newest: Newest id of this walk.
        low: Oldest id of this walk: a page that goes no lower ends it.
        place: X's own cursor; ``None`` is at the newest item.
        floor: Down to which id the first walk goes.
        told: Ids of the last minute that were told.
    """

    mark: int = 0
    newest: int = 0
    low: int = 0
    place: str | None = None
    floor: int = 0
    told: list[int] = []

    @property
    def least(self) -> int:
        """Items up to this id were told, or are too old.

        A minute of what was told is asked for again: X lists some posts late, below newer ones.
        """
        return max(self.mark - _OVERLAP, self.floor)

    def after(self, ids: list[int], place: str | None, *, bounded: bool) -> "Lane":
        """Where it stands once a page with these ids was told.

        Args:
            ids: As they came, newest first.
            place: X's cursor to older items.
            bounded: Whether X itself was asked for no older ones.
        """
        newest, low = max([self.newest, *ids]), min([self.low or 2**63, *ids])
        stuck = bool(ids) and self.low and min(ids) >= self.low
        passed = not bounded and bool(ids) and ids[-1] <= self.least
        ended = not place or place == self.place or stuck or passed
        mark = max(self.mark, newest)
        known = sorted({one for one in (*self.told, *ids) if one > mark - _OVERLAP})[-_REMEMBERED:]
        if ended:
            return Lane(mark=mark, told=known)
        update = {"newest": newest, "low": low, "place": place, "told": known}
        return self.model_copy(update=update)

    def again(self) -> "Lane":
        """The same walk from its newest item: X forgets old places."""
        return Lane(mark=self.mark, floor=self.floor, told=self.told)


class Lanes(Cursor):
    """Where a walk over several listings stands.

    Attributes:
        lanes: By name.
        todo: Listings of this walk that are not at their end.
    """

    lanes: dict[str, Lane] = Field(default={})
    todo: list[str] = Field(default=[])

    def begin(
        self, names: list[str], now: datetime, back: timedelta, id_of: Callable[[datetime], int]
    ) -> tuple[str, Lane]:
        """The listing to ask next; a walk that was over begins anew."""
        todo = [name for name in self.todo if name in names]
        self.todo = todo or list(names)
        name = self.todo[0]
        lane = self.lanes.get(name, Lane())
        if not lane.mark and not lane.floor:
            lane = lane.model_copy(update={"floor": id_of(now - back)})
        return name, lane

    def cursor(self, form: str, name: str, lane: Lane | None) -> tuple[str, bool]:
        """The cursor after a page, and whether asking again now may bring more.

        Args:
            lane: ``None`` leaves the listing for the next walk, which begins with the others.
        """
        if lane is not None:
            self.lanes[name] = lane
        if lane is None or lane.place is None:
            self.todo = self.todo[1:]
        return self.to_text(form), bool(self.todo)
