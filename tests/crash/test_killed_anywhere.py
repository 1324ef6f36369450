"""Processes are killed at random moments; nothing is lost and nothing is doubled."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from crash.scenes import FakeScene, RealScene, Scene, crowd, kept, once, open_desk
from crash.workers import Killer
from pelayanan.desk import Config, Desk
from pelayanan.reply import Draft, DraftState
from pelayanan.store.reading import mention_of
from towns import AGENCIES, RealTown

BATCH = 20  # replies that wait when a worker begins
LONG = "Untuk tahap ini petugas datang besok pukul 9 ke rumah, bawa KTP dan KK yang asli. " * 8
STRIKES = 40  # at one workspace, before it must have come to its end


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.server)])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    if request.param == "fake":
        return FakeScene(tmp_path)
    network = request.getfixturevalue("bluesky_network")
    return RealScene(RealTown(network, request.getfixturevalue("bluesky_client")))


@pytest.fixture
def killer(kills: int) -> Iterator[Killer]:
    with Killer(left=(kills + 1) // 2, random=Random(7)).working() as made:
        yield made


def test_a_sync_killed_anywhere_keeps_every_message_once(
    scene: Scene, killer: Killer, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    said = crowd(scene.town)
    wanted = {uri for uris in said.uris.values() for uri in uris}
    killer.measure("sync", scene.place(tmp_path / "whole").folder)
    workspaces = 0
    while killer.left > 0:
        workspaces += 1
        made = scene.place(tmp_path / f"kantor-{workspaces}")
        known: set[str] = set()
        while killer.left > 0:
            if not killer.strike("sync", made.folder).killed:
                break
            if killer.random.random() < 0.5:  # else the next worker finds what was left behind
                known = nothing_is_lost(scene, made, known)
                killer.note("with part of the messages kept", 0 < len(known) < len(wanted))
        assert killer.let_run("sync", made.folder).failed == ""
        with open_desk(scene, made) as desk:
            counted = kept(desk)
            assert set(counted) == wanted
            assert set(counted.values()) == {1}
            assert kept(desk, "out").total() == said.native
            assert sum(case.contacts + 1 for case in desk.cases()) == said.total
            assert desk.verify() == []
            forget_somebody(desk)
            assert desk.sync().new == 0  # what was forgotten is not fetched anew
    figures(killer.told(f"sync on the {name(scene)} network, {workspaces} workspaces"))


def nothing_is_lost(scene: Scene, made: Config, known: set[str]) -> set[str]:
    """Look into a workspace whose worker was killed; returns the messages that it has."""
    with open_desk(scene, made) as desk:
        counted = kept(desk)
        assert set(counted.values()) <= {1}
        assert known <= set(counted)
        assert desk.verify() == []
        return set(counted)


def test_a_send_killed_anywhere_answers_everybody_once(
    scene: Scene, killer: Killer, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    crowd(scene.town, first=BATCH, others=0, native=0)
    made = scene.place(tmp_path / "kantor")
    with open_desk(scene, made) as desk:
        assert desk.sync().new == BATCH
        wait_for(desk, batch=0)
        killer.measure("send", made.folder)
        batch = 0
        while killer.left > 0:
            batch += 1
            waiting = wait_for(desk, batch)
            for _ in range(STRIKES):
                if all(draft.state.done for draft in now(desk, waiting)):
                    break
                if killer.random.random() < 0.3:
                    scene.trip()
                killer.strike("send", made.folder)
                drafts = now(desk, waiting)
                assert once(scene.standing, drafts) == []
                killer.note("in the middle of a reply", sending(drafts))
                killer.note("of these after the server took it", taken(scene, drafts))
            killer.let_run("send", made.folder)
            killer.let_run("send", made.folder)  # looks up what the first one did not hear
            assert {draft.state for draft in now(desk, waiting)} == {DraftState.CONFIRMED}
        everybody_is_answered_once(scene, desk)
        assert {len(desk.store.events_of(case.id)) for case in desk.cases()} == {2 + batch}
        assert desk.verify() == []
        forget_somebody(desk)
    figures(killer.told(f"send on the {name(scene)} network, {batch} times {BATCH} replies"))


def test_a_thread_killed_anywhere_stands_once_and_whole(
    kills: int, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    scene = FakeScene(tmp_path)
    crowd(scene.town, first=4, others=0, native=0)
    made = scene.place(tmp_path / "kantor")
    with (
        open_desk(scene, made) as desk,
        Killer(left=(kills + 3) // 4, random=Random(11)).working() as killer,
    ):
        desk.sync()
        wait_for(desk, batch=0, text=LONG)
        killer.measure("send", made.folder)
        batch = 0
        while killer.left > 0:
            batch += 1
            waiting = wait_for(desk, batch, text=LONG)
            for _ in range(STRIKES):
                if all(draft.state.done for draft in now(desk, waiting)):
                    break
                if killer.random.random() < 0.3:
                    scene.trip()
                killer.strike("send", made.folder)
                drafts = now(desk, waiting)
                standing = scene.standing(AGENCIES[0])
                assert [t for d in drafts for t in parts(d) if standing[t] > 1] == []
                killer.note("between two parts", any(between(draft) for draft in drafts))
            for _ in range(3):
                killer.let_run("send", made.folder)
            assert {draft.state for draft in now(desk, waiting)} == {DraftState.CONFIRMED}
        standing = scene.standing(AGENCIES[0])
        assert {standing[text] for draft in desk.outbox() for text in parts(draft)} == {1}
        for draft in desk.outbox():
            above = native_uri(desk, draft.case_id or "")
            for part in draft.parts:
                assert part.text in scene.thread(above, [])
                above = part.sent.id if part.sent else ""
        assert desk.verify() == []
    figures(killer.told(f"send of threads, {batch} times 4 replies"))


def parts(draft: Draft) -> list[str]:
    assert len(draft.parts) > 2
    return [part.text for part in draft.parts]


def between(draft: Draft) -> bool:
    return 0 < sum(part.sent is not None for part in draft.parts) < len(draft.parts)


def forget_somebody(desk: Desk) -> None:
    handle = min(case.author.handle for case in desk.cases())
    assert desk.forget("bluesky", handle) > 0
    assert handle not in {case.author.handle for case in desk.cases()}
    assert desk.verify() == []


def wait_for(desk: Desk, batch: int, text: str = "Jawaban petugas datang besok.") -> list[Draft]:
    """An approved reply in every case, with a text of its own."""
    drafts = [
        desk.draft(case.id, text.replace("petugas", f"{batch} {case.id}: petugas"), by="rina")
        for case in desk.cases()
    ]
    return [desk.approve(draft.id, by="sekretaris") for draft in drafts]


def now(desk: Desk, drafts: list[Draft]) -> list[Draft]:
    wanted = {draft.id for draft in drafts}
    return [draft for draft in desk.outbox() if draft.id in wanted]


def sending(drafts: list[Draft]) -> int:
    return sum(draft.state is DraftState.SENDING for draft in drafts)


def taken(scene: Scene, drafts: list[Draft]) -> int:
    standing = scene.standing(AGENCIES[0])
    return sum(draft.state is DraftState.SENDING and draft.text in standing for draft in drafts)


def everybody_is_answered_once(scene: Scene, desk: Desk) -> None:
    """In the threads as readers see them: each reply once, under the message that it answers."""
    drafts = desk.outbox()
    ids = [draft.sent_id for draft in drafts if draft.sent_id]
    assert len(set(ids)) == len(drafts)
    for case in desk.cases():
        ours = [draft.text for draft in drafts if draft.case_id == case.id]
        assert sorted(scene.thread(native_uri(desk, case.id), ids)) == sorted(ours)


def native_uri(desk: Desk, case_id: str) -> str:
    with desk.store.reading() as connection:
        found = mention_of(connection, case_id=case_id)
    assert found is not None
    return found[1].id


def name(scene: Scene) -> str:
    return "real" if isinstance(scene, RealScene) else "fake"
