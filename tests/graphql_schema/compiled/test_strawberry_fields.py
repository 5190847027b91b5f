"""Strawberry's fields: called directly where that is the same, left to Strawberry where it is not."""

import enum
from collections.abc import Awaitable
from typing import Any

import graphql
import pytest
import strawberry
from graphql import ExecutionResult, GraphQLSchema, parse
from strawberry.extensions import FieldExtension
from strawberry.types.info import Info

from graphql_schema.compiled.operations import OperationCompiler


class Loud(FieldExtension):
    """Adds a mark to what a resolver gives."""

    def resolve(self, next_: Any, source: Any, info: Info, **arguments: Any) -> Any:
        """Resolve."""
        return f"{next_(source, info, **arguments)}!"


@strawberry.enum
class Colour(enum.Enum):
    """An enum whose values are not its names."""

    RED = "r"
    BLUE = "b"


@strawberry.input
class Point:
    """An input object."""

    x: int = 1


@strawberry.interface
class Named:
    """An interface, so its types have `is_type_of`."""

    name: str


@strawberry.type
class Person(Named):
    """A type of plain attributes."""

    age: int | None
    colour: Colour
    friends: list["Person"]


@strawberry.type
class Query:
    """Every way to write a resolver."""

    @strawberry.field
    def person(self, name: str = "Анна") -> Person:
        return _person(name)

    @strawberry.field
    async def later(self, info: Info, name: str) -> Person | None:
        return _person(f"{name} {info.context} {info.field_name} {info.path.key} {info.variable_values}")

    @strawberry.field
    def named(self) -> Named:
        return _person("by interface")

    @strawberry.field
    def wrong(self) -> Person:
        return Point()  # type: ignore[return-value] # that is the point

    @strawberry.field
    def sum(self, point: Point, colours: list[Colour], extra: int | None = strawberry.UNSET) -> str:
        return f"{point.x} {colours} {extra}"

    @strawberry.field(extensions=[Loud()])  # type: ignore[untyped-decorator] # Strawberry's
    def loud(self) -> str:
        return "x"

    @strawberry.field
    def broken(root: Any) -> str:  # noqa: N805 # Strawberry's way to ask for the source
        raise ValueError("broken")


def _person(name: str) -> Person:
    friend = Person(name="Б", age="x", colour=Colour.BLUE, friends=[])  # type: ignore[arg-type] # a wrong leaf
    return Person(name=name, age=None, colour=Colour.RED, friends=[friend])


SCHEMA = strawberry.Schema(Query)
CORE: GraphQLSchema = SCHEMA._schema
FIELDS = "{ name age colour friends { __typename name age colour friends { name } } }"


async def _result(result: ExecutionResult | Awaitable[Any]) -> Any:
    return result if isinstance(result, ExecutionResult) else await result


@pytest.mark.parametrize(
    "text",
    [
        f"{{ person {FIELDS} }}",
        f'{{ person(name: "В") {FIELDS} other: person(name: "") {FIELDS} }}',
        f"query ($name: String!) {{ later(name: $name) {FIELDS} __typename @skip(if: false) }}",
        "{ named { name ... on Person { age } __typename } }",
        "{ wrong { name } }",
        "{ sum(point: {}, colours: [RED, BLUE]) more: sum(point: { x: 2 }, colours: RED, extra: 3) }",
        "query ($point: Point!) { sum(point: $point, colours: []) }",
        "{ loud }",
        "{ broken }",
        "{ __schema { queryType { name fields { name type { kind ofType { name } } } } } }",
    ],
)
async def test_answers_as_graphql_core(text: str) -> None:
    document = parse(text)
    assert not graphql.validate(CORE, document)
    compiled = OperationCompiler(CORE).compile(document)
    assert compiled.fallbacks == ()
    request: dict[str, Any] = {
        "context_value": "context",
        "variable_values": {"name": "Г", "point": {"x": 5}},
    }
    executor = SCHEMA.execution_context_class
    for _ in range(2):
        expected = await _result(graphql.execute(CORE, document, executor_class=executor, **request))
        assert await _result(compiled.execute(**request)) == expected


def test_a_cast_object_is_taken_for_what_it_is_cast_to() -> None:
    @strawberry.type
    class Other:
        """A type that a person may be cast to by mistake."""

        name: str

    strange = strawberry.cast(Other, _person("x"))
    schema = strawberry.Schema(_query_of(strange))
    document = parse("{ person { name } }")
    expected = graphql.execute(schema._schema, document)
    assert OperationCompiler(schema._schema).compile(document).execute() == expected
    assert isinstance(expected, ExecutionResult)
    assert expected.errors


def _query_of(value: Any) -> type:
    @strawberry.type(name="Query")
    class OneQuery:
        @strawberry.field
        def person(self) -> Person:
            return value  # type: ignore[no-any-return] # whatever the test wants

    return OneQuery


def test_resolvers_and_attributes_stand_in_the_code() -> None:
    source = OperationCompiler(CORE).compile(parse("{ person { name } loud }")).source
    assert ".name)" in source
    assert "CALL_person_1(v, name=VALUE_1)" in source
    assert "RESOLVE_loud_1(v, r.info(" in source
