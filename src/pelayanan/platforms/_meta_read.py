"""Small tools for reading what nobody has promised the shape of."""

from datetime import UTC, datetime
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, model_validator

__all__ = ["Instant", "Told", "as_dict", "as_text"]


class Told(BaseModel):
    """A shape in which null says no more than absence: Meta writes either."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, told: Any) -> Any:
        known = as_dict(told)
        empty = None in known.values()
        return {name: it for name, it in known.items() if it is not None} if empty else told


def as_dict(value: object) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """The value where it is text, trimmed; else nothing."""
    return value.strip() if isinstance(value, str) else ""


def _instant(value: object) -> object:
    """Seconds or milliseconds of Unix, as number or text, or ISO 8601 as Meta writes it."""
    text = str(value)
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text) / (1000 if len(text) > 11 else 1), UTC)
        found = datetime.fromisoformat(text)
    except (OSError, OverflowError, ValueError):
        raise ValueError("no time") from None
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found


Instant = Annotated[datetime, BeforeValidator(_instant)]
