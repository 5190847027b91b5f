"""S43 over the whole suite: no personal data in anything that any test made the product print, log, count or send.

The demo people and those of the factories are canaries: their names, numbers and addresses go through every journey and
may stand in answers, never in a log, a metric, a push or an SMS. Looked at is what pytest captured of each test, on
every worker, and what carriers of messages were handed over HTTP.
"""

import re
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY, generate_latest

from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.people import generate_people
from tests.factories.people import NOW
from tests.plugins.overheard import sent

_OF_FACTORIES = (
    "7756410835001233", "+79000000001", "anna@example.org", "Канарейкина", "canary-token-zq3w", "canary-fid-wy7u",
    "+79005550142", "canary.anna@example.org",
)  # fmt: skip
_SEED = 40
_OF_DRIVERS = re.compile(r"^DEBUG\s+(aiosqlite|asyncio|httpcore2|hpack)\b.*$", re.MULTILINE)
"""What drivers tell at DEBUG, which `configure_logging` never lets out, whatever level it is given."""


def canaries() -> Iterator[str]:
    """Yield what must not be found."""
    yield from _OF_FACTORIES
    for one in generate_people(len(NAMED), seed=_SEED, today=NOW.date()):
        yield from (one.snils, one.enp, one.phone, one.email, f"{one.family_name} {one.given_name}")
        yield f"{one.snils[:3]}-{one.snils[3:6]}-{one.snils[6:9]} {one.snils[9:]}"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Add to a test's output what it has sent, and what was counted of it."""
    if sent:
        item.add_report_section("call", "sent", "\n".join(sent))
        item.add_report_section("call", "counted", generate_latest(REGISTRY).decode())
        sent.clear()


class Looked:
    """What was looked at, and what was found."""

    def __init__(self) -> None:
        self.pattern = re.compile("|".join(re.escape(one) for one in sorted(set(canaries()))))
        self.characters = self.messages = 0
        self.found: list[str] = []

    def look(self, report: pytest.TestReport) -> None:
        """Look at what a test has printed and logged."""
        for title, text in report.sections:
            printed = _OF_DRIVERS.sub("", text)
            self.characters += len(printed)
            self.messages += (printed.count("\n") + 1) * title.startswith("Captured sent")
            if (hit := self.pattern.search(printed)) is not None:
                line = printed[printed.rfind("\n", 0, hit.start()) + 1 :].partition("\n")[0]
                self.found.append(f"{report.nodeid} ({title}): {line[:300]}")


_LOOKED = pytest.StashKey[Looked]()


def pytest_configure(config: pytest.Config) -> None:
    """Look in the process that gathers every report, not in the workers."""
    if getattr(config, "workerinput", None) is None:
        config.stash[_LOOKED] = Looked()
        config.pluginmanager.register(_Reports(config.stash[_LOOKED]), "canary-reports")


class _Reports:
    def __init__(self, looked: Looked) -> None:
        self._looked = looked

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at each report once; a failing test shows why by itself."""
        if report.passed and report.when == "teardown":
            self._looked.look(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run that has found one."""
        if self._looked.found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was looked at."""
        looked = self._looked
        for one in looked.found:
            terminalreporter.write_line(f"PERSONAL DATA PRINTED: {one}", red=True)
        told = f"{looked.characters:,} characters of output, {looked.messages:,} pushes and SMS"
        terminalreporter.write_line(f"canaries: {told}, {len(looked.found)} found")
