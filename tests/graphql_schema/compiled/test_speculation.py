"""Speculative code: where it is written, and that any wrong value anywhere is completed as ever."""

from collections import deque
from collections.abc import Callable, Generator
from decimal import Decimal
from operator import getitem
from types import SimpleNamespace
from typing import Any, Generic, NewType, TypeVar, cast
from uuid import UUID

import pytest
import strawberry
from graphql import GraphQLSchema, parse
from graphql.pyutils import Undefined
from strawberry.schema.config import StrawberryConfig

from graphql_schema.compiled.operations import Bailout, OperationCompiler
from tests.graphql_schema.compiled.rooms import (
    SCHEMA,
    TEXTS,
    Colour,
    Named,
    bed,
    changed,
    compiled,
    deleting,
    room,
    setting,
)
from tests.graphql_schema.equality.pairs import awaited, equal

T = TypeVar("T")


class Text(str):
    """A string, but not exactly."""

    __slots__ = ()


class Promise:
    """Can be awaited, and is the same each time."""

    def __await__(self) -> Generator[None, None, str]:
        yield
        return "awaited"

    def __repr__(self) -> str:
        return "<promise>"


class Odd:
    """No value of any type."""

    def __repr__(self) -> str:
        return "<odd>"


_WRONG: list[Callable[[], Any]] = [
    lambda: None,
    lambda: Undefined,
    lambda: 3,
    lambda: -(2**31) - 1,
    lambda: 2**31,
    lambda: True,
    lambda: 3.0,
    lambda: float("nan"),
    lambda: float("-inf"),
    lambda: "text",
    lambda: Text("text"),
    lambda: Colour.BLUE,
    lambda: "RED",
    list,
    lambda: (bed(), None),
    lambda: deque([bed()]),
    lambda: [["x", 5, None, Odd()], [bed()], None],
    lambda: [None],
    lambda: {"code": "c"},
    lambda: SimpleNamespace(code="c", width="wide", id="i"),
    bed,
    lambda: ValueError("a value"),
    lambda: Odd,
    Odd,
    Promise,
    lambda: len,
]


def _paths() -> list[tuple[str, ...]]:
    beds = [("first",), ("spare",), ("beds", "0"), ("beds", "1"), ("rows", "0", "0")]
    attributes = [(name,) for name in vars(room())]
    items = [("beds", "0"), ("rows", "0"), ("rows", "0", "1"), ("words", "1"), ("colours", "0")]
    return [*attributes, *items, *((*path, name) for path in beds for name in ("code", "width"))]


def test_all_of_it_is_speculative() -> None:
    for text in TEXTS:
        source = compiled(text).source
        assert "# speculate_" in source
        assert "complete_leaves(" not in source
        assert "speculate" not in compiled(text, speculates=False).source


@pytest.mark.parametrize("text", TEXTS, ids=["sync", "async and lists", "union"])
async def test_right_values_are_completed_without_bailing_out(text: str) -> None:
    await equal(SCHEMA, text, room)
    told: list[Bailout] = []
    await awaited(compiled(text, on_bailout=told.append).execute(root_value=room()))
    assert told == []


@pytest.mark.parametrize("text", TEXTS, ids=["sync", "async and lists", "union"])
@pytest.mark.parametrize("path", _paths(), ids=".".join)
async def test_any_wrong_value_is_completed_as_by_graphql_core(path: tuple[str, ...], text: str) -> None:
    for make in _WRONG:
        await equal(SCHEMA, text, lambda make=make: changed(path, setting(make())))  # type: ignore[misc] # bound at once
    await equal(SCHEMA, text, lambda: changed(path, deleting))


Word = NewType("Word", str)
_OF_SCALARS = StrawberryConfig(scalar_map={Word: strawberry.scalar(name="Word", serialize=str)})


@strawberry.type
class Written:
    uuid: UUID
    price: Decimal | None
    word: Word


@strawberry.type(name="Query")
class OfScalars:
    @strawberry.field
    def written(self) -> Written:
        return cast("Written", self)


