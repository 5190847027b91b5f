"""Fields of Strawberry: the user's function is called directly, a plain attribute is read as one.

A field is taken apart only when it is exactly what Strawberry's own converter made of a plain definition: no
extensions or permissions, no handlers of exceptions, no subclass with its own `get_result`, arguments that
`strawberry_inputs` can convert. Any other keeps the resolver that Strawberry made for it.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from graphql import GraphQLField, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info

from graphql_schema.compiled.positions import Position, Trail, to_path
from graphql_schema.compiled.strawberry_inputs import Convert, InputConverters, NotOrdinary

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from graphql_schema.compiled.run import Run

MADE_BY = "strawberry.schema.schema_converter"


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A user's resolver and what it wants.

    `keywords` gives the Python name of each argument by its GraphQL name, `converters` what turns its coerced value
    into the user's own, where it does not stay as it is.
    """

    function: Callable[..., Any]
    definition: StrawberryField
    is_async: bool
    takes_self: bool
    source_names: tuple[str, ...]
    info_name: str | None
    info_class: type[Info]
    keywords: dict[str, str]
    converters: dict[str, Convert]


def attribute_of(field: GraphQLField) -> tuple[Callable[[Any, str], Any], str] | None:
    """Return the reader and the name of a plain attribute, None when the field is no such thing."""
    resolve = field.resolve
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not _is_made_by_converter(resolve, "_get_basic_result") or not _is_ordinary(definition, resolve):
        return None
    name = definition.python_name
    return (definition.default_resolver, name) if type(name) is str and not definition.base_resolver else None


def is_event(at: Position) -> bool:
    """Tell whether the field passes an event of a subscription on as it is."""
    definition = at.field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return (
        type(definition) is StrawberryField
        and definition.is_subscription
        and getattr(at.field.resolve, "__module__", None) == MADE_BY
        and getattr(at.field.resolve, "__name__", None) == "<lambda>"
    )


def user_function(schema: GraphQLSchema, at: Position) -> UserFunction | None:
    """Return the user's function of a field, None when it cannot simply be called."""
    resolve = at.field.resolve
    definition = at.field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not (_is_made_by_converter(resolve, "_resolver") or _is_made_by_converter(resolve, "_async_resolver")):
        return None
    if not _is_ordinary(definition, resolve) or cell(resolve, "field_exception_handlers") != ():
        return None
    resolver = definition.base_resolver
    converter = getattr(getattr(schema, "_strawberry_schema", None), "schema_converter", None)
    if type(resolver) is not StrawberryResolver or converter is None or not callable(resolver.wrapped_func):
        return None
    try:
        converters = _converters(converter, definition.arguments)
    except NotOrdinary:
        return None
    name_of = converter.config.name_converter.from_argument
    sources = (resolver.parent_parameter, resolver.root_parameter)
    return UserFunction(
        function=resolver.wrapped_func,
        definition=definition,
        is_async=inspect.iscoroutinefunction(resolver.wrapped_func),
        takes_self=resolver.self_parameter is not None,
        source_names=tuple(dict.fromkeys(parameter.name for parameter in sources if parameter is not None)),
        info_name=resolver.info_parameter.name if resolver.info_parameter is not None else None,
        info_class=converter.config.info_class,
        keywords={name_of(argument): argument.python_name for argument in definition.arguments},
        converters=converters,
    )


def _is_made_by_converter(resolve: Any, name: str) -> bool:
    return (
        inspect.isfunction(resolve)
        and resolve.__module__ == MADE_BY
        and resolve.__qualname__ == f"GraphQLCoreConverter.from_resolver.<locals>.{name}"
    )


def cell(function: Any, name: str) -> Any:
    """Return what a function holds under a name of the function around it, or None."""
    names = function.__code__.co_freevars
    return function.__closure__[names.index(name)].cell_contents if name in names else None


def _is_ordinary(definition: object, resolve: Any) -> TypeGuard[StrawberryField]:
    """Tell whether nothing stands between the field and its function, and the resolver is this very field's."""
    if not isinstance(definition, StrawberryField) or definition.extensions or definition.is_subscription:
        return False
    if type(definition).get_result is not StrawberryField.get_result:
        return False
    maker = cell(resolve, "_strawberry_info_from_graphql")
    return (cell(maker, "field") if maker is not None else cell(resolve, "field")) is definition


def _converters(converter: GraphQLCoreConverter, arguments: list[StrawberryArgument]) -> dict[str, Convert]:
    inputs = InputConverters(converter.scalar_registry, converter.config)
    made = {converter.config.name_converter.from_argument(one): inputs.converter(one.type) for one in arguments}
    return {name: convert for name, convert in made.items() if convert is not None}


def is_getter(reader: Any) -> bool:
    """Tell whether a default resolver reads attributes."""
    return reader is getattr


def is_item_getter(reader: Any) -> bool:
    """Tell whether a default resolver reads items of a mapping."""
    return reader is operator.getitem


class LazyInfo(Info):
    """Strawberry's `Info`, which asks graphql-core for the whole of its knowledge only when a resolver looks."""

    def __init__(self, run: Run, at: Position, trail: Trail, definition: StrawberryField) -> None:
        """Note where it was made."""
        self._run = run
        self._at = at
        self._trail = trail
        self._field = definition
        self._known: GraphQLResolveInfo[Any] | None = None

    @property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override] # a field of the dataclass, here made when asked for
        known = self._known
        if known is None:
            known = self._known = self._run.info(self._at, self._trail)
        return known

    @property
    def context(self) -> Any:
        """The context passed to the execution."""
        return self._run.context

    @property
    def root_value(self) -> Any:
        """The root value passed to the execution."""
        return self._run.root

    @property
    def path(self) -> Any:
        """The path of the field being resolved."""
        return to_path(self._trail)


def make_info(run: Run, at: Position, trail: Trail, wanted: UserFunction) -> Info:
    """Return the `Info` of a call."""
    if wanted.info_class is Info:
        return LazyInfo(run, at, trail, wanted.definition)
    return wanted.info_class(_raw_info=run.info(at, trail), _field=wanted.definition)
