"""Instagram (Graph API), professional accounts: comments, private messages, mentions by webhook.

API: https://developers.facebook.com/documentation/instagram-platform
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import SecretStr

from pelayanan.errors import (
    AuthError,
    ConfigError,
    NotFoundError,
    PlatformError,
    TooLongError,
    TransportError,
    UnsupportedError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms import _instagram as wire
from pelayanan.platforms._instagram_find import Finder
from pelayanan.platforms._instagram_lanes import Lanes
from pelayanan.platforms._instagram_push import events
from pelayanan.platforms._instagram_read import Reader
from pelayanan.platforms._instagram_say import ONCE, Writer
from pelayanan.platforms._instagram_write import ITEMS, Composer
from pelayanan.platforms._meta import AuthBy, Graph, identifier, secure
from pelayanan.platforms._meta_check import LOGIN_AGAIN, Checker, quota_finding, refused_finding
from pelayanan.platforms._meta_publish import Addresses, shown
from pelayanan.platforms._meta_token import Tokens
from pelayanan.platforms._meta_walk import advance
from pelayanan.platforms._meta_webhook import Webhook, WebhookAccount
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.webhook import NoMessageError, Pointer, WebhookEvents
from pelayanan.text.length import count

__all__ = ["Instagram"]

Login = Literal["instagram", "facebook"]

_COMMENTS = "instagram/1"
_ANSWERS = "instagram.answers/1"
_HOSTS = {"instagram": "https://graph.instagram.com", "facebook": "https://graph.facebook.com"}
_SCOPES = {
    "instagram": (
        "instagram_business_basic",
        "instagram_business_manage_comments",
        "instagram_business_content_publish",
        "instagram_business_manage_messages",
    ),
    "facebook": (
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_content_publish",
        "instagram_manage_messages",
        "pages_read_engagement",
    ),
}
_RECENT = timedelta(days=1)


class Instagram(WebhookAccount):
    """One professional account of an agency. Nothing lists who mentions it: webhooks tell.

    Args:
        user_id: The account's number.
        username: Without ``@``: by it own comments are recognised.
        token: ``file:`` or ``keyring:`` with Instagram Login, so that it can be renewed.
        login: How the token was made: Instagram Login, or Facebook Login through a Page.
        page_id: Of the Page, with Facebook Login; private messages go through it.
        app_secret: Of the app (with Instagram Login that of its Instagram part); without it no
            webhook can be verified.
        verify_token: The word that is given where the address for webhooks is registered.
        app_id: With `app_secret`, so that `check` may ask how long the token holds.
        base_url: Of the Graph API; that of the way to log in where it is left out.
        upload_url: Where videos are taken as bytes, with Facebook Login.
        version: Of the Graph API; Meta keeps each for about two years.
        media_url: Where Instagram fetches files: an address with ``{sha256}`` and ``{filename}``.
        look_back_days: How old a post may be whose comments are still looked through.
        expand: Whether a call for posts brings their comments (unverified); else each is asked.
        newest_first: Whether comments come newest first (unverified).
        inbox: Whether private messages are read.
        human_agent: Whether Meta allowed the app to answer for 7 days in place of 24 hours.
        comment_limit: Characters of a comment (unverified).
        chat_limit: Characters of a private message (unverified).
        caption_limit: Characters of a caption.
        renew_days: How many days before its end the token is renewed.
        oldest_days: Webhooks that are older are refused.
        prove: Whether calls carry `appsecret_proof` (unverified).
        auth_by: Where the token stands (unverified).
        codes: As in `pelayanan.platforms._meta_errors.classifier`: other kinds for error codes.
        clock: The present; aware.
    """

    name = "instagram"

    def __init__(
        self,
        user_id: str | int,
        username: str,
        token: str | SecretStr,
        *,
        login: Login = "instagram",
        page_id: str | int = "",
        app_secret: str | SecretStr | None = None,
        verify_token: str | SecretStr | None = None,
        app_id: str = "",
        base_url: str = "",
        upload_url: str = "https://rupload.facebook.com/ig-api-upload",
        version: str = "v26.0",
        media_url: str = "",
        look_back_days: float = 30.0,
        expand: bool = True,
        newest_first: bool = True,
        inbox: bool = True,
        human_agent: bool = False,
        comment_limit: int = 2_200,
        chat_limit: int = 1_000,
        caption_limit: int = 2_200,
        renew_days: float = 10.0,
        oldest_days: float = 8.0,
        prove: bool = False,
        auth_by: AuthBy = "header",
        codes: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        if login not in _HOSTS:
            raise ConfigError('login is "instagram" or "facebook"')
        by_page = login == "facebook"
        if by_page and inbox and not page_id:
            raise ConfigError("with login = 'facebook' private messages need page_id")
        secret = None if app_secret is None else as_secret(app_secret)
        agreed = None if verify_token is None else as_secret(verify_token)
        kept, base = as_secret(token), secure(base_url or _HOSTS[login])
        self._reader = Reader(identifier(user_id, "user_id"), username.removeprefix("@"))
        inbox_id = identifier(page_id, "page_id") if by_page and inbox else self._reader.user_id
        self._streams = ("media", "inbox") if inbox else ("media",)
        self._limits = {"comment": comment_limit, "chat": chat_limit, "caption": caption_limit}
        self._clock = clock
        self._graph = Graph(
            self.name,
            f"{base}/{version}",
            kept,
            app_secret=secret if prove else None,
            codes=codes,
            auth_by=auth_by,
        )
        grant = "" if by_page else "ig_refresh_token"
        self._tokens = Tokens(
            self._graph, kept, grant=grant, base=base, clock=clock, renew_days=renew_days
        )
        self._lanes = Lanes(
            self._graph,
            self._reader,
            inbox_id,
            timedelta(days=look_back_days),
            clock,
            expand=expand,
            newest_first=newest_first,
        )
        self._finder = Finder(self._graph, self._reader, inbox_id)
        self._writer = Writer(self._graph, self._reader, inbox_id, clock, human_agent=human_agent)
        addresses = Addresses(self.name, media_url)
        upload = secure(upload_url) if by_page else ""
        self._composer = Composer(self._graph, self._reader.user_id, addresses, upload)
        self._webhook = Webhook(f"{self.name}.webhook", secret, agreed, oldest_days)
        self._login = login
        scopes = _SCOPES[login]
        self._checker = Checker(self._graph, scopes, clock, app_id=app_id, app_secret=secret)

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
            text=(TextLimit("characters", self._limits["comment"]),),
            chat_text=(TextLimit("characters", self._limits["chat"]),),
            media_text=(TextLimit("characters", self._limits["caption"]),),
            media={"image": ITEMS, "video": ITEMS},
            media_by="url",
            chat_window=self._writer.window,
            private_reply_window=ONCE,
        )

    @flow
    def comments(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List comments on the account's posts and private messages, new since `cursor`."""
        yield from self._tokens.ready()
        take = self._lanes.mentions
        return (yield from advance(_COMMENTS, cursor, self._streams, take, self._clock()))

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List what the account itself answered, also in the app, new since `cursor`."""
        yield from self._tokens.ready()
        take = self._lanes.answers
        return (yield from advance(_ANSWERS, cursor, self._streams, take, self._clock()))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer with the visibility that the message has; looks first, so that it stands once.

        Below posts of others nothing can be looked up: there a lost answer is for a person.

        Raises:
            TooLongError: The text is longer than Instagram takes; nothing was sent.
            PolicyError: A private message is older than the window; nothing was sent.
        """
        del key  # the platform keeps none: own answers are found by their text
        yield from self._tokens.ready()
        kind = mention.ref.get("kind", "comment")
        self._must_fit("reply", "chat" if kind == "chat" else "comment", text)
        if kind != "mention" and (
            standing := (yield from self._finder.reply("reply", mention, text))
        ):
            return standing
        made = yield from self._writer.answer(mention, text)
        return Sent(id=made, at=self._clock(), confirmed=True)

    @flow
    def reply_privately(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer a comment in private: one message, within 7 days.

        Raises:
            PolicyError: Too late; nothing was sent.
            DuplicateError: It was answered in private before.
        """
        del key
        yield from self._tokens.ready()
        self._must_fit("reply_privately", "chat", text)
        self._writer.must_be_recent(mention)
        if standing := (yield from self._finder.said("reply_privately", mention, text)):
            return standing
        made = yield from self._writer.private(mention, text)
        return Sent(id=made, at=self._clock(), confirmed=True)

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether the answer stands: an own reply to the message with its text.

        Raises:
            UnsupportedError: It cannot be told, as below posts of others: a person must look.
        """
        del key
        yield from self._tokens.ready()
        return (yield from self._finder.reply("find_reply", mention, text))

    @flow
    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Steps[Sent]:
        """Publish one picture, one video or a carousel; the same caption once a day.

        Raises:
            TooLongError: The caption; nothing was sent.
            UnsupportedError: No file, others than Instagram takes, or none with an address.
        """
        del key
        self._must_fit("publish", "caption", text)
        self._composer.takes(media)
        yield from self._tokens.ready()
        since = self._clock() - _RECENT
        if text and (standing := (yield from self._finder.publication("publish", text, since))):
            return standing
        made = yield from self._composer.publish(text, media)
        if not made:  # published, but the answer was lost
            standing = yield from self._finder.publication("publish", text, since)
            if standing is None:
                lost = "it was published, and is not listed yet"
                raise TransportError(lost, operation=f"{self.name}.publish")
            return standing
        return (yield from shown(self._graph, "publish", made, self._clock()))

    @flow
    def find_publication(self, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether a post with this caption was published in the last 30 days.

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
            NotFoundError: It is gone, or from a private account.
            NoMessageError: It is the account's own.
            UnsupportedError: A mention elsewhere, which Instagram Login does not show.
        """
        yield from self._tokens.ready()
        ref = pointer.ref
        if ref.get("kind") == "mention" and self._login != "facebook":
            raise UnsupportedError("instagram shows mentions only with login = 'facebook'")
        if ref.get("kind") != "mention":
            fields = {"fields": wire.COMMENT}
            found = yield from self._graph.read("mention", pointer.id, wire.Comment, params=fields)
            if self._reader.own(found.who()):
                raise NoMessageError("the account's own", operation=f"{self.name}.mention")
            return self._reader.comment(found, ref.get("media", ""))
        return (yield from self._writer.elsewhere(ref))

    def parse(self, body: bytes) -> WebhookEvents:
        """Comments, private messages, own answers; mentions elsewhere only as pointers."""
        return WebhookEvents.of(events(body, self._reader))

    @flow
    def renew(self) -> Steps[None]:
        """Renew the token now (Instagram Login): durable in the vault before it is used."""
        yield from self._tokens.renew()

    @flow
    def check(self) -> Steps[Check]:
        """Tell how token, permissions, account, publishing quota, limits and clock stand."""
        yield from self._tokens.ready()
        user_id, by_page = self._reader.user_id, self._login == "facebook"
        fields = {"fields": "id,username" if by_page else "id,user_id,username"}
        try:
            profile, answer = yield from self._graph.look(
                "check", user_id, wire.Profile, params=fields
            )
        except (AuthError, NotFoundError) as refused:
            again = () if by_page else (LOGIN_AGAIN,)
            return self._found(refused_finding(refused, *again))
        token = (yield from self._checker.token()) if by_page else self._tokens.findings()
        quota: list[Finding] = []
        with suppress(PlatformError):
            asked = {"fields": "quota_usage,config"}
            path = f"{user_id}/content_publishing_limit"
            told = yield from self._graph.fetch("check", path, wire.Quota, params=asked)
            quota = [quota_finding(one.quota_usage, one.config.quota_total) for one in told.data]
        named = profile.username.casefold() in {"", self.handle.casefold()}
        account = Finding(
            name="account",
            ok=named,
            detail=f"@{profile.username}",
            remedy="" if named else f"Administrator: tulis username = {profile.username!r}.",
        )
        number = [] if profile.user_id in {"", user_id} else [_other_number(profile.user_id)]
        return self._found(*token, account, *number, *quota, *self._checker.rest(answer))

    def _found(self, *findings: Finding) -> Check:
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _must_fit(self, verb: str, kind: str, text: str) -> None:
        size, limit = count("characters", text), self._limits[kind]
        if size > limit:
            raise TooLongError(f"{size} of {limit} characters", operation=f"{self.name}.{verb}")


def _other_number(user_id: str) -> Finding:
    """Meta answers to either number of an account, and webhooks name it by this one alone."""
    remedy = f'Administrator: tulis user_id = "{user_id}"; webhook menyebut akun dengan nomor itu.'
    return Finding(name="user_id", ok=False, detail="nomor khusus aplikasi", remedy=remedy)
