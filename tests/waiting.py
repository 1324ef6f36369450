"""Waits for what another process does in a moment of its own."""

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["until"]

T = TypeVar("T")
_PATIENCE_S = 120.0  # only what never happens takes so long, also on a machine that is busy


def until(look: Callable[[], T], what: str) -> T:
    """What `look` finds, once that is something; `what` is awaited in vain says the error."""
    end = time.monotonic() + _PATIENCE_S
    while not (found := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"after {_PATIENCE_S:.0f} s still no {what}")
        time.sleep(0.02)
    return found
