"""Variables: plain ones are taken as they are, all others as graphql-core coerces them."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values

from graphql_schema.compiled.variables import Variables

SCHEMA = build_schema("""
    enum Colour { RED }
    input Point { x: Int! = 1 }
    scalar Any
    type Query { a(i: Int, f: Float, s: String, b: Boolean, id: ID, c: Colour, p: Point, l: [Int], any: Any): Int }
""")
VALUES: list[Any] = [
    None,
    0,
    1,
    True,
    2**31,
    -(2**31),
    1.0,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "RED",
    [1],
    {"x": 2},
    b"x",
]


def _definitions(text: str) -> Any:
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation.variable_definitions


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("type_", ["Int", "Float", "String", "Boolean", "ID", "Colour", "Point", "[Int]", "Any"])
@pytest.mark.parametrize("form", ["{}", "{}!", "{} = null"])
def test_values_and_errors_are_graphql_cores(type_: str, form: str, value: Any) -> None:
    definitions = _definitions(f"query ($v: {form.format(type_)}) {{ a }}")
    for inputs in ({"v": value}, {}):
        expected = get_variable_values(SCHEMA, definitions, dict(inputs), max_errors=50)
        actual = Variables(SCHEMA, definitions).coerce(inputs, hide_suggestions=False)
        if isinstance(expected, list):
            assert actual == expected
        else:
            assert isinstance(actual, tuple)
            assert repr(actual[0]) == repr(expected.coerced)


def test_plain_variables_need_no_graphql_core() -> None:
    variables = Variables(SCHEMA, _definitions('query ($i: Int!, $s: String = "x", $b: Boolean) { a }'))
    assert variables.coerce({"i": 1}, hide_suggestions=False) == ({"i": 1, "s": "x"}, None)
    assert variables.sure == {"i", "s"}
    assert variables.solid == {"i"}


def test_a_wrong_default_is_found_at_each_request() -> None:
    definitions = _definitions('query ($i: Int = "x") { a }')
    errors = Variables(SCHEMA, definitions).coerce({}, hide_suggestions=False)
    assert errors == get_variable_values(SCHEMA, definitions, {}, max_errors=50)
