"""Walks several listings of one account, one call a page, and goes on where it was cut short.

What is written below old posts moves no listing, so that each walk looks at the posts of some weeks
and keeps what is newer than its floor: when the walk before began, less an overlap. Times are the
server's. Being told twice changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Generic, Self, TypeVar

from pydantic import AwareDatetime, Field

from pelayanan.errors import AuthError, NotFoundError, PolicyError, RejectedError
from pelayanan.models import Answer, Mention
from pelayanan.platforms._meta_read import Told
from pelayanan.protocol.flow import Steps
from pelayanan.protocol.page import Cursor, Page, Unreadable
from pelayanan.protocol.request import Response

__all__ = ["OVERLAP", "Paging", "Step", "Task", "Walk", "advance"]

T = TypeVar("T", Mention, Answer)

OVERLAP = timedelta(minutes=30)
_FRESH = timedelta(hours=1)  # Meta: places in a listing soon become invalid, and are not to be kept
_TASKS = 500  # that a cursor keeps; beyond them the next walk comes by again


class _Cursors(Told):
    after: str = ""


class Paging(Told):
    """Where a listing of the Graph API goes on."""

    cursors: _Cursors = _Cursors()
    next: str | None = None

    @property
    def after(self) -> str:
        """The place of the next page; empty at the end. An empty page is not the end."""
        return self.cursors.after if self.next else ""


class Task(Told):
    """One call: a listing, of the account or of a `node`, from a place on."""

    lane: str
    node: str = ""
    after: str = ""


class Walk(Cursor):
    """Where a walk stands.

    Attributes:
        mark: When the last whole walk began.
        begun: When this one did.
        floor: What is older was told before; ``None`` is the first walk.
        past: The floor of the walk before.
        paged: When the last page came.
        todo: What is left of it.
    """

    mark: AwareDatetime | None = None
    begun: AwareDatetime | None = None
    floor: AwareDatetime | None = None
    past: AwareDatetime | None = None
    paged: AwareDatetime | None = None
    todo: list[Task] = Field(default=[])

    def told(self, at: datetime) -> bool:
        """Whether what was written then belongs to a walk before."""
        return self.floor is not None and at < self.floor

    def deeper(self) -> Self:
        """The same for a list whose items move to its top.

        One that moved while the walk before was cut short was passed by, with all that is new in
        it since the floor of that walk.
        """
        return self.model_copy(update={"floor": self.past})

    def begin(self, lanes: Sequence[str]) -> Self:
        """This walk, or where it is over a new one."""
        if self.todo:
            return self
        floor = self.mark - OVERLAP if self.mark else None
        tasks = [Task(lane=lane) for lane in lanes]
        return self.model_copy(update={"begun": None, "floor": floor, "todo": tasks})

    def rest(self, tasks: Sequence[Task], now: datetime) -> Self:
        """What is left after a step."""
        begun, todo = self.begun or now, [*tasks, *self.todo[1:]][:_TASKS]
        if todo:
            return self.model_copy(update={"begun": begun, "paged": now, "todo": todo})
        return type(self)(mark=begun, past=self.floor)


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """What one call brought: records, and what has to be asked next.

    Attributes:
        moving: Whether it is of a list whose items move to its top.
    """

    found: Sequence[T | Unreadable] = ()
    tasks: Sequence[Task] = field(default=())
    response: Response | None = None
    moving: bool = False


def advance(
    form: str,
    cursor: str | None,
    lanes: Sequence[str],
    take: Callable[[Task, Walk], Steps[Step[T]]],
    now: datetime,
) -> Steps[Page[T]]:
    """Make the next step of a walk.

    Args:
        form: Platform and format of the cursor.
        cursor: Where the walk stands.
        lanes: The listings that a new walk begins with.
        take: Makes a task's call.
        now: Stands in where the server tells no time.
    """
    walk = Walk.resume(form, cursor).begin(lanes)
    try:
        done = yield from take(walk.todo[0], walk)
    except (NotFoundError, RejectedError) as error:
        done = _without(walk, error, now)
    except AuthError as error:  # each listing has a permission of its own
        error.args = (f"{error.args[0]}; asked for {walk.todo[0].lane}",)
        raise
    rest = walk.rest(done.tasks, _date(done.response) or now)
    seen = walk.deeper() if done.moving else walk
    items = {
        item.id: item
        for item in reversed(done.found)  # newest first: those of one second keep their order
        if not isinstance(item, Unreadable) and not seen.told(item.created_at)
    }
    unreadable = tuple(item for item in done.found if isinstance(item, Unreadable))
    ordered = tuple(sorted(items.values(), key=lambda item: item.created_at))
    cursor = rest.to_text(form)
    return Page(ordered, cursor, more=bool(rest.todo), unreadable=unreadable)


def _without(walk: Walk, error: NotFoundError | RejectedError, now: datetime) -> Step[Any]:
    """How a walk goes on where a listing is refused.

    A walk that was cut short may find the place where it was void: that listing begins anew. A post
    or conversation may be gone, or a right is missing: Meta does not say, and the others go on.
    """
    task = walk.todo[0]
    stale = walk.paged is None or now - walk.paged > _FRESH
    if task.after and stale and not isinstance(error, (NotFoundError, PolicyError)):
        return Step(tasks=[task.model_copy(update={"after": ""})])
    if not task.node or isinstance(error, PolicyError):
        raise error
    told = f"what stands below it is gone or out of sight: {error}"
    return Step([Unreadable(task.node, told)])


def _date(response: Response | None) -> datetime | None:
    told = response.headers.get("date", "") if response else ""
    try:
        return parsedate_to_datetime(told).astimezone(UTC)
    except ValueError:
        return None
