"""Completion of objects whose type is known only at run time, or has to be asked of the value."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, is_abstract_type
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import Undefined

from graphql_schema.compiled.completion import fail_at, ordinary
from graphql_schema.compiled.positions import Position, Trail, nullable, to_path
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
