"""What every record is: frozen, compared by value, returned by a web framework as it is."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Record"]


class Record(BaseModel):
    """A value. Unknown fields are ignored, so that old programs read what newer ones stored."""

    model_config = ConfigDict(frozen=True)
