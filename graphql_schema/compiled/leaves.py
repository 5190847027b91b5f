"""Generated code for leaves: an exact type is its own answer, anything else is completed by graphql-core.

The built-in scalars leave values of one Python type as they are (`Int` within 32 bits, `Float` where finite), so a
test of the type is all there is to do; a scalar that is written by `str` leaves a `str` as it is. The names of an enum
are looked up by the identity of its members.

Where the caller says so, instants and dates are left to the encoder of the answer: orjson writes them as `isoformat`
does, in a tenth of the time. Not before 1973, when some zones still had offsets with seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID
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
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter

from graphql_schema.compiled.positions import Position, nullable
from graphql_schema.compiled.writer import Writer

_WRONG: Mapping[GraphQLScalarType, tuple[str, Any]] = MappingProxyType(
    {
        GraphQLString: ("type({0}) is not str", GraphQLString.coerce_output_value),
        GraphQLID: ("type({0}) is not str", GraphQLID.coerce_output_value),
        GraphQLInt: ("type({0}) is not int or not -2147483648 <= {1} <= 2147483647", GraphQLInt.coerce_output_value),
        GraphQLFloat: ("type({0}) is not float or {1} - {1} != 0.0", GraphQLFloat.coerce_output_value),
        GraphQLBoolean: ("type({0}) is not bool", GraphQLBoolean.coerce_output_value),
    }
)
"""By scalar: when a value is not of its exact type, and the coercion for which this is true.

`{0}` is the value where it is first named, so an expression that reads it may stand there; `{1}` is its variable."""

_WRONG_TEXT = _WRONG[GraphQLString][0]

_WRONG_FOR_ENCODER: Mapping[type, str] = MappingProxyType(
    {
        datetime: "type({0}) is not datetime or {1}.tzinfo is None or {1}.year < 1973",
        date: "type({0}) is not date",
    }
)
"""By class: when a value may not be left to the encoder."""

_WRITTEN = frozenset({UUID, Decimal})
"""Classes that Strawberry has a scalar for, written by `str`: to write one of exactly these has no effect."""

LeftToEncoder = Mapping[str, type]
"""By the name of a scalar the class whose values stay as they are."""


def write_leaf(writer: Writer, at: Position, variable: str, where: str, left: LeftToEncoder) -> None:
    """Write the completion of the leaf in a variable.

    Args:
        writer: Where to.
        at: Its place.
        variable: Holds the value, and afterwards what it became.
        where: The variable by which a position finds its trail.
        left: To the encoder.
    """
    position = writer.constant("AT", at)
    is_nullable = not isinstance(at.type, GraphQLNonNull)
    if is_tested_leaf(at):
        writer.line(f"if {_test(at, variable)}: {variable} = leaf({position}, {variable}, {where})")
        return
    names = names_by_member(at.leaf)
    if names is not None:
        find = writer.constant(f"NAME_OF_{at.leaf.name}", names.find)
        given = f"if {variable} is not None: " if is_nullable else ""
        writer.line(f"{given}{variable} = {find}(id({variable})) or leaf({position}, {variable}, {where})")
        return
    at.write = at.leaf.coerce_output_value
    conditions = [f"{variable} is not None"] if is_nullable else []
    if (wrong := _wrong_by_function(at.leaf, left)) is not None:
        test = wrong.format(variable, variable)
        conditions.append(f"({test})" if is_nullable else test)
    test = f"if {' and '.join(conditions)}: " if conditions else ""
    writer.line(f"{test}{variable} = scalar({position}, {variable}, {where})")


def is_tested_leaf(at: Position) -> bool:
    """Tell whether a place holds a leaf of a built-in scalar, for whose values a test is all there is to do."""
    return _wrong(at.leaf) is not None


def write_leaves(writer: Writer, leaves: Sequence[tuple[Position, str]], where: str, left: LeftToEncoder) -> None:
    """Write the completion of neighbouring leaves, in their order, that need no more than a test each.

    Args:
        writer: Where to.
        leaves: Their places, and the variables that hold the values.
        where: The variable by which a position finds its trail.
        left: To the encoder.
    """
    if len(leaves) == 1:
        write_leaf(writer, *leaves[0], where, left)
        return
    tests = " or ".join(_test(at, variable) for at, variable in leaves)
    variables = ", ".join(variable for _, variable in leaves)
    named = writer.constant("LEAVES", tuple((variable, at) for at, variable in leaves))
    writer.line(f"if {tests}: {variables} = complete_leaves({named}, locals(), {where})")


def _test(at: Position, variable: str) -> str:
    """Return the test whether a value is wrong, or not of its exact type."""
    wrong = _wrong(at.leaf)
    assert wrong is not None  # noqa: S101 # asked of built-in scalars only
    test = wrong.format(variable, variable)
    return test if isinstance(at.type, GraphQLNonNull) else f"({test}) and {variable} is not None"


def _wrong(type_: Any) -> str | None:
    known = _WRONG.get(type_) if type(type_) is GraphQLScalarType else None
    return known[0] if known is not None and known[1] == type_.coerce_output_value else None


def _wrong_by_function(type_: Any, left: LeftToEncoder) -> str | None:
    """Return when a value of a scalar with a function of its own may not stay as it is; None when none may."""
    if type_.name in left:
        return _WRONG_FOR_ENCODER[left[type_.name]]
    return _WRONG_TEXT if type_.coerce_output_value is str else None


def speculative_leaf(writer: Writer, type_: Any, variable: str, read: str, left: LeftToEncoder) -> tuple[str, str]:
    """Return the condition on which a leaf is not what it should be, if it has to be asked, and what it becomes.

    Args:
        writer: Keeps the names of an enum.
        type_: Of the leaf.
        variable: Holds the value once it is read.
        read: The variable, or the expression that reads the value.
        left: To the encoder.

    Raises:
        NotSpeculative: A function of the scalar has to be called.
    """
    is_nullable = not isinstance(type_, GraphQLNonNull)
    inner = nullable(type_)
    names = names_by_member(inner)
    if names is not None:
        return "", f"{writer.constant('NAMES', names.or_none if is_nullable else names.exact)}[id({read})]"
    wrong, text = _speculative_scalar(writer, inner, left)
    first = variable if read == variable else f"{variable} := {read}"
    text = text.format(variable)
    if not is_nullable:
        return wrong.format(first, variable), text
    given = text if text == variable else f"None if {variable} is None else {text}"
    return f"({first}) is not None and ({wrong.format(variable, variable)})", given


def _speculative_scalar(writer: Writer, type_: Any, left: LeftToEncoder) -> tuple[str, str]:
    """Return when a value of a scalar is wrong, and the expression of what a right one becomes."""
    if type(type_) is not GraphQLScalarType:
        raise NotSpeculative
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    of_python = getattr(definition, "origin", None)
    if type_.coerce_output_value is str and of_python in _WRITTEN:
        return f"type({{0}}) is not {writer.constant(of_python.__name__, of_python)}", "str({0})"
    wrong = _wrong(type_) or _wrong_by_function(type_, left)
    if wrong is None:
        raise NotSpeculative
    return wrong, "{0}"


class NotSpeculative(Exception):
    """What is selected cannot be read without effects."""


class _Names(dict[int, str]):
    """Names by the identity of members, which are kept, by this and by the schema, so that no other can have it."""

    members: tuple[object, ...]
    find: Callable[[int], str | None]
    exact: dict[int, str]
    """The same, which Python looks up faster in than in a class derived from `dict`."""
    or_none: dict[int, str | None]
    """The same, with null for None."""


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
    names.exact = dict(names)
    names.or_none = {**names, id(None): None}
    return names
