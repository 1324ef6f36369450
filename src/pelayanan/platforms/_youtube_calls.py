"""The lists that YouTube has: threads, replies, the own channel and its videos."""

from datetime import datetime
from typing import Any

from pelayanan.errors import AuthError, NotFoundError, RejectedError, UnsupportedError
from pelayanan.platforms import _youtube as wire
from pelayanan.platforms._google import EVERYWHERE, Google
from pelayanan.platforms._google_sweep import Sweep
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Request

__all__ = ["Calls"]

_PAGES = 25  # of replies or videos that are read; a look-up that needs more is left to a person


class Calls:
    """Calls of one channel."""

    def __init__(self, google: Google, base_url: str, channel: str) -> None:
        self._google = google
        self._base_url = base_url
        self._channel = channel

    def call(self, verb: str, resource: str, **rest: Any) -> Request:
        """Describe a call."""
        return self._google.request(verb, f"{self._base_url}/youtube/v3/{resource}", **rest)

    def threads(self, verb: str, sweep: Sweep) -> Steps[wire.Threads]:
        """One page of threads, newest first."""
        params: dict[str, Any] = {
            "part": "snippet,replies",
            "allThreadsRelatedToChannelId": self._channel,
            "order": "time",
            "maxResults": 100,
            "textFormat": "plainText",
        }
        params |= {"pageToken": sweep.place} if sweep.place else {}
        call = self.call(verb, "commentThreads", params=params)
        return (yield from self._google.fetch(call, wire.Threads))

    def completed(self, thread: wire.Thread | Unreadable) -> Steps[list[wire.Comment | Unreadable]]:
        """All replies of a thread; of many only some come along.

        One thread that YouTube does not open keeps nobody from hearing the others.
        """
        if isinstance(thread, Unreadable):
            return []
        if thread.is_whole:
            return thread.shown
        try:
            return (yield from self.replies("replies", thread.id))
        except NotFoundError:  # gone meanwhile
            return thread.shown
        except (AuthError, RejectedError, UnsupportedError) as error:
            if isinstance(error, EVERYWHERE):
                raise
            return [*thread.shown, Unreadable(thread.id, "not all of its replies can be read")]

    def replies(self, verb: str, parent: str) -> Steps[list[wire.Comment | Unreadable]]:
        """All replies below a comment.

        Raises:
            NotFoundError: The comment is gone.
            UnsupportedError: There are more than 2,500.
        """
        params: dict[str, Any] = {"part": "snippet", "parentId": parent, "maxResults": 100}
        params["textFormat"] = "plainText"
        found: list[wire.Comment | Unreadable] = []
        for _ in range(_PAGES):
            call = self.call(verb, "comments", params=params)
            listed = yield from self._google.fetch(call, wire.Comments)
            found += listed.items or ()
            if not listed.nextPageToken or listed.nextPageToken == params.get("pageToken"):
                return found
            params = params | {"pageToken": listed.nextPageToken}
        raise UnsupportedError("youtube: more replies than a look-up reads; a person must look")

    def own(self, verb: str) -> Steps[wire.Channel | None]:
        """The channel, where the token is its owner's."""
        params = {"part": "id,contentDetails", "mine": "true"}
        call = self.call(verb, "channels", params=params)
        listed = yield from self._google.fetch(call, wire.Channels)
        return next((each for each in listed.items or () if each.id == self._channel), None)

    def videos(self, verb: str, since: datetime) -> Steps[list[wire.PlaylistItem]]:
        """The channel's uploads, newest first, at least down to `since`.

        Raises:
            UnsupportedError: Too many, or one that cannot be read.
        """
        own = yield from self.own(verb)
        details = own and own.contentDetails and own.contentDetails.relatedPlaylists
        params: dict[str, Any] = {"part": "snippet,status", "maxResults": 50}
        params["playlistId"] = (details and details.uploads) or f"UU{self._channel[2:]}"
        found: list[wire.PlaylistItem] = []
        for _ in range(_PAGES):
            call = self.call(verb, "playlistItems", params=params)
            listed = yield from self._google.fetch(call, wire.Playlist)
            known = [each for each in listed.items or () if isinstance(each, wire.PlaylistItem)]
            found += known
            if len(known) < len(listed.items or ()):
                break
            old = any(each.snippet.publishedAt < since for each in known)
            if old or not listed.nextPageToken:
                return found
            params = params | {"pageToken": listed.nextPageToken}
        raise UnsupportedError("youtube: the list of videos does not decide; a person must look")
