"""Converters made once give what Strawberry's own conversion gives, value by value."""

from enum import Enum
from typing import Any, Optional

import pytest
import strawberry
from graphql import coerce_input_value
from hypothesis import given
from hypothesis import strategies as st
from strawberry.relay import GlobalID
from strawberry.types.arguments import convert_argument

from graphql_schema.compiled.strawberry_inputs import InputConverters, NotOrdinary


@strawberry.enum
class Colour(Enum):
    RED = "r"
    BLUE = "b"


@strawberry.input
class Leaf:
    number: int = 7
    colours: list[Colour] = strawberry.field(default_factory=list)
    text: str | None = strawberry.UNSET


@strawberry.input
class Tree:
    name: str
    class_: str | None = strawberry.field(name="class", default=None)
    leaf: Leaf | None
    leaves: list[Leaf | None] | None = None
    grid: list[list[int]] | None = None
    children: list["Tree"] | None = None
    parent: Optional["Tree"] = None


@strawberry.input
class Special:
    chosen: strawberry.Maybe[int | None]
    deep: Optional["Special"] = None


@strawberry.type
class Query:
    @strawberry.field
    def tree(self, tree: Tree, forest: list[Tree] | None = None, colour: Colour = Colour.RED) -> str:
        return repr((tree, forest, colour))

    @strawberry.field
    def special(self, special: Special, id: GlobalID) -> str:  # noqa: A002 # Strawberry's name for one
        return repr((special, id))


SCHEMA = strawberry.Schema(Query)
CORE: Any = SCHEMA._schema
CONVERTER = SCHEMA.schema_converter

_LEAVES = st.fixed_dictionaries(
    {}, optional={"number": st.integers(-5, 5), "colours": st.lists(st.sampled_from(["RED", "BLUE"]), max_size=2)}
) | st.fixed_dictionaries({}, optional={"text": st.none() | st.text(max_size=3)})
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "class": st.none() | st.text(max_size=2),
    "leaf": st.none() | _LEAVES,
    "leaves": st.none() | st.lists(st.none() | _LEAVES, max_size=2),
    "grid": st.none() | st.lists(st.lists(st.integers(0, 9), max_size=2), max_size=2),
}
_TREES: st.SearchStrategy[Any] = st.recursive(
    st.fixed_dictionaries({"name": st.text(max_size=3)}, optional=_FIELDS),
    lambda inner: st.fixed_dictionaries(
        {"name": st.text(max_size=3)},
        optional={**_FIELDS, "children": st.lists(inner, max_size=2), "parent": st.none() | inner},
    ),
    max_leaves=4,
)


def _argument(field: str, name: str) -> Any:
    (definition,) = (one for one in Query.__strawberry_definition__.fields if one.python_name == field)  # type: ignore[attr-defined] # Strawberry's
    return next(one for one in definition.arguments if one.python_name == name)


@given(_TREES)
def test_an_input_object_becomes_what_strawberry_makes_of_it(given_value: dict[str, Any]) -> None:
    coerced = coerce_input_value(given_value, CORE.type_map["Tree"])
    assert isinstance(coerced, dict)
    wanted = _argument("tree", "tree").type
    convert = InputConverters(CONVERTER.scalar_registry, CONVERTER.config).converter(wanted)
    assert convert is not None
    made = convert(coerced)
    assert made == convert_argument(coerced, wanted, CONVERTER.scalar_registry, CONVERTER.config)
    assert made is not coerced


@given(st.none() | st.lists(_TREES, max_size=3))
def test_a_list_becomes_a_new_list(given_value: list[Any] | None) -> None:
    coerced = None if given_value is None else [coerce_input_value(one, CORE.type_map["Tree"]) for one in given_value]
    wanted = _argument("tree", "forest").type
    convert = InputConverters(CONVERTER.scalar_registry, CONVERTER.config).converter(wanted)
    assert convert is not None
    made = convert(coerced)
    assert made == convert_argument(coerced, wanted, CONVERTER.scalar_registry, CONVERTER.config)
    assert made is None or made is not coerced
    assert convert(strawberry.UNSET) is strawberry.UNSET


def test_a_leaf_needs_no_converter() -> None:
    assert (
        InputConverters(CONVERTER.scalar_registry, CONVERTER.config).converter(_argument("tree", "colour").type) is None
    )


def test_what_is_special_is_left_to_strawberry_each_time_it_is_asked_for() -> None:
    converters = InputConverters(CONVERTER.scalar_registry, CONVERTER.config)
    for name in ("special", "special", "id"):
        with pytest.raises(NotOrdinary):
            converters.converter(_argument("special", name).type)
    assert converters.converter(_argument("tree", "tree").type) is not None
