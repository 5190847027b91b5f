"""Generated code for leaves: an exact type is its own answer, anything else is completed by graphql-core.

The built-in scalars leave values of one Python type as they are (`Int` within 32 bits, `Float` where finite), so a
test of the type is all there is to do. The names of an enum are looked up by the identity of its members.

Where the caller says so, instants and dates are left to the encoder of the answer: orjson writes them as `isoformat`
does, in a tenth of the time. Not before 1973, when some zones still had offsets with seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLString,
)
from strawberry.schema.schema_converter import CustomGraphQLEnumType

from graphql_schema.compiled.positions import Position
from graphql_schema.compiled.writer import Writer

_WRONG: Mapping[GraphQLScalarType, tuple[str, Any]] = MappingProxyType(
    {
        GraphQLString: ("type({0}) is not str", GraphQLString.coerce_output_value),
        GraphQLID: ("type({0}) is not str", GraphQLID.coerce_output_value),
        GraphQLInt: ("(type({0}) is not int or not -2147483648 <= {0} <= 2147483647)", GraphQLInt.coerce_output_value),
        GraphQLFloat: ("(type({0}) is not float or {0} - {0} != 0.0)", GraphQLFloat.coerce_output_value),
        GraphQLBoolean: ("type({0}) is not bool", GraphQLBoolean.coerce_output_value),
    }
)
"""By scalar: when a value is not of its exact type, and the coercion for which this is true."""

_FOR_ENCODER: Mapping[type, str] = MappingProxyType(
    {datetime: "type({0}) is datetime and {0}.tzinfo is not None and {0}.year >= 1973", date: "type({0}) is date"}
)
"""By class: when a value may be left to the encoder."""


def write_leaf(
    writer: Writer, at: Position, variable: str, where: str, left_to_encoder: Mapping[str, type] | None = None
) -> None:
    """Write the completion of the leaf in a variable.

    Args:
        writer: Where to.
        at: Its place.
        variable: Holds the value, and afterwards what it became.
        where: The variable by which a position finds its trail.
        left_to_encoder: By the name of a scalar the class whose values stay as they are.
    """
    position = writer.constant("AT", at)
    is_nullable = not isinstance(at.type, GraphQLNonNull)
    if is_tested_leaf(at):
        writer.line(f"if {_test(at, variable)}: {variable} = leaf({position}, {variable}, {where})")
        return
    names = names_by_member(at.leaf)
    if names is not None:
        find = writer.constant(f"NAME_OF_{at.leaf.name}", names.find)
        made = f"{find}(id({variable})) or leaf({position}, {variable}, {where})"
    else:
        at.write = at.leaf.coerce_output_value
        made = f"scalar({position}, {variable}, {where})"
        if (left := (left_to_encoder or {}).get(at.leaf.name)) is not None:
            made = f"{variable} if {_FOR_ENCODER[left].format(variable)} else {made}"
    writer.line(f"{f'if {variable} is not None: ' if is_nullable else ''}{variable} = {made}")


def is_tested_leaf(at: Position) -> bool:
    """Tell whether a place holds a leaf of a built-in scalar, for whose values a test is all there is to do."""
    return _wrong(at.leaf) is not None


def write_leaves(writer: Writer, leaves: Sequence[tuple[Position, str]], where: str) -> None:
    """Write the completion of neighbouring leaves, in their order, that need no more than a test each.

    Args:
        writer: Where to.
        leaves: Their places, and the variables that hold the values.
        where: The variable by which a position finds its trail.
    """
    if len(leaves) == 1:
        write_leaf(writer, *leaves[0], where)
        return
    tests = " or ".join(_test(at, variable) for at, variable in leaves)
    variables = ", ".join(variable for _, variable in leaves)
    named = writer.constant("LEAVES", tuple((variable, at) for at, variable in leaves))
    writer.line(f"if {tests}: {variables} = complete_leaves({named}, locals(), {where})")


def _test(at: Position, variable: str) -> str:
    """Return the test whether a value is wrong, or not of its exact type."""
    wrong = _wrong(at.leaf)
    assert wrong is not None  # noqa: S101 # asked of built-in scalars only
    test = wrong.format(variable)
    return test if isinstance(at.type, GraphQLNonNull) else f"{test} and {variable} is not None"


def _wrong(type_: Any) -> str | None:
    known = _WRONG.get(type_) if type(type_) is GraphQLScalarType else None
    return known[0] if known is not None and known[1] == type_.coerce_output_value else None


class _Names(dict[int, str]):
    """Names by the identity of members, which are kept so that no other object can have it."""

    members: tuple[object, ...]
    find: Callable[[int], str | None]


def names_by_member(type_: Any) -> _Names | None:
    """Return the names of an enum by the identity of the Python enum's members; None for other types."""
    if type(type_) not in {CustomGraphQLEnumType, GraphQLEnumType}:
        return None
    if (known := _NAMES.get(type_)) is None:
        known = _NAMES[type_] = _find_names(type_)
    return known


_NAMES: WeakKeyDictionary[GraphQLEnumType, _Names] = WeakKeyDictionary()
"""Found once a type: Strawberry looks through all members for the name of each."""


def _find_names(type_: GraphQLEnumType) -> _Names:
    if type(type_) is CustomGraphQLEnumType:
        members: list[Any] = list(type_.wrapped_cls.__members__.values())
    else:
        members = [value.value for value in type_.values.values() if isinstance(value.value, enum.Enum)]
    names = _Names()
    for member in members:
        try:
            names[id(member)] = type_.coerce_output_value(member)
        except Exception:  # noqa: S112 # a member without a name is for graphql-core to complain of
            continue
    names.members = tuple(members)
    names.find = MappingProxyType(names).get
    return names
