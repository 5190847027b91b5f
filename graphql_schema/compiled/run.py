"""One execution: what belongs to a request, and graphql-core's own executor for all that is out of the ordinary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLResolveInfo
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues

from graphql_schema.compiled.environment import Environment
from graphql_schema.compiled.positions import Position, Trail, to_path


class Run:
    """The state of one execution.

    `late` is a stack of the awaitables met so far and not yet gathered: `(depth of the object or list they lie in, key,
    awaitable)`. Objects and lists are completed from the outside in and gathered from the inside out, so the entries of
    the innermost are always on top. Between two awaits it is empty: whoever completes a value takes its entries.
    """

    __slots__ = (
        "_core",
        "_inputs",
        "_values",
        "context",
        "environment",
        "hide_suggestions",
        "late",
        "root",
        "variables",
    )

    def __init__(  # noqa: PLR0917 # made for every execution
        self,
        environment: Environment,
        root: Any,
        context: Any,
        variables: dict[str, Any],
        values: VariableValues | None,
        inputs: Mapping[str, Any],
        hide_suggestions: bool,
    ) -> None:
        """Begin; `variables` are coerced, `values` the same as graphql-core has them, or None while nobody asked."""
        self.environment = environment
        self.root = root
        self.context = context
        self.variables = variables
        self.hide_suggestions = hide_suggestions
        self.late: list[tuple[int, str | int, Any]] = []
        self._values = values
        self._inputs = inputs
        self._core: Executor[Any] | None = None

    @property
    def core(self) -> Executor[Any]:
        """Return graphql-core's executor of this execution; it collects the errors."""
        core = self._core
        if core is None:
            core = self._core = self._make_core()
        return core

    def _make_core(self) -> Executor[Any]:
        environment = self.environment
        engine = environment.engine
        return engine.executor_class(
            engine.schema,
            environment.fragments,
            environment.details,
            self.root,
            self.context,
            environment.operation,
            self.values,
            engine.field_resolver,
            engine.type_resolver,
            engine.subscribe_field_resolver,
            is_awaitable=engine.is_awaitable,
            hide_suggestions=self.hide_suggestions,
        )

    @property
    def values(self) -> VariableValues:
        """Return the values of the variables with their sources."""
        values = self._values
        if values is None:
            explained = self.environment.variables.explain(self._inputs)
            assert isinstance(explained, VariableValues)  # noqa: S101 # they were coerced before
            values = self._values = explained
        return values

    def info(self, position: Position, trail: Trail) -> GraphQLResolveInfo[Any]:
        """Return what graphql-core tells a resolver; of an item it tells no more than of its field."""
        while isinstance(trail[1], int):
            assert trail[0] is not None  # noqa: S101 # a list stands in a field
            trail = trail[0]
        return self.core.build_resolve_info(position.field, position.nodes, position.parent, to_path(trail))

    def settle(self, depth: int) -> None:
        """Let what began at `depth` or deeper end in the background: an error has nulled it."""
        late = self.late
        while late and late[-1][0] >= depth:
            level = late[-1][0]
            awaitables = []
            while late and late[-1][0] == level:
                awaitables.append(late.pop()[2])
            self.core.settle_in_background(awaitables[::-1])

    def answer(self, data: dict[str, Any] | None) -> ExecutionResult:
        """Return the answer."""
        core = self._core
        return ExecutionResult(data, (core.collected_errors.errors or None) if core is not None else None)

    def refuse(self, error: GraphQLError) -> ExecutionResult:
        """Return the answer without data, after an error that nothing above could take."""
        self.core.collected_errors.add(error, None)
        return self.answer(None)
