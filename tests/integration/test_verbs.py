"""The verbs of both clients, over an invented platform that needs no network."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from pelayanan import Answer, AsyncClient, Author, Check, Client, MediaFile, Mention, Page, Sent
from pelayanan.errors import ConfigError, UnsupportedError
from pelayanan.protocol.capabilities import Capabilities
from pelayanan.protocol.flow import Steps, flow, sleep
from pelayanan.protocol.search import Query

Drive = Callable[..., Any]
AT = datetime(2026, 11, 20, tzinfo=UTC)
SENT = Sent(id="s1", at=AT)
MENTION = Mention(
    platform="uji", id="m1", author=Author(id="w", handle="warga_contoh"), text="?", created_at=AT
)
PHOTO = MediaFile(
    filename="bukti.jpg",
    media_type="image/jpeg",
    alt="Dua karung beras",
    size_bytes=1,
    sha256="",
    width=1,
    height=1,
    open=lambda: open("/dev/null", "rb"),  # noqa: PTH123, SIM115  never opened here
)


class Uji:
    """An account that can do everything, on a platform that remembers what it was asked."""

    name, handle, capabilities = "uji", "dinsos", Capabilities()

    def __init__(self) -> None:
        self.asked: list[Any] = []

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """Three pages, the middle one empty."""
        yield from sleep(0.0)
        number = int((cursor or "uji/1:0").partition(":")[2])
        items = () if number == 1 else (MENTION.model_copy(update={"id": f"m{number}"}),)
        return Page(items, f"uji/1:{number + 1}", more=number < 2)

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """A cursor that stands still."""
        yield from sleep(0.0)
        self.asked.append(cursor)
        answer = Answer(platform="uji", id="a1", to="m1", text="Siap", created_at=AT)
        return Page((answer,), "uji/1:9", more=True)

    @flow
    def search(self, query: str, cursor: str | None = None) -> Steps[Page[Mention]]:
        """Two pages."""
        yield from self._told(query, cursor)
        number = int((cursor or ":0").partition(":")[2])
        item = MENTION.model_copy(update={"id": f"s{number}"})
        return Page((item,), f"{Query.of(query).form('uji')}:{number + 1}", more=number < 1)

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        yield from self._told(mention.id, text, key)
        return SENT

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:
        yield from self._told(mention.id, key, text)
        return None

    @flow
    def publish(self, text: str, media: Sequence[MediaFile] = (), *, key: str) -> Steps[Sent]:
        yield from self._told(text, *media, key)
        return SENT

    @flow
    def find_publication(self, *, key: str, text: str = "") -> Steps[Sent | None]:
        yield from self._told(key, text)
        return SENT

    @flow
    def check(self) -> Steps[Check]:
        yield from sleep(0.0)
        return Check(platform=self.name, handle=self.handle, findings=())

    def _told(self, *what: Any) -> Iterator[Any]:
        self.asked.append(what)
        yield from sleep(0.0)


@pytest.fixture
def uji() -> Uji:
    return Uji()


def test_pages_go_on_from_cursor_to_cursor(drive: Drive, uji: Uji) -> None:
    pages = drive(lambda client: client.pages(uji))
    assert [(len(page.items), page.cursor) for page in pages] == [
        (1, "uji/1:1"),
        (0, "uji/1:2"),
        (1, "uji/1:3"),
    ]
    assert [page.cursor for page in drive(lambda client: client.pages(uji, since="uji/1:2"))] == [
        "uji/1:3"
    ]


def test_mentions_are_the_items_of_the_pages(drive: Drive, uji: Uji) -> None:
    assert [item.id for item in drive(lambda client: client.mentions(uji))] == ["m0", "m2"]


def test_a_search_goes_on_from_cursor_to_cursor(drive: Drive, uji: Uji) -> None:
    form = Query.of("bansos").form("uji")
    assert [item.id for item in drive(lambda client: client.search(uji, "bansos"))] == ["s0", "s1"]
    pages = drive(lambda client: client.search_pages(uji, "bansos", since=f"{form}:1"))
    assert [page.cursor for page in pages] == [f"{form}:2"]
    assert uji.asked == [("bansos", None), ("bansos", f"{form}:1"), ("bansos", f"{form}:1")]


def test_a_cursor_that_stands_still_ends_the_walk(drive: Drive, uji: Uji) -> None:
    assert len(drive(lambda client: client.answer_pages(uji))) == 2
    assert [item.id for item in drive(lambda client: client.answers(uji, since="uji/1:9"))] == [
        "a1"
    ]
    assert uji.asked == [None, "uji/1:9", "uji/1:9"]


def test_reply_and_look_up(drive: Drive, uji: Uji) -> None:
    assert drive(lambda client: client.reply(uji, MENTION, "Siap", key="k")) == SENT
    assert drive(lambda client: client.find_reply(uji, MENTION, key="k", text="Siap")) is None
    assert drive(lambda client: client.find_publication(uji, key="k", text="Bantuan")) == SENT
    assert uji.asked == [("m1", "Siap", "k"), ("m1", "k", "Siap"), ("k", "Bantuan")]


def test_check_is_told(drive: Drive, uji: Uji) -> None:
    assert drive(lambda client: client.check(uji)).ok


def test_a_stripped_file_keeps_its_own_description(drive: Drive, uji: Uji) -> None:
    assert drive(lambda client: client.publish(uji, "Bantuan", media=[PHOTO], key="k")) == SENT
    drive(lambda client: client.publish(uji, "Bantuan", media=[PHOTO], alt=["Beras"], key="k"))
    assert [asked[1].alt for asked in uji.asked] == ["Dua karung beras", "Beras"]


def test_a_path_is_stripped_on_the_way(
    drive: Drive, uji: Uji, monkeypatch: Any, tmp_path: Path
) -> None:
    def stripped_file(path: Path, *, alt: str) -> MediaFile:
        return MediaFile(**{**fields(PHOTO), "filename": path.name, "alt": alt})

    monkeypatch.setattr("pelayanan.media.stripped_file", stripped_file)
    for path in (tmp_path / "a.jpg", str(tmp_path / "a.jpg")):
        drive(lambda c, path=path: c.publish(uji, "", media=[path], alt=[" Beras "], key="k"))
        _, file, _ = uji.asked.pop()
        assert (file.filename, file.alt) == ("a.jpg", "Beras")


@pytest.mark.parametrize("alt", [[], [""], [" "], ["a", "b"]])
def test_nothing_is_published_without_a_description(drive: Drive, uji: Uji, alt: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"alt="):
        drive(lambda client: client.publish(uji, "Bantuan", media=["a.jpg"], alt=alt, key="k"))
    assert uji.asked == []


def test_an_unfinished_walk_needs_no_closing(uji: Uji) -> None:
    async def first() -> str:
        async with AsyncClient() as client:
            async for mention in client.mentions(uji):
                return mention.id
        return ""

    assert [anyio.run(first, backend=name) for name in ("asyncio", "trio")] == ["m0", "m0"]


def test_both_clients_have_the_same_verbs() -> None:
    def verbs(kind: type[Any]) -> dict[str, list[Any]]:
        public = [name for name in vars(kind) if not name.startswith("_")]
        return {name: parameters(getattr(kind, name)) for name in ["__init__", *public]}

    ours = verbs(Client)
    assert ours == verbs(AsyncClient)
    assert {"pages", "mentions", "reply", "answers", "publish", "check", "run"} <= set(ours)


def parameters(function: Any) -> list[Any]:
    """Names, kinds, defaults and types; only `sleep` differs in its type."""
    found = inspect.signature(function).parameters.values()
    return [
        (each.name, each.kind)
        + (() if each.name == "sleep" else (each.default, str(each.annotation)))
        for each in found
    ]


def fields(file: MediaFile) -> dict[str, Any]:
    return {name: getattr(file, name) for name in file.__dataclass_fields__}


def test_what_an_account_cannot_do_is_told_before_anything_is_read(drive: Drive) -> None:
    class Mute:
        name, handle, capabilities = "bisu", "dinsos", Capabilities()

    mute: Any = Mute()
    with pytest.raises(UnsupportedError, match="bisu is no Publisher"):
        drive(lambda client: client.publish(mute, "", media=["gone.jpg"], alt=["x"], key="k"))
