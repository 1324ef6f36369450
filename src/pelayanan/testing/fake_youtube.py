"""A YouTube in memory or in a folder, with faults: channels, videos, comments, a daily quota."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.search import Query
from pelayanan.testing._google import FakeGoogle, Json, RefusedError, part
from pelayanan.testing.fake import json_answer

__all__ = ["FakeYouTube"]

_SHOWN = 5  # replies that come along with a thread
_PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who uses YouTube's own app: a citizen, or an officer logged in as the channel."""

    servers: "FakeYouTube"
    channel: str
    name: str

    def comment(self, video: str, text: str, **snippet: Any) -> str:
        """Comment on a video; returns the comment's id."""
        return self.servers.write(self.channel, self.name, text, video=video, **snippet)

    def reply(self, comment: str, text: str, **snippet: Any) -> str:
        """Reply below a comment; returns the reply's id."""
        top = comment.partition(".")[0]
        return self.servers.write(self.channel, self.name, text, parent=top, **snippet)


class FakeYouTube(FakeGoogle):
    """YouTube's servers with channels of agencies and citizens.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of the server, of the token endpoint too.
        units_per_day: What the project may spend in a day.
        page: Most threads a page, below YouTube's own 100.
        searches_per_day: How often the project may search in a day.
    """

    host = "youtube.example"
    scope = "https://www.googleapis.com/auth/youtube.force-ssl"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "youtube.example",
        units_per_day: int = 10_000,
        page: int = 100,
        searches_per_day: int = 100,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock, host=host)
        self._units = units_per_day
        self._page = page
        self._searches = searches_per_day

    def video(self, channel: str, title: str = "Penyaluran bantuan") -> str:
        """Publish a video in the app; returns its id."""
        with self.world() as state:
            identity = f"vid{self.number():08}"
            known = {"channel": channel, "title": title, "description": title}
            part(state, "videos")[identity] = {**known, "at": self._stamp()}
            return identity

    def citizen(self, name: str) -> _Person:
        """Somebody who writes comments."""
        channel = "UC" + sha256(name.encode()).hexdigest()[:22]
        return _Person(self, channel, f"@{name}_contoh")

    def officer(self, channel: str) -> _Person:
        """Somebody who answers in the app, logged in as the channel."""
        return _Person(self, channel, f"@{channel[2:].lower()}")

    def write(
        self, author: str, name: str, text: str, *, video: str = "", parent: str = "", **more: Any
    ) -> str:
        """Put a comment; returns its id."""
        with self.world() as state:
            comments = part(state, "comments")
            number = f"{self.number():010}"
            identity = f"{parent}.{number}" if parent else f"Ugx{number}"
            at = self._stamp(skewed=self.strikes("clock_skew"))
            if parent:
                video = comments[parent]["videoId"]
            snippet: Json = {
                "authorDisplayName": name,
                "authorChannelId": {"value": author},
                "textDisplay": text,
                "textOriginal": text,
                "publishedAt": at,
                "updatedAt": at,
                "videoId": video,
                "channelId": part(state, "videos")[video]["channel"],
            }
            snippet |= ({"parentId": parent} if parent else {}) | more
            comments[identity] = snippet
            return identity

    def edit(self, comment: str, text: str) -> None:
        """Change a comment, as its author does."""
        with self.world() as state:
            changed = {"textDisplay": text, "textOriginal": text, "updatedAt": self._stamp()}
            part(state, "comments")[comment] |= changed

    def delete(self, comment: str) -> None:
        """Take a comment away, with all below it."""
        with self.world() as state:
            known = part(state, "comments")
            for each in [each for each in known if each.partition(".")[0] == comment]:
                del known[each]
            known.pop(comment, None)

    def forget_places(self) -> None:
        """Let every page token be too old."""
        with self.world() as state:
            state["era"] = state.get("era", 0) + 1

    def replies(self, comment: str) -> list[Json]:
        """What stands below a comment, oldest first, as the API shows it."""
        with self.world() as state:
            known = part(state, "comments")
            below = [each for each in known if each.startswith(f"{comment}.")]
            return [self._shown(each) for each in sorted(below, key=self._order)]

    @property
    def spent(self) -> int:
        """Units that were spent today."""
        with self.world() as state:
            found: int = part(state, "spent").get(self._day(), 0)
            return found

    def serve(self, owner: str, request: Request) -> Response:
        """Answer a call in the name of a channel."""
        resource = request.url.partition(f"https://{self.host}/")[2]
        known = self._routes.get((request.method, resource.partition("?")[0]))
        if known is None:
            raise RefusedError(404, "notFound")
        units, method = known
        self._spend(units)
        return method(self, owner, request)

    def _spend(self, units: int) -> None:
        with self.world() as state:
            spent, day = part(state, "spent"), self._day()
            if spent.get(day, 0) + units > self._units:
                raise RefusedError(403, "quotaExceeded")
            spent[day] = spent.get(day, 0) + units

    def _search(self, _: str, request: Request) -> Response:
        query, since = Query.of(str(request.params["q"])), str(request.params["publishedAfter"])
        with self.world() as state:
            spent, day = part(state, "searches"), self._day()
            spent[day] = spent.get(day, 0) + 1
            if spent[day] > self._searches:
                raise RefusedError(403, "quotaExceeded")
            known = part(state, "videos")
            told = {each: f"{one['title']}\n{one['description']}" for each, one in known.items()}
            hits = [each for each in known if query.fits(told[each]) and known[each]["at"] >= since]
            hits.sort(key=lambda each: (known[each]["at"], each), reverse=True)
            found, more = self._window(hits, request)
            items = [_result(each, known[each]) for each in found]
            if items and self.strikes("duplicate"):
                items = [items[0], *items]
        return json_answer({"kind": "youtube#searchListResponse", "items": items, **more})

    def _threads(self, _: str, request: Request) -> Response:
        channel = request.params.get("allThreadsRelatedToChannelId")
        with self.world() as state:
            known = part(state, "comments")
            tops = [
                each
                for each, snippet in known.items()
                if "parentId" not in snippet and snippet["channelId"] == channel
            ]
            tops.sort(key=self._order, reverse=True)
            found, more = self._window(tops, request)
            items = [self._thread(each) for each in found]
            if items and self.strikes("duplicate"):
                items = [items[0], *items]
        return json_answer({"kind": "youtube#commentThreadListResponse", "items": items, **more})

    def _thread(self, top: str) -> Json:
        replies = self.replies(top)
        with self.world() as state:
            snippet = part(state, "comments")[top]
        shown: Json = {
            "kind": "youtube#commentThread",
            "id": top,
            "snippet": {
                "channelId": snippet["channelId"],
                "videoId": snippet["videoId"],
                "topLevelComment": self._shown(top),
                "canReply": True,
                "totalReplyCount": len(replies),
                "isPublic": True,
            },
        }
        return shown | ({"replies": {"comments": replies[-_SHOWN:]}} if replies else {})

    def _comments(self, _: str, request: Request) -> Response:
        parent = str(request.params["parentId"])
        with self.world() as state:
            if parent not in part(state, "comments"):
                raise RefusedError(404, "parentCommentNotFound")
        replies = {each["id"]: each for each in self.replies(parent)}
        found, more = self._window(list(replies), request)
        items = [replies[each] for each in found]
        return json_answer({"kind": "youtube#commentListResponse", "items": items, **more})

    def _insert(self, owner: str, request: Request) -> Response:
        body: Any = request.json
        text, parent = body["snippet"]["textOriginal"], body["snippet"]["parentId"]
        if not text.strip():
            raise RefusedError(400, "commentTextRequired")
        if len(text) > 10_000:
            raise RefusedError(400, "commentTextTooLong")
        with self.world() as state:
            if parent not in part(state, "comments"):
                raise RefusedError(404, "parentCommentNotFound")
            if part(state, "comments")[parent].get("canReply") is False:
                raise RefusedError(400, "operationNotSupported")
            made = self.write(owner, f"@{owner[2:].lower()}", text, parent=parent)
            return json_answer(self._shown(made))

    def _channels(self, owner: str, _: Request) -> Response:
        lists = {"uploads": f"UU{owner[2:]}"}
        channel: Json = {"kind": "youtube#channel", "id": owner}
        channel |= {"contentDetails": {"relatedPlaylists": lists}}
        return json_answer({"kind": "youtube#channelListResponse", "items": [channel]})

    def _begin(self, _: str, request: Request) -> Response:
        with self.world() as state:
            number = str(self.number())
            part(state, "uploads")[number] = request.json
        place = f"https://{self.host}/upload/youtube/v3/videos?uploadType=resumable&upload_id="
        return json_answer({}, location=place + number)

    def _upload(self, owner: str, request: Request) -> Response:
        assert request.body is not None
        with request.body() as file:
            content = file.read()
        number = request.url.rpartition("=")[2]
        with self.world() as state:
            about = part(state, "uploads").pop(number)
            made = self.video(owner, about["snippet"]["title"])
            digest = sha256(content).hexdigest()
            known = {"description": about["snippet"]["description"], "sha256": digest}
            known["privacy"] = "private"
            part(state, "videos")[made] |= known
        status = {"uploadStatus": "uploaded", "privacyStatus": "private"}  # until the audit
        return json_answer({"kind": "youtube#video", "id": made, "status": status})

    def _playlist(self, owner: str, request: Request) -> Response:
        with self.world() as state:
            own = {
                each: video
                for each, video in part(state, "videos").items()
                if video["channel"] == owner
            }
        found, more = self._window(list(reversed(own)), request)
        items: list[Json] = []
        for each in found:
            about = {name: own[each][name] for name in ("title", "description")}
            resource = {"kind": "youtube#video", "videoId": each}
            snippet = {**about, "publishedAt": own[each]["at"], "resourceId": resource}
            status = {"privacyStatus": own[each].get("privacy", "public")}
            item = {"id": f"PL{each}", "snippet": snippet, "status": status}
            items.append({"kind": "youtube#playlistItem", **item})
        return json_answer({"kind": "youtube#playlistItemListResponse", "items": items, **more})

    def _window(self, listed: list[str], request: Request) -> tuple[list[str], Json]:
        """A page of a list, and where the next one begins."""
        most = min(int(str(request.params.get("maxResults", 20))), self._page)
        with self.world() as state:
            era = str(state.get("era", 0))
        then, _, place = str(request.params.get("pageToken", f"{era}-0")).partition("-")
        if then != era:
            raise RefusedError(400, "invalidPageToken")
        start = int(place)
        more = {"nextPageToken": f"{era}-{start + most}"} if start + most < len(listed) else {}
        total = {"totalResults": len(listed), "resultsPerPage": most}
        return listed[start : start + most], {"pageInfo": total, **more}

    def _shown(self, comment: str) -> Json:
        with self.world() as state:
            snippet = dict(part(state, "comments")[comment])
        snippet.pop("canReply", None)
        return {"kind": "youtube#comment", "id": comment, "snippet": snippet}

    def _order(self, comment: str) -> tuple[str, str]:
        with self.world() as state:
            return part(state, "comments")[comment]["publishedAt"], comment

    def _day(self) -> str:
        return self.clock().astimezone(_PACIFIC).date().isoformat()

    def _stamp(self, *, skewed: bool = False) -> str:
        at = (self.clock() + timedelta(minutes=10 if skewed else 0)).astimezone(UTC)
        return at.isoformat(timespec="seconds").replace("+00:00", "Z")

    _routes: ClassVar[dict[tuple[str, str], tuple[int, Callable[..., Response]]]] = {
        ("GET", "youtube/v3/commentThreads"): (1, _threads),
        ("GET", "youtube/v3/comments"): (1, _comments),
        ("GET", "youtube/v3/search"): (0, _search),
        ("POST", "youtube/v3/comments"): (50, _insert),
        ("GET", "youtube/v3/channels"): (1, _channels),
        ("GET", "youtube/v3/playlistItems"): (1, _playlist),
        ("POST", "upload/youtube/v3/videos"): (0, _begin),
        ("PUT", "upload/youtube/v3/videos"): (0, _upload),
    }


def _result(video: str, about: Json) -> Json:
    """A video as a search shows it: its texts escaped, as YouTube does."""
    snippet: Json = {name: escape(about[name]) for name in ("title", "description")}
    snippet |= {"publishedAt": about["at"], "channelId": about["channel"]}
    snippet["channelTitle"] = f"Kanal {about['channel'][2:8]} Contoh"
    identity = {"kind": "youtube#video", "videoId": video}
    return {"kind": "youtube#searchResult", "id": identity, "snippet": snippet}
