"""Arguments of Strawberry's fields: functions, made once for a type, that turn coerced values into the user's objects.

Equal to Strawberry's own `convert_argument`, which finds out anew for each value what its type wants. What is not an
ordinary list or input object (`Maybe`, `GlobalID`, an input that builds itself) has no converter and is left to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING
from functools import partial
from typing import Any

from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import _is_leaf_type
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import has_enum_definition
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

Convert = Callable[[Any], Any]


class NotOrdinary(Exception):
    """A type that only Strawberry itself can convert."""


class InputConverters:
    """Makes the converters of one schema; types may hold themselves."""

    def __init__(self, scalar_registry: Mapping[object, Any], config: StrawberryConfig) -> None:
        """Take what Strawberry's converter goes by."""
        self._registry = scalar_registry
        self._config = config
        self._objects: dict[Any, Convert] = {}
        self._refused: set[Any] = set()

    def converter(self, type_: Any) -> Convert | None:
        """Return the function for values of a type; None where a value stays as it is.

        Raises:
            NotOrdinary: The type, or one inside it, is for Strawberry to convert.
        """
        if isinstance(type_, StrawberryMaybe) or _is_global_id(type_):
            raise NotOrdinary
        if isinstance(type_, StrawberryOptional):
            return self.converter(type_.of_type)
        if isinstance(type_, StrawberryList):
            return self._list(type_.of_type)
        if _is_leaf_type(type_, self._registry) or has_enum_definition(type_):
            return None
        if isinstance(type_, LazyType):
            return self.converter(type_.resolve_type())
        if has_object_definition(type_) and type_.__strawberry_definition__.from_input is None:
            return self._object(type_)
        raise NotOrdinary

    def _list(self, item_type: Any) -> Convert:
        """Return what copies a list: a default of the schema must not be shared by those who may change it."""
        item = self.converter(item_type)

        def convert(value: Any) -> Any:
            if value is None or value is UNSET:
                return value
            return list(value) if item is None else [item(one) for one in value]

        return convert

    def _object(self, type_: Any) -> Convert:
        if type_ in self._refused:
            raise NotOrdinary
        if type_ in self._objects:
            return partial(_convert_as, self._objects, type_)
        self._objects[type_] = _unfinished
        try:
            made = self._objects[type_] = self._build(type_)
        except NotOrdinary:
            self._refused.add(type_)
            self._objects.clear()  # one of them may hold this type
            raise
        return made

    def _build(self, type_: Any) -> Convert:
        definition = type_.__strawberry_definition__
        absent = {
            field.python_name: None
            for field in definition.fields
            if definition.is_input and field.default_value is MISSING and field.default_factory is MISSING
        }
        name_of = self._config.name_converter.from_field
        fields = [
            (name_of(field), field.python_name, self.converter(field.resolve_type(type_definition=definition)))
            for field in definition.fields
        ]

        def convert(value: Any) -> Any:
            if value is None or value is UNSET:
                return value
            given = absent.copy()
            for name, python_name, inner in fields:
                if name in value:
                    given[python_name] = value[name] if inner is None else inner(value[name])
            return type_(**given)

        return convert


def convert_later(
    function: Callable[..., Awaitable[Any]], converters: Mapping[str, Convert]
) -> Callable[..., Awaitable[Any]]:
    """Return an asynchronous function that converts its arguments once it runs, as Strawberry's resolvers do."""

    async def call(*sources: Any, **keywords: Any) -> Any:
        for name, convert in converters.items():
            if name in keywords:
                keywords[name] = convert(keywords[name])
        return await function(*sources, **keywords)

    return call


def _convert_as(known: Mapping[Any, Convert], type_: Any, value: Any) -> Any:
    return known[type_](value)


def _unfinished(_value: Any) -> Any:
    raise AssertionError("a converter is used while it is being made")


def _is_global_id(type_: Any) -> bool:
    names = {getattr(type_, "__name__", ""), getattr(getattr(type_, "of_type", None), "__name__", "")}
    return "GlobalID" in names
