"""Cases as columns of one length: what the tally counts."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

__all__ = ["Columns", "Later"]

Seconds = npt.NDArray[np.int64]
Texts = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Later:
    """Clocks after a reopening; `case` is the row of the case in its columns."""

    case: Seconds
    opened: Seconds
    answered: Seconds
    left: Seconds
    left_how: Texts

    @classmethod
    def none(cls) -> Self:
        """No case was reopened."""
        never = np.empty(0, np.int64)
        return cls(never, never, never, never, np.empty(0, np.str_))


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
    """

    opened: Seconds
    answered: Seconds
    left: Seconds
    left_how: Texts
    agency: Texts
    kind: Texts
    channel: Texts
    excluded: Texts
    contacts: Seconds
    reopened: Seconds
    triage: Texts
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
        zero, never = np.zeros(size, np.int64), np.full(size, -1, np.int64)
        empty, no = np.zeros(size, "U1"), np.zeros(size, np.bool_)
        contacts = more.get("contacts", zero)
        base: dict[str, Any] = {
            "opened": opened,
            "answered": never if answered is None else answered,
            "left": never,
            "left_how": empty,
            "agency": agency,
            "kind": kind,
            "channel": empty,
            "excluded": empty,
            "triage": kind,
            "resolved": never if resolved is None else resolved,
            "first_contact": contacts == 0,
            "waits_for_citizen": no,
            "later": Later.none(),
        }
        counts: dict[str, Any] = {each.name: zero for each in fields(cls) if each.name not in base}
        return cls(**(counts | base | more))

    def __add__(self, other: "Columns") -> "Columns":
        """The cases of both."""
        moved = replace(other.later, case=other.later.case + len(self))
        joined = {
            each.name: np.concatenate([getattr(self, each.name), getattr(other, each.name)])
            for each in fields(self)
            if each.name != "later"
        }
        later = {
            each.name: np.concatenate([getattr(self.later, each.name), getattr(moved, each.name)])
            for each in fields(moved)
        }
        return Columns(**joined, later=Later(**later))
