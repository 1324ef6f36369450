"""A mail cannot be asked back: it is sent once, or a person is asked."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from crash.mailroom import Mailroom
from crash.workers import Killer
from pelayanan.desk import Desk
from pelayanan.errors import TransportError
from pelayanan.protocol.mail import MailAnswer, MailCall
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.reply import Draft, DraftState

CITIZENS = 15


@pytest.fixture
def killer(kills: int) -> Iterator[Killer]:
    with Killer(left=(kills + 1) // 2, random=Random(11)).working() as made:
        yield made


def now(desk: Desk, drafts: list[Draft]) -> list[Draft]:
    wanted = {draft.id for draft in drafts}
    return [draft for draft in desk.outbox() if draft.id in wanted]


def test_a_mail_is_sent_at_most_once_or_waits_for_a_person(
    killer: Killer, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    rooms = 0
    while killer.left > 0:
        rooms += 1
        room = Mailroom(tmp_path / str(rooms), citizens=CITIZENS)
        with room.desk() as desk:
            drafts = room.approve_all(desk)
            killer.full_s = killer.full_s or 0.6
            while killer.left > 0 and killer.strike("send", room.folder).killed:
                at_most_once(room, desk, drafts)
                killer.note("in the middle of a mail", sending(desk, drafts))
            killer.full_s = max(0.2, killer.full_s)
            killer.let_run("send", room.folder)
            killer.let_run("send", room.folder)
            at_most_once(room, desk, drafts)
            asked = [draft for draft in now(desk, drafts) if not draft.state.done]
            for draft in asked:
                assert draft.state is DraftState.UNKNOWN
                assert draft.needs, draft
                killer.note("asked of a person")
                arrived = room.arrived([draft])[draft.id] == 1
                desk.settle(draft.id, sent=arrived, by="rina")
            killer.let_run("send", room.folder)
            assert all(draft.state.done for draft in now(desk, drafts))
            assert set(room.arrived(drafts).values()) == {1}
            assert len(room.arrived(drafts)) == CITIZENS
            assert desk.verify() == []
    figures(killer.told(f"send by mail, {rooms} times {CITIZENS} mails"))


def at_most_once(room: Mailroom, desk: Desk, drafts: list[Draft]) -> None:
    counted = room.arrived(drafts)
    for draft in now(desk, drafts):
        assert counted[draft.id] <= 1
        assert counted[draft.id] == 1 or not draft.state.done


def sending(desk: Desk, drafts: list[Draft]) -> int:
    return sum(draft.state is DraftState.SENDING for draft in now(desk, drafts))


class Cut(Transport):
    """The line is cut when a mail is handed over: before it was, or after."""

    def __init__(self, inner: Transport, *, handed_over: bool) -> None:
        self._inner = inner
        self._handed_over = handed_over
        self.whole = False

    def http(self, request: Request) -> Response:
        return self._inner.http(request)

    def mail(self, call: MailCall) -> MailAnswer:
        if call.verb != "send" or self.whole:
            return self._inner.mail(call)
        if self._handed_over:
            self._inner.mail(call)
        raise TransportError("the line was cut", operation=call.operation)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_person_settles_what_nobody_else_can_tell(tmp_path: Path, *, arrived: bool) -> None:
    room = Mailroom(tmp_path, citizens=1)
    line = Cut(room.server, handed_over=arrived)
    with Desk.open(room.config, transport=line) as desk:
        draft = room.approve_all(desk)[0]
        for _ in range(3):
            assert desk.send().drafts[0].needs  # it asks, and sends nothing meanwhile
            assert room.arrived([draft])[draft.id] == int(arrived)
        line.whole = True
        desk.settle(draft.id, sent=arrived, by="rina")
        desk.send()
        assert desk.outbox()[0].state.done
        assert room.arrived([draft])[draft.id] == 1
        assert desk.send().drafts == ()
        assert desk.verify() == []
