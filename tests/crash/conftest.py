"""How many times to kill, and the figures at the end of the run."""

import os
from collections.abc import Callable

import pytest

__all__ = ["figures", "kills"]

_IN_CI = 20
_FIGURES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills",
        type=int,
        default=None,
        help="how many processes to kill during sync and during send, each half on fakes and half "
        f"on the real network (PELAYANAN_KILLS; {_IN_CI})",
    )


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config) -> int:
    """Kills of one job; a test on one network takes half of them."""
    given = pytestconfig.getoption("--kills", None)
    return int(given or os.environ.get("PELAYANAN_KILLS") or _IN_CI)


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Tells a line at the end of the run."""
    return pytestconfig.stash.setdefault(_FIGURES, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if told := config.stash.get(_FIGURES, []):
        terminalreporter.section("killed anywhere")
        for line in told:
            terminalreporter.line(line)
