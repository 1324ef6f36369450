"""Writes answers: below comments, below posts of others, in private; fetches what names us."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import Any

from pelayanan.errors import NotFoundError, PolicyError
from pelayanan.models import Mention
from pelayanan.platforms import _instagram as wire
from pelayanan.platforms._instagram_read import Reader, addressed
from pelayanan.platforms._meta import Graph, Made
from pelayanan.protocol.flow import Steps

__all__ = ["ONCE", "Writer"]

ONCE = timedelta(days=7)  # for a private answer to a comment
_CHAT = timedelta(hours=24)
_AGENT = timedelta(days=7)
_LATE = "officer: answer in public, or wait until the citizen writes again"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one account."""

    graph: Graph
    reader: Reader
    inbox_id: str
    clock: Callable[[], datetime]
    _: KW_ONLY
    human_agent: bool

    @property
    def window(self) -> timedelta:
        """How long after a private message an answer is possible."""
        return _AGENT if self.human_agent else _CHAT

    def answer(self, mention: Mention, text: str) -> Steps[str]:
        """Answer where the message stands, and return the answer's id."""
        kinds = {"chat": self._say, "mention": self._below_others}
        write = kinds.get(mention.ref.get("kind", ""), self._below_own)
        return (yield from write(mention, text))

    def must_be_recent(self, mention: Mention) -> None:
        """Refuse a private answer to an old comment before anything is asked."""
        if self.clock() - mention.created_at >= ONCE:
            raise _closed("reply_privately", "a private answer is possible for 7 days")

    def private(self, mention: Mention, text: str) -> Steps[str]:
        """The one private answer to a comment."""
        return (yield from self._message("reply_privately", {"comment_id": mention.id}, text))

    def elsewhere(self, ref: Mapping[str, str]) -> Steps[Mention]:
        """A message below or in a post of somebody else."""
        comment, media = ref.get("comment", ""), ref.get("media", "")
        fields = (
            f"mentioned_comment.comment_id({comment}){{id,text,timestamp,username}}"
            if comment
            else f"mentioned_media.media_id({media}){{id,caption,timestamp,username,permalink}}"
        )
        found = yield from self.graph.read(
            "mention", self.reader.user_id, wire.Mentioned, params={"fields": fields}
        )
        if found.mentioned_media is not None:
            return self.reader.caption(found.mentioned_media)
        if found.mentioned_comment is None:
            raise NotFoundError("the mention is gone", operation="instagram.mention")
        mention = self.reader.comment(found.mentioned_comment, media)
        told = {"kind": "mention", "media": media, "comment": comment}
        return mention.model_copy(update={"ref": told})

    def _below_own(self, mention: Mention, text: str) -> Steps[str]:
        """Below the first comment of the thread."""
        path = f"{mention.ref.get('parent') or mention.id}/replies"
        return (yield from self._post(path, {"message": addressed(mention, text)}))

    def _below_others(self, mention: Mention, text: str) -> Steps[str]:
        form = {"media_id": mention.ref.get("media", ""), "message": text}
        form |= {"comment_id": mention.id} if mention.ref.get("comment") else {}
        return (yield from self._post(f"{self.reader.user_id}/mentions", form))

    def _post(self, path: str, form: dict[str, str]) -> Steps[str]:
        made = yield from self.graph.fetch("reply", path, Made, method="POST", form=form)
        return made.id

    def _say(self, mention: Mention, text: str) -> Steps[str]:
        age = self.clock() - mention.created_at
        if age >= self.window:
            hours = self.window.total_seconds() / 3600
            raise _closed("reply", f"the window of {hours:.0f} hours is closed")
        late = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        how = late if age >= _CHAT else {}
        return (yield from self._message("reply", {"id": mention.author.id}, text, **how))

    def _message(self, verb: str, to: dict[str, str], text: str, **how: str) -> Steps[str]:
        body = {"recipient": to, "message": {"text": text}, **how}
        path = f"{self.inbox_id}/messages"
        made: dict[str, Any] = yield from self.graph.fetch(
            verb, path, dict[str, Any], method="POST", json=body
        )
        return str(made.get("message_id", ""))


def _closed(verb: str, why: str) -> PolicyError:
    error = PolicyError(why, operation=f"instagram.{verb}")
    error.remedy = _LATE
    return error
