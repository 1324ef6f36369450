"""WhatsApp Business Cloud API: private messages, pushed by webhook. 80 messages a second a number.

API: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from pydantic import SecretStr

from pelayanan.errors import AuthError, NotFoundError, PolicyError, RejectedError, TooLongError
from pelayanan.models import Check, Finding, Mention, Sent, as_secret
from pelayanan.platforms._meta import AuthBy, Graph, identifier, secure
from pelayanan.platforms._meta_check import Checker, refused_finding
from pelayanan.platforms._meta_webhook import Webhook, WebhookAccount
from pelayanan.platforms._whatsapp import Accepted, Number
from pelayanan.platforms._whatsapp_check import NUMBER, number_findings
from pelayanan.platforms._whatsapp_read import events
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, flow
from pelayanan.protocol.throttle import Throttle, budget
from pelayanan.protocol.webhook import WebhookEvents
from pelayanan.text.length import count

__all__ = ["WhatsApp"]

_SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
_TEXT = TextLimit("characters", 4096)
_KEY = 512  # characters of `biz_opaque_callback_data`
_CLOSED = (
    "officer: answer with an approved template (`WhatsApp.template`), "
    "or wait until the citizen writes again"
)


class WhatsApp(WebhookAccount):
    """One number of an agency. Messages of citizens come only by webhook (`parse`).

    No `find_reply`: nothing lists what was sent. A message whose receipt was lost is proved by the
    status webhook that brings back its key (`WebhookEvents.deliveries`), or settled by a person.

    Args:
        phone_number_id: From the app's settings; it is not the number itself.
        token: Of a system user, with the permissions to send and to manage.
        app_secret: Of the app; without it no webhook can be verified.
        verify_token: The word that is given where the address for webhooks is registered.
        app_id: With `app_secret`, so that `check` may ask how long the token holds.
        handle: What logs and reports call the account.
        base_url: Of the Graph API.
        version: Of the Graph API; Meta keeps each for about two years.
        price: In US dollars a message, from the price list of the country; nothing is assumed.
        window_hours: How long after a citizen's message free text is allowed.
        user_id_field: Where the address stands of a person who shows no number (unverified).
        tier_field: What names the limit of the number (unverified); empty does not ask.
        oldest_days: Webhooks that are older are refused.
        prove: Whether calls carry `appsecret_proof` (unverified).
        auth_by: Where the token stands.
        codes: As in `pelayanan.platforms._meta_errors.classifier`: other kinds for error codes.
        clock: The present; aware.
    """

    name = "whatsapp"

    def __init__(
        self,
        phone_number_id: str | int,
        token: str | SecretStr,
        *,
        app_secret: str | SecretStr | None = None,
        verify_token: str | SecretStr | None = None,
        app_id: str = "",
        handle: str = "",
        base_url: str = "https://graph.facebook.com",
        version: str = "v26.0",
        price: Decimal | float | str | None = None,
        window_hours: float = 24.0,
        user_id_field: str = "recipient",
        tier_field: str = "messaging_limit_tier",
        oldest_days: float = 8.0,
        prove: bool = False,
        auth_by: AuthBy = "header",
        codes: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        secret = None if app_secret is None else as_secret(app_secret)
        agreed = None if verify_token is None else as_secret(verify_token)
        self._number = identifier(phone_number_id, "phone_number_id")
        self._handle = handle or self._number
        self._price = None if price is None else Decimal(str(price))
        self._window = timedelta(hours=window_hours)
        self._user_id_field = user_id_field
        self._tier_field = tier_field
        self._clock = clock
        self._graph = Graph(
            self.name,
            f"{secure(base_url)}/{version}",
            as_secret(token),
            app_secret=secret if prove else None,
            codes=codes,
            auth_by=auth_by,
            throttle=Throttle(80, 1.0, name=budget(base_url, self._number)),
        )
        self._webhook = Webhook(f"{self.name}.webhook", secret, agreed, oldest_days)
        self._checker = Checker(self._graph, _SCOPES, clock, app_id=app_id, app_secret=secret)

    @property
    def handle(self) -> str:
        """What logs and reports call the account."""
        return self._handle

    @property
    def native_id(self) -> str:
        """The account's number, by which webhooks name it."""
        return self._number

    @property
    def capabilities(self) -> Capabilities:
        """What cannot be seen from the methods."""
        return Capabilities(
            text=(_TEXT,),
            push_only=True,
            private=True,
            reply_needs_invitation=True,
            reply_window=self._window,
        )

    def parse(self, body: bytes) -> WebhookEvents:
        """Messages, answers typed in the Business app, edits, deletions, and what became of ours.

        Answers in the app name no message: `thread` is the person, as in the messages.
        """
        return WebhookEvents.of(events(body, self._number, self._graph.base))

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer a message: taken, not yet delivered; the key comes back by webhook.

        The window counts from the citizen's newest message: give that one.

        Raises:
            PolicyError: The window is closed, nothing was sent; or Meta says so.
            TooLongError: More than 4,096 characters; nothing was sent.
        """
        if (size := count(_TEXT.counter, text)) > _TEXT.limit:
            told = f"{size} of {_TEXT.limit} characters"
            raise TooLongError(told, operation=f"{self.name}.reply")
        if self._clock() - mention.created_at >= self._window:
            closed = PolicyError("the window is closed", operation=f"{self.name}.reply")
            closed.remedy = _CLOSED
            raise closed
        quoted = {"context": {"message_id": mention.id}}
        content = {"type": "text", "text": {"body": text, "preview_url": False}}
        return (yield from self._send("reply", mention, content | quoted, key))

    @flow
    def template(
        self,
        mention: Mention,
        name: str,
        *,
        values: Sequence[str] = (),
        language: str = "id",
        key: str,
    ) -> Steps[Sent]:
        """Write to a citizen outside the window, with a template that Meta approved.

        Args:
            mention: A message of the citizen, of any age.
            name: Of the template, as it was approved.
            values: For the places in its body, in order.
            language: In which it was approved.
            key: Comes back by webhook, as in `reply`.
        """
        filled = [{"type": "text", "text": value} for value in values]
        parts = [{"type": "body", "parameters": filled}] if filled else []
        spoken = {"code": language, "policy": "deterministic"}
        found = {"name": name, "language": spoken, "components": parts}
        content = {"type": "template", "template": found}
        return (yield from self._send("template", mention, content, key))

    @flow
    def check(self) -> Steps[Check]:
        """Tell how token, permissions, number, limits and clock stand, each with its remedy."""
        fields = {"fields": ",".join(NUMBER)}
        try:
            number, answer = yield from self._graph.look(
                "check", self._number, Number, params=fields
            )
        except (AuthError, NotFoundError) as refused:
            return self._found(refused_finding(refused))
        token = yield from self._checker.token()
        tier = yield from self._tier()
        found = [*token, *number_findings(number, tier), *self._checker.rest(answer)]
        return self._found(*found)

    def _found(self, *findings: Finding) -> Check:
        return Check(platform=self.name, handle=self.handle, findings=findings)

    def _tier(self) -> Steps[str]:
        if not self._tier_field:
            return ""
        asked = {"fields": self._tier_field}
        try:
            told = yield from self._graph.fetch("check", self._number, dict[str, Any], params=asked)
        except (AuthError, RejectedError):  # the name of the field is not documented everywhere
            return ""
        return str(told.get(self._tier_field, ""))

    def _send(self, verb: str, to: Mention, content: dict[str, Any], key: str) -> Steps[Sent]:
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **self._address(to),
            **content,
            "biz_opaque_callback_data": _short(key),
        }
        accepted = yield from self._graph.fetch(
            verb,
            f"{self._number}/messages",
            Accepted,
            method="POST",
            json=body,
            cost=self._price,
        )
        return Sent(id=accepted.messages[0].id, at=self._clock(), confirmed=False)

    def _address(self, mention: Mention) -> dict[str, str]:
        number = mention.ref.get("to", "")
        return {"to": number} if number else {self._user_id_field: mention.author.id}


def _short(key: str) -> str:
    return key if len(key) <= _KEY else sha256(key.encode()).hexdigest()
