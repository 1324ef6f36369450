"""Writes to X: posts, answers, direct messages. Each call is made once, and paid for each time."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pelayanan.errors import NotFoundError
from pelayanan.models import Mention, Sent
from pelayanan.platforms._x import Made, MadeMessage, told_at
from pelayanan.platforms._x_api import Api
from pelayanan.platforms._x_read import Reader, own_post
from pelayanan.protocol.flow import Steps, sleep
from pelayanan.text.weighing import links

__all__ = ["Writer"]

_PAUSES = (2.0, 8.0)  # seconds


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes in the name of one account."""

    api: Api
    reader: Reader
    clock: Callable[[], datetime]

    def answer(self, mention: Mention, text: str) -> Steps[Sent]:
        """Answer a post, or go on below an own one, which X may not know at once."""
        own = "own" in mention.ref
        price = "post_create_link" if links(text) else "post_create" if own else "summoned_reply"
        to = {"in_reply_to_tweet_id": mention.ref.get("post", mention.id)}
        body = {"text": text, "reply": to}
        for pause in _PAUSES if own else ():
            with suppress(NotFoundError):  # refused: nothing happened
                return (yield from self.post("reply", body, price))
            yield from sleep(pause)
        return (yield from self.post("reply", body, price))

    def post(self, verb: str, body: dict[str, Any], price: str) -> Steps[Sent]:
        """Publish a post."""
        call = self.api.request(verb, "tweets", "posting", method="POST", json=body)
        made = yield from self.api.write(call, Made, price)
        return own_post(self.reader.username, made.data.id, self._at(made.data.id))

    def message(self, mention: Mention, text: str) -> Steps[Sent]:
        """Write into the conversation of a direct message."""
        conversation = mention.ref.get("dm", "")
        group = conversation != "" and "-" not in conversation
        path = f"{conversation}/messages" if group else f"with/{mention.author.id}/messages"
        call = self.api.request(
            "reply", f"dm_conversations/{path}", "dm_writes", method="POST", json={"text": text}
        )
        made = yield from self.api.write(call, MadeMessage, "dm_create")
        event = made.data.dm_event_id
        return Sent(id=event, at=self._at(event), confirmed=True)

    def _at(self, native_id: str) -> datetime:
        try:
            return told_at(native_id)
        except ValueError:
            return self.clock()
