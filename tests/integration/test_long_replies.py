"""A long reply goes out as a thread: each part once, whatever goes wrong on the way."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, Desk
from pelayanan.cases import Answered
from pelayanan.desk import Config
from pelayanan.errors import ConfigError, TransportError
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport
from pelayanan.reply import DraftState
from pelayanan.testing import FakeBluesky, FakeMastodon, FakeThreads, FakeX
from pelayanan.testing.fake import Fake, Fault

TEXT = " ".join(
    f"Langkah {number}: datang ke loket {number} dengan KTP dan KK asli, buka 08.00."
    for number in range(1, 16)
)


class Clock:
    now = datetime(2026, 11, 2, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Town:
    """A platform with one agency, one citizen who asked, and a way to see the thread below."""

    below: Callable[[str], list[tuple[str, str]]]
    """Ids and texts of the agency's posts right below another one."""

    def __init__(self, name: str, folder: Path) -> None:
        self.clock = Clock()
        made: tuple[Any, dict[str, Any], str] = getattr(self, f"_{name}")()
        self.fake, fields, self.message = made
        (folder / "kunci").write_text("rahasia")
        account = {"key": "akun", "agency": "dinsos", "platform": name, "since": "2026-01-01"}
        agency = {"key": "dinsos", "name": "Dinas Sosial"}
        values = {"agencies": [agency], "accounts": [account | fields]}
        self.config = Config.of(values, folder=folder)

    def _mastodon(self) -> tuple[Fake, dict[str, Any], str]:
        fake = FakeMastodon(clock=self.clock)
        fake.agency("dinsos", token="rahasia")
        message = fake.citizen("wati").post("@dinsos apa syaratnya?")
        self.below = lambda above: [
            (each["id"], str(each["content"]))
            for each in fake.answers
            if each["in_reply_to_id"] == above
        ]
        return fake, {"server": f"https://{fake.host}", "token": "file:kunci"}, message

    def _bluesky(self) -> tuple[Fake, dict[str, Any], str]:
        fake = FakeBluesky(clock=self.clock)
        fake.agency("dinsos.test", "rahasia")
        message = fake.citizen("wati.test").post("@dinsos.test apa syaratnya?")

        def below(above: str) -> list[tuple[str, str]]:
            posts = [each for each in fake.posts("dinsos.test") if "reply" in each["record"]]
            for each in posts:
                assert each["record"]["reply"]["root"]["uri"] == message
                assert each["record"]["reply"]["parent"]["cid"]
            return [
                (each["uri"], each["record"]["text"])
                for each in posts
                if each["record"]["reply"]["parent"]["uri"] == above
            ]

        self.below = below
        where = f"https://{fake.host}"
        fields = {"handle": "dinsos.test", "password": "file:kunci", "base_url": where}
        return fake, fields, message

    def _threads(self) -> tuple[Fake, dict[str, Any], str]:
        fake = FakeThreads(clock=self.clock)
        fake.agency("1060", token="rahasia")
        message = fake.citizen("wati.contoh").post("@dinsos_contoh apa syaratnya?")

        def below(above: str) -> list[tuple[str, str]]:
            with fake.world() as state:
                found = state["posts"].items()
                return [(key, one["text"]) for key, one in found if one.get("to") == above]

        self.below = below
        fields = {"user_id": "1060", "username": "dinsos_contoh", "token": "file:kunci"}
        return fake, fields, message

    def _x(self) -> tuple[Fake, dict[str, Any], str]:
        fake = FakeX(clock=self.clock)
        message = fake.citizen("wati").post("@dinsos_contoh apa syaratnya?")

        def below(above: str) -> list[tuple[str, str]]:
            with fake.world() as state:
                found = state["posts"].items()
                return [(key, one["typed"]) for key, one in found if one["on"] == above]

        self.below = below
        return fake, {"username": "dinsos_contoh", "token": "file:kunci"}, message

    @contextmanager
    def desk(self, transport: Transport | None = None) -> Iterator[Desk]:
        given = transport or self.fake
        with (
            Client(transport=given, sleep=lambda _: None) as client,
            Desk.open(self.config, client=client, clock=self.clock) as desk,
        ):
            yield desk

    def thread(self) -> list[str]:
        """The agency's words as a reader sees them: each part below the one before."""
        found: list[str] = []
        above = self.message
        while below := self.below(above):
            assert len(below) == 1, "a part stands twice"
            above, text = below[0]
            found.append(text)
        return found


class KilledError(Exception):
    """What stands for the end of the process."""


class Killing(Transport):
    """Ends the process right after, or right before, a write reached the platform."""

    def __init__(self, inner: Transport, at: int, *, after: bool) -> None:
        self._inner, self._left, self._after = inner, at, after

    def http(self, request: Request) -> Response:
        if request.method == "GET" or "session" in request.operation:
            return self._inner.http(request)
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KilledError
        answer = self._inner.http(request)
        if self._left == 0:
            raise KilledError
        return answer


