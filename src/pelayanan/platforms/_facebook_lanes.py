"""The listings of a Page that are walked for messages and for answers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pelayanan.errors import ServerError
from pelayanan.models import Answer, Mention
from pelayanan.platforms import _facebook as wire
from pelayanan.platforms import _facebook_read as read
from pelayanan.platforms._meta import Graph
from pelayanan.platforms._meta_walk import Step, Task, Walk
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Unreadable
from pelayanan.protocol.request import Response

__all__ = ["LANES", "Lanes"]

T = TypeVar("T", Mention, Answer)

LANES = ("feed", "tagged", "inbox")
_BELOW = f"comments.filter(stream).order(reverse_chronological).limit(50){{{wire.COMMENT}}}"


class Lanes:
    """Makes the calls of walks over one Page.

    Args:
        look_back: How old a post may be whose comments are still looked through.
        expand: Whether a call for posts brings their comments; else each post is asked.
    """

    def __init__(
        self,
        graph: Graph,
        page_id: str,
        look_back: timedelta,
        clock: Callable[[], datetime],
        *,
        expand: bool,
    ) -> None:
        self._graph = graph
        self._page_id = page_id
        self._look_back = look_back
        self._clock = clock
        self._expand = expand

    def mentions(self, task: Task, walk: Walk) -> Steps[Step[Mention]]:
        """One call, for what others wrote."""
        if task.lane in {"inbox", "messages"}:
            threads, tasks, response = yield from self._threads("mentions", task, walk)
            said = [one for found in threads for one in read.chat_mentions(found, self._page_id)]
            return Step(said, tasks, response, moving=True)
        if task.lane == "comments":
            comments, tasks, response = yield from self._below("mentions", task, walk)
            return Step([*self._of_others(comments, task.node)], tasks, response)
        posts, tasks, response = yield from self._posts("mentions", task, walk)
        found: list[Mention | Unreadable] = []
        for post in posts:
            if isinstance(post, Unreadable):
                found.append(post)
                continue
            if not post.by(self._page_id):
                found.append(read.post_mention(post))
            found += self._of_others(post.comments.data, post.id)
        return Step(found, tasks, response)

    def answers(self, task: Task, walk: Walk) -> Steps[Step[Answer]]:
        """One call, for what the Page wrote to somebody."""
        if task.lane in {"inbox", "messages"}:
            threads, tasks, response = yield from self._threads("answers", task, walk)
            said = [one for found in threads for one in read.chat_answers(found, self._page_id)]
            return Step(said, tasks, response, moving=True)
        if task.lane == "comments":
            comments, tasks, response = yield from self._below("answers", task, walk)
            return Step([*self._of_page(comments, task.node, own=False)], tasks, response)
        posts, tasks, response = yield from self._posts("answers", task, walk)
        found: list[Answer | Unreadable] = []
        for post in posts:
            if isinstance(post, Unreadable):
                found.append(post)
            else:
                own = post.by(self._page_id)
                found += self._of_page(post.comments.data, post.id, own=own)
        return Step(found, tasks, response)

    def _of_others(
        self, comments: Sequence[wire.Comment | Unreadable], post_id: str
    ) -> Iterator[Mention | Unreadable]:
        for one in comments:
            if isinstance(one, Unreadable):
                yield one
            elif not one.by(self._page_id):
                yield read.comment_mention(one, post_id)

    def _of_page(
        self, comments: Sequence[wire.Comment | Unreadable], post_id: str, *, own: bool
    ) -> Iterator[Answer | Unreadable]:
        """What the Page wrote; a comment on its own post that answers nobody is passed over."""
        for one in comments:
            if isinstance(one, Unreadable):
                yield one
            elif one.by(self._page_id) and (one.parent or not own):
                yield read.comment_answer(one, post_id)

    def _posts(
        self, verb: str, task: Task, walk: Walk
    ) -> Steps[tuple[list[wire.Post | Unreadable], list[Task], Response]]:
        below = task.lane == "feed"
        expand = below and self._expand
        try:
            found, response = yield from self._listed(verb, task, expand=expand)
        except ServerError:  # "reduce the amount of data": a busy Page is too much for one call
            if not expand:
                raise
            expand = False
            found, response = yield from self._listed(verb, task, expand=expand)
        known = [one for one in found.data if not isinstance(one, Unreadable)]
        tasks = [
            Task(lane="comments", node=post.id, after=post.comments.paging.after)
            for post in known
            if (below and not expand)
            or (post.comments.paging.after and not _all_told(post.comments.data, walk))
        ]
        newest = max((one.created_time for one in known), default=None)
        edge = self._clock() - self._look_back
        if found.paging.after and (newest is None or newest >= edge):
            tasks.append(Task(lane=task.lane, after=found.paging.after))
        return found.data, tasks, response

    def _listed(self, verb: str, task: Task, *, expand: bool) -> Steps[tuple[wire.Posts, Response]]:
        params = _place(task, fields=f"{wire.POST},{_BELOW}" if expand else wire.POST, limit=25)
        path = f"{self._page_id}/{task.lane}"
        return (yield from self._graph.look(verb, path, wire.Posts, params=params))

    def _below(
        self, verb: str, task: Task, walk: Walk
    ) -> Steps[tuple[list[wire.Comment | Unreadable], list[Task], Response]]:
        order = {"filter": "stream", "order": "reverse_chronological"}
        params = _place(task, fields=wire.COMMENT, limit=100) | order
        path = f"{task.node}/comments"
        found, response = yield from self._graph.look(verb, path, wire.Comments, params=params)
        return found.data, _onward(task, found.data, found.paging.after, walk), response

    def _threads(
        self, verb: str, task: Task, walk: Walk
    ) -> Steps[tuple[list[list[wire.Message | Unreadable]], list[Task], Response]]:
        if task.lane == "messages":
            params = _place(task, fields=wire.MESSAGE, limit=50)
            path = f"{task.node}/messages"
            one, response = yield from self._graph.look(verb, path, wire.Messages, params=params)
            onward = _onward(task, one.data, one.paging.after, walk.deeper())
            return [one.data], onward, response
        params = _place(task, fields=wire.THREAD, limit=25) | {"platform": "messenger"}
        path = f"{self._page_id}/conversations"
        found, response = yield from self._graph.look(verb, path, wire.Threads, params=params)
        known = [one for one in found.data if not isinstance(one, Unreadable)]
        fresh = [one for one in known if not (one.updated_time and walk.told(one.updated_time))]
        tasks = [
            Task(lane="messages", node=one.id, after=one.messages.paging.after)
            for one in fresh
            if one.messages.paging.after and not _all_told(one.messages.data, walk.deeper())
        ]
        edge = max(filter(None, (walk.floor, self._clock() - self._look_back)))
        times = [one.updated_time for one in known if one.updated_time is not None]
        if found.paging.after and min(times, default=edge) >= edge:
            tasks.append(Task(lane="inbox", after=found.paging.after))
        bad: list[wire.Message | Unreadable] = [
            one for one in found.data if isinstance(one, Unreadable)
        ]
        return [*(one.messages.data for one in fresh), bad], tasks, response


def _place(task: Task, **params: Any) -> dict[str, Any]:
    return params | ({"after": task.after} if task.after else {})


def _onward(
    task: Task,
    found: Sequence[wire.Comment | wire.Message | Unreadable],
    after: str,
    walk: Walk,
) -> list[Task]:
    """The next page of the same list, unless all that comes was told before."""
    if not after or _all_told(found, walk):
        return []
    return [task.model_copy(update={"after": after})]


def _all_told(found: Sequence[wire.Comment | wire.Message | Unreadable], walk: Walk) -> bool:
    times = [one.created_time for one in found if not isinstance(one, Unreadable)]
    return bool(times) and walk.told(min(times))
