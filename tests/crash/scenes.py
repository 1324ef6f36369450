"""What the workers are killed over: towns with many messages, and what must hold afterwards."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx
from sqlalchemy import select

from crash.workers import workspace
from pelayanan.desk import Config, Desk
from pelayanan.reply import Draft, DraftState
from pelayanan.store.tables import messages
from servers import BlueskyPost
from towns import AGENCIES, FakeTown, RealTown, Town, config

__all__ = ["Crowd", "FakeScene", "RealScene", "Scene", "crowd", "kept", "open_desk"]

FIRST = 110  # messages to the first agency: more than a page
OTHERS = 15
NATIVE = 12  # answers that officers gave in the app
PEOPLE = 20


class Scene(Protocol):
    """A town, and ways to see what stands there at once."""

    town: Town

    def place(self, folder: Path) -> Config:
        """A fresh workspace that workers can open."""
        ...

    def standing(self, agency: str) -> "Counter[str]":
        """The texts of all posts of an agency."""
        ...

    def trip(self) -> None:
        """Let the server go wrong, where it can be told to."""
        ...

    def thread(self, uri: str, sent_ids: list[str]) -> list[str]:
        """What a reader sees right under a post, once `sent_ids` are known to the reader."""
        ...


class FakeScene:
    """The fake network in a folder, which loses an acknowledgement now and then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "world"
        self.town: Town = FakeTown(self._folder)

    def place(self, folder: Path) -> Config:
        made = config(self.town, folder)
        workspace(made, ("bluesky", self._folder))
        return made

    def standing(self, agency: str) -> "Counter[str]":
        assert isinstance(self.town, FakeTown)
        posts = self.town.network.posts(self.town.accounts[agency][0])
        return Counter(post["record"]["text"] for post in posts)

    def trip(self) -> None:
        assert isinstance(self.town, FakeTown)
        self.town.network.fault("lost_reply", after=3)

    def thread(self, uri: str, sent_ids: list[str]) -> list[str]:
        del sent_ids
        return self.town.replies(uri)


class RealScene:
    """The real network."""

    def __init__(self, town: RealTown) -> None:
        self.town: Town = town
        self._real = town
        self._waited: set[str] = set()

    def place(self, folder: Path) -> Config:
        made = config(self.town, folder)
        workspace(made, None)
        return made

    def standing(self, agency: str) -> "Counter[str]":
        found: Counter[str] = Counter()
        handle, cursor = self.town.accounts[agency][0], ""
        while True:
            asked = {"repo": handle, "collection": "app.bsky.feed.post", "limit": "100"}
            asked |= {"cursor": cursor} if cursor else {}
            url = f"{self.town.base_url}/xrpc/com.atproto.repo.listRecords"
            page = httpx.get(url, params=asked, timeout=30, trust_env=False).json()
            found.update(record["value"]["text"] for record in page["records"])
            cursor = page.get("cursor", "")
            if not cursor:
                return found

    def trip(self) -> None:
        """The real server is not told when to fail."""

    def thread(self, uri: str, sent_ids: list[str]) -> list[str]:
        late = [each for each in sent_ids if each not in self._waited]
        self._real.app.wait_for(self._real.network.warga, [BlueskyPost(each, "") for each in late])
        self._waited.update(late)
        return self.town.replies(uri)


class Crowd:
    """What citizens wrote.

    Attributes:
        uris: Of each agency's messages.
        native: How many of them officers answered in the app.
    """

    def __init__(self) -> None:
        self.uris: dict[str, list[str]] = {}
        self.native = 0

    @property
    def total(self) -> int:
        return sum(map(len, self.uris.values()))


def crowd(town: Town, *, first: int = FIRST, others: int = OTHERS, native: int = NATIVE) -> Crowd:
    """Many citizens, each with one message to an agency; some get an answer in the app."""
    made = Crowd()
    people = [town.citizen(f"warga{number}") for number in range(PEOPLE)]
    for key in AGENCIES:
        handle, count = town.accounts[key][0], first if key == AGENCIES[0] else others
        made.uris[key] = [
            town.post(people[number % len(people)], f"@{handle} pesan {number}: kapan dijawab?")
            for number in range(count)
        ]
    for uri in made.uris[AGENCIES[0]][:native]:
        town.native(AGENCIES[0], uri, "Petugas Dinas Contoh datang besok pukul 9.")
        made.native += 1
    town.settle()
    return made


def open_desk(scene: Scene, made: Config) -> Desk:
    """The test's own desk on a workspace of workers."""
    return Desk.open(made, transport=scene.town.transport)


def kept(desk: Desk, direction: str = "in") -> "Counter[str]":
    """How often each message is kept, by the platform's id."""
    asked = select(messages.c.native_id).where(messages.c.direction == direction)
    with desk.store.reading() as connection:
        return Counter(str(each) for each in connection.scalars(asked))


def once(standing: Callable[[str], "Counter[str]"], drafts: list[Draft]) -> list[str]:
    """Drafts whose state and place on the server do not fit; empty when all is well."""
    counted = {key: standing(key) for key in {draft.account.split("-")[0] for draft in drafts}}
    wrong: list[str] = []
    for draft in drafts:
        times = counted[draft.account.split("-")[0]][draft.text]
        if times > 1 or (draft.state.done and times != 1):
            wrong.append(f"{draft.state}: {times} times")
        if draft.state in {DraftState.DRAFTED, DraftState.REFUSED} and times:
            wrong.append(f"{draft.state}, but it stands")
    return wrong