@pytest.fixture(params=["mastodon", "bluesky", "threads", "x"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Town:
    return Town(request.param, tmp_path)


def said_whole(town: Town) -> bool:
    """Whether the whole text stands, in its order and once."""
    parts = [re.sub(r"<[^>]+>|^@\S+ ", "", each) for each in town.thread()]
    parts = [re.sub(r"^@\S+ ", "", each) for each in parts]
    bare, marks = zip(*(each.rsplit(" ", 1) for each in parts), strict=True)
    assert list(marks) == [f"({at}/{len(parts)})" for at in range(1, len(parts) + 1)]
    return " ".join(bare) == TEXT


def test_a_long_reply_is_a_thread_and_one_answer(town: Town) -> None:
    with town.desk() as desk:
        desk.sync()
        (case,) = desk.cases(status="open")
        draft = desk.reply(case.id, TEXT, by="rina")
        assert draft.state is DraftState.CONFIRMED, draft
        assert len(draft.parts) >= 3
        assert all(each.sent for each in draft.parts)
        assert said_whole(town)
        assert desk.reply(case.id, TEXT, by="rina").id == draft.id  # a double click
        town.clock.now += timedelta(hours=1)
        assert desk.sync().accounts[0].answers == 0  # the parts are known to be ours
        answers = [each for each in desk.store.events_of(case.id) if isinstance(each, Answered)]
        assert [each.substantive for each in answers] == [False] * (len(draft.parts) - 1) + [True]
        assert {each.source for each in answers} == {"ledger"}
        assert desk.verify() == []
        shown = draft.masked()
        assert [part.sent for part in shown.parts] == [None] * len(draft.parts)
    assert said_whole(town)


def test_a_short_reply_is_one_message(town: Town) -> None:
    with town.desk() as desk:
        desk.sync()
        (case,) = desk.cases()
        draft = desk.reply(case.id, "Cukup KTP dan KK asli, besok pukul 08.00.", by="rina")
        assert (draft.parts, draft.state) == ((), DraftState.CONFIRMED)
        assert len(town.thread()) == 1


def test_a_reply_too_long_for_a_thread_is_stopped(town: Town) -> None:
    with town.desk() as desk:
        desk.sync()
        (case,) = desk.cases()
        draft = desk.draft(case.id, TEXT * 5, by="rina")
        assert "terlalu panjang" in " ".join(draft.needs)
        with pytest.raises(ConfigError, match="terlalu panjang"):
            desk.approve(draft.id, by="rina")


@pytest.mark.parametrize("part", [1, 2, 3])
@pytest.mark.parametrize("fault", ["lost_reply", "busy", "broken", "dead"])
def test_a_part_that_went_wrong_is_looked_up_and_the_rest_goes_on(
    town: Town, fault: Fault, part: int
) -> None:
    with town.desk() as desk:
        desk.sync()
        (case,) = desk.cases()
        town.fake.fault(fault, after=part - 1)
        draft = desk.reply(case.id, TEXT, by="rina")
        for _ in range(4):
            town.clock.now += timedelta(minutes=40)
            desk.sync()  # what was fetched meanwhile is no native answer
            desk.send()
        assert desk.outbox()[0].state is DraftState.CONFIRMED, desk.outbox()[0]
        assert said_whole(town)
        answers = [each for each in desk.store.events_of(case.id) if isinstance(each, Answered)]
        assert sum(each.substantive for each in answers) == 1
        assert len(answers) == len(draft.parts)


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_ended_at_any_write_leaves_the_rest_to_the_next(
    tmp_path: Path, town: Town, *, after: bool
) -> None:
    number = 0
    while True:
        number += 1
        folder = tmp_path / f"{number}-{after}"
        folder.mkdir()
        again = Town(town.config.accounts[0].platform, folder)
        with again.desk() as desk:
            desk.sync()
            (case,) = desk.cases()
            desk.approve(desk.draft(case.id, TEXT, by="rina").id, by="rina")
        ended = False
        with again.desk(Killing(again.fake, number, after=after)) as desk:
            vars(desk._sender)["_broken"] = kill  # who is dead notes nothing
            try:
                desk.send()
            except KilledError:
                ended = True
        again.clock.now += timedelta(hours=1)  # the lease of the dead one is over
        with again.desk() as desk:
            for _ in range(3):
                desk.sync()
                desk.send()
            assert desk.outbox()[0].state is DraftState.CONFIRMED, (number, desk.outbox()[0])
            assert said_whole(again), number
            answers = [e for e in desk.store.events_of(case.id) if isinstance(e, Answered)]
            assert sum(each.substantive for each in answers) == 1
        if not ended:
            break
    assert number > 3


def kill(*_: object) -> bool:
    raise KilledError


def test_what_only_a_person_can_tell_is_settled_for_the_whole_thread(town: Town) -> None:
    class Blind(Transport):
        """Nothing can be looked up, and the second write is lost."""

        def http(self, request: Request) -> Response:
            if "find_reply" in request.operation:
                raise TransportError("away", operation=request.operation)
            answered: Response = town.fake.http(request)
            return answered

    with town.desk(Blind()) as desk:
        desk.sync()
        (case,) = desk.cases()
        town.fake.fault("lost_reply", after=1)
        draft = desk.reply(case.id, TEXT, by="rina")
        if draft.state is DraftState.CONFIRMED:  # the platform's own look before it writes
            return
        assert draft.state is DraftState.UNKNOWN
        assert [each.sent is not None for each in draft.parts][:2] == [True, False]
        assert desk.settle(draft.id, sent=True, by="rina").state is DraftState.CONFIRMED
        desk.send()
        assert len(town.thread()) <= 2  # the person has taken over


@pytest.mark.server
def test_a_thread_is_kept_in_postgres_too(tmp_path: Path, postgres_url: str) -> None:
    town = Town("bluesky", tmp_path)
    store = {"url": postgres_url, "schema": "utas"}
    values = town.config.model_dump(mode="json", exclude={"folder", "store"})
    town.config = Config.of(values | {"store": store}, folder=tmp_path)
    with town.desk() as desk:
        desk.sync()
        (case,) = desk.cases()
        town.fake.fault("lost_reply", after=1)
        desk.reply(case.id, TEXT, by="rina")
        desk.send()
        (draft,) = desk.outbox()
        assert draft.state is DraftState.CONFIRMED, draft
        assert all(part.sent for part in draft.parts)
        assert said_whole(town)
