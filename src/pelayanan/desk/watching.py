"""What is watched: words, hashtags and places, on a platform or in a news feed. Never persons."""

from decimal import Decimal
from itertools import product
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pelayanan.errors import ConfigError
from pelayanan.protocol.search import Query

__all__ = ["ListeningConfig", "WatchConfig"]

_MOST = 100  # queries of one watch; each is a call, and many a platform counts them


class ListeningConfig(BaseModel):
    """Attributes: keep_days is how long a signal is kept that nobody took up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_days: int = Field(default=90, ge=1, le=3650)


class WatchConfig(BaseModel):
    """What is listened for, and where.

    A message is heard if it has one of the words or hashtags, and where places are named, one of
    them too.

    Attributes:
        account: Key of the account that asks its platform.
        feed: Address of an RSS or Atom feed, instead of an account.
        words: Each entry a word, or several that must all be there.
        hashtags: With or without ``#``.
        places: Names of places.
        limit: Most pages that are asked for in one run; the next run goes on.
        cost_usd: Most that one run may cost where a platform takes money.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = ""
    feed: str = ""
    words: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    limit: int = Field(default=20, ge=1, le=1000)
    cost_usd: Decimal = Field(default=Decimal(0), ge=0)

    @field_validator("words", "hashtags", "places")
    @classmethod
    def _no_persons(cls, found: tuple[str, ...]) -> tuple[str, ...]:
        for each in found:
            _query(each)
        return found

    @field_validator("hashtags")
    @classmethod
    def _tags(cls, found: tuple[str, ...]) -> tuple[str, ...]:
        tags = tuple(f"#{each.strip().removeprefix('#')}" for each in found)
        for each in tags:
            if len(_query(each).tags) != 1 or _query(each).words:
                raise ValueError("a hashtag is one word: put others into words")
        return tags

    @field_validator("feed")
    @classmethod
    def _address(cls, found: str) -> str:
        from pelayanan.platforms import Feed  # noqa: PLC0415  most configurations name none

        try:
            Feed(found)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return found

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.account) == bool(self.feed):
            raise ValueError("say where: account = a key, or feed = an address, one of them")
        if not self.queries:
            raise ValueError("say what: add words, hashtags or places")
        if len(self.queries) > _MOST:
            many = len(self.queries)
            raise ValueError(f"makes {many} queries, at most {_MOST} are asked: drop some words")
        return self

    @property
    def queries(self) -> tuple[str, ...]:
        """What is asked, one query for each word or hashtag and place."""
        what = (*self.words, *self.hashtags)
        if not (what and self.places):
            return what or self.places
        return tuple(f"{one} {place}" for one, place in product(what, self.places))


def _query(text: str) -> Query:
    try:
        return Query.of(text)
    except ConfigError as error:
        raise ValueError(str(error)) from None
