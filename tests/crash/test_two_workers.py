"""Several processes, machines and threads send from one store, and nobody is answered twice."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import update

from crash.mailroom import Mailroom
from crash.workers import Worker
from pelayanan.desk import Desk
from pelayanan.protocol.mail import MailAnswer, MailCall
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.reply import Draft, DraftState
from pelayanan.store.tables import drafts as table
from waiting import until

ROUNDS = 3


def test_two_processes_that_send_at_the_same_time_answer_everybody_once(tmp_path: Path) -> None:
    with Worker() as one, Worker() as other:
        for number in range(ROUNDS):
            room = Mailroom(tmp_path / str(number), citizens=20)
            with room.desk() as desk:
                drafts = room.approve_all(desk)
                for worker in (one, other):
                    worker.open("send", room.folder)
                for worker in (one, other):
                    worker.on()
                assert [worker.end().failed for worker in (one, other)] == ["", ""]
                assert set(room.arrived(drafts).values()) == {1}
                assert len(room.arrived(drafts)) == 20
                assert {draft.state for draft in desk.outbox()} == {DraftState.SENT}
                assert desk.send().drafts == ()
                assert desk.verify() == []


def test_two_processes_open_a_fresh_store_at_the_same_time(tmp_path: Path) -> None:
    room = Mailroom(tmp_path, citizens=20)
    with Worker() as one, Worker() as other:
        for worker in (one, other):
            worker.go("sync", room.folder)
        assert [worker.end().failed for worker in (one, other)] == ["", ""]
    with room.desk() as desk:
        assert len(list(desk.cases())) == 20
        assert desk.store.counts()["messages"] == 20
        assert desk.verify() == []


class Gate(Transport):
    """A mail server that is slow: each mail waits until somebody lets it through."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.reached, self.open = Event(), Event()

    def http(self, request: Request) -> Response:
        return self._inner.http(request)

    def mail(self, call: MailCall) -> MailAnswer:
        if call.verb == "send":
            self.reached.set()
            assert self.open.wait(30)
        return self._inner.mail(call)


def test_a_thread_does_not_take_what_another_thread_is_sending(tmp_path: Path) -> None:
    room = Mailroom(tmp_path, citizens=1)
    gate = Gate(room.server)
    with Desk.open(room.config, transport=gate) as desk, ThreadPoolExecutor(1) as pool:
        drafts = room.approve_all(desk)
        first = pool.submit(desk.send)
        assert gate.reached.wait(30)
        assert desk.send().drafts == ()
        gate.open.set()
        assert first.result().sent == 1
        assert room.arrived(drafts)[drafts[0].id] == 1


def test_a_run_that_was_interrupted_gives_back_what_it_held(tmp_path: Path) -> None:
    class Interrupted(Gate):
        def mail(self, call: MailCall) -> MailAnswer:
            if call.verb == "append" and not self.reached.is_set():
                self.reached.set()
                raise KeyboardInterrupt
            return self._inner.mail(call)

    room = Mailroom(tmp_path, citizens=2)
    with Desk.open(room.config, transport=Interrupted(room.server)) as desk:
        drafts = room.approve_all(desk)
        with pytest.raises(KeyboardInterrupt):
            desk.send()
        assert desk.send().sent == 2
        assert set(room.arrived(drafts).values()) == {1}


def stand_still(worker: Worker, room: Mailroom, desk: Desk) -> Draft:
    """Stop a worker while it sends its first mail, which is returned."""
    worker.open("send", room.folder)
    with room.server.world():  # its first call waits for this
        worker.on()
        (found,) = until(lambda: desk.outbox(state="sending"), "mail being sent")
        os.kill(worker.pid, signal.SIGSTOP)  # it may get the world's lock before it stops, so:
        until(lambda: stopped(worker.pid), "process that stands still")
    return found


def stopped(pid: int) -> bool:
    """Whether a process stands still (proc(5): the state stands behind the name in brackets)."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return stat.rpartition(")")[2].split()[0] == "T"


def test_a_living_process_keeps_its_lease_for_ever_and_a_dead_one_not_a_moment(
    tmp_path: Path,
) -> None:
    room = Mailroom(tmp_path, citizens=2)
    with room.desk() as desk, Worker() as worker:
        drafts = room.approve_all(desk)
        held = stand_still(worker, room, desk)
        year = timedelta(days=365)
        tomorrow = Desk.open(
            room.config, transport=room.server, clock=lambda: datetime.now(UTC) + year
        )
        with tomorrow as later:  # long after the lease has run out
            report = later.send()
        assert held.id not in {draft.id for draft in report.drafts}
        assert report.sent == 1
        assert desk.outbox(state="sending") == [held]
        worker.kill()
        assert desk.send().sent == 1
        assert set(room.arrived(drafts).values()) == {1}
        assert len(room.arrived(drafts)) == 2


def test_a_process_that_stood_still_goes_on_without_doubling(tmp_path: Path) -> None:
    room = Mailroom(tmp_path, citizens=3)
    with room.desk() as desk, Worker() as worker:
        drafts = room.approve_all(desk)
        held = stand_still(worker, room, desk)
        assert held.id not in {draft.id for draft in desk.send().drafts}
        os.kill(worker.pid, signal.SIGCONT)
        worker.end()
        assert set(room.arrived(drafts).values()) == {1}
        assert len(room.arrived(drafts)) == 3


@pytest.mark.parametrize(
    ("holder", "minutes", "taken"),
    [
        ("kantor-lain/4711.99/ab", 29, False),  # of another machine only the clock can tell
        ("kantor-lain/4711.99/ab", 31, True),
        ("", 0, True),
    ],
)
def test_the_lease_of_another_machine_runs_out(
    tmp_path: Path, holder: str, minutes: int, *, taken: bool
) -> None:
    room = Mailroom(tmp_path, citizens=1)
    with room.desk() as desk:
        draft = room.approve_all(desk)[0]
        until = datetime.now(UTC) + timedelta(minutes=30)
        with desk.store.writing() as connection:
            values: dict[str, Any] = {"state": "sending", "lease_by": holder}
            values["lease_until_us"] = int(until.timestamp() * 1e6) if holder else 0
            connection.execute(update(table).where(table.c.id == draft.id).values(**values))
        late = timedelta(minutes=minutes)
        clocked = Desk.open(
            room.config, transport=room.server, clock=lambda: datetime.now(UTC) + late
        )
        with clocked as later:
            assert bool(later.send().drafts) is taken
