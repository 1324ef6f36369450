"""The listings of a Threads account that are walked for messages and for answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pelayanan.models import Answer, Mention
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_walk import Step, Task, Walk
from pelayanan.platforms._threads import MEDIA, NO_POST, Media, MediaList, Reader
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Response

__all__ = ["EARLIEST", "LANES", "Lanes"]

LANES = ("mentions", "threads", "answered")
_OWN = {  # fields asked of what the account wrote
    "threads": "id,timestamp,has_replies,media_type",
    "answered": "id,timestamp,has_replies,root_post",
}

EARLIEST = 1_688_540_400  # Unix seconds: `since` must not be before (TH-MEN)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Makes the calls of walks over one account.

    Attributes:
        look_back: How old an own post may be whose replies are still looked through.
        own_replies: The edge that lists what the account replied anywhere.
    """

    graph: Graph
    reader: Reader
    look_back: timedelta
    clock: Callable[[], datetime]
    own_replies: str

    def mentions(self, task: Task, walk: Walk) -> Steps[Step[Mention]]:
        """One call: posts that name the account, own posts and replies, or what is below one."""
        if task.lane in _OWN:
            edge = self.clock() - self.look_back
            posts, response = yield from self._list("mentions", task, _OWN[task.lane], edge)
            known = [one for one in posts.data if not isinstance(one, Unreadable)]
            below = self._posts(known) if task.lane == "threads" else self._replies(known)
            bad = [one for one in posts.data if isinstance(one, Unreadable)]
            return Step(bad, [*below, *_next(task, posts)], response)
        since = walk.floor if task.lane == "mentions" else None
        posts, response = yield from self._list("mentions", task, MEDIA, since)
        found = [
            one if isinstance(one, Unreadable) else self.reader.mention(one) for one in posts.data
        ]
        ended = _all_told(posts.data, walk)
        tasks = [] if ended else _next(task, posts)
        return Step([one for one in found if one is not None], tasks, response)

    def answers(self, task: Task, walk: Walk) -> Steps[Step[Answer]]:
        """One call, for what the account replied."""
        edge = task.model_copy(update={"lane": self.own_replies})
        posts, response = yield from self._list("answers", edge, MEDIA, walk.floor)
        found = [
            one if isinstance(one, Unreadable) else self.reader.answer(one) for one in posts.data
        ]
        tasks = [] if _all_told(posts.data, walk) else _next(task, posts)
        return Step([one for one in found if one is not None], tasks, response)

    def _posts(self, known: Sequence[Media]) -> list[Task]:
        """What has to be asked for what stands below own posts; a share is somebody else's."""
        own = [one for one in known if one.media_type != NO_POST and one.has_replies is not False]
        return [Task(lane="conversation", node=one.id) for one in own]

    def _replies(self, known: Sequence[Media]) -> list[Task]:
        """The same for own replies elsewhere: who answers them need not name the account."""
        own = [one for one in known if one.has_replies]
        away = [one for one in own if not (one.root_post and self.reader.is_own(one.root_post))]
        return [Task(lane="replies", node=one.id) for one in away]

    def _list(
        self, verb: str, task: Task, fields: str, since: datetime | None
    ) -> Steps[tuple[MediaList, Response]]:
        params: dict[str, Any] = {"fields": fields}
        if task.node:
            params["reverse"] = "true"  # newest first
        else:
            params["limit"] = 50
        if since is not None:
            params["since"] = max(EARLIEST, int(since.timestamp()))
        if task.after:
            params["after"] = task.after
        lane = self.own_replies if task.lane == "answered" else task.lane
        path = f"{task.node or self.reader.user_id}/{lane}"
        return (yield from self.graph.look(verb, path, MediaList, params=params))


def _next(task: Task, found: MediaList) -> list[Task]:
    after = found.paging.after
    return [task.model_copy(update={"after": after})] if after else []


def _all_told(found: Sequence[Media | Unreadable], walk: Walk) -> bool:
    times = [one.timestamp for one in found if not isinstance(one, Unreadable)]
    return bool(times) and walk.told(min(times))
