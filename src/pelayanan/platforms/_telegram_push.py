"""Telegram's webhooks: one update a delivery, known by a word in a header.

Source: https://core.telegram.org/bots/api#setwebhook (`secret_token`).
"""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError

from pelayanan.errors import AuthError, ConfigError, PlatformError, ServerError
from pelayanan.models import Mention, Secret
from pelayanan.platforms._telegram import Update, User, WebhookInfo
from pelayanan.platforms._telegram_read import read_update
from pelayanan.protocol.page import Unreadable, adapter, why
from pelayanan.protocol.webhook import Edited, Pushed, WebhookEvents

__all__ = ["agreed_word", "alive", "read_push", "verify"]

_HEADER = "x-telegram-bot-api-secret-token"
_OPERATION = "telegram.webhook"
_KEPT_S = 86_400


def agreed_word(word: Secret | None, handle: str) -> Secret | None:
    """The word that comes with each delivery; raises `ConfigError` where it cannot serve."""
    if word is None:
        return None
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", word.get_secret_value()):
        raise ConfigError("webhook_secret may have 1 to 256 of A-Z, a-z, 0-9, _ and -")
    if not handle:  # in a group, a name is what says that the bot is meant
        raise ConfigError("with webhook_secret the bot's name must be known: give handle")
    return word


def verify(word: Secret | None, headers: Mapping[str, str]) -> None:
    """Make sure that Telegram sent it.

    Raises:
        AuthError: The word is missing or wrong.
        ConfigError: The account has no `webhook_secret`.
    """
    if word is None:
        raise ConfigError(f"{_OPERATION}: webhook_secret is missing, so anybody could write")
    given = [value for name, value in headers.items() if name.lower() == _HEADER]
    wanted = word.get_secret_value().encode()
    if len(given) != 1 or not hmac.compare_digest(given[0].encode(errors="replace"), wanted):
        error = AuthError("the secret token is missing or wrong", operation=_OPERATION)
        error.remedy = "administrator: set the webhook again with the account's webhook_secret"
        raise error


def read_push(body: bytes, me: User, *, every: bool, channel: str) -> WebhookEvents:
    """The message that a delivery tells of; what cannot be read is set aside."""
    return WebhookEvents.of(_told(body, me, every=every, channel=channel))


def _told(body: bytes, me: User, *, every: bool, channel: str) -> list[Pushed]:
    try:
        update: Update = adapter(Update).validate_json(body)
    except ValidationError as error:
        return [Unreadable("", why(error))]
    found = read_update(update, me, every=every, channel=channel)
    if found is None:
        return []
    changed = not (update.get("message") or update.get("business_message"))
    return [Edited(found) if changed and isinstance(found, Mention) else found]


def alive(info: WebhookInfo, now: datetime) -> PlatformError | None:
    """Why deliveries do not arrive; ``None`` where they do.

    What waits is a day old at most: an error before that is of something else.

    Source:
        score.md, 3 (`polls_done`): a push channel that is proven alive.
    """
    operation = "telegram.mentions"
    if not info.url:
        missing = ServerError("no webhook is set, so nothing arrives", operation=operation)
        missing.remedy = "administrator: call set_webhook once, or leave webhook_secret out"
        return missing
    recent = (info.last_error_date or 0) > now.timestamp() - _KEPT_S
    if info.pending_update_count and recent:
        told = f"{info.pending_update_count} messages wait: Telegram cannot reach the webhook"
        stuck = ServerError(told, operation=operation)
        stuck.remedy = "administrator: look whether the address answers; `check` says more"
        return stuck
    return None
