"""X in a desk: fetched, pushed, answered once, and paid for within the limit."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client
from pelayanan.desk import Config, Desk
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.reply import DraftState
from pelayanan.testing import FakeX
from pelayanan.testing._x_world import CONSUMER_SECRET

ANSWER = "Bantuan untuk RT 03 dibagikan Senin, 30 November 2026 di kantor lurah oleh Dinas Sosial."
OTHER = "Lampu di RT 04 diperbaiki Senin, 30 November 2026 oleh petugas Dinas Sosial Kota Contoh."


@pytest.fixture
def fake() -> FakeX:
    made = FakeX()
    made.agency(token="lain", refresh="segar-pertama")
    return made


def config(folder: Path, **more: Any) -> Config:
    place = folder / "token"
    if not place.exists():
        token = {"access_token": "akses-lama", "refresh_token": "segar-pertama"}
        place.write_text(json.dumps(token))
        place.chmod(0o600)
        (folder / "konsumen").write_text(CONSUMER_SECRET)
    account = {
        "key": "dinsos-x",
        "agency": "dinsos",
        "platform": "x",
        "username": "dinsos_contoh",
        "token": "file:token",
        "client_id": "klien",
        "consumer_secret": "file:konsumen",
        "since": "2026-01-01",
        **more,
    }
    settings = {"agencies": [{"key": "dinsos", "name": "Dinas Sosial"}], "accounts": [account]}
    return Config.of(settings, folder=folder)


@pytest.fixture
def desk(fake: FakeX, tmp_path: Path) -> Iterator[Desk]:
    with Desk.open(config(tmp_path, month_limit=5), transport=fake) as opened:
        yield opened


def test_what_citizens_write_is_answered_where_they_wrote(desk: Desk, fake: FakeX) -> None:
    fake.citizen("warga_1").post("@dinsos_contoh bantuan RT 03 belum sampai")
    fake.citizen("warga_2").message("kartu saya hilang")
    assert desk.sync().failed == ()
    public, private = sorted(desk.cases(), key=lambda case: "kartu" in case.text)
    sent = [
        desk.reply(public.id, ANSWER, by="rina"),
        desk.reply(private.id, f"Siap. {ANSWER}", by="rina"),
    ]
    assert [draft.state.done for draft in sent] == [True, True]
    assert fake.published == [ANSWER, f"Siap. {ANSWER}"]
    desk.sync()  # brings the same answers again
    assert list(desk.cases(status="open")) == []
    assert fake.published == [ANSWER, f"Siap. {ANSWER}"]


def test_the_token_is_renewed_and_the_cost_is_kept_between_runs(
    fake: FakeX, tmp_path: Path
) -> None:
    fake.citizen("warga_1").post("@dinsos_contoh halo")
    for _ in range(2):
        with Desk.open(config(tmp_path, month_limit=5), transport=fake) as desk:
            desk.sync()
    stored = json.loads((tmp_path / "token").read_text())
    assert stored["refresh_token"].startswith("segar-baru-")
    (kept,) = (tmp_path / ".pelayanan").glob("session-dinsos-x")
    assert json.loads(kept.read_text())["usd"] == "0.025"  # the account, a post and its author


def test_a_used_up_limit_fails_the_sync_and_says_what_to_do(fake: FakeX, tmp_path: Path) -> None:
    fake.citizen("warga_1").post("@dinsos_contoh halo")
    with Desk.open(config(tmp_path, month_limit="0.001"), transport=fake) as desk:
        (account,) = desk.sync().accounts
        assert "month_limit" in str(account.failed)


def test_webhooks_and_listings_tell_of_one_case(desk: Desk, fake: FakeX) -> None:
    told = desk.handshake("dinsos-x", {"crc_token": "abc"})
    assert (told.status, told.media_type) == (200, "application/json")
    assert json.loads(told.body)["response_token"].startswith("sha256=")
    assert desk.handshake("dinsos-x", {"crc_token": '{"data": 1}'}).status == 403
    fake.citizen("warga_1").post("@dinsos_contoh halo")
    fake.citizen("warga_2").message("halo juga")
    for _ in range(2):
        for hook in fake.webhooks():
            assert desk.receive("dinsos-x", hook.headers, hook.body).status == 200
    desk.sync()
    assert sorted(case.text for case in desk.cases()) == ["@dinsos_contoh halo", "halo juga"]
    assert desk.receive("dinsos-x", {}, b"{}").status == 403


def test_an_answer_whose_receipt_was_lost_stands_once(desk: Desk, fake: FakeX) -> None:
    fake.citizen("warga_1").post("@dinsos_contoh bantuan RT 03 belum sampai")
    desk.sync()
    (case,) = desk.cases()
    fake.fault("lost_reply")
    draft = desk.reply(case.id, ANSWER, by="rina")
    desk.send()
    assert draft.state.done  # it was looked for at once
    assert fake.published == [ANSWER]


class Late(Transport):
    """X, whose listings do not show yet what the account wrote."""

    def __init__(self, fake: FakeX) -> None:
        self._fake = fake
        self.hides = True

    def http(self, request: Request) -> Response:
        looks = request.method == "GET" and request.operation in {"x.find_reply", "x.reply"}
        if self.hides and looks:
            return Response(status=200, body=b'{"data": [], "meta": {"result_count": 0}}')
        return self._fake.http(request)


def test_what_x_does_not_list_yet_is_not_sent_again(fake: FakeX, tmp_path: Path) -> None:
    now = [datetime.now(UTC)]
    late = Late(fake)
    with (
        Client(transport=late, sleep=lambda _: None) as client,
        Desk.open(config(tmp_path), client=client, clock=lambda: now[0]) as desk,
    ):
        fake.citizen("warga_1").post("@dinsos_contoh bantuan RT 03 belum sampai")
        desk.sync()
        (case,) = desk.cases()
        fake.fault("lost_reply")
        draft = desk.reply(case.id, ANSWER, by="rina")
        for _ in range(3):  # other officers answer other citizens meanwhile
            assert draft.state is DraftState.UNKNOWN
            now[0] += timedelta(seconds=80)
            (draft,) = desk.send().drafts
        late.hides = False
        now[0] += timedelta(minutes=2)
        (draft,) = desk.send().drafts
    assert (draft.state.done, fake.published) == (True, [ANSWER])


def test_an_answer_that_comes_too_late_holds_up_no_other(desk: Desk, fake: FakeX) -> None:
    gone = fake.citizen("warga_1").post("@dinsos_contoh bantuan RT 03 belum sampai")
    fake.citizen("warga_2").post("@dinsos_contoh lampu RT 04 mati")
    desk.sync()
    late, other = sorted(desk.cases(), key=lambda case: case.text)
    drafts = [desk.draft(late.id, ANSWER, by="rina"), desk.draft(other.id, OTHER, by="rina")]
    for draft in drafts:
        desk.approve(draft.id, by="sekretaris")
    fake.citizen("warga_1").delete(gone)
    refused, sent = desk.send().drafts
    assert (refused.id, refused.state, sent.state.done) == (drafts[0].id, "refused", True)
    assert fake.published == [OTHER]


def test_a_private_answer_may_be_longer_than_a_post(desk: Desk, fake: FakeX) -> None:
    fake.citizen("warga_2").message("apa saja syaratnya?")
    desk.sync()
    (case,) = desk.cases()
    steps = (f"Langkah {n}: bawa KTP dan KK asli ke loket {n}, buka 08.00." for n in range(1, 9))
    text = " ".join(steps)
    draft = desk.reply(case.id, text, by="rina")
    assert draft.state.done, draft
    assert (draft.parts, fake.published) == ((), [text])


def test_an_edited_post_is_answered_like_any_other(desk: Desk, fake: FakeX) -> None:
    wati, budi = fake.citizen("warga_1"), fake.citizen("warga_2")
    first = wati.post("@dinsos_contoh bantuan RT 03 belum sampai")
    other = budi.post("@dinsos_contoh lampu RT 04 mati")
    desk.sync()
    (lamp,) = (case for case in desk.cases() if "lampu" in case.text)
    edited = wati.edit(first, "@dinsos_contoh bantuan RT 03 dan RT 05 belum sampai")
    budi.edit(other, "@dinsos_contoh lampu RT 04 dan RT 06 mati")
    fake.officer().reply(edited, ANSWER)
    fake.fault("lost_reply")
    assert desk.reply(lamp.id, OTHER, by="rina").state.done  # found below the later version
    desk.sync()
    assert list(desk.cases(status="open")) == []
    assert fake.published == [ANSWER, OTHER]


def test_an_answer_typed_in_the_app_is_heard(desk: Desk, fake: FakeX) -> None:
    wrote = fake.citizen("warga_1").post("@dinsos_contoh bantuan RT 03 belum sampai")
    asked = fake.citizen("warga_2").message("kartu saya hilang")
    desk.sync()
    fake.officer().reply(wrote, ANSWER)
    fake.officer().reply(asked, f"Siap. {ANSWER}")
    desk.sync()
    assert list(desk.cases(status="open")) == []
