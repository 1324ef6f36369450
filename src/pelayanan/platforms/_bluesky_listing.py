"""What Bluesky lists to an account, read by the thousand.

So these shapes are dictionaries: pydantic checks them all the same, in two thirds of the time that
objects take.
"""

from typing import NotRequired

from pydantic import AwareDatetime, BaseModel
from typing_extensions import TypedDict  # that of `typing` tells pydantic too little before 3.12

from pelayanan.platforms._bluesky import Embed, OrNone
from pelayanan.protocol.page import Items


class RefDict(TypedDict):
    uri: str
    cid: str


class ThreadDict(TypedDict):
    root: NotRequired[RefDict | None]
    parent: NotRequired[RefDict | None]


PostDict = TypedDict(
    "PostDict",
    {
        "$type": NotRequired[str],
        "text": str,
        "reply": NotRequired[OrNone[ThreadDict]],
        "embed": NotRequired[OrNone[Embed]],
    },
)


class LabelDict(TypedDict):
    src: str
    val: str


class AuthorDict(TypedDict):
    did: str
    handle: str
    displayName: NotRequired[str | None]
    labels: NotRequired[OrNone[list[LabelDict]]]


class Notification(TypedDict):
    uri: str
    cid: str
    author: AuthorDict
    reason: NotRequired[str]
    record: PostDict
    indexedAt: AwareDatetime


class Posts(BaseModel):
    posts: Items[Notification]  # a post that is found is shown like one that is told
    cursor: str | None = None


class Listing(BaseModel):
    notifications: Items[Notification]
    cursor: str | None = None
