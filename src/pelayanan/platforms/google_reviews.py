"""Reviews of the agency's offices in Google Maps (Google Business Profile, API v4).

API: https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import SecretStr, ValidationError

from pelayanan.errors import (
    AuthError,
    ConfigError,
    NotFoundError,
    PlatformError,
    PolicyError,
    RejectedError,
    TooLongError,
    UnsupportedError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent
from pelayanan.platforms import _google_check as check
from pelayanan.platforms import _google_push as push
from pelayanan.platforms import _google_reviews as wire
from pelayanan.platforms._google import (
    EVERYWHERE,
    TOKEN_URL,
    Google,
    Token,
    base_of,
    by_refresh_token,
)
from pelayanan.platforms._google_review import bare, reply_id, standing
from pelayanan.platforms._google_sweep import Depth, Found, Sweep
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow, send
from pelayanan.protocol.page import Page, Unreadable
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.throttle import Throttle, budget
from pelayanan.protocol.webhook import NoMessageError, Pointer, WebhookEvents
from pelayanan.protocol.wire import readable
from pelayanan.text.length import count

__all__ = ["GoogleReviews"]

T = TypeVar("T")

_MENTIONS = "google_reviews/1"
_ANSWERS = "google_reviews.answers/1"
_SCOPE = "https://www.googleapis.com/auth/business.manage"
_FETCH = "google_reviews.fetch_mention"
_OF_ONE = (AuthError, NotFoundError, RejectedError)  # perhaps the trouble of one office


class GoogleReviews:
    """The offices of one agency, all managed by one Google account.

    Args:
        account: That the offices belong to, ``"accounts/1"``.
        locations: The offices, ``["2", "3"]``; each must be verified by Google.
        client_id: Of the project's OAuth client.
        client_secret: Of the same.
        refresh_token: That the consent of an owner or manager gave.
        ratings_without_text: Whether stars alone are a message.
        look_back_days: How old a review may be whose late reply is still seen; the first walk goes
            back as far.
        handle: What logs and reports call the account.
        push_audience: Audience of the Pub/Sub subscription that pushes; without it nothing that is
            pushed is believed.
        push_account: E-mail of the service account that the subscription signs with.
        base_url: Of the API.
        notifications_url: Of the API of notifications.
        keys_url: Where Google publishes the keys that it signs with.
        token_url: Where access tokens are got.
        clock: The present; aware.
    """

    name = wire.PLATFORM
    capabilities = Capabilities(
        text=(TextLimit("bytes", wire.TEXT_BYTES),),
        reply_is_singleton=True,
        reply_needs_invitation=True,
    )

    def __init__(
        self,
        account: str,
        locations: Sequence[str],
        *,
        client_id: str,
        client_secret: str | SecretStr,
        refresh_token: str | SecretStr,
        ratings_without_text: bool = False,
        look_back_days: int = 90,
        handle: str = "",
        push_audience: str = "",
        push_account: str = "",
        base_url: str = "https://mybusiness.googleapis.com",
        notifications_url: str = "https://mybusinessnotifications.googleapis.com",
        keys_url: str = push.KEYS_URL,
        token_url: str = TOKEN_URL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        named = [locations] if isinstance(locations, str) else list(dict.fromkeys(locations))
        self._places = [wire.Place.of(account, each) for each in named]
        if not self._places:
            raise ConfigError("locations must name at least one office")
        self._handle = handle or f"accounts/{self._places[0].account}"
        self._ratings = ratings_without_text
        self._depth = Depth(whole=timedelta(days=look_back_days))
        self._base_url = base_of(base_url)
        self._notifications_url = base_of(notifications_url, "notifications_url")
        self._signers = push.Signers(push_audience, push_account, base_of(keys_url, "keys_url"))
        self._clock = clock
        self._google = Google(
            self.name,
            by_refresh_token(client_id, client_secret, refresh_token),
            token_url=token_url,
            clock=clock,
            throttle=Throttle(300, 60.0, name=budget(base_url, client_id)),
        )

    @property
    def handle(self) -> str:
        """What logs and reports call the account."""
        return self._handle

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List reviews, office by office, new or changed since `cursor`.

        A changed review comes again with the same id. An office that cannot be read is set aside,
        and the others are read all the same.
        """
        to = partial(wire.mention_found, ratings=self._ratings)
        return (yield from self._walk("mentions", _MENTIONS, cursor, to))

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List replies to reviews, also those typed in Google Maps, new since `cursor`."""
        return (yield from self._walk("answers", _ANSWERS, cursor, wire.answer_found))

    def handshake(self, params: Mapping[str, str]) -> str | None:  # noqa: ARG002  it never asks
        """Pub/Sub asks nothing before it pushes."""
        return None

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:  # noqa: ARG002  the sender is proven
        """Raise `AuthError` unless Google pushed it for this account, just now."""
        self._signers.verify(headers, now)

    def parse(self, body: bytes) -> WebhookEvents:
        """The review that is new or was changed; `fetch_mention` brings it."""
        offices = {place.name: place.location for place in self._places}
        return WebhookEvents.of(push.told(body, offices))

    @flow
    def fetch_keys(self) -> Steps[None]:
        """Fetch the public keys that Google signs with now, at most once a minute."""
        call = self._signers.ask(self._clock())
        if call is not None:
            self._signers.keep((yield from send(call)), self._clock())

    @flow
    def fetch_mention(self, pointer: Pointer) -> Steps[Mention]:
        """The review that was announced.

        Raises:
            NotFoundError: It is gone.
            NoMessageError: It has no words and stars alone are no message, or is of no own office.
        """
        location, _, review_id = pointer.id.partition("/")
        place = next((each for each in self._places if each.location == location), None)
        if place is None:
            raise NoMessageError("no office of this account", operation=_FETCH)
        call = self._call("fetch_mention", f"{place.name}/reviews/{review_id}")
        review = yield from self._google.fetch(call, wire.Review)
        found = wire.mention_found(review, place, ratings=self._ratings)
        if not isinstance(found.record, Mention):
            raise NoMessageError("stars without words", operation=_FETCH)
        return found.record

    @flow
    def set_notifications(self, topic: str) -> Steps[str]:
        """Let Google publish new and changed reviews to a topic; ``""`` ends it.

        Args:
            topic: ``"projects/…/topics/…"``, to which
                ``mybusiness-api-pubsub@system.gserviceaccount.com`` may publish.

        Returns:
            The topic that is set now.
        """
        name = f"accounts/{self._places[0].account}/notificationSetting"
        kinds = ["NEW_REVIEW", "UPDATED_REVIEW"] if topic else []
        call = self._google.request(
            "set_notifications",
            f"{self._notifications_url}/v1/{name}",
            method="PATCH",
            params={"updateMask": "pubsubTopic,notificationTypes"},
            json={"name": name, "pubsubTopic": topic, "notificationTypes": kinds},
            repeatable=True,  # it is put into the place of itself
        )
        return (yield from self._google.fetch(call, wire.NotificationSetting)).pubsubTopic

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:  # noqa: ARG002  there is one reply
        """Answer a review, in public. There is one reply: another one takes its place.

        Google looks at replies before it shows them: `confirmed` tells whether it did.

        Raises:
            TooLongError: More than 4,096 bytes; nothing was sent.
            PolicyError: Google refused to show it.
        """
        if (size := count("bytes", text)) > wire.TEXT_BYTES:
            message = f"{size} bytes, Google takes {wire.TEXT_BYTES}"
            raise TooLongError(message, operation=f"{self.name}.reply")
        call = self._call(
            "reply",
            f"{mention.ref['name']}/reply",
            method="PUT",
            json={"comment": text},
            repeatable=True,  # it is put into the place of itself
        )
        put = yield from self._google.fetch(call, wire.Reply)
        found = yield from self._look(mention, text)
        if found is not None:
            return found
        at = put.updateTime or self._clock()
        return Sent(id=reply_id(mention.id, at.timestamp()), at=at)

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:  # noqa: ARG002  there is one reply
        """Look whether the answer stands, and whether Google shows it.

        Raises:
            UnsupportedError: Another one does, or Google refused to show it: a person decides.
        """
        try:
            review = yield from self._review("find_reply", mention)
        except NotFoundError:  # the review is gone, and with it the reply
            return None
        found = wire.answer_of(review, _place(mention))
        sent = standing([found] if found else [], text)
        if sent is not None and wire.state_of(review) == "rejected":
            raise UnsupportedError("google_reviews: Google does not show it; a person must look")
        confirmed = wire.state_of(review) == "approved"
        return sent and sent.model_copy(update={"confirmed": confirmed})

    @flow
    def check(self) -> Steps[Check]:
        """Tell how consent, scopes, each office and the clock stand."""
        try:
            token = yield from self._google.token()
            findings = yield from self._offices(token)
        except PlatformError as error:
            findings = (check.refused_finding(error),)
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _offices(self, token: Token) -> Steps[tuple[Finding, ...]]:
        found = [check.token_finding(token), check.scope_finding(token, _SCOPE)]
        headers: Mapping[str, str] = {}
        for place in self._places:
            call = self._call("check", f"{place.name}/reviews", params={"pageSize": 1})
            try:
                answer = yield from self._google.send(call)
            except _OF_ONE as error:
                if isinstance(error, EVERYWHERE):
                    raise
                found.append(_closed(place, error))
            else:
                headers = answer.headers
                found.append(_open(place, answer))
        return (*found, check.clock_finding(headers, self._clock()))

    def _walk(
        self,
        verb: str,
        form: str,
        cursor: str | None,
        to: Callable[[wire.Review | Unreadable, wire.Place], Found[T]],
    ) -> Steps[Page[T]]:
        tour = wire.Tour.resume(form, cursor)
        place = tour.next(self._places)
        known = tour.sweeps.get(place.location, Sweep())
        try:
            page = yield from self._page(verb, form, place, known, to)
        except _OF_ONE as error:
            if len(self._places) == 1 or isinstance(error, EVERYWHERE):
                raise
            bad = Unreadable(place.name, str(error.args[0]))  # the others are read all the same
            rest = tour.after(place, known, self._places, stays=False)
            return Page((), rest.to_text(form), more=bool(rest.left), unreadable=(bad,))
        sweep = Sweep.resume(form, page.cursor)
        rest = tour.after(place, sweep, self._places, stays=page.more)
        return Page(
            page.items, rest.to_text(form), more=bool(rest.left), unreadable=page.unreadable
        )

    def _page(
        self,
        verb: str,
        form: str,
        place: wire.Place,
        known: Sweep,
        to: Callable[[wire.Review | Unreadable, wire.Place], Found[T]],
    ) -> Steps[Page[T]]:
        sweep = known.begun(self._clock(), self._depth)
        try:
            listed = yield from self._list(verb, place, sweep)
        except RejectedError:
            if sweep.place is None:
                raise
            sweep = sweep.anew()  # a place that Google forgot
            listed = yield from self._list(verb, place, sweep)
        found = [to(each, place) for each in listed.reviews or ()]
        return sweep.page(form, found, listed.nextPageToken, self._depth)

    def _list(self, verb: str, place: wire.Place, sweep: Sweep) -> Steps[wire.Reviews]:
        params: dict[str, Any] = {"pageSize": 50, "orderBy": "updateTime desc"}
        params |= {"pageToken": sweep.place} if sweep.place else {}
        call = self._call(verb, f"{place.name}/reviews", params=params)
        return (yield from self._google.fetch(call, wire.Reviews))

    def _look(self, mention: Mention, text: str) -> Steps[Sent | None]:
        """What became of a reply; where nobody can tell now, it was sent all the same."""
        try:
            review = yield from self._review("reply", mention)
        except PlatformError:
            return None
        found = wire.answer_of(review, _place(mention))
        if found is None or bare(found.text) != bare(text):
            return None
        if (state := wire.state_of(review)) == "rejected":
            why = (review.reviewReply and review.reviewReply.policyViolation) or "no reason given"
            raise PolicyError(f"not shown: {why[:60]}", operation=f"{self.name}.reply")
        return Sent(id=found.id, at=found.created_at, confirmed=state == "approved")

    def _review(self, verb: str, mention: Mention) -> Steps[wire.Review]:
        return (yield from self._google.fetch(self._call(verb, mention.ref["name"]), wire.Review))

    def _call(self, verb: str, name: str, **rest: Any) -> Request:
        return self._google.request(verb, f"{self._base_url}/v4/{quote(name)}", **rest)


def _place(mention: Mention) -> wire.Place:
    account, location = mention.ref["name"].split("/")[1:4:2]
    return wire.Place(account=account, location=location)


def _open(place: wire.Place, answer: Response) -> Finding:
    try:
        listed = wire.Reviews.model_validate_json(readable(answer.body))
    except ValidationError:
        listed = wire.Reviews()
    detail = f"{place.name}: {listed.totalReviewCount or 0} ulasan"
    detail += f", rata-rata {listed.averageRating:.1f}" if listed.averageRating else ""
    return Finding(name="location", ok=True, detail=detail)


def _closed(place: wire.Place, error: PlatformError) -> Finding:
    remedy = "Administrator: jadikan akun ini pengelola lokasi tersebut, dan selesaikan verifikasi "
    remedy += "lokasi di Google Business Profile."
    detail = f"{place.name}: {error.args[0]}"
    return Finding(name="location", ok=False, detail=detail, remedy=remedy)
