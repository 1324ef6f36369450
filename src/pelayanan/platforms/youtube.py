"""YouTube (Data API v3). 10,000 units a day for a project: a list costs 1, a reply 50.

API: https://developers.google.com/youtube/v3/docs
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from pydantic import SecretStr

from pelayanan.errors import (
    ConfigError,
    ContractError,
    NotFoundError,
    PlatformError,
    RejectedError,
    UnsupportedError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent
from pelayanan.platforms import _google_check as check
from pelayanan.platforms import _youtube as wire
from pelayanan.platforms._google import TOKEN_URL, Google, base_of, by_refresh_token
from pelayanan.platforms._google_sweep import Depth, Found, Sweep
from pelayanan.platforms._youtube_calls import Calls
from pelayanan.platforms._youtube_search import Results, Search
from pelayanan.platforms._youtube_write import addressed, bare, fits, the_video, titled
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["YouTube"]

T = TypeVar("T")

_MENTIONS = "youtube/1"
_ANSWERS = "youtube.answers/1"
_SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
_EARLIER = timedelta(minutes=2)  # an answer cannot be older than its message, but for clocks
_LOOK_BACK = timedelta(days=30)


class YouTube:
    """One channel, with the consent of its owner.

    Args:
        channel: Its id, ``"UC..."``.
        client_id: Of the project's OAuth client.
        client_secret: Of the same.
        refresh_token: That the owner's consent gave.
        handle: The channel's name without ``@``, for logs and reports.
        look_back_days: How old a comment may be whose late replies and edits are still seen;
            the first walk goes back as far.
        privacy: Of published videos. YouTube keeps them private until it has audited the project.
        base_url: Of the API; uploads go to the same host.
        token_url: Where access tokens are got.
        clock: The present; aware.

    Attributes:
        UNITS: What a call takes from the day's quota, by its operation (`CallRecord.operation`).
    """

    name = "youtube"
    capabilities = Capabilities(
        listing_lag=timedelta(minutes=5),
        text=(TextLimit("characters", wire.TEXT),),
        media_text=(TextLimit("bytes", wire.DESCRIPTION_BYTES),),
        media={"video": 1},
        reply_needs_invitation=True,
    )
    UNITS = wire.UNITS

    def __init__(
        self,
        channel: str,
        *,
        client_id: str,
        client_secret: str | SecretStr,
        refresh_token: str | SecretStr,
        handle: str = "",
        look_back_days: int = 30,
        privacy: Literal["public", "unlisted", "private"] = "public",
        base_url: str = "https://youtube.googleapis.com",
        token_url: str = TOKEN_URL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        if not channel.startswith("UC"):
            raise ConfigError('channel must be its id, like "UC..."')
        self._channel = channel
        self._handle = handle.removeprefix("@") or channel
        self._base_url = base_of(base_url)
        self._privacy = privacy
        self._clock = clock
        self._depth = Depth(whole=timedelta(days=look_back_days))
        self._google = Google(
            self.name,
            by_refresh_token(client_id, client_secret, refresh_token),
            token_url=token_url,
            clock=clock,
            throttle=Throttle(300, 60.0, name=budget(base_url, client_id)),
            reasons=wire.REASONS,
        )
        self._calls = Calls(self._google, self._base_url, channel)

    @property
    def handle(self) -> str:
        """What logs and reports call the channel."""
        return self._handle

    @property
    def native_id(self) -> str:
        """The channel's id, by which it is known where it writes on other channels."""
        return self._channel

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List comments on the channel's videos, and replies below them, new since `cursor`.

        A comment that was edited comes again with the same id.
        """
        return (yield from self._walk("mentions", _MENTIONS, cursor, wire.mention_found))

    @flow
    def search(self, query: str, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List videos of others with all words of `query`, new since `cursor`.

        Each page is one of the 100 searches that a project has in a day.

        Raises:
            QuotaError: They are used up.
        """
        asked = Search(query, cursor, self._clock())
        try:
            found = yield from self._found(asked)
        except RejectedError:
            if not asked.under_way:
                raise
            asked.anew()  # YouTube forgets places
            found = yield from self._found(asked)
        return asked.page(found, self._channel)

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List the channel's own replies, also those typed in the app, new since `cursor`."""
        return (yield from self._walk("answers", _ANSWERS, cursor, wire.answer_found))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:  # noqa: ARG002  YouTube knows no keys
        """Answer below a comment, in public. Costs 50 units.

        Raises:
            TooLongError: More than 10,000 characters; nothing was sent.
            PolicyError: The comment cannot be answered.
            QuotaError: The day's units are used up.
        """
        said = fits(addressed(mention, text))
        body = {"snippet": {"parentId": mention.ref["parent"], "textOriginal": said}}
        call = self._calls.call(
            "reply", "comments", method="POST", json=body, params={"part": "snippet"}
        )
        found = yield from self._google.fetch(call, wire.Comment)
        return wire.sent_of(found, mention.ref.get("video"))

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:  # noqa: ARG002  YouTube shows no key
        """Look whether the answer was published: an own reply in the thread with its text.

        Raises:
            UnsupportedError: The text is not known and there are own replies, one with it does not
                name whom it answers, or there are more replies than a look-up reads.
        """
        try:
            listed = yield from self._calls.replies("find_reply", mention.ref["parent"])
        except NotFoundError:  # the thread is gone, and with it what stood below it
            return None
        since = mention.created_at - _EARLIER
        read = [each for each in listed if isinstance(each, wire.Comment)]
        own = [
            each for each in read if each.by(self._channel) and each.snippet.publishedAt >= since
        ]
        said = bare(addressed(mention, text))
        found = next((each for each in own if bare(each.text) == said), None)
        if found is not None and text:
            return wire.sent_of(found, mention.ref.get("video"))
        unnamed = any(bare(each.text) == bare(text) for each in own)  # to whom was it said?
        if (own and not text) or unnamed or len(read) < len(listed):
            raise UnsupportedError("youtube keeps no key: a person must look at the thread")
        return None

    @flow
    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Steps[Sent]:  # noqa: ARG002  YouTube knows no keys
        """Publish one video; the first line of the text is its title.

        Raises:
            UnsupportedError: There is not exactly one video.
            RejectedError: YouTube would refuse the text.
        """
        video, about = the_video(media), titled(text, self._privacy)
        headers = {
            "X-Upload-Content-Type": video.media_type,
            "X-Upload-Content-Length": str(video.size_bytes),
        }
        begin = self._google.request(
            "upload",
            f"{self._base_url}/upload/youtube/v3/videos",
            method="POST",
            params={"uploadType": "resumable", "part": "snippet,status"},
            headers=headers,
            json=about,
            repeatable=True,  # a session that nothing is put into is no video
        )
        place = (yield from self._google.send(begin)).headers.get("location", "")
        if not place.startswith(f"{self._base_url}/"):
            raise ContractError("no place to upload to", operation="youtube.upload")
        put = self._google.request(
            "publish",
            place,
            method="PUT",
            headers={"Content-Type": video.media_type},
            body=video.open,
        )
        made = yield from self._google.fetch(put, wire.Video)
        return self._uploaded(made.id, made, self._clock())

    @flow
    def find_publication(self, *, key: str, text: str = "") -> Steps[Sent | None]:  # noqa: ARG002  YouTube shows no key
        """Look whether a video with this text was uploaded in the last 30 days.

        Raises:
            UnsupportedError: There is no text to look for, or too much was uploaded since.
        """
        if not bare(text):
            raise UnsupportedError("youtube keeps no key: without a text a person must look")
        listed = yield from self._calls.videos("find_publication", self._clock() - _LOOK_BACK)
        for each in listed:
            if bare(each.snippet.description) == bare(text):
                about = each.snippet
                return self._uploaded(about.resourceId.videoId, each, about.publishedAt)
        return None

    @flow
    def check(self) -> Steps[Check]:
        """Tell how consent, scopes, channel, quota and clock stand."""
        try:
            token = yield from self._google.token()
            call = self._calls.call("check", "channels", params={"part": "id", "mine": "true"})
            answer = yield from self._google.send(call)
            own = yield from self._calls.own("check")
        except PlatformError as error:
            findings: tuple[Finding, ...] = (check.refused_finding(error),)
            return Check(platform=self.name, handle=self.handle, findings=findings)
        findings = (
            check.token_finding(token),
            check.scope_finding(token, _SCOPE),
            _channel_finding(own, self._channel),
            Finding(name="limits", ok=True, detail="10.000 unit sehari; satu balasan 50 unit"),
            check.clock_finding(answer.headers, self._clock()),
        )
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _uploaded(self, video: str, told: wire.Video | wire.PlaylistItem, at: datetime) -> Sent:
        """The proof of an upload; until the audit others do not see it."""
        shown = told.status is not None and told.status.privacyStatus == self._privacy
        return Sent(id=video, url=wire.watch_url(video), at=at, confirmed=shown)

    def _found(self, asked: Search) -> Steps[Results]:
        call = self._calls.call("search", "search", params=asked.params())
        return (yield from self._google.fetch(call, Results))

    def _walk(
        self,
        verb: str,
        form: str,
        cursor: str | None,
        to: Callable[[wire.Comment | Unreadable, wire.Below | None, str], Found[T]],
    ) -> Steps[Page[T]]:
        sweep = Sweep.resume(form, cursor).begun(self._clock(), self._depth)
        try:
            listed = yield from self._calls.threads(verb, sweep)
        except RejectedError:
            if sweep.place is None:
                raise
            sweep = sweep.anew()  # YouTube forgets places
            listed = yield from self._calls.threads(verb, sweep)
        found: list[Found[T]] = []
        for thread in listed.items or ():
            replies = yield from self._calls.completed(thread)
            found += [to(*each, self._channel) for each in wire.comments_of(thread, replies)]
        return sweep.page(form, found, listed.nextPageToken, self._depth)


def _channel_finding(own: wire.Channel | None, channel: str) -> Finding:
    if own is not None:
        return Finding(name="channel", ok=True, detail=channel)
    remedy = (
        "Administrator: masuk sebagai pemilik kanal ini (pilih akun mereknya), lalu ganti token."
    )
    return Finding(name="channel", ok=False, detail="token milik kanal lain", remedy=remedy)
