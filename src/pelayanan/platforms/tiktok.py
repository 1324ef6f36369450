"""TikTok, EXPERIMENTAL: comments on the account's own videos, and answers below them.

The organic part of TikTok API for Business v1.3 (`/business/comment/...`) has no public manual:
names, limits and codes are second-hand and must be compared with the portal before production.
Only `experimental=True` makes an account. Limits: 40 calls a minute per account and endpoint.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr

from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    NotFoundError,
    RejectedError,
    TokenExpiredError,
    TooLongError,
    UnsupportedError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms._tiktok import (
    Comment,
    Comments,
    Envelope,
    Refusals,
    Video,
    Videos,
    Walking,
    listing,
)
from pelayanan.platforms._tiktok_token import App, Tokens
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, fetch, flow
from pelayanan.protocol.page import Page, Unreadable, sift
from pelayanan.protocol.request import Request
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["TikTok"]

T = TypeVar("T")

_MENTIONS = "tiktok/1"
_ANSWERS = "tiktok.answers/1"
_TEXT = 150
_PAGES = 10  # of answers below one comment that are read; beyond, a person must look
_FLAG = "TikTok is experimental: read docs/platforms/tiktok.md, then say experimental = true"


class TikTok:
    """One Business account (EXPERIMENTAL).

    Args:
        business_id: The account's `open_id`, from the answer that connected it.
        token: That answer as JSON, where a renewed one can be kept (``file:``, ``keyring:``); a
            bare access token ends after a day.
        client_id: Of the app in the portal; with its secret tokens are renewed.
        client_secret: Of the app.
        username: What logs and reports call the account.
        experimental: Must be said; nothing here is verified with TikTok.
        videos: Of so many of the newest videos comments are read, at most 20.
        look_back_days: How long before the last walk is read again, for late publication and new
            answers below known comments.
        codes: Codes of refusals that mean something else than known here.
        clock: The present; aware.

    Raises:
        ConfigError: `experimental` is not set, or an argument cannot be.
    """

    name = "tiktok"
    capabilities = Capabilities(
        listing_lag=timedelta(minutes=5),
        text=(TextLimit("characters", _TEXT),),
        reply_needs_invitation=True,
        experimental=True,
    )

    def __init__(
        self,
        business_id: str,
        token: str | SecretStr,
        *,
        client_id: str = "",
        client_secret: str | SecretStr | None = None,
        username: str = "",
        experimental: bool = False,
        videos: int = 10,
        look_back_days: float = 3.0,
        codes: Mapping[str, str] | None = None,
        base_url: str = "https://business-api.tiktok.com/open_api/v1.3",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        if not experimental:
            raise ConfigError(_FLAG)
        if not base_url.startswith("https://"):
            raise ConfigError("base_url must start with https://")
        if not 1 <= videos <= 20:
            raise ConfigError("videos must be from 1 to 20")
        self._business_id = business_id
        self._username = username.removeprefix("@") or business_id
        self._base = base_url.rstrip("/")
        self._videos = videos
        self._back = timedelta(days=look_back_days)
        self._clock = clock
        self._classify = Refusals(codes)
        self._throttles: dict[str, Throttle] = {}
        app = App(client_id, as_secret(client_secret)) if client_id and client_secret else None
        self._tokens = Tokens(as_secret(token), app, self._renewal, clock)

    @property
    def handle(self) -> str:
        """The account's name."""
        return self._username

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List comments on the newest videos and answers below them, new since `cursor`.

        A page is one page of one video; within it the oldest comes first.
        """
        step = yield from self._step(_MENTIONS, cursor)
        made = [
            one if isinstance(one, Unreadable) else one.mention(step.video, above)
            for one, above in step.found
            if isinstance(one, Unreadable) or not one.own
        ]
        items, unreadable = sift(made)
        ordered = tuple(sorted(items, key=lambda one: (one.created_at, one.id)))
        return Page(ordered, step.cursor, more=step.more, unreadable=unreadable)

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List what the account answered below comments, also in the app, new since `cursor`."""
        step = yield from self._step(_ANSWERS, cursor)
        items, unreadable = sift(
            one if isinstance(one, Unreadable) else one.answer(above)
            for one, above in step.found
            if isinstance(one, Unreadable) or (one.own and above)
        )
        ordered = tuple(sorted(items, key=lambda one: (one.created_at, one.id)))
        return Page(ordered, step.cursor, more=step.more, unreadable=unreadable)

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer a comment in public; looks first, so that it stands once.

        Who wrote below somebody else's comment is named: all answers stand below the first one.

        Raises:
            TooLongError: More than 150 characters, with that name; nothing was sent.
        """
        del key  # TikTok keeps none: own answers are found by their text
        said = _addressed(mention, text)
        if len(said) > _TEXT:
            told = f"{len(said)} characters, TikTok takes {_TEXT}"
            raise TooLongError(told, operation="tiktok.reply")
        if standing := (yield from self._standing("reply", mention, text)):
            return standing
        body = {
            "business_id": self._business_id,
            "video_id": mention.ref["video"],
            "comment_id": mention.ref["comment"],
            "text": said,
        }
        rest: dict[str, Any] = {"method": "POST", "json": body}
        made = yield from self._ask("reply", "comment/reply/create", _Made, **rest)
        return Sent(id=made.comment_id, at=self._clock(), confirmed=True)

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether the answer stands: an own one below the comment with its text.

        Raises:
            UnsupportedError: There is no text to look for, or too much stands below the comment.
        """
        del key
        return (yield from self._standing("find_reply", mention, text))

    @flow
    def check(self) -> Steps[Check]:
        """Tell how token and permission stand, and that all of this is experimental."""
        warning = "eksperimental: bandingkan dengan portal TikTok sebelum dipakai sungguhan"
        findings = [Finding(name="experimental", ok=True, detail=warning)]
        try:
            videos = yield from self._newest("check")
        except (AuthError, AccessTierError) as refused:
            told = Finding(name="token", ok=False, detail=str(refused), remedy=refused.remedy)
            return Check(platform=self.name, handle=self.handle, findings=(*findings, told))
        seen = Finding(name="videos", ok=True, detail=f"{len(videos)} video")
        findings += [self._tokens.finding(), seen]
        return Check(platform=self.name, handle=self.handle, findings=tuple(findings))

    def _step(self, form: str, cursor: str | None) -> Steps["_Step"]:
        """Read the next page of comments of the walk, and what stands below each."""
        walk = Walking.resume(form, cursor)
        if not walk.left:
            now = self._clock()
            videos = yield from self._newest("videos")
            walk = walk.model_copy(update={"begun": now, "left": videos, "place": 0})
        if not walk.left:
            return _Step("", (), Walking(since=walk.begun).to_text(form), more=False)
        video, floor = walk.left[0], None if walk.since is None else walk.since - self._back
        asked = {"sort_field": "create_time", "sort_order": "desc", "cursor": walk.place}
        found: list[tuple[Comment | Unreadable, str]] = []
        try:
            page = yield from self._comments("comments", "comment/list", video, **asked)
        except NotFoundError:  # the video was taken away meanwhile
            page = Comments()
        except RejectedError as refused:  # or TikTok does not open this one: the others are read
            page = Comments()
            found.append((Unreadable(video, f"a video: {refused.args[0]}"), ""))
        for one in page.comments:
            if isinstance(one, Unreadable):
                found.append((one, ""))
            elif floor is None or one.at >= floor:
                found.append((one, ""))
                below = yield from self._answered(video, one)
                found += [(each, one.comment_id) for each in below]
        after = walk.after(page, floor)
        return _Step(video, tuple(found), after.to_text(form), more=bool(after.left))

    def _answered(self, video: str, comment: Comment) -> Steps[list[Comment | Unreadable]]:
        """What stands below a comment; where it cannot all be read, the comment is named."""
        if comment.replies == 0:
            return []
        name = comment.comment_id
        try:
            found, whole = yield from self._below("replies", video, name)
        except NotFoundError:  # taken away meanwhile
            return []
        except RejectedError as refused:
            return [Unreadable(name, f"answers below it: {refused.args[0]}")]
        return found if whole else [*found, Unreadable(name, "too many answers below it")]

    def _newest(self, verb: str) -> Steps[list[str]]:
        asked: dict[str, str | int] = {"business_id": self._business_id, "fields": '["item_id"]'}
        params = asked | {"max_count": self._videos}
        found = (yield from self._ask(verb, "video/list", Videos, params=params)).videos
        return [one.item_id for one in found if isinstance(one, Video)][: self._videos]

    def _comments(self, verb: str, path: str, video: str, **more: Any) -> Steps[Comments]:
        params = listing(self._business_id, video, max_count=30, **more)
        return (yield from self._ask(verb, path, Comments, params=params))

    def _below(
        self, verb: str, video: str, comment: str, **more: Any
    ) -> Steps[tuple[list[Comment | Unreadable], bool]]:
        """What stands below a comment, and whether that is all."""
        found: list[Comment | Unreadable] = []
        place = 0
        for _ in range(_PAGES):
            page = yield from self._comments(
                verb, "comment/reply/list", video, comment_id=comment, cursor=place, **more
            )
            found += page.comments
            if not page.has_more or not page.cursor or page.cursor <= place:
                return found, True
            place = page.cursor
        return found, False

    def _standing(self, verb: str, mention: Mention, text: str) -> Steps[Sent | None]:
        if not text.strip():
            raise UnsupportedError("tiktok keeps no key: without a text a person must look")
        video, comment = mention.ref["video"], mention.ref["comment"]
        every = {"status": "ALL"}  # TikTok may look at an answer before it shows it
        found, whole = yield from self._below(verb, video, comment, **every)
        own = [one for one in found if isinstance(one, Comment) and one.own]
        said = _addressed(mention, text)
        for one in own:  # the same words before it are for somebody else
            if one.at >= mention.created_at and _same(one.text or "", said):
                return one.sent()
        if not whole or any(isinstance(one, Unreadable) for one in found):
            raise UnsupportedError("tiktok: not all below the comment can be read; look there")
        return None

    def _ask(self, verb: str, path: str, shape: type[T], **rest: Any) -> Steps[T]:
        """What an answer holds; a token that TikTok no longer takes is renewed, once."""
        token = yield from self._tokens.ready()
        try:
            return (yield from self._data(verb, path, shape, token, **rest))
        except TokenExpiredError:  # refused: nothing happened
            token = yield from self._tokens.after(token)
        return (yield from self._data(verb, path, shape, token, **rest))

    def _data(self, verb: str, path: str, shape: type[T], token: str, **rest: Any) -> Steps[T]:
        headers = {"Access-Token": token}
        call = self._call(verb, f"/business/{path}/", headers=headers, **rest)
        return (yield from fetch(call, Envelope[shape])).data  # type: ignore[valid-type]  # a class at run time

    def _renewal(self, body: dict[str, str]) -> Request:
        return self._call("renew", "/tt_user/oauth2/refresh_token/", method="POST", json=body)

    def _call(self, verb: str, path: str, **rest: Any) -> Request:
        if path not in self._throttles:
            name = budget(self._base, path, self._business_id)
            self._throttles[path] = Throttle(40, 60.0, name=name)
        return Request(
            operation=f"{self.name}.{verb}",
            url=self._base + path,
            throttle=self._throttles[path],
            classify=self._classify,
            repeatable=rest.get("method", "GET") == "GET",
            **rest,
        )


@dataclass(frozen=True, slots=True)
class _Step:
    """One page of a walk: comments, each with the one that it stands below."""

    video: str
    found: tuple[tuple[Comment | Unreadable, str], ...]
    cursor: str
    more: bool


class _Made(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    comment_id: str


def _addressed(mention: Mention, text: str) -> str:
    who, known = mention.author.handle, mention.author.handle != mention.author.id
    apart = mention.reply_to and known and f"@{who}".casefold() not in text.casefold()
    return f"@{who} {text}" if apart else text


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())
