"""What is said on a Mastodon server about words or hashtags, newest first.

Hashtags have a timeline on every server. Words are only found where the server keeps a full-text
index, and then only what its authors let be found.

API: https://docs.joinmastodon.org/methods/timelines/#tag and .../methods/search/#v2
"""

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from pelayanan.models import Mention
from pelayanan.platforms._mastodon_listing import StatusDict, told
from pelayanan.protocol.page import Items, Page, Unreadable
from pelayanan.protocol.search import Query
from pelayanan.protocol.search_walk import SearchWalk

__all__ = ["Results", "Search"]

_PAGE = 40


class Results(BaseModel):
    statuses: Items[StatusDict] = []


class Search:
    """One query, and where its walk stands."""

    def __init__(self, query: str, cursor: str | None) -> None:
        self._query = Query.of(query)
        self._form = self._query.form("mastodon")
        self._walk = SearchWalk.resume(self._form, cursor)

    @property
    def by_tag(self) -> bool:
        """Whether a hashtag's timeline is read, which brings a list."""
        return bool(self._query.tags)

    def call(self) -> tuple[str, dict[str, Any]]:
        """Path and parameters."""
        params: dict[str, Any] = {"limit": _PAGE}
        params |= {"max_id": self._walk.place} if self._walk.place else {}
        if not self.by_tag:
            return "/api/v2/search", {"q": self._query.text, "type": "statuses", **params}
        first, *others = self._query.tags
        params |= {"all[]": others} if others else {}
        return f"/api/v1/timelines/tag/{quote(first, safe='')}", params

    def page(self, found: list[StatusDict | Unreadable], own_id: str, now: Any) -> Page[Mention]:
        """What of it is public, not the account's own, and has the words."""
        ids = [each.id if isinstance(each, Unreadable) else each["id"] for each in found]
        place = ids[-1] if len(ids) >= _PAGE else None
        kept = [self._heard(each, own_id) for each in found]
        return self._walk.page(self._form, kept, place, now)

    def _heard(self, status: StatusDict | Unreadable, own_id: str) -> Mention | Unreadable | None:
        if isinstance(status, Unreadable):
            return status
        found = told(status)
        if not isinstance(found, Mention):
            return found
        words = Query(words=self._query.words) if self.by_tag else Query()
        public = found.ref["visibility"] in {"public", "unlisted"}
        return found if public and found.author.id != own_id and words.fits(found.text) else None
