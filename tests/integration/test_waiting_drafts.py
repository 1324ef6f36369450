"""Drafts that wait: many people at once, and what happens to a case before its answer goes out."""

from concurrent.futures import ThreadPoolExecutor

from pelayanan import Desk
from pelayanan.reply import DraftState
from towns import FakeTown

GOOD = "Bantuan Ibu sudah terdaftar; petugas Bidang Contoh datang besok pukul 9."


def asked(desk: Desk, town: FakeTown, who: str = "wati") -> str:
    uri = town.post(town.citizen(who), "@dinsos.test bantuan belum sampai")
    desk.sync()
    found = desk.case_of("dinsos-bsky", uri)
    assert found is not None
    return found


def test_as_many_as_a_web_framework_has_threads_approve_at_once(desk: Desk, town: FakeTown) -> None:
    case_id, people = asked(desk, town), 40
    drafts = [desk.draft(case_id, f"{GOOD} {number}", by="rina") for number in range(people)]
    with ThreadPoolExecutor(people) as pool:
        done = list(pool.map(lambda draft: desk.approve(draft.id, by="rina"), drafts))
    assert {draft.state for draft in done} == {DraftState.APPROVED}
