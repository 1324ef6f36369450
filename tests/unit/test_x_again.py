"""X: what stands is found again, however X shows it, and nothing is written twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.errors import UnsupportedError
from pelayanan.models import Author, Mention
from pelayanan.platforms import X
from pelayanan.platforms._x import id_of
from pelayanan.protocol.request import Response
from pelayanan.testing import FakeX, answer, replay

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
US = "1550000000000000001"
ANSWERS = [
    "Bawa KTP & KK, lalu <isi> formulir.",
    "Formulir (lapor.go.id/a) ada di kantor.",
    "Isi https://lapor.go.id/?id=1&copy=2 & kirim",
    "Baca “https://lapor.go.id/a/”, ya",
    "Silakan ke kafe\u0301 layanan.",  # typed in two signs, which X makes one
]


def account(**more: Any) -> X:
    return X("dinsos_contoh", "akses", **{"user_id": US, "clock": lambda: NOW, **more})


@pytest.fixture
def fake() -> FakeX:
    seconds: Iterator[datetime] = (NOW + timedelta(seconds=n) for n in range(1_000_000))
    return FakeX(clock=lambda: next(seconds))


@pytest.fixture
def client(fake: FakeX) -> Client:
    return Client(transport=fake, sleep=lambda _: None)


@pytest.mark.parametrize("text", ANSWERS)
@pytest.mark.parametrize("private", [False, True])
def test_an_answer_stands_once_whatever_signs_it_has(
    fake: FakeX, client: Client, text: str, *, private: bool
) -> None:
    wati = fake.citizen("wati_contoh")
    _ = wati.message("halo") if private else wati.post("@dinsos_contoh halo")
    (read,) = client.mentions(account())
    ids = {client.reply(account(), read, text, key="k").id for _ in range(2)}
    assert len(ids) == len(fake.published) == 1


@pytest.mark.parametrize("private", [False, True])
def test_what_x_lists_late_is_looked_for_twice(*, private: bool) -> None:
    who = Author(id="7", handle="warga_contoh")
    asked = {"platform": "x", "id": str(id_of(NOW)), "author": who, "text": "halo"}
    mention = Mention.model_validate({**asked, "created_at": NOW, "private": private})
    stands = own(NOW + timedelta(seconds=5), "Siap") | {"sender_id": US}
    stands |= {"referenced_posts": [{"type": "replied_to", "id": mention.id}]}
    look = account().find_reply(mention, key="k", text="Siap")
    run = replay(look, [listing(), listing(stands)])
    assert run.result is not None
    assert (run.result.id, run.slept) == (stands["id"], 10.0)
    look = account().find_publication(key="k", text="Paket")
    late = replay(look, [listing(), listing(own(NOW, "Paket"))])
    assert late.result is not None


def listing(*posts: Any) -> Response:
    return answer({"data": list(posts), "meta": {}})


def own(at: datetime, text: str) -> dict[str, Any]:
    return {"id": str(id_of(at)), "text": text, "author_id": US, "created_at": at.isoformat()}


@pytest.mark.parametrize("private", [False, True])
def test_where_something_own_cannot_be_read_nobody_says_that_it_does_not_stand(
    *, private: bool
) -> None:
    who = Author(id="7", handle="warga_contoh")
    asked = {"platform": "x", "id": str(id_of(NOW)), "author": who, "text": "halo"}
    mention = Mention.model_validate({**asked, "created_at": NOW, "private": private})
    bad = {"id": id_of(NOW) + 1}  # a number where X tells text
    with pytest.raises(UnsupportedError, match="a person must look"):
        replay(account().reply(mention, "Siap", key="k"), [listing(bad)])
    with pytest.raises(UnsupportedError, match="a person must look"):
        replay(account().publish("Paket", key="k"), [listing(bad)])


def test_a_publication_of_last_week_is_not_taken_for_todays() -> None:
    look = account().find_publication(key="k", text="Posyandu Jumat 08.00")
    today, before = NOW - timedelta(hours=2), NOW - timedelta(days=7)
    stands = own(today, "Posyandu Jumat 08.00"), own(before, "Posyandu Jumat 08.00")
    found = replay(look, [listing(*stands)]).result
    assert found is not None
    assert found.id == str(id_of(today))
    look = account().find_publication(key="k", text="Posyandu Jumat 08.00")
    with pytest.raises(UnsupportedError, match="an older one"):
        replay(look, [listing(stands[1])])
