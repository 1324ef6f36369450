"""Reviews of an app in Google Play (Android Publisher v3). Only those of the last 7 days.

API: https://developers.google.com/android-publisher/reply-to-reviews
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import SecretStr

from pelayanan.errors import (
    ConfigError,
    NotFoundError,
    PlatformError,
    RejectedError,
    TooLongError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent
from pelayanan.platforms import _google_check as check
from pelayanan.platforms import _play_reviews as wire
from pelayanan.platforms._google import (
    TOKEN_URL,
    Google,
    base_of,
    by_refresh_token,
    by_service_account,
)
from pelayanan.platforms._google_review import bare, reply_id, standing
from pelayanan.platforms._google_sweep import Depth, Found, Sweep
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.protocol.request import Request
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["PlayReviews"]

T = TypeVar("T")

_MENTIONS = "play_reviews/1"
_ANSWERS = "play_reviews.answers/1"
_SCOPE = "https://www.googleapis.com/auth/androidpublisher"
_WEEK = timedelta(days=7)
# the list is short, and its order is not promised beyond its first item: each walk sees all of it
_DEPTH = Depth(whole=None, every=timedelta(0), slack=_WEEK)


class PlayReviews:
    """The reviews of one app, such as ``"id.go.contoh.layanan"``.

    Args:
        package: The app's name in Google Play.
        service_account: The key file of a service account that may *Reply to reviews*, as text.
        client_id: Of an OAuth client, with the next two, instead of a service account.
        client_secret: Of the same.
        refresh_token: That somebody's consent gave.
        handle: What logs and reports call the account; the package where it is left out.
        base_url: Of the API.
        token_url: Where access tokens are got.
        clock: The present; aware. Claims of service accounts are signed by it.
    """

    name = wire.PLATFORM
    capabilities = Capabilities(
        text=(TextLimit("characters", wire.TEXT),),
        reply_is_singleton=True,
        reply_needs_invitation=True,
    )

    def __init__(
        self,
        package: str,
        *,
        service_account: str | SecretStr = "",
        client_id: str = "",
        client_secret: str | SecretStr = "",
        refresh_token: str | SecretStr = "",
        handle: str = "",
        base_url: str = "https://androidpublisher.googleapis.com",
        token_url: str = TOKEN_URL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        if not re.fullmatch(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", package):
            raise ConfigError('package must be like "id.go.contoh.layanan"')
        if bool(service_account) == bool(client_id):
            raise ConfigError("give service_account, or client_id with its secret and token")
        self._package = package
        self._handle = handle or package
        self._clock = clock
        mine = partial(budget, base_url, package)
        self._replying = Throttle(2000, 86_400.0, name=mine("replies"))
        self._google = Google(
            self.name,
            by_service_account(service_account, _SCOPE, token_url)
            if service_account
            else by_refresh_token(client_id, client_secret, refresh_token),
            token_url=token_url,
            clock=clock,
            throttle=Throttle(200, 3600.0, name=mine("calls")),
        )
        place = f"androidpublisher/v3/applications/{package}/reviews"
        self._reviews = f"{base_of(base_url)}/{place}"

    @property
    def handle(self) -> str:
        """What logs and reports call the account."""
        return self._handle

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List reviews of the last 7 days, new since `cursor`.

        A review that was changed comes again with the same id.
        """
        return (yield from self._walk("mentions", _MENTIONS, cursor, wire.mention_found))

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List replies to reviews of the last 7 days, also those typed in Play Console."""
        return (yield from self._walk("answers", _ANSWERS, cursor, wire.answer_found))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:  # noqa: ARG002  there is one reply
        """Answer a review, in public. There is one reply: another one takes its place.

        Raises:
            TooLongError: More than 350 characters; nothing was sent.
            RejectedError: It has something like ``<b>``, which Google would take out.
        """
        if len(text) > wire.TEXT:
            message = f"{len(text)} characters, Google Play takes {wire.TEXT}"
            raise TooLongError(message, operation=f"{self.name}.reply")
        if re.search(r"<[^>]*>", text):
            message = "Google Play takes out what stands between < and >"
            raise RejectedError(message, operation=f"{self.name}.reply")
        call = self._call(
            "reply",
            f"/{quote(mention.id, safe='')}:reply",
            method="POST",
            json={"replyText": text},
            repeatable=True,  # it is put into the place of itself
            throttle=self._replying,
        )
        edited = (yield from self._google.fetch(call, wire.Replied)).result.lastEdited
        shown = yield from self._look("reply", mention.id)
        if shown is not None and bare(shown.text) == bare(text):
            return Sent(id=shown.id, url=shown.url, at=shown.created_at, confirmed=True)
        at = edited.at if edited else self._clock()
        name = reply_id(mention.id, at.timestamp())
        return Sent(id=name, url=wire.url_of(self._package, mention.id), at=at)

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:  # noqa: ARG002  there is one reply
        """Look whether the answer stands.

        Raises:
            UnsupportedError: Another one does: a person decides.
        """
        try:
            found = yield from self._google.fetch(self._get("find_reply", mention.id), wire.Review)
        except NotFoundError:  # the review is gone, and with it the reply
            return None
        answer = wire.answer_of(found, self._package)
        return standing([answer] if answer else [], text)

    @flow
    def check(self) -> Steps[Check]:
        """Tell how key or consent, permission and clock stand."""
        try:
            token = yield from self._google.token()
            call = self._call("check", "", params={"maxResults": 1})
            answer = yield from self._google.send(call)
        except PlatformError as error:
            findings: tuple[Finding, ...] = (check.refused_finding(error),)
            return Check(platform=self.name, handle=self.handle, findings=findings)
        findings = (
            check.token_finding(token),
            check.scope_finding(token, _SCOPE),
            Finding(name="limits", ok=True, detail="ulasan hanya terlihat 7 hari: ambil tiap hari"),
            check.clock_finding(answer.headers, self._clock()),
        )
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _walk(
        self,
        verb: str,
        form: str,
        cursor: str | None,
        to: Callable[[wire.Review | Unreadable, str], Found[T]],
    ) -> Steps[Page[T]]:
        sweep = Sweep.resume(form, cursor).begun(self._clock(), _DEPTH)
        try:
            listed = yield from self._list(verb, sweep)
        except RejectedError:
            if sweep.place is None:
                raise
            sweep = sweep.anew()  # a place that Google forgot
            listed = yield from self._list(verb, sweep)
        found = [to(each, self._package) for each in listed.reviews or ()]
        return sweep.page(form, found, listed.place, _DEPTH)

    def _list(self, verb: str, sweep: Sweep) -> Steps[wire.Reviews]:
        params: dict[str, Any] = {"maxResults": 100}
        params |= {"token": sweep.place} if sweep.place else {}
        return (yield from self._google.fetch(self._call(verb, "", params=params), wire.Reviews))

    def _look(self, verb: str, review: str) -> Steps[Answer | None]:
        """The reply as it stands, for its time; without it the answer was sent all the same."""
        try:
            found = yield from self._google.fetch(self._get(verb, review), wire.Review)
        except PlatformError:
            return None
        return wire.answer_of(found, self._package)

    def _get(self, verb: str, review: str) -> Request:
        return self._call(verb, f"/{quote(review, safe='')}")

    def _call(self, verb: str, place: str, **rest: Any) -> Request:
        return self._google.request(verb, self._reviews + place, **rest)
