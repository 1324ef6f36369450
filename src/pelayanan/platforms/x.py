"""X (API v2): mentions, direct messages, answers, posts. Each thing read or written costs money.

API: https://docs.x.com/x-api/introduction
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import SecretStr

from pelayanan.errors import (
    AuthError,
    ConfigError,
    DuplicateError,
    PlatformError,
    PolicyError,
    TooLongError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms._x import Dialect, Made, Myself, Usage
from pelayanan.platforms._x_api import Api, secure
from pelayanan.platforms._x_check import (
    clock_finding,
    limits_finding,
    name_finding,
    refused_finding,
    usage_finding,
)
from pelayanan.platforms._x_costs import Spending, prices_of
from pelayanan.platforms._x_errors import UNINVITED, classifier
from pelayanan.platforms._x_find import Finder
from pelayanan.platforms._x_listing import Lister
from pelayanan.platforms._x_media import IMAGE_BYTES, IMAGES, Uploader, takes
from pelayanan.platforms._x_push import Webhook, events
from pelayanan.platforms._x_read import Reader
from pelayanan.platforms._x_token import Tokens
from pelayanan.platforms._x_write import Writer
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow, parsed, sleep
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.webhook import WebhookEvents
from pelayanan.text.length import count
from pelayanan.text.weighing import links

__all__ = ["X"]

_RECENT = timedelta(days=1)
_LOOK_BACK = timedelta(days=30)
_LATE_S = 10.0
_EVENTS = ("post.mention.create", "post.reply.create")


class X:
    """One account of an agency, best with a developer app of its own.

    Args:
        username: Without ``@``.
        token: What the token endpoint answered, as JSON, in ``file:`` or ``keyring:``, so that it
            can be renewed; a bare access token ends after two hours.
        client_id: Of the app, for renewing tokens.
        client_secret: Where the app is a confidential client.
        consumer_secret: Of the app ("API key secret"); without it no webhook can be verified.
        app_token: The app's own bearer token: `check` then tells the month's usage, and webhooks
            can be registered.
        user_id: The account's number; asked for once where it is not given.
        base_url: Of the API.
        direct_messages: Whether private messages are read; without the scopes they cannot be.
        owned: Whether the account itself owns the app, which makes reading its mentions cheaper.
        enterprise: Whether the contract lets the account answer who did not name it.
        dialect: ``"post"`` as X's specification has it; ``"tweet"``, as before it, brings the same
            for less money (unverified).
        text_limit: Weight of a post; more for Premium accounts (unverified).
        dm_limit: Characters of a direct message (unverified).
        reply_parts: In how many posts a long answer may go out; 1 is one.
        look_back_days: How far the first fetch goes back; X keeps the 800 newest mentions.
        search_page: How many results a search asks for at once, 10 to 100.
        month_limit: US dollars in a calendar month; reading stops first.
        run_limit: US dollars for the life of this object.
        kept_for_answers: Share of both limits that reading leaves.
        prices: US dollars, where they differ (`pelayanan.platforms._x_costs.PRICES`).
        session: Where the month's sum outlives the process.
        oldest_days: Webhooks that are older are refused.
        codes: As in `pelayanan.platforms._x_errors.classifier`: other kinds of refusals.
        clock: The present; aware.
    """

    name = "x"

    def __init__(
        self,
        username: str,
        token: str | SecretStr,
        *,
        client_id: str = "",
        client_secret: str | SecretStr | None = None,
        consumer_secret: str | SecretStr | None = None,
        app_token: str | SecretStr | None = None,
        user_id: str = "",
        base_url: str = "https://api.x.com",
        direct_messages: bool = True,
        owned: bool = False,
        enterprise: bool = False,
        dialect: Dialect = "post",
        text_limit: int = 280,
        dm_limit: int = 10_000,
        reply_parts: int = 6,
        look_back_days: float = 30.0,
        search_page: int = 50,
        month_limit: Decimal | float | str | None = None,
        run_limit: Decimal | float | str | None = None,
        kept_for_answers: float = 0.2,
        prices: Mapping[str, Decimal | float | str] | None = None,
        session: str | SecretStr | None = None,
        oldest_days: float = 8.0,
        codes: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        if user_id and not (user_id.isascii() and user_id.isdigit()):
            raise ConfigError("user_id is a number; leave it out and it is asked for")
        if dialect not in {"post", "tweet"}:
            raise ConfigError('dialect is "post" or "tweet"')
        base, client = secure(base_url), None if client_secret is None else as_secret(client_secret)
        signed = None if consumer_secret is None else as_secret(consumer_secret)
        self._app_token = None if app_token is None else as_secret(app_token)
        self._reader = Reader(username.removeprefix("@"), user_id)
        self._clock = clock
        self._enterprise = enterprise
        self._direct_messages = direct_messages
        self._text_limit = text_limit
        self._dm_limit = dm_limit
        self._reply_parts = reply_parts
        self._tokens = Tokens(as_secret(token), client_id, client, f"{base}/2/oauth2/token", clock)
        self._spending = Spending(
            prices_of(prices),
            clock,
            month_limit=month_limit,
            run_limit=run_limit,
            kept_for_answers=kept_for_answers,
            session=None if session is None else as_secret(session),
        )
        account = user_id or self.handle.casefold()
        self._api = Api(base, account, self._tokens, self._spending, classifier(codes))
        self._lister = Lister(
            self._api,
            self._reader,
            dialect=dialect,
            owned="owned_read" if owned else "post_read",
            direct_messages=direct_messages,
            back=timedelta(days=look_back_days),
            search_page=search_page,
            clock=clock,
        )
        self._finder = Finder(self._api, self._reader, dialect, self._lister.owned)
        self._uploader = Uploader(self._api)
        self._writer = Writer(self._api, self._reader, clock)
        self._webhook = Webhook(signed, oldest_days)

    @property
    def handle(self) -> str:
        """The account's name, without ``@``."""
        return self._reader.username

    @property
    def native_id(self) -> str:
        """The account's number, as far as it is known."""
        return self._reader.user_id or self.handle

    @property
    def capabilities(self) -> Capabilities:
        """What cannot be seen from the methods."""
        return Capabilities(
            listing_lag=timedelta(minutes=5),
            text=(TextLimit("x", self._text_limit),),
            chat_text=(TextLimit("characters", self._dm_limit),),
            media={"image": IMAGES, "video": 1},
            image_bytes=IMAGE_BYTES,
            reply_needs_invitation=not self._enterprise,
            reply_parts=self._reply_parts,
        )

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List posts that name the account and direct messages, new since `cursor`."""
        yield from self._me("mentions")
        return (yield from self._lister.mentions(cursor))

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List what the account itself answered, also in the app, new since `cursor`."""
        yield from self._me("answers")
        return (yield from self._lister.answers(cursor))

    @flow
    def search(self, query: str, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List what was said in the last week with these words, without naming the account.

        Such a post can be seen and not answered, unless the contract allows it (`enterprise`).

        Raises:
            ConfigError: The query is empty, too long, or looks for a person.
        """
        return (yield from self._lister.search(query, cursor))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Publish an answer, or send it in private to a private message; looks first.

        Raises:
            PolicyError: The author did not name the account: X would refuse it.
            TooLongError: The text is too long; nothing was sent.
            QuotaError: It would cost more than the limits leave; nothing was sent.
        """
        del key  # X keeps none: own answers are found by their text
        self._must_fit("reply", text, private=mention.private)
        if mention.ref.get("uninvited") and not self._enterprise:
            refused = PolicyError("the author did not name the account", operation="x.reply")
            refused.remedy = UNINVITED
            raise refused
        yield from self._me("reply")
        if standing := (yield from self._finder.reply("reply", mention, text)):
            return standing
        if mention.private:
            return (yield from self._writer.message(mention, text))
        try:
            return (yield from self._writer.answer(mention, text))
        except DuplicateError:  # an earlier attempt of ours, or the same words to somebody else
            if standing := (yield from self._finder.reply("reply", mention, text)):
                return standing
            raise

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether the answer stands: an own answer to the message with its text.

        Raises:
            UnsupportedError: The text does not decide, or too much was written since.
        """
        del key
        yield from self._me("find_reply")
        look = partial(self._finder.reply, "find_reply", mention, text)
        return (yield from self._surely(look))

    @flow
    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Steps[Sent]:
        """Publish a post with up to four pictures, or a GIF or a video; the same text once a day.

        Raises:
            TooLongError: The text, a file or an alternative text; nothing was sent.
            UnsupportedError: More files, or others, than a post takes; nothing was sent.
            QuotaError: It would cost more than the limits leave; nothing was sent.
        """
        del key
        self._must_fit("publish", text)
        takes(media)
        price = "post_create_link" if links(text) else "post_create"
        self._spending.allow("publish", self._spending.prices[price])
        yield from self._me("publish")
        if text and (standing := (yield from self._published("publish", text, _RECENT))):
            return standing
        ids: list[str] = []
        for file in media:
            ids.append((yield from self._uploader.upload(file)))  # noqa: PERF401  none holds a yield from
        body: dict[str, Any] = {"text": text} | ({"media": {"media_ids": ids}} if ids else {})
        try:
            return (yield from self._writer.post("publish", body, price))
        except DuplicateError:
            if text and (standing := (yield from self._published("publish", text, _RECENT))):
                return standing
            raise

    @flow
    def find_publication(self, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether a post with this text was published in the last day.

        Raises:
            UnsupportedError: There is no text to look for, too much was published since, or one of
                the last 30 days says the same.
        """
        del key
        yield from self._me("find_publication")
        look = partial(self._published, "find_publication", text, _LOOK_BACK)
        return (yield from self._surely(look))

    def handshake(self, params: Mapping[str, str]) -> str | None:
        """The answer to X's question, as JSON; ``None`` where it is not X's."""
        return self._webhook.handshake(params)

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
        """Raise `AuthError` unless X sent these bytes, and not too long ago."""
        self._webhook.verify(body, headers, now)

    def parse(self, body: bytes) -> WebhookEvents:
        """Mentions, answers to the account, direct messages, own answers and deletions."""
        return WebhookEvents.of(events(body, self._reader))

    @flow
    def subscribe(self, url: str) -> Steps[None]:
        """Register an address for webhooks and subscribe to mentions, answers and messages.

        X asks the address at once (`handshake`). Each event that it pushes costs like a read.

        Raises:
            ConfigError: The account has no `app_token`.
        """
        if self._app_token is None:
            raise ConfigError("x: webhooks are registered by the app: give app_token")
        yield from self._me("subscribe")
        token = self._app_token.get_secret_value()
        call = self._api.request("subscribe", "webhooks", "other", method="POST", json={"url": url})
        made = yield from self._api.as_app(call, token, Made)
        for event in _EVENTS + (("dm.received",) if self._direct_messages else ()):
            wanted = {"event_type": event, "filter": {"user_id": self._reader.user_id}}
            body = {**wanted, "webhook_id": made.data.id, "tag": event}
            path = "activity/subscriptions"
            call = self._api.request("subscribe", path, "other", method="POST", json=body)
            yield from self._api.send(call)

    @flow
    def renew(self) -> Steps[None]:
        """Renew the token now: durable in the vault before it is used."""
        yield from self._tokens.renew()

    @flow
    def check(self) -> Steps[Check]:
        """Tell how token, scopes, account, cost, limits and clock stand."""
        call = self._api.request("check", "users/me", "account")
        try:
            answer = yield from self._api.send(call)
        except AuthError as refused:
            return self._found(refused_finding(refused), self._spending.finding())
        me = parsed(call, answer, Myself)
        yield from self._spending.add({"user_read": [me.data.id]})
        self._reader.user_id = me.data.id
        usage = yield from self._usage()
        return self._found(
            *self._tokens.findings(direct_messages=self._direct_messages),
            name_finding(self.handle, me.data.username),
            self._spending.finding(),
            *usage,
            limits_finding(answer),
            clock_finding(answer, self._clock()),
        )

    def _usage(self) -> Steps[list[Finding]]:
        if self._app_token is None:
            return []
        call = self._api.request("check", "usage/tweets", "other")
        try:
            told = yield from self._api.as_app(call, self._app_token.get_secret_value(), Usage)
        except PlatformError as refused:
            detail, remedy = f"tidak dapat dibaca: {refused.args[0]}", refused.remedy
            return [Finding(name="usage", ok=True, detail=detail, remedy=remedy)]
        return [usage_finding(told)]

    def _found(self, *findings: Finding) -> Check:
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _me(self, verb: str) -> Steps[None]:
        """Learn the account's number, which X wants in most addresses."""
        if self._reader.user_id:
            return
        self._spending.allow(verb, self._spending.prices["user_read"])
        call = self._api.request("account", "users/me", "account")
        me = yield from self._api.read(call, Myself, lambda found: {"user_read": [found.data.id]})
        self._reader.user_id = me.data.id

    def _surely(self, look: Callable[[], Steps[Sent | None]]) -> Steps[Sent | None]:
        """What stands; X lists late what was just written, and looking again costs nothing."""
        if found := (yield from look()):
            return found
        yield from sleep(_LATE_S)
        return (yield from look())

    def _published(self, verb: str, text: str, back: timedelta) -> Steps[Sent | None]:
        now = self._clock()
        return (yield from self._finder.publication(verb, text, now - back, now - _RECENT))

    def _must_fit(self, verb: str, text: str, *, private: bool = False) -> None:
        counter, limit = ("characters", self._dm_limit) if private else ("x", self._text_limit)
        if (size := count(counter, text)) > limit:
            raise TooLongError(f"{size} of {limit} characters", operation=f"x.{verb}")
