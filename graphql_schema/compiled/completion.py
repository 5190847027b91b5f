"""What generated code calls when something is out of the ordinary, or has to be awaited.

Each function does exactly what graphql-core's `Executor` does at the same place, most of them by calling it, so that
messages, places, paths and the order of errors are its own. Conventions:

- `at` is the position of the value; `where` gives the run and what its trail is made of: the trail of the function it
  stands in, and the lists under way around it.
- A function that may be called anywhere either returns the completed value, or an awaitable that lies in `run.late`
  already, or raises an error that is located.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any

from graphql import GraphQLID, GraphQLNonNull, GraphQLString
from graphql.execution.executor import Executor, collect_iterator_awaitables
from graphql.pyutils import Undefined, inspect

from graphql_schema.compiled.classes import PLAIN, SETTLED, UNREAD, Unread, is_plain
from graphql_schema.compiled.gathering import await_all
from graphql_schema.compiled.positions import Position, Trail, Where, to_path
from graphql_schema.compiled.run import Run

_TEXTS = frozenset({GraphQLString, GraphQLID})
"""Scalars that leave every `str` as it is."""


def handled() -> Exception:
    """Return the error that generated code is handling; to name it there would cost more code than all the rest."""
    error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
    assert isinstance(error, Exception)  # noqa: S101 # asked in an `except Exception` only
    return error


def unread() -> Unread:
    """Return what stands for a value whose reading raised the error that is handled."""
    return Unread(handled())


def read_on(source: Any, fields: tuple[tuple[str, Position], ...], names: Mapping[str, Any]) -> list[Any]:
    """Read the rest of neighbouring attributes after one could not be read; none is read twice.

    Args:
        source: What is read.
        fields: By which variable each is read, and its position, in order.
        names: The variables; the first that is `UNREAD` is the one that raised the error that is handled.
    """
    result: list[Any] = []
    has_failed = False
    for variable, position in fields:
        value = names[variable]
        if value is not UNREAD:
            result.append(value)
        elif not has_failed:
            has_failed = True
            result.append(unread())
        else:
            assert position.read is not None  # noqa: S101 # only such positions are read together
            try:
                result.append(position.read(source))
            except Exception as other:
                result.append(Unread(other))
    return result


def failed(at: Position, where: Where) -> None:
    """Take the error that is handled at a nullable position, or raise it located."""
    fail_at(where[0], at, handled(), at.trail(where))


def fail_at(run: Run, at: Position, error: Exception, trail: Trail) -> None:
    """Take an error at a nullable position, or raise it located."""
    if run.late:
        run.settle(at.depth)
    run.core.handle_field_error(error, at.type, at.fields, to_path(trail))


def drain(run: Run, at: Position, items: Any, done: list[Any] | None) -> None:
    """After an item nulled its list: what of the rest can be awaited is not left unawaited."""
    if done is None or items is None:
        return
    run.settle(at.depth + 1)
    rest = iter(items[len(done) + 1 :])
    late = run.late
    late.extend((at.depth, 0, awaitable) for awaitable in collect_iterator_awaitables(rest, run.core.is_awaitable))


def leaf(at: Position, value: Any, where: Where) -> Any:
    """Complete a leaf that is not of the exact type."""
    if value is None and type(at.type) is not GraphQLNonNull:
        return None
    run = where[0]
    try:
        if type(value) is Unread:
            raise value.error  # noqa: TRY301 # its turn has come
        if at.is_method and callable(value):
            value = call_method(run, at, value, at.trail(where))
        if run.environment.is_awaitable(value):
            return postpone(run, at, awaited(run, at, value, at.trail(where)), at.trail(where))
        completed = complete_leaf(run, at, value, None)
        if type(completed) in SETTLED or not run.environment.is_awaitable(completed):
            return completed
        trail = at.trail(where)
        return postpone(run, at, guarded(run, at, completed, trail), trail)
    except Exception as error:
        return fail_at(where[0], at, error, at.trail(where))


def complete_leaves(leaves: tuple[tuple[str, Position], ...], names: Mapping[str, Any], where: Where) -> list[Any]:
    """Complete neighbouring leaves of which some are not of the exact type, in their order.

    Args:
        leaves: In which variable each is, and its position.
        names: The variables.
        where: They stand.
    """
    return [
        value if type(value := names[variable]) is str and at.leaf in _TEXTS else leaf(at, value, where)
        for variable, at in leaves
    ]


def call_method(run: Run, at: Position, method: Any, trail: Trail) -> Any:
    """Call what graphql-core's default resolver found to be callable."""
    return method(run.info(at, trail), **(at.arguments(run) if at.arguments is not None else {}))


def complete_leaf(_run: Run, at: Position, value: Any, _trail: Trail | None) -> Any:
    """Complete a leaf as `Executor.complete_value` does."""
    if isinstance(value, Exception):
        raise value
    completed = None
    if value is not None and value is not Undefined:
        completed = Executor.complete_leaf_value(at.leaf, value)
    if completed is None and isinstance(at.type, GraphQLNonNull):
        raise TypeError(f"Cannot return null for non-nullable field {at.parent}.{at.name}.")
    return completed


