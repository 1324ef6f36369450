"""Walks a search back from its newest result, so that little is told twice.

A platform finds some messages late, so a walk looks a little below the newest result of the walk
before. The first one goes back a week, as far as most platforms search at all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from pydantic import AwareDatetime, Field

from pelayanan.models import Mention
from pelayanan.protocol.page import Cursor, Page, Unreadable, sift

__all__ = ["SearchWalk"]

_FIRST = timedelta(days=7)
_OVERLAP = timedelta(hours=1)
_REMEMBERED = 500  # results of the overlap; others may be told twice, which changes nothing


class SearchWalk(Cursor):
    """Where a search stands. It may be cut short after any page and goes on from there.

    Attributes:
        mark: When the newest result of the walks before was written.
        newest: The same for the walk that is under way.
        place: The platform's own cursor to older results; ``None`` is at the newest.
        told: Short names of results that may come again, and their times in Unix seconds.
    """

    mark: AwareDatetime | None = None
    newest: AwareDatetime | None = None
    place: str | None = None
    told: dict[str, int] = Field(default={})

    def floor(self, now: datetime) -> datetime:
        """What is older was told, or is of no interest."""
        return self.mark - _OVERLAP if self.mark else now - _FIRST

    def page(
        self,
        form: str,
        found: Sequence[Mention | Unreadable | None],
        place: str | None,
        now: datetime,
    ) -> Page[Mention]:
        """Leave out what was told before, and say where to go on.

        Args:
            form: Platform and format of the cursor.
            found: The results as they came, newest first; ``None`` is of no interest.
            place: The platform's cursor to older results.
            now: The present: a message from a clock that is ahead must hide no others.
        """
        floor, told = self.floor(now), dict(self.told)
        fresh: list[Mention | Unreadable] = []
        written = [each.created_at for each in found if isinstance(each, Mention)]
        for each in reversed(found):
            if isinstance(each, Unreadable):
                fresh.append(each)
            elif each is not None and each.created_at >= floor:
                name = sha256(each.id.encode()).hexdigest()[:10]
                if name not in told:
                    fresh.append(each)
                told[name] = int(each.created_at.timestamp())
        seen = [min(at, now) for at in written] + ([self.newest] if self.newest else [])
        newest = max(seen, default=None)
        ended = not place or place == self.place or (bool(written) and written[-1] < floor)
        items, unreadable = sift(fresh)
        rest = self._rest(newest, told, None if ended else place)
        cursor = rest.to_text(form)
        return Page(items, cursor, more=not ended, unreadable=unreadable)

    def _rest(
        self, newest: datetime | None, told: dict[str, int], place: str | None
    ) -> "SearchWalk":
        mark = self.mark
        if place is None:
            mark, newest = max(filter(None, (mark, newest)), default=None), None
        upper = newest or mark
        least = (upper - _OVERLAP).timestamp() if upper else 0
        near = sorted((at, name) for name, at in told.items() if at >= int(least))
        kept = {name: at for at, name in near[-_REMEMBERED:]}
        return SearchWalk(mark=mark, newest=newest, place=place, told=kept)
