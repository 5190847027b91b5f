"""Code of equal functions is compiled once; neighbouring leaves keep the order of their errors."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import strawberry
from graphql import GraphQLSchema, build_schema, parse

from graphql_schema.compiled import codes
from graphql_schema.compiled.codes import forget_codes, make_function
from graphql_schema.compiled.operations import OperationCompiler
from tests.graphql_schema.equality.pairs import equal


@strawberry.type
class Part:
    a: str
    b: int | None
    c: strawberry.ID
    d: bool | None


@strawberry.type
class Query:
    @strawberry.field
    def part(self) -> Part | None:
        return cast("Part", self)

    @strawberry.field
    def parts(self) -> list[Part | None]:
        return [cast("Part", self), Part(a="x", b=None, c=strawberry.ID("y"), d=True)]


SCHEMA = strawberry.Schema(Query)._schema  # Strawberry has no public name for it
_TEXT = "def function(x):\n    return (x, CONSTANT)"


def _compiled_texts() -> int:
    return codes._kept_code.cache_info().misses


def test_functions_of_one_text_have_their_own_names_and_code() -> None:
    first, second = (make_function(_TEXT, name, {"CONSTANT": name}) for name in ("first", "second"))
    assert (first(1), second(1)) == ((1, "first"), (1, "second"))
    assert (first.__name__, second.__qualname__) == ("first", "second")
    assert first.__code__ is not second.__code__


def test_equal_functions_are_compiled_once_and_what_is_forgotten_again() -> None:
    forget_codes()
    for name in ("first", "second"):
        make_function(_TEXT, name, {})
    assert _compiled_texts() == 1
    forget_codes()
    make_function(_TEXT, "third", {})
    assert _compiled_texts() == 1


def test_a_very_long_function_is_not_kept() -> None:
    forget_codes()
    text = _TEXT + "\n" + "    # nothing\n" * 2_000
    assert make_function(text, "long", {"CONSTANT": 2})(1) == (1, 2)
    assert _compiled_texts() == 0


def test_a_traceback_shows_where_a_function_stands() -> None:
    failing = make_function("def function():\n    raise ValueError('here')", "Screen_list", {})
    with pytest.raises(ValueError, match="here") as caught:
        failing()
    assert caught.traceback[-1].name == "Screen_list"


async def test_equal_selections_in_two_places_keep_their_places() -> None:
    schema = _resolving_schema()
    forget_codes()
    text = "{ one { a b } other { a b } }"
    OperationCompiler(schema).compile(parse(text))
    assert _compiled_texts() == 2  # the root, and both objects
    wrong = {"a": "x", "b": "no number"}
    data, errors, _ = await equal(schema, text, lambda: {"one": wrong, "other": {"a": None}})
    assert data == "None"
    assert errors is not None
    assert "['one', 'b']" in str(errors)
    assert "['other', 'a']" in str(errors)


@pytest.mark.parametrize(
    "source",
    [
        {"a": "x", "b": 1, "c": "id", "d": True},
        {"a": 7, "b": "x", "c": 9, "d": None},
        {"a": "x", "b": 2**31, "c": ValueError("c"), "d": "x"},
        {"a": ValueError("a"), "b": "x", "c": None, "d": 1},
        {"a": "x", "b": 1.0, "c": object(), "d": 0},
        {"a": "x", "c": 3},
    ],
    ids=["right", "coerced", "one error", "the first error nulls", "odd", "unreadable"],
)
async def test_neighbouring_leaves_are_completed_in_order(source: dict[str, Any]) -> None:
    text = "{ part { a b c d } parts { d c b a } }"
    assert "complete_leaves(" in OperationCompiler(SCHEMA, speculates=False).compile(parse(text)).source
    await equal(SCHEMA, text, lambda: SimpleNamespace(**source))


def _resolving_schema() -> GraphQLSchema:
    """Return the schema with resolvers, below which each object is a function of its own."""
    schema = build_schema("type Query { one: Part other: Part! } type Part { a: String! b: Int }")
    query = schema.query_type
    assert query is not None
    for name, field in query.fields.items():
        field.resolve = lambda source, _info, name=name: source[name]
    return schema
