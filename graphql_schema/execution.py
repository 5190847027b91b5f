"""Two ways to execute a valid operation, by one contract: compiled, or by graphql-core's own executor."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Protocol, TypeGuard, cast

import structlog
from graphql import DocumentNode, ExecutionResult, Executor, GraphQLSchema, execute, subscribe
from strawberry.execution import optimized_is_awaitable

from graphql_schema.compiled.operations import Bailout, Fallback, OperationCompiler

_is_awaitable = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)
_log = structlog.get_logger("graphql")

LEFT_TO_ENCODER: Mapping[str, type] = MappingProxyType({"DateTime": datetime, "Date": date})
"""Our scalars whose values `encoding` writes as the scalars themselves would."""

Source = AsyncIterator[ExecutionResult] | ExecutionResult


class Runner(Protocol):
    """One operation of a valid document, ready to run with variables; graphql-core's contract."""

    def execute(
        self,
        *,
        root_value: Any = None,
        context_value: Any = None,
        variable_values: Mapping[str, Any] | None = None,
        hide_suggestions: bool = False,
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Run a query or a mutation."""

    def subscribe(
        self,
        *,
        root_value: Any = None,
        context_value: Any = None,
        variable_values: Mapping[str, Any] | None = None,
        hide_suggestions: bool = False,
    ) -> Source | Awaitable[Source]:
        """Begin a subscription: its results, or the one result that says why it cannot begin."""


class CoreOperation:
    """Runs an operation on graphql-core's executor; nothing is done ahead."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, name: str | None, *, executor: type[Executor[Any]] | None
    ) -> None:
        """Keep what every run needs; `executor` None means graphql-core's own."""
        self._same: dict[str, Any] = {
            "schema": schema,
            "document": document,
            "operation_name": name,
            "executor_class": executor,
            "operation_extensions": None,
        }

    def execute(
        self, *, variable_values: Mapping[str, Any] | None = None, **options: Any
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Run a query or a mutation."""
        variables = dict(variable_values or {})
        return execute(**self._same, variable_values=variables, is_awaitable=_is_awaitable, **options)

    def subscribe(
        self, *, variable_values: Mapping[str, Any] | None = None, **options: Any
    ) -> Source | Awaitable[Source]:
        """Begin a subscription."""
        return subscribe(**self._same, variable_values=dict(variable_values or {}), **options)


class Runners:
    """Gives each operation its way to run, and counts what compiled operations left to graphql-core, or gave up."""

    def __init__(
        self, schema: GraphQLSchema, *, executor: type[Executor[Any]] | None = None, most_kinds: int = 1_000
    ) -> None:
        """Serve one schema; what is compiled for it serves no other.

        Args:
            schema: To be served.
            executor: Runs what is not compiled.
            most_kinds: So many kinds of fallbacks, and of bail-outs, are told apart.
        """
        self._most_kinds = most_kinds
        self._schema = schema
        self._executor = executor
        self._compiler = OperationCompiler(
            schema,
            on_fallback=self._count_fallback,
            on_bailout=self._note_bailout,
            is_awaitable=_is_awaitable,
            left_to_encoder=LEFT_TO_ENCODER,
        )
        self.fallbacks: Counter[Fallback] = Counter()
        self.bailouts: set[Bailout] = set()

    def compiled(self, document: DocumentNode, name: str | None) -> Runner:
        """Compile an operation."""
        return self._compiler.compile(document, name)

    def interpreted(self, document: DocumentNode, name: str | None) -> Runner:
        """Leave an operation to graphql-core."""
        return CoreOperation(self._schema, document, name, executor=self._executor)

    def _count_fallback(self, fallback: Fallback) -> None:
        """Count each, and write the first of its kind to the log; beyond a bound of kinds the oldest one counts."""
        if fallback not in self.fallbacks and len(self.fallbacks) >= self._most_kinds:
            fallback = next(iter(self.fallbacks))
        self.fallbacks[fallback] += 1
        if self.fallbacks[fallback] == 1:
            _log.warning(
                "graphql_fallback",
                operation_name=fallback.operation,
                coordinate=fallback.coordinate,
                reason=fallback.reason,
            )

    def _note_bailout(self, bailout: Bailout) -> None:
        """Write the first of a field to the log: from now on the field costs more, and a value is not what it was."""
        if bailout not in self.bailouts and len(self.bailouts) < self._most_kinds:
            self.bailouts.add(bailout)
            _log.info("graphql_bailout", operation_name=bailout.operation, coordinate=bailout.coordinate)
