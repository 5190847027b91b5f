"""What the compiler leaves to graphql-core, found by looking at an operation and at how it is to be executed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutableDefinitionNode,
    Executor,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    VariableNode,
)
from graphql.execution.execute import assume_not_awaitable
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.incremental import IncrementalExecutor
from graphql.pyutils.is_awaitable import is_awaitable as core_is_awaitable
from graphql.type.directives import GraphQLDisableErrorPropagationDirective
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

KNOWN_PREDICATES: tuple[Any, ...] = (core_is_awaitable, optimized_is_awaitable, assume_not_awaitable)
"""Predicates of awaitables whose answer depends on the class of a value."""

KNOWN_EXECUTORS: tuple[type[Executor[Any]], ...] = (
    Executor,
    IncrementalExecutor,
    ExecutorThrowingOnIncremental,
    StrawberryGraphQLCoreExecutionContext,
)
"""Executors that execute operations without incremental delivery alike."""

_INCREMENTAL = frozenset({"defer", "stream"})
_STEERING = frozenset({"skip", "include"})
_NO_PROPAGATION = GraphQLDisableErrorPropagationDirective.name


def find_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """Return the operation that graphql-core would execute, None when it would refuse."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    named = [node for node in operations if node.name and node.name.value == name]
    return named[-1] if named else None


def why_not(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]
) -> str:
    """Return why graphql-core has to execute an operation, an empty text when it need not."""
    if schema.get_directive("defer") or schema.get_directive("stream"):
        return "the schema has @defer or @stream"
    if any(fragment.variable_definitions for fragment in fragments):
        return "fragments with variables"
    if any(directive.name.value in _INCREMENTAL for directive in _directives((operation, *fragments))):
        return "@defer or @stream"
    return ""


def propagates_errors(operation: OperationDefinitionNode) -> bool:
    """Tell whether an error at a place that is not nullable nulls what is around it, as it does unless asked not to."""
    return all(directive.name.value != _NO_PROPAGATION for directive in operation.directives or ())


def steering_variables(definitions: Iterable[ExecutableDefinitionNode]) -> list[str]:
    """Return the variables that decide which fields are included, sorted by name."""
    found = set()
    for directive in _directives(definitions):
        if directive.name.value in _STEERING:
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    found.add(argument.value.name.value)
    return sorted(found)


def _directives(definitions: Iterable[ExecutableDefinitionNode]) -> Iterator[DirectiveNode]:
    waiting: list[Any] = [definition.selection_set for definition in definitions]
    while waiting:
        for selection in waiting.pop().selections:
            yield from selection.directives or ()
            if isinstance(selection, (FieldNode, InlineFragmentNode)) and selection.selection_set:
                waiting.append(selection.selection_set)
            elif not isinstance(selection, (FieldNode, InlineFragmentNode, FragmentSpreadNode)):
                raise TypeError(f"no selection: {selection!r}")
