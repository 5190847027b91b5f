"""What is the same for every execution of one operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLFieldResolver,
    GraphQLSchema,
    GraphQLTypeResolver,
    OperationDefinitionNode,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.executor import Executor

from graphql_schema.compiled.variables import Variables

IsAwaitable = Callable[[Any], TypeGuard[Awaitable[Any]]]


@dataclass(frozen=True, slots=True)
class Fallback:
    """What graphql-core executes instead of compiled code, and why; `coordinate` is empty for the whole operation."""

    operation: str
    coordinate: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bailout:
    """A field of an operation where speculative code met what it was not written for; careful code goes on there."""

    operation: str
    coordinate: str


@dataclass(frozen=True, slots=True)
class Engine:
    """How operations of a schema are executed: the options of graphql-core's `execute` that are known beforehand."""

    schema: GraphQLSchema
    is_awaitable: IsAwaitable
    executor_class: type[Executor[Any]]
    field_resolver: GraphQLFieldResolver
    type_resolver: GraphQLTypeResolver
    subscribe_field_resolver: GraphQLFieldResolver
    awaits: bool
    """Whether coroutines are awaited at all: not under `assume_not_awaitable`."""
    on_fallback: Callable[[Fallback], None]
    on_bailout: Callable[[Bailout], None]
    left_to_encoder: Mapping[str, type] = field(default_factory=dict)
    """By the name of a scalar the class, `datetime` or `date`, whose values stay as they are: see `leaves`."""
    speculates: bool = True
    """Whether speculative code is written where it can be: see `speculation`."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One operation and how it is executed."""

    engine: Engine
    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    variables: Variables
    details: dict[str, FragmentDetails] = field(init=False)
    is_awaitable: IsAwaitable = field(init=False)
    type_resolver: GraphQLTypeResolver = field(init=False)

    def __post_init__(self) -> None:
        """Keep at hand what every execution asks for."""
        object.__setattr__(self, "details", {name: FragmentDetails(node) for name, node in self.fragments.items()})
        object.__setattr__(self, "is_awaitable", self.engine.is_awaitable)
        object.__setattr__(self, "type_resolver", self.engine.type_resolver)
