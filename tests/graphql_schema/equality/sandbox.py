"""Turns a drawn schema text into an executable schema whose every behaviour follows the plan of its context value."""

import enum
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    build_schema,
    is_abstract_type,
)

from tests.graphql_schema.equality.plans import Key, Run, dice_of, failure_at, steady
from tests.graphql_schema.equality.schema_texts import draw_schema_text
from tests.graphql_schema.equality.things import Odd, World


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A schema to execute against, and its text."""

    text: str
    schema: GraphQLSchema
    world: World


class _Colour(enum.Enum):
    FIRST = "first"
    SECOND = "second"


@lru_cache(maxsize=8)
def sandbox(seed: int, types: int) -> Sandbox:
    """Build the sandbox of a seed."""
    text = draw_schema_text(seed, types)
    schema = build_schema(text)
    dice = dice_of(seed + 1)
    world = World(schema)
    for type_ in schema.type_map.values():
        if not type_.name.startswith("__"):
            _give_behaviour(type_, world, dice)
    _give_subscribers(schema, world, dice)
    return Sandbox(text, schema, world)


def _give_behaviour(type_: GraphQLNamedType, world: World, dice: random.Random) -> None:
    if isinstance(type_, GraphQLScalarType):
        _give_scalar_its_meaning(type_)
    elif isinstance(type_, GraphQLEnumType):
        _give_enum_inner_values(type_, dice)
    elif isinstance(type_, GraphQLInputObjectType):
        _give_input_inner_names(type_, dice)
    elif isinstance(type_, GraphQLObjectType):
        _give_object_resolvers(type_, world, dice)
        if dice.random() < 0.4:
            type_.is_type_of = _is_type_of(type_)
    elif is_abstract_type(type_) and dice.random() < 0.6:
        type_.resolve_type = _resolve_type


def _give_subscribers(schema: GraphQLSchema, world: World, dice: random.Random) -> None:
    if schema.subscription_type is not None:
        for field in schema.subscription_type.fields.values():
            field.subscribe = _subscriber(field, world)
            field.resolve = None if dice.random() < 0.5 else _resolver(field, world)


def even(value: Any) -> Any:
    """Take even numbers only; give `None` or `Undefined` for two odd ones, as a careless scalar would."""
    if value in (3, 5):
        return None if value == 3 else Undefined
    if isinstance(value, bool) or not isinstance(value, int) or value % 2:
        raise ValueError(f"not even: {type(value).__name__}")
    return value


def _give_scalar_its_meaning(type_: GraphQLScalarType) -> None:
    if type_.name == "Even":
        type_.coerce_output_value = even
        type_.coerce_input_value = even


def _give_enum_inner_values(type_: GraphQLEnumType, dice: random.Random) -> None:
    inner: list[Any] = dice.choice([[], [0, 1, 2, 3, 4], list(_Colour), [("a", 1), "b", 2.5, frozenset()]])
    for value, replacement in zip(type_.values.values(), inner, strict=False):
        value.value = replacement


def _give_input_inner_names(type_: GraphQLInputObjectType, dice: random.Random) -> None:
    for name, field in type_.fields.items():
        if dice.random() < 0.3:
            field.out_name = f"{name}_inner"
    if dice.random() < 0.2:
        type_.out_type = _Filled  # type: ignore[assignment,method-assign] # graphql-core's own way to set it


class _Filled(dict[str, Any]):
    """What an input object becomes where its type says so."""

    def __repr__(self) -> str:
        return f"Filled({super().__repr__()})"


def _give_object_resolvers(type_: GraphQLObjectType, world: World, dice: random.Random) -> None:
    for field in type_.fields.values():
        for name, argument in field.args.items():
            if dice.random() < 0.2:
                argument.out_name = f"{name}_inner"
        if dice.random() < 0.5:
            field.resolve = _resolver(field, world)


def place(info: GraphQLResolveInfo[Any]) -> Key:
    """Return where a resolver stands: the response path."""
    return tuple(info.path.as_list())


def _resolver(field: GraphQLField, world: World) -> Any:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        run: Run = info.context
        note_call(run, source, info, arguments)
        return world.outcome(run, field.type, place(info))

    return resolve


def note_call(run: Run, source: Any, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> None:
    """Write down that a resolver was called, with all that it was told."""
    run.note(
        "resolve",
        place(info),
        info.path.typename,
        f"{info.parent_type}.{info.field_name}: {info.return_type}",
        tuple(node.loc.start if node.loc else -1 for node in info.field_nodes),
        steady(source),
        steady(arguments),
        steady(info.variable_values.coerced),
        info.operation.name.value if info.operation.name else None,
        tuple(info.fragments),
        steady(info.root_value),
    )


def _is_type_of(type_: GraphQLObjectType) -> Any:
    def is_type_of(value: Any, info: GraphQLResolveInfo[Any]) -> Any:
        run: Run = info.context
        key = (*place(info), type_.name)
        run.note("is_type_of", key)
        dice = run.dice(key, "is_type_of")
        name = getattr(value, "type_name", None) or (isinstance(value, dict) and value.get("__typename"))
        failure = failure_at(key, dice) if run.fails(key, dice) else None
        if run.waits(key, dice):
            return run.later(key, name == type_.name, failure, dice)
        if failure is not None:
            raise failure
        return name == type_.name

    return is_type_of


def _resolve_type(value: Any, info: GraphQLResolveInfo[Any], type_: Any) -> Any:
    run: Run = info.context
    key = (*place(info), type_.name)
    run.note("resolve_type", key)
    dice = run.dice(key, "resolve_type")
    name = getattr(value, "type_name", None) or (isinstance(value, dict) and value.get("__typename")) or None
    failure = failure_at(key, dice) if run.fails(key, dice) else None
    if failure is not None and dice.random() < 0.6:
        failure, name = None, dice.choice([None, 7, "Nowhere", "Int", type_.name, "Query"])
    if run.waits(key, dice):
        return run.later(key, name, failure, dice)
    if failure is not None:
        raise failure
    return name


def _subscriber(field: GraphQLField, world: World) -> Any:
    def subscribe(source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        run: Run = info.context
        note_call(run, source, info, arguments)
        key = ("subscribe", *place(info))
        dice = run.dice(key, "subscribe")
        failure = failure_at(key, dice) if run.fails(key, dice) else None
        stream: Any = _events(run, field, info.field_name, world)
        if failure is not None and dice.random() < 0.5:
            stream, failure = dice.choice([failure, None, 5, [1], Odd()]), None
        if run.waits(key, dice):
            return run.later(key, stream, failure, dice)
        if failure is not None:
            raise failure
        return stream

    return subscribe


async def _events(run: Run, field: GraphQLField, name: str, world: World) -> AsyncIterator[Any]:
    for number in range(run.dice(("events",), name).randrange(4)):
        key: Key = ("event", number)
        dice = run.dice(key, name)
        if run.waits(key, dice):
            await run.later(key, None, None, dice)
        if run.fails(key, dice) and dice.random() < 0.3:
            raise failure_at(key, dice)
        run.note("event", number)
        # What a root resolver by default reads; where the field has a resolver of its own, only the path decides.
        value = world.value(run, field.type, (*key, name)) if dice.random() < 0.9 else None
        yield cast("Any", {name: value})
    run.note("events ended")
