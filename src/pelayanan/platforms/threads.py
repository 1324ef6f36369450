"""Threads API: mentions, replies to own posts, answers. 1,000 replies and 250 posts in 24 hours.

API: https://developers.facebook.com/documentation/threads/overview
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from pelayanan.errors import (
    AuthError,
    NotFoundError,
    PlatformError,
    TooLongError,
    TransportError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms._meta import AuthBy, Graph, identifier, secure
from pelayanan.platforms._meta_check import LOGIN_AGAIN, Checker, quota_finding, refused_finding
from pelayanan.platforms._meta_publish import Addresses, shown
from pelayanan.platforms._meta_token import Tokens
from pelayanan.platforms._meta_walk import advance
from pelayanan.platforms._meta_webhook import Webhook, WebhookAccount
from pelayanan.platforms._threads import MEDIA, Media, Profile, Quota, Reader
from pelayanan.platforms._threads_find import Finder
from pelayanan.platforms._threads_lanes import LANES, Lanes
from pelayanan.platforms._threads_push import events
from pelayanan.platforms._threads_search import Searcher
from pelayanan.platforms._threads_write import ITEMS, Composer
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.search import Query
from pelayanan.protocol.webhook import NoMessageError, Pointer, WebhookEvents
from pelayanan.text.length import count

__all__ = ["Threads"]

_MENTIONS = "threads/1"
_ANSWERS = "threads.answers/1"
_SCOPES = (
    "threads_basic",
    "threads_manage_mentions",
    "threads_read_replies",
    "threads_manage_replies",
    "threads_content_publish",
)
_RECENT = timedelta(days=1)


class Threads(WebhookAccount):
    """One account of an agency. There are no private messages on Threads.

    Args:
        user_id: The account's number.
        username: Without ``@``: by it own replies are recognised.
        token: ``file:`` or ``keyring:``, so that it can be renewed within its 60 days.
        app_secret: Of the app; without it no webhook can be verified.
        verify_token: The word that is given where the address for webhooks is registered.
        base_url: Of the API.
        version: Of the API.
        media_url: Where Threads fetches files: an address with ``{sha256}`` and ``{filename}``.
        look_back_days: How old an own post may be whose replies are still looked through.
        own_replies: The edge that lists the account's own replies (unverified).
        text_limit: Characters of a post or reply.
        emoji_bytes: Whether an emoji counts as many characters as it has bytes (unverified).
        renew_days: How many days before its end the token is renewed.
        oldest_days: Webhooks that are older are refused.
        prove: Whether calls carry `appsecret_proof` (unverified).
        auth_by: Where the token stands.
        codes: As in `pelayanan.platforms._meta_errors.classifier`: other kinds for error codes.
        clock: The present; aware.
    """

    name = "threads"

    def __init__(
        self,
        user_id: str | int,
        username: str,
        token: str | SecretStr,
        *,
        app_secret: str | SecretStr | None = None,
        verify_token: str | SecretStr | None = None,
        base_url: str = "https://graph.threads.net",
        version: str = "v1.0",
        media_url: str = "",
        look_back_days: float = 14.0,
        own_replies: str = "replies",
        text_limit: int = 500,
        emoji_bytes: bool = True,
        renew_days: float = 10.0,
        oldest_days: float = 8.0,
        prove: bool = False,
        auth_by: AuthBy = "header",
        codes: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        secret = None if app_secret is None else as_secret(app_secret)
        agreed = None if verify_token is None else as_secret(verify_token)
        kept, base = as_secret(token), secure(base_url)
        self._reader = Reader(identifier(user_id, "user_id"), username.removeprefix("@"))
        self._text = TextLimit("threads" if emoji_bytes else "characters", text_limit)
        self._clock = clock
        self._graph = Graph(
            self.name,
            f"{base}/{version}",
            kept,
            app_secret=secret if prove else None,
            codes=codes,
            auth_by=auth_by,
        )
        self._tokens = Tokens(
            self._graph,
            kept,
            grant="th_refresh_token",
            base=base,
            clock=clock,
            renew_days=renew_days,
        )
        back = timedelta(days=look_back_days)
        self._lanes = Lanes(self._graph, self._reader, back, clock, own_replies)
        self._searcher = Searcher(self._graph, self._reader)
        self._finder = Finder(self._graph, self._reader, own_replies)
        addresses = Addresses(self.name, media_url)
        self._composer = Composer(self._graph, self._reader.user_id, addresses)
        self._webhook = Webhook(f"{self.name}.webhook", secret, agreed, oldest_days)
        self._checker = Checker(self._graph, _SCOPES, clock)

    @property
    def handle(self) -> str:
        """The account's name, without ``@``."""
        return self._reader.username

    @property
    def native_id(self) -> str:
        """The account's number, by which webhooks name it."""
        return self._reader.user_id

    @property
    def capabilities(self) -> Capabilities:
        """What cannot be seen from the methods."""
        return Capabilities(
            listing_lag=timedelta(minutes=5),
            text=(self._text,),
            media={"image": ITEMS, "video": ITEMS},
            media_by="url",
            reply_parts=6,
        )

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List posts that name the account and replies to what it wrote, new since `cursor`."""
        yield from self._tokens.ready()
        take = self._lanes.mentions
        return (yield from advance(_MENTIONS, cursor, LANES, take, self._clock()))

    @flow
    def search(self, query: str, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List public posts with all words and topic tags of `query`, new since `cursor`.

        Needs the permission `threads_keyword_search`; without it nothing is found.
        """
        asked = Query.of(query)
        yield from self._tokens.ready()
        return (yield from self._searcher.page(asked, cursor, self._clock()))

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List what the account itself replied, also in the app, new since `cursor`."""
        yield from self._tokens.ready()
        take = self._lanes.answers
        return (yield from advance(_ANSWERS, cursor, ("replies",), take, self._clock()))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Publish an answer; looks first, so that it stands once.

        Raises:
            TooLongError: The text is longer than Threads takes; nothing was sent.
        """
        del key  # the platform keeps none: own answers are found by their text
        self._must_fit("reply", text)
        yield from self._tokens.ready()
        if standing := (yield from self._finder.reply("reply", mention, text)):
            return standing
        made = yield from self._composer.reply(mention.id, text)
        if made:
            return (yield from shown(self._graph, "reply", made, self._clock()))
        if standing := (yield from self._finder.reply("reply", mention, text)):
            return standing
        raise self._unlisted("reply")

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether the answer stands: an own reply to the message with its text.

        Raises:
            UnsupportedError: The text does not decide, or too much was written since.
        """
        del key
        yield from self._tokens.ready()
        return (yield from self._finder.reply("find_reply", mention, text))

    @flow
    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Steps[Sent]:
        """Publish a post with up to twenty pictures and videos; the same text once a day.

        Raises:
            TooLongError: The text or an alternative text; nothing was sent.
            UnsupportedError: More files, others than Threads takes, or none with an address.
        """
        del key
        self._must_fit("publish", text)
        self._composer.takes(media)
        yield from self._tokens.ready()
        since = self._clock() - _RECENT
        if text and (standing := (yield from self._finder.publication("publish", text, since))):
            return standing
        made = yield from self._composer.publish(text, media)
        if made:
            return (yield from shown(self._graph, "publish", made, self._clock()))
        if text and (standing := (yield from self._finder.publication("publish", text, since))):
            return standing
        raise self._unlisted("publish")

    @flow
    def find_publication(self, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether a post with this text was published in the last 30 days.

        Raises:
            UnsupportedError: There is no text to look for, or too much was published since.
        """
        del key
        yield from self._tokens.ready()
        since = self._clock() - timedelta(days=30)
        return (yield from self._finder.publication("find_publication", text, since))

    @flow
    def fetch_mention(self, pointer: Pointer) -> Steps[Mention]:
        """Fetch a message that a webhook only announced.

        Raises:
            NotFoundError: It is gone.
            NoMessageError: Nothing that somebody else wrote.
        """
        yield from self._tokens.ready()
        fields = {"fields": MEDIA}
        found = yield from self._graph.read("mention", pointer.id, Media, params=fields)
        if (mention := self._reader.mention(found)) is None:
            raise NoMessageError("it is no message of a citizen", operation=f"{self.name}.mention")
        return mention

    def parse(self, body: bytes) -> WebhookEvents:
        """Mentions, replies, own answers with their words, and deletions of own posts."""
        return WebhookEvents.of(events(body, self._reader))

    @flow
    def renew(self) -> Steps[None]:
        """Renew the token now: durable in the vault before it is used."""
        yield from self._tokens.renew()

    @flow
    def check(self) -> Steps[Check]:
        """Tell how token, permissions, account, quotas, limits and clock stand."""
        yield from self._tokens.ready()
        user_id, fields = self._reader.user_id, {"fields": "id,username"}
        try:
            profile, answer = yield from self._graph.look("check", user_id, Profile, params=fields)
        except (AuthError, NotFoundError) as refused:
            return self._found(refused_finding(refused, LOGIN_AGAIN))
        asked = yield from self._checker.token()
        quotas: list[Finding] = []
        with suppress(PlatformError):
            quotas = yield from self._quotas()
        named = profile.username.casefold() in {"", self.handle.casefold()}
        remedy = "" if named else f"Administrator: tulis username = {profile.username!r}."
        account = Finding(name="account", ok=named, detail=f"@{profile.username}", remedy=remedy)
        token = self._tokens.merged(asked)
        return self._found(*token, account, *quotas, *self._checker.rest(answer))

    def _quotas(self) -> Steps[list[Finding]]:
        fields = {"fields": "quota_usage,config,reply_quota_usage,reply_config"}
        path = f"{self._reader.user_id}/threads_publishing_limit"
        told = yield from self._graph.fetch("check", path, Quota, params=fields)
        found: list[Finding] = []
        for one in told.data:
            posts, replies = one.quota_usage, one.reply_quota_usage
            if posts is not None:
                found.append(quota_finding(posts, one.config.quota_total))
            if replies is not None:
                total = one.reply_config.quota_total
                found.append(quota_finding(replies, total, "reply_quota"))
        return found

    def _found(self, *findings: Finding) -> Check:
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _must_fit(self, verb: str, text: str) -> None:
        size, limit = count(self._text.counter, text), self._text.limit
        if size > limit:
            raise TooLongError(f"{size} of {limit} characters", operation=f"{self.name}.{verb}")

    def _unlisted(self, verb: str) -> TransportError:
        """It stands, and nobody knows where: the desk looks again before it sends."""
        told = "it was published, and is not listed yet"
        return TransportError(told, operation=f"{self.name}.{verb}")
