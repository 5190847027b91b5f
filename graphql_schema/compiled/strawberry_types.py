"""Types of Strawberry: objects whose class tells their type are not asked for it one by one."""

from __future__ import annotations

import inspect
from typing import Any

from graphql import GraphQLObjectType
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_schema.compiled.classes import is_plain
from graphql_schema.compiled.strawberry_fields import MADE_BY, cell
from graphql_schema.compiled.writer import Writer, literal

CAST_ATTRIBUTE = "__as_strawberry_type__"
"""Where `strawberry.cast` notes the type that an object is to be taken for."""


def classes_of(type_: GraphQLObjectType) -> tuple[type, ...] | None:
    """Return the classes whose instances Strawberry takes for a type, where it asks for nothing else but a cast."""
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    is_type_of = type_.is_type_of
    if definition is None or definition.is_type_of or definition.concrete_of:
        return None
    if getattr(is_type_of, "__module__", None) != MADE_BY or not inspect.isfunction(is_type_of):
        return None
    classes = cell(is_type_of, "possible_types")
    return classes if isinstance(classes, tuple) else None


def plain_object_test(writer: Writer, type_: GraphQLObjectType, variable: str) -> str:
    """Return the test whether a value is plain, and of a type where its class tells that."""
    classes = classes_of(type_) if type_.is_type_of else None
    if classes is None:
        return f"type({variable}) in PLAIN or is_plain({variable})"
    known: set[type] = set()

    def joins(value: Any) -> bool:
        if not (is_plain(value) and isinstance(value, classes)):
            return False
        known.add(type(value))
        return True

    kin, join = writer.constant("KIN", known), writer.constant("joins", joins)
    cast_attribute = literal(CAST_ATTRIBUTE)
    return f"(type({variable}) in {kin} or {join}({variable})) and getattr({variable}, {cast_attribute}, None) is None"
