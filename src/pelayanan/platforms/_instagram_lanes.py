"""The listings of an Instagram account that are walked for messages and for answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pelayanan.errors import ServerError
from pelayanan.models import Answer, Mention
from pelayanan.platforms import _instagram as wire
from pelayanan.platforms._instagram_read import Reader
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_walk import Step, Task, Walk
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Response

__all__ = ["Lanes"]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Makes the calls of walks over one account.

    Attributes:
        inbox_id: Whose conversations are listed: the account's, or the Page's it belongs to.
        look_back: How old a post may be whose comments are still looked through.
        expand: Whether a call for posts brings their comments; else each post is asked.
        newest_first: Whether comments come newest first, so that a walk may end early.
    """

    graph: Graph
    reader: Reader
    inbox_id: str
    look_back: timedelta
    clock: Callable[[], datetime]
    expand: bool
    newest_first: bool

    def mentions(self, task: Task, walk: Walk) -> Steps[Step[Mention]]:
        """One call, for what others wrote."""
        if task.lane in {"inbox", "messages"}:
            threads, tasks, response = yield from self._threads("comments", task, walk)
            said = [one for found in threads for one in self.reader.said(found)]
            return Step(said, tasks, response, moving=True)
        below, tasks, response = yield from self._comments("comments", task, walk)
        found: list[Mention | Unreadable] = []
        for media_id, comments in below:
            found += self.reader.comments(comments, media_id)
        return Step(found, tasks, response)

    def answers(self, task: Task, walk: Walk) -> Steps[Step[Answer]]:
        """One call, for what the account wrote to somebody."""
        if task.lane in {"inbox", "messages"}:
            threads, tasks, response = yield from self._threads("answers", task, walk)
            said = [one for found in threads for one in self.reader.told(found)]
            return Step(said, tasks, response, moving=True)
        below, tasks, response = yield from self._comments("answers", task, walk)
        found: list[Answer | Unreadable] = []
        for media_id, comments in below:
            found += self.reader.answers(comments, media_id)
        return Step(found, tasks, response)

    def _comments(
        self, verb: str, task: Task, walk: Walk
    ) -> Steps[tuple[list[tuple[str, list[wire.Comment | Unreadable]]], list[Task], Response]]:
        if task.lane != "media":
            edge = "replies" if task.lane == "replies" else "comments"
            media_id, _, comment_id = task.node.partition("/")
            params = _place(task, fields=wire.COMMENT, limit=50)
            path = f"{comment_id or media_id}/{edge}"
            found, response = yield from self.graph.look(verb, path, wire.Comments, params=params)
            tasks = [*self._deep(found.data, media_id), *self._onward(task, found, walk)]
            return [(media_id, found.data)], tasks, response
        expand = self.expand
        try:
            posts, response = yield from self._posts(verb, task, expand=expand)
        except ServerError:  # "reduce the amount of data": too much for one call
            if not expand:
                raise
            expand = False
            posts, response = yield from self._posts(verb, task, expand=expand)
        known = [one for one in posts.data if not isinstance(one, Unreadable)]
        tasks = [each for post in known for each in self._below(post, walk, expand=expand)]
        newest = max((one.timestamp for one in known), default=None)
        edge_at = self.clock() - self.look_back
        if posts.paging.after and (newest is None or newest >= edge_at):
            tasks.append(Task(lane="media", after=posts.paging.after))
        bad: list[wire.Comment | Unreadable] = [
            one for one in posts.data if isinstance(one, Unreadable)
        ]
        below = [(one.id, one.comments.data) for one in known if one.comments]
        return [*below, ("", bad)], tasks, response

    def _posts(
        self, verb: str, task: Task, *, expand: bool
    ) -> Steps[tuple[wire.MediaList, Response]]:
        below = f",comments.limit(50){{{wire.COMMENT}}}" if expand else ""
        params = _place(task, fields=f"{wire.MEDIA}{below}", limit=25)
        path = f"{self.reader.user_id}/media"
        return (yield from self.graph.look(verb, path, wire.MediaList, params=params))

    def _below(self, post: wire.Media, walk: Walk, *, expand: bool) -> list[Task]:
        """What has to be asked for the comments of a post."""
        if post.comments is None:
            asked = not expand and post.comments_count > 0
            return [Task(lane="comments", node=post.id)] if asked else []
        task = Task(lane="comments", node=post.id)
        return [*self._deep(post.comments.data, post.id), *self._onward(task, post.comments, walk)]

    def _deep(self, found: Sequence[wire.Comment | Unreadable], media_id: str) -> list[Task]:
        """Replies to a comment that did not fit."""
        return [
            Task(lane="replies", node=f"{media_id}/{one.id}", after=one.replies.paging.after)
            for one in found
            if not isinstance(one, Unreadable) and one.replies and one.replies.paging.after
        ]

    def _onward(self, task: Task, found: wire.Comments, walk: Walk) -> list[Task]:
        """The next page, unless nothing on this one is new: not a comment and no reply to one."""
        times = [
            one.timestamp for one in self.reader.flat(found.data) if not isinstance(one, Unreadable)
        ]
        ended = self.newest_first and bool(times) and walk.told(max(times))
        if not found.paging.after or ended:
            return []
        return [task.model_copy(update={"after": found.paging.after})]

    def _threads(
        self, verb: str, task: Task, walk: Walk
    ) -> Steps[tuple[list[list[wire.Said | Unreadable]], list[Task], Response]]:
        if task.lane == "messages":
            params = _place(task, fields=wire.MESSAGE, limit=20)
            path = f"{task.node}/messages"
            one, response = yield from self.graph.look(verb, path, wire.Messages, params=params)
            return [one.data], _next(task, one, walk.deeper()), response
        fields = f"id,updated_time,messages.limit(20){{{wire.MESSAGE}}}"
        params = _place(task, fields=fields, limit=25) | {"platform": "instagram"}
        path = f"{self.inbox_id}/conversations"
        found, response = yield from self.graph.look(verb, path, wire.Threads, params=params)
        known = [one for one in found.data if not isinstance(one, Unreadable)]
        fresh = [one for one in known if not (one.updated_time and walk.told(one.updated_time))]
        tasks: list[Task] = []
        for thread in fresh:
            tasks += _next(Task(lane="messages", node=thread.id), thread.messages, walk.deeper())
        edge = max(filter(None, (walk.floor, self.clock() - self.look_back)))
        times = [one.updated_time for one in known if one.updated_time is not None]
        if found.paging.after and min(times, default=edge) >= edge:
            tasks.append(Task(lane="inbox", after=found.paging.after))
        bad: list[wire.Said | Unreadable] = [
            one for one in found.data if isinstance(one, Unreadable)
        ]
        return [*(one.messages.data for one in fresh), bad], tasks, response


def _next(task: Task, found: wire.Messages, walk: Walk) -> list[Task]:
    times = [one.created_time for one in found.data if not isinstance(one, Unreadable)]
    if not found.paging.after or (times and walk.told(min(times))):
        return []
    return [task.model_copy(update={"after": found.paging.after})]


def _place(task: Task, **params: Any) -> dict[str, Any]:
    return params | ({"after": task.after} if task.after else {})
