"""Telegram (Bot API 10.1). Updates are kept for 24 hours: fetch more often than daily.

API: https://core.telegram.org/bots/api
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from pelayanan.errors import (
    ConfigError,
    NotFoundError,
    PlatformError,
    RejectedError,
    UnsupportedError,
)
from pelayanan.models import Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms import _telegram as wire
from pelayanan.platforms import _telegram_check as check
from pelayanan.platforms._telegram_push import agreed_word, alive, read_push, verify
from pelayanan.platforms._telegram_read import message_id, read_update, web_url
from pelayanan.platforms._telegram_write import (
    CAPTION,
    FILES,
    IMAGE_BYTES,
    TEXT,
    Pace,
    answer_to,
    attachable,
    fits,
    publication,
)
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, fetch, flow, send
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.page import Page, Unreadable, sift
from pelayanan.protocol.request import Request
from pelayanan.protocol.throttle import Throttle, budget
from pelayanan.protocol.webhook import WebhookEvents

__all__ = ["Telegram"]

T = TypeVar("T")

_UPDATES = ("message", "edited_message", "business_message", "edited_business_message")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Telegram:
    """One bot, with what citizens write to it, and with the agency's groups and channel.

    No `find_reply` and no `answers`: a bot cannot read what it wrote. Where an answer may have
    got lost, a person looks into the chat and settles it.

    Args:
        token: From @BotFather, such as ``"123456:AA..."``. It is part of each address.
        handle: The bot's name without ``@``; asked where it is left out.
        channel: Where `publish` publishes, ``"@dinsos_contoh"`` or a number; who writes in a group
            in its name is the agency.
        every_group_message: Whether everything in the bot's groups is addressed to the agency;
            otherwise only what names the bot, answers it, or comments on the agency's channel.
        base_url: Another server of the Bot API; http only on this machine.
        webhook_secret: The word by which pushed messages are known (`set_webhook`); without it
            they are fetched. Telegram does one or the other.
        clock: The present; aware.

    Raises:
        ConfigError: The token or the address is none.
    """

    name = "telegram"
    capabilities = Capabilities(
        text=(TextLimit("characters", TEXT),),
        media_text=(TextLimit("characters", CAPTION),),
        media={"image": FILES, "video": FILES},
        image_bytes=IMAGE_BYTES,
        reply_needs_invitation=True,
    )

    def __init__(
        self,
        token: str | SecretStr,
        *,
        handle: str = "",
        channel: str = "",
        every_group_message: bool = False,
        base_url: str = "https://api.telegram.org",
        webhook_secret: str | SecretStr | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        if not (base_url.startswith("https://") or urlsplit(base_url).hostname in _LOOPBACK):
            raise ConfigError("base_url must start with https://")
        self._token = as_secret(token)
        known = re.fullmatch(r"(\d{1,18}):[\w-]+", self._token.get_secret_value())
        if known is None:
            raise ConfigError('token must be as @BotFather gave it, like "123456:AA..."')
        self._base_url = base_url.rstrip("/")
        self._named = handle.removeprefix("@")
        self._me = wire.User(id=int(known[1]), username=self._named)
        self._channel = channel
        self._every = every_group_message
        self._word = agreed_word(as_secret(webhook_secret) if webhook_secret else None, handle)
        self._clock = clock
        self._throttle = Throttle(30, 1.0, name=budget(base_url, self._token))
        self._pace = Pace()

    @property
    def handle(self) -> str:
        """The bot's name, without ``@``; its number until the name is known."""
        return self._me.username or str(self._me.id)

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List what was written to the bot, oldest first, from `cursor` on.

        A cursor that is given back confirms what came before it, and Telegram deletes that: keep
        items and cursor first. An edited message comes again with the same id.

        With `webhook_secret` messages are pushed; then this only proves that they arrive.

        Raises:
            ServerError: The webhook is not set, or Telegram cannot reach it.
        """
        if self._word is not None:
            info = yield from self._ask("mentions", "getWebhookInfo", wire.WebhookInfo)
            if (dead := alive(info, self._clock())) is not None:
                raise dead
            return Page((), wire.Place.read(cursor).cursor())
        place, now = wire.Place.read(cursor), self._clock()
        if not self._me.username:
            self._me = yield from self._ask("mentions", "getMe", wire.User)
        params = {"limit": 100, "timeout": 0, "allowed_updates": json.dumps(_UPDATES)}
        call = self._request("mentions", "getUpdates", params=params | place.params(now))
        listed = (yield from fetch(call, wire.Updates)).result
        updates = [one for one in listed if not isinstance(one, Unreadable)]
        found = {each["update_id"]: each for each in sorted(updates, key=_id)}
        bad = [one for one in listed if isinstance(one, Unreadable)]
        ours: dict[str, Any] = {"every": self._every, "channel": self._channel}
        read = [read_update(each, self._me, **ours) for each in found.values()]
        items, unreadable = sift([*bad, *(each for each in read if each is not None)])
        latest = {item.id: item for item in items}  # edited at once: the last words count
        after = place.after(found.values(), now)
        return Page(
            tuple(latest.values()), after.cursor(), more=after != place, unreadable=unreadable
        )

    def handshake(self, params: Mapping[str, str]) -> str | None:  # noqa: ARG002  it never asks
        """Telegram asks nothing before it pushes."""
        return None

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:  # noqa: ARG002  only a word proves it
        """Raise `AuthError` unless the delivery brings the `webhook_secret`."""
        verify(self._word, headers)

    def parse(self, body: bytes) -> WebhookEvents:
        """The message of a delivery, new or edited."""
        return read_push(body, self._me, every=self._every, channel=self._channel)

    @flow
    def set_webhook(self, url: str) -> Steps[bool]:
        """Let Telegram push to an address (HTTPS), or, with ``""``, let it be fetched again.

        Raises:
            ConfigError: The account has no `webhook_secret`.
        """
        if self._word is None:
            raise ConfigError("give the account a webhook_secret first")
        body = {
            "url": url,
            "secret_token": self._word.get_secret_value(),
            "allowed_updates": [*_UPDATES],
        }
        call = self._request("set_webhook", "setWebhook", method="POST", json=body)
        return (yield from fetch(call, wire.Result[bool])).result

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:  # noqa: ARG002  Telegram knows no keys
        """Answer in the chat of the message. Telegram keeps no key: never repeated by itself.

        Raises:
            TooLongError: More than 4,096 characters; nothing was sent.
            PolicyError: The citizen blocked the bot, or the group threw it out.
            NotFoundError: The message in the group is gone.
            TransportError: Nobody knows whether it was sent: a person looks into the chat.
        """
        fits(text, TEXT, "telegram.reply")
        try:
            return (yield from self._send("reply", "sendMessage", json=answer_to(mention, text)))
        except wire.ChatMovedError as moved:
            body = answer_to(mention, text, moved.chat)
        return (yield from self._send("reply", "sendMessage", json=body))

    @flow
    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Steps[Sent]:  # noqa: ARG002  Telegram knows no keys
        """Publish in the agency's channel, with up to ten photos and videos.

        Telegram has no place for alternative texts.

        Raises:
            UnsupportedError: No `channel`, or files that Telegram does not take.
            TooLongError: More than 4,096 characters, with files more than 1,024.
            RejectedError: A photo over 10 MB or with too many pixels, or a video over 50 MB.
        """
        if not self._channel:
            raise UnsupportedError('telegram publishes in a channel: give channel="@..."')
        fits(text, CAPTION if media else TEXT, "telegram.publish")
        attachable(media)
        method, fields = publication(self._channel, text, media)
        return (yield from self._send("publish", method, **fields))

    @flow
    def check(self) -> Steps[Check]:
        """Tell how token, rights in groups and channel, waiting messages and clock stand."""
        try:
            self._me = yield from self._ask("check", "getMe", wire.User)
            info = yield from self._ask("check", "getWebhookInfo", wire.WebhookInfo)
        except PlatformError as error:
            findings: tuple[Finding, ...] = (check.refused_finding(error),)
            return Check(platform=self.name, handle=self.handle, findings=findings)
        headers = (yield from send(self._request("check", "getMe"))).headers
        findings = (
            check.token_finding(self._me, self._named),
            check.scopes_finding(self._me, every=self._every),
            check.updates_finding(info, self._clock(), pushed=self._word is not None),
            check.clock_finding(headers, self._clock()),
        )
        if self._channel:
            findings += (check.channel_finding(self._channel, (yield from self._membership())),)
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _membership(self) -> Steps[wire.Member | None]:
        params = {"chat_id": self._channel, "user_id": self._me.id}
        try:
            return (yield from self._ask("check", "getChatMember", wire.Member, params=params))
        except (NotFoundError, RejectedError):
            return None

    def _send(self, verb: str, method: str, **fields: Any) -> Steps[Sent]:
        body: dict[str, Any] = fields.get("json") or fields["form"]
        pace = self._pace.of(str(body["chat_id"]))
        call = self._request(verb, method, method="POST", throttle=pace, repeatable=False, **fields)
        shape = wire.Result[wire.Album | wire.Posted]
        found = (yield from fetch(call, shape)).result
        posted = found[0] if isinstance(found, list) else found
        return Sent(
            id=message_id(posted.chat["id"], posted.message_id, posted.business_connection_id),
            url=web_url(posted.chat, posted.message_id),
            at=posted.date,
            confirmed=True,
        )

    def _ask(self, verb: str, method: str, shape: type[T], **rest: Any) -> Steps[T]:
        call = self._request(verb, method, **rest)
        return (yield from fetch(call, wire.Result[shape])).result  # type: ignore[valid-type]  # a class at run time

    def _request(self, verb: str, api: str, **rest: Any) -> Request:
        token = self._token.get_secret_value()
        fields: dict[str, Any] = {"throttle": self._throttle, "repeatable": True} | rest
        return Request(
            operation=f"{self.name}.{verb}",  # what logs and errors show instead of the URL
            url=f"{self._base_url}/bot{token}/{api}",
            classify=wire.classify,
            **fields,
        )


def _id(update: wire.Update) -> int:
    return update["update_id"]
