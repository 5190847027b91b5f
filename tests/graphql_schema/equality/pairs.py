"""Executes one request by graphql-core and by ours, for tests that write their own schema."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import graphql
from graphql import ExecutionResult, GraphQLSchema, parse

from graphql_schema.compiled.operations import CompiledOperation, OperationCompiler
from tests.graphql_schema.equality.observation import Answer, answer_of

EXECUTIONS = 4
"""How often `equal` executes a request: by graphql-core, and three times by ours."""


def compiled(schema: GraphQLSchema, text: str) -> CompiledOperation:
    """Compile the only operation of a document."""
    return OperationCompiler(schema).compile(parse(text))


async def awaited(result: Any) -> ExecutionResult:
    """Return a result, awaited if need be."""
    if inspect.isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)
    return result


async def both(
    schema: GraphQLSchema, text: str, root: Callable[[], Any] = lambda: None, variables: Mapping[str, Any] | None = None
) -> tuple[ExecutionResult, ExecutionResult]:
    """Execute a request twice, each time on a root of its own; return graphql-core's result and ours."""
    values = dict(variables or {})
    theirs = await awaited(graphql.execute(schema, parse(text), root_value=root(), variable_values=dict(values)))
    ours = await awaited(compiled(schema, text).execute(root_value=root(), variable_values=dict(values)))
    return theirs, ours


async def equal(
    schema: GraphQLSchema, text: str, root: Callable[[], Any] = lambda: None, variables: Mapping[str, Any] | None = None
) -> Answer:
    """Assert that graphql-core and ours give the same answer, and return it.

    Ours is asked twice, for speculative code may have bailed out the first time, and once more with careful code only.
    """
    values = dict(variables or {})
    theirs = await awaited(graphql.execute(schema, parse(text), root_value=root(), variable_values=dict(values)))
    speculative, careful = (OperationCompiler(schema, speculates=one).compile(parse(text)) for one in (True, False))
    for operation in (speculative, speculative, careful):
        ours = await awaited(operation.execute(root_value=root(), variable_values=dict(values)))
        assert answer_of(ours) == answer_of(theirs)
    return answer_of(theirs)


async def settled(ticks: int = 5) -> list["asyncio.Task[Any]"]:
    """Let the event loop turn a few times; return the tasks that are still there, but for the caller's."""
    for _ in range(ticks):
        await asyncio.sleep(0)
    current = asyncio.current_task()
    return [task for task in asyncio.all_tasks() if task is not current]
