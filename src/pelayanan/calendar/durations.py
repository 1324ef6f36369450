"""How long a standard allows: working days or working time."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["WorkingDays", "WorkingTime"]


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A number of working days (`hari kerja`), 1 or more. Day 0 is the day of receipt.

    Source:
        score.md, 2: "n days" ends with the last second of the n-th working day after that day.
    """

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"WorkingDays takes 1 or more, not {self.n}")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """An amount of working time in whole seconds, 1 second or more."""

    duration: timedelta

    def __post_init__(self) -> None:
        if self.duration < timedelta(seconds=1) or self.duration.microseconds:
            raise ValueError(f"WorkingTime takes whole seconds, 1 or more, not {self.duration}")

    @property
    def seconds(self) -> int:
        """The same in seconds."""
        return self.duration // timedelta(seconds=1)
