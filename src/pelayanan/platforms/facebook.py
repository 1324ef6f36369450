"""Facebook Pages (Graph API): comments, posts of visitors, tags and private messages.

API: https://developers.facebook.com/documentation/pages-api
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from pelayanan.errors import (
    AuthError,
    DuplicateError,
    NotFoundError,
    PolicyError,
    TooLongError,
)
from pelayanan.models import Answer, Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms import _facebook as wire
from pelayanan.platforms._facebook_find import Finder
from pelayanan.platforms._facebook_lanes import LANES, Lanes
from pelayanan.platforms._facebook_push import events
from pelayanan.platforms._facebook_read import comment_mention, is_unnamed, post_mention
from pelayanan.platforms._facebook_write import PHOTOS, Composer
from pelayanan.platforms._meta import AuthBy, Graph, Made, identifier, secure
from pelayanan.platforms._meta_check import Checker, refused_finding
from pelayanan.platforms._meta_walk import advance
from pelayanan.platforms._meta_webhook import Webhook, WebhookAccount
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page
from pelayanan.protocol.webhook import NoMessageError, Pointer, WebhookEvents
from pelayanan.text.length import count

__all__ = ["FacebookPage"]

_MENTIONS = "facebook/1"
_ANSWERS = "facebook.answers/1"
_SCOPES = (
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_manage_posts",
    "pages_manage_metadata",
    "pages_messaging",
)
_CHAT = timedelta(hours=24)
_AGENT = timedelta(days=7)
_ONCE = timedelta(days=7)
_RECENT = timedelta(days=1)
_LATE = "officer: answer in public, or wait until the citizen writes again"


class FacebookPage(WebhookAccount):
    """One Page of an agency.

    Args:
        page_id: The number from the Page's settings.
        token: Of the Page, or better of a system user of the agency's portfolio.
        app_secret: Of the app; without it no webhook can be verified.
        verify_token: The word that is given where the address for webhooks is registered.
        app_id: For videos, and with `app_secret` so that `check` may ask how long the token holds.
        handle: What logs and reports call the account.
        base_url: Of the Graph API.
        video_url: Of the host that takes videos.
        version: Of the Graph API; Meta keeps each for about two years.
        look_back_days: How old a post may be whose comments are still looked through.
        expand: Whether a call for posts brings their comments (unverified); else each is asked.
        inbox: Whether private messages are read.
        human_agent: Whether Meta allowed the app to answer for 7 days in place of 24 hours.
        comment_limit: Characters of a comment (unverified).
        chat_limit: Characters of a private message (unverified).
        post_limit: Characters of a post (unverified).
        oldest_days: Webhooks that are older are refused.
        prove: Whether calls carry `appsecret_proof` (unverified).
        auth_by: Where the token stands (unverified).
        codes: As in `pelayanan.platforms._meta_errors.classifier`: other kinds for error codes.
        clock: The present; aware.
    """

    name = "facebook"

    def __init__(
        self,
        page_id: str | int,
        token: str | SecretStr,
        *,
        app_secret: str | SecretStr | None = None,
        verify_token: str | SecretStr | None = None,
        app_id: str = "",
        handle: str = "",
        base_url: str = "https://graph.facebook.com",
        video_url: str = "https://graph-video.facebook.com",
        version: str = "v26.0",
        look_back_days: float = 30.0,
        expand: bool = True,
        inbox: bool = True,
        human_agent: bool = False,
        comment_limit: int = 8_000,
        chat_limit: int = 2_000,
        post_limit: int = 63_206,
        oldest_days: float = 8.0,
        prove: bool = False,
        auth_by: AuthBy = "header",
        codes: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        secret = None if app_secret is None else as_secret(app_secret)
        agreed = None if verify_token is None else as_secret(verify_token)
        self._page_id = identifier(page_id, "page_id")
        self._handle = handle or self._page_id
        self._lanes = tuple(lane for lane in LANES if inbox or lane != "inbox")
        self._human_agent = human_agent
        self._limits = {"comment": comment_limit, "chat": chat_limit, "post": post_limit}
        self._clock = clock
        self._graph = Graph(
            self.name,
            f"{secure(base_url)}/{version}",
            as_secret(token),
            app_secret=secret if prove else None,
            codes=codes,
            auth_by=auth_by,
        )
        back = timedelta(days=look_back_days)
        self._reader = Lanes(self._graph, self._page_id, back, clock, expand=expand)
        self._finder = Finder(self._graph, self._page_id)
        video = f"{secure(video_url)}/{version}"
        self._composer = Composer(self._graph, self._page_id, video, app_id)
        self._webhook = Webhook(f"{self.name}.webhook", secret, agreed, oldest_days)
        self._checker = Checker(self._graph, _SCOPES, clock, app_id=app_id, app_secret=secret)

    @property
    def handle(self) -> str:
        """What logs and reports call the account."""
        return self._handle

    @property
    def native_id(self) -> str:
        """The account's number, by which webhooks name it."""
        return self._page_id

    @property
    def capabilities(self) -> Capabilities:
        """What cannot be seen from the methods."""
        return Capabilities(
            listing_lag=timedelta(minutes=5),
            text=(TextLimit("characters", self._limits["comment"]),),
            chat_text=(TextLimit("characters", self._limits["chat"]),),
            media_text=(TextLimit("characters", self._limits["post"]),),
            media={"image": PHOTOS, "video": 1},
            chat_window=_AGENT if self._human_agent else _CHAT,
            private_reply_window=_ONCE,
            sweep=True,
        )

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List comments, posts of visitors, tags and private messages, new since `cursor`."""
        take = self._reader.mentions
        return (yield from advance(_MENTIONS, cursor, self._lanes, take, self._clock()))

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List what the Page itself answered, also in Facebook's own apps, new since `cursor`."""
        take, lanes = self._reader.answers, [lane for lane in self._lanes if lane != "tagged"]
        return (yield from advance(_ANSWERS, cursor, lanes, take, self._clock()))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer with the visibility that the message has; looks first, so that it stands once.

        Raises:
            TooLongError: The text is longer than Facebook takes; nothing was sent.
            PolicyError: A private message is older than the window; nothing was sent.
        """
        del key  # the platform keeps none: own answers are found by their text
        chat = mention.ref.get("kind") == "chat"
        self._must_fit("reply", "chat" if chat else "comment", text)
        if standing := (yield from self._finder.reply("reply", mention, text)):
            return standing
        write = self._say if chat else self._comment
        try:
            made = yield from write(mention, text)
        except DuplicateError:
            if standing := (yield from self._finder.reply("reply", mention, text)):
                return standing
            raise
        return Sent(id=made, at=self._clock(), confirmed=True)

    @flow
    def reply_privately(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer a public message in private: one message, within 7 days.

        Raises:
            PolicyError: Too late, or Facebook does not allow it for this one; nothing was sent.
            DuplicateError: It was answered in private before, with another text.
        """
        del key
        self._must_fit("reply_privately", "chat", text)
        if self._clock() - mention.created_at >= _ONCE:
            raise self._closed("reply_privately", "a private answer is possible for 7 days")
        if standing := (yield from self._finder.private("reply_privately", mention, text)):
            return standing
        kind = "post_id" if mention.ref.get("kind") == "post" else "comment_id"
        made = yield from self._message("reply_privately", {kind: mention.id}, text)
        return Sent(id=made, at=self._clock(), confirmed=True)

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether the answer stands: an own reply to the message with its text.

        Raises:
            UnsupportedError: The text does not decide, or too much was written since: a person
                must look.
        """
        del key
        return (yield from self._finder.reply("find_reply", mention, text))

    @flow
    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Steps[Sent]:
        """Publish a post with up to ten photos or one video; the same text once a day.

        Raises:
            TooLongError: The text; nothing was sent.
            UnsupportedError: More files, or others, than a post takes; nothing was sent.
        """
        del key
        self._must_fit("publish", "post", text)
        self._composer.takes(media)
        since = self._clock() - _RECENT
        if standing := (yield from self._finder.publication("publish", text, since)):
            return standing
        made = yield from self._composer.publish(text, media)
        url = f"https://www.facebook.com/{made}"
        return Sent(id=made, at=self._clock(), url=url, confirmed=True)

    @flow
    def find_publication(self, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether a post with this text was published in the last 30 days.

        Raises:
            UnsupportedError: There is no text to look for, or too much was published since.
        """
        del key
        since = self._clock() - timedelta(days=30)
        return (yield from self._finder.publication("find_publication", text, since))

    @flow
    def fetch_mention(self, pointer: Pointer) -> Steps[Mention]:
        """Fetch a message that a webhook only announced.

        Raises:
            NotFoundError: It is gone.
            NoMessageError: It is the Page's own.
        """
        mention: Mention
        if pointer.ref.get("kind") == "post":
            fields = {"fields": wire.POST}
            post = yield from self._graph.read("mention", pointer.id, wire.Post, params=fields)
            mention = post_mention(post)
        else:
            fields = {"fields": wire.COMMENT}
            found = yield from self._graph.read("mention", pointer.id, wire.Comment, params=fields)
            mention = comment_mention(found, pointer.ref.get("post", ""))
        if mention.author.id == self._page_id:
            raise NoMessageError("the Page's own", operation=f"{self.name}.mention")
        return mention

    def parse(self, body: bytes) -> WebhookEvents:
        """Comments, posts, private messages, what the Page wrote, edits and deletions."""
        return WebhookEvents.of(events(body, self._page_id))

    @flow
    def check(self) -> Steps[Check]:
        """Tell how token, permissions, Page, webhook, limits and clock stand."""
        fields = {"fields": "id,name,is_published,verification_status"}
        try:
            page, answer = yield from self._graph.look(
                "check", self._page_id, wire.PageNode, params=fields
            )
        except (AuthError, NotFoundError) as refused:
            return self._found(refused_finding(refused))
        token = yield from self._checker.token()
        hidden = "Administrator: terbitkan Halaman di pengaturannya."
        shown = Finding(
            name="page",
            ok=page.is_published,
            detail=page.name,
            remedy="" if page.is_published else hidden,
        )
        tier = "tidak disebut API; tanpa Advanced Access hanya orang dengan peran yang terlihat"
        found = [*token, shown, Finding(name="tier", ok=True, detail=tier)]
        return self._found(*found, *self._checker.rest(answer))

    def _found(self, *findings: Finding) -> Check:
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _must_fit(self, verb: str, kind: str, text: str) -> None:
        size, limit = count("characters", text), self._limits[kind]
        if size > limit:
            raise TooLongError(f"{size} of {limit} characters", operation=f"{self.name}.{verb}")

    def _closed(self, verb: str, why: str) -> PolicyError:
        error = PolicyError(why, operation=f"{self.name}.{verb}")
        error.remedy = _LATE
        return error

    def _comment(self, mention: Mention, text: str) -> Steps[str]:
        path, form = f"{mention.id}/comments", {"message": text}
        made = yield from self._graph.fetch("reply", path, Made, method="POST", form=form)
        return made.id

    def _say(self, mention: Mention, text: str) -> Steps[str]:
        if is_unnamed(mention.author):
            raise NotFoundError("the author is gone", operation=f"{self.name}.reply")
        age = self._clock() - mention.created_at
        window = self.capabilities.chat_window or _CHAT
        if age >= window:
            raise self._closed("reply", f"the window of {window.total_seconds() / 3600:.0f} hours")
        late = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        how = late if age >= _CHAT else {"messaging_type": "RESPONSE"}
        return (yield from self._message("reply", {"id": mention.author.id}, text, **how))

    def _message(self, verb: str, to: dict[str, str], text: str, **how: str) -> Steps[str]:
        body = {"recipient": to, "message": {"text": text}, **how}
        path = f"{self._page_id}/messages"
        made: dict[str, Any] = yield from self._graph.fetch(
            verb, path, dict[str, Any], method="POST", json=body
        )
        return str(made.get("message_id", ""))
