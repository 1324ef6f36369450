"""One budget a credential, shared by the processes of a workspace; answers go before reads."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pelayanan import Client
from pelayanan.drivers.pacing import SharedPace
from pelayanan.errors import RateLimitError
from pelayanan.protocol.flow import flow, send
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.throttle import Throttle, budget
from pelayanan.protocol.transport import Transport


class Willing(Transport):
    """Answers everything, or what it was told to."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.calls = 0

    def http(self, request: Request) -> Response:
        self.calls += 1
        return self.answers.pop(0) if self.answers else Response(200)


@flow
def asked(throttle: Throttle, method: Any = "GET") -> Any:
    return (
        yield from send(
            Request(
                operation="uji.coba",
                url="https://x.example",
                method=method,
                throttle=throttle,
                repeatable=True,
            )
        )
    )


def test_two_processes_share_one_budget_and_the_wait_is_told(tmp_path: Path) -> None:
    """What a first process used up, a second one hears of, before it calls."""
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from test_pacing import *\n"
        "with Client(transport=Willing(), budgets=sys.argv[1]) as client:\n"
        "    for _ in range(9): client.run(asked(Throttle(10, 3600.0, name='satu')))\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path), str(Path(__file__).parent), *sys.path]
    subprocess.run(words, check=True)
    server = Willing()
    with Client(transport=server, budgets=tmp_path) as client:
        with pytest.raises(RateLimitError, match="used up") as caught:
            client.run(asked(Throttle(10, 3600.0, name="satu")))
        assert server.calls == 0
        assert 3000 < (caught.value.retry_after or 0) <= 3600
        client.run(asked(Throttle(10, 3600.0, name="satu"), "POST"))  # the answer goes out
        client.run(asked(Throttle(10, 3600.0, name="dua")))  # another credential
    assert server.calls == 2


def test_what_a_platform_asked_of_one_process_holds_for_all(tmp_path: Path) -> None:
    busy = Willing(Response(429, {"retry-after": "600"}))
    with Client(transport=busy, budgets=tmp_path) as client, pytest.raises(RateLimitError):
        client.run(asked(Throttle(10, 1.0, name="satu")))
    server = Willing()
    with (
        Client(transport=server, budgets=tmp_path) as client,
        pytest.raises(RateLimitError, match="as the platform asked"),
    ):
        client.run(asked(Throttle(10, 1.0, name="satu"), "POST"))
    assert server.calls == 0


def test_without_a_folder_each_process_has_its_own(tmp_path: Path) -> None:
    with Client(transport=Willing()) as client:
        for _ in range(9):
            client.run(asked(Throttle(10, 3600.0, name="satu")))
    assert not list(tmp_path.iterdir())


def test_a_file_of_a_budget_tells_nothing_of_the_credential(tmp_path: Path) -> None:
    name = budget("https://x.example", "token-rahasia")
    with Client(transport=Willing(), budgets=tmp_path / "b") as client:
        client.run(asked(Throttle(10, 3600.0, name=name)))
    (file,) = (tmp_path / "b").iterdir()
    assert file.name == name
    assert file.stat().st_mode & 0o077 == 0
    assert b"rahasia" not in file.read_bytes() + file.name.encode()
    assert name != budget("https://x.example", "token-rahasia2")
    assert budget("ab", "c") != budget("a", "bc")


@given(st.binary(max_size=64))
def test_a_damaged_file_is_an_unused_budget(damage: bytes) -> None:
    throttle = Throttle(3, 60.0)
    throttle.load(damage, 1e9)
    assert throttle.reserve(1e9) <= 86_400.0


def test_a_clock_that_was_wrong_holds_nothing_back_for_long(tmp_path: Path) -> None:
    times = [2e9, 1e9, 1e9]
    pace = SharedPace(tmp_path, clock=lambda: times[0])
    throttle = Throttle(1, 60.0, name="satu")
    pace.hold(throttle, 2e9 + 60)
    assert pace.reserve(throttle, 2e9, urgent=False, most=1e9) == 60
    assert pace.reserve(throttle, 1e9, urgent=False, most=1e9) == 0


def test_what_a_wrong_clock_booked_is_dropped() -> None:
    ahead = Throttle(3, 900.0)
    for _ in range(3):
        ahead.reserve(1e9 + 43_200)
    ahead.load(ahead.dump(), 1e9)
    assert ahead.reserve(1e9) == 0


@pytest.mark.parametrize("place", ["file", "/dev/full/x"])
def test_where_no_file_can_be_kept_the_process_paces_alone_and_says_so(
    place: str, tmp_path: Path, caplog: Any
) -> None:
    (tmp_path / "file").write_text("no folder")
    throttle = Throttle(10, 3600.0, name="satu")
    with Client(transport=Willing(), budgets=tmp_path / place) as client:
        for _ in range(9):
            client.run(asked(throttle))
        with pytest.raises(RateLimitError, match="used up"):
            client.run(asked(throttle))
    assert "budgets are not shared" in caplog.text


@given(
    limit=st.integers(1, 30),
    calls=st.lists(st.tuples(st.floats(0, 20), st.booleans()), min_size=1, max_size=80),
)
def test_with_urgent_calls_too_there_are_never_more_than_the_limit(
    limit: int, calls: list[tuple[float, bool]]
) -> None:
    throttle, now, slots = Throttle(limit, 60.0), 0.0, list[float]()
    for gap, urgent in calls:
        now += gap
        copy = throttle.fresh()
        copy.load(throttle.dump(), now)  # as another process would
        throttle = copy
        wait = throttle.reserve(now, urgent=urgent, most=30.0)
        slots += [now + wait] if wait <= 30.0 else []
    slots.sort()
    apart = [late - early for early, late in zip(slots, slots[limit:], strict=False)]
    assert all(gap >= 60.0 - 1e-6 for gap in apart)


def test_reads_leave_a_tenth_for_answers() -> None:
    throttle = Throttle(300, 900.0)
    reads = [throttle.reserve(0.0, most=60) for _ in range(400)]
    assert sum(wait == 0 for wait in reads) == 270
    urgent = [throttle.reserve(0.0, urgent=True, most=60) for _ in range(50)]
    assert sum(wait == 0 for wait in urgent) == 30


def test_a_wait_that_is_refused_books_nothing() -> None:
    throttle = Throttle(1, 60.0)
    assert throttle.reserve(0.0) == 0
    assert throttle.reserve(0.0, most=10) == 60
    assert throttle.reserve(0.0, most=60) == 60


@pytest.mark.skipif(sys.platform == "win32", reason="no fcntl there")
def test_on_a_disk_without_locks_the_process_paces_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr("fcntl.flock", refuse)
    own, pace = Throttle(1, 60.0, name=budget("a")), SharedPace(tmp_path)
    assert pace.reserve(own, 100.0, urgent=False, most=600.0) == 0
    assert pace.reserve(own, 100.0, urgent=False, most=600.0) == 60
