"""One compiled operation: a program for each choice of its steering variables, or graphql-core."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Mapping
from typing import Any, TypeAlias, cast

from graphql import DocumentNode, ExecutionResult, FragmentDefinitionNode, OperationDefinitionNode, OperationType
from graphql.execution.execute import execute as execute_by_core
from graphql.execution.execute import subscribe as subscribe_by_core
from graphql.execution.values import get_variable_values
from graphql.pyutils import Undefined

from graphql_schema.compiled.coverage import (
    KNOWN_EXECUTORS,
    KNOWN_PREDICATES,
    find_operation,
    steering_variables,
    why_not,
)
from graphql_schema.compiled.environment import Engine, Environment, Fallback
from graphql_schema.compiled.program import Program
from graphql_schema.compiled.run import Run
from graphql_schema.compiled.subscriptions import Events, open_stream
from graphql_schema.compiled.variables import Variables

MOST_PROGRAMS = 64
"""So many choices of the steering variables of one operation are compiled; others are left to graphql-core."""

Result: TypeAlias = "ExecutionResult | Awaitable[ExecutionResult]"


class CompiledOperation:
    """One operation of a document, compiled for a schema."""

    def __init__(self, engine: Engine, document: DocumentNode, name: str | None) -> None:
        """Compile for the values that steering variables have when a request gives none (or false)."""
        self._engine = engine
        self._document = document
        self._name = name
        self._lock = threading.Lock()
        self._programs: dict[tuple[Any, ...], Program | Fallback] = {}
        self._steering: list[str] = []
        self._first: Program | Fallback
        operation = find_operation(document, name)
        if operation is None:
            self._first = self._fallback("no such operation, or several and no name")
            return
        self._operation = operation
        fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        reason = self._why_not(operation, fragments)
        if reason:
            self._first = self._fallback(reason)
            return
        by_name = {fragment.name.value: fragment for fragment in fragments}
        variables = Variables(engine.schema, operation.variable_definitions or ())
        self._environment = Environment(engine, document, operation, by_name, variables)
        self._steering = steering_variables((operation, *fragments))
        self._first = self._program(tuple(self._usual_value(name) for name in self._steering))

    def _why_not(self, operation: OperationDefinitionNode, fragments: list[FragmentDefinitionNode]) -> str:
        if self._engine.is_awaitable not in KNOWN_PREDICATES:
            return "an unknown predicate of awaitables"
        if self._engine.executor_class not in KNOWN_EXECUTORS:
            return "an unknown executor class"
        return why_not(self._engine.schema, operation, fragments)

    def _usual_value(self, name: str) -> Any:
        coerced = self._environment.variables.explain({})
        if not isinstance(coerced, list) and name in coerced.coerced:
            return coerced.coerced[name]
        return False

    def _fallback(self, reason: str) -> Fallback:
        return Fallback(self._name or "", "", reason)

    @property
    def source(self) -> str:
        """The generated Python; with steering variables, that of their usual values. Empty when nothing is compiled."""
        return self._first.source if isinstance(self._first, Program) else ""

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        """What is left to graphql-core."""
        return (self._first,) if isinstance(self._first, Fallback) else ()

    def execute(
        self,
        *,
        root_value: Any = None,
        context_value: Any = None,
        variable_values: Mapping[str, Any] | None = None,
        hide_suggestions: bool = False,
    ) -> Result:
        """Execute; the same as `graphql.execute` on the document.

        Returns:
            The result, or an awaitable of it when a resolver was asynchronous. Errors are in the result.
        """
        if self._steering or isinstance(self._first, Program):
            coerced = self._environment.variables.coerce(variable_values or {}, hide_suggestions=hide_suggestions)
            if isinstance(coerced, list):
                return ExecutionResult(None, errors=coerced)
            variables, values = coerced
            program = self._choose(variables)
            if isinstance(program, Program):
                inputs = variable_values or {}
                run = Run(self._environment, root_value, context_value, variables, values, inputs, hide_suggestions)
                return program.execute(run)
        else:
            program = self._first
        self._engine.on_fallback(program)
        return self._execute_by_core(root_value, context_value, variable_values, hide_suggestions=hide_suggestions)

    def subscribe(
        self,
        *,
        root_value: Any = None,
        context_value: Any = None,
        variable_values: Mapping[str, Any] | None = None,
        hide_suggestions: bool = False,
    ) -> Events:
        """Subscribe; the same as `graphql.subscribe` on the document.

        Returns:
            A stream with a result for each event, or one result with errors, or an awaitable of either.
        """
        if isinstance(self._first, Fallback) or self._operation.operation is not OperationType.SUBSCRIPTION:
            if isinstance(self._first, Fallback):
                self._engine.on_fallback(self._first)
            return self._subscribe_by_core(root_value, context_value, variable_values, hide_suggestions)
        executor = self._engine.executor_class.build(
            self._engine.schema,
            self._document,
            root_value,
            context_value,
            cast("dict[str, Any] | None", variable_values),
            self._name,
            self._engine.field_resolver,
            self._engine.type_resolver,
            self._engine.subscribe_field_resolver,
            hide_suggestions=hide_suggestions,
        )
        if isinstance(executor, list):
            return ExecutionResult(None, errors=executor)
        values = executor.variable_values
        program = self._choose(values.coerced)
        if isinstance(program, Fallback):
            self._engine.on_fallback(program)
            return self._subscribe_by_core(root_value, context_value, variable_values, hide_suggestions)

        def answer(event: Any) -> Result:
            return program.execute(
                Run(
                    self._environment,
                    event,
                    context_value,
                    values.coerced,
                    values,
                    variable_values or {},
                    hide_suggestions,
                )
            )

        return open_stream(executor, answer)

    def _choose(self, variables: dict[str, Any]) -> Program | Fallback:
        if not self._steering:
            return self._first
        key = tuple(variables.get(name, Undefined) for name in self._steering)
        if not all(type(value) is bool or value is None or value is Undefined for value in key):
            return self._fallback("@skip or @include by something that is no Boolean")
        known = self._programs.get(key)
        return known if known is not None else self._program(key)

    def _program(self, key: tuple[Any, ...]) -> Program | Fallback:
        with self._lock:
            known = self._programs.get(key)
            if known is None:
                if len(self._programs) >= MOST_PROGRAMS:
                    return self._fallback(f"more than {MOST_PROGRAMS} choices of @skip and @include")
                known = self._programs[key] = self._compile(key)
            return known

    def _compile(self, key: tuple[Any, ...]) -> Program | Fallback:
        inputs = {name: value for name, value in zip(self._steering, key, strict=True) if value is not Undefined}
        definitions = [
            node for node in self._operation.variable_definitions or () if node.variable.name.value in self._steering
        ]
        values = get_variable_values(self._engine.schema, definitions, inputs)
        if isinstance(values, list):
            return self._fallback("a steering variable has no such value")
        try:
            return Program(self._environment, values)
        except Exception as error:  # whatever it is, graphql-core knows what to do, and the caller is told
            return self._fallback(f"{type(error).__name__}: {error}")

    def _execute_by_core(
        self, root: Any, context: Any, variables: Mapping[str, Any] | None, *, hide_suggestions: bool
    ) -> Result:
        engine = self._engine
        return execute_by_core(
            engine.schema,
            self._document,
            root,
            context,
            cast("dict[str, Any] | None", variables),
            self._name,
            engine.field_resolver,
            engine.type_resolver,
            engine.subscribe_field_resolver,
            executor_class=engine.executor_class,
            is_awaitable=engine.is_awaitable,
            hide_suggestions=hide_suggestions,
        )

    def _subscribe_by_core(
        self, root: Any, context: Any, variables: Mapping[str, Any] | None, hide_suggestions: bool
    ) -> Events:
        engine = self._engine
        return subscribe_by_core(
            engine.schema,
            self._document,
            root,
            context,
            cast("dict[str, Any] | None", variables),
            self._name,
            engine.field_resolver,
            engine.type_resolver,
            engine.subscribe_field_resolver,
            executor_class=engine.executor_class,
            hide_suggestions=hide_suggestions,
        )
