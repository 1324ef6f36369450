"""The same on the fake network and on the real one (PDS, AppView, Bluesky's own client)."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import httpx
import pytest

from pelayanan import Client, secret
from pelayanan.errors import AuthError, RateLimitError, RejectedError, TooLongError
from pelayanan.platforms import Bluesky
from pelayanan.protocol.capabilities import (
    AnswerSource,
    Checkable,
    MentionSource,
    PublicationFinder,
    Publisher,
    Replier,
    ReplyFinder,
)
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.retry import RetryPolicy
from pelayanan.testing import FakeBluesky
from servers import AtprotoClient, BlueskyAccount, BlueskyNetwork, BlueskyPost

T = TypeVar("T")
POST = "app.bsky.feed.post"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
_names = count(int(time.time()) % 10_000 * 100)


class Town(Protocol):
    """Agencies and citizens, wherever they are."""

    def agency(self, **options: Any) -> Bluesky: ...

    def citizen(self) -> str: ...

    def post(self, who: str, text: str, to: str = "") -> str: ...

    def write(
        self, who: str, texts: Sequence[str], at: Sequence[datetime], agency: str
    ) -> None: ...

    def record(self, uri: str) -> dict[str, Any]: ...

    def under(self, uri: str) -> list[str]: ...

    def client(self, **options: Any) -> Client: ...

    def until(self, look: Callable[[], list[T]], many: int) -> list[T]: ...


class FakeTown:
    def __init__(self) -> None:
        self.network = FakeBluesky()

    def agency(self, **options: Any) -> Bluesky:
        handle = f"dinas-{next(_names)}.test"
        self.network.agency(handle, "sandi")
        url = f"https://{self.network.host}"
        return Bluesky(handle, "sandi", base_url=url, video_url=url, **options)

    def citizen(self) -> str:
        return self.network.citizen(f"warga-{next(_names)}.test").handle

    def post(self, who: str, text: str, to: str = "") -> str:
        return self.network.write(who, text, to)

    def write(self, who: str, texts: Sequence[str], at: Sequence[datetime], agency: str) -> None:
        for text, when in zip(texts, at, strict=True):
            self.network.write(who, f"@{agency} {text}", created_at=when)

    def record(self, uri: str) -> dict[str, Any]:
        (found,) = (post["record"] for post in self.network.posts() if post["uri"] == uri)
        return dict(found)

    def under(self, uri: str) -> list[str]:
        return [post["record"]["text"] for post in self.network.replies(uri)]

    def client(self, **options: Any) -> Client:
        return Client(transport=self.network, **options)

    def until(self, look: Callable[[], list[T]], many: int) -> list[T]:
        return look()


class RealTown:
    def __init__(self, network: BlueskyNetwork, app: AtprotoClient) -> None:
        self.network = network
        self.app = app
        self.people: dict[str, BlueskyAccount] = {}

    def agency(self, **options: Any) -> Bluesky:
        who = self._open("dinas")
        return Bluesky(who.handle, who.password, base_url=self.network.pds, **options)

    def citizen(self) -> str:
        return self._open("warga").handle

    def post(self, who: str, text: str, to: str = "") -> str:
        account = self.people[who]
        post = self.app.reply_as(account, text, to=to) if to else self.app.post_as(account, text)
        self.app.wait_for(account, [post])
        return post.uri

    def write(self, who: str, texts: Sequence[str], at: Sequence[datetime], agency: str) -> None:
        account, did = self.people[who], self.people[agency].did
        index = {"byteStart": 0, "byteEnd": len(agency) + 1}
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": did}
        writes = [
            {
                "$type": "com.atproto.repo.applyWrites#create",
                "collection": POST,
                "value": {
                    "$type": POST,
                    "text": f"@{agency} {text}",
                    "createdAt": when.isoformat().replace("+00:00", "Z"),
                    "facets": [{"index": index, "features": [feature]}],
                },
            }
            for text, when in zip(texts, at, strict=True)
        ]
        made = self._call(account, {"repo": account.did, "writes": writes}, "applyWrites")
        self.app.wait_for(account, [BlueskyPost(one["uri"], one["cid"]) for one in made["results"]])

    def record(self, uri: str) -> dict[str, Any]:
        _, _, repo, collection, rkey = uri.split("/")
        where = {"repo": repo, "collection": collection, "rkey": rkey}
        url = f"{self.network.pds}/xrpc/com.atproto.repo.getRecord"
        found: dict[str, Any] = httpx.get(url, params=where, trust_env=False).json()["value"]
        return found

    def under(self, uri: str) -> list[str]:
        thread = self.app.thread(next(iter(self.people.values())), uri)
        return [each["post"]["record"]["text"] for each in thread.get("replies", [])]

    def client(self, **options: Any) -> Client:
        return Client(**options)

    def until(self, look: Callable[[], list[T]], many: int) -> list[T]:
        """Ask again: the AppView hears of everything a little later."""
        end = time.monotonic() + 30
        while len(found := look()) < many and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _open(self, kind: str) -> BlueskyAccount:
        who = self.network.create(f"{kind}-{next(_names)}")
        self.people[who.handle] = who
        return who

    def _call(self, who: BlueskyAccount, body: dict[str, Any], method: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.network.log_in(who)}"}
        url = f"{self.network.pds}/xrpc/com.atproto.repo.{method}"
        answer = httpx.post(url, json=body, headers=headers, timeout=60, trust_env=False)
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.server)])
def town(request: pytest.FixtureRequest) -> Town:
    if request.param == "fake":
        return FakeTown()
    network = request.getfixturevalue("bluesky_network")
    return RealTown(network, request.getfixturevalue("bluesky_client"))


@pytest.fixture
def client(town: Town) -> Iterator[Client]:
    with town.client() as client:
        yield client


def photo(alt: str, content: bytes = JPEG, kind: str = "image/jpeg") -> MediaFile:
    digest = sha256(content).hexdigest()
    return MediaFile(
        filename="foto.jpg",
        media_type=kind,
        alt=alt,
        size_bytes=len(content),
        sha256=digest,
        width=4,
        height=3,
        open=lambda: BytesIO(content),
    )


def test_it_is_all_that_it_claims_to_be() -> None:
    account = Bluesky("dinsos.example", "sandi")
    kinds = [MentionSource, AnswerSource, Replier, ReplyFinder, Publisher, PublicationFinder]
    assert all(isinstance(account, kind) for kind in [*kinds, Checkable])


def test_what_citizens_write_arrives_once_and_in_order(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    first = town.post(wati, f"@{dinas.handle} bantuan belum sampai 🙏")
    second = town.post(wati, f"@{dinas.handle} jalan rusak")
    town.until(lambda: list(client.mentions(dinas)), 2)
    (page,) = client.pages(dinas)
    assert [mention.id for mention in page.items] == [first, second]
    mention = page.items[0]
    assert mention.author.handle == wati
    assert mention.text == f"@{dinas.handle} bantuan belum sampai 🙏"
    assert (mention.thread, mention.reply_to) == (first, "")
    assert mention.url == f"https://bsky.app/profile/{mention.author.id}/post/{first[-13:]}"
    assert abs(mention.created_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert list(client.mentions(dinas, since=page.cursor)) == []
    third = town.post(wati, f"@{dinas.handle} masih menunggu")
    later = town.until(lambda: list(client.mentions(dinas, since=page.cursor)), 1)
    assert [mention.id for mention in later] == [third]


def test_what_is_said_to_nobody_is_found_by_its_words(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    letters = str.maketrans("0123456789", "ghijklmnop")  # no person's number is searched for
    word = f"jembatan{uuid4().hex[:10]}".translate(letters)
    first = town.post(wati, f"{word} putus sejak Senin")
    town.post(dinas.handle, f"{word} sudah kami cek")
    found = town.until(lambda: list(client.search(dinas, f"{word} putus")), 1)
    assert [each.id for each in found] == [first]
    assert found[0].author.handle == wati
    *_, page = client.search_pages(dinas, f"{word} putus")
    second = town.post(wati, f"{word} putus lagi")
    again = town.until(lambda: list(client.search(dinas, f"{word} putus", since=page.cursor)), 1)
    assert [each.id for each in again] == [second]


def test_a_thread_is_followed_and_own_messages_are_no_mentions(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    uri = town.post(wati, f"@{dinas.handle} kapan cair?")
    (mention,) = town.until(lambda: list(client.mentions(dinas)), 1)
    answer = client.reply(dinas, mention, "Kami cek, mohon tunggu.", key="1")
    town.until(lambda: [each for each in client.answers(dinas) if each.id == answer.id], 1)
    thanks = town.post(wati, f"@{dinas.handle} siap, makasih", to=answer.id)
    town.post(dinas.handle, f"@{dinas.handle} catatan sendiri", to=thanks)
    found = town.until(lambda: list(client.mentions(dinas)), 2)
    assert [(each.id, each.reply_to, each.thread) for each in found] == [
        (uri, "", uri),
        (thanks, answer.id, uri),
    ]


def test_an_answer_stands_once_and_unchanged(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    uri = town.post(wati, f"@{dinas.handle} info bansos?")
    (mention,) = town.until(lambda: list(client.mentions(dinas)), 1)
    assert client.find_reply(dinas, mention, key="k") is None
    text = f"Halo @{wati} 🙏 lihat https://dinsos.example/bansos #PKH, cc @tidak-ada.test"
    sent = client.reply(dinas, mention, text, key="k")
    assert client.reply(dinas, mention, "Teks lain", key="k") == sent
    assert client.find_reply(dinas, mention, key="k") == sent
    assert client.find_reply(dinas, mention, key="lain") is None
    record = town.record(sent.id)
    assert (record["text"], record["langs"]) == (text, ["id"])
    assert record["reply"]["root"] == record["reply"]["parent"]
    marked = [
        (
            text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            facet["features"][0]["$type"].partition("#")[2],
        )
        for facet in record["facets"]
    ]
    assert marked == [
        (f"@{wati}", "mention"),
        ("https://dinsos.example/bansos", "link"),
        ("#PKH", "tag"),
    ]
    assert town.until(lambda: town.under(uri), 1) == [text]


def test_answers_come_from_any_program(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    uris = [town.post(wati, f"@{dinas.handle} pertanyaan {number}") for number in (1, 2)]
    first, _ = town.until(lambda: list(client.mentions(dinas)), 2)
    typed = town.post(dinas.handle, "Sudah kami jawab dari ponsel", to=uris[1])
    town.post(dinas.handle, "Pengumuman, bukan jawaban")
    cursor = [page.cursor for page in client.answer_pages(dinas)][-1]
    sent = client.reply(dinas, first, "Dari pelayanan", key="k")
    found = town.until(lambda: list(client.answers(dinas)), 2)
    assert {(each.id, each.to, each.thread, each.text) for each in found} == {
        (typed, uris[1], uris[1], "Sudah kami jawab dari ponsel"),
        (sent.id, uris[0], uris[0], "Dari pelayanan"),
    }
    assert sent.at in {each.created_at for each in found}
    later = town.until(lambda: list(client.answers(dinas, since=cursor)), 1)
    assert [each.id for each in later] == [sent.id]


def test_a_message_from_a_slow_phone_is_not_lost(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    now = datetime.now(UTC)
    town.write(wati, ["baru"], [now], dinas.handle)
    town.until(lambda: list(client.mentions(dinas)), 1)
    cursor = [page.cursor for page in client.pages(dinas)][-1]
    town.write(wati, ["dari ponsel lambat"], [now - timedelta(minutes=20)], dinas.handle)
    found = town.until(lambda: list(client.mentions(dinas, since=cursor)), 1)
    assert [mention.text for mention in found] == [f"@{dinas.handle} dari ponsel lambat"]


def test_a_phone_that_is_hours_slow_is_heard_within_hours(town: Town) -> None:
    now = datetime.now(UTC)
    clock = [now]
    dinas, wati = town.agency(clock=lambda: clock[0]), town.citizen()
    town.write(wati, ["baru"], [now], dinas.handle)
    with town.client() as client:
        town.until(lambda: list(client.mentions(dinas)), 1)
        cursor = [page.cursor for page in client.pages(dinas)][-1]
        town.write(wati, ["zona waktu salah"], [now - timedelta(hours=8)], dinas.handle)
        clock[0] = now + timedelta(hours=7)
        found = town.until(lambda: list(client.mentions(dinas, since=cursor)), 1)
    assert [mention.text for mention in found] == [f"@{dinas.handle} zona waktu salah"]


def test_pages_lose_and_double_nothing_where_times_are_equal(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    texts = [str(number) for number in range(187)]
    times = [start + timedelta(milliseconds=number // 7) for number in range(187)]
    town.write(wati, texts, times, dinas.handle)
    town.until(lambda: list(client.mentions(dinas)), 187)
    pages = list(client.pages(dinas))
    found = [mention.text.split()[1] for page in pages for mention in page.items]
    assert len(pages) > 1
    assert sorted(found, key=int) == texts
    onward = list(client.mentions(dinas, since=pages[0].cursor))
    assert len(onward) == 187 - len(pages[0].items)


def test_pictures_are_published_once_with_their_description(town: Town, client: Client) -> None:
    dinas = town.agency()
    photos = [photo("Petugas menyerahkan beras"), photo("Gudang beras", JPEG + b"2")]
    assert client.run(dinas.find_publication(key="aid-1")) is None
    sent = client.run(dinas.publish("Beras 10 kg untuk 40 keluarga", photos, key="aid-1"))
    assert client.run(dinas.publish("Lagi", photos, key="aid-1")) == sent
    assert client.run(dinas.find_publication(key="aid-1")) == sent
    embed = town.record(sent.id)["embed"]
    assert embed["$type"] == "app.bsky.embed.images"
    shown = [(each["alt"], each["aspectRatio"]) for each in embed["images"]]
    ratio = {"width": 4, "height": 3}
    assert shown == [("Petugas menyerahkan beras", ratio), ("Gudang beras", ratio)]


def test_a_video_is_published(town: Town, client: Client) -> None:
    dinas = town.agency()
    film = photo("Antrean pembagian", bytes.fromhex("00000018667479706d703432"), "video/mp4")
    naps: list[float] = []
    with town.client(sleep=naps.append) as patient:
        sent = patient.run(dinas.publish("Pembagian hari ini", [film], key="v"))
    embed = town.record(sent.id)["embed"]
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", "Antrean pembagian")
    assert embed["video"]["mimeType"] == "video/mp4"


def test_the_server_counts_as_we_do(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    town.post(wati, f"@{dinas.handle} halo")
    (mention,) = town.until(lambda: list(client.mentions(dinas)), 1)
    family = "👨‍👩‍👧‍👦"  # one grapheme, 25 bytes
    for text in ("a" * 300, family * 100 + "a" * 200):
        client.reply(dinas, mention, text, key=text)
    for text in ("a" * 301, family * 121):
        with pytest.raises(TooLongError):
            client.reply(dinas, mention, text, key="panjang")
    assert client.find_reply(dinas, mention, key="panjang") is None


def test_a_stored_session_saves_the_login(town: Town, tmp_path: Path) -> None:
    place = tmp_path / "sesi"
    place.write_text("baru")
    place.chmod(0o600)
    logins: list[str] = []
    dinas = town.agency(session=secret(f"file:{place}"))
    wati = town.citizen()
    town.post(wati, f"@{dinas.handle} halo")
    with town.client(on_call=lambda call: logins.append(call.operation)) as client:
        town.until(lambda: list(client.mentions(dinas)), 1)
        assert logins.count("bluesky.login") == 1
        assert json.loads(place.read_text())["handle"] == dinas.handle
        logins.clear()
        options = {"base_url": vars(dinas)["_server"].base_url, "video_url": ""}
        again = Bluesky(dinas.handle, "salah", session=secret(f"file:{place}"), **options)
        assert len(list(client.mentions(again))) == 1
        kept = place.read_text()
        assert client.check(again).ok
        assert "bluesky.login" not in logins
        assert "bluesky.refresh" in logins
        assert place.read_text() != kept


def test_a_wrong_password_is_told_with_its_remedy(town: Town, client: Client) -> None:
    dinas = town.agency()
    options = {"base_url": vars(dinas)["_server"].base_url}
    wrong = Bluesky(dinas.handle, "salah-sekali", **options)
    with pytest.raises(AuthError) as caught:
        list(client.mentions(wrong))
    assert "administrator" in caught.value.remedy
    assert "salah-sekali" not in f"{caught.value!r}{caught.value}"
    check = client.check(wrong)
    assert [(finding.name, finding.ok) for finding in check.findings] == [("token", False)]


def test_the_check_finds_a_good_account_good(town: Town, client: Client) -> None:
    check = client.check(town.agency())
    assert check.ok
    assert [each.name for each in check.findings] == ["token", "session", "limits", "clock"]


def test_what_the_server_does_not_take_is_rejected(town: Town, client: Client) -> None:
    dinas, wati = town.agency(), town.citizen()
    town.post(wati, f"@{dinas.handle} halo")
    (mention,) = town.until(lambda: list(client.mentions(dinas)), 1)
    broken = mention.model_copy(update={"ref": {**mention.ref, "cid": "bukan-cid"}})
    with pytest.raises(RejectedError):
        client.reply(dinas, broken, "Halo", key="k")


@pytest.mark.server
def test_the_real_limit_tells_when_to_come_back(bluesky_limited: BlueskyNetwork) -> None:
    dinas = bluesky_limited.dinas
    account = Bluesky(dinas.handle, "salah", base_url=bluesky_limited.pds)
    with Client(retry=RetryPolicy(ceiling=1.0)) as client:
        for _ in range(30):
            with pytest.raises(AuthError):
                client.run(account.mentions())
        with pytest.raises(RateLimitError) as caught:
            client.run(account.mentions())
    assert caught.value.retry_after
    assert 1.0 < caught.value.retry_after <= 300.0
