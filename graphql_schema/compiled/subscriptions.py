"""Subscriptions: graphql-core makes the source stream, compiled code answers each event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, cast

from graphql import ExecutionResult
from graphql.execution.async_iterables import map_async_iterable
from graphql.execution.execute import create_source_event_stream
from graphql.execution.executor import Executor

Answer = Callable[[Any], "ExecutionResult | Awaitable[ExecutionResult]"]
Stream = AsyncIterator[ExecutionResult]
Events: TypeAlias = "Stream | ExecutionResult | Awaitable[Stream | ExecutionResult]"


def open_stream(
    executor: Executor[Any], answer: Answer
) -> Stream | ExecutionResult | Awaitable[Stream | ExecutionResult]:
    """Open the source stream of a subscription and answer its events (`graphql.subscribe`).

    Args:
        executor: Of the subscription.
        answer: Executes the operation for one event.
    """
    source = create_source_event_stream(executor)
    if executor.is_awaitable(source):
        return _open_later(executor, source, answer)
    return _answers(executor, source, answer)


async def _open_later(executor: Executor[Any], source: Awaitable[Any], answer: Answer) -> Stream | ExecutionResult:
    return _answers(executor, await source, answer)


def _answers(executor: Executor[Any], source: Any, answer: Answer) -> Stream | ExecutionResult:
    if not executor.is_async_iterable(source):
        return cast("ExecutionResult", source)

    async def answer_event(event: Any) -> ExecutionResult:
        result = answer(event)
        return result if isinstance(result, ExecutionResult) else await result

    return map_async_iterable(source, answer_event)
