"""graphql-core's own published execution tests, run against the installed package with our executor in its place.

`make install-dev` fetches them with graphql-core's source archive; they are not ours to copy.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
ARCHIVE = Path(sys.prefix) / "graphql-core-tests"
SOURCES = ARCHIVE / f"graphql_core-{version('graphql-core')}"

_SYNC = "tests/execution/test_sync.py::describe_execute_synchronously_when_possible::describe_execute_sync::"
# Why a test of theirs cannot pass with our executor. Each must be there, call ours, and fail: else its line goes.
_ASYNC_ITERABLES = "`execute_sync` iterates even async iterables synchronously; ours has no such option"
_INCREMENTAL = "it looks into `execute_sync` for an answer in several payloads, which `execute` itself refuses"
EXCLUDED: dict[str, str] = {
    f"{_SYNC}iterates_sync_and_async_iterables_synchronously_without_check_sync": _ASYNC_ITERABLES,
    f"{_SYNC}reports_async_iterables_as_errors_without_check_sync": _ASYNC_ITERABLES,
    f"{_SYNC}throws_if_encountering_async_iterable_execution_with_check_sync": _INCREMENTAL,
    f"{_SYNC}throws_if_encountering_async_iterable_execution_without_check_sync": _INCREMENTAL,
}
LEAST_COMPILED = 260


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one published test: how often it called our executor, how often that left it to graphql-core."""

    outcome: str
    calls: int
    left: int
    why: str


def _run(report: Path) -> dict[str, Outcome]:
    command = [
        *(
            sys.executable,
            "-m",
            "pytest",
            "-c",
            os.devnull,
            "--rootdir",
            ".",
            "-q",
            "--tb=short",
            "-p",
            "published_plugin",
        ),
        *("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest"),
        *("-o", "python_classes=PyTest*", "-o", "asyncio_mode=strict"),
        *("-o", "asyncio_default_fixture_loop_scope=function", "-o", "timeout=100"),
        *("tests/execution", "--ignore", "tests/execution/incremental"),
    ]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": os.pathsep.join([str(ARCHIVE / "tools"), str(HERE)]),
        "PUBLISHED_TESTS_REPORT": str(report),
    }
    done = subprocess.run(command, cwd=SOURCES, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 # ours
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    books: dict[str, dict[str, str | int]] = json.loads(report.read_text(encoding="utf-8"))
    return {
        name: Outcome(str(entry["outcome"]), int(entry["calls"]), int(entry["left"]), str(entry.get("why", "")))
        for name, entry in books.items()
    }


def test_the_pinned_tests_are_of_the_installed_version() -> None:
    pinned = (PROJECT / "requirements" / "graphql-core-tests.txt").read_text(encoding="utf-8").split(" ", 1)[0]
    assert pinned == f"graphql-core=={version('graphql-core')}"


def test_the_published_tests_pass_with_our_executor(tmp_path: Path) -> None:
    """All but the excluded, each of which must still fail; one test, so that they run once for all workers."""
    if not ARCHIVE.is_dir():
        pytest.skip("graphql-core's own tests are not there: make install-dev fetches them")
    assert SOURCES.is_dir(), (
        f"the tests in {ARCHIVE} are of another version than the installed graphql-core:"
        " make lock renews requirements/graphql-core-tests.txt"
    )
    outcomes = _run(tmp_path / "report.json")
    failed = {name: one.why for name, one in outcomes.items() if one.outcome != "passed" and name not in EXCLUDED}
    assert not failed, "\n\n".join(f"{name}\n{why}" for name, why in failed.items())
    assert sum(one.calls > one.left for one in outcomes.values()) >= LEAST_COMPILED
    for name in EXCLUDED:
        assert name in outcomes, f"{name} has vanished: take its line away"
        assert outcomes[name].outcome == "failed", f"{name} passes: take its line away"
        assert outcomes[name].calls, f"{name} fails without our executor"
