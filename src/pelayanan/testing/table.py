"""A plug-in of pytest that prints what conformance classes proved of which platform.

``pytest -p pelayanan.testing.table`` adds the table to a run, and fails it where a platform that
was tested claims a capability that no test proved. With ``--every-platform`` those count as well
that were not tested at all.
"""

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from pelayanan.platforms import available, load
from pelayanan.testing.asking import MODES
from pelayanan.testing.world import Conformance, World, capabilities_of, claims

__all__ = ["ConformanceTable", "pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option."""
    told = "a registered platform that no conformance class tests fails the run"
    parser.addoption("--every-platform", action="store_true", help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Watch this run."""
    config.pluginmanager.register(
        ConformanceTable(every=bool(config.getoption("--every-platform")))
    )


class ConformanceTable:
    """Counts the tests of conformance classes: platform, capability and mode, passed or not."""

    def __init__(self, *, every: bool = False) -> None:
        self._every = every
        self._passed: Counter[tuple[str, str, str]] = Counter()
        self._failed: Counter[tuple[str, str]] = Counter()
        self._claims: dict[str, set[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note one test's outcome."""
        report = yield
        world = getattr(item, "funcargs", {}).get("world")
        if call.when == "call" and isinstance(world, World):
            self._note(item, world.account, passed=report.passed)
        return report

    def _note(self, item: Any, account: Any, *, passed: bool) -> None:
        claimed = set(capabilities_of(account))
        self._claims.setdefault(account.name, set()).update(claimed)
        called = getattr(item, "callspec", None)
        modes = (called.params["mode"],) if called and "mode" in called.params else MODES
        for name in claimed & set(_proven(item.cls or object, item.originalname)):
            if not passed:
                self._failed[account.name, name] += 1
            for mode in modes:
                self._passed[account.name, name, mode] += passed

    def missing(self) -> list[tuple[str, str]]:
        """Platforms and capabilities that are claimed and were not proven in each mode."""
        claimed = dict(self._claims)
        for name in available() if self._every else ():
            claimed.setdefault(name, set()).update(claims(load(name)))
        return [
            (platform, name)
            for platform, names in sorted(claimed.items())
            for name in sorted(names)
            if not all(self._passed[platform, name, mode] for mode in MODES)
            or self._failed[platform, name]
        ]

    def rows(self) -> list[tuple[str, ...]]:
        """The table: tests that passed for each platform, capability and mode."""
        wanting = set(self.missing())
        every = {key[:2] for key in self._passed} | wanting
        return [
            (
                *each,
                *(str(self._passed[*each, mode]) for mode in MODES),
                "not proven" if each in wanting else "ok",
            )
            for each in sorted(every)
        ]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that proved too little."""
        if self.missing() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        rows = [("platform", "capability", *MODES, ""), *self.rows()]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        terminalreporter.section("conformance: tests that passed")
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            terminalreporter.write_line("  ".join(cells).rstrip())


def _proven(tested: type, test: str) -> tuple[str, ...]:
    """The capabilities that a test is about: those of the conformance class it comes from."""
    origins = [each for each in tested.__mro__[1:] if test in vars(each)]
    return origins[-1].proves if origins and issubclass(origins[-1], Conformance) else ()
