"""A position: one place of an operation where a value is completed; a field's value, or the items of its list.

Everything that can be known of a place before any request is kept here: its type, its nodes, how the value is read,
where it stands in the answer. What is known only at run time is its *trail*: a chain of plain tuples `(previous, key,
typename)` with the fields of graphql-core's `Path`, cheaper to make, and turned into a real `Path` only when somebody
looks at it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType, is_leaf_type
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path

Trail: TypeAlias = "tuple[Trail | None, str | int, str | None]"
Where: TypeAlias = "tuple[Any, ...]"
"""The run, the trail of the function that code stands in, and the lists that are under way there."""
Complete: TypeAlias = "Callable[[Any, Position, Any, Trail], Any]"
"""Completes, for a run, a resolved value that stands at a trail; gives the completed value or an awaitable of it."""


class Position:
    """One place of an operation.

    `depth` counts the keys of its path. `steps` lead from the function that completes it: a step `None` is the index in
    the next enclosing list, another is `(key, typename)`. `is_item` tells the items of a list from a field.
    """

    __slots__ = (
        "arguments",
        "bodies",
        "complete",
        "depth",
        "field",
        "fields",
        "is_item",
        "is_method",
        "items",
        "key",
        "leaf",
        "name",
        "nodes",
        "parent",
        "read",
        "speculative",
        "steps",
        "type",
        "write",
    )

    def __init__(
        self,
        *,
        key: str,
        name: str,
        field: GraphQLField,
        parent: GraphQLObjectType,
        type_: GraphQLOutputType,
        fields: list[FieldDetails],
        steps: tuple[tuple[str, str] | None, ...],
        depth: int,
        is_item: bool = False,
    ) -> None:
        """Note what is known; the generator fills in the rest."""
        self.key = key
        self.name = name
        self.field = field
        self.parent = parent
        self.type = type_
        self.fields = fields
        self.nodes = [details.node for details in fields]
        self.steps = steps
        self.depth = depth
        self.is_item = is_item
        inner = nullable(type_)
        self.leaf: Any = inner if is_leaf_type(inner) else None
        self.complete: Complete
        self.bodies: dict[str, Complete] = {}
        self.speculative: Callable[[Any], Any] | None = None
        """The speculative function, until it bails out (see `bailouts`)."""
        self.read: Callable[[Any], Any] | None = None
        self.is_method = False
        self.items: Position
        """Of a list of objects of an interface or a union: their position, as seen by who is given the list's trail."""
        self.write: Callable[[Any], Any]
        """What a custom scalar or an enum makes of a value."""
        self.arguments: Callable[[Any], dict[str, Any]] | None = None
        """Makes the keyword arguments of a call, for a run."""

    def item(self) -> Position:
        """Return the position of the items, where the type of this one is a list."""
        list_type = nullable(self.type)
        assert isinstance(list_type, GraphQLList)  # noqa: S101 # asked of lists only
        return Position(
            key=self.key,
            name=self.name,
            field=self.field,
            parent=self.parent,
            type_=list_type.of_type,
            fields=self.fields,
            steps=(*self.steps, None),
            depth=self.depth + 1,
            is_item=True,
        )

    def rooted(self) -> Position:
        """Return the same place as a function sees it that is given the trail of the place itself."""
        copy = Position(
            key=self.key,
            name=self.name,
            field=self.field,
            parent=self.parent,
            type_=self.type,
            fields=self.fields,
            steps=(),
            depth=self.depth,
            is_item=self.is_item,
        )
        copy.bodies = self.bodies
        return copy

    def trail(self, where: Where) -> Trail:
        """Return the trail of this place; the index in a list is how much of it is done."""
        trail: Trail | None = where[1]
        following = iter(where[2:])
        for step in self.steps:
            trail = (trail, len(next(following)), None) if step is None else (trail, *step)
        assert trail is not None  # noqa: S101 # the root of the answer is no position
        return trail


def nullable(type_: GraphQLOutputType) -> Any:
    """Return the type without its outer non-null."""
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def to_path(trail: Trail) -> Path:
    """Return graphql-core's path of a trail."""
    steps = []
    at: Trail | None = trail
    while at is not None:
        steps.append(at)
        at = at[0]
    path: Path | None = None
    for step in reversed(steps):
        path = Path(path, step[1], step[2])
    assert path is not None  # noqa: S101 # a trail has at least one step
    return path
