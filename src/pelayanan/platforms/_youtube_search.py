"""What YouTube finds about words: videos, with their titles and descriptions.

Comments can only be searched on the own channel, which `mentions` lists anyway.

API: https://developers.google.com/youtube/v3/docs/search/list
"""

from datetime import UTC, datetime
from html import unescape
from typing import Any

from pydantic import AwareDatetime, BaseModel

from pelayanan.models import Author, Mention
from pelayanan.platforms._youtube import watch_url
from pelayanan.protocol.page import Items, Page, Unreadable
from pelayanan.protocol.search import Query
from pelayanan.protocol.search_walk import SearchWalk

__all__ = ["Results", "Search"]


class _Id(BaseModel):
    videoId: str


class _Snippet(BaseModel):
    publishedAt: AwareDatetime
    channelId: str = ""
    channelTitle: str = ""
    title: str = ""
    description: str = ""


class Result(BaseModel):
    id: _Id
    snippet: _Snippet


class Results(BaseModel):
    items: Items[Result] | None = None
    nextPageToken: str | None = None


class Search:
    """One query, and where its walk stands."""

    def __init__(self, query: str, cursor: str | None, now: datetime) -> None:
        self._query = Query.of(query)
        self._form = self._query.form("youtube")
        self._walk = SearchWalk.resume(self._form, cursor)
        self._now = now

    @property
    def under_way(self) -> bool:
        """Whether the walk goes on from a place that YouTube may have forgotten."""
        return self._walk.place is not None

    def anew(self) -> None:
        """The same walk from the newest result on."""
        self._walk = self._walk.model_copy(update={"place": None})

    def params(self) -> dict[str, Any]:
        """Of the call."""
        after = self._walk.floor(self._now).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        params: dict[str, Any] = {"part": "snippet", "type": "video", "order": "date"}
        params |= {"q": self._query.text, "maxResults": 50, "publishedAfter": after}
        return params | ({"pageToken": self._walk.place} if self._walk.place else {})

    def page(self, found: Results, own: str) -> Page[Mention]:
        """The videos of others."""
        heard = [_heard(each, own) for each in found.items or ()]
        return self._walk.page(self._form, heard, found.nextPageToken, self._now)


def _heard(found: Result | Unreadable, own: str) -> Mention | Unreadable | None:
    if isinstance(found, Unreadable):
        return found
    video, about = found.id.videoId, found.snippet
    if about.channelId == own:
        return None
    return Mention(
        platform="youtube",
        id=video,
        author=Author(id=about.channelId, handle=unescape(about.channelTitle)),
        text=unescape(f"{about.title}\n{about.description}").strip(),  # they come escaped
        created_at=about.publishedAt,
        url=watch_url(video),
        thread=video,
        ref={"video": video},
    )
