"""Cases as columns of one length: what the tally counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from pelayanan.calendar.tables import Readings
from pelayanan.errors import ConfigError
from pelayanan.score.coded import Coded

__all__ = ["INSTANTS", "Columns", "Later", "Read"]

Seconds: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = Coded | npt.NDArray[np.str_] | Iterable[str]

INSTANTS = ("opened", "answered", "left", "resolved")


@dataclass(frozen=True, slots=True)
class Read:
    """What a calendar says of the instants of cases, so that nobody need ask it again.

    Attributes:
        calendar_rev: `WorkCalendar.version` of that calendar.
        of: By name of the instant. Of `opened` its `days_before` is not looked at, of the others
            `days_through` and `local_day` are not; nor is anything of an instant that never was.
    """

    calendar_rev: str
    of: Mapping[str, Readings[Seconds]]

    def check(self, calendar_rev: str) -> None:
        """Raise `ConfigError` where another calendar was read."""
        if self.calendar_rev != calendar_rev:
            raise ConfigError(
                f"readings are of calendar {self.calendar_rev[:60]!r}, counted is by "
                f"{calendar_rev!r}: read the instants again, or leave the readings out"
            )


@dataclass(frozen=True, slots=True)
class Later:
    """Clocks after a reopening; `case` is the row of the case in its columns."""

    case: Seconds
    opened: Seconds
    answered: Seconds
    left: Seconds
    left_how: Coded

    def __len__(self) -> int:
        return len(self.case)

    def __getitem__(self, rows: slice | Seconds) -> "Later":
        return Later(*(_rows(getattr(self, each.name), rows) for each in fields(self)))

    def in_order(self) -> "Later":
        """By case, then in the order of their openings."""
        return self[np.lexsort((self.opened, self.case))]

    @classmethod
    def none(cls) -> Self:
        """No case was reopened."""
        never = np.empty(0, np.int64)
        return cls(never, never, never, never, Coded.of([]))


@dataclass(frozen=True, slots=True)
class Columns:
    """Cases as columns of one length; instants in UTC epoch seconds, -1 is never.

    Attributes:
        opened: Of the first clock, as `answered`, `left`, `left_how` and `resolved` are.
        triage: The kind that triage gave: what is excluded is printed under it.
        excluded: Why it is not counted, ``""`` if it is.
        first_contact: No message of the citizen after the first one, up to `resolved`.
        waits_for_citizen: An answer asked for something and no message has followed.
        paused_resolved: Working days that the limit for `resolved` leaves out.
        paused_now: The same for the limit as of now.
        before_handover_s: Seconds until the hand-overs that stand.
        later: Clocks after reopenings.
        read: Readings of the instants, where they are known.
    """

    opened: Seconds
    answered: Seconds
    left: Seconds
    left_how: Coded
    agency: Coded
    kind: Coded
    channel: Coded
    excluded: Coded
    contacts: Seconds
    reopened: Seconds
    triage: Coded
    resolved: Seconds
    first_contact: Flags
    waits_for_citizen: Flags
    paused_resolved: Seconds
    paused_now: Seconds
    promises_due: Seconds
    promises_kept: Seconds
    handed_over: Seconds
    handed_wrong: Seconds
    handed_slow: Seconds
    before_handover_s: Seconds
    later: Later
    read: Read | None = None

    def __len__(self) -> int:
        return len(self.opened)

    @classmethod
    def simple(
        cls,
        *,
        opened: Seconds,
        agency: Texts,
        kind: Texts,
        answered: Seconds | None = None,
        resolved: Seconds | None = None,
        **more: Any,
    ) -> Self:
        """Cases without reopenings, promises and hand-overs; what is left out never happened."""
        size = len(opened)
        zero, never = (np.broadcast_to(np.int64(number), size) for number in (0, -1))
        empty = Coded.full("", size)
        no, yes = (np.broadcast_to(flag, size) for flag in (np.False_, np.True_))
        contacts, kinds = more.get("contacts"), _coded(kind)
        texts = {"agency": agency, "kind": kinds, "channel": empty, "excluded": empty}
        texts |= {"left_how": empty, "triage": kinds}
        base: dict[str, Any] = {
            "opened": opened,
            "answered": never if answered is None else answered,
            "left": never,
            "resolved": never if resolved is None else resolved,
            "first_contact": yes if contacts is None else contacts == 0,
            "waits_for_citizen": no,
            "later": Later.none(),
            "read": None,
        }
        base |= {name: _coded(more.pop(name, text)) for name, text in texts.items()}
        counts: dict[str, Any] = {each.name: zero for each in fields(cls) if each.name not in base}
        return cls(**(counts | base | more))

    def __add__(self, other: "Columns") -> "Columns":
        """The cases of both; readings are not kept."""
        moved = replace(other.later, case=other.later.case + len(self))
        joined = {
            each.name: _joined(getattr(self, each.name), getattr(other, each.name))
            for each in fields(self)
            if each.name not in {"later", "read"}
        }
        later = {
            each.name: _joined(getattr(self.later, each.name), getattr(moved, each.name))
            for each in fields(moved)
        }
        return Columns(**joined, later=Later(**later))


def _coded(texts: Texts) -> Coded:
    return texts if isinstance(texts, Coded) else Coded.of(texts)


def _rows(column: Any, rows: slice | Seconds) -> Any:
    return Coded(column.names, column.code[rows]) if isinstance(column, Coded) else column[rows]


def _joined(mine: Any, theirs: Any) -> Any:
    return mine + theirs if isinstance(mine, Coded) else np.concatenate([mine, theirs])
