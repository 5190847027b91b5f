"""Coercion of variables, once per request: plain scalars by their exact type, all else by graphql-core."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from types import MappingProxyType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    VariableDefinitionNode,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import Undefined

MOST_ERRORS = 50
"""As many errors of variables as graphql-core's `execute` reports."""

_IS_PLAIN: Mapping[Any, Callable[[Any], bool]] = MappingProxyType(
    {
        GraphQLBoolean: lambda value: type(value) is bool,
        GraphQLFloat: lambda value: type(value) is float and isfinite(value),
        GraphQLID: lambda value: type(value) is str,
        GraphQLInt: lambda value: type(value) is int and -2_147_483_648 <= value <= 2_147_483_647,
        GraphQLString: lambda value: type(value) is str,
    }
)
"""By scalar: whether its coercion leaves a value as it is."""


class Variables:
    """The variables that one operation defines."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        """Find out whether every variable is of a plain scalar."""
        self._schema = schema
        self._definitions = definitions
        self.sure = frozenset(name for name, _ in self._signatures(definitions, sure=True))
        """The variables that have a value in every execution, if only null."""
        self.solid = frozenset(
            definition.variable.name.value
            for definition in definitions
            if isinstance(getattr(_signature(schema, definition), "type", None), GraphQLNonNull)
        )
        """The variables that are never null."""
        self._plain = self._plain_variables()

    def _signatures(self, definitions: Sequence[VariableDefinitionNode], *, sure: bool) -> list[tuple[str, Any]]:
        found = []
        for definition in definitions:
            type_ = getattr(_signature(self._schema, definition), "type", None)
            if not sure or definition.default_value is not None or isinstance(type_, GraphQLNonNull):
                found.append((definition.variable.name.value, type_))
        return found

    def _plain_variables(self) -> list[tuple[str, Callable[[Any], bool], bool, Any]] | None:
        """List `(name, test, whether null is allowed, default or Undefined)`, or nothing when one is not plain."""
        found = []
        for definition in self._definitions:
            type_ = getattr(_signature(self._schema, definition), "type", None)
            inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
            test = _IS_PLAIN.get(inner) if isinstance(inner, type(GraphQLInt)) else None
            default: Any = Undefined
            if definition.default_value is not None:
                coerced = get_variable_values(self._schema, (definition,), {})
                if isinstance(coerced, list):
                    return None
                default = coerced.coerced.get(definition.variable.name.value, Undefined)
            if test is None:
                return None
            found.append((definition.variable.name.value, test, inner is type_, default))
        return found

    def coerce(
        self, inputs: Mapping[str, Any], *, hide_suggestions: bool
    ) -> tuple[dict[str, Any], VariableValues | None] | list[GraphQLError]:
        """Return the coerced values, or the errors that graphql-core finds.

        Returns:
            The values by name, and the same with their sources when graphql-core made them.
        """
        plain = self._plain
        coerced: dict[str, Any] | None = None
        if plain is not None:
            coerced = self._take(plain, inputs)
        if coerced is not None:
            return coerced, None
        values = self.explain(inputs, hide_suggestions=hide_suggestions)
        return values if isinstance(values, list) else (values.coerced, values)

    @staticmethod
    def _take(
        plain: list[tuple[str, Callable[[Any], bool], bool, Any]], inputs: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        coerced = {}
        for name, test, allows_null, default in plain:
            value = inputs.get(name, Undefined)
            if value is Undefined:
                if default is Undefined:
                    if allows_null:
                        continue
                    return None
                value = default
            elif not (test(value) or (allows_null and value is None)):
                return None
            coerced[name] = value
        return coerced

    def explain(
        self, inputs: Mapping[str, Any], *, hide_suggestions: bool = False
    ) -> VariableValues | list[GraphQLError]:
        """Return graphql-core's own values of the variables, with their sources, or its errors."""
        return get_variable_values(
            self._schema,
            self._definitions,
            inputs,  # type: ignore[arg-type] # it only reads
            max_errors=MOST_ERRORS,
            hide_suggestions=hide_suggestions,
        )


def _signature(schema: GraphQLSchema, definition: VariableDefinitionNode) -> Any:
    return get_variable_signature(schema, definition)
