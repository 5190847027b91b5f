"""The public door: operations are compiled once into Python functions and executed with graphql-core's contract.

The idea. graphql-core walks a document anew for every answer: it collects fields, builds a path and an info for each,
asks of each value whether it is an error or can be awaited. Nearly all of this is known beforehand. So an operation
and its schema are turned into Python source that reads attributes and builds dictionaries in straight lines
(`generator`), and everything out of the ordinary (an error, a null where there may be none, a wrong type, a value to
be awaited) goes to a function that does exactly what graphql-core does at that place, mostly by calling it
(`completion`, `abstracts`). What is awaited keeps graphql-core's structure to the last task, so that the order of
events and of errors is the same.

Where things are: `operations` (this door) asks `coverage` what can be compiled, keeps an `environment` for the
operation and a `program` for each choice of its `@skip` and `@include`. A program is written by `generator` with a
`writer`: values come from `accesses` (`strawberry_fields`, `arguments`), leaves from `leaves`; each place of the
operation is a `positions` constant. `run` is one execution, `variables` its variables. `subscriptions` executes a
program for each event.

To cover something new: find its place in graphql-core's `Executor`; let the generated code test that the usual case
holds and send the rest to a function beside the others; let the differential tests judge.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    GraphQLFieldResolver,
    GraphQLSchema,
    GraphQLTypeResolver,
    assert_valid_schema,
)
from graphql.execution.execute import assume_not_awaitable
from graphql.execution.execute import execute as execute_by_core
from graphql.execution.execute import subscribe as subscribe_by_core
from graphql.execution.executor import default_field_resolver, default_type_resolver
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.incremental import IncrementalExecutor
from graphql.pyutils.is_awaitable import is_awaitable as core_is_awaitable

from graphql_schema.compiled.environment import Bailout, Engine, Fallback
from graphql_schema.compiled.operation import CompiledOperation, Result
from graphql_schema.compiled.subscriptions import Stream

__all__ = ["Bailout", "CompiledOperation", "Fallback", "OperationCompiler", "execute", "subscribe"]

_log = logging.getLogger(__name__)


def _ignore(_event: object) -> None:
    """Take no notice."""


class OperationCompiler:
    """Compiles the operations of one schema and remembers a bounded number of them, the latest used; thread-safe."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        on_fallback: Callable[[Fallback], None] = _ignore,
        on_bailout: Callable[[Bailout], None] = _ignore,
        most_operations: int = 1_000,
        is_awaitable: Any = core_is_awaitable,
        executor_class: type[Executor[Any]] | None = None,
        field_resolver: GraphQLFieldResolver | None = None,
        type_resolver: GraphQLTypeResolver | None = None,
        subscribe_field_resolver: GraphQLFieldResolver | None = None,
        left_to_encoder: Mapping[str, type] | None = None,
        speculates: bool = True,
    ) -> None:
        """Serve one schema; a new schema, or one that was changed, needs a new compiler.

        Args:
            schema: A valid one.
            is_awaitable: As of `graphql.execute`; one that is not known leaves everything to graphql-core.
            field_resolver: As of `graphql.execute`.
            type_resolver: As of `graphql.execute`.
            subscribe_field_resolver: As of `graphql.subscribe`.
            on_fallback: Called at each execution that graphql-core does instead.
            on_bailout: Called when speculative code is given up at a field: once for each place, type that is possible
                there and choice of `@skip` and `@include`, twice if two threads come there together.
            most_operations: How many are remembered.
            executor_class: Whose `info` resolvers see; by default Strawberry's for a schema of its own.
            left_to_encoder: By the name of a scalar the class, `datetime` or `date`, whose values stay as they are in
                `data`, for an encoder that writes them as `isoformat` does.
            speculates: Write speculative code where there is nothing but attributes (see `speculation`); without, it is
                careful from the start. The answers are the same.
        """
        strawberry_schema = getattr(schema, "_strawberry_schema", None)
        self._engine = Engine(
            schema,
            is_awaitable,
            executor_class or getattr(strawberry_schema, "execution_context_class", None) or IncrementalExecutor,
            field_resolver or default_field_resolver,
            type_resolver or default_type_resolver,
            subscribe_field_resolver or default_field_resolver,
            awaits=is_awaitable is not assume_not_awaitable,
            on_fallback=on_fallback,
            on_bailout=on_bailout,
            left_to_encoder=left_to_encoder or {},
            speculates=speculates,
        )
        self._most = most_operations
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, str | None], tuple[DocumentNode, CompiledOperation]] = OrderedDict()

    def compile(self, document: DocumentNode, operation_name: str | None = None) -> CompiledOperation:
        """Return the compiled operation of a document, which is known by its identity.

        Raises:
            TypeError: The schema is not valid.
        """
        assert_valid_schema(self._engine.schema)
        key = (id(document), operation_name)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known[1]
            operation = CompiledOperation(self._engine, document, operation_name)
            self._known[key] = (document, operation)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
            return operation