def scalar(at: Position, value: Any, where: Where) -> Any:
    """Complete a value of a custom scalar, or of an enum, by what its type makes of it."""
    if type(value) not in PLAIN and not is_plain(value):
        return leaf(at, value, where)
    try:
        completed = at.write(value)
        return completed if type(completed) in SETTLED else odd_leaf(at, value, completed, where)
    except Exception as error:
        return fail_at(where[0], at, error, at.trail(where))


def odd_leaf(at: Position, value: Any, completed: Any, where: Where) -> Any:
    """Judge what a scalar made of a value, where it is not of a usual type."""
    if completed is None or completed is Undefined:
        raise TypeError(
            f"Expected `{inspect(at.leaf)}.coerce_output_value({inspect(value)})`"
            f" to return non-nullable value, returned: {inspect(completed)}"
        )
    run = where[0]
    if run.environment.is_awaitable(completed):
        trail = at.trail(where)
        return postpone(run, at, guarded(run, at, completed, trail), trail)
    return completed


def cold(at: Position, value: Any, where: Where) -> Any:
    """Complete a value that is not plain, or no list where a list should be."""
    if value is None and type(at.type) is not GraphQLNonNull:
        return None
    run, trail = where[0], at.trail(where)
    try:
        if type(value) is Unread:
            raise value.error  # noqa: TRY301 # its turn has come
        if at.is_method and callable(value):
            value = call_method(run, at, value, trail)
        if run.environment.is_awaitable(value):
            return postpone(run, at, awaited(run, at, value, trail), trail)
        completed = at.complete(run, at, value, trail)
        if type(completed) in SETTLED or not run.environment.is_awaitable(completed):
            return completed
        return postpone(run, at, guarded(run, at, completed, trail), trail)
    except Exception as error:
        return fail_at(run, at, error, trail)


def ordinary(run: Run, at: Position, value: Any, trail: Trail) -> Any:
    """Complete a resolved value by graphql-core itself."""
    return run.core.complete_value(at.type, at.fields, run.info(at, trail), to_path(trail), value, None)


def postpone(run: Run, at: Position, awaitable: Awaitable[Any], trail: Trail) -> Any:
    """Note an awaitable, which completes a position and takes its errors, in the object or list around."""
    run.late.append((at.depth - 1, trail[1], awaitable))
    return awaitable


def later(run: Run, at: Position, awaitable: Any, trail: Trail) -> Any:
    """Complete a position when its value is there."""
    coroutine = awaited(run, at, awaitable, trail)
    run.late.append((at.depth - 1, trail[1], coroutine))
    return coroutine


async def awaited(run: Run, at: Position, awaitable: Awaitable[Any], trail: Trail) -> Any:
    """Await a value, then complete it (`Executor.complete_awaitable_value`)."""
    try:
        value = await awaitable
        completed = at.complete(run, at, value, trail)
        if type(completed) not in SETTLED and run.environment.is_awaitable(completed):
            completed = await completed
    except Exception as error:
        fail_at(run, at, error, trail)
        return None
    return completed


async def guarded(run: Run, at: Position, completed: Awaitable[Any], trail: Trail) -> Any:
    """Await what a synchronous value is being completed to (`await_completed`)."""
    try:
        return await completed
    except Exception as error:
        fail_at(run, at, error, trail)
        return None


def hold(run: Run, at: Position, completed: Awaitable[Any], trail: Trail) -> Any:
    """Postpone a position that a function left to be awaited."""
    return postpone(run, at, guarded(run, at, completed, trail), trail)


def gather_late(run: Run, depth: int, value: Any) -> Any:
    """Return an awaitable of an object or list where the last entries of `run.late` are parts of it, else itself."""
    late = run.late
    parts = []
    while late and late[-1][0] == depth:
        _, key, awaitable = late.pop()
        parts.append((key, awaitable))
    if not parts:
        return value
    parts.reverse()
    return gathered(value, parts)


def hold_late(at: Position, value: Any, where: Where) -> Any:
    """Postpone a position where its object or list has parts to be awaited."""
    run = where[0]
    if run.late[-1][0] != at.depth:
        return value
    trail = at.trail(where)
    return postpone(run, at, guarded(run, at, gather_late(run, at.depth, value), trail), trail)


async def gathered(value: Any, parts: list[tuple[Any, Coroutine[Any, Any, Any]]]) -> Any:
    """Await the parts of an object or a list together; one alone without the expense."""
    if len(parts) == 1:
        key, coroutine = parts[0]
        value[key] = await coroutine
    else:
        for (key, _), result in zip(parts, await await_all([part[1] for part in parts]), strict=True):
            value[key] = result
    return value
