"""The data of a case: values of every type, right and wrong, made where an executor first asks for them."""

import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from tests.graphql_schema.equality.beings import Being, Thing, being_class
from tests.graphql_schema.equality.plans import Key, Run, failure_at


class Odd:
    """A value that no scalar takes."""

    def __repr__(self) -> str:
        return "<odd>"


WRONG: tuple[Any, ...] = (
    None, None, Undefined, Odd(), "x", "", "7", 3, -1, 0, 1, 2**31, 2**40, -(2**63), 1.5, 3.0, float("nan"),
    float("inf"), True, False, [], {}, (), [None], b"bytes", bytearray(b"a"), Odd, 1e300, "NaN", range(2), ["a", 1],
    {"a": 1}, 10**400,
)  # fmt: skip
RIGHT: dict[str, tuple[Any, ...]] = {
    "Int": (0, 7, -5, 2**31 - 1, 3.0, True, "12"),
    "Float": (0.0, -1.25, 3, "2.5", False),
    "String": ("", "text", "Здоровье \U0001f600", "'''\"\\", 5, True, 1.5),
    "Boolean": (True, False, 1, 0, 1.0),
    "ID": ("id", 7, "", 12.0),
    "Even": (2, 0, -4),
    "Opaque": ("o", 5, {"k": [1, None]}, [True], 1.5),
}


class Record(dict[str, Any]):
    """A mapping whose representation is the same in every run."""

    def __repr__(self) -> str:
        return f"<record {self.get('__typename')}>"


class World:
    """Makes the values of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._classes: dict[str, type[Being]] = {}

    def value(self, run: Run, type_: GraphQLOutputType, key: Key) -> Any:
        """Make the value of a type at a place; an item of a list may be an exception or an awaitable."""
        dice = run.dice(key, "value")
        fails = run.fails(key, dice)
        if isinstance(type_, GraphQLNonNull):
            if fails and dice.random() < 0.3:
                return None
            type_ = type_.of_type
        elif dice.random() < 0.08:
            return None
        if fails and dice.random() < 0.6:
            return failure_at(key, dice) if dice.random() < 0.2 else dice.choice(WRONG)
        return self._right(run, type_, key, dice, fails=fails)

    def _right(self, run: Run, type_: Any, key: Key, dice: random.Random, *, fails: bool) -> Any:
        if isinstance(type_, GraphQLList):
            return self._many(run, type_.of_type, key, dice, fails=fails)
        if isinstance(type_, GraphQLEnumType):
            return dice.choice(list(type_.values.values())).value
        if is_object_type(type_) or is_abstract_type(type_):
            return self._one(run, type_, key, dice, fails=fails)
        return dice.choice(RIGHT[type_.name])

    def root(self, run: Run, type_: Any) -> Any:
        """Make a root value."""
        return self._being(run, type_, ("root",))

    def _one(self, run: Run, type_: Any, key: Key, dice: random.Random, *, fails: bool) -> Any:
        possible = list(self.schema.get_possible_types(type_)) if is_abstract_type(type_) else [type_]
        actual = dice.choice(possible) if possible else None
        if fails and dice.random() < 0.5:
            actual = dice.choice([type_ for type_ in self.schema.type_map.values() if is_object_type(type_)])
        if actual is None or isinstance(actual, GraphQLUnionType):
            return Odd()
        kind = dice.random()
        if kind < 0.2:
            return self._mapping(run, actual, key)
        if kind < 0.45:
            return self._ready(run, actual, key)
        return Thing(self, run, actual, key) if kind < 0.55 else self._being(run, actual, key)

    def _being(self, run: Run, type_: Any, key: Key) -> Being:
        if type_.name not in self._classes:
            self._classes[type_.name] = being_class(type_)
        return self._classes[type_.name](self, run, type_, key)

    def _ready(self, run: Run, type_: Any, key: Key) -> dict[str, Any]:
        """Make a dictionary whose values are there from the start, but for lists and what lies deep."""
        values: dict[str, Any] = dict(self._mapping(run, type_, key))
        for name, definition in type_.fields.items():
            nullable = get_nullable_type(definition.type)
            if not isinstance(nullable, GraphQLList) and (is_leaf_type(nullable) or len(key) < 5):
                values[name] = self.value(run, definition.type, (*key, name))
        return values

    def _mapping(self, run: Run, type_: Any, key: Key) -> Mapping[str, Any]:
        def lazily(name: str) -> Callable[..., Any]:
            def call(_info: Any, /, **arguments: Any) -> Any:
                run.note("called", key, name, repr(arguments))
                return self.outcome(run, type_.fields[name].type, (*key, name))

            return call

        return Record({"__typename": type_.name, **{name: lazily(name) for name in type_.fields}})

    def outcome(self, run: Run, type_: GraphQLOutputType, key: Key) -> Any:
        """Do what a resolver does at a place: give a value, raise, or do either later."""
        dice = run.dice(key, "outcome")
        raises = run.fails(key, dice) and dice.random() < 0.6
        if run.waits(key, dice):
            failure = failure_at(key, dice) if raises else None
            return run.later(key, None if raises else self.value(run, type_, key), failure, dice)
        if raises:
            raise failure_at(key, dice)
        return self.value(run, type_, key)

    def _item(self, run: Run, type_: GraphQLOutputType, key: Key) -> Any:
        dice = run.dice(key, "item")
        if run.waits(key, dice) and dice.random() < 0.5:
            failure = failure_at(key, dice) if run.fails(key, dice) else None
            return run.later(key, None if failure else self.value(run, type_, key), failure, dice)
        return self.value(run, type_, key)

    def _many(self, run: Run, type_: GraphQLOutputType, key: Key, dice: random.Random, *, fails: bool) -> Any:
        length = dice.randrange(run.plan.longest + 1)
        keys = [(*key, index) for index in range(length)]
        kind = dice.randrange(12)
        broken_at = dice.randrange(length + 1) if fails else -1

        def items() -> Iterator[Any]:
            for index, item_key in enumerate(keys):
                if index == broken_at:
                    run.note("list broke", key)
                    raise failure_at(key, dice)
                yield self._item(run, type_, item_key)

        if kind == 0:
            return items()
        if kind <= 2 and run.plan.waits:
            return _stream(items()) if kind == 1 else _Stream(items())
        return _gathered([self._item(run, type_, item_key) for item_key in keys], kind)


def _gathered(made: list[Any], kind: int) -> Any:
    """Give items the form of one of the collections that are iterable and no list."""
    if kind == 3:
        return tuple(made)
    if kind == 4:
        return deque(made)
    if kind == 5:
        return dict(enumerate(made)).values()
    if kind == 6 and all(isinstance(item, str | int) for item in made):
        return dict.fromkeys(made).keys()
    if kind == 7 and all(isinstance(item, str | int) for item in made):
        return set(made)
    return made


async def _stream(items: Iterator[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


class _Stream:
    """An asynchronous iterable that is no generator: nothing to close."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items

    def __aiter__(self) -> "_Stream":
        return self

    async def __anext__(self) -> Any:
        for item in self._items:
            return item
        raise StopAsyncIteration