def execute(  # noqa: PLR0917 # graphql-core's signature
    schema: GraphQLSchema,
    document: DocumentNode,
    root_value: Any = None,
    context_value: Any = None,
    variable_values: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    field_resolver: GraphQLFieldResolver | None = None,
    type_resolver: GraphQLTypeResolver | None = None,
    subscribe_field_resolver: GraphQLFieldResolver | None = None,
    *,
    is_awaitable: Any = None,
    executor_class: type[Executor[Any]] | None = None,
    hide_suggestions: bool = False,
    **options: Any,
) -> Result:
    """Compile and execute once; the same as `graphql.execute`, to which options that are not covered are left.

    Nothing is remembered: a server keeps an `OperationCompiler`.
    """
    if _must_be_left(options):
        return execute_by_core(
            schema,
            document,
            root_value,
            context_value,
            cast("dict[str, Any] | None", variable_values),
            operation_name,
            field_resolver,
            type_resolver,
            subscribe_field_resolver,
            is_awaitable=is_awaitable,
            executor_class=executor_class,
            hide_suggestions=hide_suggestions,
            **options,
        )
    compiler = OperationCompiler(
        schema,
        on_fallback=_tell,
        is_awaitable=is_awaitable or core_is_awaitable,
        executor_class=executor_class or IncrementalExecutor,
        field_resolver=field_resolver,
        type_resolver=type_resolver,
        subscribe_field_resolver=subscribe_field_resolver,
    )
    return compiler.compile(document, operation_name).execute(
        root_value=root_value,
        context_value=context_value,
        variable_values=variable_values,
        hide_suggestions=hide_suggestions,
    )


def subscribe(  # noqa: PLR0917 # graphql-core's signature
    schema: GraphQLSchema,
    document: DocumentNode,
    root_value: Any = None,
    context_value: Any = None,
    variable_values: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    field_resolver: GraphQLFieldResolver | None = None,
    type_resolver: GraphQLTypeResolver | None = None,
    subscribe_field_resolver: GraphQLFieldResolver | None = None,
    *,
    executor_class: type[Executor[Any]] | None = None,
    hide_suggestions: bool = False,
    **options: Any,
) -> Stream | ExecutionResult | Awaitable[Stream | ExecutionResult]:
    """Compile and subscribe once; the same as `graphql.subscribe`, to which options that are not covered are left."""
    if _must_be_left(options):
        return cast(
            "Stream",
            subscribe_by_core(
                schema,
                document,
                root_value,
                context_value,
                cast("dict[str, Any] | None", variable_values),
                operation_name,
                field_resolver,
                type_resolver,
                subscribe_field_resolver,
                executor_class=executor_class,
                hide_suggestions=hide_suggestions,
                **options,
            ),
        )
    compiler = OperationCompiler(
        schema,
        on_fallback=_tell,
        executor_class=executor_class or ExecutorThrowingOnIncremental,
        field_resolver=field_resolver,
        type_resolver=type_resolver,
        subscribe_field_resolver=subscribe_field_resolver,
    )
    return compiler.compile(document, operation_name).subscribe(
        root_value=root_value,
        context_value=context_value,
        variable_values=variable_values,
        hide_suggestions=hide_suggestions,
    )


_WITHOUT_EFFECT = frozenset({"enable_early_execution"})
"""Options that matter to incremental delivery only, which is never compiled."""


def _must_be_left(options: Mapping[str, Any]) -> bool:
    """Tell whether an option is not covered, and say so in the log."""
    left = sorted(name for name, value in options.items() if value is not None and name not in _WITHOUT_EFFECT)
    if left:
        _log.info("options left to graphql-core: %s", ", ".join(left))
    return bool(left)


def _tell(fallback: Fallback) -> None:
    _log.info("left to graphql-core: %s", fallback.reason)
