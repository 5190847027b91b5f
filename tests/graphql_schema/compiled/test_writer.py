"""Text of generated code: names are clean, strings are literals, nothing can be smuggled in."""

import ast
import keyword

import pytest
from graphql import FieldNode, NameNode, SelectionSetNode
from graphql.language import DocumentNode, OperationDefinitionNode, OperationType

from graphql_schema.compiled.operations import OperationCompiler
from graphql_schema.compiled.writer import Writer, is_attribute, literal
from tests.graphql_schema.compiled.test_operations import SCHEMA

NASTY = ["'", '"', "\\", "\n", "\u2028", "\ud800", "здоровье", "a'); import os #", "{x}", "%s", ""]


class Sly(str):
    """A string that lies about itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "exit()"

    def __str__(self) -> str:
        return "exit()"


@pytest.mark.parametrize("text", [*NASTY, Sly("quiet")])
def test_a_literal_means_its_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == str.__str__(text)
    assert literal(text).isascii()


@pytest.mark.parametrize("stem", [*NASTY, *keyword.kwlist, "1st", "__class__", "x" * 1_000])
def test_a_name_is_a_name_and_no_other(stem: str) -> None:
    writer = Writer()
    names = [writer.name(stem) for _ in range(3)]
    assert len(set(names)) == 3
    assert all(name.isidentifier() and name.isascii() and not keyword.iskeyword(name) for name in names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("name", True), ("_x1", True), ("class", False), ("ﬁeld", False), ("a.b", False), ("", False)],
)
def test_only_plain_names_stand_after_a_dot(name: str, expected: bool) -> None:
    assert is_attribute(name) is expected


@pytest.mark.parametrize("alias", NASTY)
def test_an_alias_made_by_hand_is_only_a_key(alias: str) -> None:
    field = FieldNode(name=NameNode(value="name"), alias=NameNode(value=alias) if alias else None)
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=NameNode(value=alias) if alias else None,
        selection_set=SelectionSetNode(selections=(field,)),
    )
    compiled = OperationCompiler(SCHEMA).compile(DocumentNode(definitions=(operation,)))
    assert compiled.fallbacks == ()
    assert compiled.source.isascii()
    result = compiled.execute(root_value={"name": "x"})
    assert getattr(result, "data", None) == {alias or "name": "x"}
