"""A pytest plugin for graphql-core's own tests: puts our executor in the place of graphql-core's, and keeps the books.

It runs in a process of its own, whose package `tests` is graphql-core's; so it imports nothing of our tests.
"""

import inspect
import json
import logging
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from graphql import ExecutionResult, execution
from graphql.execution.execute import assume_not_awaitable

# By its name, and before anything is replaced: what ours leaves to graphql-core must find the originals.
from graphql_schema.compiled import operations

_counts = {"calls": 0, "left": 0}
_outcomes: dict[str, dict[str, Any]] = {}


class _Fallbacks(logging.Handler):
    """Counts what our executor says it leaves to graphql-core."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        _counts["left"] += 1


def _counted(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        _counts["calls"] += 1
        return function(*arguments, **options)

    return call


def _execute_sync_by(execute: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """Return graphql-core's `execute_sync` on top of another `execute`; like it in all but async iterables."""
    signature = inspect.signature(original)

    def execute_sync(*arguments: Any, **options: Any) -> ExecutionResult:
        given = signature.bind(*arguments, **options).arguments
        check_sync = given.pop("check_sync", False)
        given["is_awaitable"] = check_sync if callable(check_sync) else None if check_sync else assume_not_awaitable
        result = execute(**given)
        if isinstance(result, ExecutionResult):
            return result
        if inspect.iscoroutine(result):
            result.close()
        raise RuntimeError("GraphQL execution failed to complete synchronously.")

    return execute_sync


def pytest_configure() -> None:
    """Put ours in the place of what the tests import from `graphql.execution`."""
    if os.environ.get("PUBLISHED_TESTS_UNDER") == "graphql-core":
        return
    logger = logging.getLogger(operations.__name__)
    logger.setLevel(logging.INFO)
    logger.addHandler(_Fallbacks())
    ours: Any = execution
    ours.execute = _counted(operations.execute)
    ours.subscribe = _counted(operations.subscribe)
    ours.execute_sync = _execute_sync_by(ours.execute, execution.execute_sync)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Count the calls of ours that one test makes."""
    before = dict(_counts)
    result = yield
    _outcomes.setdefault(item.nodeid, {}).update({name: _counts[name] - before[name] for name in before})
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the outcome of a test: the first that is no pass counts."""
    outcome = _outcomes.setdefault(report.nodeid, {})
    if outcome.get("outcome", "passed") == "passed":
        outcome["outcome"] = report.outcome
        outcome["why"] = "" if report.passed else str(report.longrepr)[-1500:]


def pytest_sessionfinish() -> None:
    """Write the books where the caller wants them."""
    Path(os.environ["PUBLISHED_TESTS_REPORT"]).write_text(json.dumps(_outcomes), encoding="utf-8")
