"""Telegram's Bot API in memory or in a folder, with faults."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from pelayanan.protocol.request import Request, Response
from pelayanan.testing._telegram import Json, RefusedError, TelegramWorld, part
from pelayanan.testing.fake import json_answer

__all__ = ["FakeTelegram"]


@dataclass(frozen=True, slots=True)
class _Citizen:
    """Somebody who uses Telegram's app."""

    servers: "FakeTelegram"
    name: str

    def write(self, text: str, *, to: str, reply_to: str = "", **fields: Any) -> str:
        """Write to a bot in private; returns the message's id, chat and number.

        Args:
            text: Empty where `fields` bring a photo or something else.
            to: The bot's name.
            reply_to: Id of a message of this chat that is answered.
            fields: Of the message, as the API shows them.
        """
        chat = self.servers.chat_of(self.name)
        told = self.servers.shown(text, reply_to) | fields
        return self.servers.tell(chat, self.servers.person(self.name), [to], **told)

    def say(self, text: str, *, group: int, reply_to: str = "", **fields: Any) -> str:
        """Say something in a group; only bots that may hear it are told."""
        chat, told = self.servers.chat(group), self.servers.shown(text, reply_to) | fields
        heard = [bot for bot in chat["bots"] if self.servers.hears(bot, told)]
        return self.servers.tell(chat["shown"], self.servers.person(self.name), heard, **told)


