"""What Threads finds about words or a topic tag, newest first.

2,200 searches in 24 hours that find something, of one user over all apps. Without the permission
`threads_keyword_search` only own posts are searched, so nothing is found.

API: https://developers.facebook.com/documentation/threads/keyword-search (read in its version of
January 2026)
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pelayanan.errors import RejectedError
from pelayanan.models import Mention
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._threads import MEDIA, MediaList, Reader
from pelayanan.platforms._threads_lanes import EARLIEST
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.protocol.search import Query
from pelayanan.protocol.search_walk import SearchWalk

__all__ = ["Searcher"]


@dataclass(frozen=True, slots=True)
class Searcher:
    """Searches in the name of one account."""

    graph: Graph
    reader: Reader

    def page(self, query: Query, cursor: str | None, now: datetime) -> Steps[Page[Mention]]:
        """One page of what others said."""
        form = query.form("threads")
        walk = SearchWalk.resume(form, cursor)
        params: dict[str, Any] = {"fields": MEDIA, "search_type": "RECENT", "limit": 100}
        params |= _asked(query) | ({"after": walk.place} if walk.place else {})
        params["since"] = max(EARLIEST, int(walk.floor(now).timestamp()))
        try:
            asked = self.graph.look("search", "keyword_search", MediaList, params=params)
            found, _ = yield from asked
        except RejectedError:
            if not walk.place:
                raise
            return walk.page(form, [], None, now)  # the place is void by now: the walk ends
        heard = [
            each if isinstance(each, Unreadable) else self.reader.mention(each)
            for each in found.data
        ]
        kept = [one for one in heard if not isinstance(one, Mention) or _fits(query, one.text)]
        return walk.page(form, kept, found.paging.after, now)


def _asked(query: Query) -> dict[str, str]:
    if query.tags:
        return {"q": query.tags[0], "search_mode": "TAG"}
    return {"q": query.text, "search_mode": "KEYWORD"}


def _fits(query: Query, text: str) -> bool:
    """A search for a tag knows nothing of the rest; a tag may be shown without its mark."""
    rest = (*query.words, *query.tags[1:]) if query.tags else ()
    return Query(words=rest).fits(text)
