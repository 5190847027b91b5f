"""Completion of objects whose type is known only at run time, or has to be asked of the value."""

from __future__ import annotations

from collections.abc import Awaitable
from types import CoroutineType
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, is_abstract_type
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import Undefined

from graphql_schema.compiled.classes import PLAIN, is_plain
from graphql_schema.compiled.completion import cold, drain, fail_at, failed, gather_late, hold, ordinary
from graphql_schema.compiled.positions import Position, Trail, Where, nullable, to_path
from graphql_schema.compiled.run import Run


def abstract(run: Run, at: Position, value: Any, trail: Trail) -> Any:
    """Complete a value of an interface or a union (`Executor.complete_abstract_value`)."""
    if value is None or value is Undefined or isinstance(value, Exception):
        return ordinary(run, at, value, trail)
    environment = run.environment
    type_ = nullable(at.type)
    info = run.info(at, trail)
    runtime_type = (type_.resolve_type or environment.type_resolver)(value, info, type_)
    if environment.is_awaitable(runtime_type):
        return _abstract_later(run, at, value, trail, runtime_type)
    return _enter_valid(run, at, value, trail, runtime_type)


def listed(at: Position, value: Any, where: Where) -> Any:
    """Complete a list of objects of an interface or a union; of refusals, which are hardly ever any."""
    return [] if type(value) is list and not value else cold(at, value, where)


def complete_items(run: Run, at: Position, value: Any, trail: Trail) -> Any:
    """Complete such a list at the end of a trail, as generated code does other lists."""
    if type(value) is not list and type(value) is not tuple:
        return ordinary(run, at, value, trail)
    done: list[Any] = []
    where = run, trail, done
    try:
        for item in value:
            done.append(_complete_item(at.items, item, where))  # noqa: PERF401 # by `done` an item knows its index
    except Exception:
        drain(run, at, value, done)
        raise
    return gather_late(run, at.depth, done) if run.late else done


def _complete_item(at: Position, item: Any, where: Where) -> Any:
    if type(item) not in PLAIN and not is_plain(item):
        return cold(at, item, where)
    run, trail = where[0], at.trail(where)
    try:
        completed = abstract(run, at, item, trail)
        return hold(run, at, completed, trail) if type(completed) is CoroutineType else completed
    except Exception:
        return failed(at, where)


async def _abstract_later(run: Run, at: Position, value: Any, trail: Trail, runtime_type: Awaitable[Any]) -> Any:
    completed = _enter_valid(run, at, value, trail, await runtime_type)
    return await completed if run.environment.is_awaitable(completed) else completed


def _enter_valid(run: Run, at: Position, value: Any, trail: Trail, runtime_type: Any) -> Any:
    body = at.bodies.get(runtime_type) if type(runtime_type) is str else None
    if body is not None:
        return body(run, at, value, trail)
    core = run.core
    found = core.ensure_valid_runtime_type(runtime_type, nullable(at.type), at.fields, run.info(at, trail), value)
    return core.complete_object_value(found, at.fields, run.info(at, trail), to_path(trail), value, None)


def enter(run: Run, at: Position, type_: GraphQLObjectType, body: Any, value: Any, trail: Trail) -> Any:  # noqa: PLR0917
    """Complete an object whose type has its own `is_type_of` (`Executor.complete_object_value`)."""
    assert type_.is_type_of is not None  # noqa: S101 # generated for such types only
    is_type_of = type_.is_type_of(value, run.info(at, trail))
    if run.environment.is_awaitable(is_type_of):
        return _enter_later(run, at, type_, body, value, trail, is_type_of)
    if not is_type_of:
        raise invalid_return_type_error(type_, value, at.fields)
    return body(run, at, value, trail)


async def _enter_later(  # noqa: PLR0917 # as `enter`
    run: Run, at: Position, type_: GraphQLObjectType, body: Any, value: Any, trail: Trail, is_type_of: Awaitable[Any]
) -> Any:
    if not await is_type_of:
        raise invalid_return_type_error(type_, value, at.fields)
    completed = body(run, at, value, trail)
    return await completed if run.environment.is_awaitable(completed) else completed


def other_object(run: Run, at: Position, type_: GraphQLObjectType, value: Any, trail: Trail) -> Any:
    """Complete by graphql-core what generated code does not take for a plain object of a type."""
    if is_abstract_type(nullable(at.type)):
        return run.core.complete_object_value(type_, at.fields, run.info(at, trail), to_path(trail), value, None)
    return ordinary(run, at, value, trail)


def collect_again(run: Run, at: Position, type_: GraphQLObjectType, trail: Trail) -> None:
    """Let graphql-core find what is wrong with the directives of a selection."""
    try:
        run.core.collect_subfields(type_, at.fields)
    except GraphQLError as error:
        fail_at(run, at, error, trail)