@pytest.mark.parametrize(
    ("uuid", "price", "word", "bailouts"),
    [
        (UUID(int=7), Decimal("1.50"), "word", 0),
        (UUID(int=7), None, "word", 0),
        ("7", Decimal(1), "word", 1),
        (UUID(int=7), 1.5, "word", 1),
        (UUID(int=7), Decimal("NaN"), 5, 1),
        (None, None, None, 1),
    ],
)
async def test_scalars_that_are_written_by_str(uuid: Any, price: Any, word: Any, bailouts: int) -> None:
    told: list[Bailout] = []
    schema: GraphQLSchema = strawberry.Schema(OfScalars, config=_OF_SCALARS)._schema
    text = "{ written { uuid price word } }"
    await equal(schema, text, lambda: Written(uuid=uuid, price=price, word=word))
    operation = OperationCompiler(schema, on_bailout=told.append).compile(parse(text))
    await awaited(operation.execute(root_value=Written(uuid=uuid, price=price, word=word)))
    assert len(told) == bailouts


@strawberry.type
class Keyword:
    class_: str = strawberry.field(name="class")
    code: str


Keyword.__strawberry_definition__.fields[1].python_name = "class"  # type: ignore[attr-defined] # as a library might


@strawberry.type
class Choosy(Named):
    code: str

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return value is not None


@strawberry.type
class Pair(Named, Generic[T]):
    value: T


@strawberry.type(name="Query")
class OfSpecials:
    @strawberry.field
    def choosy(self) -> Choosy:
        return cast("Choosy", self)

    @strawberry.field
    def pair(self) -> Pair[int]:
        return cast("Pair[int]", self)

    @strawberry.field
    def keyword(self) -> Keyword:
        return cast("Keyword", self)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("{ choosy { id code } }", lambda: SimpleNamespace(id="i", code="c")),
        ("{ pair { id value } }", lambda: Pair(id=strawberry.ID("i"), value=1)),
        ("{ keyword { class code } }", lambda: SimpleNamespace(**{"class": "c", "code": "x"})),
    ],
    ids=["a type that asks", "a generic type with an interface", "an attribute with the name of a keyword"],
)
async def test_what_is_special_is_careful(text: str, root: Callable[[], Any]) -> None:
    schema: GraphQLSchema = strawberry.Schema(OfSpecials)._schema
    assert "# speculate_" not in OperationCompiler(schema).compile(parse(text)).source
    _, errors, _ = await equal(schema, text, root)
    assert errors is None


async def test_items_of_mappings_are_no_attributes() -> None:
    @strawberry.type
    class Item:
        number: int

    @strawberry.type(name="Query")
    class OfItems:
        @strawberry.field
        def item(self) -> Item:
            return cast("Item", self)

    schema: GraphQLSchema = strawberry.Schema(OfItems, config=StrawberryConfig(default_resolver=getitem))._schema
    text = "{ item { number } }"
    assert "# speculate_" not in OperationCompiler(schema).compile(parse(text)).source
    assert (await equal(schema, text, lambda: {"number": 1}))[1] is None
    assert (await equal(schema, text, lambda: Item(number=1)))[1] is not None


@strawberry.type
class Knot:
    name: str
    child: "Knot"
    maybe: "Knot | None"
    many: "list[Knot]"
    lots: "list[Knot | None] | None"


@strawberry.type(name="Query")
class Ring:
    @strawberry.field
    def knot(self) -> Knot:
        knot = Knot.__new__(Knot)
        knot.name, knot.child, knot.maybe, knot.many, knot.lots = "ring", knot, knot, [knot], [knot, None]
        return knot


@pytest.mark.parametrize(("field", "depth"), [("child", 46), ("maybe", 46), ("many", 22), ("lots", 22), ("lots", 9)])
async def test_what_is_nested_deeply_is_answered_all_the_same(field: str, depth: int) -> None:
    schema: GraphQLSchema = strawberry.Schema(Ring)._schema
    text = "{ knot { " + f"name {field} {{ " * depth + "name" + " }" * depth + " } }"
    operation = OperationCompiler(schema).compile(parse(text))
    assert operation.fallbacks == ()
    assert "# speculate_" in operation.source
    data, errors, _ = await equal(schema, text)
    assert data.count("ring") == depth + 1
    assert errors is None


async def test_lists_within_lists_beyond_what_python_nests_are_careful_outside() -> None:
    @strawberry.type(name="Query")
    class Deep:
        @strawberry.field
        def lists(self) -> list[list[list[list[list[list[list[list[list[int]]]]]]]]]:
            return [[[[[[[[[1, 2]]]]]]]]]

    schema: GraphQLSchema = strawberry.Schema(Deep)._schema
    assert "# complete_lists" in OperationCompiler(schema).compile(parse("{ lists }")).source
    await equal(schema, "{ lists }")
