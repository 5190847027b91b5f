"""The shape of an executor under comparison, and graphql-core behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import graphql
from graphql import DocumentNode, Executor, GraphQLSchema


class Door(Protocol):
    """An executor with graphql-core's contract."""

    def execute(self, request: "Request") -> Any:
        """Execute a query or a mutation: a result, or an awaitable of one."""

    def subscribe(self, request: "Request") -> Any:
        """Start a subscription: a stream, a result, or an awaitable of either."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an executor is given."""

    schema: GraphQLSchema
    document: DocumentNode
    operation_name: str | None
    variables: Mapping[str, Any]
    root: Any
    context: Any
    hide_suggestions: bool = False
    is_awaitable: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Core:
    """graphql-core itself, or a mutant of it."""

    executor: type[Executor[Any]] | None = None

    def execute(self, request: Request) -> Any:
        """Execute by `graphql.execute`."""
        return graphql.execute(**self._arguments(request))

    def subscribe(self, request: Request) -> Any:
        """Start by `graphql.subscribe`."""
        return graphql.subscribe(**self._arguments(request))

    def _arguments(self, request: Request) -> dict[str, Any]:
        return {
            "schema": request.schema,
            "document": request.document,
            "root_value": request.root,
            "context_value": request.context,
            "variable_values": dict(request.variables),
            "operation_name": request.operation_name,
            "hide_suggestions": request.hide_suggestions,
            "is_awaitable": request.is_awaitable,
            "executor_class": self.executor,
        }
