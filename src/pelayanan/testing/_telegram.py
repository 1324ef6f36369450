"""What a fake Telegram knows: bots, chats, messages, updates that wait."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from pelayanan.testing.fake import Fake

Json: TypeAlias = dict[str, Any]
_KEPT_S = timedelta(days=1).total_seconds()
_FIRST_UPDATE = 700_000_000


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.parameters = parameters


def part(state: Json, name: str) -> Json:
    """One table of the world."""
    found: Json = state.setdefault(name, {})
    return found


class TelegramWorld(Fake):
    """The state of the servers and what changes it; the API is in `FakeTelegram`."""

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)

    def bot(self, name: str, token: str, *, hears_all: bool = False) -> int:
        """Register a bot; returns its id, which is the beginning of its token.

        Args:
            name: Without ``@``; real ones end in ``bot``.
            token: As @BotFather would give it, ``"123456:rahasia"``.
            hears_all: Whether privacy mode is off.
        """
        number = int(token.partition(":")[0])
        with self.world() as state:
            known = {"id": number, "username": name, "token": token, "hears_all": hears_all}
            part(state, "bots")[str(number)] = known
        return number

    def person(self, name: str) -> Json:
        """A person as Telegram shows one; most have no public name."""
        with self.world() as state:
            people = part(state, "people")
            if name not in people:
                number = 555_000_111 + len(people)
                shown = f"{name.capitalize()} Contoh"
                people[name] = {"id": number, "is_bot": False, "first_name": shown}
            found: Json = people[name]
            return found

    def group(self, title: str, *, bots: tuple[str, ...], username: str = "") -> int:
        """Open a supergroup with these bots in it; returns its id."""
        return self._chat("supergroup", title, bots, username)

    def channel(self, username: str, *, bots: tuple[str, ...]) -> int:
        """Open a public channel whose admins are these bots; returns its id."""
        return self._chat("channel", username.capitalize(), bots, username)

    def chat_of(self, name: str) -> Json:
        """The private chat of a person with any bot."""
        who = self.person(name)
        return {"id": who["id"], "type": "private", "first_name": who["first_name"]}

    def tell(self, chat: Json, sender: Json | None, bots: list[str], **fields: Any) -> str:
        """Put a message into a chat and tell it to these bots; returns its id, chat and number."""
        with self.world() as state:
            numbers = part(state, "message_numbers")
            number = numbers[str(chat["id"])] = numbers.get(str(chat["id"]), 0) + 1
            message: Json = {"message_id": number, "date": self.now(skewed=True), "chat": chat}
            message |= {"from": sender} if sender else {}
            message |= fields
            place = f"{chat['id']}:{number}"
            part(state, "messages")[place] = message
            for name in bots:
                self.update(name, {"message": message})
            return place

    def edit(self, place: str, text: str) -> None:
        """Change the text of a message, as its author does; the bots that got it hear of it."""
        with self.world() as state:
            message = part(state, "messages")[place]
            message |= {"text": text, "edit_date": self.now()}
            for name, queue in part(state, "updates").items():
                told = [update.get("message", {}) for update, _ in queue]
                heard = part(state, "heard").get(name, [])
                if place in heard or message in told:
                    self.update(name, {"edited_message": dict(message)})

    def delete(self, place: str) -> None:
        """Take a message away, of which bots are not told."""
        with self.world() as state:
            part(state, "messages").pop(place)

    def block(self, person: str) -> None:
        """Let a person block all bots."""
        with self.world() as state:
            part(state, "blocked")[str(self.person(person)["id"])] = True

    def upgrade(self, group: int) -> int:
        """Give a group the new id of a supergroup, as Telegram does when it grows."""
        with self.world() as state:
            chats = part(state, "chats")
            new = group - 1_000_000
            chats[str(new)] = {**chats[str(group)], "id": new}
            chats[str(group)]["moved"] = new
            return new

    def update(self, bot: str, body: Mapping[str, Any]) -> None:
        """Let an update wait for a bot, as strange as you like."""
        with self.world() as state:
            numbers = part(state, "update_numbers")
            number = numbers[bot] = numbers.get(bot, _FIRST_UPDATE) + 1
            queue = part(state, "updates").setdefault(bot, [])
            queue.append([{"update_id": number, **body}, self.now()])
            if "message" in body:
                told = body["message"]
                place = f"{told['chat']['id']}:{told['message_id']}"
                part(state, "heard").setdefault(bot, []).append(place)

    def waiting(self, bot: str, offset: int | None) -> list[Json]:
        """What waits for a bot; an offset confirms, and thereby deletes, what lies before it."""
        with self.world() as state:
            queue = part(state, "updates").get(bot, [])
            now = self.now()
            queue = [each for each in queue if now - each[1] < _KEPT_S]
            if offset is not None and offset < 0:
                queue = queue[offset:]
            elif offset is not None:
                queue = [each for each in queue if each[0]["update_id"] >= offset]
            part(state, "updates")[bot] = queue
            return [each[0] for each in queue]

    @property
    def answers(self) -> list[Json]:
        """What bots wrote, oldest first."""
        with self.world() as state:
            bots = {known["id"] for known in part(state, "bots").values()}
            told = part(state, "messages").values()
            return [
                each
                for each in told
                if each.get("from", {}).get("id") in bots or "author_signature" in each
            ]

    def replies(self, place: str) -> list[Json]:
        """What bots answered to a message."""
        chat, _, number = place.partition(":")
        return [
            each
            for each in self.answers
            if str(each["chat"]["id"]) == chat
            and each.get("reply_to_message", {}).get("message_id") == int(number)
        ]

    def now(self, *, skewed: bool = False) -> int:
        """The servers' time in Unix seconds."""
        ahead = timedelta(minutes=10 if skewed and self.strikes("clock_skew") else 0)
        return int((self.clock() + ahead).timestamp())

    def _chat(self, kind: str, title: str, bots: tuple[str, ...], username: str) -> int:
        with self.world() as state:
            chats = part(state, "chats")
            number = -1_001_000_000_001 - len(chats)
            shown: Json = {"id": number, "type": kind, "title": title}
            shown |= {"username": username} if username else {}
            chats[str(number)] = {"id": number, "shown": shown, "bots": list(bots)}
            return number