class FakeTelegram(TelegramWorld):
    """Telegram's servers: bots, private chats, groups and channels.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of the server.
        per_minute: Messages a minute that a group or channel takes; ``None`` is without end.
    """

    host = "telegram.example"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "telegram.example",
        per_minute: int | None = None,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.host = host
        self._per_minute = per_minute

    def citizen(self, name: str) -> _Citizen:
        """Somebody who writes to bots."""
        self.person(name)
        return _Citizen(self, name)

    def comment(self, person: str, text: str, *, group: int, channel: int) -> str:
        """Comment on a post of a channel in its discussion group, where bots may be."""
        chat, source = self.chat(group), self.chat(channel)["shown"]
        service = {"id": 777_000, "is_bot": False, "first_name": "Telegram"}
        forward = {"sender_chat": source, "is_automatic_forward": True, "text": "Pengumuman"}
        post = self.tell(chat["shown"], service, chat["bots"], **forward)
        told = self.shown(text, post)
        return self.tell(chat["shown"], self.person(person), chat["bots"], **told)

    def webhook(self, bot: str, url: str) -> None:
        """Set a webhook, as another program would; then nothing can be fetched."""
        with self.world() as state:
            part(state, "webhooks")[bot] = {"url": url}

    def webhooks(self, bot: str) -> list[tuple[dict[str, str], bytes]]:
        """Deliver what waits, once: headers and bodies, oldest first."""
        with self.world() as state:
            known = part(state, "webhooks").get(bot, {})
        waiting = self.waiting(bot, None)
        wanted = {*known.get("allowed_updates", ()), "update_id"}
        told = [each for each in waiting if len(wanted) == 1 or set(each) <= wanted]
        told = [each for each in told for _ in range(2 if self.strikes("duplicate") else 1)]
        if waiting:
            self.waiting(bot, waiting[-1]["update_id"] + 1)
        headers = {"Content-Type": "application/json"}
        if secret := known.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        return [(headers, json.dumps(each).encode()) for each in told]

    def shown(self, text: str, reply_to: str = "") -> Json:
        """Text and what it answers, as the API shows them."""
        found: Json = {"text": text} if text else {}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            found["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if reply_to:
            with self.world() as state:
                known = dict(part(state, "messages")[reply_to])
                known.pop("reply_to_message", None)
                found["reply_to_message"] = known
        return found

    def chat(self, number: int) -> Json:
        """A group or channel."""
        with self.world() as state:
            found: Json = part(state, "chats")[str(number)]
            return found

    def hears(self, bot: str, told: Json) -> bool:
        """Whether a bot in a group is told of a message: with privacy mode only of some."""
        with self.world() as state:
            known = next(each for each in part(state, "bots").values() if each["username"] == bot)
        answered = told.get("reply_to_message", {}).get("from", {}).get("id") == known["id"]
        text = str(told.get("text", ""))
        return known["hears_all"] or answered or text.startswith("/") or f"@{bot}" in text

    def respond(self, request: Request) -> Response:
        """Answer one call."""
        date = format_datetime(self.clock().astimezone(UTC), usegmt=True)
        try:
            result = self._route(request)
        except RefusedError as refused:
            body: Json = {"ok": False, "error_code": refused.status, "description": str(refused)}
            body |= {"parameters": refused.parameters} if refused.parameters else {}
            return json_answer(body, refused.status, date=date)
        return json_answer({"ok": True, "result": result}, date=date)

    def _route(self, request: Request) -> Any:
        found = re.fullmatch(r"https?://[^/]+/bot([^/]+)/(\w+)", request.url)
        if found is None or not re.fullmatch(r"\d+:[\w-]+", found[1]):
            raise RefusedError(404, "Not Found")
        with self.world() as state:
            bot = part(state, "bots").get(found[1].partition(":")[0], {})
        if bot.get("token") != found[1] or self.strikes("expired_token"):
            raise RefusedError(401, "Unauthorized")
        if (method := self._methods.get(found[2])) is None:
            raise RefusedError(404, "Not Found: method not found")
        given: Any = request.json if request.json is not None else request.form
        return method(self, bot, dict(given or request.params), request)

    def _get_me(self, bot: Json, _: Json, __: Request) -> Json:
        return {
            **self._bot(bot),
            "can_join_groups": True,
            "can_read_all_group_messages": bot["hears_all"],
            "supports_inline_queries": False,
        }

    def _bot(self, bot: Json) -> Json:
        name = str(bot["username"])
        return {"id": bot["id"], "is_bot": True, "first_name": name, "username": name}

    def _get_updates(self, bot: Json, given: Json, _: Request) -> list[Json]:
        with self.world() as state:
            if part(state, "webhooks").get(bot["username"], {}).get("url"):
                told = "Conflict: can't use getUpdates method while webhook is active"
                raise RefusedError(409, told)
        offset = given.get("offset")
        waiting = self.waiting(bot["username"], None if offset is None else int(offset))
        wanted = json.loads(given.get("allowed_updates", "[]"))
        found = [
            each
            for each in waiting
            if not wanted or set(each) & {*wanted, "update_id"} != {"update_id"}
        ]
        found = found[: int(given.get("limit", 100))]
        return [found[0], *found] if found and self.strikes("duplicate") else found

    def _get_webhook_info(self, bot: Json, _: Json, __: Request) -> Json:
        with self.world() as state:
            known = part(state, "webhooks").get(bot["username"], {})
        waiting = self.waiting(bot["username"], None)
        info: Json = {"url": known.get("url", ""), "has_custom_certificate": False}
        if waiting and info["url"]:
            info["last_error_date"] = self.now()
            info["last_error_message"] = "Connection timed out"
        return {**info, "pending_update_count": len(waiting)}

    def _set_webhook(self, bot: Json, given: Json, _: Request) -> bool:
        if given["url"] and not str(given["url"]).startswith("https://"):
            raise RefusedError(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        with self.world() as state:
            part(state, "webhooks")[bot["username"]] = dict(given)
        return True

    def _get_chat_member(self, bot: Json, given: Json, _: Request) -> Json:
        chat = self._target(given["chat_id"])
        if bot["username"] not in chat.get("bots", []):
            return {"user": self._bot(bot), "status": "left"}
        rights = dict.fromkeys(_RIGHTS, False) | {"can_post_messages": True}
        return {"user": self._bot(bot), "status": "administrator", **rights}

    def _send_message(self, bot: Json, given: Json, _: Request) -> Json:
        text = str(given.get("text") or "")
        if not text.strip():
            raise RefusedError(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            raise RefusedError(400, "Bad Request: message is too long")
        return self._posted(bot, given, text=text)

    def _send_file(self, bot: Json, given: Json, request: Request) -> Json:
        (upload,) = request.uploads
        file = self._uploaded(upload.field, upload.field, request)
        return self._posted(bot, given, **self._captioned(given), **file)

    def _send_media_group(self, bot: Json, given: Json, request: Request) -> list[Json]:
        album = json.loads(given["media"])
        if not 2 <= len(album) <= 10:
            raise RefusedError(400, "Bad Request: wrong number of items in the album")
        sent: list[Json] = []
        for item in album:
            file = self._uploaded(item["type"], item["media"].removeprefix("attach://"), request)
            sent.append(self._posted(bot, given, **self._captioned(item), **file))
        return sent

    def _captioned(self, given: Json) -> Json:
        caption = str(given.get("caption") or "")
        if len(caption) > 1024:
            raise RefusedError(400, "Bad Request: message caption is too long")
        return {"caption": caption} if caption else {}

    def _uploaded(self, kind: str, field: str, request: Request) -> Json:
        upload = next(each for each in request.uploads if each.field == field)
        with upload.open() as file:
            content = file.read()
        name = sha256(content).hexdigest()
        known: Json = {"file_id": name, "file_unique_id": name[:16], "file_size": len(content)}
        known |= {"width": 1, "height": 1}
        return {"photo": [known]} if kind == "photo" else {"video": {**known, "duration": 1}}

    def _posted(self, bot: Json, given: Json, **fields: Any) -> Json:
        chat = self._target(given["chat_id"])
        shown, sender = (
            chat["shown"],
            None if chat["shown"]["type"] == "channel" else self._bot(bot),
        )
        if shown["type"] != "private":
            if bot["username"] not in chat["bots"]:
                raise RefusedError(403, "Forbidden: bot is not a member of the chat")
            self._paced(str(shown["id"]))
        answered = given.get("reply_parameters")
        with self.world() as state:
            if answered:
                parent = part(state, "messages").get(f"{shown['id']}:{answered['message_id']}")
                if parent is not None:
                    known = dict(parent)
                    known.pop("reply_to_message", None)
                    fields["reply_to_message"] = known
                elif not answered.get("allow_sending_without_reply"):
                    raise RefusedError(400, "Bad Request: message to be replied not found")
            extra = {} if sender else {"author_signature": bot["username"], "sender_chat": shown}
            place = self.tell(shown, sender, [], **extra, **fields)
            message: Json = part(state, "messages")[place]
            return message

    def _target(self, chat_id: Any) -> Json:
        with self.world() as state:
            if str(chat_id) in part(state, "blocked"):
                raise RefusedError(403, "Forbidden: bot was blocked by the user")
            for known in part(state, "chats").values():
                if str(chat_id) in {str(known["id"]), f"@{known['shown'].get('username')}"}:
                    if moved := known.get("moved"):
                        told = "Bad Request: group chat was upgraded to a supergroup chat"
                        raise RefusedError(400, told, migrate_to_chat_id=moved)
                    return {**known, "shown": {**known["shown"], "id": known["id"]}}
            for name, who in part(state, "people").items():
                wrote = str(who["id"]) in part(state, "message_numbers")
                if str(who["id"]) == str(chat_id) and wrote:
                    return {"shown": self.chat_of(name)}
        raise RefusedError(400, "Bad Request: chat not found")

    def _paced(self, chat: str) -> None:
        now = self.now()
        with self.world() as state:
            recent = [at for at in part(state, "sent").get(chat, []) if now - at < 60]
            if self._per_minute is not None and len(recent) >= self._per_minute:
                wait = 60 - (now - recent[0])
                raise RefusedError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
            part(state, "sent")[chat] = [*recent, now]

    _methods: ClassVar[dict[str, Callable[..., Any]]] = {
        "getMe": _get_me,
        "getUpdates": _get_updates,
        "getWebhookInfo": _get_webhook_info,
        "setWebhook": _set_webhook,
        "getChatMember": _get_chat_member,
        "sendMessage": _send_message,
        "sendPhoto": _send_file,
        "sendVideo": _send_file,
        "sendMediaGroup": _send_media_group,
    }


_RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members"),
    *("can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories"),
    "can_delete_stories",
)
