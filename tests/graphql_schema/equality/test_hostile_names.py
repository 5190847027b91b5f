"""Nothing of a document or a schema becomes code: names, defaults, block strings, directives, operation names."""

import ast
import builtins
import keyword
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, build_schema, parse

from graphql_schema.compiled.operations import OperationCompiler
from tests.graphql_schema.equality.names import ALIASES
from tests.graphql_schema.equality.pairs import compiled, equal

CANARY = "injection_canary"
PAYLOADS = (
    f"{CANARY}()",
    f"'); {CANARY}() #",
    f'"); {CANARY}() #',
    f"''' + {CANARY}() + '''",
    f"\\'); {CANARY}() #",
    f"\n{CANARY}()\n",
    f"\r    {CANARY}()",
    f"\u2028{CANARY}()",
    f"{{{CANARY}()}}",
    f"%({CANARY}())s",
    f"# -*- coding: utf-7 -*-\n+AG-{CANARY}()",
    f"\x0c{CANARY}()",
    f"\\\n{CANARY}()",
)
_NODE_NAMES = """
    Module FunctionDef arguments arg Load Store Assign Expr Return Raise If IfExp For Try ExceptHandler Pass
    Continue Break Call Attribute Name Constant Dict Tuple List Subscript Starred keyword Compare BoolOp UnaryOp
    BinOp And Or Not Sub Add USub Is IsNot In NotIn Lt LtE Gt GtE Eq NotEq
"""
NODES = frozenset(_NODE_NAMES.split())
BUILTINS = frozenset(
    {"Exception", "bool", "dict", "float", "getattr", "id", "int", "len", "list", "str", "tuple", "type"}
)


NAMES = sorted({*ALIASES, *keyword.kwlist, *filter(str.isascii, dir(builtins))})


@pytest.fixture
def canary() -> Iterator[list[str]]:
    """Stand ready as a builtin function that no code should call."""
    sung: list[str] = []
    setattr(builtins, CANARY, lambda: sung.append("sung"))
    yield sung
    delattr(builtins, CANARY)


def assert_harmless(source: str, allowed: set[str]) -> None:
    """Assert that generated code has the expected kinds of nodes, allowed strings, and names of its own."""
    assert source.isascii()
    assert CANARY not in source
    tree = ast.parse(source)
    assert {type(node).__name__ for node in ast.walk(tree)} <= NODES
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert texts <= allowed
    loads = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert {name for name in loads if hasattr(builtins, name)} <= BUILTINS
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not {name for name in attributes if name.startswith("__") and name not in allowed}


def graphql_string(text: str) -> str:
    """Return a text as a GraphQL string."""
    escaped = "".join(f"\\u{ord(char):04x}" if char in '"\\' or ord(char) < 32 else char for char in text)
    return f'"{escaped}"'


SDL = """
    directive @note(text: String) repeatable on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT
    type Query {{
      echo(text: String = {payload}, texts: [String!] = [{payload}], input: In = {{ text: {payload} }}): String
      self: Query
    }}
    input In {{ text: String = {payload} }}
"""
DOCUMENT = """
    query Q($v: String = {payload}) @note(text: {payload}) {{
      echo @note(text: {payload})
      a: echo(text: {payload})
      b: echo(text: $v, texts: [{payload}, $v], input: {{ text: {payload} }})
      ... @note(text: {payload}) {{ self {{ c: echo(text: {payload}) }} }}
      d: echo(text: \"\"\"{block}\"\"\")
    }}
"""


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_strings_never_become_code(canary: list[str], payload: str) -> None:
    schema = build_schema(SDL.format(payload=graphql_string(payload)))
    block = payload.replace('"""', '\\"""').replace("\x0c", "")
    text = DOCUMENT.format(payload=graphql_string(payload), block=f"{block} ")

    def root() -> dict[str, Any]:
        source: dict[str, Any] = {"echo": lambda _info, **arguments: repr(arguments)}
        source["self"] = source
        return source

    data, errors, _ = await equal(schema, text, root, {"v": payload})
    assert errors is None
    assert CANARY in data
    await equal(schema, text, root)
    assert_harmless(
        compiled(schema, text).source, {"echo", "a", "b", "c", "d", "self", "Query", "text", "texts", "input", "v"}
    )
    assert canary == []


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_enum_values_never_become_code(canary: list[str], payload: str) -> None:
    schema = build_schema("enum E { A B }  type Query { e(e: E = A): E  es: [E] }")
    type_ = schema.type_map["E"]
    assert isinstance(type_, GraphQLEnumType)
    type_.values["A"].value = payload
    text = "{ e x: e(e: B) es }"
    root = {"e": lambda _info, e: e, "es": [payload, "B", "C" + payload]}
    await equal(schema, text, lambda: root)
    assert_harmless(compiled(schema, text).source, {"e", "x", "es", "Query"})
    assert canary == []


@pytest.mark.parametrize("name", NAMES)
async def test_every_name_may_stand_anywhere_it_is_legal(name: str) -> None:
    field = name if not name.startswith("__") else f"f{name}"
    value = field if field not in {"true", "false", "null"} else f"v{field}"
    schema = build_schema(f"""
        type Query {{ {field}({field}: Int, other: E_{value}): Int  person: T_{field}  one: I }}
        interface I {{ {field}: Int }}
        type T_{field} implements I {{ {field}: Int  again: [T_{field}] }}
        enum E_{value} {{ {value} }}
    """)
    fragment = name if name != "on" else "on_"
    text = f"""
        query {name}(${name}: Int) {{
          {name}: {field}({field}: ${name}, other: {value})
          person {{ {name}: {field} ...{fragment} again {{ {name}: {field} }} }}
          one {{ {name}: {field} ... on T_{field} {{ again {{ {name}: {field} }} }} }}
        }}
        fragment {fragment} on T_{field} {{ {name}: {field} }}
    """
    person = {field: 3, "again": [{field: 4}], "__typename": f"T_{field}"}

    def resolve(_source: Any, _info: Any, /, **arguments: Any) -> int:
        return int(arguments.get(field) or 0)

    assert schema.query_type is not None
    schema.query_type.fields[field].resolve = resolve
    _, errors, _ = await equal(schema, text, lambda: {"person": person, "one": person}, {name: 7})
    assert errors is None
    allowed = {name, field, "person", "again", "one", "Query", f"T_{field}", "other", "__typename"}
    assert_harmless(compiled(schema, text).source, allowed)


async def test_unicode_values_come_through() -> None:
    schema = build_schema("type Query { text: String  id: ID  texts: [String] }")
    values = ["Здоровье", "健康", "\U0001f600", "\u0000", "\u2028", "\ud800", "e\u0301", "\u202e"]
    root = {"text": "Анна", "id": "№7", "texts": values}
    result: Any = OperationCompiler(schema).compile(parse("{ text id texts }")).execute(root_value=root)
    assert result.data == root
    await equal(schema, "{ text id texts }", lambda: root)
