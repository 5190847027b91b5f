"""Arguments of one field of an operation: constants are coerced once per compilation, variables looked up.

What is not plain (input objects, lists, wrong literals) is coerced by graphql-core for every call, as it does itself:
a resolver may change the list it is given, and an error is a new one each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    is_required_argument,
)
from graphql.execution.values import coerce_argument, get_argument_values
from graphql.pyutils import Undefined

from graphql_schema.compiled.positions import Position
from graphql_schema.compiled.run import Run

_IMMUTABLE = frozenset({type(None), bool, int, float, str, bytes, date, datetime, time, timedelta, Decimal, UUID})


@dataclass(frozen=True, slots=True)
class Argument:
    """One plain argument: a constant, or a variable with what stands in for it when it has no value.

    `value` is the constant or the default; `Undefined` means that the argument is left out. With `is_strict` a variable
    that is null, or has no value and no default, is for graphql-core to refuse.
    """

    name: str
    out_name: str
    value: Any
    variable: str | None = None
    is_strict: bool = False


def plain_arguments(at: Position) -> list[Argument] | None:
    """Return the arguments of a field when each is plain, in the order of the schema; None when one is not."""
    node = at.nodes[0]
    nodes = {argument.name.value: argument for argument in node.arguments or ()}
    found = []
    for name, definition in at.field.args.items():
        given = nodes.get(name)
        out_name = definition.out_name or name
        if given is not None and isinstance(given.value, VariableNode):
            default = _constant(at, name, definition, None) if not is_required_argument(definition) else Undefined
            strict = isinstance(definition.type, GraphQLNonNull)
            argument = Argument(name, out_name, default, given.value.name.value, strict)
        else:
            argument = Argument(name, out_name, _constant(at, name, definition, given))
        if argument.value is _NOT_PLAIN:
            return None
        found.append(argument)
    return found


_NOT_PLAIN: Any = object()


def _constant(at: Position, name: str, definition: GraphQLArgument, given: Any) -> Any:
    """Return the value of an argument without variables, Undefined when it is left out."""
    if given is not None and _has_variable(given.value):
        return _NOT_PLAIN
    coerced: dict[str, Any] = {}
    try:
        coerce_argument(coerced, at.nodes[0], name, definition, given, None, None)
    except (GraphQLError, RecursionError):
        return _NOT_PLAIN
    value = next(iter(coerced.values()), Undefined)
    is_plain = value is Undefined or type(value) in _IMMUTABLE or isinstance(value, Enum)
    return value if is_plain else _NOT_PLAIN


def may_be_refused(at: Position) -> bool:
    """Tell whether graphql-core could find an argument wrong, which it does before it asks for the value.

    Its default resolver cannot take an argument by the name of one of its own parameters.
    """
    plain = plain_arguments(at)
    return plain is None or any(argument.is_strict or argument.out_name in {"source", "info"} for argument in plain)


def _has_variable(node: ValueNode) -> bool:
    waiting: list[Any] = [node]
    while waiting:
        at = waiting.pop()
        if isinstance(at, VariableNode):
            return True
        if isinstance(at, ListValueNode):
            waiting.extend(at.values)
        elif isinstance(at, ObjectValueNode):
            waiting.extend(field.value for field in at.fields)
    return False


def argument_maker(at: Position) -> Callable[[Run], dict[str, Any]] | None:
    """Return what makes the arguments for one call of a resolver of graphql-core; None when the field has none."""
    if not at.field.args:
        return None

    def coerce(run: Run) -> dict[str, Any]:
        return get_argument_values(at.field, at.nodes[0], run.values, None, run.hide_suggestions)

    plain = plain_arguments(at)
    return coerce if plain is None else _Lookup([(argument.out_name, argument) for argument in plain], coerce)


def keyword_maker(
    at: Position, names: Mapping[str, str], converters: Mapping[str, Callable[[Any], Any]]
) -> Callable[[Run], dict[str, Any]]:
    """Return what makes the keyword arguments for one call of a user's function.

    Args:
        at: The field, which has arguments.
        names: By the argument's name the keyword to use for it.
        converters: By the argument's name what turns its coerced value into the user's own.
    """
    make = argument_maker(at)
    known = {definition.out_name or name: name for name, definition in at.field.args.items()}

    def keywords(run: Run) -> dict[str, Any]:
        made = {known[out_name]: value for out_name, value in (make(run) if make else {}).items()}
        return {names[name]: converters[name](value) if name in converters else value for name, value in made.items()}

    return keywords


class _Lookup:
    """Makes plain arguments by looking up variables."""

    __slots__ = ("_coerce", "_constants", "_variables")

    def __init__(self, arguments: list[tuple[str, Argument]], coerce: Callable[[Run], dict[str, Any]]) -> None:
        self._coerce = coerce
        self._constants = {
            keyword: argument.value
            for keyword, argument in arguments
            if argument.variable is not None or argument.value is not Undefined
        }
        self._variables = [
            (keyword, argument.variable, argument.value, argument.is_strict)
            for keyword, argument in arguments
            if argument.variable is not None
        ]

    def __call__(self, run: Run) -> dict[str, Any]:
        """Return the arguments in the order of the schema."""
        made = self._constants.copy()
        variables = run.variables
        for keyword, variable, default, is_strict in self._variables:
            value = variables.get(variable, default)
            if is_strict and (value is None or value is Undefined):
                return self._coerce(run)
            if value is Undefined:
                del made[keyword]
            else:
                made[keyword] = value
        return made
