"""Which fields an operation selects of a type, and the positions of their values."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import GraphQLError, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from graphql_schema.compiled.completion import complete_leaf, ordinary
from graphql_schema.compiled.environment import Environment
from graphql_schema.compiled.positions import Position
from graphql_schema.compiled.writer import literal

MOST_POSITIONS = 5_000
DEEPEST = 48
"""Deeper answers are graphql-core's, which ends at some depth by the interpreter's limit; ours would go further."""


class NotCompilable(Exception):
    """The operation is better left to graphql-core."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where code stands: below which steps and in which lists of its function, and how deep in the answer."""

    steps: tuple[tuple[str, str] | None, ...] = ()
    lists: tuple[str, ...] = ()
    depth: int = 0
    blocks: int = 0
    where: str = "w"
    """The variable that tells a position of the run, the trail and the lists."""

    def trail(self, at: Position) -> str:
        """The expression of a position's trail."""
        text, lists = "q", iter(self.lists)
        for step in at.steps:
            text = (
                f"({text}, len({next(lists)}), None)"
                if step is None
                else f"({text}, {literal(step[0])}, {literal(step[1])})"
            )
        return text


class Selections:
    """Collects the fields of one operation for one set of included fields."""

    def __init__(self, environment: Environment, values: VariableValues) -> None:
        """`values` decide what `@skip` and `@include` leave."""
        self._environment = environment
        self._schema = environment.engine.schema
        self._values = values
        self.count = 0
        """How many positions there are so far."""

    def of_root(self, type_: GraphQLObjectType) -> dict[str, list[FieldDetails]]:
        """Collect the fields of the whole operation.

        Raises:
            GraphQLError: `@skip` or `@include` has a wrong argument.
        """
        environment = self._environment
        return collect_fields(
            self._schema, environment.details, self._values, type_, environment.operation
        ).grouped_field_set

    def below(self, fields: list[FieldDetails], type_: GraphQLObjectType) -> dict[str, list[FieldDetails]] | None:
        """Collect what some fields select of an object, None when `@skip` or `@include` has a wrong argument there."""
        environment = self._environment
        try:
            return collect_subfields(
                self._schema, environment.details, self._values, environment.operation, type_, fields
            ).grouped_field_set
        except GraphQLError:
            return None

    def note(self, depth: int) -> None:
        """Count a position in an object that stands at some depth.

        Raises:
            NotCompilable: The answer is too deep or too wide.
        """
        self.count += 1
        if self.count > MOST_POSITIONS:
            raise NotCompilable(f"more than {MOST_POSITIONS} positions")
        if depth >= DEEPEST:
            raise NotCompilable(f"deeper than {DEEPEST}")

    def position(
        self, place: Place, type_: GraphQLObjectType, key: str, details: list[FieldDetails]
    ) -> Position | None:
        """Return the position of a field's value, None when the type has no such field.

        Raises:
            NotCompilable: The answer is too deep or too wide.
        """
        name = details[0].node.name.value
        definition = self._schema.get_field(type_, name)
        if not definition:
            return None
        self.note(place.depth)
        at = Position(
            key=key,
            name=name,
            field=definition,
            parent=type_,
            type_=definition.type,
            fields=details,
            steps=(*place.steps, (key, type_.name)),
            depth=place.depth + 1,
        )
        at.complete = ordinary if at.leaf is None else complete_leaf
        return at
