"""The listings of a Threads account that are walked for messages and for answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pelayanan.models import Answer, Mention
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_walk import Step, Task, Walk
from pelayanan.platforms._threads import MEDIA, Media, MediaList, Reader
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Response

__all__ = ["EARLIEST", "Lanes"]

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
        """One call: posts that name the account, own posts, or what stands below one."""
        if task.lane == "threads":
            edge = self.clock() - self.look_back
            fields = "id,timestamp,has_replies"
            posts, response = yield from self._list("mentions", task, fields, edge)
            known = [one for one in posts.data if not isinstance(one, Unreadable)]
            tasks = [
                Task(lane="conversation", node=one.id)
                for one in known
                if one.has_replies is not False
            ]
            bad = [one for one in posts.data if isinstance(one, Unreadable)]
            return Step(bad, [*tasks, *_next(task, posts)], response)
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
        path = f"{task.node or self.reader.user_id}/{task.lane}"
        return (yield from self.graph.look(verb, path, MediaList, params=params))


def _next(task: Task, found: MediaList) -> list[Task]:
    after = found.paging.after
    return [task.model_copy(update={"after": after})] if after else []


def _all_told(found: Sequence[Media | Unreadable], walk: Walk) -> bool:
    times = [one.timestamp for one in found if not isinstance(one, Unreadable)]
    return bool(times) and walk.told(min(times))
