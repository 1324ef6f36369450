"""A reply of which the word was lost is found again, whoever looks first."""

from pathlib import Path

import pytest

from crash.mailroom import Mailroom
from crash.workers import Worker
from pelayanan import Client
from pelayanan.cases import Answered
from pelayanan.desk import Desk
from pelayanan.reply import DraftState
from towns import FakeTown, config


@pytest.fixture
def town() -> FakeTown:
    made = FakeTown()
    made.post(made.citizen("wati"), f"@{made.accounts['dinsos'][0]} kapan bantuan datang?")
    return made


@pytest.mark.parametrize("substantive", [True, False])
def test_a_sync_before_the_look_up_counts_it_once_and_as_the_person_said(
    town: FakeTown, tmp_path: Path, *, substantive: bool
) -> None:
    client = Client(transport=town.transport, sleep=lambda _: None)
    with client, Desk.open(config(town, tmp_path), client=client) as desk:
        desk.sync()
        (case,) = desk.cases()
        text = "Terima kasih, laporan sudah kami terima."
        draft = desk.draft(case.id, text, by="rina", substantive=substantive)
        desk.approve(draft.id, by="sekretaris")
        town.network.fault("lost_reply")
        town.network.fault("broken", times=50, after=1)  # and the look-up gets no answer
        assert desk.send().drafts[0].state is DraftState.UNKNOWN
        with town.network.world() as state:
            state["faults"] = []
        assert sum(each.answers for each in desk.sync().accounts) == 1
        assert desk.send().sent == 1
        answers = [e for e in desk.store.events_of(case.id) if isinstance(e, Answered)]
        assert [(e.source, e.substantive) for e in answers] == [("ledger", substantive)]
        assert desk.case(case.id).status.value == ("answered" if substantive else "open")
        assert desk.verify() == []


def test_a_mail_that_was_filed_counts_as_sent_after_a_kill(tmp_path: Path) -> None:
    room = Mailroom(tmp_path, citizens=1)
    with room.desk() as desk, Worker() as worker:
        draft = room.approve_all(desk)[0]
        worker.go("send", room.folder)
        assert not worker.end().killed
        with desk.store.writing() as connection:  # as if the worker had died before it wrote that
            connection.exec_driver_sql("UPDATE drafts SET state = 'sending', sent_id = NULL")
        assert desk.send().sent == 1
        assert room.arrived([draft])[draft.id] == 1
